/*
 * escalation_parties: who does it to whom, and who says so.
 *
 * No parser: the order of names around a trigger, the prepositions before them, voice and nationality words.
 *     noun      "israelische Angriffe auf Gaza", "attack by X on Y", "Israel's strike": nationality beside it, an agent
 *               preposition, a genitive or the name before it acts; the one behind a target preposition is acted on
 *     verb      the nearest bare name before it acts, the next bare one behind it is acted on; languages that put
 *               the verb first take both behind it; with a passive they change places
 *     both      all who are named act together ("talks between A and B")
 *     accused   who is accused acts, whatever the trigger
 *     demanded  and threatened: around the cue ("A calls on B to stop the attacks"), not around the trigger
 *
 * Thread-safety: pure functions.
 */
#ifndef PROCESSORS_ESCALATION_PARTIES_H
#define PROCESSORS_ESCALATION_PARTIES_H

#include "processors/escalation/scope.h"

enum { PARTIES_SEEN = 24 };

struct party {
    uint32_t entity;
    uint32_t first, end;      /* tokens */
    uint8_t form;             /* enum name_form */
    bool is_bare;             /* no preposition before it */
    bool can_act;             /* a town that speaks for no state is where things happen, never who does them */
    uint8_t role;             /* enum cue_kind of the preposition before it, or of what stands behind it … */
    bool is_behind;           /* … like "arasında" */
    bool is_declined;         /* it is its ending that says the role */
};

struct parties {
    struct party seen[PARTIES_SEEN]; /* states, leaders, groups of the stretch in their order */
    size_t n;
    int32_t source; /* index of the entity that is quoted in the stretch; -1: nobody */
};

/* Can it be a party at all: whoever acts for a state, an armed group or an international organisation; a place of a state;
 * where words of war are near (at_war) also an organisation that no table holds. */
bool party_counts(const struct entity *entity, bool at_war);

/* Of one state, or the same group. */
bool party_same(const struct entity *a, const struct entity *b);

/* From article->names[first_name …] that lie in the stretch.  marks: of the whole article. */
void parties_find(const struct lexicon *lexicon, const struct article *article, const struct stretch *stretch,
                  const struct mark *marks, size_t first_name, bool at_war, struct parties *ret_parties);

/* Different states or groups among them, at most `enough`. */
unsigned parties_different(const struct article *article, const struct parties *parties, unsigned enough);

/* Puts other actors and targets: parts, one a party, are bits of enum part (roles.h). */
void parties_put(const struct parties *parties, const uint8_t parts[PARTIES_SEEN], struct event *event);

/* Fills actors, targets and source of the event.  marks: of the whole article; at: the place of the trigger among them, or
 * of the first behind it if it is none of them; roles: of its row, or the likeliest.  True: it is about who is accused,
 * which the order of names says better than anything learnt. */
bool parties_assign(const struct lexicon *lexicon, const struct parties *parties, const struct stretch *stretch,
                    const struct mark *marks, size_t at, const struct mark *trigger, uint8_t roles,
                    const struct reading *reading, struct event *event);

#endif
