/* dates: the ways in which feeds write moments, and those that are nobody's moment. */
#include "processors/dates.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define UNREADABLE INT64_MIN
#define NOON INT64_C(1714566600000) /* 2024-05-01T12:30:00Z */

static int64_t read_in(const char *zone_name, const char *text)
{
    struct zone *zone = NULL;
    struct err err = {0};
    int64_t ms = UNREADABLE;

    if (zone_open(zone_name, &zone, &err) != STATUS_OK)
        fail_msg("%s", err.text);
    date_read(zone, view_of(text), &ms);
    zone_close(zone);
    return ms;
}

static void check(const char *text, int64_t expected)
{
    int64_t ms = read_in(NULL, text);

    if (ms != expected)
        fail_msg("'%s' is %lld, expected %lld", text, (long long)ms, (long long)expected);
}

static void rfc3339_and_its_neighbours(void **state)
{
    (void)state;
    check("2024-05-01T12:30:00Z", NOON);
    check("2024-05-01T14:30:00+02:00", NOON);
    check("2024-05-01t14:30:00.250+0200", NOON + 250);
    check("2024-05-01T12:30:00,5Z", NOON + 500);
    check("2024-05-01T12:30:00.123456789Z", NOON + 123);
    check("2024-05-01 12:30", NOON);
    check("2024-05-01 12:30:00 UTC", NOON);
    check("2024/05/01 12:30", NOON);
    check("2024-05-01T08:00-04:30", NOON);
    check("2024-05-01T14:30:00+02:00[Europe/Berlin]", NOON);
    check("20240501T123000Z", NOON);
    check("20240501123000", NOON);
    check(" 2024-05-01T12:30:00Z\n", NOON);
    check("2016-12-31T23:59:60Z", 1483228800000); /* a leap second is the next one */
}

static void rfc822_and_rfc1123(void **state)
{
    (void)state;
    check("Wed, 01 May 2024 12:30:00 GMT", NOON);
    check("Wed, 1 May 2024 14:30:00 +0200", NOON);
    check("Wednesday, 01-May-24 12:30:00 GMT", NOON);
    check("1 May 24 08:30 EDT", NOON);
    check("01 May 2024 12:30:00 +0000 (UTC)", NOON);
}

static void epochs_by_their_magnitude(void **state)
{
    (void)state;
    check("1714566600", NOON);
    check("1714566600.250", NOON + 250);
    check("1714566600000", NOON);
    check("1714566600000000", NOON);
    check("1714566600000000000", NOON);
    check("0", 0);
}

static void a_date_alone_is_its_midnight(void **state)
{
    (void)state;
    check("2024-05-01", 1714521600000);
    check("20240501", 1714521600000);
    check("1 May 2024", 1714521600000);
    check("2024-02-29", 1709164800000);
    check("2000-02-29", 951782400000);
}

static void what_names_no_zone_is_in_the_readers(void **state)
{
    (void)state;
    assert_int_equal(read_in("+03:00", "2024-05-01 15:30"), NOON);
    assert_int_equal(read_in("Europe/Berlin", "2024-05-01 14:30"), NOON);
    assert_int_equal(read_in("Europe/Berlin", "2024-01-01 01:00"), 1704067200000);
    assert_int_equal(read_in("Europe/Berlin", "2024-05-01 12:30Z"), NOON);
    assert_int_equal(read_in("Asia/Tehran", "Wed, 01 May 2024 16:00:00"), NOON);
    assert_int_equal(read_in("Europe/Berlin", "2024-03-31 02:30"),
                     1711848600000); /* skipped that night: taken as 03:30 */
}

static void no_guess_is_made(void **state)
{
    static const char *const unreadable[] = {
        "", " ", "gestern", "01/05/2024", "1.5.2024", "2024-13-01", "2024-02-30", "2023-02-29", "2100-02-29",
        "2024-05-01T25:00",
        "2024-05-01T12:60", "2024-05-01T12:30:00Z and more", "1969-12-31", "2101-01-01", "1850-01-01", "-5",
        "99999999999999999999",
        "2024-05-01T", "12:30", "Wed, 01 Mai 2024 12:30:00 GMT", "2024", "2024-05", "+02:00", "T",
        "2024-05-01T12:30:00+99:00",
    };

    (void)state;
    for (size_t i = 0; i < sizeof unreadable / sizeof *unreadable; i++)
        check(unreadable[i], UNREADABLE);
}

static void an_unknown_zone_is_refused(void **state)
{
    struct zone *zone = NULL;
    struct err err = {0};

    (void)state;
    assert_int_equal(zone_open("Europe/Atlantis", &zone, &err), STATUS_FATAL);
    assert_non_null(strstr(err.text, "Europe/Atlantis"));
    assert_null(zone);
}

static void what_is_written_can_be_read(void **state)
{
    static const int64_t moments[] = {0, 1, 86399999, 951782400000, 1709164799999, NOON, 4102444800000,
                                      DATE_MS_END - 1};
    char buffer[DATE_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof moments / sizeof *moments; i++)
        check(date_write(moments[i], DATE_MILLIS_IF_ANY, buffer).data, moments[i]);
    assert_string_equal(date_write(NOON, DATE_MILLIS_IF_ANY, buffer).data, "2024-05-01T12:30:00Z");
    assert_string_equal(date_write(NOON, DATE_MILLIS_ALWAYS, buffer).data, "2024-05-01T12:30:00.000Z");
    assert_string_equal(date_write(NOON + 7, DATE_MILLIS_IF_ANY, buffer).data, "2024-05-01T12:30:00.007Z");
    assert_string_equal(date_write(INT64_MAX, DATE_MILLIS_IF_ANY, buffer).data, "2100-12-31T23:59:59.999Z");
    assert_string_equal(date_write(-1, DATE_MILLIS_IF_ANY, buffer).data, "1970-01-01T00:00:00Z");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rfc3339_and_its_neighbours),
        cmocka_unit_test(rfc822_and_rfc1123),
        cmocka_unit_test(epochs_by_their_magnitude),
        cmocka_unit_test(a_date_alone_is_its_midnight),
        cmocka_unit_test(what_names_no_zone_is_in_the_readers),
        cmocka_unit_test(no_guess_is_made),
        cmocka_unit_test(an_unknown_zone_is_refused),
        cmocka_unit_test(what_is_written_can_be_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
