/* A second article behind the first: a headline or a mark of its own, and paragraphs that share no topic with the text
 * before it. */
#include "processors/cleanup/lines.h"
#include "processors/langid/langid.h"
#include "processors/text/text.h"
#include "processors/utf8.h"

#include <endian.h>

enum {
    PARAGRAPHS_MIN = 2,     /* of the first article, before anything is taken for a second one */
    PARAGRAPHS_UNSIGNED = 3, KNOWN_PART_UNSIGNED = 8, /* the same, and see below: where nothing but a headline opens it */
    DATELINE_TOKENS = 14,
    SEGMENTS_MAX = 32,      /* of an article in more, the last is all the rest */
    STEM_POINTS = 6,        /* "Verhandlungen" and "verhandeln" are not one, endings of cases are */
    STEM_POINTS_SEMITIC = 5,
    WORD_POINTS_MIN = 4,
    CASE_POINTS = 2,
    REPEATED_MIN = 2,       /* a topic's word stands in so many paragraphs */
    FEW_PARAGRAPHS = 4,     /* of a shorter text every word counts as its topic */
    STEMS_MIN = 8,          /* fewer words say nothing */
    KNOWN_PART = 6,         /* of an article's words not one in so many stands in another one */
    KNOWN_PART_FEW = 14,    /* in a short text every word seems its topic */
    STEMS_MIN_SIGNED = 5,
    KNOWN_PART_SIGNED = 3,  /* of what has an author, a time or a label of its own */
    SIGNED_MAX = 2,
    LABEL_WORDS = 6,
    STEMS_MANY = 16,        /* so many, and next to none of them known: no headline is needed */
    KNOWN_PART_SURE = 16,
    OTHER_TIMES = 2,        /* so many times as long as the first, a second article is none */
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
    uint8_t everyday; /* enum everyday */
    bool in_title : 1, in_headline : 1, in_other : 1;
};

/* Asked only when it matters: each answer is a look into the language model. */
enum everyday { EVERYDAY_UNKNOWN, EVERYDAY_YES, EVERYDAY_NO };

/* Lines that one headline or mark opens. */
struct segment {
    uint32_t first, end;
    uint32_t headline; /* the first line of those before its paragraphs; NO_LINE: it begins with a dateline */
    uint32_t paragraphs;
    bool dated;        /* its first paragraph has a dateline, or a bold name stands above it */
    bool is_signed;    /* an author, a time or a place stands on a line of its own above it, or the end of an article */
    bool labelled;     /* a label of links to other articles does */
    bool apart;
};

/* A word that has a stem. */
struct stemmed {
    uint32_t token, stem; /* stem: index into stems */
};

struct topics {
    struct cleanup *cleanup;
    struct stemmed *words; /* of all lines, in order */
    uint32_t *first_word;  /* of each line, and of the end */
    struct stem *stems;
    size_t mask;
    struct segment segments[SEGMENTS_MAX];
    size_t n;
};

/* ---- stems ------------------------------------------------------------------------------------------------------ */

/* Bytes of the first points of a text, which are at least as many as it has. */
static size_t bytes_of_points(struct view text, unsigned points)
{
    size_t at = 0;

    while (points > 0 && at < text.size)
        for (at++, points--; at < text.size && !utf8_is_start(text.data[at]); at++)
            continue;
    return at;
}

/* Arabic "ال", "لل", and what stands before them: "وال", "بال". */
static unsigned arabic_prefix(struct view folded)
{
    static const char alef_lam[] = "ال", lam_lam[] = "لل", before[] = "وبفك";

    if (folded.size <= 6)
        return 0;
    if (memcmp(folded.data, alef_lam, 4) == 0 || memcmp(folded.data, lam_lam, 4) == 0)
        return 4;
    if (memcmp(folded.data + 2, alef_lam, 4) != 0)
        return 0;
    for (size_t i = 0; i + 2 < sizeof before; i += 2)
        if (memcmp(folded.data, before + i, 2) == 0)
            return 6;
    return 0;
}

