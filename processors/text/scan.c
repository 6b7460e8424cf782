#include "processors/text/scan.h"

enum {
    ORDINAL_DIGITS = 3,      /* "100. Jahrestag"; four digits are a year */
    ORDINAL_WORD_BYTES = 48, /* longer words stand in no table */
    EMOJI_POINTS_MAX = 16,
};

void scan_folded_grow(struct scan *scan)
{
    size_t room = scan->folded_room * 2;

    scan->folded = arena_grow(scan->arena, scan->folded, scan->folded_room, room);
    scan->folded_room = room;
}

bool scan_is_word_at(const struct scan *scan, size_t i)
{
    uint32_t point;
    unsigned size;
    const struct point *info;

    if (i >= scan->end)
        return false;
    info = scan_look(scan, i, &point, &size);
    return info->class == POINT_LETTER || info->class == POINT_DIGIT;
}

/* Do three digits and no fourth stand at byte i? */
static bool is_thousand(const struct scan *scan, size_t i)
{
    unsigned n = 0;

    while (n < 4 && i + n < scan->end && scan->data[i + n] >= '0' && scan->data[i + n] <= '9')
        n++;
    return n == 3;
}

/* Is the separator at byte i inside a number?  Sets its length. */
static bool is_separator(const struct scan *scan, size_t i, unsigned *ret_size)
{
    uint32_t point, next;
    unsigned next_size;

    scan_look(scan, i, &point, ret_size);
    switch (point) {
    case '.': case ',': case ':': case 0x66b: case 0x66c:
        return i + *ret_size < scan->end && scan_look(scan, i + *ret_size, &next, &next_size)->class == POINT_DIGIT;
    case '\'': case 0x2019: case 0xa0: case 0x202f: case 0x2009:
        return is_thousand(scan, i + *ret_size);
    default:
        return false;
    }
}

bool scan_is_upper_at(const struct scan *scan, size_t i)
{
    unsigned letters = 0;

    for (; i < scan->end && letters < MEASURE_POINTS_MAX; letters++) {
        uint32_t point;
        unsigned size;
        const struct point *info = scan_look(scan, i, &point, &size);
        if (info->class != POINT_LETTER)
            break;
        if ((info->flags & POINT_UPPER) == 0)
            return false;
        i += size;
    }
    return letters > 1;
}

unsigned scan_kinds_at(const struct scan *scan, size_t i)
{
    size_t start = i;

    while (i < scan->end && i - start < ORDINAL_WORD_BYTES) {
        uint32_t point;
        unsigned size;
        if (scan_look(scan, i, &point, &size)->class > POINT_DIGIT)
            break;
        i += size;
    }
    return abbreviations_find(scan->abbreviations, view_slice((struct view){scan->data, scan->end}, start, i - start));
}

/* Is the number before the full stop under the cursor an ordinal ("am 15. Mai", "der 3. deutsche")? */
static bool is_ordinal(const struct scan *scan, const struct token *previous, const struct token *token)
{
    struct view buffer = {scan->data, scan->end};
    size_t i = scan->i + 1;
    uint32_t point;
    unsigned size;

    if (scan->i - token->start > ORDINAL_DIGITS || i >= scan->end || scan->data[i] != ' ')
        return false;
    if (++i >= scan->end)
        return false;
    if ((scan_look(scan, i, &point, &size)->flags & POINT_LOWER) != 0)
        return true;
    if (previous != NULL && previous->kind == TOKEN_WORD
        && (abbreviations_find(scan->abbreviations, view_slice(buffer, previous->start,
                                                               previous->size)) & ORDINAL_BEFORE) != 0)
        return true;
    return (scan_kinds_at(scan, i) & ORDINAL_AFTER) != 0;
}

void scan_number(struct scan *scan, const struct token *previous, struct token *token)
{
    size_t start = scan->i, first = scan->folded_size;
    uint32_t at = scan->at, point;
    bool separated = false;

    token->kind = TOKEN_NUMBER;
    while (scan->i < scan->end && scan->i - start < TOKEN_BYTES_MAX / 2) {
        unsigned size;
        const struct point *info = scan_look(scan, scan->i, &point, &size);

        if (info->class != POINT_DIGIT && info->class != POINT_MARK) {
            if (info->class == POINT_LETTER && !separated
                && (info->flags & (POINT_SINGLE | POINT_DENSE)) == 0) {
                scan->i = start; /* "16th", "4G": a word after all */
                scan->at = at;
                scan->folded_size = first;
                scan_word(scan, previous, token);
                return;
            }
            if (!is_separator(scan, scan->i, &size))
                break;
            separated = true;
        }
        scan_fold(scan, info, point, first);
        scan->i += size;
        scan->at++;
    }
    if (start >= scan->not_link_before && scan->i < scan->end && memchr("@_-", scan->data[scan->i], 3) != NULL) {
        size_t end = scan_link_end(scan, start);
        if (end != 0) {
            scan->i = start;
            scan->at = at;
            scan->folded_size = first;
            scan_stretch(scan, end, TOKEN_LINK, token);
            return;
        }
    }
    if (!separated && scan->i < scan->end && scan->data[scan->i] == '.' && is_ordinal(scan, previous, token))
        scan->i++, scan->at++;
}

