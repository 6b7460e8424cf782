/*
 * parallel: the same work on many things, on all processors of the machine.  For start-up, never for articles: those
 * have their workers.
 *
 * Thread-safety: calls from several threads do not know of each other.
 * Errors: none; a thread that cannot be had is done without.
 */
#ifndef PROCESSORS_PARALLEL_H
#define PROCESSORS_PARALLEL_H

#include <stddef.h>

/* Calls job(user, i) once for each i below n, several at a time and in no order; returns when all are done. */
void parallel_for(size_t n, void (*job)(void *user, size_t i), void *user);

#endif
