/* decode: what is read, what is repaired, what is refused and in which words. */
#include "processors/decode/decode.h"
#include "tests/unit/room.h"

#include <stdio.h>
#include <stdlib.h>

static const struct stage *const only_decode[] = {&decode_stage, NULL};

static int set_up_with(void **state, struct options options)
{
    struct rooms *rooms = malloc(sizeof *rooms);

    rooms_open(rooms, only_decode, options);
    *state = rooms;
    return 0;
}

static int set_up(void **state)
{
    return set_up_with(state, (struct options){.input_max_bytes = 4 << 20});
}

static int set_up_paths(void **state)
{
    struct options options = {.input_timezone = "Europe/Berlin"};

    options.input_map[INPUT_BODY] = "content.text";
    options.input_map[INPUT_TITLE] = "headline";
    options.input_map[INPUT_SOURCE] = "site.names.short";
    return set_up_with(state, options);
}

static int set_up_text(void **state)
{
    struct options options = {.input_format = INPUT_TEXT};

    options.input_map[INPUT_TITLE] = "x-headline";
    return set_up_with(state, options);
}

static int set_up_html(void **state)
{
    return set_up_with(state, (struct options){.input_format = INPUT_HTML});
}

static int tear_down(void **state)
{
    rooms_close(*state);
    free(*state);
    return 0;
}

static void assert_read(struct rooms *rooms, const char *value)
{
    if (rooms_run_text(rooms, value) != STATUS_OK)
        fail_msg("%s: %s", value, rooms->err.text);
}

static void assert_refused(struct rooms *rooms, struct view value, const char *reason, const char *text)
{
    assert_int_equal(rooms_run(rooms, (struct message){.value = value}), STATUS_REJECT);
    assert_string_equal(rooms->err.reason, reason);
    if (strstr(rooms->err.text, text) == NULL)
        fail_msg("'%s' does not say '%s'", rooms->err.text, text);
}

static void assert_warned(const struct rooms *rooms, const char *text)
{
    const struct given *given = &rooms->article.given;

    for (size_t i = 0; i < given->n_warnings; i++)
        if (memmem(given->warnings[i].data, given->warnings[i].size, text, strlen(text)) != NULL)
            return;
    fail_msg("no warning says '%s' (%zu warnings)", text, given->n_warnings);
}

static void assert_extra(const struct rooms *rooms, const char *expected)
{
    const struct given *given = &rooms->article.given;
    char text[1000] = "";
    size_t size = 0;

    for (size_t i = 0; i < given->n_extra; i++)
        size += (size_t)snprintf(text + size, sizeof text - size, "%.*s=%.*s;", VIEW_PRINT(given->extra[2 * i]),
                                 VIEW_PRINT(given->extra[2 * i + 1]));
    assert_string_equal(text, expected);
}

/* ---- what is read ------------------------------------------------------------------------------------------------ */

static void every_field_is_read(void **state)
{
    struct rooms *rooms = *state;
    const struct given *given = &rooms->article.given;

    assert_read(rooms,
                "{\"id\":\"a-1\",\"url\":\"https://n.example/1\",\"source\":\"n.example\","
                "\"title\":\"T\\u00e4\",\"body\":\"B\\nb\","
                       "\"html\":\"<p>\",\"published_at\":\"2024-05-01T12:30:00Z\",\"fetched_at\":1714566600,"
                       "\"language\":\"de\","
                       "\"author\":\" A\\n B \",\"tags\":[\"x\",\"y\"]}");
    assert_view(given->id, "a-1");
    assert_view(given->url, "https://n.example/1");
    assert_view(given->source, "n.example");
    assert_view(given->title, "Tä");
    assert_view(given->body, "B\nb");
    assert_view(given->html, "<p>");
    assert_int_equal(given->published_ms, INT64_C(1714566600000));
    assert_int_equal(given->fetched_ms, INT64_C(1714566600000));
    assert_view(given->language, "de");
    assert_view(given->author, "A  B");
    assert_int_equal(given->n_tags, 2);
    assert_view(given->tags[1], "y");
    assert_int_equal(given->n_extra, 0);
    assert_int_equal(given->n_warnings, 0);
}

