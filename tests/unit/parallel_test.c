#include "processors/parallel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { MANY = 1000 };

static void count(void *user, size_t i)
{
    ((unsigned *)user)[i]++; /* each has a place of its own */
}

static void each_is_done_once(void **state)
{
    static const size_t sizes[] = {0, 1, 2, 7, MANY};

    (void)state;
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        unsigned done[MANY] = {0};

        parallel_for(sizes[s], count, done);
        for (size_t i = 0; i < MANY; i++)
            assert_int_equal(done[i], i < sizes[s]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_is_done_once)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
