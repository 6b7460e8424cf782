/*
 * dead: the verb: which sub-verb, which options belong to it, and the description of all three.
 */
#include "consumer/dead/dead.h"

#include "consumer/dead/choice.h"
#include "consumer/cli/signals.h"
#include "consumer/nearest.h"

#include <string.h>

enum { LIST = 1, SHOW = 2, REPLAY = 4 };

struct sub_verb {
    const char *name;
    unsigned bit;
    int (*run)(const struct cli *cli, struct dead_topic *topic);
};

static const struct sub_verb sub_verbs[] = {
    {"list", LIST, dead_list},
    {"show", SHOW, dead_show},
    {"replay", REPLAY, dead_replay},
};
enum { SUB_VERBS = sizeof sub_verbs / sizeof *sub_verbs };

static const struct {
    const char *option;
    unsigned bits;
} belongs[] = {
    {"reason", LIST | REPLAY}, {"since", LIST | REPLAY}, {"until", LIST | REPLAY}, {"origin", LIST | REPLAY},
    {"limit", LIST | REPLAY},  {"all", LIST | REPLAY},   {"json", LIST},           {"raw", SHOW},
    {"dry-run", REPLAY},       {"yes", REPLAY},          {"to", REPLAY},
};

static const struct sub_verb *find(const struct cli *cli)
{
    const char *name = cli_argument(cli, 0);
    struct nearest nearest = nearest_to(name);
    char hint[NEAREST_HINT_MAX];

    for (size_t i = 0; i < SUB_VERBS; i++) {
        if (strcmp(name, sub_verbs[i].name) == 0)
            return &sub_verbs[i];
        nearest_try(&nearest, sub_verbs[i].name);
    }
    cli_say(cli, "\"%s\" is none of list, show, replay%s", name, nearest_hint(&nearest, hint));
    return NULL;
}

static int check_usage(const struct cli *cli, const struct sub_verb *verb)
{
    for (size_t i = 0; i < sizeof belongs / sizeof *belongs; i++) {
        if (cli_given(cli, belongs[i].option) && (belongs[i].bits & verb->bit) == 0) {
            cli_say(cli, "--%s does not belong to `dead %s`", belongs[i].option, verb->name);
            return EXIT_USAGE;
        }
    }
    if (verb->bit == LIST && cli_n_arguments(cli) > 1) {
        cli_say(cli, "unexpected argument \"%s\"; `dead show %s` shows one letter", cli_argument(cli, 1),
                cli_argument(cli, 1));
        return EXIT_USAGE;
    }
    if (verb->bit == SHOW && cli_n_arguments(cli) == 1) {
        cli_say(cli, "show which letter?  PARTITION@OFFSET is missing; `dead list` shows what there is");
        return EXIT_USAGE;
    }
    return dead_choice_check(cli);
}

static int dead_run(const struct cli *cli)
{
    const struct sub_verb *verb = find(cli);
    struct dead_topic *topic;
    enum status status;
    struct err err;
    int code;

    if (verb == NULL)
        return EXIT_USAGE;
    if ((code = check_usage(cli, verb)) != EXIT_DONE || (code = cli_finish_settings(cli, NULL, false)) != EXIT_DONE)
        return code;
    if (verb->bit == REPLAY && !cli_given(cli, "dry-run"))
        signals_block(); /* a replay that is stopped still hears what the brokers have taken */
    if ((status = dead_topic_open(cli_settings(cli), &topic, &err)) != STATUS_OK) {
        cli_say(cli, "%s", err.text);
        return dead_exit_code(status);
    }
    code = verb->run(cli, topic);
    dead_topic_close(topic);
    return code;
}

static const struct cli_option dead_options[] = {
    {'b', "brokers", "HOST:PORT,…", "kafka.bootstrap.servers", "Kafka brokers"},
    {'t', "topic", "NAME", "dead.topic", "topic with the dead letters"},
    {0, "reason", "REASON", NULL, "list, replay: only this reason (may be given more than once)"},
    {0, "since", "TIME", NULL, "list, replay: only what died at TIME or later: RFC 3339, or 30m, 2h, 3d ago"},
    {0, "until", "TIME", NULL, "list, replay: only what died before TIME"},
    {0, "origin", "PLACE", NULL, "list, replay: only what came from TOPIC, TOPIC/PARTITION or TOPIC/PARTITION@OFFSET"},
    {0, "limit", "N", NULL, "list, replay: only the N that died first"},
    {0, "all", NULL, NULL, "list, replay: also what was replayed before or has died again since"},
    {0, "json", NULL, NULL, "list: a JSON object a line"},
    {0, "raw", NULL, NULL, "show: nothing but the bytes of the value"},
    {0, "dry-run", NULL, NULL, "replay: print what would be sent, send nothing"},
    {0, "yes", NULL, NULL, "replay: more than 100 letters at a terminal need it"},
    {0, "to", "TOPIC", NULL, "replay: send to TOPIC (default: to where each letter came from)"},
    {0},
};

const struct command dead_command = {
    .name = "dead",
    .arguments = "list | show PARTITION@OFFSET… | replay [PARTITION@OFFSET…]",
    .summary = "looks into the dead letters, and sends chosen ones back",
    .description =
        "`list` prints a line for each letter in dead.topic: partition@offset, when it died, reason, stage,\n"
        "attempts, where it came from, bytes, the error; how many there are of each reason goes to stderr.\n"
        "It reads without a group, up to the end as it was at the start, and commits nothing.\n"
        "\n"
        "`show` prints all headers and the value of single letters, safe for a terminal.  A bare letter, whose\n"
        "value was too large even for dead.topic, names the file that holds it.\n"
        "\n"
        "`replay` sends letters back to the topic and partition from which they came, with key, value,\n"
        "headers and timestamp as they were, and waits until the brokers have them.  Where they first came\n"
        "from travels with them, so an id that is made of it stays, and attempts go on counting.  The values\n"
        "of bare letters are read from their files.  A note in dead.topic says what was sent back: the next\n"
        "replay leaves it out, and `list` too, unless --all is given or the letter is named.  A replay that\n"
        "is killed may leave letters sent without their note: those are sent again.\n"
        "\n"
        "  tocsin dead list --since 2h --reason oversized\n"
        "  tocsin dead show 3@1207 --raw >message.json\n"
        "  tocsin dead replay --reason oversized --dry-run\n"
        "\n"
        "Exit 1: some letters were left out or not delivered; they are named and counted.",
    .options = dead_options,
    .has_settings = true,
    .arguments_min = 1,
    .arguments_max = CLI_ARGUMENTS_UNLIMITED,
    .run = dead_run,
};
