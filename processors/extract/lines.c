#include "processors/extract/lines.h"

#include "processors/extract/mojibake.h"
#include "processors/utf8.h"

#include <libxml/HTMLparser.h>
#include <stdlib.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

enum {
    LINES_MAX = 200000, /* more than any article has; what follows goes into the last one */
    MARKS_MAX = 30,     /* UAX #15, section 13 */
    REPAIR_ROUNDS = 3,
    ENTITIES_MAX = 300, /* HTML 4 has 253 */
    ENTITY_NAME_MAX = 10,
};

enum character {
    CHARACTER_PLAIN,
    CHARACTER_AMPERSAND,
    CHARACTER_LEAD, /* U+00C2 to U+00F4: might be the first byte of double-encoded UTF-8 */
    CHARACTER_BLANK,
    CHARACTER_BREAK,
    CHARACTER_DROP,
    CHARACTER_MARK,    /* combining class is not 0 */
    CHARACTER_COMPOSE, /* may change under NFC */
};

enum { NEEDS_ENTITIES = 1 << 0, NEEDS_BYTES = 1 << 1, NEEDS_NFC = 1 << 2 };

struct entity_name {
    char name[ENTITY_NAME_MAX + 1];
    uint32_t point;
};

struct characters {
    const UNormalizer2 *nfc;
    struct entity_name entities[ENTITIES_MAX]; /* by name */
    size_t n_entities;
    uint8_t kinds[0x10000]; /* enum character */
};

/* ---- tables ------------------------------------------------------------------------------------------------------ */

static uint8_t kind_of(const UNormalizer2 *nfc, UChar32 point)
{
    switch (point) {
    case '\n': case '\r': case '\v': case '\f': case 0x85: case 0x2028: case 0x2029:
        return CHARACTER_BREAK;
    case '\t': case 0xfffc: /* where a picture stood */
        return CHARACTER_BLANK;
    case 0x00ad: case 0x200b: case 0x2060: case 0xfeff:
        return CHARACTER_DROP;
    case '&':
        return CHARACTER_AMPERSAND;
    default:
        break;
    }
    if (u_charType(point) == U_CONTROL_CHAR || (point & 0xfffe) == 0xfffe || (point >= 0xfdd0 && point <= 0xfdef))
        return CHARACTER_DROP;
    if (u_charType(point) == U_SPACE_SEPARATOR)
        return CHARACTER_BLANK;
    if (u_getCombiningClass(point) != 0)
        return CHARACTER_MARK;
    if (unorm2_isInert(nfc, point) == 0 && u_getIntPropertyValue(point, UCHAR_NFC_QUICK_CHECK) != UNORM_YES)
        return CHARACTER_COMPOSE;
    return point >= 0xc2 && point <= 0xf4 ? CHARACTER_LEAD : CHARACTER_PLAIN;
}

static int compare_entities(const void *a, const void *b)
{
    return strcmp(((const struct entity_name *)a)->name, ((const struct entity_name *)b)->name);
}

static void add_entity(struct characters *characters, const char *name, uint32_t point)
{
    struct entity_name *entity = &characters->entities[characters->n_entities];

    if (characters->n_entities == ENTITIES_MAX || strlen(name) > ENTITY_NAME_MAX)
        return;
    strcpy(entity->name, name);
    entity->point = point;
    characters->n_entities++;
}

enum status characters_open(struct characters **ret_characters, struct err *err)
{
    UErrorCode error = U_ZERO_ERROR;
    struct characters *characters = calloc(1, sizeof *characters);

    if (characters == NULL)
        return fail(err, STATUS_FATAL, "out of memory");
    characters->nfc = unorm2_getNFCInstance(&error);
    if (U_FAILURE(error)) {
        characters_close(characters);
        return fail(err, STATUS_FATAL, "ICU has no NFC data: %s", u_errorName(error));
    }
    for (UChar32 point = 0; point < 0x10000; point++) {
        const htmlEntityDesc *entity = point < 0x2700 ? htmlEntityValueLookup((unsigned)point) : NULL;
        characters->kinds[point] = kind_of(characters->nfc, point);
        if (entity != NULL)
            add_entity(characters, entity->name, entity->value);
    }
    if (htmlEntityLookup((const xmlChar *)"apos") == NULL || htmlEntityValueLookup('\'') == NULL)
        add_entity(characters, "apos", '\'');
    qsort(characters->entities, characters->n_entities, sizeof *characters->entities, compare_entities);
    *ret_characters = characters;
    return STATUS_OK;
}

