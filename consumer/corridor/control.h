/*
 * control: shall we go on?
 *
 * One per engine.  Every thread of it asks here whether to stop, and says here that it cannot go on.
 *
 * Thread-safety: any thread, any time.
 */
#ifndef CONSUMER_CORRIDOR_CONTROL_H
#define CONSUMER_CORRIDOR_CONTROL_H

#include "consumer/corridor/engine.h"
#include "consumer/corridor/health.h"

#include <pthread.h>
#include <stdatomic.h>

struct control {
    atomic_bool stop; /* read no more; finish what is under way */
    atomic_bool now;  /* finish nothing */
    pthread_mutex_t lock; /* guards cause */
    struct err cause;
    struct health health; /* what whoever asks from outside is told */
};

void control_init(struct control *control);
void control_done(struct control *control);
void control_stop(struct control *control, enum engine_stop how);

/* The first cause is kept; what is under way cannot be finished and will be delivered again after a restart. */
void control_fail(struct control *control, const struct err *cause);

/* STATUS_OK, or the first cause. */
enum status control_cause(struct control *control, struct err *ret_cause);

static inline bool control_stopping(const struct control *control)
{
    return atomic_load_explicit(&control->stop, memory_order_acquire);
}

static inline bool control_stopping_now(const struct control *control)
{
    return atomic_load_explicit(&control->now, memory_order_acquire);
}

#endif
