/*
 * dead replay: sends letters back to where they came from, and notes in the dead-letter topic that it did.
 *
 * The note is sent when the brokers have the letter, so that a replay that is broken off may repeat some but never
 * forgets one.
 */
#include "consumer/dead/dead.h"
#include "consumer/dead/choice.h"
#include "consumer/dead/printable.h"
#include "consumer/cli/progress.h"
#include "consumer/cli/sender.h"
#include "consumer/cli/signals.h"
#include "consumer/clock.h"
#include "consumer/corridor/deadletter.h"
#include "consumer/corridor/kafka.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    CONNECT_MS = 10000,
    PATIENCE_MS = 30000, /* without a report */
    SERVE_MS = 100,
    CONFIRM_ABOVE = 100, /* letters */
    COMPLAINTS_MAX = 20, /* lines about single letters; the rest is counted */
};

struct target {
    char name[250];
    rd_kafka_topic_t *topic;
    int n_partitions; /* 0: there is no such topic */
    size_t n_sent;
    struct target *next;
};

/* A record that waits for its report. */
struct parcel {
    struct replay *replay;
    struct coordinates letter;
    struct target *target; /* NULL: the note of a letter */
    struct parcel *next;
};

struct replay {
    const struct cli *cli;
    struct dead_topic *topic;
    rd_kafka_t *producer;
    rd_kafka_topic_t *notes;
    struct target *targets;
    struct parcel *unnoted; /* sent; their notes are not */
    struct dead_choice alone; /* a broker refused the request in which they were: to be sent one by one */
    bool one_by_one;
    size_t n_awaited;
    size_t n_sent, n_left_out, n_failed, n_notes_failed, n_complaints;
    int64_t heard_ms; /* when the last report came */
    atomic_uint stopped;
    struct progress progress;
};

/* ---- what went wrong ---------------------------------------------------------------------------------------------- */

static void complain(struct replay *replay, const struct coordinates *letter, const char *text)
{
    progress_clear(&replay->progress);
    if (++replay->n_complaints <= COMPLAINTS_MAX)
        cli_say(replay->cli, "%d@%" PRId64 ": %s", letter->partition, letter->offset, text);
}

static struct coordinates place_of(const struct letter *letter)
{
    return (struct coordinates){.partition = letter->partition, .offset = letter->offset};
}

/* ---- targets ------------------------------------------------------------------------------------------------------ */

/* Asked by the consumer, whose question does not create a topic. */
static struct target *target_named(struct replay *replay, struct view name)
{
    struct target *target = replay->targets;

    while (target != NULL && !view_is(name, target->name))
        target = target->next;
    if (target != NULL)
        return target;
    target = calloc(1, sizeof *target);
    if (target == NULL)
        abort();
    snprintf(target->name, sizeof target->name, "%.*s", VIEW_PRINT(name));
    target->n_partitions = dead_topic_partitions_of(replay->topic, target->name);
    if (target->n_partitions > 0 && replay->producer != NULL)
        target->topic = rd_kafka_topic_new(replay->producer, target->name, NULL);
    target->next = replay->targets;
    return replay->targets = target;
}

static struct target *target_of(struct replay *replay, const struct letter *letter)
{
    const char *to = cli_value(replay->cli, "to");

    if (to != NULL)
        return target_named(replay, view_of(to));
    if (letter->has_origin)
        return target_named(replay, letter->origin.topic);
    return target_named(replay, view_of(cli_settings(replay->cli)->input_topic));
}

/* The partition from which it came: so the order that its neighbours had is kept, whoever chose it. */
static int32_t partition_of(const struct target *target, const struct letter *letter)
{
    if (letter->has_origin && view_is(letter->origin.topic, target->name) &&
        letter->origin.partition < target->n_partitions)
        return letter->origin.partition;
    return RD_KAFKA_PARTITION_UA;
}

/* ---- reports ------------------------------------------------------------------------------------------------------ */

static void keep_for_alone(struct replay *replay, const struct coordinates *letter)
{
    struct dead_choice *alone = &replay->alone;

    alone->chosen = realloc(alone->chosen, (alone->n_chosen + 1) * sizeof *alone->chosen);
    if (alone->chosen == NULL)
        abort();
    alone->chosen[alone->n_chosen++] = *letter;
}

static void report_of_letter(struct replay *replay, struct parcel *parcel, rd_kafka_resp_err_t error)
{
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
        replay->n_sent++;
        parcel->target->n_sent++;
        parcel->next = replay->unnoted;
        replay->unnoted = parcel;
        return;
    }
    if (kafka_send_failure(error) == SEND_ALONE && !replay->one_by_one) {
        keep_for_alone(replay, &parcel->letter);
    } else {
        replay->n_failed++;
        complain(replay, &parcel->letter, rd_kafka_err2str(error));
    }
    free(parcel);
}

