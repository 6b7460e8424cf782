/*
 * extract_region: which element of a page holds the article, and what inside it does not belong to it.
 *
 * While a page is read, each element that holds text is noted, and each text in it.  When it has been read,
 *
 *   1. what class names, roles and element names put aside is set aside, unless hardly any text would be left;
 *   2. so are lists of cards: neighbours with a linked headline and little text each;
 *   3. every text is worth its letters if it is prose, and costs a little if it is a link or a fragment;
 *   4. the element with the largest sum holds the article (the maximum over the tree, as Kadane's is over a list); an
 *      element that says it is the article's body is taken instead if it has most of what that one has;
 *   5. linked data that agrees with the page (told.h) outweighs all of this;
 *   6. lines get their place: PART_ARTICLE or PART_AROUND.
 *
 * Nothing is removed: cleanup decides, and what it drops stays in the output's `dropped`.
 *
 * Linear in the texts of the page; at most REGION_NODES_MAX elements are noted, deeper ones count as their parents.
 * Thread-safety: each page has its own.
 */
#ifndef PROCESSORS_EXTRACT_REGION_H
#define PROCESSORS_EXTRACT_REGION_H

#include "processors/extract/classes.h"
#include "processors/extract/lines.h"

enum { REGION_NODES_MAX = 1 << 18, REGION_NONE = UINT32_MAX };

enum {
    NODE_BODY = 1 << 0,    /* says that it is the article's text */
    NODE_ARTICLE = 1 << 1, /* <article>, <main> */
    NODE_AROUND = 1 << 2,  /* navigation, footers, forms, what is hidden */
    NODE_LIST = 1 << 3,    /* around, if it has links */
    NODE_CARD = 1 << 4,    /* an element that may be one of a list of teasers */
    NODE_COMMENTS = 1 << 5, /* of readers */
    NODE_IN_BODY = 1 << 6,  /* it, or one around it, says that it is the article's text */
    NODE_HEADLINE = 1 << 7, /* there is an <h1> in it */
    NODE_DONE = 1 << 8,     /* set aside for good */
};

struct region_node {
    uint32_t parent;
    uint32_t flags;
    uint32_t end_text;                   /* its texts are first_text … end_text - 1 */
    uint32_t first_text;
    uint32_t letters, links, prose;      /* letters outside links, letters in links, letters of prose */
    uint32_t cards, linked_texts;
    int64_t worth;
};

struct region_text {
    uint32_t node;
    uint32_t first_line, end_line;
    uint32_t letters, links;
    uint8_t block;   /* enum block */
    bool sentence;   /* ends as one, or has one in it */
    bool headline;   /* is an <h1> */
    uint8_t told;    /* percent; TOLD_UNKNOWN */
};

struct region {
    struct arena *arena;
    struct region_node *nodes;
    uint32_t n_nodes, nodes_room;
    struct region_text *texts;
    uint32_t n_texts, texts_room;
};

void region_init(struct region *region, struct arena *arena);

/* Notes an element; parent: REGION_NONE for the outermost.  Returns its number, or its parent's if there are too
 * many. */
uint32_t region_node(struct region *region, uint32_t parent, uint32_t flags);

/* Notes a text that stands in lines first_line … of lines; text: as it was read. */
void region_text(struct region *region, uint32_t node, const struct lines *lines, uint32_t first_line, uint8_t block,
                 uint32_t letters, uint32_t links);

/* Gives the lines their parts; on a page without prose they keep PART_UNKNOWN.  title, and linked data's body: cleaned;
 * absent if there is none. */
void region_find(struct region *region, struct lines *lines, struct view title, struct view body);

#endif
