#include "processors/entities/tables.h"

#include "processors/text/text.h"
#include "processors/utf8.h"

#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

enum { FILE_LANGUAGES = 10, INDEX_ROOM_FIRST = 1 << 12 };

/* Every table of names ends in these columns, one cell a language. */
#define LANGUAGE_COLUMNS "de ar en fr ru fa he tr es uk"
static const char *const file_languages[FILE_LANGUAGES] = {"de", "ar", "en", "fr", "ru", "fa", "he", "tr", "es", "uk"};

/* While loading: folded spelling → its first alias; those with the same spelling follow by alias.next. */
struct alias_index {
    struct arena *arena; /* reset after each spelling */
    uint64_t *keys;      /* 0: free */
    uint32_t *firsts;
    size_t room, n;
    bool from_tables; /* the spelling comes from a table, not from ICU */
    struct region *regions;
    size_t n_regions;
};

/* Whose spellings a row holds. */
struct row_names {
    uint32_t entity;
    enum name_form form;
    enum cue cue;
};

static void index_grow(struct alias_index *index)
{
    size_t old_room = index->room, room = old_room == 0 ? INDEX_ROOM_FIRST : old_room * 2;
    uint64_t *keys = calloc(room, sizeof *keys);
    uint32_t *firsts = calloc(room, sizeof *firsts);

    if (keys == NULL || firsts == NULL)
        abort(); /* as the arena does */
    for (size_t i = 0; i < old_room; i++) {
        size_t at = index->keys[i] & (room - 1);
        if (index->keys[i] == 0)
            continue;
        while (keys[at] != 0)
            at = (at + 1) & (room - 1);
        keys[at] = index->keys[i];
        firsts[at] = index->firsts[i];
    }
    free(index->keys);
    free(index->firsts);
    index->keys = keys;
    index->firsts = firsts;
    index->room = room;
}

/* The first alias of this spelling; ENTITY_NONE if it is new. */
static uint32_t *index_at(struct alias_index *index, uint64_t key)
{
    size_t at;

    if (index->n * 2 >= index->room)
        index_grow(index);
    for (at = key & (index->room - 1); index->keys[at] != 0; at = (at + 1) & (index->room - 1))
        if (index->keys[at] == key)
            return &index->firsts[at];
    index->keys[at] = key;
    index->firsts[at] = ENTITY_NONE;
    index->n++;
    return &index->firsts[at];
}

/* One key for all spellings that phrases_longest() takes for one. */
static uint64_t spelling_key(struct arena *arena, struct view text, struct article *ret_article)
{
    uint64_t key = 1;

    text_tokenize(arena, text, ret_article);
    for (size_t i = 0; i < ret_article->n_tokens; i++)
        if (ret_article->tokens[i].kind != TOKEN_JOINER)
            key = XXH3_64bits_withSeed(&ret_article->tokens[i].hash, sizeof key, key);
    return key == 0 ? 1 : key;
}

static bool has_capital(const struct token *token)
{
    return token->shape == SHAPE_CAPITALISED || token->shape == SHAPE_UPPER || token->shape == SHAPE_MIXED;
}

static bool share_language(const struct alias *a, const struct alias *b)
{
    for (size_t i = 0; i < LANGUAGES_MAX / 32; i++)
        if ((a->languages[i] & b->languages[i]) != 0)
            return true;
    return false;
}

/* A name of the tables wins over one of ICU; two of ICU: the first wins; two of the tables: one of them must be
 * marked. */
static enum status collide(const struct entities_tables *tables, const struct alias *old, struct alias *new_alias,
                           struct err *err)
{
    const struct known *known = tables->known;

    if (old->entity == ENTITY_NONE || new_alias->entity == ENTITY_NONE || old->entity == new_alias->entity
        || !share_language(old, new_alias) || alias_is_doubtful(old->marks | new_alias->marks))
        return STATUS_OK;
    if (tables->index->from_tables)
        return fail(err, STATUS_FATAL, "'%.*s' is already a name of %.*s; mark one of them with '?'",
                    VIEW_PRINT(new_alias->text), VIEW_PRINT(known[old->entity].id));
    for (size_t i = 0; i < LANGUAGES_MAX / 32; i++)
        new_alias->languages[i] &= ~old->languages[i];
    return STATUS_OK;
}

