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
#include "processors/status.h"

#include <limits.h>

struct remains {
    size_t size;
    char sha256[65];     /* hex */
    char path[PATH_MAX]; /* "": not spooled */
};

/* spool_dir: "" for none. */
void deadletter_remains(const struct message *message, const char *spool_dir, struct remains *ret);

/* The way back: reads the file and proves that it is what was spooled.  The caller frees *ret_bytes.
 * Errors: STATUS_REJECT, if it cannot be read, or has another length or checksum. */
enum status deadletter_recover(const char *path, size_t size, struct view sha256, char **ret_bytes, struct err *err);

#endif
