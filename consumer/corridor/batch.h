/*
 * batch: the unit of work, of delivery and of commit.
 *
 * What had arrived, at most so many articles or bytes.  It travels reader → workers → publisher and comes back empty:
 *
 *     reader      batch_open(), batch_add() …      raw bytes go into the batch's own arena
 *     workers     one slot each at a time          the outcome goes into the slot's own buffer
 *     publisher   sends, collects, stores the offsets of its origins
 *     reader      batch_clear()                    memory stays for the next journey, up to a measure
 *
 * Ownership: the batch owns the raw bytes and all outcomes until batch_clear().  A slot belongs to the worker that took
 * it until it is done, then to the publisher; its mentions may be read (never written) by the cache meanwhile.
 * Thread-safety: none of its own; hand-overs go through the corridor's lock.
 */
#ifndef CONSUMER_CORRIDOR_BATCH_H
#define CONSUMER_CORRIDOR_BATCH_H

#include "processors/arena.h"
#include "processors/article.h"
#include "processors/knowledge.h"

#include <librdkafka/rdkafka.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* A partition of the input, see assignment.h. */
struct partition {
    const char *topic;
    int32_t number;
    uint64_t epoch; /* 0: not ours */
};

/* What of a batch comes from one partition under one epoch. */
struct origin {
    const struct partition *partition;
    uint64_t epoch;
    int64_t last_offset;
    int32_t leader_epoch; /* of the last message; -1: unknown */
    uint32_t n_articles;
    bool fenced; /* publisher: found out before sending */
};

enum outcome {
    OUTCOME_NONE,     /* not worked on yet */
    OUTCOME_ENRICHED, /* to the output topic */
    OUTCOME_FORWARD,  /* a tombstone, to the output topic as it came */
    OUTCOME_DEAD,     /* to the dead letters */
    OUTCOME_SKIPPED,  /* done, by policy */
};

/* How far a slot's record is. */
enum sending {
    SENDING_NOT_YET,
    SENDING_UNDER_WAY, /* handed to the client, no report yet */
    SENDING_FAILED,    /* see slot->error; is sent again */
    SENDING_DELIVERED, /* all replicas in sync have it; in a transaction: as long as that is not aborted */
};

/* What Redis is told of one mention. */
struct mention {
    char id[33];
    struct view article; /* its id */
    struct view json;
    uint32_t rank;
    uint8_t direction, kind; /* enum direction, enum event_kind */
    bool late;               /* too old to fire an event */
    int64_t time_ms;
};

/* Why a message goes to the dead letters. */
struct failure {
    const char *reason; /* one word, a literal: undecodable, invalid, oversized, undeliverable */
    char stage[24];     /* the room or door that gave up on it */
    char text[480];
};

struct slot {
    struct message message; /* as read; its bytes lie in the batch's arena */
    struct batch *batch;
    uint32_t origin; /* index into batch->origins */
    uint8_t outcome; /* enum outcome */

    /* The worker's. */
    char *buffer; /* holds what encoded and mentions point to */
    size_t buffer_size;
    struct view encoded;
    struct mention *mentions;
    size_t n_mentions;
    struct failure *failure;

    /* The publisher's. */
    uint8_t sending;           /* enum sending */
    bool alone;                /* to be sent while no other is under way: a broker refused it, or its neighbour */
    bool bare;                 /* dead letter without its bytes: even that topic refuses them */
    rd_kafka_resp_err_t error; /* SENDING_FAILED: why */
};

struct batch {
    struct arena *arena;
    struct knowledge *knowledge; /* those under way keep the one they began with */
    struct slot *slots;
    size_t n_slots, max_slots;
    size_t bytes, max_bytes;
    struct origin *origins;
    size_t n_origins, max_origins;

    /* The corridor's, under its lock. */
    size_t taken, finished;
    struct batch *next;
    bool under_way;

    /* The publisher's and the cache's. */
    size_t n_undelivered; /* of the slots that have a record to send */
    atomic_bool cached; /* its mentions are in Redis, or none has to be */
    struct batch *next_cached;
};

struct batch *batch_new(size_t max_count, size_t max_bytes);
void batch_free(struct batch *batch);

/* Takes over the reference on knowledge. */
void batch_open(struct batch *batch, struct knowledge *knowledge);
void batch_clear(struct batch *batch);

bool batch_is_full(const struct batch *batch);

/* A record as it arrives, all of it borrowed. */
struct arrival {
    const struct partition *partition;
    uint64_t epoch;
    int64_t offset;
    int32_t leader_epoch; /* -1: unknown */
    int64_t time_ms;      /* -1: none */
    struct view key, value;
    const rd_kafka_headers_t *headers; /* NULL: none */
};

/* Copies key, value and headers; the caller destroys the message at once (a kept one would pin its whole fetch buffer).
 * Never refuses: a full batch grows. */
void batch_add(struct batch *batch, const struct arrival *arrival);

/* Does it hold work from one of these? */
bool batch_holds(const struct batch *batch, const rd_kafka_topic_partition_list_t *partitions);

/* The worker's outcome: copies what it found out of the worker's arena.  late_before_ms: older mentions
 * fire no event. */
void slot_keep_article(struct slot *slot, const struct article *article, int64_t late_before_ms);
void slot_keep_failure(struct slot *slot, const char *reason, const char *stage, const char *text);

#endif
