/*
 * learn: the parts of tagger_train: a corpus is read (corpus.c), learnt and tried (learn.c), and written down
 * (write.c).
 *
 * All of it is a tool's: what cannot be read or written ends the program.
 */
#ifndef PROCESSORS_ENTITIES_TRAIN_LEARN_H
#define PROCESSORS_ENTITIES_TRAIN_LEARN_H

#include "processors/entities/tagger.h"
#include "processors/entities/train/marked.h"

enum { ROW_MAX = TAGGER_ROW_MAX };

/* A sentence. */
struct row {
    uint32_t first; /* index into tokens */
    uint16_t n;
    uint8_t times;
    bool is_test;
};

/* A token of all rows: where its features stand. */
struct example {
    uint32_t features; /* index into corpus.features */
    uint32_t word;
    uint8_t n, tag;
};

struct corpus {
    struct row *rows;
    size_t n_rows, rows_room;
    struct example *examples;
    size_t n_examples, examples_room;
    uint32_t *features; /* keys, then indices of weights; UINT32_MAX: too rare */
    size_t n_features, features_room;
};

struct model {
    size_t n;
    uint32_t *keys;
    float (*weights)[TAGS], (*squares)[TAGS], (*sums)[TAGS];
    float moves[TAGS][TAGS], move_squares[TAGS][TAGS], move_sums[TAGS][TAGS];
    double n_sums;
};

struct setup {
    const char *language, *data, *out, *notice;
    unsigned epochs, least;
    float rate, decay;
    uint64_t seed;
    size_t told_least;
    int weight_least;
    float unit, confidence_base, confidence_slope;
    bool has_case;
    struct knowledge *knowledge;
    const char *list;
    struct tag_words words;
    uint32_t *keys; /* of words.slots, whole */
};

/* corpus.c */
void *grow(void *items, size_t *room, size_t needed, size_t size);
void corpus_words(struct setup *setup);
void corpus_read(struct corpus *corpus, const struct setup *setup, const char *path, const struct row *like);
int compare_wide(const void *a, const void *b);

/* learn.c */
/* Gives each key that occurs often enough in what is learnt a weight, and features their indices. */
void model_number(struct corpus *corpus, struct model *model, unsigned least);
void model_learn(const struct corpus *corpus, struct model *model, const struct setup *setup);
/* Prints precision, recall and F1 of spans in the rows that were left out. */
void model_test(const struct corpus *corpus, const struct model *model);

/* write.c */
void model_write(const struct corpus *corpus, const struct model *model, const struct setup *setup);

#endif
