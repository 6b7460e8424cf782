#include "processors/extract/tags.h"

#include <strings.h>

enum {
    SLICE_SIZE = 32 * 1024,
    VALUE_MAX = 4096, /* bytes of an attribute; longer ones are inline pictures and state of scripts */
    NAME_MAX_BYTES = 24,
};

/* What somebody asks for. */
static const char *const wanted[] = {"class", "id", "href", "content", "property", "name", "rel", "lang", "itemprop",
                                     "datetime", "role", "hidden"};
enum { WANTED = sizeof wanted / sizeof *wanted, HIDDEN = WANTED - 1 };

/* What is inside is no markup, or none that anybody reads; "script" and "style" reach to the end of the page if nothing
 * ends them, the others are then no such elements. */
static const char *const raw_names[] = {"script", "style", "noscript", "iframe", "textarea", "noframes", "svg"};
enum { RAW_NAMES = sizeof raw_names / sizeof *raw_names, RAW_TO_THE_END = 2, RAW_SVG = RAW_NAMES - 1 };

struct walk {
    const struct tags_reader *reader;
    struct arena *arena;
    const char *at, *end;
    char *slice;
    size_t size, capacity;
    unsigned n_tags;
    unsigned unclosed; /* bits of raw_names: there is no end tag behind this place */
};

struct attribute {
    struct view name, value; /* value: absent if it has none */
};

/* ---- characters -------------------------------------------------------------------------------------------------- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f';
}

static bool is_letter(char c)
{
    return (c | 32) >= 'a' && (c | 32) <= 'z';
}

static bool is_name(char c)
{
    return is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == ':' || c == '.';
}

static bool same_word(struct view a, const char *b)
{
    return a.size == strlen(b) && strncasecmp(a.data, b, a.size) == 0;
}

static const char *skip_name(const char *at, const char *end)
{
    while (at < end && is_name(*at))
        at++;
    return at;
}

static const char *skip_blanks(const char *at, const char *end)
{
    while (at < end && is_blank(*at))
        at++;
    return at;
}

/* ---- the slice --------------------------------------------------------------------------------------------------- */

static void flush(struct walk *walk)
{
    if (walk->size > 0)
        walk->reader->slice(walk->reader->user, (struct view){walk->slice, walk->size});
    walk->size = 0;
    walk->n_tags = 0;
}

static void put(struct walk *walk, const char *data, size_t size)
{
    if (walk->capacity - walk->size < size) {
        size_t capacity = walk->capacity;
        while (capacity - walk->size < size)
            capacity += capacity;
        walk->slice = arena_grow(walk->arena, walk->slice, walk->capacity, capacity);
        walk->capacity = capacity;
    }
    memcpy(walk->slice + walk->size, data, size);
    walk->size += size;
}

/* NUL would end libxml2's buffer early. */
static void put_text(struct walk *walk, const char *data, size_t size)
{
    const char *nul;

    while ((nul = memchr(data, '\0', size)) != NULL) {
        put(walk, data, (size_t)(nul - data));
        size -= (size_t)(nul - data) + 1;
        data = nul + 1;
    }
    put(walk, data, size);
}

static void put_attribute(struct walk *walk, const char *name, struct view value)
{
    bool has_double = memchr(value.data, '"', value.size) != NULL;

    if (has_double && memchr(value.data, '\'', value.size) != NULL)
        return; /* an unquoted value with both: nothing that we want looks so */
    put(walk, " ", 1);
    put(walk, name, strlen(name));
    put(walk, has_double ? "='" : "=\"", 2);
    put_text(walk, value.data, value.size);
    put(walk, has_double ? "'" : "\"", 1);
}

/* ---- tags -------------------------------------------------------------------------------------------------------- */

/* Reads the next attribute as browsers and libxml2 do.  False: the tag ends here (at its ">", or with the page). */
static bool next_attribute(struct walk *walk, struct attribute *attribute)
{
    const char *at = walk->at, *end = walk->end, *begin;

    while (at < end && (is_blank(*at) || *at == '/'))
        at++;
    walk->at = at;
    if (at == end || *at == '>')
        return false;
    begin = at;
    while (at < end && !is_blank(*at) && *at != '=' && *at != '>' && *at != '/')
        at++;
    if (at == begin)
        at++; /* a stray "=" */
    *attribute = (struct attribute){.name = {begin, (size_t)(at - begin)}, .value = VIEW_NONE};
    begin = skip_blanks(at, end);
    if (begin < end && *begin == '=') {
        at = skip_blanks(begin + 1, end);
        if (at < end && (*at == '"' || *at == '\'')) {
            const char *close = memchr(at + 1, *at, (size_t)(end - at - 1));
            begin = at + 1;
            at = close == NULL ? end : close;
            attribute->value = (struct view){begin, (size_t)(at - begin)};
            at += at < end;
        } else {
            begin = at;
            while (at < end && !is_blank(*at) && *at != '>')
                at++;
            attribute->value = (struct view){begin, (size_t)(at - begin)};
        }
    }
    walk->at = at;
    return true;
}

