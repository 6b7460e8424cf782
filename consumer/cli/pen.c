#include "consumer/cli/pen.h"

#include "consumer/dead/printable.h"
#include "processors/utf8.h"

#include <locale.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

enum { PRINT_MAX = 1024, NARROW_MIN = 20 /* columns right of the indent; where there are fewer, nothing is wrapped */ };

bool pen_is_coloured(FILE *out)
{
    const char *terminal = getenv("TERM"), *no_color = getenv("NO_COLOR");

    return isatty(fileno(out)) == 1 && terminal != NULL && strcmp(terminal, "dumb") != 0 &&
           (no_color == NULL || no_color[0] == '\0');
}

void pen_init(struct pen *pen, FILE *out, bool colour)
{
    struct winsize size;

    *pen = (struct pen){.out = out, .colour = colour};
    if (isatty(fileno(out)) == 1 && ioctl(fileno(out), TIOCGWINSZ, &size) == 0)
        pen->width = size.ws_col;
    setlocale(LC_CTYPE, "C.UTF-8"); /* wcwidth() of any language, whatever the user's own is */
}

static void write_style(const struct pen *pen, unsigned style)
{
    static const char *const codes[STYLES] = {"1", "2", "4", "9", "31", "32", "33", "36"};

    if (!pen->colour)
        return;
    fputs("\033[0", pen->out);
    for (unsigned i = 0; i < STYLES; i++)
        if ((style >> i & 1) != 0)
            fprintf(pen->out, ";%s", codes[i]);
    fputc('m', pen->out);
}

void pen_style(struct pen *pen, unsigned style)
{
    if (style != pen->style)
        write_style(pen, style);
    pen->style = style;
}

/* ---- rows ------------------------------------------------------------------------------------------------------- */

static size_t columns_of(uint32_t point)
{
    int columns = wcwidth((wchar_t)point);

    return columns < 0 ? 0 : (size_t)columns;
}

/* Underlines and strokes do not run through the indent. */
static void new_row(struct pen *pen)
{
    if (pen->style != STYLE_PLAIN)
        write_style(pen, STYLE_PLAIN);
    fprintf(pen->out, "\n%*s", (int)pen->indent, "");
    if (pen->style != STYLE_PLAIN)
        write_style(pen, pen->style);
    pen->column = pen->indent;
}

/* What is not divided: the bytes up to the next blank, or one wide character (Han, kana, hangul). */
static size_t unit_size(struct view text, size_t *ret_columns)
{
    size_t at = 0;
    unsigned size;

    for (*ret_columns = 0; at < text.size; at += size) {
        size_t columns = columns_of(utf8_read(text.data + at, &size));
        if (text.data[at] == ' ' || (columns > 1 && at > 0))
            break;
        *ret_columns += columns;
        if (columns > 1)
            return at + size;
    }
    return at;
}

void pen_text(struct pen *pen, struct view text)
{
    bool wraps = pen->width >= pen->indent + NARROW_MIN;

    while (text.size > 0) {
        size_t columns, size = unit_size(text, &columns);

        if (size == 0) {
            fputc(' ', pen->out);
            pen->column++;
            pen->blank = true;
            text = view_slice(text, 1, text.size - 1);
            continue;
        }
        if (wraps && (pen->blank || columns > 1) && pen->column > pen->indent && pen->column + columns > pen->width)
            new_row(pen);
        printable_write(pen->out, view_slice(text, 0, size), PRINTABLE_ONE_LINE, 0);
        pen->column += columns;
        pen->blank = false;
        text = view_slice(text, size, text.size - size);
    }
}

void pen_print(struct pen *pen, const char *format, ...)
{
    char text[PRINT_MAX];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    pen_text(pen, view_of(text));
}

void pen_end(struct pen *pen)
{
    pen_style(pen, STYLE_PLAIN);
    fputc('\n', pen->out);
    pen->column = 0;
    pen->blank = false;
}
