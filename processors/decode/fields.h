/*
 * decode_fields: what reading JSON and reading headers share.
 *
 * Thread-safety: as decode.h says; the functions write into the article only.
 */
#ifndef PROCESSORS_DECODE_FIELDS_H
#define PROCESSORS_DECODE_FIELDS_H

#include "processors/dates.h"
#include "processors/stage.h"

enum { PATH_PARTS_MAX = 8 };

/* Where one field is found. */
struct path {
    const char *parts[PATH_PARTS_MAX];
    size_t n_parts;
    struct view whole; /* as it was written: for texts, and the name of a header */
};

struct decode_tables {
    const struct options *options;
    struct arena *arena;
    struct path paths[INPUT_FIELDS];
};

struct decode_scratch {
    struct zone *zone;
};

/* A field of one line: a copy without control characters and the space around it; absent if nothing is left. */
struct view field_line(struct arena *arena, struct view text);

/* The line, or absent with a warning if it is too long to be what it should be.  An id may be longer. */
struct view field_keep(struct article *article, enum input_field field, struct view line);

/* TIME_NONE with a warning if it cannot be read. */
int64_t field_date(struct article *article, struct zone *zone, enum input_field field, struct view text);

#endif
