#include "processors/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

static void every_code_point_survives_a_round_trip(void **state)
{
    (void)state;
    for (uint32_t point = 0; point <= 0x10ffff; point++) {
        char data[4];
        unsigned size, read_size;

        if (point >= 0xd800 && point <= 0xdfff)
            continue;
        size = utf8_write(data, point);
        assert_true(utf8_valid((struct view){data, size}, NULL));
        assert_int_equal(utf8_read(data, &read_size), point);
        assert_int_equal(read_size, size);
        assert_int_equal(utf8_points((struct view){data, size}), 1);
    }
}

static void broken_sequences_are_refused_at_their_first_byte(void **state)
{
    static const struct {
        const char *text;
        size_t at;
    } cases[] = {
        {"ab\xff", 2}, {"a\x80", 1}, {"\xc0\xaf", 0}, {"\xe0\x80\x80", 0}, {"x\xed\xa0\x80", 1}, {"\xf4\x90\x80\x80", 0},
        {"ok\xe2\x82", 2}, {"\xf0\x80\x80\x80", 0}, {"\xc3(", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t at = 99;
        assert_false(utf8_valid(view_of(cases[i].text), &at));
        assert_int_equal(at, cases[i].at);
    }
}

static void code_points_are_counted_not_bytes(void **state)
{
    (void)state;
    assert_int_equal(utf8_points(VIEW("aé€😀")), 4);
    assert_int_equal(utf8_points(VIEW("")), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_point_survives_a_round_trip),
        cmocka_unit_test(broken_sequences_are_refused_at_their_first_byte),
        cmocka_unit_test(code_points_are_counted_not_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
