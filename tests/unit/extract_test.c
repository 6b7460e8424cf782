/* extract: lines out of plain text and pages; what is cleaned, repaired, skipped; and pages made to hurt. */
#include "processors/decode/decode.h"
#include "processors/extract/extract.h"
#include "processors/extract/lines.h"
#include "processors/extract/mojibake.h"
#include "processors/utf8.h"
#include "tests/unit/room.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static const struct stage *const decode_and_extract[] = {&decode_stage, &extract_stage, NULL};

static int set_up(void **state)
{
    return rooms_set_up(state, decode_and_extract);
}

/* Runs an article; absent fields are NULL.  What comes out must hold together whatever came in. */
static enum status run(struct rooms *rooms, const char *title, const char *body, const char *html)
{
    json_t *object = json_object();
    char *value;
    enum status status;
    size_t end = 0;

    if (title != NULL)
        json_object_set_new(object, "title", json_string(title));
    if (body != NULL)
        json_object_set_new(object, "body", json_string(body));
    if (html != NULL)
        json_object_set_new(object, "html", json_string(html));
    value = json_dumps(object, 0);
    status = rooms_run_text(rooms, value);
    free(value);
    json_decref(object);
    rooms->message.value = VIEW_NONE; /* nobody may look at it any more */
    if (status != STATUS_OK)
        return status;
    assert_true(utf8_valid(rooms->article.buffer, NULL));
    for (size_t i = 0; i < rooms->article.n_lines; i++) {
        const struct line *line = &rooms->article.lines[i];
        assert_int_equal(line->start, end);
        assert_true(line->size > 0);
        end = line->start + line->size + 1;
        assert_int_equal(rooms->article.buffer.data[end - 1], '\n');
    }
    assert_int_equal(end, rooms->article.buffer.size);
    return status;
}

static struct view line_text(const struct rooms *rooms, size_t i)
{
    return view_slice(rooms->article.buffer, rooms->article.lines[i].start, rooms->article.lines[i].size);
}

/* All lines, each ended by a bar. */
static void assert_lines(const struct rooms *rooms, const char *expected)
{
    char text[4096] = "";
    size_t size = 0;

    for (size_t i = 0; i < rooms->article.n_lines; i++)
        size += (size_t)snprintf(text + size, sizeof text - size, "%.*s|", VIEW_PRINT(line_text(rooms, i)));
    assert_string_equal(text, expected);
}

static void assert_body(struct rooms *rooms, const char *body, const char *expected)
{
    assert_int_equal(run(rooms, NULL, body, NULL), STATUS_OK);
    assert_lines(rooms, expected);
}

static void assert_html(struct rooms *rooms, const char *html, const char *expected)
{
    assert_int_equal(run(rooms, NULL, NULL, html), STATUS_OK);
    assert_lines(rooms, expected);
}

/* ---- plain text -------------------------------------------------------------------------------------------------- */

static void the_title_comes_first(void **state)
{
    struct rooms *rooms = *state;

    assert_int_equal(run(rooms, " Head\nline ", "one\ntwo", NULL), STATUS_OK);
    assert_lines(rooms, "Head line|one|two|");
    assert_int_equal(rooms->article.lines[0].origin, LINE_TITLE);
    assert_int_equal(rooms->article.lines[1].origin, LINE_BODY);
    assert_int_equal(run(rooms, "Only", NULL, NULL), STATUS_OK);
    assert_lines(rooms, "Only|");
}

static void a_few_breaks_in_plain_lines_do_not_make_it_a_page(void **state)
{
    assert_body(*state, "one\ntwo<br>three\nfour\nfive", "one|two|three|four|five|");
    assert_body(*state, "one<br>two\nthree<br><br>four", "one|two three|four|"); /* more breaks */
}

static void lines_end_in_many_ways(void **state)
{
    assert_body(*state, "a\nb\r\nc\rd\ve\ff\u2028g\u2029h\xc2\x85i\r\n\r\nj", "a|b|c|d|e|f|g|h|i|j|");
}

static void empty_lines_are_counted_not_kept(void **state)
{
    struct rooms *rooms = *state;

    assert_body(rooms, "\n\na\nb\n \n\u200b\n\nc\r\n\r\nd\n", "a|b|c|d|");
    assert_int_equal(rooms->article.lines[0].gap, 2);
    assert_int_equal(rooms->article.lines[1].gap, 0);
    assert_int_equal(rooms->article.lines[2].gap, 3);
    assert_int_equal(rooms->article.lines[3].gap, 1);
}

