#include "processors/extract/html.h"

#include "processors/extract/elements.h"
#include "processors/extract/metadata.h"
#include "processors/extract/region.h"
#include "processors/extract/tags.h"
#include "processors/extract/title.h"
#include "processors/utf8.h"

#include <libxml/HTMLparser.h>
#include <stdlib.h>

enum {
    DEPTH_MAX = 512,     /* open elements; pages that people read stay below 60, broken ones below 300 */
    HINT_MAX = 200,      /* bytes of class and id names for a line */
    HINT_OWN_MAX = 100,  /* the same of one element */
    TITLE_MAX = 2000,    /* bytes of <title> */
    AUTHOR_MAX = 80,     /* bytes of an author's name; what is longer tells of the author */
};

struct open_element {
    const struct element *element;
    uint8_t block;       /* of text that stands directly in it */
    uint8_t container;   /* kind that it hands down; BLOCK_PLAIN: none */
    uint8_t hint_size;
    uint8_t flags;       /* NODE_… that its attributes tell */
    uint32_t hint_start; /* its class and id names in reader.hints */
    uint32_t node;       /* in region; REGION_NONE: no text in it yet */
};

struct reader {
    const struct classes *classes;
    struct arena *arena;
    struct lines *lines; /* NULL: only metadata is wanted */
    struct page *page;
    htmlParserCtxtPtr parser;
    struct region region;

    struct open_element stack[DEPTH_MAX + TAGS_PER_SLICE + 16];
    size_t depth;
    size_t too_deep; /* open elements beyond the stack */
    char hints[(DEPTH_MAX + TAGS_PER_SLICE + 16) * HINT_OWN_MAX];

    unsigned skipped, links, preformed, heads, titles; /* open elements of these roles */
    bool newlines_break;

    char *text; /* of the line that is being read */
    size_t size, capacity;
    size_t letters, letters_in_links;
    size_t author_depth, author_start; /* of the element that names the author; depth 0: none is open */
};

/* ---- lines ------------------------------------------------------------------------------------------------------- */

/* Takes out what is not UTF-8; libxml2 should not let it through. */
static size_t only_valid(char *data, size_t size)
{
    size_t from = 0, to = 0, at;

    while (!utf8_valid((struct view){data + from, size - from}, &at)) {
        memmove(data + to, data + from, at);
        to += at;
        from += at + 1;
    }
    memmove(data + to, data + from, size - from);
    return to + size - from;
}

/* Class and id names from the innermost element outwards, as many as fit. */
static struct view hint_of(const struct reader *reader)
{
    char hint[HINT_MAX + 1];
    size_t size = 0;

    for (size_t i = reader->depth; i-- > 0;) {
        const struct open_element *open = &reader->stack[i];
        if (open->hint_size == 0)
            continue;
        if (size + open->hint_size + 1u > HINT_MAX)
            break;
        if (size > 0)
            hint[size++] = ' ';
        memcpy(hint + size, reader->hints + open->hint_start, open->hint_size);
        size += open->hint_size;
    }
    return size == 0 ? VIEW_NONE : arena_copy(reader->arena, (struct view){hint, size});
}

static uint32_t node_flags(const struct reader *reader, const struct open_element *open)
{
    uint32_t flags = open->flags | element_flags(open->element);
    unsigned tells;

    if (open->hint_size == 0 || strcmp(open->element->name, "body") == 0)
        return flags; /* what all of the page has tells nothing */
    tells = classes_tell(reader->classes, (struct view){reader->hints + open->hint_start, open->hint_size});
    return flags | ((tells & CLASS_BODY) != 0 ? NODE_BODY : 0) | ((tells & CLASS_AROUND) != 0 ? NODE_AROUND : 0) |
           ((tells & CLASS_LIST) != 0 ? NODE_LIST : 0) |
           ((tells & CLASS_COMMENTS) != 0 ? NODE_AROUND | NODE_COMMENTS : 0);
}

/* Notes the open elements that have had no text until now; inline ones count as what they stand in. */
static uint32_t note_elements(struct reader *reader)
{
    size_t known = reader->depth;
    uint32_t node;

    while (known > 0 && reader->stack[known - 1].node == REGION_NONE)
        known--;
    node = known == 0 ? REGION_NONE : reader->stack[known - 1].node;
    for (; known < reader->depth; known++) {
        struct open_element *open = &reader->stack[known];
        if (node == REGION_NONE || open->element->role >= ROLE_BLOCK || open->flags != 0)
            node = region_node(&reader->region, node, node_flags(reader, open));
        open->node = node;
    }
    return node == REGION_NONE ? region_node(&reader->region, node, 0) : node;
}

