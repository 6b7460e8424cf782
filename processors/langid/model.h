/*
 * langid_model: which words and letter n-grams speak for which language, and how loudly.
 *
 * Read from data/langid/model.bin, which processors/langid/train.py makes (method, sources and format stand there), and
 * data/langid/letters.tsv.  A feature is a key of 32 bits; buckets by its upper bits find it in two looks.
 *
 * Thread-safety: read-only after langid_model_open().
 */
#ifndef PROCESSORS_LANGID_MODEL_H
#define PROCESSORS_LANGID_MODEL_H

#include "processors/article.h"
#include "processors/languages.h"
#include "processors/table.h"

enum {
    MODEL_BUCKET_SHIFT = 15,         /* 2^17 buckets of about two features */
    MODEL_LETTER_POINTS = 0x800,     /* letters.tsv speaks of Cyrillic, Hebrew and Arabic letters */
    MODEL_LOWER_POINTS = 0x2000,     /* scripts with case; those beyond are not written in news */
};

/* What a word or n-gram says, next to how it is found: a look-up waits for memory, not for instructions. */
struct langid_feature {
    uint32_t key;
    uint32_t first : 24, n : 8; /* entries */
};

struct langid_entry {
    uint8_t language; /* language_id: the house knows at most 256 */
    uint8_t weight;
};

struct langid_model {
    const struct languages *languages;
    float scale;                     /* nats in one unit of score */
    uint32_t n_features;
    uint32_t *buckets;               /* first feature of each bucket, and the end */
    struct langid_feature *features; /* by ascending key */
    struct langid_entry *entries;
    float own_score[LANGUAGES_MAX];  /* what a letter of its own texts scores; 0: the model does not know it */
    uint8_t letter_language[MODEL_LETTER_POINTS];
    uint8_t script_language[SCRIPTS]; /* the one language that is written in it, LANGUAGE_UND if there are several */
    uint16_t lower[MODEL_LOWER_POINTS];
};

/* What is heard of a line while its words go by. */
struct langid_score {
    int32_t language[LANGUAGES_MAX];
    uint32_t special[LANGUAGES_MAX]; /* letters of letters.tsv */
    uint32_t script[SCRIPTS];        /* letters */
    uint32_t letters, words;
};

/* The folder is given by source, whose sum grows.  Errors: STATUS_FATAL if a file is missing, damaged, of another
 * version or names a language that languages.tsv lacks. */
enum status langid_model_open(struct table_source *source, const struct languages *languages,
                              struct langid_model **ret_model,
                              struct err *err);
void langid_model_close(struct langid_model *model); /* NULL is fine */

/* Adds what one word says. */
void langid_model_hear(const struct langid_model *model, struct view word, uint8_t script, struct langid_score *score);

#endif
