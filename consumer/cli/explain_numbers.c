/* The numbers below the text of an article: languages, what went, who is named, what was found, what it cost. */
#include "consumer/cli/explain.h"

#include "processors/encode/fields.h"
#include "processors/utf8.h"

#include <stdlib.h>

enum { KIND_COLUMNS = 20, ROOM_COLUMNS = 12, INDENT = 4 };

static void heading(struct pen *pen, const char *text)
{
    pen_style(pen, STYLE_BOLD);
    pen_print(pen, "%s", text);
    pen_end(pen);
}

/* ---- languages -------------------------------------------------------------------------------------------------- */

static bool differs(const struct article *article, size_t i)
{
    const struct line *line = &article->lines[i];

    return line->n_tokens > 0 && line->language.language != LANGUAGE_UND &&
           line->language.language != article->language.language;
}

/* Lines in a row that are of one other language are one entry. */
static void show_languages(struct pen *pen, const struct explained *explained)
{
    const struct article *article = explained->article;
    bool any = false;

    for (size_t i = 0, end; i < article->n_lines; i = end) {
        const struct language_guess *guess = &article->lines[i].language;
        float least = guess->confidence;

        end = i + 1;
        if (!differs(article, i))
            continue;
        for (; end < article->n_lines && differs(article, end) &&
               article->lines[end].language.language == guess->language; end++)
            least = article->lines[end].language.confidence < least ? article->lines[end].language.confidence : least;
        if (!any)
            heading(pen, "lines of another language");
        any = true;
        if (end == i + 1)
            pen_print(pen, "  line %zu", end);
        else
            pen_print(pen, "  lines %zu to %zu", i + 1, end);
        pen_print(pen, ": %s (%s), %.0f %%", language_name(explained->languages, guess->language),
                  language_code(explained->languages, guess->language), 100 * (double)least);
        pen_end(pen);
    }
}

/* ---- what went -------------------------------------------------------------------------------------------------- */

static void show_dropped(struct pen *pen, const struct explained *explained)
{
    const struct article *article = explained->article;
    struct { size_t pieces, points; } of[DROP_KINDS] = {0}, kept = {0}, all = {0}, moved = {0};

    for (size_t i = 0; i < article->n_pieces; i++) {
        const struct piece *piece = &article->pieces[i];
        struct view text = view_trim(view_slice(article->buffer, piece->start, piece->size));
        size_t points = utf8_points(text);
        if (text.size == 0)
            continue;
        all.points += points;
        if (piece->fate == FATE_DROPPED)
            of[piece->kind].pieces++, of[piece->kind].points += points;
        else if (piece->fate == FATE_TEXT)
            kept.points += points;
        else
            moved.points += points;
    }
    heading(pen, "characters");
    pen_print(pen, "  %-*s %6zu of %zu", KIND_COLUMNS, "text", kept.points, all.points);
    pen_end(pen);
    if (moved.points > 0) {
        pen_print(pen, "  %-*s %6zu", KIND_COLUMNS, "title and fields", moved.points);
        pen_end(pen);
    }
    for (size_t kind = 0; kind < DROP_KINDS; kind++) {
        if (of[kind].pieces == 0)
            continue;
        pen_print(pen, "  - %-*s %6zu in %zu %s", KIND_COLUMNS - 2, drop_kind_name((enum drop_kind)kind),
                  of[kind].points, of[kind].pieces, of[kind].pieces == 1 ? "piece" : "pieces");
        pen_end(pen);
    }
}

/* ---- who and where ---------------------------------------------------------------------------------------------- */

static void show_entities(struct pen *pen, const struct explained *explained)
{
    const struct article *article = explained->article;
    size_t *n_kept = calloc(article->n_entities + 1, sizeof *n_kept), cursor = 0, any = 0;

    if (n_kept == NULL)
        abort();
    for (size_t i = 0; i < article->n_names; i++) {
        const struct name *name = &article->names[i];
        if (name->entity < article->n_entities &&
            fields_find(article, &cursor, name->start, name->start + name->size) != NULL)
            n_kept[name->entity]++;
    }
    for (size_t i = 0; i < article->n_entities; i++) {
        const struct entity *entity = &article->entities[i];
        if (n_kept[i] == 0)
            continue; /* named in dropped stretches only */
        if (any++ == 0)
            heading(pen, "entities       sure  salience  named");
        pen_print(pen, "  %-6s %-3s   %4.2f     %5.3f  %5zu  ", entity_type_name((enum entity_type)entity->type),
                  entity->country, (double)entity->confidence, (double)entity->salience, n_kept[i]);
        pen_style(pen, STYLE_CYAN | STYLE_UNDERLINED);
        pen_text(pen, entity->name);
        pen_style(pen, STYLE_PLAIN);
        pen_text(pen, VIEW("  "));
        pen_text(pen, entity->id.data == NULL ? VIEW("(in no table)") : entity->id);
        pen_end(pen);
    }
    free(n_kept);
}

