/* wording: weights of words, pairs, edges and shapes add up, each language with its own; bad rows name their place. */
#include "processors/cleanup/wording.h"

#include "processors/text/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define DATA_DIR TOCSIN_SOURCE_DIR "/processors/data"

/* A data folder with one table of each of two languages. */
struct folder {
    char dir[64];
    struct languages *languages;
    struct arena *arena;
};

static void write_table(const struct folder *folder, const char *language, const char *rows)
{
    char path[160];
    FILE *file;

    snprintf(path, sizeof path, "%s/cleanup/wording/%s.tsv", folder->dir, language);
    file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file, "words\tkind\tweight\n%s", rows);
    fclose(file);
}

static int set_up(void **state)
{
    static const char *const folders[] = {"", "/cleanup", "/cleanup/wording"};
    struct folder *folder = calloc(1, sizeof *folder);
    struct table_source source = {.data_dir = DATA_DIR};
    struct err err;

    snprintf(folder->dir, sizeof folder->dir, "/tmp/tocsin-wording-XXXXXX");
    assert_non_null(mkdtemp(folder->dir));
    for (size_t i = 1; i < 3; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s%s", folder->dir, folders[i]);
        assert_int_equal(mkdir(path, 0700), 0);
    }
    assert_int_equal(languages_open(&source, &folder->languages, &err), STATUS_OK);
    folder->arena = arena_new(1 << 14, 0);
    *state = folder;
    return 0;
}

static int tear_down(void **state)
{
    static const char *const names[] = {"/cleanup/wording/de.tsv", "/cleanup/wording/en.tsv", "/cleanup/wording/ru.tsv",
                                        "/cleanup/wording", "/cleanup", ""};
    struct folder *folder = *state;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[160];
        snprintf(path, sizeof path, "%s%s", folder->dir, names[i]);
        remove(path);
    }
    languages_close(folder->languages);
    arena_free(folder->arena);
    free(folder);
    return 0;
}

static struct wording *opened(const struct folder *folder)
{
    struct table_source source = {.data_dir = folder->dir};
    struct wording *wording = NULL;
    struct err err = {0};

    if (wording_open(&source, folder->languages, &wording, &err) != STATUS_OK)
        fail_msg("%s", err.text);
    return wording;
}

static struct wording_score score_of(struct folder *folder, const struct wording *wording, const char *line,
                                     const char *language)
{
    struct article article;

    arena_reset(folder->arena);
    text_tokenize(folder->arena, view_of(line), &article);
    assert_true(article.n_tokens > 0);
    return wording_score(wording, &article, 0, (uint32_t)article.n_tokens - 1,
                         language_of(folder->languages, view_of(language)));
}

static void words_pairs_and_edges_add_up(void **state)
{
    struct folder *folder = *state;
    struct wording *wording;
    struct wording_score score;

    write_table(folder, "de", "jetzt\tnewsletter\t50\njetzt anmelden\tnewsletter\t200\n^ jetzt\tadvert\t30\nanmelden $\t-\t-7\n"
                              "0 euro\tadvert\t90\n");
    wording = opened(folder);
    score = score_of(folder, wording, "Jetzt anmelden", "de");
    assert_int_equal(score.weight, 50 + 200 + 30 - 7);
    assert_int_equal(score.known, 4);
    assert_int_equal(score.kind, DROP_NEWSLETTER);
    assert_int_equal(score_of(folder, wording, "Bitte JETZT, anmelden!", "de").weight, 50 - 7); /* a comma parts them */
    assert_int_equal(score_of(folder, wording, "nur 4,99 Euro", "de").weight, 90);
    assert_int_equal(score_of(folder, wording, "Der Zug", "de").known, 0);
    wording_close(wording);
}

static void each_language_has_its_own_weights_and_latin_words_are_english_in_other_scripts(void **state)
{
    struct folder *folder = *state;
    struct wording *wording;

    write_table(folder, "de", "die\t-\t-60\n");
    write_table(folder, "en", "die\t-\t-5\nnewsletter\tnewsletter\t250\nthe\t-\t-70\n");
    write_table(folder, "ru", "подписка\tpaywall\t100\n");
    wording = opened(folder);
    assert_int_equal(score_of(folder, wording, "die", "de").weight, -60);
    assert_int_equal(score_of(folder, wording, "die", "en").weight, -5);
    assert_int_equal(score_of(folder, wording, "newsletter", "de").known, 0); /* German has its own table */
    assert_int_equal(score_of(folder, wording, "подписка newsletter", "ru").weight, 350);
    assert_int_equal(score_of(folder, wording, "the newsletter", "it").weight, 250); /* only what is weighty */
    assert_int_equal(score_of(folder, wording, "подписка", "bg").known, 0);
    wording_close(wording);
}

