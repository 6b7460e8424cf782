#include "processors/words/forms.h"
#include "processors/text/text.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* Does grammar allow that this word is a form of that one?  *ret_form (may be NULL): how. */
static bool is_form_of(const char *word, const char *of, const char *tag, enum forms_use use, struct form *ret_form)
{
    struct arena *arena = arena_new(1 << 14, 0);
    struct article article;
    struct form forms[FORMS_MAX];
    uint64_t wanted = fold_hash(text_fold(arena, view_of(of)));
    bool found = false;
    size_t n;

    text_tokenize(arena, view_of(word), &article);
    assert_int_equal(article.n_tokens, 1);
    n = forms_of(&article, &article.tokens[0], tag, use, forms);
    assert_in_range(n, 1, FORMS_MAX);
    assert_int_equal(forms[0].hash, article.tokens[0].hash);
    for (size_t i = 0; i < n && !found; i++)
        if (forms[i].hash == wanted) {
            found = true;
            if (ret_form != NULL)
                *ret_form = forms[i];
        }
    arena_free(arena);
    return found;
}

static void arabic_clitics_are_stripped_in_their_order(void **state)
{
    struct form form;

    (void)state;
    assert_true(is_form_of("وإيران", "إيران", "ar", FORMS_NAME, &form));
    assert_int_equal(form.prefix_points, 1);
    assert_true(is_form_of("لإيران", "إيران", "ar", FORMS_NAME, NULL));
    assert_true(is_form_of("وبإيران", "إيران", "ar", FORMS_NAME, &form));
    assert_int_equal(form.prefix_points, 2);
    assert_true(is_form_of("والهجوم", "هجوم", "ar", FORMS_WORD, NULL));
    assert_true(is_form_of("هجماتها", "هجمات", "ar", FORMS_WORD, &form));
    assert_int_equal(form.suffix_points, 2);
    assert_true(is_form_of("للسعودية", "السعودية", "ar", FORMS_NAME, &form));
    assert_int_equal(form.prefix_points, 1);
    assert_true(is_form_of("الإيرانية", "إيراني", "ar", FORMS_NAME, NULL));
    assert_true(is_form_of("والإيرانيين", "إيراني", "ar", FORMS_NAME, NULL));
}

static void harakat_count_as_points_of_the_text(void **state)
{
    struct form form;

    (void)state;
    assert_true(is_form_of("وَإيران", "إيران", "ar", FORMS_NAME, &form));
    assert_int_equal(form.prefix_points, 2);
}

static void at_least_three_letters_remain(void **state)
{
    (void)state;
    assert_false(is_form_of("بلد", "لد", "ar", FORMS_NAME, NULL));
    assert_false(is_form_of("والد", "الد", "fa", FORMS_NAME, NULL));
    assert_false(is_form_of("das", "da", "de", FORMS_WORD, NULL));
}

static void german_names_have_a_genitive_and_peoples_decline(void **state)
{
    (void)state;
    assert_true(is_form_of("Irans", "Iran", "de", FORMS_NAME, NULL));
    assert_true(is_form_of("iranischen", "iranisch", "de", FORMS_NAME, NULL));
    assert_true(is_form_of("Iranerinnen", "Iraner", "de", FORMS_NAME, NULL));
    assert_true(is_form_of("Russen", "Russe", "de", FORMS_NAME, NULL));
    assert_true(is_form_of("Angriffen", "Angriff", "de", FORMS_WORD, NULL));
}

static void slavic_names_have_cases(void **state)
{
    (void)state;
    assert_true(is_form_of("Москвой", "Москва", "ru", FORMS_NAME, NULL));
    assert_true(is_form_of("Россию", "Россия", "ru", FORMS_NAME, NULL));
    assert_true(is_form_of("Путиным", "Путин", "ru", FORMS_NAME, NULL));
    assert_true(is_form_of("российского", "российский", "ru", FORMS_NAME, NULL));
    assert_true(is_form_of("Украинцев", "украинец", "ru", FORMS_NAME, NULL));
    assert_true(is_form_of("Харкова", "Харків", "uk", FORMS_NAME, NULL));
    assert_true(is_form_of("Зеленського", "Зеленський", "uk", FORMS_NAME, NULL));
    assert_true(is_form_of("Росії", "Росія", "uk", FORMS_NAME, NULL));
    assert_true(is_form_of("Мариуполе", "Мариуполь", "ru", FORMS_NAME, NULL));
    assert_true(is_form_of("Запорожьем", "Запорожье", "ru", FORMS_NAME, NULL));
    assert_true(is_form_of("Шебекина", "Шебекино", "ru", FORMS_NAME, NULL));
    assert_true(is_form_of("Гималаях", "Гималаи", "ru", FORMS_NAME, NULL));
    assert_true(is_form_of("Слуцкого", "Слуцкий", "ru", FORMS_NAME, NULL));
    assert_true(is_form_of("Порошенком", "Порошенко", "uk", FORMS_NAME, NULL));
    assert_true(is_form_of("Ризі", "Рига", "uk", FORMS_NAME, NULL));
    assert_true(is_form_of("Уманню", "Умань", "uk", FORMS_NAME, NULL));
    assert_true(is_form_of("Тихановської", "Тихановська", "uk", FORMS_NAME, NULL));
    assert_false(is_form_of("Москвой", "Москва", "sr", FORMS_NAME, NULL));
}

static void hebrew_prefixes_are_stripped(void **state)
{
    (void)state;
    assert_true(is_form_of("בירושלים", "ירושלים", "he", FORMS_NAME, NULL));
    assert_true(is_form_of("ושבאיראן", "איראן", "he", FORMS_NAME, NULL));
    assert_true(is_form_of("בווינה", "וינה", "he", FORMS_NAME, NULL));
    assert_true(is_form_of("הישראלית", "ישראלי", "he", FORMS_NAME, NULL));
}

static void words_of_other_scripts_stay_as_they_are(void **state)
{
    (void)state;
    assert_false(is_form_of("Irans", "Iran", "ar", FORMS_NAME, NULL));
    assert_false(is_form_of("Irans", "Iran", "", FORMS_NAME, NULL));
}

static void a_very_long_word_has_only_itself(void **state)
{
    char word[200];

    (void)state;
    memset(word, 'a', sizeof word - 2);
    word[sizeof word - 2] = 's';
    word[sizeof word - 1] = '\0';
    assert_true(is_form_of(word, word, "de", FORMS_NAME, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arabic_clitics_are_stripped_in_their_order),
        cmocka_unit_test(harakat_count_as_points_of_the_text),
        cmocka_unit_test(at_least_three_letters_remain),
        cmocka_unit_test(german_names_have_a_genitive_and_peoples_decline),
        cmocka_unit_test(slavic_names_have_cases),
        cmocka_unit_test(hebrew_prefixes_are_stripped),
        cmocka_unit_test(words_of_other_scripts_stay_as_they_are),
        cmocka_unit_test(a_very_long_word_has_only_itself),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
