/*
 * cache: tells Redis of each mention, once.
 *
 * One script per mention does all that belongs together, and its repetition changes nothing, so that whatever had no
 * reply can simply be sent again: after a broken connection, a restart of Redis, or one of ours.
 *
 *     PREFIX:mention:ID    string   its JSON, for mention.ttl; also what recognises a repetition
 *     PREFIX:latest        zset     ID by time, the latest.max newest
 *     PREFIX:events        stream   one entry each: id, article, rank, direction, kind, time; about events.max
 *
 * A mention of an article older than events.max_age fires no event.
 *
 *     redis.required = true    a batch waits until all its replies are in; Redis away means the stream waits
 *     redis.required = false   its mentions are copied into a ring of redis.ring, and the batch goes on; what the ring
 *                              cannot hold is lost, oldest first, and counted
 *
 * Error replies that time may cure (OOM, LOADING, READONLY …) are back-pressure: the same connection, later again.
 *
 * Thread-safety: it has one thread of its own; cache_submit() by the publisher.
 */
#ifndef CONSUMER_CORRIDOR_CACHE_H
#define CONSUMER_CORRIDOR_CACHE_H

#include "consumer/corridor/batch.h"
#include "consumer/corridor/bell.h"
#include "consumer/corridor/control.h"
#include "consumer/settings/settings.h"

struct cache;

/* Does not connect yet: a Redis that is away delays, it does not forbid a start.
 * Errors: STATUS_FATAL for a bad address. */
enum status cache_open(const struct settings *settings, struct control *control, struct bell *publisher_bell,
                       struct cache **ret_cache, struct err *err);

/* Sets batch->cached when nothing of it has to be waited for, at once or later, then ringing the bell. */
void cache_submit(struct cache *cache, struct batch *batch);

/* Nothing will be submitted any more: sends what is left for timeout_ms at most, counts what then remains as lost, and
 * ends.  The second call does nothing. */
void cache_close(struct cache *cache, int64_t timeout_ms);
void cache_free(struct cache *cache);

/* Makes a call that waits for Redis fail now; after control_stop(…, ENGINE_NOW). */
void cache_interrupt(struct cache *cache);

bool cache_is_up(const struct cache *cache);

#endif
