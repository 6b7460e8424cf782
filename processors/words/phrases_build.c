/* Phrases are entered as chains of places, each with the tokens that may stand there. */
#include "processors/words/phrases_builder.h"

#include "processors/text/text.h"
#include "processors/words/umlauts.h"

#include <stdlib.h>

enum { ARENA_CHUNK = 1 << 14 };

void phrases_list_room(void **array, size_t n, size_t *room, size_t element)
{
    void *bigger;

    if (n < *room)
        return;
    *room = *room == 0 ? 256 : *room * 2;
    bigger = realloc(*array, *room * element);
    if (bigger == NULL)
        abort(); /* as the arena does: small allocations cannot be refused in a useful way */
    *array = bigger;
}

struct phrases *phrases_new(void)
{
    struct phrases *phrases = calloc(1, sizeof *phrases);
    struct phrases_builder *builder = calloc(1, sizeof *builder);

    if (phrases == NULL || builder == NULL)
        abort();
    builder->arena = arena_new(ARENA_CHUNK, ARENA_CHUNK);
    LIST_ADD(&builder->units, (struct unit){0});
    LIST_ADD(&builder->steps, (struct step){0});
    LIST_ADD(&builder->places, (struct place){0});
    phrases->builder = builder;
    return phrases;
}

void phrases_builder_free(struct phrases_builder *builder)
{
    if (builder == NULL)
        return;
    arena_free(builder->arena);
    free(builder->keys.at);
    free(builder->runs.at);
    free(builder->units.at);
    free(builder->steps.at);
    free(builder->places.at);
    free(builder->first.at);
    free(builder->states.at);
    free(builder->edges.at);
    free(builder->items.at);
    free(builder->known);
    free(builder->moves.at);
    free(builder->arcs.at);
    free(builder->sorted.at);
    free(builder->ends.at);
    free(builder->bundles.at);
    free(builder->targets.at);
    free(builder->merged.at);
    free(builder);
}

void phrases_free(struct phrases *phrases)
{
    if (phrases == NULL)
        return;
    phrases_builder_free(phrases->builder);
    free(phrases->starts);
    free(phrases->values);
    free(phrases->chains);
    free(phrases->edges);
    free(phrases);
}

/* The tokens of a form, behind the other keys. */
static enum status keys_add(struct phrases_builder *builder, struct view form, struct run *ret_run, bool *ret_has_word,
                            struct err *err)
{
    struct article article;

    *ret_has_word = false;
    arena_reset(builder->arena);
    text_tokenize(builder->arena, form, &article);
    *ret_run = (struct run){(uint32_t)builder->keys.n, 0};
    for (size_t i = 0; i < article.n_tokens; i++) {
        const struct token *token = &article.tokens[i];
        struct view folded = token_folded(&article, token);

        if (token->kind == TOKEN_JOINER)
            continue;
        *ret_has_word |= token->kind != TOKEN_PUNCT;
        LIST_ADD(&builder->keys, (struct token_key){token->hash, folded.size == 0 ? 0 : start_key(folded),
                                                    folded.size == 0 ? 0 : head_key(folded)});
        ret_run->n++;
    }
    if (ret_run->n == 0 || ret_run->n > PHRASE_TOKENS_MAX)
        return reject(err, "invalid", "'%.*s' has %u words, 1 to %d may be", VIEW_PRINT(form), ret_run->n, PHRASE_TOKENS_MAX);
    return STATUS_OK;
}

static void filter_enter(struct phrases *phrases, const struct token_key *key)
{
    LIST_ADD(&phrases->builder->first, key->start);
    phrases->heads[key->head / 64] |= (uint64_t)1 << key->head % 64;
}

static uint32_t place_new(struct phrases_builder *builder)
{
    LIST_ADD(&builder->places, (struct place){0});
    return (uint32_t)builder->places.n - 1;
}

static void step_add(struct phrases_builder *builder, uint32_t from, uint64_t hash, uint32_t unit, uint32_t target)
{
    LIST_ADD(&builder->steps, (struct step){hash, unit, target, builder->places.at[from].steps});
    builder->places.at[from].steps = (uint32_t)builder->steps.n - 1;
}

/* Token by token from one place to another. */
static void run_add(struct phrases *phrases, uint32_t from, struct run run, uint32_t target)
{
    struct phrases_builder *builder = phrases->builder;

    if (from == ROOT)
        filter_enter(phrases, &builder->keys.at[run.first]);
    for (uint32_t i = 0; i < run.n; i++) {
        uint32_t to = i + 1 < run.n ? place_new(builder) : target;

        step_add(builder, from, builder->keys.at[run.first + i].hash, 0, to);
        from = to;
    }
}

