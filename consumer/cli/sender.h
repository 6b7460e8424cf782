/*
 * sender: the producer of the verbs that send something by themselves (`feed`, `dead replay`).
 *
 * Idempotent, acks all, as that of the stream; but in no transaction, whatever delivery says, because it must not take
 * the name of a stream that runs; and a record that is refused ends nothing but itself.
 */
#ifndef CONSUMER_CLI_SENDER_H
#define CONSUMER_CLI_SENDER_H

#include "consumer/settings/settings.h"

/* on_report is called by rd_kafka_poll(), with opaque.  Errors: STATUS_FATAL. */
enum status sender_new(const struct settings *settings,
                       void (*on_report)(rd_kafka_t *client, const rd_kafka_message_t *message, void *opaque),
                       void *opaque, rd_kafka_t **ret_client, struct err *err);

#endif
