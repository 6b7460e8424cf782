/* cleanup: which lines stay, which go and why, and that pieces cover every line. */
#include "processors/cleanup/cleanup.h"
#include "processors/langid/langid.h"
#include "processors/text/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#define DATA_DIR TOCSIN_SOURCE_DIR "/processors/data"

/* The tables of the rooms up to cleanup, and one article. */
struct fixture {
    struct languages *languages;
    const struct stage *rooms[3];
    void *tables[3];
    void *scratch[3];
    struct arena *arena;
    struct article article;
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    struct options options = {.data_dir = DATA_DIR};
    struct table_source source = {.data_dir = DATA_DIR};
    struct err err = {0};
    struct stage_setup setup = {.options = &options, .source = &source};

    assert_int_equal(languages_open(&source, &fixture->languages, &err), STATUS_OK);
    setup.languages = fixture->languages;
    fixture->rooms[0] = &text_stage;
    fixture->rooms[1] = &langid_stage;
    fixture->rooms[2] = &cleanup_stage;
    for (int i = 0; i < 3; i++) {
        const struct stage *room = fixture->rooms[i];
        if (room->open != NULL && room->open(&setup, &fixture->tables[i], &err) != STATUS_OK)
            fail_msg("%s: %s", room->name, err.text);
        if (room->attach != NULL)
            assert_int_equal(room->attach(fixture->tables[i], &fixture->scratch[i], &err), STATUS_OK);
    }
    fixture->arena = arena_new(1 << 18, 16 << 20);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    for (int i = 0; i < 3; i++) {
        const struct stage *room = fixture->rooms[i];
        if (room->detach != NULL)
            room->detach(fixture->scratch[i]);
        if (room->close != NULL)
            room->close(fixture->tables[i]);
    }
    arena_free(fixture->arena);
    languages_close(fixture->languages);
    free(fixture);
    return 0;
}

/* Lays out title (NULL: none) and body as extract does. */
static void lay_out(struct fixture *fixture, const char *title, const char *body)
{
    struct article *article = &fixture->article;
    size_t title_size = title == NULL ? 0 : strlen(title), body_size = strlen(body), room = 2, size = 0;
    char *buffer;

    arena_reset(fixture->arena);
    *article = (struct article){.arena = fixture->arena};
    for (size_t i = 0; i < body_size; i++)
        room += body[i] == '\n';
    article->lines = arena_zero(fixture->arena, room * sizeof *article->lines);
    buffer = arena_alloc(fixture->arena, title_size + body_size + 2);
    if (title != NULL) {
        article->lines[article->n_lines++] = (struct line){.size = (uint32_t)title_size, .origin = LINE_TITLE};
        memcpy(buffer, title, title_size);
        buffer[title_size] = '\n';
        size = title_size + 1;
    }
    memcpy(buffer + size, body, body_size);
    buffer[size + body_size] = '\n';
    for (size_t start = size, end; start < size + body_size; start = end + 1) {
        end = (size_t)((char *)memchr(buffer + start, '\n', size + body_size + 1 - start) - buffer);
        if (end > start)
            article->lines[article->n_lines++] =
                (struct line){.start = (uint32_t)start, .size = (uint32_t)(end - start), .origin = LINE_BODY};
    }
    article->buffer = (struct view){buffer, size + body_size + 1};
}

/* Pieces cover each line from its first to its last byte, in order, and know their code points. */
static void check_pieces(const struct article *article)
{
    size_t piece = 0;
    uint32_t byte = 0, at = 0;

    for (uint32_t i = 0; i < article->n_lines; i++) {
        uint32_t end = article->lines[i].start;
        for (; piece < article->n_pieces && article->pieces[piece].line == i; piece++) {
            const struct piece *own = &article->pieces[piece];
            assert_int_equal(own->start, end);
            assert_true(own->size > 0);
            for (; byte < own->start; byte++)
                at += ((unsigned char)article->buffer.data[byte] & 0xc0) != 0x80;
            assert_int_equal(own->at, at);
            end = own->start + own->size;
        }
        assert_int_equal(end, article->lines[i].start + article->lines[i].size);
    }
    assert_int_equal(piece, article->n_pieces);
}

