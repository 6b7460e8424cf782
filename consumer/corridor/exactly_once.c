/*
 * exactly_once: records, dead letters and offsets of all batches that are ready become visible together, or not at all.
 *
 *     Redis     each batch's mentions, before its transaction: their ids depend on the article alone, so a repetition
 *               changes nothing there; and a Redis that does not answer keeps no transaction open
 *     begin
 *     produce   in order
 *     offsets   under the group's generation as it was when the partitions were last found to be ours
 *     commit
 *
 * Whether partitions are ours is looked at after the generation was asked for.  Should the group take one away later,
 * it has another generation by then, and the brokers refuse the offsets.  (Asked the other way round, offsets of a
 * partition that has just gone could go out under the new generation, and be taken.)  A process that is no member any
 * more but does not know it yet has no name in the group; offsets without one would be taken unseen, so it waits until
 * its partitions are fenced.
 *
 * After an abort the batches still have their bytes, and are published again without what was fenced meanwhile;
 * nothing is read again.  After a commit whose end was not heard the group's offsets say whether it took place.
 *
 * Error classes: librdkafka says of each whether to call again, to abort, or that the client is done for.
 */
#include "consumer/corridor/publisher.h"

#include "consumer/clock.h"
#include "consumer/log.h"
#include "consumer/metrics.h"

#include <stdio.h>

enum {
    CALL_AGAIN_MOST = 10,   /* calls of one step that librdkafka wants to be made again */
    SETTLE_MS = 5000,       /* for the reports before and after a record that is sent alone */
    COMMITTED_MS = 5000,
    FENCINGS_MOST = 3,      /* within FENCINGS_MS: this is no accident */
    FENCINGS_MS = 60000,
};

/* ---- what is ready ---------------------------------------------------------------------------------------------- */

/* Behind the last of the first batches whose mentions are in Redis. */
static const struct batch *end_of_ready(const struct publisher *publisher)
{
    const struct batch *batch = publisher->first;

    while (batch != NULL && publisher_is_cached(batch))
        batch = batch->next;
    return batch;
}

static void fence(struct publisher *publisher, const struct batch *end)
{
    for (struct batch *batch = publisher->first; batch != end; batch = batch->next)
        publisher_fence(publisher, batch);
}

static rd_kafka_topic_partition_list_t *list_offsets(const struct publisher *publisher, const struct batch *end)
{
    rd_kafka_topic_partition_list_t *offsets = rd_kafka_topic_partition_list_new(16);

    for (const struct batch *batch = publisher->first; batch != end; batch = batch->next)
        for (size_t i = 0; i < batch->n_origins; i++)
            if (!batch->origins[i].fenced)
                assignment_list_offset(offsets, &batch->origins[i]);
    return offsets;
}

/* The group's generation and our name in it; NULL: we have none. */
static rd_kafka_consumer_group_metadata_t *membership(const struct publisher *publisher)
{
    rd_kafka_consumer_group_metadata_t *metadata = rd_kafka_consumer_group_metadata(publisher->consumer);
    char *name = rd_kafka_memberid(publisher->consumer);

    if (metadata != NULL && (name == NULL || name[0] == '\0')) {
        rd_kafka_consumer_group_metadata_destroy(metadata);
        metadata = NULL;
    }
    if (name != NULL)
        rd_kafka_mem_free(publisher->consumer, name);
    return metadata;
}

/* ---- one transaction -------------------------------------------------------------------------------------------- */

enum verdict {
    VERDICT_FINAL, /* it took place */
    VERDICT_AGAIN, /* it was aborted, and did not */
    VERDICT_RENEW, /* nothing can be done with this client any more */
};

struct transaction {
    struct publisher *publisher;
    rd_kafka_t *producer;
    const struct batch *end; /* behind the last batch of it */
    rd_kafka_consumer_group_metadata_t *membership;
    rd_kafka_topic_partition_list_t *offsets;
};

static rd_kafka_error_t *begin(const struct transaction *transaction)
{
    return rd_kafka_begin_transaction(transaction->producer);
}

static rd_kafka_error_t *send_offsets(const struct transaction *transaction)
{
    return rd_kafka_send_offsets_to_transaction(transaction->producer, transaction->offsets, transaction->membership,
                                                -1);
}

