#include "consumer/cli/mock.h"

#include "consumer/nearest.h"

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

enum { FAILURES_MAX = 1000 };

struct mock {
    rd_kafka_t *handle; /* never speaks; its threads carry the brokers */
    rd_kafka_mock_cluster_t *cluster;
    unsigned brokers;
};

/* The numbers of the protocol (kafka.apache.org/protocol, "API Keys") that the mock answers. */
static const struct {
    const char *name;
    int16_t key;
} apis[] = {
    {"Produce", 0},          {"Fetch", 1},           {"ListOffsets", 2},         {"Metadata", 3},
    {"OffsetCommit", 8},     {"OffsetFetch", 9},     {"FindCoordinator", 10},    {"JoinGroup", 11},
    {"Heartbeat", 12},       {"LeaveGroup", 13},     {"SyncGroup", 14},          {"ApiVersions", 18},
    {"InitProducerId", 22},  {"AddPartitionsToTxn", 24}, {"AddOffsetsToTxn", 25}, {"EndTxn", 26},
    {"TxnOffsetCommit", 28},
};

enum status mock_start(unsigned brokers, struct mock **ret_mock, struct err *err)
{
    struct mock *mock = calloc(1, sizeof *mock);
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    char text[256];

    if (mock == NULL)
        abort();
    rd_kafka_conf_set(conf, "client.id", "tocsin-broker", NULL, 0);
    rd_kafka_conf_set(conf, "log_level", "3", NULL, 0);
    mock->brokers = brokers;
    mock->handle = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof text);
    if (mock->handle == NULL) {
        rd_kafka_conf_destroy(conf);
        mock_stop(mock);
        return fail(err, STATUS_FATAL, "embedded broker: %s", text);
    }
    mock->cluster = rd_kafka_mock_cluster_new(mock->handle, (int)brokers);
    if (mock->cluster == NULL) {
        mock_stop(mock);
        return fail(err, STATUS_FATAL, "embedded broker: could not listen on 127.0.0.1");
    }
    *ret_mock = mock;
    return STATUS_OK;
}

void mock_stop(struct mock *mock)
{
    if (mock == NULL)
        return;
    if (mock->cluster != NULL)
        rd_kafka_mock_cluster_destroy(mock->cluster);
    if (mock->handle != NULL)
        rd_kafka_destroy(mock->handle);
    free(mock);
}

const char *mock_bootstraps(const struct mock *mock)
{
    return rd_kafka_mock_cluster_bootstraps(mock->cluster);
}

static enum status result(rd_kafka_resp_err_t error, const char *what, struct err *err)
{
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
        return fail(err, STATUS_REJECT, "%s: %s", what, rd_kafka_err2str(error));
    return STATUS_OK;
}

enum status mock_topic(struct mock *mock, const char *name, unsigned partitions, struct err *err)
{
    return result(rd_kafka_mock_topic_create(mock->cluster, name, (int)partitions, 1), name, err);
}

static enum status check_broker(const struct mock *mock, unsigned broker, struct err *err)
{
    if (broker < 1 || broker > mock->brokers)
        return fail(err, STATUS_REJECT, "there is no broker %u, they are 1 to %u", broker, mock->brokers);
    return STATUS_OK;
}

enum status mock_down(struct mock *mock, unsigned broker, struct err *err)
{
    if (check_broker(mock, broker, err) != STATUS_OK)
        return STATUS_REJECT;
    return result(rd_kafka_mock_broker_set_down(mock->cluster, (int32_t)broker), "down", err);
}

enum status mock_up(struct mock *mock, unsigned broker, struct err *err)
{
    if (check_broker(mock, broker, err) != STATUS_OK)
        return STATUS_REJECT;
    return result(rd_kafka_mock_broker_set_up(mock->cluster, (int32_t)broker), "up", err);
}

enum status mock_delay(struct mock *mock, unsigned broker, unsigned ms, struct err *err)
{
    if (check_broker(mock, broker, err) != STATUS_OK)
        return STATUS_REJECT;
    return result(rd_kafka_mock_broker_set_rtt(mock->cluster, (int32_t)broker, (int)ms), "rtt", err);
}

static enum status find_api(const char *name, int16_t *ret_key, struct err *err)
{
    struct nearest nearest = nearest_to(name);
    char hint[NEAREST_HINT_MAX], *end;
    long number = strtol(name, &end, 10);

    if (end != name && *end == '\0' && number >= 0 && number < 1000) {
        *ret_key = (int16_t)number;
        return STATUS_OK;
    }
    for (size_t i = 0; i < sizeof apis / sizeof *apis; i++) {
        if (strcasecmp(apis[i].name, name) == 0) {
            *ret_key = apis[i].key;
            return STATUS_OK;
        }
        nearest_try(&nearest, apis[i].name);
    }
    return fail(err, STATUS_REJECT, "there is no API \"%s\"%s", name, nearest_hint(&nearest, hint));
}

static enum status find_error(const char *name, rd_kafka_resp_err_t *ret_error, struct err *err)
{
    struct nearest nearest = nearest_to(name);
    const struct rd_kafka_err_desc *descriptions;
    char hint[NEAREST_HINT_MAX], *end;
    long number = strtol(name, &end, 10);
    size_t n;

    if (end != name && *end == '\0' && number > -1000 && number < 1000) {
        *ret_error = (rd_kafka_resp_err_t)number;
        return STATUS_OK;
    }
    rd_kafka_get_err_descs(&descriptions, &n);
    for (size_t i = 0; i < n; i++) {
        if (descriptions[i].name == NULL)
            continue;
        if (strcasecmp(descriptions[i].name, name) == 0) {
            *ret_error = descriptions[i].code;
            return STATUS_OK;
        }
        nearest_try(&nearest, descriptions[i].name);
    }
    return fail(err, STATUS_REJECT, "there is no error \"%s\"%s", name, nearest_hint(&nearest, hint));
}

enum status mock_fail(struct mock *mock, const char *api, const char *error, unsigned count, struct err *err)
{
    rd_kafka_resp_err_t errors[FAILURES_MAX], code = RD_KAFKA_RESP_ERR_NO_ERROR;
    int16_t key = 0;

    if (find_api(api, &key, err) != STATUS_OK || find_error(error, &code, err) != STATUS_OK)
        return STATUS_REJECT;
    if (count < 1 || count > FAILURES_MAX)
        return fail(err, STATUS_REJECT, "count is %u, expected 1 to %d", count, FAILURES_MAX);
    for (unsigned i = 0; i < count; i++)
        errors[i] = code;
    rd_kafka_mock_push_request_errors_array(mock->cluster, key, count, errors);
    return STATUS_OK;
}
