#include "consumer/corridor/cache.h"

#include "consumer/clock.h"
#include "consumer/log.h"
#include "consumer/metrics.h"
#include "consumer/corridor/redis.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    BACKOFF_FIRST_MS = 100,
    BACKOFF_MOST_MS = 5000,
    IDLE_MS = 2000, /* so long without work, and it asks whether Redis is still there */
    KEY_MAX = 300,
    WORDS = 16,
};

/* The guard is set last: should one of the writes before it be refused (a key of another type), the next attempt does
 * not take the mention for known.  All three happen or none is seen: a script is atomic. */
static const char mention_script[] =
    "if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end\n"
    "redis.call('ZADD', KEYS[2], ARGV[4], ARGV[1])\n"
    "redis.call('ZREMRANGEBYRANK', KEYS[2], 0, -1 - tonumber(ARGV[5]))\n"
    "if ARGV[6] ~= '0' then\n"
    "  redis.call('XADD', KEYS[3], 'MAXLEN', '~', ARGV[6], '*', 'id', ARGV[1], 'article', ARGV[7], 'rank', ARGV[8],\n"
    "    'direction', ARGV[9], 'kind', ARGV[10], 'time', ARGV[4])\n"
    "end\n"
    "redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])\n"
    "return 1\n";

/* A mention that outlives its batch, with its bytes behind it. */
struct ring_entry {
    struct mention mention;
    char bytes[];
};

struct cache {
    const struct settings *settings;
    struct control *control;
    struct bell *publisher_bell;
    pthread_t thread;
    struct redis redis;

    pthread_mutex_t lock; /* guards the queue, the ring, and the end */
    pthread_cond_t work;
    struct batch *first, *last;
    struct ring_entry **ring;
    size_t ring_start, ring_used;
    bool closing, ended;
    int64_t close_deadline_ms;

    atomic_bool up;

    /* The thread's own. */
    char sha[41];
    bool was_told_down;
    int64_t backoff_ms;
    unsigned random;
    const struct mention **pending;
    size_t n_pending, max_pending;
    struct ring_entry **taken; /* from the ring, being sent */
    char latest_key[KEY_MAX], events_key[KEY_MAX], ttl[24], latest_max[24], events_max[24];
};

/* ---- what is to be sent ----------------------------------------------------------------------------------------- */

static void queue_batch(struct cache *cache, struct batch *batch)
{
    batch->next_cached = NULL;
    if (cache->first == NULL)
        cache->first = batch;
    else
        cache->last->next_cached = batch;
    cache->last = batch;
}

static struct ring_entry *ring_entry_new(const struct mention *mention)
{
    struct ring_entry *entry = malloc(sizeof *entry + mention->json.size + mention->article.size);

    if (entry == NULL)
        return NULL;
    entry->mention = *mention;
    if (mention->json.size > 0)
        memcpy(entry->bytes, mention->json.data, mention->json.size);
    if (mention->article.size > 0)
        memcpy(entry->bytes + mention->json.size, mention->article.data, mention->article.size);
    entry->mention.json.data = entry->bytes;
    entry->mention.article.data = entry->bytes + mention->json.size;
    return entry;
}

static void ring_push(struct cache *cache, struct ring_entry *entry)
{
    size_t size = cache->settings->redis_ring;

    if (entry == NULL) {
        metric_add(METRIC_REDIS_LOST, 1);
        return;
    }
    if (cache->ring_used == size) { /* the oldest makes room */
        free(cache->ring[cache->ring_start]);
        cache->ring_start = (cache->ring_start + 1) % size;
        cache->ring_used--;
        metric_add(METRIC_REDIS_LOST, 1);
        LOG(LOG_WARN, "redis_lost", "ring=%zu", size);
    }
    cache->ring[(cache->ring_start + cache->ring_used++) % size] = entry;
}

static bool has_mentions(const struct batch *batch)
{
    for (size_t i = 0; i < batch->n_slots; i++)
        if (batch->slots[i].n_mentions > 0)
            return true;
    return false;
}

