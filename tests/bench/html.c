/*
 * html: megabytes of pages a second through the room extract, on one core, by size of the page.
 *
 *     bench_html [--rounds N] [FILE…]
 *
 * Without files on pages made here, from 100 KB to 20 MB: usual ones, which are what news sites send (scripts, styles,
 * menus, cards, paragraphs with links, comments: about a tenth of it text), and dense ones, which are paragraphs and
 * nothing else.  The text is that of the sample feed.  With files one line for all of them.  Best of several rounds,
 * as other work on the machine only ever adds; a curve that falls with the size would mean that work is not linear.
 */
#include "processors/extract/extract.h"
#include "processors/utf8.h"
#include "tests/bench/articles.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SIZES = 8, PAGE_MAX = 20 * 1000 * 1000 };

static const size_t sizes[SIZES] = {100000, 200000, 500000, 1000000, 2000000, 5000000, 10000000, PAGE_MAX};

struct buffer {
    char *data;
    size_t size, room;
};

struct bench {
    void *tables, *scratch;
    struct arena *arena;
    unsigned rounds;
};

/* ---- pages ------------------------------------------------------------------------------------------------------- */

static void add(struct buffer *page, const char *data, size_t size)
{
    if (page->room - page->size < size + 1) {
        page->room = (page->room + size) * 2 + 4096;
        page->data = realloc(page->data, page->room);
        if (page->data == NULL)
            die("out of memory");
    }
    memcpy(page->data + page->size, data, size);
    page->size += size;
    page->data[page->size] = '\0';
}

static void add_string(struct buffer *page, const char *string)
{
    add(page, string, strlen(string));
}

/* The next paragraph of the text, from the beginning again when it is at its end. */
static struct view next_paragraph(const char *text, size_t *at)
{
    const char *begin, *end;

    while (text[*at] == '\n')
        ++*at;
    if (text[*at] == '\0')
        *at = 0;
    begin = text + *at;
    end = strchr(begin, '\n');
    *at = end == NULL ? strlen(text) : (size_t)(end - text);
    return (struct view){begin, (size_t)(text + *at - begin)};
}

static void add_times(struct buffer *page, const char *string, size_t times)
{
    while (times-- > 0)
        add_string(page, string);
}

static void add_head(struct buffer *page)
{
    add_string(page, "<!DOCTYPE html><html lang=\"de\"><head><meta charset=\"utf-8\">"
                     "<title>Die Lage - Das Blatt</title>"
                     "<meta property=\"og:title\" content=\"Die Lage\"><link rel=\"canonical\" "
                     "href=\"https://blatt.example/lage\"><style>");
    add_times(page, ".entry-content>p:first-child{margin:0 auto 1.25rem;font:400 1.125rem/1.6 serif}\n", 100);
    add_string(page, "</style><script type=\"application/ld+json\">{\"@type\":\"NewsArticle\","
                     "\"headline\":\"Die Lage\",\"datePublished\":\"2026-03-01T08:00:00Z\"}</script><script>");
    add_times(page, "window.dataLayer=window.dataLayer||[];"
                    "if(a<b&&c>d){dataLayer.push({event:'view',id:\"x1\"})}\n", 150);
    add_string(page, "</script></head><body class=\"single post-template\"><h1>Die Lage</h1>");
}

static void add_menu(struct buffer *page)
{
    add_string(page, "<nav class=\"main-navigation\" role=\"navigation\"><ul class=\"menu\" "
                     "data-state=\"{&quot;open&quot;:false}\">");
    add_times(page, "<li class=\"menu-item menu-item-type-taxonomy\" data-index=\"3\"><a class=\"menu-link\" "
                    "href=\"https://blatt.example/politik/ausland\" data-track=\"nav:politik\">Politik</a></li>\n", 40);
    add_string(page, "</ul></nav>");
}

static void add_card(struct buffer *page, struct view text)
{
    add_string(page, "<article class=\"teaser teaser--small\">"
                     "<a href=\"https://blatt.example/1\" class=\"teaser__link\">"
                     "<picture><source media=\"(min-width: 640px)\" srcset=\"https://img.example/640/1.webp 1x, "
                     "https://img.example/1280/1.webp 2x\"><img alt=\"Foto\" loading=\"lazy\" "
                     "src=\"data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7\"></picture>"
                     "<h3 class=\"teaser__title\">");
    add(page, text.data, text.size < 60 ? text.size : 60);
    add_string(page, "</h3></a></article>\n");
}

static void add_paragraph(struct buffer *page, struct view text)
{
    const char *blank = memchr(text.data, ' ', text.size);
    size_t first = blank == NULL ? text.size : (size_t)(blank - text.data);

    add_string(page, "<p class=\"paragraph article__item\" data-component=\"paragraph\">"
                     "<a href=\"https://blatt.example/thema\">");
    add(page, text.data, first);
    add_string(page, "</a>");
    add(page, text.data + first, text.size - first);
    add_string(page, "</p>\n");
}

