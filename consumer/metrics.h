/*
 * metrics: what the process has counted and timed since it started.
 *
 * Counters and gauges are relaxed atomics.  A histogram is log-linear: sixteen steps to each doubling, so a percentile
 * read from it is at most 6 % off; it keeps the last minute in panes of twenty seconds.
 *
 * Thread-safety: any thread, any time; no locks.  A pane that is being renewed may lose a few values.
 */
#ifndef CONSUMER_METRICS_H
#define CONSUMER_METRICS_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

/* METRIC(name as exported, what it counts) */
#define METRICS                                                                                     \
    METRIC(MESSAGES_CONSUMED, "messages_consumed_total", "records taken from the input topic")      \
    METRIC(MESSAGES_PRODUCED, "messages_produced_total", "records delivered to the output topic")   \
    METRIC(DEAD_LETTERS, "dead_letters_total", "records delivered to the dead-letter topic")        \
    METRIC(DEAD_UNDECODABLE, "dead_letters_undecodable_total", "of these: not readable at all")     \
    METRIC(DEAD_INVALID, "dead_letters_invalid_total", "of these: readable, but no article")        \
    METRIC(DEAD_OVERSIZED, "dead_letters_oversized_total", "of these: too large")                   \
    METRIC(DEAD_UNDELIVERABLE, "dead_letters_undeliverable_total", "of these: refused by a broker") \
    METRIC(MESSAGES_SKIPPED, "messages_skipped_total", "records left out by policy: tombstones")    \
    METRIC(MESSAGES_FENCED, "messages_fenced_total", "articles of partitions that were taken away") \
    METRIC(MENTIONS, "mentions_total", "mentions found")                                            \
    METRIC(REDIS_NEW, "redis_mentions_new_total", "mentions that Redis did not have")               \
    METRIC(REDIS_KNOWN, "redis_mentions_known_total", "mentions that Redis had already")            \
    METRIC(REDIS_LOST, "redis_mentions_lost_total", "mentions given up, with redis.required=false") \
    METRIC(REDIS_ERRORS, "redis_errors_total", "error replies and broken connections")              \
    METRIC(REDIS_CONNECTS, "redis_connects_total", "connections made to Redis")                     \
    METRIC(PRODUCE_RETRIES, "produce_retries_total", "records published again after a failure")     \
    METRIC(TXN_COMMITTED, "transactions_committed_total", "transactions committed")                 \
    METRIC(TXN_ABORTED, "transactions_aborted_total", "transactions aborted")                       \
    METRIC(PRODUCER_REBUILDS, "producer_rebuilds_total", "producers given up and made anew")        \
    METRIC(REBALANCES, "rebalances_total", "partitions given or taken away")                        \
    METRIC(PAUSES, "pauses_total", "reading paused because no batch was free")                      \
    METRIC(STORES_REFUSED, "stores_refused_total", "offsets of partitions that had just gone")      \
    METRIC(STRAY, "stray_messages_total", "records of partitions that are not ours, not used")      \
    METRIC(KNOWLEDGE_LOADS, "knowledge_loads_total", "knowledge snapshots opened")

enum metric {
#define METRIC(name, exported, help) METRIC_##name,
    METRICS
#undef METRIC
    METRIC_COUNT
};

extern _Atomic uint64_t metrics[METRIC_COUNT];

static inline void metric_add(enum metric metric, uint64_t n)
{
    atomic_fetch_add_explicit(&metrics[metric], n, memory_order_relaxed);
}

static inline uint64_t metric_get(enum metric metric)
{
    return atomic_load_explicit(&metrics[metric], memory_order_relaxed);
}

const char *metric_name(enum metric metric);
const char *metric_help(enum metric metric);

enum {
    HISTOGRAM_STEPS = 16,                    /* to each doubling */
    HISTOGRAM_BUCKETS = HISTOGRAM_STEPS * 40, /* up to about 2^43 */
    HISTOGRAM_PANES = 4,                     /* the current one and three full ones */
    HISTOGRAM_PANE_MS = 20000,
};

struct histogram {
    struct histogram_pane {
        _Atomic int64_t number; /* which twenty seconds since the clock began */
        _Atomic uint32_t buckets[HISTOGRAM_BUCKETS];
    } panes[HISTOGRAM_PANES];
};

/* now_ms by the steady clock. */
void histogram_add(struct histogram *histogram, uint64_t value, int64_t now_ms);

/* The value below which `part` (0 to 1) of the last minute's values lie; 0 if there are none. */
uint64_t histogram_quantile(const struct histogram *histogram, double part, int64_t now_ms);

/* Where a value is counted, and the largest value that is counted there. */
size_t histogram_bucket(uint64_t value);
uint64_t histogram_bucket_top(size_t bucket);

/* Microseconds. */
extern struct histogram metric_latency; /* record's timestamp to delivery report */
extern struct histogram metric_walk;    /* one article through all rooms */

#endif
