/*
 * nearest: "did you mean": the known name that is closest to what was typed.
 *
 *     struct nearest nearest = nearest_to(typed);
 *     for each known name:  nearest_try(&nearest, known);
 *     if (nearest.name != NULL)  … did you mean "nearest.name"?
 *
 * Distance: insertions, deletions, replacements and swaps of neighbours (optimal string alignment).  A name that
 * differs in more than a third of its letters is no help and is not offered.
 */
#ifndef CONSUMER_NEAREST_H
#define CONSUMER_NEAREST_H

#include <stddef.h>

struct nearest {
    const char *wanted;
    const char *name; /* NULL: nothing is near */
    size_t distance;
};

struct nearest nearest_to(const char *wanted);
void nearest_try(struct nearest *nearest, const char *candidate);

/* For the end of an error text: "; did you mean \"NAME\"?" or "". */
enum { NEAREST_HINT_MAX = 160 };
const char *nearest_hint(const struct nearest *nearest, char buffer[NEAREST_HINT_MAX]);

#endif
