#include "consumer/cli/cli.h"

#include "consumer/log.h"
#include "consumer/nearest.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

const struct command *const commands[] = {
    &run_command,  &enrich_command, &explain_command, &demo_command,    &broker_command, &feed_command,
    &dead_command, &check_command,  &help_command,    &version_command, NULL,
};

const struct cli_option cli_common_options[] = {
    {'c', "config", "FILE", NULL, "read settings from FILE (may be given more than once)"},
    {'X', "set", "KEY=VALUE", NULL, "set one setting; `tocsin help settings` lists them"},
    {0},
};

static const struct cli_option help_option = {'h', "help", NULL, NULL, "print this help"};

struct given {
    const struct cli_option *option;
    const char *value; /* "" if it takes none */
};

struct cli {
    const struct command *command;
    struct settings *settings;
    struct given *given; /* in their order */
    size_t n_given;
    const char **arguments;
    size_t n_arguments;
};

const struct command *command_find(const char *name)
{
    for (const struct command *const *command = commands; *command != NULL; command++)
        if (strcmp((*command)->name, name) == 0)
            return *command;
    return NULL;
}

/* ---- for verbs -------------------------------------------------------------------------------------------------- */

const struct settings *cli_settings(const struct cli *cli)
{
    return cli->settings;
}

size_t cli_n_arguments(const struct cli *cli)
{
    return cli->n_arguments;
}

const char *cli_argument(const struct cli *cli, size_t i)
{
    return cli->arguments[i];
}

const char *cli_value_at(const struct cli *cli, const char *option, size_t i)
{
    for (size_t j = 0; j < cli->n_given; j++)
        if (strcmp(cli->given[j].option->name, option) == 0 && i-- == 0)
            return cli->given[j].value;
    return NULL;
}

const char *cli_value(const struct cli *cli, const char *option)
{
    const char *value = NULL, *next;

    for (size_t i = 0; (next = cli_value_at(cli, option, i)) != NULL; i++)
        value = next;
    return value;
}

bool cli_given(const struct cli *cli, const char *option)
{
    return cli_value(cli, option) != NULL;
}

void cli_say(const struct cli *cli, const char *format, ...)
{
    va_list arguments;

    fprintf(stderr, "tocsin %s: ", cli->command->name);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}

bool cli_number(const struct cli *cli, const char *option, uint64_t min, uint64_t max, uint64_t *ret_number)
{
    const char *text = cli_value(cli, option);
    unsigned long long number;
    char *end;

    if (text == NULL)
        return true;
    errno = 0;
    number = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || number < min || number > max) {
        cli_say(cli, "--%s is \"%s\", expected a whole number from %" PRIu64 " to %" PRIu64, option, text, min, max);
        return false;
    }
    *ret_number = number;
    return true;
}

struct find_origin {
    const char *key;
    const char *origin;
};

static void find_origin(void *user, const char *key, const char *value, const char *origin)
{
    struct find_origin *find = user;

    (void)value;
    if (strcmp(key, find->key) == 0)
        find->origin = origin;
}

bool cli_is_set(const struct cli *cli, const char *key)
{
    struct find_origin find = {key, "default"};

    settings_each(cli->settings, find_origin, &find);
    return strcmp(find.origin, "default") != 0;
}

int cli_finish_settings(const struct cli *cli, const struct cli_default *defaults, bool needs_data)
{
    struct err err;

    for (; defaults != NULL && defaults->key != NULL; defaults++) {
        if (!cli_is_set(cli, defaults->key) &&
            settings_set(cli->settings, defaults->key, defaults->value, cli->command->name, &err) != STATUS_OK)
            goto wrong;
    }
    if (settings_finish(cli->settings, &err) != STATUS_OK ||
        (needs_data && settings_need_data(cli->settings, &err) != STATUS_OK))
        goto wrong;
    log_threshold((enum log_level)cli->settings->log_level);
    return EXIT_DONE;
wrong:
    cli_say(cli, "%s", err.text);
    return EXIT_CONFIGURATION;
}

/* ---- parse ------------------------------------------------------------------------------------------------------ */

