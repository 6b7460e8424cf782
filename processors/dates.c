#include "processors/dates.h"

#include <stdio.h>
#include <stdlib.h>
#include <unicode/ucal.h>
#include <unicode/ustring.h>

#define MS_PER_DAY INT64_C(86400000)

struct zone {
    UCalendar *calendar; /* NULL: the fixed offset */
    int64_t offset_ms;
};

/* What has been read so far of a date. */
struct fields {
    int year, month, day;
    int hour, minute, second;
    int64_t fraction_ms;
    bool has_zone;
    int64_t offset_ms;
};

/* ---- small readers: each moves the view on if it finds what it looks for ----------------------------------------- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static struct view advance(struct view view, size_t n)
{
    return view_slice(view, n, view.size - n);
}

static size_t count(struct view view, bool (*is)(char))
{
    size_t n = 0;

    while (n < view.size && is(view.data[n]))
        n++;
    return n;
}

/* Between min and max digits, no more. */
static bool read_digits(struct view *view, size_t min, size_t max, int *ret_number)
{
    size_t n = count(*view, is_digit);
    int number = 0;

    if (n < min || n > max)
        return false;
    for (size_t i = 0; i < n; i++)
        number = number * 10 + (view->data[i] - '0');
    *ret_number = number;
    *view = advance(*view, n);
    return true;
}

static bool read_fixed(struct view *view, size_t n, int *ret_number)
{
    struct view part;

    if (view->size < n)
        return false;
    part = view_slice(*view, 0, n);
    if (!read_digits(&part, n, n, ret_number))
        return false;
    *view = advance(*view, n);
    return true;
}

static bool read_any(struct view *view, const char *bytes)
{
    if (view->size == 0 || view->data[0] == '\0' || strchr(bytes, view->data[0]) == NULL)
        return false;
    *view = advance(*view, 1);
    return true;
}

static void skip_blanks(struct view *view)
{
    while (read_any(view, " \t"))
        ;
}

/* The first letters of one of the names, case does not matter; takes the whole word. */
static bool read_word(struct view *view, const char *const *names, size_t n_names, size_t letters, size_t *ret_index)
{
    size_t n = count(*view, is_letter);

    if (n < letters)
        return false;
    for (size_t i = 0; i < n_names; i++)
        if (strncasecmp(view->data, names[i], letters) == 0) {
            *ret_index = i;
            *view = advance(*view, n);
            return true;
        }
    return false;
}

/* ---- zones ------------------------------------------------------------------------------------------------------- */

/* +03:00, +0300, +03 */
static bool read_offset(struct view *view, int64_t *ret_ms)
{
    struct view rest = *view;
    int hours, minutes = 0, sign;

    if (rest.size == 0 || (rest.data[0] != '+' && rest.data[0] != '-'))
        return false;
    sign = rest.data[0] == '-' ? -1 : 1;
    rest = advance(rest, 1);
    if (!read_fixed(&rest, 2, &hours))
        return false;
    if (read_any(&rest, ":")) {
        if (!read_fixed(&rest, 2, &minutes))
            return false;
    } else if (rest.size > 0 && is_digit(rest.data[0]) && !read_fixed(&rest, 2, &minutes)) {
        return false;
    }
    if (hours > 18 || minutes > 59)
        return false;
    *ret_ms = sign * (hours * 60 + minutes) * INT64_C(60000);
    *view = rest;
    return true;
}

