#include "processors/escalation/escalation.h"
#include "processors/knowledge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct knowledge *knowledge;
static struct arena *arena;
static struct article article;

static int setup(void **state)
{
    struct options options = {.data_dir = TOCSIN_SOURCE_DIR "/processors/data", .escalation_tables_only = true};
    struct err err = {0};

    (void)state;
    if (knowledge_open(&options, &knowledge, &err) != STATUS_OK) {
        print_error("%s\n", err.text);
        return -1;
    }
    arena = arena_new(1 << 16, 1 << 20);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    knowledge_unref(knowledge);
    arena_free(arena);
    return 0;
}

static void room_run(struct knowledge *with, const char *name)
{
    for (size_t i = 0; i < STAGES; i++) {
        void *scratch = NULL;
        struct err err = {0};

        if (strcmp(stage_order[i]->name, name) != 0)
            continue;
        if (stage_order[i]->attach != NULL)
            assert_int_equal(stage_order[i]->attach(knowledge_tables(with, i), &scratch, &err), STATUS_OK);
        assert_int_equal(stage_order[i]->run(knowledge_tables(with, i), scratch, &article, &err), STATUS_OK);
        if (scratch != NULL)
            stage_order[i]->detach(scratch);
    }
}

/* A title (may be "") and a body of one line, through text, entities and escalation. */
static void read_with(struct knowledge *with, const char *language, const char *title, const char *body)
{
    struct line *lines;

    arena_reset(arena);
    lines = arena_zero(arena, 2 * sizeof *lines);
    article = (struct article){.arena = arena, .lines = lines, .n_lines = 2};
    article.given.published_ms = 1767225600000; /* 2026 */
    article.buffer = arena_print(arena, "%s\n%s\n", title, body);
    lines[0] = (struct line){.size = (uint32_t)strlen(title), .origin = LINE_TITLE};
    lines[1] = (struct line){.start = lines[0].size + 1, .size = (uint32_t)strlen(body), .origin = LINE_BODY};
    article.language.language = language_of(knowledge_languages(with), view_of(language));
    room_run(with, "text");
    room_run(with, "entities");
    room_run(with, "escalation");
}

static void read_text(const char *language, const char *body)
{
    read_with(knowledge, language, "", body);
}

static void expect_one(enum event_kind kind, enum event_mode mode, const char *words)
{
    struct view found;

    assert_int_equal(article.n_events, 1);
    assert_string_equal(event_kind_name((enum event_kind)article.events[0].kind), event_kind_name(kind));
    assert_string_equal(event_mode_name((enum event_mode)article.events[0].mode), event_mode_name(mode));
    assert_int_equal(article.events[0].direction,
                     event_kind_escalates(kind) ? DIRECTION_ESCALATION : DIRECTION_DEESCALATION);
    found = view_slice(article.buffer, article.events[0].start, article.events[0].size);
    assert_true(found.size == strlen(words) && memcmp(found.data, words, found.size) == 0);
}

static void a_language_without_tables_is_said_to_be_unsupported(void **state)
{
    (void)state;
    read_text("pl", "Izrael zaatakował Iran.");
    assert_false(article.escalation_supported);
    assert_int_equal(article.n_events, 0);
    read_text("de", "Die Sonne scheint.");
    assert_true(article.escalation_supported);
    assert_int_equal(article.direction, DIRECTION_NONE);
}

static void deescalation_is_not_read_as_escalation(void **state)
{
    (void)state;
    read_text("de", "Die Deeskalation zwischen Katar und dem Iran überrascht viele.");
    expect_one(KIND_EASING, MODE_DONE, "Deeskalation zwischen");
    read_text("de", "Der Deeskalationskurs Ägyptens trägt Früchte.");
    expect_one(KIND_EASING, MODE_DONE, "Deeskalationskurs");
    read_text("ar", "تعمل قطر على خفض التصعيد.");
    assert_int_equal(article.n_events, 1);
    assert_int_equal(article.events[0].direction, DIRECTION_DEESCALATION);
}

static void a_compound_is_known_by_its_end_unless_its_left_part_makes_another_thing_of_it(void **state)
{
    (void)state;
    read_text("de", "Ein Mörserangriff der Armee weckte ein Dorf in Syrien.");
    expect_one(KIND_ATTACK, MODE_DONE, "Mörserangriff");
    read_text("de", "Der Titelangriff der Elf aus Spanien beginnt.");
    assert_int_equal(article.n_events, 0);
}

