#include "processors/cleanup/cues.h"

#include "processors/text/text.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    SURE = 2, HINT = 1,
    SLOTS_MIN = 1024,
    FILTER_BITS = 1 << 17,
    SEEN_MAX = 16, /* different cues that are told apart in one line */
};

/* One word speaks for one kind in one language; the same word may stand in several slots. */
struct cue {
    uint64_t hash; /* of its folded form; 0: free */
    language_id language;
    uint8_t kind, weight;
};

struct cues {
    struct cue *slots;
    size_t n, room; /* a power of two, at most half of it full */
    uint64_t filter[FILTER_BITS / 64]; /* so that most words need no look-up */
    struct arena *folding;
    const struct languages *languages;
    struct table_source *source; /* while opening */
    language_id english;
};

static void put(struct cue *slots, size_t room, struct cue cue)
{
    size_t at = cue.hash & (room - 1);

    while (slots[at].hash != 0)
        at = (at + 1) & (room - 1);
    slots[at] = cue;
}

static enum status add(struct cues *cues, struct cue cue, struct err *err)
{
    uint64_t bit = cue.hash % FILTER_BITS;

    if (cues->n * 2 >= cues->room) {
        size_t room = cues->room == 0 ? SLOTS_MIN : cues->room * 2;
        struct cue *slots = calloc(room, sizeof *slots);
        if (slots == NULL)
            return fail(err, STATUS_FATAL, "cleanup/cues: out of memory");
        for (size_t i = 0; i < cues->room; i++)
            if (cues->slots[i].hash != 0)
                put(slots, room, cues->slots[i]);
        free(cues->slots);
        cues->slots = slots;
        cues->room = room;
    }
    put(cues->slots, cues->room, cue);
    cues->filter[bit / 64] |= (uint64_t)1 << bit % 64;
    cues->n++;
    return STATUS_OK;
}

static enum status enter(struct cues *cues, struct table_row row, language_id language, struct err *err)
{
    struct cue cue = {.language = language, .weight = view_is(row.cells[2], "sure") ? SURE : HINT};
    struct article word;
    enum drop_kind kind;

    if (!drop_kind_of(row.cells[1], &kind))
        return table_fail(row, err, "there is no kind '%.*s'", VIEW_PRINT(row.cells[1]));
    if (cue.weight == HINT && !view_is(row.cells[2], "hint"))
        return table_fail(row, err, "trust is sure or hint, not '%.*s'", VIEW_PRINT(row.cells[2]));
    arena_reset(cues->folding);
    text_tokenize(cues->folding, row.cells[0], &word);
    if (word.n_tokens != 1 || word.tokens[0].kind != TOKEN_WORD)
        return table_fail(row, err, "'%.*s' is not one word", VIEW_PRINT(row.cells[0]));
    cue.kind = (uint8_t)kind;
    cue.hash = word.tokens[0].hash;
    return add(cues, cue, err);
}

static enum status open_language(void *user, const char *name, struct err *err)
{
    struct cues *cues = user;
    language_id language = language_of(cues->languages, view_of(name));
    struct table *table = NULL;
    char path[128];
    enum status status;

    snprintf(path, sizeof path, "cleanup/cues/%s.tsv", name);
    if (language == LANGUAGE_UND)
        return fail(err, STATUS_FATAL, "%s: '%s' has no row in languages.tsv", path, name);
    status = table_open(cues->source, path, "word kind trust", 2, &table, err);
    for (size_t i = 0; status == STATUS_OK && i < table_size(table); i++)
        status = enter(cues, table_at(table, i), language, err);
    table_close(table);
    return status;
}

enum status cues_open(struct table_source *source, const struct languages *languages, struct cues **ret_cues,
                      struct err *err)
{
    struct cues *cues = calloc(1, sizeof *cues);
    enum status status;

    if (cues == NULL)
        return fail(err, STATUS_FATAL, "cleanup/cues: out of memory");
    cues->folding = arena_new(1 << 12, 1 << 12);
    cues->languages = languages;
    cues->english = language_of(languages, VIEW("en"));
    cues->source = source;
    status = table_list(source, "cleanup/cues", open_language, cues, err);
    cues->source = NULL;
    if (status != STATUS_OK) {
        cues_close(cues);
        return status;
    }
    *ret_cues = cues;
    return STATUS_OK;
}

void cues_close(struct cues *cues)
{
    if (cues == NULL)
        return;
    arena_free(cues->folding);
    free(cues->slots);
    free(cues);
}

static bool was_seen(uint64_t seen[SEEN_MAX], unsigned *n_seen, uint64_t hash)
{
    for (unsigned i = 0; i < *n_seen; i++)
        if (seen[i] == hash)
            return true;
    if (*n_seen < SEEN_MAX)
        seen[(*n_seen)++] = hash;
    return false;
}

/* A word of the line's own language speaks for that; an English one only if the own language does not know it. */
static void weigh(const struct cues *cues, uint64_t hash, language_id language, uint32_t weights[DROP_KINDS])
{
    size_t mask = cues->room - 1;
    bool own = false;

    for (size_t at = hash & mask; cues->slots[at].hash != 0; at = (at + 1) & mask)
        own |= cues->slots[at].hash == hash && cues->slots[at].language == language;
    if (!own)
        language = cues->english;
    for (size_t at = hash & mask; cues->slots[at].hash != 0; at = (at + 1) & mask)
        if (cues->slots[at].hash == hash && cues->slots[at].language == language)
            weights[cues->slots[at].kind] += cues->slots[at].weight;
}

struct cue_score cues_score(const struct cues *cues, const struct article *article, uint32_t first, uint32_t last,
                            language_id language)
{
    struct cue_score score = {DROP_NONE, 0, 0};
    uint32_t weights[DROP_KINDS] = {0};
    uint64_t seen[SEEN_MAX];
    unsigned n_seen = 0;

    for (uint32_t i = first; i <= last && cues->room > 0; i++) {
        const struct token *token = &article->tokens[i];
        uint64_t bit = token->hash % FILTER_BITS;

        if (token->kind == TOKEN_WORD && (cues->filter[bit / 64] >> bit % 64 & 1) != 0
            && !was_seen(seen, &n_seen, token->hash))
            weigh(cues, token->hash, language, weights);
    }
    score.address = weights[DROP_OTHER];
    weights[DROP_OTHER] = 0;
    for (uint8_t kind = DROP_NONE + 1; kind < DROP_KINDS; kind++)
        if (weights[kind] > score.weight) {
            score.weight = weights[kind];
            score.kind = kind;
        }
    return score;
}
