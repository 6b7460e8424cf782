/*
 * demo_summary: what went in, what came out, and whether it adds up.
 *
 * Thread-safety: none; when all threads of the demo have ended.
 */
#ifndef CONSUMER_DEMO_SUMMARY_H
#define CONSUMER_DEMO_SUMMARY_H

#include "consumer/demo/tally.h"
#include "consumer/corridor/engine.h"

#include <stdio.h>

struct demo_result {
    struct tally *tally; /* its words are sorted */
    struct engine_counts counts;
    uint64_t delivered;  /* to the input topic, as the broker reported */
    double seconds;
    bool has_redis;
    uint64_t redis_held; /* of the tally's mentions, as Redis answers */
};

/* False: something does not add up; the lines say what. */
bool demo_summary_print(const struct demo_result *result, FILE *out);

#endif
