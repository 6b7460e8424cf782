#ifndef PROCESSORS_CLEANUP_H
#define PROCESSORS_CLEANUP_H

#include "processors/stage.h"

extern const struct stage cleanup_stage;

#endif
