/* knowledge and walker: snapshots of all tables, and the walk through all rooms. */
#include "processors/walker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define DATA_DIR TOCSIN_SOURCE_DIR "/processors/data"

static struct knowledge *opened(const char *overlay)
{
    struct options options = {.data_dir = DATA_DIR, .overlay_dir = overlay};
    struct knowledge *knowledge = NULL;
    struct err err = {0};

    if (knowledge_open(&options, &knowledge, &err) != STATUS_OK)
        fail_msg("%s", err.text);
    return knowledge;
}

/* A folder of its own with one file in it; the caller removes both by forget(). */
static void write_overlay(char dir[64], const char *name, const char *content)
{
    char path[128];
    FILE *file;

    snprintf(dir, 64, "/tmp/tocsin-overlay-XXXXXX");
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/%s", dir, name);
    file = fopen(path, "w");
    assert_non_null(file);
    fputs(content, file);
    fclose(file);
}

static void forget(const char *dir, const char *name)
{
    char path[128];

    snprintf(path, sizeof path, "%s/%s", dir, name);
    unlink(path);
    rmdir(dir);
}

static void each_room_finds_written_what_it_reads(void **state)
{
    struct err err = {0};

    (void)state;
    assert_int_equal(stage_order_check(&err), STATUS_OK);
    for (size_t i = 0; i < STAGES; i++) {
        assert_non_null(stage_order[i]->summary);
        assert_true(stage_order[i]->summary[0] != '\0');
        assert_int_not_equal(stage_order[i]->writes, 0);
    }
}

static void equal_tables_have_equal_versions(void **state)
{
    struct knowledge *a = opened(NULL), *b = opened(NULL);

    (void)state;
    assert_string_equal(knowledge_version(a), knowledge_version(b));
    assert_int_equal(strlen(knowledge_version(a)), 16);
    knowledge_unref(a);
    knowledge_unref(b);
}

static void an_overlay_changes_the_version_and_the_words(void **state)
{
    char dir[64];
    struct knowledge *plain, *changed;

    (void)state;
    write_overlay(dir, "languages.tsv", "code\tname\tscript\nxx-test\tTest\tLatn\n");
    plain = opened(NULL);
    changed = opened(dir);
    assert_string_not_equal(knowledge_version(plain), knowledge_version(changed));
    assert_int_equal(language_of(knowledge_languages(plain), VIEW("xx-test")), LANGUAGE_UND);
    assert_int_not_equal(language_of(knowledge_languages(changed), VIEW("XX-Test-AT")), LANGUAGE_UND);
    knowledge_unref(plain);
    knowledge_unref(changed);
    forget(dir, "languages.tsv");
}

static void a_bad_row_is_refused_with_file_and_line(void **state)
{
    char dir[64];
    struct options options = {.data_dir = DATA_DIR, .overlay_dir = dir};
    struct knowledge *knowledge = NULL;
    struct err err = {0};

    (void)state;
    write_overlay(dir, "languages.tsv", "# mine\ncode\tname\tscript\nyy\tTest\tNowhere\n");
    assert_int_equal(knowledge_open(&options, &knowledge, &err), STATUS_FATAL);
    assert_null(knowledge);
    assert_non_null(strstr(err.text, "languages.tsv:3"));
    assert_non_null(strstr(err.text, "Nowhere"));
    forget(dir, "languages.tsv");
}

static void a_missing_data_folder_is_an_error_that_names_it(void **state)
{
    struct options options = {.data_dir = "/nowhere/at/all"};
    struct knowledge *knowledge = NULL;
    struct err err = {0};

    (void)state;
    assert_int_equal(knowledge_open(&options, &knowledge, &err), STATUS_FATAL);
    assert_non_null(strstr(err.text, "/nowhere/at/all"));
}

