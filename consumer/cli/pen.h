/*
 * pen: text of strangers on a terminal, in styles, wrapped at its width.
 *
 * Without colour the styles are forgotten: what must be seen then has to be written as a mark by the caller.
 *
 * Thread-safety: one thread.
 */
#ifndef CONSUMER_CLI_PEN_H
#define CONSUMER_CLI_PEN_H

#include "processors/view.h"

#include <stdio.h>

enum style {
    STYLE_PLAIN = 0, STYLE_BOLD = 1, STYLE_DIM = 2, STYLE_UNDERLINED = 4, STYLE_STRUCK = 8, STYLE_RED = 16,
    STYLE_GREEN = 32, STYLE_YELLOW = 64, STYLE_CYAN = 128, STYLES = 8
};

struct pen {
    FILE *out;
    bool colour;
    size_t width;  /* columns; 0: lines are not wrapped */
    size_t indent; /* columns before the second and later rows of a line */
    size_t column; /* where the next character goes */
    bool blank;    /* may a row end here? */
    unsigned style;
};

/* Width: of the terminal, if it is one.  Sets LC_CTYPE, so that columns of every script can be counted. */
void pen_init(struct pen *pen, FILE *out, bool colour);

void pen_style(struct pen *pen, unsigned style); /* any of enum style together */

/* UTF-8; what a terminal would obey rather than show is written as an escape. */
void pen_text(struct pen *pen, struct view text);
void pen_print(struct pen *pen, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Ends the line, in plain style. */
void pen_end(struct pen *pen);

/* Is it a terminal that shows colours, and does the user want them (NO_COLOR is not set)? */
bool pen_is_coloured(FILE *out);

#endif
