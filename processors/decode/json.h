/*
 * decode_json: a message that is a JSON object.  What is refused, repaired or passed over: decode.h.
 */
#ifndef PROCESSORS_DECODE_JSON_H
#define PROCESSORS_DECODE_JSON_H

#include "processors/decode/fields.h"

/* Once, before there are threads. */
void decode_json_init(void);

/* Fills article->given but for a derived id. */
enum status decode_json(const struct decode_tables *tables, struct decode_scratch *scratch, struct article *article,
                        struct err *err);

#endif
