#include "consumer/corridor/assignment.h"

#include "consumer/log.h"
#include "consumer/metrics.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { UNKNOWN = -1 };

/* A partition and how far it is.  All offsets are of the next record. */
struct place {
    struct partition partition; /* first: what is handed out is a pointer to this */
    _Atomic int64_t read, end;  /* the reader's; end: nothing stands between read and it */
    int64_t finished, committed;
    int64_t seen_finished, seen_ms; /* with work waiting, when it was last asked for; seen_ms 0: with none */
};

struct assignment {
    pthread_mutex_t lock; /* guards epochs and progress; epochs are changed by the reader alone */
    struct place **partitions;
    size_t n_partitions;
    size_t n_given;
    bool known;
    uint64_t last_epoch;
    size_t last_found;
};

struct assignment *assignment_new(void)
{
    struct assignment *assignment = calloc(1, sizeof *assignment);

    if (assignment == NULL)
        abort();
    pthread_mutex_init(&assignment->lock, NULL);
    return assignment;
}

void assignment_free(struct assignment *assignment)
{
    if (assignment == NULL)
        return;
    for (size_t i = 0; i < assignment->n_partitions; i++) {
        free((char *)assignment->partitions[i]->partition.topic);
        free(assignment->partitions[i]);
    }
    free(assignment->partitions);
    pthread_mutex_destroy(&assignment->lock);
    free(assignment);
}

static struct place *look_up(const struct assignment *assignment, size_t first, const char *topic, int32_t number,
                             size_t *ret_at)
{
    for (size_t i = 0; i < assignment->n_partitions; i++) {
        size_t at = (first + i) % assignment->n_partitions;
        struct place *place = assignment->partitions[at];

        if (place->partition.number == number && strcmp(place->partition.topic, topic) == 0) {
            *ret_at = at;
            return place;
        }
    }
    return NULL;
}

/* By the reader only: its next question is mostly about the same one. */
static struct place *look_up_again(struct assignment *assignment, const char *topic, int32_t number)
{
    return look_up(assignment, assignment->last_found, topic, number, &assignment->last_found);
}

static struct place *look_up_or_add(struct assignment *assignment, const char *topic, int32_t number)
{
    struct place *place = look_up_again(assignment, topic, number);

    if (place != NULL)
        return place;
    assignment->partitions =
        realloc(assignment->partitions, (assignment->n_partitions + 1) * sizeof *assignment->partitions);
    place = calloc(1, sizeof *place);
    if (assignment->partitions == NULL || place == NULL || (place->partition.topic = strdup(topic)) == NULL)
        abort();
    place->partition.number = number;
    return assignment->partitions[assignment->n_partitions++] = place;
}

void assignment_give(struct assignment *assignment, const rd_kafka_topic_partition_list_t *partitions)
{
    pthread_mutex_lock(&assignment->lock);
    assignment->known = true;
    for (int i = 0; i < partitions->cnt; i++) {
        struct place *place =
            look_up_or_add(assignment, partitions->elems[i].topic, partitions->elems[i].partition);

        assignment->n_given += place->partition.epoch == 0;
        place->partition.epoch = ++assignment->last_epoch;
        place->finished = place->committed = UNKNOWN;
        place->seen_ms = 0;
        atomic_store_explicit(&place->read, UNKNOWN, memory_order_relaxed);
        atomic_store_explicit(&place->end, UNKNOWN, memory_order_relaxed);
    }
    pthread_mutex_unlock(&assignment->lock);
}

void assignment_fence(struct assignment *assignment, const rd_kafka_topic_partition_list_t *partitions)
{
    pthread_mutex_lock(&assignment->lock);
    for (int i = 0; i < partitions->cnt; i++) {
        struct place *place =
            look_up_again(assignment, partitions->elems[i].topic, partitions->elems[i].partition);

        if (place != NULL && place->partition.epoch != 0) {
            place->partition.epoch = 0;
            assignment->n_given--;
        }
    }
    pthread_mutex_unlock(&assignment->lock);
}

