#include "processors/escalation/gaps.h"

#include "processors/text/text.h"

#include <stdlib.h>

/* From a path over a part to the next path, or from the hash of a part's key to the part.  Open addressing. */
struct link {
    uint64_t key; /* 0: free */
    uint32_t to;
};

struct links {
    struct link *slots;
    size_t n, room; /* room: a power of two */
};

struct gaps {
    struct links parts, paths;
    struct gap_end *ends; /* by path */
    size_t ends_room;
    uint32_t *nexts;      /* parts, those of each path together */
    uint32_t n_paths, n_parts;
};

enum { LINKS_FIRST = 1 << 8 };

static void *table_new(size_t n, size_t element)
{
    void *table = calloc(n, element);

    if (table == NULL)
        abort(); /* as the arena does: small allocations cannot be refused in a useful way */
    return table;
}

static struct link *link_find(const struct links *links, uint64_t key)
{
    size_t mask = links->room - 1, at = (size_t)(key * 0x9e3779b97f4a7c15u >> 32) & mask;

    while (links->slots[at].key != 0 && links->slots[at].key != key)
        at = (at + 1) & mask;
    return &links->slots[at];
}

static void link_enter(struct links *links, uint64_t key, uint32_t to)
{
    if (++links->n * 2 > links->room) {
        struct links old = *links;

        links->room *= 2;
        links->slots = table_new(links->room, sizeof *links->slots);
        for (size_t i = 0; i < old.room; i++)
            if (old.slots[i].key != 0)
                *link_find(links, old.slots[i].key) = old.slots[i];
        free(old.slots);
    }
    *link_find(links, key) = (struct link){key, to};
}

static uint64_t mixed(uint64_t a, uint64_t b)
{
    uint64_t key = (a ^ b * 0x9e3779b97f4a7c15u) * 0xd6e8feb86659fd93u;

    key ^= key >> 32;
    return key == 0 ? 1 : key;
}

/* Both numbers as they are, so that no two pairs have one key; a path's first step is from 0 over a part, never over 0. */
static uint64_t path_key(uint32_t path, uint32_t part)
{
    return (uint64_t)path << 32 | part;
}

struct gaps *gaps_new(void)
{
    struct gaps *gaps = table_new(1, sizeof *gaps);

    gaps->parts = (struct links){table_new(LINKS_FIRST, sizeof(struct link)), 0, LINKS_FIRST};
    gaps->paths = (struct links){table_new(LINKS_FIRST, sizeof(struct link)), 0, LINKS_FIRST};
    gaps->ends_room = LINKS_FIRST;
    gaps->ends = table_new(gaps->ends_room, sizeof *gaps->ends);
    gaps->n_paths = 1;
    return gaps;
}

void gaps_free(struct gaps *gaps)
{
    if (gaps == NULL)
        return;
    free(gaps->parts.slots);
    free(gaps->paths.slots);
    free(gaps->ends);
    free(gaps->nexts);
    free(gaps);
}

uint32_t gaps_part(struct gaps *gaps, struct view key, enum gap_role role, bool *ret_is_new)
{
    uint64_t hash = mixed(fold_hash(key), (uint64_t)role + 1);
    struct link *link = link_find(&gaps->parts, hash);

    *ret_is_new = link->key == 0;
    if (!*ret_is_new)
        return link->to;
    link_enter(&gaps->parts, hash, ++gaps->n_parts);
    return gaps->n_parts;
}

uint32_t gaps_enter(struct gaps *gaps, uint32_t path, uint32_t part)
{
    uint32_t next = gaps_step(gaps, path, part);

    if (next != GAPS_START)
        return next;
    if (gaps->n_paths == gaps->ends_room) {
        struct gap_end *bigger = realloc(gaps->ends, gaps->ends_room * 2 * sizeof *bigger);
        if (bigger == NULL)
            abort();
        gaps->ends = bigger;
        gaps->ends_room *= 2;
    }
    gaps->ends[gaps->n_paths] = (struct gap_end){0};
    link_enter(&gaps->paths, path_key(path, part), gaps->n_paths);
    return gaps->n_paths++;
}

struct gap_end *gaps_end(struct gaps *gaps, uint32_t path)
{
    return &gaps->ends[path];
}

/* A key of paths is a path and a part; see path_key(). */
void gaps_freeze(struct gaps *gaps)
{
    uint32_t first = 0;

    gaps->nexts = table_new(gaps->paths.n + 1, sizeof *gaps->nexts);
    for (size_t i = 0; i < gaps->paths.room; i++)
        if (gaps->paths.slots[i].key != 0)
            gaps->ends[gaps->paths.slots[i].key >> 32].n_next++;
    for (uint32_t path = 0; path < gaps->n_paths; path++) {
        gaps->ends[path].first = first;
        first += gaps->ends[path].n_next;
        gaps->ends[path].n_next = 0;
    }
    for (size_t i = 0; i < gaps->paths.room; i++)
        if (gaps->paths.slots[i].key != 0) {
            struct gap_end *end = &gaps->ends[gaps->paths.slots[i].key >> 32];
            gaps->nexts[end->first + end->n_next++] = (uint32_t)gaps->paths.slots[i].key;
        }
}

uint32_t gaps_step(const struct gaps *gaps, uint32_t path, uint32_t part)
{
    const struct link *link = link_find(&gaps->paths, path_key(path, part));

    return link->key == 0 ? GAPS_START : link->to;
}

struct gap_end gaps_end_of(const struct gaps *gaps, uint32_t path)
{
    return gaps->ends[path];
}

uint32_t gaps_next(const struct gaps *gaps, const struct gap_end *end, uint32_t i)
{
    return gaps->nexts[end->first + i];
}

uint32_t gaps_last_part(const struct gaps *gaps)
{
    return gaps->n_parts;
}
