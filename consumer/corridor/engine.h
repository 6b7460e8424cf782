/*
 * engine: the main job: Kafka in, rooms, Kafka out, Redis.  `run` and `demo` use the same one.
 *
 *     engine_new(settings, &engine, &err);          opens knowledge, connects, checks what can be checked
 *     engine_run(engine, &err);                     reader in this thread, workers and publisher in their own; until stopped
 *     engine_free(engine);
 *
 * Thread-safety: engine_stop(), engine_reload(), engine_counts() from any thread while engine_run() runs.
 */
#ifndef CONSUMER_CORRIDOR_ENGINE_H
#define CONSUMER_CORRIDOR_ENGINE_H

#include "consumer/settings/settings.h"

struct engine;
struct watch;

enum engine_stop { ENGINE_DRAIN, ENGINE_NOW };

/* Errors: STATUS_RETRY if no Kafka broker answered in time, STATUS_FATAL for what only a change of settings can cure.
 * A Redis that is away forbids nothing: the stream waits for it, or goes on without (redis.required). */
enum status engine_new(const struct settings *settings, struct engine **ret_engine, struct err *err);

/* The same for a stretch of the input topic instead of the stream: read once without the group, whose offsets stay where
 * they are, by engine_run(), which then returns by itself; its mentions fire no events.  Times: see stretch.h.
 * Refused with delivery = exactly_once (STATUS_FATAL). */
enum status engine_new_stretch(const struct settings *settings, int64_t from_ms, int64_t until_ms,
                               struct engine **ret_engine, struct err *err);

/* STATUS_OK: stopped, nothing left behind.  STATUS_RETRY: stopped with work left (counted in engine_counts, redelivered
 * at the next start), or before the end of the stretch.  STATUS_FATAL: could not go on. */
enum status engine_run(struct engine *engine, struct err *err);
void engine_stop(struct engine *engine, enum engine_stop how);

/* Opens a new knowledge snapshot in this thread and hands it to the batches to come; on failure the old one stays. */
enum status engine_reload(struct engine *engine, struct err *err);
void engine_free(struct engine *engine);

/* For those who look on from outside (watch.h); lives as long as the engine. */
struct watch *engine_watch(struct engine *engine);

/* Sums since the start; a snapshot that may be some microseconds old. */
struct engine_counts {
    uint64_t consumed;   /* records taken from the input topic */
    uint64_t enriched;   /* delivered to the output topic (reported by the broker) */
    uint64_t dead;       /* delivered to the dead-letter topic */
    uint64_t skipped;    /* done by policy: tombstones */
    uint64_t mentions;   /* found */
    uint64_t redis_new;  /* mentions that Redis did not have */
    uint64_t redis_known;/* mentions that it had already */
    uint64_t redis_lost; /* with redis.required=false: given up */
    uint64_t fenced;     /* articles whose partition went to another member while they were under way */
    uint64_t in_flight;  /* articles in batches now */
    uint64_t latency_p50_us, latency_p99_us; /* record's timestamp to delivery report, over the last minute or so */
    uint64_t walk_p50_us, walk_p99_us;       /* through all rooms */
    bool assigned;       /* has the group given us partitions yet? */
    bool redis_up;
};
void engine_counts(const struct engine *engine, struct engine_counts *ret_counts);

#endif