static void shapes_are_those_of_the_language(void **state)
{
    struct folder *folder = *state;
    const struct wording_shape label = {1u << WORDING_ALWAYS | 1u << WORDING_LINK, 2, WORDING_END_NONE};
    const struct wording_shape sentence = {1u << WORDING_ALWAYS, 25, WORDING_END_STOP};
    struct wording *wording;

    write_table(folder, "de", "<always>\t-\t10\n<link>\t-\t100\n<words 3 end ->\t-\t40\n<words more end .>\t-\t-300\n");
    wording = opened(folder);
    assert_int_equal(wording_shape(wording, label, language_of(folder->languages, VIEW("de"))), 150);
    assert_int_equal(wording_shape(wording, sentence, language_of(folder->languages, VIEW("de"))), -290);
    assert_int_equal(wording_shape(wording, label, language_of(folder->languages, VIEW("fr"))), 0);
    wording_close(wording);
}

static void a_bad_row_is_refused_with_its_place(void **state)
{
    static const struct {
        const char *row, *text;
    } bad[] = {
        {"jetzt\tnews\t50\n", "there is no kind 'news'"},
        {"jetzt\t-\tmuch\n", "'much' is no weight"},
        {"jetzt\t-\t50000\n", "'50000' is no weight"},
        {"drei Wörter hier\t-\t50\n", "neither a word nor two"},
        {"<words 5>\t-\t50\n", "there is no mark"},
    };
    struct folder *folder = *state;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct table_source source = {.data_dir = folder->dir};
        struct wording *wording = NULL;
        struct err err = {0};
        write_table(folder, "de", bad[i].row);
        assert_int_equal(wording_open(&source, folder->languages, &wording, &err), STATUS_FATAL);
        assert_non_null(strstr(err.text, "de.tsv:2: "));
        assert_non_null(strstr(err.text, bad[i].text));
    }
}

static void prompts_weigh_more_than_news_in_every_language(void **state)
{
    static const struct {
        const char *language, *prompt, *news;
    } cases[] = {
        {"de", "Melden Sie sich jetzt kostenlos an", "Die Minister trafen sich am Abend in Genf."},
        {"ar", "اشترك الآن في نشرتنا البريدية", "والتقى الوزيران مساء أمس في جنيف."},
        {"en", "Sign up for our free weekly email", "The ministers met in Geneva that evening."},
        {"fr", "Inscrivez-vous gratuitement à notre lettre", "Les ministres se sont rencontrés le soir à Genève."},
        {"ru", "Подпишитесь на нашу рассылку", "Министры встретились вечером в Женеве."},
        {"fa", "در خبرنامه ما عضو شوید", "وزیران عصر دیروز در ژنو دیدار کردند."},
        {"he", "הירשמו לניוזלטר שלנו", "השרים נפגשו בערב בז'נבה."},
        {"tr", "Bültenimize ücretsiz abone olun", "Bakanlar akşam Cenevre'de bir araya geldi."},
        {"es", "Suscríbete gratis a nuestro boletín", "Los ministros se reunieron por la noche en Ginebra."},
        {"uk", "Підпишіться на нашу розсилку", "Міністри зустрілися ввечері в Женеві."},
    };
    struct folder *folder = *state;
    struct table_source source = {.data_dir = DATA_DIR};
    struct wording *wording = NULL;
    struct err err = {0};

    assert_int_equal(wording_open(&source, folder->languages, &wording, &err), STATUS_OK);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int32_t prompt = score_of(folder, wording, cases[i].prompt, cases[i].language).weight;
        int32_t news = score_of(folder, wording, cases[i].news, cases[i].language).weight;
        if (prompt < 200 || prompt < news + 200)
            fail_msg("%s: prompt %d, news %d", cases[i].language, (int)prompt, (int)news);
    }
    wording_close(wording);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(words_pairs_and_edges_add_up),
        TEST(each_language_has_its_own_weights_and_latin_words_are_english_in_other_scripts),
        TEST(shapes_are_those_of_the_language),
        TEST(a_bad_row_is_refused_with_its_place),
        TEST(prompts_weigh_more_than_news_in_every_language),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
