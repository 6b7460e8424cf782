/*
 * demo_redis: a real redis-server of our own: a child process on a unix socket in a folder of its own under /tmp.
 *
 * It keeps nothing on disk, listens on no port, and dies with us however we end.
 *
 * Thread-safety: main thread; demo_redis_stop() also from the thread that handles signals, on the way out.
 */
#ifndef CONSUMER_DEMO_REDIS_H
#define CONSUMER_DEMO_REDIS_H

#include "processors/status.h"

#include <stdatomic.h>
#include <sys/types.h>

struct demo_redis {
    _Atomic pid_t child; /* 0: none */
    char folder[64];
    char url[128]; /* for redis.url */
};

/* Errors: STATUS_RETRY: there is no redis-server, or it does not come up; the text says what to do. */
enum status demo_redis_start(struct demo_redis *redis, struct err *err);
void demo_redis_stop(struct demo_redis *redis);

#endif