static enum status form_add(struct phrases *phrases, struct view form, uint32_t value, struct err *err)
{
    struct phrases_builder *builder = phrases->builder;
    struct run run;
    bool has_word;
    enum status status = keys_add(builder, form, &run, &has_word, err);
    uint32_t end;

    if (status == STATUS_OK && !has_word)
        status = reject(err, "invalid", "'%.*s' has no word in it", VIEW_PRINT(form));
    if (status == STATUS_OK) {
        end = place_new(builder);
        builder->places.at[end].value = value + 1;
        run_add(phrases, ROOT, run, end);
    }
    builder->keys.n = run.first;
    return status;
}

enum status phrases_add(struct phrases *phrases, struct view phrase, uint32_t value, struct err *err)
{
    char buffer[UMLAUTS_BYTES];
    enum status status = form_add(phrases, phrase, value, err);
    struct view spelled;

    if (status != STATUS_OK)
        return status;
    phrases->n_phrases++;
    spelled = umlauts_spelled(phrase, buffer);
    return spelled.data == NULL ? STATUS_OK : form_add(phrases, spelled, value, err);
}

enum status phrases_unit(struct phrases *phrases, const struct view *forms, size_t n, uint32_t *ret_unit, struct err *err)
{
    struct phrases_builder *builder = phrases->builder;
    struct unit unit = {.first_run = (uint32_t)builder->runs.n};
    enum status status = STATUS_OK;
    bool has_word;
    size_t first;

    /* Forms of several tokens first, so that the others stand together behind them. */
    for (int of_one = 0; of_one <= 1 && status == STATUS_OK; of_one++) {
        unit.first = (uint32_t)builder->keys.n;
        for (size_t i = 0; i < n * 2 && status == STATUS_OK; i++) {
            char buffer[UMLAUTS_BYTES];
            struct view form = forms[i / 2];
            struct run run;

            if (i % 2 == 1)
                form = umlauts_spelled(form, buffer);
            if (form.data == NULL)
                continue;
            first = builder->keys.n;
            status = keys_add(builder, form, &run, &has_word, err);
            unit.has_word |= has_word;
            if (run.n > unit.n_tokens)
                unit.n_tokens = run.n;
            if (status != STATUS_OK || (run.n == 1) != (of_one == 1))
                builder->keys.n = first;
            else if (of_one == 0)
                LIST_ADD(&builder->runs, run);
        }
    }
    unit.n = (uint32_t)builder->keys.n - unit.first;
    unit.n_runs = (uint32_t)builder->runs.n - unit.first_run;
    LIST_ADD(&builder->units, unit);
    *ret_unit = (uint32_t)builder->units.n - 1;
    return status;
}

static void unit_add(struct phrases *phrases, uint32_t from, uint32_t at, uint32_t target)
{
    struct phrases_builder *builder = phrases->builder;
    struct unit *unit = &builder->units.at[at];

    if (unit->n > 0)
        step_add(builder, from, 0, at, target);
    for (uint32_t i = 0; i < unit->n_runs; i++)
        run_add(phrases, from, builder->runs.at[unit->first_run + i], target);
    for (uint32_t i = 0; from == ROOT && !unit->is_first && i < unit->n; i++)
        filter_enter(phrases, &builder->keys.at[unit->first + i]);
    unit->is_first |= from == ROOT;
}

enum status phrases_add_units(struct phrases *phrases, const struct phrase_unit *units, size_t n, uint32_t value,
                              struct err *err)
{
    struct phrases_builder *builder = phrases->builder;
    uint32_t from[PHRASE_TOKENS_MAX + 1] = {ROOT};
    size_t n_from = 1, n_tokens = 0;
    bool has_word = false;

    for (size_t i = 0; i < n; i++) {
        n_tokens += builder->units.at[units[i].unit].n_tokens;
        has_word |= builder->units.at[units[i].unit].has_word && !units[i].is_optional;
    }
    if (!has_word || n_tokens > PHRASE_TOKENS_MAX)
        return reject(err, "invalid", "a phrase of %zu words, 1 to %d may be, and not all may be missing", n_tokens,
                      PHRASE_TOKENS_MAX);
    for (size_t i = 0; i < n; i++) {
        uint32_t to = place_new(builder);

        for (size_t k = 0; k < n_from; k++)
            unit_add(phrases, from[k], units[i].unit, to);
        if (!units[i].is_optional)
            n_from = 0;
        from[n_from++] = to;
    }
    for (size_t k = 0; k < n_from; k++)
        builder->places.at[from[k]].value = value + 1;
    phrases->n_phrases++;
    return STATUS_OK;
}

size_t phrases_count(const struct phrases *phrases)
{
    return phrases->n_phrases;
}
