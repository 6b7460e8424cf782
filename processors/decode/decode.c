#include "processors/decode/decode.h"

#include "processors/decode/charset.h"
#include "processors/decode/fields.h"
#include "processors/decode/json.h"
#include "processors/utf8.h"

#include <inttypes.h>
#include <stdlib.h>
#include <xxhash.h>

enum { ID_MAX_BYTES = 512 };

/* ---- tables and scratch ------------------------------------------------------------------------------------------ */

static enum status path_open(struct decode_tables *tables, enum input_field field, struct err *err)
{
    const char *given = tables->options->input_map[field];
    struct path *path = &tables->paths[field];
    char *parts, *part;

    if (given == NULL || given[0] == '\0')
        given = input_field_name(field);
    path->whole = arena_copy(tables->arena, view_of(given));
    parts = (char *)arena_copy(tables->arena, path->whole).data;
    while ((part = strsep(&parts, ".")) != NULL) {
        if (part[0] == '\0' || path->n_parts == PATH_PARTS_MAX)
            return fail(err, STATUS_FATAL, "input.map.%s = %s: a path is names divided by dots, at most %d of them",
                        input_field_name(field), path->whole.data, PATH_PARTS_MAX);
        path->parts[path->n_parts++] = part;
    }
    return STATUS_OK;
}

static void decode_close(void *data)
{
    struct decode_tables *tables = data;

    if (tables == NULL)
        return;
    arena_free(tables->arena);
    free(tables);
}

static enum status decode_open(const struct stage_setup *setup, void **ret_tables, struct err *err)
{
    struct decode_tables *tables = calloc(1, sizeof *tables);
    struct zone *zone = NULL;

    if (tables == NULL)
        return fail(err, STATUS_FATAL, "out of memory");
    tables->options = setup->options;
    tables->arena = arena_new(4096, 0);
    decode_json_init();
    for (enum input_field field = 0; field < INPUT_FIELDS; field++)
        if (path_open(tables, field, err) != STATUS_OK)
            goto undo;
    if (zone_open(setup->options->input_timezone, &zone, err) != STATUS_OK)
        goto undo; /* better now than when a worker attaches */
    zone_close(zone);
    *ret_tables = tables;
    return STATUS_OK;
undo:
    decode_close(tables);
    return STATUS_FATAL;
}

static void decode_detach(void *data)
{
    struct decode_scratch *scratch = data;

    if (scratch == NULL)
        return;
    zone_close(scratch->zone);
    free(scratch);
}

static enum status decode_attach(const void *data, void **ret_scratch, struct err *err)
{
    const struct decode_tables *tables = data;
    struct decode_scratch *scratch = calloc(1, sizeof *scratch);

    if (scratch == NULL)
        return fail(err, STATUS_FATAL, "out of memory");
    if (zone_open(tables->options->input_timezone, &scratch->zone, err) != STATUS_OK) {
        decode_detach(scratch);
        return STATUS_FATAL;
    }
    *ret_scratch = scratch;
    return STATUS_OK;
}

/* ---- bare documents ---------------------------------------------------------------------------------------------- */

/* The last header of this name, as Kafka's clients have it; case does not matter, as in HTTP. */
static struct view find_header(const struct message *message, struct view name)
{
    for (size_t i = message->n_headers; i-- > 0;) {
        const struct header *header = &message->headers[i];
        if (header->name.size == name.size && strncasecmp(header->name.data, name.data, name.size) == 0)
            return header->value;
    }
    return VIEW_NONE;
}

static struct view header_line(const struct decode_tables *tables, struct article *article, enum input_field field)
{
    struct view value = find_header(article->message, tables->paths[field].whole);

    if (value.data == NULL)
        return VIEW_NONE;
    if (!utf8_valid(value, NULL)) {
        given_warn(article, "%s: the header is not valid UTF-8", input_field_name(field));
        return VIEW_NONE;
    }
    value = field_line(article->arena, value);
    return field == INPUT_TITLE ? value : field_keep(article, field, value);
}

