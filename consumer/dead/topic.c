#include "consumer/dead/topic.h"

#include "consumer/clock.h"
#include "consumer/corridor/kafka.h"
#include "consumer/corridor/stretch.h"
#include "consumer/log.h"
#include "processors/dates.h"

#include <stdlib.h>
#include <string.h>

enum { CONNECT_MS = 10000, PATIENCE_MS = 30000, POLL_MS = 100, CLOSE_MS = 1000 };

struct dead_topic {
    const struct settings *settings;
    rd_kafka_t *consumer;
    struct stretch *stretch;
    rd_kafka_message_t *message; /* the one that the last letter points into */
    struct header *headers;
    size_t max_headers;
    struct zone *zone;
};

/* ---- opening ----------------------------------------------------------------------------------------------------- */

/* The group's name is only lent: nobody subscribes, so nobody joins.  The prefetch is larger than a stream's, because
 * librdkafka rests for a second whenever it is full. */
static enum status make_consumer(struct dead_topic *topic, struct err *err)
{
    static const char *const own[][2] = {
        {"enable.auto.commit", "false"},       {"enable.partition.eof", "true"},
        {"auto.offset.reset", "earliest"},     {"queued.min.messages", "1000000"},
        {"queued.max.messages.kbytes", "131072"}};
    rd_kafka_conf_t *conf;
    char text[200];

    if (settings_kafka(topic->settings, CLIENT_CONSUMER, &conf, err) != STATUS_OK)
        return STATUS_FATAL;
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        if (rd_kafka_conf_set(conf, own[i][0], own[i][1], text, sizeof text) != RD_KAFKA_CONF_OK) {
            rd_kafka_conf_destroy(conf);
            return fail(err, STATUS_FATAL, "librdkafka: %s", text);
        }
    }
    kafka_conf_log(conf);
    if (kafka_client_new(RD_KAFKA_CONSUMER, conf, &topic->consumer, err) != STATUS_OK)
        return STATUS_FATAL;
    rd_kafka_poll_set_consumer(topic->consumer);
    return STATUS_OK;
}

enum status dead_topic_open(const struct settings *settings, struct dead_topic **ret_topic, struct err *err)
{
    struct dead_topic *topic = calloc(1, sizeof *topic);

    if (topic == NULL)
        abort();
    topic->settings = settings;
    if (zone_open(NULL, &topic->zone, err) != STATUS_OK || make_consumer(topic, err) != STATUS_OK) {
        dead_topic_close(topic);
        return STATUS_FATAL;
    }
    *ret_topic = topic;
    return STATUS_OK;
}

static void forget_message(struct dead_topic *topic)
{
    if (topic->message != NULL)
        rd_kafka_message_destroy(topic->message);
    topic->message = NULL;
}

/* Resuming gives records of the old stretch again: nothing is assigned until the new one is. */
static void forget_stretch(struct dead_topic *topic)
{
    forget_message(topic);
    if (topic->stretch != NULL)
        rd_kafka_assign(topic->consumer, NULL);
    stretch_free(topic->stretch);
    topic->stretch = NULL;
}

void dead_topic_close(struct dead_topic *topic)
{
    if (topic == NULL)
        return;
    forget_stretch(topic);
    if (topic->consumer != NULL) {
        rd_kafka_consumer_close(topic->consumer);
        rd_kafka_destroy(topic->consumer);
    }
    zone_close(topic->zone);
    free(topic->headers);
    free(topic);
}

const char *dead_topic_name(const struct dead_topic *topic)
{
    return topic->settings->dead_topic;
}

