/*
 * explain: what the rooms made of one article, for human eyes.
 *
 *     explain.c          finds the article, walks it, prints
 *     explain_text.c     its text line by line, and why lines went
 *     explain_numbers.c  the numbers below
 *
 * Thread-safety: one thread.
 */
#ifndef CONSUMER_CLI_EXPLAIN_H
#define CONSUMER_CLI_EXPLAIN_H

#include "consumer/cli/pen.h"
#include "processors/walker.h"

#include <jansson.h>

struct explained {
    const struct article *article;   /* its message is gone by now */
    const struct languages *languages;
    json_t *published;               /* article->encoded */
    uint64_t first_ns[STAGES];       /* of the first walk, through cold caches */
    uint64_t warm_ns[STAGES];        /* the least of the others */
    bool all;                        /* also what speaks against lines that stay */
};

/* A stretch of text that the output has: it lies in one piece of text or title. */
static inline bool explain_is_kept(const struct piece *piece, uint32_t start, uint32_t size)
{
    return (piece->fate == FATE_TEXT || piece->fate == FATE_TITLE) && start >= piece->start &&
           start + size <= piece->start + piece->size;
}

void explain_text(struct pen *pen, const struct explained *explained);
void explain_numbers(struct pen *pen, const struct explained *explained);

#endif
