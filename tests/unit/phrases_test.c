#include "processors/words/phrases.h"
#include "processors/text/text.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

struct fixture {
    struct arena *arena;
    struct phrases *phrases;
    struct article article;
};

static struct fixture with(const char *const *words, const char *text)
{
    struct fixture f = {.arena = arena_new(1 << 16, 0), .phrases = phrases_new()};

    for (uint32_t i = 0; words[i] != NULL; i++)
        assert_int_equal(phrases_add(f.phrases, view_of(words[i]), i, NULL), STATUS_OK);
    phrases_freeze(f.phrases);
    text_tokenize(f.arena, view_of(text), &f.article);
    return f;
}

static void done(struct fixture *f)
{
    phrases_free(f->phrases);
    arena_free(f->arena);
}

/* The value found at the first token; -1: none.  *ret_n: tokens it takes. */
static int at_first(const struct fixture *f, const char *tag, enum forms_use use, uint32_t *ret_n)
{
    struct phrase_match match;
    uint32_t value, chain;

    if (!phrases_longest(f->phrases, &f->article, 0, (uint32_t)f->article.n_tokens,
                         (struct phrase_forms){tag, use}, &match))
        return -1;
    chain = match.chain;
    assert_true(phrases_next(f->phrases, &chain, &value));
    *ret_n = match.n_tokens;
    return (int)value;
}

static int look(const char *const *words, const char *text, const char *tag, enum forms_use use, uint32_t *ret_n)
{
    struct fixture f = with(words, text);
    int value = at_first(&f, tag, use, ret_n);

    done(&f);
    return value;
}

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void the_longest_phrase_wins(void **state)
{
    uint32_t n = 0;

    (void)state;
    assert_int_equal(look(WORDS("New", "New York", "New York Times"), "New York Times today", NULL, FORMS_NAME, &n), 2);
    assert_int_equal(n, 3);
    assert_int_equal(look(WORDS("New", "New York Times"), "New York is large", NULL, FORMS_NAME, &n), 0);
    assert_int_equal(n, 1);
    assert_int_equal(look(WORDS("York"), "New York", NULL, FORMS_NAME, &n), -1);
}

static void joiners_and_case_make_no_difference(void **state)
{
    uint32_t n = 0;

    (void)state;
    assert_int_equal(look(WORDS("Al-Assad"), "al Assad", NULL, FORMS_NAME, &n), 0);
    assert_int_equal(n, 2);
    assert_int_equal(look(WORDS("al Assad"), "AL-ASSAD", NULL, FORMS_NAME, &n), 0);
    assert_int_equal(n, 3);
}

static void umlauts_are_found_in_both_spellings(void **state)
{
    uint32_t n = 0;

    (void)state;
    assert_int_equal(look(WORDS("Köln"), "Koeln", NULL, FORMS_NAME, &n), 0);
    assert_int_equal(look(WORDS("Köln"), "KÖLN", NULL, FORMS_NAME, &n), 0);
}

static void endings_are_tried_on_the_last_word_and_clitics_on_the_first(void **state)
{
    uint32_t n = 0;

    (void)state;
    assert_int_equal(look(WORDS("Wladimir Putin"), "Wladimir Putins Rede", "de", FORMS_NAME, &n), 0);
    assert_int_equal(look(WORDS("Wladimir Putin"), "Wladimirs Putin", "de", FORMS_NAME, &n), -1);
    assert_int_equal(look(WORDS("الولايات المتحدة"), "والولايات المتحدة", "ar", FORMS_NAME, &n), 0);
    assert_int_equal(n, 2);
    assert_int_equal(look(WORDS("الولايات المتحدة"), "للولايات المتحدة", "ar", FORMS_NAME, &n), 0);
}

static void the_word_as_it_is_is_preferred_to_a_stripped_one(void **state)
{
    uint32_t n = 0;

    (void)state;
    assert_int_equal(look(WORDS("Iran", "Irans"), "Irans", "de", FORMS_NAME, &n), 1);
    assert_int_equal(look(WORDS("Iran"), "Irans", NULL, FORMS_NAME, &n), -1);
}