void cache_submit(struct cache *cache, struct batch *batch)
{
    bool required = cache->settings->redis_required;

    if (!has_mentions(batch)) {
        atomic_store_explicit(&batch->cached, true, memory_order_relaxed);
        return;
    }
    pthread_mutex_lock(&cache->lock);
    if (required)
        queue_batch(cache, batch);
    for (size_t i = 0; !required && i < batch->n_slots; i++)
        for (size_t k = 0; k < batch->slots[i].n_mentions; k++)
            ring_push(cache, ring_entry_new(&batch->slots[i].mentions[k]));
    pthread_cond_signal(&cache->work);
    pthread_mutex_unlock(&cache->lock);
    if (!required)
        atomic_store_explicit(&batch->cached, true, memory_order_relaxed);
}

/* ---- one pipeline ----------------------------------------------------------------------------------------------- */

static void append(struct cache *cache, const struct mention *mention)
{
    const struct settings *settings = cache->settings;
    const char *direction = direction_name(mention->direction), *kind = event_kind_name(mention->kind);
    char key[KEY_MAX], time[24], rank[16];
    int key_size = snprintf(key, sizeof key, "%s:mention:%s", settings->redis_prefix, mention->id);
    const char *words[WORDS] = {"EVALSHA", cache->sha, "3", key, cache->latest_key, cache->events_key, mention->id,
                                mention->json.data, cache->ttl, time, cache->latest_max,
                                mention->late ? "0" : cache->events_max, mention->article.data, rank, direction, kind};
    size_t sizes[WORDS];

    snprintf(time, sizeof time, "%lld", (long long)mention->time_ms);
    snprintf(rank, sizeof rank, "%u", (unsigned)mention->rank);
    for (size_t i = 0; i < WORDS; i++)
        sizes[i] = i == 7 ? mention->json.size : i == 12 ? mention->article.size : strlen(words[i]);
    sizes[3] = (size_t)key_size;
    redisAppendCommandArgv(cache->redis.context, WORDS, words, sizes);
    metric_add(METRIC_REDIS_COMMANDS, 1);
}

enum verdict { VERDICT_DONE, VERDICT_RELOAD, VERDICT_LATER };

/* Only what the stream waits for keeps it from being ready. */
static void told_refused(struct cache *cache, const char *text)
{
    if (cache->settings->redis_required)
        health_wait(&cache->control->health, HEALTH_REDIS, "Redis refuses: %s", text);
}

static enum verdict judge(struct cache *cache, const redisReply *reply)
{
    if (reply->type == REDIS_REPLY_INTEGER) {
        health_ok(&cache->control->health, HEALTH_REDIS);
        metric_add(reply->integer == 1 ? METRIC_REDIS_NEW : METRIC_REDIS_KNOWN, 1);
        return VERDICT_DONE;
    }
    metric_add(METRIC_REDIS_ERRORS, 1);
    if (reply->type == REDIS_REPLY_ERROR && strncmp(reply->str, "NOSCRIPT", 8) == 0)
        return VERDICT_RELOAD; /* SCRIPT FLUSH, or another server behind the same address */
    told_refused(cache, reply->type == REDIS_REPLY_ERROR ? reply->str : "an answer of an unknown kind");
    LOG(LOG_WARN, "redis_refused", "reason=%s",
        LOG_QUOTE(reply->type == REDIS_REPLY_ERROR ? reply->str : "an answer of an unknown kind"));
    return VERDICT_LATER;
}

static void told_down(struct cache *cache, const char *text)
{
    atomic_store(&cache->up, false);
    metric_add(METRIC_REDIS_ERRORS, 1);
    if (cache->settings->redis_required)
        health_wait(&cache->control->health, HEALTH_REDIS, "Redis at %s does not answer: %s",
                    cache->settings->redis_url, text);
    if (!cache->was_told_down)
        LOG(LOG_WARN, "redis_down", "url=%s reason=%s", LOG_QUOTE(cache->settings->redis_url), LOG_QUOTE(text));
    cache->was_told_down = true;
}

/* Sends the first n of pending, and leaves in pending what was not done.  Returns what has to happen before
 * the next try. */
