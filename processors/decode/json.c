#include "processors/decode/json.h"

#include "processors/decode/decode.h"
#include "processors/decode/members.h"
#include "processors/utf8.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>

enum {
    AUTHORS_MAX = 16,
    TAGS_MAX = 1000,
};

void decode_json_init(void)
{
    json_object_seed(0); /* only the first call counts */
}

static const char *json_kind(const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return "an object";
    case JSON_ARRAY:
        return "an array";
    case JSON_STRING:
        return "a string";
    case JSON_INTEGER:
    case JSON_REAL:
        return "a number";
    case JSON_TRUE:
    case JSON_FALSE:
        return "a boolean";
    case JSON_NULL:
        break;
    }
    return "null";
}

static struct view string_view(const json_t *string)
{
    return (struct view){json_string_value(string), json_string_length(string)};
}

/* NULL: absent, or null. */
static const json_t *find_value(const json_t *root, const struct path *path)
{
    const json_t *value = root;

    for (size_t i = 0; i < path->n_parts && value != NULL; i++)
        value = json_object_get(value, path->parts[i]);
    return json_is_null(value) ? NULL : value;
}

/* ---- the fields of a JSON object --------------------------------------------------------------------------------- */

struct reading {
    const struct decode_tables *tables;
    struct decode_scratch *scratch;
    struct article *article;
    const json_t *root;
};

/* title, body, html: a wrong type is refused, as without them there is no article. */
static enum status read_text(const struct reading *reading, enum input_field field, struct view *ret_text,
                             struct err *err)
{
    const struct path *path = &reading->tables->paths[field];
    const json_t *value = find_value(reading->root, path);

    if (value == NULL)
        return STATUS_OK;
    if (!json_is_string(value))
        return reject(err, "invalid", "field '%s' is %s, a string is expected", path->whole.data, json_kind(value));
    *ret_text = arena_copy(reading->article->arena, string_view(value));
    return STATUS_OK;
}

static struct view read_line(const struct reading *reading, enum input_field field)
{
    const struct path *path = &reading->tables->paths[field];
    const json_t *value = find_value(reading->root, path);
    struct arena *arena = reading->article->arena;

    if (value == NULL)
        return VIEW_NONE;
    if (json_is_string(value))
        return field_keep(reading->article, field, field_line(arena, string_view(value)));
    if (field == INPUT_ID && json_is_integer(value))
        return arena_print(arena, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    given_warn(reading->article, "%s: %s where a string is expected", input_field_name(field), json_kind(value));
    return VIEW_NONE;
}

/* One name or a list of names. */
static struct view read_author(const struct reading *reading)
{
    const json_t *value = find_value(reading->root, &reading->tables->paths[INPUT_AUTHOR]);
    struct arena *arena = reading->article->arena;
    struct view authors = VIEW_NONE;
    size_t n = json_array_size(value);

