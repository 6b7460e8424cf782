#include "consumer/corridor/batch.h"
#include "consumer/corridor/headers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct partition three = {.topic = "news.raw", .number = 3, .epoch = 1};
static const struct partition four = {.topic = "news.raw", .number = 4, .epoch = 2};

static struct arrival arrival_at(const struct partition *partition, uint64_t epoch, int64_t offset)
{
    return (struct arrival){.partition = partition, .epoch = epoch, .offset = offset, .leader_epoch = -1, .time_ms = 5};
}

static void what_arrived_is_copied(void **state)
{
    struct batch *batch = batch_new(4, 1 << 20);
    rd_kafka_headers_t *headers = rd_kafka_headers_new(2);
    struct arrival arrival = arrival_at(&three, 1, 7);
    char value[] = "value", key[] = "key";

    (void)state;
    rd_kafka_header_add(headers, "a", 1, "b", 1);
    rd_kafka_header_add(headers, "none", -1, NULL, 0);
    arrival.value = view_of(value);
    arrival.key = view_of(key);
    arrival.headers = headers;
    batch_add(batch, &arrival);
    memset(value, 'x', sizeof value);
    memset(key, 'x', sizeof key);
    rd_kafka_headers_destroy(headers);

    assert_true(view_is(batch->slots[0].message.value, "value"));
    assert_true(view_is(batch->slots[0].message.key, "key"));
    assert_int_equal(batch->slots[0].message.offset, 7);
    assert_int_equal(batch->slots[0].message.partition, 3);
    assert_int_equal(batch->slots[0].message.n_headers, 2);
    assert_true(view_is(batch->slots[0].message.headers[0].value, "b"));
    assert_null(batch->slots[0].message.headers[1].value.data);
    batch_free(batch);
}

static void absent_and_empty_stay_two_things(void **state)
{
    struct batch *batch = batch_new(4, 1 << 20);
    struct arrival arrival = arrival_at(&three, 1, 0);

    (void)state;
    batch_add(batch, &arrival);
    arrival.value = arrival.key = VIEW("");
    batch_add(batch, &arrival);
    assert_null(batch->slots[0].message.value.data);
    assert_null(batch->slots[0].message.key.data);
    assert_non_null(batch->slots[1].message.value.data);
    assert_int_equal(batch->slots[1].message.value.size, 0);
    assert_non_null(batch->slots[1].message.key.data);
    batch_free(batch);
}

static void each_partition_and_epoch_has_its_last_offset(void **state)
{
    struct batch *batch = batch_new(8, 1 << 20);
    struct arrival arrivals[] = {
        arrival_at(&three, 1, 10), arrival_at(&four, 2, 20), arrival_at(&three, 1, 12), /* a gap is nothing unusual */
        arrival_at(&three, 5, 11), /* taken away and given again in between */
    };

    (void)state;
    for (size_t i = 0; i < 4; i++)
        batch_add(batch, &arrivals[i]);
    assert_int_equal(batch->n_origins, 3);
    assert_int_equal(batch->origins[0].last_offset, 12);
    assert_int_equal(batch->origins[0].n_articles, 2);
    assert_int_equal(batch->origins[1].last_offset, 20);
    assert_int_equal(batch->origins[2].epoch, 5);
    assert_int_equal(batch->slots[3].origin, 2);
    batch_free(batch);
}

static void it_is_full_by_count_or_by_bytes_and_grows_all_the_same(void **state)
{
    struct batch *batch = batch_new(2, 100);
    struct arrival arrival = arrival_at(&three, 1, 0);
    char large[100];

    (void)state;
    memset(large, 'a', sizeof large);
    assert_false(batch_is_full(batch));
    arrival.value = (struct view){large, sizeof large};
    batch_add(batch, &arrival);
    assert_true(batch_is_full(batch));
    batch_clear(batch);
    arrival.value = VIEW("a");
    batch_add(batch, &arrival);
    assert_false(batch_is_full(batch));
    batch_add(batch, &arrival);
    assert_true(batch_is_full(batch));
    batch_add(batch, &arrival);
    assert_int_equal(batch->n_slots, 3);
    assert_true(view_is(batch->slots[0].message.value, "a"));
    batch_free(batch);
}

