#include "consumer/corridor/assignment.h"
#include "consumer/metrics.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static rd_kafka_topic_partition_list_t *list_of(int n, const int32_t *numbers)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(n);

    for (int i = 0; i < n; i++)
        rd_kafka_topic_partition_list_add(list, "news.raw", numbers[i]);
    return list;
}

/* A consumer without brokers: storing is a local operation. */
static rd_kafka_t *consumer_new(void)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    char text[200];
    rd_kafka_t *consumer;

    rd_kafka_conf_set(conf, "group.id", "g", text, sizeof text);
    rd_kafka_conf_set(conf, "enable.auto.offset.store", "false", text, sizeof text);
    rd_kafka_conf_set(conf, "enable.auto.commit", "false", text, sizeof text); /* or closing waits for a broker */
    rd_kafka_conf_set(conf, "log_level", "0", text, sizeof text);
    consumer = rd_kafka_new(RD_KAFKA_CONSUMER, conf, text, sizeof text);
    assert_non_null(consumer);
    return consumer;
}

static struct origin origin_of(struct assignment *assignment, int32_t number)
{
    struct origin origin = {.last_offset = 10, .leader_epoch = -1, .n_articles = 3};

    origin.partition = assignment_find(assignment, "news.raw", number, &origin.epoch);
    assert_non_null(origin.partition);
    return origin;
}

static void a_partition_that_is_not_ours_is_not_found(void **state)
{
    struct assignment *assignment = assignment_new();
    rd_kafka_topic_partition_list_t *one = list_of(1, (const int32_t[]){1});
    uint64_t epoch = 0;

    (void)state;
    assert_false(assignment_is_known(assignment));
    assert_null(assignment_find(assignment, "news.raw", 1, &epoch));
    assignment_give(assignment, one);
    assert_true(assignment_is_known(assignment));
    assert_non_null(assignment_find(assignment, "news.raw", 1, &epoch));
    assert_null(assignment_find(assignment, "news.raw", 2, &epoch));
    assert_null(assignment_find(assignment, "news.old", 1, &epoch));
    assignment_fence(assignment, one);
    assert_null(assignment_find(assignment, "news.raw", 1, &epoch));
    rd_kafka_topic_partition_list_destroy(one);
    assignment_free(assignment);
}

static void late_work_is_fenced_even_when_the_partition_came_back(void **state)
{
    struct assignment *assignment = assignment_new();
    rd_kafka_topic_partition_list_t *both = list_of(2, (const int32_t[]){1, 2});
    struct origin early, late;

    (void)state;
    assignment_give(assignment, both);
    early = origin_of(assignment, 1);
    assert_true(assignment_is_current(assignment, &early));
    assignment_fence(assignment, both);
    assert_false(assignment_is_current(assignment, &early));
    assignment_give(assignment, both);
    late = origin_of(assignment, 1);
    assert_false(assignment_is_current(assignment, &early));
    assert_true(assignment_is_current(assignment, &late));
    assert_ptr_equal(early.partition, late.partition);
    rd_kafka_topic_partition_list_destroy(both);
    assignment_free(assignment);
}

static void only_partitions_taken_away_are_fenced(void **state)
{
    struct assignment *assignment = assignment_new();
    rd_kafka_topic_partition_list_t *both = list_of(2, (const int32_t[]){1, 2});
    rd_kafka_topic_partition_list_t *one = list_of(1, (const int32_t[]){2});
    rd_kafka_topic_partition_list_t *left;
    struct origin kept;

    (void)state;
    assignment_give(assignment, both);
    kept = origin_of(assignment, 1);
    assignment_fence(assignment, one);
    assert_true(assignment_is_current(assignment, &kept));
    left = assignment_list(assignment);
    assert_int_equal(left->cnt, 1);
    assert_int_equal(left->elems[0].partition, 1);
    rd_kafka_topic_partition_list_destroy(left);
    rd_kafka_topic_partition_list_destroy(both);
    rd_kafka_topic_partition_list_destroy(one);
    assignment_free(assignment);
}

static void a_store_leaves_out_fenced_work_and_counts_it(void **state)
{
    struct assignment *assignment = assignment_new();
    rd_kafka_topic_partition_list_t *both = list_of(2, (const int32_t[]){1, 2});
    rd_kafka_topic_partition_list_t *one = list_of(1, (const int32_t[]){2});
    rd_kafka_t *consumer = consumer_new();
    struct origin origins[2];
    struct batch batch = {.origins = origins, .n_origins = 2};
    uint64_t refused = metric_get(METRIC_STORES_REFUSED);

    (void)state;
    assignment_give(assignment, both);
    origins[0] = origin_of(assignment, 1);
    origins[1] = origin_of(assignment, 2);
    rd_kafka_assign(consumer, both);
    assert_int_equal(assignment_store(assignment, consumer, &batch), 0);
    assignment_fence(assignment, one);
    assert_int_equal(assignment_store(assignment, consumer, &batch), 3);
    assert_int_equal(metric_get(METRIC_STORES_REFUSED), refused);

    /* What the library took away a moment before us is refused by it, which is expected and counted. */
    rd_kafka_assign(consumer, NULL);
    assert_int_equal(assignment_store(assignment, consumer, &batch), 3);
    assert_int_equal(metric_get(METRIC_STORES_REFUSED), refused + 1);

    rd_kafka_consumer_close(consumer);
    rd_kafka_destroy(consumer);
    rd_kafka_topic_partition_list_destroy(both);
    rd_kafka_topic_partition_list_destroy(one);
    assignment_free(assignment);
}

