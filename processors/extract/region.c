#include "processors/extract/region.h"

#include "processors/extract/told.h"

/* Has an element been set aside, and how surely? */
enum { ASIDE_NOT, ASIDE_LIST, ASIDE_SURE };

/* Set by hand on half of the pages that tests/quality/README.md names; doubling or halving one of the costs moves the
 * figures there by .003 at most. */
enum {
    TOLD_UNKNOWN = 255,
    TOLD_LINE = 60,          /* percent of a line's runs that have to be in linked data's body */
    TOLD_AGREES = 60,        /* percent of the body that the page has to have */
    TOLD_LETTERS_MIN = 400,
    TOLD_PROSE = 2,          /* one in so many letters of the page's prose has to be told */
    PROSE_LETTERS = 70,      /* so many letters outside links are a paragraph */
    SENTENCE_LETTERS = 25,   /* or so many, if it ends as a sentence */
    WORTH_MAX = 800,         /* no paragraph is worth more */
    COST_LINK = 60,          /* of a text that is a link, in letters of prose */
    COST_FRAGMENT = 20,
    COST_ASIDE = 8,
    LEFT_MIN = 300,          /* what has no more letters of prose cannot be the article */
    OTHER_TIMES = 4,         /* what is set aside may have so many times the prose of all that is left */
    COMMENTS_TIMES = 20,
    CARD_PROSE_MAX = 350,
    CARD_LINK_MIN = 12,
    CARDS_MIN = 2,
    OWN_LETTERS = 40,        /* so many letters outside links make a sentence that has links in it */
    LEAD_LETTERS = 50,
    LEAD_OPEN_LETTERS = 100, /* the same for a lead without a full stop */
    LEAD_TEXTS = 12,         /* so far above the text, or below the headline, a lead may stand */
    PROSE_OPEN_MAX = 150,    /* of a text that ends in the middle no more letters count */
    UNSET_ROUNDS = 8,
};

void region_init(struct region *region, struct arena *arena)
{
    *region = (struct region){.arena = arena, .nodes_room = 64, .texts_room = 64};
    region->nodes = ARENA_ARRAY(arena, struct region_node, region->nodes_room);
    region->texts = ARENA_ARRAY(arena, struct region_text, region->texts_room);
}

uint32_t region_node(struct region *region, uint32_t parent, uint32_t flags)
{
    if (region->n_nodes == REGION_NODES_MAX)
        return parent == REGION_NONE ? 0 : parent;
    if (region->n_nodes == region->nodes_room) {
        size_t size = region->nodes_room * sizeof *region->nodes;
        region->nodes = arena_grow(region->arena, region->nodes, size, 2 * size);
        region->nodes_room *= 2;
    }
    region->nodes[region->n_nodes] = (struct region_node){.parent = parent, .flags = flags,
                                                          .first_text = region->n_texts};
    return region->n_nodes++;
}

/* Does the line end as a sentence does, brackets and quotation marks aside? */
static bool ends_sentence(struct view line)
{
    static const char *const ends[] = {".", "!", "?", ":", "\"", "”", "“", "»", "…", "。", "！", "？", "」", "؟", "۔",
                                       "।"};

    while (line.size > 0 && (line.data[line.size - 1] == ')' || line.data[line.size - 1] == ']'))
        line.size--;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        size_t n = strlen(ends[i]);
        if (line.size > n && memcmp(line.data + line.size - n, ends[i], n) == 0)
            return true;
    }
    return false;
}

static struct view line_of(const struct lines *lines, uint32_t i)
{
    return (struct view){lines->data + lines->lines[i].start, lines->lines[i].size};
}

/* Of several lines, divided by <br>, one that is no fragment will do. */
static bool has_sentence(const struct lines *lines, uint32_t first, uint32_t end)
{
    for (uint32_t i = first; i < end; i++)
        if ((i + 1 == end || lines->lines[i].size >= PROSE_LETTERS) && ends_sentence(line_of(lines, i)))
            return true;
    return false;
}