/* hidden, style="display: none" */
static bool hides(const struct attribute *attribute)
{
    const char *at;

    if (same_word(attribute->name, "hidden"))
        return attribute->value.size != 5 || strncasecmp(attribute->value.data, "false", 5) != 0;
    if (!same_word(attribute->name, "style") || attribute->value.size < 12)
        return false;
    at = memmem(attribute->value.data, attribute->value.size, "display:", 8);
    if (at == NULL)
        return false;
    at = skip_blanks(at + 8, attribute->value.data + attribute->value.size);
    return attribute->value.data + attribute->value.size - at >= 4 && memcmp(at, "none", 4) == 0;
}

/* Passes a start tag on; tells whether it is a script of linked data. */
static void start_tag(struct walk *walk, struct view name, bool *ret_json_ld)
{
    struct attribute attribute;
    bool seen[WANTED] = {false};

    put(walk, "<", 1);
    put(walk, name.data, name.size);
    while (next_attribute(walk, &attribute)) {
        if (same_word(attribute.name, "type") && attribute.value.size >= 7)
            *ret_json_ld = strncasecmp(attribute.value.data + attribute.value.size - 7, "ld+json", 7) == 0;
        if (hides(&attribute) && !seen[HIDDEN]) {
            seen[HIDDEN] = true;
            put(walk, " hidden=\"\"", 10);
        }
        for (size_t i = 0; i < HIDDEN; i++)
            if (!seen[i] && attribute.value.size > 0 && attribute.value.size <= VALUE_MAX &&
                same_word(attribute.name, wanted[i])) {
                seen[i] = true;
                put_attribute(walk, wanted[i], attribute.value);
            }
    }
    put(walk, ">", 1);
    walk->at += walk->at < walk->end; /* its ">" */
    walk->n_tags++;
}

/* Moves behind the end tag of a raw element and sets what stands before it.  False: there is no end tag. */
static bool raw_content(struct walk *walk, struct view name, struct view *ret_content)
{
    const char *begin = walk->at;

    for (const char *at = begin; (at = memchr(at, '<', (size_t)(walk->end - at))) != NULL; at++) {
        size_t rest = (size_t)(walk->end - at);
        if (rest > name.size + 2 && at[1] == '/' && strncasecmp(at + 2, name.data, name.size) == 0 &&
            !is_name(at[2 + name.size])) {
            const char *close = memchr(at, '>', rest);
            walk->at = close == NULL ? walk->end : close + 1;
            *ret_content = (struct view){begin, (size_t)(at - begin)};
            return true;
        }
    }
    return false;
}

static size_t find_raw(struct view name)
{
    size_t i = 0;

    while (i < RAW_NAMES && !same_word(name, raw_names[i]))
        i++;
    return i;
}

static void open_tag(struct walk *walk)
{
    const char *begin = walk->at + 1;
    struct view name = {begin, (size_t)(skip_name(begin, walk->end) - begin)};
    struct view content;
    bool json_ld = false;
    size_t before = walk->size, raw;
    unsigned tags_before = walk->n_tags;

    walk->at = begin + name.size;
    if (name.size > NAME_MAX_BYTES)
        name.size = NAME_MAX_BYTES;
    start_tag(walk, name, &json_ld);
    raw = find_raw(name);
    if (raw == RAW_SVG && walk->at - begin >= 2 && walk->at[-1] == '>' && walk->at[-2] == '/') {
        walk->size = before; /* <svg/> is whole */
        walk->n_tags = tags_before;
        return;
    }
    if (raw == RAW_NAMES || (walk->unclosed & 1u << raw) != 0)
        return;
    if (!raw_content(walk, name, &content)) {
        walk->unclosed |= 1u << raw;
        if (raw >= RAW_TO_THE_END)
            return;
        content = (struct view){walk->at, (size_t)(walk->end - walk->at)};
        walk->at = walk->end;
    }
    walk->size = before;
    walk->n_tags = tags_before;
    if (json_ld)
        walk->reader->json_ld(walk->reader->user, content);
}

