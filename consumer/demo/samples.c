#include "consumer/demo/samples.h"

#include <jansson.h>
#include <stdlib.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 512 << 10 }; /* a few of them must fit into what the embedded broker keeps */

/* As installed, else in the source tree. */
static const char *shipped(struct arena *arena, const char *name)
{
    const char *installed = arena_print(arena, "%s/samples/%s", TOCSIN_DATA_DIR, name).data;

    if (access(installed, R_OK) == 0)
        return installed;
    return arena_print(arena, "%s/deploy/samples/%s", TOCSIN_SOURCE_DIR, name).data;
}

static const char *id_of(struct arena *arena, struct view line)
{
    json_t *article = json_loadb(line.data, line.size, 0, NULL);
    const char *id = json_string_value(json_object_get(article, "id"));

    if (id == NULL)
        id = json_string_value(json_object_get(article, "url"));
    id = id == NULL ? NULL : arena_copy(arena, view_of(id)).data;
    json_decref(article);
    return id;
}

static void add(struct demo_samples *samples, struct sample **list, size_t *n, struct view line)
{
    *list = arena_grow(samples->arena, *list, *n * sizeof **list, (*n + 1) * sizeof **list);
    (*list)[(*n)++] = (struct sample){arena_copy(samples->arena, line), NULL};
}

static enum status load(struct demo_samples *samples, const char *const *files, size_t n_files, struct sample **list,
                        size_t *n, struct err *err)
{
    struct source_setup setup = {.files = files, .n_files = n_files, .item_max = LINE_MAX_BYTES};
    struct source *source = source_open(&setup);
    struct chunk chunk;
    enum status status;

    chunk_init(&chunk);
    while ((status = source_fill(source, &chunk, err)) == STATUS_OK) {
        for (size_t i = 0; i < chunk.n_items; i++)
            add(samples, list, n, (struct view){chunk.input.data + chunk.items[i].start, chunk.items[i].size});
        chunk_reset(&chunk);
    }
    chunk_done(&chunk);
    source_close(source);
    return status == STATUS_SKIP ? STATUS_OK : status;
}

enum status demo_samples_load(const char *const *files, size_t n_files, struct demo_samples *ret_samples,
                              struct err *err)
{
    struct demo_samples samples = {.arena = arena_new(1 << 20, 0)};
    const char *articles = shipped(samples.arena, "feed.jsonl"), *poison = shipped(samples.arena, "poison.txt");
    enum status status = load(&samples, n_files == 0 ? &articles : files, n_files == 0 ? 1 : n_files, &samples.articles,
                              &samples.n_articles, err);

    if (status == STATUS_OK)
        status = load(&samples, &poison, 1, &samples.poison, &samples.n_poison, err);
    if (status == STATUS_OK && samples.n_articles == 0)
        status = fail(err, STATUS_FATAL, "%s: holds no article", n_files == 0 ? articles : files[0]);
    for (size_t i = 0; i < samples.n_articles; i++)
        samples.articles[i].id = id_of(samples.arena, samples.articles[i].line);
    if (status == STATUS_OK)
        *ret_samples = samples;
    else
        arena_free(samples.arena);
    return status;
}

void demo_samples_free(struct demo_samples *samples)
{
    arena_free(samples->arena);
    *samples = (struct demo_samples){0};
}
