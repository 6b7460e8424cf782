/*
 * assignment: which partitions are ours, and since when.
 *
 * Each time a partition is given to us it gets a new epoch.  Work carries the epoch under which it was read; an offset
 * is stored only while that epoch is the current one.  Work of a fenced epoch may still be going on (another member
 * does it again): it must never move an offset.
 *
 *     given         epoch 7 ─── read, worked on, stored ───┐
 *     taken away    fenced: late work of epoch 7 is dropped┘
 *     given again   epoch 9
 *
 * A struct partition lives as long as the assignment, so pointers to it stay good; there are as many as the input topic
 * has partitions that ever were ours.
 *
 * Thread-safety: given and fenced by the reader; storing and asking from any thread.
 */
#ifndef CONSUMER_CORRIDOR_ASSIGNMENT_H
#define CONSUMER_CORRIDOR_ASSIGNMENT_H

#include "consumer/corridor/batch.h"

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stdint.h>

struct assignment;

struct assignment *assignment_new(void);
void assignment_free(struct assignment *assignment);

void assignment_give(struct assignment *assignment, const rd_kafka_topic_partition_list_t *partitions);
void assignment_fence(struct assignment *assignment, const rd_kafka_topic_partition_list_t *partitions);

/* The partition and its epoch if it is ours, else NULL.  By the reader only. */
const struct partition *assignment_find(struct assignment *assignment, const char *topic, int32_t number,
                                        uint64_t *ret_epoch);

/* Those that are ours now; the caller destroys the list. */
rd_kafka_topic_partition_list_t *assignment_list(struct assignment *assignment);

/* Has the group ever given us its answer?  (None at all is an answer too: a group may have more
 * members than partitions.) */
bool assignment_is_known(struct assignment *assignment);

/* May work read under this epoch still be published? */
bool assignment_is_current(struct assignment *assignment, const struct origin *origin);

/* Stores the batch's offsets for those of its partitions that are still ours, in one step with the check: a partition
 * cannot be fenced in between.  Returns how many articles belong to fenced ones. */
size_t assignment_store(struct assignment *assignment, rd_kafka_t *consumer, const struct batch *batch);

#endif
