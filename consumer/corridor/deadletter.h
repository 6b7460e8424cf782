/*
 * deadletter: what remains of a value that even the dead-letter topic refuses for its size.
 *
 * Its length and SHA-256 travel in headers.  With dead.spool_dir set the bytes lie there in a file of their own,
 * written before the letter is sent and complete under its name:
 *
 *     TOPIC-PARTITION-OFFSET
 *
 * Errors: a file that cannot be written is logged; the letter then goes without it and does not name it.
 */
#ifndef CONSUMER_CORRIDOR_DEADLETTER_H
#define CONSUMER_CORRIDOR_DEADLETTER_H

#include "processors/article.h"

#include <limits.h>

struct remains {
    size_t size;
    char sha256[65];     /* hex */
    char path[PATH_MAX]; /* "": not spooled */
};

/* spool_dir: "" for none. */
void deadletter_remains(const struct message *message, const char *spool_dir, struct remains *ret);

#endif
