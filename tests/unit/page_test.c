/* extract, pages: which lines stand in the element that holds the article, and what the page tells of itself. */
#include "processors/decode/decode.h"
#include "processors/extract/classes.h"
#include "processors/extract/extract.h"
#include "processors/extract/told.h"
#include "processors/utf8.h"
#include "tests/unit/room.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#define LONG "The ferry between the two towns will run again from Monday, the council said after a long meeting on Friday. "
#define MORE "Its owner had stopped it in spring, when the river was low, and had asked for more money from both sides. "
#define LAST "Whether the towns will pay is open; a vote is expected in the second week of the coming month, it was said. "

static const struct stage *const decode_and_extract[] = {&decode_stage, &extract_stage, NULL};

static int set_up(void **state)
{
    return rooms_set_up(state, decode_and_extract);
}

static void read_page(struct rooms *rooms, const char *html)
{
    json_t *object = json_pack("{s:s}", "html", html);
    char *value = json_dumps(object, 0);

    assert_int_equal(rooms_run_text(rooms, value), STATUS_OK);
    free(value);
    json_decref(object);
    rooms->message.value = VIEW_NONE;
}

/* The first words of each line, "+" before those of the article, "-" before those around it. */
static void assert_parts(struct rooms *rooms, const char *html, const char *expected)
{
    char text[4096] = "";
    size_t size = 0;

    read_page(rooms, html);
    for (size_t i = 0; i < rooms->article.n_lines; i++) {
        const struct line *line = &rooms->article.lines[i];
        struct view words = view_slice(rooms->article.buffer, line->start, line->size < 9 ? line->size : 9);
        while (words.size > 0 && !utf8_is_start(words.data[words.size]))
            words.size--;
        if (line->origin == LINE_TITLE)
            continue;
        size += (size_t)snprintf(text + size, sizeof text - size, "%c%.*s|",
                                 line->part == PART_ARTICLE ? '+' : line->part == PART_AROUND ? '-' : '?',
                                 VIEW_PRINT(view_trim(words)));
    }
    assert_string_equal(text, expected);
}

static void assert_title(struct rooms *rooms, const char *html, const char *expected)
{
    read_page(rooms, html);
    assert_view(rooms->article.given.title, expected);
}

/* ---- the element ------------------------------------------------------------------------------------------------- */

static void the_element_with_the_prose_holds_the_article(void **state)
{
    assert_parts(*state,
                 "<div><ul><li><a href=1>Politics</a><li><a href=2>Sports</a></ul></div>"
                 "<div><p>" LONG "<p>" MORE "<p>" LAST "</div><div>Imprint</div>",
                 "-Politics|-Sports|+The ferry|+Its owner|+Whether t|-Imprint|");
}

static void paragraphs_may_be_divided_by_breaks_or_stand_in_boxes_of_their_own(void **state)
{
    assert_parts(*state, "<div><a href=1>Home</a></div><div>" LONG "<br><br>" MORE "<br>" LAST "</div>",
                 "-Home|+The ferry|+Its owner|+Whether t|");
    assert_parts(*state,
                 "<div><div><p>" LONG "</div><div><p>" MORE "</div></div><div><a href=1>More</a></div>",
                 "+The ferry|+Its owner|-More|");
}

static void what_names_put_aside_is_around(void **state)
{
    assert_parts(*state,
                 "<div class=entry-content><p>" LONG "<div class='relatedPosts'><p>" MORE "</div><p>" LAST
                 "<section id=comments><p>" MORE "</section></div>",
                 "+The ferry|-Its owner|+Whether t|-Its owner|");
    assert_parts(*state, "<main><p>" LONG "<aside><p>" MORE "</aside><p>" LAST "<footer><p>" MORE "</footer></main>",
                 "+The ferry|-Its owner|+Whether t|-Its owner|");
    assert_parts(*state, "<div><p>" LONG "<div role=navigation>" MORE "</div><div style='color:red; display: none'>" LAST
                         "</div><p hidden>" MORE "</div>",
                 "+The ferry|-Its owner|-Whether t|-Its owner|");
}

