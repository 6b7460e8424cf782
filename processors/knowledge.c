#include "processors/knowledge.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

struct knowledge {
    atomic_uint references;
    struct arena *arena; /* the strings of options */
    struct options options;
    struct languages *languages;
    void *tables[STAGES];
    size_t n_open;
    char version[17];
};

static const char *copy_string(struct arena *arena, const char *string)
{
    return string == NULL ? NULL : arena_copy(arena, view_of(string)).data;
}

static void copy_options(struct knowledge *knowledge, const struct options *options)
{
    struct options *own = &knowledge->options;

    *own = *options;
    own->data_dir = copy_string(knowledge->arena, options->data_dir);
    own->overlay_dir = copy_string(knowledge->arena, options->overlay_dir);
    own->input_timezone = copy_string(knowledge->arena, options->input_timezone);
    for (size_t i = 0; i < INPUT_FIELDS; i++)
        own->input_map[i] = copy_string(knowledge->arena, options->input_map[i]);
    if (own->input_max_bytes == 0)
        own->input_max_bytes = 32u << 20;
    if (own->output_max_bytes == 0)
        own->output_max_bytes = 900000;
}

enum status knowledge_open(const struct options *options, struct knowledge **ret_knowledge, struct err *err)
{
    struct knowledge *knowledge;
    struct table_source source = {.data_dir = options->data_dir, .overlay_dir = options->overlay_dir};
    struct stage_setup setup;
    enum status status;

    if (stage_order_check(err) != STATUS_OK)
        return STATUS_FATAL;
    knowledge = calloc(1, sizeof *knowledge);
    if (knowledge == NULL)
        return fail(err, STATUS_FATAL, "out of memory");
    atomic_init(&knowledge->references, 1);
    knowledge->arena = arena_new(4096, 0);
    copy_options(knowledge, options);
    status = languages_open(&source, &knowledge->languages, err);
    setup = (struct stage_setup){&knowledge->options, knowledge->languages, &source};
    for (; status == STATUS_OK && knowledge->n_open < STAGES; knowledge->n_open++) {
        const struct stage *stage = stage_order[knowledge->n_open];
        if (stage->open == NULL)
            continue;
        status = stage->open(&setup, &knowledge->tables[knowledge->n_open], err);
        if (status != STATUS_OK) {
            err_prefix(err, stage->name);
            break;
        }
        memory_trim(); /* making tables takes more than they hold */
    }
    if (status != STATUS_OK) {
        knowledge_unref(knowledge);
        return STATUS_FATAL;
    }
    snprintf(knowledge->version, sizeof knowledge->version, "%016" PRIx64, source.sum);
    *ret_knowledge = knowledge;
    return STATUS_OK;
}

struct knowledge *knowledge_ref(struct knowledge *knowledge)
{
    atomic_fetch_add_explicit(&knowledge->references, 1, memory_order_relaxed);
    return knowledge;
}

void knowledge_unref(struct knowledge *knowledge)
{
    if (knowledge == NULL || atomic_fetch_sub_explicit(&knowledge->references, 1, memory_order_acq_rel) > 1)
        return;
    while (knowledge->n_open-- > 0)
        if (stage_order[knowledge->n_open]->close != NULL)
            stage_order[knowledge->n_open]->close(knowledge->tables[knowledge->n_open]);
    languages_close(knowledge->languages);
    arena_free(knowledge->arena);
    free(knowledge);
}

const char *knowledge_version(const struct knowledge *knowledge)
{
    return knowledge->version;
}

const struct languages *knowledge_languages(const struct knowledge *knowledge)
{
    return knowledge->languages;
}

const void *knowledge_tables(const struct knowledge *knowledge, size_t stage_index)
{
    return knowledge->tables[stage_index];
}

void knowledge_review(const struct knowledge *knowledge, stage_say *say, void *user)
{
    for (size_t i = 0; i < STAGES; i++)
        if (stage_order[i]->review != NULL)
            stage_order[i]->review(knowledge->tables[i], say, user);
}

const struct options *knowledge_options(const struct knowledge *knowledge)
{
    return &knowledge->options;
}
