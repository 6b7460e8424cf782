/*
 * metrics: what the process has counted and timed since it started.
 *
 * Counters and gauges are relaxed atomics in fixed arrays: no lock, no allocation, whoever counts.  consumer/http shows
 * them to Prometheus; the same numbers are in the log's last line and in the demo.
 *
 * Two kinds of histogram.  `struct buckets` counts since the start by limits that are fixed for good, as Prometheus
 * wants it.  `struct histogram` is that, and beside it keeps the last minute, log-linear (sixteen steps to each doubling, so a
 * percentile read from it is at most 6 % off), in panes of twenty seconds.
 *
 * Labels are bounded: languages by what the tables name, all else by lists in the code.
 *
 * Thread-safety: any thread, any time; no locks but in metric_language(), which is asked once a worker and
 * snapshot.  A pane that is being renewed may lose a few values.
 */
#ifndef CONSUMER_METRICS_H
#define CONSUMER_METRICS_H

#include "processors/languages.h"
#include "processors/article.h"
#include "processors/languages.h"
#include "processors/stage.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

/* METRIC(name, kind, family, label, what it counts)
 * The rows of a family stand together and differ by label; its first row says what it counts.  Family "": a sum that is
 * not exported, because its parts are. */
#define METRICS                                                                                                        \
    METRIC(MESSAGES_CONSUMED, COUNTER, "messages_consumed_total", "", "records taken from the input topic")            \
    METRIC(MESSAGES_PRODUCED, COUNTER, "messages_produced_total", "", "records delivered to the output topic")         \
    METRIC(DEAD_LETTERS, COUNTER, "", "", "records delivered to the dead-letter topic")                                \
    METRIC(DEAD_UNDECODABLE, COUNTER, "dead_letters_total", "reason=\"undecodable\"",                                  \
           "records delivered to the dead-letter topic: not readable at all, readable but no article, too large, "     \
           "refused by a broker")                                                                                      \
    METRIC(DEAD_INVALID, COUNTER, "dead_letters_total", "reason=\"invalid\"", "")                                      \
    METRIC(DEAD_OVERSIZED, COUNTER, "dead_letters_total", "reason=\"oversized\"", "")                                  \
    METRIC(DEAD_UNDELIVERABLE, COUNTER, "dead_letters_total", "reason=\"undeliverable\"", "")                          \
    METRIC(MESSAGES_SKIPPED, COUNTER, "messages_skipped_total", "", "records left out by policy: tombstones")          \
    METRIC(MESSAGES_FENCED, COUNTER, "messages_fenced_total", "", "articles of partitions that were taken away")       \
    METRIC(STRAY, COUNTER, "stray_messages_total", "", "records of partitions that are not ours, not used")            \
    METRIC(OFFSETS_RESET, COUNTER, "offset_resets_total", "", "times that the next record of a partition was gone")    \
    METRIC(BATCHES, COUNTER, "batches_total", "", "batches handed to the workers")                                     \
    METRIC(MENTIONS, COUNTER, "", "", "mentions found")                                                                \
    METRIC(TXN_COMMITTED, COUNTER, "transactions_total", "result=\"committed\"", "transactions ended")                 \
    METRIC(TXN_ABORTED, COUNTER, "transactions_total", "result=\"aborted\"", "")                                       \
    METRIC(PRODUCER_REBUILDS, COUNTER, "producer_rebuilds_total", "", "producers given up and made anew")              \
    METRIC(PRODUCE_RETRIES, COUNTER, "produce_retries_total", "", "records published again after a failure")           \
    METRIC(THROTTLED, MILLISECONDS, "kafka_throttled_seconds_total", "", "time that brokers with a quota made us wait") \
    METRIC(REBALANCES, COUNTER, "rebalances_total", "", "partitions given or taken away")                              \
    METRIC(PAUSES, COUNTER, "pauses_total", "", "reading paused because no batch was free")                            \
    METRIC(PAUSED, GAUGE, "paused", "", "1 while reading is paused because no batch is free")                          \
    METRIC(STORES_REFUSED, COUNTER, "stores_refused_total", "", "offsets of partitions that had just gone")            \
    METRIC(REDIS_COMMANDS, COUNTER, "redis_commands_total", "", "scripts that Redis was sent, repetitions too")         \
    METRIC(REDIS_NEW, COUNTER, "redis_mentions_new_total", "", "mentions that Redis did not have")                     \
    METRIC(REDIS_KNOWN, COUNTER, "redis_mentions_known_total", "", "mentions that Redis had already")                  \
    METRIC(REDIS_LOST, COUNTER, "redis_mentions_lost_total", "", "mentions given up, with redis.required=false")       \
    METRIC(REDIS_ERRORS, COUNTER, "redis_errors_total", "", "error replies and broken connections")                    \
    METRIC(REDIS_CONNECTS, COUNTER, "redis_connects_total", "", "connections made to Redis")                           \
    METRIC(KNOWLEDGE_LOADS, COUNTER, "knowledge_loads_total", "", "snapshots of the tables opened")

