/* encode: mentions: their place, sentence, identity, parties, and what Redis is told of each. */
#include "tests/unit/encode_play.h"

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

int main(void)
{
#define TEST(name, up) cmocka_unit_test_setup_teardown(name, up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(mentions_have_place_sentence_and_parties, set_up),
        TEST(dyads_sum_up_over_parties, set_up),
        TEST(each_mention_has_its_own_document, set_up),
        TEST(ids_hold_when_other_sentences_change, set_up),
        TEST(the_time_is_never_far_in_the_future, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
