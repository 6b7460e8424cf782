#include "consumer/corridor/stretch.h"

#include "consumer/clock.h"
#include "consumer/log.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LOG_EVERY_MS = 10000, LOG_EVERY_MS_TERMINAL = 1000 }; /* of progress */

struct part {
    int32_t partition;
    int64_t first, end; /* offsets; what is to be read lies before end */
    int64_t next;       /* what lies before it has been read */
    bool over, paused;
};

struct stretch {
    rd_kafka_t *consumer;
    char *topic;
    int64_t from_ms, until_ms;
    bool by_record; /* the brokers know no times: each record is judged by its own */
    struct part *parts;
    size_t n_parts, n_over;
    rd_kafka_topic_partition_list_t *partitions;
    uint64_t n_heard; /* records of the stretch */
    int64_t started_ms, logged_ms;
};

static struct stretch *stretch_new(rd_kafka_t *consumer, const char *topic, size_t n_parts)
{
    struct stretch *stretch = calloc(1, sizeof *stretch);

    if (stretch == NULL || (stretch->topic = strdup(topic)) == NULL ||
        (stretch->parts = calloc(n_parts + 1, sizeof *stretch->parts)) == NULL)
        abort();
    stretch->consumer = consumer;
    stretch->partitions = rd_kafka_topic_partition_list_new((int)n_parts);
    stretch->from_ms = stretch->until_ms = STRETCH_ALL;
    stretch->started_ms = stretch->logged_ms = clock_steady_ms();
    return stretch;
}

/* A partition that is paused stays so when it is assigned anew. */
static void resume_all(struct stretch *stretch)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)stretch->n_parts);

    for (size_t i = 0; i < stretch->n_parts; i++)
        if (stretch->parts[i].paused)
            rd_kafka_topic_partition_list_add(list, stretch->topic, stretch->parts[i].partition);
    if (list->cnt > 0)
        rd_kafka_resume_partitions(stretch->consumer, list);
    rd_kafka_topic_partition_list_destroy(list);
}

void stretch_free(struct stretch *stretch)
{
    if (stretch == NULL)
        return;
    resume_all(stretch);
    rd_kafka_topic_partition_list_destroy(stretch->partitions);
    free(stretch->parts);
    free(stretch->topic);
    free(stretch);
}

static void add_part(struct stretch *stretch, int32_t partition, int64_t first, int64_t end)
{
    struct part *part = &stretch->parts[stretch->n_parts++];

    end = end < first ? first : end;
    *part = (struct part){.partition = partition, .first = first, .end = end, .next = first, .over = first >= end};
    stretch->n_over += part->over;
    if (!part->over)
        rd_kafka_topic_partition_list_add(stretch->partitions, stretch->topic, partition)->offset = first;
}

/* ---- where it begins and ends ------------------------------------------------------------------------------------ */

static enum status problem(const char *topic, const char *what, rd_kafka_resp_err_t error, struct err *err)
{
    switch (error) {
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
        return fail(err, STATUS_RETRY, "topic '%s': no broker answered (%s)", topic, what);
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
        return fail(err, STATUS_FATAL, "topic '%s' does not exist", topic);
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
        return fail(err, STATUS_FATAL, "topic '%s': not allowed to this user", topic);
    default:
        return fail(err, STATUS_FATAL, "topic '%s': %s: %s", topic, what, rd_kafka_err2str(error));
    }
}

static int left_ms(int64_t deadline)
{
    int64_t left = deadline - clock_steady_ms();

    return left < 1 ? 1 : (int)left;
}

static enum status count_partitions(rd_kafka_t *consumer, const char *name, int64_t deadline, int *ret_n,
                                    struct err *err)
{
    const struct rd_kafka_metadata *metadata;
    rd_kafka_topic_t *topic = rd_kafka_topic_new(consumer, name, NULL);
    rd_kafka_resp_err_t error = topic == NULL ? rd_kafka_last_error()
                                              : rd_kafka_metadata(consumer, 0, topic, &metadata, left_ms(deadline));

    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
        error = metadata->topic_cnt == 1 ? metadata->topics[0].err : RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC;
        *ret_n = error == RD_KAFKA_RESP_ERR_NO_ERROR ? metadata->topics[0].partition_cnt : 0;
        rd_kafka_metadata_destroy(metadata);
    }
    if (topic != NULL)
        rd_kafka_topic_destroy(topic);
    return error == RD_KAFKA_RESP_ERR_NO_ERROR ? STATUS_OK : problem(name, "its partitions", error, err);
}