/* Hebrew the, and, in, to, from, that, as: before any word. */
static unsigned hebrew_prefix(struct view folded)
{
    static const char letters[] = "הובלמשכ";

    for (size_t i = 0; i + 2 < sizeof letters && folded.size > 2; i += 2)
        if (memcmp(folded.data, letters + i, 2) == 0)
            return 2;
    return 0;
}

/* Slavic cases change the end of short words too. */
static unsigned stem_points(const struct token *token)
{
    if (token->script != SCRIPT_CYRL || token->points >= STEM_POINTS + CASE_POINTS)
        return STEM_POINTS;
    return token->points < WORD_POINTS_MIN + CASE_POINTS ? WORD_POINTS_MIN : token->points - CASE_POINTS;
}

static uint64_t mixed(uint64_t hash)
{
    hash *= 0x9e3779b97f4a7c15u;
    return hash ^ hash >> 32;
}

/* Of at most 24 bytes, six points: behind the first eight each of them is in one of two words that may overlap. */
static uint64_t hash_of(const char *bytes, size_t size)
{
    uint64_t first = 0, middle, last;

    memcpy(&first, bytes, size < 8 ? size : 8);
    if (size <= 8)
        return mixed(le64toh(first));
    memcpy(&middle, bytes + (size > 16 ? 8 : 0), 8);
    memcpy(&last, bytes + size - 8, 8);
    return mixed(mixed(mixed(le64toh(first)) ^ le64toh(middle) ^ (uint64_t)size << 56) ^ le64toh(last));
}

/* 0: not a word that a topic is known by. */
static uint64_t stem_of_any(const struct article *article, const struct token *token)
{
    struct view folded = token_folded(article, token);
    bool semitic = token->script == SCRIPT_ARAB || token->script == SCRIPT_HEBR;
    size_t skip = 0, end;

    if (token->kind != TOKEN_WORD || token->points < WORD_POINTS_MIN)
        return 0;
    if (token->script == SCRIPT_ARAB)
        skip = arabic_prefix(folded);
    else if (token->script == SCRIPT_HEBR && token->points > WORD_POINTS_MIN)
        skip = hebrew_prefix(folded);
    folded = view_slice(folded, skip, folded.size - skip);
    end = bytes_of_points(folded, semitic ? STEM_POINTS_SEMITIC : stem_points(token));
    return end < 2 ? 0 : hash_of(folded.data, end) | 1;
}

/* The same; for words of ASCII letters, which most are, without a branch that could be foreseen wrongly. */
static inline uint64_t stem_of(const struct article *article, const struct token *token)
{
    size_t size = token->folded_size < STEM_POINTS ? token->folded_size : STEM_POINTS;
    uint64_t letters;
    bool is_word;

    if (token->script != SCRIPT_LATN || token->folded + sizeof letters > article->folded.size)
        return stem_of_any(article, token);
    memcpy(&letters, article->folded.data + token->folded, sizeof letters);
    letters = le64toh(letters) & (((uint64_t)1 << size * 8) - 1);
    if ((letters & 0x8080808080808080u) != 0)
        return stem_of_any(article, token);
    is_word = (token->kind == TOKEN_WORD) & (token->points >= WORD_POINTS_MIN) & (size >= 2);
    return is_word ? mixed(letters) | 1 : 0;
}

/* The index of a stem, found or made. */
static inline uint32_t find_stem(const struct topics *topics, uint64_t hash)
{
    size_t at = hash >> 1 & topics->mask;

    while (topics->stems[at].hash != 0 && topics->stems[at].hash != hash)
        at = (at + 1) & topics->mask;
    topics->stems[at].hash = hash;
    return (uint32_t)at;
}

