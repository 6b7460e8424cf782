/*
 * enrich: the rooms without Kafka and Redis: files in, enriched JSON lines out, in order, on all cores.
 */
#include "consumer/cli/chunk.h"
#include "consumer/cli/cli.h"
#include "consumer/log.h"
#include "consumer/cli/messages.h"
#include "consumer/cli/progress.h"
#include "consumer/cli/source.h"
#include "processors/utf8.h"
#include "processors/walker.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { REASONS_MAX = 16 };

struct reason {
    const char *name;
    uint64_t n;
};

struct enrich {
    const struct cli *cli;
    struct options options;
    struct knowledge *knowledge;
    struct chunks *chunks;
    struct source *source;
    pthread_t *threads;
    size_t n_threads;
    struct walker **walkers;
    size_t n_walkers;
    int output;         /* file descriptor */
    FILE *rejects;      /* NULL: counted only */
    struct progress progress;
    /* the writer's */
    uint64_t consumed, n_enriched, n_skipped, n_rejected, n_mentions;
    struct reason reasons[REASONS_MAX];
    bool output_closed; /* by its reader */
    /* who fails first leaves the reason here */
    pthread_mutex_t lock;
    bool failed;
    struct err err;
};

/* ---- what may go wrong ------------------------------------------------------------------------------------------ */

static void stop_failed(struct enrich *enrich, const struct err *err)
{
    pthread_mutex_lock(&enrich->lock);
    if (!enrich->failed)
        enrich->err = *err;
    enrich->failed = true;
    pthread_mutex_unlock(&enrich->lock);
    chunks_stop(enrich->chunks);
}

/* ---- workers ---------------------------------------------------------------------------------------------------- */

static enum status walk_chunk(struct walker *walker, struct chunk *chunk, struct err *err)
{
    for (size_t i = 0; i < chunk->n_items; i++) {
        const struct article *article;
        enum status status = messages_walk(walker, chunk, &chunk->items[i], &article, err);

        if (status == STATUS_OK) {
            buffer_add(&chunk->output, article->encoded);
            buffer_add(&chunk->output, VIEW("\n"));
            chunk->n_enriched++;
            chunk->n_mentions += article->n_encoded_mentions;
        } else if (status == STATUS_REJECT) {
            chunk_add_reject(chunk, i, err->reason, err->text);
        } else if (status == STATUS_SKIP) {
            chunk->n_skipped++;
        } else {
            return status;
        }
    }
    return STATUS_OK;
}

struct worker {
    struct enrich *enrich;
    struct walker *walker;
};

static void *work(void *argument)
{
    struct worker worker = *(struct worker *)argument;
    struct chunk *chunk;
    struct err err;

    free(argument);
    while ((chunk = chunk_take_filled(worker.enrich->chunks)) != NULL) {
        if (walk_chunk(worker.walker, chunk, &err) != STATUS_OK)
            stop_failed(worker.enrich, &err);
        chunk_walked(worker.enrich->chunks, chunk);
    }
    return NULL;
}

/* ---- writer ----------------------------------------------------------------------------------------------------- */

static enum status write_all(struct enrich *enrich, const struct buffer *buffer, struct err *err)
{
    for (size_t at = 0; at < buffer->size;) {
        ssize_t n = write(enrich->output, buffer->data + at, buffer->size - at);

        if (n >= 0)
            at += (size_t)n;
        else if (errno != EINTR) {
            enrich->output_closed = errno == EPIPE;
            return fail(err, STATUS_FATAL, "output: %s", strerror(errno));
        }
    }
    return STATUS_OK;
}

static void count_reason(struct enrich *enrich, const char *name)
{
    size_t i = 0;

    while (i < REASONS_MAX - 1 && enrich->reasons[i].name != NULL && strcmp(enrich->reasons[i].name, name) != 0)
        i++;
    if (enrich->reasons[i].name == NULL)
        enrich->reasons[i].name = name;
    enrich->reasons[i].n++;
}

static char *base64(struct view view)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char *text = malloc((view.size + 2) / 3 * 4 + 1), *end = text;

    if (text == NULL)
        abort();
    for (size_t i = 0; i < view.size; i += 3) {
        size_t left = view.size - i;
        uint32_t bits = (uint32_t)(unsigned char)view.data[i] << 16;

        bits |= left > 1 ? (uint32_t)(unsigned char)view.data[i + 1] << 8 : 0;
        bits |= left > 2 ? (uint32_t)(unsigned char)view.data[i + 2] : 0;
        *end++ = digits[bits >> 18];
        *end++ = digits[bits >> 12 & 63];
        *end++ = left > 1 ? digits[bits >> 6 & 63] : '=';
        *end++ = left > 2 ? digits[bits & 63] : '=';
    }
    *end = '\0';
    return text;
}

