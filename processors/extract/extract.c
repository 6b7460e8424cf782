#include "processors/extract/extract.h"

#include "processors/dates.h"
#include "processors/decode/decode.h"
#include "processors/extract/html.h"
#include "processors/extract/lines.h"
#include "processors/extract/tags.h"

#include <libxml/parser.h>
#include <stdlib.h>

struct extract_tables {
    const struct options *options;
    struct characters *characters;
};

struct extract_scratch {
    struct zone *zone;
};

static void extract_close(void *data)
{
    struct extract_tables *tables = data;

    if (tables == NULL)
        return;
    characters_close(tables->characters);
    free(tables);
}

static enum status extract_open(const struct stage_setup *setup, void **ret_tables, struct err *err)
{
    struct extract_tables *tables = calloc(1, sizeof *tables);

    if (tables == NULL)
        return fail(err, STATUS_FATAL, "out of memory");
    xmlInitParser(); /* before there are threads; only the first call counts */
    tables->options = setup->options;
    if (characters_open(&tables->characters, err) != STATUS_OK) {
        extract_close(tables);
        return STATUS_FATAL;
    }
    *ret_tables = tables;
    return STATUS_OK;
}

static void extract_detach(void *data)
{
    struct extract_scratch *scratch = data;

    if (scratch == NULL)
        return;
    zone_close(scratch->zone);
    free(scratch);
}

static enum status extract_attach(const void *data, void **ret_scratch, struct err *err)
{
    const struct extract_tables *tables = data;
    struct extract_scratch *scratch = calloc(1, sizeof *scratch);

    if (scratch == NULL)
        return fail(err, STATUS_FATAL, "out of memory");
    if (zone_open(tables->options->input_timezone, &scratch->zone, err) != STATUS_OK) {
        extract_detach(scratch);
        return STATUS_FATAL;
    }
    *ret_scratch = scratch;
    return STATUS_OK;
}

/* ---- what a page tells of the article ---------------------------------------------------------------------------- */

static void take(const struct extract_tables *tables, struct article *article, struct view *field, struct view value)
{
    if (field->data == NULL && value.data != NULL)
        *field = lines_clean(tables->characters, article->arena, value);
}

/* Is the heading the beginning, or any part, of what the page calls itself ("Heading - Site name")? */
static bool agrees(struct view heading, struct view name)
{
    return name.data == NULL || memmem(name.data, name.size, heading.data, heading.size) != NULL;
}

/* The first <h1> is the headline, unless the page's other names for itself know nothing of it: then it is a logo. */
static struct view page_title(const struct extract_tables *tables, struct arena *arena, const struct page *page)
{
    struct view heading = lines_clean(tables->characters, arena, page->heading);
    struct view og_title = lines_clean(tables->characters, arena, page->og_title);
    struct view headline = lines_clean(tables->characters, arena, page->headline);
    struct view title = lines_clean(tables->characters, arena, page->title);

    if (heading.data != NULL && (agrees(heading, og_title) || agrees(heading, title) || agrees(heading, headline)))
        return heading;
    if (headline.data != NULL)
        return headline;
    if (og_title.data != NULL)
        return og_title;
    return title.data != NULL ? title : heading;
}

/* What the message says of itself may be escaped, too. */
static void clean_given(const struct extract_tables *tables, struct article *article)
{
    struct given *given = &article->given;

    if (given->author.data != NULL)
        given->author = lines_clean(tables->characters, article->arena, given->author);
    if (given->source.data != NULL)
        given->source = lines_clean(tables->characters, article->arena, given->source);
}

static void take_metadata(const struct extract_tables *tables, struct extract_scratch *scratch, struct article *article,
                          const struct page *page)
{
    struct given *given = &article->given;

    take(tables, article, &given->url, page->url);
    take(tables, article, &given->author, page->author);
    take(tables, article, &given->language, page->language);
    if (given->published_ms == TIME_NONE && page->published.data != NULL)
        date_read(scratch->zone, page->published, &given->published_ms);
    if (given->title.data == NULL || view_trim(given->title).size == 0)
        given->title = page_title(tables, article->arena, page);
}

/* ---- the room ---------------------------------------------------------------------------------------------------- */

/* Text with "&lt;p&gt;" in it was escaped once too often on its way. */
static struct view unescape_markup(const struct extract_tables *tables, struct arena *arena, struct view text)
{
    static const char *const signs[] = {"&lt;p", "&lt;/p", "&lt;br", "&lt;div"};

    for (size_t i = 0; i < sizeof signs / sizeof *signs && text.size > 0; i++)
        if (memmem(text.data, text.size, signs[i], strlen(signs[i])) != NULL)
            return characters_decode_entities(tables->characters, arena, text);
    return text;
}

static void read_page(struct arena *arena, struct view html, bool newlines_break, struct lines *lines,
                      struct page *page)
{
    size_t before = lines->size;

    html_read(arena, html, newlines_break, lines, page);
    /* Pages that are made by scripts carry their text for search engines only. */
    if (page->article_body.size / 2 > lines->size - before)
        lines_add(lines, page->article_body, (struct line){.origin = LINE_BODY, .block = BLOCK_PARAGRAPH}, LINES_SPLIT);
}

static enum status extract_run(const void *data, void *scratch, struct article *article, struct err *err)
{
    const struct extract_tables *tables = data;
    struct given *given = &article->given;
    struct page page = {0};
    struct view body = unescape_markup(tables, article->arena, given->body);
    enum markup markup = markup_of(body);
    struct lines lines;

    clean_given(tables, article);
    lines_begin(&lines, tables->characters, article->arena, given->title.size + body.size + given->html.size / 4);
    if (given->title.size > 0)
        lines_add(&lines, given->title, (struct line){.origin = LINE_TITLE}, LINES_ONE);
    lines.gap = 0;
    if (markup != MARKUP_NONE)
        read_page(article->arena, body, markup == MARKUP_INLINE, &lines, &page);
    else
        lines_add(&lines, body, (struct line){.origin = LINE_BODY}, LINES_SPLIT);
    if (given->html.size > 0) {
        bool has_body = lines.n_lines > 0 && lines.lines[lines.n_lines - 1].origin == LINE_BODY;
        if (has_body)
            html_read(article->arena, given->html, false, NULL, &page);
        else
            read_page(article->arena, given->html, false, &lines, &page);
    }
    take_metadata(tables, scratch, article, &page);
    if (given->title.size > 0 && (lines.n_lines == 0 || lines.lines[0].origin != LINE_TITLE))
        lines_prepend(&lines, given->title, (struct line){.origin = LINE_TITLE});
    if (lines.n_lines == 0)
        return reject(err, "invalid", "no readable text in title, body or html");
    lines_end(&lines, article);
    return STATUS_OK;
}

const struct stage extract_stage = {
    .name = "extract",
    .summary = "make clean lines of plain text or of a page",
    .reads = FIELD_GIVEN,
    .writes = FIELD_LINES,
    .open = extract_open,
    .close = extract_close,
    .attach = extract_attach,
    .detach = extract_detach,
    .run = extract_run,
};
