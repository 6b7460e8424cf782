/*
 * broker: the mock cluster as a development broker that other processes can use.
 */
#include "consumer/cli/cli.h"
#include "consumer/cli/mock.h"
#include "consumer/cli/signals.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TOPIC_PARTITIONS_MAX = 1000, LINE_MAX_BYTES = 256 };

struct broker {
    const struct cli *cli;
    struct mock *mock;
    int stop[2]; /* a pipe: a signal writes, the main thread sees it in its poll() */
};

static void on_stop(void *user, unsigned nth)
{
    struct broker *broker = user;

    (void)nth;
    while (write(broker->stop[1], "", 1) < 0 && errno == EINTR)
        ;
}

/* The terminal is gone, and with it whoever would stop us. */
static void on_hangup(void *user)
{
    on_stop(user, 1);
}

/* ---- commands --------------------------------------------------------------------------------------------------- */

static bool number_of(const char *word, unsigned *ret_number)
{
    char *end;
    unsigned long number;

    if (word == NULL || word[0] < '0' || word[0] > '9')
        return false;
    number = strtoul(word, &end, 10);
    if (*end != '\0' || number > 1000000)
        return false;
    *ret_number = (unsigned)number;
    return true;
}

/* Answers "ok" or "error: …" on stdout, so that a script can wait for it.  False: quit. */
static bool obey(struct broker *broker, char *line)
{
    char *state = NULL, *words[5] = {0};
    unsigned a, b;
    enum status status = STATUS_OK;
    struct err err;

    for (size_t i = 0; i < 5; i++)
        words[i] = strtok_r(i == 0 ? line : NULL, " \t\r\n", &state);
    if (words[0] == NULL)
        return true;
    if (strcmp(words[0], "quit") == 0)
        return false;
    if (strcmp(words[0], "down") == 0 && number_of(words[1], &a) && words[2] == NULL)
        status = mock_down(broker->mock, a, &err);
    else if (strcmp(words[0], "up") == 0 && number_of(words[1], &a) && words[2] == NULL)
        status = mock_up(broker->mock, a, &err);
    else if (strcmp(words[0], "rtt") == 0 && number_of(words[1], &a) && number_of(words[2], &b) && words[3] == NULL)
        status = mock_delay(broker->mock, a, b, &err);
    else if (strcmp(words[0], "error") == 0 && words[2] != NULL && number_of(words[3], &a) && words[4] == NULL)
        status = mock_fail(broker->mock, words[1], words[2], a, &err);
    else
        status = fail(&err, STATUS_REJECT, "expected: down N, up N, rtt N MS, error API CODE COUNT, quit");
    if (status == STATUS_OK)
        puts("ok");
    else
        printf("error: %s\n", err.text);
    fflush(stdout);
    return true;
}

