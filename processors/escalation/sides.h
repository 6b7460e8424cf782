/*
 * escalation_sides: whom an event is between, where its own sentence does not say.
 *
 * A report names its two sides again and again; the sentence that tells of the truce or of the next strike need not.
 * Sides are the two states, armed groups or bodies that an article names most (its title counts more).  An event
 * without anybody takes those of the one before it in the same or the last sentence, else of the title; one that has
 * only an actor or only a target, and that one is a side, gets the other side; what is done together is done by both.  Who is no
 * side and appeals or mediates, speaks to both.
 *
 * Thread-safety: pure functions.
 */
#ifndef PROCESSORS_ESCALATION_SIDES_H
#define PROCESSORS_ESCALATION_SIDES_H

#include "processors/escalation/parties.h"

enum { SIDES_ENTITIES = 255 }; /* an event can name no others */

/* How often each entity was named as somebody who may act, and not as a place. */
struct sides_counts {
    uint32_t of[SIDES_ENTITIES];
};

void sides_count(struct sides_counts *counts, const struct article *article, const struct parties *parties);

/* Fills in the actors and targets that the events of an article lack. */
void sides_fill(const struct sides_counts *counts, struct article *article);

#endif
