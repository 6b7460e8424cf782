/*
 * harness: what the fuzz targets share.
 *
 * A target is one function over bytes; built by clang with libFuzzer it searches, built by anything else it replays
 * the files named on its command line (replay.c), which is how a find stays a test for ever.
 *
 * Every violated promise ends the process by abort(), after a line on stderr that says which.
 */
#ifndef TESTS_FUZZ_HARNESS_H
#define TESTS_FUZZ_HARNESS_H

#include "processors/walker.h"

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Which formats a target takes bytes for: bit n is enum input_format n. */
extern const unsigned harness_formats;

/* libFuzzer calls it before the first input, whose clock the reading of the tables would use up. */
int LLVMFuzzerInitialize(int *argc, char ***argv);

/* The shipped tables, opened once per process and input format. */
struct knowledge *harness_knowledge(enum input_format format);

/* A message that holds these bytes and nothing else. */
struct message harness_message(const uint8_t *data, size_t size);

/* Runs the first n rooms; the status is that of the last one that ran.  The article lives until the next call. */
enum status harness_rooms(enum input_format format, const struct message *message, size_t n, const struct article **ret_article);

/* The promises of article.h, as far as the first n rooms have come. */
void harness_check_lines(const struct article *article);
void harness_check_tokens(const struct article *article);
void harness_check_pieces(const struct article *article);

/* The promises of the schema that a machine can check: valid JSON, offsets that cut out exactly the text they claim. */
void harness_check_encoded(const struct article *article);

#endif
