/*
 * Is the language of whole articles right, and that of the lines that are in another one?
 *
 *     langid_articles DATA_DIR TEXTS.tsv [--articles N] [--seed S] [--show]
 *
 * TEXTS.tsv as for langid_quality; of its sentences only every tenth is taken, those that training leaves out.  Each article
 * has eight lines of one to three sentences in its own language, two of one short sentence in another, and one of links,
 * handles and hash tags.  Its language is one of the main ones, the other one any of the file's.  Prints how many articles are right,
 * and of lines the article's own ones and the others; --show prints each wrong article.
 */
#include "processors/knowledge.h"
#include "processors/walker.h"
#include "tests/quality/langid/texts.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINES = 11, FOREIGN_FIRST = 3, FOREIGN_SECOND = 7, MARKS_LINE = 9, SENTENCES_MAX = 3, OWN_MIN = 40, OTHER_MAX = 120,
       TEXT_MAX = 1 << 16 };

struct sentences {
    size_t n, room;
    char **texts;
};

struct count {
    unsigned n, right;
};

static struct sentences own_sentences[LANGUAGES_MAX], short_sentences[LANGUAGES_MAX];
static uint64_t state;

/* xorshift64* */
static size_t below(size_t n)
{
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return (size_t)((state * 0x2545f4914f6cdd1du) >> 32) % n;
}

static void die(const char *text)
{
    fprintf(stderr, "langid_articles: %s\n", text);
    exit(78);
}

static void add(struct sentences *of, const char *text)
{
    if (of->n == of->room) {
        of->room = of->room * 2 + 64;
        of->texts = realloc(of->texts, of->room * sizeof *of->texts);
    }
    if (of->texts == NULL || (of->texts[of->n++] = strdup(text)) == NULL)
        die("out of memory");
}

/* Signs of Chinese count as three letters. */
static size_t length_of(struct view text)
{
    size_t points = 0, wide = 0;

    for (size_t i = 0; i < text.size; i++) {
        points += ((unsigned char)text.data[i] & 0xc0) != 0x80;
        wide += (unsigned char)text.data[i] >= 0xe3 && (unsigned char)text.data[i] < 0xf0;
    }
    return points + 2 * wide;
}

static void read_sentences(const char *path, const struct languages *languages)
{
    FILE *file = fopen(path, "r");
    char *line = NULL;
    size_t room = 0;

    if (file == NULL)
        die("cannot open the texts");
    while (getline(&line, &room, file) > 0) {
        struct text_row row;
        language_id language;

        if (!text_row_of(line, &row) || strcmp(row.kind, "sentence") != 0 || !is_held_out(row.text))
            continue;
        language = language_of(languages, view_of(strcmp(row.language, "no") == 0 ? "nb" : row.language));
        if (length_of(row.text) >= OWN_MIN)
            add(&own_sentences[language], row.text.data);
        if (length_of(row.text) <= OTHER_MAX)
            add(&short_sentences[language], row.text.data);
    }
    free(line);
    fclose(file);
}

static void free_sentences(struct sentences *of)
{
    for (size_t k = 0; k < of->n; k++)
        free(of->texts[k]);
    free(of->texts);
}

static bool is_foreign(int line)
{
    return line == FOREIGN_FIRST || line == FOREIGN_SECOND;
}

static void make_body(language_id own, language_id other, char body[TEXT_MAX])
{
    size_t size = 0;

    body[0] = '\0';
    for (int i = 0; i < LINES; i++) {
        const struct sentences *of = is_foreign(i) ? &short_sentences[other] : &own_sentences[own];
        size_t n = is_foreign(i) ? 1 : 1 + below(SENTENCES_MAX);

        if (i == MARKS_LINE)
            size += (size_t)snprintf(body + size, TEXT_MAX - size, "@desk https://news.example/%zu #live #world2026\n", n);
        for (size_t k = 0; i != MARKS_LINE && k < n; k++)
            size += (size_t)snprintf(body + size, TEXT_MAX - size, "%s%c", of->texts[below(of->n)], k + 1 < n ? ' ' : '\n');
        if (size >= TEXT_MAX)
            die("the texts are too long");
    }
}