static rd_kafka_error_t *commit(const struct transaction *transaction)
{
    return rd_kafka_commit_transaction(transaction->producer, -1);
}

static rd_kafka_error_t *abort_it(const struct transaction *transaction)
{
    return rd_kafka_abort_transaction(transaction->producer, -1);
}

/* Records that a transaction took with it say nothing of the reason; the transaction does. */
static void remember_error(struct publisher *publisher, const rd_kafka_error_t *error, const char *step)
{
    const struct settings *settings = publisher->settings;
    struct recovery *recovery = &publisher->recovery;
    char where[600] = "";

    switch (rd_kafka_error_code(error)) {
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED: /* of which one is told to the log only */
        snprintf(where, sizeof where, "topic '%s' or '%s': ", settings->output_topic, settings->dead_topic);
        break;
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
        snprintf(where, sizeof where, "group '%s': ", settings->group_id);
        break;
    case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
        snprintf(where, sizeof where, "transactional.id '%s': ", settings->transactional_id);
        break;
    default:
        break;
    }
    recovery->worst = where[0] == '\0' ? JUDGED_AGAIN : JUDGED_LATER;
    snprintf(recovery->text, sizeof recovery->text, "%s%s: %s", where, step, rd_kafka_error_string(error));
}

static enum verdict verdict_of(struct publisher *publisher, rd_kafka_error_t *error, const char *step)
{
    enum verdict verdict = rd_kafka_error_txn_requires_abort(error) ? VERDICT_AGAIN : VERDICT_RENEW;

    if (publisher->recovery.text[0] == '\0') /* the first is the cause, and the others follow from it */
        remember_error(publisher, error, step);
    LOG(LOG_WARN, "transaction_failed", "step=%s error=%s then=%s reason=%s", step, rd_kafka_error_name(error),
        verdict == VERDICT_AGAIN ? "abort" : "renew", LOG_QUOTE(rd_kafka_error_string(error)));
    rd_kafka_error_destroy(error);
    return verdict;
}

/* One step, made again as often as the library wants it. */
static enum verdict make(const struct transaction *transaction, const char *name,
                         rd_kafka_error_t *(*step)(const struct transaction *transaction))
{
    rd_kafka_error_t *error;

    for (int n = 1; (error = step(transaction)) != NULL; n++) {
        if (!rd_kafka_error_is_retriable(error) || n == CALL_AGAIN_MOST ||
            control_stopping_now(transaction->publisher->control))
            return verdict_of(transaction->publisher, error, name);
        health_beat(&transaction->publisher->control->health, LOOP_PUBLISHER); /* slow brokers are no dead loop */
        rd_kafka_error_destroy(error);
    }
    return VERDICT_FINAL;
}

/* In order; a suspect with no other under way, so that a refusal is its own.  False: one failed. */
static bool send_all(const struct transaction *transaction)
{
    struct outbox *outbox = transaction->publisher->outbox;
    bool alone = false;

    for (struct batch *batch = transaction->publisher->first; batch != transaction->end; batch = batch->next) {
        for (size_t i = 0; i < batch->n_slots && !outbox_has_failed(outbox); i++) {
            struct slot *slot = &batch->slots[i];

            if (!publisher_sends(slot))
                continue;
            if ((slot->alone || alone) && !outbox_settle(outbox, SETTLE_MS))
                return false;
            if (outbox_has_failed(outbox))
                return false;
            alone = slot->alone;
            outbox_send(outbox, slot);
        }
    }
    return !outbox_has_failed(outbox);
}

static bool is_still_ours(const struct transaction *transaction)
{
    for (const struct batch *batch = transaction->publisher->first; batch != transaction->end; batch = batch->next)
        for (size_t i = 0; i < batch->n_origins; i++)
            if (!batch->origins[i].fenced &&
                !assignment_is_current(transaction->publisher->assignment, &batch->origins[i]))
                return false;
    return true;
}

/* The bytes stay, and are as if they had never been sent. */
static enum verdict take_back(const struct transaction *transaction)
{
    enum verdict verdict = make(transaction, "abort", abort_it);

    metric_add(METRIC_TXN_ABORTED, 1);
    return verdict == VERDICT_FINAL ? VERDICT_AGAIN : VERDICT_RENEW;
}

