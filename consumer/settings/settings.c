#include "consumer/settings/table.h"

#include "consumer/nearest.h"
#include "consumer/corridor/redis.h"
#include "consumer/http/address.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Secrets and configuration lines are short; what is longer is the wrong file. */
enum { SECRET_MAX = 65536 };

#define SETTING(member, key, type, default_, min, max, unit, help) \
    {key, TYPE_##type, default_, min, max, unit, help, offsetof(struct settings, member)},
const struct setting settings_table[SETTINGS_COUNT] = {
#include "consumer/settings/settings.def"
};
#undef SETTING

const struct setting *setting_find(const char *key)
{
    for (size_t i = 0; i < SETTINGS_COUNT; i++)
        if (strcmp(settings_table[i].key, key) == 0)
            return &settings_table[i];
    return NULL;
}

const char *settings_copy(struct settings *settings, const char *string)
{
    return arena_copy(settings->private->arena, view_of(string)).data;
}

/* ---- values ----------------------------------------------------------------------------------------------------- */

struct suffix {
    const char *name;
    uint64_t factor;
};

static const struct suffix byte_suffixes[] = {{"", 1}, {"k", 1u << 10}, {"M", 1u << 20}, {"G", 1u << 30}, {NULL, 0}};
static const struct suffix time_suffixes[] = {{"", 1},         {"ms", 1},          {"s", 1000},  {"m", 60000},
                                              {"h", 3600000}, {"d", 86400000}, {NULL, 0}};
static const struct suffix no_suffixes[] = {{"", 1}, {NULL, 0}};

static bool parse_number(const char *text, const struct suffix *suffixes, uint64_t *ret_number)
{
    char *end;
    unsigned long long number;

    if (!isdigit((unsigned char)text[0]))
        return false; /* strtoull would take blanks and signs */
    errno = 0;
    number = strtoull(text, &end, 10);
    if (errno != 0)
        return false;
    for (; suffixes->name != NULL; suffixes++) {
        if (strcasecmp(end, suffixes->name) != 0)
            continue;
        if (number > UINT64_MAX / suffixes->factor)
            return false;
        *ret_number = number * suffixes->factor;
        return true;
    }
    return false;
}

static bool parse_bool(const char *text, bool *ret_value)
{
    static const char *const words[] = {"false", "true", "no", "yes", "off", "on", "0", "1"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcasecmp(text, words[i]) == 0) {
            *ret_value = i % 2 == 1;
            return true;
        }
    }
    return false;
}

/* The place of text in "a|b|c". */
static bool parse_choice(const char *choices, const char *text, int *ret_place)
{
    size_t size = strlen(text);

    for (int place = 0;; place++) {
        size_t choice_size = strcspn(choices, "|");
        if (choice_size == size && memcmp(choices, text, size) == 0) {
            *ret_place = place;
            return true;
        }
        if (choices[choice_size] == '\0')
            return false;
        choices += choice_size + 1;
    }
}

static const struct suffix *suffixes_of(enum setting_type type)
{
    return type == TYPE_BYTES ? byte_suffixes : type == TYPE_MILLIS ? time_suffixes : no_suffixes;
}

static const char *form_of(enum setting_type type)
{
    return type == TYPE_BYTES    ? "a number of bytes such as 65536, 64k, 1M or 1G"
           : type == TYPE_MILLIS ? "a time such as 500ms, 20s, 5m, 12h or 7d"
                                 : "a whole number";
}

static enum status set_number(const struct setting *setting, const char *text, const char *origin, uint64_t *ret_number,
                              struct err *err)
{
    const char *unit = setting->type == TYPE_MILLIS ? "ms" : setting->unit;
    uint64_t number;

