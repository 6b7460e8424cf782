/*
 * deadtopic: reads the dead-letter topic, or a stretch of it, without a group: nothing is committed, nobody else's
 * reading is disturbed.
 *
 *     dead_topic_begin(topic, …);
 *     while ((status = dead_topic_next(topic, &letter, &err)) == STATUS_OK)
 *         …                                                    the letter is good until the next call
 *
 * What stands in the topic is a letter, or the note that one was sent back (headers.h).
 *
 * Thread-safety: one thread.
 */
#ifndef CONSUMER_DEAD_TOPIC_H
#define CONSUMER_DEAD_TOPIC_H

#include "consumer/corridor/headers.h"
#include "consumer/settings/settings.h"

struct dead_topic;

struct letter {
    int32_t partition;
    int64_t offset;
    int64_t replayed; /* >= 0: no letter, but the note that the one at this offset of the partition was sent back */

    struct view key, value;
    const struct header *headers;
    size_t n_headers;
    const rd_kafka_headers_t *kafka_headers; /* the same; NULL: none */
    int64_t time_ms;                         /* the message's own; -1: none */

    /* What the headers say; a view is absent if they do not. */
    int64_t failed_ms; /* when it died; the message's own time, if the letter does not say */
    struct view reason, stage, error, first_failed_at;
    struct birthplace origin;
    bool has_origin;
    int64_t attempts;
    bool bare;   /* the value was left out */
    size_t size; /* of the value, also if it was left out */
    struct view sha256, spooled;
};

/* Connects.  Errors: STATUS_RETRY if no broker answered, STATUS_FATAL if the topic cannot be read. */
enum status dead_topic_open(const struct settings *settings, struct dead_topic **ret_topic, struct err *err);
void dead_topic_close(struct dead_topic *topic); /* NULL is fine */
const char *dead_topic_name(const struct dead_topic *topic);

/* From the beginning to the end as it is now. */
enum status dead_topic_begin(struct dead_topic *topic, struct err *err);

/* The offsets before until, in one partition; STATUS_RETRY as well if it has no leader. */
enum status dead_topic_begin_at(struct dead_topic *topic, int32_t partition, int64_t offset, int64_t until,
                                struct err *err);

/* STATUS_SKIP: that was all.  STATUS_RETRY: nothing came for half a minute. */
enum status dead_topic_next(struct dead_topic *topic, struct letter *ret_letter, struct err *err);

/* For a bar: how much there is to read since the last begin, and how much has been read. */
uint64_t dead_topic_size(const struct dead_topic *topic);
uint64_t dead_topic_read(const struct dead_topic *topic);

/* Has the topic such a partition, and if so how many?  Of any topic of the cluster, which is not created by the
 * question.  0: there is no such topic (or it cannot be seen). */
int dead_topic_partitions_of(struct dead_topic *topic, const char *name);

#endif
