/*
 * escalation_notation: the short hand in which the escalation tables write a word's many forms.
 *
 *     word          as it stands
 *     a/b/c         one of these
 *     stem+class    the stem in all forms of a class (LANG.forms.tsv: "- -s -es" puts the stem where the dash is)
 *     (word)        may be missing
 *     *word        also as the end of a compound ("*Angriff": Raketenangriff); in phrases of one word only
 *     word*        also as the beginning of one ("Deeskalation*": Deeskalationskurs); in phrases of one word only
 *     x ~ y         x, then y within a few words: separable verbs ("greift ~ an")
 *     x ~ y$        the same, if y ends its clause, as German particles do
 *     x ~ y ~ z     the same twice
 *     !word         only as it is spelled, with its marks ("würde" is folded to "wurde"); at the head of a phrase
 *     x | y         either of two phrases, both without a gap
 *     @set          one of a set's words (LANG.sets.tsv: "strike", "attack+noun/raid+noun"); also beside others: a/@set
 *
 * What a phrase is made of stays apart: each place of it has its alternatives, and nothing is multiplied out.
 *
 * Errors: STATUS_FATAL with file and line: an unknown class or set, a word of more than 4,096 forms, a gap at an end, a
 * phrase of which all words may be missing.
 */
#ifndef PROCESSORS_ESCALATION_NOTATION_H
#define PROCESSORS_ESCALATION_NOTATION_H

#include "processors/arena.h"
#include "processors/status.h"
#include "processors/table.h"

enum notation_part {
    NOTATION_WHOLE,    /* a phrase without a gap */
    NOTATION_HEAD,     /* what stands before the first gap */
    NOTATION_MIDDLE,   /* what stands between two gaps */
    NOTATION_TAIL,     /* what stands behind the last gap */
    NOTATION_TAIL_END, /* the same, at the end of a clause only */
    NOTATION_COMPOUND_END,
    NOTATION_COMPOUND_START,
};

/* A word in all its forms.  The same text is the same word, for as long as the notation lives. */
struct notation_word {
    struct view *forms;
    size_t n_forms, room;
    uint32_t unit; /* for the caller; 0 until it says otherwise */
};

struct notation_place {
    struct notation_word *word;
    bool is_optional;
};

/* Called for each part of a phrase, in their order. */
typedef enum status (*notation_add)(void *user, const struct notation_place *places, size_t n, enum notation_part part,
                                    struct err *err);

bool notation_has_gap(struct view phrase);

/* One language's; the tables live longer.  classes: rows of class, forms; sets: rows of set, words; NULL: there are none. */
struct notation *notation_new(const struct table *classes, const struct table *sets);
void notation_free(struct notation *notation); /* NULL is fine */

enum status notation_read(struct notation *notation, struct table_row row, struct view phrase, notation_add add, void *user,
                          struct err *err);

#endif