static void a_separable_verb_is_found_around_its_object(void **state)
{
    (void)state;
    read_text("de", "Russland greift die Ukraine an.");
    expect_one(KIND_ATTACK, MODE_DONE, "greift die Ukraine an");
    read_text("de", "Russland greift die Ukraine nicht an.");
    assert_int_equal(article.events[0].direction, DIRECTION_DEESCALATION);
    read_text("de", "Russland greift die Ukraine an der Grenze der Möglichkeiten unter die Arme.");
    assert_int_equal(article.n_events, 0);
}

static void prevention_turns_and_a_negation_of_it_turns_back(void **state)
{
    (void)state;
    read_text("de", "Frankreich konnte den Einmarsch in Mali verhindern.");
    assert_int_equal(article.n_events, 1);
    assert_int_equal(article.events[0].kind, KIND_PREVENTION);
    read_text("de", "Frankreich konnte den Einmarsch in Mali nicht verhindern.");
    assert_int_equal(article.n_events, 1);
    assert_int_equal(article.events[0].kind, KIND_INCURSION);
}

static void a_demand_to_stop_is_an_appeal(void **state)
{
    (void)state;
    read_text("en", "Norway called on Israel to stop its airstrikes.");
    assert_int_equal(article.n_events, 1);
    assert_int_equal(article.events[0].kind, KIND_APPEAL_RESTRAINT);
    assert_int_equal(article.events[0].mode, MODE_DEMANDED);
}

static void a_collapsed_truce_is_escalation(void **state)
{
    (void)state;
    read_text("en", "The ceasefire in Libya collapsed.");
    assert_int_equal(article.n_events, 1);
    assert_int_equal(article.events[0].kind, KIND_CEASEFIRE_VIOLATION);
    assert_int_equal(article.direction, DIRECTION_ESCALATION);
    assert_true(article.score > 0);
}

static void a_denied_act_leaves_nothing_a_denied_intention_restraint(void **state)
{
    (void)state;
    read_text("en", "Iran denied attacking the base in Iraq.");
    assert_int_equal(article.n_events, 0);
    read_text("en", "Iran denied planning an attack on Iraq.");
    assert_int_equal(article.n_events, 1);
    assert_int_equal(article.events[0].kind, KIND_RESTRAINT);
    assert_int_equal(article.events[0].mode, MODE_DENIED);
}

static void a_negated_past_leaves_nothing_at_a_clause_s_end_either(void **state)
{
    (void)state;
    read_text("de", "Israel sagt, dass die Armee den Iran nicht angegriffen habe.");
    assert_int_equal(article.n_events, 0);
    read_text("de", "Israel sagt, dass die Armee den Iran angegriffen habe.");
    assert_int_equal(article.n_events, 1);
    read_text("de", "Israel wies Vorwürfe zurück, wonach es den Iran angegriffen habe.");
    assert_int_equal(article.n_events, 0);
}

static void what_is_answered_has_happened_whatever_is_threatened(void **state)
{
    (void)state;
    read_text("en", "Iran vowed to respond to Israeli airstrikes.");
    assert_int_equal(article.events[article.n_events - 1].kind, KIND_ATTACK);
    assert_int_equal(article.events[article.n_events - 1].mode, MODE_DONE);
    read_text("en", "Iran vowed to launch airstrikes on Israel.");
    assert_int_not_equal(article.events[article.n_events - 1].mode, MODE_DONE);
}

static void talks_that_fail_over_a_truce_do_not_break_it(void **state)
{
    (void)state;
    read_text("en", "Talks between Iran and Israel over a ceasefire collapsed.");
    assert_int_equal(article.n_events, 1);
    assert_int_equal(article.events[0].kind, KIND_FAILED_DIPLOMACY);
}

static void the_verb_of_one_trigger_does_not_turn_the_next(void **state)
{
    (void)state;
    read_text("en", "Norway eased sanctions on Cuba and suspended sanctions on Syria.");
    assert_int_equal(article.n_events, 2);
    assert_int_equal(article.events[0].kind, KIND_RELIEF);
    assert_int_equal(article.events[1].kind, KIND_RELIEF);
}

static void the_accused_acts_and_not_who_accuses(void **state)
{
    static const char *const texts[][2] = {
        {"de", "Armenien warf Aserbaidschan vor, Dörfer beschossen zu haben."},
        {"de", "Armenien hat Aserbaidschan vorgeworfen, Dörfer beschossen zu haben."},
        {"en", "Armenia accused Azerbaijan of shelling villages."},
        {"ar", "اتهمت أرمينيا أذربيجان بقصف قرى حدودية."},
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        read_text(texts[i][0], texts[i][1]);
        assert_int_equal(article.n_events, 1);
        assert_int_equal(article.events[0].n_actors, 1);
        assert_string_equal(article.entities[article.events[0].actors[0]].country, "AZE");
    }
}

