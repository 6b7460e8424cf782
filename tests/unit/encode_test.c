/* encode: fields out of pieces, places in them, and what happens at the limits. */
#include "processors/version.h"
#include "tests/unit/encode_play.h"

static int set_up_small(void **state)
{
    return set_up_with(state, (struct options){.output_max_bytes = 10000});
}

static int set_up_kinds(void **state)
{
    return set_up_with(state, (struct options){.output_dropped = DROPPED_KINDS});
}

/* ---- fields ------------------------------------------------------------------------------------------------------ */

static void whole_lines_are_the_text_if_there_are_no_pieces(void **state)
{
    json_t *root = encode(*state, "{\"title\":\"T\",\"body\":\"a\\n\\n\\nb\"}");

    assert_string(root, "schema", "tocsin.enriched/1");
    assert_string(root, "id", "o:news.raw/3/88121");
    assert_string(root, "title", "T");
    assert_string(root, "text", "a\n\nb");
    assert_string(root, "language.code", "und");
    assert_string(root, "url", NULL);
    assert_int_equal(json_array_size(at(root, "dropped")), 0);
    assert_null(at(root, "extra"));
    assert_string(root, "tocsin.version", PROCESSORS_VERSION);
    assert_string(root, "tocsin.processed_at", "2024-05-01T12:30:00.250Z");
    assert_int_equal(strlen(json_string_value(at(root, "tocsin.lexicon"))), 16);
    json_decref(root);
}

static void a_title_alone_has_an_empty_text(void **state)
{
    json_t *root = encode(*state, "{\"title\":\"T\"}");

    assert_string(root, "text", "");
    json_decref(root);
}

static void play_pieces(struct article *article)
{
    cut_piece(article, "Tïtel", FATE_TITLE, DROP_NONE);
    cut_piece(article, "Von A. B.", FATE_AUTHOR, DROP_NONE);
    cut_piece(article, "Köln (dpa) – ", FATE_DATELINE, DROP_NONE);
    cut_piece(article, "Erster Satz.", FATE_TEXT, DROP_NONE);
    cut_piece(article, "Lesen Sie auch: X ", FATE_DROPPED, DROP_READ_ALSO);
    cut_piece(article, "Zweiter", FATE_TEXT, DROP_NONE);
    cut_piece(article, " [ad_1]", FATE_DROPPED, DROP_MARKUP);
    cut_piece(article, ".", FATE_TEXT, DROP_NONE);
    cut_piece(article, "Anzeige", FATE_DROPPED, DROP_ADVERT);
    cut_piece(article, "Dritter Über", FATE_TEXT, DROP_NONE);
    cut_piece(article, "gang.", FATE_TEXT, DROP_NONE);
    cut_piece(article, "(dpa)", FATE_AGENCY, DROP_NONE);
    add_entity(article, "Q365", "Cologne", "DEU", false);
    add_entity(article, NULL, "Übergang", "", false);
    add_entity(article, "Q1", "nowhere", "", false);
    add_name(article, 2, "Lesen", 0);     /* in a dropped piece */
    add_name(article, 0, "Zweiter", 0);
    add_name(article, 1, "Über", 0);
    add_name(article, 1, "Übergang", 0); /* across two pieces: it has no place */
    add_name(article, 0, "gang", 0);
}

static const char pieces_message[] =
    "{\"id\":\"1\",\"title\":\"Tïtel\",\"body\":\"Von A. B.\\nKöln (dpa) – Erster Satz.Lesen Sie auch: X "
    "Zweiter [ad_1].\\n"
                                     "Anzeige\\nDritter Übergang.\\n(dpa)\"}";