static void absent_and_null_are_one(void **state)
{
    struct rooms *rooms = *state;

    assert_read(rooms,
                "{\"title\":null,\"body\":\"b\",\"url\":null,\"published_at\":null,\"tags\":null,\"author\":\"\"}");
    assert_view(rooms->article.given.title, NULL);
    assert_view(rooms->article.given.url, NULL);
    assert_view(rooms->article.given.author, NULL);
    assert_int_equal(rooms->article.given.published_ms, TIME_NONE);
    assert_int_equal(rooms->article.given.n_warnings, 0);
}

static void an_id_is_derived_from_url_else_from_origin(void **state)
{
    struct rooms *rooms = *state;
    char first[40];

    assert_read(rooms, "{\"body\":\"b\",\"url\":\"https://n.example/1\"}");
    assert_int_equal(rooms->article.given.id.size, 34);
    assert_memory_equal(rooms->article.given.id.data, "u:", 2);
    memcpy(first, rooms->article.given.id.data, 34);
    assert_read(rooms, "{\"body\":\"other\",\"url\":\"https://n.example/1\"}");
    assert_memory_equal(rooms->article.given.id.data, first, 34);
    assert_read(rooms, "{\"body\":\"b\",\"url\":\"https://n.example/2\"}");
    assert_memory_not_equal(rooms->article.given.id.data, first, 34);
    assert_read(rooms, "{\"body\":\"b\"}");
    assert_view(rooms->article.given.id, "o:news.raw/3/88121");
}

static void an_id_may_be_a_number_of_any_size(void **state)
{
    struct rooms *rooms = *state;

    assert_read(rooms, "{\"id\":17,\"body\":\"b\"}");
    assert_view(rooms->article.given.id, "17");
    assert_read(rooms, "{\"id\":123456789012345678901234567890,\"body\":\"b\"}");
    assert_view(rooms->article.given.id, "123456789012345678901234567890");
}

static void an_endless_id_becomes_its_hash(void **state)
{
    struct rooms *rooms = *state;
    char value[2000];

    snprintf(value, sizeof value, "{\"body\":\"b\",\"id\":\"%0*d\"}", 600, 7);
    assert_read(rooms, value);
    assert_int_equal(rooms->article.given.id.size, 34);
    assert_warned(rooms, "id: 600 bytes long");
}

static void wrong_types_of_lesser_fields_are_warnings(void **state)
{
    struct rooms *rooms = *state;

    assert_read(rooms,
                "{\"body\":\"b\",\"url\":[],\"source\":{},\"language\":5,\"author\":[1],\"tags\":true,"
                "\"published_at\":\"gestern\","
                       "\"fetched_at\":false}");
    assert_int_equal(rooms->article.given.n_warnings, 7);
    assert_warned(rooms, "url: an array where a string is expected");
    assert_warned(rooms, "published_at: unreadable date 'gestern'");
    assert_warned(rooms, "fetched_at: a boolean where a date is expected");
    assert_int_equal(rooms->article.given.published_ms, TIME_NONE);
}

static void several_authors_are_one_line(void **state)
{
    assert_read(*state, "{\"body\":\"b\",\"author\":[\"A B\",\"\",\"C D\"]}");
    assert_view(((struct rooms *)*state)->article.given.author, "A B, C D");
}

/* ---- extra ------------------------------------------------------------------------------------------------------- */

