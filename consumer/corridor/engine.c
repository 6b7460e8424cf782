#include "consumer/corridor/engine.h"

#include "consumer/corridor/assignment.h"
#include "consumer/corridor/bell.h"
#include "consumer/corridor/cache.h"
#include "consumer/clock.h"
#include "consumer/corridor/control.h"
#include "consumer/corridor/corridor.h"
#include "consumer/log.h"
#include "consumer/metrics.h"
#include "consumer/corridor/outbox.h"
#include "consumer/corridor/publisher.h"
#include "consumer/corridor/reader.h"
#include "consumer/corridor/watch.h"
#include "consumer/corridor/worker.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    CLOSE_MS = 5000,     /* for leaving the group */
    CLOSE_NOW_MS = 1000,
    CACHE_CLOSE_MS = 5000, /* for mentions that need not be in Redis; those that must be are by then */
};

struct engine {
    const struct settings *settings;
    struct control control;
    struct bell bell; /* the publisher's */
    struct corridor *corridor;
    struct assignment *assignment;
    struct outbox *outbox;
    struct cache *cache; /* NULL: no Redis */
    struct reader *reader;
    struct publisher publisher;
    struct watch watch;
    struct worker *workers;
    size_t n_workers;
    bool is_stretch; /* not the stream, but the span of it below */
    struct span span;
    pthread_mutex_t lock; /* guards knowledge */
    struct knowledge *knowledge;
};

/* ---- knowledge -------------------------------------------------------------------------------------------------- */

static struct knowledge *current_knowledge(void *user)
{
    struct engine *engine = user;
    struct knowledge *knowledge;

    pthread_mutex_lock(&engine->lock);
    knowledge = knowledge_ref(engine->knowledge);
    pthread_mutex_unlock(&engine->lock);
    return knowledge;
}

/* What the output topic would refuse is shed by the last room, so that is told its limit. */
static enum status open_knowledge(const struct engine *engine, struct knowledge **ret_knowledge, struct err *err)
{
    struct options options;

    settings_options(engine->settings, &options);
    options.output_max_bytes = outbox_limit(engine->outbox);
    if (knowledge_open(&options, ret_knowledge, err) != STATUS_OK)
        return STATUS_FATAL;
    metric_add(METRIC_KNOWLEDGE_LOADS, 1);
    return STATUS_OK;
}

enum status engine_reload(struct engine *engine, struct err *err)
{
    struct knowledge *fresh, *old;

    if (open_knowledge(engine, &fresh, err) != STATUS_OK)
        return STATUS_FATAL;
    watch_lexicon(&engine->watch, knowledge_version(fresh));
    LOG(LOG_INFO, "reloaded", "lexicon=%s", knowledge_version(fresh));
    pthread_mutex_lock(&engine->lock);
    old = engine->knowledge;
    engine->knowledge = fresh;
    pthread_mutex_unlock(&engine->lock);
    knowledge_unref(old); /* freed with the last batch that began with it */
    return STATUS_OK;
}

/* ---- opening ---------------------------------------------------------------------------------------------------- */

/* The threads that librdkafka starts, and ours, inherit this: signals are for the one thread that waits for them. */
static void block_signals(sigset_t *ret_before)
{
    sigset_t all;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, ret_before);
}

static size_t count_workers(const struct settings *settings)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);

    return settings->workers > 0 ? (size_t)settings->workers : cores > 0 ? (size_t)cores : 1;
}

static enum status open_parts(struct engine *engine, struct err *err)
{
    const struct settings *settings = engine->settings;
    struct knowledge_source source = {current_knowledge, engine};
    enum status status;

    engine->assignment = assignment_new();
    /* One more than travel: the reader always holds one. */
    engine->corridor =
        corridor_new(settings->batches + 1, settings->batch_max_count, settings->batch_max_bytes, &engine->bell);
    if (settings->redis_url[0] != '\0' &&
        (status = cache_open(settings, &engine->control, &engine->bell, &engine->cache, err)) != STATUS_OK)
        return status;
    if ((status = outbox_open(settings, &engine->control, &engine->bell, &engine->outbox, err)) != STATUS_OK ||
        (status = open_knowledge(engine, &engine->knowledge, err)) != STATUS_OK)
        return status;
    return reader_open(settings, &engine->control, engine->assignment, engine->corridor, source,
                       engine->is_stretch ? &engine->span : NULL, &engine->reader, err);
}

static enum status engine_new_for(const struct settings *settings, const struct span *span, struct engine **ret_engine,
                                  struct err *err)
{
    struct engine *engine;
    enum status status;
    sigset_t before;

