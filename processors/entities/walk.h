/*
 * entities_walk: what the two halves of the entities room hand to each other.
 *
 * entities.c walks over the tokens and notes what may be a name (found); people.c adds persons and
 * organisations that no table holds (local); resolve.c decides what the doubtful ones are and writes the
 * result.
 *
 * All memory is the article's arena.
 */
#ifndef PROCESSORS_ENTITIES_WALK_H
#define PROCESSORS_ENTITIES_WALK_H

#include "processors/entities/tables.h"

enum { FOUND_MAYBE_MAX = 2 };

/* Somebody or something that only this article knows. */
struct local {
    struct view name; /* its first mention */
    uint64_t given;   /* hash of the first word of a name of several; 0: unknown */
    uint8_t type;
    bool is_state;
    char country[4];
};

/* A possible name.  At least one of sure, known, local and maybe[0] is set, the others are ENTITY_NONE. */
struct found {
    uint32_t first, n; /* tokens */
    uint32_t sure;     /* alias */
    uint32_t known;    /* of a surname: index into tables->known */
    uint32_t maybe[FOUND_MAYBE_MAX]; /* aliases that need support */
    uint32_t local;    /* index into locals */
    float confidence;
};

/* Which person a surname means, or which local organisation a name; open addressing, doubling. */
struct nickname {
    uint64_t hash; /* 0: free */
    uint32_t known, local; /* one of them, the other is ENTITY_NONE */
};

struct entities_walk {
    const struct entities_tables *tables;
    struct article *article;
    language_id language;
    enum script script; /* of the language */
    struct phrase_forms forms;
    struct found *found;
    size_t n_found, found_room;
    struct local *locals;
    size_t n_locals, locals_room;
    struct nickname *nicknames;
    size_t n_nicknames, nicknames_room;
    uint64_t nickname_heads[8]; /* one bit for three first letters: most words have none of them */
};

/* What stands at one token. */
struct sight {
    uint32_t n; /* tokens */
    uint32_t sure, maybe[FOUND_MAYBE_MAX]; /* aliases or ENTITY_NONE */
    enum cue cue;  /* the first in the tables, if the word is several */
    unsigned cues; /* all of them: 1 << cue */
};

/* entities.c */
bool entities_look(const struct entities_walk *walk, uint32_t first, uint32_t end, struct sight *ret_sight);
struct found *entities_found_add(struct entities_walk *walk, uint32_t first, uint32_t n, float confidence);
bool entities_script_has_case(enum script script);
bool entities_token_has_capital(const struct token *token);

/* people.c */
struct introduction {
    bool is_state;
    char country[4];
};

/* Tokens of a person's name that begins here: after a title, or given, with a known given name; 0: none does. */
uint32_t entities_person_length(const struct entities_walk *walk, uint32_t first, uint32_t end, bool given);
void entities_person_add(struct entities_walk *walk, uint32_t first, uint32_t n,
                         const struct introduction *introduction, float confidence);
void entities_organisation_add(struct entities_walk *walk, uint32_t first, uint32_t n);
/* From now on the last word of this name alone means this person of the tables. */
void entities_surname_learn(struct entities_walk *walk, uint32_t first, uint32_t n, uint32_t known);
/* Does a surname learned before stand here? */
bool entities_surname_add(struct entities_walk *walk, uint32_t at);
/* Was a person of this surname introduced?  Then the name found is hers. */
bool entities_surname_take(const struct entities_walk *walk, struct found *found);

/* resolve.c */
void entities_resolve(struct entities_walk *walk, uint32_t *known_to_entity);

#endif
