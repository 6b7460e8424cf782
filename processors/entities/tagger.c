#include "processors/entities/tagger.h"

#include "processors/model_file.h"
#include "processors/text/text.h"
#include "processors/utf8.h"
#include "processors/words/forms.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEY_SPREAD 0x9e3779b1u /* golden ratio: spreads keys over a table */

enum { NEIGHBOURS = 2, SCORED_TOGETHER = 16, SUM_LEAST = -12000, MOVE_NEVER = -16000, STEM_POINTS = 5, OTHERS_INSIDE = 4 };

/* Eight lanes of a sum; none overflows, for a weight has seven bits and a token TAGGER_FEATURES_MAX of them. */
typedef int16_t lanes __attribute__((vector_size(16)));
typedef int8_t narrow_lanes __attribute__((vector_size(8)));

/* One feature of the model; key 0: an empty slot. */
struct slot {
    uint32_t key;
    int8_t weights[TAG_LANES];
};

struct tagger {
    struct slot *slots;
    uint64_t *filter; /* one bit for keys that may be there: most features of a text are not */
    unsigned shift, filter_shift;
    uint32_t mask;
    /* Words by which it is known where no name can be: without case those that never were in one, with case those common words
     * that were; open addressing, 0: free. */
    uint32_t *told;
    uint32_t told_mask;
    lanes moves[TAGS]; /* from, to */
    float confidence_base, confidence_slope; /* of a span, by its margin over "outside" */
    float scale;
    struct tag_words words;
    char language[8];
    bool has_case;
};

/* ---- what is seen of a token ------------------------------------------------------------------------------------- */

static uint32_t hash_bytes(const char *data, size_t size)
{
    uint64_t bytes = 0;

    memcpy(&bytes, data, size < sizeof bytes ? size : sizeof bytes);
    return (uint32_t)((bytes ^ size) * 0x9e3779b97f4a7c15u >> 32);
}

/* Bytes of the first n code points of a word. */
static size_t front_bytes(struct view word, unsigned n)
{
    size_t at = 0;

    for (unsigned i = 0; i < n && at < word.size; i++)
        do
            at++;
        while (at < word.size && (word.data[at] & 0xc0) == 0x80);
    return at;
}

static size_t back_bytes(struct view word, unsigned n)
{
    size_t at = word.size;

    for (unsigned i = 0; i < n && at > 0; i++)
        do
            at--;
        while (at > 0 && (word.data[at] & 0xc0) == 0x80);
    return word.size - at;
}

/* Where words take prefixes (Arabic, Hebrew), what remains behind the longest; else the first letters. */
static uint32_t stem_of(const struct article *article, const struct token *token, struct view folded,
                        const char *language_tag)
{
    struct strip prefixes[PREFIXES_MAX];
    char buffer[FORM_BYTES * 2];
    size_t n;

    if (token->script != SCRIPT_ARAB && token->script != SCRIPT_HEBR)
        return hash_bytes(folded.data, front_bytes(folded, STEM_POINTS));
    n = forms_prefixes(article, token, language_tag, FORMS_NAME, prefixes);
    return n == 0 ? (uint32_t)token->hash : (uint32_t)fold_hash(forms_view(folded, &prefixes[n - 1], buffer));
}

void tagger_see(const struct article *article, uint32_t at, uint8_t hint, bool first, const struct tag_words *words,
                struct tag_sight *ret_sight)
{
    const struct token *token = &article->tokens[at];

    *ret_sight = (struct tag_sight){.word = (uint32_t)token->hash, .hint = hint};
    ret_sight->shape = (uint8_t)(1 + token->shape * 2 + first);
    if (token->kind != TOKEN_WORD) {
        ret_sight->shape = (uint8_t)(16 + token->kind);
        return;
    }
    ret_sight->list = tag_words_find(words, ret_sight->word);
}

void tagger_look(const struct article *article, uint32_t at, const char *language_tag, const struct tag_words *words,
                 struct tag_sight *ret_sight)
{
    const struct token *token = &article->tokens[at];
    struct view folded = token_folded(article, token);
    size_t size;