static enum verdict run_pipeline(struct cache *cache, size_t n)
{
    enum verdict worst = VERDICT_DONE;
    size_t kept = 0, replied = 0;

    for (size_t i = 0; i < n; i++)
        append(cache, cache->pending[i]);
    for (; replied < n; replied++) {
        redisReply *reply = NULL;
        enum verdict verdict;

        if (redisGetReply(cache->redis.context, (void **)&reply) != REDIS_OK || reply == NULL) {
            told_down(cache, cache->redis.context->errstr);
            redis_disconnect(&cache->redis); /* what still comes would belong to nobody knows which command */
            break;
        }
        verdict = judge(cache, reply);
        freeReplyObject(reply);
        if (verdict != VERDICT_DONE)
            cache->pending[kept++] = cache->pending[replied];
        worst = verdict > worst ? verdict : worst;
    }
    memmove(cache->pending + kept, cache->pending + replied, (cache->n_pending - replied) * sizeof *cache->pending);
    cache->n_pending = kept + cache->n_pending - replied;
    return worst;
}

/* ---- until all is done ------------------------------------------------------------------------------------------ */

static bool must_give_up(struct cache *cache)
{
    bool give_up;

    if (control_stopping_now(cache->control))
        return true;
    pthread_mutex_lock(&cache->lock);
    give_up = cache->closing && clock_steady_ms() >= cache->close_deadline_ms;
    pthread_mutex_unlock(&cache->lock);
    return give_up;
}

static void back_off(struct cache *cache)
{
    int64_t ms;
    struct timespec until;
    bool was_closing;

    cache->backoff_ms = cache->backoff_ms == 0                     ? BACKOFF_FIRST_MS
                        : cache->backoff_ms * 2 > BACKOFF_MOST_MS ? BACKOFF_MOST_MS
                                                                   : cache->backoff_ms * 2;
    cache->random = cache->random * 1103515245u + 12345u;
    ms = cache->backoff_ms / 2 + (int64_t)(cache->random >> 8) % (cache->backoff_ms / 2 + 1); /* not all at once */
    pthread_mutex_lock(&cache->lock);
    was_closing = cache->closing;
    if (was_closing && ms > BACKOFF_FIRST_MS)
        ms = BACKOFF_FIRST_MS; /* there is a deadline now */
    until = clock_steady_in_ms(ms);
    while (cache->closing == was_closing && !control_stopping_now(cache->control) &&
           pthread_cond_timedwait(&cache->work, &cache->lock, &until) == 0)
        ;
    pthread_mutex_unlock(&cache->lock);
}

static bool is_connected(struct cache *cache)
{
    struct err err;

    if (cache->redis.context != NULL)
        return true;
    if (redis_connect(&cache->redis, &err) != STATUS_OK ||
        redis_load(&cache->redis, mention_script, cache->sha, &err) != STATUS_OK) {
        told_down(cache, err.text);
        redis_disconnect(&cache->redis);
        return false;
    }
    metric_add(METRIC_REDIS_CONNECTS, 1);
    atomic_store(&cache->up, true);
    health_ok(&cache->control->health, HEALTH_REDIS);
    cache->was_told_down = false;
    LOG(LOG_INFO, "redis_up", "url=%s", LOG_QUOTE(cache->settings->redis_url));
    return true;
}

/* False if it had to give up. */
static bool send_pending(struct cache *cache)
{
    size_t most = cache->settings->redis_pipeline;

    while (cache->n_pending > 0) {
        enum verdict verdict = VERDICT_LATER;
        struct err err;

        if (must_give_up(cache))
            return false;
        if (is_connected(cache)) {
            verdict = run_pipeline(cache, cache->n_pending < most ? cache->n_pending : most);
            if (verdict == VERDICT_RELOAD && cache->redis.context != NULL &&
                redis_load(&cache->redis, mention_script, cache->sha, &err) != STATUS_OK) {
                told_down(cache, err.text);
                redis_disconnect(&cache->redis);
            }
        }
        if (cache->redis.context == NULL || verdict == VERDICT_LATER)
            back_off(cache);
        else
            cache->backoff_ms = 0;
    }
    return true;
}

