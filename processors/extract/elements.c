#include "processors/extract/elements.h"

#include "processors/article.h"
#include "processors/extract/region.h"

#include <stdlib.h>

/* Sorted by name. */
static const struct element elements[] = {
    {"a", ROLE_LINK, 0}, {"address", ROLE_BLOCK, BLOCK_OTHER}, {"article", ROLE_BLOCK, BLOCK_OTHER},
    {"aside", ROLE_CONTAINER, BLOCK_ASIDE}, {"audio", ROLE_SKIP, 0}, {"blockquote", ROLE_CONTAINER, BLOCK_QUOTE},
    {"body", ROLE_BLOCK, BLOCK_OTHER}, {"br", ROLE_BREAK, 0}, {"button", ROLE_CONTAINER, BLOCK_FORM},
    {"canvas", ROLE_SKIP, 0}, {"caption", ROLE_CONTAINER, BLOCK_CAPTION}, {"center", ROLE_BLOCK, BLOCK_OTHER},
    {"datalist", ROLE_SKIP, 0}, {"dd", ROLE_BLOCK, BLOCK_LIST_ITEM}, {"details", ROLE_BLOCK, BLOCK_OTHER},
    {"dialog", ROLE_CONTAINER, BLOCK_OTHER}, {"dir", ROLE_BLOCK, BLOCK_OTHER}, {"div", ROLE_BLOCK, BLOCK_OTHER},
    {"dl", ROLE_BLOCK, BLOCK_OTHER}, {"dt", ROLE_BLOCK, BLOCK_LIST_ITEM}, {"fieldset", ROLE_CONTAINER, BLOCK_FORM},
    {"figcaption", ROLE_CONTAINER, BLOCK_CAPTION}, {"figure", ROLE_BLOCK, BLOCK_CAPTION},
    {"footer", ROLE_CONTAINER, BLOCK_NAVIGATION}, {"form", ROLE_BLOCK, BLOCK_OTHER}, {"frameset", ROLE_SKIP, 0},
    {"h1", ROLE_BLOCK, BLOCK_HEADING}, {"h2", ROLE_BLOCK, BLOCK_HEADING}, {"h3", ROLE_BLOCK, BLOCK_HEADING},
    {"h4", ROLE_BLOCK, BLOCK_HEADING}, {"h5", ROLE_BLOCK, BLOCK_HEADING}, {"h6", ROLE_BLOCK, BLOCK_HEADING},
    {"head", ROLE_HEAD, 0}, {"header", ROLE_BLOCK, BLOCK_OTHER}, {"hgroup", ROLE_BLOCK, BLOCK_HEADING},
    {"hr", ROLE_BLOCK, BLOCK_OTHER}, {"html", ROLE_ROOT, 0}, {"iframe", ROLE_SKIP, 0},
    {"label", ROLE_CONTAINER, BLOCK_FORM}, {"legend", ROLE_CONTAINER, BLOCK_FORM}, {"li", ROLE_BLOCK, BLOCK_LIST_ITEM},
    {"link", ROLE_RELATION, 0}, {"main", ROLE_BLOCK, BLOCK_OTHER}, {"map", ROLE_SKIP, 0}, {"math", ROLE_SKIP, 0},
    {"menu", ROLE_CONTAINER, BLOCK_NAVIGATION}, {"meta", ROLE_META, 0}, {"nav", ROLE_CONTAINER, BLOCK_NAVIGATION},
    {"noframes", ROLE_SKIP, 0}, {"noscript", ROLE_SKIP, 0}, {"object", ROLE_SKIP, 0}, {"ol", ROLE_BLOCK, BLOCK_OTHER},
    {"optgroup", ROLE_SKIP, 0}, {"option", ROLE_SKIP, 0}, {"p", ROLE_BLOCK, BLOCK_PARAGRAPH},
    {"pre", ROLE_PREFORMED, BLOCK_PARAGRAPH}, {"script", ROLE_SKIP, 0}, {"section", ROLE_BLOCK, BLOCK_OTHER},
    {"select", ROLE_SKIP, 0}, {"style", ROLE_SKIP, 0}, {"summary", ROLE_BLOCK, BLOCK_HEADING}, {"svg", ROLE_SKIP, 0},
    {"table", ROLE_BLOCK, BLOCK_OTHER}, {"tbody", ROLE_BLOCK, BLOCK_OTHER}, {"td", ROLE_BLOCK, BLOCK_TABLE},
    {"template", ROLE_SKIP, 0}, {"textarea", ROLE_SKIP, 0}, {"tfoot", ROLE_BLOCK, BLOCK_OTHER},
    {"th", ROLE_BLOCK, BLOCK_TABLE}, {"thead", ROLE_BLOCK, BLOCK_OTHER}, {"title", ROLE_TITLE, 0},
    {"tr", ROLE_BLOCK, BLOCK_OTHER}, {"ul", ROLE_BLOCK, BLOCK_OTHER}, {"video", ROLE_SKIP, 0},
};

static int compare_element(const void *key, const void *element)
{
    return strcmp(key, ((const struct element *)element)->name);
}

const struct element *element_find(const char *name)
{
    static const struct element inline_element = {"", ROLE_INLINE, 0};
    const struct element *element = bsearch(name, elements, sizeof elements / sizeof *elements, sizeof *elements,
                                            compare_element);

    return element == NULL ? &inline_element : element;
}

uint32_t element_flags(const struct element *element)
{
    static const struct { const char *name; uint32_t flags; } names[] = {
        {"article", NODE_ARTICLE | NODE_CARD}, {"aside", NODE_AROUND}, {"button", NODE_AROUND}, {"dd", NODE_CARD},
        {"dialog", NODE_AROUND}, {"div", NODE_CARD}, {"fieldset", NODE_AROUND}, {"footer", NODE_AROUND},
        {"header", NODE_LIST}, {"li", NODE_CARD}, {"main", NODE_ARTICLE}, {"menu", NODE_AROUND}, {"nav", NODE_AROUND},
        {"section", NODE_CARD}, {"tr", NODE_CARD},
    };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(element->name, names[i].name) == 0)
            return names[i].flags;
    return 0;
}