static void note_heading(struct reader *reader, const char *name)
{
    struct page *page = reader->page;

    if (name[0] == 'h' && name[1] == '1' && reader->region.n_texts > 0)
        reader->region.texts[reader->region.n_texts - 1].headline = true;
    if (name[0] != 'h' || name[1] < '1' || name[1] > '3' || page->n_headings == HEADINGS_MAX)
        return;
    page->headings[page->n_headings++] = (struct heading){
        .text = arena_copy(reader->arena, (struct view){reader->text, only_valid(reader->text, reader->size)}),
        .level = (uint8_t)(name[1] - '0'),
    };
}

/* The text of an element that says it names the author. */
static void take_author(struct reader *reader)
{
    struct view name = {reader->text + reader->author_start, reader->size - reader->author_start};

    name = view_trim(name);
    if (name.size == 0)
        return;
    reader->author_depth = 0;
    if (name.size <= AUTHOR_MAX && reader->page->author.data == NULL && utf8_valid(name, NULL))
        reader->page->author = arena_copy(reader->arena, name);
}

static void end_line(struct reader *reader)
{
    const struct open_element *open = reader->depth == 0 ? NULL : &reader->stack[reader->depth - 1];

    if (reader->author_depth > 0) {
        take_author(reader);
        reader->author_start = 0;
    }

    if (reader->letters > 0 && reader->lines != NULL) {
        uint32_t first = (uint32_t)reader->lines->n_lines;
        struct line kind = {
            .origin = LINE_BODY,
            .block = open == NULL ? BLOCK_OTHER : open->block,
            .link_percent = (uint8_t)(reader->letters_in_links * 100 / reader->letters),
            .hint = hint_of(reader),
        };
        reader->size = only_valid(reader->text, reader->size);
        lines_add(reader->lines, (struct view){reader->text, reader->size}, kind, LINES_SPLIT);
        region_text(&reader->region, note_elements(reader), reader->lines, first, kind.block,
                    (uint32_t)reader->letters, (uint32_t)reader->letters_in_links);
    }
    if (reader->letters > 0 && open != NULL && open->block == BLOCK_HEADING)
        note_heading(reader, open->element->name);
    reader->size = reader->letters = reader->letters_in_links = 0;
}

/* Letters as Latin script counts them: a sign of Han, Kana or Hangul says as much as two. */
static unsigned weight_of(unsigned char byte)
{
    return byte > ' ' && (byte & 0xc0) != 0x80 ? 1u + (byte >= 0xe3 && byte < 0xf0) : 0;
}

static void add_text(struct reader *reader, const char *data, size_t size)
{
    size_t letters = 0;

    if (reader->capacity - reader->size < size) {
        size_t capacity = reader->capacity;
        while (capacity - reader->size < size)
            capacity += capacity;
        reader->text = arena_grow(reader->arena, reader->text, reader->capacity, capacity);
        reader->capacity = capacity;
    }
    for (size_t i = 0; i < size; i++) {
        bool is_newline = data[i] == '\n' || data[i] == '\r' || data[i] == '\f' || data[i] == '\v';
        reader->text[reader->size++] = is_newline && reader->preformed == 0 && !reader->newlines_break ? ' ' : data[i];
        letters += weight_of((unsigned char)data[i]) * !is_newline;
    }
    reader->letters += letters;
    if (reader->links > 0)
        reader->letters_in_links += letters;
}

/* ---- elements ---------------------------------------------------------------------------------------------------- */

static struct view attribute(const xmlChar **attributes, const char *name)
{
    for (; attributes != NULL && attributes[0] != NULL; attributes += 2)
        if (strcmp((const char *)attributes[0], name) == 0)
            return view_of((const char *)attributes[1]);
    return VIEW_NONE;
}

static size_t add_hint(char *hint, size_t size, struct view names)
{
    if (size > 0 && names.size > 0 && size < HINT_OWN_MAX)
        hint[size++] = ' ';
    for (size_t i = 0; i < names.size && size < HINT_OWN_MAX; i++) {
        char c = names.data[i];
        if (i > 0 && c >= 'A' && c <= 'Z' && names.data[i - 1] >= 'a' && names.data[i - 1] <= 'z') {
            hint[size++] = '-'; /* "entryContent" */
            if (size == HINT_OWN_MAX)
                break;
        }
        hint[size++] = (char)(c >= 'A' && c <= 'Z' ? c | 32 : (unsigned char)c <= ' ' ? ' ' : c);
    }
    while (size > 0 && size == HINT_OWN_MAX && !utf8_is_start(hint[size - 1]))
        size--;
    return size;
}

