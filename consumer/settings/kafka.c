/*
 * settings_kafka: what librdkafka is told: our defaults, then kafka.… as it was set, then what is ours to decide.
 *
 * The names that librdkafka knows, and whether consumer or producer takes them, come from librdkafka's own list: the
 * properties of a newer one can be set without a change here.
 */
#include "consumer/settings/table.h"

#include "consumer/nearest.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* ---- what librdkafka knows -------------------------------------------------------------------------------------- */

enum { NAME_MAX_BYTES = 64, NAMES_MAX = 512 };

struct known {
    char name[NAME_MAX_BYTES];
    enum kafka_scope scope;
};

static struct known known_properties[NAMES_MAX];
static size_t n_known_properties;
static pthread_once_t known_once = PTHREAD_ONCE_INIT;

/* "fetch.min.bytes       |  C  | 1 .. 100000000  | …": the first two columns. */
static void know_line(char *line)
{
    char *rest = strchr(line, '|');
    struct known *known = &known_properties[n_known_properties];
    struct view name, scope;

    if (rest == NULL || n_known_properties == NAMES_MAX)
        return;
    name = view_trim((struct view){line, (size_t)(rest - line)});
    scope = view_trim((struct view){rest + 1, strcspn(rest + 1, "|")});
    if (name.size == 0 || name.size >= NAME_MAX_BYTES || scope.size != 1 || strchr("CP*", scope.data[0]) == NULL)
        return; /* a headline or the rule below it */
    memcpy(known->name, name.data, name.size);
    known->name[name.size] = '\0';
    known->scope = scope.data[0] == 'C' ? SCOPE_CONSUMER : scope.data[0] == 'P' ? SCOPE_PRODUCER : SCOPE_BOTH;
    n_known_properties++;
}

static void know(void)
{
    char *text = NULL, *state = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);

    if (file == NULL)
        return;
    rd_kafka_conf_properties_show(file);
    fclose(file);
    for (char *line = strtok_r(text, "\n", &state); line != NULL; line = strtok_r(NULL, "\n", &state))
        know_line(line);
    free(text);
}

void settings_kafka_names(void (*each)(void *user, const char *name), void *user)
{
    pthread_once(&known_once, know);
    for (size_t i = 0; i < n_known_properties; i++)
        each(user, known_properties[i].name);
}

/* Whose property is it?  One that the list does not have is offered to both. */
static enum kafka_scope scope_of(const char *name)
{
    pthread_once(&known_once, know);
    for (size_t i = 0; i < n_known_properties; i++)
        if (strcmp(known_properties[i].name, name) == 0)
            return known_properties[i].scope;
    return SCOPE_BOTH;
}

bool settings_kafka_is_secret(const char *name)
{
    if (strncmp(name, "consumer.", 9) == 0 || strncmp(name, "producer.", 9) == 0)
        name += 9;
    if (strcmp(name, "sasl.mechanism") == 0 || strcmp(name, "sasl.mechanisms") == 0 ||
        strcmp(name, "ssl.key.location") == 0 ||
        strcmp(name, "ssl.keystore.location") == 0)
        return false; /* names and paths, which are what one looks for when a connection fails */
    return strstr(name, "password") != NULL || strstr(name, "secret") != NULL || strncmp(name, "sasl.", 5) == 0 ||
           strncmp(name, "ssl.key", 7) == 0 || strcmp(name, "ssl_key") == 0;
}

/* ---- what is refused -------------------------------------------------------------------------------------------- */

struct owned {
    const char *name;
    const char *reason;
};

