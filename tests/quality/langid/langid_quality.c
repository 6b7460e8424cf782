/*
 * How often is the language right?
 *
 *     langid_quality DATA_DIR TEXTS.tsv [--held-out] [--wrong LANGUAGE] [--floor KIND=PERCENT]...
 *     langid_quality DATA_DIR TEXTS.tsv --answers
 *
 * TEXTS.tsv: "language TAB kind TAB text"; zh-Hans and sr-Latn ask for the script as well, "und" for no language.
 * Sentences are also cut at 80, 40 and 20 code points, at the end of a word.  --held-out takes only every tenth text,
 * those that training leaves out (by the FNV-1a hash); --wrong prints what was judged wrongly; --floor fails when fewer
 * of a kind are right.  --answers prints, for each row as it stands, language, script and confidence: for compare.
 */
#include "processors/arena.h"
#include "processors/languages.h"
#include "processors/langid/langid.h"
#include "processors/text/text.h"
#include "processors/utf8.h"
#include "tests/quality/langid/texts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SENTENCE, CUT_80, CUT_40, CUT_20, PAIR, WORD, TWEET, NEIGHBOUR, NOISE, SHORT, UND, KINDS, BINS = 10 };

static const char *const kind_names[KINDS] = {"sentence", "cut80", "cut40", "cut20", "pair", "word", "tweet",
                                              "neighbour", "noise", "short", "und"};
struct tally {
    unsigned n, right, und;
};

static struct tally tallies[LANGUAGES_MAX][KINDS];
static double floors[KINDS];
static double sure[KINDS][BINS];
static unsigned bin_n[KINDS][BINS], bin_right[KINDS][BINS];
static uint64_t judge_ns;
static size_t judge_bytes;

struct quality {
    struct arena *arena;
    const struct languages *languages;
    void *tables;
    const char *wrong;
    bool held_out, answers;
};

/* What a row asks for. */
struct wanted {
    language_id language;
    const char *script; /* NULL: any */
};

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

static struct language_guess guess(const struct quality *quality, struct view text)
{
    struct article article;
    struct err err;
    struct timespec begin, end;

    arena_reset(quality->arena);
    text_tokenize(quality->arena, text, &article);
    clock_gettime(CLOCK_MONOTONIC, &begin);
    langid_stage.run(quality->tables, NULL, &article, &err);
    clock_gettime(CLOCK_MONOTONIC, &end);
    judge_ns += (uint64_t)(end.tv_sec - begin.tv_sec) * 1000000000u + (uint64_t)(end.tv_nsec - begin.tv_nsec);
    judge_bytes += text.size;
    return article.language;
}

static void judge(const struct quality *quality, struct wanted wanted, int kind, struct view text)
{
    struct language_guess found = guess(quality, text);
    struct tally *tally = &tallies[wanted.language][kind];
    const char *code = language_code(quality->languages, wanted.language);
    const char *found_code = language_code(quality->languages, found.language);
    bool right = found.language == wanted.language
                 && (wanted.script == NULL || strcmp(wanted.script, script_code((enum script)found.script)) == 0);

    tally->n++;
    tally->right += right;
    tally->und += found.language == LANGUAGE_UND;
    if (found.language != LANGUAGE_UND) {
        unsigned bin = (unsigned)(found.confidence * BINS);
        bin = bin < BINS ? bin : BINS - 1;
        sure[kind][bin] += (double)found.confidence;
        bin_n[kind][bin]++;
        bin_right[kind][bin] += right;
    }
    if (!right && quality->wrong != NULL
        && (strcmp(quality->wrong, code) == 0 || strcmp(quality->wrong, found_code) == 0))
        printf("%s as %s-%s %.2f (%s): %.*s\n", code, found_code, script_code((enum script)found.script),
               (double)found.confidence, kind_names[kind], VIEW_PRINT(text));
}

static bool is_wanted(const struct languages *languages, const char *code, struct wanted *ret_wanted)
{
    const char *dash = strchr(code, '-');

    ret_wanted->script = dash == NULL ? NULL : dash + 1;
    ret_wanted->language = language_of(languages, view_of(strcmp(code, "no") == 0 ? "nb" : code));
    return ret_wanted->language != LANGUAGE_UND || strcmp(code, "und") == 0;
}

static void judge_row(const struct quality *quality, char *line)
{
    struct wanted wanted;
    struct text_row row;

    if (!text_row_of(line, &row))
        return;
    if (quality->answers) {
        struct language_guess found = guess(quality, row.text);
        printf("%s\t%s\t%.4f\n", language_code(quality->languages, found.language),
               script_code((enum script)found.script), (double)found.confidence);
        return;
    }
    if (!is_wanted(quality->languages, row.language, &wanted) || (quality->held_out && !is_held_out(row.text)))
        return;
    for (int i = 0; i < KINDS; i++)
        if (strcmp(row.kind, kind_names[i]) == 0)
            judge(quality, wanted, i, row.text);
    if (strcmp(row.kind, "sentence") == 0) {
        judge(quality, wanted, CUT_80, cut(row.text, 80));
        judge(quality, wanted, CUT_40, cut(row.text, 40));
        judge(quality, wanted, CUT_20, cut(row.text, 20));
    }
}

