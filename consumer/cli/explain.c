/*
 * explain: one article through the rooms, shown to human eyes.
 */
#include "consumer/cli/explain.h"

#include "consumer/cli/cli.h"
#include "consumer/cli/messages.h"
#include "consumer/cli/source.h"

#include <inttypes.h>
#include <stdlib.h>

enum { WARM_WALKS = 4, FIELD_COLUMNS = 14 };

struct explain {
    const struct cli *cli;
    const char *id;      /* NULL: not asked for */
    uint64_t line;       /* 0: not asked for */
    struct options options;
    struct knowledge *knowledge;
    struct walker *walker;
    struct source *source;
    struct chunk chunk;  /* what the source gives */
    struct chunk whole;  /* an object over several lines */
    /* the article that was asked for */
    const struct chunk *found_in;
    size_t found;        /* index of items */
};

/* ---- which article ---------------------------------------------------------------------------------------------- */

/* Is it the first line of an object that goes on behind it, as editors and pretty printers write them? */
static bool goes_on(const struct explain *explain, const struct item *item)
{
    struct view line = view_trim((struct view){explain->chunk.input.data + item->start, item->size});

    return item->line > 0 && item->whole_size == item->size && line.size > 0 && line.data[0] == '{' &&
           line.data[line.size - 1] != '}';
}

/* All that is there as one document; what is beyond input.max.bytes is read, but not kept. */
static enum status gather(struct explain *explain, struct err *err)
{
    struct item item = explain->chunk.items[0];
    uint64_t consumed = 0;
    enum status status;

    do {
        if (explain->whole.input.size <= explain->options.input_max_bytes)
            buffer_add(&explain->whole.input, (struct view){explain->chunk.input.data, explain->chunk.input.size});
        consumed += explain->chunk.consumed;
        chunk_reset(&explain->chunk);
    } while ((status = source_fill(explain->source, &explain->chunk, err)) == STATUS_OK);
    if (status != STATUS_SKIP)
        return status;
    item.start = 0;
    item.size = item.whole_size = explain->whole.input.size;
    if (item.size > explain->options.input_max_bytes) {
        item.size = explain->options.input_max_bytes;
        item.whole_size = consumed;
    }
    chunk_add_item(&explain->whole, item);
    explain->found_in = &explain->whole;
    explain->found = 0;
    return STATUS_OK;
}

/* Is it the one?  Ids are known behind decode only: some are made of the URL or of the line's number. */
static bool is_asked_for(struct explain *explain, const struct item *item, uint64_t *n_unreadable)
{
    const struct article *article;
    struct err err;

    if (explain->line > 0)
        return (uint64_t)item->line == explain->line;
    if (explain->id == NULL)
        return true;
    if (messages_walk(explain->walker, &explain->chunk, item, &article, &err) == STATUS_OK)
        return view_is(article->given.id, explain->id);
    ++*n_unreadable;
    return false;
}

static enum status not_found(const struct explain *explain, uint64_t n, uint64_t n_unreadable, struct err *err)
{
    const char *file = cli_argument(explain->cli, 0);

    if (explain->line > 0)
        return fail(err, STATUS_FATAL, "%s: line %" PRIu64 " is blank or behind the end (%" PRIu64 " articles)", file,
                    explain->line, n);
    if (explain->id == NULL)
        return fail(err, STATUS_FATAL, "%s: there is no article in it", file);
    if (n_unreadable > 0)
        return fail(err, STATUS_FATAL,
                    "%s: none of %" PRIu64 " articles has the id \"%s\"; %" PRIu64 " could not be read", file, n,
                    explain->id, n_unreadable);
    return fail(err, STATUS_FATAL, "%s: none of %" PRIu64 " articles has the id \"%s\"", file, n, explain->id);
}

static enum status find(struct explain *explain, struct err *err)
{
    uint64_t n = 0, n_unreadable = 0;
    enum status status;

    while ((status = source_fill(explain->source, &explain->chunk, err)) == STATUS_OK) {
        for (size_t i = 0; i < explain->chunk.n_items; i++, n++) {
            const struct item *item = &explain->chunk.items[i];
            if (explain->line > 0 && (uint64_t)item->line > explain->line)
                return not_found(explain, n, n_unreadable, err);
            if (!is_asked_for(explain, item, &n_unreadable))
                continue;
            if (explain->line == 0 && explain->id == NULL && goes_on(explain, item))
                return gather(explain, err);
            explain->found_in = &explain->chunk;
            explain->found = i;
            return STATUS_OK;
        }
        chunk_reset(&explain->chunk);
    }
    return status == STATUS_SKIP ? not_found(explain, n, n_unreadable, err) : status;
}