    if (token->kind != TOKEN_WORD)
        return;
    ret_sight->stem = stem_of(article, token, folded, language_tag);
    if (ret_sight->list == 0 && (token->script == SCRIPT_ARAB || token->script == SCRIPT_HEBR))
        ret_sight->list = tag_words_find(words, ret_sight->stem); /* "وعلي" as "علي" */
    ret_sight->front2 = hash_bytes(folded.data, front_bytes(folded, 2));
    size = back_bytes(folded, 2);
    ret_sight->back2 = hash_bytes(folded.data + folded.size - size, size);
    size = back_bytes(folded, 3);
    ret_sight->back3 = hash_bytes(folded.data + folded.size - size, size);
    size = back_bytes(folded, 4);
    ret_sight->back4 = hash_bytes(folded.data + folded.size - size, size);
}

/* ---- names again ------------------------------------------------------------------------------------------------- */

enum { MEMORY_FIRST = 64, AGAIN_POINTS_MIN = 3 };

/* What endings and clitics leave of a word; 0: it cannot stand for a name. */
static uint32_t memory_key(const struct tag_memory *memory, const struct article *article, const struct token *token)
{
    if (token->kind != TOKEN_WORD || token->points < AGAIN_POINTS_MIN || token->shape == SHAPE_LOWER)
        return 0;
    return stem_of(article, token, token_folded(article, token), memory->language_tag);
}

static uint32_t memory_place(const struct tag_memory *memory, uint32_t key)
{
    uint32_t at = key * KEY_SPREAD & (memory->room - 1);

    while (memory->keys[at] != 0 && memory->keys[at] != key)
        at = (at + 1) & (memory->room - 1);
    return at;
}

static void memory_grow(struct tag_memory *memory)
{
    struct tag_memory old = *memory;

    memory->room = old.room == 0 ? MEMORY_FIRST : old.room * 2;
    memory->keys = arena_zero(memory->arena, memory->room * sizeof *memory->keys);
    memory->hints = arena_zero(memory->arena, memory->room);
    for (uint32_t i = 0; i < old.room; i++)
        if (old.keys[i] != 0) {
            uint32_t at = memory_place(memory, old.keys[i]);
            memory->keys[at] = old.keys[i];
            memory->hints[at] = old.hints[i];
        }
}

void tag_memory_note(struct tag_memory *memory, const struct article *article, const struct tag_span *span)
{
    bool is_person = span->type == ENTITY_PERSON;
    const struct token *token = &article->tokens[is_person ? span->first + span->n - 1 : span->first];
    uint32_t key = memory_key(memory, article, token), at;

    if (key == 0)
        return;
    if (memory->n * 2 >= memory->room)
        memory_grow(memory);
    at = memory_place(memory, key);
    memory->n += memory->keys[at] == 0;
    memory->keys[at] = key;
    memory->hints[at] = is_person ? HINT_AGAIN_PERSON : span->type == ENTITY_ORG ? HINT_AGAIN_ORG : HINT_AGAIN_PLACE;
}

void tag_memory_tell(const struct tag_memory *memory, const struct article *article, uint32_t first, uint32_t end,
                     uint8_t *hints)
{
    if (memory->n == 0)
        return;
    for (uint32_t i = first; i < end; i++) {
        uint32_t key = hints[i] != HINT_NONE ? 0 : memory_key(memory, article, &article->tokens[i]);
        if (key != 0)
            hints[i] = memory->hints[memory_place(memory, key)];
    }
}

/* ---- features ---------------------------------------------------------------------------------------------------- */

static inline uint32_t key_of(uint32_t kind, uint32_t a, uint32_t b)
{
    uint64_t both = (uint64_t)a << 32 | b;
    uint32_t key = (uint32_t)((both ^ kind * 0x85ebca6bc2b2ae35u) * 0x9e3779b97f4a7c15u >> 32);

    return key == 0 ? 1 : key;
}

