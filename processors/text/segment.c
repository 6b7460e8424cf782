#include "processors/text/segment.h"

#include <unicode/unorm2.h>

enum { ZERO_WIDTH_SPACE = 0x200b };

static bool is_open(struct segmenter *segmenter)
{
    UErrorCode error = U_ZERO_ERROR;

    if (segmenter->iterator == NULL)
        segmenter->iterator = ubrk_open(UBRK_WORD, "", NULL, 0, &error);
    return segmenter->iterator != NULL && U_SUCCESS(error);
}

enum status segment_open(struct segmenter *segmenter, struct err *err)
{
    segmenter->iterator = NULL;
    segment_forget(segmenter);
    return is_open(segmenter) ? STATUS_OK : fail(err, STATUS_FATAL, "ICU has no rules for words");
}

void segment_done(struct segmenter *segmenter)
{
    if (segmenter->iterator != NULL)
        ubrk_close(segmenter->iterator);
    segmenter->iterator = NULL;
}

void segment_forget(struct segmenter *segmenter)
{
    segmenter->from = segmenter->until = 0;
    segmenter->n = segmenter->next = 0;
}

/* Does the stretch go on with this code point?  Marks do not change it, whatever their script. */
static bool goes_on(const struct point *info, uint8_t flags, uint8_t script)
{
    if (info->class == POINT_MARK)
        return true;
    if (info->class != POINT_LETTER)
        return false;
    return (flags & POINT_SINGLE) != 0 ? (info->flags & POINT_SINGLE) != 0 : info->script == script;
}

/* The last unit and this mark as one letter, if there is one (voiced Kana): both normal forms are to be cut alike. */
static bool is_composed(UChar *last, uint32_t mark)
{
    UErrorCode error = U_ZERO_ERROR;
    UChar32 both = U16_IS_SURROGATE(*last)
        ? U_SENTINEL : unorm2_composePair(unorm2_getNFCInstance(&error), *last, (UChar32)mark);

    if (both < 0 || both > 0xffff)
        return false;
    *last = (UChar)both;
    return true;
}

/* Takes the stretch, or a piece of it, as UTF-16; sets where it ends.  Returns the units. */
static int32_t take_units(struct segmenter *segmenter, const struct text_tables *tables, const char *data, size_t i,
                          size_t end, size_t *ret_end)
{
    unsigned size;
    const struct point *info = point_of(tables, utf8_read(data + i, &size));
    uint8_t flags = info->flags, script = info->script;
    int32_t n = 0;

    while (i < end && n < SEGMENT_UNITS - 1) {
        uint32_t point = utf8_read(data + i, &size);
        info = point_of(tables, point);
        if (info->class == POINT_IGNORABLE && point != ZERO_WIDTH_SPACE) {
            i += size;
            continue;
        }
        if (n > 0 && !goes_on(info, flags, script))
            break;
        if (n > 0 && info->class == POINT_MARK && is_composed(&segmenter->units[n - 1], point)) {
            i += size;
            continue;
        }
        segmenter->bytes[n] = (uint32_t)i;
        if (point > 0xffff)
            segmenter->bytes[n + 1] = (uint32_t)i;
        U16_APPEND_UNSAFE(segmenter->units, n, point);
        i += size;
    }
    segmenter->bytes[n] = (uint32_t)i;
    *ret_end = i;
    return n;
}

/* ICU's cuts of the units, as places in the buffer; none before a mark, which belongs to the letter before it. */
static void note_ends(struct segmenter *segmenter, const struct text_tables *tables, int32_t n, int32_t sure)
{
    UErrorCode error = U_ZERO_ERROR;
    int32_t at;

    segmenter->n = 0;
    if (!is_open(segmenter))
        return;
    ubrk_setText(segmenter->iterator, segmenter->units, n, &error);
    if (U_FAILURE(error))
        return;
    while ((at = ubrk_next(segmenter->iterator)) != UBRK_DONE && at <= sure) {
        if (at < n && (point_of(tables, segmenter->units[at])->class == POINT_MARK || U16_IS_TRAIL(segmenter->units[at])))
            continue;
        segmenter->ends[segmenter->n++] = segmenter->bytes[at];
    }
}

static void fill(struct segmenter *segmenter, const struct text_tables *tables, const char *data, size_t i, size_t end)
{
    size_t until;
    int32_t n = take_units(segmenter, tables, data, i, end, &until);
    bool whole = n < SEGMENT_UNITS - 1;

    note_ends(segmenter, tables, n, whole ? n : n - SEGMENT_DOUBTFUL);
    if (segmenter->n == 0 || (whole && segmenter->ends[segmenter->n - 1] != until))
        segmenter->ends[segmenter->n++] = (uint32_t)until;
    segmenter->from = i;
    segmenter->until = segmenter->ends[segmenter->n - 1];
    segmenter->next = 0;
}

size_t segment_at(struct segmenter *segmenter, const struct text_tables *tables, const char *data, size_t i, size_t end,
                  size_t *ret_start)
{
    if (i < segmenter->from || i >= segmenter->until)
        fill(segmenter, tables, data, i, end);
    else if (segmenter->next > 0 && segmenter->ends[segmenter->next - 1] > i)
        segmenter->next = 0;
    while (segmenter->ends[segmenter->next] <= i)
        segmenter->next++;
    *ret_start = segmenter->next == 0 ? segmenter->from : segmenter->ends[segmenter->next - 1];
    return segmenter->ends[segmenter->next];
}
