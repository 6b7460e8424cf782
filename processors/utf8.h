/*
 * utf8: code points in bytes.
 *
 * Everything behind `extract` is valid UTF-8 (extract sees to that), so the readers here may trust it;
 * utf8_valid() is how that trust is earned.
 */
#ifndef PROCESSORS_UTF8_H
#define PROCESSORS_UTF8_H

#include "processors/view.h"

#include <stdint.h>

/* Reads one code point of valid UTF-8 at data and sets its length in bytes (1 to 4). */
static inline uint32_t utf8_read(const char *data, unsigned *ret_size)
{
    const unsigned char *b = (const unsigned char *)data;

    if (b[0] < 0x80) {
        *ret_size = 1;
        return b[0];
    }
    if (b[0] < 0xe0) {
        *ret_size = 2;
        return (uint32_t)(b[0] & 0x1f) << 6 | (b[1] & 0x3f);
    }
    if (b[0] < 0xf0) {
        *ret_size = 3;
        return (uint32_t)(b[0] & 0x0f) << 12 | (uint32_t)(b[1] & 0x3f) << 6 | (b[2] & 0x3f);
    }
    *ret_size = 4;
    return (uint32_t)(b[0] & 0x07) << 18 | (uint32_t)(b[1] & 0x3f) << 12 | (uint32_t)(b[2] & 0x3f) << 6 | (b[3] & 0x3f);
}

/* Writes one code point (not a surrogate, at most U+10FFFF) and returns its length; data needs room for 4 bytes. */
static inline unsigned utf8_write(char *data, uint32_t point)
{
    if (point < 0x80) {
        data[0] = (char)point;
        return 1;
    }
    if (point < 0x800) {
        data[0] = (char)(0xc0 | point >> 6);
        data[1] = (char)(0x80 | (point & 0x3f));
        return 2;
    }
    if (point < 0x10000) {
        data[0] = (char)(0xe0 | point >> 12);
        data[1] = (char)(0x80 | (point >> 6 & 0x3f));
        data[2] = (char)(0x80 | (point & 0x3f));
        return 3;
    }
    data[0] = (char)(0xf0 | point >> 18);
    data[1] = (char)(0x80 | (point >> 12 & 0x3f));
    data[2] = (char)(0x80 | (point >> 6 & 0x3f));
    data[3] = (char)(0x80 | (point & 0x3f));
    return 4;
}

/* Is this byte the first of a code point? */
static inline bool utf8_is_start(char byte)
{
    return ((unsigned char)byte & 0xc0) != 0x80;
}

/* Code points in valid UTF-8. */
static inline size_t utf8_points(struct view view)
{
    size_t n = 0;

    for (size_t i = 0; i < view.size; i++)
        n += utf8_is_start(view.data[i]);
    return n;
}

/* Well-formed as Unicode defines it (no surrogates, no overlong forms, nothing above U+10FFFF)?
 * If not, *ret_at (may be NULL) is the offset of the first byte that is not. */
bool utf8_valid(struct view view, size_t *ret_at);

#endif
