#include "consumer/cli/chunk.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum state { CHUNK_FREE, CHUNK_FILLED, CHUNK_WALKING, CHUNK_WALKED };

/* Chunks are used in turn, as seats of a wheel: the reader fills the one at `fill`, the next worker takes the one at
 * `walk`, the writer waits for the one at `write`.  write <= walk <= fill <= write + n; all three only grow. */
struct chunks {
    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t freed, filled, walked;
    struct chunk *ring;
    size_t n;
    uint64_t fill, walk, write;
    size_t bytes; /* of the input in all that are not free */
    bool closed, stopped;
};

/* ---- buffers ---------------------------------------------------------------------------------------------------- */

static void *must_realloc(void *data, size_t size)
{
    data = realloc(data, size);
    if (data == NULL) {
        fprintf(stderr, "tocsin: out of memory: %zu bytes wanted\n", size);
        abort();
    }
    return data;
}

void buffer_reserve(struct buffer *buffer, size_t more)
{
    size_t capacity = buffer->capacity == 0 ? CHUNK_BYTES : buffer->capacity;

    while (capacity - buffer->size < more)
        capacity *= 2;
    if (capacity != buffer->capacity)
        buffer->data = must_realloc(buffer->data, capacity);
    buffer->capacity = capacity;
}

void buffer_add(struct buffer *buffer, struct view view)
{
    if (view.size == 0)
        return;
    buffer_reserve(buffer, view.size);
    memcpy(buffer->data + buffer->size, view.data, view.size);
    buffer->size += view.size;
}

void buffer_reset(struct buffer *buffer)
{
    buffer->size = 0;
    if (buffer->capacity > 8 * (size_t)CHUNK_BYTES) {
        free(buffer->data);
        *buffer = (struct buffer){0};
    }
}

/* ---- one chunk -------------------------------------------------------------------------------------------------- */

void chunk_init(struct chunk *chunk)
{
    *chunk = (struct chunk){.arena = arena_new(4096, 65536)};
}

void chunk_done(struct chunk *chunk)
{
    free(chunk->input.data);
    free(chunk->output.data);
    free(chunk->items);
    free(chunk->rejects);
    arena_free(chunk->arena);
}

void chunk_add_item(struct chunk *chunk, struct item item)
{
    if (chunk->n_items == chunk->items_size) {
        chunk->items_size = chunk->items_size == 0 ? 256 : chunk->items_size * 2;
        chunk->items = must_realloc(chunk->items, chunk->items_size * sizeof *chunk->items);
    }
    chunk->items[chunk->n_items++] = item;
}

void chunk_add_reject(struct chunk *chunk, size_t item, const char *reason, const char *text)
{
    if (chunk->n_rejects == chunk->rejects_size) {
        chunk->rejects_size = chunk->rejects_size == 0 ? 64 : chunk->rejects_size * 2;
        chunk->rejects = must_realloc(chunk->rejects, chunk->rejects_size * sizeof *chunk->rejects);
    }
    chunk->rejects[chunk->n_rejects++] = (struct rejected){item, reason, arena_copy(chunk->arena, view_of(text)).data};
}

void chunk_reset(struct chunk *chunk)
{
    buffer_reset(&chunk->input);
    buffer_reset(&chunk->output);
    arena_reset(chunk->arena);
    chunk->n_items = chunk->n_rejects = 0;
    chunk->consumed = chunk->n_enriched = chunk->n_skipped = chunk->n_mentions = 0;
}

/* ---- ring ------------------------------------------------------------------------------------------------------- */

struct chunks *chunks_new(size_t n)
{
    struct chunks *chunks = calloc(1, sizeof *chunks);

    if (chunks == NULL || (chunks->ring = calloc(n, sizeof *chunks->ring)) == NULL)
        abort();
    chunks->n = n;
    pthread_mutex_init(&chunks->lock, NULL);
    pthread_cond_init(&chunks->freed, NULL);
    pthread_cond_init(&chunks->filled, NULL);
    pthread_cond_init(&chunks->walked, NULL);
    for (size_t i = 0; i < n; i++)
        chunk_init(&chunks->ring[i]);
    return chunks;
}

