/*
 * feed: publishes the lines of files to the input topic, as a crawler would.
 */
#include "consumer/clock.h"
#include "consumer/cli/cli.h"
#include "consumer/cli/feeder.h"
#include "consumer/cli/progress.h"
#include "consumer/cli/signals.h"
#include "consumer/cli/source.h"

#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CONNECT_MS = 10000, PATIENCE_MS = 30000, SERVE_MS = 100, SERVE_EVERY = 64 };

struct feed {
    const struct cli *cli;
    struct feeder *feeder;
    struct source_setup files;
    uint64_t rate, limit; /* 0: as fast as it goes, no limit */
    bool repeat, fresh;
    atomic_uint stopped;  /* signals so far */
    struct progress progress;
    uint64_t n;           /* lines taken */
    uint64_t bytes;
    int64_t started_ns;
};

static void on_stop(void *user, unsigned nth)
{
    struct feed *feed = user;

    if (nth > 1)
        _exit(EXIT_WORK_LEFT);
    atomic_store(&feed->stopped, nth);
}

static void on_hangup(void *user)
{
    on_stop(user, 1);
}

static bool is_over(const struct feed *feed)
{
    return atomic_load(&feed->stopped) > 0 || (feed->limit > 0 && feed->n >= feed->limit);
}

/* Waits until line n is due: at the start plus n seconds / rate, so that a hiccup is made up for. */
static void wait_until_due(struct feed *feed)
{
    int64_t due = feed->started_ns + (int64_t)((double)feed->n * 1e9 / (double)feed->rate), left;

    while ((left = due - clock_steady_ns()) > 0 && !is_over(feed)) {
        if (left > 2000000) {
            feeder_serve(feed->feeder, (int)(left / 1000000 > SERVE_MS ? SERVE_MS : left / 1000000));
        } else {
            usleep((useconds_t)(left / 1000 + 1));
        }
    }
}

/* What cannot be sent is counted and said at the end. */
static void send_line(struct feed *feed, struct view line, uint64_t round)
{
    enum status status;
    struct err err;

    if (feed->rate > 0)
        wait_until_due(feed);
    while ((status = feeder_send(feed->feeder, line, round, &err)) == STATUS_RETRY &&
           atomic_load(&feed->stopped) == 0)
        feeder_serve(feed->feeder, SERVE_MS);
    if (status == STATUS_OK || status == STATUS_REJECT)
        feed->n++;
    if (feed->n % SERVE_EVERY == 0)
        feeder_serve(feed->feeder, 0);
}

static enum status send_chunk(struct feed *feed, const struct chunk *chunk, uint64_t round, struct err *err)
{
    for (size_t i = 0; i < chunk->n_items && !is_over(feed); i++) {
        const struct item *item = &chunk->items[i];

        if (item->whole_size > item->size)
            return fail(err, STATUS_FATAL, "%s:%" PRId64 ": a line of %zu bytes, input.max.bytes is %zu", item->file,
                        item->line, item->whole_size, feed->files.item_max);
        send_line(feed, (struct view){chunk->input.data + item->start, item->size}, round);
    }
    feed->bytes += chunk->consumed;
    progress_set(&feed->progress, feed->bytes, feed->n);
    return STATUS_OK;
}

/* All files once. */
static enum status send_round(struct feed *feed, uint64_t round, struct err *err)
{
    struct source *source = source_open(&feed->files);
    struct chunk chunk;
    enum status status = STATUS_OK;

    chunk_init(&chunk);
    while (!is_over(feed) && (status = source_fill(source, &chunk, err)) == STATUS_OK) {
        status = send_chunk(feed, &chunk, round, err);
        chunk_reset(&chunk);
        if (status != STATUS_OK)
            break;
    }
    chunk_done(&chunk);
    source_close(source);
    return status == STATUS_SKIP ? STATUS_OK : status;
}

