#include "consumer/corridor/headers.h"

#include "consumer/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add_view(rd_kafka_headers_t *headers, struct view name, struct view value)
{
    rd_kafka_header_add(headers, name.data, (ssize_t)name.size, value.data, (ssize_t)value.size);
}

static void add(rd_kafka_headers_t *headers, const char *name, const char *value)
{
    add_view(headers, view_of(name), view_of(value));
}

static void add_number(rd_kafka_headers_t *headers, const char *name, long long value)
{
    char text[24];

    snprintf(text, sizeof text, "%lld", value);
    add(headers, name, text);
}

rd_kafka_headers_t *headers_of_message(const struct message *message)
{
    rd_kafka_headers_t *headers;
    bool traced = false;

    if (message->n_headers == 0)
        return NULL;
    headers = rd_kafka_headers_new(message->n_headers);
    for (size_t i = 0; i < message->n_headers; i++) {
        const struct header *header = &message->headers[i];

        if (view_is(header->name, "traceparent")) {
            if (traced)
                continue;
            traced = true;
        }
        add_view(headers, header->name, header->value);
    }
    return headers;
}

static bool is_ours(struct view name)
{
    static const struct view prefixes[] = {{"__connect.errors.", 17}, {"tocsin.dead.", 12}};

    for (size_t i = 0; i < 2; i++)
        if (name.size >= prefixes[i].size && memcmp(name.data, prefixes[i].data, prefixes[i].size) == 0)
            return true;
    return false;
}

static struct view value_of(const struct message *message, const char *name)
{
    for (size_t i = 0; i < message->n_headers; i++)
        if (view_is(message->headers[i].name, name))
            return message->headers[i].value;
    return VIEW_NONE;
}

static long long attempts_before(const struct message *message)
{
    struct view value = value_of(message, "tocsin.dead.attempts");
    char text[16];
    long long n;

    if (value.data == NULL || value.size >= sizeof text)
        return 0;
    memcpy(text, value.data, value.size);
    text[value.size] = '\0';
    n = strtoll(text, NULL, 10);
    return n > 0 && n < 1000000 ? n : 0;
}

static void add_now(rd_kafka_headers_t *headers, const char *name)
{
    int64_t now_ms = clock_wall_ms();
    time_t seconds = (time_t)(now_ms / 1000);
    char text[40], whole[24];
    struct tm utc;

    gmtime_r(&seconds, &utc);
    strftime(whole, sizeof whole, "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(text, sizeof text, "%s.%03dZ", whole, (int)(now_ms % 1000));
    add(headers, name, text);
}

static void add_reason(rd_kafka_headers_t *headers, const struct failure *failure)
{
    char class[64];

    snprintf(class, sizeof class, "tocsin.%s", failure->reason);
    add(headers, "__connect.errors.stage", failure->stage);
    add(headers, "__connect.errors.exception.class.name", class);
    add(headers, "__connect.errors.exception.message", failure->text);
    add(headers, "tocsin.dead.reason", failure->reason);
}

rd_kafka_headers_t *headers_of_dead(const struct settings *settings, const struct slot *slot,
                                    const struct remains *remains)
{
    const struct message *message = &slot->message;
    rd_kafka_headers_t *headers = rd_kafka_headers_new(message->n_headers + 14);
    struct view first_failed_at = value_of(message, "tocsin.dead.first_failed_at");

    for (size_t i = 0; i < message->n_headers; i++)
        if (!is_ours(message->headers[i].name))
            add_view(headers, message->headers[i].name, message->headers[i].value);
    add(headers, "__connect.errors.topic", message->topic);
    add_number(headers, "__connect.errors.partition", message->partition);
    add_number(headers, "__connect.errors.offset", message->offset);
    add(headers, "__connect.errors.connector.name", settings->group_id);
    add(headers, "__connect.errors.task.id", settings->instance);
    add_reason(headers, slot->failure);
    add_number(headers, "tocsin.dead.attempts", attempts_before(message) + 1);
    if (first_failed_at.data != NULL)
        add_view(headers, VIEW("tocsin.dead.first_failed_at"), first_failed_at);
    else
        add_now(headers, "tocsin.dead.first_failed_at");
    if (remains != NULL) {
        add_number(headers, "tocsin.dead.size", (long long)remains->size);
        add(headers, "tocsin.dead.sha256", remains->sha256);
        if (remains->path[0] != '\0')
            add(headers, "tocsin.dead.spooled", remains->path);
    }
    return headers;
}
