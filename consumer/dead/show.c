/*
 * dead show: all that there is of a letter.
 */
#include "consumer/dead/dead.h"
#include "consumer/dead/choice.h"
#include "consumer/dead/printable.h"
#include "consumer/corridor/deadletter.h"
#include "processors/dates.h"

#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

static void print_field(const char *name, struct view value)
{
    if (value.data == NULL)
        return;
    printf("%-9s ", name);
    printable_write(stdout, value, PRINTABLE_ONE_LINE, 0);
    putchar('\n');
}

static void print_head(const struct dead_topic *topic, const struct letter *letter)
{
    char text[DATE_SIZE];

    printf("letter    %s %d@%" PRId64 "\n", dead_topic_name(topic), letter->partition, letter->offset);
    print_field("died", date_write(letter->failed_ms, DATE_MILLIS_ALWAYS, text));
    if (letter->time_ms >= 0)
        print_field("timestamp", date_write(letter->time_ms, DATE_MILLIS_ALWAYS, text));
    print_field("reason", letter->reason);
    print_field("error", letter->error);
    printf("attempts  %" PRId64 "\n", letter->attempts);
    if (letter->has_origin)
        printf("origin    %.*s/%d@%" PRId64 "\n", VIEW_PRINT(letter->origin.topic), letter->origin.partition,
               letter->origin.offset);
    if (letter->key.data == NULL)
        puts("key       none");
    else
        print_field("key", letter->key);
    puts("headers");
    for (size_t i = 0; i < letter->n_headers; i++) {
        fputs("  ", stdout);
        printable_write(stdout, letter->headers[i].name, PRINTABLE_ONE_LINE, 0);
        fputs(letter->headers[i].value.data == NULL ? " (no value)" : ": ", stdout);
        printable_write(stdout, letter->headers[i].value, PRINTABLE_ONE_LINE, 0);
        putchar('\n');
    }
}

static void print_value(const struct letter *letter)
{
    if (letter->bare) {
        printf("value     left out: %zu bytes, too large for the topic; ", letter->size);
        if (letter->spooled.data == NULL) {
            puts("not kept (dead.spool_dir was not set)");
        } else {
            fputs("kept in ", stdout);
            printable_write(stdout, letter->spooled, PRINTABLE_ONE_LINE, 0);
            putchar('\n');
        }
        return;
    }
    if (letter->value.data == NULL) {
        puts("value     none");
        return;
    }
    printf("value     %zu bytes\n\n", letter->value.size);
    printable_write(stdout, letter->value, PRINTABLE_LINES, 0);
    if (letter->value.size == 0 || letter->value.data[letter->value.size - 1] != '\n')
        putchar('\n');
}

/* The bytes as they came, also those that lie in a file. */
static enum status write_raw(const struct letter *letter, struct err *err)
{
    char path[PATH_MAX], *bytes;
    enum status status;

    if (!letter->bare) {
        fwrite(view_begin(letter->value), 1, letter->value.size, stdout);
        return STATUS_OK;
    }
    if (letter->spooled.data == NULL)
        return fail(err, STATUS_REJECT, "%d@%" PRId64 ": its %zu bytes were too large for the topic and not kept",
                    letter->partition, letter->offset, letter->size);
    snprintf(path, sizeof path, "%.*s", VIEW_PRINT(letter->spooled));
    status = deadletter_recover(path, letter->size, letter->sha256, &bytes, err);
    if (status != STATUS_OK)
        return status;
    fwrite(bytes, 1, letter->size, stdout);
    free(bytes);
    return STATUS_OK;
}

int dead_show(const struct cli *cli, struct dead_topic *topic)
{
    struct dead_walk walk = {.topic = topic};
    struct dead_choice choice;
    enum letter_state state;
    struct letter letter;
    size_t n = 0, n_missing = 0;
    enum status status;
    struct err err;
    int code = dead_choose(cli, topic, &choice);

    if (code != EXIT_DONE)
        return code;
    walk.choice = &choice;
    while ((status = dead_walk_next(&walk, &letter, &state, &err)) == STATUS_OK) {
        if (cli_given(cli, "raw")) {
            if (write_raw(&letter, &err) != STATUS_OK) {
                cli_say(cli, "%s", err.text);
                n_missing++;
            }
            continue;
        }
        if (n++ > 0)
            putchar('\n');
        print_head(topic, &letter);
        print_value(&letter);
    }
    fflush(stdout);
    if (status != STATUS_SKIP)
        cli_say(cli, "%s", err.text);
    else if (walk.n_gone > 0)
        cli_say(cli, "%zu of these letters are not in %s: no such partition or offset, or gone with its retention",
                walk.n_gone, dead_topic_name(topic));
    dead_choice_done(&choice);
    if (status != STATUS_SKIP)
        return dead_exit_code(status);
    return walk.n_gone + n_missing > 0 ? EXIT_WORK_LEFT : EXIT_DONE;
}
