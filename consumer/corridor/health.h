/*
 * health: is this process doing its work, and if not, what does it wait for?
 *
 * Each part of the corridor says so itself, where it finds out: the reader when the group has answered, the publisher
 * when the brokers take no records, the cache when Redis is away.  A part that has said nothing yet is waited for.
 *
 * Ready means that all parts are well; an instance without partitions is: it stands by.
 *
 * Thread-safety: any thread, any time.  health_ok() costs one atomic read while nothing changes.
 */
#ifndef CONSUMER_CORRIDOR_HEALTH_H
#define CONSUMER_CORRIDOR_HEALTH_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

enum health_part {
    HEALTH_GROUP,  /* the consumer group has answered */
    HEALTH_OUTPUT, /* both topics that are written to take records */
    HEALTH_REDIS,  /* Redis answers, or is not required */
    HEALTH_PARTS,
};

enum { HEALTH_TEXT_MAX = 300 };

struct health {
    pthread_mutex_t lock; /* guards texts */
    atomic_bool well[HEALTH_PARTS];
    char texts[HEALTH_PARTS][HEALTH_TEXT_MAX];
};

void health_init(struct health *health);
void health_done(struct health *health);

void health_ok(struct health *health, enum health_part part);

/* It waits, and for what: "topic 'news.enriched': not authorised". */
void health_wait(struct health *health, enum health_part part, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Is this part well?  If not, text says what it waits for. */
bool health_ask(struct health *health, enum health_part part, char text[HEALTH_TEXT_MAX]);

const char *health_part_name(enum health_part part);

#endif
