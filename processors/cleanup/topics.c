/* A second article behind the first: a headline or a mark of its own, and paragraphs that share no topic with the text
 * before it. */
#include "processors/cleanup/lines.h"
#include "processors/langid/langid.h"
#include "processors/utf8.h"

#include <xxhash.h>

enum {
    PARAGRAPHS_MIN = 2,     /* of the first article, before anything is taken for a second one */
    DATELINE_TOKENS = 14,
    SEGMENTS_MAX = 32,      /* of an article in more, the last is all the rest */
    STEM_POINTS = 6,        /* "Verhandlungen" and "verhandeln" are not one, endings of cases are */
    STEM_POINTS_SEMITIC = 5,
    WORD_POINTS_MIN = 4,
    REPEATED_MIN = 2,       /* a topic's word stands in so many paragraphs */
    FEW_PARAGRAPHS = 4,     /* of a shorter text every word counts as its topic */
    STEMS_MIN = 8,         /* fewer words say nothing */
    KNOWN_PART = 6,        /* of an article's words not one in so many stands in another one */
    KNOWN_PART_FEW = 14,    /* in a short text every word seems its topic */
    STEMS_MANY = 16,        /* so many, and next to none of them known: no headline is needed */
    KNOWN_PART_SURE = 16,
    OTHER_TIMES = 3,        /* so many times as long as the first, a second article is none */
    KNOWN_PART_MORE = 4,    /* what goes on with the other article may share more with the first */
    OTHERS_MORE = 2,
    OPENING_PARAGRAPHS = 2,
    TAKEN_UP_MIN = 2,       /* words of the headline in the first paragraphs, or half of them */
};

/* One stem and in how many paragraphs of the article it was seen. */
struct stem {
    uint64_t hash; /* 0: free */
    uint32_t last_line; /* the paragraph that counted it last, and 1 */
    uint16_t paragraphs; /* of the first article */
    bool everyday, in_title, in_headline, in_other;
};

/* Lines that one headline or mark opens. */
struct segment {
    uint32_t first, end;
    uint32_t headline; /* the first line of those before its paragraphs; NO_LINE: it begins with a dateline */
    uint32_t paragraphs;
    bool dated;        /* its first paragraph has a dateline, or a bold name stands above it */
    bool apart;
};

struct topics {
    struct cleanup *cleanup;
    struct stem *stems;
    size_t mask;
    struct segment segments[SEGMENTS_MAX];
    size_t n;
};

/* ---- stems ------------------------------------------------------------------------------------------------------ */

static bool is_article_letter(uint32_t point)
{
    return point == 0x627 || point == 0x644; /* alef, lam */
}

/* How many code points of prefixes stand before the stem: "وال", "بال", "ال". */
static unsigned prefix_points(struct view folded)
{
    uint32_t points[4] = {0};
    unsigned size;

    for (size_t i = 0, n = 0; i < folded.size && n < 4; i += size)
        points[n++] = utf8_read(folded.data + i, &size);
    if (points[0] == 0x627 && points[1] == 0x644)
        return 2;
    if ((points[0] == 0x648 || points[0] == 0x628 || points[0] == 0x641 || points[0] == 0x643)
        && is_article_letter(points[1]) && points[2] == 0x644)
        return 3;
    return points[0] == 0x644 && points[1] == 0x644 ? 2 : 0;
}

/* The, and, in, to, from, that, as: before any word. */
static bool is_hebrew_prefix(uint32_t point)
{
    return point == 0x5d4 || point == 0x5d5 || point == 0x5d1 || point == 0x5dc || point == 0x5de || point == 0x5e9
           || point == 0x5db;
}

/* 0: not a word that a topic is known by. */
static uint64_t stem_of(const struct article *article, const struct token *token)
{
    struct view folded = token_folded(article, token);
    bool semitic = token->script == SCRIPT_ARAB || token->script == SCRIPT_HEBR;
    unsigned left = semitic ? STEM_POINTS_SEMITIC : STEM_POINTS, skip = 0, size;
    size_t start = 0, end;

    if (token->kind != TOKEN_WORD || token->points < WORD_POINTS_MIN)
        return 0;
    if (token->script == SCRIPT_ARAB)
        skip = prefix_points(folded);
    if (token->script == SCRIPT_HEBR && token->points > WORD_POINTS_MIN)
        skip = is_hebrew_prefix(utf8_read(folded.data, &size));
    for (; skip > 0 && start < folded.size; skip--, start += size)
        utf8_read(folded.data + start, &size);
    for (end = start; left > 0 && end < folded.size; left--, end += size)
        utf8_read(folded.data + end, &size);
    return end - start < 2 ? 0 : XXH3_64bits(folded.data + start, end - start) | 1;
}

