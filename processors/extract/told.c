#include "processors/extract/told.h"

enum { BODY_MAX = 256 * 1024 }; /* bytes that are compared; few articles are longer */

/* Punctuation beyond ASCII: U+2000 to U+203F, U+3000 to U+303F, fullwidth forms; U+00A0 to U+00BF. */
static size_t punctuation_size(const unsigned char *at, size_t left)
{
    if (left >= 3 && ((at[0] == 0xe2 && at[1] == 0x80) || (at[0] == 0xe3 && at[1] == 0x80) ||
                      (at[0] == 0xef && at[1] == 0xbc)))
        return 3;
    return left >= 2 && at[0] == 0xc2 ? 2 : 0;
}

/* Reads the next word behind *at; 0: there is none. */
static uint64_t next_word(struct view text, size_t *at)
{
    uint64_t hash = 0;

    for (; *at < text.size; ++*at) {
        unsigned char c = (unsigned char)text.data[*at];
        bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
        size_t skipped = c >= 0x80 ? punctuation_size((const unsigned char *)text.data + *at, text.size - *at) : 0;

        if (skipped == 0 && (c >= 0x80 || letter || (c >= '0' && c <= '9'))) {
            hash = (hash ^ (letter ? c | 0x20u : c)) * 0x100000001b3u + 1;
            continue;
        }
        if (hash != 0)
            break;
        *at += skipped > 0 ? skipped - 1 : 0;
    }
    return hash;
}

struct walk {
    struct view text;
    size_t at;
    uint64_t first, second;
};

static struct walk walk_begin(struct view text)
{
    struct walk walk = {.text = text};

    walk.first = next_word(text, &walk.at);
    walk.second = next_word(text, &walk.at);
    return walk;
}

/* The next run of three words; 0: there is none. */
static uint64_t next_run(struct walk *walk)
{
    uint64_t third = next_word(walk->text, &walk->at), hash;

    if (third == 0)
        return 0;
    hash = (walk->first * 31 + walk->second) * 0x9e3779b97f4a7c15u + third;
    hash ^= hash >> 32;
    walk->first = walk->second;
    walk->second = third;
    return hash == 0 ? 1 : hash;
}

static struct told_run *find(const struct told *told, uint64_t hash)
{
    size_t at = hash & told->mask;

    while (told->runs[at].hash != 0 && told->runs[at].hash != hash)
        at = (at + 1) & told->mask;
    return &told->runs[at];
}

void told_open(struct told *told, struct arena *arena, struct view body)
{
    struct walk walk;
    size_t room = 64;
    uint64_t hash;

    if (body.size > BODY_MAX)
        body.size = BODY_MAX;
    walk = walk_begin(body);
    while (room < body.size) /* a word has two bytes at least, with its blank */
        room *= 2;
    *told = (struct told){.mask = room - 1};
    told->runs = arena_zero(arena, room * sizeof *told->runs);
    while ((hash = next_run(&walk)) != 0) {
        struct told_run *run = find(told, hash);
        told->n += run->hash == 0;
        run->hash = hash;
    }
}

void told_line(struct told *told, struct view line, uint32_t *ret_n, uint32_t *ret_told)
{
    struct walk walk = walk_begin(line);
    uint64_t hash;

    *ret_n = *ret_told = 0;
    while ((hash = next_run(&walk)) != 0) {
        struct told_run *run = find(told, hash);
        ++*ret_n;
        if (run->hash == 0)
            continue;
        ++*ret_told;
        told->n_met += !run->met;
        run->met = true;
    }
}

unsigned told_share(const struct told *told)
{
    return told->n == 0 ? 0 : (unsigned)(told->n_met * 100 / told->n);
}
