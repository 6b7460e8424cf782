#include "consumer/corridor/outbox.h"

#include "consumer/clock.h"
#include "consumer/corridor/headers.h"
#include "consumer/corridor/kafka.h"
#include "consumer/log.h"
#include "consumer/metrics.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    OPEN_TIMEOUT_MS = 10000,
    FULL_POLL_MS = 50,
    PAUSE_FIRST_MS = 100,
    PAUSE_MOST_MS = 5000,
};

struct list {
    struct slot *first, *last;
};

struct outbox {
    const struct settings *settings;
    struct control *control;
    rd_kafka_t *producer;
    rd_kafka_queue_t *queue;
    rd_kafka_topic_t *output, *dead;
    size_t n_under_way;
    struct list again; /* to be sent when again_at has come */
    struct list alone; /* to be sent when nothing else is under way */
    int64_t again_at_ms, pause_ms;
};

static void list_push(struct list *list, struct slot *slot)
{
    slot->next = NULL;
    if (list->first == NULL)
        list->first = slot;
    else
        list->last->next = slot;
    list->last = slot;
}

static struct slot *list_pop(struct list *list)
{
    struct slot *slot = list->first;

    if (slot != NULL)
        list->first = slot->next;
    return slot;
}

/* ---- what becomes of a record ----------------------------------------------------------------------------------- */

static enum metric metric_of_reason(const char *reason)
{
    if (strcmp(reason, "undecodable") == 0)
        return METRIC_DEAD_UNDECODABLE;
    if (strcmp(reason, "oversized") == 0)
        return METRIC_DEAD_OVERSIZED;
    if (strcmp(reason, "undeliverable") == 0)
        return METRIC_DEAD_UNDELIVERABLE;
    return METRIC_DEAD_INVALID;
}

static void delivered(struct outbox *outbox, struct slot *slot)
{
    slot->batch->reports_awaited--;
    outbox->pause_ms = 0;
    if (slot->outcome == OUTCOME_DEAD) {
        metric_add(METRIC_DEAD_LETTERS, 1);
        metric_add(metric_of_reason(slot->failure->reason), 1);
        return;
    }
    metric_add(METRIC_MESSAGES_PRODUCED, 1);
    if (slot->message.time_ms >= 0) {
        int64_t ms = clock_wall_ms() - slot->message.time_ms;

        histogram_add(&metric_latency, ms < 0 ? 0 : (uint64_t)ms * 1000, clock_steady_ms());
    }
}

static void send_later(struct outbox *outbox, struct slot *slot)
{
    outbox->pause_ms = outbox->pause_ms == 0 ? PAUSE_FIRST_MS : outbox->pause_ms;
    if (outbox->again.first == NULL)
        outbox->again_at_ms = clock_steady_ms() + outbox->pause_ms;
    list_push(&outbox->again, slot);
    metric_add(METRIC_PRODUCE_RETRIES, 1);
}

/* It was refused by itself, so another attempt with the same bytes is no use. */
static void give_up(struct outbox *outbox, struct slot *slot, rd_kafka_resp_err_t error)
{
    slot->alone = false;
    if (slot->outcome != OUTCOME_DEAD) {
        bool too_large = error == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE;
        char text[300];

        snprintf(text, sizeof text, "publish: topic '%s' refuses the record of %zu bytes: %s",
                 outbox->settings->output_topic, slot->encoded.size, rd_kafka_err2str(error));
        slot_keep_failure(slot, too_large ? "oversized" : "undeliverable", "publish", text);
        LOG(LOG_WARN, "reject", "room=publish origin=%s/%d@%lld reason=%s text=%s", slot->message.topic,
            slot->message.partition, (long long)slot->message.offset, slot->failure->reason, LOG_QUOTE(text));
    } else if (!slot->bare && slot->message.value.size > 0) {
        slot->bare = true;
    } else {
        LOG(LOG_ERROR, "dead_refused", "topic=%s origin=%s/%d@%lld reason=%s", outbox->settings->dead_topic,
            slot->message.topic, slot->message.partition, (long long)slot->message.offset,
            LOG_QUOTE(rd_kafka_err2str(error)));
    }
    send_later(outbox, slot);
}

