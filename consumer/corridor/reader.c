#include "consumer/corridor/reader.h"

#include "consumer/clock.h"
#include "consumer/corridor/kafka.h"
#include "consumer/log.h"
#include "consumer/metrics.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    OPEN_TIMEOUT_MS = 10000,
    POLL_IDLE_MS = 100,   /* how soon a stop is seen */
    POLL_PAUSED_MS = 20,  /* how soon a free batch is seen while paused */
    POLL_CLOSING_MS = 50,
    WAIT_FREE_MS = 10,
};

struct reader {
    const struct settings *settings;
    struct control *control;
    struct assignment *assignment;
    struct corridor *corridor;
    struct knowledge_source source;
    rd_kafka_t *consumer;
    struct batch *batch;       /* in hand; NULL only when it was put for the last time */
    bool nothing_more;         /* the last poll brought nothing */
    int64_t blocked_since_ms;  /* no batch was free since then; 0: one was */
    rd_kafka_topic_partition_list_t *paused; /* what we paused and nobody else; NULL: we read */
    bool cooperative;          /* how this group rebalances; asked once, at the first assignment */
    bool protocol_known;
    struct stretch *stretch;   /* NULL: the group's stream, which has no end */
    bool draining;             /* stopping: what still arrives is not taken */
};

/* ---- the batch in hand ------------------------------------------------------------------------------------------ */

/* Exchanges a batch that is not empty for one that is, if one gets free within timeout_ms. */
static bool hand_on(struct reader *reader, int64_t timeout_ms)
{
    struct batch *empty = corridor_take_free(reader->corridor, timeout_ms);

    if (empty == NULL) {
        if (reader->blocked_since_ms == 0)
            reader->blocked_since_ms = clock_steady_ms();
        return false;
    }
    corridor_put(reader->corridor, reader->batch);
    metric_add(METRIC_BATCHES, 1);
    reader->batch = empty;
    reader->blocked_since_ms = 0;
    return true;
}

static void take(struct reader *reader, const rd_kafka_message_t *message)
{
    struct arrival arrival = {
        .offset = message->offset,
        .leader_epoch = -1,
        .key = {message->key, message->key_len},
        .value = {message->payload, message->len},
    };
    rd_kafka_timestamp_type_t time_type;
    rd_kafka_headers_t *headers;

    arrival.partition =
        assignment_find(reader->assignment, rd_kafka_topic_name(message->rkt), message->partition, &arrival.epoch);
    if (arrival.partition == NULL || reader->draining) {
        metric_add(METRIC_STRAY, 1); /* not ours, or not now: its offset is not stored, so it is delivered again */
        return;
    }
    arrival.time_ms = rd_kafka_message_timestamp(message, &time_type);
    if (time_type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE)
        arrival.time_ms = -1;
    if (rd_kafka_message_headers(message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR)
        arrival.headers = headers;
#if RD_KAFKA_VERSION >= 0x020100ff
    arrival.leader_epoch = rd_kafka_message_leader_epoch(message);
#endif
    if (reader->batch->n_slots == 0)
        batch_open(reader->batch, reader->source.current(reader->source.user));
    batch_add(reader->batch, &arrival);
    assignment_read(reader->assignment, arrival.partition, arrival.offset);
    metric_add(METRIC_MESSAGES_CONSUMED, 1);
}

/* ---- pausing ---------------------------------------------------------------------------------------------------- */

static void remember_paused(struct reader *reader, const rd_kafka_topic_partition_list_t *list)
{
    for (int i = 0; i < list->cnt; i++)
        if (list->elems[i].err == RD_KAFKA_RESP_ERR_NO_ERROR &&
            rd_kafka_topic_partition_list_find(reader->paused, list->elems[i].topic, list->elems[i].partition) == NULL)
            rd_kafka_topic_partition_list_add(reader->paused, list->elems[i].topic, list->elems[i].partition);
}

static void pause_reading(struct reader *reader)
{
    rd_kafka_topic_partition_list_t *list = assignment_list(reader->assignment);

    reader->paused = rd_kafka_topic_partition_list_new(list->cnt + 1);
    rd_kafka_pause_partitions(reader->consumer, list);
    remember_paused(reader, list);
    rd_kafka_topic_partition_list_destroy(list);
}

/* Exactly what was paused: resuming a partition that is not paused rewinds it and brings records twice. */
static void resume_reading(struct reader *reader)
{
    rd_kafka_resume_partitions(reader->consumer, reader->paused);
    rd_kafka_topic_partition_list_destroy(reader->paused);
    reader->paused = NULL;
    metric_set(METRIC_PAUSED, 0);
    LOG(LOG_INFO, "resumed", "free_batches=%zu", corridor_n_free(reader->corridor));
}

/* The client keeps a partition paused though it is taken away and comes back: nobody would ever resume it then. */
static void forget_paused(struct reader *reader, const rd_kafka_topic_partition_list_t *gone)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(gone->cnt);

    for (int i = 0; reader->paused != NULL && i < gone->cnt; i++)
        if (rd_kafka_topic_partition_list_del(reader->paused, gone->elems[i].topic, gone->elems[i].partition))
            rd_kafka_topic_partition_list_add(list, gone->elems[i].topic, gone->elems[i].partition);
    if (list->cnt > 0)
        rd_kafka_resume_partitions(reader->consumer, list);
    rd_kafka_topic_partition_list_destroy(list);
}

