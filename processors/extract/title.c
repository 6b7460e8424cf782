#include "processors/extract/title.h"

enum {
    HEADLINE_MAX = 400, /* bytes */
    LONE_WORDS = 3,     /* a lone <h1> with fewer words may be a section's or a site's name */
    TRUNK_MIN = 12,     /* bytes before a divider in <title> that can be a headline */
};

/* How well a heading and another name of the page agree: 0 not at all. */
static int agreement(struct view heading, struct view name)
{
    const char *at;
    int share;

    if (name.size == 0)
        return 0;
    if (view_equal(heading, name))
        return 12;
    at = memmem(name.data, name.size, heading.data, heading.size);
    if (at != NULL) {
        share = (int)(heading.size * 8 / name.size);
        if (at == name.data)
            return 4 + share;
        return at + heading.size == name.data + name.size ? 3 + share : 2 + share;
    }
    return memmem(heading.data, heading.size, name.data, name.size) != NULL ? (int)(name.size * 6 / heading.size) : 0;
}

static size_t count_blanks(struct view text)
{
    size_t n = 0;

    for (size_t i = 0; i < text.size; i++)
        n += text.data[i] == ' ';
    return n;
}

/* The only <h1>, however often it is there; absent if there are several. */
static struct view lone_heading(const struct view *headings, const struct page *page)
{
    struct view lone = VIEW_NONE;

    for (size_t i = 0; i < page->n_headings; i++) {
        if (page->headings[i].level != 1 || headings[i].size == 0)
            continue;
        if (lone.data != NULL && !view_equal(lone, headings[i]))
            return VIEW_NONE;
        lone = headings[i];
    }
    return lone;
}

/* "Headline | Site" without its last part, if that is the shorter one. */
static struct view without_site(struct view title)
{
    static const char *const dividers[] = {" | ", " - ", " – ", " — ", " :: ", " » ", " · ", " • "};

    for (size_t at = title.size; at-- > TRUNK_MIN;)
        for (size_t i = 0; i < sizeof dividers / sizeof *dividers; i++) {
            size_t size = strlen(dividers[i]);
            if (at + size < title.size && memcmp(title.data + at, dividers[i], size) == 0)
                return at > title.size - at - size ? view_slice(title, 0, at) : title;
        }
    return title;
}

struct view title_of(const struct characters *characters, struct arena *arena, const struct page *page)
{
    struct view og_title = lines_clean(characters, arena, page->og_title);
    struct view headline = lines_clean(characters, arena, page->headline);
    struct view title = lines_clean(characters, arena, page->title);
    struct view site = lines_clean(characters, arena, page->site_name), best = VIEW_NONE, lone;
    struct view headings[HEADINGS_MAX];
    int most = 0;

    for (size_t i = 0; i < page->n_headings; i++) {
        struct view heading = headings[i] = lines_clean(characters, arena, page->headings[i].text);
        int score;
        if (heading.size == 0 || heading.size > HEADLINE_MAX || view_equal(heading, site))
            continue;
        score = agreement(heading, og_title) * 3 / 2 + agreement(heading, headline) + agreement(heading, title);
        if (score > 0 && page->headings[i].level == 1)
            score++;
        if (score > most) {
            most = score;
            best = heading;
        }
    }
    if (best.data != NULL)
        return best;
    lone = lone_heading(headings, page);
    if (lone.data != NULL && lone.size <= HEADLINE_MAX && count_blanks(lone) + 1 >= LONE_WORDS)
        return lone;
    if (headline.data != NULL)
        return headline;
    if (og_title.data != NULL)
        return og_title;
    return title.data != NULL ? without_site(title) : lone;
}
