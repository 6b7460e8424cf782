/* encode: fields out of pieces, places in them, identities, parties, limits.  The rooms between are played by the test.
 * */
#include "processors/decode.h"
#include "processors/encode.h"
#include "processors/extract.h"
#include "processors/text.h"
#include "processors/utf8.h"
#include "processors/version.h"
#include "tests/unit/room.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

/* What the rooms between text and encode find: set by each test. */
static void (*play)(struct article *article);

static enum status play_run(const void *tables, void *scratch, struct article *article, struct err *err)
{
    (void)tables, (void)scratch, (void)err;
    if (play != NULL)
        play(article);
    return STATUS_OK;
}

static const struct stage play_stage = {.name = "play", .run = play_run};
static const struct stage *const rooms_wanted[] = {&decode_stage, &extract_stage, &text_stage, &play_stage,
                                                   &encode_stage, NULL};

static int set_up_with(void **state, struct options options)
{
    struct rooms *rooms = malloc(sizeof *rooms);

    rooms_open(rooms, rooms_wanted, options);
    play = NULL;
    *state = rooms;
    return 0;
}

static int set_up(void **state)
{
    return set_up_with(state, (struct options){0});
}

static int set_up_small(void **state)
{
    return set_up_with(state, (struct options){.output_max_bytes = 10000});
}

static int set_up_kinds(void **state)
{
    return set_up_with(state, (struct options){.output_dropped = DROPPED_KINDS});
}

static int tear_down(void **state)
{
    rooms_close(*state);
    free(*state);
    return 0;
}

static json_t *parse(struct view text)
{
    json_error_t error;
    json_t *root = json_loadb(text.data, text.size, 0, &error);

    if (root == NULL)
        fail_msg("%s in %.*s", error.text, VIEW_PRINT(text));
    return root;
}

static json_t *encode(struct rooms *rooms, const char *value)
{
    if (rooms_run_text(rooms, value) != STATUS_OK)
        fail_msg("%s", rooms->err.text);
    return parse(rooms->article.encoded);
}

/* "escalation.mentions.0.id" */
static json_t *at(json_t *node, const char *path)
{
    char copy[200], *rest = copy, *part;

    snprintf(copy, sizeof copy, "%s", path);
    while ((part = strsep(&rest, ".")) != NULL && node != NULL)
        node = json_is_array(node) ? json_array_get(node, (size_t)atoi(part)) : json_object_get(node, part);
    return node;
}

static void assert_string(json_t *node, const char *path, const char *expected)
{
    json_t *value = at(node, path);

    if (expected == NULL ? value != NULL : !json_is_string(value) || strcmp(json_string_value(value), expected) != 0)
        fail_msg("%s is '%s', expected '%s'", path, json_is_string(value) ? json_string_value(value) : "not there",
                 expected);
}

/* Do start and end of this object cut what it says out of its field? */
static void assert_cuts(json_t *root, const char *path, const char *name, const char *expected)
{
    json_t *mark = at(root, path);
    const char *field = json_string_value(at(root, json_string_value(json_object_get(mark, "in"))));
    json_int_t start = json_integer_value(json_object_get(mark, "start")), end =
        json_integer_value(json_object_get(mark, "end"));
    char cut[200];
    size_t size = 0;

    for (json_int_t point = 0; *field != '\0' && point < end; field++) {
        if (point >= start)
            cut[size++] = *field;
        point += utf8_is_start(field[1]);
    }
    cut[size] = '\0';
    assert_string(mark, name, expected);
    assert_string_equal(cut, expected);
}

/* ---- helpers that play the rooms --------------------------------------------------------------------------------- */

/* The nth time that word stands in the buffer. */
static uint32_t find(const struct article *article, const char *word, int nth)
{
    const char *begin = article->buffer.data, *hit = begin;

    for (int i = 0; i <= nth; i++, hit++) {
        hit = memmem(hit, article->buffer.size - (size_t)(hit - begin), word, strlen(word));
        if (hit == NULL)
            fail_msg("'%s' is not in the buffer", word);
    }
    return (uint32_t)(hit - 1 - begin);
}

