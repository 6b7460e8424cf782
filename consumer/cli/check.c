/*
 * check: is the configuration right, are the tables, and (if asked) is everything there that `run` needs?
 */
#include "consumer/cli/check.h"

#include "consumer/cli/cli.h"
#include "consumer/corridor/kafka.h"
#include "consumer/corridor/redis.h"
#include "processors/knowledge.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void check_report(enum finding finding, const char *what, const char *format, ...)
{
    va_list arguments;

    printf("%-5s %-12s ", finding == FINDING_OK ? "ok" : finding == FINDING_NOTE ? "note" : "FAIL", what);
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
enum status check_client(const struct settings *settings, enum client which, rd_kafka_t **ret_client, struct err *err)
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
        if (check_client(settings, (enum client)which, &client, &err) != STATUS_OK) {
            check_report(FINDING_WRONG, "kafka", "%s: %s", which == CLIENT_CONSUMER ? "consumer" : "producer", err.text);
            return false;
        }
        rd_kafka_destroy(client);
    }
    check_report(FINDING_OK, "kafka", "librdkafka %s takes the properties of consumer and producer", rd_kafka_version_str());
    return true;
}

/* How many remarks of each kind; the kinds are few, and their names static. */
struct remarks {
    const char *kinds[8];
    size_t counts[8];
    bool is_told; /* each by itself */
};

static void count_remark(void *user, const char *kind, struct view text)
{
    struct remarks *remarks = user;

    if (remarks->is_told)
        check_report(FINDING_NOTE, kind, "%.*s", VIEW_PRINT(text));
    for (size_t i = 0; i < sizeof remarks->counts / sizeof *remarks->counts; i++)
        if (remarks->kinds[i] == NULL || strcmp(remarks->kinds[i], kind) == 0) {
            remarks->kinds[i] = kind;
            remarks->counts[i]++;
            return;
        }
}

static void review_tables(const struct knowledge *knowledge, bool is_told)
{
    struct remarks remarks = {.is_told = is_told};

    knowledge_review(knowledge, count_remark, &remarks);
    for (size_t i = 0; !is_told && i < sizeof remarks.counts / sizeof *remarks.counts && remarks.counts[i] > 0; i++)
        check_report(FINDING_NOTE, "tables", "%zu of kind %s; --tables lists them", remarks.counts[i], remarks.kinds[i]);
}

static bool check_tables(const struct settings *settings, bool is_told)
{
    struct knowledge *knowledge;
    struct options options;
    struct err err;

    settings_options(settings, &options);
    if (knowledge_open(&options, &knowledge, &err) != STATUS_OK) {
        check_report(FINDING_WRONG, "tables", "%s", err.text);
        return false;
    }
    check_report(FINDING_OK, "tables", "%s%s%s: version %s, %zu languages, %d rooms", options.data_dir,
           options.overlay_dir == NULL ? "" : " with ", options.overlay_dir == NULL ? "" : options.overlay_dir,
           knowledge_version(knowledge), languages_count(knowledge_languages(knowledge)) - 1, STAGES);
    review_tables(knowledge, is_told);
    knowledge_unref(knowledge);
    return true;
}

/* ---- connections ------------------------------------------------------------------------------------------------ */

/* STATUS_OK, STATUS_RETRY: something cannot be reached, STATUS_FATAL: something contradicts the settings. */
static enum status connect_kafka(const struct settings *settings, bool create)
{
    const struct rd_kafka_metadata *metadata;
    enum status topics, coordinators;
    char refusal[KAFKA_REFUSAL_MAX];
    rd_kafka_resp_err_t error;
    rd_kafka_t *client;
    struct err err;

    if (check_client(settings, CLIENT_CONSUMER, &client, &err) != STATUS_OK) {
        check_report(FINDING_WRONG, "brokers", "%s", err.text);
        return STATUS_FATAL;
    }
    error = rd_kafka_metadata(client, 0, NULL, &metadata, CHECK_CONNECT_MS);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
        check_report(FINDING_WRONG, "brokers", "%s: no broker answered within %d s (%s)%s", settings->bootstrap_servers,
                     CHECK_CONNECT_MS / 1000, rd_kafka_err2str(error), kafka_refusal(refusal));
        rd_kafka_destroy(client);
        return STATUS_RETRY;
    }
    check_report(FINDING_OK, "brokers", "%d at %s", metadata->broker_cnt, settings->bootstrap_servers);
    rd_kafka_metadata_destroy(metadata);
    topics = check_topics(settings, client, create);
    coordinators = check_coordinators(settings, client);
    rd_kafka_destroy(client);
    return topics == STATUS_OK || coordinators == STATUS_RETRY ? coordinators : topics;
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

    if (reply != NULL && reply->type == REDIS_REPLY_ERROR && strncmp(reply->str, "NOPERM", 6) == 0) {
        check_report(FINDING_OK, "redis", "%s: answers; this user may not ask for INFO, so look at maxmemory-policy yourself", url);
        freeReplyObject(reply);
        return true;
    }
    if (reply == NULL || reply->type != REDIS_REPLY_STRING) {
        check_report(FINDING_WRONG, "redis", "%s: %s", url, reply == NULL ? redis->context->errstr : reply->str);
        freeReplyObject(reply);
        return false;
    }
    info_value(reply->str, "redis_version:", version, sizeof version);
    info_value(reply->str, "maxmemory_policy:", policy, sizeof policy);
    freeReplyObject(reply);
    if (strncmp(policy, "allkeys", 7) == 0) {
        check_report(FINDING_WRONG, "redis", "%s: maxmemory-policy is %s: Redis would throw mentions away; use noeviction", url,
               policy);
        return false;
    }
    check_report(FINDING_OK, "redis", "%s: version %s, maxmemory-policy %s", url, version, policy);
    return true;
}