static void run_rooms(struct fixture *fixture)
{
    struct err err = {0};

    for (int i = 0; i < 3; i++)
        if (fixture->rooms[i]->run(fixture->tables[i], fixture->scratch[i], &fixture->article, &err) != STATUS_OK)
            fail_msg("%s: %s", fixture->rooms[i]->name, err.text);
    check_pieces(&fixture->article);
}

static struct article *cleaned(struct fixture *fixture, const char *title, const char *body)
{
    lay_out(fixture, title, body);
    run_rooms(fixture);
    return &fixture->article;
}

static const char *fate_name(const struct piece *piece)
{
    static const char *const names[] = {"text", "title", "author", "dateline", "agency"};

    return piece->fate == FATE_DROPPED ? drop_kind_name((enum drop_kind)piece->kind) : names[piece->fate];
}

/* "text title advert …": the fates in order. */
static void assert_fates(const struct article *article, const char *wanted)
{
    char got[512] = "";
    size_t n = 0;

    for (size_t i = 0; i < article->n_pieces && n < sizeof got; i++)
        n += (size_t)snprintf(got + n, sizeof got - n, "%s%s", i == 0 ? "" : " ", fate_name(&article->pieces[i]));
    assert_string_equal(got, wanted);
}

static void assert_piece(const struct article *article, size_t i, const char *wanted)
{
    struct view text = view_trim(view_slice(article->buffer, article->pieces[i].start, article->pieces[i].size));

    if (!view_is(text, wanted))
        fail_msg("piece %zu is '%.*s', not '%s'", i, VIEW_PRINT(text), wanted);
}

#define PROSE_1 "Die Verwaltung hat die Brücke am Montag nach einer Prüfung durch zwei Gutachter gesperrt."
#define PROSE_2 "Der Verkehr wird nach Angaben der Polizei bis zum Herbst über die Autobahn umgeleitet."

static void a_clean_article_stays_whole(void **state)
{
    assert_fates(cleaned(*state, "Brücke gesperrt", PROSE_1 "\n" PROSE_2), "title text text");
}

static void a_line_that_comes_again_is_dropped_once(void **state)
{
    assert_fates(cleaned(*state, "Brücke gesperrt", PROSE_1 "\n" PROSE_2 "\n" PROSE_1), "title text text repeated");
}

static void the_title_in_the_body_is_a_repetition_in_any_spelling(void **state)
{
    assert_fates(cleaned(*state, "Große Brücke gesperrt", "GROSSE BRÜCKE GESPERRT\n" PROSE_1), "title repeated text");
}

static void a_headline_in_the_body_becomes_the_title_only_if_there_is_none(void **state)
{
    const char *body = "Alte Brücke bleibt bis Herbst gesperrt\n" PROSE_1;

    assert_fates(cleaned(*state, NULL, body), "title text");
    assert_fates(cleaned(*state, "Meldung aus der Stadt", body), "title text text");
}

static void headlines_behind_a_label_go_up_to_the_next_sentence(void **state)
{
    assert_fates(cleaned(*state, "Brücke gesperrt",
                         PROSE_1 "\nLesen Sie auch\nWie Städte ihre Brücken prüfen\nPendler in Not?\n" PROSE_2),
                 "title text read_also read_also read_also text");
}

static void a_teaser_glued_into_a_paragraph_is_cut_at_its_sentence(void **state)
{
    const struct article *article = cleaned(*state, "Brücke gesperrt",
        "Die Brücke ist seit Montag zu.Lesen Sie auch: Streit um die Fähre.Die Pendler fahren weiter über Land.");

    assert_fates(article, "title text read_also text");
    assert_piece(article, 1, "Die Brücke ist seit Montag zu.");
    assert_piece(article, 2, "Lesen Sie auch: Streit um die Fähre.");
    assert_true((article->tokens[article->n_tokens - 1].flags & TOKEN_KEPT) != 0);
}

