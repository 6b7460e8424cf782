#include "processors/decode.h"

static enum status decode_run(const void *tables, void *scratch, struct article *article, struct err *err)
{
    (void)tables, (void)scratch, (void)article, (void)err;
    return STATUS_OK;
}

const struct stage decode_stage = {.name = "decode", .summary = "", .writes = FIELD_GIVEN, .run = decode_run};
