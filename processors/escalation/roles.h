/*
 * escalation_roles: what is seen of a party before it is decided whether it acts, is acted on, both or neither.
 *
 * The rules of parties.h have read order, prepositions, endings and voice; what they say is one feature beside all
 * that they look at, so that the classifier learns in which sentence of which language they can be believed.
 *
 * Thread-safety: pure functions.
 */
#ifndef PROCESSORS_ESCALATION_ROLES_H
#define PROCESSORS_ESCALATION_ROLES_H

#include "processors/escalation/parties.h"

enum { ROLE_KEYS = 48 };

/* What becomes of a party: bits. */
enum part { PART_NONE, PART_ACTOR, PART_TARGET, PART_BOTH, PARTS };

/* The words that tell an event. */
struct telling {
    const struct mark *trigger; /* one of the stretch's, or like one */
    uint8_t roles;              /* enum roles */
    const struct reading *reading;
};

struct visit;

/* The keys of party i of the stretch, for this event as parties_assign() left it.  Returns their number. */
unsigned roles_features(const struct visit *visit, const struct telling *telling, const struct event *event, size_t i,
                        uint32_t ret_keys[ROLE_KEYS]);

#endif
