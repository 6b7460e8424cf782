/*
 * stretch: a part of a topic that is read once, from here to there in each partition, without a group.
 *
 *     stretch_open(consumer, topic, from_ms, until_ms, …)   asks the brokers where it begins and ends
 *     rd_kafka_assign(consumer, stretch_partitions(stretch))
 *     while (!stretch_is_over(stretch))
 *         message = rd_kafka_consumer_poll(…);
 *         if (stretch_hear(stretch, message)) …              it belongs to the stretch
 *
 * It begins in each partition at the first record that is not older than from_ms, and ends before the first one that is
 * not older than until_ms, or at the end as it was when the stretch was opened.  The brokers' index of times says where
 * that is.  A broker that keeps no such index (the embedded one) is read from the beginning to the end, and each record
 * is judged by its own timestamp.
 *
 * The consumer must report the ends of partitions (enable.partition.eof): behind the last record of a stretch there may
 * be marks of transactions, which no client ever sees.
 *
 * No group is joined, no offset stored.  Thread-safety: one thread.
 */
#ifndef CONSUMER_CORRIDOR_STRETCH_H
#define CONSUMER_CORRIDOR_STRETCH_H

#include "processors/status.h"

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stdint.h>

struct stretch;

/* What is asked for. */
struct span {
    int64_t from_ms, until_ms;
};

/* from_ms, until_ms: Unix epoch; STRETCH_ALL: from the beginning, to the end.
 * Errors: STATUS_RETRY if no broker answered in time, STATUS_FATAL if the topic cannot be read. */
#define STRETCH_ALL INT64_MIN
enum status stretch_open(rd_kafka_t *consumer, const char *topic, int64_t from_ms, int64_t until_ms,
                         int64_t timeout_ms, struct stretch **ret_stretch, struct err *err);

/* From offset to the one before until, in one partition. */
struct stretch *stretch_of_offsets(rd_kafka_t *consumer, const char *topic, int32_t partition, int64_t offset,
                                   int64_t until);

/* While the consumer is there, and before the next assignment: it resumes what was paused.  NULL is fine. */
void stretch_free(struct stretch *stretch);

/* Those in which there is something to read, each with its first offset; owned by the stretch. */
const rd_kafka_topic_partition_list_t *stretch_partitions(const struct stretch *stretch);

/* Takes note of a message or of an error that a poll brought.  True: a record of the stretch.  Partitions that are
 * through are paused, so that they bring no more. */
bool stretch_hear(struct stretch *stretch, const rd_kafka_message_t *message);

/* Has every partition been read to the end of the stretch? */
bool stretch_is_over(const struct stretch *stretch);

/* A line in the log now and then: how far it is, how fast, how long it will take. */
void stretch_log_progress(struct stretch *stretch);

/* For a bar: offsets from the beginnings to the ends, and how many of them lie behind us.  Not every offset is a
 * record. */
uint64_t stretch_size(const struct stretch *stretch);
uint64_t stretch_read(const struct stretch *stretch);

#endif
