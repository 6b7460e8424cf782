/* What holds for any text: generated from letters of all scripts, marks, joiners, bidi marks and separators. */
#include "processors/text/text.h"

#include "processors/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <cmocka.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

static struct arena *arena;

/* The abbreviations as the room itself loads them. */
static int setup(void **state)
{
    static struct table_source source = {.data_dir = TOCSIN_SOURCE_DIR "/processors/data"};
    static const struct options options;
    struct stage_setup stage_setup = {&options, NULL, &source};
    void *tables;
    struct err err;

    (void)state;
    arena = arena_new(1 << 16, 1 << 24);
    return text_stage.open(&stage_setup, &tables, &err) == STATUS_OK ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

static struct view normal_form(bool composed, struct view text)
{
    UErrorCode error = U_ZERO_ERROR;
    const UNormalizer2 *form = composed ? unorm2_getNFCInstance(&error) : unorm2_getNFDInstance(&error);
    static UChar source[4096], target[16384];
    char *out = arena_alloc(arena, 65536);
    int32_t n_source, n_target, size;

    u_strFromUTF8(source, 4096, &n_source, text.data, (int32_t)text.size, &error);
    n_target = unorm2_normalize(form, source, n_source, target, 16384, &error);
    u_strToUTF8(out, 65536, &size, target, n_target, &error);
    assert_true(U_SUCCESS(error));
    return (struct view){out, (size_t)size};
}

static void every_letter_folds_alike_in_both_normal_forms_and_folding_twice_changes_nothing(void **state)
{
    (void)state;
    for (uint32_t point = 0x80; point < 0x20000; point++) {
        char data[4];
        struct view text, once;

        if (point >= 0xd800 && point <= 0xf8ff)
            continue;
        arena_reset(arena);
        text = (struct view){data, utf8_write(data, point)};
        once = text_fold(arena, text);
        if (!view_equal(once, text_fold(arena, normal_form(true, text)))
            || !view_equal(once, text_fold(arena, normal_form(false, text)))
                || !view_equal(once, text_fold(arena, once)))
            fail_msg("U+%04X folds to '%.*s', not so in another form", point, VIEW_PRINT(once));
    }
}

static uint32_t random_next(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*seed >> 33);
}

/* Code points of the kinds that meet in news, in any order. */
static struct view random_text(uint64_t *seed, size_t points)
{
    static const uint32_t ranges[][2] = {
        {0x20, 0x7e}, {0x20, 0x40}, {'a', 'z'}, {0xa0, 0x17f}, {0x300, 0x345}, {0x400, 0x45f}, {0x5be, 0x5f4},
        {0x60c, 0x6ff},
        {0x900, 0x970}, {0xe00, 0xe3f}, {0x2000, 0x206f}, {0x3040, 0x30ff}, {0x4e00, 0x4eff}, {0xac00, 0xacff},
        {0xfb1d, 0xfdff},
        {0x1f1e6, 0x1f6ff}, {0x300, 0x304}, {0xe80, 0xeff}, {0x1000, 0x109f}, {0x1780, 0x17ff}, {0x1100, 0x11f9},
        {0x3099, 0x309a}, {0x61b, 0x61f}, {0x202a, 0x202e}, {0x200b, 0x200f}, {0x1e00, 0x1fff}, {0x20000, 0x200ff}, {'.', '.'}, {' ', ' '}, {'@', '@'}, {'-', '-'},
    };
    char *data = arena_alloc(arena, points * 4 + 4);
    size_t size = 0;

    for (size_t i = 0; i < points; i++) {
        const uint32_t *range = ranges[random_next(seed) % (sizeof ranges / sizeof *ranges)];
        size += utf8_write(data + size, range[0] + random_next(seed) % (range[1] - range[0] + 1));
    }
    return (struct view){data, size};
}

/* Letters of one script mostly, as texts have them, so that longer words come about. */
static struct view random_words(uint64_t *seed, size_t points)
{
    static const uint32_t ranges[][2] = {
        {'a', 'z'}, {'A', 'Z'}, {0xc0, 0x17f}, {0x3b1, 0x3ce}, {0x410, 0x45f}, {0x5d0, 0x5ea}, {0x620, 0x64a}, {0x915, 0x939},
        {0xe01, 0xe30}, {0xe81, 0xeb0}, {0x1000, 0x102f}, {0x1780, 0x17b3}, {0x3041, 0x3096}, {0x30a1, 0x30fe},
        {0x4e00, 0x4fff}, {0xac00, 0xd7a3}, {0x1ea0, 0x1ef9},
    };
    static const char between[] = "     ....,;:!?'\"-()@/#_";
    char *data = arena_alloc(arena, points * 4 + 4);
    size_t size = 0, left = 0;
    const uint32_t *range = ranges[0];

