/*
 * chunk: how `enrich` keeps all cores busy and the order of its input: a ring of pieces of work.
 *
 *     reader               workers                    writer
 *     chunk_take_free() ─▶ chunk_take_filled()     ─▶ chunk_take_walked()   in the order of the reader
 *     chunk_filled()       chunk_walked()             chunk_free()
 *
 * A chunk is what has arrived: some hundred lines of a file, one line of a slow pipe.  The ring has a fixed number of
 * them, and the reader waits while they hold more than CHUNKS_BYTES together, so memory is bounded whatever comes in.
 *
 * Thread-safety: the ring's functions from any thread; a chunk belongs to whoever took it.
 */
#ifndef CONSUMER_CLI_CHUNK_H
#define CONSUMER_CLI_CHUNK_H

#include "processors/arena.h"
#include "processors/status.h"
#include "processors/view.h"

#include <stdint.h>

enum { CHUNK_BYTES = 256 << 10, CHUNKS_BYTES = 64 << 20 };

struct buffer {
    char *data;
    size_t size, capacity;
};

void buffer_reserve(struct buffer *buffer, size_t more); /* room for so many bytes behind size */
void buffer_add(struct buffer *buffer, struct view view);
void buffer_reset(struct buffer *buffer); /* empties it and gives an unusually large one back to the system */

struct item {
    size_t start, size;  /* its bytes in chunk.input */
    size_t whole_size;   /* more than size: it was longer than input.max.bytes and was cut */
    const char *file;
    int64_t line;        /* from 1; 0: the file is one document */
};

struct rejected {
    size_t item;
    const char *reason;
    const char *text;
};

struct chunk {
    struct buffer input, output;
    struct item *items;
    size_t n_items, items_size;
    struct arena *arena; /* rejects */
    struct rejected *rejects;
    size_t n_rejects, rejects_size;
    uint64_t consumed;   /* bytes of the source, for the progress bar */
    uint64_t n_enriched, n_skipped, n_mentions;
    /* the ring's */
    int state;
};

/* For a reader without a ring; a ring's chunks come ready. */
void chunk_init(struct chunk *chunk);
void chunk_reset(struct chunk *chunk);
void chunk_done(struct chunk *chunk);

void chunk_add_item(struct chunk *chunk, struct item item);
void chunk_add_reject(struct chunk *chunk, size_t item, const char *reason, const char *text);

struct chunks;

struct chunks *chunks_new(size_t n);
void chunks_free(struct chunks *chunks); /* NULL is fine */

/* All return NULL when there is nothing left to do: stopped, or closed and empty. */
struct chunk *chunk_take_free(struct chunks *chunks);
struct chunk *chunk_take_filled(struct chunks *chunks);
struct chunk *chunk_take_walked(struct chunks *chunks);

void chunk_filled(struct chunks *chunks, struct chunk *chunk);
void chunk_walked(struct chunks *chunks, struct chunk *chunk);
void chunk_free(struct chunks *chunks, struct chunk *chunk);

void chunks_close(struct chunks *chunks); /* the reader has no more */
void chunks_stop(struct chunks *chunks);  /* something failed: everybody goes home */

#endif
