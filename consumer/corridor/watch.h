/*
 * watch: what an engine says about itself to whoever looks on from outside: does it live, is it ready, how far is it?
 *
 *     lives    reader, publisher and workers go on.  A loop that stands will not go on by itself: restart the process.
 *     ready    it does its work, or could do it if it had any: an instance without partitions stands by and is ready.
 *              When it is not, something outside is mostly to blame, and a restart mends nothing.
 *
 * A partition stands still when there is work in it and nothing of that was finished for http.stalled_after.  That is
 * found by asking twice: whoever asks for readiness or metrics now and then does.
 *
 * Thread-safety: asking from any thread, from watch_init() on; the rest by those who run the engine.
 */
#ifndef CONSUMER_CORRIDOR_WATCH_H
#define CONSUMER_CORRIDOR_WATCH_H

#include "consumer/corridor/assignment.h"
#include "consumer/corridor/cache.h"
#include "consumer/corridor/control.h"
#include "consumer/corridor/corridor.h"
#include "consumer/corridor/worker.h"
#include "consumer/settings/settings.h"

#include <pthread.h>

struct watch {
    const struct settings *settings;
    struct control *control;
    struct assignment *assignment;
    struct corridor *corridor;
    const struct cache *cache; /* NULL: no Redis */
    const struct worker *workers;
    atomic_size_t n_workers;
    uint64_t transaction_calls_ms; /* 0: no transactions */
    pthread_mutex_t lock; /* guards all below */
    rd_kafka_t *consumer; /* NULL: not yet, or it is leaving the group */
    char lexicon[32];
};

/* ---- those who run the engine ---- */
void watch_init(struct watch *watch, const struct settings *settings, struct control *control);
void watch_done(struct watch *watch);
void watch_consumer(struct watch *watch, rd_kafka_t *consumer);
void watch_lexicon(struct watch *watch, const char *version);

/* ---- those who look on ---- */
enum { WATCH_TEXT_MAX = 4096 };

/* False: text names the loops that stand, one a line. */
bool watch_is_alive(struct watch *watch, char text[WATCH_TEXT_MAX]);

/* False: text says what it waits for, one a line. */
bool watch_is_ready(struct watch *watch, char text[WATCH_TEXT_MAX]);

/* How far each partition of ours is; writes at most max and returns how many there are. */
size_t watch_progress(struct watch *watch, struct progress *ret_progress, size_t max);

/* The version of the tables; "" before they are open. */
void watch_tell_lexicon(struct watch *watch, char ret_version[32]);

#endif