static void a_name_alone_does_not_put_the_whole_text_aside(void **state)
{
    assert_parts(*state, "<div class=sidebar><p>" LONG "<p>" MORE "<p>" LAST "<p>" LONG "</div><p>x",
                 "+The ferry|+Its owner|+Whether t|+The ferry|-x|");
    assert_parts(*state, "<body class='has-comments newsletter'><p>" LONG "<p>" MORE, "+The ferry|+Its owner|");
}

static void comments_may_have_more_text_than_the_article(void **state)
{
    assert_parts(*state, "<div><p>" LONG MORE LAST LONG "</div><div class=kommentare><p>" LONG "<p>" MORE "<p>" LAST
                         "<p>" LONG "<p>" MORE "<p>" LAST "<p>" LONG "<p>" MORE "</div>",
                 "+The ferry|-The ferry|-Its owner|-Whether t|-The ferry|-Its owner|-Whether t|-The ferry|-Its owner|");
}

static void classes_that_hide_are_around_unless_a_screen_shows_them(void **state)
{
    assert_parts(*state,
                 "<div><p>" LONG "<p class='box hidden'>" MORE "<p class='hidden md:block'>" LAST "<p class='d-none'>" MORE
                 "<p class='d-none d-md-block'>" LONG "</div>",
                 "+The ferry|-Its owner|+Whether t|-Its owner|+The ferry|");
}

static void verses_in_the_body_are_the_article(void **state)
{
    assert_parts(*state,
                 "<div><p>" MORE "</div><h1>Ferry</h1><div class=post-body><div>The river goes</div><div>and no boat goes"
                 "</div><div>and the two "
                 "banks stand</div><div>and look over the water</div><div>as if the other one</div><div>were the sea itself"
                 "</div><div>so far away it is</div><div>and so much water</div><div>the boats lie on the sand"
                 "</div><div>their ropes are dry</div><div>nobody asks for them</div><div>in all the winter</div></div>",
                 "-Its owner|-Ferry|+The river|+and no bo|+and the t|+and look|+as if the|+were the|+so far aw|+and so mu|+the boats|+their rop|+nobody as|"
                 "+in all th|");
}

static void lists_of_cards_are_around(void **state)
{
    assert_parts(*state,
                 "<div><p>" LONG "<p>" MORE "<p>" LAST "</div><div><div><a href=1>A headline of another page</a><p>" MORE
                 "</div><div><a href=2>And one more headline, too</a><p>" LONG "</div><div><a href=3>"
                 "The third of the headlines</a><p>" LAST "</div></div>",
                 "+The ferry|+Its owner|+Whether t|-A headlin|-Its owner|-And one m|-The ferry|-The third|-Whether t|");
}

static void links_and_captions_inside_are_around_and_links_in_prose_are_not(void **state)
{
    assert_parts(*state,
                 "<article><p>" LONG "<a href=1>and a link.</a><figure><figcaption>The ferry in May</figcaption></figure><p>"
                 "<a href=2>Read this, too: the river in summer</a><p>" MORE "</article>",
                 "+The ferry|-The ferry|-Read this|+Its owner|");
}

static void headings_may_be_goals_of_links(void **state)
{
    assert_parts(*state,
                 "<article><p>" LONG "<h2><a href='#money'>Money</a></h2><p>" MORE "<h2><a href=1>The bridge of the town</a>"
                 "</h2><p>" LAST "</article>",
                 "+The ferry|+Money|+Its owner|-The bridg|+Whether t|");
}

static void a_heading_goes_with_what_is_under_it(void **state)
{
    assert_parts(*state,
                 "<article><p>" LONG "<h2>Money</h2><p>" MORE "<h2>More of this</h2><ul><li><a href=1>The bridge of the"
                 " town</a><li><a href=2>The tunnel</a></ul></article>",
                 "+The ferry|+Money|+Its owner|-More of t|-The bridg|-The tunne|");
}

