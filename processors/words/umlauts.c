#include "processors/words/umlauts.h"

#include "processors/utf8.h"

struct view umlauts_spelled(struct view text, char buffer[UMLAUTS_BYTES])
{
    size_t n = 0;
    bool any = false;
    unsigned size;

    if (text.size > UMLAUTS_BYTES) /* an umlaut is two bytes in both spellings */
        return VIEW_NONE;
    for (size_t i = 0; i < text.size; i += size) {
        static const struct { uint32_t point; char letter; } umlauts[] = {
            {0xe4, 'a'}, {0xf6, 'o'}, {0xfc, 'u'}, {0xc4, 'A'}, {0xd6, 'O'}, {0xdc, 'U'},
        };
        uint32_t point = utf8_read(text.data + i, &size);
        bool is_umlaut = false;
        for (size_t u = 0; u < sizeof umlauts / sizeof *umlauts; u++)
            if (point == umlauts[u].point) {
                buffer[n++] = umlauts[u].letter;
                buffer[n++] = 'e';
                is_umlaut = any = true;
            }
        if (!is_umlaut) {
            memcpy(buffer + n, text.data + i, size);
            n += size;
        }
    }
    return any ? (struct view){buffer, n} : VIEW_NONE;
}