static void the_last_reference_frees(void **state)
{
    struct knowledge *knowledge = opened(NULL);
    struct walker *walker = NULL;
    struct err err = {0};
    const struct article *article = NULL;
    struct message message = {.value = VIEW("{\"id\":\"1\",\"body\":\"Die Waffenruhe gilt seit Montag.\"}"), .topic = "test",
                              .time_ms = -1, .now_ms = 1740000000000};

    (void)state;
    assert_int_equal(walker_new(knowledge, &walker, &err), STATUS_OK);
    knowledge_unref(knowledge); /* the walker holds its own: it must still work */
    assert_int_equal(walker_walk(walker, &message, &article, &err), STATUS_OK);
    assert_non_null(strstr(arena_copy(article->arena, article->encoded).data, "Die Waffenruhe gilt seit Montag."));
    walker_free(walker); /* a leak or a double free is found by AddressSanitizer */
}

static void a_rejection_names_the_room_and_the_reason(void **state)
{
    struct knowledge *knowledge = opened(NULL);
    struct walker *walker = NULL;
    struct err err = {0};
    const struct article *article = NULL;
    struct message message = {.value = VIEW("{\"title\": \"cut off"), .topic = "test", .time_ms = -1, .now_ms = 1740000000000};

    (void)state;
    assert_int_equal(walker_new(knowledge, &walker, &err), STATUS_OK);
    assert_int_equal(walker_walk(walker, &message, &article, &err), STATUS_REJECT);
    assert_string_equal(err.reason, "undecodable");
    assert_memory_equal(err.text, "decode: ", 8);

    /* and the next one walks as if nothing had been */
    message.value = VIEW("{\"body\": \"Es regnet.\"}");
    assert_int_equal(walker_walk(walker, &message, &article, &err), STATUS_OK);
    walker_free(walker);
    knowledge_unref(knowledge);
}

static void the_same_article_gives_the_same_bytes(void **state)
{
    struct knowledge *knowledge = opened(NULL);
    struct walker *a = NULL, *b = NULL;
    struct err err = {0};
    const struct article *first = NULL, *second = NULL;
    struct message message = {.value = VIEW("{\"id\":\"1\",\"title\":\"Israel und Iran\",\"body\":\"Israel griff Ziele im Iran an. Eine "
                                            "Eskalation soll verhindert werden.\",\"x\":[1,2]}"),
                              .topic = "test", .time_ms = 1740000000000, .now_ms = 1740000000000};
    struct message other = {.value = VIEW("{\"body\":\"Another one in between, about nothing.\"}"), .topic = "test", .time_ms = -1, .now_ms = 1};

    (void)state;
    assert_int_equal(walker_new(knowledge, &a, &err), STATUS_OK);
    assert_int_equal(walker_new(knowledge, &b, &err), STATUS_OK);
    assert_int_equal(walker_walk(b, &other, &second, &err), STATUS_OK);
    assert_int_equal(walker_walk(a, &message, &first, &err), STATUS_OK);
    assert_int_equal(walker_walk(b, &message, &second, &err), STATUS_OK);
    assert_true(view_equal(first->encoded, second->encoded));
    assert_int_equal(first->n_encoded_mentions, second->n_encoded_mentions);
    for (size_t i = 0; i < first->n_encoded_mentions; i++)
        assert_string_equal(first->encoded_mentions[i].id, second->encoded_mentions[i].id);
    walker_free(a);
    walker_free(b);
    knowledge_unref(knowledge);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_room_finds_written_what_it_reads),
        cmocka_unit_test(equal_tables_have_equal_versions),
        cmocka_unit_test(an_overlay_changes_the_version_and_the_words),
        cmocka_unit_test(a_bad_row_is_refused_with_file_and_line),
        cmocka_unit_test(a_missing_data_folder_is_an_error_that_names_it),
        cmocka_unit_test(the_last_reference_frees),
        cmocka_unit_test(a_rejection_names_the_room_and_the_reason),
        cmocka_unit_test(the_same_article_gives_the_same_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
