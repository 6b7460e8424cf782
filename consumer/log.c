#include "consumer/log.h"

#include "processors/utf8.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 8192 };

static _Atomic int log_threshold_now = LOG_INFO;

static const char *const level_names[] = {"debug", "info", "warn", "error"};

void log_threshold(enum log_level level)
{
    atomic_store_explicit(&log_threshold_now, (int)level, memory_order_relaxed);
}

bool log_wanted(enum log_level level)
{
    return (int)level >= atomic_load_explicit(&log_threshold_now, memory_order_relaxed);
}

/* May this place write a line in this second?  If so, *ret_suppressed is how many it had to leave out before.
 * Two threads that enter a new second together may both reset the count: then a few lines more are written. */
static bool site_admits(struct log_site *site, long long second, unsigned *ret_suppressed)
{
    *ret_suppressed = 0;
    if (site == NULL)
        return true;
    if (atomic_exchange_explicit(&site->second, second, memory_order_relaxed) != second)
        atomic_store_explicit(&site->in_second, 0, memory_order_relaxed);
    if (atomic_fetch_add_explicit(&site->in_second, 1, memory_order_relaxed) >= LOG_BURST) {
        atomic_fetch_add_explicit(&site->suppressed, 1, memory_order_relaxed);
        return false;
    }
    *ret_suppressed = atomic_exchange_explicit(&site->suppressed, 0, memory_order_relaxed);
    return true;
}

/* Appends what fits and returns the new end; one byte is always left for the newline. */
static size_t append(char *line, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));

static size_t append(char *line, size_t size, const char *format, ...)
{
    size_t room = LINE_MAX_BYTES - 1 - size;
    va_list arguments;
    int n;

    va_start(arguments, format);
    n = vsnprintf(line + size, room, format, arguments);
    va_end(arguments);
    return n < 0 ? size : size + ((size_t)n < room ? (size_t)n : room - 1);
}

void log_event(struct log_site *site, enum log_level level, const char *event, const char *format, ...)
{
    char line[LINE_MAX_BYTES], text[LINE_MAX_BYTES / 2];
    struct timespec now;
    struct tm utc;
    unsigned suppressed;
    size_t size;
    va_list arguments;

    clock_gettime(CLOCK_REALTIME, &now);
    if (!site_admits(site, now.tv_sec, &suppressed))
        return;
    gmtime_r(&now.tv_sec, &utc);
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    size = strftime(line, sizeof line, "ts=%Y-%m-%dT%H:%M:%S", &utc);
    size = append(line, size, ".%03ldZ level=%s event=%s", now.tv_nsec / 1000000, level_names[level], event);
    if (text[0] != '\0')
        size = append(line, size, " %s", text);
    if (suppressed > 0)
        size = append(line, size, " suppressed=%u", suppressed);
    /* Whatever a caller forgot to quote: one event stays one line. */
    for (size_t i = 0; i < size; i++)
        if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
            line[i] = ' ';
    line[size++] = '\n';
    while (write(STDERR_FILENO, line, size) < 0) {
        if (errno != EINTR)
            break; /* there is no other place to complain */
    }
}

static bool is_plain(struct view value)
{
    if (value.size == 0)
        return false;
    for (size_t i = 0; i < value.size; i++) {
        unsigned char byte = (unsigned char)value.data[i];
        if (byte <= 0x20 || byte == 0x7f || byte == '"' || byte == '\\' || byte == '=')
            return false;
    }
    return utf8_valid(value, NULL);
}

/* One code point, or one byte that is none, as it stands between quotes; returns how much of the value it took. */
static size_t quote_one(struct view rest, char ret_text[8])
{
    unsigned char byte = (unsigned char)rest.data[0];
    size_t size = byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;

    if (byte == '"' || byte == '\\')
        snprintf(ret_text, 8, "\\%c", byte);
    else if (byte == '\n')
        snprintf(ret_text, 8, "\\n");
    else if (byte == '\t')
        snprintf(ret_text, 8, "\\t");
    else if (byte < 0x20 || byte == 0x7f || size > rest.size || !utf8_valid(view_slice(rest, 0, size), NULL)) {
        snprintf(ret_text, 8, "\\x%02x", byte);
        return 1;
    } else
        snprintf(ret_text, 8, "%.*s", (int)size, rest.data);
    return size;
}

const char *log_quote(char buffer[LOG_QUOTED_MAX], struct view value)
{
    static const char cut[] = "…\"";
    size_t used = 0;

    if (is_plain(value) && value.size < LOG_QUOTED_MAX) {
        memcpy(buffer, value.data, value.size);
        buffer[value.size] = '\0';
        return buffer;
    }
    buffer[used++] = '"';
    while (value.size > 0) {
        char text[8];
        size_t taken = quote_one(value, text);
        size_t size = strlen(text);

        if (used + size + sizeof cut > LOG_QUOTED_MAX) {
            memcpy(buffer + used, cut, sizeof cut);
            return buffer;
        }
        memcpy(buffer + used, text, size);
        used += size;
        value = view_slice(value, taken, value.size - taken);
    }
    buffer[used++] = '"';
    buffer[used] = '\0';
    return buffer;
}
