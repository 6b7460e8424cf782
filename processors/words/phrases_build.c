/*
 * Phrases are entered as chains of places, each with the tokens that may stand there; freezing makes of all chains one
 * automaton that is never in doubt (subset construction, as in any book on regular languages).
 */
#include "processors/words/phrases_table.h"

#include "processors/text/text.h"
#include "processors/words/umlauts.h"

#include <stdlib.h>

enum {
    ARENA_CHUNK = 1 << 14,
    STARTS_PER_PHRASE = 16, /* bits of the filter: about 6 % of it are set */
    STATES_FIRST = 1 << 10,
};

/* An array that grows; elements are never moved by those who hold an index. */
#define LIST(type) struct { type *at; size_t n, room; }
#define LIST_ADD(list, ...) \
    (list_room((void **)&(list)->at, (list)->n, &(list)->room, sizeof *(list)->at),                       \
     (list)->at[(list)->n++] = (__VA_ARGS__))

struct token_key {
    uint64_t hash;
    uint32_t start, head; /* for the filters, should a phrase begin with it */
};

/* A form of several tokens. */
struct run {
    uint32_t first, n; /* in keys */
};

struct unit {
    uint32_t first, n;         /* forms of one token, in keys */
    uint32_t first_run, n_runs;
    uint32_t n_tokens;         /* of its longest form */
    bool is_first;             /* its tokens are in the filters */
    bool has_word;             /* and not only punctuation */
};

/* From a place of a phrase to the next, over one token or over any of a unit's. */
struct step {
    uint64_t hash;
    uint32_t unit;   /* 0: the token alone */
    uint32_t target;
    uint32_t next;   /* of the same place; 0: the last */
};

struct place {
    uint32_t steps;
    uint32_t value; /* one more than the value of the phrase that ends here; 0: none does */
};

/* A node of the automaton: the places where one may be. */
struct state {
    uint32_t first, n; /* in items, in their order */
    uint32_t chain;
    bool continues;
};

/* An edge before it has its place. */
struct new_edge {
    uint64_t key;
    uint32_t child;
};

/* Over one token to the places of a bundle. */
struct arc {
    uint64_t hash;
    uint32_t bundle;
};

struct bundle {
    uint32_t first, n; /* in targets */
    uint32_t state;    /* UINT32_MAX: not asked for yet */
};

struct phrases_builder {
    struct arena *arena; /* for folding */
    LIST(struct token_key) keys;
    LIST(struct run) runs;
    LIST(struct unit) units;     /* [0] is not used */
    LIST(struct step) steps;     /* [0] is not used */
    LIST(struct place) places;   /* [0]: before the first word */
    LIST(uint32_t) first;        /* filter keys of first words */
    LIST(struct state) states;
    LIST(struct new_edge) edges;
    LIST(uint32_t) items;
    uint32_t *known;             /* states by their items' hash; UINT32_MAX: free */
    size_t known_room;
    LIST(struct step) moves;     /* of the state whose edges are made, as are the following */
    LIST(struct arc) arcs;
    LIST(struct bundle) bundles;
    LIST(uint32_t) targets;
    LIST(uint32_t) merged;
};

static void list_room(void **array, size_t n, size_t *room, size_t element)
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

/* ---- entering --------------------------------------------------------------------------------------------------- */

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

static void builder_free(struct phrases_builder *builder)
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
    free(builder->bundles.at);
    free(builder->targets.at);
    free(builder->merged.at);
    free(builder);
}

