#include "processors/langid/langid.h"

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

#include "tests/unit/damaged.h"

#define DATA_DIR TOCSIN_SOURCE_DIR "/processors/data"

static struct arena *arena;
static struct languages *languages;
static void *tables;

/* Sentences of our own, about nothing in particular. */
static const struct {
    const char *code, *text;
} samples[] = {
    {"de", "Die Regierung will im Herbst über den neuen Haushalt beraten, sagte eine Sprecherin am Montag in der Hauptstadt."},
    {"ar", "قالت وزارة الخارجية في بيان إن الوفد سيصل إلى العاصمة يوم الأحد لإجراء محادثات مع الحكومة حول التجارة."},
    {"en", "The government will discuss the new budget in the autumn, a spokeswoman said in the capital on Monday."},
    {"fr", "Le gouvernement débattra du nouveau budget à l’automne, a déclaré lundi une porte-parole dans la capitale."},
    {"ru", "Правительство обсудит новый бюджет осенью, сообщила в понедельник представитель министерства в столице."},
    {"fa", "سخنگوی دولت روز دوشنبه گفت که بودجه سال آینده در پاییز بررسی می‌شود و به مجلس فرستاده خواهد شد."},
    {"he", "הממשלה תדון בתקציב החדש בסתיו, כך אמרה ביום שני דוברת המשרד בעיר הבירה."},
    {"tr", "Hükümet yeni bütçeyi sonbaharda görüşecek, dedi bakanlık sözcüsü pazartesi günü başkentte."},
    {"es", "El gobierno discutirá el nuevo presupuesto en otoño, dijo el lunes una portavoz en la capital."},
    {"uk", "Уряд обговорить новий бюджет восени, повідомила в понеділок речниця міністерства у столиці."},
    {"it", "Il governo discuterà il nuovo bilancio in autunno, ha detto lunedì una portavoce nella capitale."},
    {"pt", "O governo vai discutir o novo orçamento no outono, disse na segunda-feira uma porta-voz na capital."},
    {"nl", "De regering zal in de herfst over de nieuwe begroting praten, zei een woordvoerster maandag in de hoofdstad."},
    {"pl", "Rząd będzie jesienią rozmawiał o nowym budżecie, powiedziała w poniedziałek rzeczniczka ministerstwa."},
    {"bg", "Правителството ще обсъди новия бюджет през есента, каза в понеделник говорителката на министерството."},
    {"be", "Урад абмяркуе новы бюджэт увосень, паведаміла ў панядзелак прадстаўніца міністэрства ў сталіцы."},
    {"ur", "حکومت خزاں میں نئے بجٹ پر بات کرے گی، وزارت کی ترجمان نے پیر کو دارالحکومت میں کہا۔"},
    {"ckb", "حکومەت لە پاییزدا باسی بودجەی نوێ دەکات، وتەبێژی وەزارەتەکە ڕۆژی دووشەممە لە پایتەخت وتی."},
    {"ps", "حکومت به په مني کې د نوې بودیجې په اړه خبرې وکړي، د وزارت ویاندې د دوشنبې په ورځ وویل."},
    {"az", "Hökumət yeni büdcəni payızda müzakirə edəcək, nazirliyin sözçüsü bazar ertəsi günü paytaxtda dedi."},
    {"zh", "政府将在秋季讨论新的预算，发言人周一在首都表示。"},
    {"ja", "政府は秋に新しい予算について話し合うと、報道官が月曜日に首都で述べた。"},
    {"ko", "정부는 가을에 새 예산을 논의할 것이라고 대변인이 월요일 수도에서 말했다."},
    {"el", "Η κυβέρνηση θα συζητήσει τον νέο προϋπολογισμό το φθινόπωρο, είπε τη Δευτέρα η εκπρόσωπος."},
    {"hi", "सरकार शरद ऋतु में नए बजट पर चर्चा करेगी, प्रवक्ता ने सोमवार को राजधानी में कहा।"},
    {"ug", "ھۆكۈمەت كۈزدە يېڭى خامچوتنى مۇزاكىرە قىلىدۇ، دېدى مىنىستىرلىق باياناتچىسى دۈشەنبە كۈنى."},
    {"tg", "Ҳукумат буҷети навро дар тирамоҳ баррасӣ мекунад, гуфт сухангӯи вазорат рӯзи душанбе дар пойтахт."},
    {"ku", "Hikûmet dê di payîzê de li ser budceya nû bipeyive, berdevkê wezaretê roja duşemê li paytextê got."},
    {"tk", "Hökümet täze býujeti güýzde ara alyp maslahatlaşar diýip, ministrligiň wekili duşenbe güni aýtdy."},
    {"ht", "Gouvènman an pral diskite sou nouvo bidjè a nan otòn, yon pòtpawòl te di lendi nan kapital la."},
    {"mt", "Il-gvern se jiddiskuti l-baġit il-ġdid fil-ħarifa, qalet kelliema nhar it-Tnejn fil-kapitali."},
    {"gl", "O goberno debaterá o novo orzamento no outono, dixo este luns unha portavoz na capital."},
    {"ml", "സർക്കാർ പുതിയ ബജറ്റ് ചർച്ച ചെയ്യും എന്ന് വക്താവ് പറഞ്ഞു."},
};
enum { SAMPLES = sizeof samples / sizeof *samples };

