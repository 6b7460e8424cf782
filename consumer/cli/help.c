#include "consumer/cli/help.h"

#include "consumer/cli/cli.h"
#include "consumer/nearest.h"
#include "consumer/settings/table.h"

#include <jansson.h>
#include <string.h>

static const char exit_codes[] =
    "Exit: 0 done with nothing left behind, 1 stopped with work left, 64 wrong usage, 69 a service unreachable,\n"
    "      78 wrong configuration.  Logs go to stderr only.\n";

void help_print_overview(FILE *out)
{
    fputs("Tocsin reads news in many languages from Kafka, finds what points to escalation or to\n"
          "de-escalation and who does it to whom, and writes the articles back enriched; the latest\n"
          "mentions stay in Redis.\n\n"
          "Usage: tocsin VERB [OPTION…] [ARGUMENT…]\n\n",
          out);
    for (const struct command *const *command = commands; *command != NULL; command++)
        fprintf(out, "  %-9s %s\n", (*command)->name, (*command)->summary);
    fputs("\n  tocsin VERB --help        options of one verb\n"
          "  tocsin help settings      every setting with its default\n\n"
          "To see it work: tocsin demo\n\n",
          out);
    fputs(exit_codes, out);
}

/* "  -w, --workers=N" */
static void print_option(FILE *out, const struct cli_option *option)
{
    char names[64], letter[8] = "   ";

    if (option->letter != 0)
        snprintf(letter, sizeof letter, "-%c,", option->letter);
    snprintf(names, sizeof names, "%s --%s%s%s", letter, option->name, option->argument == NULL ? "" : "=",
             option->argument == NULL ? "" : option->argument);
    fprintf(out, "  %-26s %s", names, option->help);
    if (option->sets != NULL)
        fprintf(out, " (%s)", option->sets);
    fputc('\n', out);
}

static void print_command(FILE *out, const struct command *command)
{
    fprintf(out, "Usage: tocsin %s [OPTION…]%s%s\n\n%s\n\nOptions:\n", command->name,
            command->arguments[0] == '\0' ? "" : " ",
            command->arguments, command->description);
    for (const struct cli_option *option = command->options; option != NULL && option->name != NULL; option++)
        print_option(out, option);
    for (const struct cli_option *option = cli_common_options; command->has_settings && option->name != NULL; option++)
        print_option(out, option);
    print_option(out, &(struct cli_option){'h', "help", NULL, NULL, "print this help"});
    fprintf(out, "\n%s", exit_codes);
}

static void print_settings(FILE *out)
{
    const char *name, *reason;

    fputs("Each can stand in a file (-c FILE: key = value), in the environment (TOCSIN_REDIS_URL for\n"
          "redis.url) and on the command line (-X key=value); the later of these wins.  A secret KEY can\n"
          "be read from a file: KEY_file.  Times: 500ms, 20s, 5m, 12h, 7d.  Bytes: 64k, 1M, 1G.\n\n",
          out);
    settings_print_help(out);
    fputs("\nEvery property of librdkafka can be set as kafka.NAME, kafka.consumer.NAME or\n"
          "kafka.producer.NAME, except:\n",
          out);
    for (size_t i = 0; settings_kafka_owned(i, &name, &reason); i++)
        fprintf(out, "  %s: %s\n", name, reason);
}

/* ---- manual page ------------------------------------------------------------------------------------------------ */

/* Text of a paragraph: backslashes and dashes as troff wants them, no line that begins with its control characters. */
static void print_troff(FILE *out, const char *text)
{
    bool starts = true;

    for (; *text != '\0'; text++) {
        if (starts && (*text == '.' || *text == '\''))
            fputs("\\&", out);
        starts = *text == '\n';
        if (*text == '\\')
            fputs("\\e", out);
        else if (*text == '-')
            fputs("\\-", out);
        else
            fputc(*text, out);
    }
}

