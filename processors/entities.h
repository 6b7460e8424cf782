#ifndef PROCESSORS_ENTITIES_H
#define PROCESSORS_ENTITIES_H

#include "processors/stage.h"

extern const struct stage entities_stage;

#endif
