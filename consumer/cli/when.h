/*
 * when: a moment as a user writes it on the command line.
 *
 *     2026-03-01T12:00:00Z, 2026-03-01, and all else that feeds write (processors/dates.h), UTC if no zone is named
 *     90s, 30m, 2h, 3d                                    so long ago
 *     now
 */
#ifndef CONSUMER_CLI_WHEN_H
#define CONSUMER_CLI_WHEN_H

#include "consumer/cli/cli.h"

/* The moment that the option names, Unix epoch in ms; *ret_ms stays as it was if it was not given.
 * False: said on stderr, return EXIT_USAGE. */
bool when_option(const struct cli *cli, const char *option, int64_t *ret_ms);

#endif
