#include "processors/extract/html.h"

#include "processors/extract/metadata.h"
#include "processors/extract/tags.h"
#include "processors/utf8.h"

#include <libxml/HTMLparser.h>
#include <stdlib.h>

enum {
    DEPTH_MAX = 512,     /* open elements; pages that people read stay below 60, broken ones below 300 */
    HINT_MAX = 200,      /* bytes of class and id names for a line */
    HINT_OWN_MAX = 100,  /* the same of one element */
    TITLE_MAX = 2000,    /* bytes of <title> */
};

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
    uint8_t block; /* enum block */
};

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

static const struct element inline_element = {"", ROLE_INLINE, 0};

struct open_element {
    const struct element *element;
    uint8_t block;       /* of text that stands directly in it */
    uint8_t container;   /* kind that it hands down; BLOCK_PLAIN: none */
    uint8_t hint_size;
    uint32_t hint_start; /* its class and id names in reader.hints */
};

struct reader {
    struct arena *arena;
    struct lines *lines; /* NULL: only metadata is wanted */
    struct page *page;
    htmlParserCtxtPtr parser;

    struct open_element stack[DEPTH_MAX + TAGS_PER_SLICE + 16];
    size_t depth;
    size_t too_deep; /* open elements beyond the stack */
    char hints[(DEPTH_MAX + TAGS_PER_SLICE + 16) * HINT_OWN_MAX];

    unsigned skipped, links, preformed, heads, titles; /* open elements of these roles */
    bool newlines_break;

    char *text; /* of the line that is being read */
    size_t size, capacity;
    size_t letters, letters_in_links; /* bytes that are no space */
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

static void end_line(struct reader *reader)
{
    const struct open_element *open = reader->depth == 0 ? NULL : &reader->stack[reader->depth - 1];

    if (reader->letters > 0 && reader->lines != NULL) {
        struct line kind = {
            .origin = LINE_BODY,
            .block = open == NULL ? BLOCK_OTHER : open->block,
            .link_percent = (uint8_t)(reader->letters_in_links * 100 / reader->letters),
            .hint = hint_of(reader),
        };
        reader->size = only_valid(reader->text, reader->size);
        lines_add(reader->lines, (struct view){reader->text, reader->size}, kind, LINES_SPLIT);
    }
    if (reader->letters > 0 && reader->page->heading.data == NULL && open != NULL &&
        strcmp(open->element->name, "h1") == 0)
        reader->page->heading = arena_copy(reader->arena,
                                           (struct view){reader->text, only_valid(reader->text, reader->size)});
    reader->size = reader->letters = reader->letters_in_links = 0;
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
        letters += !is_newline && data[i] != ' ' && data[i] != '\t';
    }
    reader->letters += letters;
    if (reader->links > 0)
        reader->letters_in_links += letters;
}

/* ---- elements ---------------------------------------------------------------------------------------------------- */

static int compare_element(const void *key, const void *element)
{
    return strcmp(key, ((const struct element *)element)->name);
}

static const struct element *find_element(const char *name)
{
    const struct element *element = bsearch(name, elements, sizeof elements / sizeof *elements, sizeof *elements,
                                            compare_element);

    return element == NULL ? &inline_element : element;
}

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
    } else if (itemprop.data != NULL) {
        struct view date = attribute(attributes, "datetime");
        metadata_meta(reader->arena, page, itemprop, date.data == NULL ? content : date);
    }
}

static void on_start(void *user, const xmlChar *name, const xmlChar **attributes)
{
    struct reader *reader = user;
    const struct element *element = find_element((const char *)name);
    struct open_element *open;

    if (attributes != NULL)
        read_metadata(reader, element->role, attributes);
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
    *open = (struct open_element){.element = element};
    settle_block(open, reader->depth == 0 ? NULL : open - 1);
    open->hint_start = (uint32_t)reader->depth * HINT_OWN_MAX;
    if (attributes != NULL && element->role >= ROLE_BLOCK && reader->lines != NULL) {
        char *hint = reader->hints + open->hint_start;
        size_t size = add_hint(hint, 0, attribute(attributes, "class"));
        open->hint_size = (uint8_t)add_hint(hint, size, attribute(attributes, "id"));
    }
    reader->depth++;
    count_roles(reader, element->role, 1);
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
    innermost.element = &inline_element;
    reader->stack[0] = innermost;
    reader->depth = 1;
    reader->too_deep = 0;
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

void html_read(struct arena *arena, struct view html, bool newlines_break, struct lines *lines, struct page *ret_page)
{
    struct reader *reader = arena_alloc(arena, sizeof *reader);
    struct tags_reader tags = {reader, on_slice, on_json_ld};

    *ret_page = (struct page){0};
    memset(reader, 0, offsetof(struct reader, stack));
    memset(&reader->depth, 0, sizeof reader->depth + sizeof reader->too_deep);
    memset(&reader->skipped, 0, sizeof *reader - offsetof(struct reader, skipped));
    reader->arena = arena;
    reader->lines = lines;
    reader->page = ret_page;
    reader->newlines_break = newlines_break;
    reader->capacity = 4096;
    reader->text = arena_alloc(arena, reader->capacity);
    reader->parser = parser_new(reader);
    tags_walk(arena, html, &tags);
    if (reader->parser != NULL)
        htmlParseChunk(reader->parser, NULL, 0, 1);
    end_line(reader);
    parser_free(reader->parser);
}