const struct partition *assignment_find(struct assignment *assignment, const char *topic, int32_t number,
                                        uint64_t *ret_epoch)
{
    /* No lock: only the reader, who is asking, changes what is read here. */
    const struct place *place = look_up_again(assignment, topic, number);

    if (place == NULL || place->partition.epoch == 0)
        return NULL;
    *ret_epoch = place->partition.epoch;
    return &place->partition;
}

/* Where the group's offset or auto.offset.reset led to. */
static void begin_at(struct assignment *assignment, struct place *place, int64_t offset)
{
    pthread_mutex_lock(&assignment->lock);
    if (place->finished == UNKNOWN)
        place->finished = offset;
    if (place->committed == UNKNOWN)
        place->committed = offset;
    pthread_mutex_unlock(&assignment->lock);
}

void assignment_read(struct assignment *assignment, const struct partition *partition, int64_t offset)
{
    struct place *place = (struct place *)partition;

    if (atomic_load_explicit(&place->read, memory_order_relaxed) == UNKNOWN)
        begin_at(assignment, place, offset);
    atomic_store_explicit(&place->read, offset + 1, memory_order_relaxed);
}

void assignment_read_to_end(struct assignment *assignment, const char *topic, int32_t number, int64_t offset)
{
    struct place *place = look_up_again(assignment, topic, number);

    if (place == NULL || place->partition.epoch == 0)
        return;
    if (atomic_load_explicit(&place->read, memory_order_relaxed) == UNKNOWN) {
        begin_at(assignment, place, offset);
        atomic_store_explicit(&place->read, offset, memory_order_relaxed);
    }
    atomic_store_explicit(&place->end, offset, memory_order_relaxed);
}

rd_kafka_topic_partition_list_t *assignment_list(struct assignment *assignment)
{
    rd_kafka_topic_partition_list_t *list;

    pthread_mutex_lock(&assignment->lock);
    list = rd_kafka_topic_partition_list_new((int)assignment->n_given + 1);
    for (size_t i = 0; i < assignment->n_partitions; i++)
        if (assignment->partitions[i]->partition.epoch != 0)
            rd_kafka_topic_partition_list_add(list, assignment->partitions[i]->partition.topic,
                                              assignment->partitions[i]->partition.number);
    pthread_mutex_unlock(&assignment->lock);
    return list;
}

bool assignment_is_known(struct assignment *assignment)
{
    bool known;

    pthread_mutex_lock(&assignment->lock);
    known = assignment->known;
    pthread_mutex_unlock(&assignment->lock);
    return known;
}

bool assignment_is_current(struct assignment *assignment, const struct origin *origin)
{
    bool current;

    pthread_mutex_lock(&assignment->lock);
    current = origin->partition->epoch == origin->epoch;
    pthread_mutex_unlock(&assignment->lock);
    return current;
}

static void finished_at(const struct partition *partition, int64_t offset)
{
    struct place *place = (struct place *)partition;

    if (offset > place->finished)
        place->finished = offset;
}

void assignment_list_offset(rd_kafka_topic_partition_list_t *list, const struct origin *origin)
{
    rd_kafka_topic_partition_t *entry =
        rd_kafka_topic_partition_list_find(list, origin->partition->topic, origin->partition->number);

    if (entry == NULL)
        entry = rd_kafka_topic_partition_list_add(list, origin->partition->topic, origin->partition->number);
    entry->offset = origin->last_offset + 1; /* the next to be read; nothing is added by the library */
#if RD_KAFKA_VERSION >= 0x020100ff
    /* 2.1 and 2.2 drop offsets stored without the leader's epoch. */
    rd_kafka_topic_partition_set_leader_epoch(entry, origin->leader_epoch);
#endif
}

