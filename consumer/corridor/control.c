#include "consumer/corridor/control.h"

#include "consumer/log.h"

void control_init(struct control *control)
{
    atomic_init(&control->stop, false);
    atomic_init(&control->now, false);
    pthread_mutex_init(&control->lock, NULL);
    health_init(&control->health);
    control->cause = (struct err){.status = STATUS_OK};
}

void control_done(struct control *control)
{
    health_done(&control->health);
    pthread_mutex_destroy(&control->lock);
}

void control_stop(struct control *control, enum engine_stop how)
{
    if (how == ENGINE_NOW)
        atomic_store_explicit(&control->now, true, memory_order_release);
    atomic_store_explicit(&control->stop, true, memory_order_release);
}

void control_fail(struct control *control, const struct err *cause)
{
    bool first;

    pthread_mutex_lock(&control->lock);
    first = control->cause.status == STATUS_OK;
    if (first)
        control->cause = *cause;
    pthread_mutex_unlock(&control->lock);
    if (first)
        LOG(LOG_ERROR, "failed", "reason=%s", LOG_QUOTE(cause->text));
    control_stop(control, ENGINE_NOW);
}

enum status control_cause(struct control *control, struct err *ret_cause)
{
    enum status status;

    pthread_mutex_lock(&control->lock);
    status = control->cause.status;
    if (status != STATUS_OK && ret_cause != NULL)
        *ret_cause = control->cause;
    pthread_mutex_unlock(&control->lock);
    return status;
}
