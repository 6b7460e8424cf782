/* decode: any bytes are either an article with an id, or a rejection. */
#include "tests/fuzz/harness.h"

#include "processors/utf8.h"

#include <stdlib.h>

const unsigned harness_formats = 1u << INPUT_JSON;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct message message = harness_message(data, size);
    const struct article *article;

    if (harness_rooms(INPUT_JSON, &message, 1, &article) != STATUS_OK)
        return 0;
    if (article->given.id.size == 0 || !utf8_valid(article->given.title, NULL) || !utf8_valid(article->given.body, NULL)
        || !utf8_valid(article->given.html, NULL))
        abort();
    return 0;
}
