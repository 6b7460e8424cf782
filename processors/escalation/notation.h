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
 *
 * All of it is expanded when the tables are loaded; at run time there are only phrases.
 *
 * Errors: STATUS_FATAL with file and line: unknown class, a phrase of more than 1,024 forms, a gap at an end.
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

/* Called for each form; the text lives until the call is over.  step: gaps before this part. */
typedef enum status (*notation_add)(void *user, struct view form, enum notation_part part, unsigned step,
                                    struct err *err);

/* How many gaps a phrase has. */
unsigned notation_gaps(struct view phrase);

/* classes: rows of class, forms; NULL: there are none. */
enum status notation_expand(struct table_row row, struct view phrase, const struct table *classes, notation_add add,
                            void *user, struct err *err);

#endif
