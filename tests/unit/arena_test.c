#include "processors/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void pieces_are_aligned_and_do_not_overlap(void **state)
{
    struct arena *arena = arena_new(256, 0);
    char *pieces[100];

    (void)state;
    for (int i = 0; i < 100; i++) {
        pieces[i] = arena_alloc(arena, (size_t)i * 3);
        assert_int_equal((uintptr_t)pieces[i] % 16, 0);
        memset(pieces[i], i, (size_t)i * 3);
    }
    for (int i = 0; i < 100; i++)
        for (int k = 0; k < i * 3; k++)
            assert_int_equal(pieces[i][k], i);
    arena_free(arena);
}

static void growing_the_last_piece_stays_in_place_and_others_move_with_their_contents(void **state)
{
    struct arena *arena = arena_new(4096, 0);
    char *first = arena_alloc(arena, 16), *grown, *second;

    (void)state;
    memcpy(first, "0123456789abcde", 16);
    grown = arena_grow(arena, first, 16, 64);
    assert_ptr_equal(grown, first);
    second = arena_alloc(arena, 16);
    assert_true(second >= grown + 64);
    grown = arena_grow(arena, first, 64, 128);
    assert_ptr_not_equal(grown, first);
    assert_string_equal(grown, "0123456789abcde");
    arena_free(arena);
}

static void shrinking_gives_room_back(void **state)
{
    struct arena *arena = arena_new(4096, 0);
    char *first = arena_alloc(arena, 1024), *second;

    (void)state;
    arena_shrink(arena, first, 1024, 32);
    second = arena_alloc(arena, 16);
    assert_ptr_equal(second, first + 32);
    arena_free(arena);
}

static void a_reset_keeps_one_chunk_for_the_next_article_and_forgets_giants(void **state)
{
    struct arena *arena = arena_new(1024, 8192);
    size_t held;

    (void)state;
    for (int i = 0; i < 5; i++)
        arena_alloc(arena, 1000);
    held = arena_held(arena);
    arena_reset(arena);
    assert_int_equal(arena_held(arena), held);
    for (int i = 0; i < 5; i++)
        arena_alloc(arena, 1000);
    assert_int_equal(arena_held(arena), held); /* no new chunk was needed */
    arena_alloc(arena, 1 << 20);
    arena_reset(arena);
    assert_true(arena_held(arena) <= 8192);
    arena_free(arena);
}

static void copies_and_prints_are_terminated(void **state)
{
    struct arena *arena = arena_new(64, 0);
    struct view copy = arena_copy(arena, VIEW("abc")), print = arena_print(arena, "%s-%d", "x", 42);

    (void)state;
    assert_string_equal(copy.data, "abc");
    assert_int_equal(copy.size, 3);
    assert_string_equal(print.data, "x-42");
    assert_int_equal(print.size, 4);
    arena_free(arena);
    arena_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_are_aligned_and_do_not_overlap),
        cmocka_unit_test(growing_the_last_piece_stays_in_place_and_others_move_with_their_contents),
        cmocka_unit_test(shrinking_gives_room_back),
        cmocka_unit_test(a_reset_keeps_one_chunk_for_the_next_article_and_forgets_giants),
        cmocka_unit_test(copies_and_prints_are_terminated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
