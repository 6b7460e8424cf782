#include "consumer/clock.h"
#include "consumer/corridor/watch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* An engine of which only that is there which is looked at. */
struct world {
    struct settings *settings;
    struct control control;
    struct watch watch;
    struct worker workers[2];
    char text[WATCH_TEXT_MAX];
};

static struct world *world_new(const char *delivery)
{
    struct world *world = calloc(1, sizeof *world);
    struct err err;

    assert_non_null(world);
    world->settings = settings_new();
    assert_int_equal(settings_set(world->settings, "delivery", delivery, "test", &err), STATUS_OK);
    assert_int_equal(settings_set(world->settings, "transactional.id", "me", "test", &err), STATUS_OK);
    assert_int_equal(settings_set(world->settings, "http.live_after", "5s", "test", &err), STATUS_OK);
    assert_int_equal(settings_set(world->settings, "drain.timeout", "3s", "test", &err), STATUS_OK);
    control_init(&world->control);
    watch_init(&world->watch, world->settings, &world->control);
    world->watch.workers = world->workers;
    atomic_store(&world->watch.n_workers, 2);
    return world;
}

static void world_free(struct world *world)
{
    watch_done(&world->watch);
    control_done(&world->control);
    settings_free(world->settings);
    free(world);
}

static void last_beat(struct world *world, enum health_loop loop, int64_t ago_ms)
{
    atomic_store(&world->control.health.beats[loop], clock_steady_ms() - ago_ms);
}

static void what_has_not_begun_or_is_over_does_not_stand(void **state)
{
    struct world *world = world_new("at_least_once");

    (void)state;
    assert_true(watch_is_alive(&world->watch, world->text));
    last_beat(world, LOOP_READER, 60000);
    assert_false(watch_is_alive(&world->watch, world->text));
    health_loop_is_over(&world->control.health, LOOP_READER);
    assert_true(watch_is_alive(&world->watch, world->text));
    world_free(world);
}

static void a_loop_that_stands_is_named(void **state)
{
    struct world *world = world_new("at_least_once");

    (void)state;
    health_beat(&world->control.health, LOOP_READER);
    health_beat(&world->control.health, LOOP_PUBLISHER);
    assert_true(watch_is_alive(&world->watch, world->text));
    last_beat(world, LOOP_PUBLISHER, 5500);
    assert_false(watch_is_alive(&world->watch, world->text));
    assert_string_equal(world->text, "publisher: has stood still for 5 s\n");
    health_beat(&world->control.health, LOOP_PUBLISHER);

    /* A rebalance may wait for work under way. */
    last_beat(world, LOOP_READER, 7000);
    assert_true(watch_is_alive(&world->watch, world->text));
    last_beat(world, LOOP_READER, 8500);
    assert_false(watch_is_alive(&world->watch, world->text));
    assert_string_equal(world->text, "reader: has stood still for 8 s\n");
    world_free(world);
}

static void a_publisher_may_wait_as_long_as_its_transaction_may(void **state)
{
    struct world *world = world_new("exactly_once");
    int64_t calls_ms = (int64_t)world->watch.transaction_calls_ms;

    (void)state;
    assert_in_range(calls_ms, 1000, 900000);
    last_beat(world, LOOP_PUBLISHER, calls_ms + 4000);
    assert_true(watch_is_alive(&world->watch, world->text));
    last_beat(world, LOOP_PUBLISHER, calls_ms + 5500);
    assert_false(watch_is_alive(&world->watch, world->text));
    world_free(world);
}

static void a_worker_counts_only_while_it_holds_an_article(void **state)
{
    struct world *world = world_new("at_least_once");

    (void)state;
    atomic_store(&world->workers[1].busy_since_ms, clock_steady_ms());
    assert_true(watch_is_alive(&world->watch, world->text));
    atomic_store(&world->workers[1].busy_since_ms, clock_steady_ms() - 6000);
    assert_false(watch_is_alive(&world->watch, world->text));
    assert_string_equal(world->text, "worker 1: has held one article for 6 s\n");
    atomic_store(&world->workers[1].busy_since_ms, 0);
    assert_true(watch_is_alive(&world->watch, world->text));
    world_free(world);
}

static void ready_means_that_all_parts_are_well(void **state)
{
    struct world *world = world_new("at_least_once");
    struct health *health = &world->control.health;

    (void)state;
    assert_false(watch_is_ready(&world->watch, world->text)); /* nobody has said anything yet */
    health_ok(health, HEALTH_GROUP);
    health_ok(health, HEALTH_OUTPUT);
    assert_true(watch_is_ready(&world->watch, world->text)); /* there is no Redis */
    health_wait(health, HEALTH_OUTPUT, "topic '%s': not authorised", "news.enriched");
    health_wait(health, HEALTH_GROUP, "gone");
    assert_false(watch_is_ready(&world->watch, world->text));
    assert_string_equal(world->text, "group: gone\noutput: topic 'news.enriched': not authorised\n");
    health_ok(health, HEALTH_OUTPUT);
    health_ok(health, HEALTH_GROUP);
    assert_true(watch_is_ready(&world->watch, world->text));

    world->watch.cache = (const struct cache *)(const void *)world; /* only whether it is there is asked */
    assert_false(watch_is_ready(&world->watch, world->text));
    health_ok(health, HEALTH_REDIS);
    assert_true(watch_is_ready(&world->watch, world->text));

    control_stop(&world->control, ENGINE_DRAIN);
    assert_false(watch_is_ready(&world->watch, world->text));
    assert_string_equal(world->text, "stopping\n");
    world_free(world);
}

static void a_lexicon_is_told_as_it_is_now(void **state)
{
    struct world *world = world_new("at_least_once");
    char version[32];

    (void)state;
    watch_tell_lexicon(&world->watch, version);
    assert_string_equal(version, "");
    watch_lexicon(&world->watch, "0123456789abcdef");
    watch_tell_lexicon(&world->watch, version);
    assert_string_equal(version, "0123456789abcdef");
    world_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_has_not_begun_or_is_over_does_not_stand),
        cmocka_unit_test(a_loop_that_stands_is_named),
        cmocka_unit_test(a_publisher_may_wait_as_long_as_its_transaction_may),
        cmocka_unit_test(a_worker_counts_only_while_it_holds_an_article),
        cmocka_unit_test(ready_means_that_all_parts_are_well),
        cmocka_unit_test(a_lexicon_is_told_as_it_is_now),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
