/*
 * at_least_once: records go out as soon as their batch is worked through, Redis is told side by side; when all reports
 * and replies of a batch are in, its offsets are stored, and committed by the client every commit.interval.
 *
 * One place in the list of batches says which slot is sent next.  When a record fails nothing more is sent until the
 * last reports are in; then a new client sends from the first batch on what was not delivered, so that records stay in
 * order.  What was under way when the client broke may be in the topic twice.
 */
#include "consumer/corridor/publisher.h"

#include "consumer/clock.h"
#include "consumer/log.h"
#include "consumer/metrics.h"

enum { SETTLE_MS = 5000 }; /* for reports of a client that has failed; those that do not come are given up */

/* From where we are in the list, up to its end or to what has to wait. */
static void send_on(struct publisher *publisher)
{
    while (publisher->sending != NULL && !outbox_has_failed(publisher->outbox)) {
        struct batch *batch = publisher->sending;
        struct slot *slot = &batch->slots[publisher->next_slot];

        if (publisher->next_slot == batch->n_slots) {
            publisher->sending = batch->next;
            publisher->next_slot = 0;
            continue;
        }
        if (publisher_sends(slot) && slot->sending == SENDING_NOT_YET) {
            if ((slot->alone || publisher->alone) && outbox_under_way(publisher->outbox) > 0)
                return;
            publisher->alone = slot->alone;
            outbox_send(publisher->outbox, slot);
        }
        publisher->next_slot++;
    }
}

static void begin_recovery(struct publisher *publisher)
{
    publisher->recovery.settling = true;
    publisher->recovery.until_ms = clock_steady_ms() + SETTLE_MS;
}

static void judge(struct publisher *publisher)
{
    char text[300] = "";
    enum judgement judgement;

    outbox_purge(publisher->outbox);
    judgement = publisher_judge(publisher, text, sizeof text);
    publisher->recovery.settling = false;
    if (text[0] == '\0' && outbox_producer(publisher->outbox) != NULL)
        rd_kafka_fatal_error(outbox_producer(publisher->outbox), text, sizeof text);
    publisher_pause(publisher, judgement, text);
}

/* Settled and paused: again from the first batch on. */
static void start_again(struct publisher *publisher)
{
    struct err err;

    if (outbox_renew(publisher->outbox, &err) != STATUS_OK) {
        publisher_pause(publisher, JUDGED_LATER, err.text);
        return;
    }
    for (struct batch *batch = publisher->first; batch != NULL; batch = batch->next)
        publisher_fence(publisher, batch); /* it may have taken long */
    publisher->sending = publisher->first;
    publisher->next_slot = 0;
    publisher->alone = false;
}

/* Returns how long there is nothing to do. */
static int64_t recover(struct publisher *publisher)
{
    struct recovery *recovery = &publisher->recovery;
    int64_t left;

    if (!recovery->settling && recovery->until_ms == 0)
        begin_recovery(publisher);
    left = recovery->until_ms - clock_steady_ms();
    if (recovery->settling && outbox_under_way(publisher->outbox) > 0 && left > 0) {
        outbox_recall(publisher->outbox); /* each time: within the client they go from queue to queue */
        return left < PUBLISHER_LOOK_MS ? left : PUBLISHER_LOOK_MS;
    }
    if (recovery->settling)
        judge(publisher);
    left = recovery->until_ms - clock_steady_ms();
    if (left > 0)
        return left;
    start_again(publisher);
    if (!outbox_has_failed(publisher->outbox))
        recovery->until_ms = 0;
    return 0;
}

static bool is_final(const struct batch *batch)
{
    return batch->n_undelivered == 0 && publisher_is_cached(batch);
}

static void complete(struct publisher *publisher)
{
    struct batch *batch;

    while ((batch = publisher->first) != NULL && is_final(batch) && !control_stopping_now(publisher->control)) {
        metric_add(METRIC_MESSAGES_FENCED, assignment_store(publisher->assignment, publisher->consumer, batch));
        if (publisher->sending == batch) { /* after a recovery it may have had nothing left to send */
            publisher->sending = batch->next;
            publisher->next_slot = 0;
        }
        publisher_release(publisher);
        publisher_recovered(publisher);
    }
}

static int64_t advance(struct publisher *publisher)
{
    struct batch *batch;
    int64_t wait_ms = PUBLISHER_LOOK_MS;

    outbox_serve(publisher->outbox);
    if (outbox_has_failed(publisher->outbox)) {
        wait_ms = recover(publisher);
    } else {
        while ((batch = publisher_collect(publisher)) != NULL)
            if (publisher->sending == NULL) {
                publisher->sending = batch;
                publisher->next_slot = 0;
            }
        send_on(publisher);
    }
    complete(publisher);
    return wait_ms;
}

const struct strategy strategy_at_least_once = {.name = "at_least_once", .advance = advance};
