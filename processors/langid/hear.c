#include "processors/langid/model.h"

#include "processors/utf8.h"

#include <stddef.h>
#include <string.h>

#define FNV_BASIS 0xcbf29ce484222325u
#define FNV_PRIME 0x100000001b3u
#define TRIGRAM_MASK (((uint64_t)1 << 48) - 1)

enum {
    FEATURES_MAX = HEARD_TOGETHER * (1 + WORD_POINTS_MAX), /* words and their trigrams */
    TRIGRAM = 3, /* the order that marks their keys; a word's has none */
    KANA_FIRST = 0x3040, KANA_END = 0x3100,
};

static inline uint32_t key_of(uint64_t value)
{
    value ^= value >> 32;
    return (uint32_t)(value * 0x9e3779b97f4a7c15u >> 32);
}

/* The features of some words.  Both looks (slot, entries) would wait for memory; so all of one kind are asked for
 * before the first is needed. */
struct hearing {
    const struct langid_model *model;
    unsigned n;
    uint32_t keys[FEATURES_MAX];
};

static inline void hearing_add(struct hearing *hearing, uint32_t key)
{
    __builtin_prefetch(&hearing->model->slots[key >> hearing->model->shift]);
    hearing->keys[hearing->n++] = key;
}

/* NULL if the model does not know the feature. */
static inline const struct langid_slot *find(const struct langid_model *model, uint32_t key)
{
    for (uint32_t i = key >> model->shift; model->slots[i].n != 0; i = (i + 1) & model->mask)
        if (model->slots[i].key == key)
            return &model->slots[i];
    return NULL;
}

static inline void add_entries(const struct langid_model *model, const struct langid_slot *slot,
                               struct langid_score *score)
{
    const struct langid_entry *entry = &model->entries[slot->first];

    for (const struct langid_entry *end = entry + slot->n; entry < end; entry++)
        score->language[entry->language] = (int16_t)(score->language[entry->language] + entry->weight);
}

/* Of the features that the model knows; returns their number. */
static inline unsigned hearing_find(const struct hearing *hearing, const struct langid_slot *ret_slots[FEATURES_MAX])
{
    unsigned n = 0;

    for (unsigned k = 0; k < hearing->n; k++) {
        ret_slots[n] = find(hearing->model, hearing->keys[k]);
        if (ret_slots[n] != NULL)
            __builtin_prefetch(&hearing->model->entries[ret_slots[n++]->first]);
    }
    return n;
}

/* Marks that readers do without, digits, signs inside words, and what is not seen; train/words.py drops the same. */
static inline bool is_dropped(uint32_t point)
{
    if (point < 0x300)
        return point < 'A' || point == 0xad || point == 0xb7;
    if (point < 0x700)
        return point <= 0x36f || (point >= 0x591 && point <= 0x5c7 && point != 0x5be) || point == 0x5f3 || point == 0x5f4
               || (point >= 0x610 && point <= 0x61a) || point == 0x640 || (point >= 0x64b && point <= 0x669)
               || point == 0x670 || (point >= 0x6d6 && point <= 0x6ed) || (point >= 0x6f0 && point <= 0x6f9);
    return (point >= 0x200b && point <= 0x200f) || (point >= 0x2018 && point <= 0x201d)
           || (point >= 0x202a && point <= 0x202e) || (point >= 0x2060 && point <= 0x206f) || point == 0xfeff;
}

void langid_score_clear(const struct langid_model *model, struct langid_score *score)
{
    memset(score, 0, offsetof(struct langid_score, language) + languages_count(model->languages) * sizeof *score->language);
}

/* Letters of a word as they are compared: lower case, without marks.  Returns their number; counts the special ones,
 * if special is not NULL. */
static inline unsigned letters_of(const struct langid_model *model, struct view word, uint32_t *special,
                                  uint16_t letters[WORD_POINTS_MAX], uint64_t *ret_hash)
{
    uint64_t hash = FNV_BASIS;
    unsigned n = 0;

    for (size_t i = 0; i < word.size && n < WORD_POINTS_MAX;) {
        unsigned size;
        uint32_t point = utf8_read(word.data + i, &size);
        i += size;
        if (is_dropped(point))
            continue;
        if (special != NULL && point < MODEL_LETTER_POINTS)
            special[model->letter_index[point]]++;
        if (point < MODEL_LOWER_POINTS)
            point = model->lower[point];
        hash = (hash ^ point) * FNV_PRIME;
        letters[n++] = (uint16_t)point;
    }
    *ret_hash = hash;
    return n;
}

