/* html: any bytes taken for a page leave lines in order, of valid UTF-8. */
#include "tests/fuzz/harness.h"

const unsigned harness_formats = 1u << INPUT_HTML;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct message message = harness_message(data, size);
    const struct article *article;

    if (harness_rooms(INPUT_HTML, &message, 2, &article) == STATUS_OK)
        harness_check_lines(article);
    return 0;
}
