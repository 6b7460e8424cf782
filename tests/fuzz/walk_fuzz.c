/* walk: the whole way, the first byte choosing what the rest is taken for. */
#include "tests/fuzz/harness.h"

const unsigned harness_formats = 1u << INPUT_JSON | 1u << INPUT_HTML | 1u << INPUT_TEXT;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct message message;
    const struct article *article;

    if (size == 0)
        return 0;
    message = harness_message(data + 1, size - 1);
    if (harness_rooms((enum input_format)(data[0] % 3), &message, STAGES, &article) == STATUS_OK) {
        harness_check_lines(article);
        harness_check_tokens(article);
        harness_check_pieces(article);
        harness_check_encoded(article);
    }
    return 0;
}
