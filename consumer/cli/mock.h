/*
 * mock: librdkafka's mock cluster as an embedded Kafka: for the demo, the tests and development.
 *
 * The only file that knows rdkafka_mock.h, which its authors may change at any time.  What it is not (librdkafka 2.0):
 * durable, remote (it listens on 127.0.0.1, on ports of its own choice), exact about transactions.  Each partition
 * keeps 5 MiB or 100,000 batches, the oldest are dropped; a reader that lags behind loses them.  The first join of a
 * group takes three seconds.  session.timeout.ms must be above 3000.
 *
 * Thread-safety: any thread.
 */
#ifndef CONSUMER_CLI_MOCK_H
#define CONSUMER_CLI_MOCK_H

#include "processors/status.h"

#include <stdint.h>

struct mock;

enum status mock_start(unsigned brokers, struct mock **ret_mock, struct err *err);
void mock_stop(struct mock *mock); /* NULL is fine */

const char *mock_bootstraps(const struct mock *mock); /* "127.0.0.1:PORT,…" */

/* Before any client asks for the topic: then it would exist with four partitions. */
enum status mock_topic(struct mock *mock, const char *name, unsigned partitions, struct err *err);

/* Brokers count from 1. */
enum status mock_down(struct mock *mock, unsigned broker, struct err *err);
enum status mock_up(struct mock *mock, unsigned broker, struct err *err);
enum status mock_delay(struct mock *mock, unsigned broker, unsigned ms, struct err *err); /* each answer */

/* The next `count` requests of this kind fail.  api: "Produce", "Fetch", … or a number; error: its name as librdkafka
 * spells it ("NOT_LEADER_FOR_PARTITION", "_TRANSPORT" for a broken connection) or its number. */
enum status mock_fail(struct mock *mock, const char *api, const char *error, unsigned count, struct err *err);

#endif
