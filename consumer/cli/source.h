/*
 * source: the files of `enrich`, one after another, cut into lines or taken as a whole.
 *
 * What has arrived is handed on at once; a line is never waited for while others are ready.
 *
 * Thread-safety: one thread.
 */
#ifndef CONSUMER_CLI_SOURCE_H
#define CONSUMER_CLI_SOURCE_H

#include "consumer/cli/chunk.h"

struct source;

struct source_setup {
    const char *const *files; /* "-": stdin; they outlive the source */
    size_t n_files;
    bool documents;           /* a file is one document, not lines */
    size_t item_max;          /* bytes; what is longer is cut, and is known by its whole_size */
};

struct source *source_open(const struct source_setup *setup);
void source_close(struct source *source);

/* Fills an empty chunk.  STATUS_SKIP: nothing is left.  STATUS_FATAL: a file cannot be read. */
enum status source_fill(struct source *source, struct chunk *chunk, struct err *err);

/* Bytes of all files; 0 if one of them is no regular file. */
uint64_t source_bytes(const struct source_setup *setup);

#endif