void region_text(struct region *region, uint32_t node, const struct lines *lines, uint32_t first_line, uint8_t block,
                 uint32_t letters, uint32_t links)
{
    uint32_t end_line = (uint32_t)lines->n_lines;

    if (first_line == end_line || node == REGION_NONE)
        return;
    if (region->n_texts == region->texts_room) {
        size_t size = region->texts_room * sizeof *region->texts;
        region->texts = arena_grow(region->arena, region->texts, size, 2 * size);
        region->texts_room *= 2;
    }
    region->texts[region->n_texts++] = (struct region_text){
        .node = node, .first_line = first_line, .end_line = end_line, .letters = letters - links, .links = links,
        .block = block, .sentence = has_sentence(lines, first_line, end_line), .told = TOLD_UNKNOWN,
    };
}

/* ---- what texts and elements hold -------------------------------------------------------------------------------- */

static bool is_prose(const struct region_text *text)
{
    if (text->block == BLOCK_HEADING || text->links > text->letters)
        return false;
    return text->letters >= PROSE_LETTERS || (text->letters >= SENTENCE_LETTERS && text->sentence);
}

/* How many letters of an article it may be.  What ends in the middle may be a ticker or a list; in an element that is
 * called the article's body, verses and lists are the article, too. */
static uint32_t prose_of(const struct region *region, const struct region_text *text)
{
    uint32_t most = text->sentence ? UINT32_MAX : PROSE_OPEN_MAX;
    bool in_body = (region->nodes[text->node].flags & NODE_IN_BODY) != 0 && text->block != BLOCK_HEADING &&
                   text->block != BLOCK_CAPTION && text->block != BLOCK_FORM && text->links <= text->letters;

    return !is_prose(text) && !in_body ? 0 : text->letters < most ? text->letters : most;
}

static bool is_link(const struct region_text *text)
{
    return text->links > 4 * text->letters;
}

/* Sums over each element with all inside.  Parents stand before their children. */
static void sum_up(struct region *region)
{
    for (uint32_t i = 0; i < region->n_nodes; i++) {
        struct region_node *node = &region->nodes[i];
        bool inside = node->parent != REGION_NONE && (region->nodes[node->parent].flags & NODE_IN_BODY) != 0;
        node->flags |= inside || (node->flags & NODE_BODY) != 0 ? NODE_IN_BODY : 0;
    }
    for (uint32_t i = 0; i < region->n_texts; i++) {
        const struct region_text *text = &region->texts[i];
        struct region_node *node = &region->nodes[text->node];
        node->letters += text->letters;
        node->links += text->links;
        node->prose += prose_of(region, text);
        node->linked_texts += is_link(text) && text->links >= CARD_LINK_MIN;
        node->end_text = i + 1;
        node->flags |= text->headline ? NODE_HEADLINE : 0;
    }
    for (uint32_t i = region->n_nodes; i-- > 0;) {
        struct region_node *node = &region->nodes[i], *parent;
        if (node->parent == REGION_NONE)
            continue;
        parent = &region->nodes[node->parent];
        parent->letters += node->letters;
        parent->links += node->links;
        parent->prose += node->prose;
        parent->linked_texts += node->linked_texts;
        parent->flags |= node->flags & NODE_HEADLINE;
        if (node->end_text > parent->end_text)
            parent->end_text = node->end_text;
        if ((node->flags & NODE_CARD) != 0 && node->linked_texts > 0 && node->prose <= CARD_PROSE_MAX)
            parent->cards++;
    }
}

/* ---- what is set aside ------------------------------------------------------------------------------------------- */

static bool is_card_list(const struct region_node *node)
{
    return (node->flags & NODE_HEADLINE) == 0 && node->cards >= CARDS_MIN &&
           node->prose <= node->cards * CARD_PROSE_MAX && node->links * 4 >= node->letters;
}