/* ---- rebalancing ------------------------------------------------------------------------------------------------ */

/* "news.raw/0,1,5": for the log. */
static void describe(const rd_kafka_topic_partition_list_t *list, char *text, size_t size)
{
    size_t used = 0;

    text[0] = '\0';
    for (int i = 0; i < list->cnt && used + 16 < size; i++) {
        bool same = i > 0 && strcmp(list->elems[i].topic, list->elems[i - 1].topic) == 0;
        int n = same ? snprintf(text + used, size - used, ",%d", list->elems[i].partition)
                     : snprintf(text + used, size - used, "%s%s/%d", i > 0 ? " " : "", list->elems[i].topic,
                                list->elems[i].partition);

        used += n > 0 ? (size_t)n : 0;
    }
}

/* Asked at the first assignment and kept: asking inside this callback while the consumer closes can deadlock. */
static void learn_protocol(struct reader *reader)
{
    const char *protocol;

    if (reader->protocol_known)
        return;
    protocol = rd_kafka_rebalance_protocol(reader->consumer);
    reader->cooperative = protocol != NULL && strcmp(protocol, "COOPERATIVE") == 0;
    reader->protocol_known = true;
}

static void check(rd_kafka_error_t *error, const char *what)
{
    if (error == NULL)
        return;
    LOG(LOG_WARN, "rebalance_failed", "step=%s reason=%s", what, LOG_QUOTE(rd_kafka_error_string(error)));
    rd_kafka_error_destroy(error);
}

static void given(struct reader *reader, rd_kafka_topic_partition_list_t *partitions)
{
    char text[300];

    learn_protocol(reader);
    assignment_give(reader->assignment, partitions);
    if (reader->cooperative)
        check(rd_kafka_incremental_assign(reader->consumer, partitions), "incremental_assign");
    else
        rd_kafka_assign(reader->consumer, partitions);
    if (reader->paused != NULL && partitions->cnt > 0) {
        rd_kafka_pause_partitions(reader->consumer, partitions);
        remember_paused(reader, partitions);
    }
    metric_add(METRIC_REBALANCES, 1);
    health_ok(&reader->control->health, HEALTH_GROUP);
    describe(partitions, text, sizeof text);
    LOG(LOG_INFO, "assigned", "n=%d partitions=%s protocol=%s", partitions->cnt, LOG_QUOTE(text),
        reader->cooperative ? "cooperative" : "eager");
}

/* Finishes what can be finished of these partitions. */
static void drain(struct reader *reader, const rd_kafka_topic_partition_list_t *partitions)
{
    int64_t deadline = clock_steady_ms() + (int64_t)reader->settings->drain_timeout, left;

    if (reader->batch != NULL && reader->batch->n_slots > 0 && batch_holds(reader->batch, partitions)) {
        left = deadline - clock_steady_ms();
        if (!hand_on(reader, left > 0 ? left : 0))
            return; /* stays in hand; its partitions are fenced now, and the publisher will leave them out */
    }
    while (!control_stopping_now(reader->control) && (left = deadline - clock_steady_ms()) > 0)
        if (corridor_wait_finished(reader->corridor, partitions, left < POLL_IDLE_MS ? left : POLL_IDLE_MS) == 0)
            return;
}

