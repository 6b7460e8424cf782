/*
 * cleanup_evidence: what speaks for and against a line, each with a name and a weight.
 *
 * A line goes when the weights of its evidence add up to EVIDENCE_DROPS.  One table, so that weights can be read,
 * tested and learned; the kind is what the line is called when no label names it.
 *
 * The weights were set by hand so that: a sure label outweighs prose; a hint, a place or a shape alone drops nothing;
 * two of these on a line that is no sentence do.
 */
#ifndef PROCESSORS_CLEANUP_EVIDENCE_H
#define PROCESSORS_CLEANUP_EVIDENCE_H

#include <stdbool.h>
#include <stdint.h>

#define EVIDENCE_DROPS 0.995f /* 1, with room for rounding */

/*       name             weight  kind              what was seen */
#define EVIDENCE_TABLE(E)                                                                                            \
    E(LABEL_SURE,          2.0f, DROP_NONE,         "a label that is nothing else")                                  \
    E(LABEL_HINT,          0.7f, DROP_NONE,         "a label that is also ordinary prose")                           \
    E(LABELS_MANY,         0.9f, DROP_NONE,         "a second label of another sort")                                \
    E(WORDED_MOST,         2.2f, DROP_NONE,         "worded as only lines around articles are")                      \
    E(WORDED_MORE,         1.2f, DROP_NONE,         "worded as lines around articles are")                           \
    E(WORDED,              0.45f, DROP_NONE,         "worded more as lines around articles than as those in them")    \
    E(WORDED_TEXT,        -0.5f, DROP_NONE,         "worded as lines in articles are")                               \
    E(COVERED,             1.2f, DROP_NONE,         "nothing but labels and numbers")                                \
    E(COVERED_HINT,        0.8f, DROP_NONE,         "nothing but section names, dates and numbers")                  \
    E(IN_BLOCK,            1.5f, DROP_RELATED_LIST, "a headline behind a label of lists")                            \
    E(REPEATED,            3.0f, DROP_REPEATED,     "seen before in this article")                                   \
    E(RETURNS,             0.7f, DROP_RELATED_LIST, "no sentence, and it comes again")                              \
    E(ARROW,               1.0f, DROP_RELATED_LIST, "begins with an arrow, as links to other pages do")             \
    E(ARROWS,              2.2f, DROP_RELATED_LIST, "several arrows, each before a headline")                        \
    E(CREDITED,            1.5f, DROP_CAPTION,      "its end says who took the picture")                \
    E(DASH_LIST,           1.0f, DROP_RELATED_LIST, "headlines in one line, divided by dashes")                     \
    E(TITLE_AGAIN,         3.0f, DROP_REPEATED,     "the title once more")                                           \
    E(MENU,                1.2f, DROP_NAVIGATION,   "names between dividers")                                        \
    E(LINKS_ONLY,          1.2f, DROP_NAVIGATION,   "links and nearly no words")                                     \
    E(TAGS_ONLY,           1.2f, DROP_KEYWORDS,     "hashtags and nearly no words")                                  \
    E(RATES,               0.8f, DROP_NAVIGATION,   "as many numbers as words, more than one line of a table has")   \
    E(NAME_LIST,           2.2f, DROP_NAVIGATION,   "many names, and nothing between them")                          \
    E(NUMBERS_ONLY,        0.8f, DROP_COUNTER,      "numbers and no word")                                           \
    E(MARKS_ONLY,          1.2f, DROP_MARKUP,       "neither word nor number")                                       \
    E(SHORT_CODE,          1.2f, DROP_MARKUP,       "a template's code or a comment of markup")                      \
    E(INITIALS,            1.2f, DROP_CREDIT,       "nothing but initials in brackets")                               \
    E(COPYRIGHT,           2.2f, DROP_DISCLAIMER,   "a short line that begins with the copyright sign")              \
    E(TWEET_SIGNED,        1.5f, DROP_TWEET,        "dash, name, handle: the signature of an embedded post")         \
    E(AGENCY_SIGNED,       2.0f, DROP_CAPTION,      "ends with name/agency, as captions do")                         \
    E(OTHER_TOPIC,         3.0f, DROP_OTHER_ARTICLE, "opened anew, and no word of the text's topic in it")            \
    E(LEADS_IN,            1.2f, DROP_OTHER,        "a colon, and what it leads to is dropped")                      \
    E(BEHIND_END,          3.0f, DROP_NONE,         "behind a comment form, where no article goes on")               \
    E(ABOVE_TITLE,         2.0f, DROP_NAVIGATION,   "a word or two above the headline")                              \
    E(AROUND_ARTICLE,      3.0f, DROP_NAVIGATION,   "stands outside the element that holds the article")             \
    E(NAVIGATION_BLOCK,    1.5f, DROP_NAVIGATION,   "markup says navigation")                                        \
    E(FORM_BLOCK,          1.5f, DROP_COMMENT_FORM, "markup says form")                                              \
    E(ASIDE_BLOCK,         0.8f, DROP_RELATED_LIST, "markup says aside")                                             \
    E(CAPTION_BLOCK,       0.3f, DROP_CAPTION,      "markup says caption")                                           \
    E(LINKED,              0.8f, DROP_RELATED_LIST, "nearly all of it is inside links")                              \
    E(CLASS_NAMED,         0.7f, DROP_NONE,         "class names in the page say so")                                \
    E(BEFORE_TEXT,         0.5f, DROP_NAVIGATION,   "before the first sentence")                                     \
    E(AFTER_TEXT,          0.6f, DROP_RELATED_LIST, "behind the last sentence")                                      \
    E(HEADLINE_PILE,       0.8f, DROP_RELATED_LIST, "one of many headlines in a row outside the text")               \
    E(BULLET,              1.0f, DROP_RELATED_LIST, "one of several headlines with a list mark, which nothing leads to") \
    E(EDGE_NAMES,          0.5f, DROP_BYLINE,       "a few capitalised words beside the text")                       \
    E(EDGE_CAPITALS,       0.8f, DROP_DATELINE,     "a few words beside the text, one of them in capitals")          \
    E(FRAME,               0.7f, DROP_NAVIGATION,   "one of many fragments in a row outside the text")               \
    E(NAMES_ONLY,          0.5f, DROP_BYLINE,       "a few capitalised words")                                       \
    E(PROSE,              -1.0f, DROP_NONE,         "a paragraph of sentences")                                      \
    E(SENTENCE,           -0.4f, DROP_NONE,         "ends as a sentence")                                            \
    E(TICKER,             -1.0f, DROP_NONE,         "an entry of a live ticker")                                     \
    E(IN_TABLE,           -1.0f, DROP_NONE,         "one of a table's rows")                                         \
    E(INTRODUCED,         -1.0f, DROP_NONE,         "a list that the text leads into with a colon")                  \
    E(IN_ARTICLE,         -1.1f, DROP_NONE,         "stands in the element that holds the article")                  \
    E(SHARES_TITLE,       -0.4f, DROP_NONE,         "shares words with the title")                                   \
    E(HEADING_BLOCK,      -0.4f, DROP_NONE,         "markup says heading")

#define EVIDENCE_ENUM(name, weight, kind, text) EVIDENCE_##name,
enum evidence { EVIDENCE_TABLE(EVIDENCE_ENUM) EVIDENCES };
#undef EVIDENCE_ENUM

/* One piece of evidence for human eyes. */
struct evidence_item {
    const char *name, *text; /* "LABEL_SURE", "a label that is nothing else" */
    float weight;            /* a line goes at 1 and more */
};

/* Takes the next item out of a line's evidence; false if none is left. */
bool evidence_next(uint64_t *evidence, struct evidence_item *ret_item);

_Static_assert(EVIDENCES <= 64, "evidence is kept as bits of 64");

#endif
