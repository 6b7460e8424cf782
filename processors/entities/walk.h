/*
 * entities_walk: what the parts of the entities room hand to each other.
 *
 * sights.c looks up every token in the tables (sights) and tells the tagger what it knows (hints); entities.c brings
 * both together and notes what may be a name (found); people.c keeps those that no table holds (local) and who is
 * meant by a surname alone; resolve.c decides what the doubtful ones are and writes the result.
 *
 * All memory is the article's arena.
 */
#ifndef PROCESSORS_ENTITIES_WALK_H
#define PROCESSORS_ENTITIES_WALK_H

#include "processors/entities/tables.h"

enum { FOUND_MAYBE_MAX = 2, ENTITY_TYPES = 4 };

static inline bool entities_is_place(uint8_t type)
{
    return type == ENTITY_GPE || type == ENTITY_LOC;
}

/* The tagger does not tell states and cities from other places. */
static inline bool entities_same_type(uint8_t a, uint8_t b)
{
    return a == b || (entities_is_place(a) && entities_is_place(b));
}

/* Somebody or something that only this article knows. */
struct local {
    struct view name; /* its first mention */
    uint64_t given;   /* hash of the first word of a name of several; 0: unknown */
    uint8_t type;
    bool is_state;
    char country[4];
};

/* A possible name.  At least one of sure, known, local and maybe[0] is set, the others are ENTITY_NONE.  With maybe and
 * local both, it is the local one if none of the others has enough support. */
struct found {
    uint32_t first, n; /* tokens */
    uint32_t sure;     /* alias */
    uint32_t known;    /* of a surname: index into tables->known */
    uint32_t maybe[FOUND_MAYBE_MAX]; /* aliases that need support */
    uint32_t local;    /* index into locals */
    uint8_t prefix;    /* bytes of the folded first token that are clitics: "באיראן" */
    uint8_t suffix;    /* bytes of the folded last token that are an ending: "Ираном" */
    uint8_t tagged;    /* what the tagger takes it for; ENTITY_TYPES: it does not say */
    float confidence;
};

/* Which person a surname means, or which local organisation a name; open addressing, doubling. */
struct nickname {
    uint64_t hash; /* 0: free */
    uint32_t known, local; /* one of them, the other is ENTITY_NONE */
};

/* What stands at one token. */
struct sight {
    uint32_t n; /* tokens */
    uint32_t sure, maybe[FOUND_MAYBE_MAX]; /* aliases or ENTITY_NONE */
    uint8_t prefix; /* bytes of the folded first token that are clitics */
    uint8_t suffix; /* bytes of the folded last token that are an ending */
    enum cue cue;  /* the first in the tables, if the word is several */
    unsigned cues; /* all of them: 1 << cue */
};

/* How often each country is named beyond doubt. */
struct support {
    uint32_t *countries;  /* by country_index */
    uint32_t n_countries; /* different ones */
};

struct entities_walk {
    const struct entities_tables *tables;
    struct article *article;
    language_id language;
    enum script script; /* of the language */
    struct phrase_forms forms;
    const struct tagger *tagger; /* NULL: none for this language */
    struct found *found;
    size_t n_found, found_room;
    struct local *locals;
    size_t n_locals, locals_room;
    struct nickname *nicknames;
    size_t n_nicknames, nicknames_room;
    uint64_t nickname_heads[8]; /* one bit for three first letters: most words have none of them */
    struct sight *sights;       /* in the order of the buffer, apart */
    size_t n_sights, sights_room;
    uint32_t *sight_of;         /* by token: index into sights, where hints says that one begins */
    uint8_t *hints;             /* by token: enum hint */
    struct support support;
    struct tag_memory memory;
};

/* sights.c */
struct entities_walk entities_walk_of(const struct entities_tables *tables, struct article *article);
/* Looks up all tokens of a stretch: fills sights, sight_of and hints. */
void entities_see(struct entities_walk *walk, uint32_t first, uint32_t end);
/* When all stretches were seen: counts support, and tells hints which doubtful names have some. */
void entities_back(struct entities_walk *walk);
/* The longest match that begins at a token and ends before `end`. */
bool entities_look(const struct entities_walk *walk, uint32_t first, uint32_t end, struct sight *ret_sight);
/* Is it a name, sure or doubtful, of something of this type? */
bool entities_can_be(const struct entities_walk *walk, const struct sight *sight, uint8_t type);
/* Is it doubtful in the way of states whose names are words ("~")? */
bool entities_is_framed(const struct entities_walk *walk, const struct sight *sight);
/* Of which entity it speaks first; NULL: of none, it is a cue. */
const struct known *entities_sight_known(const struct entities_walk *walk, const struct sight *sight);
bool entities_script_has_case(enum script script);

/* entities.c */
struct found *entities_found_add(struct entities_walk *walk, uint32_t first, uint32_t n, float confidence);

/* people.c */
struct introduction {
    bool is_state;
    char country[4];
};

/* Tokens of a person's name that begins here: after a title, or given, with a known given name; 0: none does. */
uint32_t entities_person_length(const struct entities_walk *walk, uint32_t first, uint32_t end, bool given);
struct found *entities_person_add(struct entities_walk *walk, uint32_t first, uint32_t n,
                                  const struct introduction *introduction, float confidence);
/* What is no person and in no table; the same words again are the same one. */
struct found *entities_local_add(struct entities_walk *walk, uint32_t first, uint32_t n, uint8_t type,
                                 float confidence);
/* Is the word at `first` part of one of the names of a person of the tables? */
bool entities_given_fits(const struct entities_walk *walk, uint32_t first, uint32_t entity);
/* From now on the last word of this name alone means this person of the tables. */
void entities_surname_learn(struct entities_walk *walk, uint32_t first, uint32_t n, uint32_t known);
/* Does a surname learned before stand here? */
bool entities_surname_add(struct entities_walk *walk, uint32_t at);
/* Was a person of this surname introduced?  Then the name found is hers. */
bool entities_surname_take(const struct entities_walk *walk, struct found *found);

/* resolve.c */
void entities_resolve(struct entities_walk *walk, uint32_t *known_to_entity);

#endif