static void end_tag(struct walk *walk)
{
    const char *begin = walk->at + 2;
    const char *stop = skip_name(begin, walk->end);
    const char *close = stop < walk->end ? memchr(stop, '>', (size_t)(walk->end - stop)) : NULL;
    struct view name = {begin, (size_t)(stop - begin)};

    walk->at = close == NULL ? walk->end : close + 1;
    if (same_word(name, "body") || same_word(name, "html"))
        return; /* libxml2 stops there; browsers, and templates glued together, go on */
    put(walk, "</", 2);
    put(walk, name.data, name.size < NAME_MAX_BYTES ? name.size : NAME_MAX_BYTES);
    put(walk, ">", 1);
}

/* Comments, doctypes, processing instructions. */
static void skip_declaration(struct walk *walk)
{
    size_t rest = (size_t)(walk->end - walk->at);
    const char *close;

    if (rest >= 4 && memcmp(walk->at, "<!--", 4) == 0) {
        close = memmem(walk->at + 2, rest - 2, "-->", 3); /* from its own dashes on: "<!-->" is whole */
        walk->at = close == NULL ? walk->end : close + 3;
        return;
    }
    close = memchr(walk->at, '>', rest);
    walk->at = close == NULL ? walk->end : close + 1;
}

void tags_walk(struct arena *arena, struct view page, const struct tags_reader *reader)
{
    struct walk walk = {.reader = reader, .arena = arena, .at = page.data, .end = page.data + page.size};

    walk.capacity = SLICE_SIZE;
    walk.slice = arena_alloc(arena, walk.capacity);
    while (walk.at < walk.end) {
        const char *tag = memchr(walk.at, '<', (size_t)(walk.end - walk.at));
        char next;

        put_text(&walk, walk.at, (size_t)((tag == NULL ? walk.end : tag) - walk.at));
        if (tag == NULL)
            break;
        walk.at = tag;
        next = walk.end - tag > 1 ? tag[1] : '\0';
        if (is_letter(next)) {
            open_tag(&walk);
        } else if (next == '/' && walk.end - tag > 2 && is_letter(tag[2])) {
            end_tag(&walk);
        } else if (next == '!' || next == '?') {
            skip_declaration(&walk);
        } else {
            put(&walk, "&lt;", 4);
            walk.at++;
        }
        if (walk.n_tags >= TAGS_PER_SLICE || walk.size >= SLICE_SIZE)
            flush(&walk);
    }
    flush(&walk);
}

/* ---- is it markup? ----------------------------------------------------------------------------------------------- */

static bool is_one_of(struct view name, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (same_word(name, names[i]))
            return true;
    return false;
}

static size_t count_of(struct view text, char c)
{
    size_t n = 0;

    for (size_t i = 0; i < text.size; i++)
        n += text.data[i] == c;
    return n;
}

enum markup markup_of(struct view text)
{
    static const char *const blocks[] = {"p", "div", "td", "article", "section", "body", "html"};
    static const char *const others[] = {
        "a", "img", "span", "strong", "em", "b", "i", "u", "ul", "ol", "li", "h1", "h2", "h3", "h4", "h5", "h6",
        "blockquote", "figure", "figcaption", "iframe", "script", "style", "table", "tr", "font", "sup", "sub", "hr",
        "cite", "center",
    };
    const char *at = view_begin(text), *end = at + text.size, *next_close = at;
    enum markup markup = MARKUP_NONE;
    size_t breaks = 0;

    if (text.size == 0)
        return MARKUP_NONE;
    for (; (at = memchr(at, '<', (size_t)(end - at))) != NULL; at++) {
        const char *begin = at + 1 + (end - at > 1 && at[1] == '/'), *stop = skip_name(begin, end);
        struct view name = {begin, (size_t)(stop - begin)};

        if (name.size == 0 || stop == end || !(*stop == '>' || *stop == '/' || is_blank(*stop)))
            continue;
        /* The next ">" is looked for once, not once for each "<" before it. */
        if (next_close != NULL && next_close < stop)
            next_close = memchr(stop, '>', (size_t)(end - stop));
        if (next_close == NULL)
            break;
        if (is_blank(*stop) && memchr(stop, '=', (size_t)(next_close - stop < 256 ? next_close - stop : 256)) == NULL &&
            !same_word(name, "br"))
            continue; /* a word behind a less-than sign */
        if (is_one_of(name, blocks, sizeof blocks / sizeof *blocks))
            return MARKUP_BLOCKS;
        if (is_one_of(name, others, sizeof others / sizeof *others))
            markup = MARKUP_INLINE;
        breaks += same_word(name, "br");
    }
    if (breaks == 0)
        return markup;
    return count_of(text, '\n') > breaks ? MARKUP_INLINE : MARKUP_BLOCKS; /* what divides the lines? */
}