void phrases_free(struct phrases *phrases)
{
    if (phrases == NULL)
        return;
    builder_free(phrases->builder);
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

/* ---- freezing --------------------------------------------------------------------------------------------------- */

static void *table_new(size_t n, size_t element)
{
    void *table = calloc(n, element);

    if (table == NULL)
        abort();
    return table;
}

/* The values of all places of a state, in the order in which they were added. */
static uint32_t chain_new(struct phrases *phrases, const uint32_t *items, size_t n)
{
    uint32_t chain = 0, last = 0;

    for (size_t i = 0; i < n; i++) {
        uint32_t value = phrases->builder->places.at[items[i]].value, at = chain;

        if (value == 0)
            continue;
        while (at != 0 && phrases->values[at].value != value - 1)
            at = phrases->values[at].next;
        if (at != 0)
            continue;
        list_room((void **)&phrases->values, phrases->n_values, &phrases->values_room, sizeof *phrases->values);
        phrases->values[phrases->n_values] = (struct value){value - 1, 0};
        if (last != 0)
            phrases->values[last].next = (uint32_t)phrases->n_values;
        else
            chain = (uint32_t)phrases->n_values;
        last = (uint32_t)phrases->n_values++;
    }
    return chain;
}

static uint64_t items_hash(const uint32_t *items, size_t n)
{
    uint64_t hash = n;

    for (size_t i = 0; i < n; i++) {
        hash = (hash ^ items[i]) * 0xd6e8feb86659fd93u;
        hash ^= hash >> 29;
    }
    return hash;
}

static void known_double(struct phrases_builder *builder)
{
    free(builder->known);
    builder->known_room = builder->known_room == 0 ? STATES_FIRST : builder->known_room * 2;
    builder->known = table_new(builder->known_room, sizeof *builder->known);
    memset(builder->known, 0xff, builder->known_room * sizeof *builder->known);
    for (size_t i = 0; i < builder->states.n; i++) {
        const struct state *state = &builder->states.at[i];
        size_t at = items_hash(builder->items.at + state->first, state->n) & (builder->known_room - 1);

        while (builder->known[at] != UINT32_MAX)
            at = (at + 1) & (builder->known_room - 1);
        builder->known[at] = (uint32_t)i;
    }
}

/* The state of these places, which stand in their order. */
static uint32_t state_of(struct phrases *phrases, const uint32_t *items, size_t n)
{
    struct phrases_builder *builder = phrases->builder;
    struct state state = {.first = (uint32_t)builder->items.n, .n = (uint32_t)n};
    size_t at;

    if (builder->states.n * 2 >= builder->known_room)
        known_double(builder);
    for (at = items_hash(items, n) & (builder->known_room - 1); builder->known[at] != UINT32_MAX;
         at = (at + 1) & (builder->known_room - 1)) {
        const struct state *other = &builder->states.at[builder->known[at]];
        if (other->n == n && memcmp(builder->items.at + other->first, items, n * sizeof *items) == 0)
            return builder->known[at];
    }
    for (size_t i = 0; i < n; i++) {
        LIST_ADD(&builder->items, items[i]);
        state.continues |= builder->places.at[items[i]].steps != 0;
    }
    state.chain = chain_new(phrases, items, n);
    builder->known[at] = (uint32_t)builder->states.n;
    LIST_ADD(&builder->states, state);
    return (uint32_t)builder->states.n - 1;
}

static int by_unit(const void *a, const void *b)
{
    const struct step *one = a, *other = b;

    if (one->unit != other->unit)
        return one->unit < other->unit ? -1 : 1;
    if (one->hash != other->hash)
        return one->hash < other->hash ? -1 : 1;
    return (one->target > other->target) - (one->target < other->target);
}

static int by_hash(const void *a, const void *b)
{
    const struct arc *one = a, *other = b;

    if (one->hash != other->hash)
        return one->hash < other->hash ? -1 : 1;
    return (one->bundle > other->bundle) - (one->bundle < other->bundle);
}

static int by_number(const void *a, const void *b)
{
    uint32_t one = *(const uint32_t *)a, other = *(const uint32_t *)b;

    return (one > other) - (one < other);
}

/* All steps from a state, those over one unit or one token bundled. */
static void arcs_of(struct phrases_builder *builder, const struct state *state)
{
    builder->moves.n = builder->arcs.n = builder->bundles.n = builder->targets.n = 0;
    for (uint32_t i = 0; i < state->n; i++)
        for (uint32_t at = builder->places.at[builder->items.at[state->first + i]].steps; at != 0;
             at = builder->steps.at[at].next)
            LIST_ADD(&builder->moves, builder->steps.at[at]);
    if (builder->moves.n > 1)
        qsort(builder->moves.at, builder->moves.n, sizeof *builder->moves.at, by_unit);
    for (size_t i = 0; i < builder->moves.n; i++) {
        const struct step *move = &builder->moves.at[i];
        struct bundle *last = builder->bundles.n == 0 ? NULL : &builder->bundles.at[builder->bundles.n - 1];

        if (i > 0 && move->unit == move[-1].unit && move->hash == move[-1].hash) {
            if (move->target != move[-1].target) {
                LIST_ADD(&builder->targets, move->target);
                last->n++;
            }
            continue;
        }
        LIST_ADD(&builder->bundles, (struct bundle){(uint32_t)builder->targets.n, 1, UINT32_MAX});
        LIST_ADD(&builder->targets, move->target);
        if (move->unit == 0)
            LIST_ADD(&builder->arcs, (struct arc){move->hash, (uint32_t)builder->bundles.n - 1});
        for (uint32_t k = 0; move->unit != 0 && k < builder->units.at[move->unit].n; k++)
            LIST_ADD(&builder->arcs, (struct arc){builder->keys.at[builder->units.at[move->unit].first + k].hash,
                                                  (uint32_t)builder->bundles.n - 1});
    }
    if (builder->bundles.n > 1) /* of one unit alone all tokens lead to one state, in whatever order */
        qsort(builder->arcs.at, builder->arcs.n, sizeof *builder->arcs.at, by_hash);
}

static uint32_t state_of_bundle(struct phrases *phrases, struct bundle *bundle)
{
    if (bundle->state == UINT32_MAX)
        bundle->state = state_of(phrases, phrases->builder->targets.at + bundle->first, bundle->n);
    return bundle->state;
}

/* What several bundles lead to together. */
static uint32_t state_of_arcs(struct phrases *phrases, const struct arc *arcs, size_t n)
{
    struct phrases_builder *builder = phrases->builder;
    size_t kept = 0;

    builder->merged.n = 0;
    for (size_t i = 0; i < n; i++) {
        const struct bundle *bundle = &builder->bundles.at[arcs[i].bundle];
        if (i > 0 && arcs[i].bundle == arcs[i - 1].bundle)
            continue;
        for (uint32_t k = 0; k < bundle->n; k++)
            LIST_ADD(&builder->merged, builder->targets.at[bundle->first + k]);
    }
    qsort(builder->merged.at, builder->merged.n, sizeof *builder->merged.at, by_number);
    for (size_t i = 0; i < builder->merged.n; i++)
        if (kept == 0 || builder->merged.at[kept - 1] != builder->merged.at[i])
            builder->merged.at[kept++] = builder->merged.at[i];
    return state_of(phrases, builder->merged.at, kept);
}

static void edges_make(struct phrases *phrases)
{
    struct phrases_builder *builder = phrases->builder;
    const uint32_t root = ROOT;

    state_of(phrases, &root, 1);
    for (uint32_t at = 0; at < builder->states.n; at++) {
        struct state state = builder->states.at[at];

        arcs_of(builder, &state);
        for (size_t i = 0, next; i < builder->arcs.n; i = next) {
            const struct arc *arcs = &builder->arcs.at[i];
            uint32_t to;

            for (next = i + 1; next < builder->arcs.n && builder->arcs.at[next].hash == arcs->hash; next++)
                ;
            to = next == i + 1 ? state_of_bundle(phrases, &builder->bundles.at[arcs->bundle])
                               : state_of_arcs(phrases, arcs, next - i);
            LIST_ADD(&builder->edges, (struct new_edge){edge_key(at, arcs->hash),
                                                        builder->states.at[to].continues ? to | CONTINUES : to});
        }
    }
}

/* The table is two thirds full; probes that find nothing end soon. */
static void edges_place(struct phrases *phrases)
{
    const struct phrases_builder *builder = phrases->builder;

    phrases->room = builder->edges.n + builder->edges.n / 2 + 16;
    phrases->edges = table_new(phrases->room, sizeof *phrases->edges);
    for (size_t i = 0; i < builder->edges.n; i++) {
        const struct new_edge *edge = &builder->edges.at[i];
        *edge_of_key(phrases, edge->key) = (struct edge){edge_check(edge->key), edge->child};
    }
    phrases->chains = table_new(builder->states.n, sizeof *phrases->chains);
    for (size_t i = 0; i < builder->states.n; i++)
        phrases->chains[i] = builder->states.at[i].chain;
}

void phrases_freeze(struct phrases *phrases)
{
    size_t bits = 1 << 10, n_first = phrases->builder->first.n;

    list_room((void **)&phrases->values, 0, &phrases->values_room, sizeof *phrases->values);
    phrases->n_values = 1;
    edges_make(phrases);
    edges_place(phrases);
    while (bits < n_first * STARTS_PER_PHRASE && bits < (size_t)1 << 26)
        bits *= 2;
    phrases->starts = table_new(bits / 64, sizeof *phrases->starts);
    phrases->starts_mask = (uint32_t)(bits - 1);
    for (size_t i = 0; i < n_first; i++) {
        uint32_t bit = phrases->builder->first.at[i] & phrases->starts_mask;
        phrases->starts[bit / 64] |= (uint64_t)1 << bit % 64;
    }
    builder_free(phrases->builder);
    phrases->builder = NULL;
}

size_t phrases_count(const struct phrases *phrases)
{
    return phrases->n_phrases;
}
