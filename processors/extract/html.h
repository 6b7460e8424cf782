/*
 * extract_html: a page as lines, and what it says of itself.
 *
 * libxml2's SAX parser reads the page; no tree is built.  Block elements make lines; each knows what kind of block it
 * is, how much of it stands in links, and the class and id names around it.  Scripts, styles, templates and what is
 * only shown without scripts are skipped.
 *
 * Hostile pages.  The page reaches libxml2 through tags.h, which leaves little to attack.  libxml2 looks
 * through all open elements at each end tag, so beyond 512 of them the parser is begun anew with the rest of the page,
 * which then stands where the innermost element stood.  The work is linear in the page and the memory in its text.
 *
 * Thread-safety: each call has its own parser.
 * Errors: none; a page that cannot be understood has no lines.
 */
#ifndef PROCESSORS_EXTRACT_HTML_H
#define PROCESSORS_EXTRACT_HTML_H

#include "processors/extract/lines.h"

/* What a page says of itself, in arena; absent where it says nothing.  Not cleaned. */
struct page {
    struct view heading;  /* the first <h1> */
    struct view title;    /* <title> */
    struct view og_title;
    struct view headline, article_body; /* JSON-LD */
    struct view author, published, url, language;
};

/* Adds the page's lines; with lines NULL only reads what it says of itself.  html: valid UTF-8.
 * newlines_break: paragraphs are divided by newlines, as in texts with a few tags in them. */
void html_read(struct arena *arena, struct view html, bool newlines_break, struct lines *lines, struct page *ret_page);

#endif
