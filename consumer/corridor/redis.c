#include "consumer/corridor/redis.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { DEFAULT_PORT = 6379 };

/* ---- address ---------------------------------------------------------------------------------------------------- */

static bool parse_number(const char *text, int most, int *ret)
{
    char *end;
    long value = strtol(text, &end, 10);

    if (end == text || *end != '\0' || value < 0 || value > most)
        return false;
    *ret = (int)value;
    return true;
}

static bool copy_part(char *to, size_t to_size, const char *from, size_t size)
{
    if (size >= to_size)
        return false;
    memcpy(to, from, size);
    to[size] = '\0';
    return true;
}

static bool parse_unix(const char *path, struct redis_address *address)
{
    size_t size = strcspn(path, "?");

    if (size == 0 || path[0] != '/' || !copy_part(address->path, sizeof address->path, path, size))
        return false;
    return path[size] == '\0' ||
           (strncmp(path + size, "?db=", 4) == 0 && parse_number(path + size + 4, 1 << 20, &address->database));
}

static bool parse_host(const char *rest, struct redis_address *address)
{
    size_t size = strcspn(rest, "/");
    const char *at = memchr(rest, '@', size), *end = rest + size, *port;
    char text[16];

    if (rest[size] == '/' && rest[size + 1] != '\0' && !parse_number(rest + size + 1, 1 << 20, &address->database))
        return false;
    if (at != NULL) {
        if (!copy_part(address->user, sizeof address->user, rest, (size_t)(at - rest)))
            return false;
        rest = at + 1;
    }
    if (rest[0] == '[') { /* [::1]:6379 */
        const char *close = memchr(rest, ']', (size_t)(end - rest));

        if (close == NULL || !copy_part(address->host, sizeof address->host, rest + 1, (size_t)(close - rest - 1)))
            return false;
        port = close + 1;
    } else {
        const char *colon = memchr(rest, ':', (size_t)(end - rest));

        port = colon == NULL ? end : colon;
        if (!copy_part(address->host, sizeof address->host, rest, (size_t)(port - rest)))
            return false;
    }
    if (address->host[0] == '\0')
        return false;
    if (port == end)
        return true;
    return *port == ':' && copy_part(text, sizeof text, port + 1, (size_t)(end - port - 1)) &&
           parse_number(text, 65535, &address->port);
}

enum status redis_address_parse(const char *url, struct redis_address *ret_address, struct err *err)
{
    struct redis_address address = {.port = DEFAULT_PORT};
    bool good = false;

    if (strncmp(url, "rediss://", 9) == 0)
        return fail(err, STATUS_FATAL,
                    "redis.url: no TLS here; put a TLS proxy on a unix socket or on loopback before it");
    if (strncmp(url, "unix://", 7) == 0) {
        good = parse_unix(url + 7, &address);
    } else if (strncmp(url, "redis://", 8) == 0) {
        size_t size = strcspn(url + 8, "/@");

        if (url[8 + size] == '@' && memchr(url + 8, ':', size) != NULL)
            return fail(err, STATUS_FATAL, "redis.url: a password does not belong there: set redis.password or "
                                           "redis.password_file");
        good = parse_host(url + 8, &address);
    }
    if (!good && strchr(url, '@') != NULL) /* what is before it may be a password */
        return fail(err, STATUS_FATAL,
                    "redis.url: it is not redis://[user@]host[:port][/db] or unix:///path[?db=N]; a password does not "
                    "belong there: set redis.password or redis.password_file");
    if (!good)
        return fail(err, STATUS_FATAL,
                    "redis.url: '%s' is not redis://[user@]host[:port][/db] or unix:///path[?db=N]", url);
    *ret_address = address;
    return STATUS_OK;
}

/* ---- connection ------------------------------------------------------------------------------------------------- */

void redis_init(struct redis *redis, const struct redis_address *address, const char *password, uint64_t timeout_ms)
{
    *redis = (struct redis){.address = *address, .password = password, .timeout_ms = timeout_ms, .fd = -1};
    pthread_mutex_init(&redis->lock, NULL);
}