static void pieces_go_to_their_fields(void **state)
{
    json_t *root;

    play = play_pieces;
    root = encode(*state, pieces_message);
    assert_string(root, "title", "Tïtel");
    assert_string(root, "author", "Von A. B.");
    assert_string(root, "dateline", "Köln (dpa)");
    assert_string(root, "agency", "dpa");
    assert_string(root, "text", "Erster Satz. Zweiter.\n\nDritter Übergang.");
    assert_int_equal(json_array_size(at(root, "dropped")), 3);
    assert_string(root, "dropped.0.kind", "read_also");
    assert_string(root, "dropped.0.text", "Lesen Sie auch: X");
    assert_int_equal(json_integer_value(at(root, "dropped.0.at")), 12);
    assert_int_equal(json_integer_value(at(root, "dropped.1.at")), 20);
    assert_string(root, "dropped.2.kind", "advert");
    assert_int_equal(json_integer_value(at(root, "dropped.2.at")), 21);
    json_decref(root);
}

static void names_keep_their_places(void **state)
{
    json_t *root;

    play = play_pieces;
    root = encode(*state, pieces_message);
    assert_int_equal(json_array_size(at(root, "entities")), 2); /* the third is named in a dropped piece only */
    assert_string(root, "entities.0.id", "Q365");
    assert_string(root, "entities.0.country", "DEU");
    assert_int_equal(json_array_size(at(root, "entities.0.mentions")), 2);
    assert_cuts(root, "entities.0.mentions.0", "text", "Zweiter");
    assert_cuts(root, "entities.0.mentions.1", "text", "gang");
    assert_true(json_is_null(at(root, "entities.1.id")));
    assert_null(at(root, "entities.1.country"));
    assert_int_equal(json_array_size(at(root, "entities.1.mentions")), 1);
    assert_cuts(root, "entities.1.mentions.0", "text", "Über");
    json_decref(root);
}

static void the_given_author_wins(void **state)
{
    json_t *root;

    play = play_pieces;
    root = encode(*state,
                  "{\"author\":\"C. D.&amp;\",\"title\":\"Tïtel\",\"body\":\"Von A. B.\\nKöln (dpa) – Erster "
                  "Satz.Lesen Sie auch: X Zweiter [ad_1]."
                          "\\nAnzeige\\nDritter Übergang.\\n(dpa)\"}");
    assert_string(root, "author", "C. D.&");
    json_decref(root);
}

static void dropped_may_be_kinds_only(void **state)
{
    json_t *root;

    play = play_pieces;
    root = encode(*state, pieces_message);
    assert_string(root, "dropped.0.kind", "read_also");
    assert_string(root, "dropped.0.text", NULL);
    json_decref(root);
}

/* ---- limits ------------------------------------------------------------------------------------------------------ */

static size_t drop_from; /* lines from here on are dropped */

static void play_drops(struct article *article)
{
    article->pieces = ARENA_ARRAY(article->arena, struct piece, article->n_lines);
    for (size_t i = 0; i < article->n_lines; i++)
        article->pieces[article->n_pieces++] = (struct piece){.start = article->lines[i].start, .size =
                                                              article->lines[i].size, .line = (uint32_t)i,
            .at = article->lines[i].start, .fate = i < drop_from ? FATE_TEXT : FATE_DROPPED, .kind = DROP_SHARE};
}

/* body: lines of 99 letters; extra: one string. */
static void make_message(char *value, int n_lines, int extra_size)
{
    value += sprintf(value, "{\"body\":\"");
    for (int i = 0; i < n_lines; i++)
        value += sprintf(value, "%099d\\n", i);
    sprintf(value, "\",\"x\":\"%0*d\"}", extra_size, 7);
}

static void too_much_sheds_dropped_then_extra_then_is_refused(void **state)
{
    struct rooms *rooms = *state;
    char *value = malloc(100000);
    json_t *root;

    play = play_drops;
    drop_from = 10;
    make_message(value, 30, 1000);
    root = encode(rooms, value);
    assert_int_equal(json_array_size(at(root, "dropped")), 20);
    assert_null(at(root, "tocsin.warnings"));
    json_decref(root);

    make_message(value, 120, 1000);
    root = encode(rooms, value);
    assert_int_equal(json_array_size(at(root, "dropped")), 0);
    assert_non_null(at(root, "extra.x"));
    assert_int_equal(json_array_size(at(root, "tocsin.warnings")), 1);
    assert_true(rooms->article.encoded.size <= 10000);
    json_decref(root);

    make_message(value, 120, 20000);
    root = encode(rooms, value);
    assert_null(at(root, "extra"));
    assert_int_equal(json_array_size(at(root, "tocsin.warnings")), 2);
    json_decref(root);

    drop_from = 120;
    make_message(value, 120, 1);
    assert_int_equal(rooms_run_text(rooms, value), STATUS_REJECT);
    assert_string_equal(rooms->err.reason, "oversized");
    free(value);
}