/* The names of RFC 822, section 5; its one-letter military zones (but Z) are read wrongly by half the world. */
static bool read_zone_name(struct view *view, int64_t *ret_ms)
{
    static const struct { const char *name; int hours; } zones[] = {
        {"Z", 0}, {"UT", 0}, {"UTC", 0}, {"GMT", 0}, {"EST", -5}, {"EDT", -4}, {"CST", -6}, {"CDT", -5},
        {"MST", -7}, {"MDT", -6}, {"PST", -8}, {"PDT", -7},
        {"CET", 1}, {"CEST", 2}, {"EET", 2}, {"EEST", 3}, {"MSK", 3}, /* not of RFC 822, but often met */
    };
    size_t n = count(*view, is_letter);

    for (size_t i = 0; i < sizeof zones / sizeof *zones; i++)
        if (n == strlen(zones[i].name) && strncasecmp(view->data, zones[i].name, n) == 0) {
            *ret_ms = zones[i].hours * INT64_C(3600000);
            *view = advance(*view, n);
            return true;
        }
    return false;
}

/* A zone if there is one, a comment such as "(CEST)" or "[Europe/Berlin]" behind it, and then nothing more. */
static bool read_zone_and_end(struct view *view, struct fields *fields)
{
    skip_blanks(view);
    if (read_zone_name(view, &fields->offset_ms)) {
        fields->has_zone = true;
        if (fields->offset_ms == 0 && view->size > 0)
            read_offset(view, &fields->offset_ms); /* "GMT+0200" */
    } else {
        fields->has_zone = read_offset(view, &fields->offset_ms);
    }
    skip_blanks(view);
    if (fields->has_zone && view->size > 1 &&
        ((view->data[0] == '(' && view->data[view->size - 1] == ')') ||
         (view->data[0] == '[' && view->data[view->size - 1] == ']')))
        return true;
    return view->size == 0;
}

enum status zone_open(const char *name, struct zone **ret_zone, struct err *err)
{
    struct view view = view_of(name);
    struct zone *zone = calloc(1, sizeof *zone);
    UErrorCode error = U_ZERO_ERROR;
    UChar wide[64];
    UChar canonical[64];
    UBool is_system = 0;

    if (zone == NULL)
        return fail(err, STATUS_FATAL, "out of memory");
    if (view.size > 0 && !view_is(view, "UTC") && !(read_offset(&view, &zone->offset_ms) && view.size == 0)) {
        if (view.size < sizeof wide / sizeof *wide) {
            u_uastrcpy(wide, name);
            ucal_getCanonicalTimeZoneID(wide, -1, canonical, 64, &is_system, &error);
        }
        if (U_FAILURE(error) || !is_system) {
            zone_close(zone);
            return fail(err, STATUS_FATAL, "input.timezone: there is no time zone '%s'; an IANA name (Europe/Berlin), "
                        "UTC or +03:00 is expected", name);
        }
        zone->calendar = ucal_open(wide, -1, "en", UCAL_GREGORIAN, &error);
        if (U_FAILURE(error)) {
            zone_close(zone);
            return fail(err, STATUS_FATAL, "input.timezone: %s: %s", name, u_errorName(error));
        }
    }
    *ret_zone = zone;
    return STATUS_OK;
}

void zone_close(struct zone *zone)
{
    if (zone == NULL)
        return;
    if (zone->calendar != NULL)
        ucal_close(zone->calendar);
    free(zone);
}

/* ---- the calendar ------------------------------------------------------------------------------------------------ */

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

static int leap_years_before(int year)
{
    int last = year - 1;

    return last / 4 - last / 100 + last / 400;
}

/* Days from 1970-01-01 to the first of this month. */
static int64_t days_to_month(int year, int month)
{
    int64_t days = INT64_C(365) * (year - 1970) + leap_years_before(year) - leap_years_before(1970);

    for (int m = 1; m < month; m++)
        days += days_in_month(year, m);
    return days;
}

