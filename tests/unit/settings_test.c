/* What a user can set, from where, and what is refused with which words. */
#include "consumer/settings/settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct err err;

static int open_settings(void **state)
{
    *state = settings_new();
    err = (struct err){0};
    return 0;
}

static int close_settings(void **state)
{
    settings_free(*state);
    return 0;
}

static void assert_refused(enum status status, const char *part)
{
    assert_int_equal(status, STATUS_FATAL);
    if (strstr(err.text, part) == NULL)
        fail_msg("\"%s\" does not hold \"%s\"", err.text, part);
}

static const char *write_file(const char *text)
{
    static char path[] = "/tmp/settings_test_XXXXXX";
    int fd;

    strcpy(path + sizeof path - 7, "XXXXXX");
    fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    return path;
}

static enum status load(struct settings *settings, const char *text)
{
    const char *path = write_file(text);
    enum status status = settings_file(settings, path, &err);

    unlink(path);
    return status;
}

struct found {
    const char *key;
    char value[200], origin[200];
};

static void find(void *user, const char *key, const char *value, const char *origin)
{
    struct found *found = user;

    if (strcmp(key, found->key) != 0)
        return;
    snprintf(found->value, sizeof found->value, "%s", value);
    snprintf(found->origin, sizeof found->origin, "%s", origin);
}

static struct found shown(const struct settings *settings, const char *key)
{
    struct found found = {.key = key};

    settings_each(settings, find, &found);
    return found;
}

/* ---- values ----------------------------------------------------------------------------------------------------- */

static void units_are_understood(void **state)
{
    struct settings *settings = *state;

    assert_int_equal(settings_set(settings, "mention.ttl", "2d", "-X", &err), STATUS_OK);
    assert_int_equal(settings->mention_ttl, 2ull * 86400000);
    assert_int_equal(settings_set(settings, "pause.after", "500ms", "-X", &err), STATUS_OK);
    assert_int_equal(settings->pause_after, 500);
    assert_int_equal(settings_set(settings, "pause.after", "1500", "-X", &err), STATUS_OK);
    assert_int_equal(settings->pause_after, 1500);
    assert_int_equal(settings_set(settings, "batch.max.bytes", "64k", "-X", &err), STATUS_OK);
    assert_int_equal(settings->batch_max_bytes, 65536);
    assert_int_equal(settings_set(settings, "input.max.bytes", "1G", "-X", &err), STATUS_OK);
    assert_int_equal(settings->input_max_bytes, 1ull << 30);
    assert_int_equal(settings_set(settings, "redis.required", "off", "-X", &err), STATUS_OK);
    assert_false(settings->redis_required);
    assert_int_equal(settings_set(settings, "input.format", "html", "-X", &err), STATUS_OK);
    assert_int_equal(settings->input_format, INPUT_HTML);
}

static void nonsense_is_refused_and_changes_nothing(void **state)
{
    struct settings *settings = *state;
    uint64_t before = settings->mention_ttl;
    static const char *const times[] = {"", "7y", "-1s", "+1s", " 1s", "1 s", "s", "99999999999999999999d", "0x10s"};

    for (size_t i = 0; i < sizeof times / sizeof *times; i++)
        assert_refused(settings_set(settings, "mention.ttl", times[i], "here", &err), "here: mention.ttl is");
    assert_int_equal(settings->mention_ttl, before);
    assert_refused(settings_set(settings, "workers", "257", "a.conf:3", &err), "a.conf:3: workers is 257, allowed are 0 to 256");
    assert_refused(settings_set(settings, "batches", "1", "-X", &err), "allowed are 2 to 64");
    assert_refused(settings_set(settings, "redis.required", "maybe", "-X", &err), "expected true or false");
    assert_refused(settings_set(settings, "input.format", "js", "-X", &err), "json|text|html");
    assert_refused(settings_set(settings, "input.format", "json|text", "-X", &err), "json|text|html");
}

static void unknown_keys_name_the_nearest_known_one(void **state)
{
    assert_refused(settings_set(*state, "redis.ulr", "x", "t.conf:7", &err), "t.conf:7: unknown setting \"redis.ulr\"");
    assert_refused(settings_set(*state, "redis.ulr", "x", "-X", &err), "did you mean \"redis.url\"?");
    assert_refused(settings_set(*state, "batch.max.cuont", "x", "-X", &err), "did you mean \"batch.max.count\"?");
    assert_refused(settings_set(*state, "zzzzzzzzzz", "x", "-X", &err), "unknown setting");
    assert_null(strstr(err.text, "did you mean"));
}

/* ---- sources ---------------------------------------------------------------------------------------------------- */

