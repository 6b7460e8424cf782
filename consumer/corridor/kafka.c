#include "consumer/corridor/kafka.h"

#include "consumer/clock.h"
#include "consumer/log.h"

#include <stdio.h>
#include <unistd.h>

/* syslog's levels, as librdkafka uses them. */
static enum log_level level_of(int level)
{
    return level <= 3 ? LOG_ERROR : level <= 4 ? LOG_WARN : level <= 6 ? LOG_INFO : LOG_DEBUG;
}

static void on_log(const rd_kafka_t *client, int level, const char *facility, const char *text)
{
    (void)client;
    /* A broker out of reach is the library's business, and it tries again by itself: warn, never error. */
    enum log_level ours = level_of(level) == LOG_ERROR ? LOG_WARN : level_of(level);

    LOG(ours, "kafka", "facility=%s text=%s", facility, LOG_QUOTE(text));
}

static void on_error(rd_kafka_t *client, int error, const char *text, void *opaque)
{
    (void)opaque;
    if (error == RD_KAFKA_RESP_ERR__FATAL)
        return; /* asked for, and told, where it stops us */
    LOG(LOG_WARN, "kafka", "client=%s error=%s text=%s", rd_kafka_name(client),
        rd_kafka_err2name((rd_kafka_resp_err_t)error), LOG_QUOTE(text));
}

void kafka_conf_log(rd_kafka_conf_t *conf)
{
    rd_kafka_conf_set_log_cb(conf, on_log);
    rd_kafka_conf_set_error_cb(conf, on_error);
}

enum status kafka_client_new(rd_kafka_type_t type, rd_kafka_conf_t *conf, rd_kafka_t **ret_client, struct err *err)
{
    char text[300];
    rd_kafka_t *client = rd_kafka_new(type, conf, text, sizeof text);

    if (client == NULL) {
        rd_kafka_conf_destroy(conf); /* still ours when it was refused */
        return fail(err, STATUS_FATAL, "librdkafka: %s", text);
    }
    *ret_client = client;
    return STATUS_OK;
}

static enum status topic_problem(const char *name, rd_kafka_resp_err_t error, struct err *err)
{
    switch (error) {
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
        return fail(err, STATUS_FATAL, "topic '%s' does not exist, and the broker does not create it", name);
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
        return fail(err, STATUS_FATAL, "topic '%s': not allowed to this user", name);
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
        return fail(err, STATUS_RETRY, "no Kafka broker answered (looking for topic '%s')", name);
    default:
        return fail(err, STATUS_FATAL, "topic '%s': %s", name, rd_kafka_err2str(error));
    }
}

static bool is_worth_waiting(rd_kafka_resp_err_t error)
{
    switch (error) {
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART: /* being created */
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
        return true;
    default:
        return false;
    }
}

static rd_kafka_resp_err_t ask_for(rd_kafka_t *client, rd_kafka_topic_t *topic, int timeout_ms)
{
    const struct rd_kafka_metadata *metadata = NULL;
    rd_kafka_resp_err_t error = rd_kafka_metadata(client, 0, topic, &metadata, timeout_ms);

    if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
        return error;
    error = metadata->topic_cnt == 1 ? metadata->topics[0].err : RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC;
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR && metadata->topics[0].partition_cnt == 0)
        error = RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE;
    rd_kafka_metadata_destroy(metadata);
    return error;
}

enum status kafka_topic_open(rd_kafka_t *client, const char *name, int64_t timeout_ms, rd_kafka_topic_t **ret_topic,
                             struct err *err)
{
    rd_kafka_topic_t *topic = rd_kafka_topic_new(client, name, NULL);
    int64_t deadline = clock_steady_ms() + timeout_ms;
    rd_kafka_resp_err_t error;

    if (topic == NULL)
        return fail(err, STATUS_FATAL, "topic '%s': %s", name, rd_kafka_err2str(rd_kafka_last_error()));
    while ((error = ask_for(client, topic, 1000)) != RD_KAFKA_RESP_ERR_NO_ERROR) {
        if (!is_worth_waiting(error) || clock_steady_ms() >= deadline) {
            rd_kafka_topic_destroy(topic);
            return topic_problem(name, error, err);
        }
        usleep(100000); /* not rd_kafka_poll(): a consumer may not */
    }
    *ret_topic = topic;
    return STATUS_OK;
}

enum send_failure kafka_send_failure(rd_kafka_resp_err_t error)
{
    switch (error) {
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
    case RD_KAFKA_RESP_ERR_INVALID_MSG:
    case RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP:
    case RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
        return SEND_ALONE;
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
    case RD_KAFKA_RESP_ERR_INVALID_REQUIRED_ACKS:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_FOR_MESSAGE_FORMAT:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_COMPRESSION_TYPE:
    case RD_KAFKA_RESP_ERR_SECURITY_DISABLED:
    case RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE:
    case RD_KAFKA_RESP_ERR__INVALID_ARG:
    case RD_KAFKA_RESP_ERR__FATAL:
    case RD_KAFKA_RESP_ERR__FENCED:
        return SEND_NEVER;
    default:
        return SEND_AGAIN;
    }
}
