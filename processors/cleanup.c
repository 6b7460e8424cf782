#include "processors/cleanup.h"

static enum status cleanup_run(const void *tables, void *scratch, struct article *article, struct err *err)
{
    (void)tables, (void)scratch, (void)article, (void)err;
    return STATUS_OK;
}

const struct stage cleanup_stage = {.name = "cleanup", .summary = "", .writes = FIELD_PIECES | FIELD_LANGUAGE, .run = cleanup_run};
