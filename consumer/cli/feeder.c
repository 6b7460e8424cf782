#include "consumer/cli/feeder.h"

#include "consumer/cli/sender.h"
#include "consumer/clock.h"
#include "consumer/corridor/kafka.h"
#include "consumer/log.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>

struct feeder {
    rd_kafka_t *client;
    rd_kafka_topic_t *topic;
    struct feeder_counts counts;
};

static void on_delivery(rd_kafka_t *client, const rd_kafka_message_t *message, void *opaque)
{
    struct feeder *feeder = opaque;

    (void)client;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        feeder->counts.delivered++;
        return;
    }
    feeder->counts.failed++;
    LOG(LOG_WARN, "undelivered", "bytes=%zu error=%s", message->len, LOG_QUOTE(rd_kafka_err2str(message->err)));
}

enum status feeder_open(const struct settings *settings, int64_t timeout_ms, struct feeder **ret_feeder,
                        struct err *err)
{
    struct feeder *feeder = calloc(1, sizeof *feeder);
    enum status status;

    if (feeder == NULL)
        abort();
    status = sender_new(settings, on_delivery, feeder, &feeder->client, err);
    if (status == STATUS_OK)
        status = kafka_topic_open(feeder->client, settings->input_topic, timeout_ms, &feeder->topic, err);
    if (status != STATUS_OK) {
        feeder_close(feeder);
        return status;
    }
    *ret_feeder = feeder;
    return STATUS_OK;
}

void feeder_close(struct feeder *feeder)
{
    if (feeder == NULL)
        return;
    if (feeder->client != NULL) {
        /* Without this, destroying would wait for what a lost broker never takes. */
        rd_kafka_purge(feeder->client, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
        rd_kafka_poll(feeder->client, 0);
    }
    if (feeder->topic != NULL)
        rd_kafka_topic_destroy(feeder->topic);
    if (feeder->client != NULL)
        rd_kafka_destroy(feeder->client);
    free(feeder);
}

/* What tells this article from others. */
static const char *name_of(json_t *article)
{
    const char *name = json_string_value(json_object_get(article, "id"));

    return name != NULL ? name : json_string_value(json_object_get(article, "url"));
}

/* A new article made of an old one. */
static void renew(json_t *article, uint64_t round)
{
    const char *name = name_of(article);
    time_t now = time(NULL);
    struct tm utc;
    char text[32];

    if (name != NULL)
        json_object_set_new(article, "id", json_sprintf("%s-%" PRIu64, name, round));
    gmtime_r(&now, &utc);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
    if (json_object_get(article, "published_at") != NULL)
        json_object_set_new(article, "published_at", json_stringn(text, strlen(text)));
}

static enum status produce(struct feeder *feeder, struct view key, struct view value, struct err *err)
{
    if (rd_kafka_produce(feeder->topic, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, (void *)(uintptr_t)value.data,
                         value.size, key.data, key.size, NULL) == 0) {
        feeder->counts.sent++;
        return STATUS_OK;
    }
    if (rd_kafka_last_error() == RD_KAFKA_RESP_ERR__QUEUE_FULL)
        return fail(err, STATUS_RETRY, "the queue is full");
    feeder->counts.sent++;
    feeder->counts.failed++;
    LOG(LOG_WARN, "undelivered", "bytes=%zu error=%s", value.size, LOG_QUOTE(rd_kafka_err2str(rd_kafka_last_error())));
    return fail(err, STATUS_REJECT, "%s", rd_kafka_err2str(rd_kafka_last_error()));
}

enum status feeder_send(struct feeder *feeder, struct view line, uint64_t round, struct err *err)
{
    json_t *article = json_loadb(line.data, line.size, 0, NULL);
    struct view key = VIEW_NONE, value = line;
    char *renewed = NULL;
    enum status status;

    if (json_is_object(article)) {
        const char *name;

        if (round > 0) {
            renew(article, round);
            renewed = json_dumps(article, JSON_COMPACT);
            value = renewed == NULL ? line : view_of(renewed);
        }
        name = name_of(article);
        if (name != NULL)
            key = view_of(name);
    }
    status = produce(feeder, key, value, err);
    free(renewed);
    json_decref(article);
    return status;
}

void feeder_serve(struct feeder *feeder, int timeout_ms)
{
    rd_kafka_poll(feeder->client, timeout_ms);
}

struct feeder_counts feeder_counts(const struct feeder *feeder)
{
    return feeder->counts;
}

enum status feeder_flush(struct feeder *feeder, int64_t patience_ms, struct err *err)
{
    int64_t deadline = clock_steady_ms() + patience_ms;
    uint64_t done = feeder->counts.delivered + feeder->counts.failed;

   
    while (done < feeder->counts.sent) {
        rd_kafka_flush(feeder->client, 100);
        if (feeder->counts.delivered + feeder->counts.failed != done)
            deadline = clock_steady_ms() + patience_ms;
        else if (clock_steady_ms() >= deadline)
            return fail(err, STATUS_RETRY,
                        "%" PRIu64 " messages were not delivered: no broker took them for %" PRId64 " s",
                        feeder->counts.sent - done, patience_ms / 1000);
        done = feeder->counts.delivered + feeder->counts.failed;
    }
    return STATUS_OK;
}
