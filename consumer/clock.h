/*
 * clock: the two times a stream knows.
 *
 * Wall time (Unix epoch) is what records and mentions carry; it may jump.  Steady time only ever goes forward and is what
 * deadlines and durations are made of.
 */
#ifndef CONSUMER_CLOCK_H
#define CONSUMER_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline int64_t clock_wall_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static inline int64_t clock_steady_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static inline int64_t clock_steady_ms(void)
{
    return clock_steady_ns() / 1000000;
}

/* For pthread_cond_timedwait() on a condition made with CLOCK_MONOTONIC. */
static inline struct timespec clock_steady_in_ms(int64_t ms)
{
    struct timespec at;

    clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec += (time_t)(ms / 1000);
    at.tv_nsec += (long)(ms % 1000) * 1000000;
    if (at.tv_nsec >= 1000000000) {
        at.tv_sec++;
        at.tv_nsec -= 1000000000;
    }
    return at;
}

#endif
