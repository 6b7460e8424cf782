/* What a line looks like beside the others: repeated, the title again, before or behind the text, one of a pile. */
#include "processors/cleanup/lines.h"

#include "processors/text/text.h"

#define BIT EVIDENCE_BIT
#define WORDINGS (BIT(WORDED) | BIT(WORDED_MORE) | BIT(WORDED_MOST))

enum {
    TITLE_TOKENS_MAX = 64,
    TITLE_WORD_POINTS = 4,
    CUT_OFF_LINES = 12,
    MORE_TOKENS = 3,
    CONTAINED_LINES = 16,
    CONTAINED_WORDS = 5,
    CONTAINED_WORDS_MAX = 80,
    QUOTED_WORDS = 3,
    SPEAKER_WORDS = 6,
    NEAR_LINES = 3,    /* a caption given twice stands close to itself */
    NEAR_WORDS = 4,    /* fewer words than that may begin alike by chance */
    NEAR_EXTRA = 8,    /* what a credit behind the repeated caption may have */
    REFRAIN_WORDS = 6, /* a repeated line of at most so many words may be a refrain */
    REFRAIN_TIMES = 12,
    HEADLINE_WORDS = 16,
    TICKER_ENTRIES = 3,
    PILE_LINES = 5,
    BULLETS_MIN = 2,
    TEXT_GAP = 8,
    LABEL_WORDS = 3,
    EDGE_WORDS = 6,
    PILE_WORDS = 3,
    TABLE_ROWS = 3,
    ROW_WORDS = 5, /* a row has a number for so many words */
    FRAME_LINES = 8, /* so many short lines in a row outside the text are menus and lists of the page */
    FRAGMENT_WORDS = 6,
    FRAME_COST = 4,  /* how many words of text outweigh one line of the frame */
};

/* ---- repetitions ------------------------------------------------------------------------------------------------ */

struct seen {
    uint64_t hash; /* 0: free */
    uint32_t line; /* the first with this hash */
    uint32_t times;
};

static struct seen *seen_find(struct seen *seen, size_t mask, uint64_t hash)
{
    size_t at = hash & mask;

    while (seen[at].hash != 0 && seen[at].hash != hash)
        at = (at + 1) & mask;
    return &seen[at];
}

/* Verse has short lines and hardly a paragraph; what comes again in it may be meant. */
bool cleanup_is_verse(const struct cleanup *cleanup)
{
    size_t prose = 0, lines = 0, words = 0;

    for (uint32_t i = 0; i < cleanup->article->n_lines; i++) {
        const struct cleanup_line *own = &cleanup->lines[i];
        if (cleanup->article->lines[i].origin == LINE_TITLE || own->words == 0 || is_around(own))
            continue;
        lines++;
        words += own->words;
        prose += own->prose;
    }
    return lines >= 4 && prose == 0 && words <= lines * 9;
}

static bool may_come_again(const struct cleanup_line *own, const struct seen *seen, bool verse)
{
    if (own->kind != DROP_NONE || seen->times > REFRAIN_TIMES)
        return false;
    if (verse)
        return own->words <= REFRAIN_WORDS * 2;
    return own->sentence_end && own->words <= 3; /* "Nein." in an interview */
}

static void compare_repetitions(struct cleanup *cleanup)
{
    size_t n_lines = cleanup->article->n_lines, room = 16;
    struct seen *seen;
    bool verse = cleanup_is_verse(cleanup);

    while (room < n_lines * 2)
        room *= 2;
    seen = arena_zero(cleanup->article->arena, room * sizeof *seen);
    for (uint32_t i = 0; i < n_lines; i++) {
        struct cleanup_line *own = &cleanup->lines[i];
        struct seen *before;
        if (own->hash == 0 || is_around(own))
            continue;
        before = seen_find(seen, room - 1, own->hash);
        if (before->hash == 0) {
            *before = (struct seen){own->hash, i, 1};
            continue;
        }
        before->times++;
        if (before->line == cleanup->title_line)
            evidence_add(own, EVIDENCE_TITLE_AGAIN);
        else if (!evidence_has(own, EVIDENCE_NUMBERS_ONLY) && !may_come_again(own, before, verse))
            evidence_add(own, EVIDENCE_REPEATED);
        if (own->words <= HEADLINE_WORDS && !own->full_stop && before->line != cleanup->title_line && !verse)
            evidence_add(&cleanup->lines[before->line], EVIDENCE_RETURNS);
    }
}

