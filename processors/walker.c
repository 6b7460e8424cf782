#include "processors/walker.h"

#include <stdlib.h>
#include <time.h>

enum {
    ARENA_CHUNK = 1 << 18, /* a 4 KB article takes about half of it */
    ARENA_KEEP = 16 << 20, /* what one giant leaves behind in a worker */
};

struct walker {
    struct knowledge *knowledge;
    struct arena *arena;
    struct article article;
    void *scratch[STAGES];
    uint64_t room_ns[STAGES];
};

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

enum status walker_new(struct knowledge *knowledge, struct walker **ret_walker, struct err *err)
{
    struct walker *walker = calloc(1, sizeof *walker);

    if (walker == NULL)
        return fail(err, STATUS_FATAL, "out of memory");
    walker->knowledge = knowledge_ref(knowledge);
    walker->arena = arena_new(ARENA_CHUNK, ARENA_KEEP);
    for (size_t i = 0; i < STAGES; i++) {
        if (stage_order[i]->attach == NULL)
            continue;
        if (stage_order[i]->attach(knowledge_tables(knowledge, i), &walker->scratch[i], err) != STATUS_OK) {
            err_prefix(err, stage_order[i]->name);
            walker_free(walker);
            return STATUS_FATAL;
        }
    }
    *ret_walker = walker;
    return STATUS_OK;
}

void walker_free(struct walker *walker)
{
    if (walker == NULL)
        return;
    for (size_t i = 0; i < STAGES; i++)
        if (walker->scratch[i] != NULL)
            stage_order[i]->detach(walker->scratch[i]);
    arena_free(walker->arena);
    knowledge_unref(walker->knowledge);
    free(walker);
}

enum status walker_walk(struct walker *walker, const struct message *message, const struct article **ret_article,
                        struct err *err)
{
    uint64_t before = now_ns();

    arena_reset(walker->arena);
    memset(walker->room_ns, 0, sizeof walker->room_ns);
    walker->article = (struct article){.arena = walker->arena, .message = message};
    for (size_t i = 0; i < STAGES; i++) {
        enum status status = stage_order[i]->run(knowledge_tables(walker->knowledge, i), walker->scratch[i],
                                                 &walker->article, err);
        uint64_t after = now_ns();

        walker->room_ns[i] = after - before;
        before = after;
        if (status != STATUS_OK) {
            if (status != STATUS_SKIP)
                err_prefix(err, stage_order[i]->name);
            return status;
        }
    }
    *ret_article = &walker->article;
    return STATUS_OK;
}

const uint64_t *walker_room_ns(const struct walker *walker)
{
    return walker->room_ns;
}

struct knowledge *walker_knowledge(const struct walker *walker)
{
    return walker->knowledge;
}
