/*
 * dead list: one line a letter, and how many there are of each reason.
 */
#include "consumer/dead/dead.h"
#include "consumer/dead/choice.h"
#include "consumer/dead/printable.h"
#include "consumer/cli/progress.h"
#include "processors/dates.h"
#include "processors/utf8.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <unistd.h>

enum { REASONS_MAX = 16, ERROR_WIDTH = 100 };

struct tally {
    char name[24];
    uint64_t letters, bytes;
};

struct list {
    bool json, all;
    struct tally reasons[REASONS_MAX];
    size_t n_reasons;
};

/* ---- lines -------------------------------------------------------------------------------------------------------- */

static void print_line(const struct list *list, const struct letter *letter, enum letter_state state)
{
    char place[40], origin[300] = "-", time[DATE_SIZE];

    snprintf(place, sizeof place, "%d@%" PRId64, letter->partition, letter->offset);
    if (letter->has_origin)
        snprintf(origin, sizeof origin, "%.*s/%d@%" PRId64, VIEW_PRINT(letter->origin.topic), letter->origin.partition,
                 letter->origin.offset);
    date_write(letter->failed_ms, DATE_MILLIS_ALWAYS, time);
    printf("%-10s %s ", place, time);
    if (list->all)
        printf("%-8s ", letter_state_name(state));
    printable_write(stdout, letter->reason.data == NULL ? VIEW("-") : letter->reason, PRINTABLE_ONE_LINE, 24);
    putchar(' ');
    printable_write(stdout, letter->stage.data == NULL ? VIEW("-") : letter->stage, PRINTABLE_ONE_LINE, 24);
    printf(" %" PRId64 " %s %zu%s ", letter->attempts, origin, letter->size, letter->bare ? " (bare)" : "");
    printable_write(stdout, letter->error, PRINTABLE_ONE_LINE, ERROR_WIDTH);
    putchar('\n');
}

/* Text that is no UTF-8 has no place in JSON: absent, as if the header were not there. */
static void set_text(json_t *object, const char *name, struct view text)
{
    if (text.data != NULL && utf8_valid(text, NULL))
        json_object_set_new(object, name, json_stringn_nocheck(text.data, text.size));
}

static void set_time(json_t *object, const char *name, int64_t ms)
{
    char text[DATE_SIZE];

    if (ms >= 0)
        set_text(object, name, date_write(ms, DATE_MILLIS_ALWAYS, text));
}

static void print_json(const struct letter *letter, enum letter_state state)
{
    json_t *line = json_object(), *origin;

    json_object_set_new(line, "partition", json_integer(letter->partition));
    json_object_set_new(line, "offset", json_integer(letter->offset));
    json_object_set_new(line, "state", json_string(letter_state_name(state)));
    set_time(line, "failed_at", letter->failed_ms);
    set_text(line, "first_failed_at", letter->first_failed_at);
    set_time(line, "timestamp", letter->time_ms);
    set_text(line, "reason", letter->reason);
    set_text(line, "stage", letter->stage);
    json_object_set_new(line, "attempts", json_integer(letter->attempts));
    if (letter->has_origin) {
        origin = json_object();
        set_text(origin, "topic", letter->origin.topic);
        json_object_set_new(origin, "partition", json_integer(letter->origin.partition));
        json_object_set_new(origin, "offset", json_integer(letter->origin.offset));
        json_object_set_new(line, "origin", origin);
    }
    set_text(line, "key", letter->key);
    json_object_set_new(line, "size", json_integer((json_int_t)letter->size));
    json_object_set_new(line, "bare", json_boolean(letter->bare));
    set_text(line, "spooled", letter->spooled);
    set_text(line, "error", letter->error);
    json_dumpf(line, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(line);
}

/* ---- summary ------------------------------------------------------------------------------------------------------ */

/* The last one is for all that came too late to get a place of its own. */
static void count(struct list *list, const struct letter *letter)
{
    struct tally *tally;
    char name[24];
    size_t i = 0;

    snprintf(name, sizeof name, "%.*s", letter->reason.data == NULL ? 1 : (int)letter->reason.size,
             letter->reason.data == NULL ? "-" : letter->reason.data);
    while (i < list->n_reasons && strcmp(list->reasons[i].name, name) != 0)
        i++;
    if (i == list->n_reasons && i < REASONS_MAX)
        strcpy(list->reasons[list->n_reasons++].name, i == REASONS_MAX - 1 ? "other" : name);
    tally = &list->reasons[i < REASONS_MAX ? i : REASONS_MAX - 1];
    tally->letters++;
    tally->bytes += letter->size;
}

static int compare_tallies(const void *a, const void *b)
{
    const struct tally *x = a, *y = b;

    return (x->letters < y->letters) - (x->letters > y->letters);
}

static void print_summary(struct list *list, const struct dead_topic *topic, const struct dead_choice *choice,
                          size_t gone)
{
    qsort(list->reasons, list->n_reasons, sizeof *list->reasons, compare_tallies);
    for (size_t i = 0; i < list->n_reasons; i++) {
        fprintf(stderr, "%8" PRIu64 " ", list->reasons[i].letters);
        printable_write(stderr, view_of(list->reasons[i].name), PRINTABLE_ONE_LINE, 0);
        fprintf(stderr, " (%" PRIu64 " bytes)\n", list->reasons[i].bytes);
    }
    fprintf(stderr, "%8zu of the %zu letters in %s\n", choice->n_chosen - gone, choice->n_letters,
            dead_topic_name(topic));
    if (choice->n_left_out[LETTER_REPLAYED] + choice->n_left_out[LETTER_REPEATED] > 0)
        fprintf(stderr, "left out: %zu replayed, %zu of a message that died again later (--all shows them)\n",
                choice->n_left_out[LETTER_REPLAYED], choice->n_left_out[LETTER_REPEATED]);
    if (choice->n_beyond_limit > 0)
        fprintf(stderr, "left out: %zu beyond --limit\n", choice->n_beyond_limit);
    if (gone > 0)
        fprintf(stderr, "gone meanwhile (retention): %zu\n", gone);
}

/* ---- verb --------------------------------------------------------------------------------------------------------- */

int dead_list(const struct cli *cli, struct dead_topic *topic)
{
    struct list list = {.json = cli_given(cli, "json"), .all = cli_given(cli, "all")};
    struct dead_walk walk = {.topic = topic};
    struct dead_choice choice;
    enum letter_state state;
    struct progress progress;
    struct letter letter;
    enum status status;
    struct err err;
    int code = dead_choose(cli, topic, &choice);

    if (code != EXIT_DONE)
        return code;
    walk.choice = &choice;
    progress_init(&progress, choice.n_chosen, isatty(STDOUT_FILENO) == 0);
    progress.noun = "letters";
    while ((status = dead_walk_next(&walk, &letter, &state, &err)) == STATUS_OK) {
        if (list.json)
            print_json(&letter, state);
        else
            print_line(&list, &letter, state);
        count(&list, &letter);
        progress_set(&progress, walk.at, walk.at);
        if (ferror(stdout))
            break; /* nobody reads on; cli_main() says so */
    }
    progress_clear(&progress);
    fflush(stdout);
    if (status == STATUS_OK || status == STATUS_SKIP)
        print_summary(&list, topic, &choice, walk.n_gone);
    else
        cli_say(cli, "%s", err.text);
    dead_choice_done(&choice);
    return status == STATUS_OK ? EXIT_WORK_LEFT : status == STATUS_SKIP ? EXIT_DONE : dead_exit_code(status);
}
