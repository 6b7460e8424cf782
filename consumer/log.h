/*
 * log: one line per event on stderr, key=value, with its origin.
 *
 *     ts=2026-03-01T10:20:30.123Z level=warn event=reject room=decode origin=news.raw/3@88121 reason="…" suppressed=41
 *
 * Only consumer/ logs.  The level says who has to act: error a human now, warn a human some day, info nobody.
 * Each place in the code that logs is limited to LOG_BURST lines a second; what was left out is counted in `suppressed` of
 * its next line.  Values with blanks, quotes, or control characters are quoted and escaped by log_quote().
 *
 * Thread-safety: any thread, any time; a line is written by one write(2).
 */
#ifndef CONSUMER_LOG_H
#define CONSUMER_LOG_H

#include "processors/view.h"

#include <stdatomic.h>

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

enum { LOG_BURST = 10 };

struct log_site {
    _Atomic long long second;
    atomic_uint in_second;
    atomic_uint suppressed;
};

void log_threshold(enum log_level level);
bool log_wanted(enum log_level level);

/* Use LOG().  site == NULL: never held back; for what is said once, such as the settings at the start. */
void log_event(struct log_site *site, enum log_level level, const char *event, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* LOG(LOG_WARN, "reject", "room=%s reason=%s", room, LOG_QUOTE(text)); */
#define LOG(level, event, ...)                                           \
    do {                                                                 \
        static struct log_site log_site_;                                \
        if (log_wanted(level))                                           \
            log_event(&log_site_, (level), (event), __VA_ARGS__);        \
    } while (0)

/* Quoted if need be, cut to what fits; the buffer is the expression's own. */
enum { LOG_QUOTED_MAX = 400 };
const char *log_quote(char buffer[LOG_QUOTED_MAX], struct view value);
#define LOG_QUOTE(string) log_quote((char[LOG_QUOTED_MAX]){0}, view_of(string))

#endif