/* ---- walk ------------------------------------------------------------------------------------------------------- */

/* The first walk pays for caches and pages; of the others the least of each room is what the room needs. */
static enum status walk(const struct explain *explain, struct explained *explained, struct err *err)
{
    const struct item *item = &explain->found_in->items[explain->found];
    char origin[ORIGIN_MAX];

    for (size_t i = 0; i <= WARM_WALKS; i++) {
        enum status status = messages_walk(explain->walker, explain->found_in, item, &explained->article, err);
        const uint64_t *ns = walker_room_ns(explain->walker);

        if (status != STATUS_OK) {
            if (status == STATUS_SKIP)
                fail(err, status, "there is nothing to explain, it is left out by policy");
            err_prefix(err, explain->found_in == &explain->whole ? item->file : messages_origin(item, origin));
            return status;
        }
        for (size_t room = 0; room < STAGES; room++) {
            if (i == 0)
                explained->first_ns[room] = ns[room];
            else if (i == 1 || ns[room] < explained->warm_ns[room])
                explained->warm_ns[room] = ns[room];
        }
    }
    return STATUS_OK;
}

/* ---- head ------------------------------------------------------------------------------------------------------- */

static void show_field(struct pen *pen, const char *name, const char *value, unsigned style)
{
    if (value == NULL)
        return;
    pen_print(pen, "%-*s", FIELD_COLUMNS, name);
    pen_style(pen, style);
    pen_text(pen, view_of(value));
    pen_end(pen);
}

static void show_language(struct pen *pen, const struct explained *explained)
{
    const struct language_guess *guess = &explained->article->language;
    json_t *declared = json_object_get(json_object_get(explained->published, "language"), "declared");

    pen_print(pen, "%-*s%s (%s, %s), %.1f %%", FIELD_COLUMNS, "language",
              language_name(explained->languages, guess->language),
              language_code(explained->languages, guess->language), script_code((enum script)guess->script),
              100 * (double)guess->confidence);
    if (declared != NULL) {
        pen_text(pen, VIEW(", declared as "));
        pen_text(pen, view_of(json_string_value(declared)));
    }
    pen_end(pen);
}

static void show_direction(struct pen *pen, const struct article *article)
{
    enum direction direction = (enum direction)article->direction;

    pen_print(pen, "%-*s", FIELD_COLUMNS, "escalation");
    if (!article->escalation_supported) {
        pen_print(pen, "no table for this language");
    } else {
        pen_style(pen, direction == DIRECTION_ESCALATION ? STYLE_RED | STYLE_BOLD
                  : direction == DIRECTION_DEESCALATION ? STYLE_GREEN | STYLE_BOLD : STYLE_PLAIN);
        pen_print(pen, "%s, %+.2f", direction_name(direction), (double)article->score);
    }
    pen_end(pen);
}

static void show_head(struct pen *pen, const struct explained *explained)
{
    static const char *const fields[] = {
        "id", "url", "source", "published_at", "title", "author", "dateline", "agency",
    };
    json_t *warnings = json_object_get(json_object_get(explained->published, "tocsin"), "warnings"), *warning;
    size_t i;

    pen->indent = FIELD_COLUMNS;
    for (i = 0; i < sizeof fields / sizeof *fields; i++)
        show_field(pen, fields[i], json_string_value(json_object_get(explained->published, fields[i])),
                   strcmp(fields[i], "title") == 0 ? STYLE_BOLD : STYLE_PLAIN);
    show_language(pen, explained);
    show_direction(pen, explained->article);
    json_array_foreach(warnings, i, warning)
        show_field(pen, "warning", json_string_value(warning), STYLE_YELLOW);
    pen->indent = 0;
}

/* ---- verb ------------------------------------------------------------------------------------------------------- */

static int show(const struct explain *explain, struct explained *explained, bool colour)
{
    const struct article *article = explained->article;
    struct pen pen;

    explained->languages = knowledge_languages(explain->knowledge);
    explained->published = json_loadb(article->encoded.data, article->encoded.size, 0, NULL);
    if (explained->published == NULL)
        abort(); /* what encode writes is JSON */
    pen_init(&pen, stdout, colour);
    show_head(&pen, explained);
    pen_end(&pen);
    explain_text(&pen, explained);
    pen_end(&pen);
    explain_numbers(&pen, explained);
    json_decref(explained->published);
    return EXIT_DONE;
}

