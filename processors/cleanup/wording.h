/*
 * cleanup_wording: a learned model of how lines around articles are worded, and lines in them.
 *
 * A linear model: every word, every pair of words next to each other and some marks of a line's shape add their weight;
 * the sum is the logarithm of the odds that the line stands around the article.  It knows what no phrase table has
 * ("support our newsroom from 3 a month").
 *
 * Tables: data/cleanup/wording/LANG.tsv, made by processors/cleanup/train/wording.py from the lines beside it.
 *     words   a word, two words with a blank between them, "^ word" and "word $" for the first and the last of a line ("0" is
 *             any number), or the name of a mark (<…>)
 *     kind    what it most speaks for, a name of drop_kind_name(); "-": it speaks for the article, or for none more
 *     weight  hundredths of a nat; above 0: for a line around the article
 *
 * A line is asked for the words of its own language; words in Latin letters in a language that is written in others are
 * English to it, and so is a line in a language that has no table: of such a line only the weighty words count.
 *
 * Thread-safety: read-only after wording_open().
 */
#ifndef PROCESSORS_CLEANUP_WORDING_H
#define PROCESSORS_CLEANUP_WORDING_H

#include "processors/article.h"
#include "processors/languages.h"
#include "processors/status.h"
#include "processors/table.h"

struct wording;

/* Marks of a line's shape; the names are those of the tables.  Beside them each line has one of
 * "<words N end E>": N at most so many words (0 1 3 6 11 24, more), E how it ends (. ? : or , for a comma or semicolon, - for none of these). */
#define WORDING_MARKS(M)                                                                                             \
    M(ALWAYS, "<always>")                                                                                            \
    M(SENTENCES_2, "<sentences 2>")                                                                                  \
    M(SENTENCES_3, "<sentences 3>") /* and more */                                                                   \
    M(NUMBER, "<number>")                                                                                            \
    M(NUMBERS, "<numbers>")         /* two and more */                                                               \
    M(NUMBERS_HALF, "<numbers half>") /* a number for every two words, and more */                                   \
    M(NUMBERS_MOST, "<numbers most>") /* no fewer numbers than words */                                              \
    M(SYMBOL, "<symbol>")           /* ©, arrows, currency, emoji */                                                 \
    M(LINK, "<link>")                                                                                                \
    M(TAG, "<tag>")                                                                                                  \
    M(QUOTE, "<quote>")                                                                                              \
    M(QUOTE_LONG, "<quote long>")   /* in a line of more than eleven words */                                        \
    M(DIVIDER, "<divider>")                                                                                          \
    M(LIST_MARK, "<list>")                                                                                           \
    M(LIST_STOP, "<list .>")        /* … that ends as a sentence */

#define WORDING_MARK_ENUM(name, text) WORDING_##name,
enum wording_mark { WORDING_MARKS(WORDING_MARK_ENUM) WORDING_MARKS_N };
#undef WORDING_MARK_ENUM

enum wording_end { WORDING_END_STOP, WORDING_END_ASKS, WORDING_END_COLON, WORDING_END_OPEN, WORDING_END_NONE, WORDING_ENDS };
enum { WORDING_LENGTHS = 7 };

struct wording_shape {
    uint32_t marks; /* bits of enum wording_mark */
    uint32_t words;
    enum wording_end end;
};

struct wording_score {
    int32_t weight;   /* hundredths of a nat, without marks */
    uint32_t known;   /* words and pairs that have a weight */
    uint8_t kind;     /* enum drop_kind that they most speak for */
};

enum status wording_open(struct table_source *source, const struct languages *languages, struct wording **ret_wording,
                         struct err *err);
void wording_close(struct wording *wording); /* NULL is fine */

/* Of the tokens first … last. */
struct wording_score wording_score(const struct wording *wording, const struct article *article, uint32_t first,
                                   uint32_t last, language_id language);

/* Of a line's shape, in hundredths of a nat; 0 for a language without a table. */
int32_t wording_shape(const struct wording *wording, struct wording_shape shape, language_id language);

#endif