static void the_lead_above_the_body_belongs_to_it(void **state)
{
    assert_parts(*state,
                 "<nav><a href=1>Home</a></nav><div><header><h1>Ferry runs again</h1><p>" LONG "</p></header><div class=ad>"
                 "Buy</div></div><div class=article-body><p>" MORE "<p>" LAST "<p>" MORE "<p>" LAST "</div>",
                 "-Home|-Ferry run|+The ferry|-Buy|+Its owner|+Whether t|+Its owner|+Whether t|");
}

static void the_lead_stands_in_headers_and_needs_no_full_stop(void **state)
{
    assert_parts(*state,
                 "<div role=banner><a href=1>Home</a><h1>Ferry runs again</h1><p>" LONG "</div>"
                 "<div class=article-body><p>" MORE
                 "<p>" LAST "<p>" MORE "<p>" LAST "</div>",
                 "-Home|-Ferry run|+The ferry|+Its owner|+Whether t|+Its owner|+Whether t|");
    assert_parts(*state,
                 "<div><h1>Ferry runs again</h1><h2>" MORE "and of this nobody had known until the council met</h2>"
                 "<a href=1>Photo</a></div><div class=article-body><p>" MORE "<p>" LAST "<p>" MORE "<p>" LAST "</div>",
                 "-Ferry run|+Its owner|-Photo|+Its owner|+Whether t|+Its owner|+Whether t|");
}

static void what_nobody_reads_ends_where_its_tag_says(void **state)
{
    assert_parts(*state, "<noscript><div></noscript><p>" LONG "<svg width=1/><p>" MORE "<iframe>x<p></iframe><textarea><p>y",
                 "+The ferry|+Its owner|");
}

static void pages_are_read_in_every_script(void **state)
{
    assert_parts(*state,
                 "<html dir=rtl lang=ar><div><a href=1>الرئيسية</a><a href=2>سياسة</a></div><div><p>قالت الحكومة في بيان صدر "
                 "يوم الجمعة إن العبارة بين المدينتين ستعود إلى العمل يوم الاثنين بعد توقف دام أشهرا طويلة<p>وكان مالكها قد "
                 "أوقفها في الربيع حين انخفض منسوب النهر وطلب من الجانبين مزيدا من المال</div><div><a href=3>اتصل بنا</a></div>",
                 "-الرئ|+قالت|+وكان|-اتصل|");
    assert_parts(*state,
                 "<ul><li><a href=1>首页</a><li><a href=2>体育</a></ul><div><p>市政府周五表示，连接两座城市的渡轮将于周一恢复运营，此前"
                 "已停航数月。</p><p>船主在春天河水下降时停止了渡轮，并要求双方支付更多费用。</p></div><p><a href=3>联系我们</a>",
                 "-首页|-体育|+市政府|+船主在|-联系我|");
}

static void thousands_of_open_elements_do_not_hide_the_text(void **state)
{
    char *html = malloc(5 * 3000 + 1000);

    for (size_t i = 0; i < 3000; i++)
        memcpy(html + 5 * i, "<div>", 5);
    strcpy(html + 15000, "<p>" LONG "<p>" MORE);
    assert_parts(*state, html, "+The ferry|+Its owner|");
    free(html);
}

/* ---- linked data ------------------------------------------------------------------------------------------------- */

#define LINKED(body) "<script type='application/ld+json'>{\"@type\":\"NewsArticle\",\"articleBody\":\"" body "\"}</script>"

static void linked_data_that_agrees_decides(void **state)
{
    assert_parts(*state,
                 LINKED(LONG MORE LAST LONG) "<div><p>" LONG "<p>" MORE "<div class=newsletter><p>" LAST "</div><p>Our letter"
                 " tells you all of this and much more every morning, so order it now and never miss a thing.</div>",
                 "+The ferry|+Its owner|+Whether t|-Our lette|");
}