void redis_done(struct redis *redis)
{
    redis_disconnect(redis);
    pthread_mutex_destroy(&redis->lock);
}

static void set_fd(struct redis *redis, int fd)
{
    pthread_mutex_lock(&redis->lock);
    redis->fd = fd;
    pthread_mutex_unlock(&redis->lock);
}

void redis_disconnect(struct redis *redis)
{
    set_fd(redis, -1); /* before it is closed and its number means another file */
    if (redis->context != NULL)
        redisFree(redis->context);
    redis->context = NULL;
}

void redis_interrupt(struct redis *redis)
{
    pthread_mutex_lock(&redis->lock);
    if (redis->fd >= 0)
        shutdown(redis->fd, SHUT_RDWR);
    pthread_mutex_unlock(&redis->lock);
}

/* One command whose reply is only good or bad. */
static enum status command(struct redis *redis, int n, const char **words, const char *what, struct err *err)
{
    redisReply *reply = redisCommandArgv(redis->context, n, words, NULL);
    enum status status = STATUS_OK;

    if (reply == NULL)
        return fail(err, STATUS_RETRY, "redis: %s: %s", what, redis->context->errstr);
    if (reply->type == REDIS_REPLY_ERROR)
        status = fail(err, STATUS_RETRY, "redis: %s: %s", what, reply->str);
    freeReplyObject(reply);
    return status;
}

static enum status log_in(struct redis *redis, struct err *err)
{
    const char *named[] = {"AUTH", redis->address.user, redis->password};
    const char *unnamed[] = {"AUTH", redis->password};

    if (redis->address.user[0] != '\0')
        return command(redis, 3, named, "AUTH", err);
    if (redis->password[0] != '\0')
        return command(redis, 2, unnamed, "AUTH", err);
    return STATUS_OK;
}

static enum status choose_database(struct redis *redis, struct err *err)
{
    char number[16];
    const char *words[] = {"SELECT", number};

    if (redis->address.database == 0)
        return STATUS_OK;
    snprintf(number, sizeof number, "%d", redis->address.database);
    return command(redis, 2, words, "SELECT", err);
}

enum status redis_connect(struct redis *redis, struct err *err)
{
    struct timeval timeout = {.tv_sec = (time_t)(redis->timeout_ms / 1000),
                              .tv_usec = (suseconds_t)(redis->timeout_ms % 1000 * 1000)};
    bool is_unix = redis->address.host[0] == '\0';

    redis_disconnect(redis);
    redis->context = is_unix ? redisConnectUnixWithTimeout(redis->address.path, timeout)
                             : redisConnectWithTimeout(redis->address.host, redis->address.port, timeout);
    if (redis->context == NULL)
        return fail(err, STATUS_RETRY, "redis: out of memory");
    if (redis->context->err != 0) {
        fail(err, STATUS_RETRY, "redis: %s", redis->context->errstr);
        redis_disconnect(redis);
        return STATUS_RETRY;
    }
    set_fd(redis, redis->context->fd);
    redisSetTimeout(redis->context, timeout); /* the one above was for connecting only */
    if (!is_unix)
        redisEnableKeepAlive(redis->context);
    if (log_in(redis, err) != STATUS_OK || choose_database(redis, err) != STATUS_OK) {
        redis_disconnect(redis);
        return STATUS_RETRY;
    }
    return STATUS_OK;
}

enum status redis_load(struct redis *redis, const char *script, char ret_sha[41], struct err *err)
{
    const char *words[] = {"SCRIPT", "LOAD", script};
    redisReply *reply = redisCommandArgv(redis->context, 3, words, NULL);
    enum status status = STATUS_OK;

    if (reply == NULL)
        return fail(err, STATUS_RETRY, "redis: SCRIPT LOAD: %s", redis->context->errstr);
    if (reply->type == REDIS_REPLY_STRING && reply->len == 40)
        memcpy(ret_sha, reply->str, 41);
    else
        status = fail(err, STATUS_RETRY, "redis: SCRIPT LOAD: %s",
                      reply->type == REDIS_REPLY_ERROR ? reply->str : "an answer of an unknown kind");
    freeReplyObject(reply);
    return status;
}
