#include "processors/text/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

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

static void a_token_and_its_text_folded_alone_are_one(void **state)
{
    static const char *const words[] = {"Straße", "U.S.", "שארה\"ב", "می‌خواهیم", "İstanbul", "col·laboració", "Ўсё",
                                        "١٢"};

    (void)state;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        assert_true(hash_of(words[i]) == fold_hash(text_fold(arena, view_of(words[i]))));
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
        cmocka_unit_test(a_token_and_its_text_folded_alone_are_one),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