static void linked_data_that_is_the_lead_alone_does_not(void **state)
{
    assert_parts(*state,
                 LINKED(LONG MORE LAST LONG) "<div><h2>" LONG MORE LAST LONG "</h2><div class=x><p>" MORE MORE "<p>" LAST LAST
                 "<p>" MORE LAST "</div></div>", "+The ferry|+Its owner|+Whether t|+Its owner|");
}

static void linked_data_of_another_text_does_not(void **state)
{
    assert_parts(*state,
                 LINKED("Quite another text, which somebody has left here from the page that was made before, and which has"
                        " nothing to do with what can be read on it.") "<div><p>" LONG "<p>" MORE "<p>" LAST "</div>",
                 "+The ferry|+Its owner|+Whether t|");
}

static void a_page_of_scripts_has_its_text_in_linked_data(void **state)
{
    assert_parts(*state, LINKED(LONG MORE "\\n" LAST) "<div id=app>Loading</div>", "-Loading|+The ferry|+Whether t|");
}

static void linked_data_may_have_markup_in_it(void **state)
{
    assert_parts(*state, LINKED("&lt;p&gt;" LONG "&lt;/p&gt;<p>" MORE "<b>x</b></p>") "<div id=app>Loading</div>",
                 "-Loading|+The ferry|+Its owner|");
}

static void runs_of_three_words_are_compared(void **state)
{
    struct rooms *rooms = *state;
    struct told told;
    uint32_t n, n_told;

    told_open(&told, rooms->arena, view_of("One two three, four FIVE. „Sechs“ seven"));
    told_line(&told, view_of("two three four – five sechs"), &n, &n_told);
    assert_int_equal(n, 3);
    assert_int_equal(n_told, 3);
    assert_int_equal(told_share(&told), 60);
    told_line(&told, view_of("three two one"), &n, &n_told);
    assert_int_equal(n, 1);
    assert_int_equal(n_told, 0);
    told_line(&told, view_of("two words"), &n, &n_told);
    assert_int_equal(n, 0);
}

/* ---- class names ------------------------------------------------------------------------------------------------- */

static void class_names_are_taken_apart(void **state)
{
    struct table_source source = {.data_dir = TOCSIN_SOURCE_DIR "/processors/data"};
    struct classes *classes = NULL;
    struct err err;

    (void)state;
    assert_int_equal(classes_open(&source, &classes, &err), STATUS_OK);
    assert_int_equal(classes_tell(classes, view_of("post-1 entry-content")), CLASS_BODY);
    assert_int_equal(classes_tell(classes, view_of("entrycontent")), CLASS_BODY);
    assert_int_equal(classes_tell(classes, view_of("entry content")), 0);
    assert_int_equal(classes_tell(classes, view_of("newsletter__box")), CLASS_AROUND);
    assert_int_equal(classes_tell(classes, view_of("newslettering-wide")), CLASS_AROUND);
    assert_int_equal(classes_tell(classes, view_of("shadow padded")), 0);
    assert_int_equal(classes_tell(classes, view_of("c-sidebar related")), CLASS_LIST | CLASS_AROUND);
    assert_int_equal(classes_tell(classes, view_of("")), 0);
    classes_close(classes);
}

static void words_that_cannot_be_are_refused(void **state)
{
    static const struct { const char *row, *fault; } rows[] = {
        {"Body\tbody", "letters a to z"}, {"*\tbody", "1 to 31 letters"}, {"box\tnear", "body, around, comments or list"},
    };
    char folder[] = "/tmp/tocsin-classes-XXXXXX", path[200];

    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "mkdir -p %s/cleanup/html", folder);
    assert_int_equal(system(path), 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct table_source source = {.data_dir = TOCSIN_SOURCE_DIR "/processors/data", .overlay_dir = folder};
        struct classes *classes = NULL;
        struct err err;
        FILE *file;
        snprintf(path, sizeof path, "%s/cleanup/html/elements.tsv", folder);
        file = fopen(path, "w");
        fprintf(file, "word\twhat\n%s\n", rows[i].row);
        fclose(file);
        assert_int_equal(classes_open(&source, &classes, &err), STATUS_FATAL);
        assert_non_null(strstr(err.text, "elements.tsv:2: "));
        assert_non_null(strstr(err.text, rows[i].fault));
    }
    snprintf(path, sizeof path, "rm -r %s", folder);
    assert_int_equal(system(path), 0);
}

