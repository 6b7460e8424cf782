#include "processors/entities.h"

static enum status entities_run(const void *tables, void *scratch, struct article *article, struct err *err)
{
    (void)tables, (void)scratch, (void)article, (void)err;
    return STATUS_OK;
}

const struct stage entities_stage = {.name = "entities", .summary = "", .writes = FIELD_NAMES, .run = entities_run};