static void a_sentence_glued_to_the_teasers_last_word_stays(void **state)
{
    const struct article *article = cleaned(*state, "Fähre fährt wieder",
        "Die Fähre fährt wieder.Lesen Sie auch: Wie die alte Fähre auf YouTube funktioniertIm Sommer fährt sie öfter.");

    assert_fates(article, "title text read_also text");
    assert_piece(article, 2, "Lesen Sie auch: Wie die alte Fähre auf YouTube funktioniert");
    assert_piece(article, 3, "Im Sommer fährt sie öfter.");
}

static void headlines_of_other_pages_go_in_every_shape(void **state)
{
    assert_fates(cleaned(*state, "Brücke gesperrt", PROSE_1 "\n→ Markt am Samstag\n→ Zoo meldet Nachwuchs"),
                 "title text related_list related_list");
    assert_fates(cleaned(*state, "Brücke gesperrt",
                         "- Ein Teich wird tiefer - Neue Bänke im Park - Der Zoo meldet Nachwuchs\n" PROSE_1),
                 "title related_list text");
    assert_fates(cleaned(*state, "Brücke gesperrt", "Morgenblatt: Brücke gesperrt bis Herbst\n" PROSE_1),
                 "title text text");
    assert_fates(cleaned(*state, "Brücke gesperrt bis zum Herbst",
                         "Morgenblatt: Brücke gesperrt bis zum Herbst\n" PROSE_1),
                 "title repeated text");
}

static void prompts_are_known_by_their_words(void **state)
{
    assert_fates(cleaned(*state, "Brücke gesperrt",
                         PROSE_1 "\nAbonnieren Sie jetzt kostenlos unsere Newsletter, täglich in Ihrem Postfach\n" PROSE_2),
                 "title text newsletter text");
    assert_fates(cleaned(*state, "Netzwerke gesperrt",
                         "Facebook, Instagram und WhatsApp wurden gesperrt.\n" PROSE_1), "title text text");
    assert_fates(cleaned(*state, "Was Leser nervt",
                         "Leser klicken nach der Studie „Newsletter abonnieren“ und „Cookies akzeptieren“ weg, ohne beides zu lesen.\n"
                         PROSE_1), "title text text");
}

static void a_prompt_inside_a_long_paragraph_goes_alone(void **state)
{
    const struct article *article = cleaned(*state, "Brücke gesperrt",
        PROSE_1 " " PROSE_2 " Abonnieren Sie unseren Newsletter. Die Sanierung kostet nach einer ersten Schätzung vierzehn "
        "Millionen Euro, von denen das Land den größten Teil übernimmt, wie das Ministerium am Abend mitteilte.");

    assert_fates(article, "title text newsletter text");
    assert_piece(article, 2, "Abonnieren Sie unseren Newsletter.");
}

static void a_caption_glued_before_the_lead_leaves_the_lead(void **state)
{
    const struct article *article = cleaned(*state, "Brücke gesperrt",
        "Foto: Jo Muster/AFP. " PROSE_1 " " PROSE_2);

    assert_fates(article, "title caption text");
    assert_piece(article, 2, PROSE_1 " " PROSE_2);
}

#define OTHER_HEADLINE "Orchester spielt Sinfonie in der Kläranlage"
#define OTHER_1 "Das Orchester der Musikschule hat seine neue Sinfonie zwischen den Becken der Kläranlage uraufgeführt."
#define OTHER_2 "Dirigentin Ada Muster lobte die Akustik, das Publikum trug Gummistiefel und klatschte zwölf Minuten lang."

