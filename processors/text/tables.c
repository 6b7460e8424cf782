#include "processors/text/tables.h"

#include "processors/text/text.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unicode/uchar.h>
#include <unicode/uloc.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>
#include <unicode/ustring.h>

enum { LAST_PLANE_WITH_CASE = 0x20000, HAN_LAST = 0x323b0 };

/* Letters that Unicode does not decompose and readers take for one another. */
static const struct {
    uint32_t from;
    const char *to;
} alike[] = {
    {0x00df, "ss"}, {0x00e6, "ae"}, {0x00f0, "d"}, {0x00f8, "o"}, {0x00fe, "th"}, {0x0111, "d"}, {0x0127, "h"},
    {0x0131, "i"}, {0x0138, "k"}, {0x0142, "l"}, {0x0153, "oe"}, {0x0167, "t"}, {0x00b7, ""},
    /* Modifier letters that transliterate hamza and ayn. */
    {0x02bb, ""}, {0x02bd, ""}, {0x02be, ""}, {0x02bf, ""},
    /* Arabic: wasla, yeh and teh marbuta in their forms, and the letters of Persian, Urdu and Kurdish that keyboards
     * mix. */
    {0x0671, "\xd8\xa7"}, {0x0649, "\xd9\x8a"}, {0x06cc, "\xd9\x8a"}, {0x06d2, "\xd9\x8a"}, {0x0629, "\xd9\x87"},
    {0x06c1, "\xd9\x87"}, {0x06be, "\xd9\x87"}, {0x06d5, "\xd9\x87"}, {0x06c3, "\xd9\x87"}, {0x06a9, "\xd9\x83"},
    {0x0640, ""},
    /* Hyphens and apostrophes of all kinds. */
    {0x2010, "-"}, {0x2011, "-"}, {0x05be, "-"}, {0x2018, "'"}, {0x2019, "'"}, {0x02bc, "'"}, {0x00b4, "'"},
    {0x0060, "'"},
    {0x066b, "."}, {0x066c, ","},
};

/* Marks that Cyrillic letters keep. */
static const struct {
    uint32_t base, mark, both;
} kept_marks[] = {{0x438, 0x306, 0x439}, {0x443, 0x306, 0x45e}, {0x456, 0x308, 0x457}};

static const struct {
    UScriptCode icu;
    enum script script;
} script_pairs[] = {
    {USCRIPT_LATIN, SCRIPT_LATN}, {USCRIPT_ARABIC, SCRIPT_ARAB}, {USCRIPT_CYRILLIC, SCRIPT_CYRL},
    {USCRIPT_HEBREW, SCRIPT_HEBR}, {USCRIPT_GREEK, SCRIPT_GREK}, {USCRIPT_HAN, SCRIPT_HANI},
    {USCRIPT_HIRAGANA, SCRIPT_KANA}, {USCRIPT_KATAKANA, SCRIPT_KANA}, {USCRIPT_HANGUL, SCRIPT_HANG},
    {USCRIPT_THAI, SCRIPT_THAI}, {USCRIPT_DEVANAGARI, SCRIPT_DEVA}, {USCRIPT_BENGALI, SCRIPT_BENG},
    {USCRIPT_ARMENIAN, SCRIPT_ARMN}, {USCRIPT_GEORGIAN, SCRIPT_GEOR}, {USCRIPT_ETHIOPIC, SCRIPT_ETHI},
    {USCRIPT_TAMIL, SCRIPT_TAML}, {USCRIPT_TELUGU, SCRIPT_TELU}, {USCRIPT_GUJARATI, SCRIPT_GUJR},
    {USCRIPT_GURMUKHI, SCRIPT_GURU}, {USCRIPT_KANNADA, SCRIPT_KNDA}, {USCRIPT_MALAYALAM, SCRIPT_MLYM},
    {USCRIPT_SINHALA, SCRIPT_SINH}, {USCRIPT_KHMER, SCRIPT_KHMR}, {USCRIPT_LAO, SCRIPT_LAOO},
    {USCRIPT_MYANMAR, SCRIPT_MYMR}, {USCRIPT_TIBETAN, SCRIPT_TIBT},
};

struct builder {
    struct text_tables *tables;
    const UNormalizer2 *casefold, *decompose;
};

static void *grow(void *old, size_t size)
{
    void *data = realloc(old, size);

    if (data == NULL) {
        fprintf(stderr, "tocsin: out of memory: %zu bytes wanted\n", size);
        abort();
    }
    return data;
}