    if (!parse_number(text, suffixes_of(setting->type), &number))
        return fail(err, STATUS_FATAL, "%s: %s is \"%s\", expected %s", origin, setting->key, text,
                    form_of(setting->type));
    if (setting->min != setting->max && (number < setting->min || number > setting->max))
        return fail(err, STATUS_FATAL, "%s: %s is %s, allowed are %" PRIu64 " to %" PRIu64 "%s%s", origin, setting->key,
                    text, setting->min, setting->max, unit[0] == '\0' ? "" : " ", unit);
    *ret_number = number;
    return STATUS_OK;
}

static enum status set_value(struct settings *settings, const struct setting *setting, const char *text,
                             const char *origin, struct err *err)
{
    char *member = (char *)settings + setting->offset;
    size_t i = (size_t)(setting - settings_table);

    switch (setting->type) {
    case TYPE_STRING:
    case TYPE_SECRET:
        text = settings_copy(settings, text);
        *(const char **)(void *)member = text;
        break;
    case TYPE_UINT:
    case TYPE_MILLIS:
    case TYPE_BYTES:
        if (set_number(setting, text, origin, (uint64_t *)(void *)member, err) != STATUS_OK)
            return STATUS_FATAL;
        text = settings_copy(settings, text);
        break;
    case TYPE_BOOL:
        if (!parse_bool(text, (bool *)(void *)member))
            return fail(err, STATUS_FATAL, "%s: %s is \"%s\", expected true or false", origin, setting->key, text);
        text = *(bool *)(void *)member ? "true" : "false";
        break;
    case TYPE_CHOICE:
        if (!parse_choice(setting->unit, text, (int *)(void *)member))
            return fail(err, STATUS_FATAL, "%s: %s is \"%s\", expected one of %s", origin, setting->key, text,
                        setting->unit);
        text = settings_copy(settings, text);
        break;
    }
    settings->private->text[i] = text;
    settings->private->origin[i] = settings_copy(settings, origin);
    return STATUS_OK;
}

/* ---- life ------------------------------------------------------------------------------------------------------- */

struct settings *settings_new(void)
{
    struct settings *settings = calloc(1, sizeof *settings);
    struct err err;

    if (settings == NULL || (settings->private = calloc(1, sizeof *settings->private)) == NULL)
        abort(); /* some hundred bytes at the start of the process */
    settings->private->arena = arena_new(16384, 0);
    for (size_t i = 0; i < SETTINGS_COUNT; i++) {
        if (set_value(settings, &settings_table[i], settings_table[i].default_value, "default", &err) != STATUS_OK) {
            fprintf(stderr, "tocsin: settings.def: %s\n", err.text);
            abort();
        }
    }
    return settings;
}

void settings_free(struct settings *settings)
{
    if (settings == NULL)
        return;
    arena_free(settings->private->arena);
    free(settings->private->kafka);
    free(settings->private);
    free(settings);
}

/* ---- set one ---------------------------------------------------------------------------------------------------- */

/* If key is BASE_file and BASE holds a secret, *ret_base is BASE. */
static bool is_secret_file(struct settings *settings, const char *key, const char **ret_base)
{
    static const char ending[] = "_file";
    size_t size = strlen(key), ending_size = sizeof ending - 1;
    const struct setting *setting;
    const char *base;

    if (size <= ending_size || strcmp(key + size - ending_size, ending) != 0)
        return false;
    base = arena_copy(settings->private->arena, (struct view){key, size - ending_size}).data;
    setting = setting_find(base);
    if (setting != NULL ? setting->type != TYPE_SECRET
                        : strncmp(base, "kafka.", 6) != 0 || !settings_kafka_is_secret(base + 6))
        return false;
    *ret_base = base;
    return true;
}