static struct stem *find_stem(const struct topics *topics, uint64_t hash)
{
    size_t at = hash >> 1 & topics->mask;

    while (topics->stems[at].hash != 0 && topics->stems[at].hash != hash)
        at = (at + 1) & topics->mask;
    return &topics->stems[at];
}

/* The next token of a line that has a stem and is no everyday word; its stem is found or made. */
static struct stem *next_stem(const struct topics *topics, const struct line *line, uint32_t *token)
{
    const struct article *article = topics->cleanup->article;

    for (; *token < line->first_token + line->n_tokens; (*token)++) {
        const struct token *word = &article->tokens[*token];
        uint64_t hash = stem_of(article, word);
        struct stem *stem;

        if (hash == 0)
            continue;
        stem = find_stem(topics, hash);
        if (stem->hash == 0) {
            stem->hash = hash;
            stem->everyday = langid_is_everyday(article, word, article->language.language);
        }
        if (stem->everyday)
            continue;
        (*token)++;
        return stem;
    }
    return NULL;
}

static void make_stems(struct topics *topics)
{
    struct article *article = topics->cleanup->article;
    size_t room = 64;

    while (room < article->n_tokens + article->n_tokens / 4)
        room *= 2;
    topics->stems = arena_zero(article->arena, room * sizeof *topics->stems);
    topics->mask = room - 1;
}

/* A paragraph of the first article, or of another one. */
static void add_paragraph(struct topics *topics, uint32_t line, bool other)
{
    const struct line *of = &topics->cleanup->article->lines[line];
    struct stem *stem;

    for (uint32_t token = of->first_token; (stem = next_stem(topics, of, &token)) != NULL;)
        if (other) {
            stem->in_other = true;
        } else if (stem->last_line != line + 1) {
            stem->last_line = line + 1;
            stem->paragraphs++;
        }
}

/* ---- segments --------------------------------------------------------------------------------------------------- */

static bool is_paragraph(const struct cleanup *cleanup, uint32_t line)
{
    return line != cleanup->title_line && cleanup->lines[line].prose && !cleanup->lines[line].dropped;
}

static bool is_headline(const struct cleanup *cleanup, uint32_t line)
{
    const struct cleanup_line *own = &cleanup->lines[line];

    return line_is_headline(own) && line != cleanup->title_line && !own->prose && !own->sentence_end
           && cleanup->article->tokens[own->first].kind != TOKEN_NUMBER
           && (!own->dropped || own->drop == DROP_READ_ALSO || own->drop == DROP_RELATED_LIST);
}

/* "CITY, 4 May (Agency) – …", "City (Agency).- …", "CITY. 4 May. AGENCY – …": a dash behind a place and a date or a
 * bracket.  The agency need not be known. */
static bool has_dateline(const struct cleanup *cleanup, uint32_t line)
{
    const struct article *article = cleanup->article;
    uint32_t first = article->lines[line].first_token, end = first + article->lines[line].n_tokens;
    bool apart = false; /* a bracket, a comma, a full stop, a number: it is not just a name before a dash */

    if (first == end || article->tokens[first].kind != TOKEN_WORD || article->tokens[first].shape == SHAPE_LOWER)
        return false;
    for (uint32_t i = first + 1; i < end && i < first + DATELINE_TOKENS; i++) {
        if (apart && token_is_point(article, i, "–—−-"))
            return (token_is_point(article, i - 1, ")].") || (article->tokens[i].flags & TOKEN_SPACE_BEFORE) != 0)
                   && tokens_are_place(article, first, i, ",،./()[]\"“”„«»-");
        apart |= article->tokens[i].kind == TOKEN_NUMBER || token_is_point(article, i, ",،.([");
    }
    return false;
}