/* Parts of a page, over and over, until it has its size. */
static void make_page(struct buffer *page, const char *text, size_t size, bool dense)
{
    size_t at = 0;

    page->size = 0;
    if (!dense)
        add_head(page);
    while (page->size < size) {
        if (dense) {
            struct view paragraph = next_paragraph(text, &at);
            add_string(page, "<p>");
            add(page, paragraph.data, paragraph.size);
            add_string(page, "</p>\n");
            continue;
        }
        add_menu(page);
        add_string(page, "<div class=\"entry-content\">");
        for (int i = 0; i < 10; i++)
            add_paragraph(page, next_paragraph(text, &at));
        add_string(page, "<script>");
        add_times(page, "(function(){var s=document.createElement('script');s.async=!0;"
                        "s.src='https://ads.example/tag.js'})();\n", 60);
        add_string(page, "</script></div><aside class=\"related\">");
        for (int i = 0; i < 10; i++)
            add_card(page, next_paragraph(text, &at));
        add_string(page, "</aside><svg viewBox=\"0 0 24 24\"><path d=\"M12 2C6.48 2 2 6.48 2 12s4.48 10 10 10 10-4.48 "
                         "10-10\"/></svg>\n");
    }
    while (page->size > size && !utf8_is_start(page->data[size]))
        size--;
    page->size = size;
}

static void read_file(struct buffer *page, const char *path)
{
    FILE *file = fopen(path, "rb");
    char block[65536];
    size_t n;

    if (file == NULL)
        die("cannot open a page");
    page->size = 0;
    while ((n = fread(block, 1, sizeof block, file)) > 0)
        add(page, block, n);
    fclose(file);
}

/* ---- the room ---------------------------------------------------------------------------------------------------- */

/* Seconds for one page, the best of all rounds; *ret_lines: lines of it. */
static double seconds_of(const struct bench *bench, struct view html, size_t *ret_lines)
{
    double best = 1e9;

    for (unsigned round = 0; round < bench->rounds; round++) {
        struct article article = {.arena = bench->arena};
        struct timespec begin, end;
        struct err err;
        double seconds;
        enum status status;

        arena_reset(bench->arena);
        article.given = (struct given){.html = html, .published_ms = TIME_NONE, .fetched_ms = TIME_NONE};
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begin);
        status = extract_stage.run(bench->tables, bench->scratch, &article, &err);
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);
        seconds = (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9;
        best = seconds < best ? seconds : best;
        *ret_lines = status == STATUS_OK ? article.n_lines : 0;
    }
    return best;
}

static void report_made(const struct bench *bench, bool dense)
{
    char *messages[VARIANTS], *body;
    size_t n = make_messages(SAMPLE_FEED, "de", messages);
    struct buffer page = {0};

    body = body_of(messages[0]);
    printf("%s pages\n      size   lines       ms     MB/s\n", dense ? "dense" : "usual");
    for (size_t i = 0; i < SIZES; i++) {
        size_t lines;
        double seconds;
        make_page(&page, body, sizes[i], dense);
        seconds = seconds_of(bench, (struct view){page.data, page.size}, &lines);
        printf("%7.1f MB %7zu %8.2f %8.1f\n", (double)page.size / 1e6, lines, seconds * 1e3,
               (double)page.size / 1e6 / seconds);
        fflush(stdout);
    }
    free(page.data);
    free(body);
    free_messages(messages, n);
}

static void report_files(const struct bench *bench, char **paths, int n)
{
    struct buffer page = {0};
    double seconds = 0, slowest = 0, bytes = 0;
    const char *slowest_path = "";
    size_t lines, all_lines = 0;

    for (int i = 0; i < n; i++) {
        double one;
        read_file(&page, paths[i]);
        if (!utf8_valid((struct view){page.data, page.size}, NULL))
            continue; /* decode turns them into UTF-8 first */
        one = seconds_of(bench, (struct view){page.data, page.size}, &lines);
        if (one / (double)(page.size + 1) > slowest) {
            slowest = one / (double)(page.size + 1);
            slowest_path = paths[i];
        }
        seconds += one;
        bytes += (double)page.size;
        all_lines += lines;
    }
    printf("%7.1f MB %7zu lines %8.2f ms %8.1f MB/s; slowest %.1f MB/s: %s\n", bytes / 1e6, all_lines, seconds * 1e3,
           bytes / 1e6 / seconds, 1 / slowest / 1e6, slowest_path);
    free(page.data);
}

int main(int argc, char **argv)
{
    struct options options = {.data_dir = TOCSIN_SOURCE_DIR "/processors/data"};
    struct table_source source = {.data_dir = options.data_dir};
    struct stage_setup setup = {.options = &options, .source = &source};
    struct bench bench = {.rounds = 7};
    int first = 1;
    struct err err;

    if (argc > 2 && strcmp(argv[1], "--rounds") == 0) {
        bench.rounds = (unsigned)atoi(argv[2]);
        first = 3;
    }
    if (bench.rounds == 0 || (first < argc && argv[first][0] == '-'))
        die("usage: bench_html [--rounds N] [FILE…]");
    if (extract_stage.open(&setup, &bench.tables, &err) != STATUS_OK ||
        extract_stage.attach(bench.tables, &bench.scratch, &err) != STATUS_OK)
        die(err.text);
    bench.arena = arena_new(1 << 18, 1 << 28);
    if (first < argc) {
        report_files(&bench, argv + first, argc - first);
    } else {
        report_made(&bench, false);
        report_made(&bench, true);
    }
    arena_free(bench.arena);
    extract_stage.detach(bench.scratch);
    extract_stage.close(bench.tables);
    return 0;
}