void characters_close(struct characters *characters)
{
    free(characters);
}

/* ---- entities ---------------------------------------------------------------------------------------------------- */

/* What stands between "&#" and ";": a number; 0: none that names a character. */
static uint32_t numeric_reference(struct view digits)
{
    unsigned base = 10;
    uint32_t point = 0;

    if (digits.size > 0 && (digits.data[0] | 32) == 'x') {
        base = 16;
        digits = view_slice(digits, 1, digits.size - 1);
    }
    for (size_t i = 0; i < digits.size; i++) {
        char c = digits.data[i];
        unsigned digit = 16;
        if (c >= '0' && c <= '9')
            digit = (unsigned)(c - '0');
        else if ((c | 32) >= 'a' && (c | 32) <= 'f')
            digit = (unsigned)((c | 32) - 'a' + 10);
        if (digit >= base)
            return 0;
        point = point * base + digit;
        if (point > 0x10ffff)
            return 0;
    }
    if (point >= 0x80 && point < 0xa0)
        return mojibake_windows_1252((unsigned char)point); /* as every browser does */
    return point >= 0xd800 && point < 0xe000 ? 0 : point;
}

/* at: an ampersand.  Returns the character and sets how many bytes its reference takes; 0: it is none. */
static uint32_t read_reference(const struct characters *characters, const char *at, const char *end, size_t *ret_size)
{
    size_t room = (size_t)(end - at) < ENTITY_NAME_MAX + 2 ? (size_t)(end - at) : ENTITY_NAME_MAX + 2;
    const char *stop = memchr(at, ';', room);
    struct entity_name key;
    const struct entity_name *found;
    struct view name;

    if (stop == NULL || stop - at < 3)
        return 0;
    name = (struct view){at + 1, (size_t)(stop - at) - 1};
    *ret_size = (size_t)(stop - at) + 1;
    if (name.data[0] == '#')
        return numeric_reference(view_slice(name, 1, name.size - 1));
    memcpy(key.name, name.data, name.size);
    key.name[name.size] = '\0';
    found = bsearch(&key, characters->entities, characters->n_entities, sizeof key, compare_entities);
    return found == NULL ? 0 : found->point;
}

/* out: room for text.size bytes (no reference is shorter than its character).  Returns the size; *ret_changed. */
static size_t decode_entities(const struct characters *characters, struct view text, char *out, bool *ret_changed)
{
    const char *at = view_begin(text), *end = at + text.size;
    char *to = out;

    *ret_changed = false;
    while (at < end) {
        const char *ampersand = memchr(at, '&', (size_t)(end - at));
        size_t plain = (size_t)((ampersand == NULL ? end : ampersand) - at), size = 0;
        uint32_t point;

        memcpy(to, at, plain);
        to += plain;
        at += plain;
        if (at == end)
            break;
        point = read_reference(characters, at, end, &size);
        if (point == 0) {
            *to++ = *at++;
            continue;
        }
        to += utf8_write(to, point);
        at += size;
        *ret_changed = true;
    }
    return (size_t)(to - out);
}

struct view characters_decode_entities(const struct characters *characters, struct arena *arena, struct view text)
{
    char *out;
    bool changed;
    size_t size;

    if (text.size == 0 || memchr(text.data, '&', text.size) == NULL)
        return text;
    out = arena_alloc(arena, text.size);
    size = decode_entities(characters, text, out, &changed);
    return changed ? (struct view){out, size} : text;
}

/* ---- the line under work ----------------------------------------------------------------------------------------- */

void lines_begin(struct lines *lines, const struct characters *characters, struct arena *arena, size_t expected_size)
{
    *lines = (struct lines){.characters = characters, .arena = arena, .lines_capacity = 64};
    lines->capacity = expected_size + 64;
    lines->lines = ARENA_ARRAY(arena, struct line, lines->lines_capacity);
    lines->data = arena_alloc(arena, lines->capacity);
}

static void reserve(struct lines *lines, size_t n)
{
    size_t capacity = lines->capacity;

    if (capacity - lines->size >= n)
        return;
    while (capacity - lines->size < n)
        capacity += capacity;
    lines->data = arena_grow(lines->arena, lines->data, lines->capacity, capacity);
    lines->capacity = capacity;
}

static char *spare(struct lines *lines, size_t n)
{
    if (lines->spare_capacity < n) {
        lines->spare_capacity = n + n / 2;
        lines->spare = arena_alloc(lines->arena, lines->spare_capacity);
    }
    return lines->spare;
}

