/*
 * dates: the moments that feeds write in many ways, as milliseconds since 1970 (UTC).
 *
 * Read are
 *     RFC 3339 and its neighbours  2024-05-01T12:30:00.25+02:00, 2024-05-01 12:30, 20240501T123000Z, 2024/05/01
 *     RFC 822 and RFC 1123         Wed, 01 May 2024 12:30:00 +0200, 1 May 24 12:30 GMT
 *     epoch                        1714559400, 1714559400.25 (seconds), 1714559400000 (milliseconds), and in micro- and
 *                                  nanoseconds: the magnitude tells, as all of them lie between 1970 and 2100
 * A number of fewer than nine digits is no epoch (but 0): it would lie before 1973, and is a year or a counter.
 * Eight digits that make a date (20240501) are one.  A date alone is its midnight; what names no zone is in the zone of
 * the reader.  A year outside 1970 to 2100 is unreadable, as is anything that leaves a rest: no guess is better than a
 * wrong one.  Day before month or month before day in numbers (01/05/2024) is such a guess.
 *
 * Thread-safety: a struct zone belongs to one thread (ICU's calendar computes inside it).
 */
#ifndef PROCESSORS_DATES_H
#define PROCESSORS_DATES_H

#include "processors/status.h"
#include "processors/view.h"

#include <stdint.h>

struct zone;

/* name: IANA ("Europe/Berlin"), "UTC" or "+03:00"; NULL or "" is UTC.  STATUS_FATAL: no such zone. */
enum status zone_open(const char *name, struct zone **ret_zone, struct err *err);
void zone_close(struct zone *zone); /* NULL is fine */

enum { DATE_SIZE = 32 };
#define DATE_MS_END INT64_C(4133980800000) /* 2101-01-01T00:00:00Z: the first moment that no date has */

/* False: unreadable, *ret_ms untouched. */
bool date_read(struct zone *zone, struct view text, int64_t *ret_ms);

/* RFC 3339 in UTC: "2024-05-01T10:30:00Z", with milliseconds if always or if there are any.
 * Writes the terminating NUL.  What lies outside 1970 to 2100 is written as the nearest moment inside. */
enum date_millis { DATE_MILLIS_IF_ANY, DATE_MILLIS_ALWAYS };
struct view date_write(int64_t ms, enum date_millis millis, char buffer[DATE_SIZE]);

#endif
