#include "processors/escalation/compounds.h"

#include "processors/text/text.h"
#include "processors/utf8.h"

#include <stdlib.h>

enum {
    WORD_BYTES = 64, /* a longer word is no compound that anybody writes */
    LEFT_BYTES = 3,  /* that must stand before an end, behind a beginning */
    EDGE_BYTES = 3,
};

/* Parts of one sort by the hash of their folded form.  Open addressing. */
struct parts {
    struct part { uint64_t hash; uint32_t value; } *slots;
    size_t n, room;
    uint64_t sizes; /* bit n: some part has n bytes */
    uint64_t edges[64]; /* one bit for each key of the bytes at a part's edge: most words have none of them */
};

struct compounds {
    struct parts parts[COMPOUND_PARTS];
    struct arena *arena; /* for folding */
};

struct compounds *compounds_new(void)
{
    struct compounds *compounds = calloc(1, sizeof *compounds);

    if (compounds == NULL)
        abort(); /* as the arena does: small allocations cannot be refused in a useful way */
    compounds->arena = arena_new(1 << 10, 1 << 10);
    return compounds;
}

void compounds_free(struct compounds *compounds)
{
    if (compounds == NULL)
        return;
    for (unsigned i = 0; i < COMPOUND_PARTS; i++)
        free(compounds->parts[i].slots);
    arena_free(compounds->arena);
    free(compounds);
}

/* The first or last three bytes of a word, as a number below 4096. */
static unsigned edge_key(const char *edge)
{
    const unsigned char *bytes = (const unsigned char *)edge;

    return ((unsigned)bytes[0] * 961 + (unsigned)bytes[1] * 31 + bytes[2]) & 4095;
}

static bool has_edge(const struct parts *parts, const char *edge)
{
    unsigned key = edge_key(edge);

    return (parts->edges[key / 64] >> key % 64 & 1) != 0;
}

static struct part *part_slot(const struct parts *parts, uint64_t hash)
{
    size_t at = hash & (parts->room - 1);

    while (parts->slots[at].hash != 0 && parts->slots[at].hash != hash)
        at = (at + 1) & (parts->room - 1);
    return &parts->slots[at];
}

static void parts_enter(struct parts *parts, struct view folded, bool by_end, uint32_t value)
{
    uint64_t hash = fold_hash(folded);
    struct part *slot;

    if (parts->n * 2 >= parts->room) {
        struct parts old = *parts;

        parts->room = old.room == 0 ? 256 : old.room * 2;
        parts->slots = calloc(parts->room, sizeof *parts->slots);
        if (parts->slots == NULL)
            abort();
        for (size_t i = 0; i < old.room; i++)
            if (old.slots[i].hash != 0)
                *part_slot(parts, old.slots[i].hash) = old.slots[i];
        free(old.slots);
    }
    slot = part_slot(parts, hash);
    parts->n += slot->hash == 0;
    *slot = (struct part){hash, value};
    if (folded.size >= EDGE_BYTES) {
        unsigned key = edge_key(folded.data + (by_end ? folded.size - EDGE_BYTES : 0));
        parts->edges[key / 64] |= (uint64_t)1 << key % 64;
    }
    parts->sizes |= (uint64_t)1 << (folded.size < 63 ? folded.size : 63);
}

static bool parts_find(const struct parts *parts, struct view folded, uint32_t *ret_value)
{
    const struct part *slot;

    if (parts->n == 0 || folded.size == 0 || (parts->sizes >> (folded.size < 63 ? folded.size : 63) & 1) == 0)
        return false;
    slot = part_slot(parts, fold_hash(folded));
    if (slot->hash == 0)
        return false;
    *ret_value = slot->value;
    return true;
}

/* "Angriffe" as it is folded, and "Überfälle" also as "ueberfaelle". */
void compounds_add(struct compounds *compounds, enum compound_part part, struct view word, uint32_t value)
{
    struct parts *parts = &compounds->parts[part];
    struct arena *arena = compounds->arena;
    bool by_end = part == COMPOUND_END;
    char spelled[WORD_BYTES * 2];
    size_t n = 0;
    unsigned size;

    arena_reset(arena);
    parts_enter(parts, text_fold(arena, word), by_end, value);
    if (word.size > WORD_BYTES)
        return;
    for (size_t i = 0; i < word.size; i += size) {
        uint32_t point = utf8_read(word.data + i, &size);
        char letter = point == 0xe4 || point == 0xc4 ? 'a' : point == 0xf6 || point == 0xd6 ? 'o'
            : point == 0xfc || point == 0xdc ? 'u' : '\0';

        if (letter != '\0')
            spelled[n++] = letter, spelled[n++] = 'e';
        else
            memcpy(spelled + n, word.data + i, size), n += size;
    }
    parts_enter(parts, text_fold(arena, (struct view){spelled, n}), by_end, value);
}

/* Does the left part, with or without the s, n, en, es that links it, make another thing of the compound? */
static bool left_blocks(const struct compounds *compounds, struct view left)
{
    static const char *const links[] = {"", "s", "n", "en", "es"};
    uint32_t value;

    for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
        size_t size = strlen(links[i]);

        if (left.size > size && memcmp(left.data + left.size - size, links[i], size) == 0
            && parts_find(&compounds->parts[COMPOUND_BLOCKER], view_slice(left, 0, left.size - size), &value))
            return true;
    }
    return false;
}

bool compounds_find(const struct compounds *compounds, const struct article *article, const struct token *token,
                    uint32_t *ret_value)
{
    const struct parts *ends = &compounds->parts[COMPOUND_END], *starts = &compounds->parts[COMPOUND_START];
    struct view word = token_folded(article, token);

    if (token->kind != TOKEN_WORD || token->shape == SHAPE_LOWER || word.size > WORD_BYTES
        || word.size < LEFT_BYTES + EDGE_BYTES)
        return false;
    if (has_edge(ends, word.data + word.size - EDGE_BYTES))
        for (size_t at = LEFT_BYTES; at + EDGE_BYTES <= word.size; at++)
            if (utf8_is_start(word.data[at]) && parts_find(ends, view_slice(word, at, word.size - at), ret_value))
                return !left_blocks(compounds, view_slice(word, 0, at));
    if (has_edge(starts, word.data))
        for (size_t size = word.size - LEFT_BYTES; size >= EDGE_BYTES; size--)
            if (utf8_is_start(word.data[size]) && parts_find(starts, view_slice(word, 0, size), ret_value))
                return true;
    return false;
}