static bool connect_redis(const struct settings *settings)
{
    struct redis_address address;
    struct redis redis;
    struct err err;
    bool fine;

    if (settings->redis_url[0] == '\0') {
        check_report(FINDING_OK, "redis", "not used: redis.url is empty");
        return true;
    }
    if (redis_address_parse(settings->redis_url, &address, &err) != STATUS_OK)
        return false; /* settings_finish() took it */
    redis_init(&redis, &address, settings->redis_password, settings->redis_timeout);
    fine = redis_connect(&redis, &err) == STATUS_OK;
    if (fine)
        fine = ask_redis(&redis, settings->redis_url);
    else
        check_report(FINDING_WRONG, "redis", "%s", err.text);
    redis_done(&redis);
    return fine;
}

/* ---- verb ------------------------------------------------------------------------------------------------------- */

static int check_run(const struct cli *cli)
{
    const struct settings *settings = cli_settings(cli);
    size_t n[2] = {0, 0};
    enum status kafka;
    bool fine;
    int code = cli_finish_settings(cli, NULL, true);

    if (code != EXIT_DONE)
        return code;
    if (cli_given(cli, "print"))
        settings_print(settings, stdout);
    settings_each(settings, count_setting, n);
    check_report(FINDING_OK, "settings", "%zu, of these %zu at their default", n[0], n[1]);
    fine = check_clients(settings);
    fine = check_tables(settings, cli_given(cli, "tables")) && fine;
    if (!fine)
        return EXIT_CONFIGURATION;
    if (!cli_given(cli, "connect") && !cli_given(cli, "create-topics"))
        return EXIT_DONE;
    kafka = connect_kafka(settings, cli_given(cli, "create-topics"));
    fine = connect_redis(settings);
    return !fine || kafka == STATUS_RETRY ? EXIT_UNREACHABLE : kafka == STATUS_OK ? EXIT_DONE : EXIT_CONFIGURATION;
}

static const struct cli_option check_options[] = {
    {0, "connect", NULL, NULL, "also try the brokers, the topics, the coordinators and Redis"},
    {0, "create-topics", NULL, NULL, "the same, and create those of the three topics that are missing"},
    {0, "partitions", "N", "topics.partitions", "of topics that are created; 0: as the broker does it"},
    {0, "replication", "N", "topics.replication", "copies of topics that are created; 0: as the broker does it"},
    {0, "tables", NULL, NULL, "list what is doubtful in the tables: one spelling of two names, names missing in a language, names that are words"},
    {0, "print", NULL, NULL, "print every setting with its value and where it was set; secrets are masked"},
    {'b', "brokers", "HOST:PORT,…", "kafka.bootstrap.servers", "Kafka brokers"},
    {0},
};

const struct command check_command = {
    .name = "check",
    .arguments = "",
    .summary = "validates configuration and tables; with --connect also brokers, topics and Redis",
    .description =
        "Reads the configuration and all tables as `run` would and says what is wrong.\n"
        "\n"
        "--connect asks the brokers as well: are the three topics there, does their max.message.bytes go with\n"
        "output.max.bytes and input.max.bytes, can min.insync.replicas be had with the copies that there are,\n"
        "does the group's coordinator answer, and with delivery = exactly_once that of transactions (asked as\n"
        "TRANSACTIONAL.ID-check, so that no running stream is disturbed).  What this user may not see is said\n"
        "and not compared.\n"
        "\n"
        "--create-topics creates what is missing and says what: output.topic with room for output.max.bytes,\n"
        "dead.topic with room for all that input.max.bytes lets in and a retention of 30 days.  A topic that\n"
        "is there is never changed.\n"
        "\n"
        "Exit 78: something in the configuration or the tables is wrong, or a topic's limits contradict it;\n"
        "69 (with --connect): something is missing or unreachable.  A note changes no exit code.",
    .options = check_options,
    .has_settings = true,
    .run = check_run,
};
