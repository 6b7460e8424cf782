#include "processors/entities/entities.h"
#include "processors/text/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* One snapshot of the real tables for all tests. */
static struct languages *languages;
static void *tables, *scratch;
static struct arena *arena;

static int open_all(void **state)
{
    static const struct options options = {.data_dir = TOCSIN_SOURCE_DIR "/processors/data"};
    struct table_source source = {.data_dir = options.data_dir};
    struct stage_setup setup = {&options, NULL, &source};
    struct err err = {0};

    (void)state;
    assert_int_equal(languages_open(&source, &languages, &err), STATUS_OK);
    setup.languages = languages;
    if (entities_stage.open(&setup, &tables, &err) != STATUS_OK)
        fail_msg("%s", err.text);
    assert_int_equal(entities_stage.attach(tables, &scratch, &err), STATUS_OK);
    arena = arena_new(1 << 16, 1 << 20);
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    arena_free(arena);
    entities_stage.detach(scratch);
    entities_stage.close(tables);
    languages_close(languages);
    return 0;
}

static struct article read_text(const char *tag, const char *text)
{
    struct article article;
    struct err err = {0};

    arena_reset(arena);
    text_tokenize(arena, view_of(text), &article);
    article.language.language = language_of(languages, view_of(tag));
    article.language.script = (uint8_t)language_script(languages, article.language.language);
    assert_int_equal(entities_stage.run(tables, scratch, &article, &err), STATUS_OK);
    return article;
}

/* "[surface=id/form] …", id by its English name if it has none. */
static const char *names_of(const char *tag, const char *text)
{
    struct article article = read_text(tag, text);
    struct view all = VIEW("");

    for (size_t i = 0; i < article.n_names; i++) {
        const struct name *name = &article.names[i];
        const struct entity *entity = &article.entities[name->entity];
        all = arena_print(arena, "%.*s%s%.*s=%.*s%s", VIEW_PRINT(all), i == 0 ? "" : " ",
                          (int)name->size, article.buffer.data + name->start,
                          VIEW_PRINT(entity->id.data == NULL ? VIEW("?") : entity->id),
                          name->form == FORM_DEMONYM ? "/d" : name->form == FORM_METONYM ? "/m" : "");
    }
    return all.data == NULL ? "" : all.data;
}

#define assert_names(tag, text, expected) assert_string_equal(names_of((tag), (text)), (expected))

static void one_state_has_one_id_in_ten_languages(void **state)
{
    (void)state;
    assert_names("de", "im Iran", "Iran=Q794");
    assert_names("ar", "وقالت إيران", "إيران=Q794");
    assert_names("en", "in Iran", "Iran=Q794");
    assert_names("fr", "en Iran", "Iran=Q794");
    assert_names("ru", "против Ирана", "Ирана=Q794");
    assert_names("fa", "در ایران", "ایران=Q794");
    assert_names("he", "באיראן", "באיראן=Q794");
    assert_names("tr", "İran'da", "İran=Q794");
    assert_names("es", "en Irán", "Irán=Q794");
    assert_names("uk", "проти Ірану", "Ірану=Q794");
}

static void clitics_and_endings_belong_to_the_surface(void **state)
{
    (void)state;
    assert_names("ar", "وللسعودية", "وللسعودية=Q851");
    assert_names("ar", "والولايات المتحدة", "والولايات المتحدة=Q30");
    assert_names("de", "Putins Rede", "Putins=Q7747");
}

static void an_article_before_a_name_may_be_small(void **state)
{
    (void)state;
    assert_names("en", "the fighters of al-Qaeda", "al-Qaeda=t:al-qaeda");
    assert_names("de", "die Kämpfer von al-Kaida", "al-Kaida=t:al-qaeda");
    assert_names("en", "in Moscow oblast", "Moscow oblast=t:moscow-oblast");
}

static void hebrew_abbreviations_take_prefixes(void **state)
{
    (void)state;
    assert_names("he", "בכירים בפת\"ח", "בפת\"ח=t:fatah");
    assert_names("he", "הדלת נפתחה", "");
}

static void of_a_compound_only_the_name_counts(void **state)
{
    (void)state;
    assert_names("de", "Die Trump-Administration", "Trump=Q22686");
    assert_names("de", "ein US-Präsident", "US=Q30");
}

static void peoples_and_palaces_are_their_state(void **state)
{
    (void)state;
    assert_names("de", "die iranischen Behörden", "iranischen=Q794/d");
    assert_names("ar", "الموقف الإيراني والإيرانيون", "الإيراني=Q794/d والإيرانيون=Q794/d");
    assert_names("en", "Iranians", "Iranians=Q794/d");
    assert_names("de", "Der Kreml", "Kreml=Q159/m");
    assert_names("ru", "в Белом доме", "Белом доме=Q30/m");
}

static void ordinary_words_are_no_names(void **state)
{
    (void)state;
    assert_names("en", "tell us who is in", "");
    assert_names("en", "the turkey and the chad", "");
    assert_names("en", "GIVE US PEACE NOW", "");
    assert_names("ar", "دعم مالي كبير", "");
}

static void an_ambiguous_name_counts_with_support(void **state)
{
    (void)state;
    assert_names("en", "Turkey", "");
    assert_names("en", "Turkey and Ankara", "Turkey=Q43 Ankara=Q3640");
    assert_names("ar", "في عمان قال الأردن", "عمان=Q3805 الأردن=Q810");
}