static int send_all(struct feed *feed)
{
    struct err err;
    enum status status = STATUS_OK;
    uint64_t round = feed->fresh ? 1 : 0, before;
    struct feeder_counts counts;

    progress_init(&feed->progress, feed->repeat ? 0 : source_bytes(&feed->files), true);
    feed->started_ns = clock_steady_ns();
    do {
        before = feed->n;
        status = send_round(feed, round, &err);
        round += feed->fresh ? 1 : 0;
    } while (status == STATUS_OK && feed->repeat && !is_over(feed) && feed->n > before);
    progress_clear(&feed->progress);
    if (status != STATUS_OK)
        cli_say(feed->cli, "%s", err.text);
    else if ((status = feeder_flush(feed->feeder, PATIENCE_MS, &err)) != STATUS_OK)
        cli_say(feed->cli, "%s", err.text);
    counts = feeder_counts(feed->feeder);
    fprintf(stderr, "%" PRIu64 " messages in %.2f s (%.0f/s), %" PRIu64 " failed\n", counts.delivered,
            progress_seconds(&feed->progress), (double)counts.delivered / progress_seconds(&feed->progress),
                counts.failed);
    if (status == STATUS_RETRY)
        return EXIT_UNREACHABLE;
    if (status != STATUS_OK || counts.failed > 0)
        return EXIT_WORK_LEFT;
    return atomic_load(&feed->stopped) > 0 && !feed->repeat ? EXIT_WORK_LEFT : EXIT_DONE;
}

static int feed_start(struct feed *feed)
{
    static const struct signal_handlers handlers = {on_stop, on_hangup};
    const struct settings *settings = cli_settings(feed->cli);
    struct err err;
    enum status status;
    int code;

    feed->files.item_max = (size_t)settings->input_max_bytes;
    signals_block();
    if (signals_start(&handlers, feed, &err) != STATUS_OK) {
        cli_say(feed->cli, "%s", err.text);
        return EXIT_WORK_LEFT;
    }
    status = feeder_open(settings, CONNECT_MS, &feed->feeder, &err);
    if (status != STATUS_OK) {
        cli_say(feed->cli, "%s: %s", settings->bootstrap_servers, err.text);
        code = status == STATUS_RETRY ? EXIT_UNREACHABLE : EXIT_CONFIGURATION;
    } else {
        code = send_all(feed);
    }
    feeder_close(feed->feeder);
    signals_stop();
    return code;
}

static int feed_run(const struct cli *cli)
{
    struct feed feed = {.cli = cli, .repeat = cli_given(cli, "repeat"), .fresh = cli_given(cli, "fresh")};
    const char **files;
    int code;

    if (!cli_number(cli, "rate", 1, 10000000, &feed.rate) || !cli_number(cli, "limit", 1, UINT64_MAX, &feed.limit))
        return EXIT_USAGE;
    code = cli_finish_settings(cli, NULL, false);
    if (code != EXIT_DONE)
        return code;
    files = calloc(cli_n_arguments(cli), sizeof *files);
    if (files == NULL)
        abort();
    for (size_t i = 0; i < cli_n_arguments(cli); i++) {
        files[i] = cli_argument(cli, i);
        if (strcmp(files[i], "-") != 0 && access(files[i], R_OK) != 0) {
            cli_say(cli, "%s: %s", files[i], strerror(errno));
            free(files);
            return EXIT_USAGE;
        }
    }
    feed.files = (struct source_setup){.files = files, .n_files = cli_n_arguments(cli)};
    code = feed_start(&feed);
    free(files);
    return code;
}

static const struct cli_option feed_options[] = {
    {'b', "brokers", "HOST:PORT,…", "kafka.bootstrap.servers", "Kafka brokers"},
    {'t', "topic", "NAME", "input.topic", "topic to write to"},
    {0, "rate", "N", NULL, "messages a second (default: as fast as it goes)"},
    {0, "limit", "N", NULL, "stop after N messages"},
    {0, "repeat", NULL, NULL, "begin again at the end, until stopped"},
    {0, "fresh", NULL, NULL, "each round as new articles: a suffix to the id, the current time as published_at"},
    {0},
};

const struct command feed_command = {
    .name = "feed",
    .arguments = "FILE…",
    .summary = "publishes JSON lines to the input topic",
    .description =
        "Publishes each line of the files (\"-\": stdin) as one message, as it is, and waits until the\n"
        "brokers have them all.  The key is the article's id, else its url; a line that is no JSON object is\n"
        "sent without a key.\n"
        "\n"
        "  tocsin feed --rate 50 --repeat --fresh articles.jsonl",
    .options = feed_options,
    .has_settings = true,
    .arguments_min = 1,
    .arguments_max = CLI_ARGUMENTS_UNLIMITED,
    .run = feed_run,
};
