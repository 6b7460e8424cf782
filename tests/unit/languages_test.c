#include "processors/languages.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

static struct languages *languages;

static int setup(void **state)
{
    struct table_source source = {.data_dir = TOCSIN_SOURCE_DIR "/processors/data"};
    struct err err;

    (void)state;
    return languages_open(&source, &languages, &err) == STATUS_OK ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    languages_close(languages);
    return 0;
}

static const char *code_of(const char *tag)
{
    return language_code(languages, language_of(languages, view_of(tag)));
}

static void a_tag_finds_its_longest_known_prefix_in_any_case(void **state)
{
    (void)state;
    assert_string_equal(code_of("de"), "de");
    assert_string_equal(code_of("de-AT"), "de");
    assert_string_equal(code_of("AR_eg"), "ar");
    assert_string_equal(code_of("zh-Hant-TW"), "zh");
    assert_string_equal(code_of("xx-YY"), "und");
    assert_string_equal(code_of(""), "und");
    assert_string_equal(code_of("und"), "und");
    assert_string_equal(code_of("deu"), "und");
}

static void every_language_has_a_name_and_a_script(void **state)
{
    (void)state;
    assert_true(languages_count(languages) > 79);
    for (size_t i = 1; i < languages_count(languages); i++) {
        enum script script;
        assert_true(strlen(language_name(languages, (language_id)i)) > 1);
        assert_true(script_of_code(view_of(script_code(language_script(languages, (language_id)i))), &script));
        assert_int_equal(script, language_script(languages, (language_id)i));
        assert_int_equal(language_of(languages, view_of(language_code(languages, (language_id)i))), i);
    }
    assert_int_equal(language_script(languages, language_of(languages, VIEW("fa"))), SCRIPT_ARAB);
}

static void a_bad_row_is_refused_with_its_line(void **state)
{
    static const struct {
        const char *rows, *expected;
    } cases[] = {
        {"de\tGerman\tLatin\n", "languages.tsv:2: unknown script 'Latin'"},
        {"de\tGerman\tLatn\nDE\tGerman\tLatn\n", "languages.tsv:3: 'DE' stands twice"},
        {"\tGerman\tLatn\n", "languages.tsv:2: '' is not a language code"},
    };
    char folder[] = "/tmp/languagesXXXXXX", path[64];

    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/languages.tsv", folder);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct table_source source = {.data_dir = folder};
        struct languages *none = NULL;
        struct err err = {0};
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        fprintf(file, "code\tname\tscript\n%s", cases[i].rows);
        fclose(file);
        assert_int_equal(languages_open(&source, &none, &err), STATUS_FATAL);
        assert_null(none);
        assert_non_null(strstr(err.text, cases[i].expected));
    }
    unlink(path);
    rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tag_finds_its_longest_known_prefix_in_any_case),
        cmocka_unit_test(every_language_has_a_name_and_a_script),
        cmocka_unit_test(a_bad_row_is_refused_with_its_line),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
