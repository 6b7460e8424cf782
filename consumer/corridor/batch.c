#include "consumer/corridor/batch.h"

#include "consumer/corridor/headers.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    ARENA_CHUNK = 1 << 16,
    SLOT_BUFFER_KEPT = 1 << 14, /* bytes that a slot keeps for its next article */
};

static void *must(void *memory)
{
    if (memory == NULL) {
        fputs("tocsin: out of memory\n", stderr);
        abort();
    }
    return memory;
}

static void slots_grow(struct batch *batch, size_t max_slots)
{
    batch->slots = must(realloc(batch->slots, max_slots * sizeof *batch->slots));
    memset(batch->slots + batch->max_slots, 0, (max_slots - batch->max_slots) * sizeof *batch->slots);
    batch->max_slots = max_slots;
}

struct batch *batch_new(size_t max_count, size_t max_bytes)
{
    struct batch *batch = must(calloc(1, sizeof *batch));

    batch->arena = arena_new(ARENA_CHUNK, max_bytes + ARENA_CHUNK);
    batch->max_bytes = max_bytes;
    slots_grow(batch, max_count);
    batch->max_origins = 16;
    batch->origins = must(calloc(batch->max_origins, sizeof *batch->origins));
    return batch;
}

void batch_free(struct batch *batch)
{
    if (batch == NULL)
        return;
    batch_clear(batch);
    for (size_t i = 0; i < batch->max_slots; i++)
        free(batch->slots[i].buffer);
    free(batch->slots);
    free(batch->origins);
    arena_free(batch->arena);
    free(batch);
}

void batch_open(struct batch *batch, struct knowledge *knowledge)
{
    batch->knowledge = knowledge;
}

static void slot_clear(struct slot *slot)
{
    char *buffer = slot->buffer;
    size_t buffer_size = slot->buffer_size;

    free(slot->failure);
    if (buffer_size > SLOT_BUFFER_KEPT) {
        free(buffer);
        buffer = NULL;
        buffer_size = 0;
    }
    *slot = (struct slot){.buffer = buffer, .buffer_size = buffer_size};
}

void batch_clear(struct batch *batch)
{
    for (size_t i = 0; i < batch->n_slots; i++)
        slot_clear(&batch->slots[i]);
    arena_reset(batch->arena);
    knowledge_unref(batch->knowledge);
    batch->knowledge = NULL;
    batch->n_slots = batch->n_origins = batch->bytes = 0;
    batch->taken = batch->finished = batch->n_undelivered = 0;
    atomic_store_explicit(&batch->cached, false, memory_order_relaxed);
}

bool batch_is_full(const struct batch *batch)
{
    return batch->n_slots >= batch->max_slots || batch->bytes >= batch->max_bytes;
}

static uint32_t origin_of(struct batch *batch, const struct partition *partition, uint64_t epoch)
{
    /* The last one first: a fetch brings many messages of one partition in a row. */
    for (size_t i = batch->n_origins; i-- > 0;)
        if (batch->origins[i].partition == partition && batch->origins[i].epoch == epoch)
            return (uint32_t)i;
    if (batch->n_origins == batch->max_origins) {
        batch->max_origins *= 2;
        batch->origins = must(realloc(batch->origins, batch->max_origins * sizeof *batch->origins));
    }
    batch->origins[batch->n_origins] = (struct origin){.partition = partition, .epoch = epoch, .leader_epoch = -1};
    return (uint32_t)batch->n_origins++;
}

/* Absent stays absent and empty stays empty. */
static struct view bytes_copy(struct arena *arena, struct view bytes)
{
    return bytes.data == NULL ? VIEW_NONE : arena_copy(arena, bytes);
}

/* Returns their bytes. */
static size_t headers_copy(struct arena *arena, const rd_kafka_headers_t *headers, struct message *message)
{
    size_t n = headers == NULL ? 0 : rd_kafka_header_cnt(headers), bytes = 0;
    struct header *copies;

    if (n == 0)
        return 0;
    copies = ARENA_ARRAY(arena, struct header, n);
    for (size_t i = 0; i < n; i++) {
        const char *name;
        const void *value;
        size_t size;

        rd_kafka_header_get_all(headers, i, &name, &value, &size);
        copies[i].name = arena_copy(arena, view_of(name));
        copies[i].value = bytes_copy(arena, (struct view){value, size});
        bytes += copies[i].name.size + size;
    }
    message->headers = copies;
    message->n_headers = n;
    return bytes;
}