static enum point_class class_of(uint32_t point, int8_t type)
{
    /* These stand for the apostrophe, the first one in Ukrainian by right. */
    if (point == 0x2bc || point == 0xb4 || point == 0x60)
        return POINT_PUNCT;
    if (u_hasBinaryProperty((UChar32)point, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) || point == 0x200b)
        return POINT_IGNORABLE;
    if (point == 0x640) /* tatweel stretches the letter before it */
        return POINT_MARK;
    /* Vowels and finals of Hangul: with their consonant they are one letter, as a syllable is. */
    if ((point >= 0x1160 && point <= 0x11ff) || (point >= 0xd7b0 && point <= 0xd7fb))
        return POINT_MARK;
    if ((U_GET_GC_MASK((UChar32)point) & (U_GC_L_MASK | U_GC_NL_MASK)) != 0)
        return POINT_LETTER;
    if ((U_GET_GC_MASK((UChar32)point) & U_GC_M_MASK) != 0)
        return POINT_MARK;
    if (type == U_DECIMAL_DIGIT_NUMBER || type == U_OTHER_NUMBER)
        return POINT_DIGIT;
    if ((U_GET_GC_MASK((UChar32)point) & (U_GC_Z_MASK | U_GC_CC_MASK)) != 0)
        return POINT_SPACE;
    return (U_GET_GC_MASK((UChar32)point) & U_GC_P_MASK) != 0 ? POINT_PUNCT : POINT_SYMBOL;
}

static enum script script_at(uint32_t point, enum point_class class)
{
    UErrorCode error = U_ZERO_ERROR;
    UScriptCode icu = uscript_getScript((UChar32)point, &error);

    for (size_t i = 0; i < sizeof script_pairs / sizeof *script_pairs; i++)
        if (script_pairs[i].icu == icu)
            return script_pairs[i].script;
    if (class != POINT_LETTER)
        return SCRIPT_NONE;
    if (icu == USCRIPT_COMMON || icu == USCRIPT_INHERITED)
        return uscript_hasScript((UChar32)point, USCRIPT_KATAKANA) ? SCRIPT_KANA : SCRIPT_NONE;
    return SCRIPT_OTHER;
}

static uint8_t flags_of(uint32_t point, int8_t type, enum script script, enum point_class class)
{
    unsigned flags = 0;

    if (class == POINT_LETTER && (type == U_UPPERCASE_LETTER || type == U_TITLECASE_LETTER))
        flags |= POINT_UPPER;
    if (class == POINT_LETTER && type == U_LOWERCASE_LETTER)
        flags |= POINT_LOWER;
    if (u_hasBinaryProperty((UChar32)point, UCHAR_S_TERM) || point == 0x2026)
        flags |= POINT_STOP;
    if (type == U_END_PUNCTUATION || type == U_FINAL_PUNCTUATION || type == U_INITIAL_PUNCTUATION || point == '"'
        || point == '\'')
        flags |= POINT_QUOTE;
    if (class == POINT_LETTER && (script == SCRIPT_HANI || script == SCRIPT_KANA))
        flags |= POINT_SINGLE;
    if (script == SCRIPT_THAI || script == SCRIPT_LAOO || script == SCRIPT_KHMR || script == SCRIPT_MYMR)
        flags |= POINT_DENSE;
    if (point == '-' || point == 0x2010 || point == 0x2011 || point == 0x5be)
        flags |= POINT_HYPHEN;
    if (point == '\'' || point == '`' || point == 0xb4 || point == 0x2018 || point == 0x2019 || point == 0x2bc)
        flags |= POINT_APOSTROPHE;
    return (uint8_t)flags;
}

/* Accents and vowel signs of scripts that are read without them.  The signs of India and the voicing marks of Kana
 * stay. */
static bool is_dropped_mark(uint32_t point)
{
    UErrorCode error = U_ZERO_ERROR;

    if (point == 0x3099 || point == 0x309a || (U_GET_GC_MASK((UChar32)point) & U_GC_M_MASK) == 0)
        return false;
    switch (uscript_getScript((UChar32)point, &error)) {
    case USCRIPT_INHERITED: case USCRIPT_COMMON: case USCRIPT_LATIN: case USCRIPT_GREEK: case USCRIPT_CYRILLIC:
    case USCRIPT_ARABIC: case USCRIPT_HEBREW:
        return true;
    default:
        return false;
    }
}

