/*
 * extract_elements: what the elements of HTML are for the reader of a page.
 *
 * Thread-safety: constant tables.
 */
#ifndef PROCESSORS_EXTRACT_ELEMENTS_H
#define PROCESSORS_EXTRACT_ELEMENTS_H

#include <stdint.h>

/* What an element is for the reader; inline ones are not listed. */
enum role {
    ROLE_INLINE,
    ROLE_SKIP,      /* nobody reads what is inside */
    ROLE_HEAD,      /* only <title> and metadata inside */
    ROLE_TITLE,
    ROLE_LINK,
    ROLE_BREAK,     /* <br> */
    ROLE_PREFORMED, /* newlines count */
    ROLE_META,
    ROLE_RELATION,  /* <link> */
    ROLE_ROOT,      /* <html>: the language */
    ROLE_BLOCK,     /* a line of its own */
    ROLE_CONTAINER, /* the same, and its kind is that of all inside */
};

struct element {
    const char *name;
    uint8_t role;  /* enum role */
    uint8_t block; /* enum block: what text directly in it is */
};

/* name: lower case.  Elements that are not listed are inline. */
const struct element *element_find(const char *name);

/* NODE_… (region.h): what its name alone says of its place on the page. */
uint32_t element_flags(const struct element *element);

#endif
