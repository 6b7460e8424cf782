#include "processors/extract/metadata.h"

#include <jansson.h>
#include <strings.h>

enum {
    JSON_LD_MAX = 4 << 20, /* bytes of one script */
    JSON_LD_DEPTH = 6,     /* @graph, lists, mainEntity */
    AUTHORS_MAX = 8,
};

static void take(struct arena *arena, struct view *field, struct view value)
{
    value = view_trim(value);
    if (field->data == NULL && value.size > 0)
        *field = arena_copy(arena, value);
}

static bool is_link(struct view value)
{
    return value.size > 7 && (strncasecmp(value.data, "http://", 7) == 0 || strncasecmp(value.data, "https:/", 7) == 0);
}

void metadata_meta(struct arena *arena, struct page *page, struct view name, struct view content)
{
    static const struct { const char *name; size_t field; } names[] = {
        {"og:title", offsetof(struct page, og_title)},
        {"og:site_name", offsetof(struct page, site_name)},
        {"article:published_time", offsetof(struct page, published)},
        {"og:article:published_time", offsetof(struct page, published)},
        {"datepublished", offsetof(struct page, published)},
        {"parsely-pub-date", offsetof(struct page, published)},
        {"dc.date.issued", offsetof(struct page, published)},
        {"dc.date", offsetof(struct page, published)},
        {"dcterms.created", offsetof(struct page, published)},
        {"dcterms.date", offsetof(struct page, published)},
        {"dcterms.issued", offsetof(struct page, published)},
        {"date", offsetof(struct page, published)},
        {"pubdate", offsetof(struct page, published)},
        {"publishdate", offsetof(struct page, published)},
        {"sailthru.date", offsetof(struct page, published)},
        {"cxenseparse:recs:publishtime", offsetof(struct page, published)},
        {"author", offsetof(struct page, author)},
        {"article:author", offsetof(struct page, author)},
        {"parsely-author", offsetof(struct page, author)},
        {"og:url", offsetof(struct page, url)},
    };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (name.size == strlen(names[i].name) && strncasecmp(name.data, names[i].name, name.size) == 0 &&
            !(names[i].field == offsetof(struct page, author) && is_link(content)))
            take(arena, (struct view *)((char *)page + names[i].field), content);
}

static struct view string_of(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);

    return (struct view){json_string_value(value), json_string_length(value)};
}

static bool names_article(const json_t *type)
{
    struct view name = {json_string_value(type), json_string_length(type)};

    for (size_t i = 0; i < json_array_size(type); i++)
        if (names_article(json_array_get(type, i)))
            return true;
    return name.size > 0 && (memmem(name.data, name.size, "Article", 7) != NULL ||
                             memmem(name.data, name.size, "Posting", 7) != NULL);
}

/* "A", {"name": "A"}, or a list of these */
static void take_author(struct arena *arena, struct page *page, const json_t *author)
{
    struct view names = VIEW_NONE;
    size_t n = json_is_array(author) ? json_array_size(author) : 1;

    for (size_t i = 0; i < n && i < AUTHORS_MAX; i++) {
        const json_t *one = json_is_array(author) ? json_array_get(author, i) : author;
        struct view name = json_is_object(one) ? string_of(one, "name")
                                               : (struct view){json_string_value(one), json_string_length(one)};
        name = view_trim(name);
        if (name.size == 0 || is_link(name))
            continue;
        if (names.data == NULL)
            names = arena_copy(arena, name);
        else
            names = arena_print(arena, "%.*s, %.*s", VIEW_PRINT(names), VIEW_PRINT(name));
    }
    if (names.data != NULL && page->author.data == NULL)
        page->author = names;
}

static bool find_article(struct arena *arena, struct page *page, const json_t *node, unsigned depth)
{
    static const char *const inside[] = {"@graph", "mainEntity", "mainEntityOfPage", "itemListElement"};

    if (depth > JSON_LD_DEPTH)
        return false;
    for (size_t i = 0; i < json_array_size(node); i++)
        if (find_article(arena, page, json_array_get(node, i), depth + 1))
            return true;
    if (!json_is_object(node))
        return false;
    if (names_article(json_object_get(node, "@type"))) {
        take(arena, &page->headline, string_of(node, "headline"));
        take(arena, &page->article_body, string_of(node, "articleBody"));
        take(arena, &page->published, string_of(node, "datePublished"));
        take(arena, &page->language, string_of(node, "inLanguage"));
        take_author(arena, page, json_object_get(node, "author"));
        return true;
    }
    for (size_t i = 0; i < sizeof inside / sizeof *inside; i++)
        if (find_article(arena, page, json_object_get(node, inside[i]), depth + 1))
            return true;
    return false;
}

void metadata_json_ld(struct arena *arena, struct page *page, struct view json)
{
    json_t *root;

    if (page->headline.data != NULL || json.size > JSON_LD_MAX)
        return;
    root = json_loadb(json.data, json.size, 0, NULL);
    find_article(arena, page, root, 0);
    json_decref(root);
}
