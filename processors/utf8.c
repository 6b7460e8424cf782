#include "processors/utf8.h"

/* How many bytes follow this first byte, and between what bounds the second one lies (Unicode 15, table 3-7). */
static unsigned tail(unsigned char first, unsigned char *ret_low, unsigned char *ret_high)
{
    *ret_low = 0x80;
    *ret_high = 0xbf;
    if (first >= 0xc2 && first <= 0xdf)
        return 1;
    if (first >= 0xe0 && first <= 0xef) {
        if (first == 0xe0)
            *ret_low = 0xa0; /* shorter forms exist below */
        if (first == 0xed)
            *ret_high = 0x9f; /* surrogates above */
        return 2;
    }
    if (first >= 0xf0 && first <= 0xf4) {
        if (first == 0xf0)
            *ret_low = 0x90;
        if (first == 0xf4)
            *ret_high = 0x8f; /* U+10FFFF is the last */
        return 3;
    }
    return 0;
}

bool utf8_valid(struct view view, size_t *ret_at)
{
    const unsigned char *data = (const unsigned char *)view.data;
    size_t i = 0;

    while (i < view.size) {
        unsigned char low, high;
        unsigned n;

        if (data[i] < 0x80) {
            i++;
            continue;
        }
        n = tail(data[i], &low, &high);
        if (n == 0 || view.size - i <= n || data[i + 1] < low || data[i + 1] > high)
            goto broken;
        for (unsigned k = 2; k <= n; k++)
            if ((data[i + k] & 0xc0) != 0x80)
                goto broken;
        i += n + 1;
    }
    return true;
broken:
    if (ret_at != NULL)
        *ret_at = i;
    return false;
}