/* ---- what was found --------------------------------------------------------------------------------------------- */

static void show_parties(struct pen *pen, const struct article *article, const uint8_t *parties, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            pen_text(pen, VIEW(", "));
        if (parties[i] < article->n_entities)
            pen_text(pen, article->entities[parties[i]].name);
    }
    if (n == 0)
        pen_text(pen, VIEW("–"));
}

static void show_mention(struct pen *pen, const struct article *article, const struct event *event)
{
    bool up = event->direction == DIRECTION_ESCALATION;

    pen_style(pen, up ? STYLE_RED | STYLE_BOLD : STYLE_GREEN | STYLE_BOLD);
    pen_print(pen, "  %c %-*s", up ? '+' : '-', KIND_COLUMNS, event_kind_name((enum event_kind)event->kind));
    pen_style(pen, STYLE_PLAIN);
    pen_print(pen, " %-12s %4.2f  line %-4zu ", event_mode_name((enum event_mode)event->mode), (double)event->weight,
              (size_t)article->tokens[event->first_token].line + 1);
    show_parties(pen, article, event->actors, event->n_actors);
    pen_text(pen, VIEW(" → "));
    show_parties(pen, article, event->targets, event->n_targets);
    if (event->source >= 0 && (size_t)event->source < article->n_entities) {
        pen_text(pen, VIEW(", says "));
        pen_text(pen, article->entities[event->source].name);
    }
    pen_text(pen, VIEW(": "));
    pen_text(pen, view_slice(article->buffer, event->start, event->size));
    pen_end(pen);
}

static void show_reason(struct pen *pen, const struct article *article, const char *what, const struct event_ground *reason)
{
    const char *slash;

    if (reason->file == NULL)
        return;
    slash = strrchr(reason->file, '/');
    pen_print(pen, "      %-8s %s", what, slash == NULL ? reason->file : slash + 1);
    if (reason->line > 0) /* a model has none */
        pen_print(pen, ":%u", reason->line);
    pen_print(pen, "  ");
    pen_text(pen, view_slice(article->buffer, reason->start, reason->size));
    pen_end(pen);
}

static void show_dyads(struct pen *pen, const struct explained *explained)
{
    json_t *dyads = json_object_get(json_object_get(explained->published, "escalation"), "dyads"), *dyad;
    size_t i;

    if (json_array_size(dyads) > 0)
        heading(pen, "dyads");
    json_array_foreach(dyads, i, dyad) {
        pen_print(pen, "  %+5.2f  ", json_number_value(json_object_get(dyad, "score")));
        pen_text(pen, view_of(json_string_value(json_object_get(dyad, "actor"))));
        pen_text(pen, VIEW(" → "));
        pen_text(pen, view_of(json_string_value(json_object_get(dyad, "target"))));
        pen_end(pen);
    }
}

static void show_mentions(struct pen *pen, const struct explained *explained)
{
    const struct article *article = explained->article;
    size_t cursor = 0, any = 0;

    for (size_t i = 0; i < article->n_events; i++) {
        const struct event *event = &article->events[i];
        if (fields_find(article, &cursor, event->start, event->start + event->size) == NULL)
            continue;
        if (any++ == 0)
            heading(pen, "mentions                mode         weight");
        show_mention(pen, article, event);
        show_reason(pen, article, "found by", &event->rule);
        show_reason(pen, article, "turned", &event->turning);
        show_reason(pen, article, "meant", &event->modal);
    }
    show_dyads(pen, explained);
}

/* ---- what it cost ----------------------------------------------------------------------------------------------- */

static void show_rooms(struct pen *pen, const struct explained *explained)
{
    uint64_t first = 0, warm = 0;

    heading(pen, "microseconds       first      warm");
    for (size_t i = 0; i < STAGES; i++) {
        pen_print(pen, "  %-*s %9.1f %9.1f", ROOM_COLUMNS, stage_order[i]->name, (double)explained->first_ns[i] / 1e3,
                  (double)explained->warm_ns[i] / 1e3);
        pen_end(pen);
        first += explained->first_ns[i];
        warm += explained->warm_ns[i];
    }
    pen_print(pen, "  %-*s %9.1f %9.1f", ROOM_COLUMNS, "all", (double)first / 1e3, (double)warm / 1e3);
    pen_end(pen);
}

void explain_numbers(struct pen *pen, const struct explained *explained)
{
    pen->indent = INDENT;
    show_languages(pen, explained);
    show_dropped(pen, explained);
    show_entities(pen, explained);
    show_mentions(pen, explained);
    show_rooms(pen, explained);
    pen->indent = 0;
}