static int64_t header_date(const struct decode_tables *tables, struct decode_scratch *scratch, struct article *article,
                           enum input_field field)
{
    struct view text = header_line(tables, article, field);

    return text.data == NULL ? TIME_NONE : field_date(article, scratch->zone, field, text);
}

static enum status decode_document(const struct decode_tables *tables, struct decode_scratch *scratch,
                                   struct article *article, struct err *err)
{
    struct given *given = &article->given;
    bool is_html = tables->options->input_format == INPUT_HTML;
    struct view tag;

    if (charset_to_utf8(article->arena, article->message->value, find_header(article->message, VIEW("content-type")),
                        is_html, is_html ? &given->html : &given->body, err) != STATUS_OK)
        return STATUS_REJECT;
    given->id = header_line(tables, article, INPUT_ID);
    given->url = header_line(tables, article, INPUT_URL);
    given->source = header_line(tables, article, INPUT_SOURCE);
    given->title = header_line(tables, article, INPUT_TITLE);
    given->language = header_line(tables, article, INPUT_LANGUAGE);
    given->author = header_line(tables, article, INPUT_AUTHOR);
    given->published_ms = header_date(tables, scratch, article, INPUT_PUBLISHED_AT);
    given->fetched_ms = header_date(tables, scratch, article, INPUT_FETCHED_AT);
    tag = header_line(tables, article, INPUT_TAGS);
    if (tag.data != NULL) {
        struct view *tags = ARENA_ARRAY(article->arena, struct view, 1);
        tags[0] = tag;
        given->tags = tags;
        given->n_tags = 1;
    }
    return STATUS_OK;
}

/* ---- the room ---------------------------------------------------------------------------------------------------- */

static struct view hash_id(struct arena *arena, const char *prefix, struct view of)
{
    XXH128_hash_t hash = XXH3_128bits(of.data, of.size);

    return arena_print(arena, "%s:%016" PRIx64 "%016" PRIx64, prefix, (uint64_t)hash.high64, (uint64_t)hash.low64);
}

static void settle_id(struct article *article)
{
    struct given *given = &article->given;
    const struct message *message = article->message;

    if (given->id.size > ID_MAX_BYTES) {
        given_warn(article, "id: %zu bytes long, its hash stands for it", given->id.size);
        given->id = hash_id(article->arena, "h", given->id);
    } else if (given->id.data == NULL && given->url.data != NULL) {
        given->id = hash_id(article->arena, "u", given->url);
    } else if (given->id.data == NULL) {
        given->id = arena_print(article->arena, "o:%s/%" PRId32 "/%" PRId64, message->topic, message->partition,
                                message->offset);
    }
}

static enum status decode_run(const void *data, void *scratch, struct article *article, struct err *err)
{
    const struct decode_tables *tables = data;
    struct view value = article->message->value;
    enum status status;

    article->given.published_ms = article->given.fetched_ms = TIME_NONE;
    if (value.data == NULL)
        return STATUS_SKIP;
    if (value.size == 0)
        return reject(err, "undecodable", "the message is empty");
    if (value.size > tables->options->input_max_bytes)
        return reject(err, "oversized", "%zu bytes, input.max.bytes allows %zu", value.size,
                      tables->options->input_max_bytes);
    if (tables->options->input_format == INPUT_JSON)
        status = decode_json(tables, scratch, article, err);
    else
        status = decode_document(tables, scratch, article, err);
    if (status == STATUS_OK)
        settle_id(article);
    return status;
}

const struct stage decode_stage = {
    .name = "decode",
    .summary = "read the message and its fields",
    .reads = FIELD_MESSAGE,
    .writes = FIELD_GIVEN,
    .open = decode_open,
    .close = decode_close,
    .attach = decode_attach,
    .detach = decode_detach,
    .run = decode_run,
};
