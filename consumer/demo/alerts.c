#include "consumer/demo/alerts.h"

#include "consumer/clock.h"
#include "consumer/log.h"
#include "consumer/corridor/redis.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { BLOCK_MS = 100, ASK_EVERY_MS = 1000, PIPELINE = 200 };

struct demo_alerts {
    const struct settings *settings;
    struct tally *tally;
    struct show *show;
    struct redis redis;
    char last_id[64]; /* of the stream's entries that were seen */
    int64_t asked_ms;
    pthread_t thread;
    bool started;
    atomic_bool stopped;
    pthread_mutex_t lock; /* guards size */
    struct demo_cache_size size;
};

/* One command.  NULL: the connection is broken or Redis refused; redis is then disconnected. */
static redisReply *ask(struct redis *redis, const char *format, ...)
{
    va_list arguments;
    redisReply *reply;

    va_start(arguments, format);
    reply = redisvCommand(redis->context, format, arguments);
    va_end(arguments);
    if (reply != NULL && reply->type != REDIS_REPLY_ERROR)
        return reply;
    LOG(LOG_WARN, "demo_alerts", "error=%s", LOG_QUOTE(reply == NULL ? redis->context->errstr : reply->str));
    freeReplyObject(reply);
    redis_disconnect(redis);
    return NULL;
}

/* ---- follow ----------------------------------------------------------------------------------------------------- */

static const char *field_of(const redisReply *fields, const char *name)
{
    for (size_t i = 0; i + 1 < fields->elements; i += 2)
        if (strcmp(fields->element[i]->str, name) == 0)
            return fields->element[i + 1]->str;
    return "";
}

/* An entry is [id, [field, value, …]]. */
static void take_entry(struct demo_alerts *alerts, const redisReply *entry)
{
    const char *id = field_of(entry->element[1], "id");
    redisReply *json;

    snprintf(alerts->last_id, sizeof alerts->last_id, "%s", entry->element[0]->str);
    if (!tally_shown(alerts->tally, id, field_of(entry->element[1], "article"), clock_wall_ms()))
        return;
    json = ask(&alerts->redis, "GET %s:mention:%s", alerts->settings->redis_prefix, id);
    if (json != NULL && json->type == REDIS_REPLY_STRING)
        show_mention(alerts->show, (struct view){json->str, (size_t)json->len});
    freeReplyObject(json);
}

static void follow(struct demo_alerts *alerts)
{
    redisReply *reply = ask(&alerts->redis, "XREAD COUNT 100 BLOCK %d STREAMS %s:events %s", BLOCK_MS,
                            alerts->settings->redis_prefix, alerts->last_id);

    /* [[stream, [entry, …]]], or nil when nothing came */
    if (reply != NULL && reply->type == REDIS_REPLY_ARRAY && reply->elements == 1) {
        const redisReply *entries = reply->element[0]->element[1];
        for (size_t i = 0; i < entries->elements && alerts->redis.context != NULL; i++)
            take_entry(alerts, entries->element[i]);
    }
    freeReplyObject(reply);
}

static void ask_size(struct demo_alerts *alerts)
{
    static const char name[] = "used_memory_human:";
    redisReply *latest = ask(&alerts->redis, "ZCARD %s:latest", alerts->settings->redis_prefix);
    redisReply *info = latest == NULL ? NULL : ask(&alerts->redis, "INFO memory");
    const char *at = info == NULL || info->type != REDIS_REPLY_STRING ? NULL : strstr(info->str, name);

    alerts->asked_ms = clock_steady_ms();
    pthread_mutex_lock(&alerts->lock);
    if (latest != NULL && latest->type == REDIS_REPLY_INTEGER)
        alerts->size.latest = (uint64_t)latest->integer;
    if (at != NULL)
        snprintf(alerts->size.memory, sizeof alerts->size.memory, "%.*s", (int)strcspn(at + strlen(name), "\r\n"),
                 at + strlen(name));
    pthread_mutex_unlock(&alerts->lock);
    freeReplyObject(latest);
    freeReplyObject(info);
}

static void *follow_all(void *argument)
{
    struct demo_alerts *alerts = argument;
    struct err err;

    while (!atomic_load(&alerts->stopped)) {
        if (alerts->redis.context == NULL && redis_connect(&alerts->redis, &err) != STATUS_OK) {
            usleep(BLOCK_MS * 1000);
            continue;
        }
        follow(alerts);
        if (alerts->redis.context != NULL && clock_steady_ms() - alerts->asked_ms >= ASK_EVERY_MS)
            ask_size(alerts);
    }
    return NULL;
}