static struct alias *alias_append(struct entities_tables *tables, struct alias alias)
{
    if (tables->n_aliases == tables->aliases_room) {
        size_t room = tables->aliases_room == 0 ? 1 << 12 : tables->aliases_room * 2;
        struct alias *bigger = realloc(tables->aliases, room * sizeof *bigger);
        if (bigger == NULL)
            abort();
        tables->aliases = bigger;
        tables->aliases_room = room;
    }
    tables->aliases[tables->n_aliases] = alias;
    return &tables->aliases[tables->n_aliases++];
}

/* "NATO" only so and "Nato" as well are two spellings, though folding makes them one; so is what is a doubtful name in
 * one language and a plain one in the next. */
static bool same_spelling(const struct alias *old, const struct alias *new_alias)
{
    const uint8_t marks = ALIAS_EXACT | ALIAS_SUPPORT | ALIAS_FRAME;

    if (old->entity != new_alias->entity || old->cue != new_alias->cue || old->form != new_alias->form
        || ((old->marks ^ new_alias->marks) & marks) != 0)
        return false;
    return (old->marks & ALIAS_EXACT) == 0 || view_equal(old->text, new_alias->text);
}

/* What the tables say of a spelling in a language counts more than what ICU says. */
static bool is_told(const struct entities_tables *tables, uint32_t first, const struct alias *like)
{
    struct alias own = *like; /* without the unknown language, which all share */

    own.languages[LANGUAGE_UND / 32] &= ~(1u << LANGUAGE_UND % 32);
    for (uint32_t i = first; i != ENTITY_NONE; i = tables->aliases[i].next)
        if (tables->aliases[i].entity == like->entity && share_language(&tables->aliases[i], &own))
            return true;
    return false;
}

enum status entities_alias_add(struct entities_tables *tables, struct view text, struct alias like, struct err *err)
{
    struct alias_index *index = tables->index;
    struct article article;
    uint32_t *first, last = ENTITY_NONE, value = (uint32_t)tables->n_aliases;
    const struct token *front, *back;
    enum status status;

    arena_reset(index->arena);
    first = index_at(index, spelling_key(index->arena, text, &article));
    if (article.n_tokens == 0)
        return fail(err, STATUS_FATAL, "'%.*s' is no name", VIEW_PRINT(text));
    like.text = text;
    if (!tables->index->from_tables && is_told(tables, *first, &like))
        return STATUS_OK;
    for (uint32_t i = *first; i != ENTITY_NONE; i = tables->aliases[i].next) {
        struct alias *old = &tables->aliases[i];
        last = i;
        if (same_spelling(old, &like)) {
            for (size_t k = 0; k < LANGUAGES_MAX / 32; k++)
                old->languages[k] |= like.languages[k];
            return STATUS_OK;
        }
        if (collide(tables, old, &like, err) != STATUS_OK)
            return STATUS_FATAL;
    }
    front = &article.tokens[0];
    back = &article.tokens[article.n_tokens - 1];
    if (has_capital(front))
        like.marks |= ALIAS_FIRST_CAPITAL;
    if (has_capital(back))
        like.marks |= ALIAS_LAST_CAPITAL;
    like.next = ENTITY_NONE;
    like.text = arena_copy(tables->arena, text);
    alias_append(tables, like);
    if (last == ENTITY_NONE)
        *first = value;
    else
        tables->aliases[last].next = value;
    if (front->shape == SHAPE_LOWER && (status = phrases_add(tables->lower, text, value, err)) != STATUS_OK)
        return status;
    return phrases_add(tables->names, text, value, err);
}

/* ---- rows -------------------------------------------------------------------------------------------------------- */

static bool is_absent(struct view cell)
{
    return cell.size == 0 || view_is(cell, "-");
}

/* Where a spelling of the cell of one language holds: there, and if it is a name in every language whose own cell is
 * empty.  Peoples and cues are words, and words of one language are others in the next. */
static void languages_of_cell(const struct entities_tables *tables, const struct view *cells, int column,
                              struct alias *alias)
{
    language_id own = language_of(tables->languages, view_of(file_languages[column]));