/* Calls each option that the verb takes: its own, the common ones, --help. */
static const struct cli_option *option_at(const struct command *command, size_t i)
{
    const struct cli_option *lists[] = {command->options, command->has_settings ? cli_common_options : NULL};

    for (size_t list = 0; list < 2; list++)
        for (const struct cli_option *option = lists[list]; option != NULL && option->name != NULL; option++)
            if (i-- == 0)
                return option;
    return i == 0 ? &help_option : NULL;
}

/* name: size bytes of --NAME=…, or the letter of -N (size 0). */
static const struct cli_option *option_find(const struct command *command, const char *name, size_t size)
{
    const struct cli_option *option;

    for (size_t i = 0; (option = option_at(command, i)) != NULL; i++) {
        if (size == 0 ? option->letter == *name : strlen(option->name) == size && memcmp(option->name, name, size) == 0)
            return option;
    }
    return NULL;
}

static int unknown_option(const struct cli *cli, const char *word, size_t size)
{
    char name[64], hint[NEAREST_HINT_MAX], candidate[NEAREST_HINT_MAX / 2];
    const struct cli_option *option;
    struct nearest nearest;
    const char *nearest_name = NULL;

    snprintf(name, sizeof name, "%.*s", (int)size, word);
    nearest = nearest_to(name + strspn(name, "-"));
    for (size_t i = 0; (option = option_at(cli->command, i)) != NULL; i++) {
        nearest_try(&nearest, option->name);
        if (nearest.name == option->name)
            nearest_name = option->name;
    }
    if (nearest_name != NULL) {
        snprintf(candidate, sizeof candidate, "--%s", nearest_name);
        nearest.name = candidate;
    }
    cli_say(cli, "unknown option \"%s\"%s (`tocsin %s --help` lists them)", name, nearest_hint(&nearest, hint),
            cli->command->name);
    return EXIT_USAGE;
}

/* Takes the option at argv[*at] and its argument; *at is moved to the last word taken. */
static int parse_option(struct cli *cli, int argc, char **argv, int *at)
{
    const char *word = argv[*at], *value = NULL;
    const struct cli_option *option;
    size_t size;

    if (word[1] == '-') {
        size = strcspn(word, "=");
        option = option_find(cli->command, word + 2, size - 2);
        if (word[size] == '=')
            value = word + size + 1;
    } else {
        size = 2;
        option = option_find(cli->command, word + 1, 0);
        if (word[2] != '\0')
            value = word + 2;
    }
    if (option == NULL)
        return unknown_option(cli, word, size);
    if (option->argument == NULL && value != NULL) {
        cli_say(cli, "option --%s takes no argument", option->name);
        return EXIT_USAGE;
    }
    if (option->argument != NULL && value == NULL) {
        if (*at + 1 == argc) {
            cli_say(cli, "option --%s needs its argument %s", option->name, option->argument);
            return EXIT_USAGE;
        }
        value = argv[++*at];
    }
    cli->given[cli->n_given++] = (struct given){option, value == NULL ? "" : value};
    return EXIT_DONE;
}

static int parse(struct cli *cli, int argc, char **argv)
{
    bool options_ended = false;

    for (int at = 0; at < argc; at++) {
        if (options_ended || argv[at][0] != '-' || argv[at][1] == '\0')
            cli->arguments[cli->n_arguments++] = argv[at];
        else if (strcmp(argv[at], "--") == 0)
            options_ended = true;
        else if (parse_option(cli, argc, argv, &at) != EXIT_DONE)
            return EXIT_USAGE;
    }
    if (cli_given(cli, "help"))
        return EXIT_DONE;
    if (cli->n_arguments < cli->command->arguments_min) {
        cli_say(cli, "%s is missing (`tocsin %s --help`)", cli->command->arguments, cli->command->name);
        return EXIT_USAGE;
    }
    if (cli->n_arguments > cli->command->arguments_max) {
        cli_say(cli, "unexpected argument \"%s\" (`tocsin %s --help`)", cli->arguments[cli->command->arguments_max],
                cli->command->name);
        return EXIT_USAGE;
    }
    return EXIT_DONE;
}