static void on_report(rd_kafka_t *producer, const rd_kafka_message_t *message, void *opaque)
{
    struct parcel *parcel = message->_private;
    struct replay *replay = opaque;

    (void)producer;
    replay->n_awaited--;
    replay->heard_ms = clock_steady_ms();
    if (parcel->target != NULL) {
        report_of_letter(replay, parcel, message->err);
        return;
    }
    replay->n_notes_failed += message->err != RD_KAFKA_RESP_ERR_NO_ERROR;
    free(parcel);
}

/* ---- sending ------------------------------------------------------------------------------------------------------ */

struct record {
    rd_kafka_topic_t *topic;
    int32_t partition;
    struct view key, value;
    int64_t time_ms; /* 0: now */
    rd_kafka_headers_t *headers;
};

/* Takes over the headers. */
static rd_kafka_resp_err_t produce(struct replay *replay, const struct record *record, struct parcel *parcel)
{
    rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
    const rd_kafka_vu_t fields[] = {
        {.vtype = RD_KAFKA_VTYPE_RKT, .u.rkt = record->topic},
        {.vtype = RD_KAFKA_VTYPE_PARTITION, .u.i32 = record->partition},
        {.vtype = RD_KAFKA_VTYPE_MSGFLAGS, .u.i = RD_KAFKA_MSG_F_COPY},
        {.vtype = RD_KAFKA_VTYPE_KEY, .u.mem = {(void *)(uintptr_t)record->key.data, record->key.size}},
        {.vtype = RD_KAFKA_VTYPE_VALUE, .u.mem = {(void *)(uintptr_t)record->value.data, record->value.size}},
        {.vtype = RD_KAFKA_VTYPE_TIMESTAMP, .u.i64 = record->time_ms},
        {.vtype = RD_KAFKA_VTYPE_OPAQUE, .u.ptr = parcel},
        {.vtype = RD_KAFKA_VTYPE_HEADERS, .u.headers = record->headers},
    };
    rd_kafka_error_t *error = rd_kafka_produceva(replay->producer, fields, sizeof fields / sizeof *fields);

    if (error == NULL) {
        replay->n_awaited++;
        return RD_KAFKA_RESP_ERR_NO_ERROR;
    }
    code = rd_kafka_error_code(error);
    rd_kafka_error_destroy(error);
    rd_kafka_headers_destroy(record->headers); /* theirs only on success */
    return code;
}

static bool is_patient(const struct replay *replay)
{
    return clock_steady_ms() - replay->heard_ms < PATIENCE_MS;
}

static void send_notes(struct replay *replay)
{
    struct parcel *parcel;

    while ((parcel = replay->unnoted) != NULL) {
        struct record record = {.topic = replay->notes, .partition = parcel->letter.partition};
        char offset[24];
        rd_kafka_resp_err_t error;

        snprintf(offset, sizeof offset, "%" PRId64, parcel->letter.offset);
        record.headers = rd_kafka_headers_new(1);
        rd_kafka_header_add(record.headers, HEADER_REPLAYED, -1, offset, -1);
        error = produce(replay, &record, parcel);
        if (error == RD_KAFKA_RESP_ERR__QUEUE_FULL)
            return;
        replay->unnoted = parcel->next;
        parcel->target = NULL; /* it stands for the note now */
        if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
            replay->n_notes_failed++;
            free(parcel);
        }
    }
}

static void serve(struct replay *replay, int timeout_ms)
{
    rd_kafka_poll(replay->producer, timeout_ms);
    send_notes(replay);
}

/* Until all reports are in.  False: the brokers have gone. */
static bool wait_for_reports(struct replay *replay)
{
    if (replay->n_awaited == 0)
        replay->heard_ms = clock_steady_ms();
    while (replay->n_awaited > 0 || replay->unnoted != NULL) {
        if (!is_patient(replay))
            return false;
        serve(replay, SERVE_MS);
    }
    return true;
}

/* The value, and the memory to be freed if it lies in a file. */
static enum status value_of(const struct letter *letter, struct view *ret_value, char **ret_bytes, struct err *err)
{
    char path[PATH_MAX];
    enum status status;

    *ret_bytes = NULL;
    *ret_value = letter->value;
    if (!letter->bare)
        return STATUS_OK;
    if (letter->spooled.data == NULL)
        return fail(err, STATUS_REJECT, "its %zu bytes were too large for the topic and not kept", letter->size);
    snprintf(path, sizeof path, "%.*s", VIEW_PRINT(letter->spooled));
    status = deadletter_recover(path, letter->size, letter->sha256, ret_bytes, err);
    if (status == STATUS_OK)
        *ret_value = (struct view){*ret_bytes, letter->size};
    return status;
}

