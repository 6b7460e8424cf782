/*
 * phrases_builder: phrases that are being entered, between phrases_build.c and phrases_freeze.c; of no use to others.
 *
 * Thread-safety: one builder, one thread.
 */
#ifndef PROCESSORS_WORDS_PHRASES_BUILDER_H
#define PROCESSORS_WORDS_PHRASES_BUILDER_H

#include "processors/words/phrases_table.h"

/* An array that grows; elements are never moved by those who hold an index. */
#define LIST(type) struct { type *at; size_t n, room; }
#define LIST_ADD(list, ...) \
    (phrases_list_room((void **)&(list)->at, (list)->n, &(list)->room, sizeof *(list)->at),                       \
     (list)->at[(list)->n++] = (__VA_ARGS__))

struct token_key {
    uint64_t hash;
    uint32_t start, head; /* for the filters, should a phrase begin with it */
};

/* A form of several tokens. */
struct run {
    uint32_t first, n; /* in keys */
};

struct unit {
    uint32_t first, n;         /* forms of one token, in keys */
    uint32_t first_run, n_runs;
    uint32_t n_tokens;         /* of its longest form */
    bool is_first;             /* its tokens are in the filters */
    bool has_word;             /* and not only punctuation */
};

/* From a place of a phrase to the next, over one token or over any of a unit's. */
struct step {
    uint64_t hash;
    uint32_t unit;   /* 0: the token alone */
    uint32_t target;
    uint32_t next;   /* of the same place; 0: the last */
};

struct place {
    uint32_t steps;
    uint32_t value; /* one more than the value of the phrase that ends here; 0: none does */
};

/* A node of the automaton: the places where one may be. */
struct state {
    uint32_t first, n; /* in items, in their order */
    uint32_t chain;
    bool continues;
};

/* An edge before it has its place. */
struct new_edge {
    uint64_t key;
    uint32_t child;
};

/* Over one token to the places of a bundle. */
struct arc {
    uint64_t hash;
    uint32_t bundle;
};

struct bundle {
    uint32_t first, n; /* in targets */
    uint32_t state;    /* UINT32_MAX: not asked for yet */
};

struct phrases_builder {
    struct arena *arena; /* for folding */
    LIST(struct token_key) keys;
    LIST(struct run) runs;
    LIST(struct unit) units;     /* [0] is not used */
    LIST(struct step) steps;     /* [0] is not used */
    LIST(struct place) places;   /* [0]: before the first word */
    LIST(uint32_t) first;        /* filter keys of first words */
    LIST(struct state) states;
    LIST(struct new_edge) edges;
    LIST(uint32_t) items;
    uint32_t *known;             /* states by their items' hash; UINT32_MAX: free */
    size_t known_room;
    LIST(struct step) moves;     /* of the state whose edges are made, as are the following */
    LIST(struct arc) arcs, sorted;
    LIST(uint32_t) ends;         /* of the sorted ones that begin with the same bits */
    LIST(struct bundle) bundles;
    LIST(uint32_t) targets;
    LIST(uint32_t) merged;
};

/* Room for one element more behind n. */
void phrases_list_room(void **array, size_t n, size_t *room, size_t element);
void phrases_builder_free(struct phrases_builder *builder); /* NULL is fine */

#endif