/* What text directly in this element is, and what it hands down. */
static void settle_block(struct open_element *open, const struct open_element *parent)
{
    uint8_t role = open->element->role, block = open->element->block;
    uint8_t above = parent == NULL ? BLOCK_PLAIN : parent->container;

    open->container = above;
    open->block = parent == NULL ? BLOCK_OTHER : parent->block;
    if (role != ROLE_BLOCK && role != ROLE_CONTAINER && role != ROLE_PREFORMED)
        return;
    if (above == BLOCK_NAVIGATION || above == BLOCK_ASIDE || above == BLOCK_FORM)
        open->block = above; /* stronger than all inside */
    else if (role == ROLE_CONTAINER)
        open->block = open->container = block;
    else if (above != BLOCK_PLAIN && block != BLOCK_HEADING)
        open->block = above;
    else
        open->block = block;
    if (block == BLOCK_LIST_ITEM && open->container == BLOCK_PLAIN)
        open->container = BLOCK_LIST_ITEM;
}

static void count_roles(struct reader *reader, uint8_t role, unsigned step)
{
    reader->skipped += role == ROLE_SKIP ? step : 0;
    reader->links += role == ROLE_LINK ? step : 0;
    reader->preformed += role == ROLE_PREFORMED ? step : 0;
    reader->heads += role == ROLE_HEAD ? step : 0;
    reader->titles += role == ROLE_TITLE ? step : 0;
}

static bool breaks_line(uint8_t role)
{
    return role >= ROLE_BLOCK || role == ROLE_PREFORMED || role == ROLE_HEAD || role == ROLE_TITLE;
}

static void read_metadata(struct reader *reader, uint8_t role, const xmlChar **attributes)
{
    struct page *page = reader->page;
    struct view itemprop = attribute(attributes, "itemprop"), content = attribute(attributes, "content");

    if (role == ROLE_META) {
        struct view name = attribute(attributes, "property");
        if (name.data == NULL)
            name = attribute(attributes, "name");
        metadata_meta(reader->arena, page, name.data == NULL ? itemprop : name, content);
    } else if (role == ROLE_RELATION) {
        struct view href = attribute(attributes, "href");
        if (page->url.data == NULL && view_is(attribute(attributes, "rel"), "canonical") && href.size > 0)
            page->url = arena_copy(reader->arena, href);
    } else if (role == ROLE_ROOT) {
        struct view language = attribute(attributes, "lang");
        if (page->language.data == NULL && language.size > 0)
            page->language = arena_copy(reader->arena, language);
    } else {
        struct view date = attribute(attributes, "datetime");
        if (itemprop.data != NULL)
            metadata_meta(reader->arena, page, itemprop, date.data == NULL ? content : date);
        else if (date.size > 0 && page->time.data == NULL && page->n_headings > 0 && reader->depth > 0 &&
                 reader->stack[reader->depth - 1].container <= BLOCK_TABLE)
            page->time = arena_copy(reader->arena, date);
    }
}

/* Names that wide-spread style sheets hide an element by; "md:block" beside them shows it on some screens. */
static bool is_hidden_class(struct view names)
{
    static const char *const hiding[] = {"hidden", "d-none", "is-hidden", "visually-hidden", "sr-only"};
    bool hides = false;

    if (names.size == 0 || memchr(names.data, ':', names.size) != NULL ||
        memmem(names.data, names.size, "d-md-", 5) != NULL || memmem(names.data, names.size, "d-lg-", 5) != NULL)
        return false;
    for (size_t at = 0; at < names.size;) {
        size_t start = at;
        while (at < names.size && names.data[at] != ' ')
            at++;
        for (size_t i = 0; i < sizeof hiding / sizeof *hiding; i++)
            hides |= view_is(view_slice(names, start, at - start), hiding[i]);
        at++;
    }
    return hides;
}

/* What an element's attributes say of it, class names apart. */
static uint8_t attribute_flags(const xmlChar **attributes)
{
    static const char *const around[] = {"navigation", "complementary", "contentinfo", "banner", "search", "dialog",
                                         "alertdialog", "menu", "menubar"};
    struct view role = attribute(attributes, "role"), property = attribute(attributes, "itemprop");
    uint8_t flags = 0;

    if (attribute(attributes, "hidden").data != NULL || is_hidden_class(attribute(attributes, "class")))
        flags |= NODE_AROUND;
    for (size_t i = 0; role.size > 0 && i < sizeof around / sizeof *around; i++)
        if (view_is(role, around[i]))
            flags |= NODE_AROUND;
    if (view_is(role, "main") || view_is(role, "article"))
        flags |= NODE_ARTICLE;
    if (property.size > 0 && memmem(property.data, property.size, "articleBody", 11) != NULL)
        flags |= NODE_BODY;
    return view_is(property, "comment") ? flags | NODE_AROUND : flags;
}

