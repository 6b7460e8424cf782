#include "processors/extract.h"

static enum status extract_run(const void *tables, void *scratch, struct article *article, struct err *err)
{
    (void)tables, (void)scratch, (void)article, (void)err;
    return STATUS_OK;
}

const struct stage extract_stage = {.name = "extract", .summary = "", .writes = FIELD_LINES, .run = extract_run};
