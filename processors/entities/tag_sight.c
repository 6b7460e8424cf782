/* What the tagger sees of a token: its sights, the features that are made of them, and names that the article had before. */
#include "processors/entities/tagger.h"

#include "processors/text/text.h"
#include "processors/words/features.h"

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
    struct view folded = token_folded(article, token), part;

    if (token->kind != TOKEN_WORD)
        return;
    ret_sight->stem = feature_stem(article, token, language_tag);
    if (ret_sight->list == 0 && (token->script == SCRIPT_ARAB || token->script == SCRIPT_HEBR))
        ret_sight->list = tag_words_find(words, ret_sight->stem); /* "وعلي" as "علي" */
    part = feature_front(folded, 2);
    ret_sight->front2 = feature_hash(part.data, part.size);
    part = feature_back(folded, 2);
    ret_sight->back2 = feature_hash(part.data, part.size);
    part = feature_back(folded, 3);
    ret_sight->back3 = feature_hash(part.data, part.size);
    part = feature_back(folded, 4);
    ret_sight->back4 = feature_hash(part.data, part.size);
}

/* ---- names again ------------------------------------------------------------------------------------------------- */

enum { MEMORY_FIRST = 64, AGAIN_POINTS_MIN = 3 };

/* What endings and clitics leave of a word; 0: it cannot stand for a name. */
static uint32_t memory_key(const struct tag_memory *memory, const struct article *article, const struct token *token)
{
    if (token->kind != TOKEN_WORD || token->points < AGAIN_POINTS_MIN || token->shape == SHAPE_LOWER)
        return 0;
    return feature_stem(article, token, memory->language_tag);
}

static uint32_t memory_place(const struct tag_memory *memory, uint32_t key)
{
    uint32_t at = key * FEATURE_KEY_SPREAD & (memory->room - 1);

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

unsigned tagger_features(const struct tag_sight *s, uint32_t keys[TAGGER_FEATURES_MAX])
{
    unsigned n = 0;
    uint32_t shapes = (uint32_t)s[-1].shape << 16 | (uint32_t)s[0].shape << 8 | s[1].shape;

    keys[n++] = feature_key(0, 1, 1);
    keys[n++] = feature_key(1, s[0].word, 0);
    keys[n++] = feature_key(2, s[-1].word, 0);
    keys[n++] = feature_key(3, s[-2].word, 0);
    keys[n++] = feature_key(4, s[2].word, 0);
    keys[n++] = feature_key(5, s[0].word, s[1].word);
    keys[n++] = feature_key(6, s[0].stem, 0);
    keys[n++] = feature_key(7, s[0].front2, s[0].shape);
    keys[n++] = feature_key(8, s[0].back2, s[0].shape);
    keys[n++] = feature_key(9, s[0].back3, 0);
    keys[n++] = feature_key(10, s[0].back4, 0);
    keys[n++] = feature_key(11, s[-1].back3, s[0].shape);
    keys[n++] = feature_key(12, shapes, 0);
    keys[n++] = feature_key(13, s[0].hint, s[0].shape);
    keys[n++] = feature_key(14, (uint32_t)s[-1].hint << 8 | s[0].hint, s[0].shape);
    keys[n++] = feature_key(15, (uint32_t)s[0].hint << 8 | s[1].hint, s[0].shape);
    keys[n++] = feature_key(16, (uint32_t)s[-2].hint << 8 | s[-1].hint, s[0].hint);
    keys[n++] = feature_key(17, s[0].list, s[0].shape);
    keys[n++] = feature_key(18, (uint32_t)s[0].list << 8 | s[0].hint, (uint32_t)s[-1].hint << 8 | s[1].hint);
    keys[n++] = feature_key(19, s[0].list & WORD_LISTS, (s[-1].list & WORD_LISTS) << 8 | (s[1].list & WORD_LISTS));
    return n;
}