static void a_file_may_hold_comments_and_read_the_environment(void **state)
{
    struct settings *settings = *state;

    setenv("SETTINGS_TEST_TOPIC", "from.environment", 1);
    unsetenv("SETTINGS_TEST_NONE");
    assert_int_equal(load(settings, "# a comment\n\n  input.topic = ${SETTINGS_TEST_TOPIC}\r\n"
                                    "output.topic=x.${SETTINGS_TEST_NONE:default}.y\n"
                                    "redis.password = with # and = in it, $5 and $${no}\n"
                                    "dead.topic = last"), STATUS_OK);
    assert_string_equal(settings->input_topic, "from.environment");
    assert_string_equal(settings->output_topic, "x.default.y");
    assert_string_equal(settings->redis_password, "with # and = in it, $5 and ${no}");
    assert_string_equal(settings->dead_topic, "last");
}

static void errors_in_a_file_name_their_line(void **state)
{
    assert_refused(load(*state, "# one\nworkers = many\n"), ":2: workers is \"many\"");
    assert_refused(load(*state, "no equals sign\n"), ":1: expected key = value");
    assert_refused(load(*state, "\n\ninput.topic = ${SETTINGS_TEST_NONE}\n"), ":3: the environment has no SETTINGS_TEST_NONE");
    assert_refused(load(*state, "input.topic = ${X\n"), ":1: ${ without }");
    assert_refused(settings_file(*state, "/nonexistent.conf", &err), "/nonexistent.conf: No such file");
}

static void the_environment_sets_table_and_kafka_keys(void **state)
{
    struct settings *settings = *state;

    setenv("TOCSIN_REDIS_URL", "redis://r:1", 1);
    setenv("TOCSIN_KAFKA_CONSUMER_FETCH_MIN_BYTES", "17", 1);
    setenv("TOCSIN_SERVICE_HOST", "10.0.0.1", 1); /* Kubernetes */
    setenv("TOCSIN_PORT_9100_TCP_ADDR", "10.0.0.1", 1);
    assert_int_equal(settings_environment(settings, &err), STATUS_OK);
    assert_string_equal(settings->redis_url, "redis://r:1");
    assert_string_equal(shown(settings, "redis.url").origin, "TOCSIN_REDIS_URL");
    assert_string_equal(shown(settings, "kafka.consumer.fetch.min.bytes").value, "17");
    setenv("TOCSIN_REDIS_ULR", "x", 1);
    assert_refused(settings_environment(settings, &err), "did you mean \"TOCSIN_REDIS_URL\"?");
    unsetenv("TOCSIN_REDIS_ULR");
    unsetenv("TOCSIN_REDIS_URL");
    unsetenv("TOCSIN_KAFKA_CONSUMER_FETCH_MIN_BYTES");
    unsetenv("TOCSIN_SERVICE_HOST");
    unsetenv("TOCSIN_PORT_9100_TCP_ADDR");
}

static void the_later_source_wins(void **state)
{
    struct settings *settings = *state;

    assert_string_equal(shown(settings, "group.id").origin, "default");
    assert_int_equal(load(settings, "group.id = from-file\n"), STATUS_OK);
    assert_int_equal(settings_set(settings, "group.id", "from-line", "-X", &err), STATUS_OK);
    assert_string_equal(settings->group_id, "from-line");
    assert_string_equal(shown(settings, "group.id").origin, "-X");
}

/* ---- secrets ---------------------------------------------------------------------------------------------------- */

static void secrets_come_from_files_without_their_last_newline(void **state)
{
    struct settings *settings = *state;
    const char *path = write_file("s3cret \n");

    assert_int_equal(settings_set(settings, "redis.password_file", path, "-X", &err), STATUS_OK);
    assert_string_equal(settings->redis_password, "s3cret ");
    assert_int_equal(settings_set(settings, "kafka.sasl.password_file", path, "-X", &err), STATUS_OK);
    unlink(path);
    assert_string_equal(shown(settings, "kafka.sasl.password").value, "********");
    assert_refused(settings_set(settings, "redis.password_file", "/nonexistent", "-X", &err), "/nonexistent: No such file");
    assert_refused(settings_set(settings, "redis.url_file", "/dev/null", "-X", &err), "unknown setting");
}

static void no_print_shows_a_secret(void **state)
{
    static const char *const secrets[] = {
        "redis.password", "kafka.sasl.password", "kafka.sasl.username", "kafka.ssl.key.password", "kafka.ssl.key.pem",
        "kafka.ssl.keystore.password", "kafka.producer.sasl.oauthbearer.config",
    };
    struct settings *settings = *state;
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++)
        if (settings_set(settings, secrets[i], "hunter2", "-X", &err) != STATUS_OK)
            fail_msg("%s", err.text);
    assert_int_equal(settings_set(settings, "kafka.sasl.mechanism", "PLAIN", "-X", &err), STATUS_OK);
    settings_print(settings, out);
    fclose(out);
    assert_null(strstr(text, "hunter2"));
    assert_non_null(strstr(text, "kafka.sasl.password = ********"));
    assert_non_null(strstr(text, "kafka.sasl.mechanism = PLAIN"));
    free(text);
}