static void a_second_article_goes_and_a_section_of_the_first_stays(void **state)
{
    static const char first[] = PROSE_1 "\n" PROSE_2 "\n"
        "Gutachter hatten im Winter Risse in zwei Pfeilern der Brücke entdeckt, die den Verkehr gefährden.\n"
        "Die Sanierung der Pfeiler kostet vierzehn Millionen Euro, von denen das Land die Hälfte übernimmt.\n";
    char body[2048];

    snprintf(body, sizeof body, "%s" OTHER_HEADLINE "\n" OTHER_1 "\n" OTHER_2, first);
    assert_fates(cleaned(*state, "Brücke gesperrt", body),
                 "title text text text text other_article other_article other_article");
    snprintf(body, sizeof body, "%sWas Pendler wissen müssen\nPendler erreichen die Autobahn während der Sanierung über den "
             "Verkehr im Norden, teilte die Polizei am Montag mit.\nDie Verwaltung will die Brücke im Herbst wieder prüfen lassen, "
             "bevor der Verkehr zurückkehrt.", first);
    assert_fates(cleaned(*state, "Brücke gesperrt", body), "title text text text text text text text");
}

static void a_second_article_may_have_only_a_dateline_or_a_bold_name(void **state)
{
    static const char first[] = PROSE_1 "\n" PROSE_2 "\n"
        "Gutachter hatten im Winter Risse in zwei Pfeilern der Brücke entdeckt, die den Verkehr gefährden.\n";
    char body[2048];

    snprintf(body, sizeof body, "%s" "Kaltensee (nfa) – " OTHER_1 "\n" OTHER_2, first);
    assert_fates(cleaned(*state, "Brücke gesperrt", body), "title text text text other_article other_article");
    snprintf(body, sizeof body, "%s" "**Klangblatt**\n" OTHER_1 "\n" OTHER_2, first);
    assert_fates(cleaned(*state, "Brücke gesperrt", body), "title text text text other_article other_article other_article");
}

static void a_second_article_is_known_by_what_stands_above_it(void **state)
{
    static const char first[] = PROSE_1 "\n" PROSE_2 "\n"
        "Gutachter hatten im Winter Risse in zwei Pfeilern der Brücke entdeckt, die den Verkehr gefährden.\n";
    char body[2048];

    snprintf(body, sizeof body, "%s" OTHER_HEADLINE "\nVon Ada Muster\n" OTHER_1 "\n" OTHER_2, first);
    assert_fates(cleaned(*state, "Brücke gesperrt", body),
                 "title text text text other_article byline other_article other_article");
    snprintf(body, sizeof body, "%s" "KALTENSEE, 14. März (nfa) –\n" OTHER_1 "\n" OTHER_2, first);
    assert_fates(cleaned(*state, "Brücke gesperrt", body), "title text text text other_article other_article other_article");
    snprintf(body, sizeof body, "%s" "Lesen Sie auch\n" OTHER_HEADLINE "\n" OTHER_1 "\n" OTHER_2, first);
    assert_fates(cleaned(*state, "Brücke gesperrt", body),
                 "title text text text read_also read_also other_article other_article");
    snprintf(body, sizeof body, "%s" "Lesen Sie auch\n" OTHER_HEADLINE "\nDie Polizei leitet den Verkehr über die alte Brücke "
             "im Norden, bis die Gutachter fertig sind.", first);
    assert_fates(cleaned(*state, "Brücke gesperrt", body), "title text text text read_also read_also text");
}

static void rows_of_results_are_the_articles_own(void **state)
{
    assert_fates(cleaned(*state, "Lauf durch die Stadt",
                         PROSE_1 "\nDie Ersten im Ziel:\n1. Ada Muster 32:11\n2. Jo Beispiel 32:40\n3. Kai Probe 33:02\n"
                         "4. Lea Vorlage 33:15"),
                 "title text text text text text text");
}