static uint8_t rare_kind(const struct characters *characters, uint32_t point)
{
    if (point >= 0x1f000 && point < 0x1fb00)
        return CHARACTER_PLAIN; /* emoji and pictographs: the only frequent ones beyond the basic plane */
    return kind_of(characters->nfc, (UChar32)point);
}

static bool followed_by_tail(uint32_t first, const char *at, const char *end)
{
    unsigned n;

    return at < end && (*at & 0x80) != 0 && mojibake_suspect(first, utf8_read(at, &n));
}

static inline bool is_plain_ascii(const uint8_t *kinds, char byte)
{
    return (unsigned char)byte < 0x80 && kinds[(unsigned char)byte] == CHARACTER_PLAIN;
}

/* Puts what stands from `at` to the next break or end behind the line, and returns where it stopped.  There is room. */
static const char *put(struct lines *lines, const char *at, const char *end, enum lines_how how)
{
    const uint8_t *kinds = lines->characters->kinds;
    char *to = lines->data + lines->size;
    char *const start = lines->data + lines->start;

    while (at < end) {
        unsigned n = 1;
        uint32_t point = (unsigned char)*at;
        uint8_t kind;

        if (is_plain_ascii(kinds, *at)) { /* most of most texts */
            if (lines->blank)
                *to++ = ' ';
            do
                *to++ = *at++;
            while (at < end && is_plain_ascii(kinds, *at));
            lines->blank = false;
            lines->marks = 0;
            continue;
        }
        if (point >= 0x80)
            point = utf8_read(at, &n);
        kind = point < 0x10000 ? kinds[point] : rare_kind(lines->characters, point);
        if (kind == CHARACTER_BREAK && how == LINES_SPLIT)
            break;
        if (kind == CHARACTER_BLANK || kind == CHARACTER_BREAK) {
            lines->blank = to > start;
            at += n;
            continue;
        }
        if (kind != CHARACTER_PLAIN) {
            if (kind == CHARACTER_AMPERSAND)
                lines->needs |= NEEDS_ENTITIES;
            else if (kind == CHARACTER_LEAD && followed_by_tail(point, at + n, end))
                lines->needs |= NEEDS_BYTES;
            else if (kind == CHARACTER_COMPOSE || kind == CHARACTER_MARK)
                lines->needs |= NEEDS_NFC;
            if (kind == CHARACTER_DROP || (kind == CHARACTER_MARK && ++lines->marks > MARKS_MAX)) {
                at += n;
                continue;
            }
        }
        if (kind != CHARACTER_MARK)
            lines->marks = 0;
        if (lines->blank) {
            *to++ = ' ';
            lines->blank = false;
        }
        do
            *to++ = *at++;
        while (--n > 0);
    }
    lines->size = (size_t)(to - lines->data);
    return at;
}

static void start_line(struct lines *lines)
{
    lines->size = lines->start;
    lines->blank = false;
    lines->needs = 0;
    lines->marks = 0;
}

/* Makes the line anew from what a repair left; it is not longer than what was there. */
static void put_again(struct lines *lines, struct view text)
{
    start_line(lines);
    reserve(lines, text.size + 1);
    put(lines, text.data, text.data + text.size, LINES_ONE);
}

/* raw: the line as it came; entities first, as they may spell bytes. */
static void repair(struct lines *lines, struct view raw)
{
    for (int round = 0; round < REPAIR_ROUNDS && (lines->needs & (NEEDS_ENTITIES | NEEDS_BYTES)) != 0; round++) {
        bool changed = false;
        struct view again;
        char *out;

        /* From the second round on, raw itself may be the spare; so there are two halves, used in turn. */
        out = spare(lines, 2 * raw.size);
        if (raw.data == out)
            out += raw.size;
        again = (struct view){out, 0};
        if ((lines->needs & NEEDS_ENTITIES) != 0)
            again.size = decode_entities(lines->characters, raw, out, &changed);
        if (!changed && (lines->needs & NEEDS_BYTES) != 0)
            changed = mojibake_repair(raw, out, &again.size);
        if (!changed)
            return;
        put_again(lines, again);
        raw = again;
    }
}

