/*
 * text_tables: what the pass over the text must know of each code point, in one look.
 *
 * Made from ICU's properties once per process: class, script, case, and the folded form as UTF-8.  A two-stage table:
 * the upper bits of a code point choose a block of 128, and all blocks that say the same (unassigned, Han, Hangul) are
 * one. Only text*.c looks in here.
 *
 * Thread-safety: read-only once made; text_tables() may be called from any thread.
 */
#ifndef PROCESSORS_TEXT_TABLES_H
#define PROCESSORS_TEXT_TABLES_H

#include "processors/utf8.h"

#include <stdint.h>
#include <string.h>

enum point_class {
    POINT_LETTER,
    POINT_MARK,      /* belongs to the letter before it */
    POINT_DIGIT,
    POINT_IGNORABLE, /* not seen by readers: joiners, bidi marks, soft hyphens, variation selectors */
    POINT_SPACE,     /* white space and control characters */
    POINT_PUNCT,
    POINT_SYMBOL,    /* and what is unassigned or private */
};

enum point_flag {
    POINT_LOWER = 1,
    POINT_UPPER = 2,
    POINT_STOP = 4,    /* ends sentences */
    POINT_QUOTE = 8,   /* quotes and closing brackets: behind a full stop they belong to its sentence */
    POINT_SINGLE = 16, /* Han and Kana: each is a word of its own */
    POINT_DENSE = 32,  /* scripts without blanks between words: Thai, Lao, Khmer, Burmese */
    POINT_HYPHEN = 64,
    POINT_APOSTROPHE = 128,
};

/* How fold_size is read. */
enum {
    FOLD_INLINE_MAX = 4, /* up to here: the bytes of `fold` */
    FOLD_POOL_MAX = 63,  /* up to here: `fold` is an offset into the pool */
    FOLD_SELF = 64,      /* the code point itself */
    FOLD_HANGUL = 65,    /* a syllable: its letters, by arithmetic */
    FOLD_ROOM = 64,      /* what text_fold_point() may write */
};

struct point {
    uint8_t class;  /* enum point_class */
    uint8_t script; /* enum script */
    uint8_t flags;  /* enum point_flag */
    uint8_t fold_size;
    char fold[4];
};

enum { POINT_BLOCK_BITS = 7, POINT_BLOCK = 1 << POINT_BLOCK_BITS, POINT_BLOCKS = 0x110000 >> POINT_BLOCK_BITS };

/* Letters of one or two bytes that fold to one or two, the bulk of Latin, Cyrillic, Greek, Arabic and Hebrew, once more
 * in one look: the folded bytes, their number, the case, and the script; 0 for all that is not so simple. */
enum {
    PLAIN_POINTS = 0x800,
    PLAIN_SIZE_SHIFT = 16,  /* two bits */
    PLAIN_LOWER = 1 << 18,
    PLAIN_UPPER = 1 << 19,
    PLAIN_SCRIPT_SHIFT = 24,
};

struct text_tables {
    uint32_t plain[PLAIN_POINTS];
    uint16_t block_of[POINT_BLOCKS];
    struct point *points; /* n_blocks times POINT_BLOCK; the first block is ASCII */
    size_t n_blocks, blocks_room;
    char *pool;
    uint32_t pool_size, pool_room;
    uint8_t countries[26][26]; /* two-letter country codes, which are also endings of domain names */
};

static inline const struct point *point_of(const struct text_tables *tables, uint32_t point)
{
    return &tables->points[(size_t)tables->block_of[point >> POINT_BLOCK_BITS] << POINT_BLOCK_BITS
                           | (point & (POINT_BLOCK - 1))];
}

/* Appends the letters of a Hangul syllable: the decomposed form is the one that both normal forms can be brought to. */
static inline unsigned fold_hangul(uint32_t point, char *out)
{
    uint32_t syllable = point - 0xac00;
    unsigned n = utf8_write(out, 0x1100 + syllable / 588);

    n += utf8_write(out + n, 0x1161 + syllable % 588 / 28);
    if (syllable % 28 != 0)
        n += utf8_write(out + n, 0x11a7 + syllable % 28);
    return n;
}

/* Writes the folded form of one code point to out and returns the end of what stands in the token then; first is where
 * the folded token begins.  A breve on и or у and a diaeresis on і make other letters (й, ў, ї) and are the only marks
 * of the scripts with case that stay.  out needs FOLD_ROOM bytes. */
static inline char *fold_point(const struct text_tables *tables, const struct point *info, uint32_t point,
                               const char *first, char *out)
{
    if (info->fold_size <= FOLD_INLINE_MAX) {
        memcpy(out, info->fold, 4);
        if (info->fold_size == 0 && (point == 0x306 || point == 0x308) && out - first >= 2) {
            if (point == 0x306 && memcmp(out - 2, "\xd0\xb8", 2) == 0)
                out[-1] = '\xb9';
            else if (point == 0x306 && memcmp(out - 2, "\xd1\x83", 2) == 0)
                out[-1] = '\x9e';
            else if (point == 0x308 && memcmp(out - 2, "\xd1\x96", 2) == 0)
                out[-1] = '\x97';
        }
        return out + info->fold_size;
    }
    if (info->fold_size == FOLD_SELF)
        return out + utf8_write(out, point);
    if (info->fold_size == FOLD_HANGUL)
        return out + fold_hangul(point, out);
    uint32_t at;
    memcpy(&at, info->fold, sizeof at);
    memcpy(out, tables->pool + at, info->fold_size);
    return out + info->fold_size;
}

#endif
