/*
 * learn: the parts of escalation_train: marked lines are read (corpus.c), learnt and tried (learn.c), and written down
 * (write.c).
 *
 * All of it is a tool's: what cannot be read or written ends the program.
 */
#ifndef PROCESSORS_ESCALATION_TRAIN_LEARN_H
#define PROCESSORS_ESCALATION_TRAIN_LEARN_H

#include "processors/escalation/classifier.h"
#include "processors/knowledge.h"

enum { ROW_SKIPPED = UINT8_MAX };

/* A line, or a stretch of it. */
struct row {
    uint32_t first, n;   /* features */
    uint8_t answer;      /* enum answer, or ROW_SKIPPED */
    uint8_t ruled;       /* what the rules alone say: enum answer */
    uint8_t language;    /* index into setup.languages */
    bool is_test;
};

/* A mark of a line: its features are those of the row and its own. */
struct detail {
    uint32_t row, first, n; /* features */
    uint8_t kind, mode;
};

/* A word of a line with marks. */
struct word {
    uint32_t row;
    uint32_t features[2]; /* index into places: what makes it tell of an escalation, of a de-escalation */
    uint8_t n;
    uint8_t answers;      /* bits: the marks that it is in */
};

/* A party of a line, for one of its marks. */
struct standing {
    uint32_t row, features; /* index into parts */
    uint8_t n, part;        /* enum part */
    uint8_t ruled;          /* what the rules say */
};

struct corpus {
    struct row *rows;
    size_t n_rows, rows_room;
    uint32_t *features; /* keys, then indices of weights; UINT32_MAX: too rare */
    size_t n_features, features_room;
    struct detail *details;
    size_t n_details, details_room;
    struct word *words; /* of a row together */
    size_t n_words, words_room;
    uint32_t *places;   /* keys, then indices */
    size_t n_places, places_room;
    struct standing *standings;
    size_t n_standings, standings_room;
    uint32_t *parts; /* keys, then indices */
    size_t n_parts, parts_room;
    uint64_t *texts; /* hashes of the lines without their marks, open addressing; 0: free */
    size_t n_texts, texts_room;
};

struct model {
    size_t n;
    uint32_t *keys;
    uint32_t *language; /* bits of those that use it */
    float (*weights)[ANSWERS], (*squares)[ANSWERS];
    double (*sums)[ANSWERS];
    size_t n_places;
    uint32_t *place_keys, *place_language;
    float *places, *place_squares;
    size_t n_parts;
    uint32_t *part_keys, *part_language;
    float (*parts)[PARTS], (*part_squares)[PARTS];
    float (*details)[CLASSIFIER_DETAILS], (*detail_squares)[CLASSIFIER_DETAILS];
};

enum { LANGUAGES_LEARNT = 32 };

struct setup {
    const char *data, *out, *notice;
    unsigned epochs, rounds, least, folds, fold;
    float rate, decay;
    float floor;
    float bias; /* what the answer "nothing" gains when read */
    float unit;
    uint64_t seed;
    struct knowledge *knowledge;
    const char *languages[LANGUAGES_LEARNT];
    unsigned n_languages;
};

/* corpus.c */
void *grow(void *items, size_t *room, size_t needed, size_t size);
/* is_tried: of this file too each fold leaves its lines out. */
void corpus_read(struct corpus *corpus, const struct setup *setup, const char *path, bool is_tried);

/* learn.c */
void model_number(struct corpus *corpus, struct model *model, unsigned least);
void model_learn(struct corpus *corpus, struct model *model, const struct setup *setup);

struct tally {
    unsigned n, right, silent, alarms, told, missed, kinds, modes, details, places, placed, standings, standing, stood;
};
/* Adds how the lines that were left out are read, by the rules alone and by the model. */
void model_test(const struct corpus *corpus, const struct model *model, const struct setup *setup,
                struct tally ret_rules[LANGUAGES_LEARNT], struct tally ret_learnt[LANGUAGES_LEARNT]);

/* write.c: a file OUT/LANGUAGE.bin for each language */
void model_write(const struct model *model, const struct setup *setup);

#endif
