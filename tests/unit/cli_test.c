/* What the verbs stand on: near names, chunks in order, lines of files. */
#include "consumer/cli/chunk.h"
#include "consumer/demo/show.h"
#include "consumer/nearest.h"
#include "consumer/cli/source.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- nearest ---------------------------------------------------------------------------------------------------- */

static const char *near(const char *wanted)
{
    static const char *const names[] = {"run", "enrich", "demo", "broker", "feed", "check", "help", "version"};
    struct nearest nearest = nearest_to(wanted);

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        nearest_try(&nearest, names[i]);
    return nearest.name;
}

static void a_slip_finds_the_name_that_was_meant(void **state)
{
    (void)state;
    assert_string_equal(near("enrch"), "enrich");
    assert_string_equal(near("erninch"), "enrich");
    assert_string_equal(near("chekc"), "check");
    assert_string_equal(near("HELP"), "help");
    assert_string_equal(near("urn"), "run");
    assert_null(near("xyzzy"));
    assert_null(near(""));
}

static void a_monstrous_name_is_simply_far(void **state)
{
    static char name[10000];

    (void)state;
    memset(name, 'e', sizeof name - 1);
    assert_null(near(name));
}

/* ---- source ----------------------------------------------------------------------------------------------------- */

struct taken {
    char text[4096];
    size_t n, whole;
    int64_t last_line;
};

/* All items of one file: "[…]" each. */
static struct taken take(const char *bytes, size_t size, size_t item_max, bool documents)
{
    char path[] = "/tmp/cli_test_XXXXXX";
    const char *file = path;
    struct source_setup setup = {.files = &file, .n_files = 1, .documents = documents, .item_max = item_max};
    struct taken taken = {0};
    struct source *source;
    struct chunk chunk;
    struct err err;
    enum status status;
    int fd = mkstemp(path);

    assert_true(fd >= 0 && write(fd, bytes, size) == (ssize_t)size);
    close(fd);
    assert_int_equal(source_bytes(&setup), size);
    source = source_open(&setup);
    chunk_init(&chunk);
    while ((status = source_fill(source, &chunk, &err)) == STATUS_OK) {
        for (size_t i = 0; i < chunk.n_items; i++) {
            const struct item *item = &chunk.items[i];
            snprintf(taken.text + strlen(taken.text), sizeof taken.text - strlen(taken.text), "[%.*s]",
                     item->size > 20 ? 20 : (int)item->size, chunk.input.data + item->start);
            taken.n++;
            taken.whole = item->whole_size;
            taken.last_line = item->line;
        }
        chunk_reset(&chunk);
    }
    assert_int_equal(status, STATUS_SKIP);
    chunk_done(&chunk);
    source_close(source);
    unlink(path);
    return taken;
}

#define TAKE(literal, item_max, documents) take(literal, sizeof(literal) - 1, item_max, documents)

static void lines_are_items_and_blank_ones_only_count(void **state)
{
    struct taken taken = TAKE("one\n\n  \ntwo\r\n\nthree", 1000, false);

    (void)state;
    assert_string_equal(taken.text, "[one][two\r][three]");
    assert_int_equal(taken.last_line, 6);
    assert_string_equal(TAKE("", 1000, false).text, "");
    assert_string_equal(TAKE("\n\n\n", 1000, false).text, "");
    assert_string_equal(TAKE("\xef\xbb\xbf{}\n", 1000, false).text, "[{}]");
}

static void a_line_beyond_the_limit_is_cut_and_the_next_is_whole(void **state)
{
    static char text[3 << 20];
    struct taken taken;

    (void)state;
    memset(text, 'x', sizeof text);
    memcpy(text, "first\n", 6);
    memcpy(text + sizeof text - 6, "\nlast\n", 6);
    taken = take(text, sizeof text, 1000, false);
    assert_string_equal(taken.text, "[first][xxxxxxxxxxxxxxxxxxxx][last]");
    assert_int_equal(taken.last_line, 3);
    taken = take(text, sizeof text - 6, 1000, false); /* ends inside the long one */
    assert_string_equal(taken.text, "[first][xxxxxxxxxxxxxxxxxxxx]");
    assert_int_equal(taken.whole, sizeof text - 12);
}

static void a_long_line_within_the_limit_stays_whole(void **state)
{
    static char text[3 << 20];
    struct taken taken;

    (void)state;
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\n';
    taken = take(text, sizeof text, sizeof text, false);
    assert_int_equal(taken.n, 1);
    assert_int_equal(taken.whole, sizeof text - 1);
}

static void a_document_is_one_item(void **state)
{
    static char text[1 << 20];
    struct taken taken = TAKE("one\n\ntwo\n", 1000, true);

    (void)state;
    assert_string_equal(taken.text, "[one\n\ntwo\n]");
    assert_int_equal(taken.last_line, 0);
    memset(text, 'x', sizeof text);
    taken = take(text, sizeof text, 1000, true);
    assert_int_equal(taken.n, 1);
    assert_int_equal(taken.whole, sizeof text);
}

