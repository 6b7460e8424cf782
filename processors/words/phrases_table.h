/*
 * phrases_table: what phrases_freeze.c makes and phrases.c reads; of no use to others.
 *
 * An automaton over token hashes, all its edges in one open-addressed table: one probe a token, 12 bytes an edge.
 * Nodes are sets of places in phrases; what the words of a phrase have in common they share, so that a phrase of three
 * words with ten forms each has some thirty edges, not a thousand.
 */
#ifndef PROCESSORS_WORDS_PHRASES_TABLE_H
#define PROCESSORS_WORDS_PHRASES_TABLE_H

#include "processors/words/phrases.h"

/* One step: from a node, over a token, to its child.  Neither node nor token is kept: where an edge stands tells the lower
 * half of their mixed key, its check the upper half.  One in 10^10 probes for what is not there finds something, and of a
 * thousand sets with a million edges one loses an edge. */
struct edge {
    uint32_t check; /* 0: free */
    uint32_t child; /* CONTINUES: some longer phrase goes on behind it */
};

struct value {
    uint32_t value;
    uint32_t next; /* 0: the last */
};

enum { ROOT = 0, HEADS = 1 << 16 };

#define CONTINUES 0x80000000u

struct phrases {
    struct edge *edges;
    size_t room;
    uint32_t *chains;      /* by node: the values of the phrases that end there, 0: none does */
    struct value *values;  /* [0] is not used */
    size_t n_values, values_room;
    size_t n_phrases;
    uint64_t *starts;      /* one bit for each filter key of a first word: which stripped forms are worth a hash */
    uint32_t starts_mask;
    uint64_t heads[HEADS / 64]; /* the same for three letters alone: which words are worth a look */
    struct phrases_builder *builder; /* until phrases_freeze() */
};

static inline uint64_t edge_key(uint32_t node, uint64_t hash)
{
    uint64_t key = (hash ^ ((uint64_t)node * 0x9e3779b97f4a7c15u)) * 0xd6e8feb86659fd93u;

    return key ^ key >> 32;
}

static inline uint32_t edge_check(uint64_t key)
{
    uint32_t check = (uint32_t)(key >> 32);

    return check == 0 ? 1 : check;
}

/* The edge of this key, or the free place where it would stand. */
static inline struct edge *edge_of_key(const struct phrases *phrases, uint64_t key)
{
    uint32_t check = edge_check(key);

    for (size_t i = (size_t)((key & UINT32_MAX) * phrases->room >> 32);; i = i + 1 == phrases->room ? 0 : i + 1)
        if (phrases->edges[i].check == check || phrases->edges[i].check == 0)
            return &phrases->edges[i];
}

static inline struct edge *edge_find(const struct phrases *phrases, uint32_t node, uint64_t hash)
{
    return edge_of_key(phrases, edge_key(node, hash));
}

/* The values of the phrases that end with this edge, for phrases_next(). */
static inline uint32_t edge_chain(const struct phrases *phrases, const struct edge *edge)
{
    return phrases->chains[edge->child & ~CONTINUES];
}

/* What can be known of a form without hashing it: its first three letters' worth of bytes and its size. */
static inline uint32_t start_key(struct view form)
{
    uint64_t bytes = 0;
    size_t size = form.size < 6 ? form.size : 6;

    /* Three letters must remain after a strip: three bytes of ASCII, six of scripts with two-byte letters. */
    if ((unsigned char)form.data[0] < 0x80 && size > 3)
        size = 3;
    memcpy(&bytes, form.data, size);
    bytes = (bytes ^ (uint64_t)form.size << 52) * 0x9e3779b97f4a7c15u;
    return (uint32_t)(bytes >> 32);
}

/* The first three letters, as far as bytes tell. */
static inline uint32_t head_key(struct view word)
{
    uint64_t bytes = 0;

    if ((unsigned char)word.data[0] < 0x80) {
        for (size_t i = 0; i < 3; i++)
            bytes = bytes << 8 | (i < word.size ? (unsigned char)word.data[i] : 0u);
    } else if (word.size >= 6) {
        memcpy(&bytes, word.data, 6);
    } else {
        memcpy(&bytes, word.data, word.size);
    }
    return (uint32_t)(bytes * 0x9e3779b97f4a7c15u >> 40) % HEADS;
}

#endif