/* "**Site**": the bold name of another medium. */
static bool is_bold(const struct cleanup *cleanup, uint32_t line)
{
    const struct article *article = cleanup->article;
    const struct line *of = &article->lines[line];
    const struct cleanup_line *own = &cleanup->lines[line];

    return own->words > 0 && own->words <= HEADLINE_WORDS_MAX && of->n_tokens > 2 && own->first > of->first_token + 1
           && token_is_point(article, of->first_token, "*") && token_is_point(article, of->first_token + of->n_tokens - 1, "*");
}

/* A headline between two paragraphs, or a dateline, may open another article. */
static void find_segments(struct topics *topics)
{
    const struct cleanup *cleanup = topics->cleanup;
    uint32_t n = (uint32_t)cleanup->article->n_lines, headline = NO_LINE; /* the first since the last paragraph */
    bool bold = false;

    topics->segments[topics->n++] = (struct segment){.first = 0, .headline = NO_LINE, .end = n};
    for (uint32_t i = 0; i < n; i++) {
        struct segment *last = &topics->segments[topics->n - 1];
        bool dated;

        if (!is_paragraph(cleanup, i)) {
            bold |= is_bold(cleanup, i);
            if (headline == NO_LINE && (bold || is_headline(cleanup, i)))
                headline = i;
            continue;
        }
        dated = last->paragraphs > 0 && has_dateline(cleanup, i);
        if (last->paragraphs > 0 && (headline != NO_LINE || dated) && topics->n < SEGMENTS_MAX) {
            last->end = headline == NO_LINE ? i : headline;
            topics->segments[topics->n++] = (struct segment){.first = last->end, .headline = headline, .end = n,
                                                             .dated = dated || bold};
            last++;
        }
        last->paragraphs++;
        headline = NO_LINE;
        bold = false;
    }
}

/* ---- the first article's topic ---------------------------------------------------------------------------------- */

static void add_segment(struct topics *topics, const struct segment *segment, bool other)
{
    for (uint32_t i = segment->first; i < segment->end; i++)
        if (is_paragraph(topics->cleanup, i))
            add_paragraph(topics, i, other);
}

/* The title's words are the first article's, whether its text has them or not. */
static void add_title(struct topics *topics)
{
    const struct cleanup *cleanup = topics->cleanup;
    const struct line *title;
    struct stem *stem;

    if (cleanup->title_line == NO_LINE)
        return;
    title = &cleanup->article->lines[cleanup->title_line];
    for (uint32_t token = title->first_token; (stem = next_stem(topics, title, &token)) != NULL;)
        stem->in_title = true;
}

/* What a segment has in common with the text before it. */
struct common {
    uint32_t touching;     /* paragraphs with a word of the topic */
    uint32_t known, stems; /* words that are not everyday words, and how many of them the text before has too */
    uint32_t others;       /* how many of them stand in what was taken for another article */
};

static struct common compare_segment(const struct topics *topics, const struct segment *segment, unsigned least)
{
    struct common common = {0};

    for (uint32_t i = segment->first; i < segment->end; i++) {
        const struct line *line = &topics->cleanup->article->lines[i];
        bool touches = false;
        const struct stem *stem;

        if (!is_paragraph(topics->cleanup, i))
            continue;
        for (uint32_t token = line->first_token; (stem = next_stem(topics, line, &token)) != NULL;) {
            touches |= stem->in_title || stem->paragraphs >= least;
            common.known += stem->in_title || stem->paragraphs > 0;
            common.others += stem->in_other;
            common.stems++;
        }
        common.touching += touches;
    }
    return common;
}

/* Marks the stems of the lines between a segment's beginning and its first paragraph, or takes the marks back; returns how
 * many were marked. */
static uint32_t mark_headline(const struct topics *topics, const struct segment *segment, bool mark)
{
    const struct line *lines = topics->cleanup->article->lines;
    struct stem *stem;
    uint32_t n = 0;

    for (uint32_t i = segment->headline; i < segment->end && !is_paragraph(topics->cleanup, i); i++)
        for (uint32_t token = lines[i].first_token; (stem = next_stem(topics, &lines[i], &token)) != NULL;) {
            n += stem->in_headline != mark;
            stem->in_headline = mark;
        }
    return n;
}

