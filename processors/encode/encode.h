/*
 * encode: writes down what the other rooms have found, as schemas/enriched.schema.json and
 * schemas/mention.schema.json say.
 *
 * Reads everything, writes article->encoded, encoded_mentions, event_time_ms and piece.out.
 *
 * Output fields are put together from pieces (fields.h); names and triggers that do not lie inside one piece of
 * text or title are left out, as they would have no place.  If cleanup left no pieces, title lines are the title and
 * body lines the text.
 *
 * Limits: a mention's sentence is at most ENCODE_SENTENCE_BYTES long (cut round the trigger), an article has at most
 * ENCODE_MENTIONS_MAX mentions (what is left out is a warning).  Above output.max.bytes `dropped` is left out, then
 * `extra` (both with a warning), then the article is rejected as "oversized"; nothing larger is ever put together.
 *
 * A mention's id is the XXH3-128 of: the article's id, the folded words of its sentence, direction, kind, the folded
 * words of its trigger, and how many equal ones came before it.  So it stays when other sentences are cleaned or read
 * otherwise.
 *
 * Dyads: each actor with each target; actors without any target are pairs among each other, in alphabetical order.
 * A party is the alpha-3 code of the state it stands for, else the entity's id; a dyad's score is the sum of its
 * mentions' weights, escalation positive, within -1 and 1.
 *
 * Thread-safety: tables are read-only, there is no scratch.
 */
#ifndef PROCESSORS_ENCODE_ENCODE_H
#define PROCESSORS_ENCODE_ENCODE_H

#include "processors/stage.h"

enum {
    ENCODE_SENTENCE_BYTES = 1000,
    ENCODE_MENTIONS_MAX = 500,
};

extern const struct stage encode_stage;

#endif
