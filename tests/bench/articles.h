/*
 * articles: what the benchmarks walk: 4 KB messages out of the sample feed, as many as the feed gives of a language.
 */
#ifndef TESTS_BENCH_ARTICLES_H
#define TESTS_BENCH_ARTICLES_H

#include <stddef.h>

enum { BODY_BYTES = 4096, VARIANTS = 8 };

#define SAMPLE_FEED TOCSIN_SOURCE_DIR "/deploy/samples/feed.jsonl"

/* Says what is wrong and ends the program. */
void die(const char *text);

/* Up to VARIANTS messages (JSON, malloc'd) of one language, each with a body of about 4 KB: one of the feed's own articles,
 * with paragraphs of others behind its first: a second article behind it would be dropped.  At least one, or die. */
size_t make_messages(const char *feed_path, const char *language, char *ret_messages[VARIANTS]);
void free_messages(char *messages[], size_t n);

/* The body of such a message, malloc'd. */
char *body_of(const char *message);

#endif