unsigned tagger_features(const struct tag_sight *s, uint32_t keys[TAGGER_FEATURES_MAX])
{
    unsigned n = 0;
    uint32_t shapes = (uint32_t)s[-1].shape << 16 | (uint32_t)s[0].shape << 8 | s[1].shape;

    keys[n++] = key_of(0, 1, 1);
    keys[n++] = key_of(1, s[0].word, 0);
    keys[n++] = key_of(2, s[-1].word, 0);
    keys[n++] = key_of(3, s[-2].word, 0);
    keys[n++] = key_of(4, s[2].word, 0);
    keys[n++] = key_of(5, s[0].word, s[1].word);
    keys[n++] = key_of(6, s[0].stem, 0);
    keys[n++] = key_of(7, s[0].front2, s[0].shape);
    keys[n++] = key_of(8, s[0].back2, s[0].shape);
    keys[n++] = key_of(9, s[0].back3, 0);
    keys[n++] = key_of(10, s[0].back4, 0);
    keys[n++] = key_of(11, s[-1].back3, s[0].shape);
    keys[n++] = key_of(12, shapes, 0);
    keys[n++] = key_of(13, s[0].hint, s[0].shape);
    keys[n++] = key_of(14, (uint32_t)s[-1].hint << 8 | s[0].hint, s[0].shape);
    keys[n++] = key_of(15, (uint32_t)s[0].hint << 8 | s[1].hint, s[0].shape);
    keys[n++] = key_of(16, (uint32_t)s[-2].hint << 8 | s[-1].hint, s[0].hint);
    keys[n++] = key_of(17, s[0].list, s[0].shape);
    keys[n++] = key_of(18, (uint32_t)s[0].list << 8 | s[0].hint, (uint32_t)s[-1].hint << 8 | s[1].hint);
    keys[n++] = key_of(19, s[0].list & WORD_LISTS, (s[-1].list & WORD_LISTS) << 8 | (s[1].list & WORD_LISTS));
    return n;
}

/* ---- the model --------------------------------------------------------------------------------------------------- */

enum { VERSION = 1, BODY_HEAD = 32, SLOT_BITS_MIN = 8, FLAG_CASE = 1 };

/* Behind the head stand the size of the notice (u32) and the notice, then the body: numbers of features, told words and listed words, and bytes of the keys of each (u32); flags, base, slope and
 * scale of confidence; moves (i16, from and to); then keys of features, their weights (i8, one a tag), keys of told words,
 * keys of listed words and their bits. */
struct body {
    uint32_t n_features, n_told, n_words, flags;
    const unsigned char *at, *end;
};

static unsigned bits_for(uint64_t n, unsigned least)
{
    unsigned bits = least;

    while (bits < 28 && ((uint64_t)1 << bits) < n)
        bits++;
    return bits;
}

/* Room for n keys, two thirds full at most. */
static void *keys_new(uint32_t n, uint32_t *ret_mask)
{
    uint32_t room = 1u << bits_for((uint64_t)n + n / 2, SLOT_BITS_MIN);
    void *keys = calloc(room, sizeof(uint32_t));

    if (keys == NULL)
        abort();
    *ret_mask = room - 1;
    return keys;
}

/* Where a key stands or is to stand. */
static uint32_t key_place(const uint32_t *keys, uint32_t mask, uint32_t key)
{
    uint32_t at = key * KEY_SPREAD & mask;

    while (keys[at] != 0 && keys[at] != key)
        at = (at + 1) & mask;
    return at;
}

static bool read_features(struct tagger *tagger, struct body *body)
{
    unsigned bits = bits_for((uint64_t)body->n_features + body->n_features / 2, SLOT_BITS_MIN);
    uint32_t *keys = calloc((size_t)body->n_features + 1, sizeof *keys), key = 0;
    bool is_good = keys != NULL;

    tagger->shift = 32 - bits;
    tagger->mask = (1u << bits) - 1;
    tagger->filter_shift = 32 - (bits + 3);
    tagger->slots = calloc((size_t)tagger->mask + 1, sizeof *tagger->slots);
    tagger->filter = calloc(((size_t)tagger->mask + 1) * 8 / 64, sizeof *tagger->filter);
    if (tagger->slots == NULL || tagger->filter == NULL)
        abort();
    for (uint32_t i = 0; i < body->n_features && is_good; i++) {
        is_good = model_next(&body->at, body->end, &key) && key != 0;
        keys[i] = key;
    }
    is_good = is_good && (uint64_t)(body->end - body->at) >= (uint64_t)body->n_features * TAGS;
    for (uint32_t i = 0; i < body->n_features && is_good; i++, body->at += TAGS) {
        uint32_t at = keys[i] >> tagger->shift, bit = keys[i] >> tagger->filter_shift;

        while (tagger->slots[at].key != 0)
            at = (at + 1) & tagger->mask;
        tagger->slots[at].key = keys[i];
        memcpy(tagger->slots[at].weights, body->at, TAGS);
        tagger->filter[bit / 64] |= (uint64_t)1 << bit % 64;
    }
    free(keys);
    return is_good;
}

