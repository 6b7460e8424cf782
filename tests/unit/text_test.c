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

/* Tokens between blanks, sentences between " | ", words that folding changed as word/folded. */
static const char *tokens_of(const char *text, bool folded)
{
    static char out[8192];
    struct article article;
    size_t n = 0;

    arena_reset(arena);
    text_tokenize(arena, view_of(text), &article);
    for (size_t i = 0; i < article.n_tokens; i++) {
        const struct token *token = &article.tokens[i];
        struct view view = folded ? token_folded(&article, token) : token_view(&article, token);
        if (i > 0)
            n += (size_t)snprintf(out + n, sizeof out - n, token->sentence != token[-1].sentence ? " | " : " ");
        n += (size_t)snprintf(out + n, sizeof out - n, "%.*s", VIEW_PRINT(view));
    }
    out[n] = '\0';
    return out;
}

#define assert_tokens(text, expected) assert_string_equal(tokens_of((text), false), (expected))
#define assert_folded(text, expected) assert_string_equal(tokens_of((text), true), (expected))

static uint64_t hash_of(const char *word)
{
    struct article article;

    text_tokenize(arena, view_of(word), &article);
    assert_int_equal(article.n_tokens, 1);
    return article.tokens[0].hash;
}

#define assert_same(a, b) assert_true(hash_of(a) == hash_of(b))
#define assert_different(a, b) assert_true(hash_of(a) != hash_of(b))

static void spellings_of_one_word_have_one_hash(void **state)
{
    (void)state;
    assert_same("Straße", "STRASSE");
    assert_same("Müller", "muller");
    assert_same("İstanbul", "ISTANBUL");
    assert_same("ısı", "isi");
    assert_same("Ёлка", "елка");
    assert_same("за́мок", "замок");
    assert_same("إيران", "ايران");
    assert_same("مقـــاومة", "مقاومه");
    assert_same("حَرْب", "حرب");
    assert_same("علي", "على");
    assert_same("ﻻ", "لا");
    assert_same("می‌خواهیم", "ميخواهيم");
    assert_same("کتاب", "كتاب");
    assert_same("שָׁלוֹם", "שלום");
    assert_same("Ｎａｔｏ", "NATO");
    assert_same("Eska\xc2\xadlation", "Eskalation");
    assert_same("\xe2\x80\x8fIran\xe2\x80\x8f", "Iran");
    assert_same("U.S.", "us");
    assert_same("U.S", "US");
}

static void marks_that_make_other_letters_stay(void **state)
{
    (void)state;
    assert_different("йод", "иод");
    assert_different("їх", "іх");
    assert_same("и\xcc\x86од", "йод");
    assert_same("і\xcc\x88х", "їх");
    assert_different("कि", "क");
    assert_different("が", "か");
}

static void hyphens_and_apostrophes_inside_words_are_joiners(void **state)
{
    struct article article;

    (void)state;
    assert_tokens("al-Assad l’Iran Ankara'da", "al - Assad l ’ Iran Ankara ' da");
    assert_folded("al‑Assad תל־אביב м’я мʼя", "al - assad תל - אביב м ' я м ' я");
    text_tokenize(arena, VIEW("Iran - das 'Wort' a-"), &article);
    for (size_t i = 0; i < article.n_tokens; i++)
        assert_int_not_equal(article.tokens[i].kind, TOKEN_JOINER);
    text_tokenize(arena, VIEW("al-Assad"), &article);
    assert_int_equal(article.tokens[1].kind, TOKEN_JOINER);
}

static void gershayim_belong_to_the_word_and_quotes_do_not(void **state)
{
    (void)state;
    assert_tokens("שארה\"ב וצה״ל ג'ורג", "שארה\"ב וצה״ל ג'ורג");
    assert_folded("שארה\"ב וצה״ל", "שארהב וצהל");
    assert_tokens("ב\"הארץ\" נכתב", "ב \" הארץ \" נכתב");
}

static void numbers_keep_their_separators_and_get_plain_digits(void **state)
{
    (void)state;
    assert_tokens("10.000 1,5 10:30 2023/24 16th F16 3.", "10.000 1,5 10:30 2023 / 24 16th F16 3 .");
    assert_folded("١٢٫٥ ۱۴۰۳ ५", "12.5 1403 5");
}

