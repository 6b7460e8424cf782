/*
 * extract_classes: what class and id names tell of an element.
 *
 * The words are data (cleanup/html/elements.tsv).  Names are written by people for their style sheets: what they say is
 * a hint, and region.h weighs it against what the element holds.
 *
 * Thread-safety: struct classes is read-only after classes_open().
 */
#ifndef PROCESSORS_EXTRACT_CLASSES_H
#define PROCESSORS_EXTRACT_CLASSES_H

#include "processors/table.h"

enum { CLASS_BODY = 1 << 0, CLASS_AROUND = 1 << 1, CLASS_LIST = 1 << 2, CLASS_COMMENTS = 1 << 3 };

struct classes;

enum status classes_open(struct table_source *source, struct classes **ret_classes, struct err *err);
void classes_close(struct classes *classes); /* NULL is fine */

/* names: lower case, their words divided by anything that is no letter.  Bits of CLASS_…; 0: they tell nothing. */
unsigned classes_tell(const struct classes *classes, struct view names);

#endif
