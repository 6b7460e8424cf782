/*
 * How well are mentions of escalation and de-escalation found?  Reads files of sentences with what is right about them
 * (tests/quality/escalation/LANG.txt) and prints for each file
 *     P, R, F1    of mentions with their direction; a mention counts if its words overlap those of the gold
 *     kind, mode  how often they are right in the mentions found
 *     classes     sentences whose direction (escalation, de-escalation, mixed, none) is right
 *     alarms      sentences with none that got any
 *
 *     escalation_quality [--data DIR] [-v] [--floor F1] FILE…     -v: print every sentence that is not right
 *
 * The language is the file's name up to its first dot or dash.  Exit 1: an F1 is below the floor.
 */
#include "processors/knowledge.h"
#include "processors/stage.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MENTIONS_MAX = 16, LINE_SIZE = 8192 };

struct mention {
    char direction, kind[32], mode[16], trigger[256];
    bool optional, met;
};

struct score {
    unsigned right, missed, wrong, kinds, modes, sentences, classes, nones, alarms;
};

static const struct stage *stage_named(const char *name, size_t *ret_index)
{
    for (size_t i = 0; i < STAGES; i++)
        if (strcmp(stage_order[i]->name, name) == 0) {
            *ret_index = i;
            return stage_order[i];
        }
    fprintf(stderr, "there is no room %s\n", name);
    exit(2);
}

static void room_run(struct knowledge *knowledge, const char *name, struct article *article)
{
    size_t index;
    const struct stage *stage = stage_named(name, &index);
    void *scratch = NULL;
    struct err err = {0};

    if ((stage->attach != NULL && stage->attach(knowledge_tables(knowledge, index), &scratch, &err) != STATUS_OK)
        || stage->run(knowledge_tables(knowledge, index), scratch, article, &err) != STATUS_OK) {
        fprintf(stderr, "%s: %s\n", name, err.text);
        exit(2);
    }
    if (scratch != NULL)
        stage->detach(scratch);
}

/* One sentence as an article of one line in a known language, through the rooms that matter here. */
static void walk(struct knowledge *knowledge, struct arena *arena, const char *language, const char *text,
                 struct article *ret_article)
{
    static const struct message message = {.now_ms = 1767225600000}; /* 2026 */
    struct line *line = arena_zero(arena, sizeof *line);

    *ret_article = (struct article){.arena = arena, .message = &message};
    ret_article->buffer = arena_print(arena, "%s\n", text);
    line->size = (uint32_t)strlen(text);
    line->origin = LINE_BODY;
    ret_article->given.published_ms = TIME_NONE;
    ret_article->lines = line;
    ret_article->n_lines = 1;
    ret_article->language.language = language_of(knowledge_languages(knowledge), view_of(language));
    ret_article->language.confidence = 1;
    line->language = ret_article->language;
    room_run(knowledge, "text", ret_article);
    room_run(knowledge, "entities", ret_article);
    room_run(knowledge, "escalation", ret_article);
}

/* "?escalation:attack:done:Angriff; …" */
static size_t gold_read(char *text, struct mention mentions[MENTIONS_MAX])
{
    size_t n = 0;
    char *rest;

    for (char *one = strtok_r(text, ";", &rest); one != NULL && n < MENTIONS_MAX; one = strtok_r(NULL, ";", &rest)) {
        struct mention *mention = &mentions[n];
        char direction[32];

        *mention = (struct mention){0};
        while (isspace((unsigned char)*one))
            one++;
        if (strncmp(one, "none", 4) == 0)
            continue;
        mention->optional = *one == '?';
        if (sscanf(one + mention->optional, "%31[^:]:%31[^:]:%15[^:]:%255[^\n]", direction, mention->kind,
                   mention->mode, mention->trigger) != 4) {
            fprintf(stderr, "not a mention: %s\n", one);
            exit(2);
        }
        mention->direction = direction[0];
        n++;
    }
    return n;
}

static bool overlaps(const struct article *article, const struct event *event, const char *trigger)
{
    const char *at = strstr(article->buffer.data, trigger);
    size_t start;

    if (at == NULL) {
        fprintf(stderr, "'%s' is not in: %s", trigger, article->buffer.data);
        exit(2);
    }
    start = (size_t)(at - article->buffer.data);
    return start < event->start + event->size && event->start < start + strlen(trigger);
}

static char direction_letter(const struct event *event)
{
    return event->direction == DIRECTION_ESCALATION ? 'e' : 'd';
}

