#include "consumer/corridor/corridor.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const struct partition input = {.topic = "news.raw", .number = 3, .epoch = 1};

static void add(struct batch *batch, int64_t offset)
{
    struct arrival arrival = {
        .partition = &input, .epoch = 1, .offset = offset, .leader_epoch = -1, .time_ms = -1, .value = VIEW("x")};

    batch_add(batch, &arrival);
}

static struct batch *put(struct corridor *corridor, int64_t first, size_t n)
{
    struct batch *batch = corridor_take_free(corridor, 0);

    assert_non_null(batch);
    for (size_t i = 0; i < n; i++)
        add(batch, first + (int64_t)i);
    corridor_put(corridor, batch);
    return batch;
}

static void batches_finished_out_of_order_are_collected_in_order(void **state)
{
    struct bell bell;
    struct corridor *corridor;
    struct batch *first, *second;
    struct slot *slots[3];

    (void)state;
    bell_init(&bell);
    corridor = corridor_new(3, 4, 1 << 20, &bell);
    first = put(corridor, 0, 2);
    second = put(corridor, 2, 1);
    for (size_t i = 0; i < 3; i++)
        slots[i] = corridor_take(corridor);
    assert_ptr_equal(slots[1]->batch, first);
    assert_ptr_equal(slots[2]->batch, second);

    corridor_done(corridor, slots[2]);
    corridor_done(corridor, slots[0]);
    assert_null(corridor_collect(corridor)); /* the second is finished, but the first is not */
    assert_false(bell.rung);
    corridor_done(corridor, slots[1]);
    assert_true(bell.rung);
    assert_ptr_equal(corridor_collect(corridor), first);
    assert_ptr_equal(corridor_collect(corridor), second);
    assert_null(corridor_collect(corridor));
    corridor_give_back(corridor, first);
    corridor_give_back(corridor, second);
    corridor_free(corridor);
    bell_done(&bell);
}

static void no_more_batches_than_were_made_are_ever_under_way(void **state)
{
    struct bell bell;
    struct corridor *corridor;
    struct batch *batch;

    (void)state;
    bell_init(&bell);
    corridor = corridor_new(2, 4, 1 << 20, &bell);
    put(corridor, 0, 1);
    put(corridor, 1, 1);
    assert_int_equal(corridor_n_free(corridor), 0);
    assert_null(corridor_take_free(corridor, 5));
    assert_int_equal(corridor_in_flight(corridor), 2);
    corridor_done(corridor, corridor_take(corridor));
    batch = corridor_collect(corridor);
    corridor_give_back(corridor, batch);
    assert_int_equal(corridor_in_flight(corridor), 1);
    assert_ptr_equal(corridor_take_free(corridor, 0), batch);
    corridor_free(corridor);
    bell_done(&bell);
}

static void waiting_for_partitions_looks_at_those_only(void **state)
{
    struct bell bell;
    struct corridor *corridor;
    rd_kafka_topic_partition_list_t *ours = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_t *others = rd_kafka_topic_partition_list_new(1);

    (void)state;
    rd_kafka_topic_partition_list_add(ours, "news.raw", 3);
    rd_kafka_topic_partition_list_add(others, "news.raw", 4);
    bell_init(&bell);
    corridor = corridor_new(2, 4, 1 << 20, &bell);
    put(corridor, 0, 1);
    assert_int_equal(corridor_wait_finished(corridor, others, 1000), 0);
    assert_int_equal(corridor_wait_finished(corridor, ours, 1), 1);
    corridor_done(corridor, corridor_take(corridor));
    assert_int_equal(corridor_wait_finished(corridor, ours, 1), 1); /* worked through is not final */
    corridor_give_back(corridor, corridor_collect(corridor));
    assert_int_equal(corridor_wait_finished(corridor, ours, 1), 0);
    corridor_free(corridor);
    bell_done(&bell);
    rd_kafka_topic_partition_list_destroy(ours);
    rd_kafka_topic_partition_list_destroy(others);
}

