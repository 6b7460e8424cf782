/*
 * extract_title: what a page's article is called.
 *
 * A page has many names: <title> with the site's name before or behind, OpenGraph's and linked data's, written for
 * search engines, and headings, of which one is the headline and the first may be a logo.  The headline is the heading
 * with which most of the other names agree; else a lone <h1>; else what the page calls itself.
 *
 * Thread-safety: pure function, writing into the arena.
 */
#ifndef PROCESSORS_EXTRACT_TITLE_H
#define PROCESSORS_EXTRACT_TITLE_H

#include "processors/extract/html.h"

/* Cleaned as lines are; absent if the page has no name. */
struct view title_of(const struct characters *characters, struct arena *arena, const struct page *page);

#endif
