/* Plain words: letters of one script, each of one or two bytes, with a blank or a mere separator behind them.  Nine words
 * in ten are so, and looking at each code point's properties is what makes the others slow. */
#include "processors/text/scan.h"

enum { PLAIN_BYTES_MAX = 256, STEP = 8 };

/* What may stand directly behind a plain word. */
enum { ENDS = 1, ENDS_NOT_LATIN = 2, ENDS_NOT_HEBREW = 4 };

static const uint8_t ends_word[256] = {
    [' '] = ENDS, [','] = ENDS, [';'] = ENDS, ['!'] = ENDS, ['?'] = ENDS, ['('] = ENDS, [')'] = ENDS, ['/'] = ENDS,
    ['['] = ENDS, [']'] = ENDS, ['\t'] = ENDS, ['*'] = ENDS, ['|'] = ENDS, ['&'] = ENDS,
    /* May be a link. */
    [':'] = ENDS_NOT_LATIN, ['-'] = ENDS_NOT_LATIN,
    /* May be gershayim. */
    ['"'] = ENDS_NOT_HEBREW, ['\''] = ENDS_NOT_HEBREW,
};

struct run {
    const char *data;
    size_t i, end;
    char *out;
    uint32_t points;
    uint32_t first;        /* PLAIN_LOWER, PLAIN_UPPER: of the first letter */
    uint64_t lower, upper; /* not 0: there is such a letter behind the first */
    uint64_t later;        /* of the next eight bytes those that are not the first letter's */
    uint8_t script;
};

static inline uint32_t plain_of_pair(const struct text_tables *tables, const char *data)
{
    return tables->plain[((unsigned char)data[0] & 0x1fu) << 6 | ((unsigned char)data[1] & 0x3fu)];
}

/* The bytes of the folded form; one of two goes beyond it if there is one only. */
static inline void put(struct run *run, uint32_t plain, unsigned size)
{
    uint16_t folded = (uint16_t)plain;

    memcpy(run->out, &folded, sizeof folded);
    run->out += plain >> PLAIN_SIZE_SHIFT & 3;
    run->i += size;
    run->points++;
}

/* Letters of two bytes of the run's script. */
static inline void take_pairs(const struct text_tables *tables, struct run *run)
{
    uint32_t cases = 0;

    while (run->i + 1 < run->end) {
        unsigned char lead = (unsigned char)run->data[run->i];
        uint32_t plain;

        if (lead < 0xc0 || lead >= 0xe0)
            break;
        plain = plain_of_pair(tables, run->data + run->i);
        if (plain >> PLAIN_SCRIPT_SHIFT != run->script)
            break;
        cases |= run->points == 0 ? 0 : plain;
        put(run, plain, 2);
    }
    run->lower |= cases & PLAIN_LOWER;
    run->upper |= cases & PLAIN_UPPER;
}

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* The highest bit of each of eight bytes that is no letter of ASCII. */
static inline uint64_t no_letters(uint64_t bytes)
{
    uint64_t low7 = (bytes | EACH(0x20)) & EACH(0x7f);

    return ~((low7 + EACH(0x80 - 'a')) & ~(low7 + EACH(0x80 - 'z' - 1)) & ~bytes) & EACH(0x80);
}

/* All bits below the first byte that is no letter. */
static inline uint64_t letters_before(uint64_t stops)
{
    return ((stops & (~stops + 1)) >> 7) - 1;
}

/* The commonest word of all: less than sixteen letters of ASCII, none but the first a capital, and a plain end.  Returns
 * how many; 0: look closer. */
static inline unsigned take_short(const char *data, char *out, uint8_t *ret_shape)
{
    uint64_t bytes, stops, upper;
    unsigned n = 0;

    memcpy(&bytes, data, STEP);
    stops = no_letters(bytes);
    upper = ~bytes & EACH(0x20) & letters_before(stops);
    bytes |= EACH(0x20);
    memcpy(out, &bytes, STEP);
    *ret_shape = upper == 0 ? SHAPE_LOWER : SHAPE_CAPITALISED;
    if ((upper & ~UINT64_C(0x20)) != 0)
        return 0;
    if (stops == 0) {
        memcpy(&bytes, data + STEP, STEP);
        stops = no_letters(bytes);
        if (stops == 0 || (~bytes & EACH(0x20) & letters_before(stops)) != 0)
            return 0;
        bytes |= EACH(0x20);
        memcpy(out + STEP, &bytes, STEP);
        n = STEP;
    }
    n += (unsigned)__builtin_ctzll(stops) / 8;
    return ends_word[(unsigned char)data[n]] == ENDS ? n : 0;
}