/* The first line of a file, as `echo secret >file` leaves it. */
static enum status read_secret(struct settings *settings, const char *key, const char *path, const char *origin,
                               const char **ret_value, struct err *err)
{
    FILE *file = fopen(path, "re");
    char *value;
    size_t size;
    bool failed;

    if (file == NULL)
        return fail(err, STATUS_FATAL, "%s: %s: %s: %s", origin, key, path, strerror(errno));
    value = arena_alloc(settings->private->arena, SECRET_MAX + 1);
    size = fread(value, 1, SECRET_MAX + 1, file);
    failed = ferror(file) != 0;
    fclose(file);
    if (failed || size > SECRET_MAX || memchr(value, '\0', size) != NULL)
        return fail(err, STATUS_FATAL, "%s: %s: %s: %s", origin, key, path,
                    failed ? "cannot be read" : size > SECRET_MAX ? "too large for a secret" : "holds a NUL byte");
    while (size > 0 && (value[size - 1] == '\n' || value[size - 1] == '\r'))
        size--;
    value[size] = '\0';
    *ret_value = value;
    return STATUS_OK;
}

struct offer {
    struct nearest *nearest;
    struct arena *arena;
};

static void offer_kafka(void *user, const char *name)
{
    struct offer *offer = user;

    nearest_try(offer->nearest, arena_print(offer->arena, "kafka.%s", name).data);
}

static enum status unknown_key(struct settings *settings, const char *key, const char *origin, struct err *err)
{
    struct nearest nearest = nearest_to(key);
    struct offer offer = {&nearest, settings->private->arena};
    char hint[NEAREST_HINT_MAX];

    for (size_t i = 0; i < SETTINGS_COUNT; i++)
        nearest_try(&nearest, settings_table[i].key);
    settings_kafka_names(offer_kafka, &offer);
    return fail(err, STATUS_FATAL, "%s: unknown setting \"%s\"%s", origin, key, nearest_hint(&nearest, hint));
}

enum status settings_set(struct settings *settings, const char *key, const char *value, const char *origin,
                         struct err *err)
{
    const struct setting *setting = setting_find(key);
    const char *base;

    if (setting != NULL)
        return set_value(settings, setting, value, origin, err);
    if (is_secret_file(settings, key, &base)) {
        const char *path = value;
        if (read_secret(settings, key, path, origin, &value, err) != STATUS_OK)
            return STATUS_FATAL;
        return settings_set(settings, base, value,
                            arena_print(settings->private->arena, "%s (%s)", origin, path).data, err);
    }
    if (strncmp(key, "kafka.", 6) == 0)
        return settings_kafka_set(settings, key, value, origin, err);
    return unknown_key(settings, key, origin, err);
}

/* ---- after the last source -------------------------------------------------------------------------------------- */

static void set_found(struct settings *settings, const char *key, const char *value, const char *origin)
{
    set_value(settings, setting_find(key), value, origin, NULL);
}

