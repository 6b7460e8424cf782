/*
 * check: what its parts share: how a finding is said, and the topics.
 */
#ifndef CONSUMER_CLI_CHECK_H
#define CONSUMER_CLI_CHECK_H

#include "consumer/settings/settings.h"

enum finding {
    FINDING_OK,
    FINDING_NOTE,  /* will do, but somebody should know */
    FINDING_WRONG, /* cannot work */
};

/* "ok    topic      news.raw: 12 partitions" on stdout. */
void check_report(enum finding finding, const char *what, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

enum { CHECK_CONNECT_MS = 10000 };

/* A client that only asks. */
enum status check_client(const struct settings *settings, enum client which, rd_kafka_t **ret_client, struct err *err);

/* The three topics: are they there (if create, those that are missing are made), and do their limits and copies go with
 * the settings?  STATUS_OK, STATUS_RETRY: one is missing or cannot be asked for, STATUS_FATAL: a limit contradicts the
 * settings. */
enum status check_topics(const struct settings *settings, rd_kafka_t *client, bool create);

/* Does the group's coordinator answer, and with delivery = exactly_once also that of transactions?  STATUS_OK or
 * STATUS_RETRY. */
enum status check_coordinators(const struct settings *settings, rd_kafka_t *client);

#endif