static void a_missing_file_is_said_by_name(void **state)
{
    const char *file = "/nonexistent/file";
    struct source_setup setup = {.files = &file, .n_files = 1, .item_max = 1};
    struct source *source = source_open(&setup);
    struct chunk chunk;
    struct err err;

    (void)state;
    chunk_init(&chunk);
    assert_int_equal(source_fill(source, &chunk, &err), STATUS_FATAL);
    assert_string_equal(err.text, "/nonexistent/file: No such file or directory");
    chunk_done(&chunk);
    source_close(source);
}

/* ---- chunks ----------------------------------------------------------------------------------------------------- */

static void *walk_slowly_at_random(void *argument)
{
    struct chunks *chunks = argument;
    struct chunk *chunk;
    unsigned seed = (unsigned)(uintptr_t)&chunk;

    while ((chunk = chunk_take_filled(chunks)) != NULL) {
        if (rand_r(&seed) % 4 == 0)
            usleep(200);
        buffer_add(&chunk->output, (struct view){chunk->input.data, chunk->input.size});
        chunk_walked(chunks, chunk);
    }
    return NULL;
}

enum { CHUNKS = 2000 };

static void *expect_order(void *argument)
{
    struct chunks *chunks = argument;
    struct chunk *chunk;
    uintptr_t n = 0;

    while ((chunk = chunk_take_walked(chunks)) != NULL) {
        uint64_t number;
        memcpy(&number, chunk->output.data, sizeof number);
        if (number != n)
            break;
        n++;
        chunk_free(chunks, chunk);
    }
    if (n < CHUNKS)
        chunks_stop(chunks);
    return (void *)n;
}

static void chunks_leave_in_the_order_in_which_they_came(void **state)
{
    struct chunks *chunks = chunks_new(7);
    pthread_t workers[3], writer;
    void *n;

    (void)state;
    for (size_t i = 0; i < 3; i++)
        pthread_create(&workers[i], NULL, walk_slowly_at_random, chunks);
    pthread_create(&writer, NULL, expect_order, chunks);
    for (uint64_t i = 0; i < CHUNKS; i++) {
        struct chunk *chunk = chunk_take_free(chunks);
        if (chunk == NULL)
            break;
        buffer_add(&chunk->input, (struct view){(const char *)&i, sizeof i});
        chunk_filled(chunks, chunk);
    }
    chunks_close(chunks);
    for (size_t i = 0; i < 3; i++)
        pthread_join(workers[i], NULL);
    pthread_join(writer, &n);
    assert_int_equal((uintptr_t)n, CHUNKS);
    chunks_free(chunks);
}

static void a_stop_sends_everybody_home(void **state)
{
    struct chunks *chunks = chunks_new(2);
    pthread_t worker, writer;

    (void)state;
    pthread_create(&worker, NULL, walk_slowly_at_random, chunks);
    pthread_create(&writer, NULL, expect_order, chunks);
    usleep(1000);
    chunks_stop(chunks);
    pthread_join(worker, NULL);
    pthread_join(writer, NULL);
    assert_null(chunk_take_free(chunks));
    chunks_free(chunks);
}

/* ---- width ------------------------------------------------------------------------------------------------------ */

static void headlines_are_cut_by_columns_not_bytes(void **state)
{
    struct show show;
    struct view cut;

    (void)state;
    show_init(&show);
    assert_int_equal(show_columns(VIEW("Straße")), 6);
    assert_int_equal(show_columns(VIEW("停戦")), 4); /* two columns each */
    assert_int_equal(show_columns(VIEW("قِف")), 2);  /* the vowel sign takes none */
    cut = show_cut(VIEW("停戦協定"), 5);
    assert_int_equal(cut.size, 6);
    cut = show_cut(VIEW("Straße"), 5);
    assert_int_equal(cut.size, 6);
    show_done(&show);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_slip_finds_the_name_that_was_meant),
        cmocka_unit_test(a_monstrous_name_is_simply_far),
        cmocka_unit_test(lines_are_items_and_blank_ones_only_count),
        cmocka_unit_test(a_line_beyond_the_limit_is_cut_and_the_next_is_whole),
        cmocka_unit_test(a_long_line_within_the_limit_stays_whole),
        cmocka_unit_test(a_document_is_one_item),
        cmocka_unit_test(a_missing_file_is_said_by_name),
        cmocka_unit_test(chunks_leave_in_the_order_in_which_they_came),
        cmocka_unit_test(a_stop_sends_everybody_home),
        cmocka_unit_test(headlines_are_cut_by_columns_not_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
