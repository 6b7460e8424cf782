/*
 * escalation_marks: where triggers, cues and context words stand in an article.
 *
 * One pass over the kept tokens.  Sentences are cut into clauses at punctuation and at boundary words; a sentence
 * longer than STRETCH_TOKENS is read as several stretches, so that nothing that follows looks further than that.
 *
 * Thread-safety: writes into the article's arena only.
 */
#ifndef PROCESSORS_ESCALATION_MARKS_H
#define PROCESSORS_ESCALATION_MARKS_H

#include "processors/article.h"
#include "processors/escalation/lexicon.h"

enum { STRETCH_TOKENS = 512 };

/* One occurrence of a trigger or cue. */
struct mark {
    uint32_t first, n_tokens;
    uint32_t clause, clause_last; /* differ for phrases with a gap */
    uint8_t type;                 /* enum entry_type: a trigger or a cue */
    bool has_gap;
    bool is_clitic;               /* a cue that is written onto the trigger */
    bool is_military;             /* a trigger that is a word of war too, and must not vouch for itself */
    uint8_t n_head, n_tail;       /* tokens of the parts before and behind the gaps, of a phrase with gaps */
    uint16_t row;
};

/* A sentence, or a part of a very long one. */
struct stretch {
    uint32_t first_token, end;
    uint32_t sentence;
    uint32_t first_mark, n_marks;
    uint16_t n_triggers;
    uint16_t n_strong;   /* triggers that need nothing */
    uint16_t n_military, n_actor, n_topic;
    uint16_t last_year;  /* the latest of past years it names, 0: none */
};

struct marks {
    struct mark *marks; /* in the order of their first tokens within a stretch */
    size_t n_marks;
    uint8_t *clauses;   /* of each token, counted within its stretch; the last one goes on */
    struct stretch *stretches; /* only those with a trigger, or of use to the one behind it */
    size_t n_stretches;
    size_t n_strong, n_military, n_topic, n_culture; /* over the article; n_topic counts culture too */
};

void marks_find(const struct lexicon *lexicon, struct article *article, struct marks *ret_marks);

#endif
