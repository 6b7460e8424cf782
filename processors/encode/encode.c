#include "processors/encode/encode.h"

#include "processors/dates.h"
#include "processors/decode/decode.h"
#include "processors/encode/fields.h"
#include "processors/encode/mentions.h"
#include "processors/encode/json_writer.h"
#include "processors/version.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { FUTURE_MAX_MS = 5 * 60 * 1000 /* an article's time may lie so far behind its record's */ };

struct encode_tables {
    const struct options *options;
    const struct languages *languages;
    char lexicon[17]; /* what knowledge_version() will say */
};

/* What is left out of an output that would be too large. */
enum shed { SHED_NOTHING, SHED_DROPPED, SHED_EXTRA, SHED_LEVELS };

static enum status encode_open(const struct stage_setup *setup, void **ret_tables, struct err *err)
{
    struct encode_tables *tables = calloc(1, sizeof *tables);

    if (tables == NULL)
        return fail(err, STATUS_FATAL, "out of memory");
    tables->options = setup->options;
    tables->languages = setup->languages;
    /* This room is the last one to open, so the sum is complete. */
    snprintf(tables->lexicon, sizeof tables->lexicon, "%016" PRIx64, setup->source->sum);
    *ret_tables = tables;
    return STATUS_OK;
}

/* ---- the parts of an enriched article ---------------------------------------------------------------------------- */

static void write_date(struct json_writer *writer, const char *name, int64_t ms)
{
    char buffer[DATE_SIZE];

    if (ms != TIME_NONE)
        writer_field_string(writer, name, date_write(ms, DATE_MILLIS_IF_ANY, buffer));
}

static void write_head(struct json_writer *writer, const struct article *article, const struct fields *fields)
{
    const struct given *given = &article->given;

    writer_field_literal(writer, "schema", "tocsin.enriched/1");
    writer_field_string(writer, "id", given->id);
    writer_field_string(writer, "url", given->url);
    writer_field_string(writer, "source", given->source);
    writer_field_string(writer, "title", fields->title);
    writer_field_string(writer, "author", given->author.data != NULL ? given->author : fields->author);
    writer_field_string(writer, "dateline", fields->dateline);
    writer_field_string(writer, "agency", fields->agency);
    write_date(writer, "published_at", given->published_ms);
    write_date(writer, "fetched_at", given->fetched_ms);
    if (given->n_tags == 0)
        return;
    writer_key(writer, "tags");
    writer_array(writer);
    for (size_t i = 0; i < given->n_tags; i++)
        writer_string(writer, given->tags[i]);
    writer_array_end(writer);
}

static void write_language(struct json_writer *writer, const struct encode_tables *tables,
                           const struct article *article)
{
    writer_key(writer, "language");
    writer_object(writer);
    writer_field_literal(writer, "code", language_code(tables->languages, article->language.language));
    writer_field_literal(writer, "script", script_code((enum script)article->language.script));
    writer_key(writer, "confidence"), writer_number(writer, (double)article->language.confidence, 3);
    writer_field_string(writer, "declared", article->given.language);
    writer_object_end(writer);
}

static void write_dropped(struct json_writer *writer, const struct article *article, enum output_dropped how)
{
    writer_key(writer, "dropped");
    writer_array(writer);
    for (size_t i = 0; i < article->n_pieces && how != DROPPED_NONE; i++) {
        const struct piece *piece = &article->pieces[i];
        struct view text = view_trim(view_slice(article->buffer, piece->start, piece->size));

        if (piece->fate != FATE_DROPPED || text.size == 0)
            continue;
        writer_object(writer);
        writer_field_literal(writer, "kind", drop_kind_name((enum drop_kind)piece->kind));
        if (how == DROPPED_TEXT)
            writer_field_string(writer, "text", text);
        writer_field_int(writer, "at", piece->out);
        writer_object_end(writer);
    }
    writer_array_end(writer);
}

/* ---- entities ---------------------------------------------------------------------------------------------------- */

/* The names that have a place, grouped by entity and in order within each. */
struct places {
    const struct piece **pieces; /* of each name; NULL: none */
    uint32_t *order;             /* indices of names */
    uint32_t *first;             /* of each entity, into order; one more at the end */
};

