/*
 * demo_alerts: an alerting service in small: follows the stream of events in Redis, reads each mention and shows it.
 *
 * What it does is what any such service does (and any language's client can): XREAD from the last id that it has seen,
 * then GET of the mention's key.
 *
 * Thread-safety: it has a thread of its own; all functions by the main thread.
 */
#ifndef CONSUMER_DEMO_ALERTS_H
#define CONSUMER_DEMO_ALERTS_H

#include "consumer/demo/show.h"
#include "consumer/demo/tally.h"
#include "consumer/settings/settings.h"

struct demo_alerts;

/* Follows from the stream's end.  Errors: STATUS_RETRY if Redis is not there. */
enum status demo_alerts_open(const struct settings *settings, struct tally *tally, struct show *show,
                             struct demo_alerts **ret_alerts, struct err *err);
void demo_alerts_close(struct demo_alerts *alerts); /* NULL is fine */

struct demo_cache_size {
    uint64_t latest; /* members of PREFIX:latest */
    char memory[24]; /* as Redis writes it: "1.21M" */
};
void demo_alerts_size(struct demo_alerts *alerts, struct demo_cache_size *ret_size); /* of the last second */

/* Asks Redis, on a connection of its own, how many of the mentions it holds. */
enum status demo_alerts_ask(const struct settings *settings, const struct names *mentions, uint64_t *ret_held,
                            struct err *err);

#endif
