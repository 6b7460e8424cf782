#include "processors/entities/train/learn.h"

#include "processors/entities/walk.h"
#include "processors/stage.h"
#include "processors/text/text.h"

#include <stdlib.h>
#include <string.h>

enum { EDGE = 2, LIST_BITS = 21 };

void *grow(void *items, size_t *room, size_t needed, size_t size)
{
    while (*room < needed)
        *room = *room == 0 ? 1024 : *room * 2;
    items = realloc(items, *room * size);
    if (items == NULL)
        abort();
    return items;
}

int compare_wide(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

static uint8_t tag_of(const struct marked *marked, uint32_t token)
{
    const struct token *at = &marked->article.tokens[token];

    for (size_t i = 0; i < marked->n_spans; i++) {
        const struct marked_span *span = &marked->spans[i];
        if (span->type == MARKED_OPT || at->start < span->start || at->start + at->size > span->end)
            continue;
        bool is_begin = token == 0 || at[-1].start < span->start || at[-1].start + at[-1].size > at->start;
        return (uint8_t)(1 + span->type * 2 + !is_begin);
    }
    return TAG_OUTSIDE;
}

static void row_add(struct corpus *corpus, const struct marked *marked, const uint8_t *hints, uint32_t first,
                    uint32_t n, const struct row *like, const char *language, const struct tag_words *words)
{
    struct tag_sight all[ROW_MAX + 2 * EDGE] = {0}, *sights = all + EDGE;

    corpus->rows = grow(corpus->rows, &corpus->rows_room, corpus->n_rows + 1, sizeof *corpus->rows);
    corpus->rows[corpus->n_rows] = *like;
    corpus->rows[corpus->n_rows].first = (uint32_t)corpus->n_examples;
    corpus->rows[corpus->n_rows++].n = (uint16_t)n;
    for (uint32_t i = 0; i < n; i++) {
        const struct token *token = &marked->article.tokens[first + i];
        bool is_first = first + i == 0 || token[-1].sentence != token->sentence;
        tagger_see(&marked->article, first + i, hints[first + i], is_first, words, &sights[i]);
        tagger_look(&marked->article, first + i, language, words, &sights[i]);
    }
    for (uint32_t i = 0; i < n; i++) {
        struct example *example;
        corpus->features = grow(corpus->features, &corpus->features_room, corpus->n_features + TAGGER_FEATURES_MAX,
                                sizeof *corpus->features);
        corpus->examples = grow(corpus->examples, &corpus->examples_room, corpus->n_examples + 1,
                                sizeof *corpus->examples);
        example = &corpus->examples[corpus->n_examples++];
        *example = (struct example){.features = (uint32_t)corpus->n_features, .word = sights[i].word};
        example->n = (uint8_t)tagger_features(&sights[i], corpus->features + corpus->n_features);
        example->tag = tag_of(marked, first + i);
        if (i == 0 && example->tag != TAG_OUTSIDE && example->tag % 2 == 0)
            example->tag--; /* a name that a sentence's end cuts in two */
        corpus->n_features += example->n;
    }
}

/* What the article had so far, as the tagger would have found it. */
static void note_spans(struct tag_memory *memory, const struct marked *marked, uint32_t first, uint32_t end)
{
    static const uint8_t types[] = {[MARKED_PER] = ENTITY_PERSON, [MARKED_ORG] = ENTITY_ORG, [MARKED_LOC] = ENTITY_GPE};

    for (uint32_t at = first, n; at < end; at += n) {
        uint8_t tag = tag_of(marked, at);

        for (n = 1; tag % 2 == 1 && at + n < end && tag_of(marked, at + n) == tag + 1;)
            n++;
        if (tag % 2 == 1)
            tag_memory_note(memory, &marked->article, &(struct tag_span){at, n, types[(tag - 1) / 2], 1});
    }
}

void corpus_read(struct corpus *corpus, const struct setup *setup, const char *path, const struct row *like)
{
    const struct entities_tables *tables = NULL;
    struct arena *arena = arena_new(1 << 20, 1 << 20);
    struct marked_reader reader;
    struct marked marked;

    for (size_t i = 0; i < STAGES; i++)
        if (strcmp(stage_order[i]->name, "entities") == 0)
            tables = knowledge_tables(setup->knowledge, i);
    marked_open(&reader, setup->knowledge, path);
    while (arena_reset(arena), marked_next(&reader, arena, &marked)) {
        struct article *article = &marked.article;
        struct entities_walk walk = entities_walk_of(tables, article);

        for (uint32_t at = 0, end; at < article->n_tokens; at = end) {
            for (end = at + 1; end < article->n_tokens && article->tokens[end].line == article->tokens[at].line;)
                end++;
            entities_see(&walk, at, end);
        }
        entities_back(&walk);
        for (uint32_t at = 0, n; at < article->n_tokens; at += n) {
            for (n = 1; n < ROW_MAX && at + n < article->n_tokens
                 && article->tokens[at + n].sentence == article->tokens[at].sentence;)
                n++;
            tag_memory_tell(&walk.memory, article, at, at + n, walk.hints);
            row_add(corpus, &marked, walk.hints, at, n, like, setup->language, &setup->words);
            note_spans(&walk.memory, &marked, at, at + n);
        }
    }
    marked_close(&reader);
    arena_free(arena);
}

/* WORD TAB BITS; two spellings of one folded word share their bits, and the louder level. */
void corpus_words(struct setup *setup)
{
    struct arena *arena = arena_new(1 << 14, 1 << 14);
    FILE *file = fopen(setup->list, "r");
    char line[512];

    if (file == NULL) {
        perror(setup->list);
        exit(2);
    }
    setup->words.mask = (1u << LIST_BITS) - 1;
    setup->words.slots = calloc(setup->words.mask + 1, sizeof *setup->words.slots);
    setup->keys = calloc(setup->words.mask + 1, sizeof *setup->keys);
    if (setup->words.slots == NULL || setup->keys == NULL)
        abort();
    while (fgets(line, sizeof line, file) != NULL) {
        char *tab = strchr(line, '\t');
        struct article article;
        unsigned bits;
        uint32_t key, at;

        if (tab == NULL)
            continue;
        bits = (unsigned)atoi(tab + 1);
        arena_reset(arena);
        text_tokenize(arena, (struct view){line, (size_t)(tab - line)}, &article);
        if (article.n_tokens != 1 || article.tokens[0].kind != TOKEN_WORD)
            continue;
        key = (uint32_t)article.tokens[0].hash;
        at = tag_words_place(&setup->words, key);
        if ((bits & WORD_LEVEL) < (setup->words.slots[at] & WORD_LEVEL))
            bits = (bits & WORD_LISTS) | (setup->words.slots[at] & WORD_LEVEL);
        setup->words.slots[at] = (key & ~(uint32_t)0xff) | (setup->words.slots[at] & WORD_LISTS) | bits;
        setup->keys[at] = key;
    }
    fclose(file);
    arena_free(arena);
}