static void stop_engine(struct outbox *outbox, const struct slot *slot, rd_kafka_resp_err_t error)
{
    struct err err;
    char text[300];

    if (rd_kafka_fatal_error(outbox->producer, text, sizeof text) == RD_KAFKA_RESP_ERR_NO_ERROR)
        snprintf(text, sizeof text, "%s", rd_kafka_err2str(error));
    fail(&err, STATUS_FATAL, "publish: topic '%s': %s",
         slot->outcome == OUTCOME_DEAD ? outbox->settings->dead_topic : outbox->settings->output_topic, text);
    control_fail(outbox->control, &err);
}

/* An idempotent producer that lost count: from now on it refuses everything, with the error that came first. */
static bool is_broken(struct outbox *outbox)
{
    return rd_kafka_fatal_error(outbox->producer, NULL, 0) != RD_KAFKA_RESP_ERR_NO_ERROR;
}

static void not_delivered(struct outbox *outbox, struct slot *slot, rd_kafka_resp_err_t error, bool was_alone)
{
    switch (is_broken(outbox) ? SEND_NEVER : kafka_send_failure(error)) {
    case SEND_ALONE:
        if (was_alone)
            give_up(outbox, slot, error);
        else
            list_push(&outbox->alone, slot);
        return;
    case SEND_NEVER:
        if (slot->outcome != OUTCOME_DEAD || is_broken(outbox)) {
            stop_engine(outbox, slot, error);
            return;
        }
        LOG(LOG_ERROR, "dead_refused", "topic=%s reason=%s", outbox->settings->dead_topic,
            LOG_QUOTE(rd_kafka_err2str(error)));
        send_later(outbox, slot);
        return;
    case SEND_AGAIN:
        LOG(LOG_WARN, "send_failed", "origin=%s/%d@%lld reason=%s", slot->message.topic, slot->message.partition,
            (long long)slot->message.offset, LOG_QUOTE(rd_kafka_err2str(error)));
        send_later(outbox, slot);
        return;
    }
}

static void on_report(rd_kafka_t *producer, const rd_kafka_message_t *message, void *opaque)
{
    struct outbox *outbox = opaque;
    struct slot *slot = message->_private;

    (void)producer;
    outbox->n_under_way--;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR)
        delivered(outbox, slot);
    else if (message->err != RD_KAFKA_RESP_ERR__PURGE_QUEUE && message->err != RD_KAFKA_RESP_ERR__PURGE_INFLIGHT)
        not_delivered(outbox, slot, message->err, slot->alone);
}

/* ---- sending ---------------------------------------------------------------------------------------------------- */

struct record {
    rd_kafka_topic_t *topic;
    struct view value;
    int64_t time_ms; /* 0: now */
    rd_kafka_headers_t *headers;
};

static struct record record_of(struct outbox *outbox, struct slot *slot)
{
    const struct message *message = &slot->message;
    struct record record = {.topic = outbox->output, .value = slot->encoded};
    struct remains remains;

    if (slot->outcome == OUTCOME_DEAD) {
        record.topic = outbox->dead;
        record.value = slot->bare ? VIEW_NONE : message->value;
        if (slot->bare)
            deadletter_remains(message, outbox->settings->dead_spool_dir, &remains);
        record.headers = headers_of_dead(outbox->settings, slot, slot->bare ? &remains : NULL);
    } else {
        record.headers = headers_of_message(message);
    }
    if (message->time_ms > 0 &&
        (slot->outcome == OUTCOME_DEAD || outbox->settings->output_timestamp == TIMESTAMP_SOURCE))
        record.time_ms = message->time_ms;
    return record;
}

static rd_kafka_resp_err_t produce(struct outbox *outbox, struct slot *slot)
{
    struct record record = record_of(outbox, slot);
    rd_kafka_vu_t fields[] = {
        {.vtype = RD_KAFKA_VTYPE_RKT, .u.rkt = record.topic},
        {.vtype = RD_KAFKA_VTYPE_VALUE, .u.mem = {(void *)record.value.data, record.value.size}},
        {.vtype = RD_KAFKA_VTYPE_KEY, .u.mem = {(void *)slot->message.key.data, slot->message.key.size}},
        {.vtype = RD_KAFKA_VTYPE_TIMESTAMP, .u.i64 = record.time_ms},
        {.vtype = RD_KAFKA_VTYPE_OPAQUE, .u.ptr = slot},
        {.vtype = RD_KAFKA_VTYPE_HEADERS, .u.headers = record.headers}, /* last, to be left out */
    };
    size_t n = sizeof fields / sizeof *fields - (record.headers == NULL ? 1 : 0);
    rd_kafka_error_t *error = rd_kafka_produceva(outbox->producer, fields, n);
    rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;

    if (error != NULL) {
        code = rd_kafka_error_code(error);
        rd_kafka_error_destroy(error);
        if (record.headers != NULL)
            rd_kafka_headers_destroy(record.headers); /* theirs only on success */
    }
    return code;
}

