#include "consumer/corridor/bell.h"

#include "consumer/clock.h"

void condition_init(pthread_cond_t *condition)
{
    pthread_condattr_t steady;

    pthread_condattr_init(&steady);
    pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &steady);
    pthread_condattr_destroy(&steady);
}

void bell_init(struct bell *bell)
{
    pthread_mutex_init(&bell->lock, NULL);
    condition_init(&bell->rings);
    bell->rung = bell->waiting = false;
}

void bell_done(struct bell *bell)
{
    pthread_cond_destroy(&bell->rings);
    pthread_mutex_destroy(&bell->lock);
}

void bell_ring(struct bell *bell)
{
    pthread_mutex_lock(&bell->lock);
    /* A signal costs the one who sends it more than all else here: only when somebody sleeps, and only the first. */
    if (!bell->rung && bell->waiting)
        pthread_cond_signal(&bell->rings);
    bell->rung = true;
    pthread_mutex_unlock(&bell->lock);
}

void bell_wait(struct bell *bell, int64_t timeout_ms)
{
    struct timespec until = clock_steady_in_ms(timeout_ms);

    pthread_mutex_lock(&bell->lock);
    bell->waiting = true;
    while (!bell->rung && pthread_cond_timedwait(&bell->rings, &bell->lock, &until) == 0)
        ;
    bell->rung = bell->waiting = false;
    pthread_mutex_unlock(&bell->lock);
}