static void novels_and_reviews_tell_of_no_war(void **state)
{
    (void)state;
    read_text("en", "In the novel, France invades Norway and breaks the truce.");
    assert_int_equal(article.n_events, 0);
    read_text("de", "Der Film schildert den Einmarsch Frankreichs in Norwegen.");
    assert_int_equal(article.n_events, 0);
    read_text("de", "Der Regisseur lässt in seiner Inszenierung Frankreich Norwegen angreifen, das Ensemble jubelt.");
    assert_int_equal(article.n_events, 0);
}

static void a_trigger_counts_though_a_longer_phrase_began_with_it_in_vain(void **state)
{
    (void)state;
    read_text("de", "Der Iran lehnte Verhandlungen mit den USA ab.");
    assert_int_equal(article.n_events, 1);
    assert_int_equal(article.events[0].kind, KIND_FAILED_DIPLOMACY);
}

static void a_word_of_a_name_is_no_topic(void **state)
{
    (void)state;
    read_text("en", "The European Union imposed sanctions on Russia.");
    assert_int_equal(article.n_events, 1);
}

static void figures_of_speech_and_old_history_leave_nothing(void **state)
{
    (void)state;
    read_text("en", "He had a heart attack in Iran.");
    assert_int_equal(article.n_events, 0);
    read_text("en", "In 1812 France invaded Russia.");
    assert_int_equal(article.n_events, 0);
    read_text("en", "France invaded Russia.");
    assert_int_equal(article.n_events, 1);
}

static void an_arabic_future_is_announced(void **state)
{
    (void)state;
    read_text("ar", "سترسل أمريكا سفنا حربية إلى إيران.");
    assert_int_equal(article.n_events, 1);
    assert_int_equal(article.events[0].mode, MODE_ANNOUNCED);
}

static void actor_and_target_are_told_apart(void **state)
{
    (void)state;
    read_text("de", "Israel hat den Iran angegriffen.");
    assert_int_equal(article.n_events, 1);
    read_text("en", "Russia shelled positions in Ukraine.");
    assert_int_equal(article.n_events, 1);
    assert_int_equal(article.events[0].n_actors, 1);
    assert_string_equal(article.entities[article.events[0].actors[0]].country, "RUS");
    read_text("ar", "قصفت إسرائيل لبنان.");
    assert_int_equal(article.n_events, 1);
    assert_int_equal(article.events[0].n_targets, 1);
    assert_string_equal(article.entities[article.events[0].actors[0]].country, "ISR");
    assert_string_equal(article.entities[article.events[0].targets[0]].country, "LBN");
}

static void expect_parties(const char *language, const char *text, const char *actor, const char *target)
{
    read_text(language, text);
    assert_int_equal(article.n_events, 1);
    assert_int_equal(article.events[0].n_actors, 1);
    assert_int_equal(article.events[0].n_targets, 1);
    assert_string_equal(article.entities[article.events[0].actors[0]].country, actor);
    assert_string_equal(article.entities[article.events[0].targets[0]].country, target);
}

static void an_ending_tells_who_acts_whatever_the_order(void **state)
{
    (void)state;
    expect_parties("ru", "Израиль был атакован Ираном.", "IRN", "ISR");
    expect_parties("ru", "Вчера Россию атаковала Украина.", "UKR", "RUS");
    expect_parties("uk", "Ізраїль був атакований Іраном.", "IRN", "ISR");
    expect_parties("tr", "Dün Rusya'yı Ukrayna vurdu.", "UKR", "RUS");
}

static void a_mark_tells_a_verb_from_a_noun(void **state)
{
    (void)state;
    expect_parties("es", "Rusia bombardeó Ucrania.", "RUS", "UKR");
}

/* Ninety words on a game, with states in it and words of war. */
static void a_long_report_on_a_game_raises_no_alarm(void **state)
{
    (void)state;
    read_text("en",
              "France and Germany met in the stadium on Sunday, and the attack of the French bombarded the goal from the kick-off. "
              "The coach of Germany had moved his defenders back, but the striker broke through the wall after ten minutes and scored. "
              "The fans sang, the referee blew his whistle, and the match went on as a siege of the penalty area. "
              "After the break the German goalkeeper saved three shots, then the midfielder launched a counter-attack and the "
              "league's best scorer shot the ball past the post. A truce never came: the cup final ended in a battle of penalties.");
    assert_int_equal(article.n_events, 0);
    read_text("en", "France bombarded Germany.");
    assert_int_equal(article.n_events, 1);
}

