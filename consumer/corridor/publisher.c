#include "consumer/corridor/publisher.h"

#include "consumer/metrics.h"

#include <string.h>

enum { LOOK_MS = 100 }; /* at the latest; the pauses between attempts are measured by it */

/* ---- at least once ---------------------------------------------------------------------------------------------- */

static void send_slots(struct publisher *publisher, struct batch *batch)
{
    for (size_t i = 0; i < batch->n_slots; i++) {
        struct slot *slot = &batch->slots[i];

        if (batch->origins[slot->origin].fenced)
            continue; /* another member sends it */
        if (slot->outcome == OUTCOME_SKIPPED)
            metric_add(METRIC_MESSAGES_SKIPPED, 1);
        else
            outbox_send(publisher->outbox, slot);
    }
}

static void begin_at_least_once(struct publisher *publisher, struct batch *batch)
{
    for (size_t i = 0; i < batch->n_origins; i++)
        batch->origins[i].fenced = !assignment_is_current(publisher->assignment, &batch->origins[i]);
    if (publisher->cache == NULL)
        atomic_store_explicit(&batch->cached, true, memory_order_relaxed);
    else
        cache_submit(publisher->cache, batch);
    send_slots(publisher, batch);
}

static void complete_at_least_once(struct publisher *publisher, struct batch *batch)
{
    metric_add(METRIC_MESSAGES_FENCED, assignment_store(publisher->assignment, publisher->consumer, batch));
}

const struct strategy strategy_at_least_once = {
    .name = "at_least_once",
    .begin = begin_at_least_once,
    .complete = complete_at_least_once,
};

/* ---- in order --------------------------------------------------------------------------------------------------- */

static void begin_next(struct publisher *publisher)
{
    struct batch *batch;

    while (!outbox_is_careful(publisher->outbox) && (batch = corridor_collect(publisher->corridor)) != NULL) {
        if (publisher->first == NULL)
            publisher->first = batch;
        else
            publisher->last->next = batch;
        publisher->last = batch;
        publisher->strategy->begin(publisher, batch);
    }
}

static bool is_complete(const struct batch *batch)
{
    return batch->reports_awaited == 0 && atomic_load_explicit(&batch->cached, memory_order_acquire);
}

static void complete_finished(struct publisher *publisher)
{
    struct batch *batch;

    while ((batch = publisher->first) != NULL && is_complete(batch) && !control_stopping_now(publisher->control)) {
        publisher->first = batch->next;
        publisher->strategy->complete(publisher, batch);
        corridor_give_back(publisher->corridor, batch);
    }
}

static void *publisher_main(void *arg)
{
    struct publisher *publisher = arg;

    pthread_setname_np(pthread_self(), "publisher");
    while (!control_stopping_now(publisher->control)) {
        outbox_serve(publisher->outbox);
        begin_next(publisher);
        complete_finished(publisher);
        if (publisher->first == NULL && corridor_is_over(publisher->corridor))
            break;
        bell_wait(publisher->bell, LOOK_MS);
    }
    return NULL;
}

enum status publisher_start(struct publisher *publisher, struct err *err)
{
    int error = pthread_create(&publisher->thread, NULL, publisher_main, publisher);

    if (error != 0)
        return fail(err, STATUS_FATAL, "cannot start a thread: %s", strerror(error));
    return STATUS_OK;
}

void publisher_join(struct publisher *publisher)
{
    pthread_join(publisher->thread, NULL);
}