    for (size_t i = 0; i < points; i++) {
        if (left-- == 0) {
            range = ranges[random_next(seed) % (sizeof ranges / sizeof *ranges)];
            left = random_next(seed) % 8;
            data[size++] = between[random_next(seed) % (sizeof between - 1)];
        } else if (random_next(seed) % 8 == 0) {
            size += utf8_write(data + size, 0x300 + random_next(seed) % 0x30);
        } else {
            size += utf8_write(data + size, range[0] + random_next(seed) % (range[1] - range[0] + 1));
        }
    }
    return (struct view){data, size};
}

static void check_tokens(const struct article *article)
{
    size_t end = 0;
    uint32_t sentence = 0;

    for (size_t i = 0; i < article->n_tokens; i++) {
        const struct token *token = &article->tokens[i];
        assert_true(token->size > 0 && token->start >= end);
        end = (size_t)token->start + token->size;
        assert_true(end <= article->buffer.size);
        assert_true(utf8_is_start(article->buffer.data[token->start]));
        assert_true(end == article->buffer.size || utf8_is_start(article->buffer.data[end]));
        assert_int_equal(token->at, utf8_points(view_slice(article->buffer, 0, token->start)));
        assert_int_equal(token->points, utf8_points(token_view(article, token)));
        assert_true((size_t)token->folded + token->folded_size <= article->folded.size);
        assert_true(utf8_valid(token_folded(article, token), NULL));
        assert_true(token->hash == fold_hash(token_folded(article, token)));
        assert_true(token->sentence == sentence || token->sentence == sentence + 1);
        sentence = token->sentence;
        assert_true(i >= article->sentences[sentence].first_token
                    && i < article->sentences[sentence].first_token + article->sentences[sentence].n_tokens);
    }
    assert_int_equal(article->lines[0].n_tokens, article->n_tokens);
    assert_int_equal(article->lines[0].n_sentences, article->n_sentences);
    assert_int_equal(article->n_sentences, article->n_tokens == 0 ? 0 : sentence + 1);
}

static void tokens_of_any_text_are_ordered_and_stand_on_code_points(void **state)
{
    uint64_t seed = 1;

    (void)state;
    for (int i = 0; i < 3000; i++) {
        struct article article;
        arena_reset(arena);
        text_tokenize(arena, random_text(&seed, 1 + random_next(&seed) % 120), &article);
        check_tokens(&article);
        text_tokenize(arena, random_words(&seed, 1 + random_next(&seed) % 120), &article);
        check_tokens(&article);
    }
}

/* Do signs of India or voicing marks meet letters of Europe?  Normal forms may move those into such a letter, which no
 * text has and the pass does not follow. */
static bool is_nonsense(struct view text)
{
    bool europe = false, other_mark = false;

    for (size_t i = 0; i < text.size;) {
        unsigned size;
        uint32_t point = utf8_read(text.data + i, &size);
        enum script script = text_script(point);
        europe |= script == SCRIPT_CYRL || script == SCRIPT_GREK;
        other_mark |= point >= 0x900 && (U_GET_GC_MASK((UChar32)point) & U_GC_M_MASK) != 0;
        i += size;
    }
    return europe && other_mark;
}

static void check_both_forms(struct view text)
{
    struct article composed, decomposed;

    if (is_nonsense(text))
        return;
    text_tokenize(arena, normal_form(true, text), &composed);
    text_tokenize(arena, normal_form(false, text), &decomposed);
    for (size_t i = 0; i < composed.n_tokens && i < decomposed.n_tokens; i++) {
        const struct token *a = &composed.tokens[i], *b = &decomposed.tokens[i];
        if (a->hash != b->hash || a->sentence != b->sentence || a->kind != b->kind || a->shape != b->shape
            || a->script != b->script || a->flags != b->flags)
            fail_msg("'%.*s' and '%.*s' differ in '%.*s'", VIEW_PRINT(token_view(&composed, a)),
                     VIEW_PRINT(token_view(&decomposed, b)), VIEW_PRINT(composed.buffer));
    }
    assert_int_equal(composed.n_tokens, decomposed.n_tokens);
}

static void any_text_is_cut_alike_in_both_normal_forms(void **state)
{
    uint64_t seed = 7;

    (void)state;
    for (int i = 0; i < 3000; i++) {
        arena_reset(arena);
        check_both_forms(random_text(&seed, 1 + random_next(&seed) % 30));
        check_both_forms(random_words(&seed, 1 + random_next(&seed) % 120));
    }
}