static void a_town_is_where_things_happen_and_not_who_does_them(void **state)
{
    (void)state;
    read_text("en", "In the morning Kharkiv was quiet, but artillery shelled Odesa from the sea.");
    assert_true(article.n_events > 0);
    for (size_t i = 0; i < article.n_events; i++)
        assert_int_equal(article.events[i].n_actors, 0);
    read_text("en", "Bakhmut fell; Russia shelled Kharkiv for hours.");
    assert_true(article.n_events > 0);
    for (size_t i = 0; i < article.n_events; i++)
        for (size_t k = 0; k < article.events[i].n_actors; k++)
            assert_string_equal(article.entities[article.events[i].actors[k]].country, "RUS");
}

static void the_title_counts_double_and_both_sides_make_it_mixed(void **state)
{
    float alone;

    (void)state;
    read_text("en", "Israel and Lebanon agreed to a ceasefire.");
    assert_int_equal(article.direction, DIRECTION_DEESCALATION);
    alone = article.score;
    read_with(knowledge, "en", "Israel and Lebanon agree to a ceasefire", "The rest of it follows.");
    assert_true(article.score < alone);
    read_text("en", "Israel and Lebanon agreed to a ceasefire. Russia bombed Ukraine.");
    assert_int_equal(article.direction, DIRECTION_MIXED);
}

static void dropped_tokens_are_not_read(void **state)
{
    struct piece piece = {0};

    (void)state;
    read_text("en", "Russia bombed Ukraine.");
    assert_int_equal(article.n_events, 1);
    article.pieces = &piece;
    article.n_pieces = 1; /* and no token is marked as kept */
    room_run(knowledge, "escalation");
    assert_int_equal(article.n_events, 0);
}

static void the_work_is_bounded_for_a_sentence_without_end(void **state)
{
    static const char words[] = "attack not Iran nor USA ";
    const size_t n_words = sizeof words - 1;
    size_t size = 2 << 20;
    char *body = malloc(size + 1);

    (void)state;
    size -= size % n_words;
    for (size_t i = 0; i < size; i += n_words)
        memcpy(body + i, words, n_words);
    body[size] = '\0';
    read_text("en", body);
    assert_true(article.n_events > 0);
    for (size_t i = 1; i < article.n_events; i++)
        assert_true(article.events[i - 1].first_token <= article.events[i].first_token);
    free(body);
}

/* ---- tables ----------------------------------------------------------------------------------------------------- */

#define TRIGGER_COLUMNS "phrase\tkind\tmode\tweight\tneeds\troles\n"

static char overlay[64];

static void overlay_write(const char *name, const char *content)
{
    char path[128];
    FILE *file;

    snprintf(path, sizeof path, "%s/escalation/%s", overlay, name);
    file = fopen(path, "w");
    assert_non_null(file);
    fputs(content, file);
    fclose(file);
}

static void overlay_remove(const char *name)
{
    char path[128];

    snprintf(path, sizeof path, "%s/escalation/%s", overlay, name);
    unlink(path);
}

static enum status open_with_overlay(struct knowledge **ret_knowledge, struct err *err)
{
    struct options options = {.data_dir = TOCSIN_SOURCE_DIR "/processors/data", .overlay_dir = overlay};

    return knowledge_open(&options, ret_knowledge, err);
}

static void an_overlay_adds_a_language_and_takes_rows_away(void **state)
{
    struct knowledge *other;
    struct err err = {0};

    (void)state;
    overlay_write("pl.tsv", TRIGGER_COLUMNS "rozejm\tceasefire\tdone\t0.9\tnothing\tboth\n");
    overlay_write("en.tsv", TRIGGER_COLUMNS "-persona non grata\n");
    assert_int_equal(open_with_overlay(&other, &err), STATUS_OK);
    read_with(other, "pl", "", "Rozejm: Liban i Izrael.");
    assert_true(article.escalation_supported);
    assert_int_equal(article.n_events, 1);
    read_with(other, "en", "", "In Libya he is persona non grata.");
    assert_int_equal(article.n_events, 0);
    knowledge_unref(other);
    overlay_remove("pl.tsv");
    overlay_remove("en.tsv");
}

static void expect_refused(const char *name, const char *content, const char *reason)
{
    struct knowledge *other;
    struct err err = {0};

    overlay_write(name, content);
    assert_int_equal(open_with_overlay(&other, &err), STATUS_FATAL);
    assert_non_null(strstr(err.text, reason));
    assert_non_null(strstr(err.text, name));
    overlay_remove(name);
}