static void set_aside(struct region *region)
{
    for (uint32_t i = 0; i < region->n_nodes; i++) {
        struct region_node *node = &region->nodes[i];
        bool has_links = node->links * 3 >= node->letters;
        if ((node->flags & (NODE_BODY | NODE_HEADLINE)) != 0 && node->prose >= LEFT_MIN)
            continue;
        if ((node->flags & NODE_AROUND) != 0 || ((node->flags & NODE_LIST) != 0 && has_links) || is_card_list(node))
            node->flags |= NODE_DONE;
    }
}

struct largest {
    uint32_t other, comments; /* the elements with most prose that have been set aside; REGION_NONE */
};

static void keep_larger(const struct region *region, uint32_t node, uint32_t *largest)
{
    if (*largest == REGION_NONE || region->nodes[node].prose > region->nodes[*largest].prose)
        *largest = node;
}

/* Marks what stands in something set aside; returns the prose that does not. */
static uint64_t spread(const struct region *region, uint8_t *aside, struct largest *ret_largest)
{
    uint64_t left = 0;

    *ret_largest = (struct largest){REGION_NONE, REGION_NONE};
    for (uint32_t i = 0; i < region->n_nodes; i++) {
        const struct region_node *node = &region->nodes[i];
        uint8_t above = node->parent == REGION_NONE ? ASIDE_NOT : aside[node->parent];
        aside[i] = above;
        if ((node->flags & NODE_DONE) != 0 && above != ASIDE_SURE)
            aside[i] = (node->flags & NODE_AROUND) != 0 ? ASIDE_SURE : ASIDE_LIST;
        if (aside[i] != ASIDE_NOT && above == ASIDE_NOT)
            keep_larger(region, i, (node->flags & NODE_COMMENTS) != 0 ? &ret_largest->comments : &ret_largest->other);
    }
    for (uint32_t i = 0; i < region->n_texts; i++)
        if (aside[region->texts[i].node] == ASIDE_NOT)
            left += prose_of(region, &region->texts[i]);
    return left;
}

static bool outweighs(const struct region *region, uint32_t node, uint64_t left, unsigned times)
{
    return node != REGION_NONE && region->nodes[node].prose > LEFT_MIN && region->nodes[node].prose > left * times;
}

/* A page whose whole text stands in a "sidebar" has a strange style sheet, not a sidebar. */
static void keep_enough(struct region *region, uint8_t *aside)
{
    struct largest largest;

    for (int round = 0; round < UNSET_ROUNDS; round++) {
        uint64_t left = spread(region, aside, &largest);
        if (outweighs(region, largest.other, left, OTHER_TIMES))
            region->nodes[largest.other].flags &= ~(unsigned)NODE_DONE;
        else if (outweighs(region, largest.comments, left, COMMENTS_TIMES))
            region->nodes[largest.comments].flags &= ~(unsigned)NODE_DONE;
        else
            return;
    }
    spread(region, aside, &largest);
}

/* ---- linked data ------------------------------------------------------------------------------------------------- */

static bool is_told(const struct region_text *text)
{
    return text->told != TOLD_UNKNOWN && text->told >= TOLD_LINE;
}

/* Finds which texts are told.  Does linked data agree with the page: is its body there, and most of the page's prose in
 * its body?  Many a body is the lead alone. */
static bool compare_body(struct region *region, const struct lines *lines, const uint8_t *aside, struct view body)
{
    uint64_t told_letters = 0, prose = 0;
    struct told told;

    told_open(&told, region->arena, body);
    for (uint32_t i = 0; i < region->n_texts; i++) {
        struct region_text *text = &region->texts[i];
        uint32_t all = 0, all_told = 0;
        for (uint32_t line = text->first_line; line < text->end_line; line++) {
            uint32_t n, n_told;
            told_line(&told, line_of(lines, line), &n, &n_told);
            all += n;
            all_told += n_told;
        }
        if (all > 0)
            text->told = (uint8_t)((uint64_t)all_told * 100 / all);
        if (is_told(text))
            told_letters += text->letters + text->links;
        if (aside[text->node] == ASIDE_NOT)
            prose += prose_of(region, text);
    }
    return told_share(&told) >= TOLD_AGREES && told_letters * TOLD_PROSE >= prose;
}

