#include "processors/escalation.h"

static enum status escalation_run(const void *tables, void *scratch, struct article *article, struct err *err)
{
    (void)tables, (void)scratch, (void)article, (void)err;
    return STATUS_OK;
}

const struct stage escalation_stage = {.name = "escalation", .summary = "", .writes = FIELD_EVENTS, .run = escalation_run};
