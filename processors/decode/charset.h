/*
 * decode_charset: bare documents in any charset, as UTF-8.
 *
 * What is valid UTF-8 is UTF-8, whatever it says of itself: no other charset makes valid UTF-8 by chance in a text
 * of any length.  Else the first that knows: byte order mark, the declared name, the page's own <meta>, ICU's guess.
 *
 * Thread-safety: pure functions (ICU's converters are opened and closed inside).
 */
#ifndef PROCESSORS_DECODE_CHARSET_H
#define PROCESSORS_DECODE_CHARSET_H

#include "processors/arena.h"
#include "processors/status.h"
#include "processors/view.h"

/* declared: a charset's name, or a content type with "charset="; absent if there is none.
 * STATUS_REJECT "undecodable": nothing could make sense of the bytes.  Bytes that a charset does not know are U+FFFD.
 * */
enum status charset_to_utf8(struct arena *arena, struct view bytes, struct view declared, bool is_html,
                            struct view *ret_utf8, struct err *err);

#endif
