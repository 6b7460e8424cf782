/*
 * encode_fields: puts the output fields together from the pieces that cleanup left, and finds the place of what the
 * rooms marked in the buffer inside them.
 *
 * Lines of a text are divided by an empty line, lines of any other field by a blank.  Pieces of one line that touched
 * each other still do; where something was taken out between two, one blank remains if both sides need it.
 *
 * Thread-safety: writes into the article and its arena only.
 */
#ifndef PROCESSORS_ENCODE_FIELDS_H
#define PROCESSORS_ENCODE_FIELDS_H

#include "processors/article.h"

struct fields {
    struct view title, text, author, dateline, agency; /* absent (text: empty) if there is no piece of it */
};

/* Sets piece.out; makes pieces of whole lines if there are none. */
void fields_compose(struct article *article, struct fields *ret_fields);

/* For marks in the order of the buffer: the piece of text or title that holds the bytes from start to end; NULL: none.
 * cursor begins with 0 and is kept between calls, so that all calls together are linear. */
const struct piece *fields_find(const struct article *article, size_t *cursor, uint32_t start, uint32_t end);

/* Code points before `at` in the output field of its piece. */
static inline uint32_t fields_place(const struct piece *piece, uint32_t at)
{
    return piece->out + (at - piece->at);
}

/* Bytes of valid UTF-8 cut to at most `limit` bytes, between code points. */
struct view fields_cut(struct view text, size_t limit);

#endif
