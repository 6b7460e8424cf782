#include "processors/encode/json_writer.h"

#include <math.h>

/* 0: as it is; 'u': as \u00XX; else the letter behind the backslash. */
static const unsigned char escapes[256] = {
    'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'b', 't', 'n', 'u', 'f', 'r', 'u', 'u',
    'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u',
    ['"'] = '"', ['\\'] = '\\',
};

enum { ESCAPE_MAX = 6 /* bytes that one byte can become */ };

/* Makes room, or finds that there must not be any. */
static bool grow(struct json_writer *writer, size_t n)
{
    size_t capacity = writer->capacity;

    if (writer->full)
        return false;
    if (n > writer->limit || writer->size > writer->limit - n) {
        writer->full = true;
        return false;
    }
    while (capacity - writer->size < n)
        capacity += capacity;
    writer->data = arena_grow(writer->arena, writer->data, writer->capacity, capacity);
    writer->capacity = capacity;
    return true;
}

/* Room for n more bytes?  Nearly always there is. */
static inline bool reserve(struct json_writer *writer, size_t n)
{
    return (!writer->full && n <= writer->capacity - writer->size) || grow(writer, n);
}

static inline void put(struct json_writer *writer, const char *data, size_t size)
{
    if (!reserve(writer, size))
        return;
    memcpy(writer->data + writer->size, data, size);
    writer->size += size;
}

static inline void put_byte(struct json_writer *writer, char byte)
{
    if (reserve(writer, 1))
        writer->data[writer->size++] = byte;
}

static inline void before_value(struct json_writer *writer)
{
    if (writer->comma)
        put_byte(writer, ',');
    writer->comma = true;
}

void writer_begin(struct json_writer *writer, struct arena *arena, size_t capacity, size_t limit)
{
    if (capacity < 64)
        capacity = 64;
    *writer = (struct json_writer){.arena = arena, .capacity = capacity, .limit = limit == 0 ? SIZE_MAX : limit};
    writer->data = arena_alloc(arena, capacity);
}

struct view writer_finish(struct json_writer *writer)
{
    if (writer->size > writer->limit)
        writer->full = true; /* the first reservation may have been larger than the limit */
    arena_shrink(writer->arena, writer->data, writer->capacity, writer->size);
    writer->capacity = writer->size;
    return (struct view){writer->data, writer->size};
}

void writer_object(struct json_writer *writer)
{
    before_value(writer);
    put_byte(writer, '{');
    writer->comma = false;
}

void writer_object_end(struct json_writer *writer)
{
    put_byte(writer, '}');
    writer->comma = true;
}

void writer_array(struct json_writer *writer)
{
    before_value(writer);
    put_byte(writer, '[');
    writer->comma = false;
}

void writer_array_end(struct json_writer *writer)
{
    put_byte(writer, ']');
    writer->comma = true;
}

void writer_key(struct json_writer *writer, const char *name)
{
    size_t size = strlen(name);
    char *to;

    if (!reserve(writer, size + 4))
        return;
    to = writer->data + writer->size;
    if (writer->comma)
        *to++ = ',';
    *to++ = '"';
    memcpy(to, name, size);
    to += size;
    *to++ = '"';
    *to++ = ':';
    writer->size = (size_t)(to - writer->data);
    writer->comma = false;
}

void writer_raw_key(struct json_writer *writer, struct view name)
{
    before_value(writer);
    put(writer, name.data, name.size);
    put_byte(writer, ':');
    writer->comma = false;
}

static char *put_escape(char *to, unsigned char byte)
{
    static const char digits[] = "0123456789abcdef";

    *to++ = '\\';
    *to++ = (char)escapes[byte];
    if (escapes[byte] == 'u') {
        *to++ = '0';
        *to++ = '0';
        *to++ = digits[byte >> 4];
        *to++ = digits[byte & 15];
    }
    return to;
}

void writer_string_begin(struct json_writer *writer)
{
    before_value(writer);
    put_byte(writer, '"');
}

/* Does any of eight bytes need an escape?  By the carries of subtraction: a byte below 0x20, or equal to one of two,
 * leaves its upper bit set; bytes of 0x80 and more are taken out.  (It may also be true where none does.) */