/* The next word or number at or behind this token; `end` if there is none. */
static uint32_t next_word(const struct article *article, uint32_t token, uint32_t end)
{
    while (token < end && article->tokens[token].kind != TOKEN_WORD && article->tokens[token].kind != TOKEN_NUMBER)
        token++;
    return token;
}

/* Do the words of one line begin the other?  Reads no more than the shorter line has. */
static bool begins(const struct article *article, const struct cleanup_line *shorter, const struct cleanup_line *longer)
{
    uint32_t a = shorter->first, b = longer->first, a_end = shorter->last + 1, b_end = longer->last + 1;

    for (;;) {
        a = next_word(article, a, a_end);
        b = next_word(article, b, b_end);
        if (a == a_end || b == b_end)
            break;
        if (article->tokens[a++].hash != article->tokens[b++].hash)
            return false;
    }
    return a == a_end;
}

/* Does the longer line end with the words of the shorter one ("Site name: headline")? */
static bool ends(const struct article *article, const struct cleanup_line *shorter, const struct cleanup_line *longer)
{
    uint32_t a = shorter->last + 1, b = longer->last + 1, word = b;

    for (;;) {
        while (a > shorter->first && article->tokens[a - 1].kind > TOKEN_NUMBER)
            a--;
        while (b > longer->first && article->tokens[b - 1].kind > TOKEN_NUMBER)
            b--;
        if (a == shorter->first)
            return b == longer->first || token_is_point(article, word - 1, ":|-–—»\"„“«");
        if (b == longer->first)
            return false;
        word = b - 1;
        if (article->tokens[--a].hash != article->tokens[--b].hash)
            return false;
    }
}

/* A caption with and without its credit, a headline with and without the site's name. */
static void compare_near(struct cleanup *cleanup, uint32_t a, uint32_t b, enum evidence evidence)
{
    struct cleanup_line *first = &cleanup->lines[a], *second = &cleanup->lines[b];
    struct cleanup_line *shorter = first->words + first->numbers <= second->words + second->numbers ? first : second;
    struct cleanup_line *longer = shorter == first ? second : first;

    if (shorter->words < NEAR_WORDS || first->hash == second->hash || longer->prose
        || longer->words > shorter->words + NEAR_EXTRA)
        return;
    if (longer->words > shorter->words * 2)
        return;
    if (!begins(cleanup->article, shorter, longer)
        && (evidence != EVIDENCE_TITLE_AGAIN || longer->full_stop || !ends(cleanup->article, shorter, longer)))
        return;
    evidence_add(second, evidence);
    if (evidence == EVIDENCE_REPEATED && longer->n_hits > 0) {
        evidence_add(first, EVIDENCE_REPEATED); /* one of them carries a credit: both are captions */
        first->kind = second->kind = DROP_CAPTION;
    }
}

static bool is_ellipsis(const struct article *article, uint32_t token)
{
    return token_is_point(article, token, "…") || view_is(token_view(article, &article->tokens[token]), "...");
}

/* A lead given once more, cut off with "…", perhaps with a word ("… more") behind it. */
static void compare_cut_off(struct cleanup *cleanup, uint32_t line)
{
    const struct article *article = cleanup->article;
    struct cleanup_line *own = &cleanup->lines[line], lead = *own;
    uint32_t end = article->lines[line].first_token + article->lines[line].n_tokens, stop = end;

    if (own->words < NEAR_WORDS)
        return;
    while (stop + MORE_TOKENS > end && stop > lead.first + NEAR_WORDS && !is_ellipsis(article, stop - 1))
        stop--;
    if (!is_ellipsis(article, stop - 1))
        return;
    lead.last = stop - 2;
    for (uint32_t i = line + 1; i < article->n_lines && i <= line + CUT_OFF_LINES; i++)
        if (cleanup->lines[i].words > own->words && begins(article, &lead, &cleanup->lines[i])) {
            evidence_add(own, EVIDENCE_REPEATED);
            return;
        }
}

static bool may_contain(const struct cleanup_line *whole, const struct cleanup_line *part)
{
    uint64_t missing = 0;

    for (int i = 0; i < 4; i++)
        missing |= part->seen[i] & ~whole->seen[i];
    return missing == 0;
}