/* Lines that begin with a blank are shown as they are. */
static void print_troff_paragraphs(FILE *out, const char *text)
{
    bool as_is = false;
    const char *end;
    char line[512];

    for (; *text != '\0'; text = *end == '\0' ? end : end + 1) {
        end = text + strcspn(text, "\n");
        snprintf(line, sizeof line, "%.*s", (int)(end - text), text);
        if (as_is != (line[0] == ' '))
            fputs(as_is ? ".fi\n" : ".nf\n", out);
        as_is = line[0] == ' ';
        if (line[0] == '\0') {
            fputs(".PP\n", out);
        } else {
            print_troff(out, line);
            fputc('\n', out);
        }
    }
    if (as_is)
        fputs(".fi\n", out);
}

static void print_troff_option(FILE *out, const struct cli_option *option)
{
    fputs(".TP\n", out);
    if (option->letter != 0)
        fprintf(out, "\\fB\\-%c\\fR, ", option->letter);
    fputs("\\fB\\-\\-", out);
    print_troff(out, option->name);
    fputs("\\fR", out);
    if (option->argument != NULL) {
        fputs("=\\fI", out);
        print_troff(out, option->argument);
        fputs("\\fR", out);
    }
    fputc('\n', out);
    print_troff(out, option->help);
    if (option->sets != NULL) {
        fputs(" (", out);
        print_troff(out, option->sets);
        fputc(')', out);
    }
    fputc('\n', out);
}

static void print_troff_verbs(FILE *out)
{
    fputs(".SH VERBS\n", out);
    for (const struct command *const *command = commands; *command != NULL; command++) {
        fprintf(out, ".SS \"%s [OPTION…]%s%s\"\n", (*command)->name, (*command)->arguments[0] == '\0' ? "" : " ",
                (*command)->arguments);
        print_troff_paragraphs(out, (*command)->description);
        for (const struct cli_option *option = (*command)->options; option != NULL && option->name != NULL; option++)
            print_troff_option(out, option);
    }
    fputs(".SS \"Options of every verb that has settings\"\n", out);
    for (const struct cli_option *option = cli_common_options; option->name != NULL; option++)
        print_troff_option(out, option);
}

static void print_troff_settings(FILE *out)
{
    const char *name, *reason;

    fputs(".SH SETTINGS\n"
          "Each can stand in a file (\\fB\\-c\\fR \\fIFILE\\fR: key = value, # begins a comment, ${NAME} and\n"
          "${NAME:default} read the environment), in the environment (TOCSIN_REDIS_URL for redis.url) and on the\n"
          "command line (\\fB\\-X\\fR \\fIkey=value\\fR); the later of these wins.  A secret KEY can be read from a file: KEY_file.\n",
          out);
    for (size_t i = 0; i < SETTINGS_COUNT; i++) {
        const struct setting *setting = &settings_table[i];

        fputs(".TP\n\\fB", out);
        print_troff(out, setting->key);
        fputs("\\fR", out);
        if (setting->default_value[0] != '\0') {
            fputs(" = ", out);
            print_troff(out, setting->default_value);
        }
        fputc('\n', out);
        print_troff(out, setting->help);
        if (setting->type == TYPE_CHOICE) {
            fputs(" (", out);
            print_troff(out, setting->unit);
            fputc(')', out);
        }
        fputc('\n', out);
    }
    fputs(".PP\nEvery property of librdkafka can be set as kafka.NAME, kafka.consumer.NAME or kafka.producer.NAME.\n"
          "These are refused:\n", out);
    for (size_t i = 0; settings_kafka_owned(i, &name, &reason); i++) {
        fputs(".TP\n\\fB", out);
        print_troff(out, name);
        fputs("\\fR\n", out);
        print_troff(out, reason);
        fputc('\n', out);
    }
}

