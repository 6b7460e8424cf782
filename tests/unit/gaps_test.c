#include "processors/escalation/gaps.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static uint32_t part(struct gaps *gaps, const char *key, enum gap_role role)
{
    bool is_new;

    return gaps_part(gaps, view_of(key), role, &is_new);
}

static void a_part_has_one_number_in_each_role(void **state)
{
    struct gaps *gaps = gaps_new();
    bool is_new;
    uint32_t head;

    (void)state;
    head = gaps_part(gaps, view_of("launched"), GAP_HEAD, &is_new);
    assert_true(is_new);
    assert_int_equal(gaps_part(gaps, view_of("launched"), GAP_HEAD, &is_new), head);
    assert_false(is_new);
    assert_int_not_equal(gaps_part(gaps, view_of("launched"), GAP_BEHIND, &is_new), head);
    assert_true(is_new);
    gaps_free(gaps);
}

static void a_path_goes_on_only_over_what_was_entered(void **state)
{
    struct gaps *gaps = gaps_new();
    uint32_t pulls = part(gaps, "zieht", GAP_HEAD), troops = part(gaps, "Truppen", GAP_BEHIND);
    uint32_t off = part(gaps, "ab", GAP_BEHIND_END), back = part(gaps, "zurück", GAP_BEHIND_END);
    uint32_t path = gaps_enter(gaps, GAPS_START, pulls);

    (void)state;
    gaps_end(gaps, gaps_enter(gaps, gaps_enter(gaps, path, troops), off))->trigger = 7;
    gaps_end(gaps, gaps_enter(gaps, path, off))->cue = 3;
    assert_int_equal(gaps_step(gaps, GAPS_START, pulls), path);
    assert_int_equal(gaps_step(gaps, GAPS_START, troops), GAPS_START);
    assert_int_equal(gaps_step(gaps, path, back), GAPS_START);
    assert_int_equal(gaps_end_of(gaps, path).trigger, 0);
    assert_int_equal(gaps_end_of(gaps, gaps_step(gaps, path, off)).cue, 3);
    path = gaps_step(gaps, gaps_step(gaps, path, troops), off);
    assert_int_equal(gaps_end_of(gaps, path).trigger, 7);
    gaps_free(gaps);
}

static void frozen_it_says_what_goes_on(void **state)
{
    struct gaps *gaps = gaps_new();
    uint32_t pulls = part(gaps, "zieht", GAP_HEAD), troops = part(gaps, "Truppen", GAP_BEHIND);
    uint32_t off = part(gaps, "ab", GAP_BEHIND_END), path = gaps_enter(gaps, GAPS_START, pulls), last;
    struct gap_end end;

    (void)state;
    gaps_enter(gaps, path, troops);
    last = gaps_enter(gaps, path, off);
    gaps_freeze(gaps);
    end = gaps_end_of(gaps, path);
    assert_int_equal(end.n_next, 2);
    assert_int_equal(gaps_next(gaps, &end, 0) + gaps_next(gaps, &end, 1), troops + off);
    assert_int_not_equal(gaps_next(gaps, &end, 0), gaps_next(gaps, &end, 1));
    assert_int_equal(gaps_end_of(gaps, last).n_next, 0);
    assert_int_equal(gaps_last_part(gaps), off);
    gaps_free(gaps);
}

static void thousands_of_paths_are_all_found(void **state)
{
    enum { HEADS = 100, TAILS = 50 };
    struct gaps *gaps = gaps_new();

    (void)state;
    for (uint32_t head = 1; head <= HEADS; head++)
        for (uint32_t tail = 1; tail <= TAILS; tail++)
            gaps_end(gaps, gaps_enter(gaps, gaps_enter(gaps, GAPS_START, head), HEADS + tail))->trigger
                = (uint16_t)(head * TAILS + tail);
    for (uint32_t head = 1; head <= HEADS; head++)
        for (uint32_t tail = 1; tail <= TAILS; tail++)
            assert_int_equal(gaps_end_of(gaps, gaps_step(gaps, gaps_step(gaps, GAPS_START, head), HEADS + tail)).trigger,
                             head * TAILS + tail);
    gaps_free(gaps);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_part_has_one_number_in_each_role),
        cmocka_unit_test(a_path_goes_on_only_over_what_was_entered),
        cmocka_unit_test(frozen_it_says_what_goes_on),
        cmocka_unit_test(thousands_of_paths_are_all_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