/* Do all words of one line stand in the other, in a row? */
static bool contains(const struct article *article, const struct cleanup_line *whole, const struct cleanup_line *part)
{
    uint32_t end = whole->last + 1, start = next_word(article, part->first, part->last + 1);

    for (uint32_t at = whole->first; (at = next_word(article, at, end)) < end; at++) {
        uint32_t a = start, b = at;
        while (a <= part->last && b < end && article->tokens[a].hash == article->tokens[b].hash) {
            a = next_word(article, a + 1, part->last + 1);
            b = next_word(article, b + 1, end);
        }
        if (a > part->last)
            return true;
    }
    return false;
}

/* Does a paragraph near this line contain the part? */
static bool is_contained(const struct cleanup *cleanup, uint32_t line, const struct cleanup_line *part)
{
    uint32_t n = (uint32_t)cleanup->article->n_lines, first = line < CONTAINED_LINES ? 0 : line - CONTAINED_LINES;
    uint32_t end = n - line > CONTAINED_LINES ? line + CONTAINED_LINES + 1 : n;

    for (uint32_t i = first; i < end; i++) {
        const struct cleanup_line *whole = &cleanup->lines[i];
        if (!may_contain(whole, part) || whole->words <= part->words || !whole->prose || i == cleanup->title_line
            || i == line)
            continue;
        if (contains(cleanup->article, whole, part))
            return true;
    }
    return false;
}

/* What stands between the first and the last quotation mark; false: nothing, or too little. */
static bool quoted_part(const struct article *article, const struct line *line, const struct cleanup_line *own,
                        struct cleanup_line *ret_part)
{
    uint32_t first = line->first_token, last = line->first_token + line->n_tokens - 1;

    *ret_part = (struct cleanup_line){.words = 0};
    while (first < last && !token_is_point(article, first, QUOTES))
        first++;
    while (last > first && !token_is_point(article, last, QUOTES))
        last--;
    if (last < first + 2 || (first > line->first_token && !token_is_point(article, first - 1, ":：–—-"))
        || (last + 1 < line->first_token + line->n_tokens && !token_is_point(article, last + 1, "–—-,،")))
        return false; /* a sentence with a quotation in it */
    ret_part->first = first + 1;
    ret_part->last = last - 1;
    for (uint32_t i = first + 1; i < last; i++) {
        const struct token *token = &article->tokens[i];
        if (token->kind > TOKEN_NUMBER)
            continue;
        ret_part->words++;
        ret_part->seen[token->hash & 3] |= (uint64_t)1 << (token->hash >> 2 & 63);
    }
    return ret_part->words >= QUOTED_WORDS && own->words <= ret_part->words + SPEAKER_WORDS;
}

/* A quotation or a lead that stands once more by itself, perhaps with the speaker's name, beside the paragraph that it is
 * taken from. */
static void compare_contained(struct cleanup *cleanup, uint32_t line)
{
    struct cleanup_line *own = &cleanup->lines[line], part;

    if (own->words > CONTAINED_WORDS_MAX)
        return;
    if ((own->words >= CONTAINED_WORDS && is_contained(cleanup, line, own))
        || (own->quotes >= 2 && !own->prose && quoted_part(cleanup->article, &cleanup->article->lines[line], own, &part)
            && is_contained(cleanup, line, &part)))
        evidence_add(own, EVIDENCE_REPEATED);
}

static void compare_neighbours(struct cleanup *cleanup)
{
    const struct line *lines = cleanup->article->lines;

    for (uint32_t i = 1; i < cleanup->article->n_lines; i++) {
        if (cleanup->lines[i].words < NEAR_WORDS || is_around(&cleanup->lines[i]))
            continue;
        compare_cut_off(cleanup, i);
        compare_contained(cleanup, i);
        for (uint32_t back = 1; back <= NEAR_LINES && back <= i; back++)
            if (lines[i - back].origin != LINE_TITLE && !is_around(&cleanup->lines[i - back]))
                compare_near(cleanup, i - back, i, EVIDENCE_REPEATED);
        if (cleanup->title_line != NO_LINE && i != cleanup->title_line)
            compare_near(cleanup, cleanup->title_line, i, EVIDENCE_TITLE_AGAIN);
    }
}

/* ---- the title -------------------------------------------------------------------------------------------------- */

