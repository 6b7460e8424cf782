/*
 * check: is the configuration right, are the tables, and (if asked) is everything there that `run` needs?
 */
#include "consumer/cli/cli.h"
#include "consumer/corridor/kafka.h"
#include "consumer/corridor/redis.h"
#include "processors/knowledge.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { CONNECT_MS = 10000 };

static void report(bool fine, const char *what, const char *format, ...) __attribute__((format(printf, 3, 4)));

static void report(bool fine, const char *what, const char *format, ...)
{
    va_list arguments;

    printf("%-5s %-10s ", fine ? "ok" : "FAIL", what);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    putchar('\n');
    fflush(stdout); /* what comes next may wait for a server */
}

/* ---- configuration ---------------------------------------------------------------------------------------------- */

static void count_setting(void *user, const char *key, const char *value, const char *origin)
{
    size_t *n = user;

    (void)key, (void)value;
    n[0]++;
    n[1] += strcmp(origin, "default") == 0;
}

/* librdkafka checks some properties only against each other, when a client is made; that needs no connection. */
static enum status make_client(const struct settings *settings, enum client which, rd_kafka_t **ret_client,
                               struct err *err)
{
    rd_kafka_conf_t *conf;

    if (settings_kafka(settings, which, &conf, err) != STATUS_OK)
        return STATUS_FATAL;
    kafka_conf_log(conf);
    return kafka_client_new(which == CLIENT_CONSUMER ? RD_KAFKA_CONSUMER : RD_KAFKA_PRODUCER, conf, ret_client, err);
}

static bool check_clients(const struct settings *settings)
{
    rd_kafka_t *client;
    struct err err;

    for (int which = CLIENT_CONSUMER; which <= CLIENT_PRODUCER; which++) {
        if (make_client(settings, (enum client)which, &client, &err) != STATUS_OK) {
            report(false, "kafka", "%s: %s", which == CLIENT_CONSUMER ? "consumer" : "producer", err.text);
            return false;
        }
        rd_kafka_destroy(client);
    }
    report(true, "kafka", "librdkafka %s takes the properties of consumer and producer", rd_kafka_version_str());
    return true;
}

static bool check_tables(const struct settings *settings)
{
    struct knowledge *knowledge;
    struct options options;
    struct err err;

    settings_options(settings, &options);
    if (knowledge_open(&options, &knowledge, &err) != STATUS_OK) {
        report(false, "tables", "%s", err.text);
        return false;
    }
    report(true, "tables", "%s%s%s: version %s, %zu languages, %d rooms", options.data_dir,
           options.overlay_dir == NULL ? "" : " with ", options.overlay_dir == NULL ? "" : options.overlay_dir,
           knowledge_version(knowledge), languages_count(knowledge_languages(knowledge)) - 1, STAGES);
    knowledge_unref(knowledge);
    return true;
}

/* ---- connections ------------------------------------------------------------------------------------------------ */

/* By a consumer, whose question does not make a broker create the topic. */
static bool check_topic(rd_kafka_t *client, const char *name)
{
    const struct rd_kafka_metadata *metadata;
    rd_kafka_topic_t *topic = rd_kafka_topic_new(client, name, NULL);
    rd_kafka_resp_err_t error = topic == NULL ? rd_kafka_last_error()
                                              : rd_kafka_metadata(client, 0, topic, &metadata, CONNECT_MS);
    bool fine = false;

    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
        report(false, "topic", "%s: %s", name, rd_kafka_err2str(error));
    } else {
        const struct rd_kafka_metadata_topic *found = &metadata->topics[0];

        fine = found->err == RD_KAFKA_RESP_ERR_NO_ERROR;
        if (fine)
            report(true, "topic", "%s: %d partitions", name, found->partition_cnt);
        else
            report(false, "topic", "%s: %s", name, rd_kafka_err2str(found->err));
        rd_kafka_metadata_destroy(metadata);
    }
    if (topic != NULL)
        rd_kafka_topic_destroy(topic);
    return fine;
}

