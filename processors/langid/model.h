/*
 * langid_model: which words and letter trigrams speak for which language, and how loudly.
 *
 * Read from data/langid/model.bin, which processors/langid/train makes (method, sources and format stand in its
 * train.py), data/langid/letters.tsv and data/langid/han.tsv.  A feature is a key of 32 bits in an open hash table.
 *
 * Thread-safety: read-only after langid_model_open().
 */
#ifndef PROCESSORS_LANGID_MODEL_H
#define PROCESSORS_LANGID_MODEL_H

#include "processors/article.h"
#include "processors/languages.h"
#include "processors/table.h"

enum {
    MODEL_LETTER_POINTS = 0x800,  /* letters.tsv speaks of Cyrillic, Hebrew and Arabic letters */
    MODEL_LETTER_LANGUAGES = 16,  /* and of so many languages at most, with one for "no language" */
    MODEL_LOWER_POINTS = 0x2000,  /* scripts with case; those beyond are not written in news */
    MODEL_HAN_FIRST = 0x4e00, MODEL_HAN_END = 0xa000,
};

/* What a word or trigram says, next to how it is found: a look-up waits for memory, not for instructions. */
struct langid_slot {
    uint32_t key;
    uint32_t first : 24, n : 8; /* entries; n = 0: an empty slot */
};

struct langid_entry {
    uint8_t language; /* language_id: the house knows at most 256 */
    uint8_t weight;
};

struct langid_model {
    const struct languages *languages;
    float scale;                     /* nats in one unit of score */
    unsigned shift;                  /* a key's place in the table: its upper bits */
    uint32_t mask;
    struct langid_slot *slots;       /* at most half of them full */
    struct langid_entry *entries;
    float own_score[LANGUAGES_MAX];  /* what a letter of its own texts scores; 0: the model does not know it */
    float prior[LANGUAGES_MAX];      /* nats: how much is published in it */
    uint8_t letter_index[MODEL_LETTER_POINTS]; /* 0: no language's own */
    language_id letter_language[MODEL_LETTER_LANGUAGES];
    uint8_t n_letter_languages;
    uint8_t script_language[SCRIPTS]; /* the one language that is written in it, LANGUAGE_UND if there are several */
    language_id chinese;             /* LANGUAGE_UND if it is not among the languages */
    uint8_t han[MODEL_HAN_END - MODEL_HAN_FIRST]; /* SCRIPT_HANS or SCRIPT_HANT, if it is written in only one */
    uint16_t lower[MODEL_LOWER_POINTS];
};

/* What is heard of a line while its words go by. */
struct langid_score {
    uint32_t letters, words;
    uint32_t special[MODEL_LETTER_LANGUAGES]; /* letters of letters.tsv */
    uint32_t script[SCRIPTS];        /* letters */
    int32_t language[LANGUAGES_MAX]; /* as many as the house knows are used */
};

enum langid_hearing {
    HEAR_WORDS,    /* the word alone: one look */
    HEAR_TRIGRAMS, /* and all its trigrams */
};

/* The folder is given by source, whose sum grows.  Errors: STATUS_FATAL if a file is missing, damaged, of another
 * version or names a language that languages.tsv lacks. */
enum status langid_model_open(struct table_source *source, const struct languages *languages,
                              struct langid_model **ret_model,
                              struct err *err);
void langid_model_close(struct langid_model *model); /* NULL is fine */

/* Nothing heard yet. */
void langid_score_clear(const struct langid_model *model, struct langid_score *score);

/* Adds what one word says; of Han and Kana each sign is one. */
void langid_model_hear(const struct langid_model *model, struct view word, uint8_t script, enum langid_hearing hearing,
                       struct langid_score *score);

#endif