static void extra_keeps_bytes_as_they_came(void **state)
{
    struct rooms *rooms = *state;

    assert_read(rooms,
                " { \"big\" : 123456789012345678901234567890 , \"body\":\"b\", \"f\":1.10,\"nested\":{\"a\":[1, "
                "2,\"}\\\"]\"]},"
                       "\"e\":1e999,\"s\":\"\\u00e4\\\\\", \"z\":null }");
    assert_extra(rooms,
                 "\"big\"=123456789012345678901234567890;\"f\"=1.10;\"nested\"={\"a\":[1, 2,\"}\\\"]\"]};\"e\"=1e999;"
                        "\"s\"=\"\\u00e4\\\\\";\"z\"=null;");
}

static void the_last_of_equal_names_counts(void **state)
{
    struct rooms *rooms = *state;

    assert_read(rooms, "{\"x\":1,\"body\":\"first\",\"y\":2,\"\\u0078\":3,\"body\":\"last\"}");
    assert_view(rooms->article.given.body, "last");
    assert_extra(rooms, "\"y\"=2;\"\\u0078\"=3;");
}

static void paths_lead_into_objects(void **state)
{
    struct rooms *rooms = *state;

    assert_read(rooms,
                "{\"headline\":\"T\",\"content\":{\"text\":\"b\",\"length\":1},"
                "\"site\":{\"names\":{\"short\":\"n\"}},\"title\":\"other\","
                       "\"published_at\":\"2024-05-01 14:30\"}");
    assert_view(rooms->article.given.title, "T");
    assert_view(rooms->article.given.body, "b");
    assert_view(rooms->article.given.source, "n");
    assert_int_equal(rooms->article.given.published_ms, INT64_C(1714566600000));
    assert_extra(rooms,
                 "\"content\"={\"text\":\"b\",\"length\":1};\"site\"={\"names\":{\"short\":\"n\"}};"
                 "\"title\"=\"other\";");
    assert_refused(rooms, VIEW("{\"content\":{\"text\":7}}"), "invalid", "field 'content.text' is a number");
}

/* ---- what is repaired -------------------------------------------------------------------------------------------- */

static void half_surrogates_are_replaced(void **state)
{
    struct rooms *rooms = *state;

    assert_read(rooms, "{\"title\":\"a\\ud83d\",\"body\":\"\\ud83d\\ude00 \\ude00 \\\\ud83d\",\"x\":\"\\uD800\"}");
    assert_view(rooms->article.given.title, "a\xef\xbf\xbd");
    assert_view(rooms->article.given.body, "\xf0\x9f\x98\x80 \xef\xbf\xbd \\ud83d");
    assert_extra(rooms, "\"x\"=\"\\ufffd\";");
    assert_warned(rooms, "surrogate");
}

static void all_repairs_together(void **state)
{
    struct rooms *rooms = *state;

    assert_read(rooms,
                "{\"id\":99999999999999999999,\"title\":\"a\\udc00\",\"a\\u0000b\":-1e400,"
                "\"n\":-123456789012345678901}");
    assert_view(rooms->article.given.id, "99999999999999999999");
    assert_extra(rooms, "\"a\\u0000b\"=-1e400;\"n\"=-123456789012345678901;");
}

static void nul_and_byte_order_mark_are_accepted(void **state)
{
    struct rooms *rooms = *state;

    assert_read(rooms, "\xef\xbb\xbf{\"body\":\"a\\u0000b\"}");
    assert_int_equal(rooms->article.given.body.size, 3);
}

/* ---- what is refused --------------------------------------------------------------------------------------------- */

static void tombstones_pass_by_policy(void **state)
{
    assert_int_equal(rooms_run(*state, (struct message){.value = VIEW_NONE}), STATUS_SKIP);
}

