#include "processors/entities/tagger.h"

#include "processors/model_file.h"
#include "processors/text/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    NEIGHBOURS = 2,
    SCORED_TOGETHER = 16,
    OTHERS_INSIDE = 4,   /* words that begin no name, one behind the other inside one */
    SUM_LEAST = -12000,  /* a row that is so much worse than the best is not looked at again */
    MOVE_NEVER = -16000, /* below all sums; with SUM_LEAST it fits a lane */
};

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
    /* Words by which it is known where no name can be: without case those that never were in one, with case those
     * common words that were; open addressing, 0: free. */
    uint32_t *told;
    uint32_t told_mask;
    lanes moves[TAGS]; /* from, to */
    float confidence_base, confidence_slope; /* of a span, by its margin over "outside" */
    float scale;
    struct tag_words words;
    char language[8];
    bool has_case;
};

/* ---- the model --------------------------------------------------------------------------------------------------- */

enum { VERSION = 1, BODY_HEAD = 32, SLOT_BITS_MIN = 8, FLAG_CASE = 1 };

/* Behind the head stand the size of the notice (u32) and the notice, then the body: numbers of features, told words
 * and listed words, and bytes of the keys of each (u32); flags, base, slope and scale of confidence; moves (i16, from
 * and to); then keys of features, their weights (i8, one a tag), keys of told words, keys of listed words and their
 * bits. */
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

/* Room for n keys, two thirds full at most: five probes tell that a key is not there; fuller they soon are twenty. */
static uint64_t room_for(uint32_t n)
{
    return (uint64_t)n + n / 2 + 1;
}

static void *keys_new(uint32_t n, uint32_t *ret_mask)
{
    uint32_t room = 1u << bits_for(room_for(n), SLOT_BITS_MIN);
    void *keys = calloc(room, sizeof(uint32_t));

    if (keys == NULL)
        abort();
    *ret_mask = room - 1;
    return keys;
}

/* Where a key stands or is to stand. */
static uint32_t key_place(const uint32_t *keys, uint32_t mask, uint32_t key)
{
    uint32_t at = key * FEATURE_KEY_SPREAD & mask;

    while (keys[at] != 0 && keys[at] != key)
        at = (at + 1) & mask;
    return at;
}

static bool read_features(struct tagger *tagger, struct body *body)
{
    unsigned bits = bits_for(room_for(body->n_features), SLOT_BITS_MIN);
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
            tagger->moves[from][to] = (int16_t)(tag_may_follow(from, to) ? (int16_t)(body.at[0] | body.at[1] << 8)
                                                                         : MOVE_NEVER);
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

/* Scores of some tokens: the weights of their features, summed.  All look-ups of a group wait for memory at one
 * time. */
static void score(const struct tagger *tagger, const struct tag_sight *sights, unsigned n, lanes *ret_scores)
{
    uint32_t keys[(SCORED_TOGETHER + 1) * TAGGER_FEATURES_MAX]; /* that may be in the model */
    unsigned ends[SCORED_TOGETHER];                             /* of a token's */

    for (unsigned first = 0; first < n; first += SCORED_TOGETHER) {
        unsigned end = first + SCORED_TOGETHER < n ? first + SCORED_TOGETHER : n, n_keys = 0;

        for (unsigned i = first; i < end; i++) {
            unsigned seen = n_keys, n_seen = seen + tagger_features(&sights[i], keys + seen);
            for (; seen < n_seen; seen++) {
                uint32_t key = keys[seen], bit = key >> tagger->filter_shift;
                keys[n_keys] = key;
                n_keys += (unsigned)(tagger->filter[bit / 64] >> bit % 64 & 1);
            }
            ends[i - first] = n_keys;
        }
        for (unsigned i = 0; i < n_keys; i++)
            __builtin_prefetch(&tagger->slots[keys[i] >> tagger->shift]);
        for (unsigned i = first, at = 0; i < end; i++) {
            lanes sum = {0};
            for (; at < ends[i - first]; at++) {
                uint32_t place = keys[at] >> tagger->shift;
                narrow_lanes weights;
                while (tagger->slots[place].key != keys[at] && tagger->slots[place].key != 0)
                    place = (place + 1) & tagger->mask;
                memcpy(&weights, tagger->slots[place].weights, sizeof weights);
                sum += __builtin_convertvector(weights, lanes);
            }
            ret_scores[i] = sum;
        }
    }
}

/* The best row of tags between tokens that are outside.  Sums are kept relative to the best, so that lanes hold
 * them. */
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
    bool is_frequent = (sight->list & WORD_LEVEL) >= COMMON_LEVEL;
    bool is_common = (sight->list & NAMES) == 0 && ((sight->list & WORD_NOUN) != 0 || is_frequent);

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

/* Where "and" is a letter (و, ו), alone or before a given name, two people who stand beside each other look like one. */
static void part_people(const struct tagger *tagger, const struct article *article, uint32_t first,
                        struct lattice *lattice, unsigned n)
{
    const uint8_t names = WORD_GIVEN | WORD_PERSON | WORD_SURNAME;

    for (unsigned i = 1; i < n; i++) {
        struct view word = token_folded(article, &article->tokens[first + i]);

        if (lattice->best[i] != TAG_IN_PERSON || word.size < 2
            || (memcmp(word.data, "و", 2) != 0 && memcmp(word.data, "ו", 2) != 0))
            continue;
        if (word.size == 2) {
            lattice->best[i] = TAG_OUTSIDE;
            if (i + 1 < n && lattice->best[i + 1] == TAG_IN_PERSON)
                lattice->best[i + 1] = TAG_BEGIN_PERSON;
        } else if ((tag_words_find(&tagger->words, (uint32_t)article->tokens[first + i].hash) & names) == 0
                   && (tag_words_find(&tagger->words, (uint32_t)fold_hash(view_slice(word, 2, word.size - 2)))
                       & (WORD_GIVEN | WORD_PERSON)) != 0) {
            lattice->best[i] = TAG_BEGIN_PERSON;
        }
    }
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
        if (article->tokens[first + i].shape != SHAPE_LOWER)
            __builtin_prefetch(tag_words_slot(&tagger->words, (uint32_t)article->tokens[first + i].hash));
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
        if (!tagger->has_case)
            part_people(tagger, article, first + i, &lattice, size);
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
