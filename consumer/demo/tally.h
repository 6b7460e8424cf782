/*
 * demo_tally: what the demo itself has sent and seen, as a stranger beside the stream would count it.
 *
 * Nothing here comes from the engine's counters: articles are counted as they are read from the output topic, dead
 * letters from theirs, mentions from both the output topic and the stream of events in Redis.
 *
 * Thread-safety: any thread; one lock inside.
 */
#ifndef CONSUMER_DEMO_TALLY_H
#define CONSUMER_DEMO_TALLY_H

#include "processors/view.h"

#include <pthread.h>
#include <stdint.h>

/* A set of 128-bit names, each with a number. */
struct names {
    struct names_entry {
        uint64_t high, low; /* both 0: free */
        int64_t value;
    } *entries;
    size_t n, size;
};

/* False: it was there already, and stays as it was. */
bool names_add(struct names *names, uint64_t high, uint64_t low, int64_t value);
struct names_entry *names_find(const struct names *names, uint64_t high, uint64_t low);
void names_free(struct names *names);

enum { TALLY_WORDS = 64 };

/* How often each of a few words came. */
struct words {
    struct word {
        char name[32];
        uint64_t n;
    } words[TALLY_WORDS];
    size_t n;
};

void words_add(struct words *words, const char *name);
void words_sort(struct words *words); /* the most frequent first */

/* Milliseconds, all of them. */
struct times {
    uint32_t *values;
    size_t n, size;
};

struct tally {
    pthread_mutex_t lock; /* guards all below */
    uint64_t articles, poison; /* sent */
    struct names sent;         /* by the article's id: when it was sent, in ms */
    uint64_t enriched, dead;   /* read */
    uint64_t repeated, unreadable; /* enriched articles that came twice; that are not to be understood */
    struct words languages, reasons, directions, kinds, mention_languages;
    struct names mentions;     /* by their id, out of the output topic */
    struct names shown;        /* out of Redis's stream of events */
    struct times to_output, to_alert;
};

void tally_init(struct tally *tally);
void tally_done(struct tally *tally);

/* article_id: NULL if it has none that we know. */
void tally_sent(struct tally *tally, const char *article_id, int64_t now_ms);
void tally_sent_poison(struct tally *tally);

/* One record of the output topic. */
void tally_enriched(struct tally *tally, struct view value, int64_t now_ms);
void tally_dead(struct tally *tally, const char *reason);

/* A mention's id, and its article's, out of Redis.  False: not of this run, or seen before. */
bool tally_shown(struct tally *tally, const char *mention_id, const char *article_id, int64_t now_ms);

/* What is under way: sent, and neither read as enriched nor as dead. */
uint64_t tally_open(struct tally *tally);

/* The value below which `part` of the last `last` (0: all) times lie. */
uint32_t times_quantile(const struct times *times, double part, size_t last);

/* 32 hex digits; false: it is none. */
bool mention_id_parse(const char *text, uint64_t *ret_high, uint64_t *ret_low);

#endif