static void blanks_become_one_and_unseen_characters_go(void **state)
{
    assert_body(*state, "  a \t b\u00a0\u2009c\u3000d  ", "a b c d|");
    assert_body(*state, "a\u00adb\u200bc\ufeffd\u2060e\x01\x7f\xc2\x90" "f", "abcdef|");
    assert_body(*state, "می\u200cخواهم \u200dx", "می\u200cخواهم \u200dx|"); /* ZWNJ and ZWJ stay */
}

static void nul_is_removed(void **state)
{
    struct rooms *rooms = *state;

    assert_int_equal(rooms_run_text(rooms, "{\"body\":\"a\\u0000b\"}"), STATUS_OK);
    assert_lines(rooms, "ab|");
}

static void entities_are_decoded_however_often_escaped(void **state)
{
    assert_body(*state, "A &amp; B &quot;C&quot; &#228;&#xE4;&auml;&hellip; &#150; &apos;", "A & B \"C\" äää… – '|");
    assert_body(*state, "a &amp;amp; b &amp;quot;c&amp;quot;", "a & b \"c\"|");
    assert_body(*state, "a&nbsp;b&shy;c", "a bc|");
    assert_body(*state, "R&D, AT&T; &unknown; &; &#; &#xFFFFFFFF; &#xD800; &#0; 5 &lt 6",
                "R&D, AT&T; &unknown; &; &#; &#xFFFFFFFF; &#xD800; &#0; 5 &lt 6|");
}

static void lines_are_composed(void **state)
{
    assert_body(*state, "Mu\u0308nchen\nx", "München|x|");
    assert_body(*state, "a\u0323\u0301 q\u0301", "ạ\u0301 q\u0301|");
    assert_body(*state, "\u0958", "\u0915\u093c|"); /* NFC takes this one apart */
    assert_body(*state, "\u1100\u1161\u11a8", "각|");
}

static void endless_marks_are_cut(void **state)
{
    struct rooms *rooms = *state;
    char body[2 + 2 * 100] = "q";

    for (int i = 0; i < 99; i++)
        strcat(body, i % 2 == 0 ? "\u0301" : "\u0323");
    assert_int_equal(run(rooms, NULL, body, NULL), STATUS_OK);
    assert_int_equal(utf8_points(line_text(rooms, 0)), 31);
}

/* ---- double-encoded UTF-8 ---------------------------------------------------------------------------------------- */

/* What a reader of Windows-1252 makes of UTF-8. */
static void encode_twice(const char *text, char *out)
{
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;
        uint32_t point = byte >= 0x80 && byte < 0xa0 ? mojibake_windows_1252(byte) : byte;
        out += utf8_write(out, point);
    }
    *out = '\0';
}

static void double_encodings_are_turned_back(void **state)
{
    static const char *const texts[] = {
        "für die Größe „Straße“ – Übung", "الجيش الإسرائيلي يعلن", "Москва — «Россия» и Украина",
        "İstanbul’da çok güzel şey ığ",
        "El año pasado, ¿qué pasó?", "日本の首相は", "ירושלים", "😀 naïve café", "À la une: l’été",
    };

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char twice[1000], expected[1000];
        encode_twice(texts[i], twice);
        snprintf(expected, sizeof expected, "%s|", texts[i]);
        assert_body(*state, twice, expected);
        assert_body(*state, texts[i], expected); /* and what is right is left alone */
    }
}

static void each_line_is_judged_by_itself(void **state)
{
    assert_body(*state, "fÃ¼r – so\nfür", "für – so|für|");
}

static void what_only_happens_to_be_valid_stays(void **state)
{
    static const char *const texts[] = {
        "Das CAFÉ» schließt", "CAFÉ»", "MENÜ”", "IRMÔ", "Ã la carte für alle", "OÙ»", "Spaß“", "DRÔLE Â» ici à côté",
        "VÄ“", "RÔ°",
    };

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char expected[200];
        snprintf(expected, sizeof expected, "%s|", texts[i]);
        assert_body(*state, texts[i], expected);
    }
}

/* ---- pages ------------------------------------------------------------------------------------------------------- */

static void blocks_make_lines_and_inlines_do_not(void **state)
{
    assert_html(*state,
                "<div>a <b>b</b><i>c</i></div><p>d<br>e<p>f &amp; g\nh<ul><li>i<li>j</ul><table><tr><td>k<td>l</table>",
                "a bc|d|e|f & g h|i|j|k|l|");
}

static void what_nobody_reads_is_skipped(void **state)
{
    assert_html(*state,
                "<head><style>p{}</style><title>T</title></head><body>a<script>if (a<b) '</p>'</script><!-- c "
                "<p>x --><noscript>d</noscript>"
                        "<template><p>e</template><svg><text>f</text></svg><select><option>g</select><p>h<STYLE>"
                        "i</STYLE>j",
                "T|a|hj|");
}

