/* json_writer: what it writes is what jansson reads. */
#include "processors/encode/json_writer.h"

#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static int set_up(void **state)
{
    *state = arena_new(1024, 1 << 20);
    return 0;
}

static int tear_down(void **state)
{
    arena_free(*state);
    return 0;
}

static void assert_written(struct json_writer *writer, const char *expected)
{
    struct view written = writer_finish(writer);

    assert_false(writer_full(writer));
    assert_int_equal(written.size, strlen(expected));
    assert_memory_equal(written.data, expected, written.size);
}

static void commas_stand_between_and_nowhere_else(void **state)
{
    struct json_writer writer;

    writer_begin(&writer, *state, 0, 0);
    writer_object(&writer);
    writer_key(&writer, "a"), writer_array(&writer), writer_array_end(&writer);
    writer_key(&writer, "b"), writer_array(&writer), writer_int(&writer, 1), writer_object(&writer),
        writer_object_end(&writer);
    writer_null(&writer), writer_bool(&writer, true), writer_bool(&writer, false), writer_array_end(&writer);
    writer_raw_key(&writer, VIEW("\"c\\u0041\"")), writer_raw(&writer, VIEW("1e999"));
    writer_field_string(&writer, "absent", VIEW_NONE);
    writer_field_string(&writer, "empty", VIEW(""));
    writer_object_end(&writer);
    assert_written(&writer, "{\"a\":[],\"b\":[1,{},null,true,false],\"c\\u0041\":1e999,\"empty\":\"\"}");
}

static void strings_come_back_as_they_were(void **state)
{
    char bytes[0x80 + 16];
    size_t size = 0;
    struct json_writer writer;
    struct view written;
    json_t *read;

    for (int c = 0; c < 0x80; c++)
        bytes[size++] = (char)c;
    memcpy(bytes + size, "äع日😀", 11), size += 11;
    writer_begin(&writer, *state, 0, 0);
    writer_string(&writer, (struct view){bytes, size});
    written = writer_finish(&writer);
    read = json_loadb(written.data, written.size, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    assert_non_null(read);
    assert_int_equal(json_string_length(read), size);
    assert_memory_equal(json_string_value(read), bytes, size);
    assert_non_null(memmem(written.data, written.size, "äع日😀", 11)); /* UTF-8 is not escaped */
    json_decref(read);
}

static void parts_make_one_string(void **state)
{
    struct json_writer writer;

    writer_begin(&writer, *state, 0, 0);
    writer_string_begin(&writer);
    writer_string_add(&writer, VIEW("a\""));
    writer_string_add(&writer, VIEW(""));
    writer_string_add(&writer, VIEW("\nb"));
    writer_string_end(&writer);
    assert_written(&writer, "\"a\\\"\\nb\"");
}

static void numbers_are_short_and_exact(void **state)
{
    static const struct { double number; unsigned decimals; const char *text; } cases[] = {
        {0, 2, "0"}, {0.5, 2, "0.5"}, {-0.62, 2, "-0.62"}, {0.999, 2, "1"}, {-0.001, 2, "0"}, {0.05, 2, "0.05"},
        {12.345678, 6, "12.345678"},
        {1, 0, "1"}, {-1, 3, "-1"}, {0.0999, 3, "0.1"}, {NAN, 2, "null"}, {INFINITY, 2, "null"}, {1e300, 2, "null"},
        {100, 2, "100"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct json_writer writer;
        writer_begin(&writer, *state, 0, 0);
        writer_number(&writer, cases[i].number, cases[i].decimals);
        assert_written(&writer, cases[i].text);
    }
}

static void integers_to_their_limits(void **state)
{
    struct json_writer writer;

    writer_begin(&writer, *state, 0, 0);
    writer_array(&writer);
    writer_int(&writer, 0), writer_int(&writer, INT64_MAX), writer_int(&writer, INT64_MIN), writer_int(&writer, -7);
    writer_array_end(&writer);
    assert_written(&writer, "[0,9223372036854775807,-9223372036854775808,-7]");
}

static void it_grows_while_others_use_the_arena(void **state)
{
    struct json_writer writer;
    struct view written;
    json_t *read;

    writer_begin(&writer, *state, 0, 0);
    writer_array(&writer);
    for (int i = 0; i < 5000; i++) {
        writer_int(&writer, i);
        if (i % 100 == 0)
            arena_alloc(*state, 100);
    }
    writer_array_end(&writer);
    written = writer_finish(&writer);
    read = json_loadb(written.data, written.size, 0, NULL);
    assert_int_equal(json_array_size(read), 5000);
    assert_int_equal(json_integer_value(json_array_get(read, 4999)), 4999);
    json_decref(read);
}

static void it_stops_at_its_limit(void **state)
{
    for (size_t n = 90; n < 110; n++) {
        struct json_writer writer;
        writer_begin(&writer, *state, 200, 100);
        writer_string_begin(&writer);
        for (size_t i = 0; i < n - 2; i++)
            writer_string_add(&writer, VIEW("x"));
        writer_string_end(&writer);
        writer_finish(&writer);
        assert_int_equal(writer_full(&writer), n > 100);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(commas_stand_between_and_nowhere_else, set_up, tear_down),
        cmocka_unit_test_setup_teardown(strings_come_back_as_they_were, set_up, tear_down),
        cmocka_unit_test_setup_teardown(parts_make_one_string, set_up, tear_down),
        cmocka_unit_test_setup_teardown(numbers_are_short_and_exact, set_up, tear_down),
        cmocka_unit_test_setup_teardown(integers_to_their_limits, set_up, tear_down),
        cmocka_unit_test_setup_teardown(it_grows_while_others_use_the_arena, set_up, tear_down),
        cmocka_unit_test_setup_teardown(it_stops_at_its_limit, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
