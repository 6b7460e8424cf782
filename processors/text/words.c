/* Words: the letters that make one, and the full stops that belong to it. */
#include "processors/text/scan.h"

enum {
    GERSHAYIM_LOOK = 3,    /* letters looked at behind a quote inside Hebrew */
    ROMAN_LETTERS_MAX = 6,
};

/* What is learned about a word while its letters go by. */
struct word {
    size_t solid_end;     /* behind the last code point that is seen */
    uint32_t solid_at;
    size_t letters;
    unsigned first_case;
    unsigned lower, upper;
    uint8_t script, flags;
    bool digits;
};

static enum script script_at(const struct scan *scan, size_t i)
{
    uint32_t point;
    unsigned size;

    return i < scan->end ? (enum script)scan_look(scan, i, &point, &size)->script : SCRIPT_NONE;
}

static bool one_word(uint8_t a, uint8_t b)
{
    /* Latin, Cyrillic and Greek stay together: their letters look alike and are mixed by mistake and on purpose. */
    return a == b || ((a == SCRIPT_LATN || a == SCRIPT_CYRL || a == SCRIPT_GREK)
                      && (b == SCRIPT_LATN || b == SCRIPT_CYRL || b == SCRIPT_GREK));
}

/* Hebrew letters directly behind byte i, at most GERSHAYIM_LOOK. */
static unsigned hebrew_letters(const struct scan *scan, size_t i)
{
    unsigned n = 0;

    while (n < GERSHAYIM_LOOK && i < scan->end) {
        uint32_t point;
        unsigned size;
        const struct point *info = scan_look(scan, i, &point, &size);
        if (info->script != SCRIPT_HEBR)
            break;
        n += info->class == POINT_LETTER;
        i += size;
    }
    return n;
}

/* A sign between two letters that belongs to the word and is folded away: geresh and gershayim between Hebrew letters,
 * also as plain quotes, and the middle dot of Catalan. */
static bool is_inner_sign(const struct scan *scan, const struct word *word, uint32_t point, size_t behind)
{
    unsigned after;

    if (word->letters == 0)
        return false;
    if (point == 0xb7)
        return word->script == SCRIPT_LATN && script_at(scan, behind) == SCRIPT_LATN;
    if (word->script != SCRIPT_HEBR)
        return false;
    after = hebrew_letters(scan, behind);
    switch (point) {
    case 0x5f3: case 0x5f4: case '\'': case 0x2019:
        return after > 0;
    case '"': case 0x201c: case 0x201d:
        /* A prefix before a quoted word is no acronym: ב"הארץ" against ארה"ב. */
        return after > 0 && !(word->letters <= 2 && after == GERSHAYIM_LOOK);
    default:
        return false;
    }
}

/* May this code point stand in the word at all? */
static inline bool word_goes_on(const struct scan *scan, const struct word *word, const struct point *info,
                                uint32_t point,
                                size_t behind, uint32_t points)
{
    switch (info->class) {
    case POINT_LETTER:
        if (points > 0 && ((info->flags | word->flags) & POINT_SINGLE) != 0)
            return false;
        return word->script == SCRIPT_NONE || info->script == SCRIPT_NONE || one_word(word->script, info->script);
    case POINT_DIGIT:
        return (word->flags & (POINT_SINGLE | POINT_DENSE)) == 0;
    case POINT_MARK:
        return points > 0;
    case POINT_IGNORABLE:
        return point != 0x200b || (word->flags & POINT_DENSE) == 0;
    default:
        return is_inner_sign(scan, word, point, behind);
    }
}

static inline void word_note(struct word *word, const struct point *info)
{
    if (info->class == POINT_LETTER) {
        if (word->letters++ == 0)
            word->first_case = info->flags & (POINT_LOWER | POINT_UPPER);
        word->lower += info->flags & POINT_LOWER;
        word->upper += (info->flags & POINT_UPPER) != 0;
        word->flags |= info->flags & (POINT_SINGLE | POINT_DENSE);
        if (word->script == SCRIPT_NONE)
            word->script = info->script;
    }
    word->digits |= info->class == POINT_DIGIT;
}

