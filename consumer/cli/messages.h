/*
 * messages: from an item of a file to a message and its article; what `enrich` and `explain` share.
 *
 * A line is a record of its file; a document's id is the name of its file.
 *
 * Thread-safety: pure, but for the walker.
 */
#ifndef CONSUMER_CLI_MESSAGES_H
#define CONSUMER_CLI_MESSAGES_H

#include "consumer/cli/chunk.h"
#include "consumer/cli/cli.h"
#include "processors/walker.h"

/* Do not --text and --html exclude each other?  False: said on stderr, return EXIT_USAGE. */
bool messages_usage(const struct cli *cli);

/* The settings, with the format that --text and --html ask for. */
void messages_options(const struct cli *cli, struct options *ret_options);

/* Can it be read ("-" always)?  False: said on stderr, return EXIT_USAGE. */
bool messages_file(const struct cli *cli, const char *file);

/* "FILE:LINE", of a document "FILE". */
enum { ORIGIN_MAX = 1024 };
const char *messages_origin(const struct item *item, char origin[ORIGIN_MAX]);

/* As walker_walk(); what was cut because it is too large is rejected. */
enum status messages_walk(struct walker *walker, const struct chunk *chunk, const struct item *item,
                          const struct article **ret_article, struct err *err);

#endif
