/*
 * features: what linear models know words by.
 *
 * A feature is a key of 32 bits, made of its kind and one or two numbers (hashes of words or of parts of them).  Models
 * are learnt with the keys that these functions make: another hash needs other models.
 *
 * Thread-safety: pure functions.
 */
#ifndef PROCESSORS_WORDS_FEATURES_H
#define PROCESSORS_WORDS_FEATURES_H

#include "processors/article.h"

#include <string.h>

#define FEATURE_KEY_SPREAD 0x9e3779b1u /* golden ratio: spreads keys over a table */

/* Never 0, by which tables know a free slot. */
static inline uint32_t feature_key(uint32_t kind, uint32_t a, uint32_t b)
{
    uint64_t both = (uint64_t)a << 32 | b;
    uint32_t key = (uint32_t)((both ^ kind * 0x85ebca6bc2b2ae35u) * 0x9e3779b97f4a7c15u >> 32);

    return key == 0 ? 1 : key;
}

/* Of the first eight bytes and the size. */
static inline uint32_t feature_hash(const char *data, size_t size)
{
    uint64_t bytes = 0;

    memcpy(&bytes, data, size < sizeof bytes ? size : sizeof bytes);
    return (uint32_t)((bytes ^ size) * 0x9e3779b97f4a7c15u >> 32);
}

/* The first and the last n code points of a word. */
struct view feature_front(struct view word, unsigned n);
struct view feature_back(struct view word, unsigned n);

/* What a word keeps where grammar changes it: behind the longest prefix that clitics may take (Arabic, Hebrew), else its
 * first five letters. */
uint32_t feature_stem(const struct article *article, const struct token *token, const char *language_tag);

#endif