static int setup(void **state)
{
    static struct table_source source = {.data_dir = DATA_DIR};
    static const struct options options;
    struct stage_setup stage_setup = {&options, NULL, &source};
    struct err err;

    (void)state;
    arena = arena_new(1 << 16, 1 << 22);
    if (languages_open(&source, &languages, &err) != STATUS_OK)
        return -1;
    stage_setup.languages = languages;
    return langid_stage.open(&stage_setup, &tables, &err) == STATUS_OK ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    langid_stage.close(tables);
    languages_close(languages);
    arena_free(arena);
    return 0;
}

/* An article of the lines of a text, judged; declared may be NULL. */
static struct article *judge(const char *text, const char *declared)
{
    struct article *article;
    struct arena *kept = arena;
    struct err err;
    const char *c;

    arena_reset(arena);
    article = arena_zero(arena, sizeof *article);
    article->arena = kept;
    article->buffer = arena_print(arena, "%s\n", text);
    article->given.language = view_of(declared);
    article->lines = arena_zero(arena, (strlen(text) + 1) * sizeof *article->lines);
    for (c = article->buffer.data; *c != '\0';) {
        const char *end = strchr(c, '\n');
        article->lines[article->n_lines++] = (struct line){.start = (uint32_t)(c - article->buffer.data),
                                                           .size = (uint32_t)(end - c)};
        c = end + 1;
    }
    assert_int_equal(text_stage.run(NULL, NULL, article, &err), STATUS_OK);
    assert_int_equal(langid_stage.run(tables, NULL, article, &err), STATUS_OK);
    return article;
}

static const char *code(struct language_guess guess)
{
    return language_code(languages, guess.language);
}

#define assert_language(text, declared, expected) assert_string_equal(code(judge((text), (declared))->language), (expected))

static const char *sample(const char *wanted)
{
    for (size_t i = 0; i < SAMPLES; i++)
        if (strcmp(samples[i].code, wanted) == 0)
            return samples[i].text;
    return "";
}

static void sentences_are_told_apart_with_their_neighbours(void **state)
{
    (void)state;
    for (size_t i = 0; i < SAMPLES; i++) {
        const struct article *article = judge(samples[i].text, NULL);
        if (strcmp(code(article->language), samples[i].code) != 0)
            fail_msg("%s was taken for %s", samples[i].code, code(article->language));
        assert_true(article->language.confidence > 0.8f);
        assert_string_equal(code(article->lines[0].language), samples[i].code);
    }
}

static void a_false_claim_changes_nothing_where_the_text_is_clear(void **state)
{
    (void)state;
    for (size_t i = 0; i < SAMPLES; i++)
        assert_language(samples[i].text, strcmp(samples[i].code, "en") == 0 ? "fr-FR" : "en-GB", samples[i].code);
}