static void places_find(struct article *article, struct places *places)
{
    struct arena *arena = article->arena;
    size_t n = article->n_entities, cursor = 0;
    uint32_t *next;

    places->pieces = ARENA_ARRAY(arena, const struct piece *, article->n_names);
    places->order = ARENA_ARRAY(arena, uint32_t, article->n_names);
    places->first = arena_zero(arena, (n + 2) * sizeof *places->first);
    for (size_t i = 0; i < article->n_names; i++) {
        const struct name *name = &article->names[i];
        places->pieces[i] = NULL;
        if (name->entity < n)
            places->pieces[i] = fields_find(article, &cursor, name->start, name->start + name->size);
        if (places->pieces[i] != NULL)
            places->first[name->entity + 2]++;
    }
    for (size_t i = 0; i < n; i++)
        places->first[i + 2] += places->first[i + 1];
    next = places->first + 1; /* filling moves each up to where the next one begins */
    for (size_t i = 0; i < article->n_names; i++)
        if (places->pieces[i] != NULL)
            places->order[next[article->names[i].entity]++] = (uint32_t)i;
}

static void write_name(struct json_writer *writer, const struct article *article, const struct name *name,
                       const struct piece *piece)
{
    uint32_t start = fields_place(piece, name->at);

    writer_object(writer);
    writer_field_literal(writer, "in", piece->fate == FATE_TITLE ? "title" : "text");
    writer_field_string(writer, "text", view_slice(article->buffer, name->start, name->size));
    writer_field_int(writer, "start", start);
    writer_field_int(writer, "end", start + name->points);
    writer_field_literal(writer, "form", name_form_name((enum name_form)name->form));
    writer_object_end(writer);
}

static void write_entities(struct json_writer *writer, const struct article *article, const struct places *places)
{
    writer_key(writer, "entities");
    writer_array(writer);
    for (size_t i = 0; i < article->n_entities; i++) {
        const struct entity *entity = &article->entities[i];

        if (places->first[i] == places->first[i + 1])
            continue; /* named in dropped stretches only */
        writer_object(writer);
        writer_key(writer, "id");
        if (entity->id.data != NULL)
            writer_string(writer, entity->id);
        else
            writer_null(writer);
        writer_field_literal(writer, "type", entity_type_name((enum entity_type)entity->type));
        writer_field_string(writer, "name", entity->name);
        if (entity->country[0] != '\0')
            writer_field_literal(writer, "country", entity->country);
        writer_key(writer, "confidence"), writer_number(writer, (double)entity->confidence, 2);
        writer_key(writer, "salience"), writer_number(writer, (double)entity->salience, 3);
        writer_key(writer, "mentions");
        writer_array(writer);
        for (uint32_t k = places->first[i]; k < places->first[i + 1]; k++)
            write_name(writer, article, &article->names[places->order[k]], places->pieces[places->order[k]]);
        writer_array_end(writer);
        writer_object_end(writer);
    }
    writer_array_end(writer);
}

/* ---- escalation, extra, tocsin ----------------------------------------------------------------------------------- */

static void write_escalation(struct json_writer *writer, const struct article *article, const struct mentions *mentions)
{
    writer_key(writer, "escalation");
    writer_object(writer);
    writer_key(writer, "supported"), writer_bool(writer, article->escalation_supported);
    writer_field_literal(writer, "direction", direction_name((enum direction)article->direction));
    writer_key(writer, "score"), writer_number(writer, (double)article->score, 2);
    writer_key(writer, "mentions");
    writer_array(writer);
    for (size_t i = 0; i < mentions->n_mentions; i++)
        mention_write(writer, article, &mentions->mentions[i]);
    writer_array_end(writer);
    writer_key(writer, "dyads");
    writer_array(writer);
    for (size_t i = 0; i < mentions->n_dyads; i++) {
        const struct dyad *dyad = &mentions->dyads[i];
        writer_object(writer);
        writer_field_string(writer, "actor", dyad->actor);
        writer_field_string(writer, "target", dyad->target);
        writer_key(writer, "score");
        writer_number(writer, dyad->score > 1 ? 1 : dyad->score < -1 ? -1 : dyad->score, 2);
        writer_object_end(writer);
    }
    writer_array_end(writer);
    writer_object_end(writer);
}

