/*
 * extract_html: a page as lines, and what it says of itself.
 *
 * libxml2's SAX parser reads the page; no tree is built.  Block elements make lines; each knows what kind of block it
 * is, how much of it stands in links, the class and id names around it, and whether it stands in the element that holds
 * the article (region.h).  Scripts, styles, templates and what is only shown without scripts are skipped.
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

#include "processors/extract/classes.h"
#include "processors/extract/lines.h"

enum { HEADINGS_MAX = 32 };

struct heading {
    struct view text;
    uint8_t level; /* 1 to 3 */
};

/* What a page says of itself, in arena; absent where it says nothing.  Not cleaned. */
struct page {
    struct heading headings[HEADINGS_MAX]; /* the first <h1>, <h2> and <h3> outside menus, asides and footers */
    size_t n_headings;
    struct view title;    /* <title> */
    struct view og_title, site_name;
    struct view headline, article_body; /* JSON-LD */
    struct view author, published, url, language;
    struct view time;     /* the first <time> behind a heading */
};

enum html_kind {
    HTML_PAGE,
    HTML_TEXT, /* a text with a few tags in it: paragraphs are divided by newlines, and nothing stands around it */
};

/* Adds the page's lines; with lines NULL only reads what it says of itself.  html: valid UTF-8. */
void html_read(const struct classes *classes, struct arena *arena, struct view html, enum html_kind kind,
               struct lines *lines, struct page *ret_page);

#endif
