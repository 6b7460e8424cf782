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
    HEARD_TOGETHER = 2,           /* words, so that their look-ups wait for memory at one time */
    WORD_POINTS_MAX = 40,         /* the rest of a longer word is not heard */
    SCORE_FULL = INT16_MAX - HEARD_TOGETHER * (1 + WORD_POINTS_MAX) * UINT8_MAX, /* what two words can add at most */
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
    struct langid_slot *slots;       /* at most two thirds of them full */
    struct langid_entry *entries;    /* of each feature the loudest first */
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
    uint32_t letters, words, bytes;  /* bytes of the words */
    uint32_t special[MODEL_LETTER_LANGUAGES]; /* letters of letters.tsv */
    uint32_t script[SCRIPTS];        /* letters */
    int16_t language[LANGUAGES_MAX]; /* as many as the house knows are used; above SCORE_FULL nothing may be added */
};

struct langid_word {
    struct view text;
    uint8_t script;
    bool may_be_name; /* it has a capital letter */
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

/* What words say of one language, and the most that they say of any: much faster than a whole score. */
struct langid_claim {
    uint32_t letters, words, bytes;
    int32_t own, top; /* top counts each word for another language: no language has more, most have much less */
};

/* Nothing heard yet. */
void langid_score_clear(const struct langid_model *model, struct langid_score *score);

/* Adds what up to HEARD_TOGETHER words say; of Han and Kana each sign is one. */
void langid_model_hear(const struct langid_model *model, const struct langid_word words[], unsigned n,
                       enum langid_hearing what, struct langid_score *score);

/* Adds what up to HEARD_TOGETHER words say for one language, without their trigrams.  Words of Han and Kana are skipped,
 * and so is what may be a name and says more for another language. */
void langid_model_claim(const struct langid_model *model, const struct langid_word words[], unsigned n,
                        language_id language, struct langid_claim *claim);

#endif
