/*
 * escalation_visit: one article on its way through the room.  For the files of this room and its trainer.
 */
#ifndef PROCESSORS_ESCALATION_VISIT_H
#define PROCESSORS_ESCALATION_VISIT_H

#include "processors/escalation/marks.h"
#include "processors/escalation/parties.h"
#include "processors/escalation/scope.h"
#include "processors/escalation/sides.h"
#include "processors/escalation/sights.h"

enum { REPORT_TOKENS = 80 }; /* an article so long names all its sides */

struct visit {
    const struct lexicons *lexicons;
    const struct lexicon *lexicon;
    const struct classifier *classifier; /* NULL: there is none for this language */
    struct article *article;
    struct marks marks;
    size_t events_room;
    size_t next_name;       /* the first name that may lie in the next stretch */
    uint16_t history_year;  /* years up to this one are history; 0: unknown */
    bool is_hot, is_cold;   /* about war; about something else */
    bool is_fiction;        /* about something else, and no state is named in it; or a review */
    bool is_elsewhere;      /* a report on sport, markets, crime, whatever its words of war and its states */
    bool names_states;
    bool is_one_sided;      /* no armed group, and all its parties are of one state */
    unsigned parties_before; /* different parties in the stretch before */
    struct sides_counts sides;

    /* the stretch that is read */
    const struct stretch *stretch;
    struct parties parties;
    unsigned n_parties;     /* different ones, at most 2 */
    bool is_acting;         /* one of them is a state itself, its people or its government, and not just a town of it */
    struct ruled ruled[RULED_MAX]; /* its triggers */
    size_t n_ruled;
    bool is_seen;           /* sights are of this stretch */
    struct sights sights;
};

/* What is known of an article before its first stretch.  False: its language has no tables. */
bool visit_begin(struct visit *visit, const struct lexicons *lexicons, struct article *article);
/* Fills what is of the stretch: its parties, what the rules make of its triggers, what the classifier sees. */
void visit_read(struct visit *visit, const struct stretch *stretch);
/* How actor and target stand around a word of this kind that no row names, most likely: enum roles. */
uint8_t visit_roles(enum event_kind kind);
/* Adds its events to the article. */
void visit_judge(struct visit *visit);

#endif