static void the_undecodable(void **state)
{
    struct rooms *rooms = *state;

    assert_refused(rooms, VIEW(""), "undecodable", "empty");
    assert_refused(rooms, VIEW(" \n"), "undecodable", "line");
    assert_refused(rooms, VIEW("{\"body\":\"b"), "undecodable", "line 1, column 10");
    assert_refused(rooms, VIEW("{\"body\":\"b\"} x"), "undecodable", "line 1");
    assert_refused(rooms, VIEW("{\n\"body\":tru}"), "undecodable", "line 2");
    assert_refused(rooms, VIEW("{\"body\":\"\\u12\"}"), "undecodable", "line 1");
    assert_refused(rooms, VIEW("{\"body\":\"a\0b\"}"), "undecodable", "line 1");
    assert_refused(rooms, VIEW("{\"body\":\"\xe4\"}"), "undecodable", "invalid UTF-8 at byte 9 (0xe4)");
    assert_refused(rooms, VIEW("{\"body\":\"\xed\xa0\x80\"}"), "undecodable", "invalid UTF-8 at byte 9 (0xed)");
}

static void the_invalid(void **state)
{
    struct rooms *rooms = *state;

    assert_refused(rooms, VIEW("[1]"), "invalid", "an array, an object is expected");
    assert_refused(rooms, VIEW("\"x\""), "invalid", "a string, an object is expected");
    assert_refused(rooms, VIEW("null"), "invalid", "null, an object is expected");
    assert_refused(rooms, VIEW("{}"), "invalid", "none of the fields 'title', 'body', 'html'");
    assert_refused(rooms, VIEW("{\"title\":5,\"body\":\"b\"}"), "invalid",
                   "field 'title' is a number, a string is expected");
    assert_refused(rooms, VIEW("{\"body\":[\"b\"]}"), "invalid", "field 'body' is an array");
    assert_refused(rooms, VIEW("{\"html\":{}}"), "invalid", "field 'html' is an object");
}

static void nesting_without_end_is_refused(void **state)
{
    struct rooms *rooms = *state;
    size_t size = 200000;
    char *value = malloc(size);

    memset(value, '[', size);
    memcpy(value, "{\"body\":\"b\",\"x\":", 16);
    assert_refused(rooms, (struct view){value, size}, "undecodable", "maximum parsing depth reached");
    free(value);
}

static void the_oversized(void **state)
{
    size_t size = (4 << 20) + 1;
    char *value = calloc(1, size);

    assert_refused(*state, (struct view){value, size}, "oversized", "4194305 bytes, input.max.bytes allows 4194304");
    free(value);
}

/* A member a byte: duplicates, repairs and extra all at once must stay linear. */
static void a_million_members(void **state)
{
    struct rooms *rooms = *state;
    size_t capacity = 4 << 20, size = 0;
    char *value = malloc(capacity);

    size += (size_t)sprintf(value, "{\"body\":\"b\"");
    while (size < capacity - 40)
        size += (size_t)sprintf(value + size, ",\"%zu\":1", size / 80);
    size += (size_t)sprintf(value + size, ",\"e\":1e999}");
    assert_int_equal(rooms_run(rooms, (struct message){.value = {value, size}}), STATUS_OK);
    assert_in_range(rooms->article.given.n_extra, capacity / 80 - 2, capacity / 80 + 2);
    free(value);
}

/* ---- bare documents ---------------------------------------------------------------------------------------------- */

static void text_has_its_fields_in_headers(void **state)
{
    struct rooms *rooms = *state;
    const struct given *given = &rooms->article.given;
    const struct header headers[] = {
        {VIEW("url"), VIEW("https://n.example/1")}, {VIEW("x-headline"), VIEW("old")},
        {VIEW("X-Headline"), VIEW(" T ")},
        {VIEW("published_at"), VIEW("Wed, 01 May 2024 12:30:00 GMT")}, {VIEW("author"), VIEW("\xff")},
        {VIEW("source"), VIEW_NONE},
    };

    assert_int_equal(rooms_run(rooms, (struct message){.value = VIEW("\xef\xbb\xbf" "Grüße\n"), .headers = headers,
                                                       .n_headers = 6}), STATUS_OK);
    assert_view(given->body, "Grüße\n");
    assert_view(given->title, "T");
    assert_view(given->author, NULL);
    assert_view(given->source, NULL);
    assert_int_equal(given->published_ms, INT64_C(1714566600000));
    assert_warned(rooms, "author: the header is not valid UTF-8");
}