/* ---- life ------------------------------------------------------------------------------------------------------- */

static enum status connect_to(const struct settings *settings, struct redis *redis, struct err *err)
{
    struct redis_address address;

    if (redis_address_parse(settings->redis_url, &address, err) != STATUS_OK)
        return STATUS_FATAL;
    redis_init(redis, &address, settings->redis_password, settings->redis_timeout);
    return redis_connect(redis, err);
}

static enum status find_end(struct demo_alerts *alerts, struct err *err)
{
    redisReply *reply = ask(&alerts->redis, "XREVRANGE %s:events + - COUNT 1", alerts->settings->redis_prefix);

    if (reply == NULL)
        return fail(err, STATUS_RETRY, "%s: Redis refused XREVRANGE", alerts->settings->redis_url);
    snprintf(alerts->last_id, sizeof alerts->last_id, "%s",
             reply->type == REDIS_REPLY_ARRAY && reply->elements == 1 ? reply->element[0]->element[0]->str : "0-0");
    freeReplyObject(reply);
    return STATUS_OK;
}

enum status demo_alerts_open(const struct settings *settings, struct tally *tally, struct show *show,
                             struct demo_alerts **ret_alerts, struct err *err)
{
    struct demo_alerts *alerts = calloc(1, sizeof *alerts);
    enum status status;

    if (alerts == NULL)
        abort();
    alerts->settings = settings;
    alerts->tally = tally;
    alerts->show = show;
    pthread_mutex_init(&alerts->lock, NULL);
    status = connect_to(settings, &alerts->redis, err);
    if (status == STATUS_OK)
        status = find_end(alerts, err);
    if (status == STATUS_OK && pthread_create(&alerts->thread, NULL, follow_all, alerts) != 0)
        status = fail(err, STATUS_FATAL, "no thread");
    alerts->started = status == STATUS_OK;
    if (status != STATUS_OK) {
        demo_alerts_close(alerts);
        return status;
    }
    *ret_alerts = alerts;
    return STATUS_OK;
}

void demo_alerts_close(struct demo_alerts *alerts)
{
    if (alerts == NULL)
        return;
    atomic_store(&alerts->stopped, true);
    if (alerts->started)
        pthread_join(alerts->thread, NULL);
    redis_done(&alerts->redis);
    pthread_mutex_destroy(&alerts->lock);
    free(alerts);
}

void demo_alerts_size(struct demo_alerts *alerts, struct demo_cache_size *ret_size)
{
    pthread_mutex_lock(&alerts->lock);
    *ret_size = alerts->size;
    pthread_mutex_unlock(&alerts->lock);
}

/* ---- count ------------------------------------------------------------------------------------------------------ */

/* Hears the replies to n EXISTS. */
static enum status hear(struct redis *redis, size_t n, uint64_t *held, struct err *err)
{
    for (size_t i = 0; i < n; i++) {
        redisReply *reply = NULL;

        if (redisGetReply(redis->context, (void **)&reply) != REDIS_OK)
            return fail(err, STATUS_RETRY, "Redis: %s", redis->context->errstr);
        *held += reply->type == REDIS_REPLY_INTEGER && reply->integer == 1;
        freeReplyObject(reply);
    }
    return STATUS_OK;
}

enum status demo_alerts_ask(const struct settings *settings, const struct names *mentions, uint64_t *ret_held,
                            struct err *err)
{
    struct redis redis;
    enum status status = connect_to(settings, &redis, err);
    uint64_t held = 0;
    size_t sent = 0;

    for (size_t i = 0; i < mentions->size && status == STATUS_OK; i++) {
        const struct names_entry *entry = &mentions->entries[i];

        if (entry->high == 0 && entry->low == 0)
            continue;
        redisAppendCommand(redis.context, "EXISTS %s:mention:%016" PRIx64 "%016" PRIx64, settings->redis_prefix,
                           entry->high, entry->low);
        if (++sent == PIPELINE) {
            status = hear(&redis, sent, &held, err);
            sent = 0;
        }
    }
    if (status == STATUS_OK)
        status = hear(&redis, sent, &held, err);
    redis_done(&redis);
    if (status == STATUS_OK)
        *ret_held = held;
    return status;
}
