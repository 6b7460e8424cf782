#include "processors/cleanup/cleanup.h"

#include "processors/cleanup/labels.h"
#include "processors/cleanup/lines.h"
#include "processors/langid/langid.h"
#include "processors/utf8.h"

#include <stdlib.h>

/* ---- pieces ----------------------------------------------------------------------------------------------------- */

/* Writes pieces from left to right. */
struct writer {
    struct article *article;
    uint32_t line;
    uint32_t byte, at; /* a place behind the last token seen, and its code point offset: for lines without tokens */
};

/* The code point offset of a line's start; its first token knows its own. */
static uint32_t line_at(struct writer *writer, const struct line *line)
{
    const struct article *article = writer->article;
    const struct token *token = &article->tokens[line->first_token];
    uint32_t at;

    if (line->n_tokens > 0) {
        at = token->at - (uint32_t)utf8_points(view_slice(article->buffer, line->start, token->start - line->start));
        token += line->n_tokens - 1;
        writer->byte = token->start + token->size;
        writer->at = token->at + token->points;
        return at;
    }
    at = writer->at + (uint32_t)utf8_points(view_slice(article->buffer, writer->byte, line->start - writer->byte));
    writer->byte = line->start;
    writer->at = at;
    return at;
}

static void write_piece(struct writer *writer, uint32_t start, uint32_t end, uint32_t at, uint8_t fate, uint8_t kind)
{
    struct article *article = writer->article;

    if (end > start)
        article->pieces[article->n_pieces++] = (struct piece){.start = start, .size = end - start, .at = at,
                                                              .line = writer->line, .fate = fate, .kind = kind};
}

static void mark_kept(struct article *article, uint32_t first, uint32_t end)
{
    for (uint32_t i = first; i < end; i++)
        article->tokens[i].flags |= TOKEN_KEPT;
}

/* A line with cuts in it: what lies between them has the line's own fate.  The space before a cut goes with it. */
static size_t write_cut_line(struct writer *writer, const struct cleanup_cut *cuts, size_t n_cuts, uint8_t fate,
                             uint8_t kind)
{
    struct article *article = writer->article;
    const struct line *line = &article->lines[writer->line];
    uint32_t byte = line->start, at = line_at(writer, line);
    uint32_t token = line->first_token, end = line->first_token + line->n_tokens;
    size_t n = 0;

    for (; n < n_cuts && cuts[n].first_token < end; n++) {
        const struct token *first = &article->tokens[cuts[n].first_token], *last = &article->tokens[cuts[n].end - 1];
        uint32_t start = line->start, start_at = at;
        if (cuts[n].first_token > line->first_token) {
            start = first[-1].start + first[-1].size;
            start_at = first[-1].at + first[-1].points;
        }
        write_piece(writer, byte, start, at, fate, kind);
        if (fate == FATE_TEXT)
            mark_kept(article, token, cuts[n].first_token);
        byte = last->start + last->size - cuts[n].tail;
        if (cuts[n].end == end && cuts[n].tail == 0)
            byte = line->start + line->size;
        write_piece(writer, start, byte, start_at, cuts[n].fate, cuts[n].kind);
        at = last->at + last->points - (uint32_t)utf8_points(view_slice(article->buffer, byte, cuts[n].tail));
        token = cuts[n].end;
    }
    write_piece(writer, byte, line->start + line->size, at, fate, kind);
    if (fate == FATE_TEXT)
        mark_kept(article, token, end);
    return n;
}

/* Both lists in one, in order; where they overlap, the earlier one keeps what it has. */
static struct cleanup_cuts merge_cuts(const struct cleanup *cleanup)
{
    const struct cleanup_cuts *a = &cleanup->noise_cuts, *b = &cleanup->field_cuts;
    struct cleanup_cuts merged = {.room = a->n + b->n};
    uint32_t end = 0;