static double rate(struct tally tally)
{
    return tally.n == 0 ? 0 : 100.0 * tally.right / tally.n;
}

static bool is_main(const struct languages *languages, size_t language)
{
    for (int k = 0; k < MAIN_LANGUAGES; k++)
        if (strcmp(main_languages[k], language_code(languages, (language_id)language)) == 0)
            return true;
    return false;
}

static void print_cell(unsigned n, double percent)
{
    if (n == 0)
        printf(" %9s", "-");
    else
        printf(" %9.2f", percent);
}

static void print_macro(const char *name, const struct languages *languages, bool only_main)
{
    printf("%-6s", name);
    for (int kind = 0; kind < KINDS; kind++) {
        double sum = 0;
        unsigned n = 0;
        for (size_t i = 0; i < languages_count(languages); i++)
            if ((!only_main || is_main(languages, i)) && tallies[i][kind].n > 0)
                sum += rate(tallies[i][kind]), n++;
        print_cell(n, n == 0 ? 0 : sum / n);
    }
    printf("\n");
}

static void print_calibration(void)
{
    printf("%-6s", "ECE");
    for (int kind = 0; kind < KINDS; kind++) {
        double error = 0;
        unsigned n = 0;
        for (int bin = 0; bin < BINS; bin++) {
            error += fabs(sure[kind][bin] - bin_right[kind][bin]);
            n += bin_n[kind][bin];
        }
        if (n == 0)
            printf(" %9s", "-");
        else
            printf(" %9.4f", error / n);
    }
    printf("\n");
}

static void print_all(const struct languages *languages)
{
    printf("%-6s", "");
    for (int kind = 0; kind < KINDS; kind++)
        printf(" %9s", kind_names[kind]);
    printf("\n");
    for (size_t i = 0; i < languages_count(languages); i++) {
        unsigned n = 0;
        for (int kind = 0; kind < KINDS; kind++)
            n += tallies[i][kind].n;
        if (n == 0)
            continue;
        printf("%-6s", language_code(languages, (language_id)i));
        for (int kind = 0; kind < KINDS; kind++)
            print_cell(tallies[i][kind].n, rate(tallies[i][kind]));
        printf("\n");
    }
    print_macro("main", languages, true);
    print_macro("all", languages, false);
    print_calibration();
}

/* Of all texts of a kind, whatever their language. */
static bool is_above_floors(void)
{
    bool above = true;

    for (int kind = 0; kind < KINDS; kind++) {
        unsigned n = 0, right = 0;
        for (size_t i = 0; i < LANGUAGES_MAX; i++)
            n += tallies[i][kind].n, right += tallies[i][kind].right;
        if (floors[kind] > 0)
            printf("%s: %u of %u, floor %.1f %%\n", kind_names[kind], right, n, floors[kind]);
        if (floors[kind] > 0 && (n == 0 || 100.0 * right / n < floors[kind]))
            above = false;
    }
    return above;
}

static bool read_floor(const char *text)
{
    const char *sign = strchr(text, '=');

    for (int kind = 0; kind < KINDS; kind++)
        if (sign != NULL && strlen(kind_names[kind]) == (size_t)(sign - text)
            && strncmp(text, kind_names[kind], (size_t)(sign - text)) == 0) {
            floors[kind] = strtod(sign + 1, NULL);
            return true;
        }
    return false;
}

static bool read_arguments(int argc, char **argv, struct quality *quality)
{
    for (int i = 3; i < argc; i++) {
        if (strcmp(argv[i], "--held-out") == 0)
            quality->held_out = true;
        else if (strcmp(argv[i], "--answers") == 0)
            quality->answers = true;
        else if (strcmp(argv[i], "--wrong") == 0 && i + 1 < argc)
            quality->wrong = argv[++i];
        else if (strcmp(argv[i], "--floor") != 0 || i + 1 == argc || !read_floor(argv[++i]))
            return false;
    }
    return argc >= 3;
}

int main(int argc, char **argv)
{
    struct table_source source = {0};
    struct languages *languages = NULL;
    struct options options = {0};
    struct quality quality = {.arena = arena_new(1 << 18, 1 << 24)};
    struct stage_setup setup;
    struct err err;
    bool above;
    char *row = NULL;
    size_t room = 0;
    FILE *file;

    if (!read_arguments(argc, argv, &quality) || (file = fopen(argv[2], "r")) == NULL) {
        fprintf(stderr, "Usage: langid_quality DATA_DIR TEXTS.tsv [--held-out] [--wrong LANGUAGE] [--floor KIND=PERCENT]"
                        " | --answers\n");
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
        judge_row(&quality, row);
    if (!quality.answers)
        print_all(languages);
    fprintf(stderr, "%.2f us for 4 KiB of these texts, of which each was an article\n",
            judge_bytes == 0 ? 0 : (double)judge_ns / 1000 * 4096 / (double)judge_bytes);
    above = is_above_floors();
    free(row);
    fclose(file);
    langid_stage.close(quality.tables);
    languages_close(languages);
    arena_free(quality.arena);
    return above ? 0 : 1;
broken:
    fprintf(stderr, "langid_quality: %s\n", err.text);
    return 78;
}