    engine = calloc(1, sizeof *engine);
    if (engine == NULL)
        return fail(err, STATUS_FATAL, "out of memory");
    engine->settings = settings;
    engine->is_stretch = span != NULL;
    if (span != NULL)
        engine->span = *span;
    control_init(&engine->control);
    bell_init(&engine->bell);
    watch_init(&engine->watch, settings, &engine->control);
    pthread_mutex_init(&engine->lock, NULL);
    signal(SIGPIPE, SIG_IGN); /* hiredis writes to sockets that Redis may have closed */
    block_signals(&before);
    status = open_parts(engine, err);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (status != STATUS_OK) {
        engine_free(engine);
        return status;
    }
    engine->watch.assignment = engine->assignment;
    engine->watch.corridor = engine->corridor;
    engine->watch.cache = engine->cache;
    watch_lexicon(&engine->watch, knowledge_version(engine->knowledge));
    if (!engine->is_stretch) /* what lies beyond a stretch is no lag, and nobody is to wait for it */
        watch_consumer(&engine->watch, reader_consumer(engine->reader));
    *ret_engine = engine;
    return STATUS_OK;
}

enum status engine_new(const struct settings *settings, struct engine **ret_engine, struct err *err)
{
    return engine_new_for(settings, NULL, ret_engine, err);
}

enum status engine_new_stretch(const struct settings *settings, int64_t from_ms, int64_t until_ms,
                               struct engine **ret_engine, struct err *err)
{
    const struct span span = {from_ms, until_ms};

    /* What makes a transaction worth its while are the offsets in it, and a stretch moves none. */
    if (settings->delivery == DELIVERY_EXACTLY_ONCE)
        return fail(err, STATUS_FATAL,
                    "a stretch is read without the group, so no transaction can carry its offsets, and one that is "
                    "broken off is published again from its beginning: delivery = exactly_once cannot be kept; say "
                    "-X delivery=at_least_once");
    return engine_new_for(settings, &span, ret_engine, err);
}

void engine_free(struct engine *engine)
{
    if (engine == NULL)
        return;
    control_stop(&engine->control, ENGINE_NOW);
    cache_interrupt(engine->cache);
    cache_close(engine->cache, 0);
    reader_close(engine->reader, CLOSE_NOW_MS);
    outbox_close(engine->outbox); /* before the batches, whose bytes it sends */
    corridor_free(engine->corridor);
    assignment_free(engine->assignment);
    cache_free(engine->cache);
    knowledge_unref(engine->knowledge);
    free(engine->workers);
    pthread_mutex_destroy(&engine->lock);
    watch_done(&engine->watch);
    bell_done(&engine->bell);
    control_done(&engine->control);
    free(engine);
}

/* ---- running ---------------------------------------------------------------------------------------------------- */

static enum status start_threads(struct engine *engine, struct err *err)
{
    size_t n = count_workers(engine->settings);

    engine->publisher = (struct publisher){
        .strategy = engine->settings->delivery == DELIVERY_EXACTLY_ONCE ? &strategy_exactly_once
                                                                        : &strategy_at_least_once,
        .settings = engine->settings,
        .corridor = engine->corridor,
        .control = &engine->control,
        .assignment = engine->assignment,
        .consumer = reader_consumer(engine->reader),
        .outbox = engine->outbox,
        .cache = engine->cache,
        .bell = &engine->bell,
    };
    engine->workers = calloc(n, sizeof *engine->workers);
    if (engine->workers == NULL)
        return fail(err, STATUS_FATAL, "out of memory");
    if (publisher_start(&engine->publisher, err) != STATUS_OK)
        return STATUS_FATAL;
    for (; engine->n_workers < n; engine->n_workers++) {
        struct worker *worker = &engine->workers[engine->n_workers];

        *worker = (struct worker){
            .corridor = engine->corridor, .control = &engine->control, .settings = engine->settings,
            .fires_no_events = engine->is_stretch, .number = (unsigned)engine->n_workers};
        if (worker_start(worker, err) != STATUS_OK) {
            control_stop(&engine->control, ENGINE_NOW); /* the reader then reads nothing, and all go home */
            break;
        }
    }
    engine->watch.workers = engine->workers;
    atomic_store_explicit(&engine->watch.n_workers, engine->n_workers, memory_order_release);
    return engine->n_workers == n ? STATUS_OK : STATUS_FATAL;
}

