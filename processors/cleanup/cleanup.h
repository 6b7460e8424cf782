/*
 * cleanup: the article, the whole article, and nothing but the article.
 *
 * Reads lines, tokens and line.language; writes pieces, sets TOKEN_KEPT, and settles article.language on what is kept.
 * Feeds carry read-also boxes, related lists, comment forms and disclaimers besides the article.  A teaser that stays
 * is a false alarm, a paragraph that goes is a missed one; so each line is judged by evidence that is added up
 * (evidence.h), and prose speaks for itself: only a sure label outweighs it.
 *
 *     measure   shape of each line, and what labels, words and markup say of it   lines, hear, labels, wording
 *     cut       teasers, credits, prompts, datelines inside a line                 cuts
 *     compare   repetitions, the title, the neighbours                             compare
 *     judge     add up the evidence, spread the blocks, part a second article      judge, topics
 *     write     pieces                                                             cleanup
 *
 * A text that is not empty never becomes empty: when all would go, the best lines stay.
 *
 * Thread-safety: tables are read-only; all else is in the article's arena.
 */
#ifndef PROCESSORS_CLEANUP_CLEANUP_H
#define PROCESSORS_CLEANUP_CLEANUP_H

#include "processors/stage.h"

extern const struct stage cleanup_stage;

#endif
