#ifndef PROCESSORS_EXTRACT_H
#define PROCESSORS_EXTRACT_H

#include "processors/stage.h"

extern const struct stage extract_stage;

#endif