static void log_start(const struct engine *engine)
{
    const struct settings *settings = engine->settings;

    LOG(LOG_INFO, "started",
        "brokers=%s input=%s output=%s dead=%s group=%s delivery=%s redis=%s workers=%zu lexicon=%s",
        LOG_QUOTE(settings->bootstrap_servers), LOG_QUOTE(settings->input_topic), LOG_QUOTE(settings->output_topic),
        LOG_QUOTE(settings->dead_topic), LOG_QUOTE(settings->group_id), engine->publisher.strategy->name,
        LOG_QUOTE(settings->redis_url[0] == '\0' ? "none" : settings->redis_url), engine->n_workers,
        knowledge_version(engine->knowledge));
}

static void log_stop(const struct engine *engine, size_t left)
{
    struct engine_counts counts;

    engine_counts(engine, &counts);
    LOG(left > 0 ? LOG_WARN : LOG_INFO, "stopped",
        "left=%zu consumed=%llu enriched=%llu dead=%llu skipped=%llu fenced=%llu mentions=%llu redis_new=%llu "
        "redis_known=%llu redis_lost=%llu",
        left, (unsigned long long)counts.consumed, (unsigned long long)counts.enriched, (unsigned long long)counts.dead,
        (unsigned long long)counts.skipped, (unsigned long long)counts.fenced, (unsigned long long)counts.mentions,
        (unsigned long long)counts.redis_new, (unsigned long long)counts.redis_known,
        (unsigned long long)counts.redis_lost);
}

/* Everybody goes home: with work finished, or without. */
static void end_threads(struct engine *engine, bool finished)
{
    if (!finished)
        control_stop(&engine->control, ENGINE_NOW);
    if (finished)
        corridor_close(engine->corridor);
    else
        corridor_abandon(engine->corridor);
    for (size_t i = 0; i < engine->n_workers; i++)
        worker_join(&engine->workers[i]);
    publisher_join(&engine->publisher);
    if (!finished)
        cache_interrupt(engine->cache);
    cache_close(engine->cache, CACHE_CLOSE_MS);
}

enum status engine_run(struct engine *engine, struct err *err)
{
    enum status status = STATUS_OK;
    sigset_t before;
    bool through;
    size_t left;

    block_signals(&before);
    if (start_threads(engine, err) != STATUS_OK)
        status = STATUS_FATAL;
    if (engine->publisher.thread == 0)
        goto out;
    if (status == STATUS_OK)
        log_start(engine);
    left = reader_run(engine->reader);
    through = reader_is_through(engine->reader);
    end_threads(engine, left == 0 && !control_stopping_now(&engine->control));
    watch_consumer(&engine->watch, NULL);
    reader_close(engine->reader, control_stopping_now(&engine->control) ? CLOSE_NOW_MS : CLOSE_MS);
    engine->reader = NULL;
    log_stop(engine, left);
    if (status == STATUS_OK)
        status = control_cause(&engine->control, err);
    if (status == STATUS_OK && !through)
        status = fail(err, STATUS_RETRY,
                      "stopped before the end of the stretch, with %zu articles under way; it begins anew", left);
    if (status == STATUS_OK && left > 0)
        status = fail(err, STATUS_RETRY,
                      "stopped with %zu articles under way; they are delivered again at the next start", left);
out:
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return status;
}

struct watch *engine_watch(struct engine *engine)
{
    return &engine->watch;
}

void engine_stop(struct engine *engine, enum engine_stop how)
{
    control_stop(&engine->control, how);
    if (how != ENGINE_NOW)
        return;
    cache_interrupt(engine->cache);
    bell_ring(&engine->bell);
}

void engine_counts(const struct engine *engine, struct engine_counts *ret_counts)
{
    int64_t now_ms = clock_steady_ms();

    *ret_counts = (struct engine_counts){
        .consumed = metric_get(METRIC_MESSAGES_CONSUMED),
        .enriched = metric_get(METRIC_MESSAGES_PRODUCED),
        .dead = metric_get(METRIC_DEAD_LETTERS),
        .skipped = metric_get(METRIC_MESSAGES_SKIPPED),
        .mentions = metric_get(METRIC_MENTIONS),
        .redis_new = metric_get(METRIC_REDIS_NEW),
        .redis_known = metric_get(METRIC_REDIS_KNOWN),
        .redis_lost = metric_get(METRIC_REDIS_LOST),
        .fenced = metric_get(METRIC_MESSAGES_FENCED),
        .in_flight = corridor_in_flight(engine->corridor),
        .latency_p50_us = histogram_quantile(&metric_latency, 0.50, now_ms),
        .latency_p99_us = histogram_quantile(&metric_latency, 0.99, now_ms),
        .walk_p50_us = histogram_quantile(&metric_walk, 0.50, now_ms),
        .walk_p99_us = histogram_quantile(&metric_walk, 0.99, now_ms),
        .assigned = assignment_is_known(engine->assignment),
        .redis_up = cache_is_up(engine->cache),
    };
}
