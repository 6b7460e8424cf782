/*
 * settings_table: what the settings*.c files share and nobody else sees: settings.def as an array, and where each value
 * came from.
 */
#ifndef CONSUMER_SETTINGS_TABLE_H
#define CONSUMER_SETTINGS_TABLE_H

#include "consumer/settings/settings.h"
#include "processors/arena.h"

enum setting_type { TYPE_STRING, TYPE_SECRET, TYPE_UINT, TYPE_MILLIS, TYPE_BYTES, TYPE_BOOL, TYPE_CHOICE };

struct setting {
    const char *key;
    enum setting_type type;
    const char *default_value;
    uint64_t min, max; /* equal: not checked */
    const char *unit;  /* of a number; a choice's values, divided by | */
    const char *help;
    size_t offset;     /* of its member in struct settings */
};

#define SETTING(member, key, type, default_, min, max, unit, help) + 1
enum { SETTINGS_COUNT = 0
#include "consumer/settings/settings.def"
};
#undef SETTING
extern const struct setting settings_table[SETTINGS_COUNT];

/* One kafka.… that is passed through. */
enum kafka_scope { SCOPE_BOTH, SCOPE_CONSUMER, SCOPE_PRODUCER };

struct kafka_property {
    enum kafka_scope scope; /* as it was written: kafka., kafka.consumer., kafka.producer. */
    const char *key;        /* the whole: "kafka.consumer.fetch.min.bytes" */
    const char *name;       /* librdkafka's name, the end of key */
    const char *value;
    const char *origin;
};

struct settings_private {
    struct arena *arena; /* all strings; what is overridden stays in it until the end */
    const char *text[SETTINGS_COUNT];   /* the value as it was written */
    const char *origin[SETTINGS_COUNT];
    struct kafka_property *kafka; /* in the order in which they were first set */
    size_t n_kafka, kafka_size;
};

/* settings.c */
const struct setting *setting_find(const char *key);
const char *settings_copy(struct settings *settings, const char *string);

/* kafka.c: sets kafka.PROP; STATUS_FATAL with librdkafka's own text, or with the reason why we own it. */
enum status settings_kafka_set(struct settings *settings, const char *key, const char *value, const char *origin,
                               struct err *err);

/* Is this property's value never to be shown? */
bool settings_kafka_is_secret(const char *name);

/* The value of a property that was passed through, as client sees it; NULL: not set. */
const char *settings_kafka_value(const struct settings *settings, enum client client, const char *name);

/* Calls each(user, name) for every property that librdkafka knows. */
void settings_kafka_names(void (*each)(void *user, const char *name), void *user);

/* For the manual: a property that is refused, and why.  False: i is past the last one. */
bool settings_kafka_owned(size_t i, const char **ret_name, const char **ret_reason);

#endif