static uint32_t points_before(const struct article *article, uint32_t byte)
{
    return (uint32_t)utf8_points(view_slice(article->buffer, 0, byte));
}

static void cut_piece(struct article *article, const char *text, enum fate fate, enum drop_kind kind)
{
    struct piece *piece;
    uint32_t start = article->n_pieces == 0 ? 0
        : article->pieces[article->n_pieces - 1].start + article->pieces[article->n_pieces - 1].size;

    if (article->n_pieces == 0)
        article->pieces = ARENA_ARRAY(article->arena, struct piece, 100);
    if (article->buffer.data[start] == '\n')
        start++;
    piece = &article->pieces[article->n_pieces++];
    *piece = (struct piece){.start = start, .size = (uint32_t)strlen(text), .at = points_before(article, start), .fate =
                            (uint8_t)fate, .kind = (uint8_t)kind};
    assert_memory_equal(article->buffer.data + start, text, strlen(text));
    while (article->lines[piece->line].start + article->lines[piece->line].size <= start)
        piece->line++;
}

static uint32_t add_entity(struct article *article, const char *id, const char *name, const char *country,
                           bool is_state)
{
    struct entity *entity;

    if (article->n_entities == 0)
        article->entities = ARENA_ARRAY(article->arena, struct entity, 20);
    entity = &article->entities[article->n_entities];
    *entity = (struct entity){.id = view_of(id), .name = view_of(name), .type = ENTITY_GPE, .is_state = is_state,
                              .confidence = 0.9f, .salience = 0.25f};
    snprintf(entity->country, sizeof entity->country, "%s", country);
    return (uint32_t)article->n_entities++;
}

static void add_name(struct article *article, uint32_t entity, const char *word, int nth)
{
    uint32_t start = find(article, word, nth);

    if (article->n_names == 0)
        article->names = ARENA_ARRAY(article->arena, struct name, 20);
    article->names[article->n_names++] = (struct name){
        .entity = entity, .start = start, .size = (uint32_t)strlen(word), .at = points_before(article, start),
        .points = (uint32_t)utf8_points(view_of(word)), .form = FORM_NAME,
    };
}

static struct event *add_event(struct article *article, enum event_kind kind, const char *word, int nth)
{
    uint32_t start = find(article, word, nth), first = 0;
    struct event *event;