static void play_long_sentence(struct article *article)
{
    add_event(article, KIND_ATTACK, "Angriff", 0);
    add_event(article, KIND_ATTACK, "Angriff", 500);
    add_event(article, KIND_ATTACK, "Angriff", 999);
}

static void a_sentence_without_end_is_cut_round_its_trigger(void **state)
{
    char value[20000] = "{\"body\":\"", *to = value + strlen(value);
    json_t *root;

    for (int i = 0; i < 1000; i++)
        to += sprintf(to, "Über %d Angriff ", i);
    strcpy(to, "\"}");
    play = play_long_sentence;
    root = encode(*state, value);
    for (size_t i = 0; i < 3; i++) {
        json_t *sentence = json_object_get(json_array_get(at(root, "escalation.mentions"), i), "sentence");
        const char *neighbour = i == 0 ? "Über 0 Angriff" : i == 1 ? "Über 500 Angriff" : "Über 999 Angriff";
        assert_in_range(json_string_length(sentence), 450, ENCODE_SENTENCE_BYTES);
        assert_non_null(strstr(json_string_value(sentence), neighbour));
    }
    json_decref(root);
}

static void play_many(struct article *article)
{
    article->events = arena_zero(article->arena, 3000 * sizeof *article->events);
    for (uint32_t i = 0; i < article->n_tokens && article->n_events < 3000; i++) {
        const struct token *token = &article->tokens[i];
        article->events[article->n_events++] = (struct event){.direction = DIRECTION_ESCALATION, .first_token = i,
                                                              .n_tokens = 1, .start = token->start,
            .size = token->size, .at = token->at, .points = token->points, .sentence = token->sentence, .source = -1,
                .weight = 0.1f};
    }
}

static void mentions_are_limited(void **state)
{
    struct rooms *rooms = *state;
    char value[20000] = "{\"body\":\"", *to = value + strlen(value);

    for (int i = 0; i < 1500; i++)
        to += sprintf(to, "bomb. ");
    strcpy(to, "\"}");
    play = play_many;
    json_decref(encode(rooms, value));
    assert_int_equal(rooms->article.n_encoded_mentions, ENCODE_MENTIONS_MAX);
    assert_int_equal(rooms->article.given.n_warnings, 1);
}

/* ---- the release ------------------------------------------------------------------------------------------------- */

static void the_version_is_the_projects(void **state)
{
    FILE *file = fopen(TOCSIN_SOURCE_DIR "/CMakeLists.txt", "r");
    char line[300];
    bool found = false;

    (void)state;
    assert_non_null(file);
    while (!found && fgets(line, sizeof line, file) != NULL)
        found = strstr(line, "project(tocsin VERSION " PROCESSORS_VERSION " ") != NULL;
    fclose(file);
    assert_true(found);
}

int main(void)
{
#define TEST(name, up) cmocka_unit_test_setup_teardown(name, up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(whole_lines_are_the_text_if_there_are_no_pieces, set_up),
        TEST(a_title_alone_has_an_empty_text, set_up),
        TEST(pieces_go_to_their_fields, set_up),
        TEST(names_keep_their_places, set_up),
        TEST(the_given_author_wins, set_up),
        TEST(dropped_may_be_kinds_only, set_up_kinds),
        TEST(too_much_sheds_dropped_then_extra_then_is_refused, set_up_small),
        TEST(a_sentence_without_end_is_cut_round_its_trigger, set_up),
        TEST(mentions_are_limited, set_up),
        TEST(the_version_is_the_projects, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
