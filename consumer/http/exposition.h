/*
 * exposition: writes metrics in Prometheus' text format 0.0.4.
 *
 *     exposition_family(&text, "tocsin_consumer_lag", "gauge", "records behind the high watermark");
 *     exposition_sample(&text, "", LABELS("topic", "news.raw", "partition", "3"), 12);
 *
 * Every sample belongs to the family begun last.  Values of labels may be any UTF-8, names are the program's own.
 *
 * Thread-safety: one text, one thread.  Errors: without memory the process ends.
 */
#ifndef CONSUMER_HTTP_EXPOSITION_H
#define CONSUMER_HTTP_EXPOSITION_H

#include "consumer/metrics.h"

#include <stddef.h>
#include <stdint.h>

struct exposition {
    char *data; /* terminated; the caller frees it */
    size_t size, room;
    const char *family;
};

/* Names and values in turn, ended by NULL. */
#define LABELS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define NO_LABELS ((const char *const[]){NULL})

void exposition_print(struct exposition *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* type: counter, gauge or histogram */
void exposition_family(struct exposition *text, const char *name, const char *type, const char *help);
void exposition_sample(struct exposition *text, const char *suffix, const char *const *labels, uint64_t value);
void exposition_seconds(struct exposition *text, const char *suffix, const char *const *labels, uint64_t ns);

/* Buckets, sum and count, in seconds; those whose limits lie in first_ns … last_ns, what is below counted in the first. */
void exposition_buckets(struct exposition *text, const char *const *labels, const struct buckets *const *parts,
                        size_t n_parts, uint64_t first_ns, uint64_t last_ns);

#endif