static void share_title(struct cleanup *cleanup)
{
    struct article *article = cleanup->article;
    const struct line *title = &article->lines[cleanup->title_line];
    uint64_t words[TITLE_TOKENS_MAX * 2] = {0}; /* open addressing */
    size_t mask = TITLE_TOKENS_MAX * 2 - 1;

    for (uint32_t i = 0; i < title->n_tokens && i < TITLE_TOKENS_MAX; i++) {
        const struct token *token = &article->tokens[title->first_token + i];
        size_t at = token->hash & mask;
        if (token->kind != TOKEN_WORD || token->points < TITLE_WORD_POINTS)
            continue;
        while (words[at] != 0 && words[at] != token->hash)
            at = (at + 1) & mask;
        words[at] = token->hash;
    }
    for (uint32_t i = 0; i < article->n_lines; i++) {
        struct cleanup_line *own = &cleanup->lines[i];
        if (i == cleanup->title_line || own->prose)
            continue; /* prose stays without it */
        for (uint32_t t = own->first; t <= own->last; t++) {
            const struct token *token = &article->tokens[t];
            size_t at = token->hash & mask;
            if (token->kind != TOKEN_WORD || token->points < TITLE_WORD_POINTS)
                continue;
            while (words[at] != 0 && words[at] != token->hash)
                at = (at + 1) & mask;
            own->shared += words[at] != 0;
        }
        if (own->shared >= 2)
            evidence_add(own, EVIDENCE_SHARES_TITLE);
    }
}

/* ---- place ------------------------------------------------------------------------------------------------------ */

/* Is it a line that the article itself may consist of? */
static bool is_text(const struct cleanup_line *own)
{
    uint64_t against = BIT(LABEL_SURE) | BIT(COVERED) | BIT(REPEATED) | BIT(TITLE_AGAIN) | BIT(AROUND_ARTICLE);

    return (own->prose || own->sentence) && (own->evidence & against) == 0 && !own->dropped;
}

static bool is_headline_like(const struct cleanup_line *own)
{
    return own->words >= PILE_WORDS && !own->prose && !own->full_stop && !own->colon_end
           && own->numbers * 2 <= own->words;
}

static bool is_fragment(const struct cleanup_line *own)
{
    return own->words <= FRAGMENT_WORDS && !own->full_stop;
}

/* The row behind the last one of a table that begins here; the same row if none does: several rows with numbers, more than
 * half of them with numbers that are not just the row's own. */
static uint32_t table_end(const struct cleanup *cleanup, uint32_t first, uint32_t end)
{
    uint32_t rows = 0, inside = 0, at = first;

    for (; at < end; at++) {
        const struct cleanup_line *own = &cleanup->lines[at];
        if (own->numbers == 0 || own->words == 0 || own->clock_start || own->full_stop
            || (own->evidence & (BIT(LABEL_SURE) | BIT(COVERED))) != 0)
            break;
        rows++;
        inside += own->numbers_inside > 0;
    }
    return rows >= TABLE_ROWS && inside * 5 >= rows * 3 ? at : first;
}

/* A run of rows with numbers, or of lines behind a colon, is the article's own; a run of headlines or of fragments
 * outside the text is the page's frame. */
static void compare_run(struct cleanup *cleanup, uint32_t first, uint32_t end, bool outside, bool before_text)
{
    uint32_t headlines = 0, fragments = 0, bullets = 0, n = end - first, rows = first;
    bool introduced = first > 0 && first - 1 != cleanup->title_line && cleanup->lines[first - 1].colon_end
                      && cleanup->lines[first - 1].prose;

    for (uint32_t i = first; i < end; i++) {
        headlines += is_headline_like(&cleanup->lines[i]);
        fragments += is_fragment(&cleanup->lines[i]);
        bullets += cleanup->lines[i].list_mark;
    }
    for (uint32_t i = first; i < end; i++) {
        struct cleanup_line *own = &cleanup->lines[i];
        bool labelled = is_labelled(own);
        if (rows <= i)
            rows = table_end(cleanup, i, end);
        introduced &= !labelled; /* a label ends what the colon led into */
        if (introduced)
            evidence_add(own, EVIDENCE_INTRODUCED);
        introduced |= own->colon_end && !labelled && !before_text
                      && (own->words > LABEL_WORDS || (own->evidence & WORDINGS) == 0);
        if (rows > i)
            evidence_add(own, EVIDENCE_IN_TABLE);
        if ((own->evidence & (BIT(INTRODUCED) | BIT(IN_TABLE))) != 0)
            own->evidence &= ~(WORDINGS | BIT(RATES)); /* rows and items are worded like lists around the article */
        if (bullets >= BULLETS_MIN && !introduced && own->list_mark && !own->sentence_end && is_headline_like(own))
            evidence_add(own, EVIDENCE_BULLET);
        if (outside && headlines >= PILE_LINES && is_headline_like(own))
            evidence_add(own, EVIDENCE_HEADLINE_PILE);
        else if (outside && n >= FRAME_LINES && fragments * 3 >= n * 2 && !own->sentence
                 && (labelled || !own->colon_end || own->words <= LABEL_WORDS))
            evidence_add(own, EVIDENCE_FRAME);
    }
}

