#include "consumer/corridor/headers.h"

#include "consumer/clock.h"
#include "processors/dates.h"

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

static bool is_ours(struct view name)
{
    static const struct view prefixes[] = {{"__connect.errors.", 17}, {"tocsin.dead.", 12}};

    for (size_t i = 0; i < 2; i++)
        if (name.size >= prefixes[i].size && memcmp(name.data, prefixes[i].data, prefixes[i].size) == 0)
            return true;
    return false;
}

struct view headers_find(const struct header *headers, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (view_is(headers[i].name, name))
            return headers[i].value;
    return VIEW_NONE;
}

int64_t headers_number(struct view text, int64_t max)
{
    int64_t number = 0;

    if (text.data == NULL || text.size == 0)
        return -1;
    for (size_t i = 0; i < text.size; i++) {
        int digit = text.data[i] - '0';

        if (digit < 0 || digit > 9 || number > (max - digit) / 10)
            return -1;
        number = number * 10 + digit;
    }
    return number;
}

static int64_t attempts_before(const struct header *headers, size_t n)
{
    int64_t attempts = headers_number(headers_find(headers, n, HEADER_ATTEMPTS), 1000000);

    return attempts > 0 ? attempts : 0;
}

/* Kafka's own rule for names. */
static bool is_topic(struct view name)
{
    if (name.data == NULL || name.size == 0 || name.size > 249 || view_is(name, ".") || view_is(name, ".."))
        return false;
    for (size_t i = 0; i < name.size; i++) {
        char c = name.data[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
              c == '-'))
            return false;
    }
    return true;
}

bool headers_birthplace(const struct header *headers, size_t n, struct birthplace *ret)
{
    struct birthplace place = {
        .topic = headers_find(headers, n, HEADER_TOPIC),
        .partition = (int32_t)headers_number(headers_find(headers, n, HEADER_PARTITION), INT32_MAX),
        .offset = headers_number(headers_find(headers, n, HEADER_OFFSET), INT64_MAX),
    };

    /* Attempts are ours alone: Connect's headers without them are those of somebody else's dead letter. */
    if (attempts_before(headers, n) == 0 || !is_topic(place.topic) || place.partition < 0 || place.offset < 0)
        return false;
    *ret = place;
    return true;
}

rd_kafka_headers_t *headers_of_message(const struct message *message)
{
    bool traced = false, came_back = attempts_before(message->headers, message->n_headers) > 0;
    rd_kafka_headers_t *headers;

    if (message->n_headers == 0)
        return NULL;
    headers = rd_kafka_headers_new(message->n_headers);
    for (size_t i = 0; i < message->n_headers; i++) {
        const struct header *header = &message->headers[i];

        if (came_back && is_ours(header->name))
            continue;
        if (view_is(header->name, "traceparent")) {
            if (traced)
                continue;
            traced = true;
        }
        add_view(headers, header->name, header->value);
    }
    return headers;
}

static void add_now(rd_kafka_headers_t *headers, const char *name)
{
    char text[DATE_SIZE];

    add_view(headers, view_of(name), date_write(clock_wall_ms(), DATE_MILLIS_ALWAYS, text));
}

static void add_reason(rd_kafka_headers_t *headers, const struct failure *failure)
{
    char class[64];

    snprintf(class, sizeof class, "tocsin.%s", failure->reason);
    add(headers, HEADER_STAGE, failure->stage);
    add(headers, "__connect.errors.exception.class.name", class);
    add(headers, HEADER_ERROR, failure->text);
    add(headers, HEADER_REASON, failure->reason);
}

rd_kafka_headers_t *headers_of_dead(const struct settings *settings, const struct slot *slot,
                                    const struct remains *remains)
{
    const struct message *message = &slot->message;
    rd_kafka_headers_t *headers = rd_kafka_headers_new(message->n_headers + 15);
    struct view first_failed_at = headers_find(message->headers, message->n_headers, HEADER_FIRST_FAILED_AT);

    for (size_t i = 0; i < message->n_headers; i++)
        if (!is_ours(message->headers[i].name))
            add_view(headers, message->headers[i].name, message->headers[i].value);
    add(headers, HEADER_TOPIC, message->topic);
    add_number(headers, HEADER_PARTITION, message->partition);
    add_number(headers, HEADER_OFFSET, message->offset);
    add(headers, "__connect.errors.connector.name", settings->group_id);
    add(headers, "__connect.errors.task.id", settings->instance);
    add_reason(headers, slot->failure);
    add_number(headers, HEADER_ATTEMPTS, attempts_before(message->headers, message->n_headers) + 1);
    add_now(headers, HEADER_FAILED_AT);
    if (first_failed_at.data != NULL)
        add_view(headers, VIEW(HEADER_FIRST_FAILED_AT), first_failed_at);
    else
        add_now(headers, HEADER_FIRST_FAILED_AT);
    if (remains != NULL) {
        add_number(headers, HEADER_SIZE, (long long)remains->size);
        add(headers, HEADER_SHA256, remains->sha256);
        if (remains->path[0] != '\0')
            add(headers, HEADER_SPOOLED, remains->path);
    }
    return headers;
}

rd_kafka_headers_t *headers_of_returning(const rd_kafka_headers_t *letter)
{
    static const char *const kept[] = {HEADER_TOPIC,    HEADER_PARTITION,       HEADER_OFFSET,
                                       HEADER_ATTEMPTS, HEADER_FIRST_FAILED_AT, NULL};
    size_t n = letter == NULL ? 0 : rd_kafka_header_cnt(letter), size;
    rd_kafka_headers_t *headers = rd_kafka_headers_new(n + 1);
    const void *value;
    const char *name;

    for (size_t i = 0; i < n; i++) {
        const char *const *ours = kept;

        rd_kafka_header_get_all(letter, i, &name, &value, &size);
        while (*ours != NULL && strcmp(*ours, name) != 0)
            ours++;
        if (*ours != NULL || !is_ours(view_of(name)))
            add_view(headers, view_of(name), (struct view){value, size});
    }
    return headers;
}