static bool fields_to_ms(struct zone *zone, const struct fields *fields, int64_t *ret_ms)
{
    int64_t ms;

    if (fields->year < 1970 || fields->year > 2100 || fields->month < 1 || fields->month > 12 || fields->day < 1 ||
        fields->day > days_in_month(fields->year, fields->month) || fields->hour > 23 || fields->minute > 59 ||
        fields->second > 60 /* a leap second */)
        return false;
    if (fields->has_zone || zone->calendar == NULL) {
        ms = (days_to_month(fields->year, fields->month) + fields->day - 1) * MS_PER_DAY;
        ms += ((fields->hour * 60 + fields->minute) * INT64_C(60) + fields->second) * 1000 + fields->fraction_ms;
        ms -= fields->has_zone ? fields->offset_ms : zone->offset_ms;
    } else {
        UErrorCode error = U_ZERO_ERROR;
        ucal_clear(zone->calendar);
        ucal_setDateTime(zone->calendar, fields->year, fields->month - 1, fields->day, fields->hour, fields->minute,
                         fields->second, &error);
        ms = (int64_t)ucal_getMillis(zone->calendar, &error) + fields->fraction_ms;
        if (U_FAILURE(error))
            return false;
    }
    if (ms < 0 || ms >= DATE_MS_END)
        return false;
    *ret_ms = ms;
    return true;
}

/* ---- the shapes -------------------------------------------------------------------------------------------------- */

/* ".25" in milliseconds */
static void read_fraction(struct view *view, struct fields *fields)
{
    int64_t unit = 100;

    if (view->size < 2 || (view->data[0] != '.' && view->data[0] != ',') || !is_digit(view->data[1]))
        return;
    *view = advance(*view, 1);
    for (; view->size > 0 && is_digit(view->data[0]); *view = advance(*view, 1), unit /= 10)
        fields->fraction_ms += unit * (view->data[0] - '0');
}

/* 12:30, 12:30:05, 12:30:05.25 */
static bool read_clock(struct view *view, struct fields *fields)
{
    if (!read_digits(view, 1, 2, &fields->hour) || !read_any(view, ":") || !read_fixed(view, 2, &fields->minute))
        return false;
    if (read_any(view, ":")) {
        if (!read_fixed(view, 2, &fields->second))
            return false;
        read_fraction(view, fields);
    }
    return true;
}

/* 20240501, 20240501123000, 20240501T123000Z */
static bool read_compact(struct view view, struct fields *fields)
{
    size_t n = count(view, is_digit);

    *fields = (struct fields){0};
    if ((n != 8 && n != 12 && n != 14) || !read_fixed(&view, 4, &fields->year) ||
        !read_fixed(&view, 2, &fields->month) || !read_fixed(&view, 2, &fields->day))
        return false;
    if (n > 8 || read_any(&view, "Tt")) {
        if (!read_fixed(&view, 2, &fields->hour) || !read_fixed(&view, 2, &fields->minute))
            return false;
        if (view.size > 1 && is_digit(view.data[0]) && !read_fixed(&view, 2, &fields->second))
            return false;
        read_fraction(&view, fields);
    }
    return read_zone_and_end(&view, fields);
}

/* 2024-05-01, 2024-05-01T12:30:05+02:00 and with other dividers */
static bool read_iso(struct view view, struct fields *fields)
{
    char divider[2] = {0};

    *fields = (struct fields){0};
    if (!read_fixed(&view, 4, &fields->year) || view.size == 0 || strchr("-/.", view.data[0]) == NULL)
        return false;
    divider[0] = view.data[0];
    if (!read_any(&view, divider) || !read_digits(&view, 1, 2, &fields->month) || !read_any(&view, divider) ||
        !read_digits(&view, 1, 2, &fields->day))
        return false;
    if (view.size == 0)
        return true;
    if (read_any(&view, "Tt_")) {
        if (!read_clock(&view, fields))
            return false;
    } else {
        read_any(&view, ",");
        skip_blanks(&view);
        if (view.size > 0 && is_digit(view.data[0]) && !read_clock(&view, fields))
            return false;
    }
    return read_zone_and_end(&view, fields);
}

