#include "processors/arena.h"

#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_POISONS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_POISONS 1
#endif
#endif

#ifdef ARENA_POISONS
#include <sanitizer/asan_interface.h>
#define POISON(data, size) ASAN_POISON_MEMORY_REGION((data), (size))
#define UNPOISON(data, size) ASAN_UNPOISON_MEMORY_REGION((data), (size))
#else
#define POISON(data, size) ((void)(data), (void)(size))
#define UNPOISON(data, size) ((void)(data), (void)(size))
#endif

enum { ALIGNMENT = 16 };

struct chunk {
    struct chunk *older;
    size_t size; /* of data */
    size_t used;
    size_t unused; /* keeps data aligned */
    char data[];
};

_Static_assert(offsetof(struct chunk, data) % ALIGNMENT == 0, "data must start aligned");

struct arena {
    struct chunk *newest;
    size_t chunk_size;
    size_t keep;
    size_t held;
};

static size_t round_up(size_t size)
{
    return (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
}

static void out_of_memory(size_t size)
{
    fprintf(stderr, "tocsin: out of memory: %zu bytes wanted\n", size);
    abort();
}

static struct chunk *chunk_add(struct arena *arena, size_t at_least)
{
    size_t size = at_least > arena->chunk_size ? at_least : arena->chunk_size;
    struct chunk *chunk = size > SIZE_MAX - sizeof *chunk ? NULL : malloc(sizeof *chunk + size);

    if (chunk == NULL) {
        out_of_memory(size);
        return NULL; /* not reached */
    }
    *chunk = (struct chunk){.older = arena->newest, .size = size};
    arena->newest = chunk;
    arena->held += size;
    POISON(chunk->data, size);
    return chunk;
}

static void chunk_free(struct arena *arena, struct chunk *chunk)
{
    UNPOISON(chunk->data, chunk->size);
    arena->held -= chunk->size;
    free(chunk);
}

struct arena *arena_new(size_t chunk_size, size_t keep)
{
    struct arena *arena = calloc(1, sizeof *arena);

    if (arena == NULL) {
        out_of_memory(sizeof *arena);
        return NULL; /* not reached */
    }
    arena->chunk_size = round_up(chunk_size);
    arena->keep = keep;
    return arena;
}

void arena_free(struct arena *arena)
{
    if (arena == NULL)
        return;
    while (arena->newest != NULL) {
        struct chunk *older = arena->newest->older;
        chunk_free(arena, arena->newest);
        arena->newest = older;
    }
    free(arena);
}

void arena_reset(struct arena *arena)
{
    size_t wanted = arena->held <= arena->keep ? arena->held : 0;
    struct chunk *chunk = arena->newest;

    /* Several chunks become one of their size together: the next article of this size needs no malloc at all. */
    if (chunk != NULL && chunk->older == NULL && chunk->size <= arena->keep) {
        chunk->used = 0;
        POISON(chunk->data, chunk->size);
        return;
    }
    while (chunk != NULL) {
        struct chunk *older = chunk->older;
        chunk_free(arena, chunk);
        chunk = older;
    }
    arena->newest = NULL;
    if (wanted > 0)
        chunk_add(arena, wanted);
}

void *arena_alloc(struct arena *arena, size_t size)
{
    struct chunk *chunk = arena->newest;
    size_t rounded;
    char *data;

    if (size > SIZE_MAX - ALIGNMENT)
        out_of_memory(size);
    rounded = round_up(size);
    if (chunk == NULL || chunk->size - chunk->used < rounded)
        chunk = chunk_add(arena, rounded);
    data = chunk->data + chunk->used;
    chunk->used += rounded;
    UNPOISON(data, size);
    return data;
}

void *arena_zero(struct arena *arena, size_t size)
{
    return memset(arena_alloc(arena, size), 0, size);
}

/* Is this the piece that was handed out last? */
static bool is_last(const struct chunk *chunk, const char *data, size_t size)
{
    return chunk != NULL && data >= chunk->data && data + round_up(size) == chunk->data + chunk->used;
}

void *arena_grow(struct arena *arena, void *old, size_t old_size, size_t new_size)
{
    struct chunk *chunk = arena->newest;
    void *data;

    if (old != NULL && new_size >= old_size && new_size <= SIZE_MAX - ALIGNMENT && is_last(chunk, old, old_size)) {
        size_t before = (size_t)((char *)old - chunk->data);
        if (chunk->size - before >= round_up(new_size)) {
            chunk->used = before + round_up(new_size);
            UNPOISON(old, new_size);
            return old;
        }
    }
    data = arena_alloc(arena, new_size);
    if (old != NULL && old_size > 0)
        memcpy(data, old, old_size < new_size ? old_size : new_size);
    return data;
}

void arena_shrink(struct arena *arena, void *old, size_t old_size, size_t new_size)
{
    struct chunk *chunk = arena->newest;

    if (new_size > old_size || !is_last(chunk, old, old_size))
        return;
    chunk->used = (size_t)((char *)old - chunk->data) + round_up(new_size);
    POISON((char *)old + round_up(new_size), round_up(old_size) - round_up(new_size));
}

struct view arena_copy(struct arena *arena, struct view view)
{
    char *data = arena_alloc(arena, view.size + 1);

    if (view.size > 0)
        memcpy(data, view.data, view.size);
    data[view.size] = '\0';
    return (struct view){data, view.size};
}

struct view arena_print(struct arena *arena, const char *format, ...)
{
    va_list arguments, again;
    char *data;
    int size;

    va_start(arguments, format);
    va_copy(again, arguments);
    size = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (size < 0)
        size = 0;
    data = arena_alloc(arena, (size_t)size + 1);
    vsnprintf(data, (size_t)size + 1, format, again);
    va_end(again);
    return (struct view){data, (size_t)size};
}

size_t arena_held(const struct arena *arena)
{
    return arena->held;
}

void memory_trim(void)
{
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}