static bool judge(const struct article *article, struct mention *gold, size_t n_gold, struct score *score)
{
    unsigned wrong = 0, missed = 0, wanted = 0, found = 0;

    for (size_t i = 0; i < article->n_events; i++) {
        const struct event *event = &article->events[i];
        bool met = false;

        unsigned side = event->direction == DIRECTION_ESCALATION ? 1u : 2u;

        for (int pass = 0; pass < 2 && !met; pass++)
            for (size_t g = 0; g < n_gold && !met; g++) {
                if ((gold[g].met && pass == 0) || gold[g].direction != direction_letter(event)
                    || !overlaps(article, event, gold[g].trigger))
                    continue;
                met = true;
                side = gold[g].optional ? 0 : side;
                if (gold[g].met || gold[g].optional) {
                    gold[g].met = true;
                    continue;
                }
                gold[g].met = true;
                score->right++;
                score->kinds += strcmp(gold[g].kind, event_kind_name(event->kind)) == 0;
                score->modes += strcmp(gold[g].mode, event_mode_name(event->mode)) == 0;
            }
        wrong += !met;
        found |= side;
    }
    for (size_t g = 0; g < n_gold; g++) {
        missed += !gold[g].met && !gold[g].optional;
        if (!gold[g].optional)
            wanted |= gold[g].direction == 'e' ? 1u : 2u;
    }
    score->wrong += wrong;
    score->missed += missed;
    score->sentences++;
    score->classes += wanted == found;
    score->nones += n_gold == 0;
    score->alarms += n_gold == 0 && article->n_events > 0;
    return wrong == 0 && missed == 0;
}

static void print(const struct article *article, const char *gold)
{
    printf("%s   gold  %s\n", article->buffer.data, gold);
    for (size_t i = 0; i < article->n_events; i++) {
        const struct event *event = &article->events[i];
        printf("   found %s:%s:%s:%.*s", direction_name(event->direction), event_kind_name(event->kind),
               event_mode_name(event->mode), (int)event->size, article->buffer.data + event->start);
        for (uint8_t k = 0; k < event->n_actors; k++)
            printf("  actor %.*s", VIEW_PRINT(article->entities[event->actors[k]].name));
        for (uint8_t k = 0; k < event->n_targets; k++)
            printf("  target %.*s", VIEW_PRINT(article->entities[event->targets[k]].name));
        printf("\n");
    }
    printf("   names");
    for (size_t i = 0; i < article->n_names; i++)
        printf(" %.*s,", VIEW_PRINT(article->entities[article->names[i].entity].name));
    printf("\n");
}

/* F1 of one file. */
static double measure(struct knowledge *knowledge, const char *path, bool verbose)
{
    FILE *file = fopen(path, "r");
    const char *name = strrchr(path, '/') == NULL ? path : strrchr(path, '/') + 1;
    char language[8] = "", line[LINE_SIZE], sentence[LINE_SIZE] = "";
    struct arena *arena = arena_new(1 << 16, 1 << 20);
    struct score score = {0};
    double precision, recall, f1;

    if (file == NULL) {
        perror(path);
        exit(2);
    }
    for (size_t i = 0; i < sizeof language - 1 && isalpha((unsigned char)name[i]); i++)
        language[i] = name[i];
    while (fgets(line, sizeof line, file) != NULL) {
        struct mention gold[MENTIONS_MAX];
        struct article article;
        char copy[LINE_SIZE];
        size_t n;

        line[strcspn(line, "\n")] = '\0';
        if (line[0] == '#' || line[0] == '\0')
            continue;
        if (strncmp(line, "=> ", 3) != 0) {
            strcpy(sentence, line);
            continue;
        }
        strcpy(copy, line + 3);
        n = gold_read(copy, gold);
        arena_reset(arena);
        walk(knowledge, arena, language, sentence, &article);
        if (!judge(&article, gold, n, &score) && verbose)
            print(&article, line + 3);
    }
    fclose(file);
    arena_free(arena);
    precision = score.right == 0 ? 0 : 100.0 * score.right / (score.right + score.wrong);
    recall = score.right == 0 ? 0 : 100.0 * score.right / (score.right + score.missed);
    f1 = score.right == 0 ? 0 : 2 * precision * recall / (precision + recall);
    printf("%-14s %4u sentences  P %5.1f  R %5.1f  F1 %5.1f  kind %5.1f  mode %5.1f  classes %5.1f  alarms %u of %u\n",
           name, score.sentences, precision, recall, f1, score.right == 0 ? 0 : 100.0 * score.kinds / score.right,
           score.right == 0 ? 0 : 100.0 * score.modes / score.right,
           score.sentences == 0 ? 0 : 100.0 * score.classes / score.sentences, score.alarms, score.nones);
    return f1;
}

int main(int argc, char **argv)
{
    bool has_data = argc > 2 && strcmp(argv[1], "--data") == 0;
    struct options options = {.data_dir = has_data ? argv[2] : TOCSIN_SOURCE_DIR "/processors/data"};
    struct knowledge *knowledge;
    struct err err = {0};
    bool verbose = false, below = false;
    double floor = 0;

    if (knowledge_open(&options, &knowledge, &err) != STATUS_OK) {
        fprintf(stderr, "%s\n", err.text);
        return 2;
    }
    for (int i = has_data ? 3 : 1; i < argc; i++) {
        if (strcmp(argv[i], "-v") == 0)
            verbose = true;
        else if (strcmp(argv[i], "--floor") == 0 && i + 1 < argc)
            floor = strtod(argv[++i], NULL);
        else
            below |= measure(knowledge, argv[i], verbose) < floor;
    }
    knowledge_unref(knowledge);
    return below;
}