/* ---- the element ------------------------------------------------------------------------------------------------- */

static int64_t worth(const struct region *region, const struct region_text *text, bool aside, bool by_told)
{
    uint32_t prose = prose_of(region, text);

    if (by_told && is_told(text))
        return text->letters + text->links;
    if (aside)
        return -COST_ASIDE;
    if (is_link(text))
        return -COST_LINK;
    if (by_told && text->told != TOLD_UNKNOWN)
        return -COST_FRAGMENT;
    if (prose > 0)
        return prose < WORTH_MAX ? prose : WORTH_MAX;
    if (text->block == BLOCK_LIST_ITEM || text->block == BLOCK_TABLE || text->block == BLOCK_HEADING)
        return 0;
    return -COST_FRAGMENT;
}

/* The element with the largest sum, the innermost of equals. */
static uint32_t find_best(struct region *region, const uint8_t *aside, bool by_told)
{
    uint32_t best = REGION_NONE;

    for (uint32_t i = 0; i < region->n_texts; i++)
        region->nodes[region->texts[i].node].worth += worth(region, &region->texts[i], aside[region->texts[i].node],
                                                              by_told);
    for (uint32_t i = region->n_nodes; i-- > 0;) {
        struct region_node *node = &region->nodes[i];
        if (node->parent != REGION_NONE)
            region->nodes[node->parent].worth += node->worth;
        if (best == REGION_NONE || node->worth > region->nodes[best].worth)
            best = i;
    }
    return best;
}

/* An element that says of itself that it is the text, and has most of it; else one that says it is the article. */
static uint32_t find_named(const struct region *region, const uint8_t *aside, uint32_t best)
{
    uint32_t found = best;
    int64_t most = region->nodes[best].worth;

    for (uint32_t flag = NODE_BODY; flag <= NODE_ARTICLE; flag <<= 1) {
        int64_t named = 0;
        for (uint32_t i = 0; i < region->n_nodes; i++) {
            const struct region_node *node = &region->nodes[i];
            if ((node->flags & flag) != 0 && !aside[i] && node->worth > named) {
                named = node->worth;
                found = i;
            }
        }
        if (named * 2 >= most)
            return found;
    }
    return best;
}

/* ---- places ------------------------------------------------------------------------------------------------------ */

static void place_text(struct lines *lines, const struct region_text *text, uint8_t part)
{
    for (uint32_t i = text->first_line; i < text->end_line; i++)
        lines->lines[i].part = part;
}

/* Is it the article's, given that the element is? */
static bool belongs(const struct region_text *text, bool aside, bool by_told)
{
    if (by_told && is_told(text))
        return true;
    if (by_told && text->told != TOLD_UNKNOWN && text->block != BLOCK_HEADING)
        return false;
    if (aside || text->block == BLOCK_CAPTION || text->block == BLOCK_NAVIGATION || text->block == BLOCK_FORM)
        return false;
    if (text->block == BLOCK_HEADING || (text->sentence && text->letters >= OWN_LETTERS))
        return !is_link(text);
    return text->links <= text->letters;
}

/* A heading over nothing, with what was under it set aside, goes too. */
static void drop_empty_headings(const struct region *region, struct lines *lines, bool by_told, uint32_t first,
                                uint32_t end)
{
    bool under = false, over_aside = true; /* is there text, something set aside, between it and the next heading? */

    for (uint32_t i = end; i-- > first;) {
        const struct region_text *text = &region->texts[i];
        bool kept = lines->lines[text->first_line].part == PART_ARTICLE;
        if (!kept) {
            over_aside |= text->block != BLOCK_CAPTION;
        } else if (text->block != BLOCK_HEADING) {
            under = true;
            over_aside = false;
        } else {
            if (!under && over_aside && !(by_told && is_told(text)))
                place_text(lines, text, PART_AROUND);
            under = over_aside = false;
        }
    }
}

