#include "consumer/nearest.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { LENGTH_MAX = 80 }; /* of names that are compared; all of ours are shorter */

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static int lower(const char *string, size_t at)
{
    return tolower((unsigned char)string[at]);
}

static size_t distance(const char *a, const char *b)
{
    size_t a_size = strlen(a), b_size = strlen(b);
    size_t rows[3][LENGTH_MAX + 1];
    size_t *before = rows[0], *last = rows[1], *now = rows[2];

    for (size_t j = 0; j <= b_size; j++)
        last[j] = j;
    for (size_t i = 1; i <= a_size; i++) {
        size_t *oldest = before;
        now[0] = i;
        for (size_t j = 1; j <= b_size; j++) {
            size_t cost = lower(a, i - 1) != lower(b, j - 1);
            now[j] = least(least(last[j] + 1, now[j - 1] + 1), last[j - 1] + cost);
            if (i > 1 && j > 1 && lower(a, i - 1) == lower(b, j - 2) && lower(a, i - 2) == lower(b, j - 1))
                now[j] = least(now[j], before[j - 2] + 1);
        }
        before = last, last = now, now = oldest;
    }
    return last[b_size];
}

struct nearest nearest_to(const char *wanted)
{
    return (struct nearest){.wanted = wanted, .distance = SIZE_MAX};
}

void nearest_try(struct nearest *nearest, const char *candidate)
{
    size_t size = strlen(candidate);
    size_t limit = size / 3 > 1 ? size / 3 : 1;
    size_t found;

    if (size > LENGTH_MAX || strlen(nearest->wanted) > LENGTH_MAX)
        return;
    found = distance(nearest->wanted, candidate);
    if (found <= limit && found < nearest->distance) {
        nearest->distance = found;
        nearest->name = candidate;
    }
}

const char *nearest_hint(const struct nearest *nearest, char buffer[NEAREST_HINT_MAX])
{
    buffer[0] = '\0';
    if (nearest->name != NULL)
        snprintf(buffer, NEAREST_HINT_MAX, "; did you mean \"%s\"?", nearest->name);
    return buffer;
}