static enum verdict carry_out(const struct transaction *transaction)
{
    struct recovery *recovery = &transaction->publisher->recovery;
    enum verdict verdict = make(transaction, "begin", begin);

    if (verdict != VERDICT_FINAL)
        return verdict == VERDICT_AGAIN ? take_back(transaction) : verdict;
    if (!send_all(transaction) || !is_still_ours(transaction))
        return take_back(transaction);
    verdict = make(transaction, "offsets", send_offsets);
    if (verdict == VERDICT_FINAL) {
        verdict = make(transaction, "commit", commit);
        recovery->in_doubt = verdict == VERDICT_RENEW;
    }
    return verdict == VERDICT_AGAIN ? take_back(transaction) : verdict;
}

/* ---- what follows ----------------------------------------------------------------------------------------------- */

static size_t count_fenced(const struct batch *batch)
{
    size_t n = 0;

    for (size_t i = 0; i < batch->n_origins; i++)
        n += batch->origins[i].fenced ? batch->origins[i].n_articles : 0;
    return n;
}

static void finish(struct publisher *publisher, const struct batch *end)
{
    while (publisher->first != end) {
        struct batch *batch = publisher->first;

        for (size_t i = 0; i < batch->n_slots; i++)
            if (publisher_sends(&batch->slots[i]))
                outbox_count(&batch->slots[i]);
        metric_add(METRIC_MESSAGES_FENCED, count_fenced(batch));
        publisher_release(publisher);
    }
    publisher_recovered(publisher);
}

static size_t count_articles(const struct publisher *publisher, const struct batch *end)
{
    size_t n = 0;

    for (const struct batch *batch = publisher->first; batch != end; batch = batch->next)
        n += batch->n_slots;
    return n;
}

/* None of it is in the topics: neither delivered nor failed. */
static void forget_sending(struct publisher *publisher, const struct batch *end)
{
    for (struct batch *batch = publisher->first; batch != end; batch = batch->next)
        for (size_t i = 0; i < batch->n_slots; i++)
            batch->slots[i].sending = SENDING_NOT_YET;
}

/* Whoever fences us has our name.  Once can be the broker that ended what we left open for too long. */
static void count_fencing(struct publisher *publisher)
{
    struct recovery *recovery = &publisher->recovery;
    int64_t now_ms = clock_steady_ms();
    struct err err;

    if (now_ms - recovery->first_fencing_ms > FENCINGS_MS)
        recovery->n_fencings = 0;
    if (recovery->n_fencings++ == 0)
        recovery->first_fencing_ms = now_ms;
    if (recovery->n_fencings <= FENCINGS_MOST)
        return;
    fail(&err, STATUS_FATAL,
         "publish: fenced %zu times within a minute: another process uses our transactional.id '%s' and each of us ends "
         "the other's transactions; give each process an `instance` (or transactional.id) of its own",
         recovery->n_fencings, publisher->settings->transactional_id);
    control_fail(publisher->control, &err);
}

static bool was_fenced(struct publisher *publisher)
{
    rd_kafka_t *producer = outbox_producer(publisher->outbox);
    rd_kafka_resp_err_t error = producer == NULL ? RD_KAFKA_RESP_ERR_NO_ERROR : rd_kafka_fatal_error(producer, NULL, 0);

    return error == RD_KAFKA_RESP_ERR__FENCED || error == RD_KAFKA_RESP_ERR_PRODUCER_FENCED ||
           error == RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH;
}

/* Was that commit carried out?  The new client has ended what the old one left, so the offsets now stand. */
static bool clear_doubt(struct publisher *publisher, struct err *err)
{
    rd_kafka_topic_partition_list_t *offsets = list_offsets(publisher, NULL);
    rd_kafka_resp_err_t error = rd_kafka_committed(publisher->consumer, offsets, COMMITTED_MS);
    size_t n_done = 0;

    for (struct batch *batch = publisher->first; batch != NULL && error == RD_KAFKA_RESP_ERR_NO_ERROR;
         batch = batch->next) {
        for (size_t i = 0; i < batch->n_origins; i++) {
            struct origin *origin = &batch->origins[i];
            const rd_kafka_topic_partition_t *entry = rd_kafka_topic_partition_list_find(
                offsets, origin->partition->topic, origin->partition->number);

            if (origin->fenced || entry == NULL || entry->offset <= origin->last_offset)
                continue;
            origin->fenced = true; /* done: not to be sent again */
            n_done += origin->n_articles;
        }
    }
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR)
        assignment_committed(publisher->assignment, offsets);
    rd_kafka_topic_partition_list_destroy(offsets);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
        fail(err, STATUS_RETRY, "the group's offsets: %s", rd_kafka_err2str(error));
        return false;
    }
    LOG(LOG_INFO, "commit_found", "articles=%zu", n_done);
    publisher->recovery.in_doubt = false;
    return true;
}