static int explain_file(struct explain *explain, bool colour)
{
    const char *file = cli_argument(explain->cli, 0);
    struct source_setup setup = {.files = &file, .n_files = 1};
    struct explained explained = {.all = cli_given(explain->cli, "all")};
    struct err err;
    int code = EXIT_WORK_LEFT;

    messages_options(explain->cli, &explain->options);
    setup.documents = explain->options.input_format != INPUT_JSON;
    setup.item_max = explain->options.input_max_bytes;
    if (knowledge_open(&explain->options, &explain->knowledge, &err) != STATUS_OK ||
        walker_new(explain->knowledge, &explain->walker, &err) != STATUS_OK) {
        cli_say(explain->cli, "%s", err.text);
        knowledge_unref(explain->knowledge);
        return EXIT_CONFIGURATION;
    }
    explain->source = source_open(&setup);
    chunk_init(&explain->chunk);
    chunk_init(&explain->whole);
    if (find(explain, &err) == STATUS_OK && walk(explain, &explained, &err) == STATUS_OK)
        code = show(explain, &explained, colour);
    else
        cli_say(explain->cli, "%s", err.text);
    chunk_done(&explain->whole);
    chunk_done(&explain->chunk);
    source_close(explain->source);
    walker_free(explain->walker);
    knowledge_unref(explain->knowledge);
    return code;
}

static bool choose_colour(const struct cli *cli, bool *ret_colour)
{
    const char *when = cli_value(cli, "color");

    if (when == NULL || strcmp(when, "auto") == 0) {
        *ret_colour = pen_is_coloured(stdout);
    } else if (strcmp(when, "always") == 0 || strcmp(when, "never") == 0) {
        *ret_colour = when[0] == 'a';
    } else {
        cli_say(cli, "--color is \"%s\", expected always, never or auto", when);
        return false;
    }
    return true;
}

static bool usage_is_fine(const struct cli *cli, struct explain *explain, bool *ret_colour)
{
    bool document = cli_given(cli, "text") || cli_given(cli, "html");

    explain->id = cli_value(cli, "id");
    if (!messages_usage(cli) || !cli_number(cli, "line", 1, INT64_MAX, &explain->line))
        return false;
    if (explain->line > 0 && explain->id != NULL) {
        cli_say(cli, "--line and --id exclude each other");
        return false;
    }
    if (document && (explain->line > 0 || explain->id != NULL)) {
        cli_say(cli, "--line and --id choose from JSON lines; with --text and --html the file is one article");
        return false;
    }
    return choose_colour(cli, ret_colour) && messages_file(cli, cli_argument(cli, 0));
}

static int explain_run(const struct cli *cli)
{
    struct explain explain = {.cli = cli};
    bool colour;
    int code;

    if (!usage_is_fine(cli, &explain, &colour))
        return EXIT_USAGE;
    code = cli_finish_settings(cli, NULL, true);
    return code == EXIT_DONE ? explain_file(&explain, colour) : code;
}

static const struct cli_option explain_options[] = {
    {0, "text", NULL, NULL, "FILE is one article in plain text; its id is the file's name"},
    {0, "html", NULL, NULL, "FILE is one article as a web page"},
    {'n', "line", "N", NULL, "of JSON lines the article in line N (default: the first)"},
    {0, "id", "ID", NULL, "of JSON lines the first article with this id"},
    {'a', "all", NULL, NULL, "also what speaks for and against the lines that stay"},
    {0, "color", "WHEN", NULL, "always, never or auto (default: on a terminal, unless NO_COLOR is set)"},
    {0},
};

const struct command explain_command = {
    .name = "explain",
    .arguments = "FILE",
    .summary = "one article for human eyes: what is dropped and why, what is found, the numbers",
    .description =
        "Walks one article through the rooms and prints what they made of it: its text line by line, with\n"
        "what was dropped struck out and the evidence for it; names and mentions in colour; below that the\n"
        "numbers.  FILE holds one JSON object, or one a line; \"-\" is stdin.\n"
        "\n"
        "Without colour a dropped line has \"- KIND\" before it and a line that became a field \"= FIELD\"; inside\n"
        "a line [-KIND: …-] was dropped and [FIELD: …] became a field, [Name] is an entity,\n"
        "{+ KIND, MODE: …} points to escalation and {- KIND, MODE: …} to de-escalation.  A line goes when what\n"
        "speaks against it comes to 1.\n"
        "\n"
        "  tocsin explain --text article.txt\n"
        "  tocsin explain --id sample-de-001 deploy/samples/feed.jsonl",
    .options = explain_options,
    .has_settings = true,
    .arguments_min = 1,
    .arguments_max = 1,
    .run = explain_run,
};