/* Letters of ASCII, eight at once, while eight bytes are left; false when another byte of ASCII ends the word. */
static inline bool take_eights(struct run *run)
{
    while (run->i + STEP <= run->end) {
        uint64_t bytes, lower, stops, kept;
        unsigned n;

        memcpy(&bytes, run->data + run->i, STEP);
        lower = bytes | EACH(0x20);
        stops = no_letters(bytes);
        kept = letters_before(stops);
        memcpy(run->out, &lower, STEP);
        run->upper |= ~bytes & EACH(0x20) & kept & run->later;
        run->lower |= bytes & EACH(0x20) & kept & run->later;
        run->later = ~UINT64_C(0);
        n = stops == 0 ? STEP : (unsigned)__builtin_ctzll(stops) / 8;
        run->out += n;
        run->points += n;
        run->i += n;
        if (n < STEP)
            return (bytes >> 8 * n & 0x80) != 0;
    }
    return true;
}
#else
static inline unsigned take_short(const char *data, char *out, uint8_t *ret_shape)
{
    (void)data, (void)out, (void)ret_shape;
    return 0;
}

static inline bool take_eights(struct run *run)
{
    (void)run;
    return true;
}
#endif

/* Letters of Latin, of one or two bytes. */
static inline void take_latin(const struct text_tables *tables, struct run *run)
{
    while (take_eights(run) && run->i < run->end) {
        size_t before = run->i;
        uint32_t plain;

        if ((unsigned char)run->data[run->i] < 0x80) {
            plain = tables->plain[(unsigned char)run->data[run->i]];
            if (plain == 0)
                return;
            run->lower |= run->points == 0 ? 0 : plain & PLAIN_LOWER;
            run->upper |= run->points == 0 ? 0 : plain & PLAIN_UPPER;
            put(run, plain, 1);
        } else {
            take_pairs(tables, run);
            if (run->i == before)
                return;
        }
    }
}

static inline uint8_t shape_of(const struct run *run)
{
    if (run->upper == 0 && run->first == PLAIN_LOWER)
        return SHAPE_LOWER;
    if (run->first == 0 && run->lower == 0 && run->upper == 0)
        return SHAPE_NONE;
    if (run->first == PLAIN_UPPER && run->upper == 0)
        return SHAPE_CAPITALISED;
    if (run->upper == 0)
        return SHAPE_LOWER;
    return run->lower == 0 && run->first != PLAIN_LOWER ? SHAPE_UPPER : SHAPE_MIXED;
}

/* Is the word over here, without any doubt? */
static inline bool is_end(const struct scan *scan, const struct run *run)
{
    unsigned char next;
    uint32_t point;
    unsigned size;

    if (run->i >= scan->end)
        return true;
    next = (unsigned char)scan->data[run->i];
    if (next < 0x80)
        return ends_word[next] == ENDS || (ends_word[next] == ENDS_NOT_LATIN && run->script != SCRIPT_LATN)
            || (ends_word[next] == ENDS_NOT_HEBREW && run->script != SCRIPT_HEBR);
    return run->script != SCRIPT_HEBR && scan_look(scan, run->i, &point, &size)->class >= POINT_SPACE && point != 0xb7;
}

/* A full stop with a blank behind it, or the line's end: no link. */
static inline bool is_stop(const struct scan *scan, const struct run *run)
{
    return run->points > 1 && run->i < scan->end && scan->data[run->i] == '.'
           && (run->i + 1 == scan->end || scan->data[run->i + 1] == ' ');
}

/* The letters of the word at byte i; false if there is no plain one, if it is so long that it may be cut, or if it begins
 * with a letter without case ("ª") and has capitals behind, which would have to be counted. */
