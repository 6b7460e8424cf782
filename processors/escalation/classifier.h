/*
 * escalation_classifier: does a stretch tell of escalation, of de-escalation, of both or of nothing, as it was learnt.
 *
 * Tables hold what is always right; a language has more ways to tell of war and peace than a table has rows, and
 * fewer that always mean it.  The weights of all that is seen of a stretch (sights.h) are summed for four answers:
 * multinomial logistic regression.  What the rules make of its triggers is among it, so the classifier agrees with
 * them where they proved right, drops what they tell wrongly and adds what they lack.  Which word
 * tells it is chosen by a regression over the words (sights_place()); its kind and mode, if no row names it, by two more,
 * and whether a party of the stretch acts or is acted on by the last (roles.h).
 *
 * Read from data/escalation/classifier/LANGUAGE.bin, which processors/escalation/train makes; a language without such
 * a file is read by its tables alone.
 *
 * Cost: linear in the words.  Thread-safety: read-only after classifier_open().
 */
#ifndef PROCESSORS_ESCALATION_CLASSIFIER_H
#define PROCESSORS_ESCALATION_CLASSIFIER_H

#include "processors/escalation/roles.h"
#include "processors/escalation/sights.h"
#include "processors/table.h"

enum answer { ANSWER_NOTHING, ANSWER_ESCALATION, ANSWER_DEESCALATION, ANSWER_BOTH /* bits */, ANSWERS };
enum { CLASSIFIER_DETAILS = EVENT_KINDS + EVENT_MODES };

struct classifier;

/* STATUS_SKIP: there is no model for this language. */
enum status classifier_open(struct table_source *source, const char *language_tag, struct classifier **ret_classifier,
                            struct err *err);
void classifier_close(struct classifier *classifier); /* NULL is fine */

/* The path of its file, as messages name it. */
const char *classifier_path(const struct classifier *classifier);

/* What it says of a stretch. */
struct verdict {
    uint8_t answer;   /* enum answer: the likeliest, if "nothing" has its reserve */
    float against[2]; /* by how much the likeliest of all, without it, is likelier than those with escalation, with
                       * de-escalation: a logarithm of odds; 0 where it is one of them */
};

/* reserve: what "nothing" gains, as a logarithm of odds. */
void classifier_judge(const struct classifier *classifier, const struct sights *sights, float reserve,
                      struct verdict *ret_verdict);
/* How likely each word of a stretch is the one that tells of a direction. */
struct weighed {
    int32_t sums[STRETCH_TOKENS]; /* of open words only */
    int32_t most;
    float whole; /* of their chances, that of the most likely being 1; 0: no word is open */
};

void classifier_weigh(const struct classifier *classifier, const struct sights *sights, unsigned down,
                      struct weighed *ret_weighed);
/* The likeliest of the words that are open and not told yet; its chance is given back.  UINT32_MAX: there is none. */
uint32_t classifier_place(const struct classifier *classifier, const struct sights *sights, const struct weighed *weighed,
                          const bool taken[STRETCH_TOKENS], float *ret_chance);
/* The likeliest of enum part for the keys of a party. */
uint8_t classifier_part(const struct classifier *classifier, const uint32_t *keys, size_t n);
/* The likeliest kind of this direction, and the likeliest mode, of what this word of the stretch tells. */
void classifier_detail(const struct classifier *classifier, const struct sights *sights, uint32_t word, bool escalates,
                       uint8_t *ret_kind, uint8_t *ret_mode);

#endif