static bool is_lead(const struct region_text *text, uint8_t aside, uint8_t allowed)
{
    if (aside > allowed || text->block == BLOCK_CAPTION || (!text->sentence && text->letters < LEAD_OPEN_LETTERS))
        return false;
    if (aside != ASIDE_NOT) /* the article's header has links, too */
        return text->letters >= PROSE_LETTERS && text->links == 0;
    return text->letters >= LEAD_LETTERS && text->links * 4 <= text->letters;
}

/* The text behind the headline: the last that is the title, best if it is not set aside, else the last <h1>; 0: there is
 * none. */
static uint32_t find_headline(const struct region *region, const struct lines *lines, const uint8_t *aside,
                              struct view title, uint32_t first)
{
    uint32_t heading = 0, again = 0;

    for (uint32_t i = first; i > 0; i--) {
        const struct region_text *text = &region->texts[i - 1];
        bool is_title = view_equal(line_of(lines, text->first_line), title), sure = aside[text->node] == ASIDE_SURE;
        if (is_title && !sure)
            return i;
        if (again == 0 && is_title && text->block == BLOCK_HEADING)
            again = i;
        if (heading == 0 && text->headline && !sure)
            heading = i;
    }
    return again > 0 ? again : heading;
}

/* The lead often stands above the element of the text, and below the headline.  first: the first text of the article. */
static void take_lead(const struct region *region, struct lines *lines, const uint8_t *aside, struct view title,
                      uint32_t first)
{
    uint32_t headline = find_headline(region, lines, aside, title, first);
    uint8_t allowed = ASIDE_LIST;

    for (uint32_t i = first, n = 0; i-- > 0 && n < LEAD_TEXTS && region->texts[i].block != BLOCK_HEADING; n++)
        if (region->texts[i].sentence && is_lead(&region->texts[i], aside[region->texts[i].node], ASIDE_LIST))
            place_text(lines, &region->texts[i], PART_ARTICLE);
    if (headline > 0 && aside[region->texts[headline - 1].node] == ASIDE_SURE)
        allowed = ASIDE_SURE; /* they call the article's own header what else the page's is called */
    for (uint32_t i = headline; headline > 0 && i < first && i < headline + LEAD_TEXTS; i++)
        if (is_lead(&region->texts[i], aside[region->texts[i].node], allowed))
            place_text(lines, &region->texts[i], PART_ARTICLE);
}

static uint32_t first_kept(const struct region *region, const struct lines *lines, uint32_t first, uint32_t end)
{
    while (first < end && (region->texts[first].block == BLOCK_HEADING
                           || lines->lines[region->texts[first].first_line].part != PART_ARTICLE))
        first++;
    return first;
}

void region_find(struct region *region, struct lines *lines, struct view title, struct view body)
{
    uint8_t *aside; /* of each element */
    bool by_told = false;
    uint32_t best;

    if (region->n_texts == 0)
        return;
    aside = arena_zero(region->arena, region->n_nodes * sizeof *aside);
    sum_up(region);
    set_aside(region);
    keep_enough(region, aside);
    if (body.size >= TOLD_LETTERS_MIN)
        by_told = compare_body(region, lines, aside, body);
    best = find_best(region, aside, by_told);
    if (region->nodes[best].worth <= 0)
        return;
    if (!by_told)
        best = find_named(region, aside, best);
    for (uint32_t i = 0; i < region->n_texts; i++) {
        const struct region_text *text = &region->texts[i];
        bool inside = i >= region->nodes[best].first_text && i < region->nodes[best].end_text;
        place_text(lines, text, inside && belongs(text, aside[text->node], by_told) ? PART_ARTICLE : PART_AROUND);
    }
    drop_empty_headings(region, lines, by_told, region->nodes[best].first_text, region->nodes[best].end_text);
    take_lead(region, lines, aside, title,
              first_kept(region, lines, region->nodes[best].first_text, region->nodes[best].end_text));
}