static bool read_words(struct tagger *tagger, struct body *body)
{
    struct tag_words *words = &tagger->words;
    const unsigned char *at;
    uint32_t key = 0;

    tagger->told = keys_new(body->n_told, &tagger->told_mask);
    for (uint32_t i = 0; i < body->n_told; i++) {
        if (!model_next(&body->at, body->end, &key))
            return false;
        tagger->told[key_place(tagger->told, tagger->told_mask, key)] = key;
    }
    words->slots = keys_new(body->n_words, &words->mask);
    if ((uint64_t)(body->end - body->at) < body->n_words)
        return false;
    at = body->end - body->n_words;
    key = 0;
    for (uint32_t i = 0; i < body->n_words; i++) {
        if (!model_next(&body->at, body->end - body->n_words, &key))
            return false;
        if (at[i] != 0)
            words->slots[tag_words_place(words, key)] = (key & ~(uint32_t)0xff) | at[i];
    }
    return body->at == body->end - body->n_words;
}

static enum status read_model(struct tagger *tagger, const struct model_file *file, struct err *err)
{
    size_t notice = file->size < MODEL_FILE_HEAD + 4 ? SIZE_MAX : model_u32(file->data + MODEL_FILE_HEAD);
    struct body body = {.end = file->data + file->size};

    if (notice > file->size || file->size - notice < MODEL_FILE_HEAD + 4 + BODY_HEAD + TAGS * TAGS * 2)
        return fail(err, STATUS_FATAL, "%s: it has no body", file->path);
    body.at = file->data + MODEL_FILE_HEAD + 4 + notice;
    body.n_features = model_u32(body.at);
    body.n_told = model_u32(body.at + 4);
    body.n_words = model_u32(body.at + 8);
    body.flags = model_u32(body.at + 12);
    tagger->has_case = (body.flags & FLAG_CASE) != 0;
    tagger->confidence_base = model_f32(body.at + 16);
    tagger->confidence_slope = model_f32(body.at + 20);
    tagger->scale = model_f32(body.at + 24);
    body.at += BODY_HEAD;
    for (unsigned from = 0; from < TAGS; from++)
        for (unsigned to = 0; to < TAGS; to++, body.at += 2)
            tagger->moves[from][to] = (int16_t)(tag_may_follow(from, to) ? (int16_t)(body.at[0] | body.at[1] << 8) : MOVE_NEVER);
    if (body.n_features > file->size || body.n_told > file->size || body.n_words > file->size
        || !read_features(tagger, &body) || !read_words(tagger, &body))
        return fail(err, STATUS_FATAL, "%s: its parts do not fit its size", file->path);
    return STATUS_OK;
}

enum status tagger_open(struct table_source *source, const char *language_tag, struct tagger **ret_tagger,
                        struct err *err)
{
    struct tagger *tagger = calloc(1, sizeof *tagger);
    struct model_file file;
    char name[64];
    enum status status;

    if (tagger == NULL)
        abort();
    snprintf(name, sizeof name, "entities/tagger/%s.bin", language_tag);
    snprintf(tagger->language, sizeof tagger->language, "%s", language_tag);
    status = model_file_open(source, name, "model of names", "TOCSINTG", VERSION, &file, err);
    if (status == STATUS_OK) {
        status = read_model(tagger, &file, err);
        model_file_close(&file);
    }
    if (status != STATUS_OK) {
        tagger_close(tagger);
        return status;
    }
    *ret_tagger = tagger;
    return STATUS_OK;
}

void tagger_close(struct tagger *tagger)
{
    if (tagger == NULL)
        return;
    free(tagger->slots);
    free(tagger->filter);
    free(tagger->told);
    free(tagger->words.slots);
    free(tagger);
}

uint8_t tagger_word_bits(const struct tagger *tagger, const struct token *token)
{
    return tag_words_find(&tagger->words, (uint32_t)token->hash);
}

/* ---- the best row of tags ---------------------------------------------------------------------------------------- */

struct lattice {
    lanes scores[TAGGER_ROW_MAX];
    lanes from[TAGGER_ROW_MAX];
    uint8_t best[TAGGER_ROW_MAX];
};

/* A feature that may be in the model, and whose token it is. */
struct claim {
    uint32_t key;
    uint8_t row;
};

