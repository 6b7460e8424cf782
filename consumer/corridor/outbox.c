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
    RENEW_TIMEOUT_MS = 1000, /* a stop is not seen meanwhile */
    LIMIT_TIMEOUT_MS = 700, /* an answer is a matter of milliseconds, and a start waits for it */
    INIT_TIMEOUT_MS = 30000, /* a transaction of the process before us may have to end first */
    INIT_AGAIN_TIMEOUT_MS = 5000,
    CLOSE_ABORT_MS = 1000,
    FULL_POLL_MS = 50,
    RECORD_HEAD = 10000,     /* key, headers and framing beside the value */
};

struct outbox {
    const struct settings *settings;
    struct control *control;
    struct bell *bell;
    rd_kafka_t *producer; /* NULL: could not be renewed yet */
    rd_kafka_queue_t *queue;
    rd_kafka_topic_t *output, *dead;
    size_t output_limit, dead_limit; /* max.message.bytes of the topics; 0: not known */
    size_t n_under_way;
    bool has_failed;
};

static bool is_transactional(const struct outbox *outbox)
{
    return outbox->settings->delivery == DELIVERY_EXACTLY_ONCE;
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

void outbox_count(const struct slot *slot)
{
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

static void mark_failed(struct outbox *outbox, struct slot *slot, rd_kafka_resp_err_t error)
{
    slot->sending = SENDING_FAILED;
    slot->error = error;
    outbox->has_failed = true;
}

static void on_report(rd_kafka_t *producer, const rd_kafka_message_t *message, void *opaque)
{
    struct outbox *outbox = opaque;
    struct slot *slot = message->_private;

    (void)producer;
    outbox->n_under_way--;
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        mark_failed(outbox, slot, message->err);
        return;
    }
    slot->sending = SENDING_DELIVERED;
    slot->batch->n_undelivered--;
    if (!is_transactional(outbox))
        outbox_count(slot);
}

/* It was refused by itself, so another attempt with the same bytes is no use.  False: there is nothing left of it that
 * could be refused less. */
static bool give_up(struct outbox *outbox, struct slot *slot, rd_kafka_resp_err_t error)
{
    if (slot->outcome == OUTCOME_DEAD) {
        bool had_bytes = !slot->bare && slot->message.value.size > 0;

        slot->bare = true;
        return had_bytes;
    }
    bool too_large = error == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE;
    char text[300];

    snprintf(text, sizeof text, "publish: topic '%s' refuses the record of %zu bytes: %s",
             outbox->settings->output_topic, slot->encoded.size, rd_kafka_err2str(error));
    slot_keep_failure(slot, too_large ? "oversized" : "undeliverable", "publish", text);
    LOG(LOG_WARN, "reject", "room=publish origin=%s/%d@%lld reason=%s text=%s", slot->message.topic,
        slot->message.partition, (long long)slot->message.offset, slot->failure->reason, LOG_QUOTE(text));
    return true;
}

enum judgement outbox_judge(struct outbox *outbox, struct slot *slot, char *text, size_t text_size)
{
    rd_kafka_resp_err_t error = slot->error;

    slot->sending = SENDING_NOT_YET;
    metric_add(METRIC_PRODUCE_RETRIES, 1);
    switch (kafka_send_failure(error)) {
    case SEND_AGAIN:
        return JUDGED_AGAIN;
    case SEND_ALONE:
        if (!slot->alone) {
            slot->alone = true;
            return JUDGED_CHANGED;
        }
        if (give_up(outbox, slot, error))
            return JUDGED_CHANGED;
        break;
    case SEND_LATER:
        break;
    }
    snprintf(text, text_size, "topic '%s': %s",
             slot->outcome == OUTCOME_DEAD ? outbox->settings->dead_topic : outbox->settings->output_topic,
             rd_kafka_err2str(error));
    return JUDGED_LATER;
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

/* What its topic is known to refuse is not offered. */
static void heed_limits(struct outbox *outbox, struct slot *slot)
{
    if (slot->outcome != OUTCOME_DEAD && outbox->output_limit != 0 && slot->encoded.size > outbox->output_limit)
        give_up(outbox, slot, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
    if (slot->outcome == OUTCOME_DEAD && outbox->dead_limit != 0 &&
        slot->message.value.size + RECORD_HEAD > outbox->dead_limit)
        slot->bare = true;
}

void outbox_send(struct outbox *outbox, struct slot *slot)
{
    rd_kafka_resp_err_t error;

    heed_limits(outbox, slot);
    for (;;) {
        error = produce(outbox, slot);
        if (error == RD_KAFKA_RESP_ERR__QUEUE_FULL && !control_stopping_now(outbox->control))
            rd_kafka_poll(outbox->producer, FULL_POLL_MS);
        else if (kafka_send_failure(error) != SEND_ALONE || !give_up(outbox, slot, error))
            break; /* refused by the client itself, before it met any other record: the rest may go on */
    }
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
        mark_failed(outbox, slot, error);
        return;
    }
    slot->sending = SENDING_UNDER_WAY;
    outbox->n_under_way++;
}

void outbox_serve(struct outbox *outbox)
{
    if (outbox->producer != NULL)
        rd_kafka_poll(outbox->producer, 0);
    /* A client that is broken without any record under way is found out here. */
    if (outbox->producer == NULL || rd_kafka_fatal_error(outbox->producer, NULL, 0) != RD_KAFKA_RESP_ERR_NO_ERROR)
        outbox->has_failed = true;
}

bool outbox_settle(struct outbox *outbox, int64_t timeout_ms)
{
    int64_t deadline = clock_steady_ms() + timeout_ms, left;

    while (outbox->n_under_way > 0 && (left = deadline - clock_steady_ms()) > 0 &&
           !control_stopping_now(outbox->control))
        rd_kafka_flush(outbox->producer, left < FULL_POLL_MS ? (int)left : FULL_POLL_MS);
    return outbox->n_under_way == 0;
}

void outbox_recall(struct outbox *outbox)
{
    if (outbox->producer != NULL)
        rd_kafka_purge(outbox->producer, RD_KAFKA_PURGE_F_QUEUE);
}

void outbox_purge(struct outbox *outbox)
{
    if (outbox->producer == NULL)
        return;
    rd_kafka_purge(outbox->producer, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    while (outbox->n_under_way > 0) /* the purge has a report for each, and they come at once */
        rd_kafka_poll(outbox->producer, FULL_POLL_MS);
}

size_t outbox_under_way(const struct outbox *outbox)
{
    return outbox->n_under_way;
}

bool outbox_has_failed(const struct outbox *outbox)
{
    return outbox->has_failed;
}

void outbox_fail(struct outbox *outbox)
{
    outbox->has_failed = true;
}

void outbox_forgive(struct outbox *outbox)
{
    outbox->has_failed = false;
}

rd_kafka_t *outbox_producer(struct outbox *outbox)
{
    return outbox->producer;
}

size_t outbox_limit(const struct outbox *outbox)
{
    size_t set = (size_t)outbox->settings->output_max_bytes;

    return outbox->output_limit != 0 && outbox->output_limit < set ? outbox->output_limit : set;
}

/* ---- opening and closing ---------------------------------------------------------------------------------------- */

static void ring(rd_kafka_t *producer, void *opaque)
{
    (void)producer;
    bell_ring(opaque);
}

static void disconnect(struct outbox *outbox)
{
    if (outbox->queue != NULL) {
        rd_kafka_queue_cb_event_enable(outbox->queue, NULL, NULL);
        rd_kafka_queue_destroy(outbox->queue);
    }
    if (outbox->output != NULL)
        rd_kafka_topic_destroy(outbox->output);
    if (outbox->dead != NULL)
        rd_kafka_topic_destroy(outbox->dead);
    if (outbox->producer != NULL)
        rd_kafka_destroy(outbox->producer);
    outbox->queue = NULL;
    outbox->output = outbox->dead = NULL;
    outbox->producer = NULL;
}

static enum status init_transactions(struct outbox *outbox, int timeout_ms, struct err *err)
{
    rd_kafka_error_t *error = rd_kafka_init_transactions(outbox->producer, timeout_ms);
    enum status status = STATUS_OK;

    if (error == NULL)
        return STATUS_OK;
    switch (rd_kafka_error_code(error)) {
    case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_INVALID_TRANSACTION_TIMEOUT:
    case RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE:
        status = STATUS_FATAL;
        break;
    default:
        status = rd_kafka_error_is_retriable(error) ? STATUS_RETRY : STATUS_FATAL;
    }
    fail(err, status, "transactional.id '%s': %s", outbox->settings->transactional_id, rd_kafka_error_string(error));
    rd_kafka_error_destroy(error);
    return status;
}

static enum status connect_client(struct outbox *outbox, int64_t timeout_ms, int init_timeout_ms, struct err *err)
{
    const struct settings *settings = outbox->settings;
    rd_kafka_conf_t *conf;
    enum status status = settings_kafka(settings, CLIENT_PRODUCER, &conf, err);

    if (status != STATUS_OK)
        return status;
    kafka_conf_log(conf);
    rd_kafka_conf_set_opaque(conf, outbox);
    rd_kafka_conf_set_dr_msg_cb(conf, on_report);
    if ((status = kafka_client_new(RD_KAFKA_PRODUCER, conf, &outbox->producer, err)) != STATUS_OK ||
        (status = kafka_topic_open(outbox->producer, settings->output_topic, timeout_ms, &outbox->output, err)) !=
            STATUS_OK ||
        (status = kafka_topic_open(outbox->producer, settings->dead_topic, timeout_ms, &outbox->dead, err)) !=
            STATUS_OK ||
        (is_transactional(outbox) && (status = init_transactions(outbox, init_timeout_ms, err)) != STATUS_OK)) {
        disconnect(outbox);
        return status;
    }
    outbox->queue = rd_kafka_queue_get_main(outbox->producer);
    rd_kafka_queue_cb_event_enable(outbox->queue, ring, outbox->bell);
    outbox->has_failed = false;
    health_ok(&outbox->control->health, HEALTH_OUTPUT);
    return STATUS_OK;
}

/* So that what they would refuse is shed or set aside before it is sent. */
static void learn_limits(struct outbox *outbox)
{
    const struct settings *settings = outbox->settings;
    size_t output = kafka_topic_limit(outbox->producer, settings->output_topic, LIMIT_TIMEOUT_MS);

    if (output == 0) {
        LOG(LOG_INFO, "limits_unknown", "topic=%s reason=\"the brokers do not tell; what they refuse is found out\"",
            settings->output_topic);
        return;
    }
    outbox->dead_limit = kafka_topic_limit(outbox->producer, settings->dead_topic, LIMIT_TIMEOUT_MS);
    outbox->output_limit = output > 2 * RECORD_HEAD ? output - RECORD_HEAD : output / 2;
    if (outbox->output_limit < settings->output_max_bytes)
        LOG(LOG_WARN, "output_limit", "topic=%s max.message.bytes=%zu output.max.bytes=%llu used=%zu",
            settings->output_topic, output, (unsigned long long)settings->output_max_bytes, outbox->output_limit);
}

enum status outbox_open(const struct settings *settings, struct control *control, struct bell *bell,
                        struct outbox **ret_outbox, struct err *err)
{
    struct outbox *outbox = calloc(1, sizeof *outbox);
    enum status status;

    if (outbox == NULL)
        return fail(err, STATUS_FATAL, "out of memory");
    *outbox = (struct outbox){.settings = settings, .control = control, .bell = bell};
    status = connect_client(outbox, OPEN_TIMEOUT_MS, INIT_TIMEOUT_MS, err);
    if (status != STATUS_OK) {
        free(outbox);
        return status;
    }
    learn_limits(outbox);
    *ret_outbox = outbox;
    return STATUS_OK;
}

enum status outbox_renew(struct outbox *outbox, struct err *err)
{
    disconnect(outbox);
    if (connect_client(outbox, RENEW_TIMEOUT_MS, INIT_AGAIN_TIMEOUT_MS, err) != STATUS_OK)
        return err->status = STATUS_RETRY; /* what was right at the start can become right again */
    metric_add(METRIC_PRODUCER_REBUILDS, 1);
    LOG(LOG_INFO, "producer_renewed", "topic=%s", outbox->settings->output_topic);
    return STATUS_OK;
}

void outbox_close(struct outbox *outbox)
{
    if (outbox == NULL)
        return;
    outbox_purge(outbox);
    disconnect(outbox);
    free(outbox);
}
