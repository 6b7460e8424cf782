#include "consumer/http/address.h"
#include "consumer/http/exposition.h"
#include "consumer/http/process.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define MS UINT64_C(1000000)

/* ---- text format ------------------------------------------------------------------------------------------------ */

static void a_family_says_what_it_is_before_its_samples(void **state)
{
    struct exposition text = {0};

    (void)state;
    exposition_family(&text, "tocsin_x_total", "counter", "what it counts");
    exposition_sample(&text, "", NO_LABELS, 18446744073709551615u);
    exposition_sample(&text, "", LABELS("topic", "news.raw", "partition", "3"), 0);
    assert_string_equal(text.data, "# HELP tocsin_x_total what it counts\n"
                                   "# TYPE tocsin_x_total counter\n"
                                   "tocsin_x_total 18446744073709551615\n"
                                   "tocsin_x_total{topic=\"news.raw\",partition=\"3\"} 0\n");
    assert_int_equal(text.size, strlen(text.data));
    free(text.data);
}

static void no_value_breaks_out_of_its_line(void **state)
{
    struct exposition text = {0};

    (void)state;
    exposition_family(&text, "m", "gauge", "a\\b\nc \"d\"");
    exposition_sample(&text, "", LABELS("v", "\"} 1\nm{v=\"\\n", "w", "\n", "x", ""), 7);
    assert_string_equal(text.data, "# HELP m a\\\\b\\nc \"d\"\n"
                                   "# TYPE m gauge\n"
                                   "m{v=\"\\\"} 1\\nm{v=\\\"\\\\n\",w=\"\\n\",x=\"\"} 7\n");
    free(text.data);
}

static void seconds_are_exact(void **state)
{
    static const struct {
        uint64_t ns;
        const char *text;
    } cases[] = {
        {0, "0"}, {1, "0.000000001"}, {10000, "0.00001"}, {2500 * MS, "2.5"}, {10000 * MS, "10"}, {100000 * MS, "100"},
        {UINT64_C(1234567890123456789), "1234567890.123456789"},
    };
    char line[80];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct exposition text = {.family = "s"};

        exposition_seconds(&text, "_sum", NO_LABELS, cases[i].ns);
        snprintf(line, sizeof line, "s_sum %s\n", cases[i].text);
        assert_string_equal(text.data, line);
        free(text.data);
    }
}

static void buckets_are_cumulative_and_end_in_the_count(void **state)
{
    struct buckets mine = {0}, yours = {0};
    const struct buckets *parts[] = {&mine, &yours};
    struct exposition text = {.family = "h"};

    (void)state;
    buckets_add(&mine, 1);         /* below the first that is shown: counted in it */
    buckets_add(&mine, 1 * MS);
    buckets_add(&yours, 1 * MS + 1);
    buckets_add(&yours, 9 * MS);   /* beyond the last that is shown */
    buckets_add(&yours, 400000 * MS);
    exposition_buckets(&text, LABELS("room", "text"), parts, 2, MS, 5 * MS);
    assert_string_equal(text.data, "h_bucket{room=\"text\",le=\"0.001\"} 2\n"
                                   "h_bucket{room=\"text\",le=\"0.0025\"} 3\n"
                                   "h_bucket{room=\"text\",le=\"0.005\"} 3\n"
                                   "h_bucket{room=\"text\",le=\"+Inf\"} 5\n"
                                   "h_sum{room=\"text\"} 400.011000002\n"
                                   "h_count{room=\"text\"} 5\n");
    free(text.data);
}

static void a_text_grows_as_far_as_it_must(void **state)
{
    struct exposition text = {0};
    char value[1000];

    (void)state;
    memset(value, 'x', sizeof value - 1);
    value[sizeof value - 1] = '\0';
    exposition_family(&text, "m", "gauge", value);
    for (int i = 0; i < 1000; i++)
        exposition_sample(&text, "", LABELS("v", value), 1);
    assert_int_equal(text.size, strlen(text.data));
    assert_int_equal(text.size, strlen("# HELP m \n# TYPE m gauge\n") + 999 + 1000 * (strlen("m{v=\"\"} 1\n") + 999));
    free(text.data);
}

static double sample_of(const char *text, const char *name)
{
    char key[100];
    const char *at;

    snprintf(key, sizeof key, "\n%s ", name);
    at = strstr(text, key);
    assert_non_null(at);
    return strtod(at + strlen(key), NULL);
}