static void what_closes_a_paragraph_goes_with_it(void **state)
{
    const struct article *article = cleaned(*state, "Brücke gesperrt", PROSE_1 "\n" PROSE_2 " (ab/cde)");

    assert_fates(article, "title text text credit");
    assert_piece(article, 2, PROSE_2);
    assert_fates(cleaned(*state, "Brücke gesperrt", PROSE_1 "\nDer Stadtrat will das im Herbst beraten (Vorlage 12)."),
                 "title text text");
    assert_fates(cleaned(*state, "Brücke gesperrt",
                         PROSE_1 "\n„So geht das nicht“ – Ada Muster\nAda Muster aus der Nordstadt sagte der Zeitung dazu: „So geht "
                         "das nicht weiter mit dem Verkehr.“"),
                 "title text repeated text");
}

static void an_article_about_prompts_keeps_its_paragraphs(void **state)
{
    assert_fates(cleaned(*state, "Was Leser abonnieren",
                         "Wer einen Newsletter abonniert, öffnet nach der Studie im Schnitt jeden fünften.\n"
                         "Gekündigt wird der Newsletter trotzdem selten, weil der Link zum Abmelden am Ende steht.\n"
                         "Die Verlage verschicken jeden Morgen kostenlose Newsletter an ihre Leser."),
                 "title text text text");
}

static void a_word_behind_an_apostrophe_is_no_glued_label(void **state)
{
    assert_fates(cleaned(*state, "Départ au large", "Le skipper a quitté le port ce matin et c’est le bateau voisin qui nous l’annonce."),
                 "title text");
}

static void a_dialogue_speaks_of_prompts(void **state)
{
    assert_fates(cleaned(*state, "Gespräch über das Netz",
                         "– Akzeptieren Sie Cookies, Newsletter und Werbung?\n" PROSE_1 "\n" PROSE_2), "title text text text");
}

static void headlines_with_times_are_a_list_and_a_ticker_is_not(void **state)
{
    assert_fates(cleaned(*state, "Brücke gesperrt",
                         "18:40 Zoo meldet Nachwuchs bei den Ottern\n18:22 Neue Bänke für den alten Park\n"
                         "17:58 Markt zieht auf den Platz am Hafen\n17:31 Wetter bleibt bis Freitag mild\n"
                         "17:02 Ein Teich wird tiefer\n" PROSE_1 "\n" PROSE_2),
                 "title related_list related_list related_list related_list related_list text text");
    assert_fates(cleaned(*state, "Ticker", "12:48 Die Fähre fährt wieder.\n12:40 Der Zug steht.\n12:31 Die Straße ist frei."),
                 "title text text text");
}

static void what_is_given_twice_goes_once(void **state)
{
    assert_fates(cleaned(*state, "Brücke gesperrt",
                         "Der Verkehr wird nach Angaben der Polizei bis zum Herbst...\n" PROSE_1 "\n" PROSE_2),
                 "title repeated text text");
    assert_fates(cleaned(*state, "Brücke gesperrt",
                         PROSE_1 "\n„nach einer Prüfung durch zwei Gutachter“\n" PROSE_2), "title text repeated text");
}

static void misspelt_arabic_labels_are_known(void **state)
{
    const char *const spellings[] = {"اقرأ أيضاً", "إقرأ أيضا", "أقرأ ايضا", "اقرا ايضا"};

    for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++) {
        char body[512];
        snprintf(body, sizeof body, "قالت الوزارة إن الموسم أقل من المتوقع.%s: أسعار الخبز ترتفع. والدعم مستمر.",
                 spellings[i]);
        assert_fates(cleaned(*state, "موسم القمح", body), "title text read_also text");
    }
}

static void an_advert_glued_to_the_last_sentence_goes_and_the_word_inside_stays(void **state)
{
    const char *body = PROSE_1 "Anzeige\nDie Anzeige ging am Montag bei der Polizei ein.";
    const struct article *article = cleaned(*state, "Brücke gesperrt", body);

    assert_fates(article, "title text advert text");
    assert_piece(article, 1, PROSE_1);
}

static void a_dateline_and_its_agency_move_to_their_fields(void **state)
{
    const char *body = "ISTANBUL, March 3 (Reuters) - Delegations met for two hours in the city on Thursday.";
    const struct article *article = cleaned(*state, "Talks go on", body);

    assert_fates(article, "title dateline agency text");
    assert_piece(article, 1, "ISTANBUL, March 3");
    assert_piece(article, 3, "Delegations met for two hours in the city on Thursday.");
}

