#include "processors/entities/train/marked.h"

#include "processors/stage.h"

#include <stdlib.h>
#include <string.h>

enum { LINE_MAX_SIZE = 1 << 18, ARTICLE_LINES = 4096, LINE_SPANS = 4096 };

const char *const marked_type_names[4] = {"PER", "ORG", "LOC", "OPT"};

static _Noreturn void refuse(const struct marked_reader *reader, const char *why)
{
    fprintf(stderr, "%s:%u: %s\n", reader->path, reader->line, why);
    exit(2);
}

void marked_open(struct marked_reader *reader, struct knowledge *knowledge, const char *path)
{
    *reader = (struct marked_reader){.knowledge = knowledge, .path = path, .file = fopen(path, "r")};
    if (reader->file == NULL) {
        perror(path);
        exit(2);
    }
}

void marked_close(struct marked_reader *reader)
{
    fclose(reader->file);
}

void marked_room(const struct knowledge *knowledge, const char *name, struct article *article)
{
    for (size_t i = 0; i < STAGES; i++) {
        const struct stage *stage = stage_order[i];
        void *scratch = NULL;
        struct err err = {0};

        if (strcmp(stage->name, name) != 0)
            continue;
        if ((stage->attach != NULL && stage->attach(knowledge_tables(knowledge, i), &scratch, &err) != STATUS_OK)
            || stage->run(knowledge_tables(knowledge, i), scratch, article, &err) != STATUS_OK) {
            fprintf(stderr, "%s: %s\n", name, err.text);
            exit(2);
        }
        if (scratch != NULL)
            stage->detach(scratch);
        return;
    }
    fprintf(stderr, "there is no room %s\n", name);
    exit(2);
}

static uint8_t type_of(const struct marked_reader *reader, const char *name)
{
    for (uint8_t type = 0; type < 4; type++)
        if (strcmp(name, marked_type_names[type]) == 0)
            return type;
    refuse(reader, "a type that is none of PER, ORG, LOC and OPT");
}

/* The cells behind the text of one line; offset: where that text begins in the buffer. */
static void read_spans(const struct marked_reader *reader, char *cells, size_t size, uint32_t offset,
                       struct marked *marked)
{
    char *rest = NULL;

    for (char *cell = strtok_r(cells, "\t", &rest); cell != NULL; cell = strtok_r(NULL, "\t", &rest)) {
        unsigned start, end;
        char type[8];

        if (sscanf(cell, "%u:%u:%7s", &start, &end, type) != 3 || start >= end || end > size)
            refuse(reader, "a cell that is no START:END:TYPE inside the text");
        if (marked->n_spans == LINE_SPANS)
            refuse(reader, "too many names in one article");
        marked->spans[marked->n_spans++] = (struct marked_span){offset + start, offset + end, type_of(reader, type)};
    }
}

/* Language, text, cells.  False: an empty line or the end. */
static bool read_line(struct marked_reader *reader, char *line, struct marked *marked, char *buffer, size_t *size)
{
    struct line *ret_line = &marked->article.lines[marked->article.n_lines];
    char *text, *cells;

    do {
        if (fgets(line, LINE_MAX_SIZE, reader->file) == NULL)
            return false;
        reader->line++;
    } while (line[0] == '#');
    line[strcspn(line, "\n")] = '\0';
    if (line[0] == '\0')
        return false;
    text = strchr(line, '\t');
    if (text == NULL)
        refuse(reader, "no TAB between language and text");
    *text++ = '\0';
    cells = strchr(text, '\t');
    if (cells != NULL)
        *cells++ = '\0';
    if (marked->article.n_lines == ARTICLE_LINES || *size + strlen(text) + 1 > LINE_MAX_SIZE)
        refuse(reader, "an article that is too long");
    marked->article.language.language = language_of(knowledge_languages(reader->knowledge), view_of(line));
    marked->article.language.confidence = 1;
    *ret_line = (struct line){.start = (uint32_t)*size, .size = (uint32_t)strlen(text), .origin = LINE_BODY};
    ret_line->language = marked->article.language;
    if (cells != NULL)
        read_spans(reader, cells, strlen(text), ret_line->start, marked);
    memcpy(buffer + *size, text, strlen(text));
    *size += strlen(text);
    buffer[(*size)++] = '\n';
    marked->article.n_lines++;
    return true;
}

bool marked_next(struct marked_reader *reader, struct arena *arena, struct marked *ret_marked)
{
    char *line = malloc(LINE_MAX_SIZE), *buffer = arena_alloc(arena, LINE_MAX_SIZE + 1);
    size_t size = 0;

    if (line == NULL)
        abort();
    reader->message = (struct message){.now_ms = 1767225600000}; /* 2026 */
    *ret_marked = (struct marked){.article = {.arena = arena, .message = &reader->message},
                                  .spans = ARENA_ARRAY(arena, struct marked_span, LINE_SPANS)};
    ret_marked->article.given.published_ms = TIME_NONE;
    ret_marked->article.lines = arena_zero(arena, ARTICLE_LINES * sizeof *ret_marked->article.lines);
    while (ret_marked->article.n_lines == 0 && !feof(reader->file))
        while (read_line(reader, line, ret_marked, buffer, &size))
            continue;
    free(line);
    if (ret_marked->article.n_lines == 0)
        return false;
    ret_marked->article.buffer = (struct view){buffer, size};
    marked_room(reader->knowledge, "text", &ret_marked->article);
    return true;
}