static void taken_away(struct reader *reader, rd_kafka_topic_partition_list_t *partitions)
{
    bool lost = rd_kafka_assignment_lost(reader->consumer);
    int64_t began = clock_steady_ms();
    size_t unfinished;
    char text[300];

    if (!lost)
        drain(reader, partitions);
    unfinished = corridor_wait_finished(reader->corridor, partitions, 0);
    assignment_fence(reader->assignment, partitions);
    forget_paused(reader, partitions);
    if (reader->cooperative)
        check(rd_kafka_incremental_unassign(reader->consumer, partitions), "incremental_unassign");
    else
        rd_kafka_assign(reader->consumer, NULL); /* commits what was stored, and waits for that */
    metric_add(METRIC_REBALANCES, 1);
    if (lost)
        health_wait(&reader->control->health, HEALTH_GROUP, "the group '%s' went on without us; joining it again",
                    reader->settings->group_id);
    describe(partitions, text, sizeof text);
    LOG(LOG_INFO, lost ? "lost" : "revoked", "n=%d partitions=%s drained_ms=%lld unfinished_batches=%zu",
        partitions->cnt, LOG_QUOTE(text), (long long)(clock_steady_ms() - began), unfinished);
}

static void on_rebalance(rd_kafka_t *consumer, rd_kafka_resp_err_t error, rd_kafka_topic_partition_list_t *partitions,
                         void *opaque)
{
    struct reader *reader = opaque;

    switch (error) {
    case RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS:
        given(reader, partitions);
        break;
    case RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS:
        taken_away(reader, partitions);
        break;
    default:
        LOG(LOG_WARN, "rebalance_failed", "reason=%s", LOG_QUOTE(rd_kafka_err2str(error)));
        assignment_fence(reader->assignment, partitions);
        forget_paused(reader, partitions);
        rd_kafka_assign(consumer, NULL);
        break;
    }
}

/* What a restart would not read again. */
static void on_commit(rd_kafka_t *consumer, rd_kafka_resp_err_t error, rd_kafka_topic_partition_list_t *offsets,
                      void *opaque)
{
    struct reader *reader = opaque;

    (void)consumer;
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR)
        assignment_committed(reader->assignment, offsets);
    else if (error != RD_KAFKA_RESP_ERR__NO_OFFSET) /* there was nothing new */
        LOG(LOG_WARN, "commit_failed", "group=%s reason=%s", LOG_QUOTE(reader->settings->group_id),
            LOG_QUOTE(rd_kafka_err2str(error)));
}

/* ---- polling ---------------------------------------------------------------------------------------------------- */

static void stop_engine(struct reader *reader, const char *what, const char *text)
{
    struct err err;

    fail(&err, STATUS_FATAL, "read: topic '%s', group '%s': %s%s", reader->settings->input_topic,
         reader->settings->group_id, what, text);
    control_fail(reader->control, &err);
}

/* Most of what a poll reports is news of the library's own efforts, and no reason to do anything. */
static void hear_error(struct reader *reader, const rd_kafka_message_t *message)
{
    char text[300];

    switch (message->err) {
    case RD_KAFKA_RESP_ERR__PARTITION_EOF:
        assignment_read_to_end(reader->assignment, rd_kafka_topic_name(message->rkt), message->partition,
                               message->offset);
        return;
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
        snprintf(text, sizeof text, "partition %d, offset %lld: %s", message->partition, (long long)message->offset,
                 rd_kafka_message_errstr(message));
        stop_engine(reader, "auto.offset.reset is 'error', and there is nothing to begin with: ", text);
        return;
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
        stop_engine(reader, "not allowed: ", rd_kafka_message_errstr(message));
        return;
    case RD_KAFKA_RESP_ERR__FATAL:
        rd_kafka_fatal_error(reader->consumer, text, sizeof text);
        stop_engine(reader, "", text);
        return;
    default:
        LOG(LOG_WARN, "kafka", "client=consumer error=%s text=%s", rd_kafka_err2name(message->err),
            LOG_QUOTE(rd_kafka_message_errstr(message)));
        if (!assignment_is_known(reader->assignment))
            health_wait(&reader->control->health, HEALTH_GROUP, "the group '%s' has not answered yet: %s",
                        reader->settings->group_id, rd_kafka_message_errstr(message));
    }
}

static void poll_once(struct reader *reader, int timeout_ms)
{
    rd_kafka_message_t *message = rd_kafka_consumer_poll(reader->consumer, timeout_ms);

    bool beyond; /* of the stretch */

    reader->nothing_more = message == NULL;
    if (message == NULL)
        return;
    beyond = reader->stretch != NULL && !stretch_hear(reader->stretch, message);
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR)
        hear_error(reader, message);
    else if (!beyond)
        take(reader, message);
    rd_kafka_message_destroy(message);
}

