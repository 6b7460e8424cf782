/*
 * train: learns the classifier of all languages from marked lines, or measures it.
 *
 *     escalation_train [--data DIR] [--out DIR] [--notice TEXT] [--epochs N] [--rounds N] [--rate X] [--decay X] [--bias X]
 *                      [--least N] [--seed N] [--folds N [--floor SHARE]] FILE… [-- FILE…]
 *
 * Each file's name begins with its language.  What is no word has the same weights in all languages, words have their own;
 * all are learnt together.  --out: a file LANGUAGE.bin for each is written there.  --least N: a feature must occur so often.
 * --bias X: what the answer "nothing" gains, as a logarithm of odds, when lines are read.  --folds N: each N-th line in turn
 * is left out and read by what was learnt of the others; nothing is written, and it fails if fewer than SHARE are read
 * right; files behind "--" are always learnt from.  Method: stochastic gradient ascent on the conditional likelihood with a
 * rate per weight (AdaGrad; J. Duchi, E. Hazan, Y. Singer, JMLR 12, 2011), weights decayed where they are touched, averaged
 * over the last half of each of some rounds that begin anew.
 *
 * A line is an article of its own.  Marks: [SIGN KIND:MODE:ACTORS>TARGETS|words] without blanks before the bar; SIGN is + or
 * -, with ? before it for what may be told or not.  Lines that other rooms learn from, with marks of names or as rows of
 * "text", teach what ordinary news tells, which is nothing of the kind.  Of two lines with the same text the first counts:
 * name the marked files first.
 */
#include "processors/escalation/train/learn.h"

#include "processors/escalation/lexicons.h"
#include "processors/stage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct option {
    const char *name;
    const char **text;
    unsigned *count;
    float *number;
};

static bool parse(int argc, char **argv, struct setup *setup, int *ret_first)
{
    unsigned seed = 1;
    const struct option options[] = {
        {"--data", &setup->data, NULL, NULL},     {"--out", &setup->out, NULL, NULL},
        {"--notice", &setup->notice, NULL, NULL}, {"--epochs", NULL, &setup->epochs, NULL},
        {"--rounds", NULL, &setup->rounds, NULL}, {"--least", NULL, &setup->least, NULL},
        {"--folds", NULL, &setup->folds, NULL},
        {"--seed", NULL, &seed, NULL},            {"--rate", NULL, NULL, &setup->rate},
        {"--decay", NULL, NULL, &setup->decay},   {"--bias", NULL, NULL, &setup->bias},
        {"--floor", NULL, NULL, &setup->floor},
    };
    int i = 1;

    for (; i + 1 < argc && strncmp(argv[i], "--", 2) == 0; i += 2) {
        const struct option *option = options, *end = options + sizeof options / sizeof *options;

        while (option < end && strcmp(option->name, argv[i]) != 0)
            option++;
        if (option == end)
            return false;
        if (option->text != NULL)
            *option->text = argv[i + 1];
        else if (option->count != NULL)
            *option->count = (unsigned)atoi(argv[i + 1]);
        else
            *option->number = strtof(argv[i + 1], NULL);
    }
    setup->seed = seed;
    *ret_first = i;
    return i < argc;
}

/* Those that have tables. */
static void languages_list(struct setup *setup)
{
    for (size_t i = 0; i < STAGES; i++) {
        const struct lexicons *lexicons = knowledge_tables(setup->knowledge, i);

        if (strcmp(stage_order[i]->name, "escalation") != 0)
            continue;
        for (size_t id = 0; id < LANGUAGES_MAX && setup->n_languages < LANGUAGES_LEARNT; id++)
            if (lexicons->of[id] != NULL)
                setup->languages[setup->n_languages++] = language_code(lexicons->languages, (language_id)id);
    }
}

static void tally_print(const char *language, const char *what, const struct tally *t)
{
    if (t->n > 0)
        printf("%-3s %-6s right %.3f of %u, alarms %.3f, missed %.3f", language, what, (double)t->right / t->n, t->n,
               (double)t->alarms / (t->silent + 1e-9), (double)t->missed / (t->told + 1e-9));
    if (t->n > 0 && t->details > 0)
        printf(", kind %.3f, mode %.3f, word %.3f, party %.3f (rules %.3f)", (double)t->kinds / t->details,
               (double)t->modes / t->details, (double)t->placed / (t->places + 1e-9),
               (double)t->standing / (t->standings + 1e-9), (double)t->stood / (t->standings + 1e-9));
    if (t->n > 0)
        printf("\n");
}

static void tally_add(struct tally *sum, const struct tally *more)
{
    const unsigned *from = (const unsigned *)more;
    unsigned *to = (unsigned *)sum;

    for (size_t i = 0; i < sizeof *sum / sizeof *to; i++)
        to[i] += from[i];
}

int main(int argc, char **argv)
{
    static struct tally rules[LANGUAGES_LEARNT], learnt[LANGUAGES_LEARNT];
    struct setup setup = {.data = TOCSIN_SOURCE_DIR "/processors/data", .epochs = 8, .rounds = 16, .least = 1, .rate = 0.02f,
                          .decay = 2e-3f, .unit = 1.0f / 32,
                          .notice = "Tocsin's classifier of escalation, Apache License 2.0.  Weights learnt from lines written for "
                                    "it.\n"};
    struct options options;
    struct err err = {0};
    struct tally all[2] = {{0}};
    int first;

    if (!parse(argc, argv, &setup, &first)) {
        fprintf(stderr, "escalation_train [--data DIR] [--out DIR] [--notice TEXT] [--epochs N] [--rounds N] [--rate X]\n"
                        "                 [--decay X] [--bias X] [--least N] [--seed N] [--folds N [--floor SHARE]] FILE... [-- FILE...]\n");
        return 2;
    }
    options = (struct options){.data_dir = setup.data, .escalation_tables_only = true};
    if (knowledge_open(&options, &setup.knowledge, &err) != STATUS_OK) {
        fprintf(stderr, "%s\n", err.text);
        return 2;
    }
    languages_list(&setup);
    do {
        struct corpus corpus = {0};
        struct model model = {0};

        for (int i = first, n_tried = argc; i < argc; i++)
            if (strcmp(argv[i], "--") == 0)
                n_tried = i;
            else
                corpus_read(&corpus, &setup, argv[i], i < n_tried);
        model_number(&corpus, &model, setup.least);
        model_learn(&corpus, &model, &setup);
        if (setup.folds > 0)
            model_test(&corpus, &model, &setup, rules, learnt);
        else if (setup.out != NULL)
            model_write(&model, &setup);
    } while (++setup.fold < setup.folds); /* what is left is the tool's until it ends */
    for (unsigned i = 0; i < setup.n_languages && setup.folds > 0; i++) {
        tally_print(setup.languages[i], "rules", &rules[i]);
        tally_print(setup.languages[i], "learnt", &learnt[i]);
        tally_add(&all[0], &rules[i]);
        tally_add(&all[1], &learnt[i]);
    }
    tally_print("all", "rules", &all[0]);
    tally_print("all", "learnt", &all[1]);
    knowledge_unref(setup.knowledge);
    return (float)all[1].right < setup.floor * (float)all[1].n;
}
