/*
 * How often is the language right?  Measured on rows that training did not see.
 *
 *     langid_quality DATA_DIR TEXTS.tsv [--all] [--wrong LANGUAGE]
 *
 * TEXTS.tsv: "language TAB kind TAB text", as langid/train.py reads it.  Of these only every tenth is used, which
 * training leaves out (by the FNV-1a hash of the text); --all uses every row, for files that training never saw.
 * --wrong prints what was judged wrongly. Sentences are also cut at 80, 40 and 20 code points, at the end of a word.
 */
#include "processors/arena.h"
#include "processors/languages.h"
#include "processors/langid/langid.h"
#include "processors/text/text.h"
#include "processors/utf8.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SENTENCE, CUT_80, CUT_40, CUT_20, PAIR, WORD, TWEET, KINDS, BINS = 10 };

static const char *const kind_names[KINDS] = {"sentence", "cut80", "cut40", "cut20", "pair", "word", "tweet"};
static const char *const main_languages[] = {"de", "ar", "en", "fr", "ru", "fa", "he", "tr", "es", "uk", "zh"};
enum { MAIN = sizeof main_languages / sizeof *main_languages };

struct tally {
    unsigned n, right, und;
};

static struct tally tallies[LANGUAGES_MAX][KINDS];
static unsigned false_calls[LANGUAGES_MAX]; /* sentences of other languages that were called this one */
static unsigned other_sentences;
static double sure[KINDS][BINS];
static unsigned bin_n[KINDS][BINS], bin_right[KINDS][BINS];
static uint64_t judge_ns;
static size_t judge_bytes;

struct quality {
    struct arena *arena;
    const struct languages *languages;
    void *tables;
    const char *wrong;
};

/* As langid/train.py chooses. */
static bool is_held_out(struct view text)
{
    uint64_t hash = 0xcbf29ce484222325u;

    for (size_t i = 0; i < text.size; i++)
        hash = (hash ^ (unsigned char)text.data[i]) * 0x100000001b3u;
    return (hash >> 32) % 10 == 0;
}

static struct view cut(struct view text, size_t points)
{
    size_t i = 0, blank = 0, n = 0;

    while (i < text.size && n < points) {
        unsigned size;
        utf8_read(text.data + i, &size);
        if (text.data[i] == ' ')
            blank = i;
        i += size;
        n++;
    }
    if (i == text.size)
        return text;
    return view_slice(text, 0, text.data[i] == ' ' || blank == 0 ? i : blank);
}

static void judge(const struct quality *quality, language_id wanted, int kind, struct view text)
{
    struct article article;
    struct err err;
    struct tally *tally = &tallies[wanted][kind];
    struct timespec begin, end;
    unsigned bin;
    bool right;

    arena_reset(quality->arena);
    text_tokenize(quality->arena, text, &article);
    clock_gettime(CLOCK_MONOTONIC, &begin);
    langid_stage.run(quality->tables, NULL, &article, &err);
    clock_gettime(CLOCK_MONOTONIC, &end);
    judge_ns += (uint64_t)(end.tv_sec - begin.tv_sec) * 1000000000u + (uint64_t)(end.tv_nsec - begin.tv_nsec);
    judge_bytes += text.size;
    right = article.language.language == wanted;
    tally->n++;
    tally->right += right;
    tally->und += article.language.language == LANGUAGE_UND;
    if (kind == SENTENCE && !right)
        false_calls[article.language.language]++;
    other_sentences += kind == SENTENCE;
    if (article.language.language != LANGUAGE_UND) {
        bin = (unsigned)(article.language.confidence * BINS);
        bin = bin < BINS ? bin : BINS - 1;
        sure[kind][bin] += (double)article.language.confidence;
        bin_n[kind][bin]++;
        bin_right[kind][bin] += right;
    }
    if (!right && quality->wrong != NULL
        && (strcmp(quality->wrong, language_code(quality->languages, wanted)) == 0
            || strcmp(quality->wrong, language_code(quality->languages, article.language.language)) == 0))
        printf("%s as %s %.2f (%s): %.*s\n", language_code(quality->languages, wanted),
               language_code(quality->languages, article.language.language), (double)article.language.confidence,
               kind_names[kind],
               VIEW_PRINT(text));
}

