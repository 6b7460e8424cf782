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

/* ---- units ------------------------------------------------------------------------------------------------------ */

enum { PATTERNS = 24, PARTS = 3, FORMS = 3, TEXTS = 2000, TEXT_TOKENS = 6 };

static uint32_t random_below(uint32_t n)
{
    static uint64_t state = 7;

    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(state >> 33) % n;
}

/* Few words, so that patterns overlap in every way; one of them is two tokens. */
static struct view random_word(void)
{
    static const char *const words[] = {"anna", "berta", "carl", "dora", "anna berta", "emil"};

    return view_of(words[random_below(6)]);
}

struct pattern {
    struct view forms[PARTS][FORMS];
    bool is_optional[PARTS];
    size_t n;
};

/* All that a pattern means, written out. */
static void written_out(struct phrases *phrases, struct arena *arena, const struct pattern *pattern, size_t at, struct view text,
                        uint32_t value)
{
    if (at >= PARTS || at == pattern->n) {
        if (text.size > 0)
            assert_int_equal(phrases_add(phrases, text, value, NULL), STATUS_OK);
        return;
    }
    if (pattern->is_optional[at])
        written_out(phrases, arena, pattern, at + 1, text, value);
    for (size_t i = 0; i < FORMS; i++)
        written_out(phrases, arena, pattern, at + 1,
                    arena_print(arena, "%.*s %.*s", VIEW_PRINT(text), VIEW_PRINT(pattern->forms[at][i])), value);
}

static void pattern_added(struct phrases *units, struct phrases *plain, struct arena *arena, uint32_t value)
{
    struct pattern pattern = {.n = 1 + random_below(PARTS)};
    struct phrase_unit places[PARTS];

    for (size_t i = 0; i < pattern.n; i++) {
        for (size_t k = 0; k < FORMS; k++)
            pattern.forms[i][k] = random_word();
        pattern.is_optional[i] = pattern.n > 1 && i != 1 && random_below(3) == 0;
        places[i].is_optional = pattern.is_optional[i];
        assert_int_equal(phrases_unit(units, pattern.forms[i], FORMS, &places[i].unit, NULL), STATUS_OK);
    }
    assert_int_equal(phrases_add_units(units, places, pattern.n, value, NULL), STATUS_OK);
    written_out(plain, arena, &pattern, 0, VIEW_NONE, value);
}

static void same_found(const struct phrases *units, const struct phrases *plain, const struct article *article)
{
    struct phrase_forms as_they_are = {NULL, FORMS_WORD};
    struct phrase_match one, other;
    bool found = phrases_longest(units, article, 0, (uint32_t)article->n_tokens, as_they_are, &one);

    assert_int_equal(phrases_longest(plain, article, 0, (uint32_t)article->n_tokens, as_they_are, &other), found);
    if (!found)
        return;
    assert_int_equal(one.n_tokens, other.n_tokens);
    for (;;) {
        uint32_t value = 0, expected = 0;
        bool more = phrases_next(units, &one.chain, &value);

        assert_int_equal(phrases_next(plain, &other.chain, &expected), more);
        assert_int_equal(value, expected);
        if (!more)
            return;
    }
}

static void units_mean_all_that_they_would_mean_written_out(void **state)
{
    struct phrases *units = phrases_new(), *plain = phrases_new();
    struct arena *arena = arena_new(1 << 16, 0);

    (void)state;
    for (uint32_t i = 0; i < PATTERNS; i++)
        pattern_added(units, plain, arena, i);
    phrases_freeze(units);
    phrases_freeze(plain);
    for (unsigned i = 0; i < TEXTS; i++) {
        struct article article;
        struct view text = VIEW_NONE;

        for (unsigned k = 0; k < TEXT_TOKENS; k++)
            text = arena_print(arena, "%.*s %.*s", VIEW_PRINT(text), VIEW_PRINT(random_word()));
        text_tokenize(arena, text, &article);
        same_found(units, plain, &article);
    }
    phrases_free(units);
    phrases_free(plain);
    arena_free(arena);
}

static void units_of_which_all_may_be_missing_are_refused(void **state)
{
    struct phrases *phrases = phrases_new();
    struct view forms[] = {view_of("anna"), view_of("berta")}, comma = view_of(",");
    struct phrase_unit places[2] = {{.is_optional = true}, {.is_optional = true}};
    struct err err = {0};

    (void)state;
    assert_int_equal(phrases_unit(phrases, forms, 2, &places[0].unit, &err), STATUS_OK);
    places[1].unit = places[0].unit;
    assert_int_equal(phrases_add_units(phrases, places, 2, 0, &err), STATUS_REJECT);
    assert_int_equal(phrases_unit(phrases, &comma, 1, &places[0].unit, &err), STATUS_OK);
    places[0].is_optional = false;
    assert_int_equal(phrases_add_units(phrases, places, 2, 0, &err), STATUS_REJECT);
    phrases_free(phrases);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_longest_phrase_wins),
        cmocka_unit_test(joiners_and_case_make_no_difference),
        cmocka_unit_test(units_mean_all_that_they_would_mean_written_out),
        cmocka_unit_test(units_of_which_all_may_be_missing_are_refused),
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
