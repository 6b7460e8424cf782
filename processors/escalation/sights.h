/*
 * escalation_sights: what the classifier sees of the words of a stretch, and the features that are made of it.
 *
 * The rules have read the stretch before: what they made of a word, the cues around it and the parties of the stretch are
 * features beside the words themselves, so that the classifier learns how far each kind of ruling can be trusted.
 *
 * Thread-safety: pure functions.
 */
#ifndef PROCESSORS_ESCALATION_SIGHTS_H
#define PROCESSORS_ESCALATION_SIGHTS_H

#include "processors/escalation/parties.h"
#include "processors/escalation/scope.h"

enum {
    RULED_MAX = STRETCH_TOKENS * 2,
    SIGHTS_EDGE = 3,          /* empty sights before the first and behind the last */
    SIGHT_FEATURES_MAX = 72,
};

/* What the rules made of a trigger. */
enum ruling {
    RULING_NONE,
    RULING_UNMET,     /* what it needs is not near */
    RULING_CANCELLED, /* denied, history … */
    RULING_ABSORBED,  /* another one tells it */
    RULING_TOLD,
};

struct ruled {
    uint16_t mark;   /* index into the stretch's marks */
    uint8_t ruling;
    struct reading reading; /* unless it is unmet */
};

/* What a word is part of. */
enum sight_name { NAME_NONE, NAME_OTHER, NAME_PLACE, NAME_DEMONYM, NAME_PARTY };

struct sight {
    uint32_t word, stem, front, back; /* hashes; see feature_stem() */
    uint8_t ruling, base;             /* base: 1 + the kind of the trigger's row; 0: none */
    uint8_t kind, mode;               /* of its reading */
    uint8_t name;                     /* enum sight_name */
    uint8_t clause;
    bool is_open;                     /* a word that may tell something by itself */
};

/* Cues of the stretch that turn, or say how something is meant. */
struct sight_cue {
    uint16_t first, end; /* tokens of the stretch */
    uint8_t kind, clause;
};
enum { SIGHT_CUES_MAX = 32 };

struct sights {
    struct sight all[STRETCH_TOKENS + 2 * SIGHTS_EDGE];
    size_t n;
    struct sight_cue cues[SIGHT_CUES_MAX];
    size_t n_cues;
    uint8_t parties, war, topic; /* of the stretch: 0, 1, 2 (or more) */
    uint8_t about;               /* of the article: hot, cold */
    uint32_t told[2];            /* clauses, as bits, in which the rules tell an escalation, a de-escalation */
};

/* sights->all[SIGHTS_EDGE + i] is token first_token + i of the stretch. */
static inline const struct sight *sights_at(const struct sights *sights, size_t i)
{
    return &sights->all[SIGHTS_EDGE + i];
}

struct visit;

/* Of the stretch that visit_read() has read. */
void sights_see(struct visit *visit);

/* The keys of word i.  Returns their number. */
unsigned sights_features(const struct sights *sights, size_t i, uint32_t ret_keys[SIGHT_FEATURES_MAX]);
/* The key of what it says of the whole stretch that a word is in it. */
uint32_t sights_bag_key(const struct sight *sight);

#endif