static const struct owned owned_properties[] = {
    {"metadata.broker.list", "set kafka.bootstrap.servers"},
    {"group.id", "set group.id"},
    {"group.instance.id", "set group.instance.id"},
    {"client.id", "set instance, from which it is made"},
    {"enable.auto.commit", "offsets are committed only behind finished batches; see commit.interval"},
    {"auto.commit.enable", "offsets are committed only behind finished batches; see commit.interval"},
    {"auto.commit.interval.ms", "set commit.interval"},
    {"enable.auto.offset.store", "an offset is stored when its article was delivered, not when it was read"},
    {"offset.store.method", "offsets live in Kafka, with the group"},
    {"offset.store.path", "offsets live in Kafka, with the group"},
    {"isolation.level", "articles of aborted transactions must not be enriched"},
    {"enable.partition.eof", "always on: marks of transactions at the end of a partition are no lag"},
    {"enable.idempotence", "always on: without it a retry could double or reorder articles"},
    {"acks", "always all: an article counts as delivered when all replicas in sync have it"},
    {"request.required.acks", "always all: an article counts as delivered when all replicas in sync have it"},
    {"transactional.id", "set transactional.id"},
    {"enable.gapless.guarantee", "always on: articles behind a refused one must not overtake it"},
    {"queuing.strategy", "always fifo: lifo would turn the order of articles round"},
    {"message.timeout.ms", "an article is never given up, so that none overtakes it; see stop.timeout"},
    {"delivery.timeout.ms", "an article is never given up, so that none overtakes it; see stop.timeout"},
    {"delivery.report.only.error", "every delivery report is needed to know when an offset may be stored"},
    {"log.queue", "librdkafka's log lines go into our log"},
    {"enabled_events", "set by the program itself"},
    {"test.mock.num.brokers",
        "each client would get brokers of its own; start `tocsin broker` and set kafka.bootstrap.servers"},
    {"opaque", "can only be set by a program"},
    {"default_topic_conf", "can only be set by a program"},
    {"interceptors", "can only be set by a program"},
    {"msg_order_cmp", "can only be set by a program"},
    {"ssl_engine_callback_data", "can only be set by a program"},
};

bool settings_kafka_owned(size_t i, const char **ret_name, const char **ret_reason)
{
    if (i >= sizeof owned_properties / sizeof *owned_properties)
        return false;
    *ret_name = owned_properties[i].name;
    *ret_reason = owned_properties[i].reason;
    return true;
}

static const char *reason_to_refuse(const char *name, enum kafka_scope scope)
{
    const char *owned, *reason;
    size_t size = strlen(name);

    for (size_t i = 0; settings_kafka_owned(i, &owned, &reason); i++)
        if (strcmp(owned, name) == 0)
            return reason;
    if (size > 3 && strcmp(name + size - 3, "_cb") == 0)
        return "can only be set by a program";
    if (strcmp(name, "bootstrap.servers") == 0)
        return "set kafka.bootstrap.servers: consumer and producer belong to one cluster";
    if (scope != SCOPE_BOTH && scope_of(name) != SCOPE_BOTH && scope_of(name) != scope)
        return scope == SCOPE_CONSUMER ? "a property of producers" : "a property of consumers";
    return NULL;
}

/* ---- set one ---------------------------------------------------------------------------------------------------- */

static void offer_name(void *user, const char *name)
{
    nearest_try(user, name);
}

/* Would librdkafka take it?  Asked of a configuration that is thrown away. */
static enum status try_property(const char *key, const char *name, const char *value, const char *origin,
                                struct err *err)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    char text[256], hint[NEAREST_HINT_MAX] = "";
    rd_kafka_conf_res_t result = rd_kafka_conf_set(conf, name, value, text, sizeof text);

    rd_kafka_conf_destroy(conf);
    if (result == RD_KAFKA_CONF_OK)
        return STATUS_OK;
    if (result == RD_KAFKA_CONF_UNKNOWN) {
        struct nearest nearest = nearest_to(name);
        settings_kafka_names(offer_name, &nearest);
        nearest_hint(&nearest, hint);
    }
    return fail(err, STATUS_FATAL, "%s: %s: %s%s", origin, key, text, hint);
}

static struct kafka_property *property_at(struct settings *settings, const char *key)
{
    struct settings_private *private = settings->private;

    for (size_t i = 0; i < private->n_kafka; i++)
        if (strcmp(private->kafka[i].key, key) == 0)
            return &private->kafka[i];
    if (private->n_kafka == private->kafka_size) {
        size_t size = private->kafka_size == 0 ? 16 : private->kafka_size * 2;
        struct kafka_property *kafka = realloc(private->kafka, size * sizeof *kafka);

        if (kafka == NULL)
            abort(); /* a few hundred bytes at the start of the process */
        private->kafka = kafka;
        private->kafka_size = size;
    }
    return &private->kafka[private->n_kafka++];
}

