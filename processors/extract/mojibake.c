#include "processors/extract/mojibake.h"

#include "processors/utf8.h"

/* Windows-1252, 0x80 to 0x9f; the five places that it leaves free are control characters (WHATWG Encoding, index). */
static const uint16_t windows_1252[32] = {
    0x20ac, 0x0081, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
    0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0x008d, 0x017d, 0x008f,
    0x0090, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
    0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x009d, 0x017e, 0x0178,
};

/* Blocks that a repaired line may have characters of: what news are written in, and its punctuation and symbols. */
static const struct { uint32_t first, last; } living[] = {
    {0x00a0, 0x017f}, {0x0218, 0x021b}, {0x0300, 0x0304}, {0x0370, 0x03ff}, {0x0400, 0x04ff}, {0x0531, 0x058a},
    {0x0591, 0x05f4}, {0x0600, 0x06ff}, {0x0900, 0x0dff}, {0x0e00, 0x0eff}, {0x10a0, 0x10ff}, {0x1200, 0x137f},
    {0x1e00, 0x1eff}, {0x2000, 0x206f}, {0x20a0, 0x20bf}, {0x2100, 0x22ff}, {0x2460, 0x27bf}, {0x3000, 0x30ff},
    {0x3400, 0x9fff}, {0xac00, 0xd7a3}, {0xfb50, 0xfdff}, {0xfe00, 0xfe0f}, {0xfe70, 0xfeff}, {0xff00, 0xffef},
    {0x1f000, 0x1faff},
};

static bool is_living(uint32_t point)
{
    for (size_t i = 0; i < sizeof living / sizeof *living; i++)
        if (point <= living[i].last)
            return point >= living[i].first;
    return false;
}

/* The byte that Windows-1252 or Latin-1 has for a character; -1: none. */
static int byte_of(uint32_t point)
{
    if (point < 0x100)
        return (int)point;
    for (int i = 0; i < 32; i++)
        if (windows_1252[i] == point)
            return 0x80 + i;
    return -1;
}

uint32_t mojibake_windows_1252(unsigned char byte)
{
    return windows_1252[byte & 31];
}

bool mojibake_suspect(uint32_t first, uint32_t second)
{
    int byte;

    if (first < 0xc2 || first > 0xf4 || second < 0x80)
        return false;
    byte = byte_of(second);
    return byte >= 0x80 && byte < 0xc0;
}

/* As a character of its own, may this byte well stand behind a word: closing quotes, dashes, dots, blanks? */
static bool is_common_after_word(unsigned char byte)
{
    return strchr("\x85\x89\x92\x93\x94\x95\x96\x97\x99\x9b\xa0\xab\xb0\xb7\xbb\x91\x8b\xae", byte) != NULL;
}

/* Reads one character as the bytes of UTF-8 that it and the next ones may be.  Returns how many bytes of line they
 * take; 0: they are none. */
static size_t read_sequence(struct view line, size_t at, char bytes[4], unsigned *ret_n)
{
    size_t begin = at;
    unsigned wanted = 1, n = 0;

    for (unsigned i = 0; i < wanted; i++, at += n) {
        int byte = at < line.size ? byte_of(utf8_read(line.data + at, &n)) : -1;
        if (byte < (i == 0 ? 0xc2 : 0x80) || (i > 0 && byte > 0xbf))
            return 0;
        if (i == 0)
            wanted = byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
        bytes[i] = (char)byte;
    }
    *ret_n = wanted;
    return utf8_valid((struct view){bytes, wanted}, NULL) ? at - begin : 0;
}

/* For how much does it count that these bytes were UTF-8 once?  3 is enough. */
static unsigned evidence(const char bytes[4], unsigned n)
{
    if (n > 2)
        return 3; /* three such characters in a row do not happen */
    if (is_common_after_word((unsigned char)bytes[1]))
        return 0;
    return (unsigned char)bytes[0] <= 0xc3 ? 3 : 2;
}

bool mojibake_repair(struct view line, char *out, size_t *ret_size)
{
    size_t size = 0, taken;
    unsigned certain = 0, n;
    char bytes[4];

    for (size_t i = 0; i < line.size; i += taken) {
        uint32_t point = utf8_read(line.data + i, &n);

        taken = point < 0x80 ? 0 : read_sequence(line, i, bytes, &n);
        if (taken > 0) {
            unsigned unused;
            if (!is_living(utf8_read(bytes, &unused)))
                return false;
            certain += evidence(bytes, n);
            memcpy(out + size, bytes, n);
        } else if (point >= 0xc0 && point <= 0xff) {
            return false; /* an accented letter that is nothing but itself */
        } else {
            utf8_read(line.data + i, &n);
            taken = n;
            memcpy(out + size, line.data + i, n);
        }
        size += n;
    }
    if (certain < 3)
        return false;
    *ret_size = size;
    return true;
}
