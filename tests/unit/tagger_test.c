#include "processors/entities/tagger.h"

#include "processors/text/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/damaged.h"

#define DATA_DIR TOCSIN_SOURCE_DIR "/processors/data"

static struct arena *arena;

static int set_up(void **state)
{
    (void)state;
    arena = arena_new(1 << 16, 8 << 20);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

static struct tagger *tagger_of(const char *tag)
{
    struct table_source source = {.data_dir = DATA_DIR};
    struct tagger *tagger = NULL;
    struct err err = {0};

    if (tagger_open(&source, tag, &tagger, &err) != STATUS_OK)
        fail_msg("%s: %s", tag, err.text);
    return tagger;
}

/* "[surface=TYPE] …" of what the tagger alone sees, no table to help it. */
static const char *seen(const char *tag, const char *text)
{
    struct tagger *tagger = tagger_of(tag);
    struct tag_memory memory = {.arena = arena, .language_tag = tag};
    struct tag_span spans[64];
    struct article article;
    struct view all = VIEW("");
    uint8_t *hints;
    size_t n;

    arena_reset(arena);
    text_tokenize(arena, view_of(text), &article);
    hints = arena_zero(arena, article.n_tokens + 1);
    n = tagger_run(tagger, &article, hints, &memory, 0, (uint32_t)article.n_tokens, spans, 64);
    for (size_t i = 0; i < n; i++) {
        const struct token *first = &article.tokens[spans[i].first], *last = first + spans[i].n - 1;
        assert_true(spans[i].confidence > 0 && spans[i].confidence <= 1);
        all = arena_print(arena, "%.*s%s%.*s=%s", VIEW_PRINT(all), i == 0 ? "" : " ",
                          (int)(last->start + last->size - first->start), article.buffer.data + first->start,
                          entity_type_name((enum entity_type)spans[i].type));
    }
    tagger_close(tagger);
    return all.data;
}

static void names_that_no_table_holds_are_seen(void **state)
{
    (void)state;
    assert_string_equal(seen("de", "Am Montag sprach Sabine Kellerhoff mit dem Bürgermeister."),
                        "Sabine Kellerhoff=PERSON");
    assert_string_equal(seen("en", "Police said that Marvin Adeyemi was arrested."), "Marvin Adeyemi=PERSON");
    assert_string_equal(seen("ru", "Об этом сообщил депутат Иван Костюченко."), "Иван Костюченко=PERSON");
    assert_string_equal(seen("ar", "وقال الخبير سامر القحطاني إن الوضع صعب."), "سامر القحطاني=PERSON");
}

static void what_is_no_name_is_not_seen(void **state)
{
    (void)state;
    assert_string_equal(seen("de", "Die Regierung will die Steuer im kommenden Jahr senken."), "");
    assert_string_equal(seen("en", "The government wants to cut taxes next year."), "");
    assert_string_equal(seen("fa", "دولت می‌خواهد سال آینده مالیات را کاهش دهد."), "");
}

static void a_language_without_a_model_is_skipped(void **state)
{
    struct table_source source = {.data_dir = DATA_DIR};
    struct tagger *tagger = NULL;
    struct err err = {0};

    (void)state;
    assert_int_equal(tagger_open(&source, "eo", &tagger, &err), STATUS_SKIP);
    assert_null(tagger);
}

static void a_row_without_end_and_little_room_are_no_harm(void **state)
{
    enum { WORDS = 20000 };
    struct tagger *tagger = tagger_of("de");
    struct tag_memory memory = {.arena = arena, .language_tag = "de"};
    struct tag_span spans[4];
    struct article article;
    char *text = malloc(WORDS * 8 + 1), *at = text;
    uint8_t *hints;

    (void)state;
    assert_non_null(text);
    for (int i = 0; i < WORDS; i++)
        at += sprintf(at, "%s ", i % 3 == 0 ? "Kurt" : i % 3 == 1 ? "Moll" : "und");
    arena_reset(arena);
    text_tokenize(arena, view_of(text), &article);
    hints = arena_zero(arena, article.n_tokens + 1);
    assert_int_equal(tagger_run(tagger, &article, hints, &memory, 0, (uint32_t)article.n_tokens, spans, 4), 4);
    free(text);
    tagger_close(tagger);
}

static void refused(const char *what, long at, size_t size, const char *expected)
{
    struct damaged damaged = damaged_copy("entities/tagger/fa.bin", at, size);
    struct table_source source = {.data_dir = damaged.folder};
    struct tagger *tagger = NULL;
    struct err err = {0};

    assert_int_equal(tagger_open(&source, "fa", &tagger, &err), STATUS_FATAL);
    assert_null(tagger);
    if (strstr(err.text, expected) == NULL)
        fail_msg("%s: '%s' lacks '%s'", what, err.text, expected);
    damaged_remove(&damaged);
}

static void a_damaged_model_is_refused_in_plain_words(void **state)
{
    (void)state;
    refused("magic", 0, 0, "not a model of names");
    refused("version", 8, 0, "version");
    refused("cut", -1, 5000, "cut short");
    refused("flipped byte", 100000, 0, "checksum");
    refused("empty", -1, 3, "not a model of names");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_that_no_table_holds_are_seen),
        cmocka_unit_test(what_is_no_name_is_not_seen),
        cmocka_unit_test(a_language_without_a_model_is_skipped),
        cmocka_unit_test(a_row_without_end_and_little_room_are_no_harm),
        cmocka_unit_test(a_damaged_model_is_refused_in_plain_words),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