    if (alias->cue != CUE_NONE || alias->form == FORM_DEMONYM) {
        alias->languages[own / 32] |= 1u << own % 32;
        return;
    }
    memset(alias->languages, 0xff, sizeof alias->languages);
    for (int i = 0; i < FILE_LANGUAGES; i++) {
        language_id language = language_of(tables->languages, view_of(file_languages[i]));
        if (i != column && cells[i].size > 0 && language != LANGUAGE_UND)
            alias->languages[language / 32] &= ~(1u << language % 32);
    }
}

/* "Name|Other|?Marked" */
static enum status add_cells(struct entities_tables *tables, struct table_row row, const struct view *cells,
                             struct row_names names, struct err *err)
{
    for (int column = 0; column < FILE_LANGUAGES; column++) {
        struct view rest = cells[column];
        struct alias like = {.entity = names.entity, .form = (uint8_t)names.form, .cue = (uint8_t)names.cue};

        if (is_absent(rest) || language_of(tables->languages, view_of(file_languages[column])) == LANGUAGE_UND)
            continue;
        languages_of_cell(tables, cells, column, &like);
        while (rest.size > 0) {
            const char *bar = memchr(rest.data, '|', rest.size);
            struct view text = bar == NULL ? rest : view_slice(rest, 0, (size_t)(bar - rest.data));

            rest = bar == NULL ? VIEW_NONE : view_slice(rest, text.size + 1, rest.size - text.size - 1);
            text = view_trim(text);
            like.marks = 0;
            while (text.size > 0 && (text.data[0] == '?' || text.data[0] == '=' || text.data[0] == '~')) {
                like.marks |= text.data[0] == '?' ? ALIAS_SUPPORT : text.data[0] == '~' ? ALIAS_FRAME : ALIAS_EXACT;
                text = view_slice(text, 1, text.size - 1);
            }
            if (text.size == 0)
                return table_fail(row, err, "an empty name in the cell of %s", file_languages[column]);
            if (entities_alias_add(tables, text, like, err) != STATUS_OK) {
                struct err cause = err == NULL ? (struct err){0} : *err;
                return table_fail(row, err, "%s", cause.text);
            }
        }
    }
    return STATUS_OK;
}

static uint16_t country_index(struct entities_tables *tables, const char *country)
{
    if (country[0] == '\0')
        return COUNTRY_NONE;
    for (size_t i = 0; i < tables->n_known; i++)
        if (strcmp(tables->known[i].country, country) == 0 && tables->known[i].country_index != COUNTRY_NONE)
            return tables->known[i].country_index;
    return ++tables->n_countries;
}

static enum status known_add(struct entities_tables *tables, struct table_row row, struct known known,
                             struct view country, struct err *err)
{
    if (!is_absent(country)) {
        if (country.size != 3)
            return table_fail(row, err, "'%.*s' is not an ISO 3166 alpha-3 code", VIEW_PRINT(country));
        memcpy(known.country, country.data, 3);
    }
    if (known.id.size < 2 || (known.id.data[0] != 'Q' && strncmp(known.id.data, "t:", 2) != 0))
        return table_fail(row, err, "'%.*s' is neither a Wikidata id nor t:slug", VIEW_PRINT(known.id));
    for (size_t i = 0; i < tables->n_known; i++)
        if (view_equal(tables->known[i].id, known.id))
            return table_fail(row, err, "%.*s has a row already", VIEW_PRINT(known.id));
    known.country_index = country_index(tables, known.country);
    known.id = arena_copy(tables->arena, known.id);
    known.name = arena_copy(tables->arena, known.name);
    if (tables->n_known == tables->known_room) {
        tables->known_room = tables->known_room == 0 ? 1024 : tables->known_room * 2;
        tables->known = realloc(tables->known, tables->known_room * sizeof *tables->known);
        if (tables->known == NULL)
            abort();
    }
    tables->known[tables->n_known++] = known;
    return STATUS_OK;
}

static enum status read_type(struct table_row row, struct view cell, struct known *known, struct err *err)
{
    enum entity_type type;

    if (!entity_type_of(cell, &type))
        return table_fail(row, err, "'%.*s' is not a type: PERSON, ORG, GPE or LOC", VIEW_PRINT(cell));
    known->type = (uint8_t)type;
    return STATUS_OK;
}

static enum status read_acts(struct table_row row, struct view cell, struct known *known, struct err *err)
{
    if (!is_absent(cell) && !view_is(cell, "state"))
        return table_fail(row, err, "'%.*s' is neither \"state\" nor \"-\"", VIEW_PRINT(cell));
    known->is_state = view_is(cell, "state");
    return STATUS_OK;
}