/* Reads commands until quit or a signal; at the end of stdin it goes on without. */
static void serve(struct broker *broker)
{
    struct pollfd polls[2] = {{broker->stop[0], POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
    char line[LINE_MAX_BYTES];
    size_t size = 0;

    for (;;) {
        char *end;
        ssize_t n;

        if (poll(polls, 2, -1) < 0 && errno != EINTR)
            return;
        if (polls[0].revents != 0)
            return;
        if (polls[1].revents == 0)
            continue;
        n = read(STDIN_FILENO, line + size, sizeof line - 1 - size);
        if (n <= 0) {
            if (n == 0 || errno != EINTR)
                polls[1].fd = -1; /* poll() leaves it out from now on */
            continue;
        }
        size += (size_t)n;
        line[size] = '\0';
        while ((end = strchr(line, '\n')) != NULL) {
            *end = '\0';
            if (!obey(broker, line))
                return;
            size -= (size_t)(end + 1 - line);
            memmove(line, end + 1, size + 1);
        }
        if (size == sizeof line - 1)
            size = 0; /* no command is that long */
    }
}

/* ---- verb ------------------------------------------------------------------------------------------------------- */

/* "NAME" or "NAME:PARTITIONS" */
static bool create_topic(struct broker *broker, const char *text, unsigned partitions)
{
    const char *colon = strrchr(text, ':');
    char name[250];
    struct err err;

    if (colon != NULL && (!number_of(colon + 1, &partitions) || partitions < 1 || partitions > TOPIC_PARTITIONS_MAX)) {
        cli_say(broker->cli, "--topic %s: expected NAME:PARTITIONS with 1 to %d partitions", text,
                TOPIC_PARTITIONS_MAX);
        return false;
    }
    snprintf(name, sizeof name, "%.*s", (int)(colon == NULL ? strlen(text) : (size_t)(colon - text)), text);
    if (mock_topic(broker->mock, name, partitions, &err) != STATUS_OK) {
        cli_say(broker->cli, "%s", err.text);
        return false;
    }
    return true;
}

static bool create_topics(struct broker *broker, unsigned partitions)
{
    const struct settings *settings = cli_settings(broker->cli);
    const char *const ours[] = {settings->input_topic, settings->output_topic, settings->dead_topic};
    const char *topic;

    for (size_t i = 0; (topic = cli_value_at(broker->cli, "topic", i)) != NULL; i++)
        if (!create_topic(broker, topic, partitions))
            return false;
    for (size_t i = 0; i < 3; i++) {
        struct err err;
        /* One that --topic made with another number of partitions exists already. */
        mock_topic(broker->mock, ours[i], partitions, &err);
    }
    return true;
}

static int broker_run(const struct cli *cli)
{
    static const struct signal_handlers handlers = {on_stop, on_hangup};
    struct broker broker = {.cli = cli};
    uint64_t partitions = 8, brokers = 3;
    struct err err;
    int code;

    if (!cli_number(cli, "partitions", 1, TOPIC_PARTITIONS_MAX, &partitions) ||
        !cli_number(cli, "brokers", 1, 16, &brokers))
        return EXIT_USAGE;
    code = cli_finish_settings(cli, NULL, false);
    if (code != EXIT_DONE)
        return code;
    signals_block();
    if (pipe(broker.stop) != 0 || signals_start(&handlers, &broker, &err) != STATUS_OK) {
        cli_say(cli, "no pipe or no thread: %s", strerror(errno));
        return EXIT_WORK_LEFT;
    }
    if (mock_start((unsigned)brokers, &broker.mock, &err) != STATUS_OK) {
        cli_say(cli, "%s", err.text);
        code = EXIT_UNREACHABLE;
    } else if (!create_topics(&broker, (unsigned)partitions)) {
        code = EXIT_USAGE;
    } else {
        puts(mock_bootstraps(broker.mock));
        fflush(stdout);
        serve(&broker);
    }
    mock_stop(broker.mock);
    signals_stop();
    close(broker.stop[0]);
    close(broker.stop[1]);
    return code;
}

static const struct cli_option broker_options[] = {
    {0, "brokers", "N", NULL, "number of brokers (default: 3)"},
    {0, "partitions", "N", NULL, "partitions of a topic (default: 8)"},
    {0, "topic", "NAME[:N]", NULL, "one more topic, with N partitions (may be given more than once)"},
    {0},
};

const struct command broker_command = {
    .name = "broker",
    .arguments = "",
    .summary = "librdkafka's mock cluster as a development broker; prints its bootstrap address",
    .description =
        "Starts brokers on 127.0.0.1, creates input.topic, output.topic and dead.topic, prints the bootstrap\n"
        "address as the first line on stdout and runs until SIGTERM, SIGINT or `quit`.  Everything is in\n"
        "memory; a partition keeps 5 MiB.\n"
        "\n"
        "Commands on stdin, each answered by `ok` or `error: …`; at the end of stdin it goes on without:\n"
        "\n"
        "  down N, up N              broker N is gone, is back\n"
        "  rtt N MS                  each answer of broker N takes so long\n"
        "  error API CODE COUNT      the next COUNT requests fail: error Produce NOT_ENOUGH_REPLICAS 3\n"
        "  quit",
    .options = broker_options,
    .has_settings = true,
    .run = broker_run,
};
