#include "processors/stage.h"

#include "processors/cleanup/cleanup.h"
#include "processors/decode/decode.h"
#include "processors/encode/encode.h"
#include "processors/entities/entities.h"
#include "processors/escalation/escalation.h"
#include "processors/extract/extract.h"
#include "processors/langid/langid.h"
#include "processors/text/text.h"

const struct stage *const stage_order[STAGES] = {
    &decode_stage, &extract_stage, &text_stage, &langid_stage, &cleanup_stage, &entities_stage, &escalation_stage, &encode_stage,
};

enum status stage_order_check(struct err *err)
{
    unsigned written = FIELD_MESSAGE;

    for (size_t i = 0; i < STAGES; i++) {
        if ((stage_order[i]->reads & ~written) != 0)
            return fail(err, STATUS_FATAL, "room %s reads fields (mask 0x%x) that no room before it writes",
                        stage_order[i]->name, stage_order[i]->reads & ~written);
        written |= stage_order[i]->writes;
    }
    return STATUS_OK;
}
