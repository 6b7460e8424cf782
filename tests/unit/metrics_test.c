#include "consumer/metrics.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
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

static void a_limit_belongs_to_its_own_bucket(void **state)
{
    struct buckets buckets = {0};

    (void)state;
    for (size_t i = 0; i < BUCKET_LIMITS; i++) {
        buckets_add(&buckets, bucket_limits_ns[i]);     /* le: less or equal */
        buckets_add(&buckets, bucket_limits_ns[i] + 1); /* the next one's */
        assert_true(i == 0 || bucket_limits_ns[i] > bucket_limits_ns[i - 1]);
    }
    assert_int_equal(buckets.counts[0], 1);
    for (size_t i = 1; i < BUCKET_LIMITS; i++)
        assert_int_equal(buckets.counts[i], 2);
    assert_int_equal(buckets.counts[BUCKET_LIMITS], 1);
}

static void a_sum_is_of_what_was_added(void **state)
{
    struct buckets buckets = {0};

    (void)state;
    buckets_add(&buckets, 0);
    buckets_add(&buckets, 12345);
    buckets_add(&buckets, UINT64_C(400000000000));
    assert_int_equal(buckets.counts[0], 1);
    assert_int_equal(buckets.counts[1], 1);
    assert_int_equal(buckets.counts[BUCKET_LIMITS], 1);
    assert_int_equal(buckets.sum_ns, UINT64_C(400000012345));
}

static void a_histogram_never_forgets_what_it_counted_since_the_start(void **state)
{
    (void)state;
    histogram_add(&histogram, 40, NOW_MS); /* µs */
    histogram_add(&histogram, 40, NOW_MS + 10 * HISTOGRAM_PANES * HISTOGRAM_PANE_MS);
    assert_int_equal(histogram.all.counts[2], 2);
    assert_int_equal(histogram.all.sum_ns, 80000);
}

static void a_family_stands_together_and_says_first_what_it_counts(void **state)
{
    const char *last = "";

    (void)state;
    for (int i = 0; i < METRIC_COUNT; i++) {
        const struct metric_row *row = metric_row((enum metric)i);

        if (row->name == NULL)
            continue;
        assert_memory_equal(row->name, "tocsin_", 7);
        assert_int_equal(row->kind != METRIC_GAUGE, strcmp(row->name + strlen(row->name) - 6, "_total") == 0);
        if (strcmp(row->name, last) == 0) {
            assert_int_equal(row->help[0], '\0');
            assert_string_not_equal(row->label, metric_row((enum metric)(i - 1))->label);
            continue;
        }
        last = row->name;
        assert_true(strlen(row->help) > 5);
        for (int k = 0; k < i; k++)
            assert_true(metric_row((enum metric)k)->name == NULL ||
                        strcmp(row->name, metric_row((enum metric)k)->name) != 0);
    }
}

static void a_language_has_one_slot_whatever_its_number_in_a_snapshot(void **state)
{
    char code[24];
    unsigned german;

    (void)state;
    assert_int_equal(metric_language("und"), 0);
    german = metric_language("de");
    assert_int_not_equal(german, 0);
    assert_int_not_equal(metric_language("ar"), german);
    assert_int_equal(metric_language("de"), german);
    assert_string_equal(metric_language_code(german), "de");
    assert_int_equal(metric_language("a-code-that-no-table-would-have"), 0);

    /* More than there are slots: the rest is counted as undetermined, and nobody is pushed out. */
    for (unsigned i = 0; i < 2 * METRIC_LANGUAGES; i++) {
        snprintf(code, sizeof code, "x%u", i);
        assert_true(metric_language(code) < METRIC_LANGUAGES);
    }
    assert_int_equal(metric_language("y"), 0);
    assert_int_equal(metric_language("de"), german);
    assert_null(metric_language_code(METRIC_LANGUAGES));
}

static void an_article_is_counted_with_its_mentions_by_direction_and_kind(void **state)
{
    struct encoded_mention mentions[] = {
        {.direction = DIRECTION_ESCALATION, .kind = KIND_ATTACK},
        {.direction = DIRECTION_DEESCALATION, .kind = KIND_CEASEFIRE},
        {.direction = DIRECTION_DEESCALATION, .kind = KIND_CEASEFIRE},
    };
    struct article article = {.encoded_mentions = mentions, .n_encoded_mentions = 3};
    const struct metric_articles *counts = &metric_articles[metric_language("de")];
    uint64_t before = metric_get(METRIC_MENTIONS);

    (void)state;
    metric_article(metric_language("de"), &article);
    assert_int_equal(counts->articles, 1);
    assert_int_equal(counts->mentions[0][KIND_ATTACK], 1);
    assert_int_equal(counts->mentions[1][KIND_CEASEFIRE], 2);
    assert_int_equal(counts->mentions[0][KIND_CEASEFIRE], 0);
    assert_int_equal(metric_get(METRIC_MENTIONS), before + 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_lies_in_its_bucket_and_the_bucket_is_narrow),
        cmocka_unit_test_setup(values_beyond_the_last_bucket_are_counted_in_it, empty),
        cmocka_unit_test_setup(quantiles_of_a_thousand_values_are_six_percent_off_at_most, empty),
        cmocka_unit_test_setup(nothing_counted_is_zero, empty),
        cmocka_unit_test_setup(what_is_older_than_the_panes_is_forgotten, empty),
        cmocka_unit_test(a_limit_belongs_to_its_own_bucket),
        cmocka_unit_test(a_sum_is_of_what_was_added),
        cmocka_unit_test_setup(a_histogram_never_forgets_what_it_counted_since_the_start, empty),
        cmocka_unit_test(a_family_stands_together_and_says_first_what_it_counts),
        cmocka_unit_test(a_language_has_one_slot_whatever_its_number_in_a_snapshot),
        cmocka_unit_test(an_article_is_counted_with_its_mentions_by_direction_and_kind),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
