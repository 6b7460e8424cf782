/*
 * headers: what a record carries besides key and value.
 *
 * An enriched article and a forwarded tombstone carry the headers as they came.  A dead letter carries them too, and
 * more that say why, where from and how often.  The names are those of Kafka Connect, so that tools made for it can
 * read them; numbers are decimal.
 *
 *     __connect.errors.topic, .partition, .offset    where it first came from
 *     __connect.errors.connector.name, .task.id      group.id and instance
 *     __connect.errors.stage                         the room or door that gave up
 *     __connect.errors.exception.class.name          tocsin.REASON
 *     __connect.errors.exception.message             the whole text
 *     tocsin.dead.reason                             undecodable, invalid, oversized, undeliverable
 *     tocsin.dead.attempts                           1, or one more than the message had when it came back
 *     tocsin.dead.failed_at                          RFC 3339, this time
 *     tocsin.dead.first_failed_at                    RFC 3339; kept when it came back
 *     tocsin.dead.size, tocsin.dead.sha256           only if the value is left out: too large for the topic
 *     tocsin.dead.spooled                            the file that holds it then, if dead.spool_dir is set
 *
 * A letter that is sent back to its input topic comes back with these headers, or with the few that
 * headers_of_returning() keeps: then it is still the message that it was.  Its id is made of where it first came from, a
 * second death names that place again and counts on, and what is published of it carries none of them.
 *
 *     tocsin.dead.replayed                           not on a letter: the only header of the note (without key and
 *                                                    value, in the letter's partition) that the letter at this offset
 *                                                    was sent back
 *
 * Thread-safety: pure.
 */
#ifndef CONSUMER_CORRIDOR_HEADERS_H
#define CONSUMER_CORRIDOR_HEADERS_H

#include "consumer/corridor/batch.h"
#include "consumer/corridor/deadletter.h"
#include "consumer/settings/settings.h"

#define HEADER_TOPIC "__connect.errors.topic"
#define HEADER_PARTITION "__connect.errors.partition"
#define HEADER_OFFSET "__connect.errors.offset"
#define HEADER_STAGE "__connect.errors.stage"
#define HEADER_ERROR "__connect.errors.exception.message"
#define HEADER_REASON "tocsin.dead.reason"
#define HEADER_ATTEMPTS "tocsin.dead.attempts"
#define HEADER_FAILED_AT "tocsin.dead.failed_at"
#define HEADER_FIRST_FAILED_AT "tocsin.dead.first_failed_at"
#define HEADER_SIZE "tocsin.dead.size"
#define HEADER_SHA256 "tocsin.dead.sha256"
#define HEADER_SPOOLED "tocsin.dead.spooled"
#define HEADER_REPLAYED "tocsin.dead.replayed"

#define HEADER_REPLAYED "tocsin.dead.replayed"

/* The first header of this name; absent if there is none. */
struct view headers_find(const struct header *headers, size_t n, const char *name);

/* A whole number from 0 to max, in decimal; -1: it is none. */
int64_t headers_number(struct view text, int64_t max);

/* Where a message first came from, if its headers say that it is a letter that came back. */
struct birthplace {
    struct view topic; /* a valid name: it becomes part of an id and of a file's name */
    int32_t partition;
    int64_t offset;
};
bool headers_birthplace(const struct header *headers, size_t n, struct birthplace *ret);

/* NULL if none are left.  Of several traceparents the first is kept: a record is in one trace. */
rd_kafka_headers_t *headers_of_message(const struct message *message);

/* remains: NULL, or what is known of a value that is left out. */
rd_kafka_headers_t *headers_of_dead(const struct settings *settings, const struct slot *slot,
                                    const struct remains *remains);

/* Those of a letter that is sent back: its own, as they came, and of ours where it came from, its attempts and when it
 * first failed. */
rd_kafka_headers_t *headers_of_returning(const rd_kafka_headers_t *letter);

#endif
