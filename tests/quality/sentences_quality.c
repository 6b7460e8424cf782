/*
 * sentences_quality: how right the ends of sentences are, on gold of our own in ten languages.
 *
 *     sentences_quality [--floor PERCENT] [--failures] FILE...
 *
 * A file holds one sentence a line and an empty line between paragraphs.  The lines of a paragraph are joined with one
 * blank (a line that begins with + without any) and cut again; counted are the ends inside paragraphs.  The first, third,
 * fifth … paragraph of a file are there to develop on, the others are held back: --failures shows those of the first half
 * only.  With a floor the exit code is 1 if F1 over both halves of any language is below.
 */
#include "processors/text/text.h"
#include "processors/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PARAGRAPH_MAX = 1 << 16, SENTENCES_MAX = 256 };

struct tally {
    unsigned right, missed, wrong;
};

/* One paragraph of gold: its text, and where its sentences begin. */
struct paragraph {
    char text[PARAGRAPH_MAX];
    size_t size;
    size_t starts[SENTENCES_MAX];
    size_t n;
};

static void die(const char *text, const char *what)
{
    fprintf(stderr, "sentences_quality: %s%s\n", text, what);
    exit(2);
}

static void paragraph_add(struct paragraph *paragraph, const char *line, size_t size)
{
    bool glued = line[0] == '+';

    line += glued, size -= glued;
    if (paragraph->n == SENTENCES_MAX || paragraph->size + size + 1 > PARAGRAPH_MAX)
        die("a paragraph is too long", "");
    if (paragraph->n > 0 && !glued)
        paragraph->text[paragraph->size++] = ' ';
    paragraph->starts[paragraph->n++] = paragraph->size;
    memcpy(paragraph->text + paragraph->size, line, size);
    paragraph->size += size;
}

/* The next paragraph of the file; false at its end. */
static bool paragraph_read(FILE *file, struct paragraph *ret_paragraph)
{
    char line[PARAGRAPH_MAX];

    ret_paragraph->n = ret_paragraph->size = 0;
    while (fgets(line, sizeof line, file) != NULL) {
        size_t size = strcspn(line, "\r\n");
        if (line[0] == '#')
            continue;
        if (size > 0)
            paragraph_add(ret_paragraph, line, size);
        else if (ret_paragraph->n > 0)
            return true;
    }
    return ret_paragraph->n > 0;
}

static void failure_show(const struct article *article, size_t at, const char *kind)
{
    size_t from = at > 60 ? at - 60 : 0, to = at + 40 < article->buffer.size ? at + 40 : article->buffer.size;

    while (from < at && !utf8_is_start(article->buffer.data[from]))
        from++;
    while (to > at && to < article->buffer.size && !utf8_is_start(article->buffer.data[to]))
        to--;
    printf("    %-6s …%.*s ‖ %.*s…\n", kind, (int)(at - from), article->buffer.data + from, (int)(to - at),
           article->buffer.data + at);
}

static void compare(const struct paragraph *gold, const struct article *article, bool show, struct tally *tally)
{
    size_t g = 1, s = 1; /* the first begins where the paragraph does */

    while (g < gold->n || s < article->n_sentences) {
        size_t wanted = g < gold->n ? gold->starts[g] : SIZE_MAX;
        size_t found = s < article->n_sentences ? article->sentences[s].start : SIZE_MAX;
        if (wanted == found) {
            tally->right++;
        } else if (wanted < found) {
            tally->missed++;
            if (show)
                failure_show(article, wanted, "missed");
        } else {
            tally->wrong++;
            if (show)
                failure_show(article, found, "wrong");
        }
        g += wanted <= found;
        s += found <= wanted;
    }
}

static double f1(struct tally tally)
{
    unsigned all = 2 * tally.right + tally.missed + tally.wrong;

    return all == 0 ? 1 : 2.0 * tally.right / all;
}

static void tally_print(struct tally tally)
{
    unsigned found = tally.right + tally.wrong, wanted = tally.right + tally.missed;

    printf("   %4u  %.3f %.3f %.3f", wanted, found == 0 ? 1 : (double)tally.right / found,
           wanted == 0 ? 1 : (double)tally.right / wanted, f1(tally));
}

static void file_measure(const char *path, bool show, struct tally ret_halves[2])
{
    static struct paragraph paragraph;
    FILE *file = fopen(path, "rb");
    struct arena *arena = arena_new(1 << 16, 1 << 20);

    if (file == NULL)
        die("cannot read ", path);
    for (size_t i = 0; paragraph_read(file, &paragraph); i++) {
        struct article article;
        arena_reset(arena);
        if (!utf8_valid((struct view){paragraph.text, paragraph.size}, NULL))
            die("not UTF-8: ", path);
        text_tokenize(arena, (struct view){paragraph.text, paragraph.size}, &article);
        compare(&paragraph, &article, show && i % 2 == 0, &ret_halves[i % 2]);
    }
    arena_free(arena);
    fclose(file);
}

static void tables_open(void)
{
    static struct table_source source = {.data_dir = TOCSIN_SOURCE_DIR "/processors/data"};
    static const struct options options;
    struct stage_setup setup = {&options, NULL, &source};
    void *tables;
    struct err err;

    if (text_stage.open(&setup, &tables, &err) != STATUS_OK)
        die(err.text, "");
}

/* "de" of ".../de.txt". */
static int name_of(const char *path, const char **ret_name)
{
    const char *slash = strrchr(path, '/');

    *ret_name = slash == NULL ? path : slash + 1;
    return (int)strcspn(*ret_name, ".");
}

int main(int argc, char **argv)
{
    double floor = 0, sums[3] = {0};
    bool show = false, low = false;
    unsigned n = 0;

    tables_open();
    printf("            developed on                   held back                      both\n"
           "            ends  P     R     F1      ends  P     R     F1      ends  P     R     F1\n");
    for (int i = 1; i < argc; i++) {
        struct tally tally[3] = {0};
        const char *name;
        int name_size;
        if (strcmp(argv[i], "--floor") == 0 && i + 1 < argc) {
            floor = atof(argv[++i]) / 100;
            continue;
        }
        if (strcmp(argv[i], "--failures") == 0) {
            show = true;
            continue;
        }
        file_measure(argv[i], show, tally);
        tally[2] = (struct tally){tally[0].right + tally[1].right, tally[0].missed + tally[1].missed,
                                  tally[0].wrong + tally[1].wrong};
        name_size = name_of(argv[i], &name);
        printf("%-6.*s", name_size, name);
        for (size_t k = 0; k < 3; k++) {
            tally_print(tally[k]);
            sums[k] += f1(tally[k]);
        }
        printf("%s\n", f1(tally[2]) < floor ? "   below the floor" : "");
        low |= f1(tally[2]) < floor;
        n++;
    }
    if (n == 0)
        die("usage: sentences_quality [--floor PERCENT] [--failures] FILE...", "");
    printf("macro                       %.3f                      %.3f                      %.3f\n", sums[0] / n, sums[1] / n,
           sums[2] / n);
    return low ? 1 : 0;
}
