#ifndef PROCESSORS_ESCALATION_H
#define PROCESSORS_ESCALATION_H

#include "processors/stage.h"

extern const struct stage escalation_stage;

#endif
