/*
 * progress: a bar with rate and time left on the last line of a terminal.
 *
 * Nothing is drawn unless stderr is a terminal.  The line is drawn anew at most ten times a second.
 *
 * Thread-safety: one thread at a time.
 */
#ifndef CONSUMER_CLI_PROGRESS_H
#define CONSUMER_CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
    bool shown;
    const char *noun;    /* what is counted; NULL: articles */
    uint64_t total;      /* bytes or articles to come; 0: unknown, no bar and no time left */
    int64_t started_ns, drawn_ns;
    uint64_t done, count;
};

/* wanted: false where stdout is the same terminal and would be mixed with the bar. */
void progress_init(struct progress *progress, uint64_t total, bool wanted);

/* done counts towards total; count is what the rate is about. */
void progress_set(struct progress *progress, uint64_t done, uint64_t count);

/* Clears the line; before anything else is printed, and at the end. */
void progress_clear(struct progress *progress);

double progress_seconds(const struct progress *progress); /* since progress_init() */

#endif
