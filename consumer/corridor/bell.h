/*
 * bell: wakes one thread that waits for several things at once.
 *
 * Whoever has news rings; the one who waits then looks at everything it waits for.  Ringing twice before it looks is
 * ringing once.
 *
 *     for (;;) {
 *         look at everything;
 *         bell_wait(&bell, 100);
 *     }
 *
 * Thread-safety: any thread may ring (also a callback of librdkafka: nothing is called with the lock held); one waits.
 */
#ifndef CONSUMER_CORRIDOR_BELL_H
#define CONSUMER_CORRIDOR_BELL_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct bell {
    pthread_mutex_t lock; /* guards the two below */
    pthread_cond_t rings;
    bool rung;
    bool waiting;
};

void bell_init(struct bell *bell);
void bell_done(struct bell *bell);
void bell_ring(struct bell *bell);

/* Returns at once if it rang since the last wait, else when it rings, at the latest after timeout_ms. */
void bell_wait(struct bell *bell, int64_t timeout_ms);

/* A condition variable whose timed waits go by the steady clock. */
void condition_init(pthread_cond_t *condition);

#endif