static const char manual_head[] =
    ".\\\" Generated by: tocsin help --manual\n"
    ".TH TOCSIN 1 \"\" \"tocsin " TOCSIN_VERSION "\" \"User Commands\"\n"
    ".SH NAME\n"
    "tocsin \\- live reading of news: escalation and de\\-escalation, in the language it was written in\n"
    ".SH SYNOPSIS\n"
    "\\fBtocsin\\fR \\fIVERB\\fR [\\fIOPTION\\fR…] [\\fIARGUMENT\\fR…]\n"
    ".SH DESCRIPTION\n"
    "Reads articles from a Kafka topic, each in the language in which it was written, and publishes them enriched\n"
    "to a second one: language, clean text, who and where, and every sentence that points to escalation or to\n"
    "de\\-escalation, with who acts on whom.  The latest of these mentions stay in Redis.\n"
    ".PP\n"
    "To see it work: \\fBtocsin demo\\fR.\n";

static const char manual_tail[] =
    ".SH SIGNALS\n"
    ".TP\nTERM, INT\n"
    "\\fBrun\\fR takes no more articles, finishes those under way (stop.timeout) and ends; a second one ends it at\n"
    "once.\n"
    ".TP\nHUP\n"
    "\\fBrun\\fR reads the tables again; if one of them is wrong, it goes on with the old ones.\n"
    ".SH EXIT STATUS\n"
    ".TP\n0\ndone with nothing left behind\n"
    ".TP\n1\nstopped with work left, or an input or output failed\n"
    ".TP\n64\nwrong usage\n"
    ".TP\n69\nKafka or Redis is unreachable\n"
    ".TP\n78\nwrong configuration or tables\n"
    ".SH SEE ALSO\n"
    "\\fBredis-server\\fR(1), the list of librdkafka's properties (CONFIGURATION.md in its documentation)\n";

void help_print_manual(FILE *out)
{
    fputs(manual_head, out);
    print_troff_verbs(out);
    print_troff_settings(out);
    fputs(manual_tail, out);
}

/* ---- verbs ------------------------------------------------------------------------------------------------------ */

static int help_run(const struct cli *cli)
{
    const char *topic = cli_n_arguments(cli) == 0 ? NULL : cli_argument(cli, 0);
    const struct command *command = topic == NULL ? NULL : command_find(topic);

    if (cli_given(cli, "example-config")) {
        settings_print_example(stdout);
    } else if (cli_given(cli, "manual")) {
        help_print_manual(stdout);
    } else if (topic == NULL) {
        help_print_overview(stdout);
    } else if (command != NULL) {
        print_command(stdout, command);
    } else if (strcmp(topic, "settings") == 0) {
        print_settings(stdout);
    } else {
        struct nearest nearest = nearest_to(topic);
        char hint[NEAREST_HINT_MAX];

        nearest_try(&nearest, "settings");
        for (const struct command *const *other = commands; *other != NULL; other++)
            nearest_try(&nearest, (*other)->name);
        cli_say(cli, "there is no \"%s\"%s", topic, nearest_hint(&nearest, hint));
        return EXIT_USAGE;
    }
    return EXIT_DONE;
}

static const struct cli_option help_options[] = {
    {0, "example-config", NULL, NULL, "print a configuration file with every setting and its default"},
    {0, "manual", NULL, NULL, "print the manual page (troff)"},
    {0},
};

const struct command help_command = {
    .name = "help",
    .arguments = "[VERB | settings]",
    .summary = "what the verbs do, and every setting",
    .description =
        "Prints the list of verbs, the options of one verb, or the list of settings.",
    .options = help_options,
    .arguments_max = 1,
    .run = help_run,
};

static int version_run(const struct cli *cli)
{
    (void)cli;
    printf("tocsin %s\nlibrdkafka %s, jansson %s\n", TOCSIN_VERSION, rd_kafka_version_str(), jansson_version_str());
    return EXIT_DONE;
}

const struct command version_command = {
    .name = "version",
    .arguments = "",
    .summary = "versions of the program and of what it is linked with",
    .description =
        "Prints the program's version, and those of the libraries that it runs with.",
    .run = version_run,
};
