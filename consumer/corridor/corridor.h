/*
 * corridor: three hand-overs, one lock.
 *
 *     free batches ──▶ reader ──▶ workers ──▶ publisher ──▶ free batches
 *                      fills      any slot    in the order
 *                                 of any      in which they
 *                                 batch       were put
 *
 * Workers take single articles from the one queue, so that a batch of one long and many short articles keeps all of
 * them busy; batches are finished in any order and collected in the order in which they were put.  Memory is bounded by
 * the number of batches: when none is free the reader waits, and in the end the broker does.
 *
 * A sleeping worker costs a signal to wake, more than a short article takes to read: a batch wakes only as many as it
 * has articles for, and none that is awake already.
 *
 * Thread-safety: each side by its threads; corridor_close() and the questions by any.
 */
#ifndef CONSUMER_CORRIDOR_CORRIDOR_H
#define CONSUMER_CORRIDOR_CORRIDOR_H

#include "consumer/corridor/batch.h"
#include "consumer/corridor/bell.h"

struct corridor;

/* Makes n_batches; the bell is rung when a batch can be collected, and when the corridor closes. */
struct corridor *corridor_new(size_t n_batches, size_t max_count, size_t max_bytes, struct bell *publisher_bell);
void corridor_free(struct corridor *corridor); /* all threads have gone home */

/* ---- reader ---- */
/* An empty batch, or NULL if none was free for so long. */
struct batch *corridor_take_free(struct corridor *corridor, int64_t timeout_ms);
size_t corridor_n_free(struct corridor *corridor);
void corridor_put(struct corridor *corridor, struct batch *batch); /* not empty, open */

/* How many batches hold work from these partitions, or from any (NULL)?  Waits until none, at most timeout_ms. */
size_t corridor_wait_finished(struct corridor *corridor, const rd_kafka_topic_partition_list_t *partitions,
                              int64_t timeout_ms);

/* Nothing will be put any more: workers go home when all is taken, the publisher when all is collected. */
void corridor_close(struct corridor *corridor);

/* The same at once: what is not taken yet stays. */
void corridor_abandon(struct corridor *corridor);

/* ---- workers ---- */
struct slot *corridor_take(struct corridor *corridor); /* waits; NULL: closed, go home */
void corridor_done(struct corridor *corridor, struct slot *slot);

/* ---- publisher ---- */
struct batch *corridor_collect(struct corridor *corridor); /* the next in order if it is finished, else NULL */
void corridor_give_back(struct corridor *corridor, struct batch *batch); /* clears it */
bool corridor_is_over(struct corridor *corridor); /* closed, and everything collected */

/* ---- anybody ---- */
size_t corridor_in_flight(struct corridor *corridor); /* articles */
size_t corridor_in_flight_bytes(struct corridor *corridor); /* of these, as they came */

#endif
