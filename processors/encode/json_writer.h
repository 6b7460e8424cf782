/*
 * json_writer: JSON that grows in an arena while it is written.
 *
 *     writer_begin(&writer, arena, 4096, 0);
 *     writer_object(&writer);
 *     writer_key(&writer, "id"), writer_string(&writer, id);
 *     writer_object_end(&writer);
 *     encoded = writer_finish(&writer);
 *
 * Escapes what RFC 8259 wants escaped and nothing else; UTF-8 goes through as it is.  Commas are put by the writer,
 * nesting is the caller's care.
 *
 * Errors: with a limit, what would grow beyond it is not written and writer_full() becomes true; what has been written
 * is then worth nothing.  Strings must be valid UTF-8; numbers that are not finite become null.
 * Thread-safety: one writer, one thread.
 *
 * Functions begin with writer_, as json_ is jansson's.
 */
#ifndef PROCESSORS_ENCODE_JSON_WRITER_H
#define PROCESSORS_ENCODE_JSON_WRITER_H

#include "processors/arena.h"
#include "processors/view.h"

#include <stdint.h>

struct json_writer {
    struct arena *arena;
    char *data;
    size_t size, capacity;
    size_t limit; /* bytes; SIZE_MAX: none */
    bool comma;   /* does the next value need one before it? */
    bool full;
};

/* limit 0: none. */
void writer_begin(struct json_writer *writer, struct arena *arena, size_t capacity, size_t limit);
struct view writer_finish(struct json_writer *writer);

static inline bool writer_full(const struct json_writer *writer)
{
    return writer->full;
}

void writer_object(struct json_writer *writer);
void writer_object_end(struct json_writer *writer);
void writer_array(struct json_writer *writer);
void writer_array_end(struct json_writer *writer);

/* name: a literal that needs no escapes. */
void writer_key(struct json_writer *writer, const char *name);

void writer_string(struct json_writer *writer, struct view string);
void writer_int(struct json_writer *writer, int64_t number);
void writer_bool(struct json_writer *writer, bool value);
void writer_null(struct json_writer *writer);

/* Rounded to so many decimals (at most 6), without zeros at the end; for |number| < 10^12. */
void writer_number(struct json_writer *writer, double number, unsigned decimals);

/* A string in several parts. */
void writer_string_begin(struct json_writer *writer);
void writer_string_add(struct json_writer *writer, struct view part);
void writer_string_end(struct json_writer *writer);

/* Raw JSON, trusted to be valid: a value, or a name with its quotes. */
void writer_raw(struct json_writer *writer, struct view value);
void writer_raw_key(struct json_writer *writer, struct view name);

/* For often-used pairs; writer_field_string() leaves the pair out if the string is absent. */
void writer_field_string(struct json_writer *writer, const char *name, struct view string);
void writer_field_literal(struct json_writer *writer, const char *name, const char *string);
void writer_field_int(struct json_writer *writer, const char *name, int64_t number);

#endif
