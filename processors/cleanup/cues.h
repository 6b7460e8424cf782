/*
 * cleanup_cues: words that are common around articles and rare in them ("abonnieren", "cookies", "repost"), so that a prompt
 * is known that no phrase table has.
 *
 * Tables: data/cleanup/cues/LANG.tsv.
 *     word   one word, in each form that occurs
 *     kind   what it speaks for; `other`: words that address the reader, which speak for any kind beside its own cues
 *     trust  sure  hardly ever in an article's prose;  hint  also ordinary
 *
 * A line is asked for the words of its own language and for English ones, which stand around articles in all languages.
 *
 * Thread-safety: read-only after cues_open().
 */
#ifndef PROCESSORS_CLEANUP_CUES_H
#define PROCESSORS_CLEANUP_CUES_H

#include "processors/article.h"
#include "processors/languages.h"
#include "processors/status.h"
#include "processors/table.h"

struct cues;

/* What the cues of one line say. */
struct cue_score {
    uint8_t kind;    /* enum drop_kind that most speaks for; DROP_NONE: nothing does */
    uint32_t weight; /* of different words: 2 for a sure one, 1 for a hint */
    uint32_t address; /* the same, of words that address the reader */
};

enum status cues_open(struct table_source *source, const struct languages *languages, struct cues **ret_cues,
                      struct err *err);
void cues_close(struct cues *cues); /* NULL is fine */

struct cue_score cues_score(const struct cues *cues, const struct article *article, uint32_t first, uint32_t last,
                            language_id language);

#endif