/* region alpha3 id type acts name source */
static enum status read_country(struct entities_tables *tables, struct table_row row, struct err *err)
{
    struct known known = {.id = row.cells[2], .name = row.cells[5]};
    struct region *region = &tables->index->regions[tables->index->n_regions];

    if (row.cells[0].size == 0 || row.cells[0].size >= sizeof region->code)
        return table_fail(row, err, "'%.*s' is not a region code", VIEW_PRINT(row.cells[0]));
    if (read_type(row, row.cells[3], &known, err) != STATUS_OK || read_acts(row, row.cells[4], &known, err) != STATUS_OK
        || known_add(tables, row, known, row.cells[1], err) != STATUS_OK)
        return STATUS_FATAL;
    *region = (struct region){.entity = (uint32_t)tables->n_known - 1};
    memcpy(region->code, row.cells[0].data, row.cells[0].size);
    tables->index->n_regions++;
    return STATUS_OK;
}

/* id type country acts name source, languages */
static enum status read_entity(struct entities_tables *tables, struct table_row row, struct err *err)
{
    struct known known = {.id = row.cells[0], .name = row.cells[4]};
    struct row_names names = {.entity = (uint32_t)tables->n_known};

    if (read_type(row, row.cells[1], &known, err) != STATUS_OK || read_acts(row, row.cells[3], &known, err) != STATUS_OK
        || known_add(tables, row, known, row.cells[2], err) != STATUS_OK)
        return STATUS_FATAL;
    return add_cells(tables, row, row.cells + 6, names, err);
}

static bool form_of(struct view name, enum name_form *ret_form)
{
    for (enum name_form form = FORM_NAME; form <= FORM_TITLE; form++)
        if (view_is(name, name_form_name(form))) {
            *ret_form = form;
            return true;
        }
    return false;
}

/* id form, languages: more spellings of what has a row already */
static enum status read_spellings(struct entities_tables *tables, struct table_row row, struct err *err)
{
    struct row_names names = {.entity = ENTITY_NONE};

    for (size_t i = 0; i < tables->n_known && names.entity == ENTITY_NONE; i++)
        if (view_equal(tables->known[i].id, row.cells[0])
            || (row.cells[0].size == 3 && tables->known[i].type == ENTITY_GPE
                && i < tables->index->n_regions && view_is(row.cells[0], tables->known[i].country)))
            names.entity = (uint32_t)i;
    if (names.entity == ENTITY_NONE)
        return table_fail(row, err, "'%.*s' has no row", VIEW_PRINT(row.cells[0]));
    if (!form_of(row.cells[1], &names.form))
        return table_fail(row, err, "'%.*s' is not a form: name, demonym or metonym", VIEW_PRINT(row.cells[1]));
    return add_cells(tables, row, row.cells + 2, names, err);
}

/* cue, languages */
static enum status read_cue(struct entities_tables *tables, struct table_row row, struct err *err)
{
    static const char *const cues[] = {"", "office", "title", "org_before", "org_after", "given", "particle", "stop"};
    struct row_names names = {.entity = ENTITY_NONE};

    for (size_t i = 1; i < sizeof cues / sizeof *cues; i++)
        if (view_is(row.cells[0], cues[i]))
            names.cue = (enum cue)i;
    if (names.cue == CUE_NONE)
        return table_fail(row, err, "'%.*s' is not a cue", VIEW_PRINT(row.cells[0]));
    return add_cells(tables, row, row.cells + 1, names, err);
}

/* frame, languages */
static enum status read_frame(struct entities_tables *tables, struct table_row row, struct err *err)
{
    static const char *const kinds[] = {"place", "before", "after"};
    unsigned kind = 0;

