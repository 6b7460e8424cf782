/* One event is one line, whatever is in it, and a flood is held back and counted. */
#include "consumer/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static int real_stderr, captured;
static char text[1 << 16];

/* From here on stderr goes to a file. */
static int begin(void **state)
{
    FILE *file = tmpfile();

    (void)state;
    real_stderr = dup(STDERR_FILENO);
    captured = dup(fileno(file));
    fclose(file);
    dup2(captured, STDERR_FILENO);
    log_threshold(LOG_INFO);
    return 0;
}

static int end(void **state)
{
    (void)state;
    dup2(real_stderr, STDERR_FILENO);
    close(real_stderr);
    close(captured);
    return 0;
}

static const char *written(void)
{
    ssize_t size = pread(captured, text, sizeof text - 1, 0);

    text[size < 0 ? 0 : size] = '\0';
    return text;
}

static size_t lines(void)
{
    size_t n = 0;

    for (const char *at = written(); *at != '\0'; at++)
        n += *at == '\n';
    return n;
}

static void an_event_is_one_line_of_pairs(void **state)
{
    (void)state;
    LOG(LOG_WARN, "reject", "room=%s origin=%s", "decode", "news.raw/3@88121");
    assert_int_equal(lines(), 1);
    assert_int_equal(strncmp(text, "ts=20", 5), 0);
    assert_non_null(strstr(text, "Z level=warn event=reject room=decode origin=news.raw/3@88121\n"));
}

static void levels_below_the_threshold_are_silent(void **state)
{
    (void)state;
    LOG(LOG_DEBUG, "quiet", "x=%d", 1);
    assert_int_equal(lines(), 0);
    log_threshold(LOG_ERROR);
    LOG(LOG_WARN, "quiet", "x=%d", 1);
    assert_int_equal(lines(), 0);
    LOG(LOG_ERROR, "loud", "x=%d", 1);
    assert_int_equal(lines(), 1);
}

static void a_value_cannot_forge_a_line(void **state)
{
    (void)state;
    LOG(LOG_WARN, "reject", "text=%s", LOG_QUOTE("a\nts=2026 level=error event=forged \"x\" \\ \x1b[31m\xff"));
    assert_int_equal(lines(), 1);
    assert_non_null(strstr(text, "text=\"a\\nts=2026 level=error event=forged \\\"x\\\" \\\\ \\x1b[31m\\xff\"\n"));
}

static void an_unquoted_control_character_is_blanked(void **state)
{
    (void)state;
    LOG(LOG_WARN, "oops", "text=%s", "a\nb\x1b");
    assert_int_equal(lines(), 1);
    assert_non_null(strstr(text, "text=a b \n"));
}

static void plain_values_stay_unquoted(void **state)
{
    char buffer[LOG_QUOTED_MAX];

    (void)state;
    assert_string_equal(log_quote(buffer, VIEW("news.raw/3@88121")), "news.raw/3@88121");
    assert_string_equal(log_quote(buffer, VIEW("שלום")), "שלום");
    assert_string_equal(log_quote(buffer, VIEW("")), "\"\"");
    assert_string_equal(log_quote(buffer, VIEW("a b")), "\"a b\"");
}

static void a_long_value_is_cut_where_a_character_ends(void **state)
{
    static char value[5000];
    char buffer[LOG_QUOTED_MAX];
    size_t size;

    (void)state;
    for (size_t shift = 0; shift < 4; shift++) {
        memset(value, 'x', sizeof value);
        for (size_t i = shift; i + 3 < sizeof value; i += 3)
            memcpy(value + i, "€", 3);
        log_quote(buffer, (struct view){value, sizeof value});
        size = strlen(buffer);
        assert_true(size < LOG_QUOTED_MAX);
        assert_string_equal(buffer + size - 4, "…\"");
        assert_true((unsigned char)buffer[size - 5] == 0xac || buffer[size - 5] == 'x'); /* the last byte of € */
    }
}

/* Waits for the beginning of a second, so that one burst lies in one. */
static void wait_for_a_new_second(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    usleep((useconds_t)((1000000000 - now.tv_nsec) / 1000 + 1000));
}

static void flood(unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        LOG(LOG_WARN, "flood", "i=%u", i);
}

static void a_flood_is_held_back_and_counted(void **state)
{
    (void)state;
    wait_for_a_new_second();
    flood(1000);
    assert_int_equal(lines(), LOG_BURST);
    wait_for_a_new_second();
    flood(1);
    assert_int_equal(lines(), LOG_BURST + 1);
    assert_non_null(strstr(text, "i=0 suppressed=990\n"));
}

static void what_is_said_once_is_never_held_back(void **state)
{
    (void)state;
    for (int i = 0; i < 100; i++)
        log_event(NULL, LOG_INFO, "setting", "i=%d", i);
    assert_int_equal(lines(), 100);
}

static void a_line_longer_than_the_buffer_still_ends(void **state)
{
    static char value[20000];

    (void)state;
    memset(value, 'x', sizeof value - 1);
    LOG(LOG_WARN, "long", "value=%s", value);
    assert_int_equal(lines(), 1);
    assert_int_equal(text[strlen(text) - 1], '\n');
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(an_event_is_one_line_of_pairs),
        TEST(levels_below_the_threshold_are_silent),
        TEST(a_value_cannot_forge_a_line),
        TEST(an_unquoted_control_character_is_blanked),
        TEST(plain_values_stay_unquoted),
        TEST(a_long_value_is_cut_where_a_character_ends),
        TEST(a_flood_is_held_back_and_counted),
        TEST(what_is_said_once_is_never_held_back),
        TEST(a_line_longer_than_the_buffer_still_ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
