/*
 * table: rows of words from a TSV file, checked when they are loaded.
 *
 * Format: UTF-8, one row one fact, cells divided by one TAB, "#" begins a comment line, empty lines are skipped.
 * The first other line names the columns and must be exactly those the reader expects.
 * A row that has too few or too many cells, or is not valid UTF-8, is refused with file and line.
 *
 * Overlay: a user's folder may hold a file of the same name.  Its rows are added; a row whose first cell begins with
 * "-" takes away every row that is equal to it in the first n_key columns.  A file that only the overlay has is read too.
 *
 * Ownership: the table owns all views handed out; they live until table_close().
 * Thread-safety: read-only after table_open().
 */
#ifndef PROCESSORS_TABLE_H
#define PROCESSORS_TABLE_H

#include "processors/status.h"
#include "processors/view.h"

#include <stdint.h>

struct table_row {
    const struct view *cells;
    const char *file; /* for error texts */
    unsigned line;
    bool is_overlay;  /* from the user's own folder */
};

struct table;

/* Where tables come from, and the sum over all that was read: two snapshots with equal sums hold equal words. */
struct table_source {
    const char *data_dir;
    const char *overlay_dir; /* NULL: none */
    uint64_t sum;            /* begin with 0 */
};

/* Opens NAME (may have a folder in it: "escalation/de.tsv").  columns: their names, divided by one blank.
 * STATUS_SKIP: there is no such file in either folder (ret_table stays as it was).  STATUS_FATAL: anything wrong. */
enum status table_open(struct table_source *source, const char *name, const char *columns, unsigned n_key,
                       struct table **ret_table, struct err *err);
/* Takes in the sum of tables that were read from a copy of this source (by another thread, from a sum of 0). */
void table_source_add(struct table_source *source, uint64_t sum);
void table_close(struct table *table); /* NULL is fine */

/* Bytes of NAME in both folders; 0: there is none. */
size_t table_bytes(const struct table_source *source, const char *name);

size_t table_size(const struct table *table);
struct table_row table_at(const struct table *table, size_t i);

/* STATUS_FATAL with "FILE:LINE: " before the text. */
enum status table_fail(struct table_row row, struct err *err, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The names (without folder and ".tsv") of all tables in one folder of both places, sorted, each once:
 * "escalation" gives "ar", "de", "en".  Calls each(user, name); stops at the first status that is not OK. */
enum status table_list(const struct table_source *source, const char *folder,
                       enum status (*each)(void *user, const char *name, struct err *err), void *user, struct err *err);

/* The place of a word in a list of words divided by blanks.  False: it is not there. */
bool table_choice(struct view word, const char *list, unsigned *ret_index);

/* A cell as a number from 0 to 1; STATUS_FATAL with file and line if it is none. */
enum status table_fraction(struct table_row row, unsigned cell, float *ret_number, struct err *err);

#endif