static uint8_t shape_of(const struct word *word)
{
    if (word->lower + word->upper == 0)
        return SHAPE_NONE;
    if (word->upper == 0)
        return SHAPE_LOWER;
    if (word->lower == 0)
        return word->upper > 1 ? SHAPE_UPPER : SHAPE_CAPITALISED;
    return word->first_case == POINT_UPPER && word->upper == 1 ? SHAPE_CAPITALISED : SHAPE_MIXED;
}

/* Plain letters, the bulk of most texts: no table is needed.  Returns how many there are. */
static inline size_t ascii_letters(struct scan *scan, struct word *word)
{
    size_t i = scan->i, end = scan->end - i < TOKEN_BYTES_MAX / 4 ? scan->end : i + TOKEN_BYTES_MAX / 4;
    char *out;
    unsigned upper = 0;

    while (scan->folded_room - scan->folded_size < end - i)
        scan_folded_grow(scan);
    out = scan->folded + scan->folded_size;
    for (; i < end; i++) {
        unsigned char lower = (unsigned char)scan->data[i] | 0x20;
        if (lower < 'a' || lower > 'z' || (unsigned char)scan->data[i] >= 0x80)
            break;
        upper += (unsigned char)scan->data[i] < 'a';
        *out++ = (char)lower;
    }
    i -= scan->i;
    if (i == 0)
        return 0;
    if (word->letters == 0) {
        word->first_case = (unsigned char)scan->data[scan->i] < 'a' ? POINT_UPPER : POINT_LOWER;
        if (word->script == SCRIPT_NONE)
            word->script = SCRIPT_LATN;
    }
    word->letters += i;
    word->upper += upper;
    word->lower += (unsigned)i - upper;
    scan->folded_size += i;
    scan->i += i;
    scan->at += (uint32_t)i;
    word->solid_end = scan->i;
    word->solid_at = scan->at;
    return i;
}

/* The same for letters of the word's own script whose folded form is short: the bulk of all other texts. */
static inline size_t plain_letters(struct scan *scan, struct word *word)
{
    size_t i = scan->i, end, most;
    uint32_t n = 0;
    char *out;
    unsigned lower = 0, upper = 0, first_case = 0;

    if (scan->folded_room - scan->folded_size < 4 * FOLD_ROOM)
        scan_folded_grow(scan);
    most = (scan->folded_room - scan->folded_size) / 2 - FOLD_INLINE_MAX; /* none more than doubles */
    most = most < TOKEN_BYTES_MAX / 4 ? most : TOKEN_BYTES_MAX / 4;
    end = scan->end - i < most ? scan->end : i + most;
    out = scan->folded + scan->folded_size;
    while (i < end) {
        uint32_t point;
        unsigned size;
        const struct point *info = scan_look(scan, i, &point, &size);
        if (info->class != POINT_LETTER || info->fold_size > FOLD_INLINE_MAX
            || (info->flags & (POINT_SINGLE | POINT_DENSE)) != 0 || info->script == SCRIPT_NONE)
            break;
        if (info->script != word->script) {
            if (word->script != SCRIPT_NONE)
                break;
            word->script = info->script;
        }
        if (n == 0)
            first_case = info->flags & (POINT_LOWER | POINT_UPPER);
        memcpy(out, info->fold, FOLD_INLINE_MAX);
        out += info->fold_size;
        lower += info->flags & POINT_LOWER;
        upper += (info->flags & POINT_UPPER) != 0;
        i += size;
        n++;
    }
    if (n == 0)
        return 0;
    if (word->letters == 0)
        word->first_case = first_case;
    word->letters += n;
    word->lower += lower;
    word->upper += upper;
    scan->folded_size = (size_t)(out - scan->folded);
    scan->i = i;
    scan->at += n;
    word->solid_end = scan->i;
    word->solid_at = scan->at;
    return n;
}

