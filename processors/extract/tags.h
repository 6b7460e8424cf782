/*
 * extract_tags: makes a page small and harmless before libxml2 sees it.
 *
 * libxml2 compares each attribute with all before it in the tag, and looks through all open elements at each end tag:
 * a page made for it keeps it busy for days.  And most of a real page is of no interest: scripts, styles, comments,
 * data attributes, inline pictures.  So the page is walked once, and what is passed on are texts and tags with the few
 * attributes that somebody asks for, each at most once, in slices that end with a tag and hold at most TAGS_PER_SLICE
 * start tags: whoever counts open elements can stop between two slices.
 *
 * Linear: what is looked at is passed on or left behind.
 * Thread-safety: pure function.
 */
#ifndef PROCESSORS_EXTRACT_TAGS_H
#define PROCESSORS_EXTRACT_TAGS_H

#include "processors/arena.h"
#include "processors/view.h"

enum { TAGS_PER_SLICE = 256 };

struct tags_reader {
    void *user;
    void (*slice)(void *user, struct view markup);
    void (*json_ld)(void *user, struct view json); /* the contents of <script type="application/ld+json"> */
};

void tags_walk(struct arena *arena, struct view page, const struct tags_reader *reader);

enum markup {
    MARKUP_NONE,
    MARKUP_INLINE, /* only links, emphasis, pictures: paragraphs are told by newlines */
    MARKUP_BLOCKS,
};

/* Is a text that calls itself plain in truth a page or a part of one?  Tags must look like tags of HTML: "a <b and c>
 * d" has none. */
enum markup markup_of(struct view text);

#endif
