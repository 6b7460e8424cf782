#include "consumer/corridor/worker.h"

#include "consumer/clock.h"
#include "consumer/log.h"
#include "consumer/metrics.h"

#include "processors/walker.h"

#include <stdio.h>
#include <string.h>

/* What a worker has for itself. */
struct desk {
    struct walker *walker; /* NULL: none yet */
    uint16_t languages[LANGUAGES_MAX]; /* of the walker's knowledge → their slots in the metrics */
};

static void know_languages(struct desk *desk, const struct languages *languages)
{
    size_t n = languages_count(languages);

    for (size_t i = 0; i < n; i++)
        desk->languages[i] = (uint16_t)metric_language(language_code(languages, (language_id)i));
}

/* The walker for this batch's knowledge; the one for the batch before it is mostly the same. */
static enum status walker_for(struct desk *desk, struct knowledge *knowledge, struct err *err)
{
    if (desk->walker != NULL && walker_knowledge(desk->walker) == knowledge)
        return STATUS_OK;
    walker_free(desk->walker);
    desk->walker = NULL;
    know_languages(desk, knowledge_languages(knowledge));
    return walker_new(knowledge, &desk->walker, err);
}

/* A record without a value, which in a compacted topic says that the article is gone. */
static void keep_tombstone(const struct worker *worker, struct slot *slot)
{
    slot->outcome = worker->settings->input_tombstones == TOMBSTONES_FORWARD ? OUTCOME_FORWARD : OUTCOME_SKIPPED;
}

/* err->text begins with the room: "decode: field 'body' is …". */
static void keep_reject(struct slot *slot, const struct err *err)
{
    size_t size = strcspn(err->text, ":");
    char stage[24];

    snprintf(stage, sizeof stage, "%.*s", (int)size, err->text);
    slot_keep_failure(slot, err->reason == NULL ? "invalid" : err->reason, stage, err->text);
    LOG(LOG_WARN, "reject", "room=%s origin=%s/%d@%lld reason=%s text=%s", stage, slot->message.topic,
        slot->message.partition, (long long)slot->message.offset, slot->failure->reason, LOG_QUOTE(err->text));
}

static void time_rooms(const struct worker *worker, const uint64_t *room_ns)
{
    struct room_times *times = &metric_rooms[worker->number % ROOM_SHARDS];

    for (size_t i = 0; i < STAGES && room_ns[i] > 0; i++)
        buckets_add(&times->rooms[i], room_ns[i]);
}

static enum status walk(const struct worker *worker, struct desk *desk, struct slot *slot, struct err *err)
{
    const struct article *article = NULL;
    int64_t before = clock_steady_ns(), after;
    enum status status;

    slot->message.now_ms = clock_wall_ms();
    status = walker_walk(desk->walker, &slot->message, &article, err);
    after = clock_steady_ns();
    histogram_add(&metric_walk, (uint64_t)(after - before) / 1000, after / 1000000);
    time_rooms(worker, walker_room_ns(desk->walker));
    switch (status) {
    case STATUS_OK:
        if (article->encoded.data == NULL)
            return fail(err, STATUS_FATAL, "an article came out of the last room without having been encoded");
        slot_keep_article(slot, article, worker->fires_no_events
                                             ? INT64_MAX
                                             : slot->message.now_ms - (int64_t)worker->settings->events_max_age);
        metric_article(desk->languages[article->language.language], article);
        return STATUS_OK;
    case STATUS_SKIP:
        slot->outcome = OUTCOME_SKIPPED;
        return STATUS_OK;
    case STATUS_REJECT:
        keep_reject(slot, err);
        return STATUS_OK;
    default:
        return status;
    }
}

static void *worker_main(void *arg)
{
    struct worker *worker = arg;
    struct desk desk = {0};
    struct slot *slot;

    pthread_setname_np(pthread_self(), "worker");
    while ((slot = corridor_take(worker->corridor)) != NULL) { /* the next article of any batch */
        struct err err = {.status = STATUS_OK};

        atomic_store_explicit(&worker->busy_since_ms, clock_steady_ms(), memory_order_relaxed);
        if (slot->message.value.data == NULL) {
            keep_tombstone(worker, slot);
        } else if (walker_for(&desk, slot->batch->knowledge, &err) != STATUS_OK ||
                   walk(worker, &desk, slot, &err) != STATUS_OK) {
            err.status = STATUS_FATAL;
            control_fail(worker->control, &err);
            break; /* its batch stays unfinished and is delivered again after a restart */
        }
        atomic_store_explicit(&worker->busy_since_ms, 0, memory_order_relaxed);
        corridor_done(worker->corridor, slot); /* the last article of a batch hands it to the publisher */
    }
    walker_free(desk.walker);
    return NULL;
}

enum status worker_start(struct worker *worker, struct err *err)
{
    int error = pthread_create(&worker->thread, NULL, worker_main, worker);

    if (error != 0)
        return fail(err, STATUS_FATAL, "cannot start a thread: %s", strerror(error));
    return STATUS_OK;
}

void worker_join(struct worker *worker)
{
    pthread_join(worker->thread, NULL);
}