/* Names of files and error texts: what is not UTF-8 in them is replaced. */
static json_t *text_json(const char *text)
{
    json_t *json = json_stringn(text, strlen(text));
    char ascii[1024];

    if (json != NULL)
        return json;
    snprintf(ascii, sizeof ascii, "%s", text);
    for (char *at = ascii; *at != '\0'; at++)
        if ((unsigned char)*at >= 0x80)
            *at = '?';
    return json_stringn(ascii, strlen(ascii));
}

/* Valid UTF-8 stands as a string, all else as base64: either way every byte can be had back. */
static json_t *reject_json(const char *origin, const struct rejected *rejected, struct view value, size_t whole_size)
{
    json_t *json = json_pack("{s:o, s:o, s:o, s:I}", "origin", text_json(origin), "reason", text_json(rejected->reason),
                             "error", text_json(rejected->text), "size", (json_int_t)whole_size);

    if (whole_size > value.size)
        json_object_set_new(json, "truncated", json_true());
    if (utf8_valid(value, NULL)) {
        json_object_set_new(json, "value", json_stringn(value.data, value.size));
    } else {
        char *text = base64(value);
        json_object_set_new(json, "value_base64", json_stringn(text, strlen(text)));
        free(text);
    }
    return json;
}

static enum status write_reject(struct enrich *enrich, const struct chunk *chunk, const struct rejected *rejected,
                                struct err *err)
{
    const struct item *item = &chunk->items[rejected->item];
    struct view value = {chunk->input.data + item->start, item->size};
    char origin[ORIGIN_MAX];
    json_t *json;
    int failed;

    messages_origin(item, origin);
    LOG(LOG_WARN, "reject", "origin=%s reason=%s error=%s", LOG_QUOTE(origin), rejected->reason,
        LOG_QUOTE(rejected->text));
    if (enrich->rejects == NULL)
        return STATUS_OK;
    json = reject_json(origin, rejected, value, item->whole_size);
    failed = json_dumpf(json, enrich->rejects, JSON_COMPACT) != 0 || fputc('\n', enrich->rejects) == EOF;
    json_decref(json);
    return failed ? fail(err, STATUS_FATAL, "rejects: %s", strerror(errno)) : STATUS_OK;
}

static enum status write_chunk(struct enrich *enrich, const struct chunk *chunk, struct err *err)
{
    if (write_all(enrich, &chunk->output, err) != STATUS_OK)
        return STATUS_FATAL;
    if (chunk->n_rejects > 0)
        progress_clear(&enrich->progress);
    for (size_t i = 0; i < chunk->n_rejects; i++) {
        count_reason(enrich, chunk->rejects[i].reason);
        if (write_reject(enrich, chunk, &chunk->rejects[i], err) != STATUS_OK)
            return STATUS_FATAL;
    }
    enrich->consumed += chunk->consumed;
    enrich->n_enriched += chunk->n_enriched;
    enrich->n_skipped += chunk->n_skipped;
    enrich->n_rejected += chunk->n_rejects;
    enrich->n_mentions += chunk->n_mentions;
    progress_set(&enrich->progress, enrich->consumed, enrich->n_enriched + enrich->n_skipped + enrich->n_rejected);
    return STATUS_OK;
}

static void *write_chunks(void *argument)
{
    struct enrich *enrich = argument;
    struct chunk *chunk;
    struct err err;

    while ((chunk = chunk_take_walked(enrich->chunks)) != NULL) {
        if (write_chunk(enrich, chunk, &err) != STATUS_OK)
            stop_failed(enrich, &err);
        chunk_free(enrich->chunks, chunk);
    }
    return NULL;
}

/* ---- reader ----------------------------------------------------------------------------------------------------- */

/* In the main thread, until all is read; a failure of another thread takes the chunks away. */
static void read_all(struct enrich *enrich)
{
    struct chunk *chunk;
    struct err err;

    while ((chunk = chunk_take_free(enrich->chunks)) != NULL) {
        enum status status = source_fill(enrich->source, chunk, &err);

        if (status == STATUS_FATAL)
            stop_failed(enrich, &err);
        if (status != STATUS_OK)
            break;
        chunk_filled(enrich->chunks, chunk);
    }
    chunks_close(enrich->chunks);
}

/* ---- verb ------------------------------------------------------------------------------------------------------- */