static void a_lag_is_never_negative_and_ends_at_the_start_of_the_log(void **state)
{
    (void)state;
    assert_int_equal(progress_lag(10, 0, 25), 15);
    assert_int_equal(progress_lag(25, 0, 25), 0);
    assert_int_equal(progress_lag(30, 0, 25), 0);   /* the watermark is as old as the last fetch */
    assert_int_equal(progress_lag(10, 20, 25), 5);  /* retention was faster: what is gone does not wait */
    assert_int_equal(progress_lag(10, 25, 25), 0);
    assert_int_equal(progress_lag(10, RD_KAFKA_OFFSET_INVALID, 25), 15);
    assert_int_equal(progress_lag(10, 0, RD_KAFKA_OFFSET_INVALID), -1);
    assert_int_equal(progress_lag(-1, 0, 25), -1);
}

static int64_t finished_of(struct assignment *assignment, rd_kafka_t *consumer)
{
    struct progress progress;

    assert_int_equal(assignment_progress(assignment, consumer, 1000, &progress, 1), 1);
    assert_int_equal(progress.number, 1);
    assert_string_equal(progress.topic, "news.raw");
    assert_int_equal(progress.lag, -1); /* no broker has told how far the partition goes */
    assert_int_equal(progress.standing_ms, 0);
    return progress.finished;
}

static void what_is_finished_is_known_of_partitions_that_are_ours(void **state)
{
    struct assignment *assignment = assignment_new();
    rd_kafka_topic_partition_list_t *one = list_of(1, (const int32_t[]){1});
    rd_kafka_topic_partition_list_t *offsets = list_of(2, (const int32_t[]){1, 7});
    rd_kafka_t *consumer = consumer_new();
    struct origin origin;
    struct batch batch = {.origins = &origin, .n_origins = 1};

    (void)state;
    assignment_give(assignment, one);
    assert_int_equal(finished_of(assignment, consumer), -1); /* where it begins is known with the first record */
    origin = origin_of(assignment, 1);
    assignment_read(assignment, origin.partition, 5);
    assert_int_equal(finished_of(assignment, consumer), 5);
    assignment_read(assignment, origin.partition, 10);
    assert_int_equal(finished_of(assignment, consumer), 5);
    assignment_store(assignment, consumer, &batch);
    assert_int_equal(finished_of(assignment, consumer), 11);

    /* A transaction's offsets are finished with it; those of others, with an error, or none are not ours. */
    offsets->elems[0].offset = 20;
    offsets->elems[1].offset = 30;
    assignment_committed(assignment, offsets);
    assert_int_equal(finished_of(assignment, consumer), 20);
    offsets->elems[0].offset = 40;
    offsets->elems[0].err = RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION;
    assignment_committed(assignment, offsets);
    offsets->elems[0].offset = RD_KAFKA_OFFSET_INVALID;
    offsets->elems[0].err = RD_KAFKA_RESP_ERR_NO_ERROR;
    assignment_committed(assignment, offsets);
    assert_int_equal(finished_of(assignment, consumer), 20);

    /* Taken away and given again: it begins anew, and nothing is told of it meanwhile. */
    assignment_fence(assignment, one);
    assert_int_equal(assignment_progress(assignment, consumer, 1000, NULL, 0), 0);
    offsets->elems[0].offset = 50;
    assignment_committed(assignment, offsets);
    assignment_give(assignment, one);
    assert_int_equal(finished_of(assignment, consumer), -1);
    assignment_read_to_end(assignment, "news.raw", 1, 60);
    assert_int_equal(finished_of(assignment, consumer), 60);

    rd_kafka_destroy(consumer);
    rd_kafka_topic_partition_list_destroy(one);
    rd_kafka_topic_partition_list_destroy(offsets);
    assignment_free(assignment);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_partition_that_is_not_ours_is_not_found),
        cmocka_unit_test(late_work_is_fenced_even_when_the_partition_came_back),
        cmocka_unit_test(only_partitions_taken_away_are_fenced),
        cmocka_unit_test(a_store_leaves_out_fenced_work_and_counts_it),
        cmocka_unit_test(a_lag_is_never_negative_and_ends_at_the_start_of_the_log),
        cmocka_unit_test(what_is_finished_is_known_of_partitions_that_are_ours),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
