/*
 * printable: bytes of strangers on a terminal.
 *
 * What a terminal would obey rather than show is written as an escape: control characters (\x1b), bytes that are no
 * UTF-8 (\xff), and the marks that turn the direction of the text around them (\u202e).
 *
 * Thread-safety: pure.
 */
#ifndef CONSUMER_DEAD_PRINTABLE_H
#define CONSUMER_DEAD_PRINTABLE_H

#include "processors/view.h"

#include <stdio.h>

enum printable_lines { PRINTABLE_LINES, PRINTABLE_ONE_LINE }; /* newline and tab: as they are, or as a blank */

/* max: code points at most, then "…"; 0: all. */
void printable_write(FILE *out, struct view bytes, enum printable_lines lines, size_t max);

#endif
