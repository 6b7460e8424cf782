#include "consumer/metrics.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { NOW_MS = 1000000000 };

static struct histogram histogram;

static int empty(void **state)
{
    (void)state;
    memset(&histogram, 0, sizeof histogram);
    return 0;
}

static void a_value_lies_in_its_bucket_and_the_bucket_is_narrow(void **state)
{
    uint64_t value = 1;

    (void)state;
    for (int i = 0; i < 4000 && value < (uint64_t)1 << 42; i++, value += value / 97 + 1) {
        size_t bucket = histogram_bucket(value);

        assert_true(value <= histogram_bucket_top(bucket));
        if (bucket > 0)
            assert_true(value > histogram_bucket_top(bucket - 1));
        assert_true((double)histogram_bucket_top(bucket) <= (double)value * 1.0626);
    }
}

static void values_beyond_the_last_bucket_are_counted_in_it(void **state)
{
    (void)state;
    assert_int_equal(histogram_bucket(UINT64_MAX), HISTOGRAM_BUCKETS - 1);
    histogram_add(&histogram, UINT64_MAX, NOW_MS);
    assert_int_equal(histogram_quantile(&histogram, 0.5, NOW_MS), histogram_bucket_top(HISTOGRAM_BUCKETS - 1));
}

static void quantiles_of_a_thousand_values_are_six_percent_off_at_most(void **state)
{
    (void)state;
    for (uint64_t value = 1; value <= 1000; value++)
        histogram_add(&histogram, value, NOW_MS);
    assert_in_range(histogram_quantile(&histogram, 0.5, NOW_MS), 500, 531);
    assert_in_range(histogram_quantile(&histogram, 0.99, NOW_MS), 990, 1052);
    assert_in_range(histogram_quantile(&histogram, 0.0, NOW_MS), 1, 1);
    assert_in_range(histogram_quantile(&histogram, 1.0, NOW_MS), 1000, 1062);
}

static void nothing_counted_is_zero(void **state)
{
    (void)state;
    assert_int_equal(histogram_quantile(&histogram, 0.99, NOW_MS), 0);
}

static void what_is_older_than_the_panes_is_forgotten(void **state)
{
    (void)state;
    histogram_add(&histogram, 7, NOW_MS);
    assert_int_equal(histogram_quantile(&histogram, 0.5, NOW_MS + 2 * HISTOGRAM_PANE_MS), 7);
    assert_int_equal(histogram_quantile(&histogram, 0.5, NOW_MS + HISTOGRAM_PANES * HISTOGRAM_PANE_MS), 0);
    /* A pane that is used again begins empty. */
    histogram_add(&histogram, 9, NOW_MS + HISTOGRAM_PANES * HISTOGRAM_PANE_MS);
    assert_int_equal(histogram_quantile(&histogram, 0.0, NOW_MS + HISTOGRAM_PANES * HISTOGRAM_PANE_MS), 9);
}

static void every_metric_has_a_name_of_its_own_and_a_help(void **state)
{
    (void)state;
    for (int i = 0; i < METRIC_COUNT; i++) {
        assert_memory_equal(metric_name((enum metric)i), "tocsin_", 7);
        assert_true(strlen(metric_help((enum metric)i)) > 5);
        for (int k = 0; k < i; k++)
            assert_string_not_equal(metric_name((enum metric)i), metric_name((enum metric)k));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_lies_in_its_bucket_and_the_bucket_is_narrow),
        cmocka_unit_test_setup(values_beyond_the_last_bucket_are_counted_in_it, empty),
        cmocka_unit_test_setup(quantiles_of_a_thousand_values_are_six_percent_off_at_most, empty),
        cmocka_unit_test_setup(nothing_counted_is_zero, empty),
        cmocka_unit_test_setup(what_is_older_than_the_panes_is_forgotten, empty),
        cmocka_unit_test(every_metric_has_a_name_of_its_own_and_a_help),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