static void blocks_know_what_they_are(void **state)
{
    struct rooms *rooms = *state;
    static const uint8_t expected[] = {BLOCK_NAVIGATION, BLOCK_HEADING, BLOCK_PARAGRAPH, BLOCK_QUOTE, BLOCK_CAPTION,
                                       BLOCK_LIST_ITEM, BLOCK_TABLE,
                                       BLOCK_ASIDE, BLOCK_ASIDE, BLOCK_FORM, BLOCK_NAVIGATION};

    assert_html(rooms,
                "<nav><ul><li>nav</ul></nav><h2>head</h2><p>para</p><blockquote><p>quote</blockquote><figure>"
                "<figcaption>caption"
                       "</figcaption></figure><ul><li><p>item</ul><table><tr><td>cell</table><aside><h3>"
                       "aside</h3><p>aside</aside>"
                       "<form><label>label</label></form><footer><p>foot</footer>",
                "nav|head|para|quote|caption|item|cell|aside|aside|label|foot|");
    for (size_t i = 0; i < sizeof expected; i++)
        assert_int_equal(rooms->article.lines[i].block, expected[i]);
}

static void lines_know_their_links_and_names(void **state)
{
    struct rooms *rooms = *state;

    assert_html(rooms, "<div id=Main><div class='Related  Box'><p><a href=x>abc</a> d</p></div><p>efgh</p></div>",
                "abc d|efgh|");
    assert_int_equal(rooms->article.lines[0].link_percent, 75);
    assert_view(rooms->article.lines[0].hint, "related  box main");
    assert_int_equal(rooms->article.lines[1].link_percent, 0);
    assert_view(rooms->article.lines[1].hint, "main");
}

static void pages_tell_of_themselves(void **state)
{
    struct rooms *rooms = *state;
    const struct given *given = &rooms->article.given;

    assert_int_equal(run(rooms, NULL, NULL,
                         "<html lang='de-AT'><title>Das Blatt</title><link rel=canonical href='https://n.example/1'>"
                         "<meta property='og:title' content='Fähre &amp;amp; Fluss - Das Blatt'><meta "
                         "name=author content='A. B.'>"
                         "<meta property='article:published_time' content='2024-05-01T14:30:00+02:00'><h1>Fähre "
                         "&amp; Fluss</h1><p>x"), STATUS_OK);
    assert_lines(rooms, "Fähre & Fluss|Fähre & Fluss|x|");
    assert_int_equal(rooms->article.lines[0].origin, LINE_TITLE);
    assert_view(given->url, "https://n.example/1");
    assert_view(given->author, "A. B.");
    assert_view(given->language, "de-AT");
    assert_int_equal(given->published_ms, INT64_C(1714566600000));
}

static void linked_data_is_read(void **state)
{
    struct rooms *rooms = *state;

    assert_int_equal(run(rooms, NULL, NULL,
                         "<script type='application/ld+json'>{\"@graph\":[{\"@type\":\"WebSite\","
                         "\"headline\":\"no\"},{\"@type\":[\"NewsArticle\"],"
                         "\"headline\":\"H\",\"datePublished\":\"2024-05-01\",\"author\":[{\"name\":\"A\"},\"B\"],"
                         "\"articleBody\":\"one\\ntwo\"}]}</script><div id=app></div>"), STATUS_OK);
    assert_lines(rooms, "H|one|two|");
    assert_view(rooms->article.given.author, "A, B");
    assert_int_equal(rooms->article.given.published_ms, INT64_C(1714521600000));
}

static void with_a_body_the_page_only_fills_gaps(void **state)
{
    struct rooms *rooms = *state;

    assert_int_equal(run(rooms, "T", "body", "<html lang=de><title>U</title><meta name=author content=A><p>page"),
                     STATUS_OK);
    assert_lines(rooms, "T|body|");
    assert_view(rooms->article.given.author, "A");
    assert_int_equal(run(rooms, NULL, " \n ", "<p>page"), STATUS_OK);
    assert_lines(rooms, "page|");
}

static void markup_in_the_body_is_read_as_a_page(void **state)
{
    assert_body(*state, "<p>a</p><p>b</p>", "a|b|");
    assert_body(*state, "&lt;p&gt;a&lt;/p&gt;&lt;p&gt;b &amp;amp; c", "a|b & c|");
    assert_body(*state, "a <a href=\"x\">link</a>\n\nb <em>c</em>", "a link|b c|"); /* its newlines divide paragraphs */
    assert_body(*state, "if a <b and c> d\n<3 x<y", "if a <b and c> d|<3 x<y|");   /* this is none */
}

