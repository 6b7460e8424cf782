/*
 * passes: what the two passes over a text cost alone, without the rooms around them: text (tokens, sentences) and langid.
 *
 *     bench_passes [--rounds N] [--language de] [FEED]
 *
 * Microseconds for a 4 KB article, each the best of many runs, as other work on the machine only ever adds, and the mean of
 * the articles.  Beside text stands the floor under it (a bare walk over the code points that looks each up in the room's
 * table); then what a hundred times as much hostile text costs text: 100 if work is linear.
 */
#include "processors/langid/langid.h"
#include "processors/text/tables.h"
#include "processors/text/text.h"
#include "processors/stage.h"
#include "tests/bench/articles.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LINES = 512, RUNS = 60, HOSTILE_TIMES = 100 };

struct room {
    const struct stage *stage;
    void *tables, *scratch;
};

struct bench {
    struct room text, langid;
    struct arena *arena;
    struct line lines[LINES];
};

static const char *const languages[] = {"de", "ar", "en"};

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* As extract would leave it: lines without their newlines. */
static struct article article_of(struct bench *bench, struct view text)
{
    struct article article = {.arena = bench->arena, .buffer = text, .lines = bench->lines};

    for (size_t start = 0, i = 0; i <= text.size; i++)
        if (i == text.size || text.data[i] == '\n') {
            if (i > start && article.n_lines < LINES)
                bench->lines[article.n_lines++] = (struct line){.start = (uint32_t)start, .size = (uint32_t)(i - start)};
            start = i + 1;
        }
    return article;
}

static uint64_t run_ns(const struct room *room, struct article *article)
{
    uint64_t begin = now_ns();

    if (room->stage->run(room->tables, room->scratch, article, NULL) != STATUS_OK)
        die("a room refuses an article");
    return now_ns() - begin;
}

static uint64_t text_ns(struct bench *bench, struct view text)
{
    struct article article = article_of(bench, text);

    arena_reset(bench->arena);
    return run_ns(&bench->text, &article);
}

__attribute__((noinline)) static uint64_t floor_ns(struct view text)
{
    static volatile uint32_t sink;
    const struct text_tables *tables = text_tables();
    uint64_t begin = now_ns();
    uint32_t sum = 0;
    unsigned size;

    for (size_t i = 0; i < text.size; i += size)
        sum += point_of(tables, utf8_read(text.data + i, &size))->class;
    sink = sum;
    (void)sink;
    return now_ns() - begin;
}

static void keep_least(uint64_t value, uint64_t *least)
{
    *least = value < *least ? value : *least;
}

static void report(struct bench *bench, const char *feed, const char *language, unsigned rounds)
{
    char *messages[VARIANTS], *bodies[VARIANTS];
    size_t n = make_messages(feed, language, messages);
    uint64_t text[VARIANTS], bare[VARIANTS], langid[VARIANTS], sums[3] = {0};

    for (size_t i = 0; i < n; i++) {
        bodies[i] = body_of(messages[i]);
        text[i] = bare[i] = langid[i] = UINT64_MAX;
    }
    for (unsigned r = 0; r < rounds * RUNS; r++)
        for (size_t i = 0; i < n; i++) {
            struct article article = article_of(bench, view_of(bodies[i]));
            arena_reset(bench->arena);
            keep_least(run_ns(&bench->text, &article), &text[i]);
            keep_least(run_ns(&bench->langid, &article), &langid[i]);
            keep_least(floor_ns(article.buffer), &bare[i]);
        }
    for (size_t i = 0; i < n; i++) {
        sums[0] += text[i];
        sums[1] += bare[i];
        sums[2] += langid[i];
        free(bodies[i]);
    }
    free_messages(messages, n);
    printf("%-8s %8.1f %8.1f %8.1f\n", language, (double)sums[0] / (double)n / 1e3, (double)sums[1] / (double)n / 1e3,
           (double)sums[2] / (double)n / 1e3);
}

static void hostile(struct bench *bench, const char *unit, unsigned rounds)
{
    size_t size = strlen(unit), times = BODY_BYTES / size;
    char *data = malloc(size * times * HOSTILE_TIMES);
    uint64_t small = UINT64_MAX, large = UINT64_MAX;

    if (data == NULL)
        die("out of memory");
    for (size_t i = 0; i < times * HOSTILE_TIMES; i++)
        memcpy(data + i * size, unit, size);
    for (unsigned r = 0; r < rounds; r++) {
        uint64_t one = text_ns(bench, (struct view){data, size * times});
        uint64_t all = text_ns(bench, (struct view){data, size * times * HOSTILE_TIMES});
        keep_least(one, &small);
        keep_least(all, &large);
    }
    printf("%-8s %8.1f %8.1f %8.1f\n", unit, (double)small / 1e3, (double)large / 1e3, (double)large / (double)small);
    free(data);
}

static void report_hostile(struct bench *bench, unsigned rounds)
{
    static const char *const units[] = {"a.b@", "a-", "www.x ", "1.", "http:", "\xd7\x90\"", "x.", "a\xcc\x81.", "ก", "中"};

    printf("text of    4 KiB  400 KiB    ratio\n");
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        hostile(bench, units[i], rounds);
}

static void room_open(struct room *room, const struct stage *stage, const struct stage_setup *setup)
{
    struct err err;

    *room = (struct room){.stage = stage};
    if (stage->open(setup, &room->tables, &err) != STATUS_OK
        || (stage->attach != NULL && stage->attach(room->tables, &room->scratch, &err) != STATUS_OK))
        die(err.text);
}

static void room_close(struct room *room)
{
    if (room->stage->detach != NULL)
        room->stage->detach(room->scratch);
    if (room->stage->close != NULL)
        room->stage->close(room->tables);
}

int main(int argc, char **argv)
{
    const char *feed = SAMPLE_FEED, *only = NULL;
    struct options options = {.data_dir = TOCSIN_SOURCE_DIR "/processors/data"};
    struct table_source source = {.data_dir = options.data_dir};
    struct stage_setup setup = {.options = &options, .source = &source};
    struct languages *known = NULL;
    struct bench *bench = calloc(1, sizeof *bench);
    unsigned rounds = 15;
    uint64_t begin;
    struct err err;

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--rounds") == 0 && i + 1 < argc)
            rounds = (unsigned)atoi(argv[++i]);
        else if (strcmp(argv[i], "--language") == 0 && i + 1 < argc)
            only = argv[++i];
        else if (argv[i][0] != '-')
            feed = argv[i];
        else
            die("usage: bench_passes [--rounds N] [--language de] [FEED]");
    }
    if (bench == NULL)
        die("out of memory");
    if (languages_open(&source, &known, &err) != STATUS_OK)
        die(err.text);
    setup.languages = known;
    room_open(&bench->text, &text_stage, &setup);
    begin = now_ns();
    room_open(&bench->langid, &langid_stage, &setup);
    printf("langid reads its model in %.1f ms\n", (double)(now_ns() - begin) / 1e6);
    bench->arena = arena_new(1 << 18, 1 << 26);
    printf("microseconds, best of many runs side by side\n             text     bare   langid\n");
    for (size_t i = 0; i < sizeof languages / sizeof *languages; i++)
        if (only == NULL || strcmp(only, languages[i]) == 0)
            report(bench, feed, languages[i], rounds);
    if (only == NULL)
        report_hostile(bench, rounds);
    arena_free(bench->arena);
    room_close(&bench->langid);
    room_close(&bench->text);
    languages_close(known);
    free(bench);
    return 0;
}
