/*
 * publisher: brings finished batches out, in order, and makes them final.
 *
 * Redis and Kafka are written side by side: the cache has a thread of its own, because a Redis that does not answer
 * must not keep this one from hearing Kafka's reports.  The next batch is sent while the last awaits its reports; a
 * batch is final when all reports and replies are in, and all before it are final.  Only then are its offsets stored.
 *
 * One bell wakes this thread for all it waits for: a batch worked through, a report, a reply, the end.
 *
 * Thread-safety: one thread of its own.
 */
#ifndef CONSUMER_CORRIDOR_PUBLISHER_H
#define CONSUMER_CORRIDOR_PUBLISHER_H

#include "consumer/corridor/assignment.h"
#include "consumer/corridor/cache.h"
#include "consumer/corridor/control.h"
#include "consumer/corridor/corridor.h"
#include "consumer/corridor/outbox.h"

#include <pthread.h>

struct publisher;

/* How finished work becomes final: one of these for each delivery guarantee. */
struct strategy {
    const char *name;
    void (*begin)(struct publisher *publisher, struct batch *batch);    /* worked through: send it */
    void (*complete)(struct publisher *publisher, struct batch *batch); /* all is in: make it final */
};
extern const struct strategy strategy_at_least_once;

struct publisher {
    pthread_t thread;
    const struct strategy *strategy;
    struct corridor *corridor;
    struct control *control;
    struct assignment *assignment;
    rd_kafka_t *consumer; /* offsets are stored here */
    struct outbox *outbox;
    struct cache *cache; /* NULL: no Redis */
    struct bell *bell;
    struct batch *first, *last; /* sent and not final, in order */
};

enum status publisher_start(struct publisher *publisher, struct err *err);

/* It ends when the corridor is closed and all is final, or at once when told to. */
void publisher_join(struct publisher *publisher);

#endif
