#include "tests/quality/langid/texts.h"

#include <string.h>

const char *const main_languages[MAIN_LANGUAGES] = {"de", "ar", "en", "fr", "ru", "fa", "he", "tr", "es", "uk", "zh"};

bool text_row_of(char *line, struct text_row *ret_row)
{
    char *kind = strchr(line, '\t'), *text = kind == NULL ? NULL : strchr(kind + 1, '\t');

    if (text == NULL || line[0] == '#')
        return false;
    *kind++ = *text++ = '\0';
    text[strcspn(text, "\n")] = '\0';
    *ret_row = (struct text_row){line, kind, view_of(text)};
    return true;
}

bool is_held_out(struct view text)
{
    uint64_t hash = 0xcbf29ce484222325u;

    for (size_t i = 0; i < text.size; i++)
        hash = (hash ^ (unsigned char)text.data[i]) * 0x100000001b3u;
    return (hash >> 32) % 10 == 0;
}
