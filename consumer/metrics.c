#include "consumer/metrics.h"

_Atomic uint64_t metrics[METRIC_COUNT];
struct histogram metric_latency;
struct histogram metric_walk;

static const char *const names[METRIC_COUNT] = {
#define METRIC(name, exported, help) "tocsin_" exported,
    METRICS
#undef METRIC
};

static const char *const helps[METRIC_COUNT] = {
#define METRIC(name, exported, help) help,
    METRICS
#undef METRIC
};

const char *metric_name(enum metric metric)
{
    return names[metric];
}

const char *metric_help(enum metric metric)
{
    return helps[metric];
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