static int64_t worth(const struct cleanup_line *own)
{
    if (own->kind == DROP_NONE && (own->sentence_end || (own->colon_end && own->words >= PILE_WORDS)))
        return (own->words + 1) / 2; /* a question, what leads to a list */
    if (!is_text(own))
        return -FRAME_COST;
    return own->prose ? own->words : (own->words + 1) / 2;
}

/* Does a line stand between two parts of the text as what is no text would?  Rows of results do not. */
static bool is_gap(const struct cleanup_line *own)
{
    return own->clock_start || own->words == 0 || own->numbers * ROW_WORDS < own->words || own->full_stop
           || is_labelled(own);
}

static bool is_own_paragraph(const struct cleanup *cleanup, uint32_t line)
{
    return line != cleanup->title_line && cleanup->lines[line].prose && is_text(&cleanup->lines[line])
           && !is_around(&cleanup->lines[line]);
}

/* Paragraphs a few lines before or behind it belong to the text: a table, a list, some headings stand between. */
static void extend_text(const struct cleanup *cleanup, uint32_t *first, uint32_t *last)
{
    uint32_t gap = 0;

    for (uint32_t i = *first; i > 0 && gap < TEXT_GAP; i--)
        if (is_own_paragraph(cleanup, i - 1)) {
            *first = i - 1;
            gap = 0;
        } else {
            gap += is_gap(&cleanup->lines[i - 1]);
        }
    gap = 0;
    for (uint32_t i = *last + 1; i < cleanup->article->n_lines && gap < TEXT_GAP; i++)
        if (is_own_paragraph(cleanup, i)) {
            *last = i;
            gap = 0;
        } else {
            gap += is_gap(&cleanup->lines[i]);
        }
}

/* The stretch of lines that is most of all text: the largest sum of what its lines are worth (Kadane's algorithm).
 * A sentence among the headlines of a page's frame does not make them text; a list inside the text stays inside. */
static void find_text(const struct cleanup *cleanup, uint32_t *ret_first, uint32_t *ret_last)
{
    int64_t sum = 0, best = 0;
    uint32_t start = 0;

    *ret_first = NO_LINE;
    *ret_last = 0;
    for (uint32_t i = 0; i < cleanup->article->n_lines; i++) {
        const struct cleanup_line *own = &cleanup->lines[i];
        if (i == cleanup->title_line || own->hash == 0 || is_around(own))
            continue;
        if (sum == 0)
            start = i;
        sum += worth(own);
        if (sum < 0)
            sum = 0;
        if (sum > best && is_text(own)) {
            best = sum;
            *ret_first = start;
            *ret_last = i;
        }
    }
    if (*ret_first != NO_LINE)
        extend_text(cleanup, ret_first, ret_last);
}

static uint32_t count_prose_and_clocks(const struct cleanup *cleanup, uint32_t *ret_clocks)
{
    uint32_t prose = 0;

    *ret_clocks = 0;
    for (uint32_t i = 0; i < cleanup->article->n_lines; i++) {
        prose += i != cleanup->title_line && cleanup->lines[i].prose && is_text(&cleanup->lines[i]);
        *ret_clocks += cleanup->lines[i].clock_start;
    }
    return prose;
}

/* A ticker's entries are sentences, or paragraphs follow them; headlines with a time, one behind the other outside the
 * text, are a site's latest news. */
