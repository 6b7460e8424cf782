/*
 * room: one or more rooms without the house around them, for unit tests.
 *
 *     struct rooms rooms;
 *     rooms_open(&rooms, (const struct stage *[]){&decode_stage, &extract_stage, NULL}, (struct options){0});
 *     status = rooms_run(&rooms, message);    rooms.article and rooms.err tell the rest
 *     rooms_close(&rooms);
 */
#ifndef TESTS_UNIT_ROOM_H
#define TESTS_UNIT_ROOM_H

#include "processors/stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

struct rooms {
    struct options options;
    struct table_source source;
    struct languages *languages;
    const struct stage *stages[STAGES];
    size_t n_stages;
    void *tables[STAGES], *scratch[STAGES];
    struct arena *arena;
    struct message message;
    struct article article;
    struct err err;
};

static inline void rooms_open(struct rooms *rooms, const struct stage *const *stages, struct options options)
{
    struct stage_setup setup;

    *rooms = (struct rooms){.options = options, .source = {.data_dir = TOCSIN_SOURCE_DIR "/processors/data"}};
    rooms->options.data_dir = rooms->source.data_dir;
    if (options.input_max_bytes == 0)
        rooms->options.input_max_bytes = 32u << 20;
    if (options.output_max_bytes == 0)
        rooms->options.output_max_bytes = 900000;
    rooms->arena = arena_new(1 << 18, 16 << 20);
    if (languages_open(&rooms->source, &rooms->languages, &rooms->err) != STATUS_OK)
        fail_msg("%s", rooms->err.text);
    setup = (struct stage_setup){&rooms->options, rooms->languages, &rooms->source};
    for (; stages[rooms->n_stages] != NULL; rooms->n_stages++) {
        size_t i = rooms->n_stages;
        rooms->stages[i] = stages[i];
        if ((stages[i]->open != NULL && stages[i]->open(&setup, &rooms->tables[i], &rooms->err) != STATUS_OK) ||
            (stages[i]->attach != NULL && stages[i]->attach(rooms->tables[i], &rooms->scratch[i],
                                                            &rooms->err) != STATUS_OK))
            fail_msg("%s: %s", stages[i]->name, rooms->err.text);
    }
}

static inline void rooms_close(struct rooms *rooms)
{
    for (size_t i = 0; i < rooms->n_stages; i++) {
        if (rooms->stages[i]->detach != NULL)
            rooms->stages[i]->detach(rooms->scratch[i]);
        if (rooms->stages[i]->close != NULL)
            rooms->stages[i]->close(rooms->tables[i]);
    }
    languages_close(rooms->languages);
    arena_free(rooms->arena);
}

/* Origin and times are filled in where the message has none. */
static inline enum status rooms_run(struct rooms *rooms, struct message message)
{
    enum status status = STATUS_OK;

    if (message.topic == NULL) {
        message.topic = "news.raw";
        message.partition = 3;
        message.offset = 88121;
    }
    if (message.time_ms == 0)
        message.time_ms = INT64_C(1714566600000); /* 2024-05-01T12:30:00Z */
    if (message.now_ms == 0)
        message.now_ms = message.time_ms + 250;
    arena_reset(rooms->arena);
    rooms->message = message;
    rooms->article = (struct article){.arena = rooms->arena, .message = &rooms->message};
    rooms->err = (struct err){.reason = ""};
    for (size_t i = 0; i < rooms->n_stages && status == STATUS_OK; i++)
        status = rooms->stages[i]->run(rooms->tables[i], rooms->scratch[i], &rooms->article, &rooms->err);
    return status;
}

static inline enum status rooms_run_text(struct rooms *rooms, const char *value)
{
    return rooms_run(rooms, (struct message){.value = view_of(value)});
}

/* A fixture of cmocka: *state is struct rooms *, free'd by rooms_tear_down(). */
static inline int rooms_set_up(void **state, const struct stage *const *stages)
{
    struct rooms *rooms = malloc(sizeof *rooms);

    assert_non_null(rooms);
    rooms_open(rooms, stages, (struct options){0});
    *state = rooms;
    return 0;
}

static inline int rooms_tear_down(void **state)
{
    rooms_close(*state);
    free(*state);
    return 0;
}

static inline void assert_view(struct view view, const char *expected)
{
    if (expected == NULL ? view.data != NULL : !view_is(view, expected))
        fail_msg("'%.*s' (%s), expected '%s'", VIEW_PRINT(view), view.data == NULL ? "absent" : "there",
                 expected == NULL ? "absent" : expected);
}

#endif