static void links_addresses_handles_and_tags_are_one_token(void **state)
{
    struct article article;

    (void)state;
    assert_tokens("Siehe https://t.co/AbC(1), www.example.org/x. Foo.bar-x@example.org! @user_1 #Krieg24 #1",
                  "Siehe https://t.co/AbC(1) , www.example.org/x . | Foo.bar-x@example.org ! | @user_1 #Krieg24 # 1");
    text_tokenize(arena, VIEW("example.com @user #نحن_معكم C#"), &article);
    assert_int_equal(article.tokens[0].kind, TOKEN_LINK);
    assert_int_equal(article.tokens[1].kind, TOKEN_TAG);
    assert_int_equal(article.tokens[2].kind, TOKEN_TAG);
    assert_int_equal(article.tokens[3].kind, TOKEN_WORD);
    assert_int_equal(article.tokens[4].kind, TOKEN_PUNCT);
}

static void full_stops_of_abbreviations_initials_and_ordinals_end_no_sentence(void **state)
{
    (void)state;
    assert_tokens("Dr. Weber kam am 15. April. Er ging.", "Dr. Weber kam am 15. April . | Er ging .");
    assert_tokens("Der 2. Weltkrieg, z. B. die U.S. Army, ca. 5 Mio. Euro.",
                  "Der 2. Weltkrieg , z. B. die U.S. Army , ca. 5 Mio. Euro .");
    assert_tokens("Im Jahr 2020. Die Zeit usw. Das Ende.", "Im Jahr 2020 . | Die Zeit usw. | Das Ende .");
    assert_tokens("He met Gen. J. Smith at 5 p.m. The talks failed. No. 5 said no. Then",
                  "He met Gen. J. Smith at 5 p.m. | The talks failed . | No. 5 said no . | Then");
    assert_tokens("В 2020 г. в Киеве и т. д. Это я. Он ушел.", "В 2020 г. в Киеве и т. д . | Это я . | Он ушел .");
    assert_tokens("قال د. محمد ذلك. وأضاف", "قال د. محمد ذلك . | وأضاف");
}

static void abbreviations_end_sentences_by_what_follows(void **state)
{
    (void)state;
    assert_tokens("It left at 9 p.m. GMT. Soldiers etc. They", "It left at 9 p.m. GMT . | Soldiers etc. | They");
    assert_tokens("He lives in the U.S. She left. The U.S. Senate met.", "He lives in the U.S. | She left . | The U.S. Senate met .");
    assert_tokens("Он из г. Тверь. В 2021 г. Минфин молчал. Это было в начале апреля 2020 г. Он ушел.",
                  "Он из г. Тверь . | В 2021 г. Минфин молчал . | Это было в начале апреля 2020 г. | Он ушел .");
    assert_tokens("Viaja a EE. UU. Luego vuelve.", "Viaja a EE. UU. | Luego vuelve .");
    assert_tokens("II. Dünya Savaşı bitti. Sıra II. Şimdi", "II. Dünya Savaşı bitti . | Sıra II . | Şimdi");
    assert_tokens("Sie (a. D.) Weber (n. c.) Er", "Sie ( a. D. ) Weber ( n. c. ) Er");
}

static void a_quote_between_blanks_closes_what_stands_before_it(void **state)
{
    (void)state;
    assert_tokens("« Assez ! » Il part. « Oui. » dit-il.", "« Assez ! » | Il part . | « Oui . » dit - il .");
    assert_tokens("»Genug.« Er geht. »Ja.« Dann", "» Genug . « | Er geht . | » Ja . « | Dann");
}

static void without_case_an_ellipsis_and_a_quoted_cry_go_on(void **state)
{
    (void)state;
    assert_tokens("خبز، وماء... إلخ. وعاد", "خبز ، وماء ... إلخ . | وعاد");
    assert_tokens("\"כן!\" אמר האיש. הוא הלך.", "\" כן ! \" אמר האיש . | הוא הלך .");
    assert_tokens("قال: \"نعم!\" وخرج", "قال : \" نعم ! \" | وخرج");
}