/* ---- settings --------------------------------------------------------------------------------------------------- */

static enum status set_pair(struct settings *settings, const char *pair, struct err *err)
{
    const char *equals = strchr(pair, '=');
    char key[160];

    if (equals == NULL || equals == pair || (size_t)(equals - pair) >= sizeof key)
        return fail(err, STATUS_FATAL, "-X \"%s\": expected KEY=VALUE", pair);
    snprintf(key, sizeof key, "%.*s", (int)(equals - pair), pair);
    return settings_set(settings, key, equals + 1, "-X", err);
}

/* Files first, then the environment, then the command line in its order. */
static enum status load_settings(struct cli *cli, struct err *err)
{
    const char *path;

    for (size_t i = 0; (path = cli_value_at(cli, "config", i)) != NULL; i++)
        if (settings_file(cli->settings, path, err) != STATUS_OK)
            return STATUS_FATAL;
    if (settings_environment(cli->settings, err) != STATUS_OK)
        return STATUS_FATAL;
    for (size_t i = 0; i < cli->n_given; i++) {
        const struct cli_option *option = cli->given[i].option;
        char origin[64];
        enum status status = STATUS_OK;

        snprintf(origin, sizeof origin, "--%s", option->name);
        if (option == &cli_common_options[1])
            status = set_pair(cli->settings, cli->given[i].value, err);
        else if (option->sets != NULL)
            status = settings_set(cli->settings, option->sets, cli->given[i].value, origin, err);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

/* ---- main ------------------------------------------------------------------------------------------------------- */

static int run_command_line(struct cli *cli, int argc, char **argv)
{
    struct err err;
    int code = parse(cli, argc, argv);

    if (code != EXIT_DONE)
        return code;
    if (cli_given(cli, "help")) {
        const char *name = cli->command->name;
        struct cli help = {.command = &help_command, .arguments = &name, .n_arguments = 1};

        return help_command.run(&help);
    }
    if (cli->command->has_settings) {
        cli->settings = settings_new();
        if (load_settings(cli, &err) != STATUS_OK) {
            cli_say(cli, "%s", err.text);
            return EXIT_CONFIGURATION;
        }
    }
    return cli->command->run(cli);
}

static int unknown_command(const char *name)
{
    struct nearest nearest = nearest_to(name);
    char hint[NEAREST_HINT_MAX];

    for (const struct command *const *command = commands; *command != NULL; command++)
        nearest_try(&nearest, (*command)->name);
    fprintf(stderr, "tocsin: unknown verb \"%s\"%s (`tocsin help` lists them)\n", name, nearest_hint(&nearest, hint));
    return EXIT_USAGE;
}

int cli_main(int argc, char **argv)
{
    struct cli cli = {0};
    const char *verb = argc > 1 ? argv[1] : "";
    int code;

    /* A reader that went away is an error of the write that finds it; hiredis writes without MSG_NOSIGNAL. */
    signal(SIGPIPE, SIG_IGN);
    if (verb[0] == '\0') {
        fputs("tocsin: a verb is missing (`tocsin help` lists them)\n", stderr);
        return EXIT_USAGE;
    }
    if (strcmp(verb, "--help") == 0 || strcmp(verb, "-h") == 0)
        verb = "help";
    else if (strcmp(verb, "--version") == 0 || strcmp(verb, "-V") == 0)
        verb = "version";
    cli.command = command_find(verb);
    if (cli.command == NULL)
        return unknown_command(verb);
    cli.given = calloc((size_t)argc, sizeof *cli.given);
    cli.arguments = calloc((size_t)argc, sizeof *cli.arguments);
    if (cli.given == NULL || cli.arguments == NULL)
        abort();
    code = run_command_line(&cli, argc - 2, argv + 2);
    /* What was printed but cannot be written (a full disk, a pipe whose reader went away) is no success. */
    if (fflush(stdout) != 0 || ferror(stdout)) {
        if (code == EXIT_DONE)
            code = EXIT_WORK_LEFT;
    }
    settings_free(cli.settings);
    free(cli.given);
    free(cli.arguments);
    return code;
}
