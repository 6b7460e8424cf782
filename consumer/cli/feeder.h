/*
 * feeder: plays the crawler: publishes lines to the input topic, keyed by the article's id, else by its url.
 *
 * A line that is no JSON object goes out as it is, without a key: a crawler's broken message is what a stream has to
 * bear.
 *
 * Thread-safety: one thread.
 */
#ifndef CONSUMER_CLI_FEEDER_H
#define CONSUMER_CLI_FEEDER_H

#include "consumer/settings/settings.h"
#include "processors/view.h"

struct feeder;

struct feeder_counts {
    uint64_t sent, delivered, failed;
};

/* Connects to input.topic.  Errors: STATUS_RETRY if no broker answered within timeout_ms, else STATUS_FATAL. */
enum status feeder_open(const struct settings *settings, int64_t timeout_ms, struct feeder **ret_feeder,
                        struct err *err);
void feeder_close(struct feeder *feeder); /* NULL is fine */

/* Sends a copy.  round > 0: as a new article: its id is what it was, else its url, and "-ROUND"; published_at is now.
 * STATUS_RETRY: the queue is full, call feeder_serve() and try again.  STATUS_REJECT: too large, counted as failed. */
enum status feeder_send(struct feeder *feeder, struct view line, uint64_t round, struct err *err);

/* Hears delivery reports for at most so long. */
void feeder_serve(struct feeder *feeder, int timeout_ms);
struct feeder_counts feeder_counts(const struct feeder *feeder);

/* Until everything sent is delivered or has failed.  STATUS_RETRY: there was no progress for patience_ms. */
enum status feeder_flush(struct feeder *feeder, int64_t patience_ms, struct err *err);

#endif
