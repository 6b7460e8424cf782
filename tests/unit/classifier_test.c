#include "processors/escalation/classifier.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/damaged.h"

static enum status open_from(const char *folder, const char *tag, struct classifier **ret_classifier, struct err *err)
{
    struct table_source source = {.data_dir = folder};

    return classifier_open(&source, tag, ret_classifier, err);
}

static void nothing_seen_is_nothing_told(void **state)
{
    static struct sights sights;
    struct classifier *classifier = NULL;
    struct verdict verdict;
    bool taken[STRETCH_TOKENS] = {false};
    struct err err = {0};
    struct weighed weighed;
    float chance;

    (void)state;
    assert_int_equal(open_from(TOCSIN_SOURCE_DIR "/processors/data", "de", &classifier, &err), STATUS_OK);
    classifier_judge(classifier, &sights, 0.5f, &verdict);
    assert_int_equal(verdict.answer, ANSWER_NOTHING);
    assert_true(verdict.against[0] == 0 && verdict.against[1] == 0);
    classifier_weigh(classifier, &sights, 0, &weighed);
    assert_int_equal(classifier_place(classifier, &sights, &weighed, taken, &chance), UINT32_MAX);
    assert_true(chance == 0);
    assert_string_equal(classifier_path(classifier), "escalation/classifier/de.bin");
    classifier_close(classifier);
}

static void a_kind_is_of_its_direction(void **state)
{
    static struct sights sights;
    struct classifier *classifier = NULL;
    struct err err = {0};
    uint8_t kind, mode;

    (void)state;
    assert_int_equal(open_from(TOCSIN_SOURCE_DIR "/processors/data", "ru", &classifier, &err), STATUS_OK);
    for (uint32_t key = 1; sights.n_keys < SIGHT_KEYS_MAX; key += 0x9e3779b1u)
        sights.keys[sights.n_keys++] = key;
    for (int escalates = 0; escalates < 2; escalates++) {
        classifier_detail(classifier, &sights, 0, escalates != 0, &kind, &mode);
        assert_true(event_kind_escalates((enum event_kind)kind) == (escalates != 0));
        assert_true(mode < EVENT_MODES);
    }
    classifier_close(classifier);
}

static void a_language_without_a_model_is_skipped(void **state)
{
    struct classifier *classifier = NULL;
    struct err err = {0};

    (void)state;
    assert_int_equal(open_from(TOCSIN_SOURCE_DIR "/processors/data", "eo", &classifier, &err), STATUS_SKIP);
    assert_null(classifier);
}

static void refused(const char *what, long at, size_t size, const char *expected)
{
    struct damaged damaged = damaged_copy("escalation/classifier/fa.bin", at, size);
    struct classifier *classifier = NULL;
    struct err err = {0};

    assert_int_equal(open_from(damaged.folder, "fa", &classifier, &err), STATUS_FATAL);
    assert_null(classifier);
    if (strstr(err.text, expected) == NULL)
        fail_msg("%s: '%s' lacks '%s'", what, err.text, expected);
    damaged_remove(&damaged);
}

static void a_damaged_model_is_refused_in_plain_words(void **state)
{
    (void)state;
    refused("magic", 0, 0, "not a model of escalation");
    refused("version", 8, 0, "version");
    refused("cut", -1, 5000, "cut short");
    refused("flipped byte", 100000, 0, "checksum");
    refused("empty", -1, 3, "not a model of escalation");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_seen_is_nothing_told),
        cmocka_unit_test(a_kind_is_of_its_direction),
        cmocka_unit_test(a_language_without_a_model_is_skipped),
        cmocka_unit_test(a_damaged_model_is_refused_in_plain_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
