#include "processors/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static enum status fill(struct err *err, enum status status, const char *reason, const char *format, va_list arguments)
    __attribute__((format(printf, 4, 0)));

static enum status fill(struct err *err, enum status status, const char *reason, const char *format, va_list arguments)
{
    if (err != NULL) {
        err->status = status;
        err->reason = reason;
        vsnprintf(err->text, sizeof err->text, format, arguments);
    }
    return status;
}

enum status fail(struct err *err, enum status status, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    fill(err, status, "", format, arguments);
    va_end(arguments);
    return status;
}

enum status reject(struct err *err, const char *reason, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    fill(err, STATUS_REJECT, reason, format, arguments);
    va_end(arguments);
    return STATUS_REJECT;
}

void err_prefix(struct err *err, const char *place)
{
    char text[sizeof err->text];

    if (err == NULL)
        return;
    memcpy(text, err->text, sizeof text);
    snprintf(err->text, sizeof err->text, "%s: %.*s", place, (int)(sizeof text / 2), text);
}
