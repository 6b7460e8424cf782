/* What the tagger sees of a token: its sights, the features that are made of them, and names that the article had before. */
#include "processors/entities/tagger.h"

#include "processors/text/text.h"
#include "processors/words/forms.h"

#include <string.h>

enum { STEM_POINTS = 5 };

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
    if (token->shape != SHAPE_LOWER) /* small words are told by themselves */
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
    uint32_t at = key * TAG_KEY_SPREAD & (memory->room - 1);

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
