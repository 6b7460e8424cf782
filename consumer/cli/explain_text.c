/* The text of an article line by line in its order: what went, why, and what was found in what stayed. */
#include "consumer/cli/explain.h"

#include "processors/cleanup/evidence.h"

#include <stdlib.h>

enum { GUTTER = 23 /* "  12 - related_list  | " */ };

#define ROUNDING 0.0005f /* weights that cancel each other out come to 0 */

/* Where the mark of a name or a mention begins or ends. */
struct mark {
    uint32_t at, other; /* bytes of buffer: this end, and the other one */
    uint32_t index;     /* of names or events */
    bool ends, is_event;
};

struct teller {
    struct pen *pen;
    const struct explained *explained;
    struct mark *marks; /* in the order in which they are written */
    size_t n_marks, next;
    unsigned n_names, n_up, n_down; /* marks that are open */
    size_t piece;       /* the first one of the line at hand */
};

/* ---- marks ------------------------------------------------------------------------------------------------------ */

/* Ends before beginnings; the longer of two marks is around the shorter one, a mention around a name. */
static int mark_order(const void *a_mark, const void *b_mark)
{
    const struct mark *a = a_mark, *b = b_mark;

    if (a->at != b->at)
        return a->at < b->at ? -1 : 1;
    if (a->ends != b->ends)
        return a->ends ? -1 : 1;
    if (a->other != b->other)
        return a->other > b->other ? -1 : 1;
    if (a->is_event != b->is_event)
        return a->is_event == a->ends ? 1 : -1;
    return a->index == b->index ? 0 : (a->index < b->index) == a->ends ? 1 : -1;
}

static void add_mark(struct teller *teller, uint32_t start, uint32_t size, size_t index, bool is_event)
{
    if (size == 0)
        return;
    teller->marks[teller->n_marks++] = (struct mark){start, start + size, (uint32_t)index, false, is_event};
    teller->marks[teller->n_marks++] = (struct mark){start + size, start, (uint32_t)index, true, is_event};
}

static void collect_marks(struct teller *teller)
{
    const struct article *article = teller->explained->article;

    teller->marks = calloc(2 * (article->n_names + article->n_events) + 1, sizeof *teller->marks);
    if (teller->marks == NULL)
        abort();
    for (size_t i = 0; i < article->n_names; i++)
        add_mark(teller, article->names[i].start, article->names[i].size, i, false);
    for (size_t i = 0; i < article->n_events; i++)
        add_mark(teller, article->events[i].start, article->events[i].size, i, true);
    qsort(teller->marks, teller->n_marks, sizeof *teller->marks, mark_order);
}

static void style_text(struct teller *teller, unsigned base)
{
    if (teller->n_up > 0)
        base |= STYLE_RED | STYLE_BOLD;
    else if (teller->n_down > 0)
        base |= STYLE_GREEN | STYLE_BOLD;
    else if (teller->n_names > 0)
        base |= STYLE_CYAN;
    if (teller->n_names > 0)
        base |= STYLE_UNDERLINED;
    pen_style(teller->pen, base);
}

static void count_mark(struct teller *teller, const struct mark *mark)
{
    const struct event *event = &teller->explained->article->events[mark->index];
    unsigned *open = !mark->is_event ? &teller->n_names
                                     : event->direction == DIRECTION_ESCALATION ? &teller->n_up : &teller->n_down;

    *open = mark->ends ? *open - 1 : *open + 1;
}

/* In colour only what the colours do not say is written. */
static void write_mark(struct teller *teller, const struct mark *mark)
{
    const struct event *event = &teller->explained->article->events[mark->index];
    struct pen *pen = teller->pen;

    count_mark(teller, mark);
    if (!mark->is_event) {
        if (!pen->colour)
            pen_text(pen, mark->ends ? VIEW("]") : VIEW("["));
        return;
    }
    if (!pen->colour && mark->ends)
        pen_text(pen, VIEW("}"));
    if (pen->colour == mark->ends) {
        pen_style(pen, STYLE_DIM);
        pen_print(pen, pen->colour ? " (%c %s, %s)" : "{%c %s, %s: ",
                  event->direction == DIRECTION_ESCALATION ? '+' : '-',
                  event_kind_name((enum event_kind)event->kind), event_mode_name((enum event_mode)event->mode));
    }
}

/* A piece of text or title with the marks that lie in it. */
static void write_kept(struct teller *teller, const struct piece *piece, unsigned base)
{
    const struct article *article = teller->explained->article;
    uint32_t at = piece->start, end = piece->start + piece->size;

    for (; teller->next < teller->n_marks; teller->next++) {
        const struct mark *mark = &teller->marks[teller->next];
        uint32_t start = mark->ends ? mark->other : mark->at;
        uint32_t size = mark->ends ? mark->at - start : mark->other - start;

        if (mark->at > end || (mark->at == end && !mark->ends))
            break;
        if (!explain_is_kept(piece, start, size))
            continue;
        style_text(teller, base);
        pen_text(teller->pen, view_slice(article->buffer, at, mark->at - at));
        at = mark->at;
        write_mark(teller, mark);
    }
    style_text(teller, base);
    pen_text(teller->pen, view_slice(article->buffer, at, end - at));
}

/* ---- pieces ----------------------------------------------------------------------------------------------------- */

