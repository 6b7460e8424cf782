/*
 * text_scan: how far does the token reach that begins here, and how is it folded?
 *
 * The inner half of the text room; text.c strings the tokens together to sentences.  Every function here moves the
 * cursor forward over one token of the line and fills in its kind, size, points, shape, script and folded form.
 * Work is linear: what looks ahead either stops after a fixed number of code points or remembers how far it has looked.
 *
 * Thread-safety: a scan belongs to one run.
 */
#ifndef PROCESSORS_TEXT_SCAN_H
#define PROCESSORS_TEXT_SCAN_H

#include "processors/article.h"
#include "processors/text/abbreviations.h"
#include "processors/text/segment.h"
#include "processors/text/tables.h"

enum {
    TOKEN_BYTES_MAX = 0xff00,  /* a longer run is cut, so that sizes fit into 16 bits */
    MEASURE_POINTS_MAX = 8,    /* how far text_looks_lower() looks */
};

/* May the token, an abbreviation with its full stop, end the sentence too? */
enum soft_end {
    SOFT_NONE,
    SOFT_CAPITAL, /* if a word with a capital follows */
    SOFT_MEASURE, /* the same, but hardly at the sentence's beginning: "В 2020 г. Минфин" */
    SOFT_STARTER, /* if a word follows that begins sentences */
};

struct scan {
    const struct text_tables *tables;
    const struct abbreviations *abbreviations; /* NULL: none */
    struct segmenter *segmenter;
    struct arena *arena;
    const char *data; /* the whole buffer */
    size_t end;       /* of the line */
    size_t i;         /* byte under the cursor */
    uint32_t at;      /* code points before it */
    size_t not_link_before; /* links have been looked for up to here, in vain */
    char *folded;
    size_t folded_size, folded_room;
    enum soft_end soft_end;
};

/* The code point at byte i < end, and its length. */
static inline const struct point *scan_look(const struct scan *scan, size_t i, uint32_t *ret_point, unsigned *ret_size)
{
    *ret_point = utf8_read(scan->data + i, ret_size);
    return point_of(scan->tables, *ret_point);
}

/* Is there a letter or digit at byte i? */
bool scan_is_word_at(const struct scan *scan, size_t i);

/* Makes room for the folded form of one more code point. */
void scan_folded_grow(struct scan *scan);

/* Appends the folded form of one code point; the token's folded form begins at `first`, and is cut when it is too
 * long. */
static inline void scan_fold(struct scan *scan, const struct point *info, uint32_t point, size_t first)
{
    char *out;

    if (scan->folded_room - scan->folded_size < FOLD_ROOM)
        scan_folded_grow(scan);
    if (scan->folded_size - first > TOKEN_BYTES_MAX)
        return;
    out = fold_point(scan->tables, info, point, scan->folded + first, scan->folded + scan->folded_size);
    scan->folded_size = (size_t)(out - scan->folded);
}

/* words.c. */
/* previous: the token before, NULL at the line's first; it decides on units and ordinals. */
void scan_word(struct scan *scan, const struct token *previous, struct token *token);

/* plain.c: the same for words in which nothing is special, most of all texts.  False: the cursor stands where it stood,
 * and scan_word() must look. */
bool scan_plain_word(struct scan *scan, const struct token *previous, struct token *token);

/* Takes plain words with blanks before and between them, as many as stand here but at most `room`; returns how many, all
 * complete but for the hash.  line and sentence are those of `like`; space: does a blank stand before, and behind them? */
size_t scan_plain_words(struct scan *scan, const struct token *like, struct token *tokens, size_t room, bool *space);

/* Does the full stop under the cursor belong to the word that begins at byte `start`? */
bool scan_is_abbreviation(struct scan *scan, const struct token *previous, size_t start);

void scan_number(struct scan *scan, const struct token *previous, struct token *token);
void scan_punct(struct scan *scan, const struct token *previous, struct token *token);
void scan_symbol(struct scan *scan, struct token *token);

/* links.c: if a URL, an e-mail address or a domain name begins at the token's start, its end; 0 if not. */
size_t scan_link_end(struct scan *scan, size_t start);

/* Is the word at byte i written in capitals, two at least ("GMT")? */
bool scan_is_upper_at(const struct scan *scan, size_t i);

/* What the tables say of the word at byte i: bits of enum abbreviation. */
unsigned scan_kinds_at(const struct scan *scan, size_t i);

/* If a handle or hash tag begins here, its end; 0 if not. */
size_t scan_tag_end(const struct scan *scan, size_t start);

/* Moves the cursor to `end` and folds what it passes; kind TOKEN_LINK or TOKEN_TAG. */
void scan_stretch(struct scan *scan, size_t end, enum token_kind kind, struct token *token);

/* What case has the first letter at or after byte i, past a few blanks, quotes and dashes?  POINT_LOWER, POINT_UPPER,
 * 0 (no case, a digit, or the line's end). */
unsigned scan_case_ahead(const struct scan *scan, size_t i);

#endif