static bool connect_kafka(const struct settings *settings)
{
    const char *const topics[] = {settings->input_topic, settings->output_topic, settings->dead_topic};
    const struct rd_kafka_metadata *metadata;
    rd_kafka_resp_err_t error;
    rd_kafka_t *client;
    struct err err;
    bool fine;

    if (make_client(settings, CLIENT_CONSUMER, &client, &err) != STATUS_OK) {
        report(false, "brokers", "%s", err.text);
        return false;
    }
    error = rd_kafka_metadata(client, 0, NULL, &metadata, CONNECT_MS);
    fine = error == RD_KAFKA_RESP_ERR_NO_ERROR;
    if (fine) {
        report(true, "brokers", "%d at %s", metadata->broker_cnt, settings->bootstrap_servers);
        rd_kafka_metadata_destroy(metadata);
        for (size_t i = 0; i < sizeof topics / sizeof *topics; i++)
            fine = check_topic(client, topics[i]) && fine;
    } else {
        report(false, "brokers", "%s: no broker answered within %d s (%s)", settings->bootstrap_servers,
               CONNECT_MS / 1000, rd_kafka_err2str(error));
    }
    rd_kafka_destroy(client);
    return fine;
}

/* The value of "NAME:value\r\n" in Redis's INFO. */
static void info_value(const char *info, const char *name, char *value, size_t size)
{
    const char *at = strstr(info, name);

    at = at == NULL ? "" : at + strlen(name);
    snprintf(value, size, "%.*s", (int)strcspn(at, "\r\n"), at);
}

static bool ask_redis(struct redis *redis, const char *url)
{
    redisReply *reply = redisCommand(redis->context, "INFO");
    char version[32], policy[32];

    if (reply == NULL || reply->type != REDIS_REPLY_STRING) {
        report(false, "redis", "%s: %s", url, reply == NULL ? redis->context->errstr : reply->str);
        freeReplyObject(reply);
        return false;
    }
    info_value(reply->str, "redis_version:", version, sizeof version);
    info_value(reply->str, "maxmemory_policy:", policy, sizeof policy);
    freeReplyObject(reply);
    if (strncmp(policy, "allkeys", 7) == 0) {
        report(false, "redis", "%s: maxmemory-policy is %s: Redis would throw mentions away; use noeviction", url,
               policy);
        return false;
    }
    report(true, "redis", "%s: version %s, maxmemory-policy %s", url, version, policy);
    return true;
}

static bool connect_redis(const struct settings *settings)
{
    struct redis_address address;
    struct redis redis;
    struct err err;
    bool fine;

    if (settings->redis_url[0] == '\0') {
        report(true, "redis", "not used: redis.url is empty");
        return true;
    }
    if (redis_address_parse(settings->redis_url, &address, &err) != STATUS_OK)
        return false; /* settings_finish() took it */
    redis_init(&redis, &address, settings->redis_password, settings->redis_timeout);
    fine = redis_connect(&redis, &err) == STATUS_OK;
    if (fine)
        fine = ask_redis(&redis, settings->redis_url);
    else
        report(false, "redis", "%s", err.text);
    redis_done(&redis);
    return fine;
}

/* ---- verb ------------------------------------------------------------------------------------------------------- */

static int check_run(const struct cli *cli)
{
    const struct settings *settings = cli_settings(cli);
    size_t n[2] = {0, 0};
    bool fine;
    int code = cli_finish_settings(cli, NULL, true);

    if (code != EXIT_DONE)
        return code;
    if (cli_given(cli, "print"))
        settings_print(settings, stdout);
    settings_each(settings, count_setting, n);
    report(true, "settings", "%zu, of these %zu at their default", n[0], n[1]);
    fine = check_clients(settings);
    fine = check_tables(settings) && fine;
    if (!fine)
        return EXIT_CONFIGURATION;
    if (cli_given(cli, "connect")) {
        fine = connect_kafka(settings);
        fine = connect_redis(settings) && fine;
    }
    return fine ? EXIT_DONE : EXIT_UNREACHABLE;
}

static const struct cli_option check_options[] = {
    {0, "connect", NULL, NULL, "also try the brokers, the topics and Redis"},
    {0, "print", NULL, NULL, "print every setting with its value and where it was set; secrets are masked"},
    {'b', "brokers", "HOST:PORT,…", "kafka.bootstrap.servers", "Kafka brokers"},
    {0},
};

const struct command check_command = {
    .name = "check",
    .arguments = "",
    .summary = "validates configuration and tables; with --connect also brokers, topics and Redis",
    .description =
        "Reads the configuration and all tables as `run` would and says what is wrong.  Creates nothing.\n"
        "Exit 78: something in the configuration or the tables is wrong; 69 (with --connect): something is\n"
        "unreachable.",
    .options = check_options,
    .has_settings = true,
    .run = check_run,
};
