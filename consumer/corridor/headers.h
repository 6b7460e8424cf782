/*
 * headers: what a record carries besides key and value.
 *
 * An enriched article and a forwarded tombstone carry the headers as they came.  A dead letter carries them too, and
 * more that say why, where from and how often.  The names are those of Kafka Connect, so that tools made for it can
 * read them; numbers are decimal.
 *
 *     __connect.errors.topic, .partition, .offset    where it came from
 *     __connect.errors.connector.name, .task.id      group.id and instance
 *     __connect.errors.stage                         the room or door that gave up
 *     __connect.errors.exception.class.name          tocsin.REASON
 *     __connect.errors.exception.message             the whole text
 *     tocsin.dead.reason                             undecodable, invalid, oversized, undeliverable
 *     tocsin.dead.attempts                           1, or one more than the message had when it came back
 *     tocsin.dead.first_failed_at                    RFC 3339; kept when it came back
 *     tocsin.dead.size, tocsin.dead.sha256           only if the value is left out: too large for the topic
 *     tocsin.dead.spooled                            the file that holds it then, if dead.spool_dir is set
 *
 * Thread-safety: pure.
 */
#ifndef CONSUMER_CORRIDOR_HEADERS_H
#define CONSUMER_CORRIDOR_HEADERS_H

#include "consumer/corridor/batch.h"
#include "consumer/corridor/deadletter.h"
#include "consumer/settings/settings.h"

/* NULL if the message has none.  Of several traceparents the first is kept: a record is in one trace. */
rd_kafka_headers_t *headers_of_message(const struct message *message);

/* remains: NULL, or what is known of a value that is left out. */
rd_kafka_headers_t *headers_of_dead(const struct settings *settings, const struct slot *slot,
                                    const struct remains *remains);

#endif
