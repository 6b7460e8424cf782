#include "consumer/corridor/assignment.h"

#include "consumer/log.h"
#include "consumer/metrics.h"

#include <pthread.h>
#include <stdlib.h>

struct assignment {
    pthread_mutex_t lock; /* guards epochs against those who ask and store; the reader alone changes anything */
    struct partition **partitions;
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
        free((char *)assignment->partitions[i]->topic);
        free(assignment->partitions[i]);
    }
    free(assignment->partitions);
    pthread_mutex_destroy(&assignment->lock);
    free(assignment);
}

static struct partition *look_up(struct assignment *assignment, const char *topic, int32_t number)
{
    for (size_t i = 0; i < assignment->n_partitions; i++) {
        size_t at = (assignment->last_found + i) % assignment->n_partitions;
        struct partition *partition = assignment->partitions[at];

        if (partition->number == number && strcmp(partition->topic, topic) == 0) {
            assignment->last_found = at;
            return partition;
        }
    }
    return NULL;
}

static struct partition *look_up_or_add(struct assignment *assignment, const char *topic, int32_t number)
{
    struct partition *partition = look_up(assignment, topic, number);

    if (partition != NULL)
        return partition;
    assignment->partitions =
        realloc(assignment->partitions, (assignment->n_partitions + 1) * sizeof *assignment->partitions);
    partition = calloc(1, sizeof *partition);
    if (assignment->partitions == NULL || partition == NULL || (partition->topic = strdup(topic)) == NULL)
        abort();
    partition->number = number;
    return assignment->partitions[assignment->n_partitions++] = partition;
}

void assignment_give(struct assignment *assignment, const rd_kafka_topic_partition_list_t *partitions)
{
    pthread_mutex_lock(&assignment->lock);
    assignment->known = true;
    for (int i = 0; i < partitions->cnt; i++) {
        struct partition *partition =
            look_up_or_add(assignment, partitions->elems[i].topic, partitions->elems[i].partition);

        assignment->n_given += partition->epoch == 0;
        partition->epoch = ++assignment->last_epoch;
    }
    pthread_mutex_unlock(&assignment->lock);
}

void assignment_fence(struct assignment *assignment, const rd_kafka_topic_partition_list_t *partitions)
{
    pthread_mutex_lock(&assignment->lock);
    for (int i = 0; i < partitions->cnt; i++) {
        struct partition *partition = look_up(assignment, partitions->elems[i].topic, partitions->elems[i].partition);

        if (partition != NULL && partition->epoch != 0) {
            partition->epoch = 0;
            assignment->n_given--;
        }
    }
    pthread_mutex_unlock(&assignment->lock);
}

const struct partition *assignment_find(struct assignment *assignment, const char *topic, int32_t number,
                                        uint64_t *ret_epoch)
{
    /* No lock: only the reader, who is asking, changes what is read here. */
    const struct partition *partition = look_up(assignment, topic, number);

    if (partition == NULL || partition->epoch == 0)
        return NULL;
    *ret_epoch = partition->epoch;
    return partition;
}

rd_kafka_topic_partition_list_t *assignment_list(struct assignment *assignment)
{
    rd_kafka_topic_partition_list_t *list;

    pthread_mutex_lock(&assignment->lock);
    list = rd_kafka_topic_partition_list_new((int)assignment->n_given + 1);
    for (size_t i = 0; i < assignment->n_partitions; i++)
        if (assignment->partitions[i]->epoch != 0)
            rd_kafka_topic_partition_list_add(list, assignment->partitions[i]->topic,
                                              assignment->partitions[i]->number);
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

static void list_offset(rd_kafka_topic_partition_list_t *list, const struct origin *origin)
{
    rd_kafka_topic_partition_t *entry =
        rd_kafka_topic_partition_list_add(list, origin->partition->topic, origin->partition->number);

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

        if (!origin->fenced && origin->partition->epoch == origin->epoch)
            list_offset(offsets, origin);
        else
            fenced += origin->n_articles;
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
