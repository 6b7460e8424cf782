/*
 * escalation_heads: phrases with gaps that a text has begun and may go on with.
 *
 * One head stands for all phrases that have begun alike.  How many heads wait for a part is counted, since nine in ten
 * parts that a text has are waited for by none.
 *
 * Thread-safety: one set of heads, one thread.
 * Errors: none; of too many heads the oldest is forgotten.
 */
#ifndef PROCESSORS_ESCALATION_HEADS_H
#define PROCESSORS_ESCALATION_HEADS_H

#include "processors/arena.h"
#include "processors/escalation/gaps.h"

enum {
    HEADS_MAX = 96,  /* open at a time */
    STEPS_MAX = 4,   /* parts of a phrase with gaps */
    CLOSED_MAX = 4,  /* phrases that one head may end in */
    GAP_TOKENS = 16, /* from its first token to its last */
};

struct head {
    uint32_t clause;
    uint32_t parts[STEPS_MAX];   /* first tokens of all parts so far */
    uint32_t ends[STEPS_MAX];    /* and what stands behind each */
    uint32_t closed[CLOSED_MAX]; /* paths that were completed: one text tells them once */
    uint8_t n_parts, n_closed;
};

struct heads {
    const struct gaps *gaps;
    struct head all[HEADS_MAX];
    uint32_t paths[HEADS_MAX]; /* of each how far it came */
    uint8_t *wanted;           /* by part: how many it may go on from */
    unsigned n;
    uint32_t forgotten_at;     /* those too far back of this token have gone */
};

/* wanted comes from the arena. */
void heads_begin(struct heads *heads, const struct gaps *gaps, struct arena *arena);
/* Forgets all. */
void heads_clear(struct heads *heads);

/* One that came so far over a part that ends before token `end`; the caller fills it.  Of two that came equally far the
 * nearer counts, so the other one goes. */
struct head *heads_add(struct heads *heads, uint32_t path, uint32_t end);

/* Does any head wait for this part? */
static inline bool heads_want(const struct heads *heads, uint32_t part)
{
    return heads->wanted[part] != 0;
}

#endif
