/*
 * train: learns the tagger of one language from texts with marked names (marked.h), or measures it.
 *
 *     tagger_train --language LANG [--data DIR] [--out FILE] [--notice TEXT] [--epochs N] [--decay X] [--least N]
 *                  [--weight N] [--seed N] [--times N] FILE… [--test FILE…]
 *
 * --least N: a feature must occur so often.  --weight N: and weigh so many sixteenths for or against some tag.
 * --times N: files behind it are learnt N times an epoch.  --test: files behind it are not learnt; spans found in them
 * by the model in memory are counted.  Method: stochastic gradient descent on the conditional likelihood with a rate
 * per weight (AdaGrad; J. Duchi, E. Hazan, Y. Singer, JMLR 12, 2011), weights decayed where they are touched,
 * averaged over the last half.
 */
#include "processors/entities/train/learn.h"

#include <stdlib.h>
#include <string.h>

static bool parse(int argc, char **argv, struct setup *setup, int *ret_first)
{
    int i = 1;

    for (; i + 1 < argc && strncmp(argv[i], "--", 2) == 0; i += 2) {
        const char *name = argv[i] + 2, *value = argv[i + 1];
        if (strcmp(name, "language") == 0)
            setup->language = value;
        else if (strcmp(name, "data") == 0)
            setup->data = value;
        else if (strcmp(name, "out") == 0)
            setup->out = value;
        else if (strcmp(name, "notice") == 0)
            setup->notice = value;
        else if (strcmp(name, "words") == 0)
            setup->list = value;
        else if (strcmp(name, "epochs") == 0)
            setup->epochs = (unsigned)atoi(value);
        else if (strcmp(name, "least") == 0)
            setup->least = (unsigned)atoi(value);
        else if (strcmp(name, "weight") == 0)
            setup->weight_least = atoi(value);
        else if (strcmp(name, "rate") == 0)
            setup->rate = strtof(value, NULL);
        else if (strcmp(name, "decay") == 0)
            setup->decay = strtof(value, NULL);
        else if (strcmp(name, "seed") == 0)
            setup->seed = strtoull(value, NULL, 10);
        else if (strcmp(name, "times") == 0)
            break;
        else
            return false;
    }
    *ret_first = i;
    return setup->language != NULL && i < argc;
}

int main(int argc, char **argv)
{
    struct setup setup = {.data = TOCSIN_SOURCE_DIR "/processors/data", .epochs = 15, .least = 2, .rate = 0.1f,
                          .decay = 2e-3f, .seed = 1, .notice = "", .told_least = 3, .weight_least = 2,
                          .unit = 1.0f / 16,
                          .confidence_base = 0, .confidence_slope = 0.3f};
    struct options options = {0};
    struct corpus corpus = {0};
    struct model model = {0};
    struct row like = {.times = 1};
    struct err err = {0};
    int at;

    if (!parse(argc, argv, &setup, &at)) {
        fprintf(stderr, "tagger_train --language LANG [--data DIR] [--words FILE] [--out FILE] [--notice TEXT]\n"
                        "             [--epochs N] [--rate X] [--decay X] [--least N] [--weight N] [--seed N]\n"
                        "             [--times N] FILE... [--test FILE...]\n");
        return 2;
    }
    options.data_dir = setup.data;
    if (knowledge_open(&options, &setup.knowledge, &err) != STATUS_OK) {
        fprintf(stderr, "%s\n", err.text);
        return 2;
    }
    if (setup.list != NULL)
        corpus_words(&setup);
    for (; at < argc; at++) {
        if (strcmp(argv[at], "--times") == 0 && at + 1 < argc)
            like.times = (uint8_t)atoi(argv[++at]);
        else if (strcmp(argv[at], "--test") == 0)
            like.is_test = true;
        else
            corpus_read(&corpus, &setup, argv[at], &like);
    }
    model_number(&corpus, &model, setup.least);
    fprintf(stderr, "%s: %zu rows, %zu tokens, %zu features\n", setup.language, corpus.n_rows, corpus.n_examples,
            model.n);
    model_learn(&corpus, &model, &setup);
    if (like.is_test)
        model_test(&corpus, &model);
    setup.has_case = strcmp(setup.language, "ar") != 0 && strcmp(setup.language, "fa") != 0
        && strcmp(setup.language, "he") != 0;
    if (setup.out != NULL)
        model_write(&corpus, &model, &setup);
    knowledge_unref(setup.knowledge);
    return 0;
}
