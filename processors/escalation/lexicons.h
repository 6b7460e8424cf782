/*
 * escalation_lexicons: the lexicons of all languages, and what holds for every one of them.
 *
 * Files in data/escalation: any.turns.tsv (what becomes of a kind that is prevented, negated, over …), any.modes.tsv
 * (what a mode leaves of a weight), any.traits.tsv (what a language's grammar does).
 *
 * Thread-safety: read-only after lexicons_open().
 * Errors: STATUS_FATAL with file and line of the first bad row.
 */
#ifndef PROCESSORS_ESCALATION_LEXICONS_H
#define PROCESSORS_ESCALATION_LEXICONS_H

#include "processors/escalation/lexicon.h"

/* What a mode makes of a kind.  What has failed is over as well, but talks that are over need not have failed. */
enum { TURN_FAILED = EVENT_MODES, TURNS };

struct turn {
    bool set;
    int16_t kind; /* enum event_kind; -1: no mention at all */
    int16_t mode; /* enum event_mode; -1: as it was */
};

struct lexicons {
    const struct languages *languages;
    struct lexicon *of[LANGUAGES_MAX]; /* NULL: not supported */
    struct classifier *classifiers[LANGUAGES_MAX]; /* NULL: tables alone */
    struct turn turns[EVENT_KINDS][TURNS]; /* by mode, and by TURN_FAILED */
    float factors[EVENT_MODES];
};

enum status lexicons_open(const struct stage_setup *setup, struct lexicons **ret_lexicons, struct err *err);
void lexicons_close(struct lexicons *lexicons); /* NULL is fine */

#endif
