/*
 * health: is this process doing its work, and if not, what does it wait for?
 *
 * Each part of the corridor says so itself, where it finds out: the reader when the group has answered, the publisher
 * when the brokers take no records, the cache when Redis is away.  A part that has said nothing yet is waited for.
 *
 * Ready means that all parts are well; an instance without partitions is: it stands by.
 *
 * And each loop that must never stand leaves a heartbeat, so that somebody can tell whether one does.
 *
 * Thread-safety: any thread, any time.  health_ok() costs one atomic read while nothing changes, health_beat() a look
 * at the clock.
 */
#ifndef CONSUMER_CORRIDOR_HEALTH_H
#define CONSUMER_CORRIDOR_HEALTH_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum health_part {
    HEALTH_GROUP,  /* the consumer group has answered */
    HEALTH_OUTPUT, /* both topics that are written to take records */
    HEALTH_REDIS,  /* Redis answers, or is not required */
    HEALTH_PARTS,
};

enum health_loop { LOOP_READER, LOOP_PUBLISHER, HEALTH_LOOPS };

enum { HEALTH_TEXT_MAX = 300 };

struct health {
    _Atomic int64_t beats[HEALTH_LOOPS]; /* steady ms; 0: has not begun, or is over */
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

/* Once around the loop. */
void health_beat(struct health *health, enum health_loop loop);
void health_loop_is_over(struct health *health, enum health_loop loop);

/* How long ago the last beat was; 0 for a loop that has not begun or is over. */
int64_t health_silent_ms(const struct health *health, enum health_loop loop, int64_t now_ms);

#endif