static void a_worker_s_findings_are_copied_out_of_its_arena(void **state)
{
    struct batch *batch = batch_new(2, 1 << 20);
    struct arrival arrival = arrival_at(&three, 1, 0);
    struct arena *arena = arena_new(1 << 12, 1 << 12);
    struct encoded_mention *mentions = ARENA_ARRAY(arena, struct encoded_mention, 2);
    struct article article = {.arena = arena, .event_time_ms = 1000};
    struct slot *slot;

    (void)state;
    memset(mentions, 0, 2 * sizeof *mentions);
    article.given.id = arena_copy(arena, VIEW("a1"));
    article.encoded = arena_copy(arena, VIEW("{\"id\":\"a1\"}"));
    article.encoded_mentions = mentions;
    article.n_encoded_mentions = 2;
    for (uint32_t i = 0; i < 2; i++) {
        memset(mentions[i].id, 'a' + (int)i, 32);
        mentions[i].json = arena_print(arena, "{%u}", i);
        mentions[i].rank = i;
    }
    batch_add(batch, &arrival);
    slot = &batch->slots[0];
    slot_keep_article(slot, &article, 1000);
    assert_false(slot->mentions[0].late);
    slot_keep_article(slot, &article, 1001);
    assert_true(slot->mentions[0].late);
    arena_free(arena);

    assert_int_equal(slot->outcome, OUTCOME_ENRICHED);
    assert_true(view_is(slot->encoded, "{\"id\":\"a1\"}"));
    assert_int_equal(slot->n_mentions, 2);
    assert_true(view_is(slot->mentions[1].json, "{1}"));
    assert_true(view_is(slot->mentions[1].article, "a1"));
    assert_int_equal(slot->mentions[1].rank, 1);
    batch_clear(batch);
    assert_int_equal(batch->n_slots, 0);
    batch_free(batch);
}

static struct view header(rd_kafka_headers_t *headers, const char *name)
{
    const void *value = NULL;
    size_t size = 0;

    return rd_kafka_header_get_last(headers, name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR
               ? (struct view){value, size}
               : VIEW_NONE;
}

static void a_dead_letter_that_came_back_goes_on_counting(void **state)
{
    struct batch *batch = batch_new(1, 1 << 20);
    struct settings *settings = settings_new();
    rd_kafka_headers_t *before = rd_kafka_headers_new(8), *after;
    struct arrival arrival = arrival_at(&three, 1, 99);

    (void)state;
    rd_kafka_header_add(before, "a", 1, "b", 1);
    rd_kafka_header_add(before, "tocsin.dead.attempts", -1, "3", 1);
    rd_kafka_header_add(before, "tocsin.dead.first_failed_at", -1, "2026-01-01T00:00:00.000Z", -1);
    rd_kafka_header_add(before, "__connect.errors.stage", -1, "old", -1);
    arrival.headers = before;
    arrival.value = VIEW("{");
    batch_add(batch, &arrival);
    slot_keep_failure(&batch->slots[0], "undecodable", "decode", "decode: why");
    after = headers_of_dead(settings, &batch->slots[0], NULL);

    assert_true(view_is(header(after, "a"), "b"));
    assert_true(view_is(header(after, "tocsin.dead.attempts"), "4"));
    assert_true(view_is(header(after, "tocsin.dead.first_failed_at"), "2026-01-01T00:00:00.000Z"));
    assert_true(view_is(header(after, "__connect.errors.stage"), "decode"));
    assert_true(view_is(header(after, "__connect.errors.offset"), "99"));
    assert_true(view_is(header(after, "__connect.errors.exception.message"), "decode: why"));
    assert_null(header(after, "tocsin.dead.size").data);
    rd_kafka_headers_destroy(before);
    rd_kafka_headers_destroy(after);
    batch_free(batch);
    settings_free(settings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_arrived_is_copied),
        cmocka_unit_test(absent_and_empty_stay_two_things),
        cmocka_unit_test(each_partition_and_epoch_has_its_last_offset),
        cmocka_unit_test(it_is_full_by_count_or_by_bytes_and_grows_all_the_same),
        cmocka_unit_test(a_worker_s_findings_are_copied_out_of_its_arena),
        cmocka_unit_test(a_dead_letter_that_came_back_goes_on_counting),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