void chunks_free(struct chunks *chunks)
{
    if (chunks == NULL)
        return;
    for (size_t i = 0; i < chunks->n; i++)
        chunk_done(&chunks->ring[i]);
    pthread_mutex_destroy(&chunks->lock);
    pthread_cond_destroy(&chunks->freed);
    pthread_cond_destroy(&chunks->filled);
    pthread_cond_destroy(&chunks->walked);
    free(chunks->ring);
    free(chunks);
}

struct chunk *chunk_take_free(struct chunks *chunks)
{
    struct chunk *chunk = NULL;

    pthread_mutex_lock(&chunks->lock);
    while (!chunks->stopped && (chunks->fill - chunks->write == chunks->n || chunks->bytes > CHUNKS_BYTES))
        pthread_cond_wait(&chunks->freed, &chunks->lock);
    if (!chunks->stopped)
        chunk = &chunks->ring[chunks->fill % chunks->n];
    pthread_mutex_unlock(&chunks->lock);
    return chunk;
}

void chunk_filled(struct chunks *chunks, struct chunk *chunk)
{
    pthread_mutex_lock(&chunks->lock);
    chunk->state = CHUNK_FILLED;
    chunks->fill++;
    chunks->bytes += chunk->input.size;
    pthread_cond_signal(&chunks->filled);
    pthread_mutex_unlock(&chunks->lock);
}

struct chunk *chunk_take_filled(struct chunks *chunks)
{
    struct chunk *chunk = NULL;

    pthread_mutex_lock(&chunks->lock);
    while (!chunks->stopped && !chunks->closed && chunks->walk == chunks->fill)
        pthread_cond_wait(&chunks->filled, &chunks->lock);
    if (!chunks->stopped && chunks->walk != chunks->fill) {
        chunk = &chunks->ring[chunks->walk++ % chunks->n];
        chunk->state = CHUNK_WALKING;
    }
    pthread_mutex_unlock(&chunks->lock);
    return chunk;
}

void chunk_walked(struct chunks *chunks, struct chunk *chunk)
{
    pthread_mutex_lock(&chunks->lock);
    chunk->state = CHUNK_WALKED;
    pthread_cond_signal(&chunks->walked);
    pthread_mutex_unlock(&chunks->lock);
}

struct chunk *chunk_take_walked(struct chunks *chunks)
{
    struct chunk *chunk = NULL;

    pthread_mutex_lock(&chunks->lock);
    for (;;) {
        struct chunk *next = &chunks->ring[chunks->write % chunks->n];

        if (chunks->stopped || (chunks->closed && chunks->write == chunks->fill))
            break;
        if (chunks->write != chunks->fill && next->state == CHUNK_WALKED) {
            chunk = next;
            break;
        }
        pthread_cond_wait(&chunks->walked, &chunks->lock);
    }
    pthread_mutex_unlock(&chunks->lock);
    return chunk;
}

void chunk_free(struct chunks *chunks, struct chunk *chunk)
{
    size_t bytes = chunk->input.size;

    chunk_reset(chunk); /* may give megabytes back: not under the lock */
    pthread_mutex_lock(&chunks->lock);
    chunk->state = CHUNK_FREE;
    chunks->write++;
    chunks->bytes -= bytes;
    pthread_cond_signal(&chunks->freed);
    pthread_mutex_unlock(&chunks->lock);
}

static void wake_all(struct chunks *chunks)
{
    pthread_cond_broadcast(&chunks->freed);
    pthread_cond_broadcast(&chunks->filled);
    pthread_cond_broadcast(&chunks->walked);
}

void chunks_close(struct chunks *chunks)
{
    pthread_mutex_lock(&chunks->lock);
    chunks->closed = true;
    wake_all(chunks);
    pthread_mutex_unlock(&chunks->lock);
}

void chunks_stop(struct chunks *chunks)
{
    pthread_mutex_lock(&chunks->lock);
    chunks->stopped = true;
    wake_all(chunks);
    pthread_mutex_unlock(&chunks->lock);
}
