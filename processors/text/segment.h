/*
 * text_segment: where words begin in scripts that write no blanks between them.
 *
 * Chinese, Japanese, Thai, Lao, Khmer and Burmese are cut by ICU's word dictionaries.  This is the one place where text
 * becomes UTF-16: only stretches of these scripts do, a piece of at most SEGMENT_UNITS at a time.  It is dear: some 0.2 us
 * a sign of Han, a third of that in Thai, and ICU allocates memory for each stretch.
 *
 * What the room makes of it differs, because names of tables are cut by the same pass, but alone:
 *
 *     Thai, Lao, Khmer, Burmese   a token is a word of ICU's.  Ten sentences of Thai with 20 names of countries that the
 *                                 tables hold: none was found while a stretch was one token, all are found now.  Of 18
 *                                 rarer names (towns, politicians) 14 are cut in a sentence as they are alone
 *     Han, Kana                   a token is one sign, so that a name is found whatever stands beside it (41 of 41 in
 *                                 twenty sentences that the tables hold); TOKEN_INSIDE_WORD says that no word begins
 *                                 there: it stands at none of 83 names, rare ones among them
 *
 * Ownership: segment_done() closes what ICU gave.
 * Thread-safety: a segmenter belongs to one thread; each worker has its own.
 * Errors: where ICU fails, a piece is one word (a break iterator that cannot be opened is told by segment_open()).
 */
#ifndef PROCESSORS_TEXT_SEGMENT_H
#define PROCESSORS_TEXT_SEGMENT_H

#include "processors/status.h"
#include "processors/text/tables.h"

#include <unicode/ubrk.h>

enum {
    SEGMENT_UNITS = 256,    /* of UTF-16, in one piece */
    SEGMENT_DOUBTFUL = 32,  /* at the end of a piece that is not the stretch's: cut again with what follows */
};

struct segmenter {
    UBreakIterator *iterator; /* NULL until it is needed */
    size_t from, until;       /* bytes of the buffer between which `ends` holds; equal: nothing known */
    unsigned n, next;
    uint32_t ends[SEGMENT_UNITS];   /* bytes of the buffer at which a word ends, ascending */
    uint32_t bytes[SEGMENT_UNITS + 1]; /* where each unit stands in the buffer */
    UChar units[SEGMENT_UNITS];
};

/* For a worker: opened now, so that no article has to.  STATUS_FATAL if ICU has no rules. */
enum status segment_open(struct segmenter *segmenter, struct err *err);
void segment_done(struct segmenter *segmenter);

/* Another buffer: what is known of places in the last one is forgotten. */
void segment_forget(struct segmenter *segmenter);

/* The byte behind the word that holds the letter at byte i, and the one with which it begins; the stretch may go on as
 * far as `end`. */
size_t segment_at(struct segmenter *segmenter, const struct text_tables *tables, const char *data, size_t i, size_t end,
                  size_t *ret_start);

#endif
