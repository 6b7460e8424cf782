#include "consumer/corridor/corridor.h"

#include "consumer/clock.h"

#include <stdlib.h>

struct corridor {
    pthread_mutex_t lock; /* guards all below, and the corridor's part of each batch */
    pthread_cond_t work;  /* for workers: there is a slot to take, or the end */
    pthread_cond_t room;  /* for the reader: a batch came back */
    struct batch *free;
    size_t n_free;
    struct batch *first, *last; /* put and not collected, in order */
    struct batch *next_to_take; /* the first of these with slots left to take */
    size_t n_sleeping, n_called; /* workers; called: signalled and not up yet */
    bool closed, abandoned;
    struct bell *publisher_bell;
    struct batch **all;
    size_t n_all;
};

struct corridor *corridor_new(size_t n_batches, size_t max_count, size_t max_bytes, struct bell *publisher_bell)
{
    struct corridor *corridor = calloc(1, sizeof *corridor);

    if (corridor == NULL || (corridor->all = calloc(n_batches, sizeof *corridor->all)) == NULL)
        abort();
    pthread_mutex_init(&corridor->lock, NULL);
    condition_init(&corridor->work);
    condition_init(&corridor->room);
    corridor->publisher_bell = publisher_bell;
    for (; corridor->n_all < n_batches; corridor->n_all++) {
        struct batch *batch = batch_new(max_count, max_bytes);

        corridor->all[corridor->n_all] = batch;
        batch->next = corridor->free;
        corridor->free = batch;
    }
    corridor->n_free = n_batches;
    return corridor;
}

void corridor_free(struct corridor *corridor)
{
    if (corridor == NULL)
        return;
    for (size_t i = 0; i < corridor->n_all; i++)
        batch_free(corridor->all[i]);
    free(corridor->all);
    pthread_cond_destroy(&corridor->work);
    pthread_cond_destroy(&corridor->room);
    pthread_mutex_destroy(&corridor->lock);
    free(corridor);
}

/* ---- reader ----------------------------------------------------------------------------------------------------- */

struct batch *corridor_take_free(struct corridor *corridor, int64_t timeout_ms)
{
    struct timespec until = clock_steady_in_ms(timeout_ms);
    struct batch *batch;

    pthread_mutex_lock(&corridor->lock);
    while (corridor->free == NULL && timeout_ms > 0)
        if (pthread_cond_timedwait(&corridor->room, &corridor->lock, &until) != 0)
            break;
    batch = corridor->free;
    if (batch != NULL) {
        corridor->free = batch->next;
        corridor->n_free--;
        batch->next = NULL;
    }
    pthread_mutex_unlock(&corridor->lock);
    return batch;
}

size_t corridor_n_free(struct corridor *corridor)
{
    size_t n;

    pthread_mutex_lock(&corridor->lock);
    n = corridor->n_free;
    pthread_mutex_unlock(&corridor->lock);
    return n;
}

void corridor_put(struct corridor *corridor, struct batch *batch)
{
    pthread_mutex_lock(&corridor->lock);
    batch->next = NULL;
    batch->under_way = true;
    if (corridor->first == NULL)
        corridor->first = batch;
    else
        corridor->last->next = batch;
    corridor->last = batch;
    if (corridor->next_to_take == NULL)
        corridor->next_to_take = batch;
    for (size_t i = 0; i < batch->n_slots && corridor->n_sleeping > corridor->n_called; i++) {
        corridor->n_called++;
        pthread_cond_signal(&corridor->work);
    }
    pthread_mutex_unlock(&corridor->lock);
}

static size_t n_under_way(struct corridor *corridor, const rd_kafka_topic_partition_list_t *partitions)
{
    size_t n = 0;

    for (size_t i = 0; i < corridor->n_all; i++)
        if (corridor->all[i]->under_way && (partitions == NULL || batch_holds(corridor->all[i], partitions)))
            n++;
    return n;
}

size_t corridor_wait_finished(struct corridor *corridor, const rd_kafka_topic_partition_list_t *partitions,
                              int64_t timeout_ms)
{
    struct timespec until = clock_steady_in_ms(timeout_ms);
    size_t n;

    pthread_mutex_lock(&corridor->lock);
    while ((n = n_under_way(corridor, partitions)) > 0)
        if (pthread_cond_timedwait(&corridor->room, &corridor->lock, &until) != 0)
            break;
    pthread_mutex_unlock(&corridor->lock);
    return n;
}

