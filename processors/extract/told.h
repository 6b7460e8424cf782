/*
 * extract_told: which lines of a page does its linked data tell, too?
 *
 * Many pages carry their article a second time for search engines (JSON-LD's articleBody).  Where that agrees with the
 * page, it says better than any markup where the article is; it may also be a summary, an older version, or somebody
 * else's text.  Compared are runs of three words: memory and work are linear in both texts.
 *
 *     told_open(&told, arena, body);
 *     for each line: told_line(&told, line, &n, &n_told)
 *     told_share(&told)          how much of the body the lines had
 */
#ifndef PROCESSORS_EXTRACT_TOLD_H
#define PROCESSORS_EXTRACT_TOLD_H

#include "processors/arena.h"
#include "processors/view.h"

#include <stdint.h>

struct told_run {
    uint64_t hash; /* 0: free */
    bool met;
};

struct told {
    struct told_run *runs;
    size_t mask;
    size_t n, n_met;
};

void told_open(struct told *told, struct arena *arena, struct view body);

/* *ret_n: runs of the line; *ret_told: how many of them the body has. */
void told_line(struct told *told, struct view line, uint32_t *ret_n, uint32_t *ret_told);

/* How much of the body has been met so far, in percent. */
unsigned told_share(const struct told *told);

#endif
