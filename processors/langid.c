#include "processors/langid.h"

static enum status langid_run(const void *tables, void *scratch, struct article *article, struct err *err)
{
    (void)tables, (void)scratch, (void)article, (void)err;
    return STATUS_OK;
}

const struct stage langid_stage = {.name = "langid", .summary = "", .writes = FIELD_LANGUAGES, .run = langid_run};