static inline bool is_sign(uint8_t script)
{
    return script == SCRIPT_HANI || script == SCRIPT_KANA;
}

/* Han and Kana: each sign is a word. */
static void hear_signs(const struct langid_model *model, struct view word, struct langid_score *score)
{
    unsigned n = 0;

    for (size_t i = 0; i < word.size && n < WORD_POINTS_MAX; n++) {
        unsigned size;
        uint32_t point = utf8_read(word.data + i, &size);
        const struct langid_slot *slot;
        uint8_t script = SCRIPT_KANA;

        i += size;
        if (is_dropped(point))
            continue;
        if (point >= MODEL_HAN_FIRST && point < MODEL_HAN_END)
            script = model->han[point - MODEL_HAN_FIRST] == 0 ? SCRIPT_HANI : model->han[point - MODEL_HAN_FIRST];
        else if (point < KANA_FIRST || point >= KANA_END)
            script = SCRIPT_HANI;
        score->script[script]++;
        score->letters++;
        score->words++;
        score->bytes += size;
        slot = find(model, key_of((FNV_BASIS ^ point) * FNV_PRIME));
        if (slot != NULL)
            add_entries(model, slot, score);
    }
}

/* Adds the keys of a word's features. */
static void add_word(const struct langid_model *model, const struct langid_word *word, enum langid_hearing what,
                     struct langid_score *score, struct hearing *hearing)
{
    uint16_t letters[WORD_POINTS_MAX];
    uint64_t hash, trigram = ' ';
    unsigned n = letters_of(model, word->text, score->special, letters, &hash);

    if (n == 0)
        return;
    score->letters += n;
    score->words++;
    score->bytes += (uint32_t)word->text.size;
    score->script[word->script] += n;
    hearing_add(hearing, key_of(hash));
    for (unsigned i = 0; what == HEAR_TRIGRAMS && i <= n; i++) {
        trigram = (trigram << 16 | (i < n ? letters[i] : ' ')) & TRIGRAM_MASK;
        if (i > 0)
            hearing_add(hearing, key_of(trigram ^ (uint64_t)TRIGRAM << 60));
    }
}

void langid_model_hear(const struct langid_model *model, const struct langid_word words[], unsigned n,
                       enum langid_hearing what, struct langid_score *score)
{
    const struct langid_slot *slots[FEATURES_MAX];
    struct hearing hearing;
    unsigned n_slots;

    hearing.model = model;
    hearing.n = 0;
    for (unsigned i = 0; i < n; i++)
        if (is_sign(words[i].script))
            hear_signs(model, words[i].text, score);
        else
            add_word(model, &words[i], what, score, &hearing);
    n_slots = hearing_find(&hearing, slots);
    for (unsigned k = 0; k < n_slots; k++)
        add_entries(model, slots[k], score);
}

void langid_model_claim(const struct langid_model *model, const struct langid_word words[], unsigned n,
                        language_id language, struct langid_claim *claim)
{
    uint32_t keys[HEARD_TOGETHER], n_letters[HEARD_TOGETHER];
    const struct langid_slot *slots[HEARD_TOGETHER];

    for (unsigned i = 0; i < n; i++) {
        uint16_t letters[WORD_POINTS_MAX];
        uint64_t hash = 0;

        n_letters[i] = is_sign(words[i].script) ? 0 : letters_of(model, words[i].text, NULL, letters, &hash);
        keys[i] = key_of(hash);
        __builtin_prefetch(&model->slots[keys[i] >> model->shift]);
    }
    for (unsigned i = 0; i < n; i++) {
        slots[i] = find(model, keys[i]);
        if (slots[i] != NULL)
            __builtin_prefetch(&model->entries[slots[i]->first]);
    }
    for (unsigned i = 0; i < n; i++) {
        int32_t own = 0, top = 0;

        if (slots[i] != NULL) {
            const struct langid_entry *entry = &model->entries[slots[i]->first], *end = entry + slots[i]->n;
            top = entry->weight;
            while (entry < end && entry->language != language)
                entry++;
            own = entry < end ? entry->weight : 0;
        }
        if (n_letters[i] == 0 || (words[i].may_be_name && (top == 0 || own < top)))
            continue;
        claim->letters += n_letters[i];
        claim->words++;
        claim->bytes += (uint32_t)words[i].text.size;
        claim->own += own;
        claim->top += top;
    }
}