static void a_byline_is_the_author_only_if_the_message_has_none(void **state)
{
    struct fixture *fixture = *state;

    assert_fates(cleaned(fixture, "Brücke gesperrt", "Von Karla Muster\n" PROSE_1), "title byline author text");
    lay_out(fixture, "Brücke gesperrt", "Von Karla Muster\n" PROSE_1);
    fixture->article.given.author = VIEW("Jo Beispiel");
    run_rooms(fixture);
    assert_fates(&fixture->article, "title byline text");
}

static void everything_behind_a_comment_form_goes_but_not_behind_a_button_above_the_text(void **state)
{
    assert_fates(cleaned(*state, "Brücke gesperrt",
                         PROSE_1 "\nSchreibe einen Kommentar\nIch finde, das war eine gute Entscheidung."),
                 "title text comment_form comment_form");
    assert_fates(cleaned(*state, "Brücke gesperrt", "Kommentar schreiben\n" PROSE_1 "\n" PROSE_2),
                 "title comment_form text text");
}

static void a_text_never_becomes_empty(void **state)
{
    assert_fates(cleaned(*state, NULL, "Weiterlesen"), "text");
    assert_fates(cleaned(*state, "Brücke gesperrt", "Brücke gesperrt"), "title text");
    assert_fates(cleaned(*state, NULL, "Anzeige\nDer Hafen ist wieder offen. Foto: Muster/dpa"), "advert text");
}

static void ticker_entries_refrains_and_results_stay(void **state)
{
    assert_fates(cleaned(*state, "Ticker", "12:48 Uhr\n12:40 Uhr\n12:31 Uhr\n" PROSE_1), "title text text text text");
    assert_fates(cleaned(*state, "Lied",
                         "der Wind steht auf\nwir fahren aus\ndas Netz ist leer\nwir fahren aus\nam Ufer brennt Licht"),
                 "title text text text text text");
    assert_fates(cleaned(*state, "Ergebnisse",
                         PROSE_1 "\nKiel – Flensburg 28:27\nMelsungen – Berlin 24:24\nErlangen – Kiel 30:29"),
                 "title text text text text");
}

static void markup_says_what_plain_lines_cannot(void **state)
{
    struct fixture *fixture = *state;

    lay_out(fixture, "Brücke gesperrt", "Wetter heute\n" PROSE_1);
    fixture->article.lines[1].block = BLOCK_NAVIGATION;
    run_rooms(fixture);
    assert_fates(&fixture->article, "title navigation text");
    lay_out(fixture, "Brücke gesperrt", PROSE_1 "\nDas Wetter für morgen");
    fixture->article.lines[2].link_percent = 100;
    fixture->article.lines[2].hint = VIEW("sidebar related-box");
    run_rooms(fixture);
    assert_fates(&fixture->article, "title text related_list");
}

static void prose_needs_more_than_a_hint(void **state)
{
    assert_fates(cleaned(*state, "Machine translation",
                         "The ministry has tested machine translation in its archive for two years and will now stop."),
                 "title text");
    assert_fates(cleaned(*state, "Abo",
                         "Updated on the spot by its own staff, the map of the old town hangs in the hall again."),
                 "title text");
}

static void only_kept_tokens_carry_the_flag(void **state)
{
    const struct article *article = cleaned(*state, "Brücke gesperrt", PROSE_1 "\nAnzeige");

    for (size_t i = 0; i < article->n_tokens; i++)
        assert_int_equal((article->tokens[i].flags & TOKEN_KEPT) != 0, article->tokens[i].line != 2);
}

static void empty_and_wordless_articles_pass(void **state)
{
    assert_fates(cleaned(*state, NULL, ""), "");
    assert_fates(cleaned(*state, "Nur ein Titel", ""), "title");
    assert_fates(cleaned(*state, NULL, "***\n---"), "markup markup");
}