static bool is_clock_list(const struct cleanup *cleanup, uint32_t line, bool outside)
{
    const struct cleanup_line *own = &cleanup->lines[line];
    uint32_t n = (uint32_t)cleanup->article->n_lines;

    return outside && is_headline_like(own)
           && ((line + 1 < n && cleanup->lines[line + 1].clock_start && is_headline_like(&cleanup->lines[line + 1]))
               || (line > 0 && cleanup->lines[line - 1].clock_start && is_headline_like(&cleanup->lines[line - 1])));
}

/* Between a known title and the text, or behind it, a few names are an author or a desk, and capitals a place. */
static void see_edge(struct cleanup *cleanup, uint32_t line)
{
    struct cleanup_line *own = &cleanup->lines[line];

    if (cleanup->title_line == NO_LINE || own->words == 0 || own->words > EDGE_WORDS || own->numbers > own->words)
        return;
    if (evidence_has(own, EVIDENCE_NAMES_ONLY) && own->cased > 0 && own->numbers == 0)
        evidence_add(own, EVIDENCE_EDGE_NAMES);
    else if (own->capitals > 0)
        evidence_add(own, EVIDENCE_EDGE_CAPITALS);
}

static void compare_place(struct cleanup *cleanup)
{
    const struct article *article = cleanup->article;
    uint32_t n = (uint32_t)article->n_lines, first, last, clocks, run = NO_LINE;
    uint32_t prose = count_prose_and_clocks(cleanup, &clocks);

    find_text(cleanup, &first, &last);
    for (uint32_t i = 0; i <= n; i++) {
        bool short_line = i < n && i != cleanup->title_line && !cleanup->lines[i].prose;
        if (short_line && first != NO_LINE && i < first)
            evidence_add(&cleanup->lines[i], EVIDENCE_BEFORE_TEXT);
        if (short_line && first != NO_LINE && i > last)
            evidence_add(&cleanup->lines[i], EVIDENCE_AFTER_TEXT);
        if (short_line && first != NO_LINE && (i < first || i > last))
            see_edge(cleanup, i);
        if (i < n && clocks >= TICKER_ENTRIES && cleanup->lines[i].clock_start
            && !is_clock_list(cleanup, i, first != NO_LINE && (i < first || i > last)))
            evidence_add(&cleanup->lines[i], EVIDENCE_TICKER);
        if (run != NO_LINE && (!short_line || i == first || i == last + 1)) {
            bool placed = prose >= 1 && first != NO_LINE;
            compare_run(cleanup, run, i, placed && (i <= first || run > last), placed && i <= first);
            run = NO_LINE;
        }
        if (short_line && run == NO_LINE)
            run = i;
    }
}

/* ---- where the page goes on without the article ----------------------------------------------------------------- */

/* A form's fields have labels that mean other things elsewhere ("Email"); lists and disclaimers behind it do not. */
static void drop_rest(struct cleanup *cleanup, size_t first)
{
    uint8_t kind = cleanup->lines[first].kind;

    for (size_t i = first; i < cleanup->article->n_lines; i++) {
        struct cleanup_line *own = &cleanup->lines[i];
        if (own->opens_block)
            kind = own->kind;
        evidence_add(own, EVIDENCE_BEHIND_END);
        own->dropped = true;
        own->drop = own->kind == DROP_DISCLAIMER ? own->kind : kind;
    }
}

/* A comment form and all behind it: if the text stands before it, and not behind. */
static void cut_rest(struct cleanup *cleanup)
{
    size_t n = cleanup->article->n_lines;
    uint64_t before = 0, all = 0;

    for (size_t i = 0; i < n; i++)
        all += i != cleanup->title_line && is_text(&cleanup->lines[i]) ? cleanup->lines[i].words : 0;
    for (size_t i = 0; i < n; i++) {
        struct cleanup_line *own = &cleanup->lines[i];
        if (own->opens_rest && !is_around(own) && before > 0 && before * 2 >= all) {
            drop_rest(cleanup, i);
            return;
        }
        before += i != cleanup->title_line && is_text(own) ? own->words : 0;
    }
}

void cleanup_compare(struct cleanup *cleanup)
{
    compare_repetitions(cleanup);
    compare_neighbours(cleanup);
    if (cleanup->title_line != NO_LINE)
        share_title(cleanup);
    cut_rest(cleanup);
    compare_place(cleanup);
}