/* Takes the letters of a word; the cursor ends behind the last one that is seen. */
static void word_letters(struct scan *scan, struct token *token, struct word *word)
{
    size_t start = scan->i, first = scan->folded_size, stop = scan->end, word_start;
    uint32_t at = scan->at;

    word->solid_end = start;
    word->solid_at = at;
    while (scan->i < stop && scan->i - start < TOKEN_BYTES_MAX / 2) {
        uint32_t point;
        unsigned size;
        const struct point *info;

        if ((unsigned char)scan->data[scan->i] < 0x80
            && (word->script == SCRIPT_NONE || one_word(word->script, SCRIPT_LATN))
            && scan->folded_size - first < TOKEN_BYTES_MAX / 4 && ascii_letters(scan, word) > 0)
            continue;
        if ((unsigned char)scan->data[scan->i] >= 0x80 && (word->flags & (POINT_SINGLE | POINT_DENSE)) == 0
            && scan->folded_size - first < TOKEN_BYTES_MAX / 4 && plain_letters(scan, word) > 0)
            continue;
        info = scan_look(scan, scan->i, &point, &size);
        if (!word_goes_on(scan, word, info, point, scan->i + size, scan->at - at))
            break;
        word_note(word, info);
        if (stop == scan->end && (word->flags & POINT_DENSE) != 0)
            stop = segment_at(scan->segmenter, scan->tables, scan->data, scan->i, scan->end, &word_start);
        if (info->class <= POINT_DIGIT)
            scan_fold(scan, info, point, first);
        scan->i += size;
        scan->at++;
        if (info->class <= POINT_DIGIT)
            word->solid_end = scan->i, word->solid_at = scan->at;
    }
    scan->i = word->solid_end;
    scan->at = word->solid_at;
    token->script = word->script;
    token->shape = shape_of(word);
    if ((word->flags & POINT_SINGLE) != 0) {
        segment_at(scan->segmenter, scan->tables, scan->data, start, scan->end, &word_start);
        if (word_start != start)
            token->flags |= TOKEN_INSIDE_WORD;
    }
}

/* The end of a single letter with a full stop at byte i ("S." of "U.S."), 0 if there is none.  A last one may lack its
 * full stop ("U.S"). */
static size_t initial_end(const struct scan *scan, size_t i, uint32_t *ret_point)
{
    unsigned size;
    size_t behind;

    if (i >= scan->end || scan_look(scan, i, ret_point, &size)->class != POINT_LETTER)
        return 0;
    behind = i + size;
    while (behind < scan->end) { /* with its marks */
        uint32_t point;
        const struct point *info = scan_look(scan, behind, &point, &size);
        if (info->class != POINT_MARK || behind - i > 16)
            break;
        behind += size;
    }
    if (behind < scan->end && scan->data[behind] == '.')
        return behind + 1;
    return scan_is_word_at(scan, behind) ? 0 : behind;
}

/* "U.S.", "e.g.", "т.д.": the cursor stands at the full stop behind a single letter; takes all that follow. */
static unsigned more_initials(struct scan *scan, size_t first, struct word *word)
{
    unsigned n = 0;

    for (;;) {
        uint32_t point;
        size_t end = initial_end(scan, scan->i + 1, &point);

        if (end == 0 || scan->i + 1 - word->solid_end > TOKEN_BYTES_MAX / 4)
            break;
        scan->i++;
        scan->at++;
        while (scan->i < end && scan->data[scan->i] != '.') {
            unsigned size;
            const struct point *info = scan_look(scan, scan->i, &point, &size);
            word_note(word, info);
            scan_fold(scan, info, point, first);
            scan->i += size;
            scan->at++;
        }
        n++;
        if (scan->i == end) /* without a last full stop */
            return n;
    }
    scan->i++;
    scan->at++;
    return n;
}

/* A single letter and its full stop with a blank behind them: "J. Smith", "z. B.", "د. محمد"; at the end of a sentence
 * stand words of one letter too, in lower case ("это я."), but hardly at the end of a bracket ("(н. э.)"). */