static void sentences_end_in_all_scripts(void **state)
{
    (void)state;
    assert_tokens("ماذا؟ نعم! لا.", "ماذا ؟ | نعم ! | لا .");
    assert_tokens("وہ گیا۔ وہ آیا۔", "وہ گیا ۔ | وہ آیا ۔");
    assert_tokens("वह गया। वह आया।", "वह गया । | वह आया ।");
    assert_tokens("我们反对。他走了！", "我 们 反 对 。 | 他 走 了 ！");
    assert_tokens("What?! Really... Yes", "What ? ! | Really ... | Yes");
    assert_tokens("Erstens; zweitens: drittens", "Erstens ; zweitens : drittens");
}

static void closing_quotes_belong_to_the_sentence_before_them(void **state)
{
    (void)state;
    assert_tokens("„Wir kommen.“ Er ging.", "„ Wir kommen . “ | Er ging .");
    assert_tokens("He said \"Stop.\" \"Go!\" he said.", "He said \" Stop . \" | \" Go ! \" he said .");
    assert_tokens("«Стой!» — сказал он. (Да.) Нет.", "« Стой ! » — сказал он . | ( Да . ) | Нет .");
}

static void glued_sentences_are_split_and_names_with_stops_are_not(void **state)
{
    (void)state;
    assert_tokens("Sie wollen das verhindern.Am Montag", "Sie wollen das verhindern . | Am Montag");
    assert_tokens("انتهت الحرب.وقال الوزير", "انتهت الحرب . | وقال الوزير");
    assert_tokens("Booking.com ist 3.5 wert", "Booking.com ist 3.5 wert");
}

