/*
 * walker: takes one article through all rooms.
 *
 * Each worker has its own.  What the caller writes:
 *
 *     walker_new(knowledge, &walker, &err);
 *     for each message:
 *         status = walker_walk(walker, &message, &article, &err);
 *         if (status == STATUS_OK)  copy article->encoded and article->encoded_mentions before the next walk
 *         else                      STATUS_REJECT: dead letter, err.reason and err.text say why
 *                                   STATUS_SKIP: a tombstone or the like, done by policy
 *     walker_free(walker);
 *
 * Thread-safety: one walker, one thread; any number of walkers share a knowledge.
 */
#ifndef PROCESSORS_WALKER_H
#define PROCESSORS_WALKER_H

#include "processors/article.h"
#include "processors/knowledge.h"
#include "processors/stage.h"

struct walker;

/* Takes a reference of its own on the knowledge. */
enum status walker_new(struct knowledge *knowledge, struct walker **ret_walker, struct err *err);
void walker_free(struct walker *walker); /* NULL is fine */

/* What it found is valid until the next walk.  On failure the text of err begins with the room's name. */
enum status walker_walk(struct walker *walker, const struct message *message, const struct article **ret_article,
                        struct err *err);

/* Nanoseconds that the last walk spent in each room, in the order of stage_order; 0 where it did not get to. */
const uint64_t *walker_room_ns(const struct walker *walker);
struct knowledge *walker_knowledge(const struct walker *walker);

#endif