/* ---- what a page tells of itself --------------------------------------------------------------------------------- */

static void the_headline_is_the_heading_that_the_page_is_named_after(void **state)
{
    assert_title(*state, "<title>Ferry runs again | The Town</title><h1>The Town</h1><h2>Ferry runs again</h2><p>" LONG,
                 "Ferry runs again");
    assert_title(*state,
                 "<title>The Town</title><meta property=og:title content='Ferry runs again'><nav><h2>Menu</h2></nav>"
                 "<h1>The Town</h1><h2>Ferry runs again</h2><p>" LONG, "Ferry runs again");
    assert_title(*state, "<title>The ferry</title><h1>After a long break the boats run again</h1><p>" LONG,
                 "After a long break the boats run again");
    assert_title(*state, "<title>Ferry runs again on Monday – The Town</title><h1>News</h1><p>" LONG,
                 "Ferry runs again on Monday");
    assert_title(*state, "<title>Town - Ferry</title><p>" LONG, "Town - Ferry");
}

static void authors_and_times_stand_in_the_text_too(void **state)
{
    struct rooms *rooms = *state;

    read_page(rooms, "<h1>x</h1><p>By <a rel=author href=1> Ann  Bee </a><time datetime='2026-03-01T08:00:00Z'>today</time><p>"
                     LONG);
    assert_view(rooms->article.given.author, "Ann Bee");
    assert_int_equal(rooms->article.given.published_ms, INT64_C(1772352000000));
    read_page(rooms, "<time datetime='2026-03-01'>now</time><div itemprop=author><p>Cee</p></div><p>" LONG);
    assert_view(rooms->article.given.author, "Cee");
    assert_true(rooms->article.given.published_ms == TIME_NONE); /* a clock above the headline */
}

int main(void)
{
#define TEST(name) cmocka_unit_test(name)
    const struct CMUnitTest tests[] = {
        TEST(the_element_with_the_prose_holds_the_article),
        TEST(paragraphs_may_be_divided_by_breaks_or_stand_in_boxes_of_their_own),
        TEST(what_names_put_aside_is_around), TEST(a_name_alone_does_not_put_the_whole_text_aside),
        TEST(comments_may_have_more_text_than_the_article),
        TEST(classes_that_hide_are_around_unless_a_screen_shows_them), TEST(verses_in_the_body_are_the_article),
        TEST(headings_may_be_goals_of_links), TEST(the_lead_stands_in_headers_and_needs_no_full_stop),
        TEST(what_nobody_reads_ends_where_its_tag_says), TEST(linked_data_that_is_the_lead_alone_does_not),
        TEST(lists_of_cards_are_around), TEST(links_and_captions_inside_are_around_and_links_in_prose_are_not),
        TEST(a_heading_goes_with_what_is_under_it), TEST(the_lead_above_the_body_belongs_to_it),
        TEST(thousands_of_open_elements_do_not_hide_the_text), TEST(linked_data_that_agrees_decides),
        TEST(linked_data_of_another_text_does_not), TEST(a_page_of_scripts_has_its_text_in_linked_data),
        TEST(linked_data_may_have_markup_in_it),
        TEST(pages_are_read_in_every_script), TEST(runs_of_three_words_are_compared), TEST(class_names_are_taken_apart), TEST(words_that_cannot_be_are_refused),
        TEST(the_headline_is_the_heading_that_the_page_is_named_after), TEST(authors_and_times_stand_in_the_text_too),
    };

    return cmocka_run_group_tests(tests, set_up, rooms_tear_down);
}