int dead_topic_partitions_of(struct dead_topic *topic, const char *name)
{
    const struct rd_kafka_metadata *metadata;
    rd_kafka_topic_t *asked = rd_kafka_topic_new(topic->consumer, name, NULL);
    int n = 0;

    if (asked == NULL)
        return 0;
    if (rd_kafka_metadata(topic->consumer, 0, asked, &metadata, CONNECT_MS) == RD_KAFKA_RESP_ERR_NO_ERROR) {
        n = metadata->topic_cnt == 1 ? metadata->topics[0].partition_cnt : 0;
        rd_kafka_metadata_destroy(metadata);
    }
    rd_kafka_topic_destroy(asked);
    return n;
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

static enum status assign(struct dead_topic *topic, struct err *err)
{
    rd_kafka_resp_err_t error = rd_kafka_assign(topic->consumer, stretch_partitions(topic->stretch));

    if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
        return fail(err, STATUS_FATAL, "topic '%s': %s", dead_topic_name(topic), rd_kafka_err2str(error));
    return STATUS_OK;
}

enum status dead_topic_begin(struct dead_topic *topic, struct err *err)
{
    enum status status;

    forget_stretch(topic);
    status = stretch_open(topic->consumer, dead_topic_name(topic), STRETCH_ALL, STRETCH_ALL, CONNECT_MS,
                          &topic->stretch, err);
    return status == STATUS_OK ? assign(topic, err) : status;
}

enum status dead_topic_begin_at(struct dead_topic *topic, int32_t partition, int64_t offset, int64_t until,
                                struct err *err)
{
    int64_t low = 0, high = 0;
    rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;

    forget_stretch(topic);
    /* A partition that is not there has nothing to read, and neither have offsets outside of it. */
    if (partition < dead_topic_partitions_of(topic, dead_topic_name(topic)))
        error = rd_kafka_query_watermark_offsets(topic->consumer, dead_topic_name(topic), partition, &low, &high,
                                                 CONNECT_MS);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
        return fail(err, STATUS_RETRY, "topic '%s': partition %d: %s", dead_topic_name(topic), partition,
                    rd_kafka_err2str(error));
    topic->stretch = stretch_of_offsets(topic->consumer, dead_topic_name(topic), partition, offset > low ? offset : low,
                                        until < high ? until : high);
    return assign(topic, err);
}

static void take_headers(struct dead_topic *topic, struct letter *letter)
{
    rd_kafka_headers_t *headers;
    size_t n;

    if (rd_kafka_message_headers(topic->message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR)
        return;
    n = rd_kafka_header_cnt(headers);
    if (n > topic->max_headers) {
        topic->headers = realloc(topic->headers, n * sizeof *topic->headers);
        if (topic->headers == NULL)
            abort();
        topic->max_headers = n;
    }
    for (size_t i = 0; i < n; i++) {
        const char *name;
        const void *value;
        size_t size;

        rd_kafka_header_get_all(headers, i, &name, &value, &size);
        topic->headers[i] = (struct header){view_of(name), {value, size}};
    }
    letter->kafka_headers = headers;
    letter->headers = topic->headers;
    letter->n_headers = n;
}

static int64_t number_of(const struct letter *letter, const char *name, int64_t otherwise)
{
    struct view text = headers_find(letter->headers, letter->n_headers, name);
    int64_t number = headers_number(text, INT64_MAX);

    return number >= 0 ? number : otherwise;
}

static void understand(struct dead_topic *topic, struct letter *letter)
{
    const struct header *headers = letter->headers;
    size_t n = letter->n_headers;
    struct view failed_at = headers_find(headers, n, HEADER_FAILED_AT);

    letter->reason = headers_find(headers, n, HEADER_REASON);
    letter->stage = headers_find(headers, n, HEADER_STAGE);
    letter->error = headers_find(headers, n, HEADER_ERROR);
    letter->first_failed_at = headers_find(headers, n, HEADER_FIRST_FAILED_AT);
    letter->has_origin = headers_birthplace(headers, n, &letter->origin);
    letter->attempts = number_of(letter, HEADER_ATTEMPTS, 1);
    letter->sha256 = headers_find(headers, n, HEADER_SHA256);
    letter->spooled = headers_find(headers, n, HEADER_SPOOLED);
    letter->bare = letter->value.size == 0 && letter->sha256.data != NULL;
    letter->size = letter->bare ? (size_t)number_of(letter, HEADER_SIZE, 0) : letter->value.size;
    letter->failed_ms = letter->time_ms;
    if (failed_at.data == NULL || !date_read(topic->zone, failed_at, &letter->failed_ms))
        date_read(topic->zone, letter->first_failed_at.data == NULL ? VIEW("") : letter->first_failed_at,
                  &letter->failed_ms);
    letter->replayed = number_of(letter, HEADER_REPLAYED, -1);
}

static void read_letter(struct dead_topic *topic, struct letter *ret_letter)
{
    const rd_kafka_message_t *message = topic->message;
    rd_kafka_timestamp_type_t type;

    *ret_letter = (struct letter){
        .partition = message->partition,
        .offset = message->offset,
        .key = {message->key, message->key_len},
        .value = {message->payload, message->len},
        .time_ms = rd_kafka_message_timestamp(message, &type),
    };
    if (type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE)
        ret_letter->time_ms = -1;
    take_headers(topic, ret_letter);
    understand(topic, ret_letter);
}

/* What cannot pass by itself. */
static bool is_refusal(rd_kafka_resp_err_t error)
{
    return error == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED || error == RD_KAFKA_RESP_ERR__FATAL ||
           error == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
}

enum status dead_topic_next(struct dead_topic *topic, struct letter *ret_letter, struct err *err)
{
    int64_t deadline = clock_steady_ms() + PATIENCE_MS;

    forget_message(topic);
    while (!stretch_is_over(topic->stretch)) {
        if ((topic->message = rd_kafka_consumer_poll(topic->consumer, POLL_MS)) == NULL) {
            if (clock_steady_ms() >= deadline)
                return fail(err, STATUS_RETRY, "topic '%s': no broker has sent anything for %d s",
                            dead_topic_name(topic), PATIENCE_MS / 1000);
            continue;
        }
        if (is_refusal(topic->message->err))
            return fail(err, STATUS_FATAL, "topic '%s': %s", dead_topic_name(topic),
                        rd_kafka_message_errstr(topic->message));
        if (stretch_hear(topic->stretch, topic->message)) {
            read_letter(topic, ret_letter);
            return STATUS_OK;
        }
        forget_message(topic);
    }
    return STATUS_SKIP;
}

uint64_t dead_topic_size(const struct dead_topic *topic)
{
    return stretch_size(topic->stretch);
}

uint64_t dead_topic_read(const struct dead_topic *topic)
{
    return stretch_read(topic->stretch);
}
