#include "consumer/cli/when.h"

#include "consumer/clock.h"
#include "processors/dates.h"

#include <errno.h>
#include <stdlib.h>

static int64_t unit_ms(const char *unit)
{
    static const struct {
        const char *name;
        int64_t ms;
    } units[] = {{"s", 1000}, {"m", 60 * 1000}, {"h", 3600 * 1000}, {"d", 86400 * 1000}, {"w", 7 * 86400 * 1000}};

    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (strcmp(unit, units[i].name) == 0)
            return units[i].ms;
    return 0;
}

static bool read_ago(const char *text, int64_t *ret_ms)
{
    int64_t now = clock_wall_ms(), unit;
    char *end;
    long long n;

    if (strcmp(text, "now") == 0) {
        *ret_ms = now;
        return true;
    }
    errno = 0;
    n = strtoll(text, &end, 10);
    unit = unit_ms(end);
    if (text[0] < '0' || text[0] > '9' || errno != 0 || unit == 0 || n > now / unit)
        return false;
    *ret_ms = now - n * unit;
    return true;
}

bool when_option(const struct cli *cli, const char *option, int64_t *ret_ms)
{
    const char *text = cli_value(cli, option);
    struct zone *zone;
    bool read;

    if (text == NULL || read_ago(text, ret_ms))
        return true;
    if (zone_open(NULL, &zone, NULL) != STATUS_OK)
        abort(); /* UTC is always there */
    read = date_read(zone, view_of(text), ret_ms);
    zone_close(zone);
    if (!read)
        cli_say(cli, "--%s is \"%s\", expected a time: 2026-03-01T12:00:00Z, or 30m, 2h, 3d for so long ago", option,
                text);
    return read;
}
