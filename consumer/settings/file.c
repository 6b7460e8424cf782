/*
 * settings_file: a file of `key = value` lines, and the environment.
 */
#include "consumer/settings/table.h"

#include "consumer/nearest.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

extern char **environ;

/* ---- file ------------------------------------------------------------------------------------------------------- */

/* The value of NAME or NAME:default, as it stood between ${ and }. */
static enum status expand_one(struct arena *arena, struct view inside, const char *origin, struct view *ret_value,
                              struct err *err)
{
    const char *colon = memchr(inside.data, ':', inside.size);
    size_t size = colon == NULL ? inside.size : (size_t)(colon - inside.data);
    const char *name = arena_copy(arena, view_slice(inside, 0, size)).data;
    const char *value = getenv(name);

    if (value != NULL)
        *ret_value = view_of(value);
    else if (colon != NULL)
        *ret_value = view_slice(inside, size + 1, inside.size - size - 1);
    else
        return fail(err, STATUS_FATAL, "%s: the environment has no %s; write ${%s:default} to go on without", origin,
                    name, name);
    return STATUS_OK;
}

/* Replaces ${NAME} and ${NAME:default}; $${ is a literal ${. */
static enum status expand(struct arena *arena, struct view text, const char *origin, const char **ret_value,
                          struct err *err)
{
    struct view value = {"", 0};

    while (text.size > 0) {
        const char *sign = memchr(text.data, '$', text.size);
        size_t size = sign == NULL ? text.size : (size_t)(sign - text.data);
        struct view part = view_slice(text, 0, size), rest = view_slice(text, size, text.size - size);

        if (size == 0 && rest.size >= 3 && memcmp(rest.data, "$${", 3) == 0) {
            part = view_slice(rest, 1, 2);
            size = 3;
        } else if (size == 0 && rest.size >= 2 && rest.data[1] == '{') {
            const char *end = memchr(rest.data, '}', rest.size);
            if (end == NULL)
                return fail(err, STATUS_FATAL, "%s: ${ without }", origin);
            size = (size_t)(end - rest.data) + 1;
            if (expand_one(arena, view_slice(rest, 2, size - 3), origin, &part, err) != STATUS_OK)
                return STATUS_FATAL;
        } else if (size == 0) {
            part = view_slice(rest, 0, 1);
            size = 1;
        }
        value = arena_print(arena, "%.*s%.*s", VIEW_PRINT(value), VIEW_PRINT(part));
        text = view_slice(text, size, text.size - size);
    }
    *ret_value = arena_copy(arena, value).data;
    return STATUS_OK;
}

static enum status set_line(struct settings *settings, struct view line, const char *origin, struct err *err)
{
    struct arena *arena = settings->private->arena;
    const char *equals, *value = NULL;
    struct view key, text;

    line = view_trim(line);
    if (line.size == 0 || line.data[0] == '#')
        return STATUS_OK;
    equals = memchr(line.data, '=', line.size);
    if (equals == NULL || memchr(line.data, '\0', line.size) != NULL)
        return fail(err, STATUS_FATAL, "%s: expected key = value", origin);
    key = view_trim(view_slice(line, 0, (size_t)(equals - line.data)));
    text = view_slice(line, (size_t)(equals - line.data) + 1, line.size - (size_t)(equals - line.data) - 1);
    text = view_trim(text);
    if (expand(arena, text, origin, &value, err) != STATUS_OK)
        return STATUS_FATAL;
    return settings_set(settings, arena_copy(arena, key).data, value, origin, err);
}

enum status settings_file(struct settings *settings, const char *path, struct err *err)
{
    FILE *file = fopen(path, "re");
    char *line = NULL;
    size_t line_size = 0;
    ssize_t size;
    enum status status = STATUS_OK;

