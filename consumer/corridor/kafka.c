#include "consumer/corridor/kafka.h"

#include "consumer/clock.h"
#include "consumer/log.h"
#include "consumer/metrics.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* syslog's levels, as librdkafka uses them. */
static enum log_level level_of(int level)
{
    return level <= 3 ? LOG_ERROR : level <= 4 ? LOG_WARN : level <= 6 ? LOG_INFO : LOG_DEBUG;
}

/* ---- why a connection fails ------------------------------------------------------------------------------------- */

enum { REFUSAL_FRESH_MS = 15000, SCRAM_IS_RIGHT = 0x020601ff };

/* A wrong password or certificate looks like a broker that does not answer; only librdkafka's log tells. */
static pthread_mutex_t refusal_lock = PTHREAD_MUTEX_INITIALIZER; /* guards the next two */
static char refusal[240];
static int64_t refusal_ms;

static void remember_refusal(const char *text)
{
    const char *thread = strncmp(text, "[thrd:", 6) == 0 ? strstr(text, "]: ") : NULL;

    pthread_mutex_lock(&refusal_lock);
    snprintf(refusal, sizeof refusal, "%s", thread == NULL ? text : thread + 3);
    refusal_ms = clock_steady_ms();
    pthread_mutex_unlock(&refusal_lock);
}

const char *kafka_refusal(char text[KAFKA_REFUSAL_MAX])
{
    bool is_known;

    text[0] = '\0';
    pthread_mutex_lock(&refusal_lock);
    is_known = refusal[0] != '\0' && clock_steady_ms() - refusal_ms < REFUSAL_FRESH_MS;
    /* Kafka 4 compares the nonce as the standard wants, and librdkafka sent another until 2.6.1 (its change 4895). */
    if (is_known)
        snprintf(text, KAFKA_REFUSAL_MAX, ": %s%s", refusal,
                 rd_kafka_version() < SCRAM_IS_RIGHT && strstr(refusal, "SCRAM") != NULL
                     ? "; if the password is right: SCRAM with Kafka 4 needs librdkafka 2.6.1, or use PLAIN over TLS"
                     : "");
    pthread_mutex_unlock(&refusal_lock);
    return text;
}

/* ---- clients ---------------------------------------------------------------------------------------------------- */

static void on_log(const rd_kafka_t *client, int level, const char *facility, const char *text)
{
    (void)client;
    if (strcmp(facility, "CONFWARN") == 0 && strstr(text, "enable.gapless.guarantee") != NULL)
        return; /* called experimental since 2018; what follows from it is handled, and tested */
    /* A broker out of reach is the library's business, and it tries again by itself: warn, never error. */
    enum log_level ours = level_of(level) == LOG_ERROR ? LOG_WARN : level_of(level);

    if (strcmp(facility, "FAIL") == 0)
        remember_refusal(text);
    /* Retention was faster than we: records are lost that nobody read.  Each such line is written. */
    if (strcmp(facility, "OFFSET") == 0 && strstr(text, "offset reset") != NULL &&
        strstr(text, "No offset stored") == NULL && level_of(level) != LOG_DEBUG) {
        metric_add(METRIC_OFFSETS_RESET, 1);
        log_event(NULL, LOG_WARN, "offset_reset", "text=%s", LOG_QUOTE(text));
        return;
    }
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

static void on_throttle(rd_kafka_t *client, const char *broker, int32_t broker_id, int throttle_ms, void *opaque)
{
    (void)client, (void)broker, (void)broker_id, (void)opaque;
    metric_add(METRIC_THROTTLED, throttle_ms > 0 ? (uint64_t)throttle_ms : 0);
}

void kafka_conf_log(rd_kafka_conf_t *conf)
{
    rd_kafka_conf_set_throttle_cb(conf, on_throttle);
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
    char refusal_text[KAFKA_REFUSAL_MAX];

    switch (error) {
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
        return fail(err, STATUS_FATAL, "topic '%s' does not exist, and the broker does not create it", name);
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
        return fail(err, STATUS_FATAL, "topic '%s': not allowed to this user", name);
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
        return fail(err, STATUS_RETRY, "no Kafka broker answered (looking for topic '%s')%s", name,
                    kafka_refusal(refusal_text));
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

static size_t limit_in(rd_kafka_event_t *event)
{
    const rd_kafka_DescribeConfigs_result_t *result = rd_kafka_event_DescribeConfigs_result(event);
    const rd_kafka_ConfigResource_t **resources;
    const rd_kafka_ConfigEntry_t **entries;
    size_t n_resources = 0, n_entries = 0;

    if (rd_kafka_event_error(event) != RD_KAFKA_RESP_ERR_NO_ERROR || result == NULL)
        return 0;
    resources = rd_kafka_DescribeConfigs_result_resources(result, &n_resources);
    if (n_resources != 1 || rd_kafka_ConfigResource_error(resources[0]) != RD_KAFKA_RESP_ERR_NO_ERROR)
        return 0;
    entries = rd_kafka_ConfigResource_configs(resources[0], &n_entries);
    for (size_t i = 0; i < n_entries; i++)
        if (strcmp(rd_kafka_ConfigEntry_name(entries[i]), "max.message.bytes") == 0 &&
            rd_kafka_ConfigEntry_value(entries[i]) != NULL)
            return (size_t)strtoull(rd_kafka_ConfigEntry_value(entries[i]), NULL, 10);
    return 0;
}

size_t kafka_topic_limit(rd_kafka_t *client, const char *name, int timeout_ms)
{
    rd_kafka_ConfigResource_t *resource = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, name);
    rd_kafka_AdminOptions_t *options = rd_kafka_AdminOptions_new(client, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS);
    rd_kafka_queue_t *queue = rd_kafka_queue_new(client);
    rd_kafka_event_t *event;
    size_t limit = 0;
    char text[200];

    rd_kafka_AdminOptions_set_request_timeout(options, timeout_ms, text, sizeof text);
    rd_kafka_DescribeConfigs(client, &resource, 1, options, queue);
    event = rd_kafka_queue_poll(queue, timeout_ms + 1000);
    if (event != NULL) {
        limit = limit_in(event);
        rd_kafka_event_destroy(event);
    }
    rd_kafka_queue_destroy(queue);
    rd_kafka_AdminOptions_destroy(options);
    rd_kafka_ConfigResource_destroy(resource);
    return limit;
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
    case RD_KAFKA_RESP_ERR_NO_ERROR:
    case RD_KAFKA_RESP_ERR__PURGE_QUEUE:
    case RD_KAFKA_RESP_ERR__PURGE_INFLIGHT:
    case RD_KAFKA_RESP_ERR__FATAL:            /* these three follow another error, which has a record of its own */
    case RD_KAFKA_RESP_ERR__GAPLESS_GUARANTEE:
    case RD_KAFKA_RESP_ERR__STATE:
    case RD_KAFKA_RESP_ERR__FENCED:
    case RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER:
    case RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID:
    case RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH:
        return SEND_AGAIN;
    default:
        return SEND_LATER;
    }
}
