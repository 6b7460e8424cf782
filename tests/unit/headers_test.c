/* Where a message first came from, and what of a letter's headers travels where. */
#include "consumer/corridor/headers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct partition input = {.topic = "news.raw", .number = 2, .epoch = 1};

#define HEADER(name, value) {{(name), sizeof(name) - 1}, {(value), sizeof(value) - 1}}

static void numbers_are_decimal_and_whole(void **state)
{
    (void)state;
    assert_int_equal(headers_number(VIEW("0"), 10), 0);
    assert_int_equal(headers_number(VIEW("10"), 10), 10);
    assert_int_equal(headers_number(VIEW("9223372036854775807"), INT64_MAX), INT64_MAX);
    assert_int_equal(headers_number(VIEW("9223372036854775808"), INT64_MAX), -1);
    assert_int_equal(headers_number(VIEW("11"), 10), -1);
    assert_int_equal(headers_number(VIEW(""), 10), -1);
    assert_int_equal(headers_number(VIEW("-1"), 10), -1);
    assert_int_equal(headers_number(VIEW(" 1"), 10), -1);
    assert_int_equal(headers_number(VIEW("1x"), 10), -1);
    assert_int_equal(headers_number(VIEW_NONE, 10), -1);
}

static void a_birthplace_is_believed_only_if_all_of_it_is_right(void **state)
{
    struct header headers[] = {
        HEADER("other", "x"),           HEADER(HEADER_TOPIC, "crawl.raw"), HEADER(HEADER_PARTITION, "7"),
        HEADER(HEADER_OFFSET, "88121"), HEADER(HEADER_ATTEMPTS, "1"),
    };
    const struct view bad_topics[] = {VIEW(""), VIEW("a/b"), VIEW("../../etc"), VIEW(".."), VIEW("a b"), VIEW("a\0b")};
    struct birthplace place = {.partition = -5};

    (void)state;
    assert_true(headers_birthplace(headers, 5, &place));
    assert_true(view_is(place.topic, "crawl.raw"));
    assert_int_equal(place.partition, 7);
    assert_int_equal(place.offset, 88121);
    assert_false(headers_birthplace(headers, 4, &place)); /* Connect's headers alone are somebody else's */
    for (size_t i = 0; i < sizeof bad_topics / sizeof *bad_topics; i++) {
        headers[1].value = bad_topics[i];
        assert_false(headers_birthplace(headers, 5, &place));
    }
    headers[1].value = VIEW("crawl.raw");
    headers[2].value = VIEW("2147483648");
    assert_false(headers_birthplace(headers, 5, &place));
    headers[2].value = VIEW("0");
    headers[3].value = VIEW("-1");
    assert_false(headers_birthplace(headers, 5, &place));
    assert_false(headers_birthplace(NULL, 0, &place));
}

static struct view header(const rd_kafka_headers_t *headers, const char *name)
{
    const void *value = NULL;
    size_t size = 0;

    return rd_kafka_header_get_last(headers, name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR
               ? (struct view){value, size}
               : VIEW_NONE;
}

/* The whole circle: it dies, is sent back, arrives elsewhere, is published or dies again. */
static void a_letter_that_comes_back_is_the_message_that_it_was(void **state)
{
    struct settings *settings = settings_new();
    struct batch *first = batch_new(1, 1 << 20), *second = batch_new(1, 1 << 20);
    rd_kafka_headers_t *own = rd_kafka_headers_new(1), *letter, *returning, *published, *again;
    struct arrival arrival = {.partition = &input, .epoch = 1, .offset = 99, .leader_epoch = -1, .time_ms = 5,
                              .value = VIEW("{"), .headers = own};

    (void)state;
    rd_kafka_header_add(own, "trace", -1, "t", 1);
    batch_add(first, &arrival);
    slot_keep_failure(&first->slots[0], "undecodable", "decode", "decode: why");
    letter = headers_of_dead(settings, &first->slots[0], NULL);
    assert_true(view_is(header(letter, HEADER_OFFSET), "99"));
    assert_int_equal(header(letter, HEADER_FAILED_AT).size, sizeof "2026-01-01T00:00:00.000Z" - 1);

    returning = headers_of_returning(letter);
    assert_int_equal(rd_kafka_header_cnt(returning), 1 + 5);
    assert_null(header(returning, HEADER_REASON).data);

    arrival.offset = 12345;
    arrival.headers = returning;
    batch_add(second, &arrival);
    assert_string_equal(second->slots[0].message.topic, "news.raw");
    assert_int_equal(second->slots[0].message.partition, 2);
    assert_int_equal(second->slots[0].message.offset, 99);     /* for its id */
    assert_int_equal(second->origins[0].last_offset, 12345);   /* for what is committed */

    published = headers_of_message(&second->slots[0].message);
    assert_int_equal(rd_kafka_header_cnt(published), 1);
    assert_true(view_is(header(published, "trace"), "t"));

    slot_keep_failure(&second->slots[0], "invalid", "decode", "decode: why else");
    again = headers_of_dead(settings, &second->slots[0], NULL);
    assert_true(view_is(header(again, HEADER_OFFSET), "99"));
    assert_true(view_is(header(again, HEADER_ATTEMPTS), "2"));
    assert_true(view_equal(header(again, HEADER_FIRST_FAILED_AT), header(letter, HEADER_FIRST_FAILED_AT)));
    assert_true(view_is(header(again, HEADER_REASON), "invalid"));

    rd_kafka_headers_destroy(own);
    rd_kafka_headers_destroy(letter);
    rd_kafka_headers_destroy(returning);
    rd_kafka_headers_destroy(published);
    rd_kafka_headers_destroy(again);
    batch_free(first);
    batch_free(second);
    settings_free(settings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_decimal_and_whole),
        cmocka_unit_test(a_birthplace_is_believed_only_if_all_of_it_is_right),
        cmocka_unit_test(a_letter_that_comes_back_is_the_message_that_it_was),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
