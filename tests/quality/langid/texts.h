/* texts: the rows of labelled texts that language identification is measured on: "language TAB kind TAB text". */
#ifndef TESTS_QUALITY_LANGID_TEXTS_H
#define TESTS_QUALITY_LANGID_TEXTS_H

#include "processors/languages.h"

enum { MAIN_LANGUAGES = 11 };
extern const char *const main_languages[MAIN_LANGUAGES];

struct text_row {
    const char *language, *kind;
    struct view text; /* and a NUL behind it */
};

/* Cuts a line where it stands.  False for comments and lines of another form. */
bool text_row_of(char *line, struct text_row *ret_row);

/* Every tenth text, as langid/train chooses those that it leaves out. */
bool is_held_out(struct view text);

#endif