static void shut(struct corridor *corridor, bool abandon)
{
    pthread_mutex_lock(&corridor->lock);
    corridor->closed = true;
    corridor->abandoned |= abandon;
    pthread_cond_broadcast(&corridor->work);
    pthread_mutex_unlock(&corridor->lock);
    bell_ring(corridor->publisher_bell);
}

void corridor_close(struct corridor *corridor)
{
    shut(corridor, false);
}

void corridor_abandon(struct corridor *corridor)
{
    shut(corridor, true);
}

/* ---- workers ---------------------------------------------------------------------------------------------------- */

struct slot *corridor_take(struct corridor *corridor)
{
    struct slot *slot = NULL;

    pthread_mutex_lock(&corridor->lock);
    while (corridor->next_to_take == NULL && !corridor->closed) {
        corridor->n_sleeping++;
        pthread_cond_wait(&corridor->work, &corridor->lock);
        corridor->n_sleeping--;
        if (corridor->n_called > 0)
            corridor->n_called--;
    }
    if (corridor->next_to_take != NULL && !corridor->abandoned) {
        struct batch *batch = corridor->next_to_take;

        slot = &batch->slots[batch->taken++];
        if (batch->taken == batch->n_slots)
            corridor->next_to_take = batch->next;
    }
    pthread_mutex_unlock(&corridor->lock);
    return slot;
}

void corridor_done(struct corridor *corridor, struct slot *slot)
{
    struct batch *batch = slot->batch;
    bool can_be_collected;

    pthread_mutex_lock(&corridor->lock);
    can_be_collected = ++batch->finished == batch->n_slots && batch == corridor->first;
    pthread_mutex_unlock(&corridor->lock);
    if (can_be_collected)
        bell_ring(corridor->publisher_bell);
}

/* ---- publisher -------------------------------------------------------------------------------------------------- */

struct batch *corridor_collect(struct corridor *corridor)
{
    struct batch *batch;

    pthread_mutex_lock(&corridor->lock);
    batch = corridor->first;
    if (batch != NULL && batch->finished == batch->n_slots) {
        corridor->first = batch->next;
        if (corridor->first == NULL)
            corridor->last = NULL;
        batch->next = NULL;
    } else {
        batch = NULL;
    }
    pthread_mutex_unlock(&corridor->lock);
    return batch;
}

void corridor_give_back(struct corridor *corridor, struct batch *batch)
{
    pthread_mutex_lock(&corridor->lock);
    batch->under_way = false;
    pthread_mutex_unlock(&corridor->lock);
    batch_clear(batch); /* outside the lock: it may free the last reference to a knowledge */
    pthread_mutex_lock(&corridor->lock);
    batch->next = corridor->free;
    corridor->free = batch;
    corridor->n_free++;
    pthread_cond_signal(&corridor->room); /* only the reader waits here */
    pthread_mutex_unlock(&corridor->lock);
}

bool corridor_is_over(struct corridor *corridor)
{
    bool over;

    pthread_mutex_lock(&corridor->lock);
    over = corridor->closed && (corridor->first == NULL || corridor->abandoned);
    pthread_mutex_unlock(&corridor->lock);
    return over;
}

/* ---- anybody ---------------------------------------------------------------------------------------------------- */

size_t corridor_in_flight(struct corridor *corridor)
{
    size_t n = 0;

    pthread_mutex_lock(&corridor->lock);
    for (size_t i = 0; i < corridor->n_all; i++)
        if (corridor->all[i]->under_way)
            n += corridor->all[i]->n_slots;
    pthread_mutex_unlock(&corridor->lock);
    return n;
}

size_t corridor_in_flight_bytes(struct corridor *corridor)
{
    size_t bytes = 0;

    pthread_mutex_lock(&corridor->lock);
    for (size_t i = 0; i < corridor->n_all; i++)
        if (corridor->all[i]->under_way)
            bytes += corridor->all[i]->bytes;
    pthread_mutex_unlock(&corridor->lock);
    return bytes;
}
