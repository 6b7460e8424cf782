/*
 * settings: what a user can set, and where it was set.
 *
 * Sources, each overriding the one before:  default < file (-c FILE, `key = value`, ${VAR} and ${VAR:default} allowed)
 * < environment (TOCSIN_REDIS_URL for redis.url: capitals, dots and dashes become _) < -X key=value.
 * settings.def is the only list; an unknown key is an error that names the nearest known one.
 *
 * KEY_file = PATH sets KEY, if that is a secret, from a file (redis.password_file, kafka.sasl.password_file).
 *
 * Raw librdkafka properties pass through as kafka.PROP, kafka.consumer.PROP, kafka.producer.PROP.  Those that Tocsin must
 * own (enable.auto.offset.store and the like) are refused with the reason.
 *
 * Thread-safety: read-only once loaded.
 * Errors: STATUS_FATAL; the text names file and line (or variable, or option), the key and what is allowed.
 */
#ifndef CONSUMER_SETTINGS_SETTINGS_H
#define CONSUMER_SETTINGS_SETTINGS_H

#include "processors/options.h"
#include "processors/status.h"

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum delivery { DELIVERY_AT_LEAST_ONCE, DELIVERY_EXACTLY_ONCE };
enum tombstones { TOMBSTONES_SKIP, TOMBSTONES_FORWARD };
enum output_timestamp { TIMESTAMP_SOURCE, TIMESTAMP_NOW };

struct settings {
    /* Values by type: STRING and SECRET const char * (never NULL), UINT, MILLIS and BYTES uint64_t, BOOL bool, CHOICE int
     * (its place in the list). */
#define SETTING_STRING const char *
#define SETTING_SECRET const char *
#define SETTING_UINT uint64_t
#define SETTING_MILLIS uint64_t
#define SETTING_BYTES uint64_t
#define SETTING_BOOL bool
#define SETTING_CHOICE int
#define SETTING(member, key, type, default_, min, max, unit, help) SETTING_##type member;
#include "consumer/settings/settings.def"
#undef SETTING
    struct settings_private *private;
};

struct settings *settings_new(void); /* all defaults */
void settings_free(struct settings *settings);

/* key as in the table, or kafka.…; origin: "tocsin.conf:12", "TOCSIN_REDIS_URL", "-X", for error texts. */
enum status settings_set(struct settings *settings, const char *key, const char *value, const char *origin,
                         struct err *err);
enum status settings_file(struct settings *settings, const char *path, struct err *err);
enum status settings_environment(struct settings *settings, struct err *err);

/* After the last source: values that are found out, and those that depend on each other. */
enum status settings_finish(struct settings *settings, struct err *err);

/* Is there a folder with tables?  Behind settings_finish(), by those who need one. */
enum status settings_need_data(const struct settings *settings, struct err *err);

/* Calls each(user, key, value, origin) for every key, then for every kafka.… that was set; secrets are masked. */
void settings_each(const struct settings *settings,
                   void (*each)(void *user, const char *key, const char *value, const char *origin), void *user);

/* Every key with its value and origin, secrets masked; for `check`, the start of `run`, and the example file. */
void settings_print(const struct settings *settings, FILE *out);
void settings_print_example(FILE *out); /* deploy/tocsin.conf.example: defaults, commented out, with their help */
void settings_print_help(FILE *out);

/* A librdkafka configuration: our defaults, then the pass-through of kafka.* and kafka.consumer.* (or .producer.*), then
 * what we own (group, auto-commit, idempotence …).  The caller owns the result. */
enum client { CLIENT_CONSUMER, CLIENT_PRODUCER };
enum status settings_kafka(const struct settings *settings, enum client client, rd_kafka_conf_t **ret_conf,
                           struct err *err);

/* Those that concern the rooms.  Strings stay owned by settings. */
void settings_options(const struct settings *settings, struct options *ret_options);

#endif
