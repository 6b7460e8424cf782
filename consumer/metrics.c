#include "consumer/metrics.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

_Atomic uint64_t metrics[METRIC_COUNT];
struct histogram metric_latency;
struct histogram metric_walk;

static const struct metric_row rows[METRIC_COUNT] = {
#define METRIC(name, kind, family, label, help) \
    {sizeof(family) > 1 ? "tocsin_" family : NULL, label, help, METRIC_##kind},
    METRICS
#undef METRIC
};

const struct metric_row *metric_row(enum metric metric)
{
    return &rows[metric];
}

/* ---- by language ------------------------------------------------------------------------------------------------ */

struct metric_articles metric_articles[METRIC_LANGUAGES];

static pthread_mutex_t languages_lock = PTHREAD_MUTEX_INITIALIZER; /* guards who writes the two below */
static char language_codes[METRIC_LANGUAGES][16] = {"und"};
static atomic_uint n_languages = 1; /* a code is written before it is counted, and never again */

unsigned metric_language(const char *code)
{
    unsigned slot = 0, n;

    pthread_mutex_lock(&languages_lock);
    n = atomic_load_explicit(&n_languages, memory_order_relaxed);
    while (slot < n && strcmp(language_codes[slot], code) != 0)
        slot++;
    if (slot == n && (n == METRIC_LANGUAGES || strlen(code) >= sizeof language_codes[0])) {
        slot = 0;
    } else if (slot == n) {
        snprintf(language_codes[n], sizeof language_codes[0], "%s", code);
        atomic_store_explicit(&n_languages, n + 1, memory_order_release);
    }
    pthread_mutex_unlock(&languages_lock);
    return slot;
}

const char *metric_language_code(unsigned slot)
{
    return slot < atomic_load_explicit(&n_languages, memory_order_acquire) ? language_codes[slot] : NULL;
}

void metric_article(unsigned slot, const struct article *article)
{
    struct metric_articles *counts = &metric_articles[slot];

    atomic_fetch_add_explicit(&counts->articles, 1, memory_order_relaxed);
    for (size_t i = 0; i < article->n_encoded_mentions; i++) {
        const struct encoded_mention *mention = &article->encoded_mentions[i];
        size_t direction = mention->direction == DIRECTION_ESCALATION ? 0 : 1;

        atomic_fetch_add_explicit(&counts->mentions[direction][mention->kind], 1, memory_order_relaxed);
    }
    metric_add(METRIC_MENTIONS, article->n_encoded_mentions);
}

/* ---- durations -------------------------------------------------------------------------------------------------- */

struct room_times metric_rooms[ROOM_SHARDS];

#define US UINT64_C(1000)
#define MS (1000 * US)
#define S (1000 * MS)
const uint64_t bucket_limits_ns[BUCKET_LIMITS] = {
    10 * US, 25 * US, 50 * US, 100 * US, 250 * US, 500 * US, 1 * MS, 2500 * US, 5 * MS, 10 * MS, 25 * MS,
    50 * MS, 100 * MS, 250 * MS, 500 * MS, 1 * S, 2500 * MS, 5 * S, 10 * S, 30 * S, 60 * S, 300 * S,
};

void buckets_add(struct buckets *buckets, uint64_t ns)
{
    size_t i = 0;

    while (i < BUCKET_LIMITS && ns > bucket_limits_ns[i])
        i++;
    atomic_fetch_add_explicit(&buckets->counts[i], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&buckets->sum_ns, ns, memory_order_relaxed);
}

/* Values below 16 have a bucket each; above, the four bits behind the leading one choose the step. */
size_t histogram_bucket(uint64_t value)
{
    unsigned exponent;
    size_t bucket;

    if (value < HISTOGRAM_STEPS)
        return (size_t)value;
    exponent = 63u - (unsigned)__builtin_clzll(value);
    bucket = (size_t)(exponent - 3) * HISTOGRAM_STEPS + (size_t)(value >> (exponent - 4) & (HISTOGRAM_STEPS - 1));
    return bucket < HISTOGRAM_BUCKETS ? bucket : HISTOGRAM_BUCKETS - 1;
}

uint64_t histogram_bucket_top(size_t bucket)
{
    unsigned exponent;

    if (bucket < HISTOGRAM_STEPS)
        return bucket;
    exponent = (unsigned)(bucket / HISTOGRAM_STEPS) + 3;
    return (((uint64_t)HISTOGRAM_STEPS + bucket % HISTOGRAM_STEPS + 1) << (exponent - 4)) - 1;
}

void histogram_add(struct histogram *histogram, uint64_t value, int64_t now_ms)
{
    int64_t number = now_ms / HISTOGRAM_PANE_MS + 1; /* never 0, which is an unused pane */
    struct histogram_pane *pane = &histogram->panes[number % HISTOGRAM_PANES];
    int64_t seen = atomic_load_explicit(&pane->number, memory_order_relaxed);

    if (seen != number && atomic_compare_exchange_strong_explicit(&pane->number, &seen, number, memory_order_relaxed,
                                                                  memory_order_relaxed))
        for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++)
            atomic_store_explicit(&pane->buckets[i], 0, memory_order_relaxed);
    atomic_fetch_add_explicit(&pane->buckets[histogram_bucket(value)], 1, memory_order_relaxed);
    buckets_add(&histogram->all, value < UINT64_MAX / US ? value * US : UINT64_MAX);
}

uint64_t histogram_quantile(const struct histogram *histogram, double part, int64_t now_ms)
{
    int64_t number = now_ms / HISTOGRAM_PANE_MS + 1;
    uint64_t sums[HISTOGRAM_BUCKETS] = {0}, total = 0, below = 0;
    double wanted;

    for (size_t i = 0; i < HISTOGRAM_PANES; i++) {
        const struct histogram_pane *pane = &histogram->panes[i];
        int64_t at = atomic_load_explicit(&pane->number, memory_order_relaxed);

        if (at == 0 || at > number || at <= number - HISTOGRAM_PANES)
            continue;
        for (size_t k = 0; k < HISTOGRAM_BUCKETS; k++) {
            uint32_t n = atomic_load_explicit(&pane->buckets[k], memory_order_relaxed);

            sums[k] += n;
            total += n;
        }
    }
    if (total == 0)
        return 0;
    wanted = part * (double)total;
    for (size_t k = 0; k < HISTOGRAM_BUCKETS; k++) {
        below += sums[k];
        if (below > 0 && (double)below >= wanted)
            return histogram_bucket_top(k);
    }
    return histogram_bucket_top(HISTOGRAM_BUCKETS - 1);
}