/* ---- the thread ------------------------------------------------------------------------------------------------- */

static void pend(struct cache *cache, const struct mention *mention)
{
    if (cache->n_pending == cache->max_pending) {
        cache->max_pending = cache->max_pending == 0 ? 256 : cache->max_pending * 2;
        cache->pending = realloc(cache->pending, cache->max_pending * sizeof *cache->pending);
        if (cache->pending == NULL)
            abort();
    }
    cache->pending[cache->n_pending++] = mention;
}

static bool send_batch(struct cache *cache, struct batch *batch)
{
    cache->n_pending = 0;
    for (size_t i = 0; i < batch->n_slots; i++)
        for (size_t k = 0; k < batch->slots[i].n_mentions; k++)
            pend(cache, &batch->slots[i].mentions[k]);
    if (!send_pending(cache))
        return false;
    atomic_store_explicit(&batch->cached, true, memory_order_release);
    bell_ring(cache->publisher_bell);
    return true;
}

/* They are in nobody's hands but ours now: what could not be sent is lost. */
static bool send_taken(struct cache *cache, size_t n)
{
    bool sent;

    cache->n_pending = 0;
    for (size_t i = 0; i < n; i++)
        pend(cache, &cache->taken[i]->mention);
    sent = send_pending(cache);
    metric_add(METRIC_REDIS_LOST, cache->n_pending);
    for (size_t i = 0; i < n; i++)
        free(cache->taken[i]);
    return sent;
}

enum work { WORK_OVER, WORK_NONE, WORK_BATCH, WORK_TAKEN };

/* Waits for work: a batch, or up to a pipeline of mentions from the ring; for a while. */
static enum work next_work(struct cache *cache, struct batch **ret_batch, size_t *ret_n_taken)
{
    size_t most = cache->settings->redis_pipeline, size = cache->settings->redis_ring;
    struct timespec until = clock_steady_in_ms(IDLE_MS);
    enum work work;

    *ret_n_taken = 0;
    pthread_mutex_lock(&cache->lock);
    while (cache->first == NULL && cache->ring_used == 0 && !cache->closing)
        if (pthread_cond_timedwait(&cache->work, &cache->lock, &until) != 0)
            break;
    work = cache->first != NULL   ? WORK_BATCH
           : cache->ring_used > 0 ? WORK_TAKEN
           : cache->closing       ? WORK_OVER
                                  : WORK_NONE;
    if (work == WORK_BATCH) {
        *ret_batch = cache->first;
        cache->first = cache->first->next_cached;
    }
    while (work == WORK_TAKEN && cache->ring_used > 0 && *ret_n_taken < most) {
        cache->taken[(*ret_n_taken)++] = cache->ring[cache->ring_start];
        cache->ring_start = (cache->ring_start + 1) % size;
        cache->ring_used--;
    }
    pthread_mutex_unlock(&cache->lock);
    return work;
}

/* A Redis that went away while nothing was to be said to it is known before the next mention waits for it. */
static void look_after(struct cache *cache)
{
    redisReply *reply;

    if (cache->redis.context == NULL) {
        is_connected(cache);
        return;
    }
    reply = redisCommand(cache->redis.context, "PING");
    if (reply == NULL) {
        told_down(cache, cache->redis.context->errstr);
        redis_disconnect(&cache->redis);
        return;
    }
    if (reply->type != REDIS_REPLY_ERROR || strncmp(reply->str, "NOPERM", 6) == 0) /* which is an answer too */
        health_ok(&cache->control->health, HEALTH_REDIS);
    else
        told_refused(cache, reply->str);
    freeReplyObject(reply);
}

/* False if it had to give up. */
static bool do_work(struct cache *cache, enum work work, struct batch *batch, size_t n_taken)
{
    switch (work) {
    case WORK_BATCH:
        return send_batch(cache, batch);
    case WORK_TAKEN:
        return send_taken(cache, n_taken);
    default:
        look_after(cache);
        return true;
    }
}

