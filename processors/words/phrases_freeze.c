/* Freezing makes of all chains of places one automaton that is never in doubt (subset construction, as in any book on
 * regular languages). */
#include "processors/words/phrases_builder.h"

#include <stdlib.h>

enum {
    STARTS_PER_PHRASE = 16, /* bits of the filter: about 6 % of it are set */
    STATES_FIRST = 1 << 10,
};

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
        phrases_list_room((void **)&phrases->values, phrases->n_values, &phrases->values_room, sizeof *phrases->values);
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

static int by_number(const void *a, const void *b)
{
    uint32_t one = *(const uint32_t *)a, other = *(const uint32_t *)b;

    return (one > other) - (one < other);
}

/* Arcs with the same first bits, by hash; those of one hash keep their order. */
static void arcs_insert(struct arc *arcs, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        struct arc arc = arcs[i];
        size_t k = i;

        for (; k > 0 && arcs[k - 1].hash > arc.hash; k--)
            arcs[k] = arcs[k - 1];
        arcs[k] = arc;
    }
}

/* By hash, those of one hash by bundle, as they were made.  Hashes are spread evenly, so with as many heaps as arcs there
 * are few in each; a quarter of the time that reading all tables took went to qsort() here. */
static void arcs_sort(struct phrases_builder *builder)
{
    enum { BITS_MAX = 18, FEW = 16 };
    size_t n = builder->arcs.n;
    unsigned bits = 1, shift;

    if (n <= FEW) {
        arcs_insert(builder->arcs.at, n);
        return;
    }
    while (bits < BITS_MAX && (size_t)1 << bits < n)
        bits++;
    shift = 64 - bits;
    builder->ends.n = builder->sorted.n = 0;
    for (size_t i = 0; i < (size_t)1 << bits; i++)
        LIST_ADD(&builder->ends, 0);
    for (size_t i = 0; i < n; i++) {
        LIST_ADD(&builder->sorted, builder->arcs.at[i]);
        builder->ends.at[builder->arcs.at[i].hash >> shift]++;
    }
    for (size_t i = 1; i < builder->ends.n; i++)
        builder->ends.at[i] += builder->ends.at[i - 1];
    for (size_t i = n; i-- > 0;)
        builder->arcs.at[--builder->ends.at[builder->sorted.at[i].hash >> shift]] = builder->sorted.at[i];
    for (size_t i = 0; i < builder->ends.n; i++) {
        size_t first = builder->ends.at[i], end = i + 1 < builder->ends.n ? builder->ends.at[i + 1] : n;
        arcs_insert(builder->arcs.at + first, end - first);
    }
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
        arcs_sort(builder);
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

    phrases_list_room((void **)&phrases->values, 0, &phrases->values_room, sizeof *phrases->values);
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
    phrases_builder_free(phrases->builder);
    phrases->builder = NULL;
}