static bool is_folder(const char *path)
{
    struct stat about;

    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

/* Does this program run where it was built? */
static bool is_not_installed(void)
{
    char path[PATH_MAX];
    ssize_t size = readlink("/proc/self/exe", path, sizeof path);
    const size_t folder = sizeof TOCSIN_BUILD_DIR - 1;

    return size > (ssize_t)folder && memcmp(path, TOCSIN_BUILD_DIR, folder) == 0 && path[folder] == '/';
}

/* As installed, else from the source tree; where it was built the other way round, so that words that are being worked
 * on are not hidden by an older installation. */
static void find_data_dir(struct settings *settings)
{
    static const char *const folders[2] = {TOCSIN_DATA_DIR "/data", TOCSIN_SOURCE_DIR "/processors/data"};
    static const char *const origins[2] = {"as installed", "source tree"};
    int first = is_not_installed() ? 1 : 0;

    if (settings->data_dir[0] != '\0')
        return;
    for (int i = 0; i < 2; i++) {
        int n = (first + i) % 2;
        if (is_folder(folders[n])) {
            set_found(settings, "data.dir", folders[n], origins[n]);
            return;
        }
    }
}

static void find_workers(struct settings *settings)
{
    cpu_set_t cores;
    char text[16];

    if (settings->workers != 0)
        return;
    snprintf(text, sizeof text, "%d", sched_getaffinity(0, sizeof cores, &cores) == 0 ? CPU_COUNT(&cores) : 1);
    if (strtoul(text, NULL, 10) > 256)
        strcpy(text, "256"); /* the table's limit */
    set_found(settings, "workers", text, "one a core");
}

static void find_instance(struct settings *settings)
{
    char host[HOST_NAME_MAX + 1] = "localhost", text[HOST_NAME_MAX + 32];

    if (settings->instance[0] != '\0')
        return;
    gethostname(host, sizeof host);
    host[sizeof host - 1] = '\0';
    snprintf(text, sizeof text, "%s-%ld", host, (long)getpid());
    set_found(settings, "instance", text, "host and process");
}

/* Stable over restarts if `instance` is, so that what a crashed process left open is ended by its successor; and unlike
 * every other's, because two of one name fence each other. */
static void find_transactional_id(struct settings *settings)
{
    char host[HOST_NAME_MAX + 1] = "localhost", text[HOST_NAME_MAX + 600];

    if (settings->transactional_id[0] != '\0' || settings->delivery != DELIVERY_EXACTLY_ONCE)
        return;
    gethostname(host, sizeof host);
    host[sizeof host - 1] = '\0';
    if (strncmp(settings->instance, host, strlen(host)) == 0)
        snprintf(text, sizeof text, "%s-%s", settings->group_id, settings->instance);
    else
        snprintf(text, sizeof text, "%s-%s-%s", settings->group_id, host, settings->instance);
    set_found(settings, "transactional.id", text, "group, host and instance");
}

static enum status check_topic(const struct settings *settings, const char *key, const char *name, struct err *err)
{
    const char *origin = settings->private->origin[setting_find(key) - settings_table];
    size_t size = strlen(name);

    /* Kafka's own rule for names. */
    if (size == 0 || size > 249 ||
        strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") != size ||
        strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return fail(err, STATUS_FATAL, "%s: %s is \"%s\", expected 1 to 249 letters, digits, dots, _ or -", origin, key,
                    name);
    return STATUS_OK;
}

static enum status check_topics(const struct settings *settings, struct err *err)
{
    if (check_topic(settings, "input.topic", settings->input_topic, err) != STATUS_OK ||
        check_topic(settings, "output.topic", settings->output_topic, err) != STATUS_OK ||
        check_topic(settings, "dead.topic", settings->dead_topic, err) != STATUS_OK)
        return STATUS_FATAL;
    if (strcmp(settings->input_topic, settings->output_topic) == 0 ||
        strcmp(settings->input_topic, settings->dead_topic) == 0 ||
        strcmp(settings->output_topic, settings->dead_topic) == 0)
        return fail(err, STATUS_FATAL,
                    "input.topic, output.topic and dead.topic must be three topics, they are %s, %s and %s",
                    settings->input_topic, settings->output_topic, settings->dead_topic);
    if (settings->group_id[0] == '\0')
        return fail(err, STATUS_FATAL, "group.id must not be empty");
    return STATUS_OK;
}

static enum status check_redis_url(const struct settings *settings, struct err *err)
{
    struct redis_address address;

    if (settings->redis_url[0] == '\0' || redis_address_parse(settings->redis_url, &address, err) == STATUS_OK)
        return STATUS_OK;
    err_prefix(err, settings->private->origin[setting_find("redis.url") - settings_table]);
    return STATUS_FATAL;
}

static enum status check_http_listen(const struct settings *settings, struct err *err)
{
    struct http_address address;

    if (settings->http_listen[0] == '\0' || http_address_parse(settings->http_listen, &address, err) == STATUS_OK)
        return STATUS_OK;
    err_prefix(err, settings->private->origin[setting_find("http.listen") - settings_table]);
    return STATUS_FATAL;
}

static uint64_t kafka_number(const struct settings *settings, enum client client, const char *name, uint64_t otherwise)
{
    const char *value = settings_kafka_value(settings, client, name);

    return value == NULL ? otherwise : strtoull(value, NULL, 10); /* librdkafka took it for a number already */
}

static enum status check_limits(const struct settings *settings, struct err *err)
{
    uint64_t poll_interval = kafka_number(settings, CLIENT_CONSUMER, "max.poll.interval.ms", 300000);
    /* Else as in settings/kafka.c. */
    uint64_t message_max = kafka_number(settings, CLIENT_PRODUCER, "message.max.bytes", 40000000);
    const uint64_t record_head = 10000; /* key, headers and framing beside the value */

    if (settings->drain_timeout >= poll_interval)
        return fail(err, STATUS_FATAL,
                    "drain.timeout (%" PRIu64 " ms) must be below kafka.max.poll.interval.ms (%" PRIu64
                    " ms), or the group gives our partitions away while we drain",
                    settings->drain_timeout, poll_interval);
    if (settings->output_max_bytes + record_head > message_max)
        return fail(err, STATUS_FATAL,
                    "output.max.bytes (%" PRIu64 ") needs kafka.producer.message.max.bytes of at least %" PRIu64
                    ", it is %" PRIu64 "; the brokers and topics must allow it too (message.max.bytes there)",
                    settings->output_max_bytes, settings->output_max_bytes + record_head, message_max);
    return STATUS_OK;
}

enum status settings_finish(struct settings *settings, struct err *err)
{
    find_data_dir(settings);
    find_workers(settings);
    find_instance(settings);
    find_transactional_id(settings);
    if (check_topics(settings, err) != STATUS_OK || check_redis_url(settings, err) != STATUS_OK ||
        check_http_listen(settings, err) != STATUS_OK)
        return STATUS_FATAL;
    return check_limits(settings, err);
}

enum status settings_need_data(const struct settings *settings, struct err *err)
{
    if (settings->data_dir[0] == '\0')
        return fail(err, STATUS_FATAL, "no tables: neither " TOCSIN_DATA_DIR "/data nor " TOCSIN_SOURCE_DIR
                    "/processors/data exists; set data.dir");
    if (!is_folder(settings->data_dir))
        return fail(err, STATUS_FATAL, "%s: data.dir is \"%s\", which is no folder",
                    settings->private->origin[setting_find("data.dir") - settings_table], settings->data_dir);
    if (settings->lexicon_overlay[0] != '\0' && !is_folder(settings->lexicon_overlay))
        return fail(err, STATUS_FATAL, "%s: lexicon.overlay is \"%s\", which is no folder",
                    settings->private->origin[setting_find("lexicon.overlay") - settings_table],
                        settings->lexicon_overlay);
    return STATUS_OK;
}

static const char *or_null(const char *string)
{
    return string[0] == '\0' ? NULL : string;
}

void settings_options(const struct settings *settings, struct options *ret_options)
{
    *ret_options = (struct options){
        .data_dir = settings->data_dir,
        .overlay_dir = or_null(settings->lexicon_overlay),
        .escalation_tables_only = !settings->escalation_classifier,
        .input_format = (enum input_format)settings->input_format,
        .input_map =
            {
                [INPUT_ID] = or_null(settings->input_map_id),
                [INPUT_URL] = or_null(settings->input_map_url),
                [INPUT_SOURCE] = or_null(settings->input_map_source),
                [INPUT_TITLE] = or_null(settings->input_map_title),
                [INPUT_BODY] = or_null(settings->input_map_body),
                [INPUT_HTML_FIELD] = or_null(settings->input_map_html),
                [INPUT_PUBLISHED_AT] = or_null(settings->input_map_published_at),
                [INPUT_FETCHED_AT] = or_null(settings->input_map_fetched_at),
                [INPUT_LANGUAGE] = or_null(settings->input_map_language),
                [INPUT_AUTHOR] = or_null(settings->input_map_author),
                [INPUT_TAGS] = or_null(settings->input_map_tags),
            },
        .input_timezone = or_null(settings->input_timezone),
        .input_max_bytes = (size_t)settings->input_max_bytes,
        .output_max_bytes = (size_t)settings->output_max_bytes,
        .output_dropped = (enum output_dropped)settings->output_dropped,
    };
}