static void *cache_main(void *arg)
{
    struct cache *cache = arg;
    struct batch *batch = NULL;
    enum work work;
    size_t n_taken;

    pthread_setname_np(pthread_self(), "cache");
    if (!is_connected(cache)) /* so that it is known from the start whether Redis is there */
        back_off(cache);
    while ((work = next_work(cache, &batch, &n_taken)) != WORK_OVER)
        if (!do_work(cache, work, batch, n_taken))
            break;
    redis_disconnect(&cache->redis);
    atomic_store(&cache->up, false);
    return NULL;
}

/* ---- opening and closing ---------------------------------------------------------------------------------------- */

enum status cache_open(const struct settings *settings, struct control *control, struct bell *publisher_bell,
                       struct cache **ret_cache, struct err *err)
{
    struct redis_address address;
    struct cache *cache;
    int error;

    if (redis_address_parse(settings->redis_url, &address, err) != STATUS_OK)
        return STATUS_FATAL;
    if (strlen(settings->redis_prefix) > KEY_MAX - 64)
        return fail(err, STATUS_FATAL, "redis.prefix: longer than %d bytes", KEY_MAX - 64);
    cache = calloc(1, sizeof *cache);
    if (cache == NULL)
        return fail(err, STATUS_FATAL, "out of memory");
    *cache = (struct cache){.settings = settings, .control = control, .publisher_bell = publisher_bell};
    cache->random = (unsigned)clock_steady_ns();
    cache->ring = calloc(settings->redis_required ? 1 : settings->redis_ring, sizeof *cache->ring);
    cache->taken = calloc(settings->redis_pipeline, sizeof *cache->taken);
    if (cache->ring == NULL || cache->taken == NULL)
        abort();
    snprintf(cache->latest_key, KEY_MAX, "%s:latest", settings->redis_prefix);
    snprintf(cache->events_key, KEY_MAX, "%s:events", settings->redis_prefix);
    snprintf(cache->ttl, sizeof cache->ttl, "%llu", (unsigned long long)settings->mention_ttl);
    snprintf(cache->latest_max, sizeof cache->latest_max, "%llu", (unsigned long long)settings->latest_max);
    snprintf(cache->events_max, sizeof cache->events_max, "%llu", (unsigned long long)settings->events_max);
    if (!settings->redis_required)
        health_ok(&control->health, HEALTH_REDIS); /* and nothing will say otherwise */
    redis_init(&cache->redis, &address, settings->redis_password, settings->redis_timeout);
    pthread_mutex_init(&cache->lock, NULL);
    condition_init(&cache->work);
    error = pthread_create(&cache->thread, NULL, cache_main, cache);
    if (error != 0)
        abort();
    *ret_cache = cache;
    return STATUS_OK;
}

void cache_interrupt(struct cache *cache)
{
    if (cache == NULL)
        return;
    redis_interrupt(&cache->redis);
    pthread_mutex_lock(&cache->lock);
    pthread_cond_signal(&cache->work);
    pthread_mutex_unlock(&cache->lock);
}

bool cache_is_up(const struct cache *cache)
{
    return cache != NULL && atomic_load(&cache->up);
}

void cache_close(struct cache *cache, int64_t timeout_ms)
{
    if (cache == NULL || cache->ended)
        return;
    pthread_mutex_lock(&cache->lock);
    cache->closing = true;
    cache->close_deadline_ms = clock_steady_ms() + timeout_ms;
    pthread_cond_signal(&cache->work);
    pthread_mutex_unlock(&cache->lock);
    pthread_join(cache->thread, NULL);
    cache->ended = true;
    metric_add(METRIC_REDIS_LOST, cache->ring_used);
    for (; cache->ring_used > 0; cache->ring_used--) {
        free(cache->ring[cache->ring_start]);
        cache->ring_start = (cache->ring_start + 1) % cache->settings->redis_ring;
    }
}

void cache_free(struct cache *cache)
{
    if (cache == NULL)
        return;
    redis_done(&cache->redis);
    pthread_cond_destroy(&cache->work);
    pthread_mutex_destroy(&cache->lock);
    free(cache->pending);
    free(cache->taken);
    free(cache->ring);
    free(cache);
}
