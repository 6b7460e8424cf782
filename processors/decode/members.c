#include "processors/decode/members.h"

#include <stdint.h>

/* ---- members ----------------------------------------------------------------------------------------------------- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static const char *skip_blanks(const char *at, const char *end)
{
    while (at < end && is_blank(*at))
        at++;
    return at;
}

/* at: behind the opening quote.  Returns the place behind the closing one; end if there is none. */
static const char *skip_string(const char *at, const char *end)
{
    for (;;) {
        const char *quote = memchr(at, '"', (size_t)(end - at));
        const char *before = quote;

        if (quote == NULL)
            return end;
        while (before > at && before[-1] == '\\')
            before--;
        if ((quote - before) % 2 == 0)
            return quote + 1;
        at = quote + 1;
    }
}

static const char *skip_nested(const char *at, const char *end)
{
    size_t depth = 0;

    while (at < end) {
        char c = *at++;
        if (c == '"') {
            at = skip_string(at, end);
        } else if (c == '{' || c == '[') {
            depth++;
        } else if (c == '}' || c == ']') {
            if (--depth == 0)
                break;
        }
    }
    return at;
}

static const char *skip_value(const char *at, const char *end)
{
    if (at == end)
        return end;
    if (*at == '"')
        return skip_string(at + 1, end);
    if (*at == '{' || *at == '[')
        return skip_nested(at, end);
    while (at < end && *at != ',' && *at != '}' && !is_blank(*at))
        at++;
    return at;
}

static struct member *add_member(struct arena *arena, struct member **members, size_t *n)
{
    /* Doubled at each power of two from 16 on. */
    if (*n == 0)
        *members = ARENA_ARRAY(arena, struct member, 16);
    else if (*n >= 16 && (*n & (*n - 1)) == 0)
        *members = arena_grow(arena, *members, *n * sizeof **members, 2 * *n * sizeof **members);
    return &(*members)[(*n)++];
}

size_t members_find(struct arena *arena, struct view source, struct member **ret_members)
{
    const char *end = source.data + source.size;
    const char *at = skip_blanks(source.data, end);
    struct member *members = NULL;
    size_t n = 0;

    for (at = skip_blanks(at + 1, end); at < end && *at == '"'; at = skip_blanks(at + 1, end)) {
        struct member *member = add_member(arena, &members, &n);
        const char *begin = at;

        at = skip_string(at + 1, end);
        member->name = (struct view){begin, (size_t)(at - begin)};
        at = skip_blanks(at, end);            /* to the colon */
        begin = skip_blanks(at < end ? at + 1 : end, end);
        at = skip_value(begin, end);
        member->value = (struct view){begin, (size_t)(at - begin)};
        at = skip_blanks(at, end);            /* to the comma or the brace */
        if (at == end || *at != ',')
            break;
    }
    *ret_members = members;
    return n;
}

/* ---- repairs ----------------------------------------------------------------------------------------------------- */

/* A copy that begins only when something differs from the source. */
struct copy {
    struct arena *arena;
    struct view source;
    const char *done; /* so much of the source is in data */
    char *data;
    size_t size, capacity;
};

static void copy_put(struct copy *copy, const char *data, size_t size)
{
    if (size == 0)
        return;
    if (copy->capacity - copy->size < size) {
        size_t capacity = copy->capacity == 0 ? copy->source.size + 64 : copy->capacity;
        while (capacity - copy->size < size)
            capacity += capacity;
        copy->data = arena_grow(copy->arena, copy->data, copy->capacity, capacity);
        copy->capacity = capacity;
    }
    memcpy(copy->data + copy->size, data, size);
    copy->size += size;
}

/* Puts data in place of the size bytes of source at `at`. */
static void copy_replace(struct copy *copy, const char *at, size_t size, struct view data)
{
    copy_put(copy, copy->done, (size_t)(at - copy->done));
    copy_put(copy, data.data, data.size);
    copy->done = at + size;
}

/* \uXXXX at `at`; -1: there is none. */
static int32_t read_escape(const char *at, const char *end)
{
    int32_t unit = 0;

    if (end - at < 6 || at[0] != '\\' || at[1] != 'u')
        return -1;
    for (int i = 2; i < 6; i++) {
        char c = at[i];
        int digit = c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
        if (digit < 0)
            return -1;
        unit = unit << 4 | digit;
    }
    return unit;
}

/* Returns the place behind the closing quote. */
static const char *repair_string(struct copy *copy, const char *at, const char *end, unsigned repairs, unsigned *done)
{
    while (at < end && *at != '"') {
        int32_t unit, next;

        if (*at != '\\') {
            at++;
            continue;
        }
        unit = read_escape(at, end);
        if (unit < 0) {
            at += end - at >= 2 ? 2 : 1;
            continue;
        }
        next = unit >= 0xd800 && unit < 0xdc00 ? read_escape(at + 6, end) : -1;
        if (next >= 0xdc00 && next < 0xe000) {
            at += 12;
            continue;
        }
        if (unit >= 0xd800 && unit < 0xe000 && (repairs & REPAIR_SURROGATES) != 0) {
            copy_replace(copy, at, 6, VIEW("\\ufffd"));
            *done |= REPAIR_SURROGATES;
        } else if (unit == 0 && (repairs & REPAIR_NULS) != 0) {
            copy_replace(copy, at, 6, VIEW("\\u0001"));
            *done |= REPAIR_NULS;
        }
        at += 6;
    }
    return at < end ? at + 1 : end;
}

/* Returns the place behind the number.  Up to 18 digits fit into 64 bits; an exponent may lead anywhere. */
static const char *repair_number(struct copy *copy, const char *at, const char *end, unsigned *done)
{
    const char *begin = at;
    bool has_exponent = false;

    for (; at < end && strchr("+-.0123456789eE", *at) != NULL && *at != '\0'; at++)
        has_exponent |= *at == 'e' || *at == 'E';
    if (at - begin > 18 || has_exponent) {
        copy_replace(copy, begin, 0, VIEW("\""));
        copy_put(copy, begin, (size_t)(at - begin));
        copy_put(copy, "\"", 1);
        copy->done = at;
        *done |= REPAIR_NUMBERS;
    }
    return at;
}

unsigned members_repair(struct arena *arena, struct view source, unsigned repairs, struct view *ret_source)
{
    struct copy copy = {.arena = arena, .source = source, .done = source.data};
    const char *at = source.data, *end = source.data + source.size;
    unsigned done = 0;

    while (at < end) {
        if (*at == '"')
            at = repair_string(&copy, at + 1, end, repairs, &done);
        else if ((repairs & REPAIR_NUMBERS) != 0 && (*at == '-' || (*at >= '0' && *at <= '9')))
            at = repair_number(&copy, at, end, &done);
        else
            at++;
    }
    *ret_source = source;
    if (done != 0) {
        copy_put(&copy, copy.done, (size_t)(end - copy.done));
        *ret_source = (struct view){copy.data, copy.size};
    }
    return done;
}
