#include "processors/entities/tables.h"

#include "processors/entities/load.h"
#include "processors/text/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

enum { INDEX_ROOM_FIRST = 1 << 12, REMARK_SIZE = 512 };

/* ---- what is needed while loading -------------------------------------------------------------------------------- */

static void index_grow(struct load_index *index)
{
    struct load_index old = *index;

    index->room = old.room == 0 ? INDEX_ROOM_FIRST : old.room * 2;
    index->keys = calloc(index->room, sizeof *index->keys);
    index->values = calloc(index->room, sizeof *index->values);
    if (index->keys == NULL || index->values == NULL)
        abort(); /* as the arena does */
    for (size_t i = 0; i < old.room; i++) {
        size_t at = old.keys[i] & (index->room - 1);
        if (old.keys[i] == 0)
            continue;
        while (index->keys[at] != 0)
            at = (at + 1) & (index->room - 1);
        index->keys[at] = old.keys[i];
        index->values[at] = old.values[i];
    }
    free(old.keys);
    free(old.values);
}

uint32_t *load_index_at(struct load_index *index, uint64_t key)
{
    size_t at;

    if (index->n * 2 >= index->room)
        index_grow(index);
    key += key == 0;
    for (at = key & (index->room - 1); index->keys[at] != 0; at = (at + 1) & (index->room - 1))
        if (index->keys[at] == key)
            return &index->values[at];
    index->keys[at] = key;
    index->values[at] = ENTITY_NONE;
    index->n++;
    return &index->values[at];
}

static void index_free(struct load_index *index)
{
    free(index->keys);
    free(index->values);
}

static uint64_t key_of(struct view text)
{
    return XXH3_64bits(text.data, text.size);
}

void entities_remark(struct entities_tables *tables, enum entities_remark_kind kind, const char *format, ...)
{
    struct table_row row = tables->load->row;
    char text[REMARK_SIZE];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (tables->n_remarks == tables->remarks_room) {
        size_t room = tables->remarks_room == 0 ? 64 : tables->remarks_room * 2;
        tables->remarks = arena_grow(tables->arena, tables->remarks, tables->remarks_room * sizeof *tables->remarks,
                                     room * sizeof *tables->remarks);
        tables->remarks_room = room;
    }
    tables->remarks[tables->n_remarks++] =
        (struct entities_remark){kind, arena_print(tables->arena, "%s:%u: %s", row.file, row.line, text)};
}

/* ---- entities ---------------------------------------------------------------------------------------------------- */

uint32_t entities_known_find(const struct entities_tables *tables, struct view id)
{
    return *load_index_at(&tables->load->ids, key_of(id));
}

static uint16_t country_index(struct entities_tables *tables, const char *country)
{
    uint32_t *index;

    if (country[0] == '\0')
        return COUNTRY_NONE;
    index = load_index_at(&tables->load->countries, key_of(view_of(country)));
    if (*index == ENTITY_NONE)
        *index = ++tables->n_countries;
    return (uint16_t)*index;
}

enum status entities_known_add(struct entities_tables *tables, struct known known, struct view country,
                               struct err *err)
{
    uint32_t *index = load_index_at(&tables->load->ids, key_of(known.id));

