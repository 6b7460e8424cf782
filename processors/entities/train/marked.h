/*
 * marked: texts with marked names, as the tagger learns from them and the room is measured on them.
 *
 * A file has one sentence or paragraph a line: language, text, and a cell "START:END:TYPE" for each name, in bytes of
 * the text, divided by TABs.  An empty line ends an article; "#" begins a comment line.
 * TYPE is PER, ORG, LOC (states and cities too) or OPT: a name that is neither asked for nor wrong.
 *
 * Errors: a file that is not so ends the program with its name and line, for this is a tool's part and no room's.
 */
#ifndef PROCESSORS_ENTITIES_TRAIN_MARKED_H
#define PROCESSORS_ENTITIES_TRAIN_MARKED_H

#include "processors/article.h"
#include "processors/knowledge.h"

#include <stdio.h>

enum marked_type { MARKED_PER, MARKED_ORG, MARKED_LOC, MARKED_OPT };
extern const char *const marked_type_names[4];

struct marked_span {
    uint32_t start, end; /* bytes of the article's buffer */
    uint8_t type;        /* enum marked_type */
};

/* One article; free'd with its arena. */
struct marked {
    struct article article; /* its buffer, lines, tokens, sentences and language are there, as rooms leave them */
    struct marked_span *spans; /* in the order of the buffer */
    size_t n_spans;
};

struct marked_reader {
    struct knowledge *knowledge;
    struct message message;
    FILE *file;
    const char *path;
    unsigned line;
};

void marked_open(struct marked_reader *reader, struct knowledge *knowledge, const char *path);
void marked_close(struct marked_reader *reader);

/* The next article, its text cut into tokens; false behind the last. */
bool marked_next(struct marked_reader *reader, struct arena *arena, struct marked *ret_marked);

/* Runs one room of the house on an article. */
void marked_room(const struct knowledge *knowledge, const char *name, struct article *article);

#endif