/* An article's headline is taken up in its first paragraphs. */
static bool is_taken_up(const struct topics *topics, const struct segment *segment)
{
    const struct line *lines = topics->cleanup->article->lines;
    uint32_t marked = mark_headline(topics, segment, true), found = 0, paragraphs = 0;
    struct stem *stem;

    for (uint32_t i = segment->headline; i < segment->end && paragraphs < OPENING_PARAGRAPHS; i++) {
        if (!is_paragraph(topics->cleanup, i))
            continue;
        paragraphs++;
        for (uint32_t token = lines[i].first_token; (stem = next_stem(topics, &lines[i], &token)) != NULL;) {
            found += stem->in_headline;
            stem->in_headline = false; /* counts once */
        }
    }
    mark_headline(topics, segment, false);
    return found >= TAKEN_UP_MIN || (found > 0 && found * 2 >= marked);
}

/* No word of the lines above its paragraphs stands in the text before it. */
static bool is_headline_new(const struct topics *topics, const struct segment *segment)
{
    const struct line *lines = topics->cleanup->article->lines;
    const struct stem *stem;

    for (uint32_t i = segment->headline; i < segment->end && !is_paragraph(topics->cleanup, i); i++)
        for (uint32_t token = lines[i].first_token; (stem = next_stem(topics, &lines[i], &token)) != NULL;)
            if (stem->in_title || stem->paragraphs > 0)
                return false;
    return segment->headline != NO_LINE;
}

static bool is_apart(const struct topics *topics, const struct segment *segment, uint32_t paragraphs)
{
    struct common common = compare_segment(topics, segment, paragraphs < FEW_PARAGRAPHS ? 1 : REPEATED_MIN);

    if (common.others > common.known * OTHERS_MORE && common.known * KNOWN_PART_MORE <= common.stems)
        return true; /* it goes on with the other article */
    if (common.stems < STEMS_MIN || common.known * KNOWN_PART > common.stems
        || (common.touching * 2 > segment->paragraphs && common.known * KNOWN_PART_FEW > common.stems))
        return false;
    if (common.stems >= STEMS_MANY && common.known * KNOWN_PART_SURE <= common.stems && paragraphs >= FEW_PARAGRAPHS
        && is_headline_new(topics, segment))
        return true;
    return segment->dated || is_taken_up(topics, segment);
}

static void drop_segment(struct topics *topics, const struct segment *segment)
{
    for (uint32_t i = segment->first; i < segment->end; i++) {
        struct cleanup_line *own = &topics->cleanup->lines[i];
        if (own->dropped || i == topics->cleanup->title_line || own->hash == 0)
            continue;
        evidence_add(own, EVIDENCE_OTHER_TOPIC);
        own->dropped = true;
        own->drop = DROP_OTHER_ARTICLE;
    }
}

void cleanup_part_topics(struct cleanup *cleanup)
{
    struct topics topics = {.cleanup = cleanup};
    uint32_t paragraphs, apart = 0, next = 1;

    for (uint32_t i = 0; i < cleanup->article->n_lines; i++)
        if (cleanup->article->lines[i].part == PART_ARTICLE)
            return; /* a page's elements have told where the article ends */
    find_segments(&topics);
    paragraphs = topics.segments[0].paragraphs;
    if (topics.n < 2)
        return;
    make_stems(&topics);
    add_segment(&topics, &topics.segments[0], false);
    for (; next < topics.n && paragraphs < PARAGRAPHS_MIN; next++) {
        add_segment(&topics, &topics.segments[next], false);
        paragraphs += topics.segments[next].paragraphs;
    }
    if (next == topics.n)
        return;
    add_title(&topics);
    for (; next < topics.n; next++) {
        struct segment *segment = &topics.segments[next];

        if (is_apart(&topics, segment, paragraphs)) {
            add_segment(&topics, segment, true);
            segment->apart = true;
            continue;
        }
        add_segment(&topics, segment, false);
        paragraphs += segment->paragraphs;
    }
    while (next > 1 && topics.segments[next - 1].apart)
        apart += topics.segments[--next].paragraphs;
    if (apart > paragraphs * OTHER_TIMES)
        return; /* rather a list of stories, or the first one is the guest */
    while (next < topics.n)
        drop_segment(&topics, &topics.segments[next++]);
}