static inline bool take_word(const struct scan *scan, size_t i, char *out, struct run *ret_run)
{
    const char *data = scan->data;
    unsigned char lead = (unsigned char)data[i];
    uint32_t plain;

    if (lead >= 0xe0)
        return false;
    plain = lead < 0x80 ? scan->tables->plain[lead] : plain_of_pair(scan->tables, data + i);
    if (plain == 0)
        return false;
    *ret_run = (struct run){
        .data = data, .i = i, .end = scan->end - i < PLAIN_BYTES_MAX ? scan->end : i + PLAIN_BYTES_MAX, .out = out,
        .first = plain & (PLAIN_LOWER | PLAIN_UPPER), .later = ~UINT64_C(0xff),
        .script = (uint8_t)(plain >> PLAIN_SCRIPT_SHIFT),
    };
    if (ret_run->script == SCRIPT_LATN)
        take_latin(scan->tables, ret_run);
    else
        take_pairs(scan->tables, ret_run);
    return ret_run->i - i < PLAIN_BYTES_MAX - 1 && (ret_run->first != 0 || ret_run->upper == 0);
}

static inline bool has_room(const struct scan *scan, const char *out)
{
    return scan->folded_room - (size_t)(out - scan->folded) >= PLAIN_BYTES_MAX + STEP;
}

bool scan_plain_word(struct scan *scan, const struct token *previous, struct token *token)
{
    size_t start = scan->i;
    struct run run;
    bool stop;

    if (!has_room(scan, scan->folded + scan->folded_size))
        scan_folded_grow(scan);
    if (!take_word(scan, start, scan->folded + scan->folded_size, &run))
        return false;
    stop = is_stop(scan, &run);
    if (!stop && !is_end(scan, &run))
        return false;
    scan->folded_size = (size_t)(run.out - scan->folded);
    scan->i = run.i;
    scan->at += run.points;
    token->kind = TOKEN_WORD;
    token->script = run.script;
    token->shape = shape_of(&run);
    if (stop && scan_is_abbreviation(scan, previous, start))
        scan->i++, scan->at++;
    return true;
}

size_t scan_plain_words(struct scan *scan, const struct token *like, struct token *tokens, size_t room, bool *space)
{
    const char *data = scan->data;
    size_t i = scan->i, end = scan->end, n = 0;
    uint32_t at = scan->at;
    char *out = scan->folded + scan->folded_size;
    uint8_t flags = *space ? TOKEN_SPACE_BEFORE : 0, shape;
    unsigned size;
    struct run run;

    for (;;) {
        for (; i < end && data[i] == ' '; i++, at++)
            flags = TOKEN_SPACE_BEFORE;
        if (n == room || i >= end || !has_room(scan, out))
            break;
        if (i + 2 * STEP <= end && (unsigned char)data[i] < 0x80 && (size = take_short(data + i, out, &shape)) > 0) {
            tokens[n++] = (struct token){
                .start = (uint32_t)i, .at = at, .folded = (uint32_t)(out - scan->folded), .line = like->line,
                .sentence = like->sentence, .size = (uint16_t)size, .points = (uint16_t)size, .folded_size = (uint16_t)size,
                .script = SCRIPT_LATN, .kind = TOKEN_WORD, .shape = shape, .flags = flags,
            };
            i += size;
            at += size;
            out += size;
            flags = 0;
            continue;
        }
        if (!take_word(scan, i, out, &run) || !is_end(scan, &run))
            break;
        tokens[n++] = (struct token){
            .start = (uint32_t)i, .at = at, .folded = (uint32_t)(out - scan->folded), .line = like->line,
            .sentence = like->sentence, .size = (uint16_t)(run.i - i), .points = (uint16_t)run.points,
            .folded_size = (uint16_t)(run.out - out), .script = run.script, .kind = TOKEN_WORD, .shape = shape_of(&run),
            .flags = flags,
        };
        i = run.i;
        at += run.points;
        out = run.out;
        flags = 0;
    }
    scan->i = i;
    scan->at = at;
    scan->folded_size = (size_t)(out - scan->folded);
    *space = flags != 0;
    return n;
}
