/*
 * langid: which language is each line written in, and which the article?
 *
 * Reads tokens, writes line.language and a first article.language.  Stands before cleanup, because every later room
 * chooses its tables by language.
 *
 * A text too short to judge, or in a language that the model does not know, gets "und" rather than a guess: a wrong
 * language sends the article through the wrong lexicon and invents mentions, no language only skips the lexicons.
 * A line is first held against the language of those before it, which a few of its words confirm; up to three words
 * alone count as that.  Else it is judged by itself, in up to three windows, so that a quotation does not turn it.
 * The article is in the language of most of its letters: lines that are certainly in another one do not count.
 *
 * Chinese says in its script how it is written: Hans, Hant; Hani if neither shows.
 *
 * What the message declares is evidence, not truth: it decides only where the text leaves it open.
 */
#ifndef PROCESSORS_LANGID_LANGID_H
#define PROCESSORS_LANGID_LANGID_H

#include "processors/stage.h"

extern const struct stage langid_stage;

/* Settles article->language anew on the lines that count: with pieces on those that hold a TEXT or TITLE piece, weighed
 * by how much of them is kept; without pieces on all.  line_counts (may be NULL) leaves out the lines for which it is
 * false. For cleanup to call when it has decided.  It reads what langid's run left in article->language_notes. */
void langid_settle(struct article *article, const bool *line_counts);

/* Is the token one of the language's everyday words: does it make more than about one in ten thousand of running text, as
 * far as the model knows?  Reads article->language_notes; false for languages that the model does not know. */
bool langid_is_everyday(const struct article *article, const struct token *token, language_id language);

#endif