static const struct article *walk(struct walker *walker, const char *body, size_t i)
{
    struct message message = {.topic = "texts", .offset = (int64_t)i, .time_ms = 1740823200000, .now_ms = 1740823200000};
    const struct article *article = NULL;
    json_t *object = json_pack("{s:s,s:s,s:s,s:s}", "id", "texts", "url", "https://news.example/1", "title", "", "body", body);
    char *json = object == NULL ? NULL : json_dumps(object, JSON_COMPACT);
    struct err err;

    if (json == NULL)
        die("a text is not UTF-8");
    message.value = view_of(json);
    if (walker_walk(walker, &message, &article, &err) != STATUS_OK)
        die(err.text);
    json_decref(object);
    free(json);
    return article;
}

static void count(struct count *of, bool right)
{
    of->n++;
    of->right += right;
}

static void print_count(const char *name, struct count of)
{
    printf("%-14s %7u right of %7u  %7.3f %%\n", name, of.right, of.n, of.n == 0 ? 0 : 100.0 * of.right / of.n);
}

/* The title, if there is one, and lines that extract has cut are no problem: a line is found by its text. */
static void count_lines(const struct article *article, const char *body, language_id own, language_id other,
                        struct count *ret_own, struct count *ret_other)
{
    size_t k = 0;

    for (int i = 0; i < LINES; i++, body = strchr(body, '\n') + 1) {
        struct view text = {body, strcspn(body, "\n")};

        while (k < article->n_lines
               && !view_equal(text, view_slice(article->buffer, article->lines[k].start, article->lines[k].size)))
            k++;
        if (k == article->n_lines)
            return;
        if (i != MARKS_LINE)
            count(is_foreign(i) ? ret_other : ret_own,
                  article->lines[k].language.language == (is_foreign(i) ? other : own));
    }
}

int main(int argc, char **argv)
{
    struct options options = {0};
    struct knowledge *knowledge;
    struct walker *walker;
    const struct languages *languages;
    struct count articles = {0}, own_lines = {0}, other_lines = {0};
    static char body[TEXT_MAX];
    size_t n = 1100;
    bool show = false;
    struct err err;

    state = 20261122;
    for (int i = 3; i < argc; i++) {
        if (strcmp(argv[i], "--articles") == 0 && i + 1 < argc)
            n = (size_t)atol(argv[++i]);
        else if (strcmp(argv[i], "--seed") == 0 && i + 1 < argc)
            state = strtoull(argv[++i], NULL, 10) + 1;
        else if (strcmp(argv[i], "--show") == 0)
            show = true;
        else
            argc = 0;
    }
    if (argc < 3) {
        fprintf(stderr, "Usage: langid_articles DATA_DIR TEXTS.tsv [--articles N] [--seed S] [--show]\n");
        return 64;
    }
    options.data_dir = argv[1];
    if (knowledge_open(&options, &knowledge, &err) != STATUS_OK || walker_new(knowledge, &walker, &err) != STATUS_OK)
        die(err.text);
    languages = knowledge_languages(knowledge);
    read_sentences(argv[2], languages);
    for (size_t i = 0; i < n; i++) {
        language_id own = language_of(languages, view_of(main_languages[i % MAIN_LANGUAGES])), other = own, found;
        const struct article *article;

        while (other == own || other == LANGUAGE_UND || short_sentences[other].n == 0)
            other = (language_id)below(languages_count(languages));
        if (own_sentences[own].n == 0)
            die("the texts lack one of the main languages");
        make_body(own, other, body);
        article = walk(walker, body, i);
        found = article->language.language;
        count(&articles, found == own);
        count_lines(article, body, own, other, &own_lines, &other_lines);
        if (found != own && show)
            printf("%s as %s:\n%s\n", language_code(languages, own), language_code(languages, found), body);
    }
    print_count("articles", articles);
    print_count("own lines", own_lines);
    print_count("other lines", other_lines);
    for (size_t i = 0; i < LANGUAGES_MAX; i++) {
        free_sentences(&own_sentences[i]);
        free_sentences(&short_sentences[i]);
    }
    walker_free(walker);
    knowledge_unref(knowledge);
    return 0;
}
