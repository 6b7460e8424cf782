#include "consumer/corridor/watch.h"

#include "consumer/clock.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { PARTITIONS_ASKED = 4096 };

/* ---- those who run the engine ----------------------------------------------------------------------------------- */

/* How long the publisher may be away: offsets, commit and abort each wait for the brokers, for as long as
 * a transaction may last. */
static uint64_t transaction_calls_ms(const struct settings *settings)
{
    char value[32];
    size_t size = sizeof value;
    rd_kafka_conf_t *conf;
    struct err err;
    uint64_t ms = 0;

    if (settings->delivery != DELIVERY_EXACTLY_ONCE ||
        settings_kafka(settings, CLIENT_PRODUCER, &conf, &err) != STATUS_OK)
        return 0;
    if (rd_kafka_conf_get(conf, "transaction.timeout.ms", value, &size) == RD_KAFKA_CONF_OK)
        ms = 3 * strtoull(value, NULL, 10);
    rd_kafka_conf_destroy(conf);
    return ms;
}

void watch_init(struct watch *watch, const struct settings *settings, struct control *control)
{
    *watch = (struct watch){
        .settings = settings, .control = control, .transaction_calls_ms = transaction_calls_ms(settings)};
    pthread_mutex_init(&watch->lock, NULL);
}

void watch_done(struct watch *watch)
{
    pthread_mutex_destroy(&watch->lock);
}

void watch_consumer(struct watch *watch, rd_kafka_t *consumer)
{
    pthread_mutex_lock(&watch->lock);
    watch->consumer = consumer;
    pthread_mutex_unlock(&watch->lock);
}

void watch_lexicon(struct watch *watch, const char *version)
{
    pthread_mutex_lock(&watch->lock);
    snprintf(watch->lexicon, sizeof watch->lexicon, "%s", version);
    pthread_mutex_unlock(&watch->lock);
}

/* ---- those who look on ------------------------------------------------------------------------------------------ */

/* What does not fit is left out: the first lines say enough. */
static void add_line(char text[WATCH_TEXT_MAX], const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add_line(char text[WATCH_TEXT_MAX], const char *format, ...)
{
    size_t used = strlen(text);
    va_list arguments;
    int n;

    va_start(arguments, format);
    n = vsnprintf(text + used, WATCH_TEXT_MAX - used, format, arguments);
    va_end(arguments);
    if (n < 0 || used + (size_t)n + 1 >= WATCH_TEXT_MAX)
        text[used] = '\0';
    else
        snprintf(text + used + (size_t)n, WATCH_TEXT_MAX - used - (size_t)n, "\n");
}

static void look_at_loop(struct watch *watch, enum health_loop loop, const char *name, uint64_t patience_ms,
                         char text[WATCH_TEXT_MAX])
{
    int64_t silent_ms = health_silent_ms(&watch->control->health, loop, clock_steady_ms());

    if (silent_ms >= (int64_t)patience_ms)
        add_line(text, "%s: has stood still for %lld s", name, (long long)silent_ms / 1000);
}

bool watch_is_alive(struct watch *watch, char text[WATCH_TEXT_MAX])
{
    const struct settings *settings = watch->settings;
    size_t n = atomic_load_explicit(&watch->n_workers, memory_order_acquire);
    int64_t now_ms = clock_steady_ms();

    text[0] = '\0';
    look_at_loop(watch, LOOP_READER, "reader", settings->http_live_after + settings->drain_timeout, text);
    look_at_loop(watch, LOOP_PUBLISHER, "publisher", settings->http_live_after + watch->transaction_calls_ms, text);
    for (size_t i = 0; i < n; i++) {
        int64_t since_ms = atomic_load_explicit(&watch->workers[i].busy_since_ms, memory_order_relaxed);

        if (since_ms != 0 && now_ms - since_ms >= (int64_t)settings->http_live_after)
            add_line(text, "worker %zu: has held one article for %lld s", i, (long long)(now_ms - since_ms) / 1000);
    }
    return text[0] == '\0';
}

size_t watch_progress(struct watch *watch, struct progress *ret_progress, size_t max)
{
    size_t n = 0;

    pthread_mutex_lock(&watch->lock);
    if (watch->consumer != NULL)
        n = assignment_progress(watch->assignment, watch->consumer, clock_steady_ms(), ret_progress, max);
    pthread_mutex_unlock(&watch->lock);
    return n;
}

static void look_at_partitions(struct watch *watch, char text[WATCH_TEXT_MAX])
{
    struct progress *progress = calloc(PARTITIONS_ASKED, sizeof *progress);
    size_t n;

    if (progress == NULL)
        return;
    n = watch_progress(watch, progress, PARTITIONS_ASKED);
    for (size_t i = 0; i < n && i < PARTITIONS_ASKED; i++)
        if (progress[i].standing_ms >= (int64_t)watch->settings->http_stalled_after)
            add_line(text, "partition %s/%d: %lld records wait behind offset %lld, and none was finished for %lld s",
                     progress[i].topic, progress[i].number, (long long)progress[i].lag_stored,
                     (long long)progress[i].finished, (long long)progress[i].standing_ms / 1000);
    free(progress);
}

bool watch_is_ready(struct watch *watch, char text[WATCH_TEXT_MAX])
{
    char why[HEALTH_TEXT_MAX];

    text[0] = '\0';
    if (control_stopping(watch->control))
        add_line(text, "stopping");
    for (int part = 0; part < HEALTH_PARTS; part++) {
        if (part == HEALTH_REDIS && watch->cache == NULL)
            continue;
        if (!health_ask(&watch->control->health, (enum health_part)part, why))
            add_line(text, "%s: %s", health_part_name((enum health_part)part), why);
    }
    look_at_partitions(watch, text);
    return text[0] == '\0';
}

void watch_tell_lexicon(struct watch *watch, char ret_version[32])
{
    pthread_mutex_lock(&watch->lock);
    memcpy(ret_version, watch->lexicon, 32);
    pthread_mutex_unlock(&watch->lock);
}
