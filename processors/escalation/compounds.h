/*
 * escalation_compounds: German and its kin write several words as one, and the last of them says what it is.
 *
 * "Drohnenattacken" is known by its end, "Deeskalationsbemühungen" by its beginning; a left part may make another
 * thing of it ("Titelangriff").  At least three letters must stand beside the known part.  Only words that are written
 * with a capital letter are tried, as German nouns are.
 *
 * Thread-safety: read-only after the last compounds_add().
 */
#ifndef PROCESSORS_ESCALATION_COMPOUNDS_H
#define PROCESSORS_ESCALATION_COMPOUNDS_H

#include "processors/article.h"

struct compounds;

enum compound_part {
    COMPOUND_END,
    COMPOUND_START,
    COMPOUND_BLOCKER, /* a left part with which the end does not count */
    COMPOUND_PARTS
};

struct compounds *compounds_new(void);
void compounds_free(struct compounds *compounds); /* NULL is fine */

/* Enters a word, folded as texts are; umlauts also as ae, oe, ue. */
void compounds_add(struct compounds *compounds, enum compound_part part, struct view word, uint32_t value);

/* The value of the longest known end of this token, else of its longest known beginning. */
bool compounds_find(const struct compounds *compounds, const struct article *article, const struct token *token,
                    uint32_t *ret_value);

#endif
