/*
 * tagger: where a person, an organisation or a place is named that no table holds.
 *
 * A linear-chain conditional random field: each token gets the sum of the weights of its features for each of seven
 * tags (outside; begin and inside of three types), neighbouring tags add theirs, and the best row of tags is taken
 * (Viterbi).  Features are the folded words around, their first and last letters, capitals, and what the dictionary and
 * the list of people's names say of them (enum hint); each is a key of 32 bits, looked up in the model of the
 * language.  J. Lafferty, A. McCallum, F. Pereira, Conditional Random Fields, ICML 2001.
 *
 * Read from data/entities/tagger/LANGUAGE.bin, which processors/entities/train makes; each file names its sources and
 * licence.  Tokens that cannot be part of a name (punctuation; small words far from capitals; words that never were in
 * one while learning) are not asked, and end the row.
 *
 * Cost: linear in the tokens.  Thread-safety: read-only after tagger_open().
 */
#ifndef PROCESSORS_ENTITIES_TAGGER_H
#define PROCESSORS_ENTITIES_TAGGER_H

#include "processors/article.h"
#include "processors/table.h"
#include "processors/words/features.h"

enum tag {
    TAG_OUTSIDE, TAG_BEGIN_PERSON, TAG_IN_PERSON, TAG_BEGIN_ORG, TAG_IN_ORG, TAG_BEGIN_PLACE, TAG_IN_PLACE, TAGS
};
enum { TAG_LANES = 8 }; /* room for a tag that is never taken, so that a row of weights is one load */

/* "Inside" follows what it is inside of. */
static inline bool tag_may_follow(unsigned from, unsigned to)
{
    return to == TAG_OUTSIDE || to % 2 == 1 || from == to || from + 1 == to;
}

/* What the dictionary says of a token: of the longest match that it is in. */
enum hint {
    HINT_NONE, HINT_STATE, HINT_PLACE, HINT_MAYBE_PLACE, HINT_PERSON, HINT_SURNAME, HINT_MAYBE_PERSON, HINT_ORG,
    HINT_MAYBE_ORG, HINT_PEOPLE, HINT_SEAT, HINT_OFFICE, HINT_TITLE, HINT_ORG_BEFORE, HINT_ORG_AFTER, HINT_PARTICLE,
    HINT_STOP, HINT_GIVEN,
    HINT_BACKED_PLACE, HINT_BACKED_PERSON, HINT_BACKED_ORG, /* doubtful, but its country is named in the article */
    HINT_AGAIN_PERSON, HINT_AGAIN_ORG, HINT_AGAIN_PLACE,    /* in no table, but the article had such a name before */
    HINTS,
    HINT_INSIDE = 32, /* added: the match began before this token */
};

enum { TAGGER_FEATURES_MAX = 24, TAGGER_ROW_MAX = 256 /* tokens looked at together; a longer row is cut */ };

/* What features are made of, per token. */
struct tag_sight {
    uint32_t word, stem, front2, back2, back3, back4;
    uint8_t shape, hint, list;
    bool is_open; /* can be part of a name */
};

/* The keys of a token's features.  sight stands in a row: its neighbours are before and behind it, two of zeros beyond
 * each end. */
unsigned tagger_features(const struct tag_sight *sight, uint32_t ret_keys[TAGGER_FEATURES_MAX]);

/* What lists say of words: bits of enum word_bit, by the hash of the folded word; open addressing. */
enum word_bit { WORD_LEVEL = 7, WORD_GIVEN = 8, WORD_SURNAME = 16, WORD_PLACE = 32, WORD_PERSON = 64, WORD_NOUN = 128 };
#define WORD_LISTS 0xf8u /* all but the level */

struct tag_words {
    uint32_t *slots; /* upper 24 bits of the key, then the bits, which are never 0; 0: free */
    uint32_t mask;
};

/* Where the search for a word begins. */
static inline uint32_t *tag_words_slot(const struct tag_words *words, uint32_t key)
{
    return &words->slots[key * FEATURE_KEY_SPREAD & words->mask];
}

/* Where a word stands or is to stand. */
static inline uint32_t tag_words_place(const struct tag_words *words, uint32_t key)
{
    uint32_t at = (uint32_t)(tag_words_slot(words, key) - words->slots);

    while (words->slots[at] != 0 && (words->slots[at] ^ key) >> 8 != 0)
        at = (at + 1) & words->mask;
    return at;
}

static inline uint8_t tag_words_find(const struct tag_words *words, uint32_t key)
{
    return words->slots == NULL ? 0 : (uint8_t)words->slots[tag_words_place(words, key)];
}

/* Fills one sight with what is needed to know whether a name can be there.  first: it begins a sentence. */
void tagger_see(const struct article *article, uint32_t token, uint8_t hint, bool first, const struct tag_words *words,
                struct tag_sight *ret_sight);
/* And with the rest. */
void tagger_look(const struct article *article, uint32_t token, const char *language_tag, const struct tag_words *words,
                 struct tag_sight *ret_sight);

struct tagger;

struct tag_span {
    uint32_t first, n; /* tokens */
    uint8_t type;      /* enum entity_type: PERSON, ORG or GPE (for any place) */
    float confidence;
};

/* Words of names that an article had so far, by what they were. */
struct tag_memory {
    struct arena *arena;
    const char *language_tag;
    uint32_t *keys; /* 0: free */
    uint8_t *hints;
    uint32_t n, room;
};

/* Notes the words of a span by which it may be named again: of a person the last, else the first. */
void tag_memory_note(struct tag_memory *memory, const struct article *article, const struct tag_span *span);
/* Tells hints where such words stand again. */
void tag_memory_tell(const struct tag_memory *memory, const struct article *article, uint32_t first, uint32_t end,
                     uint8_t *hints);

/* STATUS_SKIP: there is no model for this language. */
enum status tagger_open(struct table_source *source, const char *language_tag, struct tagger **ret_tagger,
                        struct err *err);
void tagger_close(struct tagger *tagger); /* NULL is fine */

/* What lists say of a word: bits of enum word_bit. */
uint8_t tagger_word_bits(const struct tagger *tagger, const struct token *token);

/* The names among the tokens [first, end), as many as room allows.  hints: one a token of the article, told of what
 * memory holds; memory gains what is found. */
size_t tagger_run(const struct tagger *tagger, const struct article *article, uint8_t *hints, struct tag_memory *memory,
                  uint32_t first, uint32_t end, struct tag_span *ret_spans, size_t room);

#endif
