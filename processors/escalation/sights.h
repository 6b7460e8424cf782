/*
 * escalation_sights: what the classifier sees of a stretch.
 *
 * The rules have read it before: what they make of each trigger, the cues, the parties and the words of war are features
 * beside the words themselves, so that the classifier learns how far a ruling can be trusted, and where.
 *
 *     scene    parties, words of war and of other topics, length                              the same keys for all languages
 *     ruled    of each trigger: ruling, kind, mode, cues, what it needs and what is near      the same
 *     words    each word, its first and last letters, pairs with the next two                 salted with the language
 *
 * Thread-safety: pure functions.
 */
#ifndef PROCESSORS_ESCALATION_SIGHTS_H
#define PROCESSORS_ESCALATION_SIGHTS_H

#include "processors/escalation/parties.h"
#include "processors/escalation/scope.h"

enum {
    RULED_MAX = STRETCH_TOKENS * 2,
    RULED_SEEN = 48,   /* triggers of a stretch that are features */
    RULED_KEYS = 20,   /* of each */
    SCENE_KEYS = 8 + CUE_KINDS * 3,
    WORD_KEYS = 5,
    PLACE_KEYS = 12,
    DETAIL_KEYS = 24,
    SIGHTS_EDGE = 2,   /* sights of zeros before the first word and behind the last */
    SIGHT_KEYS_MAX = SCENE_KEYS + RULED_SEEN * RULED_KEYS + STRETCH_TOKENS * WORD_KEYS,
};

/* What the rules made of a trigger. */
enum ruling {
    RULING_UNMET,     /* what it needs is not near */
    RULING_CANCELLED, /* denied, history … */
    RULING_ABSORBED,  /* another one tells it */
    RULING_TOLD,
};

struct ruled {
    uint16_t mark;   /* index into the stretch's marks */
    uint8_t ruling;
    bool is_learnt; /* the classifier let it count */
    struct reading reading;
};

/* What a word is part of. */
enum sight_name { NAME_NONE, NAME_OTHER, NAME_PLACE, NAME_DEMONYM, NAME_PARTY };

struct sight {
    uint32_t stem, front, back; /* hashes; 0: no word */
    uint8_t name;               /* enum sight_name */
    uint8_t shape;              /* enum token_shape */
    uint8_t ruled[2];           /* 1 + the ruling of a trigger that it is in: escalation, de-escalation; 0: none */
    bool is_open;               /* a word that may tell something by itself */
};

struct sights {
    struct sight all[STRETCH_TOKENS + 2 * SIGHTS_EDGE]; /* see sights_at() */
    size_t n;
    uint32_t salt; /* of keys of words: the language */
    uint32_t keys[SIGHT_KEYS_MAX];
    size_t n_keys;
};

static inline struct sight *sights_at(struct sights *sights, size_t i)
{
    return &sights->all[SIGHTS_EDGE + i];
}

struct visit;

/* Of the stretch that visit_read() has read. */
void sights_see(struct visit *visit);

/* What makes word i the one that tells of this direction.  Returns the number of keys. */
unsigned sights_place(const struct sights *sights, size_t i, unsigned down, uint32_t ret_keys[PLACE_KEYS]);
/* What says of which kind and mode it is that word i tells, beside all that is seen of the stretch. */
unsigned sights_detail(const struct sights *sights, size_t i, uint32_t ret_keys[DETAIL_KEYS]);

#endif
