/*
 * demo_samples: the articles that the demo feeds, and the messages that are none, in memory.
 *
 * Thread-safety: read-only once loaded.
 */
#ifndef CONSUMER_DEMO_SAMPLES_H
#define CONSUMER_DEMO_SAMPLES_H

#include "consumer/cli/source.h"

struct sample {
    struct view line;
    const char *id; /* of an article, else its url; NULL: it has neither, or is none */
};

struct demo_samples {
    struct arena *arena;
    struct sample *articles, *poison;
    size_t n_articles, n_poison;
};

/* files: the user's own articles; none: those shipped.  Errors: STATUS_FATAL. */
enum status demo_samples_load(const char *const *files, size_t n_files, struct demo_samples *ret_samples,
                              struct err *err);
void demo_samples_free(struct demo_samples *samples);

#endif