/* Wed, 01 May 2024 12:30:00 +0200 */
static bool read_rfc822(struct view view, struct fields *fields)
{
    static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov",
                                         "Dec"};
    size_t index, year_digits;

    *fields = (struct fields){0};
    if (read_word(&view, days, 7, 3, &index)) {
        read_any(&view, ",");
        skip_blanks(&view);
    }
    if (!read_digits(&view, 1, 2, &fields->day) || !read_any(&view, " -"))
        return false;
    skip_blanks(&view);
    if (!read_word(&view, months, 12, 3, &index) || !read_any(&view, " -"))
        return false;
    fields->month = (int)index + 1;
    skip_blanks(&view);
    year_digits = count(view, is_digit);
    if ((year_digits != 2 && year_digits != 4) || !read_digits(&view, 2, 4, &fields->year))
        return false;
    if (year_digits == 2)
        fields->year += fields->year < 70 ? 2000 : 1900;
    skip_blanks(&view);
    if (view.size > 0 && is_digit(view.data[0]) && !read_clock(&view, fields))
        return false;
    return read_zone_and_end(&view, fields);
}

/* Seconds with or without a fraction, milli-, micro- or nanoseconds: in 1970 to 2100 no two of them have one magnitude
 * but for the first seven weeks of 1970. */
static bool read_epoch(struct view view, int64_t *ret_ms)
{
    struct fields fields = {0};
    size_t n = count(view, is_digit);
    int64_t number = 0, ms;

    /* Shorter numbers are years, counters, and moments of 1970 to 1973. */
    if (n > 19 || (n < 9 && !(n == 1 && view.data[0] == '0')))
        return false;
    for (size_t i = 0; i < n; i++)
        if (__builtin_mul_overflow(number, 10, &number) || __builtin_add_overflow(number, view.data[i] - '0', &number))
            return false;
    view = advance(view, n);
    read_fraction(&view, &fields);
    if (view.size > 0)
        return false;
    if (number < DATE_MS_END / 1000)
        ms = number * 1000 + fields.fraction_ms;
    else if (number < DATE_MS_END)
        ms = number;
    else if (number / 1000 < DATE_MS_END)
        ms = number / 1000;
    else
        ms = number / 1000000;
    if (ms >= DATE_MS_END)
        return false;
    *ret_ms = ms;
    return true;
}

bool date_read(struct zone *zone, struct view text, int64_t *ret_ms)
{
    struct fields fields;

    text = view_trim(text);
    if (text.size == 0)
        return false;
    if (read_compact(text, &fields) && fields_to_ms(zone, &fields, ret_ms))
        return true;
    if (read_epoch(text, ret_ms))
        return true;
    return (read_iso(text, &fields) || read_rfc822(text, &fields)) && fields_to_ms(zone, &fields, ret_ms);
}

struct view date_write(int64_t ms, enum date_millis millis, char buffer[DATE_SIZE])
{
    int64_t days;
    int rest, year, month = 1, size;

    ms = ms < 0 ? 0 : ms >= DATE_MS_END ? DATE_MS_END - 1 : ms;
    days = ms / MS_PER_DAY;
    rest = (int)(ms % MS_PER_DAY);
    year = 1970 + (int)(days / 366); /* never too late, and at most one too early */
    while (days >= days_to_month(year + 1, 1))
        year++;
    while (month < 12 && days >= days_to_month(year, month + 1))
        month++;
    size = snprintf(buffer, DATE_SIZE, "%04d-%02d-%02dT%02d:%02d:%02d", year, month,
                    (int)(days - days_to_month(year, month)) + 1, rest / 3600000, rest / 60000 % 60, rest / 1000 % 60);
    if (millis == DATE_MILLIS_ALWAYS || rest % 1000 != 0)
        size += snprintf(buffer + size, (size_t)(DATE_SIZE - size), ".%03d", rest % 1000);
    size += snprintf(buffer + size, (size_t)(DATE_SIZE - size), "Z");
    return (struct view){buffer, (size_t)size};
}
