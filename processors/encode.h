#ifndef PROCESSORS_ENCODE_H
#define PROCESSORS_ENCODE_H

#include "processors/stage.h"

extern const struct stage encode_stage;

#endif