static void send_record(struct replay *replay, const struct letter *letter, struct target *target, struct view value)
{
    struct record record = {
        .topic = target->topic,
        .partition = partition_of(target, letter),
        .key = letter->key,
        .value = value,
        .time_ms = letter->time_ms > 0 ? letter->time_ms : 0,
    };
    struct coordinates place = place_of(letter);
    struct parcel *parcel = calloc(1, sizeof *parcel);
    rd_kafka_resp_err_t error;

    if (parcel == NULL)
        abort();
    *parcel = (struct parcel){.replay = replay, .letter = place, .target = target};
    if (replay->n_awaited == 0)
        replay->heard_ms = clock_steady_ms();
    do {
        record.headers = headers_of_returning(letter->kafka_headers);
        error = produce(replay, &record, parcel);
        if (error == RD_KAFKA_RESP_ERR__QUEUE_FULL)
            serve(replay, SERVE_MS);
    } while (error == RD_KAFKA_RESP_ERR__QUEUE_FULL && atomic_load(&replay->stopped) == 0 && is_patient(replay));
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR)
        return;
    replay->n_failed++;
    complain(replay, &place, rd_kafka_err2str(error));
    free(parcel);
}

static void print_intention(const struct letter *letter, const struct target *target)
{
    printf("%d@%" PRId64 " to %s ", letter->partition, letter->offset, target->name);
    if (partition_of(target, letter) != RD_KAFKA_PARTITION_UA)
        printf("partition %d, ", partition_of(target, letter));
    printf("%zu bytes%s\n", letter->size, letter->bare ? " from its file" : "");
}

static void send_letter(struct replay *replay, const struct letter *letter)
{
    struct target *target = target_of(replay, letter);
    struct coordinates place = place_of(letter);
    struct view value;
    struct err err = {0};
    char *bytes = NULL;

    if (target->n_partitions == 0)
        fail(&err, STATUS_REJECT, "topic '%s' does not exist, or is not to be seen by this user", target->name);
    else if (value_of(letter, &value, &bytes, &err) == STATUS_OK && replay->producer != NULL)
        send_record(replay, letter, target, value);
    if (err.status != STATUS_OK) {
        replay->n_left_out++;
        complain(replay, &place, err.text);
    } else if (replay->producer == NULL) {
        print_intention(letter, target);
        target->n_sent++;
    }
    free(bytes);
}

/* STATUS_SKIP: all read.  STATUS_OK: stopped. */
static enum status send_chosen(struct replay *replay, const struct dead_choice *choice, struct err *err)
{
    struct dead_walk walk = {.topic = replay->topic, .choice = choice};
    enum letter_state state;
    struct letter letter;
    enum status status;

    while ((status = dead_walk_next(&walk, &letter, &state, err)) == STATUS_OK) {
        if (atomic_load(&replay->stopped) > 0)
            return STATUS_OK;
        send_letter(replay, &letter);
        if (replay->producer != NULL && replay->one_by_one && !wait_for_reports(replay))
            break;
        if (replay->producer != NULL)
            serve(replay, 0);
        progress_set(&replay->progress, walk.at, walk.at);
    }
    if (walk.n_gone > 0)
        cli_say(replay->cli, "%zu of these letters are not in %s: no such partition or offset, or gone with its "
                "retention", walk.n_gone, dead_topic_name(replay->topic));
    replay->n_left_out += walk.n_gone;
    return status;
}

/* ---- the whole ---------------------------------------------------------------------------------------------------- */

static void on_stop(void *user, unsigned nth)
{
    struct replay *replay = user;

    if (nth > 1)
        _exit(EXIT_WORK_LEFT);
    atomic_store(&replay->stopped, nth);
}

static enum status open_producer(struct replay *replay, struct err *err)
{
    const struct settings *settings = cli_settings(replay->cli);
    enum status status = sender_new(settings, on_report, replay, &replay->producer, err);

    if (status != STATUS_OK)
        return status;
    return kafka_topic_open(replay->producer, settings->dead_topic, CONNECT_MS, &replay->notes, err);
}

