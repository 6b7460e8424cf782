/* greatest: the greatest of many numbers, in blocks, which compilers turn into vector code. */
#ifndef PROCESSORS_LANGID_GREATEST_H
#define PROCESSORS_LANGID_GREATEST_H

#include <stddef.h>
#include <stdint.h>

enum { GREATEST_BLOCK = 16 };

static inline int16_t greatest_score(const int16_t *values, size_t n)
{
    int16_t most[GREATEST_BLOCK], result = values[0];
    size_t i = 0;

    for (unsigned k = 0; k < GREATEST_BLOCK; k++)
        most[k] = result;
    for (; i + GREATEST_BLOCK <= n; i += GREATEST_BLOCK)
        for (unsigned k = 0; k < GREATEST_BLOCK; k++)
            most[k] = values[i + k] > most[k] ? values[i + k] : most[k];
    for (; i < n; i++)
        result = values[i] > result ? values[i] : result;
    for (unsigned k = 0; k < GREATEST_BLOCK; k++)
        result = most[k] > result ? most[k] : result;
    return result;
}

static inline float greatest_nats(const float *values, size_t n)
{
    float most[GREATEST_BLOCK], result = values[0];
    size_t i = 0;

    for (unsigned k = 0; k < GREATEST_BLOCK; k++)
        most[k] = result;
    for (; i + GREATEST_BLOCK <= n; i += GREATEST_BLOCK)
        for (unsigned k = 0; k < GREATEST_BLOCK; k++)
            most[k] = values[i + k] > most[k] ? values[i + k] : most[k];
    for (; i < n; i++)
        result = values[i] > result ? values[i] : result;
    for (unsigned k = 0; k < GREATEST_BLOCK; k++)
        result = most[k] > result ? most[k] : result;
    return result;
}

#endif
