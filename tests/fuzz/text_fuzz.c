/* text: any bytes taken for plain text leave lines and tokens in order, on code point borders. */
#include "tests/fuzz/harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct message message = harness_message(data, size);
    const struct article *article;

    if (harness_rooms(INPUT_TEXT, &message, 3, &article) == STATUS_OK) {
        harness_check_lines(article);
        harness_check_tokens(article);
    }
    return 0;
}
