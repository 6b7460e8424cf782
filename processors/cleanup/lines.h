/*
 * cleanup_lines: what can be seen of a line without knowing its language, and what is decided about it.
 */
#ifndef PROCESSORS_CLEANUP_LINES_H
#define PROCESSORS_CLEANUP_LINES_H

#include "processors/article.h"
#include "processors/cleanup/evidence.h"
#include "processors/cleanup/labels.h"
#include "processors/cleanup/wording.h"

struct cleanup_line {
    uint64_t hash;               /* over its words and numbers; 0: it has none */
    uint64_t evidence;           /* bits of enum evidence */
    uint64_t seen[4];            /* a bit for each of its words and numbers: what it has not cannot be in it */
    uint32_t first, last;        /* its content: without marks at both ends; first > last: nothing */
    uint32_t words;              /* for scripts without spaces: two characters are one */
    uint32_t numbers, links, tags, dividers, symbols, dashes, quotes, arrows;
    uint32_t numbers_inside;     /* behind the first words: rows of a table have them, dated headlines do not */
    uint32_t cased, capitalised; /* words of scripts with case; of these, with a capital */
    uint32_t capitals;           /* all in capitals, at least four letters */
    uint32_t shared;             /* words that the title has too */
    uint32_t first_hit, n_hits;  /* labels */
    int32_t worded;              /* what the wording model says, in hundredths of a nat; 0: nothing */
    uint8_t worded_kind;         /* enum drop_kind */
    uint8_t kind;                /* enum drop_kind that labels name; DROP_NONE: no label */
    bool full_stop;              /* ends as a statement does */
    bool sentence_end;           /* the same, or with ? or ! */
    bool colon_end;
    bool comma_end;              /* or a semicolon */
    bool clock_start;            /* begins with a time of day */
    bool list_mark;
    bool prose;                  /* a paragraph: long, and ended */
    bool sentence;               /* at least three words, ended with a full stop */
    bool dropped;
    bool opens_block, opens_rest;
    bool rescued;                /* stays, whole, because nothing else would */
    bool authored;               /* dropped, but a cut in it is the author */
    uint8_t drop;                /* enum drop_kind, if dropped */
};

/* A stretch inside a line that goes, or moves to a field: tokens first_token … end - 1. */
struct cleanup_cut {
    uint32_t first_token, end;
    uint8_t fate, kind;
    uint16_t tail; /* bytes of its last token that stay: a sentence glued to the word before it */
};

struct cleanup_cuts { /* in the order of tokens, without overlap */
    struct cleanup_cut *cuts;
    size_t n, room;
};

/* All that the room's steps share about one article. */
struct cleanup {
    const struct labels *labels;
    const struct wording *wording;
    struct article *article;
    struct cleanup_line *lines;
    struct label_hits hits;
    struct cleanup_cuts noise_cuts; /* glued teasers, adverts, credits */
    struct cleanup_cuts field_cuts; /* dateline, agency, author */
    uint32_t title_line;            /* the line that is the title; NO_LINE: none */
};

#define NO_LINE UINT32_MAX
#define ARROWS "→▸►▶➤➡⟶"
#define QUOTES "\"„“”«»‹›"

#define EVIDENCE_BIT(name) ((uint64_t)1 << EVIDENCE_##name)
/* A line is known by its label, and not by its wording or its place alone. */
#define EVIDENCE_LABELS (EVIDENCE_BIT(LABEL_SURE) | EVIDENCE_BIT(LABEL_HINT) | EVIDENCE_BIT(COVERED)   \
                         | EVIDENCE_BIT(COVERED_HINT))

static inline void evidence_add(struct cleanup_line *line, enum evidence evidence)
{
    line->evidence |= (uint64_t)1 << evidence;
}

static inline bool evidence_has(const struct cleanup_line *line, enum evidence evidence)
{
    return (line->evidence >> evidence & 1) != 0;
}

static inline bool is_labelled(const struct cleanup_line *line)
{
    return (line->evidence & EVIDENCE_LABELS) != 0;
}

/* Does markup say that it stands outside the article? */
static inline bool is_around(const struct cleanup_line *line)
{
    return evidence_has(line, EVIDENCE_AROUND_ARTICLE);
}

/* What one token is. */
bool token_ends_sentence(const struct article *article, uint32_t token);
bool token_is_divider(const struct article *article, uint32_t token);
bool token_is_break(const struct article *article, uint32_t token); /* may a sentence or a bracket begin behind it? */

/* A place, perhaps with a date: names, numbers, these marks, at most two small words (a month, say). */
bool tokens_are_place(const struct article *article, uint32_t first, uint32_t end, const char *marks);

enum { HEADLINE_WORDS_MIN = 3, HEADLINE_WORDS_MAX = 25 };

/* Might it be one, by its length and end? */
bool line_is_headline(const struct cleanup_line *own);

/* A paragraph that no prompt inside it can take along. */
bool is_long_paragraph(const struct article *article, uint32_t line, const struct cleanup_line *own);

/* hear.c: what labels, words and markup say of one line. */
void cleanup_hear(const struct cleanup *cleanup, const struct line *line, struct cleanup_line *own);
/* hear.c: what the wording of the lines says, as all of them were heard. */
void cleanup_weigh_wording(struct cleanup *cleanup);
/* lines.c: the shape of every line, and what is heard of it. */
void cleanup_measure(struct cleanup *cleanup);
/* The same for one line whose text stops before the token `end`, as what follows was cut. */
void cleanup_line_ends(const struct cleanup *cleanup, uint32_t line, uint32_t end);
/* cuts.c: what goes inside the lines; a line that would be left without words gets evidence against it. */
void cleanup_cut_noise(struct cleanup *cleanup);
/* compare.c: is it verse: short lines, hardly a paragraph? */
bool cleanup_is_verse(const struct cleanup *cleanup);
/* compare.c: repetitions, the title, and what the neighbours say. */
void cleanup_compare(struct cleanup *cleanup);
/* judge.c: which lines go. */
void cleanup_judge(struct cleanup *cleanup);
/* topics.c: a second article behind the first; called when all else is judged. */
void cleanup_part_topics(struct cleanup *cleanup);
/* cuts.c: what moves to the fields dateline, agency and author. */
void cleanup_cut_fields(struct cleanup *cleanup);

#endif
