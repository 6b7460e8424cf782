/*
 * cleanup_labels: the phrases that name what stands around an article ("Lesen Sie auch", "Leave a Reply").
 *
 * Tables: data/cleanup/LANG.tsv.  All languages are tried on every line: English forms around an Arabic article are
 * common.
 *     phrase  its words as an article may spell them; a colon at its end: a divider (: | » ›) must follow in the text
 *     kind    drop_kind_name(): what it announces
 *     place   whole_line  a fragment: the line is a label if such fragments and numbers are all it has
 *             line_start  the line begins with it (list marks and quotes before it do not count)
 *             line_end    the line ends with it, behind the end of a sentence
 *             anywhere    wherever it stands
 *             agency      a news agency's name: counts in brackets, in datelines, behind a slash at the end
 *             link        the beginning of a link, without scheme
 *     effect  line          the line goes
 *             sentence      from the label to the end of the sentence behind it (a teaser glued into a paragraph)
 *             rest_of_line  from the label to the end of the line
 *             credit        a caption, if the line is as short as captions are; else as rest_of_line
 *             block         the line and the headline-like lines behind it
 *             rest          the line and everything behind it
 *     trust   sure  outweighs prose;  hint  is also ordinary prose, and needs company
 *
 * Thread-safety: read-only after labels_open().
 */
#ifndef PROCESSORS_CLEANUP_LABELS_H
#define PROCESSORS_CLEANUP_LABELS_H

#include "processors/article.h"
#include "processors/status.h"
#include "processors/table.h"

enum label_place { PLACE_WHOLE_LINE, PLACE_LINE_START, PLACE_LINE_END, PLACE_ANYWHERE, PLACE_AGENCY, PLACE_LINK };
enum label_effect { EFFECT_LINE, EFFECT_SENTENCE, EFFECT_REST_OF_LINE, EFFECT_CREDIT, EFFECT_BLOCK, EFFECT_REST };

struct label {
    uint8_t kind;   /* enum drop_kind */
    uint8_t place;  /* enum label_place */
    uint8_t effect; /* enum label_effect */
    bool sure;
    bool divided; /* a divider must follow */
};

/* One label where its place allows it. */
struct label_hit {
    uint32_t line, first_token, n_tokens;
    const struct label *label;
};

struct label_hits { /* in the order of lines and tokens; grows in the arena */
    struct label_hit *hits;
    size_t n, room;
};

struct labels;

enum status labels_open(struct table_source *source, struct labels **ret_labels, struct err *err);
void labels_close(struct labels *labels); /* NULL is fine */

/* Adds the hits of one line whose content (without marks at both ends) is the tokens first … last. */
void labels_find(const struct labels *labels, const struct article *article, uint32_t line, uint32_t first,
                 uint32_t last, struct label_hits *hits);

/* Words in class and id names of pages (data/cleanup/html/hints.tsv) that tell what a block is. */
enum drop_kind labels_of_hint(const struct labels *labels, struct view hint);

#endif
