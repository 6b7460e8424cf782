#include "consumer/corridor/publisher.h"

#include "consumer/clock.h"
#include "consumer/log.h"
#include "consumer/metrics.h"

#include <string.h>

enum {
    PAUSE_FIRST_MS = 100,
    PAUSE_TOLD_MS = 800, /* what is still in vain then is told to those who watch */
    PAUSE_MOST_MS = 5000,
};

/* ---- batches in order ------------------------------------------------------------------------------------------- */

void publisher_fence(struct publisher *publisher, struct batch *batch)
{
    batch->n_undelivered = 0;
    for (size_t i = 0; i < batch->n_origins; i++)
        batch->origins[i].fenced =
            batch->origins[i].fenced || !assignment_is_current(publisher->assignment, &batch->origins[i]);
    for (size_t i = 0; i < batch->n_slots; i++)
        batch->n_undelivered += publisher_sends(&batch->slots[i]) && batch->slots[i].sending != SENDING_DELIVERED;
}

struct batch *publisher_collect(struct publisher *publisher)
{
    struct batch *batch = corridor_collect(publisher->corridor);

    if (batch == NULL)
        return NULL;
    if (publisher->first == NULL)
        publisher->first = batch;
    else
        publisher->last->next = batch;
    publisher->last = batch;
    publisher->n_batches++;
    publisher_fence(publisher, batch);
    if (publisher->cache == NULL)
        atomic_store_explicit(&batch->cached, true, memory_order_relaxed);
    else
        cache_submit(publisher->cache, batch);
    return batch;
}

void publisher_release(struct publisher *publisher)
{
    struct batch *batch = publisher->first;

    for (size_t i = 0; i < batch->n_slots; i++)
        if (batch->slots[i].outcome == OUTCOME_SKIPPED && !batch->origins[batch->slots[i].origin].fenced)
            metric_add(METRIC_MESSAGES_SKIPPED, 1);
    publisher->first = batch->next;
    publisher->n_batches--;
    corridor_give_back(publisher->corridor, batch);
}

/* ---- what goes wrong -------------------------------------------------------------------------------------------- */

enum judgement publisher_judge(struct publisher *publisher, char *text, size_t text_size)
{
    enum judgement worst = JUDGED_AGAIN, judgement;

    for (struct batch *batch = publisher->first; batch != NULL; batch = batch->next) {
        for (size_t i = 0; i < batch->n_slots; i++) {
            if (batch->slots[i].sending != SENDING_FAILED)
                continue;
            judgement = outbox_judge(publisher->outbox, &batch->slots[i], text, text_size);
            worst = judgement > worst ? judgement : worst;
        }
    }
    return worst;
}

void publisher_pause(struct publisher *publisher, enum judgement judgement, const char *text)
{
    struct recovery *recovery = &publisher->recovery;

    if (judgement == JUDGED_CHANGED) {
        recovery->until_ms = 0;
        return;
    }
    recovery->pause_ms = recovery->pause_ms == 0                    ? PAUSE_FIRST_MS
                         : recovery->pause_ms * 2 > PAUSE_MOST_MS ? PAUSE_MOST_MS
                                                                   : recovery->pause_ms * 2;
    recovery->until_ms = clock_steady_ms() + recovery->pause_ms;
    if (judgement == JUDGED_LATER || recovery->pause_ms >= PAUSE_TOLD_MS) {
        health_wait(&publisher->control->health, HEALTH_OUTPUT, "%s", text);
        LOG(LOG_WARN, "waiting", "for=output pause_ms=%lld reason=%s", (long long)recovery->pause_ms, LOG_QUOTE(text));
    }
}

void publisher_recovered(struct publisher *publisher)
{
    publisher->recovery.pause_ms = 0;
    health_ok(&publisher->control->health, HEALTH_OUTPUT);
}

/* ---- the thread ------------------------------------------------------------------------------------------------- */

static void *publisher_main(void *arg)
{
    struct publisher *publisher = arg;

    pthread_setname_np(pthread_self(), "publisher");
    while (!control_stopping_now(publisher->control)) {
        int64_t wait_ms = publisher->strategy->advance(publisher);

        health_beat(&publisher->control->health, LOOP_PUBLISHER);
        if (publisher->first == NULL && corridor_is_over(publisher->corridor))
            break;
        bell_wait(publisher->bell, wait_ms < 1 ? 1 : wait_ms);
    }
    health_loop_is_over(&publisher->control->health, LOOP_PUBLISHER);
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
