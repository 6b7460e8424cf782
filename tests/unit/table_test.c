#include "processors/table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

/* Two folders that live as long as one test. */
struct folders {
    char data[64], overlay[64];
};

static void write_file(const char *folder, const char *name, const char *content)
{
    char path[160];
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(content, 1, strlen(content), file), strlen(content));
    fclose(file);
}

static int setup(void **state)
{
    struct folders *folders = calloc(1, sizeof *folders);

    if (folders == NULL)
        return -1;
    strcpy(folders->data, "/tmp/tableXXXXXX");
    strcpy(folders->overlay, "/tmp/overlayXXXXXX");
    *state = folders;
    return mkdtemp(folders->data) == NULL || mkdtemp(folders->overlay) == NULL ? -1 : 0;
}

static void remove_files(const char *folder)
{
    static const char *const names[] = {"t.tsv", "b.tsv", "a.tsv", "c.txt"};
    char path[160];

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        unlink(path);
    }
    rmdir(folder);
}

static int teardown(void **state)
{
    struct folders *folders = *state;

    remove_files(folders->data);
    remove_files(folders->overlay);
    free(folders);
    return 0;
}

static void rows_are_read_and_comments_and_empty_lines_are_not(void **state)
{
    struct folders *folders = *state;
    struct table_source source = {.data_dir = folders->data};
    struct table *table = NULL;
    struct err err;

    write_file(folders->data, "t.tsv", "# words\n\nword\tvalue\neins\t1\r\n\n# more\nzwei\t\n");
    assert_int_equal(table_open(&source, "t.tsv", "word value", 1, &table, &err), STATUS_OK);
    assert_int_equal(table_size(table), 2);
    assert_true(view_is(table_at(table, 0).cells[0], "eins"));
    assert_true(view_is(table_at(table, 0).cells[1], "1"));
    assert_int_equal(table_at(table, 1).cells[1].size, 0);
    assert_int_equal(table_at(table, 1).line, 7);
    table_close(table);
}

static void bad_rows_are_refused_with_file_and_line(void **state)
{
    static const struct {
        const char *content, *expected;
    } cases[] = {
        {"word\tvalue\neins\n", "t.tsv:2"},
        {"word\tvalue\neins\t1\t2\n", "t.tsv:2"},
        {"word\tweight\neins\t1\n", "t.tsv:1"},
        {"word\tvalue\ne\xffns\t1\n", "not valid UTF-8"},
    };
    struct folders *folders = *state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct table_source source = {.data_dir = folders->data};
        struct table *table = NULL;
        struct err err = {0};
        write_file(folders->data, "t.tsv", cases[i].content);
        assert_int_equal(table_open(&source, "t.tsv", "word value", 1, &table, &err), STATUS_FATAL);
        assert_null(table);
        assert_non_null(strstr(err.text, cases[i].expected));
    }
}

static void an_overlay_adds_rows_and_takes_rows_away(void **state)
{
    struct folders *folders = *state;
    struct table_source source = {.data_dir = folders->data, .overlay_dir = folders->overlay};
    struct table *table = NULL;
    struct err err;

    write_file(folders->data, "t.tsv", "word\tvalue\neins\t1\nzwei\t2\n");
    write_file(folders->overlay, "t.tsv", "word\tvalue\n-eins\ndrei\t3\n");
    assert_int_equal(table_open(&source, "t.tsv", "word value", 1, &table, &err), STATUS_OK);
    assert_int_equal(table_size(table), 2);
    assert_true(view_is(table_at(table, 0).cells[0], "zwei"));
    assert_true(view_is(table_at(table, 1).cells[0], "drei"));
    table_close(table);
}

static void taking_away_what_is_not_there_is_an_error(void **state)
{
    struct folders *folders = *state;
    struct table_source source = {.data_dir = folders->data, .overlay_dir = folders->overlay};
    struct table *table = NULL;
    struct err err = {0};

    write_file(folders->data, "t.tsv", "word\tvalue\neins\t1\n");
    write_file(folders->overlay, "t.tsv", "word\tvalue\n-vier\n");
    assert_int_equal(table_open(&source, "t.tsv", "word value", 1, &table, &err), STATUS_FATAL);
    assert_non_null(strstr(err.text, "vier"));
}

static void equal_contents_have_equal_sums_and_others_have_not(void **state)
{
    struct folders *folders = *state;
    uint64_t sums[3];

    for (int i = 0; i < 3; i++) {
        struct table_source source = {.data_dir = folders->data};
        struct table *table = NULL;
        struct err err;
        write_file(folders->data, "t.tsv", i < 2 ? "word\tvalue\neins\t1\n" : "word\tvalue\neins\t2\n");
        assert_int_equal(table_open(&source, "t.tsv", "word value", 1, &table, &err), STATUS_OK);
        sums[i] = source.sum;
        table_close(table);
    }
    assert_true(sums[0] == sums[1]);
    assert_true(sums[1] != sums[2]);
}

static void a_missing_table_is_skipped_not_fatal(void **state)
{
    struct folders *folders = *state;
    struct table_source source = {.data_dir = folders->data};
    struct table *table = NULL;
    struct err err;

    assert_int_equal(table_open(&source, "none.tsv", "word value", 1, &table, &err), STATUS_SKIP);
    assert_null(table);
    table_close(NULL);
}

static enum status collect(void *user, const char *name, struct err *err)
{
    (void)err;
    strcat(user, name);
    return STATUS_OK;
}

static void tables_of_both_folders_are_listed_sorted_and_once(void **state)
{
    struct folders *folders = *state;
    struct table_source source = {.data_dir = folders->data, .overlay_dir = folders->overlay};
    char names[64] = "";
    struct err err;

    write_file(folders->data, "b.tsv", "");
    write_file(folders->data, "c.txt", "");
    write_file(folders->overlay, "a.tsv", "");
    write_file(folders->overlay, "b.tsv", "");
    assert_int_equal(table_list(&source, ".", collect, names, &err), STATUS_OK);
    assert_string_equal(names, "ab");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(rows_are_read_and_comments_and_empty_lines_are_not, setup, teardown),
        cmocka_unit_test_setup_teardown(bad_rows_are_refused_with_file_and_line, setup, teardown),
        cmocka_unit_test_setup_teardown(an_overlay_adds_rows_and_takes_rows_away, setup, teardown),
        cmocka_unit_test_setup_teardown(taking_away_what_is_not_there_is_an_error, setup, teardown),
        cmocka_unit_test_setup_teardown(equal_contents_have_equal_sums_and_others_have_not, setup, teardown),
        cmocka_unit_test_setup_teardown(a_missing_table_is_skipped_not_fatal, setup, teardown),
        cmocka_unit_test_setup_teardown(tables_of_both_folders_are_listed_sorted_and_once, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
