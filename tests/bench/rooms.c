/*
 * rooms: microseconds that a 4 KB article takes in each room, on one core, by language.
 *
 *     bench_rooms [--rounds N] [--language de] [--instructions | --variants | --text] [FEED]
 *
 * The articles are the sample feed's own of one language, joined until 4 KB of body are full.  Best of several rounds, as
 * other work on the machine only ever adds.  --instructions walks once warm and then N times without a clock, for callgrind
 * (see tests/bench/instructions); --variants prints how many articles the warm-up walks.
 *
 * --text has the text room alone, side by side with the floor under it (a bare walk over the code points that looks each up in
 * the room's table), and what a hundred times as much hostile text costs it: 100 if work is linear.
 */
#include "processors/text/tables.h"
#include "processors/text/text.h"
#include "processors/walker.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BODY_BYTES = 4096, VARIANTS = 8, WALKS_PER_ROUND = 400 };

static const char *const languages[] = {"de", "ar", "en"};

static void die(const char *text)
{
    fprintf(stderr, "bench_rooms: %s\n", text);
    exit(1);
}

/* Cuts at a paragraph if there is one in the last fifth, else at a code point. */
static size_t cut_at(const char *body, size_t size, size_t most)
{
    size_t at = most < size ? most : size;

    if (most >= size)
        return size;
    for (size_t i = at; i > at * 4 / 5; i--)
        if (body[i] == '\n')
            return i;
    while (((unsigned char)body[at] & 0xc0) == 0x80)
        at--;
    return at;
}

/* Up to VARIANTS messages of one language, each of about 4 KB, beginning with another article of the feed. */
static size_t make_messages(const char *feed_path, const char *language, char *ret_messages[VARIANTS])
{
    FILE *feed = fopen(feed_path, "rb");
    char *line = NULL, *bodies[256];
    size_t room = 0, n_bodies = 0, n = 0;

    if (feed == NULL)
        die("cannot open the sample feed");
    while (getline(&line, &room, feed) > 0 && n_bodies < 256) {
        json_t *article = json_loads(line, 0, NULL);
        const char *body = json_string_value(json_object_get(article, "body"));
        const char *code = json_string_value(json_object_get(article, "language"));
        if (body != NULL && code != NULL && strncmp(code, language, 2) == 0)
            bodies[n_bodies++] = strdup(body);
        json_decref(article);
    }
    free(line);
    fclose(feed);
    for (; n < VARIANTS && n < n_bodies; n++) {
        char body[BODY_BYTES * 2] = "";
        size_t size = 0;
        json_t *article;
        for (size_t i = n; size < BODY_BYTES - 200 && i < n + n_bodies; i++) {
            const char *next = bodies[i % n_bodies];
            size_t take = cut_at(next, strlen(next), BODY_BYTES - size);
            memcpy(body + size, next, take);
            size += take;
            body[size++] = '\n';
        }
        body[size] = '\0';
        article = json_pack("{s:s,s:s,s:s,s:s,s:s}", "id", "bench", "url", "https://bench.example/1", "title", "", "published_at",
                            "2025-03-01T10:00:00Z", "body", body);
        if (article == NULL)
            die("a sample article is not UTF-8");
        ret_messages[n] = json_dumps(article, JSON_COMPACT);
        json_decref(article);
    }
    for (size_t i = 0; i < n_bodies; i++)
        free(bodies[i]);
    if (n == 0)
        die("the sample feed has no article in that language");
    return n;
}

static const struct article *walk(struct walker *walker, const char *json, size_t i)
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
            walk(walker, messages[i % n], i);
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
        const struct article *article = walk(walker, messages[i], i);
        bytes += article->buffer.size;
        tokens += article->n_tokens;
        names += article->n_names;
        events += article->n_events;
    }
    if (instructions) {
        for (unsigned i = 0; i < rounds; i++)
            walk(walker, messages[i % n], i);
    } else {
        measure(walker, messages, n, rounds, us);
        printf("%-4s", language);
        for (size_t s = 0; s <= STAGES; s++)
            printf(" %10.1f", us[s]);
        printf("   %zu bytes, %zu tokens, %.1f names, %.1f mentions an article\n", bytes / n, tokens / n, (double)names / (double)n,
               (double)events / (double)n);
    }
    for (size_t i = 0; i < n; i++)
        free(messages[i]);
}

/* ---- the text room alone ------------------------------------------------------------------------------------------------- */

enum { TEXT_LINES = 512, TEXT_RUNS = 60, HOSTILE_TIMES = 100 };

struct text_bench {
    const void *tables;
    void *scratch;
    struct arena *arena;
    struct line lines[TEXT_LINES];
};

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* As extract would leave it: lines without their newlines. */
static struct article text_article(struct text_bench *bench, struct view text)
{
    struct article article = {.arena = bench->arena, .buffer = text, .lines = bench->lines};

    for (size_t start = 0, i = 0; i <= text.size; i++)
        if (i == text.size || text.data[i] == '\n') {
            if (i > start && article.n_lines < TEXT_LINES)
                bench->lines[article.n_lines++] = (struct line){.start = (uint32_t)start, .size = (uint32_t)(i - start)};
            start = i + 1;
        }
    return article;
}