    if (known.id.size < 2 || (known.id.data[0] != 'Q' && strncmp(known.id.data, "t:", 2) != 0))
        return fail(err, STATUS_FATAL, "'%.*s' is neither a Wikidata id nor t:slug", VIEW_PRINT(known.id));
    if (*index != ENTITY_NONE)
        return fail(err, STATUS_FATAL, "%.*s has a row already", VIEW_PRINT(known.id));
    if (country.size != 0 && !view_is(country, "-")) {
        if (country.size != 3)
            return fail(err, STATUS_FATAL, "'%.*s' is not an ISO 3166 alpha-3 code", VIEW_PRINT(country));
        memcpy(known.country, country.data, 3);
    }
    *index = (uint32_t)tables->n_known;
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

/* ---- spellings --------------------------------------------------------------------------------------------------- */

/* One key for all spellings that phrases_longest() takes for one. */
static uint64_t spelling_key(struct arena *arena, struct view text, struct article *ret_article)
{
    uint64_t key = 1;

    text_tokenize(arena, text, ret_article);
    for (size_t i = 0; i < ret_article->n_tokens; i++)
        if (ret_article->tokens[i].kind != TOKEN_JOINER)
            key = XXH3_64bits_withSeed(&ret_article->tokens[i].hash, sizeof key, key);
    return key;
}

static bool share_language(const struct alias *a, const struct alias *b)
{
    for (size_t i = 0; i < LANGUAGES_MAX / 32; i++)
        if ((a->languages[i] & b->languages[i]) != 0)
            return true;
    return false;
}

/* A name of the tables wins over one of ICU; two of ICU: the first wins; two of the tables are both doubtful, unless
 * one is told from the other by its capitals. */
static void collide(struct entities_tables *tables, struct alias *old, struct alias *new_alias)
{
    const struct known *known = tables->known;

    if (old->entity == ENTITY_NONE || new_alias->entity == ENTITY_NONE || old->entity == new_alias->entity
        || !share_language(old, new_alias) || alias_is_doubtful(old->marks | new_alias->marks)
        || ((old->marks ^ new_alias->marks) & ALIAS_EXACT) != 0
        || ((old->marks & ALIAS_EXACT) != 0 && !view_equal(old->text, new_alias->text)))
        return;
    if (tables->load->row.file == NULL) {
        for (size_t i = 0; i < LANGUAGES_MAX / 32; i++)
            new_alias->languages[i] &= ~old->languages[i];
        return;
    }
    entities_remark(tables, REMARK_COLLISION,
                    "'%.*s' is a name of %.*s (%.*s) too: mark it with '?' in one of the rows",
                    VIEW_PRINT(new_alias->text), VIEW_PRINT(known[old->entity].id),
                    VIEW_PRINT(known[old->entity].name));
    old->marks |= ALIAS_SUPPORT;
    new_alias->marks |= ALIAS_SUPPORT;
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
 * one language and a plain one in the next, and a single word with and without its capital. */
static bool same_spelling(const struct alias *old, const struct alias *new_alias, bool is_word)
{
    const uint8_t marks = ALIAS_EXACT | ALIAS_SUPPORT | ALIAS_FRAME | (is_word ? ALIAS_CAPITALS : 0);

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
        if (tables->aliases[i].entity == like->entity && tables->aliases[i].form == like->form
            && share_language(&tables->aliases[i], &own))
            return true;
    return false;
}

/* The words of a person's names, by which longer names of hers are known ("Wladimir Wladimirowitsch Putin"). */
static void given_add(struct entities_tables *tables, const struct article *article, uint32_t entity)
{
    struct known *known = &tables->known[entity];

    if (known->type != ENTITY_PERSON || entity + 1 != tables->n_known || article->n_tokens < 2)
        return;
    if (known->n_given == 0)
        known->given_first = (uint32_t)tables->n_given;
    for (size_t i = 0; i + 1 < article->n_tokens; i++) {
        if (article->tokens[i].kind == TOKEN_JOINER || known->n_given == UINT16_MAX)
            continue;
        if (tables->n_given == tables->given_room) {
            tables->given_room = tables->given_room == 0 ? 1024 : tables->given_room * 2;
            tables->given = realloc(tables->given, tables->given_room * sizeof *tables->given);
            if (tables->given == NULL)
                abort();
        }
        tables->given[tables->n_given++] = (uint32_t)article->tokens[i].hash;
        known->n_given++;
    }
}

/* "Al-Qaeda": the article is written small inside a sentence. */
static bool is_led_by_article(const struct article *article)
{
    enum { ARTICLE_POINTS_MAX = 3 };
    const struct token *tokens = article->tokens;

    return article->n_tokens > 2 && tokens[0].points <= ARTICLE_POINTS_MAX && tokens[0].shape != SHAPE_UPPER
        && tokens[1].kind == TOKEN_JOINER && entities_token_has_capital(&tokens[2]);
}

/* Which capitals a spelling asks for. */
static uint8_t capitals_of(const struct article *article)
{
    const struct token *front = &article->tokens[0], *back = &article->tokens[article->n_tokens - 1];
    uint8_t marks = 0;

    if (entities_token_has_capital(front) && !is_led_by_article(article))
        marks |= ALIAS_FIRST_CAPITAL;
    if (entities_token_has_capital(back))
        marks |= ALIAS_LAST_CAPITAL;
    return marks;
}

enum status entities_alias_add(struct entities_tables *tables, struct view text, struct alias like, struct err *err)
{
    struct entities_load *load = tables->load;
    struct article article;
    uint32_t *first, last = ENTITY_NONE, value = (uint32_t)tables->n_aliases;
    enum status status;

    arena_reset(load->arena);
    first = load_index_at(&load->spellings, spelling_key(load->arena, text, &article));
    if (article.n_tokens == 0)
        return fail(err, STATUS_FATAL, "'%.*s' is no name", VIEW_PRINT(text));
    like.text = text;
    like.marks |= capitals_of(&article);
    if (load->row.file == NULL && is_told(tables, *first, &like))
        return STATUS_OK;
    for (uint32_t i = *first; i != ENTITY_NONE; i = tables->aliases[i].next) {
        struct alias *old = &tables->aliases[i];
        last = i;
        if (same_spelling(old, &like, article.n_tokens == 1)) {
            uint8_t asked = old->marks & like.marks & ALIAS_CAPITALS; /* "Moscow Oblast" and "Moscow oblast": both will do */
            bool is_freed = (old->marks & ~asked & ALIAS_FIRST_CAPITAL) != 0;
            for (size_t k = 0; k < LANGUAGES_MAX / 32; k++)
                old->languages[k] |= like.languages[k];
            old->marks = (uint8_t)((old->marks & ~ALIAS_CAPITALS) | asked);
            return is_freed ? phrases_add(tables->lower, text, i, err) : STATUS_OK;
        }
        collide(tables, old, &like);
    }
    like.next = ENTITY_NONE;
    like.text = arena_copy(tables->arena, text);
    alias_append(tables, like);
    if (like.entity != ENTITY_NONE)
        given_add(tables, &article, like.entity);
    if (last == ENTITY_NONE)
        *first = value;
    else
        tables->aliases[last].next = value;
    if ((like.marks & ALIAS_FIRST_CAPITAL) == 0 && article.tokens[0].shape != SHAPE_NONE
        && (status = phrases_add(tables->lower, text, value, err)) != STATUS_OK)
        return status;
    return phrases_add(tables->names, text, value, err);
}

/* ---- opening ----------------------------------------------------------------------------------------------------- */

static enum status open_taggers(struct entities_tables *tables, const struct stage_setup *setup, struct err *err)
{
    for (size_t i = 1; i < languages_count(tables->languages); i++)
        if (tagger_open(setup->source, language_code(tables->languages, (language_id)i), &tables->taggers[i], err)
            == STATUS_FATAL)
            return STATUS_FATAL;
    return STATUS_OK;
}

enum status entities_tables_open(const struct stage_setup *setup, void **ret_tables, struct err *err)
{
    struct entities_tables *tables = calloc(1, sizeof *tables);
    struct entities_load load = {.arena = arena_new(1 << 14, 1 << 14)};
    enum status status;

    if (tables == NULL)
        abort();
    tables->arena = arena_new(1 << 16, 0);
    tables->languages = setup->languages;
    tables->names = phrases_new();
    tables->lower = phrases_new();
    tables->frames = phrases_new();
    tables->load = &load;
    status = entities_rows_load(tables, setup, err);
    load.row = (struct table_row){0};
    if (status == STATUS_OK)
        status = entities_icu_load(tables, err);
    if (status == STATUS_OK)
        status = open_taggers(tables, setup, err);
    tables->load = NULL;
    arena_free(load.arena);
    index_free(&load.spellings);
    index_free(&load.ids);
    index_free(&load.countries);
    free(load.regions);
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
    for (size_t i = 0; i < LANGUAGES_MAX; i++)
        tagger_close(tables->taggers[i]);
    phrases_free(tables->names);
    phrases_free(tables->lower);
    phrases_free(tables->frames);
    free(tables->aliases);
    free(tables->known);
    free(tables->given);
    arena_free(tables->arena);
    free(tables);
}

/* ---- what `tocsin check` says ------------------------------------------------------------------------------------ */

/* An unmarked name of one word that is heard often and that no list has as a name: a word of the language as
 * well.  Looked for only when asked: it reads all spellings once more. */
static void review_word(const struct entities_tables *tables, const struct alias *alias, struct arena *arena,
                        stage_say *say, void *user)
{
    enum { COMMON_LEVEL = 4, NAMES = WORD_GIVEN | WORD_SURNAME | WORD_PLACE | WORD_PERSON };
    struct article article;

    arena_reset(arena);
    text_tokenize(arena, alias->text, &article);
    for (size_t i = 1; i < languages_count(tables->languages) && article.n_tokens == 1; i++) {
        language_id language = (language_id)i;
        bool is_spoken = tables->taggers[language] != NULL && alias_speaks(alias, language);
        uint8_t bits = is_spoken ? tagger_word_bits(tables->taggers[language], article.tokens) : 0;

        if ((bits & WORD_LEVEL) < COMMON_LEVEL || (bits & NAMES) != 0
            || (article.tokens[0].shape != SHAPE_NONE && (bits & WORD_NOUN) == 0))
            continue;
        say(user, "word", arena_print(arena, "'%.*s', a name of %.*s, is an ordinary word in %s: mark it with '?'",
                                      VIEW_PRINT(alias->text), VIEW_PRINT(tables->known[alias->entity].id),
                                      language_code(tables->languages, language)));
    }
}

void entities_tables_review(const void *data, stage_say *say, void *user)
{
    static const char *const kinds[] = {[REMARK_COLLISION] = "collision", [REMARK_MISSING] = "missing"};
    const struct entities_tables *tables = data;
    struct arena *arena = arena_new(1 << 14, 1 << 14);

    for (size_t i = 0; i < tables->n_remarks; i++)
        say(user, kinds[tables->remarks[i].kind], tables->remarks[i].text);
    for (size_t i = 0; i < tables->n_aliases; i++) {
        const struct alias *alias = &tables->aliases[i];
        if (alias->entity != ENTITY_NONE && alias->form == FORM_NAME && !alias_is_doubtful(alias->marks)
            && (alias->marks & ALIAS_EXACT) == 0 && !tables->known[alias->entity].is_state)
            review_word(tables, alias, arena, say, user);
    }
    arena_free(arena);
}
