#include "processors/decode/fields.h"

#include "processors/decode/decode.h"
#include "processors/utf8.h"

#include <stdio.h>

enum {
    SHOWN_MAX = 60,        /* bytes of an unreadable value shown in a warning */
    WARNINGS_MAX = 32,     /* a hostile message shall not fill the output with complaints */
    LINE_MAX_BYTES = 2048, /* of url, source, author, language, a tag; each mention carries some of them */
};

void given_warn(struct article *article, const char *format, ...)
{
    struct given *given = &article->given;
    struct view *warnings = (struct view *)given->warnings;
    char text[256];
    va_list arguments;
    int size;

    if (given->n_warnings == WARNINGS_MAX)
        return;
    if (warnings == NULL)
        warnings = ARENA_ARRAY(article->arena, struct view, WARNINGS_MAX);
    va_start(arguments, format);
    size = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (size < 0)
        return;
    if ((size_t)size >= sizeof text)
        for (size = sizeof text - 1; !utf8_valid((struct view){text, (size_t)size}, NULL);)
            size--; /* it was cut inside a character */
    warnings[given->n_warnings++] = arena_copy(article->arena, (struct view){text, (size_t)size});
    given->warnings = warnings;
}

/* The beginning of a text for a warning, cut between code points. */
static struct view shown(struct view text)
{
    if (text.size > SHOWN_MAX)
        for (text.size = SHOWN_MAX; text.size > 0 && !utf8_is_start(text.data[text.size]);)
            text.size--;
    return text;
}

/* A field of one line: without control characters and the space around it; absent if nothing is left. */
struct view field_line(struct arena *arena, struct view text)
{
    struct view copy = arena_copy(arena, text);
    char *data = (char *)copy.data;

    for (size_t i = 0; i < copy.size; i++)
        if ((unsigned char)data[i] < 0x20 || data[i] == 0x7f)
            data[i] = ' ';
    copy = view_trim(copy);
    return copy.size == 0 ? VIEW_NONE : copy;
}

/* Such fields go into every mention, so they are bounded; for the id see settle_id(). */
struct view field_keep(struct article *article, enum input_field field, struct view line)
{
    if (line.size <= LINE_MAX_BYTES || field == INPUT_ID)
        return line;
    given_warn(article, "%s: %zu bytes long, at most %d are taken: '%.*s…'", input_field_name(field), line.size,
               LINE_MAX_BYTES, VIEW_PRINT(shown(line)));
    return VIEW_NONE;
}

int64_t field_date(struct article *article, struct zone *zone, enum input_field field, struct view text)
{
    int64_t ms = TIME_NONE;

    if (!date_read(zone, text, &ms))
        given_warn(article, "%s: unreadable date '%.*s'", input_field_name(field), VIEW_PRINT(shown(text)));
    return ms;
}
