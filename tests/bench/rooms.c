/*
 * rooms: microseconds that a 4 KB article takes in each room, on one core, by language.
 *
 *     bench_rooms [--rounds N] [--language de] [--instructions | --variants | --messages] [FEED]
 *
 * Best of several rounds, as other work on the machine only ever adds.  --instructions walks once warm and then N times
 * without a clock, for callgrind (see tests/bench/instructions); --variants prints how many articles the warm-up walks,
 * --messages these articles, a line each.
 */
#include "processors/walker.h"
#include "tests/bench/articles.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WALKS_PER_ROUND = 400 };

static const char *const languages[] = {"de", "ar", "en"};

/* instructions collects inside it: so it must not vanish into its callers. */
__attribute__((noinline)) static const struct article *walk_once(struct walker *walker, const char *json, size_t i)
{
    struct message message = {.value = view_of(json), .topic = "bench", .offset = (int64_t)i, .time_ms = 1740823200000,
                              .now_ms = 1740823200000};
    const struct article *article = NULL;
    struct err err;

    if (walker_walk(walker, &message, &article, &err) != STATUS_OK)
        die(err.text);
    return article;
}

static void measure(struct walker *walker, char *const messages[], size_t n, unsigned rounds, double ret_us[STAGES + 1])
{
    for (size_t s = 0; s <= STAGES; s++)
        ret_us[s] = 1e9;
    for (unsigned r = 0; r < rounds; r++) {
        uint64_t sums[STAGES] = {0}, all = 0;
        for (size_t i = 0; i < WALKS_PER_ROUND; i++) {
            walk_once(walker, messages[i % n], i);
            for (size_t s = 0; s < STAGES; s++)
                sums[s] += walker_room_ns(walker)[s];
        }
        for (size_t s = 0; s < STAGES; s++) {
            double us = (double)sums[s] / WALKS_PER_ROUND / 1e3;
            all += sums[s];
            ret_us[s] = us < ret_us[s] ? us : ret_us[s];
        }
        if ((double)all / WALKS_PER_ROUND / 1e3 < ret_us[STAGES])
            ret_us[STAGES] = (double)all / WALKS_PER_ROUND / 1e3;
    }
}

static void report(struct walker *walker, const char *feed, const char *language, unsigned rounds, bool instructions)
{
    char *messages[VARIANTS];
    size_t n = make_messages(feed, language, messages), bytes = 0, tokens = 0, names = 0, events = 0;
    double us[STAGES + 1];

    for (size_t i = 0; i < n; i++) {
        const struct article *article = walk_once(walker, messages[i], i);
        bytes += article->buffer.size;
        tokens += article->n_tokens;
        names += article->n_names;
        events += article->n_events;
    }
    if (instructions) {
        for (unsigned i = 0; i < rounds; i++)
            walk_once(walker, messages[i % n], i);
    } else {
        measure(walker, messages, n, rounds, us);
        printf("%-4s", language);
        for (size_t s = 0; s <= STAGES; s++)
            printf(" %10.1f", us[s]);
        printf("   %zu bytes, %zu tokens, %.1f names, %.1f mentions an article\n", bytes / n, tokens / n, (double)names / (double)n,
               (double)events / (double)n);
    }
    free_messages(messages, n);
}

int main(int argc, char **argv)
{
    const char *feed = SAMPLE_FEED, *only = NULL;
    struct options options = {.data_dir = TOCSIN_SOURCE_DIR "/processors/data"};
    struct knowledge *knowledge;
    struct walker *walker;
    struct err err;
    unsigned rounds = 15;
    bool instructions = false, variants = false, show = false;

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--rounds") == 0 && i + 1 < argc)
            rounds = (unsigned)atoi(argv[++i]);
        else if (strcmp(argv[i], "--language") == 0 && i + 1 < argc)
            only = argv[++i];
        else if (strcmp(argv[i], "--instructions") == 0)
            instructions = true;
        else if (strcmp(argv[i], "--variants") == 0)
            variants = true;
        else if (strcmp(argv[i], "--messages") == 0)
            variants = show = true;
        else if (argv[i][0] != '-')
            feed = argv[i];
        else
            die("usage: bench_rooms [--rounds N] [--language de] [--instructions | --variants | --messages] [FEED]");
    }
    if (variants) {
        char *messages[VARIANTS];
        size_t n = make_messages(feed, only == NULL ? languages[0] : only, messages);
        for (size_t i = 0; i < n && show; i++)
            puts(messages[i]);
        if (!show)
            printf("%zu\n", n);
        free_messages(messages, n);
        return 0;
    }
    if (knowledge_open(&options, &knowledge, &err) != STATUS_OK || walker_new(knowledge, &walker, &err) != STATUS_OK)
        die(err.text);
    if (!instructions) {
        printf("microseconds per article, one core, best of %u rounds of %d articles\n    ", rounds, WALKS_PER_ROUND);
        for (size_t s = 0; s < STAGES; s++)
            printf(" %10s", stage_order[s]->name);
        printf(" %10s\n", "all");
    }
    for (size_t i = 0; i < sizeof languages / sizeof *languages; i++)
        if (only == NULL || strcmp(only, languages[i]) == 0)
            report(walker, feed, languages[i], rounds, instructions);
    walker_free(walker);
    knowledge_unref(knowledge);
    return 0;
}
