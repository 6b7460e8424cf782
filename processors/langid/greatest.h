/* greatest: the greatest of many numbers, in blocks, which compilers turn into vector code. */
#ifndef PROCESSORS_LANGID_GREATEST_H
#define PROCESSORS_LANGID_GREATEST_H

#include <stddef.h>
#include <stdint.h>

enum { GREATEST_BLOCK = 16 };

#define GREATEST_OF(name, type)                                                                                      \
    static inline type name(const type *values, size_t n)                                                            \
    {                                                                                                                \
        type most[GREATEST_BLOCK], result = values[0];                                                               \
        size_t i = 0;                                                                                                \
                                                                                                                     \
        for (unsigned k = 0; k < GREATEST_BLOCK; k++)                                                                \
            most[k] = result;                                                                                        \
        for (; i + GREATEST_BLOCK <= n; i += GREATEST_BLOCK)                                                         \
            for (unsigned k = 0; k < GREATEST_BLOCK; k++)                                                            \
                most[k] = values[i + k] > most[k] ? values[i + k] : most[k];                                         \
        for (; i < n; i++)                                                                                           \
            result = values[i] > result ? values[i] : result;                                                        \
        for (unsigned k = 0; k < GREATEST_BLOCK; k++)                                                                \
            result = most[k] > result ? most[k] : result;                                                            \
        return result;                                                                                               \
    }

GREATEST_OF(greatest_score, int16_t)
GREATEST_OF(greatest_nats, float)

#undef GREATEST_OF

#endif
