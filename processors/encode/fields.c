#include "processors/encode/fields.h"

#include "processors/utf8.h"

/* One output field while it grows. */
struct field {
    struct arena *arena;
    const char *between_lines;
    char *data;
    size_t size, capacity;
    uint32_t points;
    uint32_t line, end; /* of the last piece in it */
    bool blank;         /* did the last piece end with one? */
};

static void field_put(struct field *field, struct view text)
{
    if (text.size == 0)
        return;
    if (field->capacity - field->size < text.size) {
        size_t capacity = field->capacity == 0 ? 256 : field->capacity;
        while (capacity - field->size < text.size)
            capacity += capacity;
        field->data = arena_grow(field->arena, field->data, field->capacity, capacity);
        field->capacity = capacity;
    }
    memcpy(field->data + field->size, text.data, text.size);
    field->size += text.size;
    field->points += (uint32_t)utf8_points(text);
}

/* Does no blank stand before this character in any script? */
static bool closes(uint32_t point)
{
    static const uint32_t closing[] = {'.', ',', ';', ':', '!', ')', ']', 0xbb, 0x201d, 0x2019, 0x2026, 0x060c, 0x061b,
                                       0x06d4, 0x3001, 0x3002, 0xff0c, 0xff01, 0xff1f, 0x300d, 0xff09};

    for (size_t i = 0; i < sizeof closing / sizeof *closing; i++)
        if (point == closing[i])
            return true;
    return point == '?' || point == 0x061f;
}

/* Han and kana: no blanks between words. */
static bool is_unspaced(uint32_t point)
{
    return point >= 0x3000 && point < 0xa000;
}

static uint32_t last_point(struct view text)
{
    size_t i = text.size - 1;
    unsigned n;

    while (i > 0 && !utf8_is_start(text.data[i]))
        i--;
    return utf8_read(text.data + i, &n);
}

static const char *separator(const struct field *field, const struct piece *piece, struct view text, bool blank_before)
{
    unsigned n;
    uint32_t first;

    if (field->size == 0)
        return "";
    if (piece->line != field->line)
        return field->between_lines;
    if (field->blank || blank_before)
        return " ";
    if (field->end == piece->start)
        return "";
    first = utf8_read(text.data, &n);
    if (closes(first) || (is_unspaced(first) && is_unspaced(last_point((struct view){field->data, field->size}))))
        return "";
    return " ";
}

/* Lines hold no other space than single blanks, so trimming and counting look for these only. */
static void field_add(struct field *field, const struct article *article, struct piece *piece)
{
    struct view text = view_slice(article->buffer, piece->start, piece->size);
    uint32_t before = 0;

    while (before < text.size && text.data[before] == ' ')
        before++;
    text = view_slice(text, before, text.size - before);
    while (text.size > 0 && text.data[text.size - 1] == ' ')
        text.size--;
    if (text.size > 0) {
        field_put(field, view_of(separator(field, piece, text, before > 0)));
        piece->out = field->points - before; /* may be below 0 and wrap; places behind the blanks come out right */
        field_put(field, text);
        field->blank = false;
    } else {
        piece->out = field->points;
    }
    field->blank |= piece->start + piece->size > 0 && piece->size > 0 &&
                    article->buffer.data[piece->start + piece->size - 1] == ' ';
    field->line = piece->line;
    field->end = piece->start + piece->size;
}

static struct view field_view(const struct field *field)
{
    return field->size == 0 ? VIEW_NONE : (struct view){field->data, field->size};
}

/* Brackets, dashes and dividers that stand round a dateline or an agency: "(dpa) –" is dpa. */
static bool is_frame(uint32_t point)
{
    static const uint32_t frames[] = {' ', '(', ')', '[', ']', '/', '|', ':', ',', '.', '-', '+', '*',
                                      0xb7, 0x2010, 0x2012, 0x2013, 0x2014, 0x2015, 0x2022, 0x060c, 0x0640, 0x06d4};

    for (size_t i = 0; i < sizeof frames / sizeof *frames; i++)
        if (point == frames[i])
            return true;
    return false;
}

/* Is its last character a bracket that was opened in it? */
static bool closes_inside(struct view text)
{
    char last = text.data[text.size - 1];

    return (last == ')' && memchr(text.data, '(', text.size) != NULL) ||
           (last == ']' && memchr(text.data, '[', text.size) != NULL);
}

static struct view unframed(struct view text)
{
    unsigned size;

    while (text.size > 0 && is_frame(utf8_read(text.data, &size)))
        text = view_slice(text, size, text.size - size);
    while (text.size > 0 && is_frame(last_point(text)) && !closes_inside(text))
        do
            text.size--;
        while (!utf8_is_start(text.data[text.size]));
    return text.size == 0 ? VIEW_NONE : text;
}

static void pieces_of_lines(struct article *article)
{
    uint32_t at = 0;

    article->pieces = ARENA_ARRAY(article->arena, struct piece, article->n_lines);
    article->n_pieces = article->n_lines;
    for (size_t i = 0; i < article->n_lines; i++) {
        const struct line *line = &article->lines[i];
        article->pieces[i] = (struct piece){
            .start = line->start, .size = line->size, .at = at, .line = (uint32_t)i,
            .fate = line->origin == LINE_TITLE ? FATE_TITLE : FATE_TEXT,
        };
        at += (uint32_t)utf8_points(view_slice(article->buffer, line->start, line->size)) + 1; /* and the newline */
    }
}

void fields_compose(struct article *article, struct fields *ret_fields)
{
    struct field fields[FATE_DROPPED] = {0};

    if (article->n_pieces == 0)
        pieces_of_lines(article);
    for (size_t i = 0; i < FATE_DROPPED; i++)
        fields[i] = (struct field){.arena = article->arena, .between_lines = i == FATE_TEXT ? "\n\n" : " "};
    /* Nearly all of the buffer is text in nearly all articles. */
    fields[FATE_TEXT].capacity = article->buffer.size + article->n_lines + 64;
    fields[FATE_TEXT].data = arena_alloc(article->arena, fields[FATE_TEXT].capacity);
    for (size_t i = 0; i < article->n_pieces; i++) {
        struct piece *piece = &article->pieces[i];
        if (piece->fate == FATE_DROPPED)
            piece->out = fields[FATE_TEXT].points;
        else
            field_add(&fields[piece->fate], article, piece);
    }
    ret_fields->title = field_view(&fields[FATE_TITLE]);
    ret_fields->text = (struct view){fields[FATE_TEXT].data, fields[FATE_TEXT].size};
    ret_fields->author = field_view(&fields[FATE_AUTHOR]);
    ret_fields->dateline = unframed(field_view(&fields[FATE_DATELINE]));
    ret_fields->agency = unframed(field_view(&fields[FATE_AGENCY]));
}

const struct piece *fields_find(const struct article *article, size_t *cursor, uint32_t start, uint32_t end)
{
    const struct piece *piece;

    while (*cursor < article->n_pieces && article->pieces[*cursor].start + article->pieces[*cursor].size <= start)
        (*cursor)++;
    if (*cursor == article->n_pieces)
        return NULL;
    piece = &article->pieces[*cursor];
    if (piece->start > start || piece->start + piece->size < end ||
        (piece->fate != FATE_TEXT && piece->fate != FATE_TITLE))
        return NULL;
    return piece;
}

struct view fields_cut(struct view text, size_t limit)
{
    if (text.size > limit)
        for (text.size = limit; text.size > 0 && !utf8_is_start(text.data[text.size]);)
            text.size--;
    return text;
}