size_t assignment_store(struct assignment *assignment, rd_kafka_t *consumer, const struct batch *batch)
{
    rd_kafka_topic_partition_list_t *offsets = rd_kafka_topic_partition_list_new((int)batch->n_origins);
    size_t fenced = 0;

    /* The lock is held over the store: it is a local operation that calls nobody back. */
    pthread_mutex_lock(&assignment->lock);
    for (size_t i = 0; i < batch->n_origins; i++) {
        const struct origin *origin = &batch->origins[i];

        if (!origin->fenced && origin->partition->epoch == origin->epoch) {
            assignment_list_offset(offsets, origin);
            finished_at(origin->partition, origin->last_offset + 1);
        } else {
            fenced += origin->n_articles;
        }
    }
    if (offsets->cnt > 0)
        rd_kafka_offsets_store(consumer, offsets);
    pthread_mutex_unlock(&assignment->lock);

    for (int i = 0; i < offsets->cnt; i++) {
        /* _STATE: the library took the partition away a moment ago; the work is done and will be done again. */
        if (offsets->elems[i].err == RD_KAFKA_RESP_ERR__STATE)
            metric_add(METRIC_STORES_REFUSED, 1);
        else if (offsets->elems[i].err != RD_KAFKA_RESP_ERR_NO_ERROR)
            LOG(LOG_WARN, "store_failed", "origin=%s/%d reason=%s", offsets->elems[i].topic,
                offsets->elems[i].partition, LOG_QUOTE(rd_kafka_err2str(offsets->elems[i].err)));
    }
    rd_kafka_topic_partition_list_destroy(offsets);
    return fenced;
}

void assignment_committed(struct assignment *assignment, const rd_kafka_topic_partition_list_t *offsets)
{
    size_t at = 0;

    pthread_mutex_lock(&assignment->lock);
    for (int i = 0; i < offsets->cnt; i++) {
        const rd_kafka_topic_partition_t *entry = &offsets->elems[i];
        struct place *place = look_up(assignment, at, entry->topic, entry->partition, &at);

        if (place == NULL || place->partition.epoch == 0 || entry->err != RD_KAFKA_RESP_ERR_NO_ERROR ||
            entry->offset <= place->committed)
            continue;
        place->committed = entry->offset;
        finished_at(&place->partition, entry->offset);
    }
    pthread_mutex_unlock(&assignment->lock);
}

/* ---- how far ---------------------------------------------------------------------------------------------------- */

int64_t progress_lag(int64_t position, int64_t low, int64_t high)
{
    if (position < 0 || high < 0)
        return UNKNOWN;
    if (position < low) /* retention was faster: what is gone is not waiting any more */
        position = low;
    return high > position ? high - position : 0;
}

/* Behind the last record there may be marks of transactions, which nobody can read or finish. */
static int64_t beyond_marks(const struct place *place, int64_t position)
{
    int64_t read = atomic_load_explicit(&place->read, memory_order_relaxed);
    int64_t end = atomic_load_explicit(&place->end, memory_order_relaxed);

    return position != UNKNOWN && position >= read && position < end ? end : position;
}

/* Two questions that see the same offset while work waits are what it takes; so it needs no clock while
 * articles pass. */
static int64_t standing_ms(struct place *place, int64_t lag, int64_t now_ms)
{
    if (lag <= 0) {
        place->seen_ms = 0;
        return 0;
    }
    if (place->seen_ms == 0 || place->seen_finished != place->finished) {
        place->seen_ms = now_ms;
        place->seen_finished = place->finished;
    }
    return now_ms - place->seen_ms;
}

static struct progress progress_of(struct place *place, rd_kafka_t *consumer, int64_t now_ms)
{
    struct progress progress = {.topic = place->partition.topic, .number = place->partition.number};
    int64_t low = UNKNOWN, high = UNKNOWN;

    rd_kafka_get_watermark_offsets(consumer, progress.topic, progress.number, &low, &high);
    progress.finished = place->finished;
    progress.lag = progress_lag(beyond_marks(place, place->committed), low, high);
    progress.lag_stored = progress_lag(beyond_marks(place, place->finished), low, high);
    progress.standing_ms = standing_ms(place, progress.lag_stored, now_ms);
    return progress;
}

size_t assignment_progress(struct assignment *assignment, rd_kafka_t *consumer, int64_t now_ms,
                           struct progress *ret_progress, size_t max)
{
    size_t n = 0;

    pthread_mutex_lock(&assignment->lock);
    for (size_t i = 0; i < assignment->n_partitions; i++) {
        struct place *place = assignment->partitions[i];

        if (place->partition.epoch == 0)
            continue;
        if (n < max)
            ret_progress[n] = progress_of(place, consumer, now_ms);
        n++;
    }
    pthread_mutex_unlock(&assignment->lock);
    return n;
}