static void a_closed_corridor_is_emptied_and_then_over(void **state)
{
    struct bell bell;
    struct corridor *corridor;
    struct slot *slot;

    (void)state;
    bell_init(&bell);
    corridor = corridor_new(2, 4, 1 << 20, &bell);
    put(corridor, 0, 1);
    corridor_close(corridor);
    slot = corridor_take(corridor);
    assert_non_null(slot);
    assert_null(corridor_take(corridor));
    assert_false(corridor_is_over(corridor));
    corridor_done(corridor, slot);
    corridor_give_back(corridor, corridor_collect(corridor));
    assert_true(corridor_is_over(corridor));
    corridor_free(corridor);
    bell_done(&bell);
}

static void an_abandoned_corridor_gives_out_nothing(void **state)
{
    struct bell bell;
    struct corridor *corridor;

    (void)state;
    bell_init(&bell);
    corridor = corridor_new(2, 4, 1 << 20, &bell);
    put(corridor, 0, 3);
    corridor_abandon(corridor);
    assert_null(corridor_take(corridor));
    assert_true(corridor_is_over(corridor));
    corridor_free(corridor);
    bell_done(&bell);
}

/* ---- all sides at once ------------------------------------------------------------------------------------ */

enum { ARTICLES = 20000, WORKERS = 4 };

static void *work(void *arg)
{
    struct corridor *corridor = arg;
    struct slot *slot;

    while ((slot = corridor_take(corridor)) != NULL) {
        if (slot->message.offset % 1000 == 7)
            usleep(500); /* a long article among short ones */
        slot->outcome = OUTCOME_SKIPPED;
        corridor_done(corridor, slot);
    }
    return NULL;
}

struct publishing {
    struct corridor *corridor;
    struct bell *bell;
    int64_t next_offset;
    bool in_order, all_worked_on;
};

static void *publish(void *arg)
{
    struct publishing *publishing = arg;

    publishing->in_order = publishing->all_worked_on = true;
    while (!corridor_is_over(publishing->corridor)) {
        struct batch *batch = corridor_collect(publishing->corridor);

        if (batch == NULL) {
            bell_wait(publishing->bell, 1000);
            continue;
        }
        for (size_t i = 0; i < batch->n_slots; i++) {
            publishing->in_order &= batch->slots[i].message.offset == publishing->next_offset++;
            publishing->all_worked_on &= batch->slots[i].outcome == OUTCOME_SKIPPED;
        }
        corridor_give_back(publishing->corridor, batch);
    }
    return NULL;
}

static void many_workers_lose_nothing_and_keep_the_order(void **state)
{
    pthread_t workers[WORKERS], publisher;
    struct bell bell;
    struct corridor *corridor;
    struct publishing publishing;
    int64_t offset = 0;

    (void)state;
    bell_init(&bell);
    corridor = corridor_new(4, 64, 1 << 20, &bell);
    publishing = (struct publishing){.corridor = corridor, .bell = &bell};
    for (size_t i = 0; i < WORKERS; i++)
        assert_int_equal(pthread_create(&workers[i], NULL, work, corridor), 0);
    assert_int_equal(pthread_create(&publisher, NULL, publish, &publishing), 0);
    while (offset < ARTICLES) {
        struct batch *batch = corridor_take_free(corridor, 10000);
        size_t n = (size_t)offset % 64 + 1; /* batches of all sizes */

        assert_non_null(batch);
        for (size_t i = 0; i < n && offset < ARTICLES; i++)
            add(batch, offset++);
        corridor_put(corridor, batch);
    }
    corridor_close(corridor);
    for (size_t i = 0; i < WORKERS; i++)
        pthread_join(workers[i], NULL);
    pthread_join(publisher, NULL);
    assert_true(publishing.in_order);
    assert_true(publishing.all_worked_on);
    assert_int_equal(publishing.next_offset, ARTICLES);
    corridor_free(corridor);
    bell_done(&bell);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(batches_finished_out_of_order_are_collected_in_order),
        cmocka_unit_test(no_more_batches_than_were_made_are_ever_under_way),
        cmocka_unit_test(waiting_for_partitions_looks_at_those_only),
        cmocka_unit_test(a_closed_corridor_is_emptied_and_then_over),
        cmocka_unit_test(an_abandoned_corridor_gives_out_nothing),
        cmocka_unit_test(many_workers_lose_nothing_and_keep_the_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