static void a_bad_row_is_refused_with_file_and_line(void **state)
{
    (void)state;
    expect_refused("en.tsv", TRIGGER_COLUMNS "x\tnothing\tdone\t1\tnothing\tnoun\n", ":2: there is no kind");
    expect_refused("en.tsv", TRIGGER_COLUMNS "x\tattack\tdone\t7\tnothing\tnoun\n", "from 0 to 1");
    expect_refused("en.tsv", TRIGGER_COLUMNS "x+zzz\tattack\tdone\t1\tnothing\tnoun\n", "no class 'zzz'");
    expect_refused("en.tsv", TRIGGER_COLUMNS "x @zzz\tattack\tdone\t1\tnothing\tnoun\n", "no set 'zzz'");
    expect_refused("en.tsv", TRIGGER_COLUMNS "(x) (y)\tattack\tdone\t1\tnothing\tnoun\n", "no word");
    expect_refused("en.cues.tsv", "phrase\tcue\tside\treach\nx\tnegation\tbefore\tfar\n", "reach");
    expect_refused("ru.cues.tsv", "phrase\tcue\tside\treach\n*-ом/ом\tagent\tbefore\t0\n", "endings");
    expect_refused("en.context.tsv", "phrase\tcontext\n*x y\tfigure\n", "'*' is for phrases of one word");
    expect_refused("xx.tsv", TRIGGER_COLUMNS "", "no language 'xx'");
}

static int overlay_setup(void **state)
{
    char path[128];

    (void)state;
    strcpy(overlay, "/tmp/escalation_test.XXXXXX");
    if (mkdtemp(overlay) == NULL)
        return -1;
    snprintf(path, sizeof path, "%s/escalation", overlay);
    return mkdir(path, 0700);
}

static int overlay_teardown(void **state)
{
    char path[128];

    (void)state;
    snprintf(path, sizeof path, "%s/escalation", overlay);
    rmdir(path);
    return rmdir(overlay);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_language_without_tables_is_said_to_be_unsupported),
        cmocka_unit_test(deescalation_is_not_read_as_escalation),
        cmocka_unit_test(a_compound_is_known_by_its_end_unless_its_left_part_makes_another_thing_of_it),
        cmocka_unit_test(a_separable_verb_is_found_around_its_object),
        cmocka_unit_test(prevention_turns_and_a_negation_of_it_turns_back),
        cmocka_unit_test(a_demand_to_stop_is_an_appeal),
        cmocka_unit_test(a_collapsed_truce_is_escalation),
        cmocka_unit_test(a_denied_act_leaves_nothing_a_denied_intention_restraint),
        cmocka_unit_test(a_negated_past_leaves_nothing_at_a_clause_s_end_either),
        cmocka_unit_test(what_is_answered_has_happened_whatever_is_threatened),
        cmocka_unit_test(talks_that_fail_over_a_truce_do_not_break_it),
        cmocka_unit_test(the_verb_of_one_trigger_does_not_turn_the_next),
        cmocka_unit_test(the_accused_acts_and_not_who_accuses),
        cmocka_unit_test(novels_and_reviews_tell_of_no_war),
        cmocka_unit_test(a_trigger_counts_though_a_longer_phrase_began_with_it_in_vain),
        cmocka_unit_test(a_word_of_a_name_is_no_topic),
        cmocka_unit_test(figures_of_speech_and_old_history_leave_nothing),
        cmocka_unit_test(an_arabic_future_is_announced),
        cmocka_unit_test(actor_and_target_are_told_apart),
        cmocka_unit_test(an_ending_tells_who_acts_whatever_the_order),
        cmocka_unit_test(a_mark_tells_a_verb_from_a_noun),
        cmocka_unit_test(a_long_report_on_a_game_raises_no_alarm),
        cmocka_unit_test(a_town_is_where_things_happen_and_not_who_does_them),
        cmocka_unit_test(the_title_counts_double_and_both_sides_make_it_mixed),
        cmocka_unit_test(dropped_tokens_are_not_read),
        cmocka_unit_test(the_work_is_bounded_for_a_sentence_without_end),
        cmocka_unit_test_setup_teardown(an_overlay_adds_a_language_and_takes_rows_away, overlay_setup,
                                        overlay_teardown),
        cmocka_unit_test_setup_teardown(a_bad_row_is_refused_with_file_and_line, overlay_setup, overlay_teardown),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