static bool is_lone_initial(const struct scan *scan, const struct word *word)
{
    size_t i = scan->i + 1;
    uint32_t point;
    unsigned size;

    if (word->upper == 1)
        return true;
    if (i < scan->end && scan->data[i] == ')')
        return true;
    if (i >= scan->end || scan_look(scan, i, &point, &size)->class != POINT_SPACE)
        return false;
    i += size;
    if (word->lower == 0)
        return scan_is_word_at(scan, i);
    i = initial_end(scan, i, &point);
    return i != 0 && scan->data[i - 1] == '.';
}

/* Is it a number in digits or in Roman letters? */
static bool is_number(const struct scan *scan, size_t start, size_t size)
{
    if (scan->data[start] >= '0' && scan->data[start] <= '9')
        return true;
    for (size_t i = start; i < start + size; i++)
        if (strchr("IVXLC", scan->data[i]) == NULL)
            return false;
    return size <= ROMAN_LETTERS_MAX;
}

/* "II. Dünya Savaşı": a Roman number, with its full stop under the cursor, before a word that is counted so. */
static bool is_roman_ordinal(const struct scan *scan, size_t start)
{
    return scan->i - start > 1 && is_number(scan, start, scan->i - start) && scan->i + 1 < scan->end
           && scan->data[scan->i + 1] == ' ' && (scan_kinds_at(scan, scan->i + 2) & ORDINAL_AFTER) != 0;
}

bool scan_is_abbreviation(struct scan *scan, const struct token *previous, size_t start)
{
    unsigned kinds = abbreviations_find(scan->abbreviations, view_slice((struct view){scan->data, scan->end}, start,
                                                                        scan->i - start));
    size_t i = scan->i + 1;

    if ((kinds & ABBREVIATION_MEASURE) != 0 && previous != NULL && is_number(scan, previous->start, previous->size)) {
        scan->soft_end = SOFT_MEASURE;
        return true;
    }
    if ((kinds & (ABBREVIATION_INSIDE | ABBREVIATION_END)) != 0) {
        scan->soft_end = (kinds & ABBREVIATION_INSIDE) == 0 ? SOFT_CAPITAL : SOFT_NONE;
        return true;
    }
    if ((kinds & ABBREVIATION_NUMBER) == 0)
        return is_roman_ordinal(scan, start);
    while (i < scan->end && (scan->data[i] == ' ' || (unsigned char)scan->data[i] == 0xc2
                             || (unsigned char)scan->data[i] == 0xa0))
        i++;
    return i < scan->end && scan->data[i] >= '0' && scan->data[i] <= '9';
}

void scan_word(struct scan *scan, const struct token *previous, struct token *token)
{
    struct word word = {0};
    size_t start = scan->i, first = scan->folded_size;
    unsigned char next;

    token->kind = TOKEN_WORD;
    word_letters(scan, token, &word);
    next = scan->i < scan->end ? (unsigned char)scan->data[scan->i] : '\n';
    if (next <= ' ' || next >= 0x80 || next == ',')
        return;
    if (start >= scan->not_link_before && word.script <= SCRIPT_LATN && strchr(".@:_-+%", next) != NULL) {
        size_t end = scan_link_end(scan, start);
        if (end != 0) {
            scan->i = start;
            scan->at = token->at;
            scan->folded_size = first;
            scan_stretch(scan, end, TOKEN_LINK, token);
            return;
        }
    }
    if (next != '.' || (word.flags & (POINT_SINGLE | POINT_DENSE)) != 0)
        return;
    if (word.letters == 1 && !word.digits) {
        size_t stop = scan->i;
        uint32_t point;
        if (initial_end(scan, stop + 1, &point) != 0) {
            more_initials(scan, first, &word);
            token->shape = shape_of(&word);
            if (scan->data[scan->i - 1] == '.') {
                scan->i--;
                if (!scan_is_abbreviation(scan, previous, start) && token->shape == SHAPE_UPPER)
                    scan->soft_end = SOFT_STARTER;
                scan->i++;
            }
            return;
        }
        if (scan_is_abbreviation(scan, previous, start) || is_lone_initial(scan, &word))
            scan->i++, scan->at++;
        return;
    }
    if (scan_is_abbreviation(scan, previous, start))
        scan->i++, scan->at++;
}