/* Scores of some tokens: the weights of their features, summed.  All look-ups of a group wait for memory at one time. */
static void score(const struct tagger *tagger, const struct tag_sight *sights, unsigned n, lanes *ret_scores)
{
    struct claim claims[SCORED_TOGETHER * TAGGER_FEATURES_MAX];

    memset(ret_scores, 0, n * sizeof *ret_scores);
    for (unsigned first = 0; first < n; first += SCORED_TOGETHER) {
        unsigned end = first + SCORED_TOGETHER < n ? first + SCORED_TOGETHER : n, n_claims = 0;

        for (unsigned i = first; i < end; i++) {
            uint32_t keys[TAGGER_FEATURES_MAX];
            unsigned n_keys = tagger_features(&sights[i], keys);
            for (unsigned k = 0; k < n_keys; k++) {
                uint32_t bit = keys[k] >> tagger->filter_shift;
                claims[n_claims] = (struct claim){keys[k], (uint8_t)i};
                n_claims += (unsigned)(tagger->filter[bit / 64] >> bit % 64 & 1);
            }
        }
        for (unsigned i = 0; i < n_claims; i++)
            __builtin_prefetch(&tagger->slots[claims[i].key >> tagger->shift]);
        for (unsigned i = 0; i < n_claims; i++) {
            uint32_t at = claims[i].key >> tagger->shift;
            narrow_lanes weights;
            while (tagger->slots[at].key != claims[i].key && tagger->slots[at].key != 0)
                at = (at + 1) & tagger->mask;
            memcpy(&weights, tagger->slots[at].weights, sizeof weights);
            ret_scores[claims[i].row] += __builtin_convertvector(weights, lanes);
        }
    }
}

/* The best row of tags between tokens that are outside.  Sums are kept relative to the best, so that lanes hold them. */
static void viterbi(const struct tagger *tagger, struct lattice *lattice, unsigned n)
{
    lanes sums = lattice->scores[0] + tagger->moves[TAG_OUTSIDE];
    unsigned last = TAG_OUTSIDE;

    for (unsigned i = 1; i < n; i++) {
        lanes best = sums[0] + tagger->moves[0], from = {0};
        int16_t most = SUM_LEAST;

        for (int16_t tag = 1; tag < TAGS; tag++) {
            lanes sum = sums[tag] + tagger->moves[tag], is_better = sum > best;
            best = (sum & is_better) | (best & ~is_better);
            from = ((from * 0 + tag) & is_better) | (from & ~is_better);
        }
        lattice->from[i] = from;
        sums = best + lattice->scores[i];
        for (unsigned tag = 0; tag < TAGS; tag++)
            most = sums[tag] > most ? sums[tag] : most;
        sums -= most;
        sums = (sums & (sums > SUM_LEAST)) | (SUM_LEAST & ~(sums > SUM_LEAST));
    }
    for (unsigned tag = 0; tag < TAGS; tag++)
        if (sums[tag] + tagger->moves[tag][TAG_OUTSIDE] > sums[last] + tagger->moves[last][TAG_OUTSIDE])
            last = tag;
    for (unsigned i = n; i-- > 0; last = (unsigned)lattice->from[i][last])
        lattice->best[i] = (uint8_t)last;
}

static bool is_told(const struct tagger *tagger, uint32_t word)
{
    return tagger->told[key_place(tagger->told, tagger->told_mask, word)] != 0;
}

/* Can a word with a capital begin a name?  Common words and nouns only if they did while learning. */
static bool may_begin(const struct tagger *tagger, const struct tag_sight *sight)
{
    enum { COMMON_LEVEL = 3, NAMES = WORD_GIVEN | WORD_SURNAME | WORD_PLACE | WORD_PERSON };
    bool is_common = (sight->list & NAMES) == 0 && ((sight->list & WORD_NOUN) != 0 || (sight->list & WORD_LEVEL) >= COMMON_LEVEL);

    return sight->hint != HINT_NONE || !is_common || is_told(tagger, sight->word);
}

/* Other words stand in names ("Bank of America", "Министерство обороны") only near one that can begin them. */
static void open_by_case(const struct tagger *tagger, const struct article *article, uint32_t first,
                         struct tag_sight *sights, unsigned n)
{
    unsigned other = OTHERS_INSIDE + 1;

    for (unsigned i = 0; i < n; i++) {
        const struct token *token = &article->tokens[first + i];
        bool has_capital = token->shape != SHAPE_LOWER && token->shape != SHAPE_NONE;

        if (token->kind == TOKEN_WORD || token->kind == TOKEN_NUMBER)
            other = has_capital && may_begin(tagger, &sights[i]) ? 0 : other + 1;
        else if (token->kind != TOKEN_JOINER && !view_is(token_view(article, token), "."))
            other = OTHERS_INSIDE + 1;
        sights[i].is_open = other <= OTHERS_INSIDE || sights[i].hint != HINT_NONE;
    }
}