static void send_slot(struct outbox *outbox, struct slot *slot)
{
    rd_kafka_resp_err_t error;

    while ((error = produce(outbox, slot)) == RD_KAFKA_RESP_ERR__QUEUE_FULL) {
        if (control_stopping_now(outbox->control))
            return;
        rd_kafka_poll(outbox->producer, FULL_POLL_MS);
    }
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR)
        outbox->n_under_way++;
    else
        not_delivered(outbox, slot, error, true); /* refused before it met any other record */
}

void outbox_send(struct outbox *outbox, struct slot *slot)
{
    slot->batch->reports_awaited++;
    send_slot(outbox, slot);
}

static void send_again(struct outbox *outbox)
{
    struct list due = outbox->again;
    struct slot *slot;

    outbox->again = (struct list){NULL, NULL};
    outbox->pause_ms = outbox->pause_ms * 2 > PAUSE_MOST_MS ? PAUSE_MOST_MS : outbox->pause_ms * 2;
    while ((slot = list_pop(&due)) != NULL)
        send_slot(outbox, slot);
}

void outbox_serve(struct outbox *outbox)
{
    struct slot *slot;

    rd_kafka_poll(outbox->producer, 0);
    if (control_stopping_now(outbox->control))
        return;
    if (outbox->again.first != NULL && clock_steady_ms() >= outbox->again_at_ms)
        send_again(outbox);
    if (outbox->n_under_way == 0 && (slot = list_pop(&outbox->alone)) != NULL) {
        slot->alone = true;
        send_slot(outbox, slot);
    }
}

bool outbox_is_careful(const struct outbox *outbox)
{
    return outbox->alone.first != NULL;
}

/* ---- opening and closing ---------------------------------------------------------------------------------------- */

static void ring(rd_kafka_t *producer, void *opaque)
{
    (void)producer;
    bell_ring(opaque);
}

enum status outbox_open(const struct settings *settings, struct control *control, struct bell *bell,
                        struct outbox **ret_outbox, struct err *err)
{
    struct outbox *outbox = calloc(1, sizeof *outbox);
    rd_kafka_conf_t *conf;
    enum status status;

    if (outbox == NULL)
        return fail(err, STATUS_FATAL, "out of memory");
    *outbox = (struct outbox){.settings = settings, .control = control};
    status = settings_kafka(settings, CLIENT_PRODUCER, &conf, err);
    if (status != STATUS_OK)
        goto undo;
    kafka_conf_log(conf);
    rd_kafka_conf_set_opaque(conf, outbox);
    rd_kafka_conf_set_dr_msg_cb(conf, on_report);
    if ((status = kafka_client_new(RD_KAFKA_PRODUCER, conf, &outbox->producer, err)) != STATUS_OK ||
        (status = kafka_topic_open(outbox->producer, settings->output_topic, OPEN_TIMEOUT_MS, &outbox->output, err)) !=
            STATUS_OK ||
        (status = kafka_topic_open(outbox->producer, settings->dead_topic, OPEN_TIMEOUT_MS, &outbox->dead, err)) !=
            STATUS_OK)
        goto undo;
    outbox->queue = rd_kafka_queue_get_main(outbox->producer);
    rd_kafka_queue_cb_event_enable(outbox->queue, ring, bell);
    *ret_outbox = outbox;
    return STATUS_OK;
undo:
    outbox_close(outbox);
    return status;
}

void outbox_close(struct outbox *outbox)
{
    if (outbox == NULL)
        return;
    if (outbox->queue != NULL) {
        rd_kafka_queue_cb_event_enable(outbox->queue, NULL, NULL);
        rd_kafka_queue_destroy(outbox->queue);
    }
    if (outbox->producer != NULL) {
        rd_kafka_purge(outbox->producer, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
        while (rd_kafka_poll(outbox->producer, 0) > 0) /* reports of what was purged */
            ;
    }
    if (outbox->output != NULL)
        rd_kafka_topic_destroy(outbox->output);
    if (outbox->dead != NULL)
        rd_kafka_topic_destroy(outbox->dead);
    if (outbox->producer != NULL)
        rd_kafka_destroy(outbox->producer);
    free(outbox);
}
