/*
 * How well are names found and typed?  Runs the room over texts with marked names (the form of
 * processors/entities/train/marked.h; entities/spans.py makes it of public collections) and prints precision, recall
 * and F1 of exact spans for persons, organisations, places (states, cities, regions, seas as one) and all of them.
 *
 *     entities_quality [--data DIR] [-v] [--counts] [--floor F1] FILE…     -v: print each name that is not right
 *
 * Demonyms and metonyms that the room finds are not counted, nor is anything that touches a name marked OPT.
 * --counts: of each type and of all, how many were right, found and marked.  Exit 1: F1 over all types of one file is
 * below the floor.
 */
#include "processors/entities/train/marked.h"

#include <stdlib.h>
#include <string.h>

struct count {
    unsigned right, found, marked;
};

static uint8_t type_of(const struct entity *entity)
{
    return entity->type == ENTITY_PERSON ? MARKED_PER : entity->type == ENTITY_ORG ? MARKED_ORG : MARKED_LOC;
}

static bool touches_optional(const struct marked *marked, uint32_t start, uint32_t end)
{
    for (size_t i = 0; i < marked->n_spans; i++)
        if (marked->spans[i].type == MARKED_OPT && marked->spans[i].start < end && start < marked->spans[i].end)
            return true;
    return false;
}

static void say(const char *what, const struct marked *marked, uint32_t start, uint32_t end, uint8_t type)
{
    const struct view buffer = marked->article.buffer;
    uint32_t from = start > 60 ? start - 60 : 0, to = end + 60 < buffer.size ? end + 60 : (uint32_t)buffer.size;

    while (from > 0 && (buffer.data[from] & 0xc0) == 0x80)
        from--;
    while (to < buffer.size && (buffer.data[to] & 0xc0) == 0x80)
        to++;
    printf("%s %s  ", what, marked_type_names[type]);
    for (uint32_t i = from; i < to; i++) {
        if (i == start)
            fputs("[[", stdout);
        if (i == end)
            fputs("]]", stdout);
        putchar(buffer.data[i] == '\n' ? '|' : buffer.data[i]);
    }
    putchar('\n');
}

static void judge(const struct marked *marked, struct count counts[4], bool verbose)
{
    const struct article *article = &marked->article;
    bool *is_met = calloc(marked->n_spans + 1, sizeof *is_met);

    for (size_t i = 0; i < article->n_names && is_met != NULL; i++) {
        const struct name *name = &article->names[i];
        uint8_t type = type_of(&article->entities[name->entity]);
        uint32_t end = name->start + name->size;
        bool is_right = false;

        if (name->form == FORM_DEMONYM || name->form == FORM_METONYM)
            continue;
        for (size_t k = 0; k < marked->n_spans && !is_right; k++) {
            is_right = marked->spans[k].start == name->start && marked->spans[k].end == end
                && marked->spans[k].type == type;
            is_met[k] |= is_right;
        }
        if (!is_right && touches_optional(marked, name->start, end))
            continue;
        counts[type].found++;
        counts[type].right += is_right;
        if (!is_right && verbose)
            say("wrong ", marked, name->start, end, type);
    }
    for (size_t k = 0; k < marked->n_spans; k++) {
        counts[marked->spans[k].type].marked++;
        if (!is_met[k] && marked->spans[k].type != MARKED_OPT && verbose)
            say("missed", marked, marked->spans[k].start, marked->spans[k].end, marked->spans[k].type);
    }
    free(is_met);
}

static double print(const char *name, struct count count)
{
    double precision = count.found == 0 ? 0 : 100.0 * count.right / count.found;
    double recall = count.marked == 0 ? 0 : 100.0 * count.right / count.marked;
    double f1 = precision + recall == 0 ? 0 : 2 * precision * recall / (precision + recall);

    printf("  %s P %5.1f R %5.1f F %5.1f", name, precision, recall, f1);
    return f1;
}

static double measure(struct knowledge *knowledge, const char *path, bool verbose, bool counted)
{
    struct arena *arena = arena_new(1 << 20, 1 << 20);
    struct marked_reader reader;
    struct marked marked;
    struct count counts[4] = {{0}}, all = {0};
    double f1;

    marked_open(&reader, knowledge, path);
    while (arena_reset(arena), marked_next(&reader, arena, &marked)) {
        marked_room(knowledge, "entities", &marked.article);
        judge(&marked, counts, verbose);
    }
    marked_close(&reader);
    arena_free(arena);
    printf("%-28s", strrchr(path, '/') == NULL ? path : strrchr(path, '/') + 1);
    for (int type = MARKED_PER; type <= MARKED_LOC; type++) {
        print(marked_type_names[type], counts[type]);
        all = (struct count){all.right + counts[type].right, all.found + counts[type].found,
                             all.marked + counts[type].marked};
    }
    f1 = print("all", all);
    for (int type = MARKED_PER; counted && type <= MARKED_LOC; type++)
        printf(" %u %u %u", counts[type].right, counts[type].found, counts[type].marked);
    if (counted)
        printf(" %u %u %u", all.right, all.found, all.marked);
    putchar('\n');
    return f1;
}

int main(int argc, char **argv)
{
    struct options options = {.data_dir = TOCSIN_SOURCE_DIR "/processors/data"};
    struct knowledge *knowledge = NULL;
    struct err err = {0};
    bool verbose = false, counted = false, is_low = false;
    double floor_f1 = 0;
    int at = 1;

    for (; at < argc && argv[at][0] == '-'; at++) {
        if (strcmp(argv[at], "-v") == 0)
            verbose = true;
        else if (strcmp(argv[at], "--counts") == 0)
            counted = true;
        else if (strcmp(argv[at], "--data") == 0 && at + 1 < argc)
            options.data_dir = argv[++at];
        else if (strcmp(argv[at], "--floor") == 0 && at + 1 < argc)
            floor_f1 = atof(argv[++at]);
        else
            break;
    }
    if (at >= argc) {
        fprintf(stderr, "entities_quality [--data DIR] [-v] [--counts] [--floor F1] FILE…\n");
        return 2;
    }
    if (knowledge_open(&options, &knowledge, &err) != STATUS_OK) {
        fprintf(stderr, "%s\n", err.text);
        return 2;
    }
    for (; at < argc; at++)
        is_low |= measure(knowledge, argv[at], verbose, counted) < floor_f1;
    knowledge_unref(knowledge);
    return is_low;
}
