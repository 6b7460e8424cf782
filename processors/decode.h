#ifndef PROCESSORS_DECODE_H
#define PROCESSORS_DECODE_H

#include "processors/stage.h"

extern const struct stage decode_stage;

#endif
