#include "processors/extract/extract.h"

#include "processors/dates.h"
#include "processors/decode/decode.h"
#include "processors/extract/classes.h"
#include "processors/extract/html.h"
#include "processors/extract/lines.h"
#include "processors/extract/tags.h"
#include "processors/extract/title.h"

#include <libxml/parser.h>
#include <stdlib.h>

struct extract_tables {
    const struct options *options;
    struct characters *characters;
    struct classes *classes;
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
    classes_close(tables->classes);
    free(tables);
}

static enum status extract_open(const struct stage_setup *setup, void **ret_tables, struct err *err)
{
    struct extract_tables *tables = calloc(1, sizeof *tables);

    if (tables == NULL)
        return fail(err, STATUS_FATAL, "out of memory");
    xmlInitParser(); /* before there are threads; only the first call counts */
    tables->options = setup->options;
    if (characters_open(&tables->characters, err) != STATUS_OK ||
        classes_open(setup->source, &tables->classes, err) != STATUS_OK) {
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
    if (given->published_ms == TIME_NONE && page->time.data != NULL)
        date_read(scratch->zone, page->time, &given->published_ms);
    if (given->title.data == NULL || view_trim(given->title).size == 0)
        given->title = title_of(tables->characters, article->arena, page);
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
        html_read(tables->classes, article->arena, body, markup == MARKUP_INLINE ? HTML_TEXT : HTML_PAGE, &lines,
                  &page);
    else
        lines_add(&lines, body, (struct line){.origin = LINE_BODY}, LINES_SPLIT);
    if (given->html.size > 0) {
        bool has_body = lines.n_lines > 0 && lines.lines[lines.n_lines - 1].origin == LINE_BODY;
        html_read(tables->classes, article->arena, given->html, HTML_PAGE, has_body ? NULL : &lines, &page);
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