static double seconds_for(struct fixture *fixture, const char *line, size_t times)
{
    size_t size = strlen(line);
    char *body = malloc(size * times + 1);
    struct timespec start, end;

    for (size_t i = 0; i < times; i++)
        memcpy(body + i * size, line, size);
    body[size * times] = '\0';
    lay_out(fixture, NULL, body);
    free(body);
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &start);
    run_rooms(fixture);
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);
    return (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) * 1e-9;
}

/* Ten times the text may take ten times as long, with room for caches; quadratic would be a hundred times. */
static void hostile_repetition_takes_linear_time(void **state)
{
    const char *const lines[] = {"Dieselbe Zeile noch einmal\n", "Lesen Sie auch: ", "Foto: dpa (AFP) / ",
                                 "( Lesen Sie auch: x ", "Leave a Reply\nLesen Sie auch\n", "Satz. Anzeige "};

    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        double small, large;
        seconds_for(*state, lines[i], 30000);
        small = seconds_for(*state, lines[i], 3000);
        large = seconds_for(*state, lines[i], 30000);
        if (large > small * 40 + 0.05)
            fail_msg("'%s': %.3f s for 3,000, %.3f s for 30,000", lines[i], small, large);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_clean_article_stays_whole),
        cmocka_unit_test(a_line_that_comes_again_is_dropped_once),
        cmocka_unit_test(the_title_in_the_body_is_a_repetition_in_any_spelling),
        cmocka_unit_test(a_headline_in_the_body_becomes_the_title_only_if_there_is_none),
        cmocka_unit_test(headlines_behind_a_label_go_up_to_the_next_sentence),
        cmocka_unit_test(a_teaser_glued_into_a_paragraph_is_cut_at_its_sentence),
        cmocka_unit_test(a_sentence_glued_to_the_teasers_last_word_stays),
        cmocka_unit_test(headlines_of_other_pages_go_in_every_shape),
        cmocka_unit_test(prompts_are_known_by_their_words),
        cmocka_unit_test(a_prompt_inside_a_long_paragraph_goes_alone),
        cmocka_unit_test(a_caption_glued_before_the_lead_leaves_the_lead),
        cmocka_unit_test(a_second_article_goes_and_a_section_of_the_first_stays),
        cmocka_unit_test(a_second_article_may_have_only_a_dateline_or_a_bold_name),
        cmocka_unit_test(a_second_article_is_known_by_what_stands_above_it),
        cmocka_unit_test(rows_of_results_are_the_articles_own),
        cmocka_unit_test(what_closes_a_paragraph_goes_with_it),
        cmocka_unit_test(an_article_about_prompts_keeps_its_paragraphs),
        cmocka_unit_test(a_word_behind_an_apostrophe_is_no_glued_label),
        cmocka_unit_test(a_dialogue_speaks_of_prompts),
        cmocka_unit_test(headlines_with_times_are_a_list_and_a_ticker_is_not),
        cmocka_unit_test(what_is_given_twice_goes_once),
        cmocka_unit_test(misspelt_arabic_labels_are_known),
        cmocka_unit_test(an_advert_glued_to_the_last_sentence_goes_and_the_word_inside_stays),
        cmocka_unit_test(a_dateline_and_its_agency_move_to_their_fields),
        cmocka_unit_test(a_byline_is_the_author_only_if_the_message_has_none),
        cmocka_unit_test(everything_behind_a_comment_form_goes_but_not_behind_a_button_above_the_text),
        cmocka_unit_test(a_text_never_becomes_empty),
        cmocka_unit_test(ticker_entries_refrains_and_results_stay),
        cmocka_unit_test(markup_says_what_plain_lines_cannot),
        cmocka_unit_test(prose_needs_more_than_a_hint),
        cmocka_unit_test(only_kept_tokens_carry_the_flag),
        cmocka_unit_test(empty_and_wordless_articles_pass),
        cmocka_unit_test(hostile_repetition_takes_linear_time),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
