/*
 * redis: one connection to Redis, and making it anew.
 *
 * hiredis forgets timeouts when it reconnects, keeps nothing that was sent without a reply, and after a timeout in the
 * middle of a pipeline the replies no longer belong to the commands.  So an error ends a connection for good, each new
 * one is set up from the beginning (timeouts, keepalive, AUTH, SELECT, scripts), and whoever sends keeps what had no
 * reply.
 *
 * Thread-safety: one thread, except redis_interrupt().
 * Errors: STATUS_RETRY: not reachable, or not willing now.
 */
#ifndef CONSUMER_CORRIDOR_REDIS_H
#define CONSUMER_CORRIDOR_REDIS_H

#include "processors/status.h"

#include <hiredis/hiredis.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct redis_address {
    char host[256]; /* "": a unix socket */
    char path[108];
    char user[128]; /* "": the default user */
    int port;
    int database;
};

/* redis://[user@]host[:port][/db], unix:///path[?db=N].  Errors: STATUS_FATAL with what is allowed. */
enum status redis_address_parse(const char *url, struct redis_address *ret_address, struct err *err);

struct redis {
    struct redis_address address;
    const char *password; /* "": none */
    uint64_t timeout_ms;
    redisContext *context; /* NULL: not connected */
    pthread_mutex_t lock;  /* guards fd */
    int fd;                /* for redis_interrupt(); -1: none */
};

void redis_init(struct redis *redis, const struct redis_address *address, const char *password, uint64_t timeout_ms);
void redis_done(struct redis *redis);

enum status redis_connect(struct redis *redis, struct err *err);
void redis_disconnect(struct redis *redis);

/* Loads a script and sets its 40 hex digits. */
enum status redis_load(struct redis *redis, const char *script, char ret_sha[41], struct err *err);

/* Makes a call that waits for an answer fail now; from any thread. */
void redis_interrupt(struct redis *redis);

#endif
