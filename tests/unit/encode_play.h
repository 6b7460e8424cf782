/*
 * encode_play: an article as the rooms between text and encode would leave it, played by a test.
 *
 * A test sets `play` to a function that cuts pieces and adds entities, names and events by the words in the buffer.
 */
#ifndef TESTS_UNIT_ENCODE_PLAY_H
#define TESTS_UNIT_ENCODE_PLAY_H

#include "processors/decode/decode.h"
#include "processors/encode/encode.h"
#include "processors/extract/extract.h"
#include "processors/text/text.h"
#include "processors/utf8.h"
#include "tests/unit/room.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

/* What the rooms between text and encode find: set by each test. */
static void (*play)(struct article *article);

static inline enum status play_run(const void *tables, void *scratch, struct article *article, struct err *err)
{
    (void)tables, (void)scratch, (void)err;
    if (play != NULL)
        play(article);
    return STATUS_OK;
}

static const struct stage play_stage = {.name = "play", .run = play_run};
static const struct stage *const rooms_wanted[] = {&decode_stage, &extract_stage, &text_stage, &play_stage,
                                                   &encode_stage, NULL};

static inline int set_up_with(void **state, struct options options)
{
    struct rooms *rooms = malloc(sizeof *rooms);

    rooms_open(rooms, rooms_wanted, options);
    play = NULL;
    *state = rooms;
    return 0;
}

static inline int set_up(void **state)
{
    return set_up_with(state, (struct options){0});
}

static inline int tear_down(void **state)
{
    rooms_close(*state);
    free(*state);
    return 0;
}

static inline json_t *parse(struct view text)
{
    json_error_t error;
    json_t *root = json_loadb(text.data, text.size, 0, &error);

    if (root == NULL)
        fail_msg("%s in %.*s", error.text, VIEW_PRINT(text));
    return root;
}

static inline json_t *encode(struct rooms *rooms, const char *value)
{
    if (rooms_run_text(rooms, value) != STATUS_OK)
        fail_msg("%s", rooms->err.text);
    return parse(rooms->article.encoded);
}

/* "escalation.mentions.0.id" */
static inline json_t *at(json_t *node, const char *path)
{
    char copy[200], *rest = copy, *part;

    snprintf(copy, sizeof copy, "%s", path);
    while ((part = strsep(&rest, ".")) != NULL && node != NULL)
        node = json_is_array(node) ? json_array_get(node, (size_t)atoi(part)) : json_object_get(node, part);
    return node;
}

static inline void assert_string(json_t *node, const char *path, const char *expected)
{
    json_t *value = at(node, path);

    if (expected == NULL ? value != NULL : !json_is_string(value) || strcmp(json_string_value(value), expected) != 0)
        fail_msg("%s is '%s', expected '%s'", path, json_is_string(value) ? json_string_value(value) : "not there",
                 expected == NULL ? "nothing" : expected);
}

/* Do start and end of this object cut what it says out of its field? */
static inline void assert_cuts(json_t *root, const char *path, const char *name, const char *expected)
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
static inline uint32_t find(const struct article *article, const char *word, int nth)
{
    const char *begin = article->buffer.data, *hit = begin;

    for (int i = 0; i <= nth; i++, hit++) {
        hit = memmem(hit, article->buffer.size - (size_t)(hit - begin), word, strlen(word));
        if (hit == NULL)
            fail_msg("'%s' is not in the buffer", word);
    }
    return (uint32_t)(hit - 1 - begin);
}

static inline uint32_t points_before(const struct article *article, uint32_t byte)
{
    return (uint32_t)utf8_points(view_slice(article->buffer, 0, byte));
}

static inline void cut_piece(struct article *article, const char *text, enum fate fate, enum drop_kind kind)
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

static inline uint32_t add_entity(struct article *article, const char *id, const char *name, const char *country,
                           bool is_state)
{
    struct entity *entity;

    if (article->n_entities == 0)
        article->entities = ARENA_ARRAY(article->arena, struct entity, 20);
    entity = &article->entities[article->n_entities];
    *entity = (struct entity){.id = view_of(id), .name = view_of(name), .type = ENTITY_GPE, .acts = is_state ? ACTS_STATE : ACTS_NONE,
                              .confidence = 0.9f, .salience = 0.25f};
    snprintf(entity->country, sizeof entity->country, "%s", country);
    return (uint32_t)article->n_entities++;
}

static inline void add_name(struct article *article, uint32_t entity, const char *word, int nth)
{
    uint32_t start = find(article, word, nth);

    if (article->n_names == 0)
        article->names = ARENA_ARRAY(article->arena, struct name, 20);
    article->names[article->n_names++] = (struct name){
        .entity = entity, .start = start, .size = (uint32_t)strlen(word), .at = points_before(article, start),
        .points = (uint32_t)utf8_points(view_of(word)), .form = FORM_NAME,
    };
}

static inline struct event *add_event(struct article *article, enum event_kind kind, const char *word, int nth)
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

#endif
