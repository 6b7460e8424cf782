/*
 * encode_mentions: from events to mentions: their place, identity, sentence and parties, and what Redis is told of
 * each.
 *
 * Thread-safety: writes into the article's arena only.
 */
#ifndef PROCESSORS_ENCODE_MENTIONS_H
#define PROCESSORS_ENCODE_MENTIONS_H

#include "processors/article.h"
#include "processors/encode/fields.h"
#include "processors/encode/json_writer.h"

struct mention {
    const struct event *event;
    const struct piece *piece;
    struct view sentence; /* may be cut; never beyond its piece */
    char id[33];
};

struct dyad {
    struct view actor, target; /* alpha-3 codes or entity ids */
    double score;
};

struct mentions {
    struct mention *mentions;
    size_t n_mentions;
    struct dyad *dyads; /* in the order in which they first come */
    size_t n_dyads;
    size_t n_left_out;  /* beyond ENCODE_MENTIONS_MAX */
};

/* After fields_compose(). */
void mentions_collect(struct article *article, struct mentions *ret_mentions);

/* The value of escalation.mentions[i]. */
void mention_write(struct json_writer *writer, const struct article *article, const struct mention *mention);

/* Fills article->encoded_mentions.  language: the code of the article's. */
void mentions_encode(struct article *article, const struct fields *fields, const struct mentions *mentions,
                     const char *language);

#endif