/* A letter that came back is still the message that it was: its id is made of the place where it first arrived. */
static void take_birthplace(struct batch *batch, struct message *message)
{
    struct birthplace place;

    if (!headers_birthplace(message->headers, message->n_headers, &place))
        return;
    message->topic = arena_copy(batch->arena, place.topic).data;
    message->partition = place.partition;
    message->offset = place.offset;
}

void batch_add(struct batch *batch, const struct arrival *arrival)
{
    struct origin *origin;
    struct slot *slot;

    if (batch->n_slots == batch->max_slots)
        slots_grow(batch, batch->max_slots * 2);
    slot = &batch->slots[batch->n_slots++];
    slot->batch = batch;
    slot->origin = origin_of(batch, arrival->partition, arrival->epoch);
    slot->message = (struct message){
        .value = bytes_copy(batch->arena, arrival->value),
        .key = bytes_copy(batch->arena, arrival->key),
        .topic = arrival->partition->topic,
        .partition = arrival->partition->number,
        .offset = arrival->offset,
        .time_ms = arrival->time_ms,
    };
    batch->bytes += arrival->value.size + arrival->key.size +
                    headers_copy(batch->arena, arrival->headers, &slot->message);
    take_birthplace(batch, &slot->message);
    origin = &batch->origins[slot->origin];
    origin->last_offset = arrival->offset;
    origin->leader_epoch = arrival->leader_epoch;
    origin->n_articles++;
}

bool batch_holds(const struct batch *batch, const rd_kafka_topic_partition_list_t *partitions)
{
    for (size_t i = 0; i < batch->n_origins; i++) {
        const struct partition *partition = batch->origins[i].partition;

        for (int k = 0; k < partitions->cnt; k++)
            if (partitions->elems[k].partition == partition->number &&
                strcmp(partitions->elems[k].topic, partition->topic) == 0)
                return true;
    }
    return false;
}

static char *slot_room(struct slot *slot, size_t size)
{
    if (slot->buffer_size < size) {
        free(slot->buffer);
        slot->buffer = must(malloc(size));
        slot->buffer_size = size;
    }
    return slot->buffer;
}

static struct view put(char **at, struct view view)
{
    struct view copy = {*at, view.size};

    if (view.size > 0)
        memcpy(*at, view.data, view.size);
    *at += view.size;
    return copy;
}

void slot_keep_article(struct slot *slot, const struct article *article, int64_t late_before_ms)
{
    size_t n = article->n_encoded_mentions;
    size_t size = n * sizeof(struct mention) + article->encoded.size + article->given.id.size;
    struct view id;
    char *at;

    for (size_t i = 0; i < n; i++)
        size += article->encoded_mentions[i].json.size;
    at = slot_room(slot, size);
    slot->mentions = (struct mention *)(void *)at; /* first, for their alignment */
    slot->n_mentions = n;
    at += n * sizeof(struct mention);
    slot->encoded = put(&at, article->encoded);
    id = put(&at, article->given.id);
    for (size_t i = 0; i < n; i++) {
        const struct encoded_mention *from = &article->encoded_mentions[i];
        struct mention *to = &slot->mentions[i];

        *to = (struct mention){
            .article = id,
            .json = put(&at, from->json),
            .rank = from->rank,
            .direction = from->direction,
            .kind = from->kind,
            .late = article->event_time_ms < late_before_ms,
            .time_ms = article->event_time_ms,
        };
        memcpy(to->id, from->id, sizeof to->id);
    }
    slot->outcome = OUTCOME_ENRICHED;
}

void slot_keep_failure(struct slot *slot, const char *reason, const char *stage, const char *text)
{
    if (slot->failure == NULL)
        slot->failure = must(malloc(sizeof *slot->failure));
    slot->failure->reason = reason;
    snprintf(slot->failure->stage, sizeof slot->failure->stage, "%s", stage);
    snprintf(slot->failure->text, sizeof slot->failure->text, "%s", text);
    slot->outcome = OUTCOME_DEAD;
}