static void other_charsets_become_utf8(void **state)
{
    struct rooms *rooms = *state;
    const struct header declared = {VIEW("content-type"), VIEW("text/html; charset=windows-1256")};

    assert_int_equal(rooms_run(rooms, (struct message){.value = VIEW("<p>\xc7\xe1\xd3\xe1\xc7\xe3</p>"), .headers =
                                                       &declared, .n_headers = 1}),
                     STATUS_OK);
    assert_view(rooms->article.given.html, "<p>السلام</p>");
    assert_int_equal(rooms_run(rooms, (struct message){.value =
                                                       VIEW("<meta charset=\"iso-8859-1\"><p>\x93gr\xfc\xdf\x94")}),
        STATUS_OK);
    assert_view(rooms->article.given.html, "<meta charset=\"iso-8859-1\"><p>“grüß”");
    /* a script's charset is not the page's, and who says GB 2312 writes its larger relative */
    assert_int_equal(rooms_run(rooms, (struct message){.value = VIEW("<script charset=\"utf-8\"></script><meta charset="
                                                                     "gb2312><p>\xb0\xd9\x89\xc4")}),
                     STATUS_OK);
    assert_view(rooms->article.given.html, "<script charset=\"utf-8\"></script><meta charset=gb2312><p>百壞");
    assert_int_equal(rooms_run(rooms, (struct message){.value = VIEW("\xff\xfe<\0p\0>\0\xe4\0")}), STATUS_OK);
    assert_view(rooms->article.given.html, "<p>ä");
    /* Cyrillic without any declaration, and enough of it for a guess. */
    assert_int_equal(rooms_run_text(rooms,
                                    "\xcf\xf0\xe5\xe4\xf1\xf2\xe0\xe2\xe8\xf2\xe5\xeb\xe8 \xf1\xf2\xee\xf0\xee\xed "
                                           "\xe2\xf1\xf2\xf0\xe5\xf2\xe8\xeb\xe8\xf1\xfc \xe2\xee "
                                           "\xe2\xf2\xee\xf0\xed\xe8\xea \xe2 "
                                           "\xf1\xf2\xee\xeb\xe8\xf6\xe5 \xe8 \xee\xe1\xf1\xf3\xe4\xe8\xeb\xe8 "
                                           "\xef\xeb\xe0\xed"), STATUS_OK);
    assert_view(rooms->article.given.html, "Представители сторон встретились во вторник в столице и обсудили план");
}

int main(void)
{
#define TEST(name, up) cmocka_unit_test_setup_teardown(name, up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(every_field_is_read, set_up),
        TEST(absent_and_null_are_one, set_up),
        TEST(an_id_is_derived_from_url_else_from_origin, set_up),
        TEST(an_id_may_be_a_number_of_any_size, set_up),
        TEST(an_endless_id_becomes_its_hash, set_up),
        TEST(wrong_types_of_lesser_fields_are_warnings, set_up),
        TEST(several_authors_are_one_line, set_up),
        TEST(extra_keeps_bytes_as_they_came, set_up),
        TEST(the_last_of_equal_names_counts, set_up),
        TEST(paths_lead_into_objects, set_up_paths),
        TEST(half_surrogates_are_replaced, set_up),
        TEST(all_repairs_together, set_up),
        TEST(nul_and_byte_order_mark_are_accepted, set_up),
        TEST(tombstones_pass_by_policy, set_up),
        TEST(the_undecodable, set_up),
        TEST(the_invalid, set_up),
        TEST(nesting_without_end_is_refused, set_up),
        TEST(the_oversized, set_up),
        TEST(a_million_members, set_up),
        TEST(text_has_its_fields_in_headers, set_up_text),
        TEST(other_charsets_become_utf8, set_up_html),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
