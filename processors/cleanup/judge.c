/* Which lines go: the evidence added up, blocks behind labels, and the title when the message has none. */
#include "processors/cleanup/lines.h"

enum {
    BLOCK_HEADLINE_WORDS = 20,
    LEAD_IN_WORDS = 10,
    TITLE_WORDS = 5,
    TITLE_LINES = 2, /* a kicker's answer, an author, between the title and the text */
};

static const struct {
    struct evidence_item item;
    uint8_t kind;
} evidence_table[EVIDENCES] = {
#define EVIDENCE_ROW(name, weight, kind, text) [EVIDENCE_##name] = {{#name, text, weight}, kind},
    EVIDENCE_TABLE(EVIDENCE_ROW)
#undef EVIDENCE_ROW
};

bool evidence_next(uint64_t *evidence, struct evidence_item *ret_item)
{
    if (*evidence == 0)
        return false;
    *ret_item = evidence_table[__builtin_ctzll(*evidence)].item;
    *evidence &= *evidence - 1;
    return true;
}

static bool is_title(const struct cleanup *cleanup, uint32_t i)
{
    return i == cleanup->title_line || cleanup->article->lines[i].origin == LINE_TITLE;
}

/* Adds up; *ret_kind: the label's, else that of the heaviest evidence that has one. */
static float add_up(const struct cleanup_line *own, uint8_t *ret_kind)
{
    float sum = 0, heaviest = 0;
    uint8_t kind = DROP_OTHER;

    for (uint64_t left = own->evidence; left != 0; left &= left - 1) {
        unsigned e = (unsigned)__builtin_ctzll(left);
        sum += evidence_table[e].item.weight;
        if (evidence_table[e].kind != DROP_NONE && evidence_table[e].item.weight > heaviest) {
            heaviest = evidence_table[e].item.weight;
            kind = evidence_table[e].kind;
        }
    }
    /* Repetition is what a repeated label is dropped for only if nothing better is known of it. */
    if (own->kind != DROP_NONE && !evidence_has(own, EVIDENCE_TITLE_AGAIN))
        kind = own->kind;
    else if (own->worded_kind != DROP_NONE && heaviest < EVIDENCE_DROPS
             && (evidence_has(own, EVIDENCE_WORDED_MORE) || evidence_has(own, EVIDENCE_WORDED_MOST)))
        kind = own->worded_kind;
    *ret_kind = kind;
    return sum;
}

static void judge_line(struct cleanup_line *own)
{
    uint8_t kind;

    if (own->dropped || own->evidence == 0 || add_up(own, &kind) < EVIDENCE_DROPS)
        return;
    own->dropped = true;
    own->drop = kind;
}

/* Headlines behind a label go with it, up to the first line that is a sentence. */
static void judge_blocks(struct cleanup *cleanup)
{
    uint8_t block = DROP_NONE;

    for (uint32_t i = 0; i < cleanup->article->n_lines; i++) {
        struct cleanup_line *own = &cleanup->lines[i];
        if (is_title(cleanup, i) || is_around(own)) {
            block = DROP_NONE;
        } else if (own->opens_block) {
            judge_line(own);
            block = own->dropped ? own->drop : DROP_NONE;
        } else if (own->prose || own->full_stop || own->clock_start || own->words > BLOCK_HEADLINE_WORDS) {
            block = DROP_NONE;
        } else if (block != DROP_NONE && own->hash != 0) {
            evidence_add(own, EVIDENCE_IN_BLOCK);
            if (own->kind == DROP_NONE)
                own->kind = block;
        }
    }
}

/* "In Galerie öffnen:" before a caption: what leads to something dropped goes too. */
static void judge_lead_ins(struct cleanup *cleanup)
{
    for (uint32_t i = (uint32_t)cleanup->article->n_lines; i > 1; i--) {
        struct cleanup_line *own = &cleanup->lines[i - 2];
        const struct cleanup_line *next = &cleanup->lines[i - 1];
        if (!own->colon_end || own->dropped || own->words > LEAD_IN_WORDS || own->words == 0 || !next->dropped
            || next->drop == DROP_ADVERT || is_title(cleanup, i - 2))
            continue;
        evidence_add(own, EVIDENCE_LEADS_IN);
        if (own->kind == DROP_NONE)
            own->kind = next->drop;
        judge_line(own);
    }
}

static bool is_worded(const struct cleanup_line *own)
{
    return evidence_has(own, EVIDENCE_WORDED) || evidence_has(own, EVIDENCE_WORDED_MORE);
}

/* Without a title in the message, one that comes again above the text may be it, else the first that is longer than the
 * kickers over it, else the last: that it stands there is no evidence. */
