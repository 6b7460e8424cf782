/*
 * phrases: a dictionary of words and phrases that is asked at each token for the longest one that begins there.
 *
 * A phrase is a sequence of folded tokens; joiners (hyphens and apostrophes inside words) do not count, so that
 * "Al-Assad", "al Assad" and "Al‑Assad" are one.  Built once by phrases_add() and phrases_freeze(), read-only
 * afterwards.
 * Inside it is an automaton over token hashes (phrases_table.h): one probe a token, 12 bytes an edge.
 * Hashes stand for words, see there for how seldom they err; nobody picks them for us but a hostile author, who gains a
 * false match in his own article.
 *
 * Thread-safety: read-only after phrases_freeze().
 * Errors: none at look-up; phrases_add() and its like return STATUS_REJECT for a phrase without a word in it or of more
 * than PHRASE_TOKENS_MAX tokens.
 */
#ifndef PROCESSORS_WORDS_PHRASES_H
#define PROCESSORS_WORDS_PHRASES_H

#include "processors/article.h"
#include "processors/words/forms.h"

enum { PHRASE_TOKENS_MAX = 16 };

struct phrases;

struct phrases *phrases_new(void);
void phrases_free(struct phrases *phrases); /* NULL is fine */

/* Enters a phrase, folded and tokenised as articles are; umlauts also as ae, oe, ue.  Several values may be entered
 * under one phrase; they come back as a chain in the order in which they were added.  value < 2^31. */
enum status phrases_add(struct phrases *phrases, struct view phrase, uint32_t value, struct err *err);

/* A unit is what may stand at one place of many phrases: "launch", "launches", "launched".  Umlauts as above. */
enum status phrases_unit(struct phrases *phrases, const struct view *forms, size_t n, uint32_t *ret_unit, struct err *err);

struct phrase_unit {
    uint32_t unit;
    bool is_optional; /* may be missing */
};

/* Enters all phrases that these units make, one after the other.  The cost is that of their sum, not of their product. */
enum status phrases_add_units(struct phrases *phrases, const struct phrase_unit *units, size_t n, uint32_t value,
                              struct err *err);
void phrases_freeze(struct phrases *phrases);

struct phrase_match {
    uint32_t first_token, n_tokens; /* joiners inside counted in */
    uint32_t chain;                 /* for phrases_next() */
    struct form first, last;        /* which forms of its first and last token matched (what was stripped) */
};

/* Walks the values of a match:  for (uint32_t c = match.chain; phrases_next(phrases, &c, &value);) …  */
bool phrases_next(const struct phrases *phrases, uint32_t *chain, uint32_t *ret_value);

/* How tokens may differ from the words entered: strips are tried on the first's front and the last's end. */
struct phrase_forms {
    const char *language_tag; /* NULL: the words as they are */
    enum forms_use use;
};

/* The longest phrase that begins at this token and ends before `end` (a token index).  False: none. */
bool phrases_longest(const struct phrases *phrases, const struct article *article, uint32_t first, uint32_t end,
                     struct phrase_forms forms, struct phrase_match *ret_match);

/* The same among those that accept(user, match) says true to: a phrase may be another language's, or need a capital. */
typedef bool phrase_accept(void *user, const struct phrase_match *match);
bool phrases_longest_that(const struct phrases *phrases, const struct article *article, uint32_t first, uint32_t end,
                          struct phrase_forms forms, phrase_accept *accept, void *user, struct phrase_match *ret_match);

/* How many phrases were entered, those of units as one each. */
size_t phrases_count(const struct phrases *phrases);

#endif