static inline bool any_escape(const char *data)
{
    const uint64_t ones = 0x0101010101010101u, tops = 0x8080808080808080u;
    uint64_t bytes, quotes, backslashes;

    memcpy(&bytes, data, sizeof bytes);
    quotes = bytes ^ ones * '"';
    backslashes = bytes ^ ones * '\\';
    return (((bytes - ones * 0x20) | (quotes - ones) | (backslashes - ones)) & ~bytes & tops) != 0;
}

static const char *escape_find(const char *from, const char *end)
{
    for (; from < end && escapes[(unsigned char)*from] == 0; from++)
        while (end - from > 8 && !any_escape(from + 1))
            from += 8;
    return from;
}

void writer_string_add(struct json_writer *writer, struct view part)
{
    const char *from = part.data, *end = part.data + part.size;

    /* Escapes are rare: whole stretches between them are copied at once. */
    while (from < end) {
        const char *stop = escape_find(from, end);
        put(writer, from, (size_t)(stop - from));
        if (stop == end || !reserve(writer, ESCAPE_MAX))
            return;
        writer->size = (size_t)(put_escape(writer->data + writer->size, (unsigned char)*stop) - writer->data);
        from = stop + 1;
    }
}

void writer_string_end(struct json_writer *writer)
{
    put_byte(writer, '"');
}

void writer_string(struct json_writer *writer, struct view string)
{
    char *to;

    if (string.size > 0 && escape_find(string.data, string.data + string.size) != string.data + string.size) {
        writer_string_begin(writer);
        writer_string_add(writer, string);
        writer_string_end(writer);
        return;
    }
    if (!reserve(writer, string.size + 3))
        return;
    to = writer->data + writer->size;
    if (writer->comma)
        *to++ = ',';
    *to++ = '"';
    if (string.size > 0)
        memcpy(to, string.data, string.size);
    to += string.size;
    *to++ = '"';
    writer->size = (size_t)(to - writer->data);
    writer->comma = true;
}

/* Writes the digits of a number backwards, before end; returns where they begin. */
static char *digits_before(char *end, uint64_t number)
{
    do {
        *--end = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    return end;
}

void writer_int(struct json_writer *writer, int64_t number)
{
    char buffer[24], *end = buffer + sizeof buffer;
    char *begin = digits_before(end, number < 0 ? 0 - (uint64_t)number : (uint64_t)number);

    if (number < 0)
        *--begin = '-';
    before_value(writer);
    put(writer, begin, (size_t)(end - begin));
}

/* By hand, because printf() asks the locale which decimal point it likes. */
void writer_number(struct json_writer *writer, double number, unsigned decimals)
{
    static const double powers[] = {1, 10, 100, 1e3, 1e4, 1e5, 1e6};
    char buffer[40], *end = buffer + sizeof buffer, *begin;
    uint64_t scaled, unit;

    if (!isfinite(number) || fabs(number) >= 1e12) {
        writer_null(writer);
        return;
    }
    scaled = (uint64_t)(fabs(number) * powers[decimals] + 0.5);
    unit = (uint64_t)powers[decimals];
    while (unit > 1 && scaled % 10 == 0)
        scaled /= 10, unit /= 10;
    begin = end;
    if (unit > 1) {
        uint64_t fraction = scaled % unit;
        for (uint64_t u = unit; u > 1; u /= 10, fraction /= 10)
            *--begin = (char)('0' + fraction % 10);
        *--begin = '.';
    }
    begin = digits_before(begin, scaled / unit);
    if (number < 0 && scaled > 0)
        *--begin = '-';
    before_value(writer);
    put(writer, begin, (size_t)(end - begin));
}

void writer_bool(struct json_writer *writer, bool value)
{
    before_value(writer);
    put(writer, value ? "true" : "false", value ? 4 : 5);
}

void writer_null(struct json_writer *writer)
{
    before_value(writer);
    put(writer, "null", 4);
}

void writer_raw(struct json_writer *writer, struct view value)
{
    before_value(writer);
    put(writer, value.data, value.size);
}

void writer_field_string(struct json_writer *writer, const char *name, struct view string)
{
    if (string.data == NULL)
        return;
    writer_key(writer, name);
    writer_string(writer, string);
}

void writer_field_literal(struct json_writer *writer, const char *name, const char *string)
{
    writer_field_string(writer, name, view_of(string));
}

void writer_field_int(struct json_writer *writer, const char *name, int64_t number)
{
    writer_key(writer, name);
    writer_int(writer, number);
}