/* Appends what one code point of the decomposed form becomes. */
static size_t fold_part(uint32_t part, uint32_t *last, char *out, size_t size)
{
    for (size_t i = 0; i < sizeof alike / sizeof *alike; i++)
        if (alike[i].from == part) {
            *last = 0;
            memcpy(out + size, alike[i].to, strlen(alike[i].to));
            return size + strlen(alike[i].to);
        }
    for (size_t i = 0; i < sizeof kept_marks / sizeof *kept_marks; i++)
        if (kept_marks[i].base == *last && kept_marks[i].mark == part) {
            *last = kept_marks[i].both;
            return size - 2 + utf8_write(out + size - 2, kept_marks[i].both);
        }
    if (is_dropped_mark(part) || u_isUWhiteSpace((UChar32)part)
        || u_hasBinaryProperty((UChar32)part, UCHAR_DEFAULT_IGNORABLE_CODE_POINT))
        return size;
    *last = part;
    return size + utf8_write(out + size, part);
}

/* NFKC_Casefold, taken apart, without dropped marks; kept_marks put together again. */
static size_t fold_of(const struct builder *builder, uint32_t point, char out[FOLD_ROOM])
{
    UErrorCode error = U_ZERO_ERROR;
    UChar source[2], folded[64], parts[128];
    UChar32 points[128];
    int32_t n = 0, n_folded, n_parts, n_points = 0;
    uint32_t last = 0;
    size_t size = 0;

    U16_APPEND_UNSAFE(source, n, point);
    n_folded = unorm2_normalize(builder->casefold, source, n, folded, 64, &error);
    n_parts = unorm2_normalize(builder->decompose, folded, n_folded, parts, 128, &error);
    u_strToUTF32(points, 128, &n_points, parts, n_parts, &error);
    if (U_FAILURE(error))
        return utf8_write(out, point);
    for (int32_t i = 0; i < n_points && size + 8 < FOLD_ROOM; i++)
        size = fold_part((uint32_t)points[i], &last, out, size);
    return size;
}

static size_t without_stops(char *fold, size_t size)
{
    size_t kept = 0;

    for (size_t i = 0; i < size; i++)
        if (fold[i] != '.')
            fold[kept++] = fold[i];
    return kept;
}

static uint32_t pool_add(struct text_tables *tables, const char *fold, size_t size)
{
    if (tables->pool_size + size > tables->pool_room) {
        tables->pool_room = tables->pool_room * 2 + 1024;
        tables->pool = grow(tables->pool, tables->pool_room);
    }
    memcpy(tables->pool + tables->pool_size, fold, size);
    tables->pool_size += (uint32_t)size;
    return tables->pool_size - (uint32_t)size;
}

static struct point make_point(const struct builder *builder, uint32_t point)
{
    int8_t type = u_charType((UChar32)point);
    struct point info = {.class = POINT_SYMBOL, .fold_size = FOLD_SELF};
    enum point_class class;
    enum script script;
    char fold[FOLD_ROOM];
    size_t size;

    if (type == U_UNASSIGNED || type == U_PRIVATE_USE_CHAR || type == U_SURROGATE)
        return info;
    class = class_of(point, type);
    script = script_at(point, class);
    info.class = (uint8_t)class;
    info.script = (uint8_t)script;
    info.flags = flags_of(point, type, script, class);
    if (type == U_DECIMAL_DIGIT_NUMBER)
        fold[0] = (char)('0' + u_charDigitValue((UChar32)point)), size = 1;
    else
        size = class == POINT_IGNORABLE || class == POINT_SPACE ? 0 : fold_of(builder, point, fold);
    if (class == POINT_SYMBOL) /* signs made of initials: U+33C2 is "am" */
        size = without_stops(fold, size);
    if (size > FOLD_INLINE_MAX) {
        uint32_t at = pool_add(builder->tables, fold, size);
        memcpy(info.fold, &at, sizeof at);
    } else {
        memcpy(info.fold, fold, size);
    }
    info.fold_size = (uint8_t)size;
    return info;
}

static struct point *block_add(struct text_tables *tables)
{
    if (tables->n_blocks == tables->blocks_room) {
        tables->blocks_room += 256;
        tables->points = grow(tables->points, tables->blocks_room * POINT_BLOCK * sizeof *tables->points);
    }
    return &tables->points[tables->n_blocks++ * POINT_BLOCK];
}

/* Blocks of one kind throughout share one.  Returns the number of that block for this one, 0 if it needs its own. */
static uint16_t shared_block(uint32_t first, const uint16_t shared[3])
{
    uint32_t last = first + POINT_BLOCK - 1;

    if ((first >= 0x3400 && last <= 0x4dbf) || (first >= 0x4e00 && last <= 0x9fff)
        || (first >= 0x20000 && last < 0x2f800)
        || (first >= 0x2fa80 && last < HAN_LAST))
        return shared[1];
    if (first >= 0xac00 && last <= 0xd7a3)
        return shared[2];
    if ((first >= 0xd800 && last <= 0xf8ff) || (first >= HAN_LAST && (first >> 12) != 0xe0))
        return shared[0];
    return 0;
}

