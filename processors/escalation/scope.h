/*
 * escalation_scope: what the cues around a trigger make of it.
 *
 *     turning cues     prevent, unwanted, negation, denial, ended, failed: the direction turns (any.turns.tsv says how);
 *                      a negation that acts on another turning cue takes it back ("could not prevent")
 *     modal cues       hypothetical, threatened, demanded, announced, feared: how it is meant; the nearest one counts
 *     cancelling cues  never (denial of a past act), history, a negation with past behind the verb: no mention
 *
 * A cue acts on its side only, and as far as its row says: so many words, its clause, the next clause, the sentence.
 * Looks at no more than CUES_SEEN marks to either side, so the work is linear in the marks.
 *
 * Thread-safety: pure functions.
 */
#ifndef PROCESSORS_ESCALATION_SCOPE_H
#define PROCESSORS_ESCALATION_SCOPE_H

#include "processors/escalation/lexicons.h"
#include "processors/escalation/marks.h"

enum { CUES_SEEN = 24 };

struct reading {
    bool cancelled;
    uint8_t kind, mode;         /* final */
    const struct mark *turning; /* NULL: not turned */
    const struct mark *modal;   /* NULL: none */
};

/* What the trigger marks[at] of a stretch's n marks means. */
struct reading scope_read(const struct lexicons *lexicons, const struct lexicon *lexicon, const struct mark *marks,
                          size_t n, size_t at);

/* Does this cue act on the trigger or cue `on`?  ret_distance: words between them. */
bool scope_reaches(const struct lexicon *lexicon, const struct mark *cue, const struct mark *on,
                   uint32_t *ret_distance);

#endif