    if (!json_is_array(value))
        return read_line(reading, INPUT_AUTHOR);
    for (size_t i = 0; i < n && i < AUTHORS_MAX; i++) {
        const json_t *author = json_array_get(value, i);
        struct view name = json_is_string(author) ? field_line(arena, string_view(author)) : VIEW_NONE;

        if (name.data == NULL)
            continue;
        authors = authors.data == NULL ? name
                                       : arena_print(arena, "%.*s, %.*s", VIEW_PRINT(authors), VIEW_PRINT(name));
    }
    if (n > 0 && authors.data == NULL)
        given_warn(reading->article, "author: a list without a name");
    return field_keep(reading->article, INPUT_AUTHOR, authors);
}

static void read_tags(const struct reading *reading, struct given *given)
{
    const json_t *value = find_value(reading->root, &reading->tables->paths[INPUT_TAGS]);
    size_t n = json_is_string(value) ? 1 : json_array_size(value);
    struct view *tags;

    if (value == NULL)
        return;
    if (!json_is_string(value) && !json_is_array(value)) {
        given_warn(reading->article, "tags: %s where a list of strings is expected", json_kind(value));
        return;
    }
    if (n > TAGS_MAX) {
        given_warn(reading->article, "tags: %zu of them, the first %d are kept", n, TAGS_MAX);
        n = TAGS_MAX;
    }
    tags = ARENA_ARRAY(reading->article->arena, struct view, n);
    for (size_t i = 0; i < n; i++) {
        const json_t *tag = json_is_string(value) ? value : json_array_get(value, i);
        struct view name = json_is_string(tag) ? field_line(reading->article->arena, string_view(tag)) : VIEW_NONE;
        name = field_keep(reading->article, INPUT_TAGS, name);
        if (name.data != NULL)
            tags[given->n_tags++] = name;
    }
    given->tags = tags;
}

static int64_t read_date(const struct reading *reading, enum input_field field)
{
    const json_t *value = find_value(reading->root, &reading->tables->paths[field]);
    struct arena *arena = reading->article->arena;
    struct view text;

    if (value == NULL)
        return TIME_NONE;
    if (json_is_string(value)) {
        text = field_line(arena, string_view(value));
        if (text.data == NULL)
            return TIME_NONE; /* "": the crawler knows none */
    } else if (json_is_integer(value)) {
        text = arena_print(arena, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    } else if (json_is_real(value) && fabs(json_real_value(value)) < 9e15) {
        double real = json_real_value(value), whole = trunc(real);
        text = arena_print(arena, "%s%" PRId64 ".%03d", real < 0 ? "-" : "", (int64_t)fabs(whole),
                           (int)(fabs(real - whole) * 1000));
    } else {
        given_warn(reading->article, "%s: %s where a date is expected", input_field_name(field), json_kind(value));
        return TIME_NONE;
    }
    return field_date(reading->article, reading->scratch->zone, field, text);
}

/* ---- what else the object carries -------------------------------------------------------------------------------- */

/* The name of a member as jansson knows it, terminated. */
static struct view member_name(struct arena *arena, struct view raw)
{
    struct view inside = view_slice(raw, 1, raw.size - 2);
    struct view name = inside;

    if (memchr(inside.data, '\\', inside.size) != NULL) {
        json_t *string = json_loadb(raw.data, raw.size, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
        if (string != NULL) {
            name = arena_copy(arena, string_view(string));
            for (char *at = (char *)name.data; (at = memchr(at, '\0', (size_t)(name.data + name.size - at))) != NULL;)
                *at = '\1'; /* as REPAIR_NULS does */
        }
        json_decref(string);
    }
    return name;
}

/* A known field leaves `extra` if it is consumed whole, that is, if its path has one part. */
static bool is_known(const struct decode_tables *tables, struct view name)
{
    for (enum input_field field = 0; field < INPUT_FIELDS; field++)
        if (tables->paths[field].n_parts == 1 && view_equal(name, tables->paths[field].whole))
            return true;
    return false;
}

/* Takes root apart: the last one of equal names is the one that counts. */
static void read_extra(const struct decode_tables *tables, struct article *article, struct view source, json_t *root)
{
    struct arena *arena = article->arena;
    struct member *members;
    size_t n = members_find(arena, source, &members), n_extra = 0;
    bool has_duplicates = n != json_object_size(root);
    struct view *extra = ARENA_ARRAY(arena, struct view, 2 * n), *pair = extra;

    for (size_t i = n; has_duplicates && i-- > 0;) {
        struct view name = arena_copy(arena, member_name(arena, members[i].name));
        if (json_object_del(root, name.data) != 0)
            members[i].name = VIEW_NONE;
    }
    for (size_t i = 0; i < n; i++) {
        if (members[i].name.data == NULL || is_known(tables, member_name(arena, members[i].name)))
            continue;
        *pair++ = members[i].name;
        *pair++ = members[i].value;
        n_extra++;
    }
    article->given.extra = extra;
    article->given.n_extra = n_extra;
}

/* ---- JSON -------------------------------------------------------------------------------------------------------- */

static enum status undecodable(struct view source, const json_error_t *error, struct err *err)
{
    size_t at = 0;

    if (!utf8_valid(source, &at))
        return reject(err, "undecodable", "invalid UTF-8 at byte %zu (0x%02x)", at, (unsigned char)source.data[at]);
    return reject(err, "undecodable", "JSON, line %d, column %d (byte %d of %zu): %s", error->line, error->column,
                  error->position, source.size, error->text);
}

/* Which repair might help against this error? */
static unsigned repair_for(const json_error_t *error)
{
    switch (json_error_code(error)) {
    case json_error_invalid_syntax:
        return REPAIR_SURROGATES;
    case json_error_numeric_overflow:
        return REPAIR_NUMBERS;
    case json_error_null_byte_in_key:
        return REPAIR_NULS;
    default:
        return 0;
    }
}

/* *source becomes the repaired one if surrogates were repaired; other repairs are for jansson's eyes only. */
static enum status parse(struct article *article, struct view *source, json_t **ret_root, struct err *err)
{
    struct view text = *source;
    unsigned repairs = 0;
    json_error_t error;
    json_t *root;

    while ((root = json_loadb(text.data, text.size, JSON_DECODE_ANY | JSON_ALLOW_NUL, &error)) == NULL) {
        unsigned wanted = repair_for(&error);
        if (wanted == 0 || (repairs & wanted) != 0)
            return undecodable(text, &error, err);
        repairs |= wanted;
        if ((members_repair(article->arena, *source, repairs, &text) & wanted) == 0)
            return undecodable(text, &error, err);
    }
    if ((repairs & REPAIR_SURROGATES) != 0) {
        members_repair(article->arena, *source, REPAIR_SURROGATES, source);
        given_warn(article, "half of a surrogate pair replaced by U+FFFD");
    }
    *ret_root = root;
    return STATUS_OK;
}

static enum status read_object(const struct reading *reading, struct view source, json_t *root, struct err *err)
{
    struct given *given = &reading->article->given;
    const struct path *paths = reading->tables->paths;

    if (!json_is_object(root))
        return reject(err, "invalid", "the message is %s, an object is expected", json_kind(root));
    if (read_text(reading, INPUT_TITLE, &given->title, err) != STATUS_OK ||
        read_text(reading, INPUT_BODY, &given->body, err) != STATUS_OK ||
        read_text(reading, INPUT_HTML_FIELD, &given->html, err) != STATUS_OK)
        return STATUS_REJECT;
    if (given->title.data == NULL && given->body.data == NULL && given->html.data == NULL)
        return reject(err, "invalid", "none of the fields '%s', '%s', '%s' is there", paths[INPUT_TITLE].whole.data,
                      paths[INPUT_BODY].whole.data, paths[INPUT_HTML_FIELD].whole.data);
    given->id = read_line(reading, INPUT_ID);
    given->url = read_line(reading, INPUT_URL);
    given->source = read_line(reading, INPUT_SOURCE);
    given->language = read_line(reading, INPUT_LANGUAGE);
    given->author = read_author(reading);
    given->published_ms = read_date(reading, INPUT_PUBLISHED_AT);
    given->fetched_ms = read_date(reading, INPUT_FETCHED_AT);
    read_tags(reading, given);
    read_extra(reading->tables, reading->article, source, root);
    return STATUS_OK;
}

enum status decode_json(const struct decode_tables *tables, struct decode_scratch *scratch, struct article *article,
                               struct err *err)
{
    struct view source = article->message->value;
    struct reading reading = {.tables = tables, .scratch = scratch, .article = article};
    json_t *root = NULL;
    enum status status;

    if (source.size >= 3 && memcmp(source.data, "\xef\xbb\xbf", 3) == 0)
        source = view_slice(source, 3, source.size - 3);
    status = parse(article, &source, &root, err);
    if (status != STATUS_OK)
        return status;
    reading.root = root;
    status = read_object(&reading, source, root, err);
    json_decref(root);
    return status;
}
