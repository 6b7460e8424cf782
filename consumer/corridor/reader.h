/*
 * reader: takes what has arrived, and answers the group.
 *
 * It always holds one batch.  What a poll brings goes into it; when there is nothing more to take at once, or the batch
 * is full, it is exchanged for an empty one.  While no empty one is free it fills up further, so that batches grow
 * exactly as far as the work behind lags.  Full and still none free: it waits, and after pause.after pauses its
 * partitions, because polling must go on (a member that does not poll is taken for dead) and a paused partition brings
 * nothing.
 *
 *     given     new epoch for each partition, then assigned; paused too if we are
 *     revoked   the batch in hand is put, work of these partitions is awaited for drain.timeout, then they are fenced,
 *               then unassigned (which commits what was stored)
 *     lost      somebody else has them already: fenced at once
 *
 * No user work is done on this thread, and it may never wait for anything but within the bounds above.
 *
 * Thread-safety: one thread, the one that called engine_run().
 */
#ifndef CONSUMER_CORRIDOR_READER_H
#define CONSUMER_CORRIDOR_READER_H

#include "consumer/corridor/assignment.h"
#include "consumer/corridor/control.h"
#include "consumer/corridor/corridor.h"
#include "consumer/corridor/stretch.h"
#include "consumer/settings/settings.h"

struct reader;

/* Where the knowledge for the next batch comes from: returns a new reference. */
struct knowledge_source {
    struct knowledge *(*current)(void *user);
    void *user;
};

/* Makes the consumer and subscribes.  span: NULL, or a stretch of the input topic that is read without the group and
 * without moving its offsets, until its end; then reader_run() returns by itself.  Errors: STATUS_RETRY if no broker answered, else STATUS_FATAL. */
enum status reader_open(const struct settings *settings, struct control *control, struct assignment *assignment,
                        struct corridor *corridor, struct knowledge_source source, const struct span *span,
                        struct reader **ret_reader, struct err *err);
rd_kafka_t *reader_consumer(struct reader *reader);

/* Reads until told to stop, then hands on what it holds and waits for all that is under way, for stop.timeout at most.
 * Returns how many articles are left unfinished. */
size_t reader_run(struct reader *reader);

/* False: it was stopped before the end of its stretch. */
bool reader_is_through(const struct reader *reader);

/* Leaves the group (which commits what was stored), for timeout_ms at most.  Call when nobody stores
 * offsets any more. */
void reader_close(struct reader *reader, int64_t timeout_ms);

#endif