/* Three full stops and more are one token; its folded form is that of the sign for them. */
static bool take_ellipsis(struct scan *scan)
{
    size_t n = 0;

    while (n < TOKEN_BYTES_MAX && scan->i + n < scan->end && scan->data[scan->i + n] == '.')
        n++;
    if (n < 2)
        return false;
    if (scan->folded_room - scan->folded_size < FOLD_ROOM)
        scan_folded_grow(scan);
    memcpy(scan->folded + scan->folded_size, "...", 3);
    scan->folded_size += 3;
    scan->i += n;
    scan->at += (uint32_t)n;
    return true;
}

void scan_punct(struct scan *scan, const struct token *previous, struct token *token)
{
    uint32_t point;
    unsigned size;
    const struct point *info = scan_look(scan, scan->i, &point, &size);
    bool touches = previous != NULL && previous->start + previous->size == scan->i
                   && (previous->kind == TOKEN_WORD || previous->kind == TOKEN_NUMBER);

    if ((point == '@' || point == '#' || point == 0xff03) && !touches) {
        size_t end = scan_tag_end(scan, scan->i);
        if (end != 0) {
            scan_stretch(scan, end, TOKEN_TAG, token);
            return;
        }
    }
    token->kind = TOKEN_PUNCT;
    if ((info->flags & (POINT_HYPHEN | POINT_APOSTROPHE)) != 0 && touches && scan_is_word_at(scan, scan->i + size))
        token->kind = TOKEN_JOINER;
    if (point == '.' && take_ellipsis(scan))
        return;
    scan_fold(scan, info, point, scan->folded_size);
    scan->i += size;
    scan->at++;
}

/* One emoji with its modifiers, joined ones and flags included; or any other sign. */
void scan_symbol(struct scan *scan, struct token *token)
{
    uint32_t point, first_point = 0;
    size_t first = scan->folded_size, solid_end = scan->i;
    uint32_t points = 0, solid_points = 0;
    size_t i = scan->i;
    bool joined = false;

    token->kind = TOKEN_SYMBOL;
    while (i < scan->end && points < EMOJI_POINTS_MAX) {
        unsigned size;
        const struct point *info = scan_look(scan, i, &point, &size);
        bool is_flag = points == 1 && first_point >= 0x1f1e6 && first_point <= 0x1f1ff && point >= 0x1f1e6
            && point <= 0x1f1ff;
        bool is_tone = point >= 0x1f3fb && point <= 0x1f3ff;

        if (points > 0 && info->class != POINT_MARK && info->class != POINT_IGNORABLE && !is_flag && !is_tone
            && !(joined && info->class == POINT_SYMBOL))
            break;
        if (points == 0)
            first_point = point;
        joined = point == 0x200d;
        scan_fold(scan, info, point, first);
        i += size;
        points++;
        if (info->class != POINT_IGNORABLE || point == 0xfe0f)
            solid_end = i, solid_points = points;
    }
    scan->i = solid_end;
    scan->at += solid_points;
}

void scan_stretch(struct scan *scan, size_t end, enum token_kind kind, struct token *token)
{
    size_t first = scan->folded_size;

    token->kind = (uint8_t)kind;
    token->script = SCRIPT_NONE;
    token->shape = SHAPE_NONE;
    while (scan->i < end) {
        uint32_t point;
        unsigned size;
        const struct point *info = scan_look(scan, scan->i, &point, &size);
        if (token->script == SCRIPT_NONE && info->class == POINT_LETTER)
            token->script = info->script;
        scan_fold(scan, info, point, first);
        scan->i += size;
        scan->at++;
    }
}

unsigned scan_case_ahead(const struct scan *scan, size_t i)
{
    for (unsigned n = 0; i < scan->end && n < MEASURE_POINTS_MAX; n++) {
        uint32_t point;
        unsigned size;
        const struct point *info = scan_look(scan, i, &point, &size);
        if (info->class == POINT_LETTER)
            return info->flags & (POINT_LOWER | POINT_UPPER);
        if (info->class == POINT_DIGIT || info->class == POINT_SYMBOL || point == '@' || point == '#')
            return 0;
        i += size;
    }
    return 0;
}