/* The first offset at or behind a time, for each partition; -1 where there is none. */
static enum status ask_times(struct stretch *stretch, int n, int64_t time_ms, int64_t deadline, int64_t *ret_offsets,
                             struct err *err)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(n);
    rd_kafka_resp_err_t error;

    for (int i = 0; i < n; i++)
        rd_kafka_topic_partition_list_add(list, stretch->topic, i)->offset = time_ms < 0 ? 0 : time_ms;
    error = rd_kafka_offsets_for_times(stretch->consumer, list, left_ms(deadline));
    for (int i = 0; i < n && error == RD_KAFKA_RESP_ERR_NO_ERROR; i++)
        error = list->elems[i].err;
    for (int i = 0; i < n && error == RD_KAFKA_RESP_ERR_NO_ERROR; i++)
        ret_offsets[list->elems[i].partition] = list->elems[i].offset >= 0 ? list->elems[i].offset : -1;
    rd_kafka_topic_partition_list_destroy(list);
    return error == RD_KAFKA_RESP_ERR_NO_ERROR ? STATUS_OK : problem(stretch->topic, "offsets of a time", error, err);
}

struct bounds {
    int64_t low, high;   /* of the partition, now */
    int64_t from, until; /* by the index of times; -1: none */
};

static enum status ask_ends(struct stretch *stretch, struct bounds *bounds, int n, int64_t deadline, struct err *err)
{
    for (int i = 0; i < n; i++) {
        rd_kafka_resp_err_t error = rd_kafka_query_watermark_offsets(stretch->consumer, stretch->topic, i,
                                                                     &bounds[i].low, &bounds[i].high,
                                                                     left_ms(deadline));
        if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
            return problem(stretch->topic, "its end", error, err);
    }
    return STATUS_OK;
}

/* Is there an index of times?  A partition that holds a record has one of time 0 or later. */
static enum status ask_whether_times_are_known(struct stretch *stretch, const struct bounds *bounds, int n,
                                               int64_t deadline, struct err *err)
{
    int64_t *offsets = calloc((size_t)n + 1, sizeof *offsets);
    enum status status;

    if (offsets == NULL)
        abort();
    status = ask_times(stretch, n, 0, deadline, offsets, err);
    for (int i = 0; i < n && status == STATUS_OK; i++)
        stretch->by_record = stretch->by_record || (bounds[i].low < bounds[i].high && offsets[i] < 0);
    free(offsets);
    return status;
}

static enum status ask_bounds(struct stretch *stretch, struct bounds *bounds, int n, int64_t deadline, struct err *err)
{
    int64_t *offsets = calloc((size_t)n + 1, sizeof *offsets);
    enum status status = ask_ends(stretch, bounds, n, deadline, err);

    if (offsets == NULL)
        abort();
    if (status == STATUS_OK && (stretch->from_ms != STRETCH_ALL || stretch->until_ms != STRETCH_ALL))
        status = ask_whether_times_are_known(stretch, bounds, n, deadline, err);
    if (status == STATUS_OK && !stretch->by_record && stretch->from_ms != STRETCH_ALL) {
        status = ask_times(stretch, n, stretch->from_ms, deadline, offsets, err);
        for (int i = 0; i < n && status == STATUS_OK; i++)
            bounds[i].from = offsets[i];
    }
    if (status == STATUS_OK && !stretch->by_record && stretch->until_ms != STRETCH_ALL) {
        status = ask_times(stretch, n, stretch->until_ms, deadline, offsets, err);
        for (int i = 0; i < n && status == STATUS_OK; i++)
            bounds[i].until = offsets[i];
    }
    free(offsets);
    return status;
}

static void settle(struct stretch *stretch, const struct bounds *bounds, int32_t partition)
{
    bool by_index = !stretch->by_record;
    int64_t first = bounds->low, end = bounds->high;

    if (by_index && stretch->from_ms != STRETCH_ALL)
        first = bounds->from >= 0 && bounds->from < end ? bounds->from : end; /* none that young */
    if (by_index && stretch->until_ms != STRETCH_ALL && bounds->until >= 0 && bounds->until < end)
        end = bounds->until;
    add_part(stretch, partition, first, end);
}

enum status stretch_open(rd_kafka_t *consumer, const char *topic, int64_t from_ms, int64_t until_ms,
                         int64_t timeout_ms, struct stretch **ret_stretch, struct err *err)
{
    int64_t deadline = clock_steady_ms() + timeout_ms;
    struct stretch *stretch;
    struct bounds *bounds;
    enum status status;
    int n = 0;

    if ((status = count_partitions(consumer, topic, deadline, &n, err)) != STATUS_OK)
        return status;
    stretch = stretch_new(consumer, topic, (size_t)n);
    stretch->from_ms = from_ms;
    stretch->until_ms = until_ms;
    bounds = calloc((size_t)n + 1, sizeof *bounds);
    if (bounds == NULL)
        abort();
    status = ask_bounds(stretch, bounds, n, deadline, err);
    for (int i = 0; i < n && status == STATUS_OK; i++)
        settle(stretch, &bounds[i], i);
    free(bounds);
    if (status != STATUS_OK) {
        stretch_free(stretch);
        return status;
    }
    *ret_stretch = stretch;
    return STATUS_OK;
}

