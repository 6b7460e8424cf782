/*
 * cli: verbs, options and exit codes.
 *
 * A verb is one descriptor; `tocsin help`, `tocsin VERB --help`, the manual page and the parser all read it.  What an
 * option does is either to set a setting (`sets`) or to be asked for by the verb: cli_value(cli, "rate").
 *
 * Thread-safety: read-only once the verb runs.
 */
#ifndef CONSUMER_CLI_CLI_H
#define CONSUMER_CLI_CLI_H

#include "consumer/settings/settings.h"

enum {
    EXIT_DONE = 0,           /* nothing left behind */
    EXIT_WORK_LEFT = 1,      /* stopped with work left, or output or input failed */
    EXIT_USAGE = 64,         /* wrong usage */
    EXIT_UNREACHABLE = 69,   /* Kafka or Redis */
    EXIT_CONFIGURATION = 78, /* settings or tables */
};

struct cli_option {
    char letter;          /* 0: none */
    const char *name;     /* without the dashes; NULL ends the list */
    const char *argument; /* NULL: takes none */
    const char *sets;     /* the key of the setting that it sets; NULL: the verb asks for it by name */
    const char *help;
};

struct cli;

struct command {
    const char *name;
    const char *arguments;   /* "[FILE…]" */
    const char *summary;     /* one line */
    const char *description; /* paragraphs divided by \n\n; a line that begins with a blank is printed as it is */
    const struct cli_option *options;
    bool has_settings; /* takes -c and -X, reads the environment */
    size_t arguments_min, arguments_max;
    int (*run)(const struct cli *cli); /* returns the exit code */
};

extern const struct command run_command, enrich_command, explain_command, demo_command, broker_command, feed_command,
    dead_command, check_command, help_command, version_command;
extern const struct command *const commands[]; /* in the order of the help, NULL at the end */

enum { CLI_ARGUMENTS_UNLIMITED = 1 << 30 };

/* Parses, loads the settings and runs the verb. */
int cli_main(int argc, char **argv);

/* For verbs. */
const struct settings *cli_settings(const struct cli *cli); /* loaded, not yet finished; NULL if !has_settings */
size_t cli_n_arguments(const struct cli *cli);
const char *cli_argument(const struct cli *cli, size_t i);
bool cli_given(const struct cli *cli, const char *option);
const char *cli_value(const struct cli *cli, const char *option); /* the last one given; NULL: not given */

/* A whole number; *ret_number stays as it was if the option was not given.  False: said on stderr, return
 * EXIT_USAGE. */
bool cli_number(const struct cli *cli, const char *option, uint64_t min, uint64_t max, uint64_t *ret_number);

/* Values of an option that may be given more than once, in order: NULL behind the last. */
const char *cli_value_at(const struct cli *cli, const char *option, size_t i);

/* "tocsin VERB: …" on stderr. */
void cli_say(const struct cli *cli, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Has any source set this key? */
bool cli_is_set(const struct cli *cli, const char *key);

/* Adds defaults that only this verb has (no source has set the key), then settings_finish().
 * An exit code other than EXIT_DONE: said on stderr, return it. */
struct cli_default {
    const char *key, *value;
};
int cli_finish_settings(const struct cli *cli, const struct cli_default *defaults, bool needs_data);

const struct command *command_find(const char *name);

/* The options that every verb with settings has; for the help. */
extern const struct cli_option cli_common_options[];

#endif