static void close_producer(struct replay *replay)
{
    struct target *target, *next;

    if (replay->producer != NULL) {
        rd_kafka_purge(replay->producer, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
        while (rd_kafka_poll(replay->producer, 0) > 0)
            ;
    }
    for (target = replay->targets; target != NULL; target = next) {
        next = target->next;
        if (target->topic != NULL)
            rd_kafka_topic_destroy(target->topic);
        free(target);
    }
    for (struct parcel *parcel = replay->unnoted, *after; parcel != NULL; parcel = after) {
        after = parcel->next;
        free(parcel);
    }
    if (replay->notes != NULL)
        rd_kafka_topic_destroy(replay->notes);
    if (replay->producer != NULL)
        rd_kafka_destroy(replay->producer);
    dead_choice_done(&replay->alone);
}

static void print_summary(const struct replay *replay, const struct dead_choice *choice)
{
    const char *verb = replay->producer == NULL ? "would be sent" : "sent";

    if (replay->n_complaints > COMPLAINTS_MAX)
        cli_say(replay->cli, "and %zu more of this kind", replay->n_complaints - COMPLAINTS_MAX);
    for (const struct target *target = replay->targets; target != NULL; target = target->next)
        if (target->n_sent > 0)
            fprintf(stderr, "%8zu %s to %s\n", target->n_sent, verb, target->name);
    if (choice->n_chosen == 0)
        fputs("no letter to send\n", stderr);
    if (replay->n_left_out > 0)
        fprintf(stderr, "%8zu left out, see above\n", replay->n_left_out);
    if (replay->n_failed > 0)
        fprintf(stderr, "%8zu not delivered: they stay open, and the next replay sends them\n", replay->n_failed);
    if (replay->n_awaited > 0)
        fprintf(stderr, "%8zu without an answer from the brokers: they may or may not be there\n", replay->n_awaited);
    if (replay->n_notes_failed > 0)
        fprintf(stderr, "%8zu sent, but the note of it could not be written to %s: the next replay sends them again\n",
                replay->n_notes_failed, dead_topic_name(replay->topic));
    if (choice->n_left_out[LETTER_REPLAYED] + choice->n_left_out[LETTER_REPEATED] > 0)
        fprintf(stderr, "not again: %zu replayed before, %zu of a message that died again later (--all takes them)\n",
                choice->n_left_out[LETTER_REPLAYED], choice->n_left_out[LETTER_REPEATED]);
    if (choice->n_beyond_limit > 0)
        fprintf(stderr, "%8zu beyond --limit\n", choice->n_beyond_limit);
}

static int replay_all(struct replay *replay, const struct dead_choice *choice)
{
    enum status status;
    struct err err;
    bool answered = true, complete;

    progress_init(&replay->progress, choice->n_chosen, replay->producer != NULL);
    replay->progress.noun = "letters";
    status = send_chosen(replay, choice, &err);
    if (replay->producer != NULL)
        answered = wait_for_reports(replay);
    if (replay->alone.n_chosen > 0 && answered && atomic_load(&replay->stopped) == 0) {
        replay->one_by_one = true;
        status = send_chosen(replay, &replay->alone, &err);
        answered = wait_for_reports(replay);
    } else {
        replay->n_failed += replay->alone.n_chosen;
    }
    progress_clear(&replay->progress);
    if (status != STATUS_SKIP && status != STATUS_OK)
        cli_say(replay->cli, "%s", err.text);
    if (!answered)
        cli_say(replay->cli, "no broker has answered for %d s", PATIENCE_MS / 1000);
    print_summary(replay, choice);
    if (!answered || (status != STATUS_SKIP && status != STATUS_OK))
        return answered ? dead_exit_code(status) : EXIT_UNREACHABLE;
    complete = status == STATUS_SKIP && replay->n_left_out + replay->n_failed + replay->n_notes_failed == 0;
    return complete ? EXIT_DONE : EXIT_WORK_LEFT;
}

static int replay_chosen(struct replay *replay, const struct dead_choice *choice)
{
    static const struct signal_handlers handlers = {on_stop, NULL};
    enum status status = STATUS_OK;
    struct err err;
    int code;

    if (cli_given(replay->cli, "dry-run"))
        return replay_all(replay, choice);
    if (choice->n_chosen > CONFIRM_ABOVE && isatty(STDERR_FILENO) == 1 && !cli_given(replay->cli, "yes")) {
        cli_say(replay->cli, "%zu letters would be sent; look at them with --dry-run, then add --yes",
                choice->n_chosen);
        return EXIT_USAGE;
    }
    if (choice->n_chosen > 0)
        status = open_producer(replay, &err);
    if (status == STATUS_OK)
        status = signals_start(&handlers, replay, &err);
    if (status != STATUS_OK) {
        cli_say(replay->cli, "%s", err.text);
        return dead_exit_code(status);
    }
    code = replay_all(replay, choice);
    signals_stop();
    return code;
}

int dead_replay(const struct cli *cli, struct dead_topic *topic)
{
    struct replay replay = {.cli = cli, .topic = topic};
    struct dead_choice choice;
    int code = dead_choose(cli, topic, &choice);

    if (code != EXIT_DONE)
        return code;
    code = replay_chosen(&replay, &choice);
    close_producer(&replay);
    dead_choice_done(&choice);
    return code;
}
