#include "processors/escalation/heads.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* "launched ~ attack | strikes", "pulled ~ troops", and as many more as are asked for. */
struct fixture {
    struct gaps *gaps;
    struct arena *arena;
    struct heads heads;
    uint32_t launched, pulled; /* paths */
    uint32_t attack, strikes, troops; /* parts */
};

static uint32_t part(struct gaps *gaps, const char *key)
{
    bool is_new;

    return gaps_part(gaps, view_of(key), GAP_BEHIND, &is_new);
}

static int begin(void **state)
{
    static struct fixture x;
    uint32_t launched, pulled;

    x.gaps = gaps_new();
    x.arena = arena_new(1 << 12, 1 << 12);
    launched = part(x.gaps, "launched");
    pulled = part(x.gaps, "pulled");
    x.attack = part(x.gaps, "attack");
    x.strikes = part(x.gaps, "strikes");
    x.troops = part(x.gaps, "troops");
    x.launched = gaps_enter(x.gaps, GAPS_START, launched);
    x.pulled = gaps_enter(x.gaps, GAPS_START, pulled);
    gaps_enter(x.gaps, x.launched, x.attack);
    gaps_enter(x.gaps, x.launched, x.strikes);
    gaps_enter(x.gaps, x.pulled, x.troops);
    for (uint32_t i = 0; i < 2 * HEADS_MAX; i++)
        gaps_enter(x.gaps, gaps_enter(x.gaps, GAPS_START, x.troops + 1 + i), x.troops);
    gaps_part(x.gaps, view_of("last"), GAP_BEHIND, &(bool){false});
    gaps_freeze(x.gaps);
    *state = &x;
    return 0;
}

static int end(void **state)
{
    struct fixture *x = *state;

    gaps_free(x->gaps);
    arena_free(x->arena);
    return 0;
}

static void add(struct fixture *x, uint32_t path, uint32_t first)
{
    *heads_add(&x->heads, path, first + 1) = (struct head){.parts = {first}, .ends = {first + 1}, .n_parts = 1};
}

static void a_head_waits_for_its_parts_and_for_no_other(void **state)
{
    struct fixture *x = *state;

    heads_begin(&x->heads, x->gaps, x->arena);
    assert_false(heads_want(&x->heads, x->attack));
    add(x, x->launched, 3);
    assert_true(heads_want(&x->heads, x->attack));
    assert_true(heads_want(&x->heads, x->strikes));
    assert_false(heads_want(&x->heads, x->troops));
    heads_clear(&x->heads);
    assert_false(heads_want(&x->heads, x->attack));
    assert_false(heads_want(&x->heads, x->strikes));
}

static void of_two_that_began_alike_the_nearer_stays(void **state)
{
    struct fixture *x = *state;

    heads_begin(&x->heads, x->gaps, x->arena);
    add(x, x->launched, 3);
    add(x, x->pulled, 4);
    add(x, x->launched, 5);
    assert_int_equal(x->heads.n, 2);
    assert_int_equal(x->heads.paths[0], x->pulled);
    assert_int_equal(x->heads.all[1].parts[0], 5);
    heads_clear(&x->heads);
    assert_false(heads_want(&x->heads, x->attack));
}

static void the_oldest_goes_where_there_are_too_many(void **state)
{
    struct fixture *x = *state;

    heads_begin(&x->heads, x->gaps, x->arena);
    add(x, x->launched, 1);
    for (uint32_t i = 0; i < HEADS_MAX; i++)
        add(x, gaps_step(x->gaps, GAPS_START, x->troops + 1 + i), 1);
    assert_int_equal(x->heads.n, HEADS_MAX);
    assert_false(heads_want(&x->heads, x->attack)); /* it waited in the first */
    assert_true(heads_want(&x->heads, x->troops));
    heads_clear(&x->heads);
    assert_false(heads_want(&x->heads, x->troops));
}

static void those_too_far_back_go(void **state)
{
    struct fixture *x = *state;

    heads_begin(&x->heads, x->gaps, x->arena);
    add(x, x->launched, 1);
    for (uint32_t i = 0; i < HEADS_MAX / 2; i++)
        add(x, gaps_step(x->gaps, GAPS_START, x->troops + 1 + i), 1 + GAP_TOKENS + i / 2);
    assert_false(heads_want(&x->heads, x->attack));
    for (unsigned i = 0; i < x->heads.n; i++)
        assert_true(x->heads.all[i].parts[0] > 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_head_waits_for_its_parts_and_for_no_other, begin, end),
        cmocka_unit_test_setup_teardown(of_two_that_began_alike_the_nearer_stays, begin, end),
        cmocka_unit_test_setup_teardown(the_oldest_goes_where_there_are_too_many, begin, end),
        cmocka_unit_test_setup_teardown(those_too_far_back_go, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