static void a_claim_decides_where_the_text_leaves_it_open(void **state)
{
    (void)state;
    assert_language("la casa", NULL, "und");
    assert_language("la casa", "es-MX", "es");
    assert_language("la casa", "it", "it");
    assert_language("la casa", "ru", "und");
}

static void languages_that_the_model_does_not_know_are_not_named(void **state)
{
    (void)state;
    assert_language("ᐊᑕᓂᕐᕆᐅᔪᑦ ᐅᑭᐊᒃᓵᒥ ᑮᓇᐅᔭᓕᐅᕈᑎᓂᒃ ᐅᖃᐅᓯᖃᕐᓂᐊᖅᑐᑦ.", NULL, "und");
    assert_language("Ngharro vusht ekmnal ti rruq shemmaz olpeki drunn gathvel msuppi hroq zilvent aggosh.", NULL, "und");
}

static void chinese_says_how_it_is_written(void **state)
{
    const struct article *article = judge("政府將在秋季討論新的預算，發言人週一在首都表示。", NULL);

    (void)state;
    assert_string_equal(code(article->language), "zh");
    assert_int_equal(article->language.script, SCRIPT_HANT);
    assert_int_equal(article->lines[0].language.script, SCRIPT_HANT);
    assert_int_equal(judge(sample("zh"), NULL)->language.script, SCRIPT_HANS);
    assert_int_equal(judge(sample("ja"), NULL)->language.script, SCRIPT_HANI);
}

static void serbian_is_known_in_both_scripts(void **state)
{
    (void)state;
    assert_language("Влада ће следеће недеље разматрати нови буџет, рекла је портпаролка у Београду.", NULL, "sr");
    assert_language("Vlada će sledeće nedelje razmatrati novi budžet, rekla je portparolka u Beogradu.", NULL, "sr");
    assert_language("Vlada će sljedeći tjedan raspravljati o novom proračunu, izvijestila je glasnogovornica.", NULL, "hr");
}

static void nothing_to_judge_is_undetermined(void **state)
{
    (void)state;
    assert_language("", NULL, "und");
    assert_language("12:30 +++ 5.000 %", "de", "und");
    assert_language("https://www.example.org/der-die-das @die_zeit #heute", NULL, "und");
    assert_language("Xq", NULL, "und");
    assert_language("qwzx vbnmk xjqpw zzkfh qqrtx wvbzk ppxqj", NULL, "und");
}

static void capitals_links_and_handles_do_not_mislead(void **state)
{
    (void)state;
    assert_language("DIE REGIERUNG WILL IM HERBST ÜBER DEN NEUEN HAUSHALT BERATEN", NULL, "de");
    assert_language("THE GOVERNMENT WILL DISCUSS THE NEW BUDGET IN THE AUTUMN", NULL, "en");
    assert_language("ПРАВИТЕЛЬСТВО ОБСУДИТ НОВЫЙ БЮДЖЕТ ОСЕНЬЮ", NULL, "ru");
    assert_language("Das ist gut @the_white_house #breakingnews https://example.com/what-the-people-say-about-it", NULL, "de");
}

static void a_quotation_in_another_language_does_not_turn_the_article(void **state)
{
    const char *arabic = sample("ar"), *english = sample("en");
    char text[4096];
    const struct article *article;

    (void)state;
    snprintf(text, sizeof text, "%s\n%s\n%s", arabic, english, arabic);
    article = judge(text, NULL);
    assert_string_equal(code(article->language), "ar");
    assert_string_equal(code(article->lines[1].language), "en");
    assert_int_equal(article->language.script, SCRIPT_ARAB);
    snprintf(text, sizeof text, "Read more about this and other stories\n%s %s", sample("de"), sample("de"));
    assert_language(text, NULL, "de");
}

