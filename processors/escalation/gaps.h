/*
 * escalation_gaps: phrases with gaps ("zieht ~ Truppen ~ ab"), as paths from part to part.
 *
 * Many phrases share their parts: all that begins with "launched" has one head, all that ends in "strikes" one tail.
 * So a text opens a head once, and what of it comes next is one look at a table of (path, part).
 *
 * Thread-safety: read-only after loading.
 * Errors: none; memory that cannot be had ends the process, as in arena.h.
 */
#ifndef PROCESSORS_ESCALATION_GAPS_H
#define PROCESSORS_ESCALATION_GAPS_H

#include "processors/view.h"

#include <stdbool.h>
#include <stdint.h>

struct gaps;

/* What stands before the first gap may have to be spelled with its marks, what stands behind one may have to end its
 * clause. */
enum gap_role { GAP_HEAD, GAP_HEAD_EXACT, GAP_BEHIND, GAP_BEHIND_END };

enum { GAPS_START = 0 }; /* the path before any part; and no path */

/* The rows of the phrases that end a path, each as its number and one more; 0: none does. */
struct gap_end {
    uint16_t trigger, cue;
    uint32_t first, n_next; /* parts that go on from here, once frozen: for gaps_next() */
};

struct gaps *gaps_new(void);
void gaps_free(struct gaps *gaps); /* NULL is fine */

/* The number of a part; key: what tells it from others.  Parts are numbered from 1 in the order in which they come. */
uint32_t gaps_part(struct gaps *gaps, struct view key, enum gap_role role, bool *ret_is_new);

/* The path that goes on from this one over a part, made if there was none. */
uint32_t gaps_enter(struct gaps *gaps, uint32_t path, uint32_t part);
struct gap_end *gaps_end(struct gaps *gaps, uint32_t path);

/* When all is entered. */
void gaps_freeze(struct gaps *gaps);

/* The same, for reading: GAPS_START if no phrase goes on so. */
uint32_t gaps_step(const struct gaps *gaps, uint32_t path, uint32_t part);
struct gap_end gaps_end_of(const struct gaps *gaps, uint32_t path);
/* The i-th part that goes on from where this ends; i below n_next. */
uint32_t gaps_next(const struct gaps *gaps, const struct gap_end *end, uint32_t i);
/* Parts are numbered up to this one. */
uint32_t gaps_last_part(const struct gaps *gaps);

#endif
