/*
 * umlauts: "Köln" is "Koeln" where a keyboard or a headline has no umlauts.
 *
 * Thread-safety: pure.  Errors: none.
 */
#ifndef PROCESSORS_WORDS_UMLAUTS_H
#define PROCESSORS_WORDS_UMLAUTS_H

#include "processors/view.h"

enum { UMLAUTS_BYTES = 512 }; /* longer texts are not spelled otherwise */

/* The text with ä, ö, ü as ae, oe, ue, in buffer; an absent view if it has none of them, or is too long. */
struct view umlauts_spelled(struct view text, char buffer[UMLAUTS_BYTES]);

#endif