enum status settings_kafka_set(struct settings *settings, const char *key, const char *value, const char *origin,
                               struct err *err)
{
    const char *name = key + strlen("kafka.");
    enum kafka_scope scope = SCOPE_BOTH;
    const char *reason;
    size_t at;

    if (strncmp(name, "consumer.", 9) == 0)
        scope = SCOPE_CONSUMER;
    else if (strncmp(name, "producer.", 9) == 0)
        scope = SCOPE_PRODUCER;
    if (scope != SCOPE_BOTH)
        name += 9;
    reason = reason_to_refuse(name, scope);
    if (reason != NULL)
        return fail(err, STATUS_FATAL, "%s: %s cannot be set: %s", origin, key, reason);
    if (try_property(key, name, value, origin, err) != STATUS_OK)
        return STATUS_FATAL;
    at = (size_t)(name - key);
    key = settings_copy(settings, key);
    *property_at(settings, key) = (struct kafka_property){
        .scope = scope,
        .key = key,
        .name = key + at,
        .value = settings_copy(settings, value),
        .origin = settings_copy(settings, origin),
    };
    return STATUS_OK;
}

/* ---- a client's configuration ----------------------------------------------------------------------------------- */

struct pair {
    const char *name, *value;
};

/* What a user may override.  Reasons, where the value is not librdkafka's default:
 *   nagle off, keepalive on      latency; a firewall that forgets idle connections is found out
 *   range                        eager: the cooperative assignors of librdkafka before 2.10 can loop or lose partitions
 *   session.timeout, heartbeat   another member takes over within twelve seconds instead of fifty: the one that is
 *                                left hears of it with its next heartbeat
 *   fetch.wait.max               an empty fetch returns after this long; brokers answer at once when something arrives
 *   fetch.message.max            of each partition in one answer.  It counts compressed bytes and the queue's bound is
 *                                looked at between answers: with a megabyte, twelve partitions of well compressed text
 *                                held 580 MB; a record that is larger comes all the same, alone
 *   queued, queue.buffering      bounds of memory: more than a second of traffic, less than what hurts
 *   message.max.bytes            the topic's limit decides, not the client's: a dead letter is larger than what came in
 *   murmur2_random               keys land on the partitions on which Java's clients put them */
static const struct pair both_defaults[] = {
    {"socket.nagle.disable", "true"},
    {"socket.keepalive.enable", "true"},
    {NULL, NULL},
};
static const struct pair consumer_defaults[] = {
    {"auto.offset.reset", "earliest"},
    {"partition.assignment.strategy", "range"},
    {"session.timeout.ms", "10000"},
    {"heartbeat.interval.ms", "1000"},
    {"fetch.wait.max.ms", "100"},
    {"fetch.message.max.bytes", "262144"},
    {"queued.min.messages", "20000"},
    {"queued.max.messages.kbytes", "32768"},
    {NULL, NULL},
};
static const struct pair producer_defaults[] = {
    {"partitioner", "murmur2_random"},
    {"compression.type", "lz4"},
    {"linger.ms", "5"},
    {"message.max.bytes", "40000000"},
    {"queue.buffering.max.messages", "20000"},
    {"queue.buffering.max.kbytes", "131072"},
    {NULL, NULL},
};
/*   transaction.timeout   an open transaction of a process that died hides its offsets from whoever takes over: not longer
 *                         than a session
 *   retry.backoff         brokers that still end the last transaction refuse the next one's offsets for some
 *                         milliseconds; the client's 100 are half of the time that an article takes */
static const struct pair transaction_defaults[] = {
    {"transaction.timeout.ms", "10000"},
    {"retry.backoff.ms", "10"},
    {NULL, NULL},
};

static enum status set_one(rd_kafka_conf_t *conf, const char *name, const char *value, struct err *err)
{
    char text[256];

    if (rd_kafka_conf_set(conf, name, value, text, sizeof text) != RD_KAFKA_CONF_OK)
        return fail(err, STATUS_FATAL, "librdkafka: %s", text);
    return STATUS_OK;
}

static enum status set_pairs(rd_kafka_conf_t *conf, const struct pair *pairs, struct err *err)
{
    for (; pairs->name != NULL; pairs++)
        if (set_one(conf, pairs->name, pairs->value, err) != STATUS_OK)
            return STATUS_FATAL;
    return STATUS_OK;
}