static void renew(struct publisher *publisher)
{
    struct err err;

    if (was_fenced(publisher))
        count_fencing(publisher);
    if (control_stopping_now(publisher->control))
        return;
    outbox_purge(publisher->outbox);
    forget_sending(publisher, NULL);
    if (outbox_renew(publisher->outbox, &err) != STATUS_OK)
        publisher_pause(publisher, JUDGED_LATER, err.text);
}

/* ---- advancing -------------------------------------------------------------------------------------------------- */

static void attempt(struct publisher *publisher, const struct batch *end)
{
    struct transaction transaction = {
        .publisher = publisher,
        .producer = outbox_producer(publisher->outbox),
        .end = end,
        .membership = membership(publisher),
    };
    struct recovery *recovery = &publisher->recovery;
    enum verdict verdict = VERDICT_AGAIN;
    enum judgement judgement;
    int64_t began_ms = clock_steady_ms();

    recovery->worst = JUDGED_AGAIN;
    recovery->text[0] = '\0';
    fence(publisher, end); /* after the membership, see above */
    transaction.offsets = list_offsets(publisher, end);
    if (transaction.offsets->cnt == 0)
        verdict = VERDICT_FINAL; /* all fenced: nothing of it is ours to publish */
    else if (transaction.membership != NULL)
        verdict = carry_out(&transaction);
    else
        snprintf(recovery->text, sizeof recovery->text, "no member of group '%s' at the moment",
                 publisher->settings->group_id);
    if (verdict == VERDICT_FINAL) {
        if (transaction.offsets->cnt > 0) {
            metric_add(METRIC_TXN_COMMITTED, 1);
            assignment_committed(publisher->assignment, transaction.offsets);
            LOG(LOG_DEBUG, "committed", "articles=%zu partitions=%d took_ms=%lld", count_articles(publisher, end),
                transaction.offsets->cnt, (long long)(clock_steady_ms() - began_ms));
        }
        finish(publisher, end);
    } else {
        judgement = publisher_judge(publisher, recovery->text, sizeof recovery->text);
        forget_sending(publisher, end);
        publisher_pause(publisher, judgement > recovery->worst ? judgement : recovery->worst, recovery->text);
        if (verdict == VERDICT_RENEW)
            outbox_fail(publisher->outbox);
        else
            outbox_forgive(publisher->outbox);
    }
    rd_kafka_topic_partition_list_destroy(transaction.offsets);
    if (transaction.membership != NULL)
        rd_kafka_consumer_group_metadata_destroy(transaction.membership);
}

static int64_t advance(struct publisher *publisher)
{
    const struct batch *end;
    int64_t now_ms = clock_steady_ms();
    struct err err;

    outbox_serve(publisher->outbox);
    while (publisher_collect(publisher) != NULL)
        ;
    if (publisher->recovery.until_ms > now_ms)
        return publisher->recovery.until_ms - now_ms;
    if (outbox_has_failed(publisher->outbox)) {
        renew(publisher);
        return 0;
    }
    if (publisher->recovery.in_doubt && !clear_doubt(publisher, &err)) {
        publisher_pause(publisher, JUDGED_LATER, err.text);
        return 0;
    }
    end = end_of_ready(publisher);
    if (publisher->first == end)
        return PUBLISHER_LOOK_MS;
    /* Nothing more can come before this is final: no use in waiting for it. */
    if (publisher->next_begin_ms > now_ms && publisher->n_batches < publisher->settings->batches)
        return publisher->next_begin_ms - now_ms;
    publisher->next_begin_ms = now_ms + (int64_t)publisher->settings->txn_interval;
    attempt(publisher, end);
    return 0;
}

const struct strategy strategy_exactly_once = {.name = "exactly_once", .advance = advance};
