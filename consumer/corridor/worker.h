/*
 * worker: takes articles from the corridor, one at a time, and walks each through the rooms.
 *
 * Thread-safety: each worker is one thread with a walker of its own.
 */
#ifndef CONSUMER_CORRIDOR_WORKER_H
#define CONSUMER_CORRIDOR_WORKER_H

#include "consumer/corridor/control.h"
#include "consumer/corridor/corridor.h"
#include "consumer/settings/settings.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

struct worker {
    pthread_t thread;
    struct corridor *corridor;
    struct control *control;
    const struct settings *settings;
    bool fires_no_events; /* an old stretch is read again: all of its mentions are late */
    unsigned number;
    _Atomic int64_t busy_since_ms; /* steady; 0: it holds no article */
};

/* Runs until the corridor closes. */
enum status worker_start(struct worker *worker, struct err *err);
void worker_join(struct worker *worker);

#endif
