#include "consumer/cli/sender.h"

#include "consumer/corridor/kafka.h"

/* Waiting is the caller's business (message.timeout.ms stays 0); a gap in the order is none. */
static enum status let_single_records_fail(rd_kafka_conf_t *conf, struct err *err)
{
    char text[200];

    if (rd_kafka_conf_set(conf, "enable.gapless.guarantee", "false", text, sizeof text) == RD_KAFKA_CONF_OK)
        return STATUS_OK;
    rd_kafka_conf_destroy(conf);
    return fail(err, STATUS_FATAL, "librdkafka: %s", text);
}

enum status sender_new(const struct settings *settings,
                       void (*on_report)(rd_kafka_t *client, const rd_kafka_message_t *message, void *opaque),
                       void *opaque, rd_kafka_t **ret_client, struct err *err)
{
    struct settings own = *settings; /* what it points to is shared */
    rd_kafka_conf_t *conf;

    own.delivery = DELIVERY_AT_LEAST_ONCE;
    if (settings_kafka(&own, CLIENT_PRODUCER, &conf, err) != STATUS_OK || let_single_records_fail(conf, err) != STATUS_OK)
        return STATUS_FATAL;
    kafka_conf_log(conf);
    rd_kafka_conf_set_dr_msg_cb(conf, on_report);
    rd_kafka_conf_set_opaque(conf, opaque);
    return kafka_client_new(RD_KAFKA_PRODUCER, conf, ret_client, err);
}