static void pause_if_long(struct reader *reader)
{
    int64_t blocked_ms = reader->blocked_since_ms == 0 ? 0 : clock_steady_ms() - reader->blocked_since_ms;

    /* Not before: each pause throws the prefetch away and costs 0.2 s. */
    if (reader->paused != NULL || blocked_ms < (int64_t)reader->settings->pause_after)
        return;
    pause_reading(reader);
    metric_add(METRIC_PAUSES, 1);
    metric_set(METRIC_PAUSED, 1);
    LOG(LOG_WARN, "paused", "blocked_ms=%lld", (long long)blocked_ms);
}

static void step(struct reader *reader)
{
    struct batch *batch = reader->batch;
    bool full = batch_is_full(batch);

    health_beat(&reader->control->health, LOOP_READER);
    if (full || (reader->nothing_more && batch->n_slots > 0)) {
        if (hand_on(reader, reader->paused != NULL ? 0 : WAIT_FREE_MS)) {
            full = false;
        } else if (full) {
            pause_if_long(reader);
            if (reader->paused == NULL)
                return; /* for pause.after at most: polling would only bring what has no place */
        }
    }
    if (reader->paused != NULL && !full && corridor_n_free(reader->corridor) >= reader->settings->batches / 2)
        resume_reading(reader);
    poll_once(reader, reader->paused != NULL ? POLL_PAUSED_MS : reader->batch->n_slots > 0 ? 0 : POLL_IDLE_MS);
}

/* Puts what is in hand, reads no more, answers the group until all under way is final. */
static size_t finish(struct reader *reader)
{
    int64_t deadline = clock_steady_ms() + (int64_t)reader->settings->stop_timeout;

    reader->draining = true;
    if (reader->paused == NULL)
        pause_reading(reader);
    if (reader->batch->n_slots > 0) {
        corridor_put(reader->corridor, reader->batch);
        metric_add(METRIC_BATCHES, 1);
        reader->batch = NULL;
    }
    while (!control_stopping_now(reader->control) && clock_steady_ms() < deadline &&
           corridor_wait_finished(reader->corridor, NULL, POLL_PAUSED_MS) > 0) {
        health_beat(&reader->control->health, LOOP_READER);
        poll_once(reader, 0);
    }
    health_loop_is_over(&reader->control->health, LOOP_READER);
    return corridor_in_flight(reader->corridor);
}

bool reader_is_through(const struct reader *reader)
{
    return reader->stretch == NULL || stretch_is_over(reader->stretch);
}

/* The stretch is read: what is under way gets all the time that it needs. */
static void await_the_rest(struct reader *reader)
{
    while (!control_stopping(reader->control) && reader->batch->n_slots > 0 && !hand_on(reader, POLL_IDLE_MS))
        health_beat(&reader->control->health, LOOP_READER);
    while (!control_stopping(reader->control) &&
           corridor_wait_finished(reader->corridor, NULL, POLL_IDLE_MS) > 0) {
        health_beat(&reader->control->health, LOOP_READER);
        poll_once(reader, 0);
    }
}

static void run_stretch(struct reader *reader)
{
    while (!control_stopping(reader->control) && !stretch_is_over(reader->stretch)) {
        step(reader);
        stretch_log_progress(reader->stretch);
    }
    if (stretch_is_over(reader->stretch))
        await_the_rest(reader);
}

size_t reader_run(struct reader *reader)
{
    if (reader->stretch != NULL)
        run_stretch(reader);
    else
        while (!control_stopping(reader->control))
            step(reader);
    return finish(reader);
}

rd_kafka_t *reader_consumer(struct reader *reader)
{
    return reader->consumer;
}

/* ---- opening and closing ---------------------------------------------------------------------------------------- */

static enum status subscribe(struct reader *reader, struct err *err)
{
    rd_kafka_topic_partition_list_t *topics = rd_kafka_topic_partition_list_new(1);
    rd_kafka_resp_err_t error;

    rd_kafka_topic_partition_list_add(topics, reader->settings->input_topic, RD_KAFKA_PARTITION_UA);
    error = rd_kafka_subscribe(reader->consumer, topics);
    rd_kafka_topic_partition_list_destroy(topics);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
        return fail(err, STATUS_FATAL, "topic '%s': %s", reader->settings->input_topic, rd_kafka_err2str(error));
    return STATUS_OK;
}

static enum status begin_stretch(struct reader *reader, const struct span *span, struct err *err)
{
    const rd_kafka_topic_partition_list_t *partitions;
    enum status status = stretch_open(reader->consumer, reader->settings->input_topic, span->from_ms, span->until_ms,
                                      OPEN_TIMEOUT_MS, &reader->stretch, err);