/* Each word is stemmed once, however often its line is compared: first all that have a stem, then the stems. */
static void make_stems(struct topics *topics)
{
    const struct article *article = topics->cleanup->article;
    uint64_t *hashes = ARENA_ARRAY(article->arena, uint64_t, article->n_tokens + 1);
    size_t room = 64;
    uint32_t n = 0;

    topics->words = ARENA_ARRAY(article->arena, struct stemmed, article->n_tokens + 1);
    topics->first_word = ARENA_ARRAY(article->arena, uint32_t, article->n_lines + 1);
    for (size_t line = 0; line < article->n_lines; line++) {
        uint32_t first = article->lines[line].first_token, end = first + article->lines[line].n_tokens;
        topics->first_word[line] = n;
        for (uint32_t token = first; token < end; token++) {
            hashes[n] = stem_of(article, &article->tokens[token]);
            topics->words[n].token = token;
            n += hashes[n] != 0;
        }
    }
    topics->first_word[article->n_lines] = n;
    while (room < n + n / 2)
        room *= 2;
    topics->stems = arena_zero(article->arena, room * sizeof *topics->stems);
    topics->mask = room - 1;
    for (uint32_t i = 0; i < n; i++)
        topics->words[i].stem = find_stem(topics, hashes[i]);
}

/* The stem of the next word of a line that has one.  Leaves *word behind it; NULL: there is none. */
static struct stem *next_stem(const struct topics *topics, uint32_t line, uint32_t *word)
{
    return *word < topics->first_word[line + 1] ? &topics->stems[topics->words[(*word)++].stem] : NULL;
}

/* The same, without everyday words. */
static struct stem *next_telling(const struct topics *topics, uint32_t line, uint32_t *word)
{
    const struct article *article = topics->cleanup->article;
    struct stem *stem;

    while ((stem = next_stem(topics, line, word)) != NULL) {
        const struct token *token = &article->tokens[topics->words[*word - 1].token];
        if (stem->everyday == EVERYDAY_UNKNOWN)
            stem->everyday = langid_is_everyday(article, token, article->language.language) ? EVERYDAY_YES : EVERYDAY_NO;
        if (stem->everyday == EVERYDAY_NO)
            return stem;
    }
    return NULL;
}

