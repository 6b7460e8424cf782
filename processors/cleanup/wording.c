#include "processors/cleanup/wording.h"

#include "processors/text/text.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    SLOTS_MIN = 1024,
    PAIR_BITS = 1 << 16, /* one in fourteen is set */
    PENDING = 64,        /* look-ups at a time */
    WEIGHTY = 150, /* in a language without a table only words of at least so much count: it may mean other things */
};

#define NUMBER_HASH 0x9e3779b97f4a7c15u /* of any number */
#define EDGE_HASH 0xc2b2ae3d27d4eb4fu   /* makes a pair with the first word of a line, and with the last */

/* One word or pair. */
struct slot {
    uint32_t key; /* 0: free, without weight */
    int16_t weight;
    uint8_t kind;
};

struct vocabulary {
    struct slot *slots;
    size_t mask; /* of the first of two slots; they are a power of two, at most a quarter of them full */
    uint64_t pairs[PAIR_BITS / 64]; /* which pairs may have a slot: most have none */
    int16_t marks[WORDING_MARKS_N];
    int16_t shapes[WORDING_LENGTHS][WORDING_ENDS];
    enum script script; /* of its language */
};

struct wording {
    struct vocabulary *of[LANGUAGES_MAX]; /* NULL: none */
    struct arena *folding;
    const struct languages *languages;
    struct table_source *source; /* while opening */
    struct vocabulary *english;  /* NULL: none */
};

/* ---- opening ---------------------------------------------------------------------------------------------------- */

static const char *const mark_names[] = {
#define MARK_NAME(name, text) text,
    WORDING_MARKS(MARK_NAME)
#undef MARK_NAME
};

static uint64_t pair_hash(uint64_t first, uint64_t second)
{
    return (first * 0x9e3779b97f4a7c15u) ^ (second + (first >> 29));
}

static uint32_t key_of(uint64_t hash)
{
    return (uint32_t)(hash >> 32) | 1;
}

/* The slot of a word or pair, or a free one if it has none.  Slots are filled two by two: that the first of two is another
 * word's needs no branch, and that both are is rare. */
static inline const struct slot *find(const struct vocabulary *vocabulary, uint64_t hash)
{
    uint32_t key = key_of(hash);

    for (size_t at = hash & vocabulary->mask;; at = (at + 2) & vocabulary->mask) {
        const struct slot *slot = &vocabulary->slots[at];
        slot += slot->key != key;
        if ((slot->key == key) | (slot->key == 0))
            return slot;
    }
}

static void put(struct vocabulary *vocabulary, uint64_t hash, struct slot slot)
{
    uint64_t bit = hash >> 32 & (PAIR_BITS - 1);
    size_t at = hash & vocabulary->mask;

    if (find(vocabulary, hash)->key != 0)
        return;
    while (vocabulary->slots[at].key != 0)
        at = (at + 1) & (vocabulary->mask | 1);
    vocabulary->slots[at] = slot;
    vocabulary->pairs[bit / 64] |= (uint64_t)1 << bit % 64;
}

static inline bool may_have(const struct vocabulary *vocabulary, uint64_t pair)
{
    uint64_t bit = pair >> 32 & (PAIR_BITS - 1);

    return (vocabulary->pairs[bit / 64] >> bit % 64 & 1) != 0;
}

static bool read_weight(struct view cell, int16_t *ret_weight)
{
    char text[8], *end;
    long value;

    if (cell.size == 0 || cell.size >= sizeof text)
        return false;
    memcpy(text, cell.data, cell.size);
    text[cell.size] = '\0';
    value = strtol(text, &end, 10);
    *ret_weight = (int16_t)value;
    return *end == '\0' && value >= -5000 && value <= 5000;
}

static bool enter_mark(struct vocabulary *vocabulary, struct view name, int16_t weight)
{
    static const char *const lengths[WORDING_LENGTHS] = {"0", "1", "3", "6", "11", "24", "more"};
    static const char *const ends[WORDING_ENDS] = {".", "?", ":", ",", "-"};

    for (unsigned i = 0; i < WORDING_MARKS_N; i++)
        if (view_is(name, mark_names[i])) {
            vocabulary->marks[i] = weight;
            return true;
        }
    for (unsigned length = 0; length < WORDING_LENGTHS; length++)
        for (unsigned end = 0; end < WORDING_ENDS; end++) {
            char shape[32];
            snprintf(shape, sizeof shape, "<words %s end %s>", lengths[length], ends[end]);
            if (view_is(name, shape)) {
                vocabulary->shapes[length][end] = weight;
                return true;
            }
        }
    return false;
}

