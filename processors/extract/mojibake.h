/*
 * extract_mojibake: UTF-8 that somebody read as Windows-1252 or Latin-1 and wrote as UTF-8 again ("fÃ¼r", "Ø§Ù„").
 *
 * A line is turned back only if that is certain: no accented letter of it stands for itself alone, what the sequences
 * spell are characters of living scripts, and there is more in favour than a letter before a closing quotation mark
 * ("CAFÉ»" happens to be valid too).
 *
 * Thread-safety: pure functions.
 */
#ifndef PROCESSORS_EXTRACT_MOJIBAKE_H
#define PROCESSORS_EXTRACT_MOJIBAKE_H

#include "processors/view.h"

#include <stdint.h>

/* Could this character, followed by that one, be two bytes of UTF-8?  A cheap first sign. */
bool mojibake_suspect(uint32_t first, uint32_t second);

/* out: room for line.size bytes.  False: out holds nothing of use. */
bool mojibake_repair(struct view line, char *out, size_t *ret_size);

/* What Windows-1252 has at 0x80 to 0x9f; for character references such as &#150; too. */
uint32_t mojibake_windows_1252(unsigned char byte);

#endif
