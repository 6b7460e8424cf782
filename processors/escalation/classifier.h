/*
 * escalation_classifier: which words of a sentence tell of escalation or of de-escalation, as it was learnt.
 *
 * Tables hold what is always right; a language has more ways to tell of war and peace than a table has rows, and fewer
 * that always mean it.  For each word the weights of its features (sights.h) are summed for three answers: nothing,
 * escalation, de-escalation; multinomial logistic regression.  What the rules made of the word is among the features, so
 * the classifier agrees with them where they proved right, drops what they tell wrongly and adds what they lack.  Kind and
 * mode of a word that is told are the best of two more such regressions over the same features.
 *
 * Read from data/escalation/classifier/LANGUAGE.bin, which processors/escalation/train makes; a language without such a file
 * is read by its tables alone.
 *
 * Cost: linear in the words.  Thread-safety: read-only after classifier_open().
 */
#ifndef PROCESSORS_ESCALATION_CLASSIFIER_H
#define PROCESSORS_ESCALATION_CLASSIFIER_H

#include "processors/escalation/sights.h"
#include "processors/table.h"

enum answer { ANSWER_NOTHING, ANSWER_ESCALATION, ANSWER_DEESCALATION, ANSWERS };
enum { CLASSIFIER_DETAILS = EVENT_KINDS + EVENT_MODES };

struct classifier;

/* STATUS_SKIP: there is no model for this language. */
enum status classifier_open(struct table_source *source, const char *language_tag, struct classifier **ret_classifier,
                            struct err *err);
void classifier_close(struct classifier *classifier); /* NULL is fine */

/* The path of its file, as messages name it. */
const char *classifier_path(const struct classifier *classifier);

/* What it says of one word. */
struct verdict {
    float margin[2]; /* by how much an escalation, a de-escalation outweighs nothing: natural logarithm of the odds */
};

/* Of all words of the stretch; those that are not open get the least. */
void classifier_judge(const struct classifier *classifier, const struct sights *sights, struct verdict *ret_verdicts);
/* The likeliest kind of this direction, and the likeliest mode, of word i. */
void classifier_detail(const struct classifier *classifier, const struct sights *sights, size_t i, bool escalates,
                       uint8_t *ret_kind, uint8_t *ret_mode);

#endif
