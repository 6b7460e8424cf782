/*
 * judge: what one line says of its language.
 *
 * Thread-safety: reads the model and the article; what it allocates lies in the article's arena.
 */
#ifndef PROCESSORS_LANGID_JUDGE_H
#define PROCESSORS_LANGID_JUDGE_H

#include "processors/article.h"
#include "processors/langid/model.h"

#define CERTAIN_NATS 12.0f /* the lead of a language that nothing can be mistaken for */

struct note {
    const float *behind;      /* of each language: nats behind the best, at most 0; NULL: all as far as `lead` */
    float lead;
    language_id best;
    float judged, letters;    /* judged, and by extrapolation in the whole line */
    uint32_t hans, hant;      /* signs that only one way of writing Chinese has */
    uint8_t script;
    bool foreign;             /* it does not look like any language of the model */
};

/* Judges a line by itself: hears about n_words of its words. */
void judge_line(const struct langid_model *model, const struct article *article, const struct line *line,
                unsigned n_words, struct note *note);

/* Does it go on in the language of the lines before it?  Fills the note only if so. */
bool judge_usual(const struct langid_model *model, const struct article *article, const struct line *line,
                 struct language_guess usual, struct note *note);

#endif