/* The hash of a word, of two, or of one at a line's edge. */
static bool hash_of(struct wording *wording, struct view words, uint64_t *ret_hash)
{
    bool first = words.size > 2 && memcmp(words.data, "^ ", 2) == 0;
    bool last = words.size > 2 && memcmp(words.data + words.size - 2, " $", 2) == 0;
    uint64_t hashes[2];
    struct article article;

    arena_reset(wording->folding);
    text_tokenize(wording->folding, view_slice(words, first ? 2 : 0, words.size - (first || last ? 2 : 0)), &article);
    if (article.n_tokens == 0 || article.n_tokens > 2 || (article.n_tokens == 2 && (first || last)))
        return false;
    for (size_t i = 0; i < article.n_tokens; i++) {
        if (article.tokens[i].kind != TOKEN_WORD && article.tokens[i].kind != TOKEN_NUMBER)
            return false;
        hashes[i] = article.tokens[i].kind == TOKEN_NUMBER ? NUMBER_HASH : article.tokens[i].hash;
    }
    if (first || last)
        *ret_hash = first ? pair_hash(EDGE_HASH, hashes[0]) : pair_hash(hashes[0], EDGE_HASH);
    else
        *ret_hash = article.n_tokens == 1 ? hashes[0] : pair_hash(hashes[0], hashes[1]);
    return true;
}

static enum status enter(struct wording *wording, struct vocabulary *vocabulary, struct table_row row, struct err *err)
{
    struct slot slot = {.kind = DROP_NONE};
    enum drop_kind kind = DROP_NONE;
    uint64_t hash;

    if (!view_is(row.cells[1], "-") && !drop_kind_of(row.cells[1], &kind))
        return table_fail(row, err, "there is no kind '%.*s'", VIEW_PRINT(row.cells[1]));
    slot.kind = (uint8_t)kind;
    if (!read_weight(row.cells[2], &slot.weight))
        return table_fail(row, err, "'%.*s' is no weight", VIEW_PRINT(row.cells[2]));
    if (row.cells[0].size > 0 && row.cells[0].data[0] == '<')
        return enter_mark(vocabulary, row.cells[0], slot.weight)
                   ? STATUS_OK : table_fail(row, err, "there is no mark '%.*s'", VIEW_PRINT(row.cells[0]));
    if (!hash_of(wording, row.cells[0], &hash))
        return table_fail(row, err, "'%.*s' is neither a word nor two", VIEW_PRINT(row.cells[0]));
    slot.key = key_of(hash);
    put(vocabulary, hash, slot);
    return STATUS_OK;
}

static enum status open_language(void *user, const char *name, struct err *err)
{
    struct wording *wording = user;
    language_id language = language_of(wording->languages, view_of(name));
    struct vocabulary *vocabulary;
    struct table *table = NULL;
    char path[128];
    enum status status;

    snprintf(path, sizeof path, "cleanup/wording/%s.tsv", name);
    if (language == LANGUAGE_UND)
        return fail(err, STATUS_FATAL, "%s: '%s' has no row in languages.tsv", path, name);
    status = table_open(wording->source, path, "words kind weight", 1, &table, err);
    if (status != STATUS_OK)
        return status;
    vocabulary = calloc(1, sizeof *vocabulary);
    if (vocabulary != NULL) {
        size_t room = SLOTS_MIN;
        while (room < table_size(table) * 4)
            room *= 2;
        vocabulary->slots = calloc(room, sizeof *vocabulary->slots);
        vocabulary->mask = room - 2;
        vocabulary->script = language_script(wording->languages, language);
        wording->of[language] = vocabulary;
    }
    if (vocabulary == NULL || vocabulary->slots == NULL)
        status = fail(err, STATUS_FATAL, "cleanup/wording: out of memory");
    for (size_t i = 0; status == STATUS_OK && i < table_size(table); i++)
        status = enter(wording, vocabulary, table_at(table, i), err);
    table_close(table);
    return status;
}

enum status wording_open(struct table_source *source, const struct languages *languages, struct wording **ret_wording,
                         struct err *err)
{
    struct wording *wording = calloc(1, sizeof *wording);
    enum status status;

    if (wording == NULL)
        return fail(err, STATUS_FATAL, "cleanup/wording: out of memory");
    wording->folding = arena_new(1 << 12, 1 << 12);
    wording->languages = languages;
    wording->source = source;
    status = table_list(source, "cleanup/wording", open_language, wording, err);
    wording->source = NULL;
    if (status != STATUS_OK) {
        wording_close(wording);
        return status;
    }
    wording->english = wording->of[language_of(languages, VIEW("en"))];
    *ret_wording = wording;
    return STATUS_OK;
}

void wording_close(struct wording *wording)
{
    if (wording == NULL)
        return;
    for (size_t i = 0; i < LANGUAGES_MAX; i++)
        if (wording->of[i] != NULL) {
            free(wording->of[i]->slots);
            free(wording->of[i]);
        }
    arena_free(wording->folding);
    free(wording);
}

/* ---- asking ----------------------------------------------------------------------------------------------------- */

