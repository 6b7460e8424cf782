/*
 * demo_show: what the demo prints: a line for each mention, a status line below, the summary.
 *
 * Colour and the moving status line only on a terminal; elsewhere a plain status line every five seconds.
 *
 * Thread-safety: any thread; one lock inside.
 */
#ifndef CONSUMER_DEMO_SHOW_H
#define CONSUMER_DEMO_SHOW_H

#include "consumer/demo/tally.h"

struct show {
    pthread_mutex_t lock; /* guards the terminal and all below */
    bool is_terminal;
    bool status_shown;    /* the cursor stands behind the status line */
    int64_t status_at_ms; /* when it was last printed */
    char status[256];
};

void show_init(struct show *show);
void show_done(struct show *show); /* clears the status line; no other thread prints any more */

/* Any other line. */
void show_line(struct show *show, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A mention as Redis holds it (schemas/mention.schema.json). */
void show_mention(struct show *show, struct view json);

/* A message that could not be read, and why. */
void show_dead(struct show *show, struct view reason, struct view text);

struct show_status {
    int64_t seconds;
    double rate;
    uint64_t sent, enriched, dead, in_flight, mentions;
    uint32_t p50_ms, p99_ms;
    uint64_t redis_mentions;
    char redis_memory[24];
    const char *note; /* NULL, or what is being waited for */
};
void show_status(struct show *show, const struct show_status *status);

/* Columns that a terminal gives to valid UTF-8, and as much of it as fits into some. */
size_t show_columns(struct view text);
struct view show_cut(struct view text, size_t columns);

#endif