static void judge_row(const struct quality *quality, char *row, bool all)
{
    char *kind = strchr(row, '\t'), *text = kind == NULL ? NULL : strchr(kind + 1, '\t');
    struct view view;
    language_id language;

    if (text == NULL)
        return;
    *kind++ = *text++ = '\0';
    view = view_of(text);
    while (view.size > 0 && (view.data[view.size - 1] == '\n'))
        view.size--;
    language = language_of(quality->languages, view_of(row));
    if (language == LANGUAGE_UND || (!all && !is_held_out(view)))
        return;
    for (int i = 0; i < KINDS; i++)
        if (strcmp(kind, kind_names[i]) == 0)
            judge(quality, language, i, view);
    if (strcmp(kind, "sentence") == 0) {
        judge(quality, language, CUT_80, cut(view, 80));
        judge(quality, language, CUT_40, cut(view, 40));
        judge(quality, language, CUT_20, cut(view, 20));
    }
}

static double rate(struct tally tally)
{
    return tally.n == 0 ? 0 : 100.0 * tally.right / tally.n;
}

static void print_macro(const char *name, const struct languages *languages, bool only_main)
{
    printf("%-6s", name);
    for (int kind = 0; kind < KINDS; kind++) {
        double sum = 0;
        unsigned n = 0;
        for (size_t i = 1; i < languages_count(languages); i++) {
            bool is_main = !only_main;
            for (int k = 0; k < MAIN; k++)
                is_main |= strcmp(main_languages[k], language_code(languages, (language_id)i)) == 0;
            if (is_main && tallies[i][kind].n > 0)
                sum += rate(tallies[i][kind]), n++;
        }
        printf(" %8.2f", n == 0 ? 0 : sum / n);
    }
    printf("\n");
}

static void print_all(const struct languages *languages)
{
    printf("%-6s", "");
    for (int kind = 0; kind < KINDS; kind++)
        printf(" %8s", kind_names[kind]);
    printf("   und of sentences, others called so\n");
    for (size_t i = 1; i < languages_count(languages); i++) {
        if (tallies[i][SENTENCE].n == 0)
            continue;
        printf("%-6s", language_code(languages, (language_id)i));
        for (int kind = 0; kind < KINDS; kind++)
            printf(" %8.2f", rate(tallies[i][kind]));
        printf("   %u of %u, %u of %u\n", tallies[i][SENTENCE].und, tallies[i][SENTENCE].n, false_calls[i],
               other_sentences - tallies[i][SENTENCE].n);
    }
    print_macro("main", languages, true);
    print_macro("all", languages, false);
    printf("%-6s", "ECE");
    for (int kind = 0; kind < KINDS; kind++) {
        double error = 0;
        unsigned n = 0;
        for (int bin = 0; bin < BINS; bin++) {
            error += fabs(sure[kind][bin] - bin_right[kind][bin]);
            n += bin_n[kind][bin];
        }
        printf(" %8.4f", n == 0 ? 0 : error / n);
    }
    printf("\nlangid alone: %.2f us per 4 KiB of these texts\n",
           judge_bytes == 0 ? 0 : (double)judge_ns / 1000 * 4096 / (double)judge_bytes);
}

int main(int argc, char **argv)
{
    struct table_source source = {0};
    struct languages *languages = NULL;
    struct options options = {0};
    struct quality quality = {.arena = arena_new(1 << 18, 1 << 24)};
    struct stage_setup setup;
    struct err err;
    bool all = false;
    char *row = NULL;
    size_t room = 0;
    FILE *file;

    for (int i = 3; i < argc; i++) {
        all |= strcmp(argv[i], "--all") == 0;
        if (strcmp(argv[i], "--wrong") == 0 && i + 1 < argc)
            quality.wrong = argv[++i];
    }
    if (argc < 3 || (file = fopen(argv[2], "r")) == NULL) {
        fprintf(stderr, "Usage: langid_quality DATA_DIR TEXTS.tsv [--all] [--wrong LANGUAGE]\n");
        return 64;
    }
    source.data_dir = argv[1];
    if (languages_open(&source, &languages, &err) != STATUS_OK)
        goto broken;
    setup = (struct stage_setup){&options, languages, &source};
    if (langid_stage.open(&setup, &quality.tables, &err) != STATUS_OK)
        goto broken;
    quality.languages = languages;
    while (getline(&row, &room, file) > 0)
        judge_row(&quality, row, all);
    print_all(languages);
    free(row);
    fclose(file);
    langid_stage.close(quality.tables);
    languages_close(languages);
    arena_free(quality.arena);
    return 0;
broken:
    fprintf(stderr, "langid_quality: %s\n", err.text);
    return 78;
}