/* A paragraph of the first article, or of another one. */
static void add_paragraph(struct topics *topics, uint32_t line, bool other)
{
    struct stem *stem;

    for (uint32_t word = topics->first_word[line]; (stem = next_stem(topics, line, &word)) != NULL;)
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

/* Behind the end of an article one that was dropped for its place counts too. */
static bool is_headline(const struct cleanup *cleanup, uint32_t line, bool ended)
{
    const struct cleanup_line *own = &cleanup->lines[line];

    return line_is_headline(own) && line != cleanup->title_line && !own->prose && !own->sentence_end
           && cleanup->article->tokens[own->first].kind != TOKEN_NUMBER
           && (!own->dropped || own->drop == DROP_READ_ALSO || own->drop == DROP_RELATED_LIST
               || evidence_has(own, EVIDENCE_IN_BLOCK) || (ended && !is_labelled(own)));
}

/* Small words that no dateline has: neither in brackets, nor a month beside its day, nor a particle ("Rio de Janeiro"). */
static bool has_plain_word(const struct article *article, uint32_t first, uint32_t end)
{
    enum { PARTICLE_POINTS = 3 };
    bool in_brackets = false;

    for (uint32_t i = first; i < end; i++) {
        const struct token *token = &article->tokens[i];

        in_brackets = token_is_point(article, i, "([") || (in_brackets && !token_is_point(article, i, ")]"));
        if (!in_brackets && token->kind == TOKEN_WORD && token->shape == SHAPE_LOWER && token->points > PARTICLE_POINTS
            && token[-1].kind != TOKEN_NUMBER && token[1].kind != TOKEN_NUMBER)
            return true;
    }
    return false;
}

/* "CITY, 4 May (Agency) – …", "City (Agency).- …", "CITY. 4 May. AGENCY – …": a dash behind a place and a date or a
 * bracket; "City 4 May / Agency / …": an agency between slashes behind a date.  The agency need not be known. */
static bool has_dateline(const struct cleanup *cleanup, uint32_t line)
{
    const struct article *article = cleanup->article;
    uint32_t first = article->lines[line].first_token, end = first + article->lines[line].n_tokens;
    bool apart = false; /* a bracket, a comma, a full stop, a number: it is not just a name before a dash */
    bool numbered = false;

    if (first == end || article->tokens[first].kind != TOKEN_WORD || article->tokens[first].shape == SHAPE_LOWER)
        return false;
    for (uint32_t i = first + 1; i < end && i < first + DATELINE_TOKENS; i++) {
        if (apart && token_is_point(article, i, "–—−-"))
            return (token_is_point(article, i - 1, ")].") || (article->tokens[i].flags & TOKEN_SPACE_BEFORE) != 0)
                   && !has_plain_word(article, first + 1, i) && tokens_are_place(article, first, i, ",،./()[]\"“”„«»-");
        if (numbered && token_is_point(article, i, "/") && i + 2 < end
            && (token_is_point(article, i + 2, "/") || (i + 3 < end && token_is_point(article, i + 3, "/"))))
            return tokens_are_place(article, first, i, ",،.-/");
        numbered |= article->tokens[i].kind == TOKEN_NUMBER;
        apart |= numbered || token_is_point(article, i, ",،.([");
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

/* What stands between two paragraphs. */
struct between {
    uint32_t headline; /* the first; NO_LINE: none */
    uint32_t end_kinds; /* bits of enum drop_kind: of what stands at the end of an article */
    bool bold, is_signed, labelled, dated;
};

/* Tags, share buttons, the source, a form: two of them, and the article is over. */
static bool is_end_kind(uint8_t kind)
{
    return kind == DROP_KEYWORDS || kind == DROP_SHARE || kind == DROP_SOURCE || kind == DROP_COMMENT_FORM
           || kind == DROP_NAVIGATION;
}

static bool is_ended(const struct between *between)
{
    return (between->end_kinds & (between->end_kinds - 1)) != 0;
}

static void see_between(const struct cleanup *cleanup, uint32_t line, struct between *between)
{
    const struct cleanup_line *own = &cleanup->lines[line];
    bool bold = is_bold(cleanup, line), dated = has_dateline(cleanup, line);

    if (between->headline == NO_LINE && (bold || dated || is_headline(cleanup, line, is_ended(between))))
        between->headline = line;
    if (own->dropped && is_labelled(own) && is_end_kind(own->drop))
        between->end_kinds |= 1u << own->drop;
    between->dated |= dated;
    between->bold |= bold;
    between->is_signed |= own->dropped && is_labelled(own)
                          && (own->drop == DROP_BYLINE || own->drop == DROP_TIMESTAMP || own->drop == DROP_DATELINE);
    between->labelled |= own->dropped && own->words <= LABEL_WORDS
                         && (own->drop == DROP_READ_ALSO || own->drop == DROP_RELATED_LIST);
}

/* A headline between two paragraphs, or a dateline, may open another article. */
static void find_segments(struct topics *topics)
{
    const struct cleanup *cleanup = topics->cleanup;
    const struct between nothing = {.headline = NO_LINE};
    struct between between = nothing;
    uint32_t n = (uint32_t)cleanup->article->n_lines, n_signed = 0;

    topics->segments[topics->n++] = (struct segment){.first = 0, .headline = NO_LINE, .end = n};
    for (uint32_t i = 0; i < n; i++) {
        struct segment *last = &topics->segments[topics->n - 1];
        bool dated;

        if (!is_paragraph(cleanup, i)) {
            see_between(cleanup, i, &between);
            continue;
        }
        dated = last->paragraphs > 0 && (between.dated || has_dateline(cleanup, i));
        between.is_signed |= is_ended(&between);
        if (last->paragraphs > 0 && (between.headline != NO_LINE || dated) && topics->n < SEGMENTS_MAX) {
            last->end = between.headline == NO_LINE ? i : between.headline;
            topics->segments[topics->n++] = (struct segment){.first = last->end, .headline = between.headline, .end = n,
                                                             .dated = dated || between.bold,
                                                             .is_signed = between.is_signed || dated,
                                                             .labelled = between.labelled};
            n_signed += between.is_signed || dated;
            last++;
        }
        last->paragraphs++;
        between = nothing;
    }
    for (size_t i = 0; i < topics->n && n_signed > SIGNED_MAX; i++)
        topics->segments[i].is_signed = false; /* entries of a ticker, each with its time */
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
    uint32_t title = topics->cleanup->title_line;
    struct stem *stem;

    if (title == NO_LINE)
        return;
    for (uint32_t word = topics->first_word[title]; (stem = next_stem(topics, title, &word)) != NULL;)
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
        bool touches = false;
        const struct stem *stem;

        if (!is_paragraph(topics->cleanup, i))
            continue;
        for (uint32_t word = topics->first_word[i]; (stem = next_telling(topics, i, &word)) != NULL;) {
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
static uint32_t mark_headline(const struct topics *topics, const struct segment *segment, bool alone, bool mark)
{
    struct stem *stem;
    uint32_t n = 0;

    for (uint32_t i = segment->headline; i < segment->end && !is_paragraph(topics->cleanup, i); i++) {
        for (uint32_t word = topics->first_word[i]; (stem = next_telling(topics, i, &word)) != NULL;) {
            n += stem->in_headline != mark;
            stem->in_headline = mark;
        }
        if (alone)
            break;
    }
    return n;
}

/* An article's headline is taken up in its first paragraphs: that line alone, or all up to these. */
static bool is_taken_up(const struct topics *topics, const struct segment *segment, bool alone)
{
    uint32_t marked = mark_headline(topics, segment, alone, true), found = 0, paragraphs = 0;
    struct stem *stem;

    for (uint32_t i = segment->headline; i < segment->end && paragraphs < OPENING_PARAGRAPHS; i++) {
        if (!is_paragraph(topics->cleanup, i))
            continue;
        paragraphs++;
        for (uint32_t word = topics->first_word[i]; (stem = next_telling(topics, i, &word)) != NULL;) {
            found += stem->in_headline;
            stem->in_headline = false; /* counts once */
        }
    }
    mark_headline(topics, segment, alone, false);
    return found >= TAKEN_UP_MIN || (!alone && found > 0 && found * 2 >= marked);
}

/* No word of the lines above its paragraphs stands in the text before it. */
static bool is_headline_new(const struct topics *topics, const struct segment *segment)
{
    const struct stem *stem;

    for (uint32_t i = segment->headline; i < segment->end && !is_paragraph(topics->cleanup, i); i++)
        for (uint32_t word = topics->first_word[i]; (stem = next_telling(topics, i, &word)) != NULL;)
            if (stem->in_title || stem->paragraphs > 0)
                return false;
    return segment->headline != NO_LINE;
}

/* Entries of a ticker tell of many things. */
static bool has_ticker(const struct topics *topics, const struct segment *segment)
{
    for (uint32_t i = segment->first; i < segment->end; i++)
        if (evidence_has(&topics->cleanup->lines[i], EVIDENCE_TICKER))
            return true;
    return false;
}

static bool is_apart(const struct topics *topics, const struct segment *segment, uint32_t paragraphs)
{
    struct common common;

    if (has_ticker(topics, segment))
        return false;
    common = compare_segment(topics, segment, paragraphs < FEW_PARAGRAPHS ? 1 : REPEATED_MIN);
    if (common.others > common.known * OTHERS_MORE && common.known * KNOWN_PART_MORE <= common.stems)
        return true; /* it goes on with the other article */
    if (common.stems >= STEMS_MIN_SIGNED && common.known * KNOWN_PART_SIGNED <= common.stems
        && segment->paragraphs <= paragraphs
        && (segment->labelled ? is_taken_up(topics, segment, true) : segment->is_signed))
        return true;
    if (!segment->dated && !segment->labelled && !segment->is_signed
        && (paragraphs < PARAGRAPHS_UNSIGNED || common.stems <= STEMS_MIN
            || common.known * KNOWN_PART_UNSIGNED > common.stems))
        return false; /* nothing but a headline: it may be a section's */
    if (common.stems < STEMS_MIN || common.known * KNOWN_PART > common.stems
        || (common.touching * 2 > segment->paragraphs && common.known * KNOWN_PART_FEW > common.stems))
        return false;
    if (common.stems >= STEMS_MANY && common.known * KNOWN_PART_SURE <= common.stems && paragraphs >= FEW_PARAGRAPHS
        && is_headline_new(topics, segment))
        return true;
    return segment->dated || is_taken_up(topics, segment, false);
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
        if (next + 1 < topics.n)
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