static void folded_words_fold_to_themselves(void **state)
{
    uint64_t seed = 11;

    (void)state;
    for (int i = 0; i < 3000; i++) {
        struct article article;
        arena_reset(arena);
        text_tokenize(arena, i % 2 == 0 ? random_text(&seed, 100) : random_words(&seed, 100), &article);
        for (size_t k = 0; k < article.n_tokens; k++) {
            struct view once = token_folded(&article, &article.tokens[k]), twice;
            if (article.tokens[k].kind != TOKEN_WORD)
                continue;
            twice = text_fold(arena, once);
            if (!view_equal(once, twice))
                fail_msg("'%.*s' folds to '%.*s' and then to '%.*s'", VIEW_PRINT(token_view(&article, &article.tokens[k])),
                         VIEW_PRINT(once), VIEW_PRINT(twice));
        }
    }
}

static void composed_and_decomposed_text_have_the_same_hashes(void **state)
{
    static const char *const texts[] = {
        "Ökonomie façade Ångström naïve čeština Łódź Đoković żółć ầm ểm",
        "йод їжак ўсё ёж за́мок", "أسامة مؤتمر شئون آمال ۀ", "が ぎ パ ヴ", "한국의 대통령", "क़ ख़ ज़ड़", "ἀρχή Ἀθῆναι ΐ ΰ",
        "שׁלום בּית", "Việt Nam Đường phố",
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct article composed, decomposed;
        arena_reset(arena);
        text_tokenize(arena, normal_form(true, view_of(texts[i])), &composed);
        text_tokenize(arena, normal_form(false, view_of(texts[i])), &decomposed);
        assert_int_equal(composed.n_tokens, decomposed.n_tokens);
        for (size_t k = 0; k < composed.n_tokens; k++)
            assert_true(composed.tokens[k].hash == decomposed.tokens[k].hash);
    }
}

static void long_runs_are_cut_so_that_sizes_fit(void **state)
{
    static const char *const units[] = {"a", "é", "\xef\xb7\xba", "1", ".", "a.", "5.", "x-", "@a", "http://a",
                                        "\xcc\x81",
                                        "\xf0\x9f\x91\xa8\xe2\x80\x8d", "#a_"};

    (void)state;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        size_t unit = strlen(units[i]), n = 300000 / unit;
        struct article article;
        char *data;
        size_t folded = 0, taken = 0;

        arena_reset(arena);
        data = arena_alloc(arena, n * unit);
        for (size_t k = 0; k < n; k++)
            memcpy(data + k * unit, units[i], unit);
        text_tokenize(arena, (struct view){data, n * unit}, &article);
        for (size_t k = 0; k < article.n_tokens; k++) {
            assert_true(article.tokens[k].size > 0);
            assert_int_equal(article.tokens[k].folded, folded);
            folded += article.tokens[k].folded_size;
            taken += article.tokens[k].size;
        }
        assert_int_equal(folded, article.folded.size);
        assert_true(taken * 2 >= n * unit); /* a joiner at a cut stands between tokens */
    }
}

static double seconds_for(const char *unit, size_t size)
{
    struct timespec begin, end;
    struct article article;
    char *data = malloc(size);
    size_t unit_size = strlen(unit);
    double best = 1e9;

    assert_non_null(data);
    for (size_t i = 0; i + unit_size <= size; i += unit_size)
        memcpy(data + i, unit, unit_size);
    for (int round = 0; round < 3; round++) {
        double seconds;
        arena_reset(arena);
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
        text_tokenize(arena, (struct view){data, size / unit_size * unit_size}, &article);
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
        seconds = (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9;
        best = seconds < best ? seconds : best;
    }
    free(data);
    return best;
}

static void work_grows_with_the_text_and_not_faster(void **state)
{
    static const char *const units[] = {"a.b@", "a@", "a-", "www.", "x.", "1.", "a.a ", "http:", "(\"", "\xd7\x90\"",
                                        "@", "...a",
                                        "\xc2\xb7\xc2\xb7", "a_b+c.", "\xe2\x80\x8b"};

    (void)state;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        double small = seconds_for(units[i], 1 << 16), large = seconds_for(units[i], 1 << 20);
        /* Sixteen times the text; quadratic work would take 256 times as long. */
        if (large > small * 80 + 0.05)
            fail_msg("'%s': %.4f s for 64 KiB, %.4f s for 1 MiB", units[i], small, large);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_letter_folds_alike_in_both_normal_forms_and_folding_twice_changes_nothing),
        cmocka_unit_test(tokens_of_any_text_are_ordered_and_stand_on_code_points),
        cmocka_unit_test(any_text_is_cut_alike_in_both_normal_forms),
        cmocka_unit_test(folded_words_fold_to_themselves),
        cmocka_unit_test(composed_and_decomposed_text_have_the_same_hashes),
        cmocka_unit_test(long_runs_are_cut_so_that_sizes_fit),
        cmocka_unit_test(work_grows_with_the_text_and_not_faster),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
