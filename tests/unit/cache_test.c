#include "consumer/corridor/deadletter.h"
#include "consumer/corridor/redis.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct redis_address address;
static struct err err;

static enum status parse(const char *url)
{
    return redis_address_parse(url, &address, &err);
}

static void a_url_gives_host_port_and_database(void **state)
{
    (void)state;
    assert_int_equal(parse("redis://127.0.0.1:6380/3"), STATUS_OK);
    assert_string_equal(address.host, "127.0.0.1");
    assert_int_equal(address.port, 6380);
    assert_int_equal(address.database, 3);
    assert_string_equal(address.user, "");
    assert_int_equal(parse("redis://redis.example"), STATUS_OK);
    assert_string_equal(address.host, "redis.example");
    assert_int_equal(address.port, 6379);
    assert_int_equal(address.database, 0);
    assert_int_equal(parse("redis://bell@redis.example:1/"), STATUS_OK);
    assert_string_equal(address.user, "bell");
    assert_int_equal(address.port, 1);
    assert_int_equal(parse("redis://[::1]:6381/2"), STATUS_OK);
    assert_string_equal(address.host, "::1");
    assert_int_equal(address.port, 6381);
}

static void a_unix_socket_may_have_a_database(void **state)
{
    (void)state;
    assert_int_equal(parse("unix:///run/redis/redis.sock"), STATUS_OK);
    assert_string_equal(address.path, "/run/redis/redis.sock");
    assert_string_equal(address.host, "");
    assert_int_equal(parse("unix:///s?db=4"), STATUS_OK);
    assert_string_equal(address.path, "/s");
    assert_int_equal(address.database, 4);
}

static void what_is_no_address_is_refused_with_what_is_one(void **state)
{
    static const char *const bad[] = {
        "", "127.0.0.1:6379", "redis://", "redis://:6379", "redis://host:port", "redis://host:6379/db", "unix://",
        "unix://relative", "unix:///s?db=x", "redis://host:70000", "redis://[::1", "redis://[::1]6379", "http://host",
        "redis://host:6379x",
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(parse(bad[i]), STATUS_FATAL);
        assert_non_null(strstr(err.text, "redis.url"));
    }
}

static void a_password_in_the_url_is_refused_without_printing_it(void **state)
{
    (void)state;
    assert_int_equal(parse("redis://bell:hush@redis.example"), STATUS_FATAL);
    assert_non_null(strstr(err.text, "redis.password"));
    assert_null(strstr(err.text, "hush"));
}

static void tls_is_refused_with_a_way_out(void **state)
{
    (void)state;
    assert_int_equal(parse("rediss://redis.example"), STATUS_FATAL);
    assert_non_null(strstr(err.text, "proxy"));
}

static void a_redis_that_is_not_there_is_to_be_tried_again(void **state)
{
    struct redis redis;

    (void)state;
    assert_int_equal(parse("unix:///tmp/there-is-no-such-socket"), STATUS_OK);
    redis_init(&redis, &address, "", 100);
    assert_int_equal(redis_connect(&redis, &err), STATUS_RETRY);
    assert_null(redis.context);
    redis_interrupt(&redis); /* of nothing: no harm */
    redis_done(&redis);
}

static void what_remains_of_a_value_is_its_size_and_checksum(void **state)
{
    struct message message = {.value = VIEW("abc"), .topic = "news.raw", .partition = 1, .offset = 2};
    struct remains remains;

    (void)state;
    deadletter_remains(&message, "", &remains);
    assert_int_equal(remains.size, 3);
    /* FIPS 180-4's own example */
    assert_string_equal(remains.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_string_equal(remains.path, "");
    deadletter_remains(&message, "/nowhere/at/all", &remains);
    assert_string_equal(remains.path, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_url_gives_host_port_and_database),
        cmocka_unit_test(a_unix_socket_may_have_a_database),
        cmocka_unit_test(what_is_no_address_is_refused_with_what_is_one),
        cmocka_unit_test(a_password_in_the_url_is_refused_without_printing_it),
        cmocka_unit_test(tls_is_refused_with_a_way_out),
        cmocka_unit_test(a_redis_that_is_not_there_is_to_be_tried_again),
        cmocka_unit_test(what_remains_of_a_value_is_its_size_and_checksum),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