static void write_extra(struct json_writer *writer, const struct given *given)
{
    if (given->n_extra == 0)
        return;
    writer_key(writer, "extra");
    writer_object(writer);
    for (size_t i = 0; i < given->n_extra; i++) {
        writer_raw_key(writer, given->extra[2 * i]);
        writer_raw(writer, given->extra[2 * i + 1]);
    }
    writer_object_end(writer);
}

static void write_tocsin(struct json_writer *writer, const struct encode_tables *tables, const struct article *article)
{
    const struct given *given = &article->given;
    char date[DATE_SIZE];

    writer_key(writer, "tocsin");
    writer_object(writer);
    writer_field_literal(writer, "version", PROCESSORS_VERSION);
    writer_field_literal(writer, "lexicon", tables->lexicon);
    writer_field_string(writer, "processed_at", date_write(article->message->now_ms, DATE_MILLIS_ALWAYS, date));
    if (given->n_warnings > 0) {
        writer_key(writer, "warnings");
        writer_array(writer);
        for (size_t i = 0; i < given->n_warnings; i++)
            writer_string(writer, given->warnings[i]);
        writer_array_end(writer);
    }
    writer_object_end(writer);
}

/* ---- the room ---------------------------------------------------------------------------------------------------- */

static int64_t event_time(const struct article *article)
{
    const struct message *message = article->message;
    int64_t record = message->time_ms >= 0 && message->time_ms < DATE_MS_END ? message->time_ms : message->now_ms;
    int64_t time = article->given.published_ms != TIME_NONE ? article->given.published_ms : record;

    return time > record + FUTURE_MAX_MS ? record + FUTURE_MAX_MS : time;
}

static enum status encode_run(const void *data, void *scratch, struct article *article, struct err *err)
{
    const struct encode_tables *tables = data;
    const struct options *options = tables->options;
    struct fields fields;
    struct places places;
    struct mentions mentions;
    size_t capacity = article->buffer.size + article->buffer.size / 2 + 4096;

    (void)scratch;
    if (capacity > options->output_max_bytes)
        capacity = options->output_max_bytes;
    article->event_time_ms = event_time(article);
    fields_compose(article, &fields);
    places_find(article, &places);
    mentions_collect(article, &mentions);
    if (mentions.n_left_out > 0)
        given_warn(article, "escalation: %zu mentions beyond the first %d are left out", mentions.n_left_out,
                   ENCODE_MENTIONS_MAX);
    for (enum shed shed = SHED_NOTHING; shed < SHED_LEVELS; shed++) {
        struct json_writer writer;

        if (shed != SHED_NOTHING)
            given_warn(article, "%s: left out, the output would be larger than output.max.bytes (%zu)",
                       shed == SHED_DROPPED ? "dropped" : "extra", options->output_max_bytes);
        writer_begin(&writer, article->arena, capacity, options->output_max_bytes);
        writer_object(&writer);
        write_head(&writer, article, &fields);
        write_language(&writer, tables, article);
        writer_field_string(&writer, "text", fields.text);
        write_dropped(&writer, article, shed >= SHED_DROPPED ? DROPPED_NONE : options->output_dropped);
        write_entities(&writer, article, &places);
        write_escalation(&writer, article, &mentions);
        if (shed < SHED_EXTRA)
            write_extra(&writer, &article->given);
        write_tocsin(&writer, tables, article);
        writer_object_end(&writer);
        article->encoded = writer_finish(&writer);
        if (writer_full(&writer))
            continue;
        mentions_encode(article, &fields, &mentions, language_code(tables->languages, article->language.language));
        return STATUS_OK;
    }
    return reject(err, "oversized", "the enriched article would be larger than output.max.bytes (%zu)",
                  options->output_max_bytes);
}

const struct stage encode_stage = {
    .name = "encode",
    .summary = "write the enriched article and its mentions as JSON",
    .reads = FIELD_MESSAGE | FIELD_GIVEN | FIELD_LINES | FIELD_TOKENS | FIELD_PIECES | FIELD_LANGUAGE | FIELD_NAMES |
             FIELD_EVENTS,
    .writes = FIELD_ENCODED,
    .open = encode_open,
    .close = free,
    .run = encode_run,
};