    if (article->n_events == 0)
        article->events = ARENA_ARRAY(article->arena, struct event, 20);
    while (article->tokens[first].start < start)
        first++;
    event = &article->events[article->n_events++];
    *event = (struct event){
        .direction = event_kind_escalates(kind) ? DIRECTION_ESCALATION : DIRECTION_DEESCALATION, .kind = (uint8_t)kind,
            .mode = MODE_DONE,
        .weight = 0.6f, .first_token = first, .n_tokens = 1, .start = start, .size = (uint32_t)strlen(word), .source =
            -1,
        .at = points_before(article, start), .points = (uint32_t)utf8_points(view_of(word)), .sentence =
            article->tokens[first].sentence,
    };
    return event;
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
    assert_string(root, "dateline", "Köln (dpa) –");
    assert_string(root, "agency", "(dpa)");
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

/* ---- mentions ---------------------------------------------------------------------------------------------------- */

static void play_events(struct article *article)
{
    uint32_t oman = add_entity(article, "Q842", "Oman", "OMN", true), iran =
        add_entity(article, "Q794", "Iran", "IRN", true);
    uint32_t leader = add_entity(article, "Q999", "A leader", "IRN", true), group =
        add_entity(article, "t:group", "A group", "LBN", false);
    uint32_t unknown = add_entity(article, NULL, "Somebody", "", false);
    struct event *event;

    event = add_event(article, KIND_MEDIATION, "vermittelt", 0);
    event->n_actors = 1, event->actors[0] = (uint8_t)oman;
    event->n_targets = 2, event->targets[0] = (uint8_t)iran, event->targets[1] = (uint8_t)leader;
    event = add_event(article, KIND_DIPLOMACY, "Gespräche", 0);
    event->n_actors = 2, event->actors[0] = (uint8_t)oman, event->actors[1] = (uint8_t)group;
    event = add_event(article, KIND_ATTACK, "Angriff", 0);
    event->n_actors = 1, event->actors[0] = (uint8_t)group;
    event->n_targets = 2, event->targets[0] = (uint8_t)iran, event->targets[1] = (uint8_t)unknown;
    event->source = (int32_t)oman;
    event = add_event(article, KIND_ATTACK, "Angriff", 1);
    event->n_actors = 1, event->actors[0] = (uint8_t)group;
    event->n_targets = 1, event->targets[0] = (uint8_t)iran;
    article->direction = DIRECTION_MIXED;
    article->score = -0.125f;
    article->escalation_supported = true;
}

static const char events_message[] =
    "{\"id\":\"1\",\"url\":\"https://n.example/1\",\"title\":\"Oman vermittelt\",\"body\":\"Die Gespräche "
    "begannen. Es gab einen "
                                     "Angriff und noch einen Angriff.\",\"published_at\":\"2024-05-01T12:00:00Z\"}";

static void mentions_have_place_sentence_and_parties(void **state)
{
    json_t *root;

    play = play_events;
    root = encode(*state, events_message);
    assert_int_equal(json_array_size(at(root, "escalation.mentions")), 4);
    assert_cuts(root, "escalation.mentions.0", "trigger", "vermittelt");
    assert_string(root, "escalation.mentions.0.in", "title");
    assert_string(root, "escalation.mentions.0.kind", "mediation");
    assert_string(root, "escalation.mentions.0.direction", "deescalation");
    assert_string(root, "escalation.mentions.0.targets.1", "Q999");
    assert_cuts(root, "escalation.mentions.1", "trigger", "Gespräche");
    assert_cuts(root, "escalation.mentions.3", "trigger", "Angriff");
    assert_string(root, "escalation.mentions.2.sentence", "Es gab einen Angriff und noch einen Angriff.");
    assert_string(root, "escalation.mentions.2.source", "Q842");
    assert_int_equal(json_array_size(at(root, "escalation.mentions.2.targets")), 1); /* who has no id is not listed */
    assert_string(root, "escalation.direction", "mixed");
    json_decref(root);
}

static void assert_dyad(json_t *root, size_t i, const char *actor, const char *target, double score)
{
    json_t *dyad = json_array_get(at(root, "escalation.dyads"), i);

    assert_string(dyad, "actor", actor);
    assert_string(dyad, "target", target);
    assert_true(json_number_value(json_object_get(dyad, "score")) == score);
}

static void dyads_sum_up_over_parties(void **state)
{
    json_t *root;

    play = play_events;
    root = encode(*state, events_message);
    assert_int_equal(json_array_size(at(root, "escalation.dyads")), 3);
    assert_dyad(root, 0, "OMN", "IRN", -0.6); /* a state and its leader are one party */
    assert_dyad(root, 1, "OMN", "t:group", -0.6);
    assert_dyad(root, 2, "t:group", "IRN", 1); /* twice 0.6, and no more than 1 */
    json_decref(root);
}

static void each_mention_has_its_own_document(void **state)
{
    struct rooms *rooms = *state;
    json_t *root, *mention;

    play = play_events;
    root = encode(rooms, events_message);
    assert_int_equal(rooms->article.n_encoded_mentions, 4);
    mention = parse(rooms->article.encoded_mentions[2].json);
    assert_string(mention, "schema", "tocsin.mention/1");
    assert_string(mention, "id", rooms->article.encoded_mentions[2].id);
    assert_string(mention, "id", json_string_value(at(root, "escalation.mentions.2.id")));
    assert_string(mention, "article.url", "https://n.example/1");
    assert_string(mention, "article.title", "Oman vermittelt");
    assert_string(mention, "time", "2024-05-01T12:00:00.000Z");
    assert_string(mention, "actors.0.name", "A group");
    assert_true(json_is_null(at(mention, "targets.1.id")));
    assert_string(mention, "dyads.0.target", "IRN");
    assert_int_equal(json_array_size(at(mention, "dyads")), 1);
    assert_int_equal(json_integer_value(at(mention, "rank")), 2);
    json_decref(mention);
    json_decref(root);
}

static void ids_hold_when_other_sentences_change(void **state)
{
    struct rooms *rooms = *state;
    char attack[33], again[33], talks[33];

    play = play_events;
    json_decref(encode(rooms, events_message));
    memcpy(talks, rooms->article.encoded_mentions[1].id, 33);
    memcpy(attack, rooms->article.encoded_mentions[2].id, 33);
    memcpy(again, rooms->article.encoded_mentions[3].id, 33);
    assert_string_not_equal(attack, again); /* the same word twice in one sentence */
    json_decref(encode(rooms,
                       "{\"id\":\"1\",\"title\":\"OMAN vermittelt\",\"body\":\"Mehr davon.\\nDie Gespräche, "
                       "begannen gestern. Es gab einen ANGRIFF – "
                              "und noch einen Angriff Angriff.\\nEs gab einen «Angriff» und noch einen Angriff.\"}"));
    assert_string_not_equal(rooms->article.encoded_mentions[1].id, talks);
    assert_string_not_equal(rooms->article.encoded_mentions[2].id, attack); /* another sentence now */
    json_decref(encode(rooms,
                       "{\"id\":\"1\",\"title\":\"Oman vermittelt\",\"body\":\"Davor.\\nDie Gespräche "
                       "begannen\\nEs gab einen «Angriff» und noch einen "
                              "Angriff!\"}"));
    assert_string_equal(rooms->article.encoded_mentions[1].id, talks);
    assert_string_equal(rooms->article.encoded_mentions[2].id, attack);
    assert_string_equal(rooms->article.encoded_mentions[3].id, again);
    json_decref(encode(rooms,
                       "{\"id\":\"2\",\"title\":\"Oman vermittelt\",\"body\":\"Die Gespräche begannen. Es gab "
                       "einen Angriff und noch einen Angriff.\"}"));
    assert_string_not_equal(rooms->article.encoded_mentions[2].id, attack); /* another article */
}

static void the_time_is_never_far_in_the_future(void **state)
{
    struct rooms *rooms = *state;

    json_decref(encode(rooms, "{\"title\":\"T\",\"published_at\":\"2024-04-30T00:00:00Z\"}"));
    assert_int_equal(rooms->article.event_time_ms, INT64_C(1714435200000));
    json_decref(encode(rooms, "{\"title\":\"T\",\"published_at\":\"2031-01-01T00:00:00Z\"}"));
    assert_int_equal(rooms->article.event_time_ms, INT64_C(1714566600000) + 300000);
    json_decref(encode(rooms, "{\"title\":\"T\"}"));
    assert_int_equal(rooms->article.event_time_ms, INT64_C(1714566600000));
    assert_int_equal(rooms_run(rooms, (struct message){.value = VIEW("{\"title\":\"T\"}"), .time_ms = -1, .now_ms =
                                                       5000}), STATUS_OK);
    assert_int_equal(rooms->article.event_time_ms, 5000);
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
        TEST(mentions_have_place_sentence_and_parties, set_up),
        TEST(dyads_sum_up_over_parties, set_up),
        TEST(each_mention_has_its_own_document, set_up),
        TEST(ids_hold_when_other_sentences_change, set_up),
        TEST(the_time_is_never_far_in_the_future, set_up),
        TEST(too_much_sheds_dropped_then_extra_then_is_refused, set_up_small),
        TEST(a_sentence_without_end_is_cut_round_its_trigger, set_up),
        TEST(mentions_are_limited, set_up),
        TEST(the_version_is_the_projects, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
