#include "processors/encode.h"

static enum status encode_run(const void *tables, void *scratch, struct article *article, struct err *err)
{
    (void)tables, (void)scratch, (void)article, (void)err;
    return STATUS_OK;
}

const struct stage encode_stage = {.name = "encode", .summary = "", .writes = FIELD_ENCODED, .run = encode_run};
