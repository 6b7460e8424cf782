#include "consumer/http/exposition.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM_FIRST = 16384, LABELS_MAX = 8 };

static void make_room(struct exposition *text, size_t size)
{
    if (text->size + size < text->room)
        return;
    while (text->room <= text->size + size)
        text->room = text->room == 0 ? ROOM_FIRST : text->room * 2;
    text->data = realloc(text->data, text->room);
    if (text->data == NULL)
        abort();
}

static void put(struct exposition *text, const char *bytes, size_t size)
{
    make_room(text, size + 1);
    memcpy(text->data + text->size, bytes, size);
    text->size += size;
    text->data[text->size] = '\0';
}

void exposition_print(struct exposition *text, const char *format, ...)
{
    char line[512];
    va_list arguments;
    int n;

    va_start(arguments, format);
    n = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    put(text, line, n < 0 ? 0 : (size_t)n < sizeof line ? (size_t)n : sizeof line - 1);
}

/* A line feed would end the line, a backslash begins an escape, and a quote ends a label's value. */
static void put_escaped(struct exposition *text, const char *string, const char *special)
{
    for (size_t size; *string != '\0'; string += size) {
        size = strcspn(string, special);
        put(text, string, size);
        if (string[size] == '\0')
            return;
        put(text, "\\", 1);
        put(text, string[size] == '\n' ? "n" : string + size, 1);
        size++;
    }
}

void exposition_family(struct exposition *text, const char *name, const char *type, const char *help)
{
    text->family = name;
    exposition_print(text, "# HELP %s ", name);
    put_escaped(text, help, "\\\n");
    exposition_print(text, "\n# TYPE %s %s\n", name, type);
}

static void put_name(struct exposition *text, const char *suffix, const char *const *labels)
{
    exposition_print(text, "%s%s", text->family, suffix);
    for (size_t i = 0; labels[i] != NULL; i += 2) {
        exposition_print(text, "%s%s=\"", i == 0 ? "{" : ",", labels[i]);
        put_escaped(text, labels[i + 1], "\\\"\n");
        put(text, "\"", 1);
    }
    exposition_print(text, "%s ", labels[0] == NULL ? "" : "}");
}

void exposition_sample(struct exposition *text, const char *suffix, const char *const *labels, uint64_t value)
{
    put_name(text, suffix, labels);
    exposition_print(text, "%" PRIu64 "\n", value);
}

/* By whole numbers: no rounding, and no decimal comma wherever the process runs. */
static void seconds(char buffer[40], uint64_t ns)
{
    int n = snprintf(buffer, 40, "%" PRIu64 ".%09" PRIu64, ns / 1000000000, ns % 1000000000);

    while (n > 0 && buffer[n - 1] == '0')
        buffer[--n] = '\0';
    if (n > 0 && buffer[n - 1] == '.')
        buffer[--n] = '\0';
}

void exposition_seconds(struct exposition *text, const char *suffix, const char *const *labels, uint64_t ns)
{
    char value[40];

    seconds(value, ns);
    put_name(text, suffix, labels);
    exposition_print(text, "%s\n", value);
}

static uint64_t count_of(const struct buckets *const *parts, size_t n_parts, size_t bucket)
{
    uint64_t n = 0;

    for (size_t i = 0; i < n_parts; i++)
        n += atomic_load_explicit(&parts[i]->counts[bucket], memory_order_relaxed);
    return n;
}

void exposition_buckets(struct exposition *text, const char *const *labels, const struct buckets *const *parts,
                        size_t n_parts, uint64_t first_ns, uint64_t last_ns)
{
    const char *with_limit[2 * LABELS_MAX + 3];
    uint64_t count = 0, sum_ns = 0;
    size_t n_labels = 0;
    char limit[40];

    for (; labels[n_labels] != NULL && n_labels < 2 * LABELS_MAX; n_labels++)
        with_limit[n_labels] = labels[n_labels];
    with_limit[n_labels] = "le";
    with_limit[n_labels + 1] = limit;
    with_limit[n_labels + 2] = NULL;
    for (size_t i = 0; i < BUCKET_LIMITS; i++) {
        count += count_of(parts, n_parts, i);
        if (bucket_limits_ns[i] < first_ns || bucket_limits_ns[i] > last_ns)
            continue;
        seconds(limit, bucket_limits_ns[i]);
        exposition_sample(text, "_bucket", with_limit, count);
    }
    count += count_of(parts, n_parts, BUCKET_LIMITS);
    snprintf(limit, sizeof limit, "+Inf");
    exposition_sample(text, "_bucket", with_limit, count);
    for (size_t i = 0; i < n_parts; i++)
        sum_ns += atomic_load_explicit(&parts[i]->sum_ns, memory_order_relaxed);
    exposition_seconds(text, "_sum", labels, sum_ns);
    exposition_sample(text, "_count", labels, count);
}
