#include "consumer/corridor/health.h"

#include "consumer/clock.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const names[HEALTH_PARTS] = {
    [HEALTH_GROUP] = "group",
    [HEALTH_OUTPUT] = "output",
    [HEALTH_REDIS] = "redis",
};

void health_init(struct health *health)
{
    memset(health, 0, sizeof *health);
    pthread_mutex_init(&health->lock, NULL);
    for (int part = 0; part < HEALTH_PARTS; part++)
        snprintf(health->texts[part], HEALTH_TEXT_MAX, "not connected yet");
}

void health_done(struct health *health)
{
    pthread_mutex_destroy(&health->lock);
}

void health_ok(struct health *health, enum health_part part)
{
    if (!atomic_load_explicit(&health->well[part], memory_order_relaxed))
        atomic_store_explicit(&health->well[part], true, memory_order_relaxed);
}

void health_wait(struct health *health, enum health_part part, const char *format, ...)
{
    va_list arguments;

    pthread_mutex_lock(&health->lock);
    va_start(arguments, format);
    vsnprintf(health->texts[part], HEALTH_TEXT_MAX, format, arguments);
    va_end(arguments);
    atomic_store_explicit(&health->well[part], false, memory_order_relaxed);
    pthread_mutex_unlock(&health->lock);
}

bool health_ask(struct health *health, enum health_part part, char text[HEALTH_TEXT_MAX])
{
    if (atomic_load_explicit(&health->well[part], memory_order_relaxed))
        return true;
    pthread_mutex_lock(&health->lock);
    memcpy(text, health->texts[part], HEALTH_TEXT_MAX);
    pthread_mutex_unlock(&health->lock);
    return false;
}

const char *health_part_name(enum health_part part)
{
    return names[part];
}

void health_beat(struct health *health, enum health_loop loop)
{
    atomic_store_explicit(&health->beats[loop], clock_steady_ms(), memory_order_relaxed);
}

void health_loop_is_over(struct health *health, enum health_loop loop)
{
    atomic_store_explicit(&health->beats[loop], 0, memory_order_relaxed);
}

int64_t health_silent_ms(const struct health *health, enum health_loop loop, int64_t now_ms)
{
    int64_t beat = atomic_load_explicit(&health->beats[loop], memory_order_relaxed);

    return beat == 0 || now_ms < beat ? 0 : now_ms - beat;
}