static void nothing_readable_is_refused(void **state)
{
    struct rooms *rooms = *state;

    assert_int_equal(run(rooms, "", " \n\u200b", NULL), STATUS_REJECT);
    assert_string_equal(rooms->err.reason, "invalid");
    assert_non_null(strstr(rooms->err.text, "no readable text"));
    assert_int_equal(run(rooms, NULL, NULL, "<script>x</script><img src=x>"), STATUS_REJECT);
}

static void broken_pages_give_what_they_have(void **state)
{
    assert_html(*state, "<p>a</b></div><b>b<p>c<a href=\"x>d</p><p>e", "ab|c|");
    assert_html(*state, "a < b <p>c<!-- d", "a < b|c|");
    assert_html(*state, "<p>a<p class=x", "a|");
    assert_html(*state, "x</html>y<p>z", "xy|z|");
}

/* ---- pages made to hurt ------------------------------------------------------------------------------------------ */

static double seconds_for(struct rooms *rooms, const char *before, const char *unit, size_t size)
{
    size_t n = size / strlen(unit), length = strlen(before);
    char *html = malloc(length + n * strlen(unit) + 1), *at = html + length;
    struct timespec begin, end;

    memcpy(html, before, length);
    for (size_t i = 0; i < n; i++, at += strlen(unit))
        memcpy(at, unit, strlen(unit));
    *at = '\0';
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begin);
    run(rooms, "T", NULL, html);
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);
    free(html);
    return (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9;
}

/* Quadratic work would take 64 times as long for 8 times the page. */
static void hostile_pages_take_linear_time(void **state)
{
    static const struct { const char *before, *unit; } pages[] = {
        {"", "<div>"}, {"", "<b><i>x"}, {"<b><b><b>", "</x>"}, {"<a ", "b c=d "}, {"<a \"=\"", "b "}, {"", "<a b=\""},
        {"", "<!--"}, {"", "<"},
        {"", "&foo;"}, {"", "<font>a"}, {"", "<table><tr><td>"}, {"", "<script>"}, {"", "<p>a"}, {"a", "\u0323\u0301"},
        {"", "&amp;amp;quot;"},
        {"", "Ã¼"}, {"", "<title>x"}, {"", "<select><option>"}, {"", "<h1>x</h2>"}, {"", "<form><input>"},
        {"<svg>", "<p>"},
    };

    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        double once = seconds_for(*state, pages[i].before, pages[i].unit, 1 << 17);
        double often = seconds_for(*state, pages[i].before, pages[i].unit, 1 << 20);
        if (often > 0.3 && often > 30 * once)
            fail_msg("'%s': %.3f s for 128 KB, %.3f s for 1 MB", pages[i].unit, once, often);
    }
}

static void a_hundred_thousand_open_elements_and_then_text(void **state)
{
    struct rooms *rooms = *state;
    char *html = malloc(5 * 100000 + 20);

    for (size_t i = 0; i < 100000; i++)
        memcpy(html + 5 * i, "<div>", 5);
    strcpy(html + 500000, "deep<p>est");
    assert_html(rooms, html, "deep|est|");
    free(html);
}

int main(void)
{
#define TEST(name) cmocka_unit_test(name)
    const struct CMUnitTest tests[] = {
        TEST(the_title_comes_first), TEST(lines_end_in_many_ways),
        TEST(a_few_breaks_in_plain_lines_do_not_make_it_a_page), TEST(empty_lines_are_counted_not_kept),
        TEST(blanks_become_one_and_unseen_characters_go), TEST(nul_is_removed),
        TEST(entities_are_decoded_however_often_escaped),
        TEST(lines_are_composed), TEST(endless_marks_are_cut), TEST(double_encodings_are_turned_back),
        TEST(each_line_is_judged_by_itself),
        TEST(what_only_happens_to_be_valid_stays), TEST(blocks_make_lines_and_inlines_do_not),
        TEST(what_nobody_reads_is_skipped),
        TEST(blocks_know_what_they_are), TEST(lines_know_their_links_and_names), TEST(pages_tell_of_themselves),
        TEST(linked_data_is_read),
        TEST(with_a_body_the_page_only_fills_gaps), TEST(markup_in_the_body_is_read_as_a_page),
        TEST(nothing_readable_is_refused),
        TEST(broken_pages_give_what_they_have), TEST(hostile_pages_take_linear_time),
        TEST(a_hundred_thousand_open_elements_and_then_text),
    };

    return cmocka_run_group_tests(tests, set_up, rooms_tear_down);
}