enum metric {
#define METRIC(name, kind, family, label, help) METRIC_##name,
    METRICS
#undef METRIC
    METRIC_COUNT
};

enum metric_kind {
    METRIC_COUNTER,
    METRIC_GAUGE,
    METRIC_MILLISECONDS, /* a counter of these, exported as seconds */
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

static inline void metric_set(enum metric metric, uint64_t value)
{
    atomic_store_explicit(&metrics[metric], value, memory_order_relaxed);
}

struct metric_row {
    const char *name;   /* of the family, with prefix; NULL: not exported */
    const char *label;  /* name="value"; "": none */
    const char *help;   /* "": as the row before it */
    enum metric_kind kind;
};
const struct metric_row *metric_row(enum metric metric);

/* ---- by language ------------------------------------------------------------------------------------------------ */

/* A language's number differs between snapshots of the tables; its slot here does not.  Slots are given out once each,
 * "und" is 0, and what comes when all are taken is counted there too. */
enum { METRIC_LANGUAGES = LANGUAGES_MAX };
unsigned metric_language(const char *code);

/* The codes so far; NULL where none was given. */
const char *metric_language_code(unsigned slot);

enum { METRIC_DIRECTIONS = 2 }; /* escalation, deescalation */

struct metric_articles {
    _Atomic uint64_t articles;
    _Atomic uint64_t mentions[METRIC_DIRECTIONS][EVENT_KINDS];
};
extern struct metric_articles metric_articles[METRIC_LANGUAGES];

void metric_article(unsigned slot, const struct article *article);

/* ---- durations -------------------------------------------------------------------------------------------------- */

/* Limits of the buckets: 1, 2.5 and 5 of each power of ten from 10 µs to 10 s, as Prometheus' own clients have them, and
 * half a minute, one and five, by which a back-log can be told from a slow room. */
enum { BUCKET_LIMITS = 22 };
extern const uint64_t bucket_limits_ns[BUCKET_LIMITS];

struct buckets {
    _Atomic uint64_t counts[BUCKET_LIMITS + 1]; /* each for itself; the last: beyond all limits */
    _Atomic uint64_t sum_ns;
};
void buckets_add(struct buckets *buckets, uint64_t ns);

/* Each worker has one of these, or shares it with few: a counter that all add to would cost more than what it counts. */
enum { ROOM_SHARDS = 32 };
struct room_times {
    _Alignas(64) struct buckets rooms[STAGES];
};
extern struct room_times metric_rooms[ROOM_SHARDS];

enum {
    HISTOGRAM_STEPS = 16,                    /* to each doubling */
    HISTOGRAM_BUCKETS = HISTOGRAM_STEPS * 40, /* up to about 2^43 */
    HISTOGRAM_PANES = 4,                     /* the current one and three full ones */
    HISTOGRAM_PANE_MS = 20000,
};

struct histogram {
    struct buckets all; /* since the start */
    struct histogram_pane { /* the last minute */
        _Atomic int64_t number; /* which twenty seconds since the clock began */
        _Atomic uint32_t buckets[HISTOGRAM_BUCKETS];
    } panes[HISTOGRAM_PANES];
};

/* value in microseconds, now_ms by the steady clock. */
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