static void lines_of_other_languages_do_not_outvote_the_most_letters(void **state)
{
    static const char *const others[] = {"hi", "el", "ml", "ru", "zh", "tr"};

    (void)state;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        char text[4096];
        const struct article *article;

        snprintf(text, sizeof text, "%s\n%s\n%s\n%s\n%s\n", sample("de"), sample(others[i]), sample("de"), sample(others[i]),
                 sample("de"));
        article = judge(text, NULL);
        assert_string_equal(code(article->language), "de");
        assert_int_equal(article->language.script, SCRIPT_LATN);
        assert_string_equal(code(article->lines[1].language), others[i]);
        assert_string_equal(code(article->lines[2].language), "de");
    }
}

static void settling_counts_only_the_lines_that_are_kept(void **state)
{
    char text[4096];
    struct article *article;
    bool counts[3] = {false, true, false};

    (void)state;
    snprintf(text, sizeof text, "%s\n%s\n%s", sample("en"), sample("tr"), sample("en"));
    article = judge(text, NULL);
    assert_string_equal(code(article->language), "en");
    langid_settle(article, counts);
    assert_string_equal(code(article->language), "tr");
    article->n_pieces = 3;
    article->pieces = arena_zero(arena, 3 * sizeof *article->pieces);
    for (uint32_t i = 0; i < 3; i++)
        article->pieces[i] = (struct piece){.start = article->lines[i].start, .size = article->lines[i].size, .line = i,
                                            .fate = i == 1 ? FATE_TEXT : FATE_DROPPED};
    langid_settle(article, NULL);
    assert_string_equal(code(article->language), "tr");
    article->pieces[1].fate = FATE_DROPPED;
    langid_settle(article, NULL);
    assert_string_equal(code(article->language), "und");
}

static void many_lines_are_judged_in_bounded_work(void **state)
{
    size_t n = 20000, unit = strlen("Das ist eine Zeile.\n");
    char *text = malloc(n * unit + 1);
    const struct article *article;

    (void)state;
    assert_non_null(text);
    for (size_t i = 0; i < n; i++)
        memcpy(text + i * unit, "Das ist eine Zeile.\n", unit);
    text[n * unit - 1] = '\0';
    article = judge(text, NULL);
    assert_string_equal(code(article->language), "de");
    free(text);
}

static void refused(const char *what, long at, size_t size, const char *expected)
{
    struct damaged damaged = damaged_copy("langid/model.bin", at, size);
    struct table_source source = {.data_dir = damaged.folder};
    static const struct options options;
    struct stage_setup stage_setup = {&options, languages, &source};
    void *none = NULL;
    struct err err = {0};

    assert_int_equal(langid_stage.open(&stage_setup, &none, &err), STATUS_FATAL);
    assert_null(none);
    if (strstr(err.text, expected) == NULL)
        fail_msg("%s: '%s' lacks '%s'", what, err.text, expected);
    damaged_remove(&damaged);
}

static void a_damaged_model_is_refused_in_plain_words(void **state)
{
    (void)state;
    refused("magic", 0, 0, "not a language model");
    refused("version", 8, 0, "version");
    refused("cut", -1, 5000, "cut short");
    refused("flipped byte", 100000, 0, "checksum");
    refused("empty", -1, 3, "not a language model");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sentences_are_told_apart_with_their_neighbours),
        cmocka_unit_test(a_false_claim_changes_nothing_where_the_text_is_clear),
        cmocka_unit_test(a_claim_decides_where_the_text_leaves_it_open),
        cmocka_unit_test(languages_that_the_model_does_not_know_are_not_named),
        cmocka_unit_test(chinese_says_how_it_is_written),
        cmocka_unit_test(serbian_is_known_in_both_scripts),
        cmocka_unit_test(nothing_to_judge_is_undetermined),
        cmocka_unit_test(capitals_links_and_handles_do_not_mislead),
        cmocka_unit_test(a_quotation_in_another_language_does_not_turn_the_article),
        cmocka_unit_test(lines_of_other_languages_do_not_outvote_the_most_letters),
        cmocka_unit_test(settling_counts_only_the_lines_that_are_kept),
        cmocka_unit_test(many_lines_are_judged_in_bounded_work),
        cmocka_unit_test(a_damaged_model_is_refused_in_plain_words),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
