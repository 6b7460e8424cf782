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
 * It also knows how far each of them is, for those who watch:
 *
 *     log start      committed          finished            read               high watermark
 *        ├──────────────┼──────────────────┼──────────────────┼──────────────────┤
 *                       │                  └──── lag ─────────────────────────────┘  (stored)
 *                       └─────────────────────── lag ─────────────────────────────┘
 *
 * Thread-safety: given, fenced and read by the reader; storing and asking from any thread.
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

/* This offset was taken from it; all before it is none of our work.  By the reader only, cheap. */
void assignment_read(struct assignment *assignment, const struct partition *partition, int64_t offset);

/* Nothing that can be read stands between what was read and this offset: it is the end, or what lies there are marks of
 * transactions.  By the reader only. */
void assignment_read_to_end(struct assignment *assignment, const char *topic, int32_t number, int64_t offset);

/* Those that are ours now; the caller destroys the list. */
rd_kafka_topic_partition_list_t *assignment_list(struct assignment *assignment);

/* Has the group ever given us its answer?  (None at all is an answer too: a group may have more
 * members than partitions.) */
bool assignment_is_known(struct assignment *assignment);

/* May work read under this epoch still be published? */
bool assignment_is_current(struct assignment *assignment, const struct origin *origin);

/* Adds the offset behind the origin's last article, or raises the partition's that is in the list already. */
void assignment_list_offset(rd_kafka_topic_partition_list_t *list, const struct origin *origin);

/* Stores the batch's offsets for those of its partitions that are still ours, in one step with the check: a partition
 * cannot be fenced in between.  Returns how many articles belong to fenced ones. */
size_t assignment_store(struct assignment *assignment, rd_kafka_t *consumer, const struct batch *batch);

/* The group now has these offsets: reported by the consumer, or sent within a transaction that is
 * committed.  Partitions that are not ours any more, or with an error or without an offset, are left out. */
void assignment_committed(struct assignment *assignment, const rd_kafka_topic_partition_list_t *offsets);

/* How far a partition of ours is. */
struct progress {
    const char *topic; /* lives as long as the assignment */
    int32_t number;
    int64_t lag, lag_stored; /* records behind the high watermark, as far as the client knows it; -1: not known yet */
    int64_t finished;        /* the next offset to be finished; -1: not known yet */
    int64_t standing_ms;     /* there was work, and nothing was finished, from an earlier question until now; 0: else */
};

/* Records from position to the high watermark, none of them before the log's start; -1 if something is not known. */
int64_t progress_lag(int64_t position, int64_t low, int64_t high);

/* Writes at most max of them, and returns how many there are.  Asks no broker. */
size_t assignment_progress(struct assignment *assignment, rd_kafka_t *consumer, int64_t now_ms,
                           struct progress *ret_progress, size_t max);

#endif