static void spare_headline(struct cleanup *cleanup)
{
    const uint64_t by_place = EVIDENCE_BIT(BEFORE_TEXT) | EVIDENCE_BIT(FRAME) | EVIDENCE_BIT(NAMES_ONLY)
                              | EVIDENCE_BIT(HEADLINE_PILE) | EVIDENCE_BIT(RETURNS) | EVIDENCE_BIT(WORDED)
                              | EVIDENCE_BIT(WORDED_MORE);
    struct cleanup_line *last = NULL;

    for (uint32_t i = 0; i < cleanup->article->n_lines; i++) {
        struct cleanup_line *own = &cleanup->lines[i];
        if (own->prose && own->full_stop && own->kind == DROP_NONE)
            break;
        if (!line_is_headline(own) || own->kind != DROP_NONE || own->dividers != 0
            || own->numbers >= own->words || evidence_has(own, EVIDENCE_WORDED_MOST))
            continue;
        if (evidence_has(own, EVIDENCE_RETURNS) || last == NULL
            || ((last->words < TITLE_WORDS || is_worded(last)) && !evidence_has(last, EVIDENCE_RETURNS)
                && !is_worded(own)))
            last = own;
    }
    if (last != NULL)
        last->evidence &= ~by_place;
}

/* Without a title in the message, the first line that stays and looks like a headline over prose is it. */
static void find_title(struct cleanup *cleanup)
{
    const struct article *article = cleanup->article;
    uint32_t first = NO_LINE, next, between = 0;

    for (uint32_t i = 0; i < article->n_lines; i++) {
        const struct cleanup_line *own = &cleanup->lines[i];
        if (own->dropped || own->words == 0)
            continue;
        if (own->prose && own->full_stop)
            return;
        if (line_is_headline(own) && own->numbers < own->words) {
            first = i;
            break;
        }
    }
    if (first == NO_LINE)
        return;
    for (next = first + 1; next < article->n_lines && between <= TITLE_LINES; next++) {
        if (cleanup->lines[next].dropped || cleanup->lines[next].words == 0)
            continue;
        if (cleanup->lines[next].prose)
            break;
        between++;
    }
    if (next == article->n_lines || !cleanup->lines[next].prose)
        return;
    cleanup->title_line = first;
    for (uint32_t i = 0; i < first; i++) { /* kickers and section names above it */
        struct cleanup_line *own = &cleanup->lines[i];
        if (own->dropped || own->sentence_end || own->words >= HEADLINE_WORDS_MIN)
            continue;
        evidence_add(own, EVIDENCE_ABOVE_TITLE);
        own->dropped = true;
        own->drop = DROP_NAVIGATION;
    }
}

/* May it come back when nothing else is left? */
static bool is_candidate(const struct cleanup *cleanup, uint32_t i)
{
    const struct cleanup_line *own = &cleanup->lines[i];

    return !is_title(cleanup, i) && own->hash != 0 && !evidence_has(own, EVIDENCE_REPEATED) && !is_around(own);
}

/* When nothing would stay: the paragraphs, else the lines with least against them. */
static void rescue(struct cleanup *cleanup)
{
    uint32_t n = (uint32_t)cleanup->article->n_lines;
    bool any_prose = false;
    float least = 1e9f;
    uint8_t kind;

    for (uint32_t i = 0; i < n; i++) {
        const struct cleanup_line *own = &cleanup->lines[i];
        float sum;
        if (!is_title(cleanup, i) && own->hash != 0 && !own->dropped)
            return;
        if (!is_candidate(cleanup, i))
            continue;
        any_prose |= own->prose || own->sentence;
        sum = add_up(own, &kind);
        least = sum < least ? sum : least;
    }
    for (uint32_t i = 0; i < n; i++) {
        struct cleanup_line *own = &cleanup->lines[i];
        if (!is_candidate(cleanup, i) || (any_prose ? !own->prose && !own->sentence : add_up(own, &kind) > least))
            continue;
        own->dropped = false;
        own->rescued = true;
    }
}

void cleanup_judge(struct cleanup *cleanup)
{
    bool titled = cleanup->title_line != NO_LINE;

    if (!titled)
        spare_headline(cleanup);
    judge_blocks(cleanup);
    for (uint32_t i = 0; i < cleanup->article->n_lines; i++)
        if (!is_title(cleanup, i))
            judge_line(&cleanup->lines[i]);
    judge_lead_ins(cleanup);
    if (!titled)
        find_title(cleanup);
    cleanup_part_topics(cleanup);
    rescue(cleanup);
    for (uint32_t i = 0; i < cleanup->article->n_lines; i++)
        cleanup->article->lines[i].evidence = cleanup->lines[i].evidence;
}
