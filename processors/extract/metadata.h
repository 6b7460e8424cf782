/*
 * extract_metadata: what a page says of itself: <meta>, <link>, OpenGraph, microdata, JSON-LD.
 *
 * Thread-safety: pure functions, writing into the arena.
 */
#ifndef PROCESSORS_EXTRACT_METADATA_H
#define PROCESSORS_EXTRACT_METADATA_H

#include "processors/extract/html.h"

/* One <meta>; the first value of each kind counts. */
void metadata_meta(struct arena *arena, struct page *page, struct view name, struct view content);

/* One script of linked data; the first article in it counts. */
void metadata_json_ld(struct arena *arena, struct page *page, struct view json);

#endif