static int list_stages(void)
{
    for (size_t i = 0; i < STAGES; i++)
        printf("%-11s %s\n", stage_order[i]->name, stage_order[i]->summary);
    return EXIT_DONE;
}

/* All at once and before any work: a name mistyped is said at the start, not after an hour. */
static bool inputs_are_fine(const struct cli *cli, const struct source_setup *setup, const char *output)
{
    struct stat in, out;
    bool has_output = output != NULL && stat(output, &out) == 0;

    for (size_t i = 0; i < setup->n_files; i++) {
        const char *file = setup->files[i];

        if (strcmp(file, "-") == 0)
            continue;
        if (!messages_file(cli, file))
            return false;
        if (has_output && S_ISREG(out.st_mode) && stat(file, &in) == 0 && in.st_dev == out.st_dev &&
            in.st_ino == out.st_ino) {
            cli_say(cli, "%s is input and output", file);
            return false;
        }
    }
    return true;
}

static bool open_outputs(struct enrich *enrich)
{
    const char *output = cli_value(enrich->cli, "output"), *rejects = cli_value(enrich->cli, "rejects");

    enrich->output = output == NULL ? STDOUT_FILENO : open(output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (enrich->output < 0) {
        cli_say(enrich->cli, "%s: %s", output, strerror(errno));
        return false;
    }
    if (rejects != NULL && (enrich->rejects = fopen(rejects, "we")) == NULL) {
        cli_say(enrich->cli, "%s: %s", rejects, strerror(errno));
        return false;
    }
    return true;
}

static enum status start_threads(struct enrich *enrich, size_t n_workers, struct err *err)
{
    enrich->walkers = calloc(n_workers, sizeof *enrich->walkers);
    enrich->threads = calloc(n_workers + 1, sizeof *enrich->threads);
    if (enrich->walkers == NULL || enrich->threads == NULL)
        abort();
    for (; enrich->n_walkers < n_workers; enrich->n_walkers++)
        if (walker_new(enrich->knowledge, &enrich->walkers[enrich->n_walkers], err) != STATUS_OK)
            return STATUS_FATAL;
    for (size_t i = 0; i <= n_workers; i++) {
        struct worker *worker = i == n_workers ? NULL : malloc(sizeof *worker);

        if (worker != NULL)
            *worker = (struct worker){enrich, enrich->walkers[i]};
        if (pthread_create(&enrich->threads[i], NULL, i == n_workers ? write_chunks : work,
                           i == n_workers ? (void *)enrich : (void *)worker) != 0) {
            free(worker);
            return fail(err, STATUS_FATAL, "no thread: %s", strerror(errno));
        }
        enrich->n_threads++;
    }
    return STATUS_OK;
}

static void print_summary(const struct enrich *enrich)
{
    double seconds = progress_seconds(&enrich->progress);
    uint64_t n = enrich->n_enriched + enrich->n_skipped + enrich->n_rejected;

    fprintf(stderr, "%" PRIu64 " articles in %.2f s (%.0f/s): %" PRIu64 " enriched, %" PRIu64 " mentions", n, seconds,
            seconds > 0 ? (double)n / seconds : 0, enrich->n_enriched, enrich->n_mentions);
    if (enrich->n_skipped > 0)
        fprintf(stderr, ", %" PRIu64 " skipped", enrich->n_skipped);
    fprintf(stderr, ", %" PRIu64 " rejected", enrich->n_rejected);
    for (size_t i = 0; i < REASONS_MAX && enrich->reasons[i].name != NULL; i++)
        fprintf(stderr, "%s%" PRIu64 " %s", i == 0 ? " (" : ", ", enrich->reasons[i].n, enrich->reasons[i].name);
    fprintf(stderr, "%s\n", enrich->n_rejected > 0 ? ")" : "");
}

/* Closing is the last chance of a file system to say that it could not write. */
static void close_outputs(struct enrich *enrich)
{
    struct err err;

    if (enrich->rejects != NULL && fclose(enrich->rejects) != 0) {
        fail(&err, STATUS_FATAL, "rejects: %s", strerror(errno));
        stop_failed(enrich, &err);
    }
    if (enrich->output > STDOUT_FILENO && close(enrich->output) != 0) {
        fail(&err, STATUS_FATAL, "output: %s", strerror(errno));
        stop_failed(enrich, &err);
    }
}

static int enrich_all(struct enrich *enrich, const struct source_setup *setup, size_t n_workers)
{
    bool mixed = cli_value(enrich->cli, "output") == NULL && isatty(STDOUT_FILENO) == 1;
    struct err err;
    int code = EXIT_DONE;

    enrich->chunks = chunks_new(4 * n_workers + 2);
    enrich->source = source_open(setup);
    pthread_mutex_init(&enrich->lock, NULL);
    progress_init(&enrich->progress, source_bytes(setup), !mixed);
    if (start_threads(enrich, n_workers, &err) == STATUS_OK)
        read_all(enrich);
    else
        stop_failed(enrich, &err);
    for (size_t i = 0; i < enrich->n_threads; i++)
        pthread_join(enrich->threads[i], NULL);
    progress_clear(&enrich->progress);
    close_outputs(enrich);
    if (enrich->failed) {
        code = EXIT_WORK_LEFT;
        if (!enrich->output_closed)
            cli_say(enrich->cli, "%s", enrich->err.text);
    }
    print_summary(enrich);
    for (size_t i = 0; i < enrich->n_walkers; i++)
        walker_free(enrich->walkers[i]);
    free(enrich->walkers);
    free(enrich->threads);
    source_close(enrich->source);
    chunks_free(enrich->chunks);
    pthread_mutex_destroy(&enrich->lock);
    return code;
}

static int enrich_files(const struct cli *cli, const char *const *files, size_t n_files)
{
    struct enrich enrich = {.cli = cli};
    struct source_setup setup = {.files = files, .n_files = n_files};
    struct err err;
    int code;

    messages_options(cli, &enrich.options);
    setup.documents = enrich.options.input_format != INPUT_JSON;
    setup.item_max = enrich.options.input_max_bytes;
    if (!inputs_are_fine(cli, &setup, cli_value(cli, "output"))) {
        code = EXIT_USAGE;
    } else if (knowledge_open(&enrich.options, &enrich.knowledge, &err) != STATUS_OK) {
        cli_say(cli, "%s", err.text);
        code = EXIT_CONFIGURATION;
    } else if (!open_outputs(&enrich)) {
        code = EXIT_WORK_LEFT;
    } else {
        code = enrich_all(&enrich, &setup, (size_t)cli_settings(cli)->workers);
        if (code == EXIT_DONE && cli_given(cli, "strict") && enrich.n_rejected > 0)
            code = EXIT_WORK_LEFT;
    }
    knowledge_unref(enrich.knowledge);
    return code;
}

static int enrich_run(const struct cli *cli)
{
    const char *from_stdin = "-", **files;
    size_t n_files = cli_n_arguments(cli);
    int code;

    if (cli_given(cli, "list-stages"))
        return list_stages();
    if (!messages_usage(cli))
        return EXIT_USAGE;
    code = cli_finish_settings(cli, NULL, true);
    if (code != EXIT_DONE)
        return code;
    files = calloc(n_files + 1, sizeof *files);
    if (files == NULL)
        abort();
    for (size_t i = 0; i < n_files; i++)
        files[i] = cli_argument(cli, i);
    code = n_files == 0 ? enrich_files(cli, &from_stdin, 1) : enrich_files(cli, files, n_files);
    free(files);
    return code;
}

static const struct cli_option enrich_options[] = {
    {'o', "output", "FILE", NULL, "write there instead of to stdout"},
    {0, "text", NULL, NULL, "each FILE is one article in plain text; its id is the file's name"},
    {0, "html", NULL, NULL, "each FILE is one article as a web page"},
    {0, "rejects", "FILE", NULL, "write what cannot be read there, one JSON object a line, every byte kept"},
    {0, "strict", NULL, NULL, "exit 1 if anything was rejected"},
    {'w', "workers", "N", "workers", "worker threads; 0: one a core"},
    {0, "list-stages", NULL, NULL, "what is done to an article, in order"},
    {0},
};

const struct command enrich_command = {
    .name = "enrich",
    .arguments = "[FILE…]",
    .summary = "the same rooms without Kafka and Redis: JSON lines in, enriched JSON lines out",
    .description =
        "Reads articles from files, or from stdin if there is none or it is \"-\", and writes them enriched\n"
        "to stdout, in their order and on all cores.  A file holds one JSON object a line; with --text or\n"
        "--html it is one article.\n"
        "\n"
        "What cannot be read is left out, logged and counted; that alone is no failure (see --strict).  A bar\n"
        "with rate and time left is shown if stderr is a terminal and stdout is not.\n"
        "\n"
        "  tocsin enrich articles.jsonl >enriched.jsonl\n"
        "  tocsin enrich --text article.txt | jq .escalation",
    .options = enrich_options,
    .has_settings = true,
    .arguments_max = CLI_ARGUMENTS_UNLIMITED,
    .run = enrich_run,
};