static const char *fate_name(const struct piece *piece)
{
    static const char *const names[] = {
        [FATE_TEXT] = "", [FATE_TITLE] = "title", [FATE_AUTHOR] = "author", [FATE_DATELINE] = "dateline",
        [FATE_AGENCY] = "agency",
    };

    return piece->fate == FATE_DROPPED ? drop_kind_name((enum drop_kind)piece->kind) : names[piece->fate];
}

static unsigned fate_style(const struct piece *piece)
{
    switch (piece->fate) {
    case FATE_TEXT: return STYLE_PLAIN;
    case FATE_TITLE: return STYLE_BOLD;
    case FATE_DROPPED: return STYLE_DIM | STYLE_STRUCK;
    default: return STYLE_YELLOW;
    }
}

/* alone: the gutter says already what it is. */
static void write_piece(struct teller *teller, const struct piece *piece, bool alone)
{
    struct view text = view_slice(teller->explained->article->buffer, piece->start, piece->size);
    bool dropped = piece->fate == FATE_DROPPED;
    struct pen *pen = teller->pen;

    if (piece->fate == FATE_TEXT || piece->fate == FATE_TITLE) {
        write_kept(teller, piece, fate_style(piece));
        return;
    }
    for (; !alone && text.size > 0 && text.data[0] == ' '; text = view_slice(text, 1, text.size - 1))
        pen_text(pen, VIEW(" "));
    if (!alone && !pen->colour)
        pen_print(pen, dropped ? "[-%s: " : "[%s: ", fate_name(piece));
    pen_style(pen, fate_style(piece));
    pen_text(pen, text);
    pen_style(pen, STYLE_DIM);
    if (!alone && !pen->colour)
        pen_text(pen, dropped ? VIEW("-]") : VIEW("]"));
    else if (!alone)
        pen_print(pen, " (%s)", fate_name(piece));
}

/* ---- reasons ---------------------------------------------------------------------------------------------------- */

static float add_up(uint64_t evidence)
{
    struct evidence_item item;
    float sum = 0;

    while (evidence_next(&evidence, &item))
        sum += item.weight;
    return sum > -ROUNDING && sum < ROUNDING ? 0 : sum;
}

static void write_reason(struct pen *pen, const struct line *line, const char *outcome)
{
    uint64_t evidence = line->evidence;
    struct evidence_item item;
    bool is_first = true;

    pen_style(pen, STYLE_DIM);
    pen_print(pen, "%*s| %.3g of 1, %s", GUTTER - 2, "", (double)add_up(evidence), outcome);
    while (evidence_next(&evidence, &item)) {
        pen_print(pen, "%s %s %+.3g (%s)%s", is_first ? ":" : "", item.name, (double)item.weight, item.text,
                  evidence != 0 ? ";" : ""); /* with its item, so that both are wrapped as one */
        is_first = false;
    }
    pen_end(pen);
}

/* What is more than 1 and stays is all that there is. */
static void explain_line(const struct teller *teller, const struct line *line, const struct piece *only,
                         bool any_dropped)
{
    bool enough = line->evidence != 0 && add_up(line->evidence) >= EVIDENCE_DROPS;

    if (only != NULL && only->fate == FATE_DROPPED)
        write_reason(teller->pen, line, "goes");
    else if (only != NULL && only->fate == FATE_TEXT && enough)
        write_reason(teller->pen, line, "stays, as no text would be left");
    else if (any_dropped && enough)
        write_reason(teller->pen, line, "goes, but for what is marked otherwise");
    else if (teller->explained->all && line->evidence != 0)
        write_reason(teller->pen, line, "stays");
}

/* ---- lines ------------------------------------------------------------------------------------------------------ */

/* only: all of the line is of one fate; NULL: its parts are marked in it. */
static void write_gutter(struct pen *pen, size_t line, const struct piece *only)
{
    char sign = only == NULL || only->fate == FATE_TEXT ? ' ' : only->fate == FATE_DROPPED ? '-' : '=';

    pen_style(pen, STYLE_DIM);
    pen_print(pen, "%4zu %c %-13s | ", line + 1, sign, only == NULL ? "" : fate_name(only));
}

static void tell_line(struct teller *teller, size_t i)
{
    const struct article *article = teller->explained->article;
    const struct piece *first = &article->pieces[teller->piece], *only = first;
    bool any_dropped = false;
    size_t end;

    for (end = teller->piece; end < article->n_pieces && article->pieces[end].line == i; end++) {
        const struct piece *piece = &article->pieces[end];
        any_dropped |= piece->fate == FATE_DROPPED;
        if (piece->fate != first->fate || piece->kind != first->kind)
            only = NULL;
    }
    if (end == teller->piece)
        return; /* an empty line */
    write_gutter(teller->pen, i, only);
    for (; teller->piece < end; teller->piece++)
        write_piece(teller, &article->pieces[teller->piece], only != NULL);
    pen_end(teller->pen);
    explain_line(teller, &article->lines[i], only, any_dropped);
}

void explain_text(struct pen *pen, const struct explained *explained)
{
    struct teller teller = {.pen = pen, .explained = explained};

    pen->indent = GUTTER;
    collect_marks(&teller);
    for (size_t i = 0; i < explained->article->n_lines; i++)
        tell_line(&teller, i);
    free(teller.marks);
    pen->indent = 0;
}
