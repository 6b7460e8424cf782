/*
 * publisher: brings finished batches out, in order, and makes them final.
 *
 * A batch that was worked through is collected, its mentions are handed to the cache, and the strategy of the delivery
 * guarantee sends its records and says when it is final:
 *
 *     at_least_once    Redis and Kafka side by side; when all reports and replies are in, its offsets are stored
 *     exactly_once     Redis first; then records and offsets of all batches that are ready in one transaction
 *
 * The cache has a thread of its own, because a Redis that does not answer must not keep this one from hearing Kafka's
 * reports.  One bell wakes this thread for all it waits for: a batch worked through, a report, a reply, the end.
 *
 * Whatever the brokers refuse or lose, batches keep their bytes until they are final, and are sent again in order.
 * Meanwhile nothing new is collected for long: the corridor fills up, and the reader pauses.
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
    /* Does what can be done now; returns after how many milliseconds it has to be asked again if no bell rings. */
    int64_t (*advance)(struct publisher *publisher);
};
extern const struct strategy strategy_at_least_once;
extern const struct strategy strategy_exactly_once;

/* What a strategy remembers while something is wrong. */
struct recovery {
    bool settling;        /* at_least_once: waiting for the last reports */
    bool in_doubt;        /* exactly_once: it is not known whether the last commit took place */
    int64_t until_ms;     /* no other attempt, or no longer settling */
    int64_t pause_ms;     /* grows with each attempt in vain */
    enum judgement worst; /* exactly_once: of the last attempt's own error */
    char text[900];       /* and what that said */
    size_t n_fencings;    /* exactly_once: by others of our name, since first_fencing_ms */
    int64_t first_fencing_ms;
};

struct publisher {
    pthread_t thread;
    const struct strategy *strategy;
    const struct settings *settings;
    struct corridor *corridor;
    struct control *control;
    struct assignment *assignment;
    rd_kafka_t *consumer; /* its offsets are moved */
    struct outbox *outbox;
    struct cache *cache; /* NULL: no Redis */
    struct bell *bell;

    struct batch *first, *last; /* collected and not final, in order */
    size_t n_batches;
    struct recovery recovery;
    struct batch *sending; /* at_least_once: the next slot to send is slots[next_slot] of this; NULL: all are sent */
    size_t next_slot;
    bool alone;            /* what was sent last is to be the only one under way */
    int64_t next_begin_ms; /* exactly_once: earliest beginning of the next transaction */
};

enum status publisher_start(struct publisher *publisher, struct err *err);

/* It ends when the corridor is closed and all is final, or at once when told to. */
void publisher_join(struct publisher *publisher);

/* ---- for strategies ---- */

enum { PUBLISHER_LOOK_MS = 100 }; /* without any reason to be asked earlier */

/* The next batch that was worked through, appended to the list; its mentions are on their way.  NULL: none. */
struct batch *publisher_collect(struct publisher *publisher);

/* The first batch is final. */
void publisher_release(struct publisher *publisher);

/* Finds out which of the batch's partitions are not ours any more, and how many records are left to send.  None of it
 * may be under way. */
void publisher_fence(struct publisher *publisher, struct batch *batch);

/* Will this slot be sent by us? */
static inline bool publisher_sends(const struct slot *slot)
{
    return outbox_wants(slot) && !slot->batch->origins[slot->origin].fenced;
}

static inline bool publisher_is_cached(const struct batch *batch)
{
    return atomic_load_explicit(&batch->cached, memory_order_acquire);
}

/* Judges all that failed.  Returns the worst; text says what has to change for JUDGED_LATER. */
enum judgement publisher_judge(struct publisher *publisher, char *text, size_t text_size);

/* No attempt before the pause is over: none for what was changed, else a growing one.  LATER, or in vain for the fourth
 * time: not ready, and says why. */
void publisher_pause(struct publisher *publisher, enum judgement judgement, const char *text);

/* The last attempt went well. */
void publisher_recovered(struct publisher *publisher);

#endif