static void open_by_word(const struct tagger *tagger, const struct article *article, uint32_t first,
                         struct tag_sight *sights, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        uint8_t kind = article->tokens[first + i].kind;

        sights[i].is_open = sights[i].hint != HINT_NONE || kind == TOKEN_JOINER
            || ((kind == TOKEN_WORD || kind == TOKEN_NUMBER) && !is_told(tagger, sights[i].word));
    }
}

/* How much the tags of a span outweigh "outside", as a chance to be right. */
static float confidence_of(const struct tagger *tagger, const struct lattice *lattice, unsigned first, unsigned n)
{
    float margin = 0;

    for (unsigned i = first; i < first + n; i++)
        margin += (float)(lattice->scores[i][lattice->best[i]] - lattice->scores[i][TAG_OUTSIDE]);
    return 1 / (1 + expf(-tagger->confidence_base - tagger->confidence_slope * margin * tagger->scale));
}

static size_t collect(const struct tagger *tagger, const struct lattice *lattice, uint32_t first, unsigned n,
                      struct tag_span *spans, size_t room)
{
    static const uint8_t types[] = {[TAG_BEGIN_PERSON] = ENTITY_PERSON, [TAG_BEGIN_ORG] = ENTITY_ORG,
                                    [TAG_BEGIN_PLACE] = ENTITY_GPE};
    size_t n_spans = 0;

    for (unsigned i = 0, size; i < n && n_spans < room; i += size) {
        uint8_t tag = lattice->best[i];

        size = 1;
        if (tag == TAG_OUTSIDE)
            continue;
        while (i + size < n && lattice->best[i + size] == tag + 1)
            size++;
        spans[n_spans++] = (struct tag_span){first + i, size, types[tag], confidence_of(tagger, lattice, i, size)};
    }
    return n_spans;
}

static size_t run_row(const struct tagger *tagger, const struct article *article, const uint8_t *hints, uint32_t first,
                      unsigned n, struct tag_span *spans, size_t room)
{
    struct tag_sight all[TAGGER_ROW_MAX + 2 * NEIGHBOURS], *sights = all + NEIGHBOURS;
    struct lattice lattice;
    size_t n_spans = 0;

    memset(all, 0, NEIGHBOURS * sizeof *all);
    memset(sights + n, 0, NEIGHBOURS * sizeof *all);

    for (unsigned i = 0; i < n; i++)
        __builtin_prefetch(&tagger->words.slots[(uint32_t)article->tokens[first + i].hash * KEY_SPREAD & tagger->words.mask]);
    for (unsigned i = 0; i < n; i++) {
        const struct token *token = &article->tokens[first + i];
        bool is_first = first + i == 0 || token[-1].sentence != token->sentence;
        tagger_see(article, first + i, hints[first + i], is_first, &tagger->words, &sights[i]);
    }
    if (tagger->has_case)
        open_by_case(tagger, article, first, sights, n);
    else
        open_by_word(tagger, article, first, sights, n);
    for (unsigned i = 0; i < n; i++)
        if (sights[i].is_open || sights[i + 1].is_open) /* features speak of the word before */
            tagger_look(article, first + i, tagger->language, &tagger->words, &sights[i]);
    for (unsigned i = 0, size; i < n; i += size) {
        for (size = 0; i + size < n && sights[i + size].is_open;)
            size++;
        if (size == 0) {
            size = 1;
            continue;
        }
        score(tagger, &sights[i], size, lattice.scores);
        viterbi(tagger, &lattice, size);
        n_spans += collect(tagger, &lattice, first + i, size, spans + n_spans, room - n_spans);
    }
    return n_spans;
}

size_t tagger_run(const struct tagger *tagger, const struct article *article, uint8_t *hints, struct tag_memory *memory,
                  uint32_t first, uint32_t end, struct tag_span *ret_spans, size_t room)
{
    size_t n = 0;

    while (first < end) {
        uint32_t size = 1;
        size_t n_new;

        while (size < TAGGER_ROW_MAX && first + size < end
               && article->tokens[first + size].sentence == article->tokens[first].sentence)
            size++;
        tag_memory_tell(memory, article, first, first + size, hints);
        n_new = run_row(tagger, article, hints, first, size, ret_spans + n, room - n);
        for (size_t i = n; i < n + n_new; i++)
            tag_memory_note(memory, article, &ret_spans[i]);
        n += n_new;
        first += size;
    }
    return n;
}