/* ICU's NFC in C speaks UTF-16 only. */
static void compose(struct lines *lines)
{
    UErrorCode error = U_ZERO_ERROR;
    size_t size = lines->size - lines->start;
    int32_t n = 0, n_composed, out = 0;
    UChar *composed;

    if (lines->wide_capacity < 4 * size) {
        lines->wide_capacity = 6 * size;
        lines->wide = ARENA_ARRAY(lines->arena, uint16_t, lines->wide_capacity);
    }
    u_strFromUTF8(lines->wide, (int32_t)size, &n, lines->data + lines->start, (int32_t)size, &error);
    if (U_FAILURE(error) || unorm2_quickCheck(lines->characters->nfc, lines->wide, n, &error) == UNORM_YES)
        return;
    composed = lines->wide + n; /* no character becomes more than three units under NFC (UAX #15, table 9) */
    n_composed = unorm2_normalize(lines->characters->nfc, lines->wide, n, composed, 3 * n, &error);
    if (U_FAILURE(error))
        return;
    lines->size = lines->start;
    reserve(lines, (size_t)n_composed * 3 + 1);
    u_strToUTF8(lines->data + lines->start, n_composed * 3, &out, composed, n_composed, &error);
    lines->size = lines->start + (U_SUCCESS(error) ? (size_t)out : 0);
}

static struct line *add_line(struct lines *lines)
{
    if (lines->n_lines == lines->lines_capacity) {
        lines->lines = arena_grow(lines->arena, lines->lines, lines->lines_capacity * sizeof *lines->lines,
                                  2 * lines->lines_capacity * sizeof *lines->lines);
        lines->lines_capacity *= 2;
    }
    return &lines->lines[lines->n_lines++];
}

static void end_line(struct lines *lines, struct view raw, struct line kind)
{
    if ((lines->needs & (NEEDS_ENTITIES | NEEDS_BYTES)) != 0)
        repair(lines, raw);
    if ((lines->needs & NEEDS_NFC) != 0)
        compose(lines);
    if (lines->size == lines->start) {
        lines->gap++;
    } else {
        struct line *line;
        if (lines->n_lines < LINES_MAX) {
            line = add_line(lines);
            *line = kind;
            line->start = (uint32_t)lines->start;
            line->gap = lines->gap > 255 ? 255 : (uint8_t)lines->gap;
        } else {
            line = &lines->lines[lines->n_lines - 1];
            lines->data[lines->start - 1] = ' ';
        }
        line->size = (uint32_t)(lines->size - line->start);
        lines->gap = 0;
        reserve(lines, 1);
        lines->data[lines->size++] = '\n';
    }
    lines->start = lines->size;
    start_line(lines);
}

void lines_add(struct lines *lines, struct view text, struct line kind, enum lines_how how)
{
    const char *at = view_begin(text), *end = at + text.size;

    while (at < end) {
        const char *raw = at;

        reserve(lines, (size_t)(end - at) + 1);
        at = put(lines, at, end, how);
        end_line(lines, (struct view){raw, (size_t)(at - raw)}, kind);
        if (at < end) { /* the break itself */
            bool is_return = *at == '\r';
            unsigned n;
            utf8_read(at, &n);
            at += n;
            if (is_return && at < end && *at == '\n')
                at++;
        }
    }
}

void lines_end(struct lines *lines, struct article *article)
{
    article->buffer = (struct view){lines->data, lines->size};
    article->lines = lines->lines;
    article->n_lines = lines->n_lines;
}

void lines_prepend(struct lines *lines, struct view text, struct line kind)
{
    struct lines all;

    lines_begin(&all, lines->characters, lines->arena, text.size + lines->size);
    lines_add(&all, text, kind, LINES_ONE);
    if (all.n_lines == 0)
        return;
    reserve(&all, lines->size);
    memcpy(all.data + all.size, lines->data, lines->size);
    for (size_t i = 0; i < lines->n_lines; i++) {
        struct line *line = add_line(&all);
        *line = lines->lines[i];
        line->start += (uint32_t)all.size;
    }
    all.size += lines->size;
    all.start = all.size;
    *lines = all;
}

struct view lines_clean(const struct characters *characters, struct arena *arena, struct view text)
{
    struct line line;
    struct lines lines = {.characters = characters, .arena = arena, .lines = &line, .lines_capacity = 1};

    lines.capacity = text.size + 2;
    lines.data = arena_alloc(arena, lines.capacity);
    lines_add(&lines, text, (struct line){0}, LINES_ONE);
    if (lines.n_lines == 0)
        return VIEW_NONE;
    return (struct view){lines.data, lines.size - 1};
}
