#include "consumer/demo/reader.h"

#include "consumer/clock.h"
#include "consumer/corridor/kafka.h"
#include "consumer/log.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

enum { ANSWER_MS = 10000, POLL_MS = 100 };

struct demo_reader {
    const struct settings *settings;
    struct tally *tally;
    struct show *show;
    rd_kafka_t *client;
    pthread_t thread;
    bool started;
    atomic_bool stopped;
};

static enum status open_client(struct demo_reader *reader, struct err *err)
{
    rd_kafka_conf_t *conf;
    char group[300];

    if (settings_kafka(reader->settings, CLIENT_CONSUMER, &conf, err) != STATUS_OK)
        return STATUS_FATAL;
    /* Beside the engine's group and without commits: partitions are assigned by hand. */
    snprintf(group, sizeof group, "%s-reader", reader->settings->group_id);
    rd_kafka_conf_set(conf, "group.id", group, NULL, 0);
    rd_kafka_conf_set(conf, "enable.auto.commit", "false", NULL, 0);
    kafka_conf_log(conf);
    if (kafka_client_new(RD_KAFKA_CONSUMER, conf, &reader->client, err) != STATUS_OK)
        return STATUS_FATAL;
    rd_kafka_poll_set_consumer(reader->client);
    return STATUS_OK;
}

/* All partitions of a topic, from their end. */
static enum status add_topic(struct demo_reader *reader, const char *name, rd_kafka_topic_partition_list_t *list,
                             struct err *err)
{
    const struct rd_kafka_metadata *metadata;
    rd_kafka_topic_t *topic;
    rd_kafka_resp_err_t error;
    enum status status = kafka_topic_open(reader->client, name, ANSWER_MS, &topic, err);

    if (status != STATUS_OK)
        return status;
    error = rd_kafka_metadata(reader->client, 0, topic, &metadata, ANSWER_MS);
    rd_kafka_topic_destroy(topic);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
        return fail(err, STATUS_RETRY, "topic '%s': %s", name, rd_kafka_err2str(error));
    for (int i = 0; i < metadata->topics[0].partition_cnt && error == RD_KAFKA_RESP_ERR_NO_ERROR; i++) {
        int64_t low, high;

        error = rd_kafka_query_watermark_offsets(reader->client, name, i, &low, &high, ANSWER_MS);
        if (error == RD_KAFKA_RESP_ERR_NO_ERROR)
            rd_kafka_topic_partition_list_add(list, name, i)->offset = high;
    }
    rd_kafka_metadata_destroy(metadata);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
        return fail(err, STATUS_RETRY, "topic '%s': %s", name, rd_kafka_err2str(error));
    return STATUS_OK;
}

static enum status assign(struct demo_reader *reader, struct err *err)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(16);
    enum status status = add_topic(reader, reader->settings->output_topic, list, err);
    rd_kafka_resp_err_t error;

    if (status == STATUS_OK)
        status = add_topic(reader, reader->settings->dead_topic, list, err);
    if (status == STATUS_OK && (error = rd_kafka_assign(reader->client, list)) != RD_KAFKA_RESP_ERR_NO_ERROR)
        status = fail(err, STATUS_RETRY, "%s", rd_kafka_err2str(error));
    rd_kafka_topic_partition_list_destroy(list);
    return status;
}

/* The last header of that name; "?" if there is none. */
static struct view header_of(const rd_kafka_message_t *message, const char *name)
{
    rd_kafka_headers_t *headers;
    const void *value;
    size_t size;

    if (rd_kafka_message_headers(message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR ||
        rd_kafka_header_get_last(headers, name, &value, &size) != RD_KAFKA_RESP_ERR_NO_ERROR || value == NULL)
        return VIEW("?");
    return (struct view){value, size};
}

static void count(struct demo_reader *reader, const rd_kafka_message_t *message)
{
    struct view reason;
    char name[32];

    if (strcmp(rd_kafka_topic_name(message->rkt), reader->settings->output_topic) == 0) {
        tally_enriched(reader->tally, (struct view){message->payload, message->len}, clock_wall_ms());
        return;
    }
    reason = header_of(message, "tocsin.dead.reason");
    snprintf(name, sizeof name, "%.*s", VIEW_PRINT(reason));
    tally_dead(reader->tally, name);
    show_dead(reader->show, reason, header_of(message, "__connect.errors.exception.message"));
}

static void *read_topics(void *argument)
{
    struct demo_reader *reader = argument;

    while (!atomic_load(&reader->stopped)) {
        rd_kafka_message_t *message = rd_kafka_consumer_poll(reader->client, POLL_MS);

        if (message == NULL)
            continue;
        if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR)
            count(reader, message);
        else if (message->err != RD_KAFKA_RESP_ERR__PARTITION_EOF)
            LOG(LOG_WARN, "demo_reader", "error=%s", LOG_QUOTE(rd_kafka_message_errstr(message)));
        rd_kafka_message_destroy(message);
    }
    return NULL;
}

enum status demo_reader_open(const struct settings *settings, struct tally *tally, struct show *show,
                             struct demo_reader **ret_reader, struct err *err)
{
    struct demo_reader *reader = calloc(1, sizeof *reader);
    enum status status;

    if (reader == NULL)
        abort();
    reader->settings = settings;
    reader->tally = tally;
    reader->show = show;
    status = open_client(reader, err);
    if (status == STATUS_OK)
        status = assign(reader, err);
    if (status == STATUS_OK && pthread_create(&reader->thread, NULL, read_topics, reader) != 0)
        status = fail(err, STATUS_FATAL, "no thread");
    reader->started = status == STATUS_OK;
    if (status != STATUS_OK) {
        demo_reader_close(reader);
        return status;
    }
    *ret_reader = reader;
    return STATUS_OK;
}

void demo_reader_close(struct demo_reader *reader)
{
    if (reader == NULL)
        return;
    atomic_store(&reader->stopped, true);
    if (reader->started)
        pthread_join(reader->thread, NULL);
    if (reader->client != NULL) {
        rd_kafka_consumer_close(reader->client);
        rd_kafka_destroy(reader->client);
    }
    free(reader);
}