/* Does it lead to another page?  A table of contents does not, but is no text either; its goals, the headings, are. */
static bool is_link(const struct reader *reader, const xmlChar **attributes)
{
    struct view href = attribute(attributes, "href");

    if (href.size == 0)
        return false;
    return href.data[0] != '#' || reader->depth == 0 || reader->stack[reader->depth - 1].block != BLOCK_HEADING;
}

static bool names_author(uint8_t role, const xmlChar **attributes)
{
    return role != ROLE_META && role != ROLE_RELATION &&
           (view_is(attribute(attributes, "rel"), "author") || view_is(attribute(attributes, "itemprop"), "author"));
}

static void on_start(void *user, const xmlChar *name, const xmlChar **attributes)
{
    struct reader *reader = user;
    const struct element *element = element_find((const char *)name);
    struct open_element *open;

    if (attributes != NULL)
        read_metadata(reader, element->role, attributes);
    if (element->role == ROLE_LINK && !is_link(reader, attributes))
        element = element_find("");
    if (breaks_line(element->role) && reader->skipped == 0)
        end_line(reader);
    if (element->role == ROLE_BREAK && reader->skipped == 0) {
        unsigned before = reader->preformed++;
        add_text(reader, "\n", 1);
        reader->preformed = before;
    }
    if (reader->depth == sizeof reader->stack / sizeof *reader->stack) {
        reader->too_deep++;
        return;
    }
    open = &reader->stack[reader->depth];
    *open = (struct open_element){.element = element, .node = REGION_NONE};
    if (attributes != NULL && reader->lines != NULL)
        open->flags = attribute_flags(attributes);
    settle_block(open, reader->depth == 0 ? NULL : open - 1);
    open->hint_start = (uint32_t)reader->depth * HINT_OWN_MAX;
    if (attributes != NULL && element->role >= ROLE_BLOCK && reader->lines != NULL) {
        char *hint = reader->hints + open->hint_start;
        size_t size = add_hint(hint, 0, attribute(attributes, "class"));
        open->hint_size = (uint8_t)add_hint(hint, size, attribute(attributes, "id"));
    }
    reader->depth++;
    count_roles(reader, element->role, 1);
    if (attributes != NULL && reader->author_depth == 0 && reader->page->author.data == NULL &&
        names_author(element->role, attributes)) {
        reader->author_depth = reader->depth;
        reader->author_start = reader->size;
    }
}

static void on_end(void *user, const xmlChar *name)
{
    struct reader *reader = user;
    uint8_t role;

    (void)name; /* the parser closes in the order in which it opened */
    if (reader->too_deep > 0) {
        reader->too_deep--;
        return;
    }
    if (reader->depth == 0)
        return;
    role = reader->stack[reader->depth - 1].element->role;
    if (reader->author_depth == reader->depth) {
        take_author(reader);
        reader->author_depth = 0;
    }
    if (breaks_line(role) && reader->skipped == 0)
        end_line(reader);
    reader->depth--;
    count_roles(reader, role, -1u);
}

static void on_text(void *user, const xmlChar *data, int size)
{
    struct reader *reader = user;

    if (reader->skipped > 0 || size <= 0)
        return;
    if (reader->titles > 0) {
        struct view *title = &reader->page->title;
        size_t room = TITLE_MAX - title->size;
        size_t n = (size_t)size < room ? (size_t)size : room;
        char *joined = arena_grow(reader->arena, (void *)title->data, title->size, title->size + n);
        memcpy(joined + title->size, data, n);
        *title = (struct view){joined, only_valid(joined, title->size + n)};
        return;
    }
    if (reader->heads == 0)
        add_text(reader, (const char *)data, (size_t)size);
}

/* ---- the parser -------------------------------------------------------------------------------------------------- */