    if (status != STATUS_OK)
        return status;
    partitions = stretch_partitions(reader->stretch);
    assignment_give(reader->assignment, partitions);
    rd_kafka_assign(reader->consumer, partitions);
    health_ok(&reader->control->health, HEALTH_GROUP);
    LOG(LOG_INFO, "assigned", "n=%d stretch=%llu protocol=none", partitions->cnt,
        (unsigned long long)stretch_size(reader->stretch));
    return STATUS_OK;
}

enum status reader_open(const struct settings *settings, struct control *control, struct assignment *assignment,
                        struct corridor *corridor, struct knowledge_source source, const struct span *span,
                        struct reader **ret_reader, struct err *err)
{
    struct reader *reader = calloc(1, sizeof *reader);
    rd_kafka_conf_t *conf;
    rd_kafka_topic_t *topic;
    enum status status;

    if (reader == NULL)
        return fail(err, STATUS_FATAL, "out of memory");
    *reader = (struct reader){.settings = settings, .control = control, .assignment = assignment, .corridor = corridor,
                              .source = source};
    reader->batch = corridor_take_free(corridor, 0);
    if ((status = settings_kafka(settings, CLIENT_CONSUMER, &conf, err)) != STATUS_OK)
        goto undo;
    kafka_conf_log(conf);
    rd_kafka_conf_set_opaque(conf, reader);
    rd_kafka_conf_set_rebalance_cb(conf, on_rebalance);
    rd_kafka_conf_set_offset_commit_cb(conf, on_commit);
    if (span != NULL) { /* nothing of the group is touched */
        rd_kafka_conf_set(conf, "enable.auto.commit", "false", NULL, 0);
        rd_kafka_conf_set(conf, "auto.offset.reset", "earliest", NULL, 0);
    }
    if ((status = kafka_client_new(RD_KAFKA_CONSUMER, conf, &reader->consumer, err)) != STATUS_OK)
        goto undo;
    rd_kafka_poll_set_consumer(reader->consumer);
    if ((status = kafka_topic_open(reader->consumer, settings->input_topic, OPEN_TIMEOUT_MS, &topic, err)) != STATUS_OK)
        goto undo;
    rd_kafka_topic_destroy(topic); /* only to know that it is there */
    if (span == NULL)
        health_wait(&control->health, HEALTH_GROUP, "the group '%s' has not answered yet", settings->group_id);
    if ((status = span == NULL ? subscribe(reader, err) : begin_stretch(reader, span, err)) != STATUS_OK)
        goto undo;
    *ret_reader = reader;
    return STATUS_OK;
undo:
    reader_close(reader, 1000);
    return status;
}

/* False if the deadline came first. */
static bool leave_group(struct reader *reader, int64_t timeout_ms)
{
    rd_kafka_queue_t *queue = rd_kafka_queue_new(reader->consumer);
    int64_t deadline = clock_steady_ms() + timeout_ms;
    bool closed;

    check(rd_kafka_consumer_close_queue(reader->consumer, queue), "close");
    while (!(closed = rd_kafka_consumer_closed(reader->consumer)) && clock_steady_ms() < deadline) {
        rd_kafka_event_t *event = rd_kafka_queue_poll(queue, POLL_CLOSING_MS);

        /* This queue hands the last revocation over as an event, not by the callback. */
        if (event != NULL && rd_kafka_event_type(event) == RD_KAFKA_EVENT_REBALANCE)
            on_rebalance(reader->consumer, rd_kafka_event_error(event), rd_kafka_event_topic_partition_list(event),
                         reader);
        if (event != NULL)
            rd_kafka_event_destroy(event);
    }
    if (closed)
        rd_kafka_queue_destroy(queue);
    return closed;
}

void reader_close(struct reader *reader, int64_t timeout_ms)
{
    if (reader == NULL)
        return;
    if (reader->consumer != NULL) {
        reader->draining = true;
        stretch_free(reader->stretch);
        if (leave_group(reader, timeout_ms))
            rd_kafka_destroy(reader->consumer);
        else /* destroying would wait for what did not come in time; the handle ends with the process */
            LOG(LOG_WARN, "left_behind", "what=consumer waited_ms=%lld", (long long)timeout_ms);
    }
    if (reader->paused != NULL)
        rd_kafka_topic_partition_list_destroy(reader->paused);
    free(reader);
}
