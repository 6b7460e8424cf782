/*
 * kafka: the two clients, and what their errors mean.
 *
 * Thread-safety: as librdkafka's handles: any thread may call; callbacks run on the thread that polls.
 */
#ifndef CONSUMER_CORRIDOR_KAFKA_H
#define CONSUMER_CORRIDOR_KAFKA_H

#include "consumer/settings/settings.h"

#include <librdkafka/rdkafka.h>

/* Takes over conf (made by settings_kafka(), callbacks set) also on failure.  Errors: STATUS_FATAL. */
enum status kafka_client_new(rd_kafka_type_t type, rd_kafka_conf_t *conf, rd_kafka_t **ret_client, struct err *err);

/* Log and error callbacks that write to our log, and one that counts how long brokers want us to wait. */
void kafka_conf_log(rd_kafka_conf_t *conf);

enum { KAFKA_REFUSAL_MAX = 400 };

/* Why the brokers cannot be talked to, as far as librdkafka said in the last seconds: text is ": REASON", or "" when
 * nothing is known.  For the error that follows from it. */
const char *kafka_refusal(char text[KAFKA_REFUSAL_MAX]);

/* Asks for the topic's metadata until it is there: the first record to a topic that the client does not know waits for
 * up to a second.  Errors: STATUS_RETRY if no broker answered in time, STATUS_FATAL if the topic cannot be used. */
enum status kafka_topic_open(rd_kafka_t *client, const char *name, int64_t timeout_ms, rd_kafka_topic_t **ret_topic,
                             struct err *err);

/* The largest record that the topic takes (its max.message.bytes), as the brokers say; 0 if they do not. */
size_t kafka_topic_limit(rd_kafka_t *client, const char *name, int timeout_ms);

/* What to do about a record that was not delivered. */
enum send_failure {
    SEND_AGAIN, /* nothing was wrong with it */
    SEND_ALONE, /* a broker refuses the whole request for the sake of one record: find out which */
    SEND_LATER, /* neither this record nor any other of its topic, until somebody changes something */
};
enum send_failure kafka_send_failure(rd_kafka_resp_err_t error);

#endif