static void shapes_and_kinds_say_how_a_word_is_written(void **state)
{
    static const struct {
        const char *text;
        uint8_t kind, shape, script;
    } cases[] = {
        {"stadt", TOKEN_WORD, SHAPE_LOWER, SCRIPT_LATN}, {"Stadt", TOKEN_WORD, SHAPE_CAPITALISED, SCRIPT_LATN},
        {"STADT", TOKEN_WORD, SHAPE_UPPER, SCRIPT_LATN}, {"A", TOKEN_WORD, SHAPE_CAPITALISED, SCRIPT_LATN},
        {"iPhone", TOKEN_WORD, SHAPE_MIXED, SCRIPT_LATN}, {"Київ", TOKEN_WORD, SHAPE_CAPITALISED, SCRIPT_CYRL},
        {"حرب", TOKEN_WORD, SHAPE_NONE, SCRIPT_ARAB}, {"12", TOKEN_NUMBER, SHAPE_NONE, SCRIPT_NONE},
        {"€", TOKEN_SYMBOL, SHAPE_NONE, SCRIPT_NONE}, {"👨‍👩‍👧", TOKEN_SYMBOL, SHAPE_NONE, SCRIPT_NONE},
        {"🇩🇪", TOKEN_SYMBOL, SHAPE_NONE, SCRIPT_NONE}, {"…", TOKEN_PUNCT, SHAPE_NONE, SCRIPT_NONE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct article article;
        text_tokenize(arena, view_of(cases[i].text), &article);
        assert_int_equal(article.n_tokens, 1);
        assert_int_equal(article.tokens[0].kind, cases[i].kind);
        assert_int_equal(article.tokens[0].shape, cases[i].shape);
        assert_int_equal(article.tokens[0].script, cases[i].script);
    }
}

/* Words between blanks, of Han and Kana by the flag. */
static const char *words_of(const char *text)
{
    static char out[1024];
    struct article article;
    size_t n = 0;

    arena_reset(arena);
    text_tokenize(arena, view_of(text), &article);
    for (size_t i = 0; i < article.n_tokens; i++) {
        const struct token *token = &article.tokens[i];
        n += (size_t)snprintf(out + n, sizeof out - n, "%s%.*s", i == 0 || (token->flags & TOKEN_INSIDE_WORD) != 0 ? "" : " ",
                              VIEW_PRINT(token_view(&article, token)));
    }
    return out;
}

#define assert_words(text, expected) assert_string_equal(words_of(text), (expected))

static void scripts_without_blanks_are_cut_by_a_dictionary(void **state)
{
    (void)state;
    assert_words("伊朗外交部会见了德国代表团。", "伊朗 外交部 会见 了 德国 代表 团 。");
    assert_words("イラン外相は火曜日ジュネーブで、", "イラン 外相 は 火曜日 ジュネーブ で 、");
    assert_words("อิสราเอลและเลบานอนตกลงหยุดยิง", "อิสราเอล และ เลบานอน ตกลง หยุด ยิง");
    assert_words("ລັດຖະບານລາວ កម្ពុជាប្រកាស မြန်မာအစိုးရ", "ລັດຖະບານ ລາວ កម្ពុជា ប្រកាស မြန်မာ အစိုးရ");
    assert_words("ปี2568ไทยNATOจีน", "ปี 2568 ไทย NATO จีน");
    assert_tokens("德国NATO 2025年", "德 国 NATO 2025 年");
}

/* Names in tables are cut alone, names in texts with what stands around them. */
static void words_of_a_long_stretch_are_those_of_a_short_one(void **state)
{
    static const char *const units[] = {"อิสราเอลและเลบานอนตกลงหยุดยิง", "德国外交部表示欢迎", "កម្ពុជាប្រកាស"};

    (void)state;
    for (size_t u = 0; u < sizeof units / sizeof *units; u++) {
        size_t size = strlen(units[u]), times = 200, differ = 0;
        struct article one, many;
        char *data;

        arena_reset(arena);
        data = arena_alloc(arena, size * times);
        for (size_t i = 0; i < times; i++)
            memcpy(data + i * size, units[u], size);
        text_tokenize(arena, view_of(units[u]), &one);
        text_tokenize(arena, (struct view){data, size * times}, &many);
        assert_int_equal(many.n_tokens, one.n_tokens * times);
        for (size_t i = 0; i < many.n_tokens; i++) {
            const struct token *token = &one.tokens[i % one.n_tokens];
            assert_int_equal(many.tokens[i].size, token->size);
            differ += ((many.tokens[i].flags ^ token->flags) & TOKEN_INSIDE_WORD) != 0;
        }
        assert_int_equal(differ, 0);
    }
}

/* ---- properties ------------------------------------------------------------------------------------------------- */

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

static void a_token_and_its_text_folded_alone_are_one(void **state)
{
    static const char *const words[] = {"Straße", "U.S.", "שארה\"ב", "می‌خواهیم", "İstanbul", "col·laboració", "Ўсё",
                                        "١٢"};

    (void)state;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        assert_true(hash_of(words[i]) == fold_hash(text_fold(arena, view_of(words[i]))));
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
        cmocka_unit_test(spellings_of_one_word_have_one_hash),
        cmocka_unit_test(marks_that_make_other_letters_stay),
        cmocka_unit_test(hyphens_and_apostrophes_inside_words_are_joiners),
        cmocka_unit_test(gershayim_belong_to_the_word_and_quotes_do_not),
        cmocka_unit_test(numbers_keep_their_separators_and_get_plain_digits),
        cmocka_unit_test(links_addresses_handles_and_tags_are_one_token),
        cmocka_unit_test(full_stops_of_abbreviations_initials_and_ordinals_end_no_sentence),
        cmocka_unit_test(abbreviations_end_sentences_by_what_follows),
        cmocka_unit_test(a_quote_between_blanks_closes_what_stands_before_it),
        cmocka_unit_test(without_case_an_ellipsis_and_a_quoted_cry_go_on),
        cmocka_unit_test(sentences_end_in_all_scripts),
        cmocka_unit_test(closing_quotes_belong_to_the_sentence_before_them),
        cmocka_unit_test(glued_sentences_are_split_and_names_with_stops_are_not),
        cmocka_unit_test(shapes_and_kinds_say_how_a_word_is_written),
        cmocka_unit_test(scripts_without_blanks_are_cut_by_a_dictionary),
        cmocka_unit_test(words_of_a_long_stretch_are_those_of_a_short_one),
        cmocka_unit_test(every_letter_folds_alike_in_both_normal_forms_and_folding_twice_changes_nothing),
        cmocka_unit_test(tokens_of_any_text_are_ordered_and_stand_on_code_points),
        cmocka_unit_test(any_text_is_cut_alike_in_both_normal_forms),
        cmocka_unit_test(folded_words_fold_to_themselves),
        cmocka_unit_test(composed_and_decomposed_text_have_the_same_hashes),
        cmocka_unit_test(a_token_and_its_text_folded_alone_are_one),
        cmocka_unit_test(long_runs_are_cut_so_that_sizes_fit),
        cmocka_unit_test(work_grows_with_the_text_and_not_faster),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