static bool concerns(const struct kafka_property *property, enum client client)
{
    enum kafka_scope scope = property->scope == SCOPE_BOTH ? scope_of(property->name) : property->scope;

    return scope == SCOPE_BOTH || scope == (client == CLIENT_CONSUMER ? SCOPE_CONSUMER : SCOPE_PRODUCER);
}

/* What is for both comes first, so that kafka.consumer.X wins over kafka.X wherever they were written. */
static enum status set_passed_through(rd_kafka_conf_t *conf, const struct settings *settings, enum client client,
                                      struct err *err)
{
    for (int own = 0; own < 2; own++) {
        for (size_t i = 0; i < settings->private->n_kafka; i++) {
            const struct kafka_property *property = &settings->private->kafka[i];
            if ((property->scope != SCOPE_BOTH) != (own == 1) || !concerns(property, client))
                continue;
            if (set_one(conf, property->name, property->value, err) != STATUS_OK)
                return STATUS_FATAL;
        }
    }
    return STATUS_OK;
}

static enum status set_owned(rd_kafka_conf_t *conf, const struct settings *settings, enum client client,
                             struct err *err)
{
    char client_id[256], commit_interval[32];
    const struct pair both[] = {
        {"bootstrap.servers", settings->bootstrap_servers},
        {"client.id", client_id},
        {NULL, NULL},
    };
    const bool transactions = settings->delivery == DELIVERY_EXACTLY_ONCE;
    const struct pair consumer[] = {
        {"group.id", settings->group_id},
        /* Of what is stored, and that is only what is done; in transactions the producer brings the offsets. */
        {"enable.auto.commit", transactions ? "false" : "true"},
        {"auto.commit.interval.ms", commit_interval},
        {"enable.auto.offset.store", "false"},
        {"isolation.level", "read_committed"},
        {"enable.partition.eof", "true"}, /* a reader of the end knows that marks of transactions are no lag */
        {NULL, NULL},
    };
    const struct pair producer[] = {
        {"enable.idempotence", "true"},
        {"acks", "all"},
        /* In a transaction librdkafka itself lets records live as long as that does. */
        {transactions ? "transactional.id" : "message.timeout.ms", transactions ? settings->transactional_id : "0"},
        {transactions ? NULL : "enable.gapless.guarantee", "true"},
        {NULL, NULL},
    };

    snprintf(client_id, sizeof client_id, "tocsin-%s", settings->instance);
    snprintf(commit_interval, sizeof commit_interval, "%llu", (unsigned long long)settings->commit_interval);
    if (set_pairs(conf, both, err) != STATUS_OK ||
        set_pairs(conf, client == CLIENT_CONSUMER ? consumer : producer, err) != STATUS_OK)
        return STATUS_FATAL;
    if (client == CLIENT_CONSUMER && settings->group_instance_id[0] != '\0')
        return set_one(conf, "group.instance.id", settings->group_instance_id, err);
    return STATUS_OK;
}

enum status settings_kafka(const struct settings *settings, enum client client, rd_kafka_conf_t **ret_conf,
                           struct err *err)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();

    if (set_pairs(conf, both_defaults, err) != STATUS_OK ||
        set_pairs(conf, client == CLIENT_CONSUMER ? consumer_defaults : producer_defaults, err) != STATUS_OK ||
        (client == CLIENT_PRODUCER && settings->delivery == DELIVERY_EXACTLY_ONCE &&
         set_pairs(conf, transaction_defaults, err) != STATUS_OK) ||
        set_passed_through(conf, settings, client, err) != STATUS_OK ||
        set_owned(conf, settings, client, err) != STATUS_OK) {
        rd_kafka_conf_destroy(conf);
        return STATUS_FATAL;
    }
    *ret_conf = conf;
    return STATUS_OK;
}

const char *settings_kafka_value(const struct settings *settings, enum client client, const char *name)
{
    const char *value = NULL;
    bool own = false;

    for (size_t i = 0; i < settings->private->n_kafka; i++) {
        const struct kafka_property *property = &settings->private->kafka[i];
        if (strcmp(property->name, name) != 0 || !concerns(property, client) || (own && property->scope == SCOPE_BOTH))
            continue;
        value = property->value;
        own = property->scope != SCOPE_BOTH;
    }
    return value;
}