static void a_password_in_the_redis_url_is_refused_and_masked(void **state)
{
    struct settings *settings = *state;

    assert_int_equal(settings_set(settings, "redis.url", "redis://me:hunter2@host:1", "-X", &err), STATUS_OK);
    assert_string_equal(shown(settings, "redis.url").value, "redis://me:********@host:1");
    assert_refused(settings_finish(settings, &err), "redis.password");
    assert_null(strstr(err.text, "hunter2"));
}

/* ---- librdkafka ------------------------------------------------------------------------------------------------- */

static void what_we_own_is_refused_with_the_reason(void **state)
{
    assert_refused(settings_set(*state, "kafka.enable.auto.commit", "false", "-X", &err), "see commit.interval");
    assert_refused(settings_set(*state, "kafka.consumer.enable.auto.offset.store", "true", "-X", &err), "delivered");
    assert_refused(settings_set(*state, "kafka.group.id", "x", "-X", &err), "set group.id");
    assert_refused(settings_set(*state, "kafka.producer.acks", "0", "-X", &err), "always all");
    assert_refused(settings_set(*state, "kafka.dr_msg_cb", "x", "-X", &err), "only be set by a program");
    assert_refused(settings_set(*state, "kafka.producer.bootstrap.servers", "x", "-X", &err), "one cluster");
    assert_refused(settings_set(*state, "kafka.producer.fetch.min.bytes", "1", "-X", &err), "a property of consumers");
    assert_refused(settings_set(*state, "kafka.consumer.linger.ms", "1", "-X", &err), "a property of producers");
}

static void what_librdkafka_refuses_is_said_in_its_words(void **state)
{
    assert_refused(settings_set(*state, "kafka.sesion.timeout.ms", "1", "f:1", &err), "f:1: kafka.sesion.timeout.ms: No such");
    assert_refused(settings_set(*state, "kafka.sesion.timeout.ms", "1", "f:1", &err), "did you mean \"session.timeout.ms\"?");
    assert_refused(settings_set(*state, "kafka.session.timeout.ms", "x", "f:1", &err), "Invalid value");
    assert_refused(settings_set(*state, "kafak.session.timeout.ms", "1", "-X", &err), "\"kafka.session.timeout.ms\"?");
}

static void assert_conf(rd_kafka_conf_t *conf, const char *name, const char *expected)
{
    char value[256];
    size_t size = sizeof value;

    /* a topic's property is found in the default topic configuration */
    if (rd_kafka_conf_get(conf, name, value, &size) != RD_KAFKA_CONF_OK) {
        rd_kafka_topic_conf_t *topic = rd_kafka_conf_get_default_topic_conf(conf);
        size = sizeof value;
        assert_non_null(topic);
        assert_int_equal(rd_kafka_topic_conf_get(topic, name, value, &size), RD_KAFKA_CONF_OK);
    }
    if (strcmp(value, expected) != 0)
        fail_msg("%s is %s, expected %s", name, value, expected);
}

static void clients_get_our_defaults_the_users_properties_and_what_we_own(void **state)
{
    struct settings *settings = *state;
    rd_kafka_conf_t *conf;

    assert_int_equal(settings_set(settings, "kafka.consumer.fetch.wait.max.ms", "33", "-X", &err), STATUS_OK);
    assert_int_equal(settings_set(settings, "kafka.fetch.wait.max.ms", "44", "-X", &err), STATUS_OK); /* the narrower wins */
    assert_int_equal(settings_set(settings, "kafka.linger.ms", "7", "-X", &err), STATUS_OK);
    assert_int_equal(settings_set(settings, "kafka.producer.client.rack", "left", "-X", &err), STATUS_OK);
    assert_int_equal(settings_set(settings, "commit.interval", "3s", "-X", &err), STATUS_OK);
    assert_int_equal(settings_set(settings, "instance", "one", "-X", &err), STATUS_OK);
    assert_int_equal(settings_finish(settings, &err), STATUS_OK);
    assert_int_equal(settings_kafka(settings, CLIENT_CONSUMER, &conf, &err), STATUS_OK);
    assert_conf(conf, "fetch.wait.max.ms", "33");
    assert_conf(conf, "enable.auto.offset.store", "false");
    assert_conf(conf, "enable.auto.commit", "true");
    assert_conf(conf, "auto.commit.interval.ms", "3000");
    assert_conf(conf, "auto.offset.reset", "smallest"); /* as librdkafka spells earliest */
    assert_conf(conf, "group.id", "tocsin");
    assert_conf(conf, "client.id", "tocsin-one");
    assert_conf(conf, "linger.ms", "5"); /* a producer's: not told to a consumer, which would warn */
    rd_kafka_conf_destroy(conf);
    assert_int_equal(settings_kafka(settings, CLIENT_PRODUCER, &conf, &err), STATUS_OK);
    assert_conf(conf, "linger.ms", "7");
    assert_conf(conf, "client.rack", "left");
    assert_conf(conf, "enable.idempotence", "true");
    assert_conf(conf, "acks", "-1");
    assert_conf(conf, "partitioner", "murmur2_random");
    rd_kafka_conf_destroy(conf);
}

