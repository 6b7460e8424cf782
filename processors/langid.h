#ifndef PROCESSORS_LANGID_H
#define PROCESSORS_LANGID_H

#include "processors/stage.h"

extern const struct stage langid_stage;

#endif
