#include "processors/escalation/heads.h"

/* Parts that may go on from this path are waited for by one head more, or by one less. */
static void parts_wanted(struct heads *heads, uint32_t path, int change)
{
    struct gap_end end = gaps_end_of(heads->gaps, path);

    for (uint32_t i = 0; i < end.n_next; i++) {
        uint8_t *wanted = &heads->wanted[gaps_next(heads->gaps, &end, i)];
        *wanted = (uint8_t)(*wanted + change);
    }
}

/* Those to be kept, in their order. */
static void keep(struct heads *heads, const bool is_kept[HEADS_MAX])
{
    unsigned kept = 0;

    for (unsigned i = 0; i < heads->n; i++) {
        if (!is_kept[i]) {
            parts_wanted(heads, heads->paths[i], -1);
            continue;
        }
        if (kept < i) {
            heads->all[kept] = heads->all[i];
            heads->paths[kept] = heads->paths[i];
        }
        kept++;
    }
    heads->n = kept;
}

/* Those that are too far back to be gone on with. */
static void forget_far(struct heads *heads, uint32_t at)
{
    bool is_kept[HEADS_MAX];

    heads->forgotten_at = at;
    for (unsigned i = 0; i < heads->n; i++)
        is_kept[i] = at < heads->all[i].parts[0] + GAP_TOKENS;
    keep(heads, is_kept);
}

static void forget(struct heads *heads, unsigned at)
{
    bool is_kept[HEADS_MAX];

    for (unsigned i = 0; i < heads->n; i++)
        is_kept[i] = i != at;
    keep(heads, is_kept);
}

void heads_begin(struct heads *heads, const struct gaps *gaps, struct arena *arena)
{
    heads->gaps = gaps;
    heads->wanted = arena_zero(arena, (size_t)gaps_last_part(gaps) + 1);
    heads->n = 0;
    heads->forgotten_at = 0;
}

void heads_clear(struct heads *heads)
{
    while (heads->n > 0)
        parts_wanted(heads, heads->paths[--heads->n], -1);
}

struct head *heads_add(struct heads *heads, uint32_t path, uint32_t end)
{
    for (unsigned i = 0; i < heads->n; i++)
        if (heads->paths[i] == path) {
            forget(heads, i);
            break;
        }
    if (heads->n >= HEADS_MAX / 4 && heads->forgotten_at != end)
        forget_far(heads, end);
    if (heads->n == HEADS_MAX)
        forget(heads, 0);
    heads->paths[heads->n] = path;
    parts_wanted(heads, path, 1);
    return &heads->all[heads->n++];
}
