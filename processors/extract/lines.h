/*
 * extract_lines: builds article->buffer and its lines out of whatever text came in.
 *
 *     lines_begin(&lines, characters, arena, expected_size);
 *     lines_add(&lines, title, (struct line){.origin = LINE_TITLE}, LINES_ONE);
 *     lines_add(&lines, body, (struct line){.origin = LINE_BODY}, LINES_SPLIT);
 *     lines_end(&lines, article);
 *
 * What a line loses: control characters, zero-width spaces, byte order marks, soft hyphens (ZWJ and ZWNJ stay: they are
 * letters' business in Persian and in emoji), all blanks but one between words.  What is repaired, line by line and
 * only where the line needs it: HTML entities (escaped twice too), double-encoded UTF-8 (mojibake.h), NFC.
 * More than 30 combining marks on one letter are cut (the limit of UAX #15's stream-safe format), for which reason
 * reordering them stays cheap.
 *
 * Linear in its input: one pass, and at most REPAIR_ROUNDS more over lines that hold entities or double encodings.
 * Thread-safety: struct characters is read-only after characters_open().
 */
#ifndef PROCESSORS_EXTRACT_LINES_H
#define PROCESSORS_EXTRACT_LINES_H

#include "processors/article.h"
#include "processors/status.h"

/* What each code point is for a line; made from ICU's properties and libxml2's entities. */
struct characters;

enum status characters_open(struct characters **ret_characters, struct err *err);
void characters_close(struct characters *characters); /* NULL is fine */

enum lines_how {
    LINES_SPLIT, /* at LF, CR, CRLF, VT, FF, NEL and Unicode's line and paragraph separators */
    LINES_ONE,   /* these are blanks */
};

struct lines {
    const struct characters *characters;
    struct arena *arena;
    char *data; /* what becomes article->buffer */
    size_t size, capacity;
    struct line *lines;
    size_t n_lines, lines_capacity;
    char *spare; /* a line under repair */
    size_t spare_capacity;
    uint16_t *wide; /* a line that is being composed */
    size_t wide_capacity;
    size_t gap;  /* empty lines since the last one */

    /* the line that is being put together */
    size_t start;
    bool blank;     /* one is due before the next character */
    unsigned needs; /* repairs */
    unsigned marks; /* combining marks in a row */
};

void lines_begin(struct lines *lines, const struct characters *characters, struct arena *arena, size_t expected_size);

/* text: valid UTF-8.  kind: everything of the lines but their place; gap is counted here. */
void lines_add(struct lines *lines, struct view text, struct line kind, enum lines_how how);
void lines_end(struct lines *lines, struct article *article);

/* The same, as one line before all others: for a title that is known only when the rest has been read. */
void lines_prepend(struct lines *lines, struct view text, struct line kind);

/* One line of text, cleaned and repaired as above, in arena; absent if nothing is left. */
struct view lines_clean(const struct characters *characters, struct arena *arena, struct view text);

/* HTML entities decoded, once; the text itself if it has none. */
struct view characters_decode_entities(const struct characters *characters, struct arena *arena, struct view text);

#endif
