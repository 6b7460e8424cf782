#include "processors/decode/charset.h"

#include "processors/utf8.h"

#include <unicode/ucnv.h>
#include <unicode/ucsdet.h>

enum {
    META_WITHIN = 4096,    /* a page must name its charset in the first 1024 bytes; many are late */
    GUESS_FROM = 16384,    /* bytes shown to the detector: it takes a millisecond for 4 KB */
    CHARSET_NAME_MAX = 40,
};

/* Finds "charset=" and what follows it. */
static bool find_charset(struct view in, struct view *ret_name)
{
    for (size_t i = 0; i + 8 < in.size; i++) {
        size_t start = i + 8, end;

        if (strncasecmp(in.data + i, "charset=", 8) != 0)
            continue;
        while (start < in.size && strchr("\"' ", in.data[start]) != NULL && in.data[start] != '\0')
            start++;
        for (end = start; end < in.size && (in.data[end] & 0x80) == 0 && in.data[end] > ' ' &&
             strchr("\"';>/", in.data[end]) == NULL;)
            end++;
        *ret_name = view_slice(in, start, end - start);
        return end > start;
    }
    return false;
}

/* The charset that a page's <meta> names; scripts and links to other pages name theirs, too. */
static bool find_meta(struct view page, struct view *ret_name)
{
    const char *at = page.data, *end = page.data + page.size, *close;

    for (; (at = memchr(at, '<', (size_t)(end - at))) != NULL; at++) {
        if (end - at < 6 || strncasecmp(at, "<meta", 5) != 0)
            continue;
        close = memchr(at, '>', (size_t)(end - at));
        if (close != NULL && find_charset((struct view){at, (size_t)(close - at)}, ret_name))
            return true;
    }
    return false;
}

/* A copy of the name for ICU.  Pages name a charset and write in a larger one (WHATWG Encoding, section 4.2). */
static bool copy_name(struct view name, char buffer[CHARSET_NAME_MAX])
{
    static const struct { const char *named, *meant; } meant[] = {
        {"iso-8859-1", "windows-1252"}, {"latin1", "windows-1252"}, {"us-ascii", "windows-1252"},
        {"iso-8859-9", "windows-1254"}, {"gb2312", "gb18030"}, {"gbk", "gb18030"}, {"shift_jis", "windows-31j"},
        {"euc-kr", "windows-949"}, {"tis-620", "windows-874"}, {"iso-8859-11", "windows-874"},
    };

    if (name.size == 0 || name.size >= CHARSET_NAME_MAX)
        return false;
    memcpy(buffer, name.data, name.size);
    buffer[name.size] = '\0';
    for (size_t i = 0; i < sizeof meant / sizeof *meant; i++)
        if (strcasecmp(buffer, meant[i].named) == 0) {
            strcpy(buffer, meant[i].meant);
            break;
        }
    return true;
}

static bool convert(struct arena *arena, struct view bytes, const char *name, struct view *ret_utf8)
{
    UErrorCode error = U_ZERO_ERROR;
    UConverter *from = ucnv_open(name, &error);
    UConverter *to = ucnv_open("UTF-8", &error);
    bool done = false;

    if (U_SUCCESS(error)) {
        /* One byte becomes at most three (a one-byte charset's, all of them in the basic plane; U+FFFD has three). */
        size_t capacity = bytes.size * 3 + 16;
        char *data = arena_alloc(arena, capacity), *target = data;
        const char *source = bytes.data;

        ucnv_convertEx(to, from, &target, data + capacity, &source, bytes.data + bytes.size, NULL, NULL, NULL, NULL, 1,
                       1, &error);
        done = U_SUCCESS(error);
        arena_shrink(arena, data, capacity, (size_t)(target - data));
        if (done)
            *ret_utf8 = (struct view){data, (size_t)(target - data)};
    }
    ucnv_close(from);
    ucnv_close(to);
    return done;
}

static bool guess(struct view bytes, char buffer[CHARSET_NAME_MAX])
{
    UErrorCode error = U_ZERO_ERROR;
    UCharsetDetector *detector = ucsdet_open(&error);
    const UCharsetMatch *match;
    bool found = false;

    if (U_SUCCESS(error)) {
        ucsdet_setText(detector, bytes.data, bytes.size < GUESS_FROM ? (int32_t)bytes.size : GUESS_FROM, &error);
        match = ucsdet_detect(detector, &error);
        if (U_SUCCESS(error) && match != NULL)
            found = copy_name(view_of(ucsdet_getName(match, &error)), buffer);
    }
    ucsdet_close(detector);
    return found;
}

enum status charset_to_utf8(struct arena *arena, struct view bytes, struct view declared, bool is_html,
                            struct view *ret_utf8, struct err *err)
{
    char name[CHARSET_NAME_MAX];
    struct view found;
    int32_t mark_size = 0;
    UErrorCode error = U_ZERO_ERROR;
    const char *mark;

    if (bytes.size >= 3 && memcmp(bytes.data, "\xef\xbb\xbf", 3) == 0)
        bytes = view_slice(bytes, 3, bytes.size - 3);
    if (utf8_valid(bytes, NULL)) {
        *ret_utf8 = bytes;
        return STATUS_OK;
    }
    mark = ucnv_detectUnicodeSignature(bytes.data, bytes.size < 16 ? (int32_t)bytes.size : 16, &mark_size, &error);
    if (mark != NULL && convert(arena, view_slice(bytes, (size_t)mark_size, bytes.size - (size_t)mark_size), mark,
                                ret_utf8))
        return STATUS_OK;
    if (declared.size > 0 &&
        copy_name(find_charset(declared, &found) ? found : declared, name) && convert(arena, bytes, name, ret_utf8))
        return STATUS_OK;
    if (is_html && find_meta(view_slice(bytes, 0, bytes.size < META_WITHIN ? bytes.size : META_WITHIN), &found) &&
        copy_name(found, name) && convert(arena, bytes, name, ret_utf8))
        return STATUS_OK;
    if (guess(bytes, name) && convert(arena, bytes, name, ret_utf8))
        return STATUS_OK;
    return reject(err, "undecodable", "the bytes are not UTF-8, and no other charset was named or could be guessed");
}
