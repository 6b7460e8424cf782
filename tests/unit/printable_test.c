/* What strangers wrote is shown, and obeyed by no terminal. */
#include "consumer/dead/printable.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void assert_printed(struct view bytes, enum printable_lines lines, size_t max, const char *expected)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);

    assert_non_null(file);
    printable_write(file, bytes, lines, max);
    fclose(file);
    assert_string_equal(text, expected);
    free(text);
}

static void what_can_be_read_stays_as_it_is(void **state)
{
    (void)state;
    assert_printed(VIEW("Straße, خبر, 消息 😀"), PRINTABLE_ONE_LINE, 0, "Straße, خبر, 消息 😀");
    assert_printed(VIEW(""), PRINTABLE_ONE_LINE, 0, "");
    assert_printed(VIEW_NONE, PRINTABLE_LINES, 0, "");
}

static void what_a_terminal_obeys_is_escaped(void **state)
{
    (void)state;
    assert_printed(VIEW("\x1b[2J\x07\x7f\0."), PRINTABLE_ONE_LINE, 0, "\\x1b[2J\\x07\\x7f\\x00.");
    assert_printed(VIEW("a\xc2\x9b"
                        "b"), PRINTABLE_ONE_LINE, 0, "a\\u009bb"); /* CSI as one character */
    assert_printed(VIEW("\xe2\x80\xaexe.\xe2\x81\xa6"), PRINTABLE_ONE_LINE, 0, "\\u202exe.\\u2066");
}

static void bytes_that_are_no_utf8_are_shown_one_by_one(void **state)
{
    (void)state;
    assert_printed(VIEW("\xff\xc3(\xe2\x82"), PRINTABLE_ONE_LINE, 0, "\\xff\\xc3(\\xe2\\x82");
    assert_printed(VIEW("\xed\xa0\x80\xc0\x80"), PRINTABLE_ONE_LINE, 0, "\\xed\\xa0\\x80\\xc0\\x80");
}

static void lines_stay_or_become_one(void **state)
{
    (void)state;
    assert_printed(VIEW("a\tb\r\nc"), PRINTABLE_LINES, 0, "a\tb\\x0d\nc");
    assert_printed(VIEW("a\tb\r\nc"), PRINTABLE_ONE_LINE, 0, "a b  c");
    assert_printed(VIEW("äöüß"), PRINTABLE_ONE_LINE, 4, "äöüß");
    assert_printed(VIEW("äöüß!"), PRINTABLE_ONE_LINE, 4, "äöüß…");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_can_be_read_stays_as_it_is),
        cmocka_unit_test(what_a_terminal_obeys_is_escaped),
        cmocka_unit_test(bytes_that_are_no_utf8_are_shown_one_by_one),
        cmocka_unit_test(lines_stay_or_become_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