/* ---- what depends on each other --------------------------------------------------------------------------------- */

static void finishing_finds_out_what_was_left_open(void **state)
{
    struct settings *settings = *state;
    struct options options;

    assert_int_equal(settings_finish(settings, &err), STATUS_OK);
    assert_true(settings->workers >= 1);
    assert_true(strlen(settings->instance) > 0);
    assert_int_equal(settings_need_data(settings, &err), STATUS_OK);
    settings_options(settings, &options);
    assert_null(options.overlay_dir);
    assert_null(options.input_map[INPUT_BODY]);
    assert_int_equal(options.input_max_bytes, 32u << 20);
}

static void finishing_refuses_what_does_not_fit_together(void **state)
{
    struct settings *settings = *state;

    settings_set(settings, "output.topic", "news.raw", "-X", &err);
    assert_refused(settings_finish(settings, &err), "must be three topics");
    settings_set(settings, "output.topic", "a b", "-X", &err);
    assert_refused(settings_finish(settings, &err), "-X: output.topic is \"a b\"");
    settings_set(settings, "output.topic", "out", "-X", &err);
    settings_set(settings, "kafka.max.poll.interval.ms", "12000", "-X", &err);
    assert_refused(settings_finish(settings, &err), "drain.timeout (15000 ms) must be below");
    settings_set(settings, "drain.timeout", "10s", "-X", &err);
    settings_set(settings, "output.max.bytes", "40M", "-X", &err);
    assert_refused(settings_finish(settings, &err), "kafka.producer.message.max.bytes of at least 41953040");
    settings_set(settings, "kafka.producer.message.max.bytes", "50000000", "-X", &err);
    assert_int_equal(settings_finish(settings, &err), STATUS_OK);
    settings_set(settings, "http.listen", "9464", "-X", &err);
    assert_refused(settings_finish(settings, &err), "-X: http.listen is \"9464\", expected HOST:PORT");
    settings_set(settings, "http.listen", ":9464", "-X", &err);
    settings_set(settings, "delivery", "exactly_once", "-X", &err);
    assert_int_equal(settings_finish(settings, &err), STATUS_OK);
    assert_string_not_equal(settings->transactional_id, ""); /* found out */
    settings_set(settings, "data.dir", "/nonexistent", "-X", &err);
    assert_refused(settings_need_data(settings, &err), "-X: data.dir is \"/nonexistent\"");
}

/* What a developer may have exported. */
static void forget_the_environment(void)
{
    char name[200];

    for (char **entry = environ; *entry != NULL;) {
        if (strncmp(*entry, "TOCSIN_", 7) != 0) {
            entry++;
            continue;
        }
        snprintf(name, sizeof name, "%.*s", (int)strcspn(*entry, "="), *entry);
        unsetenv(name); /* moves the others up */
    }
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, open_settings, close_settings)
    const struct CMUnitTest tests[] = {
        TEST(units_are_understood),
        TEST(nonsense_is_refused_and_changes_nothing),
        TEST(unknown_keys_name_the_nearest_known_one),
        TEST(a_file_may_hold_comments_and_read_the_environment),
        TEST(errors_in_a_file_name_their_line),
        TEST(the_environment_sets_table_and_kafka_keys),
        TEST(the_later_source_wins),
        TEST(secrets_come_from_files_without_their_last_newline),
        TEST(no_print_shows_a_secret),
        TEST(a_password_in_the_redis_url_is_refused_and_masked),
        TEST(what_we_own_is_refused_with_the_reason),
        TEST(what_librdkafka_refuses_is_said_in_its_words),
        TEST(clients_get_our_defaults_the_users_properties_and_what_we_own),
        TEST(finishing_finds_out_what_was_left_open),
        TEST(finishing_refuses_what_does_not_fit_together),
    };

    forget_the_environment();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