struct stretch *stretch_of_offsets(rd_kafka_t *consumer, const char *topic, int32_t partition, int64_t offset,
                                   int64_t until)
{
    struct stretch *stretch = stretch_new(consumer, topic, 1);

    add_part(stretch, partition, offset, until);
    return stretch;
}

/* ---- reading ------------------------------------------------------------------------------------------------------ */

const rd_kafka_topic_partition_list_t *stretch_partitions(const struct stretch *stretch)
{
    return stretch->partitions;
}

static struct part *find_part(struct stretch *stretch, const rd_kafka_message_t *message)
{
    if (message->rkt == NULL || strcmp(rd_kafka_topic_name(message->rkt), stretch->topic) != 0)
        return NULL;
    for (size_t i = 0; i < stretch->n_parts; i++)
        if (stretch->parts[i].partition == message->partition)
            return &stretch->parts[i];
    return NULL;
}

static void pause_part(struct stretch *stretch, struct part *part)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);

    rd_kafka_topic_partition_list_add(list, stretch->topic, part->partition);
    rd_kafka_pause_partitions(stretch->consumer, list);
    rd_kafka_topic_partition_list_destroy(list);
    part->paused = true;
}

static void go_to(struct stretch *stretch, struct part *part, int64_t next)
{
    if (next > part->next)
        part->next = next > part->end ? part->end : next;
    if (part->next < part->end || part->over)
        return;
    part->over = true;
    stretch->n_over++;
    pause_part(stretch, part);
}

static bool is_within(const struct stretch *stretch, const rd_kafka_message_t *message)
{
    rd_kafka_timestamp_type_t type;
    int64_t time_ms;

    if (!stretch->by_record)
        return true;
    time_ms = rd_kafka_message_timestamp(message, &type);
    if (type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE)
        return stretch->from_ms == STRETCH_ALL;
    return (stretch->from_ms == STRETCH_ALL || time_ms >= stretch->from_ms) &&
           (stretch->until_ms == STRETCH_ALL || time_ms < stretch->until_ms);
}

bool stretch_hear(struct stretch *stretch, const rd_kafka_message_t *message)
{
    struct part *part = find_part(stretch, message);
    bool ours;

    if (part == NULL)
        return false;
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        go_to(stretch, part, part->end); /* what there was at the start lies behind us, and open transactions before */
        return false;
    }
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR)
        return false;
    if (part->over) {
        pause_part(stretch, part); /* somebody resumed all */
        return false;
    }
    ours = message->offset < part->end && is_within(stretch, message);
    stretch->n_heard += ours;
    go_to(stretch, part, message->offset + 1);
    return ours;
}

bool stretch_is_over(const struct stretch *stretch)
{
    return stretch->n_over == stretch->n_parts;
}

uint64_t stretch_size(const struct stretch *stretch)
{
    uint64_t size = 0;

    for (size_t i = 0; i < stretch->n_parts; i++)
        size += (uint64_t)(stretch->parts[i].end - stretch->parts[i].first);
    return size;
}

uint64_t stretch_read(const struct stretch *stretch)
{
    uint64_t read = 0;

    for (size_t i = 0; i < stretch->n_parts; i++)
        read += (uint64_t)(stretch->parts[i].next - stretch->parts[i].first);
    return read;
}

void stretch_log_progress(struct stretch *stretch)
{
    int64_t now = clock_steady_ms(), every = isatty(STDERR_FILENO) == 1 ? LOG_EVERY_MS_TERMINAL : LOG_EVERY_MS;
    uint64_t size = stretch_size(stretch), read = stretch_read(stretch);
    double seconds = (double)(now - stretch->started_ms) / 1000;

    if (now - stretch->logged_ms < every && !stretch_is_over(stretch))
        return;
    stretch->logged_ms = now;
    LOG(LOG_INFO, "stretch", "read=%llu of=%llu percent=%llu articles=%llu per_second=%.0f left_s=%.0f",
        (unsigned long long)read, (unsigned long long)size, (unsigned long long)(size == 0 ? 100 : read * 100 / size),
        (unsigned long long)stretch->n_heard, seconds > 0 ? (double)stretch->n_heard / seconds : 0.0,
        read == 0 ? 0.0 : seconds * (double)(size - read) / (double)read);
}
