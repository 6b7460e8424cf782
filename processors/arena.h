/*
 * arena: everything that is learned about one article, freed at once.
 *
 * A worker owns one arena and resets it after each article; a table owns one for as long as it lives.
 * Memory is handed out by moving a mark through large chunks.  A reset keeps up to `keep` bytes for the next article,
 * so that in the steady state no article calls malloc, and one giant does not make the worker heavy for ever.
 *
 * Under AddressSanitizer a reset poisons what was handed out: a pointer kept from the last article is found.
 *
 * Thread-safety: one arena, one thread.
 * Errors: out of memory ends the process with a line on stderr (as a small allocation cannot be refused in a useful way);
 * sizes from outside are bounded by `input.max.bytes` long before.
 */
#ifndef PROCESSORS_ARENA_H
#define PROCESSORS_ARENA_H

#include "processors/view.h"

#include <stdarg.h>
#include <stddef.h>

struct arena;

struct arena *arena_new(size_t chunk_size, size_t keep); /* both in bytes */
void arena_free(struct arena *arena);                    /* NULL is fine */
void arena_reset(struct arena *arena);

/* 16-byte aligned, not cleared.  Never NULL; size 0 gives a valid pointer. */
void *arena_alloc(struct arena *arena, size_t size);

/* The same, all zero. */
void *arena_zero(struct arena *arena, size_t size);

/* Enlarges what was handed out last in place, else copies; contents up to old_size stay. */
void *arena_grow(struct arena *arena, void *old, size_t old_size, size_t new_size);

/* Gives back the tail of what was handed out last; elsewhere it does nothing. */
void arena_shrink(struct arena *arena, void *old, size_t old_size, size_t new_size);

/* A copy, terminated by a NUL that is not counted in its size. */
struct view arena_copy(struct arena *arena, struct view view);
struct view arena_print(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Gives the system back what was freed, of all threads: for when tables have been made, never for articles. */
void memory_trim(void);

/* Bytes held from the system now. */
size_t arena_held(const struct arena *arena);

#define ARENA_ARRAY(arena, type, n) ((type *)arena_alloc((arena), (n) * sizeof(type)))

#endif