    while (kind < sizeof kinds / sizeof *kinds && !view_is(row.cells[0], kinds[kind]))
        kind++;
    if (kind == sizeof kinds / sizeof *kinds)
        return table_fail(row, err, "'%.*s' is not a frame: place, before or after", VIEW_PRINT(row.cells[0]));
    for (int column = 0; column < FILE_LANGUAGES; column++) {
        struct view rest = is_absent(row.cells[1 + column]) ? VIEW_NONE : row.cells[1 + column];
        language_id language = language_of(tables->languages, view_of(file_languages[column]));

        while (rest.size > 0 && language != LANGUAGE_UND) {
            const char *bar = memchr(rest.data, '|', rest.size);
            struct view text = bar == NULL ? rest : view_slice(rest, 0, (size_t)(bar - rest.data));

            rest = bar == NULL ? VIEW_NONE : view_slice(rest, text.size + 1, rest.size - text.size - 1);
            if (phrases_add(tables->frames, text, (uint32_t)language << 2 | kind, err) != STATUS_OK)
                return table_fail(row, err, "'%.*s' is no word", VIEW_PRINT(text));
        }
    }
    return STATUS_OK;
}

/* ---- opening ----------------------------------------------------------------------------------------------------- */

typedef enum status row_reader(struct entities_tables *tables, struct table_row row, struct err *err);

static enum status read_table(struct entities_tables *tables, const struct stage_setup *setup, const char *name,
                              const char *columns, unsigned n_key, row_reader *read, struct err *err)
{
    struct table *table = NULL;
    enum status status = table_open(setup->source, name, columns, n_key, &table, err);

    if (status == STATUS_OK && read == read_country) {
        tables->index->regions = calloc(table_size(table) + 1, sizeof *tables->index->regions);
        if (tables->index->regions == NULL)
            abort();
    }
    for (size_t i = 0; status == STATUS_OK && i < table_size(table); i++)
        status = read(tables, table_at(table, i), err);
    table_close(table);
    return status == STATUS_OK ? STATUS_OK : STATUS_FATAL;
}

static enum status load(struct entities_tables *tables, const struct stage_setup *setup, struct err *err)
{
    static const char country_columns[] = "region alpha3 id type acts name source";
    static const char entity_columns[] = "id type country acts name source " LANGUAGE_COLUMNS;
    static const char spelling_columns[] = "id form " LANGUAGE_COLUMNS;

    tables->index->from_tables = true;
    if (read_table(tables, setup, "entities/countries.tsv", country_columns, 1, read_country, err) != STATUS_OK
        || read_table(tables, setup, "entities/places.tsv", entity_columns, 1, read_entity, err) != STATUS_OK
        || read_table(tables, setup, "entities/organisations.tsv", entity_columns, 1, read_entity, err) != STATUS_OK
        || read_table(tables, setup, "entities/people.tsv", entity_columns, 1, read_entity, err) != STATUS_OK
        || read_table(tables, setup, "entities/spellings.tsv", spelling_columns, 2, read_spellings, err) != STATUS_OK
        || read_table(tables, setup, "entities/cues.tsv", "cue " LANGUAGE_COLUMNS, 1, read_cue, err) != STATUS_OK
        || read_table(tables, setup, "entities/frames.tsv", "frame " LANGUAGE_COLUMNS, 1, read_frame, err) != STATUS_OK)
        return STATUS_FATAL;
    tables->index->from_tables = false;
    return entities_icu_load(tables, tables->index->regions, tables->index->n_regions, err);
}

enum status entities_tables_open(const struct stage_setup *setup, void **ret_tables, struct err *err)
{
    struct entities_tables *tables = calloc(1, sizeof *tables);
    struct alias_index index = {.arena = arena_new(1 << 14, 1 << 14)};
    enum status status;

    if (tables == NULL)
        abort();
    tables->arena = arena_new(1 << 16, 0);
    tables->languages = setup->languages;
    tables->names = phrases_new();
    tables->lower = phrases_new();
    tables->frames = phrases_new();
    tables->index = &index;
    status = load(tables, setup, err);
    tables->index = NULL;
    arena_free(index.arena);
    free(index.keys);
    free(index.firsts);
    free(index.regions);
    if (status != STATUS_OK) {
        entities_tables_close(tables);
        return STATUS_FATAL;
    }
    phrases_freeze(tables->names);
    phrases_freeze(tables->lower);
    phrases_freeze(tables->frames);
    *ret_tables = tables;
    return STATUS_OK;
}

void entities_tables_close(void *data)
{
    struct entities_tables *tables = data;

    if (tables == NULL)
        return;
    phrases_free(tables->names);
    phrases_free(tables->lower);
    phrases_free(tables->frames);
    free(tables->aliases);
    free(tables->known);
    arena_free(tables->arena);
    free(tables);
}