static bool is_short(void *user, const struct phrase_match *match)
{
    (void)user;
    return match->n_tokens == 1;
}

static void one_that_is_not_accepted_does_not_hide_a_shorter_one(void **state)
{
    struct fixture f = with(WORDS("New", "New York"), "New York");
    struct phrase_match match;

    (void)state;
    assert_true(phrases_longest_that(f.phrases, &f.article, 0, 2, (struct phrase_forms){NULL, FORMS_NAME}, is_short,
                                     NULL, &match));
    assert_int_equal(match.n_tokens, 1);
    done(&f);
}

static void several_values_come_back_in_the_order_they_were_added(void **state)
{
    struct fixture f = with(WORDS("Georgia", "georgia", "GEORGIA"), "Georgia");
    struct phrase_match match;
    uint32_t chain, value;

    (void)state;
    assert_true(phrases_longest(f.phrases, &f.article, 0, 1, (struct phrase_forms){NULL, FORMS_NAME}, &match));
    chain = match.chain;
    for (uint32_t i = 0; i < 3; i++) {
        assert_true(phrases_next(f.phrases, &chain, &value));
        assert_int_equal(value, i);
    }
    assert_false(phrases_next(f.phrases, &chain, &value));
    assert_int_equal(phrases_count(f.phrases), 3);
    done(&f);
}

static void a_match_ends_before_the_limit(void **state)
{
    struct fixture f = with(WORDS("New York"), "New York");
    struct phrase_match match;

    (void)state;
    assert_false(phrases_longest(f.phrases, &f.article, 0, 1, (struct phrase_forms){NULL, FORMS_NAME}, &match));
    assert_false(phrases_longest(f.phrases, &f.article, 2, 2, (struct phrase_forms){NULL, FORMS_NAME}, &match));
    done(&f);
}

static void what_is_no_phrase_is_refused(void **state)
{
    struct phrases *phrases = phrases_new();
    struct err err = {0};

    (void)state;
    assert_int_equal(phrases_add(phrases, view_of("…"), 0, &err), STATUS_REJECT);
    assert_int_equal(phrases_add(phrases, view_of("a b c d e f g h i j k l m n o p q"), 0, &err), STATUS_REJECT);
    phrases_free(phrases);
}

static void ten_thousand_phrases_are_all_found(void **state)
{
    struct phrases *phrases = phrases_new();
    struct arena *arena = arena_new(1 << 12, 0);

    (void)state;
    for (uint32_t i = 0; i < 10000; i++)
        assert_int_equal(phrases_add(phrases, arena_print(arena, "word%u", i), i, NULL), STATUS_OK);
    phrases_freeze(phrases);
    for (uint32_t i = 0; i < 10000; i += 7) {
        struct article article;
        struct phrase_match match;
        uint32_t chain, value = UINT32_MAX;

        text_tokenize(arena, arena_print(arena, "word%u", i), &article);
        assert_true(phrases_longest(phrases, &article, 0, 1, (struct phrase_forms){NULL, FORMS_NAME}, &match));
        chain = match.chain;
        assert_true(phrases_next(phrases, &chain, &value));
        assert_int_equal(value, i);
    }
    arena_free(arena);
    phrases_free(phrases);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_longest_phrase_wins),
        cmocka_unit_test(joiners_and_case_make_no_difference),
        cmocka_unit_test(umlauts_are_found_in_both_spellings),
        cmocka_unit_test(endings_are_tried_on_the_last_word_and_clitics_on_the_first),
        cmocka_unit_test(the_word_as_it_is_is_preferred_to_a_stripped_one),
        cmocka_unit_test(one_that_is_not_accepted_does_not_hide_a_shorter_one),
        cmocka_unit_test(several_values_come_back_in_the_order_they_were_added),
        cmocka_unit_test(a_match_ends_before_the_limit),
        cmocka_unit_test(what_is_no_phrase_is_refused),
        cmocka_unit_test(ten_thousand_phrases_are_all_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