static void a_state_whose_name_is_a_word_is_known_by_the_words_round_it(void **state)
{
    (void)state;
    assert_names("en", "Turkey said it would help.", "Turkey=Q43");
    assert_names("en", "They accused Turkey of it.", "Turkey=Q43");
    assert_names("en", "Turkey is a lean meat.", "");
    assert_names("en", "Turkey Day is a holiday.", "");
    assert_names("en", "Officials in Jordan agreed.", "Jordan=Q810");
    assert_names("en", "Michael Jordan left. Jordan said so.", "Michael Jordan=? Jordan=?");
    assert_names("tr", "Dün Mısır'a gitti.", "Mısır=Q79");
    assert_names("tr", "Mısır tarlası kurudu.", "");
}

static void of_two_places_of_one_name_the_article_says_which(void **state)
{
    (void)state;
    assert_names("en", "Georgia and Armenia agreed.", "Georgia=Q230 Armenia=Q399");
    assert_names("en", "Trump won in Georgia.", "Trump=Q22686 Georgia=t:georgia-us");
    assert_names("en", "Georgia Tech beat them, US fans said.", "Georgia Tech=? US=Q30");
}

static void an_abbreviation_and_the_name_that_came_of_it_are_both_spellings(void **state)
{
    (void)state;
    assert_names("de", "die Nato und die NATO", "Nato=Q7184 NATO=Q7184");
    assert_names("he", "במצב בסודאן", "בסודאן=Q1049");
}

static void an_organisation_swallows_its_place(void **state)
{
    (void)state;
    assert_names("en", "Real Madrid", "Real Madrid=t:real-madrid");
    assert_names("en", "Radio Tehran reported", "Radio Tehran=?");
    assert_names("en", "the University of Tehran", "University of Tehran=t:tehran-university");
    assert_names("en", "She teaches at the University of Kerman in Iran.", "University of Kerman=? Iran=Q794");
    assert_names("en", "China Daily reported", "China Daily=?");
    assert_names("ar", "قال أستاذ في جامعة كرمان إن الوضع صعب", "جامعة كرمان=?");
}

static void a_title_introduces_a_person_and_the_surname_is_the_same(void **state)
{
    struct article article;

    (void)state;
    article = read_text("de", "Verteidigungsminister Hans Kellmann kam. Kellmanns Sprecher ging.");
    assert_int_equal(article.n_names, 2);
    assert_int_equal(article.n_entities, 1);
    assert_int_equal(article.entities[0].type, ENTITY_PERSON);
    assert_null(article.entities[0].id.data);
    assert_int_equal(article.names[0].n_tokens, 2);
    article = read_text("ru", "Министр обороны Украины Рустем Умеров прибыл.");
    assert_int_equal(article.n_names, 2);
    assert_string_equal(article.entities[1].country, "UKR");
    assert_int_equal(article.entities[1].acts, ACTS_STATE);
}

static void a_surname_is_whoever_was_named_in_full(void **state)
{
    struct article article = read_text("en", "Boris Johnson arrived. Johnson spoke.");

    (void)state;
    assert_int_equal(article.n_entities, 1);
    assert_int_equal(article.n_names, 2);
    article = read_text("en", "Johnson spoke.");
    assert_true(article.n_names == 0 || article.entities[0].id.data == NULL);
}

static void names_of_one_language_are_none_in_another(void **state)
{
    (void)state;
    assert_names("fr", "Réunion de crise", "");
    assert_names("de", "Áo ist kein Land", "");
}

static void dropped_tokens_hold_no_names(void **state)
{
    struct article article;
    struct piece piece = {0};
    struct err err = {0};

    (void)state;
    arena_reset(arena);
    text_tokenize(arena, view_of("Iran Russia"), &article);
    article.language.language = language_of(languages, view_of("en"));
    article.pieces = &piece;
    article.n_pieces = 1;
    article.tokens[0].flags |= TOKEN_KEPT;
    article.tokens[1].flags &= (uint8_t)~TOKEN_KEPT;
    article.language.script = SCRIPT_LATN;
    assert_int_equal(entities_stage.run(tables, scratch, &article, &err), STATUS_OK);
    assert_int_equal(article.n_names, 1);
}

static void salience_sums_to_one_and_articles_leave_no_trace(void **state)
{
    struct article article = read_text("en", "Iran, Russia and Iran.");
    float sum = 0;

    (void)state;
    for (size_t i = 0; i < article.n_entities; i++)
        sum += article.entities[i].salience;
    assert_true(sum > 0.999f && sum < 1.001f);
    assert_int_equal(article.entities[0].n_names, 2);
    article = read_text("en", "Nothing here but Iran.");
    assert_int_equal(article.n_entities, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_state_has_one_id_in_ten_languages),
        cmocka_unit_test(clitics_and_endings_belong_to_the_surface),
        cmocka_unit_test(an_article_before_a_name_may_be_small),
        cmocka_unit_test(hebrew_abbreviations_take_prefixes),
        cmocka_unit_test(of_a_compound_only_the_name_counts),
        cmocka_unit_test(peoples_and_palaces_are_their_state),
        cmocka_unit_test(ordinary_words_are_no_names),
        cmocka_unit_test(an_ambiguous_name_counts_with_support),
        cmocka_unit_test(a_state_whose_name_is_a_word_is_known_by_the_words_round_it),
        cmocka_unit_test(of_two_places_of_one_name_the_article_says_which),
        cmocka_unit_test(an_abbreviation_and_the_name_that_came_of_it_are_both_spellings),
        cmocka_unit_test(an_organisation_swallows_its_place),
        cmocka_unit_test(a_title_introduces_a_person_and_the_surname_is_the_same),
        cmocka_unit_test(a_surname_is_whoever_was_named_in_full),
        cmocka_unit_test(names_of_one_language_are_none_in_another),
        cmocka_unit_test(dropped_tokens_hold_no_names),
        cmocka_unit_test(salience_sums_to_one_and_articles_leave_no_trace),
    };

    return cmocka_run_group_tests(tests, open_all, close_all);
}