    merged.cuts = ARENA_ARRAY(cleanup->article->arena, struct cleanup_cut, merged.room);
    for (size_t i = 0, k = 0; i < a->n || k < b->n;) {
        bool from_a = k == b->n || (i < a->n && a->cuts[i].first_token <= b->cuts[k].first_token);
        struct cleanup_cut cut = from_a ? a->cuts[i++] : b->cuts[k++];
        if (cut.first_token < end)
            cut.first_token = end;
        if (cut.end <= cut.first_token)
            continue;
        end = cut.end;
        merged.cuts[merged.n++] = cut;
    }
    return merged;
}

static void write_pieces(struct cleanup *cleanup)
{
    struct article *article = cleanup->article;
    struct cleanup_cuts cuts = merge_cuts(cleanup);
    struct writer writer = {.article = article};
    size_t next = 0;

    article->pieces = ARENA_ARRAY(article->arena, struct piece, article->n_lines + 2 * cuts.n);
    article->n_pieces = 0;
    for (uint32_t i = 0; i < article->n_lines; i++) {
        const struct line *line = &article->lines[i];
        const struct cleanup_line *own = &cleanup->lines[i];
        uint32_t end = line->first_token + line->n_tokens;
        uint8_t fate = i == cleanup->title_line ? FATE_TITLE : own->dropped ? FATE_DROPPED : FATE_TEXT;
        uint8_t kind = fate == FATE_DROPPED ? own->drop : DROP_NONE;

        writer.line = i;
        if ((fate == FATE_TEXT && !own->rescued) || own->authored) {
            next += write_cut_line(&writer, cuts.cuts + next, cuts.n - next, fate, kind);
            continue;
        }
        while (next < cuts.n && cuts.cuts[next].first_token < end)
            next++; /* the whole line goes, or stays whole */
        write_piece(&writer, line->start, line->start + line->size, line_at(&writer, line), fate, kind);
        if (fate != FATE_DROPPED)
            mark_kept(article, line->first_token, end);
    }
}

/* ---- the room --------------------------------------------------------------------------------------------------- */

static uint32_t given_title(const struct article *article)
{
    for (uint32_t i = 0; i < article->n_lines; i++)
        if (article->lines[i].origin == LINE_TITLE && article->lines[i].n_tokens > 0)
            return i;
    return NO_LINE;
}

struct cleanup_tables {
    struct labels *labels;
    struct wording *wording;
};

static enum status cleanup_run(const void *tables, void *scratch, struct article *article, struct err *err)
{
    const struct cleanup_tables *of = tables;
    struct cleanup cleanup = {.labels = of->labels, .wording = of->wording, .article = article,
                              .title_line = given_title(article)};

    (void)scratch, (void)err;
    cleanup.lines = arena_zero(article->arena, article->n_lines * sizeof *cleanup.lines);
    cleanup_measure(&cleanup);
    cleanup_cut_noise(&cleanup);
    cleanup_compare(&cleanup);
    cleanup_judge(&cleanup);
    cleanup_cut_fields(&cleanup);
    write_pieces(&cleanup);
    langid_settle(article, NULL);
    return STATUS_OK;
}

static void cleanup_close(void *tables)
{
    struct cleanup_tables *of = tables;

    if (of == NULL)
        return;
    labels_close(of->labels);
    wording_close(of->wording);
    free(of);
}

static enum status cleanup_open(const struct stage_setup *setup, void **ret_tables, struct err *err)
{
    struct cleanup_tables *of = calloc(1, sizeof *of);
    enum status status;

    if (of == NULL)
        return fail(err, STATUS_FATAL, "cleanup: out of memory");
    status = labels_open(setup->source, &of->labels, err);
    if (status == STATUS_OK)
        status = wording_open(setup->source, setup->languages, &of->wording, err);
    if (status != STATUS_OK) {
        cleanup_close(of);
        return status;
    }
    *ret_tables = of;
    return STATUS_OK;
}

const struct stage cleanup_stage = {
    .name = "cleanup",
    .summary = "keep the article, drop what stands around it",
    .reads = FIELD_GIVEN | FIELD_LINES | FIELD_TOKENS | FIELD_LANGUAGES,
    .writes = FIELD_PIECES | FIELD_LANGUAGE,
    .open = cleanup_open,
    .close = cleanup_close,
    .run = cleanup_run,
};