    if (file == NULL)
        return fail(err, STATUS_FATAL, "%s: %s", path, strerror(errno));
    for (unsigned number = 1; status == STATUS_OK && (size = getline(&line, &line_size, file)) >= 0; number++) {
        const char *origin = arena_print(settings->private->arena, "%s:%u", path, number).data;
        status = set_line(settings, (struct view){line, (size_t)size}, origin, err);
    }
    if (status == STATUS_OK && ferror(file))
        status = fail(err, STATUS_FATAL, "%s: %s", path, strerror(errno));
    free(line);
    fclose(file);
    return status;
}

/* ---- environment ------------------------------------------------------------------------------------------------ */

static const char prefix[] = "TOCSIN_";

/* Kubernetes puts TOCSIN_SERVICE_HOST, TOCSIN_PORT_9100_TCP_ADDR and the like into every pod beside a Service that is
 * called tocsin; they are no settings. */
static bool is_service_link(const char *variable)
{
    return strncmp(variable, "TOCSIN_SERVICE_", 15) == 0 || strcmp(variable, "TOCSIN_PORT") == 0 ||
           strncmp(variable, "TOCSIN_PORT_", 12) == 0;
}

struct search {
    const char *variable;
    struct arena *arena;
    const char *key; /* found; NULL: not yet */
    struct nearest nearest;
};

/* redis.url is TOCSIN_REDIS_URL. */
static const char *variable_of(struct arena *arena, const char *key)
{
    char *variable = arena_alloc(arena, sizeof prefix + strlen(key));
    char *end = variable;

    for (const char *from = prefix; *from != '\0'; from++)
        *end++ = *from;
    for (; *key != '\0'; key++)
        *end++ = *key == '.' || *key == '-' ? '_' : (char)toupper((unsigned char)*key);
    *end = '\0';
    return variable;
}

static void search_try(struct search *search, const char *key)
{
    const char *variable = variable_of(search->arena, key);

    if (search->key == NULL && strcmp(variable, search->variable) == 0)
        search->key = key;
    nearest_try(&search->nearest, variable);
}

static void search_kafka(void *user, const char *name)
{
    static const char *const scopes[] = {"kafka.", "kafka.consumer.", "kafka.producer."};
    struct search *search = user;

    for (size_t i = 0; i < sizeof scopes / sizeof *scopes; i++) {
        search_try(search, arena_print(search->arena, "%s%s", scopes[i], name).data);
        if (settings_kafka_is_secret(name))
            search_try(search, arena_print(search->arena, "%s%s_file", scopes[i], name).data);
    }
}

static enum status set_variable(struct settings *settings, const char *variable, const char *value, struct err *err)
{
    struct search search = {.variable = variable, .arena = arena_new(65536, 0), .nearest = nearest_to(variable)};
    char hint[NEAREST_HINT_MAX];
    enum status status;

    for (size_t i = 0; i < SETTINGS_COUNT; i++) {
        search_try(&search, settings_table[i].key);
        if (settings_table[i].type == TYPE_SECRET)
            search_try(&search, arena_print(search.arena, "%s_file", settings_table[i].key).data);
    }
    if (search.key == NULL)
        settings_kafka_names(search_kafka, &search);
    if (search.key != NULL)
        status = settings_set(settings, search.key, value, variable, err);
    else
        status = fail(err, STATUS_FATAL, "environment: unknown setting %s%s", variable,
                      nearest_hint(&search.nearest, hint));
    arena_free(search.arena);
    return status;
}

enum status settings_environment(struct settings *settings, struct err *err)
{
    for (char **entry = environ; entry != NULL && *entry != NULL; entry++) {
        const char *equals = strchr(*entry, '=');
        const char *variable;

        if (strncmp(*entry, prefix, sizeof prefix - 1) != 0 || equals == NULL)
            continue;
        variable = arena_copy(settings->private->arena, (struct view){*entry, (size_t)(equals - *entry)}).data;
        if (!is_service_link(variable) && set_variable(settings, variable, equals + 1, err) != STATUS_OK)
            return STATUS_FATAL;
    }
    return STATUS_OK;
}