static void fill(struct point *block, struct point info)
{
    for (unsigned i = 0; i < POINT_BLOCK; i++)
        block[i] = info;
}

static void build_blocks(struct builder *builder)
{
    struct text_tables *tables = builder->tables;
    uint16_t shared[3] = {1, 2, 3};

    block_add(tables); /* ASCII, filled below */
    fill(block_add(tables), (struct point){.class = POINT_SYMBOL, .fold_size = FOLD_SELF});
    fill(block_add(tables), (struct point){POINT_LETTER, SCRIPT_HANI, POINT_SINGLE, FOLD_SELF, ""});
    fill(block_add(tables), (struct point){POINT_LETTER, SCRIPT_HANG, 0, FOLD_HANGUL, ""});
    for (uint32_t i = 0; i < POINT_BLOCKS; i++) {
        uint32_t first = i << POINT_BLOCK_BITS;
        struct point block[POINT_BLOCK];
        const struct point *before;

        tables->block_of[i] = shared_block(first, shared);
        if (tables->block_of[i] != 0)
            continue;
        for (uint32_t k = 0; k < POINT_BLOCK; k++)
            block[k] = first + k >= 0xac00 && first + k <= 0xd7a3
                           ? (struct point){POINT_LETTER, SCRIPT_HANG, 0, FOLD_HANGUL, ""}
                           : make_point(builder, first + k);
        before = &tables->points[(tables->n_blocks - 1) * POINT_BLOCK];
        if (i == 0) {
            memcpy(tables->points, block, sizeof block);
        } else if (memcmp(block, &tables->points[POINT_BLOCK], sizeof block) == 0) {
            tables->block_of[i] = shared[0];
        } else {
            if (memcmp(block, before, sizeof block) != 0)
                memcpy(block_add(tables), block, sizeof block);
            tables->block_of[i] = (uint16_t)(tables->n_blocks - 1);
        }
    }
}

static void build_plain(struct text_tables *tables)
{
    for (uint32_t point = 0; point < PLAIN_POINTS; point++) {
        const struct point *info = point_of(tables, point);
        if (info->class != POINT_LETTER || info->fold_size == 0 || info->fold_size > 2 || info->script == SCRIPT_NONE
            || (info->flags & (POINT_SINGLE | POINT_DENSE)) != 0)
            continue;
        tables->plain[point] = (uint32_t)(unsigned char)info->fold[0] | (uint32_t)(unsigned char)info->fold[1] << 8
            | (uint32_t)info->fold_size << PLAIN_SIZE_SHIFT | (uint32_t)info->script << PLAIN_SCRIPT_SHIFT
            | ((info->flags & POINT_LOWER) != 0 ? (uint32_t)PLAIN_LOWER : 0)
            | ((info->flags & POINT_UPPER) != 0 ? (uint32_t)PLAIN_UPPER : 0);
    }
}

static struct text_tables *build(void)
{
    UErrorCode error = U_ZERO_ERROR;
    struct text_tables *tables = grow(NULL, sizeof *tables);
    struct builder builder = {tables, unorm2_getNFKCCasefoldInstance(&error), unorm2_getNFKDInstance(&error)};

    if (U_FAILURE(error)) {
        fprintf(stderr, "tocsin: ICU has no normalisation data: %s\n", u_errorName(error));
        abort();
    }
    memset(tables, 0, sizeof *tables);
    build_blocks(&builder);
    build_plain(tables);
    for (const char *const *code = uloc_getISOCountries(); *code != NULL; code++)
        tables->countries[(*code)[0] - 'A'][(*code)[1] - 'A'] = 1;
    tables->countries['U' - 'A']['K' - 'A'] = 1;
    tables->countries['E' - 'A']['U' - 'A'] = 1;
    return tables;
}

const struct text_tables *text_tables(void)
{
    static _Atomic(struct text_tables *) shared;
    struct text_tables *tables = atomic_load_explicit(&shared, memory_order_acquire), *expected = NULL;

    if (tables != NULL)
        return tables;
    tables = build(); /* two threads may both come here; one of them wins */
    if (atomic_compare_exchange_strong_explicit(&shared, &expected, tables, memory_order_acq_rel, memory_order_acquire))
        return tables;
    free(tables->points);
    free(tables->pool);
    free(tables);
    return expected;
}

enum script text_script(uint32_t point)
{
    return point > 0x10ffff ? SCRIPT_NONE : (enum script)point_of(text_tables(), point)->script;
}
