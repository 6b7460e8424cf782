#include "consumer/dead/printable.h"

#include "processors/utf8.h"

/* The code point at the beginning, or 0 and size 1 if the bytes are no UTF-8. */
static uint32_t read_point(struct view bytes, unsigned *ret_size)
{
    for (unsigned size = 1; size <= 4 && size <= bytes.size; size++)
        if (utf8_valid(view_slice(bytes, 0, size), NULL))
            return utf8_read(bytes.data, ret_size);
    *ret_size = 1;
    return 0;
}

static bool is_obeyed(uint32_t point)
{
    return point < 0x20 || (point >= 0x7f && point < 0xa0) || point == 0x061c || point == 0x200e || point == 0x200f ||
           (point >= 0x2028 && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069);
}

static void write_one(FILE *out, struct view bytes, uint32_t point, enum printable_lines lines)
{
    if ((point == '\n' || point == '\t' || point == '\r') && lines == PRINTABLE_ONE_LINE)
        fputc(' ', out);
    else if (point == '\n' || point == '\t')
        fputc((int)point, out);
    else if (bytes.size == 1 && (point == 0 || is_obeyed(point)))
        fprintf(out, "\\x%02x", (unsigned char)bytes.data[0]);
    else if (is_obeyed(point))
        fprintf(out, "\\u%04x", point);
    else
        fwrite(bytes.data, 1, bytes.size, out);
}

void printable_write(FILE *out, struct view bytes, enum printable_lines lines, size_t max)
{
    size_t n = 0;

    while (bytes.size > 0) {
        unsigned size;
        uint32_t point = read_point(bytes, &size);

        if (max > 0 && n++ == max) {
            fputs("…", out);
            return;
        }
        write_one(out, view_slice(bytes, 0, size), point, lines);
        bytes = view_slice(bytes, size, bytes.size - size);
    }
}
