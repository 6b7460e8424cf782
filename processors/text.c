#include "processors/text.h"

static enum status text_run(const void *tables, void *scratch, struct article *article, struct err *err)
{
    (void)tables, (void)scratch, (void)article, (void)err;
    return STATUS_OK;
}

const struct stage text_stage = {.name = "text", .summary = "", .reads = FIELD_LINES, .writes = FIELD_TOKENS, .run = text_run};