static htmlParserCtxtPtr parser_new(struct reader *reader)
{
    htmlSAXHandler handler = {
        .startElement = on_start,
        .endElement = on_end,
        .characters = on_text,
        .ignorableWhitespace = on_text,
        .cdataBlock = on_text,
    };
    htmlParserCtxtPtr parser = htmlCreatePushParserCtxt(&handler, reader, NULL, 0, NULL, XML_CHAR_ENCODING_UTF8);

    if (parser != NULL)
        htmlCtxtUseOptions(parser, HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_NONET |
                                       HTML_PARSE_NODEFDTD | HTML_PARSE_IGNORE_ENC);
    return parser;
}

static void parser_free(htmlParserCtxtPtr parser)
{
    if (parser == NULL)
        return;
    if (parser->myDoc != NULL)
        xmlFreeDoc(parser->myDoc);
    htmlFreeParserCtxt(parser);
}

/* Too many elements are open: what follows is read as if it began in the innermost of them. */
static void begin_anew(struct reader *reader)
{
    struct open_element innermost = reader->stack[reader->depth - 1];

    end_line(reader);
    memmove(reader->hints, reader->hints + innermost.hint_start, innermost.hint_size);
    innermost.hint_start = 0;
    innermost.element = element_find("");
    reader->stack[0] = innermost;
    reader->depth = 1;
    reader->too_deep = 0;
    reader->author_depth = 0;
    reader->skipped = reader->links = reader->preformed = reader->heads = reader->titles = 0;
    parser_free(reader->parser);
    reader->parser = parser_new(reader);
}

static void on_slice(void *user, struct view markup)
{
    struct reader *reader = user;

    if (reader->parser == NULL)
        return;
    htmlParseChunk(reader->parser, markup.data, (int)markup.size, 0);
    if (reader->depth > DEPTH_MAX)
        begin_anew(reader);
}

static void on_json_ld(void *user, struct view json)
{
    struct reader *reader = user;

    metadata_json_ld(reader->arena, reader->page, json);
}

/* Pages that are made by scripts carry their text for search engines only. */
static void add_body(struct reader *reader, struct view body, size_t first_line)
{
    struct lines *lines = reader->lines;
    struct page inner;
    struct view told;
    size_t size = 0;

    for (size_t i = first_line; i < lines->n_lines; i++)
        size += lines->lines[i].part == PART_ARTICLE ? lines->lines[i].size : 0;
    if (body.size / 2 <= size)
        return;
    for (size_t i = first_line; i < lines->n_lines; i++)
        lines->lines[i].part = PART_AROUND;
    told = characters_decode_entities(lines->characters, reader->arena, reader->page->article_body);
    first_line = lines->n_lines;
    if (markup_of(told) == MARKUP_NONE)
        lines_add(lines, told, (struct line){.origin = LINE_BODY, .block = BLOCK_PARAGRAPH}, LINES_SPLIT);
    else
        html_read(reader->classes, reader->arena, told, HTML_TEXT, lines, &inner);
    for (size_t i = first_line; i < lines->n_lines; i++)
        lines->lines[i].part = PART_ARTICLE;
}

static void find_article(struct reader *reader, size_t first_line)
{
    struct lines *lines = reader->lines;
    struct view body = VIEW_NONE;

    if (reader->page->article_body.data != NULL)
        body = lines_clean(lines->characters, reader->arena, reader->page->article_body);
    region_find(&reader->region, lines, title_of(lines->characters, reader->arena, reader->page), body);
    if (body.size > 0)
        add_body(reader, body, first_line);
}

void html_read(const struct classes *classes, struct arena *arena, struct view html, enum html_kind kind,
               struct lines *lines, struct page *ret_page)
{
    struct reader *reader = arena_alloc(arena, sizeof *reader);
    struct tags_reader tags = {reader, on_slice, on_json_ld};
    size_t first_line = lines == NULL ? 0 : lines->n_lines;

    *ret_page = (struct page){0};
    memset(reader, 0, offsetof(struct reader, stack));
    memset(&reader->depth, 0, sizeof reader->depth + sizeof reader->too_deep);
    memset(&reader->skipped, 0, sizeof *reader - offsetof(struct reader, skipped));
    reader->classes = classes;
    reader->arena = arena;
    reader->lines = lines;
    reader->page = ret_page;
    reader->newlines_break = kind == HTML_TEXT;
    reader->capacity = 4096;
    reader->text = arena_alloc(arena, reader->capacity);
    region_init(&reader->region, arena);
    reader->parser = parser_new(reader);
    tags_walk(arena, html, &tags);
    if (reader->parser != NULL)
        htmlParseChunk(reader->parser, NULL, 0, 1);
    end_line(reader);
    parser_free(reader->parser);
    if (lines != NULL && kind == HTML_PAGE)
        find_article(reader, first_line);
}