/* Where the words of one script are looked for. */
static const struct vocabulary *vocabulary_for(const struct wording *wording, language_id language, unsigned script)
{
    const struct vocabulary *own = wording->of[language];

    if (own != NULL && (script != SCRIPT_LATN || own->script == SCRIPT_LATN))
        return own;
    return script == SCRIPT_LATN ? wording->english : NULL;
}

/* What has been added up of one line, and what is yet to be looked up: words, and pairs that may have a weight.  They
 * wait for each other so that no look-up waits for an answer that could be foreseen wrongly. */
struct sum {
    const struct vocabulary *vocabulary;
    uint32_t n;
    uint64_t pending[PENDING];
    int32_t weight, least; /* least: words of less do not count */
    uint32_t known;
    int32_t by_kind[DROP_KINDS];
};

/* Adds the weights of all that is pending; a free slot has none, so that it is not asked whether there is one. */
static void look_up(struct sum *sum)
{
    for (uint32_t i = 0; i < sum->n; i++) {
        const struct slot *slot = find(sum->vocabulary, sum->pending[i]);
        bool counts = (slot->key != 0) & (slot->weight >= sum->least);
        int32_t weight = counts ? slot->weight : 0;

        sum->known += counts;
        sum->weight += weight;
        sum->by_kind[slot->kind] += weight > 0 ? weight : 0;
    }
    sum->n = 0;
}

static inline void add_word(struct sum *sum, uint64_t hash, bool counts)
{
    sum->pending[sum->n] = hash;
    sum->n += counts;
    /* The slot comes near while the next words are read. */
    __builtin_prefetch(&sum->vocabulary->slots[hash & sum->vocabulary->mask]);
}

static inline void add_pair(struct sum *sum, uint64_t first, uint64_t second, bool counts)
{
    uint64_t pair = pair_hash(first, second);

    sum->pending[sum->n] = pair;
    sum->n += counts & may_have(sum->vocabulary, pair);
}

/* Other letters may be those of another vocabulary. */
static void change_script(struct sum *sum, const struct vocabulary *vocabulary)
{
    if (sum->n > 0)
        look_up(sum);
    sum->vocabulary = vocabulary;
}

struct wording_score wording_score(const struct wording *wording, const struct article *article, uint32_t first,
                                   uint32_t last, language_id language)
{
    struct wording_score score = {.kind = DROP_NONE};
    struct sum sum;
    uint64_t before = 0, end = 0; /* 0: nothing that makes a pair; the last word */
    unsigned script = SCRIPTS;    /* of the vocabulary's words */
    int32_t most = 0;

    sum.vocabulary = NULL;
    sum.n = sum.known = 0;
    sum.weight = 0;
    sum.least = wording->of[language] == NULL ? WEIGHTY : INT32_MIN;
    memset(sum.by_kind, 0, sizeof sum.by_kind);
    for (uint32_t i = first; i <= last; i++) {
        const struct token *token = &article->tokens[i];
        bool counted = token->kind <= TOKEN_NUMBER;
        uint64_t hash = token->kind == TOKEN_NUMBER ? NUMBER_HASH : token->hash;

        if (token->kind == TOKEN_JOINER)
            continue;
        if (counted && token->script != script) {
            script = token->script;
            change_script(&sum, vocabulary_for(wording, language, script));
        }
        if (sum.vocabulary != NULL) {
            add_word(&sum, hash, token->kind == TOKEN_WORD);
            add_pair(&sum, before, hash, counted & (before != 0));
            if (counted && end == 0)
                add_pair(&sum, EDGE_HASH, hash, true);
            if (sum.n > PENDING - 4)
                look_up(&sum);
        }
        before = counted ? hash : 0;
        end = counted ? hash : end;
    }
    if (sum.vocabulary != NULL && end != 0)
        add_pair(&sum, end, EDGE_HASH, true);
    if (sum.n > 0)
        look_up(&sum);
    score.weight = sum.weight;
    score.known = sum.known;
    for (uint8_t kind = DROP_NONE + 1; kind < DROP_KINDS; kind++)
        if (sum.by_kind[kind] > most) {
            most = sum.by_kind[kind];
            score.kind = kind;
        }
    return score;
}

int32_t wording_shape(const struct wording *wording, struct wording_shape shape, language_id language)
{
    static const uint32_t lengths[WORDING_LENGTHS] = {0, 1, 3, 6, 11, 24, UINT32_MAX};
    const struct vocabulary *own = wording->of[language];
    unsigned length = 0;
    int32_t sum;

    if (own == NULL)
        return 0;
    while (shape.words > lengths[length])
        length++;
    sum = own->shapes[length][shape.end];
    for (; shape.marks != 0; shape.marks &= shape.marks - 1)
        sum += own->marks[__builtin_ctz(shape.marks)];
    return sum;
}
