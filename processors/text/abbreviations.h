/*
 * text_abbreviations: words whose full stop does not end a sentence, and words around ordinals ("am 15. April").
 *
 * Read from data/text/abbreviations.tsv.  The text's language is not known yet when it is cut into sentences, so the
 * rows of all languages stand in one set; they are matched as written, case and all ("Gen." is one, "gen." is not).
 *
 * Ownership: a set lives for ever, and equal sets are one: reloading the same words costs nothing, and text_tokenize()
 * may use the set of the last snapshot opened without asking who else does.  A set is some kilobytes.
 * Thread-safety: read-only; abbreviations_open() may be called from any thread.
 */
#ifndef PROCESSORS_TEXT_ABBREVIATIONS_H
#define PROCESSORS_TEXT_ABBREVIATIONS_H

#include "processors/table.h"

enum abbreviation {
    ABBREVIATION_INSIDE = 1,  /* the sentence goes on: "Dr." */
    ABBREVIATION_NUMBER = 2,  /* one only before a digit: "No. 5" */
    ABBREVIATION_END = 4,     /* ends the sentence if a capital follows: "etc."; not before capitals ("p.m. GMT") */
    ORDINAL_BEFORE = 8,       /* a number and full stop behind this word are an ordinal: "am 15. Tag" */
    ORDINAL_AFTER = 16,       /* the same before this word: "15. April" */
    ABBREVIATION_MEASURE = 32, /* as END behind a number: "в 2020 г. Он", but not so in "г. Киев" */
    SENTENCE_STARTER = 64,    /* behind capitals with full stops it begins a sentence: "in the U.S. The" */
};

struct abbreviations;

/* Errors: STATUS_FATAL with file and line. */
enum status abbreviations_open(struct table_source *source, const struct abbreviations **ret_abbreviations,
                               struct err *err);

/* The set that was opened last; NULL before the first. */
const struct abbreviations *abbreviations_current(void);

/* What this word (without its full stop) is: bits of enum abbreviation; 0 if nothing.  NULL has no words. */
unsigned abbreviations_find(const struct abbreviations *abbreviations, struct view word);

#endif