static uint64_t pass_ns(struct text_bench *bench, struct view text, size_t *ret_tokens)
{
    struct article article = text_article(bench, text);
    uint64_t begin;

    arena_reset(bench->arena);
    begin = now_ns();
    text_stage.run(bench->tables, bench->scratch, &article, NULL);
    begin = now_ns() - begin;
    *ret_tokens = article.n_tokens;
    return begin;
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

static void text_language(struct text_bench *bench, const char *feed, const char *language, unsigned rounds)
{
    char *messages[VARIANTS];
    size_t n = make_messages(feed, language, messages), tokens = 0;
    uint64_t pass = UINT64_MAX, bare = UINT64_MAX;
    json_t *message = json_loads(messages[0], 0, NULL);
    struct view text = view_of(json_string_value(json_object_get(message, "body")));

    for (unsigned r = 0; r < rounds * TEXT_RUNS; r++) {
        uint64_t one = pass_ns(bench, text, &tokens), other = floor_ns(text);
        pass = one < pass ? one : pass;
        bare = other < bare ? other : bare;
    }
    printf("%-8s %8.1f %8.1f %8.1f   %zu bytes, %zu tokens\n", language, (double)pass / 1e3, (double)bare / 1e3,
           (double)pass / (double)bare, text.size, tokens);
    json_decref(message);
    for (size_t i = 0; i < n; i++)
        free(messages[i]);
}

static void text_hostile(struct text_bench *bench, const char *unit, unsigned rounds)
{
    size_t size = strlen(unit), times = BODY_BYTES / size, tokens;
    char *data = malloc(size * times * HOSTILE_TIMES);
    uint64_t small = UINT64_MAX, large = UINT64_MAX;

    if (data == NULL)
        die("out of memory");
    for (size_t i = 0; i < times * HOSTILE_TIMES; i++)
        memcpy(data + i * size, unit, size);
    for (unsigned r = 0; r < rounds; r++) {
        uint64_t one = pass_ns(bench, (struct view){data, size * times}, &tokens);
        uint64_t all = pass_ns(bench, (struct view){data, size * times * HOSTILE_TIMES}, &tokens);
        small = one < small ? one : small;
        large = all < large ? all : large;
    }
    printf("%-8s %8.1f %8.1f %8.1f\n", unit, (double)small / 1e3, (double)large / 1e3, (double)large / (double)small);
    free(data);
}

static void text_report(struct text_bench *bench, const char *feed, const char *only, unsigned rounds)
{
    static const char *const all[] = {"de", "ar", "en", "ru"};
    static const char *const hostile[] = {"a.b@", "a-", "www.x ", "1.", "http:", "\xd7\x90\"", "x.", "a\xcc\x81.", "ก", "中"};

    printf("microseconds, best of many runs side by side\n             pass     bare    ratio\n");
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (only == NULL || strcmp(only, all[i]) == 0)
            text_language(bench, feed, all[i], rounds);
    if (only != NULL)
        return;
    printf("hostile   4 KiB  400 KiB    ratio\n");
    for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++)
        text_hostile(bench, hostile[i], rounds);
}

static void text_alone(const char *feed, const char *only, const struct options *options, unsigned rounds)
{
    struct table_source source = {.data_dir = options->data_dir};
    struct stage_setup setup = {options, NULL, &source};
    struct text_bench *bench = calloc(1, sizeof *bench);
    void *tables = NULL;
    struct err err;

    if (bench == NULL || text_stage.open(&setup, &tables, &err) != STATUS_OK
        || text_stage.attach(tables, &bench->scratch, &err) != STATUS_OK)
        die("the text room cannot be opened");
    bench->tables = tables;
    bench->arena = arena_new(1 << 18, 1 << 26);
    text_report(bench, feed, only, rounds);
    arena_free(bench->arena);
    text_stage.detach(bench->scratch);
    free(bench);
}

int main(int argc, char **argv)
{
    const char *feed = TOCSIN_SOURCE_DIR "/deploy/samples/feed.jsonl", *only = NULL;
    struct options options = {.data_dir = TOCSIN_SOURCE_DIR "/processors/data"};
    struct knowledge *knowledge;
    struct walker *walker;
    struct err err;
    unsigned rounds = 15;
    bool instructions = false, variants = false, text = false;

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--rounds") == 0 && i + 1 < argc)
            rounds = (unsigned)atoi(argv[++i]);
        else if (strcmp(argv[i], "--language") == 0 && i + 1 < argc)
            only = argv[++i];
        else if (strcmp(argv[i], "--instructions") == 0)
            instructions = true;
        else if (strcmp(argv[i], "--variants") == 0)
            variants = true;
        else if (strcmp(argv[i], "--text") == 0)
            text = true;
        else if (argv[i][0] != '-')
            feed = argv[i];
        else
            die("usage: bench_rooms [--rounds N] [--language de] [--instructions | --text] [FEED]");
    }
    if (variants) {
        char *messages[VARIANTS];
        size_t n = make_messages(feed, only == NULL ? languages[0] : only, messages);
        for (size_t i = 0; i < n; i++)
            free(messages[i]);
        printf("%zu\n", n);
        return 0;
    }
    if (text) {
        text_alone(feed, only, &options, rounds);
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