static void the_kernel_is_asked_and_not_misread(void **state)
{
    struct exposition text = {0}, again = {0};
    int fd;

    (void)state;
    process_expose(&text);
    assert_true(sample_of(text.data, "process_resident_memory_bytes") > 500e3);
    assert_true(sample_of(text.data, "process_virtual_memory_bytes") >
                sample_of(text.data, "process_resident_memory_bytes"));
    assert_true(sample_of(text.data, "process_threads") >= 1);
    assert_true(sample_of(text.data, "process_start_time_seconds") <= (double)time(NULL) + 1);
    assert_true(sample_of(text.data, "process_start_time_seconds") >= (double)time(NULL) - 3600);
    assert_true(sample_of(text.data, "process_cpu_seconds_total") < 3600);
    fd = dup(1);
    process_expose(&again);
    assert_true(sample_of(again.data, "process_open_fds") == sample_of(text.data, "process_open_fds") + 1);
    free(again.data);
    close(fd);
    free(text.data);
}

/* ---- where to listen -------------------------------------------------------------------------------------------- */

static void addresses_are_told_apart(void **state)
{
    static const struct {
        const char *text, *host, *port;
    } good[] = {
        {"127.0.0.1:9464", "127.0.0.1", "9464"}, {":9464", "", "9464"}, {"[::1]:9464", "::1", "9464"},
        {"localhost:0", "localhost", "0"}, {"[::]:65535", "::", "65535"},
    };
    static const char *const bad[] = {
        "9464", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536", "127.0.0.1:-1", ":123456", "::1:9464",
        "[::1]", "[::1:9464", "[]:9464", "http://127.0.0.1:9464", "127.0.0.1:9464/metrics", "a b:1", "user@host:1",
    };
    struct http_address address;
    struct err err;

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_int_equal(http_address_parse(good[i].text, &address, &err), STATUS_OK);
        assert_string_equal(address.host, good[i].host);
        assert_string_equal(address.port, good[i].port);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(http_address_parse(bad[i], &address, &err), STATUS_FATAL);
        assert_non_null(strstr(err.text, bad[i]));
    }
}

static void a_port_that_is_taken_is_said_to_be(void **state)
{
    struct http_address address = {.host = "127.0.0.1", .port = "0"};
    unsigned port, other;
    struct err err;
    int fd, second;

    (void)state;
    assert_int_equal(http_address_listen(&address, &fd, &port, &err), STATUS_OK);
    assert_in_range(port, 1, 65535);
    snprintf(address.port, sizeof address.port, "%u", port);
    assert_int_equal(http_address_listen(&address, &second, &other, &err), STATUS_RETRY);
    assert_non_null(strstr(err.text, "in use"));
    snprintf(address.host, sizeof address.host, "localhost"); /* not half of it, on IPv6 alone */
    assert_int_equal(http_address_listen(&address, &second, &other, &err), STATUS_RETRY);
    address.host[0] = '\0';
    assert_int_equal(http_address_listen(&address, &second, &other, &err), STATUS_RETRY);
    close(fd);
    assert_int_equal(http_address_listen(&address, &fd, &other, &err), STATUS_OK);
    assert_int_equal(other, port);
    close(fd);
}

static void an_address_of_another_machine_is_refused(void **state)
{
    struct http_address address = {.host = "192.0.2.1", .port = "0"}; /* for documentation only, RFC 5737 */
    unsigned port;
    struct err err;
    int fd;

    (void)state;
    assert_int_equal(http_address_listen(&address, &fd, &port, &err), STATUS_FATAL);
    assert_non_null(strstr(err.text, "192.0.2.1"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_family_says_what_it_is_before_its_samples),
        cmocka_unit_test(no_value_breaks_out_of_its_line),
        cmocka_unit_test(seconds_are_exact),
        cmocka_unit_test(buckets_are_cumulative_and_end_in_the_count),
        cmocka_unit_test(a_text_grows_as_far_as_it_must),
        cmocka_unit_test(the_kernel_is_asked_and_not_misread),
        cmocka_unit_test(addresses_are_told_apart),
        cmocka_unit_test(a_port_that_is_taken_is_said_to_be),
        cmocka_unit_test(an_address_of_another_machine_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
