/*
 * decode: what the message says of itself.
 *
 * Reads the message, writes article->given.  input.format says what a value is: a JSON object (json), the body (text)
 * or a page (html); the last two have their other fields in headers.  input.map.FIELD names another path or header.
 *
 * Policy.  A message is refused only if the article itself cannot be had; all else is a warning:
 *     skipped      no value (a tombstone)
 *     oversized    more bytes than input.max.bytes
 *     undecodable  an empty value, invalid UTF-8 in JSON (with the offset), JSON that is broken or cut off, or nested
 *                  deeper than jansson goes (2048), with line and column
 *     invalid      not an object; none of title, body, html; one of these three is not a string
 *     warning      any other field of a wrong type or an unreadable date: the field is absent
 * Repaired, with a warning: halves of surrogate pairs (\ud83d alone) become U+FFFD.  Accepted silently: a byte order
 * mark, \u0000 (removed by extract), duplicate names (the last one counts), null (absent), a number as id, a list of
 * authors. A url, source, author, language or tag of more than 2048 bytes is absent with a warning; an id of more than
 * 512 bytes becomes "h:" and its hash.
 * Numbers that 64 bits cannot hold are read as their digits, so an id of thirty digits is kept exactly.
 *
 * `extra` has every other member of the object with its bytes as they came (repaired surrogates excepted).
 * The id is the message's own, else "u:" and a 128-bit hash of the url, else "o:TOPIC/PARTITION/OFFSET".
 *
 * Text and html that are not UTF-8 are converted by what the content-type header, a byte order mark or the page's own
 * <meta> says, else by ICU's guess (charset.h).
 *
 * Thread-safety: tables are read-only; the scratch (ICU's calendar) belongs to one worker.
 */
#ifndef PROCESSORS_DECODE_DECODE_H
#define PROCESSORS_DECODE_DECODE_H

#include "processors/dates.h"
#include "processors/stage.h"

extern const struct stage decode_stage;

/* Adds one line to given.warnings; also for rooms behind. */
void given_warn(struct article *article, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
