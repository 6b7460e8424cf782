/* What labels, words and markup say of a line. */
#include "processors/cleanup/lines.h"

enum {
    PROMPT_WORDS = 50,   /* no prompt is longer */
    LONG_WORDS = 30,     /* a paragraph that no prompt in it takes along */
    LONG_SENTENCES = 3,
    CAPTION_WORDS_MAX = 40,
    DATED_WORDS = 8, /* a line with a date and hardly more */
    PROSE_REST = 12,     /* words behind a label that make a paragraph of their own */
    BRACKET_TOKENS = 10,
    DATED_REST = 3,
    ADDRESS_MAX = 3,       /* words that address the reader count half, and only so many */
    ADDRESS_PROSE = 1,     /* a paragraph without any is no prompt */
    LABEL_WORDS = 10,    /* what is no prompt is no longer */
    NUMBERS_MAX = 3,
    CUES_MANY = 9, CUES_SOME = 6, CUES_FEW = 3, /* halves: a sure word is 4, a hint 2 */
    CUE_WORDS_MANY = 5, CUE_WORDS = 5,          /* so many words of the line for each whole */
};

/* Is it a word that a label must account for?  "20th" is a number with letters. */
static bool is_counted(const struct article *article, uint32_t token)
{
    char first = article->buffer.data[article->tokens[token].start];

    return article->tokens[token].kind == TOKEN_WORD && (first < '0' || first > '9');
}

/* Whole-line fragments that together are all there is. */
static void see_coverage(const struct cleanup *cleanup, const struct line *line, struct cleanup_line *own)
{
    uint32_t covered = 0, covered_surely = 0, words = 0;
    uint8_t kind = DROP_NONE;
    bool by_agency = false, dated;

    if (own->n_hits == 0)
        return;
    for (uint32_t i = line->first_token; i < line->first_token + line->n_tokens; i++)
        words += is_counted(cleanup->article, i);
    for (uint32_t i = own->first_hit, at = 0; i < own->first_hit + own->n_hits; i++) {
        const struct label_hit *hit = &cleanup->hits.hits[i];
        uint32_t n = 0;
        bool agency = hit->label->place == PLACE_AGENCY;
        if ((hit->label->place != PLACE_WHOLE_LINE && !agency) || hit->first_token < at)
            continue;
        for (uint32_t t = hit->first_token; t < hit->first_token + hit->n_tokens; t++)
            n += is_counted(cleanup->article, t);
        at = hit->first_token + hit->n_tokens;
        covered += n;
        covered_surely += hit->label->sure && !agency ? n : 0;
        by_agency |= agency;
        if (kind == DROP_NONE || (hit->label->sure && !agency && covered_surely == n))
            kind = hit->label->kind;
        own->opens_block |= hit->label->effect == EFFECT_BLOCK && n == words;
    }
    dated = kind == DROP_TIMESTAMP && own->numbers >= 2 && words <= DATED_WORDS && words - covered <= DATED_REST;
    if (covered == 0 || own->links > 1 || (by_agency && covered > 6) || (covered * 5 < words * 4 && !dated)) {
        own->opens_block = false;
        return;
    }
    evidence_add(own, covered_surely * 2 >= covered ? EVIDENCE_COVERED : EVIDENCE_COVERED_HINT);
    own->kind = kind;
}

/* „Jetzt anmelden“, « Abonnez-vous » in a paragraph: the text speaks of a label. */
static bool is_quoted(const struct article *article, const struct label_hit *hit)
{
    uint32_t before = hit->first_token, behind = hit->first_token + hit->n_tokens;

    return (before > 0 && token_is_point(article, before - 1, QUOTES))
           || (behind < article->n_tokens && token_is_point(article, behind, QUOTES));
}

/* "— Und die Newsletter?": a dash, and a sentence. */
static bool is_dialogue(const struct cleanup_line *own)
{
    return own->list_mark && own->sentence_end && own->words >= 3;
}

bool is_long_paragraph(const struct article *article, uint32_t line, const struct cleanup_line *own)
{
    return own->full_stop && own->words >= LONG_WORDS && article->lines[line].n_sentences >= LONG_SENTENCES;
}

/* A label of one or two words before a paragraph may be how its sentence begins; no paragraph is a time or a name. */
static bool is_sure(const struct article *article, const struct cleanup_line *own, const struct label_hit *hit)
{
    const struct label *label = hit->label;

    if (is_dialogue(own))
        return false;
    if (own->prose && (is_quoted(article, hit) || is_long_paragraph(article, hit->line, own)))
        return false;

    if (!label->sure || label->place != PLACE_LINE_START || !own->prose
        || own->last + 1 - (hit->first_token + hit->n_tokens) < PROSE_REST)
        return label->sure;
    if ((label->kind == DROP_CAPTION || label->kind == DROP_CREDIT || label->kind == DROP_SOURCE)
        && article->lines[hit->line].n_sentences >= 2)
        return false; /* "Photo: Name/agency. The article …" */
    return label->kind != DROP_TIMESTAMP && label->kind != DROP_BYLINE && label->kind != DROP_COUNTER
           && (label->divided || hit->n_tokens > 2);
}

static void see_labels(const struct cleanup *cleanup, const struct line *line, struct cleanup_line *own)
{
    uint32_t kinds = 0;
    bool named_surely = false;

    see_coverage(cleanup, line, own);
    for (uint32_t i = own->first_hit; i < own->first_hit + own->n_hits; i++) {
        const struct label_hit *hit = &cleanup->hits.hits[i];
        const struct label *label = hit->label;
        bool sure = is_sure(cleanup->article, own, hit);

        if (label->place == PLACE_WHOLE_LINE || label->place == PLACE_AGENCY || label->effect == EFFECT_SENTENCE
            || label->effect == EFFECT_REST_OF_LINE || label->effect == EFFECT_CREDIT)
            continue; /* counted above, or cut out of the line later */
        kinds |= 1u << label->kind;
        evidence_add(own, sure ? EVIDENCE_LABEL_SURE : EVIDENCE_LABEL_HINT);
        own->opens_block |= label->effect == EFFECT_BLOCK && !own->prose && !own->full_stop;
        own->opens_rest |= label->effect == EFFECT_REST && sure;
        if (own->kind == DROP_NONE || (sure && !named_surely))
            own->kind = label->kind;
        named_surely |= sure;
    }
    if ((kinds & (kinds - 1)) != 0)
        evidence_add(own, EVIDENCE_LABELS_MANY);
}

/* Prompts are sentences; labels, lists and dates are not. */
static bool is_prompt(uint8_t kind)
{
    return kind == DROP_NEWSLETTER || kind == DROP_CONSENT || kind == DROP_PAYWALL || kind == DROP_ADVERT
           || kind == DROP_COMMENT_FORM || kind == DROP_DISCLAIMER || kind == DROP_EMBED || kind == DROP_SHARE;
}

/* News speak of networks, subscriptions, sales; a prompt that ends as a sentence speaks to the reader. */
static bool is_spoken_of(uint8_t kind)
{
    return kind == DROP_NEWSLETTER || kind == DROP_SHARE || kind == DROP_PAYWALL || kind == DROP_ADVERT
           || kind == DROP_COMMENT_FORM || kind == DROP_CONSENT;
}

/* Words of one kind, and how densely they stand. */
static void see_cues(const struct cleanup *cleanup, const struct line *line, struct cleanup_line *own)
{
    struct cue_score score = cues_score(cleanup->cues, cleanup->article, own->first, own->last, line->language.language);
    uint32_t words = own->words + own->numbers + own->tags, weight = score.weight * 2;
    bool prompt = is_prompt(score.kind);

    if ((own->full_stop && score.address == 0 && is_spoken_of(score.kind)) || is_dialogue(own))
        return;
    if (score.kind == DROP_NONE || (!prompt && (own->sentence_end || own->words > LABEL_WORDS))
        || (own->prose && (own->quotes > 0 || score.address < ADDRESS_PROSE))) /* a text that speaks of prompts quotes them */
        return;
    weight += score.address < ADDRESS_MAX ? score.address : ADDRESS_MAX;
    if (own->prose && line->n_sentences >= LONG_SENTENCES && weight < 2 * CUES_MANY)
        return;
    if (score.kind == DROP_TIMESTAMP
        && (own->clock_start || own->words > score.weight + DATED_REST || (own->words > score.weight && own->numbers == 0)))
        return; /* a headline with a date, a ticker's entry */
    if (score.kind == DROP_TIMESTAMP)
        weight += 2 * (own->numbers < NUMBERS_MAX ? own->numbers : NUMBERS_MAX);
    if (weight >= CUES_MANY && words * 2 <= weight * CUE_WORDS_MANY)
        evidence_add(own, EVIDENCE_CUES_MANY);
    else if (weight >= CUES_SOME && words * 2 <= weight * CUE_WORDS)
        evidence_add(own, EVIDENCE_CUES);
    else if (weight >= CUES_FEW && words * 2 <= weight * CUE_WORDS)
        evidence_add(own, EVIDENCE_CUES_FEW);
    if (own->kind == DROP_NONE && (own->evidence & ((uint64_t)1 << EVIDENCE_CUES_MANY | (uint64_t)1 << EVIDENCE_CUES)) != 0)
        own->kind = score.kind;
}

/* "… nach dem Spiel (Foto: Jo Muster)", "… (AP Photo/J. Muster)" */
static void see_credit(const struct cleanup *cleanup, const struct line *line, struct cleanup_line *own)
{
    const struct article *article = cleanup->article;
    uint32_t end = line->first_token + line->n_tokens;
    struct cue_score score;

    if (own->words > CAPTION_WORDS_MAX || own->full_stop || !token_is_point(article, end - 1, ")]"))
        return;
    for (uint32_t i = end - 1; i > line->first_token + 1 && i + BRACKET_TOKENS > end; i--) {
        if (!token_is_point(article, i - 1, "(["))
            continue;
        score = cues_score(cleanup->cues, article, i, end - 2, line->language.language);
        if (score.kind == DROP_CAPTION || score.kind == DROP_CREDIT)
            evidence_add(own, EVIDENCE_CREDITED);
        return;
    }
}

static void see_markup(const struct cleanup *cleanup, const struct line *line, struct cleanup_line *own)
{
    enum drop_kind kind;

    if (line->part != PART_UNKNOWN)
        evidence_add(own, line->part == PART_ARTICLE ? EVIDENCE_IN_ARTICLE : EVIDENCE_AROUND_ARTICLE);
    switch ((enum block)line->block) {
    case BLOCK_NAVIGATION:
        evidence_add(own, EVIDENCE_NAVIGATION_BLOCK);
        break;
    case BLOCK_FORM:
        evidence_add(own, EVIDENCE_FORM_BLOCK);
        break;
    case BLOCK_ASIDE:
        evidence_add(own, EVIDENCE_ASIDE_BLOCK);
        break;
    case BLOCK_CAPTION:
        evidence_add(own, EVIDENCE_CAPTION_BLOCK);
        break;
    case BLOCK_HEADING:
        evidence_add(own, EVIDENCE_HEADING_BLOCK);
        break;
    case BLOCK_PLAIN:
    case BLOCK_PARAGRAPH:
    case BLOCK_LIST_ITEM:
    case BLOCK_QUOTE:
    case BLOCK_TABLE:
    case BLOCK_OTHER:
        break;
    }
    if (line->link_percent >= 80)
        evidence_add(own, EVIDENCE_LINKED);
    kind = line->hint.size == 0 ? DROP_NONE : labels_of_hint(cleanup->labels, line->hint);
    if (kind != DROP_NONE) {
        evidence_add(own, EVIDENCE_CLASS_NAMED);
        if (own->kind == DROP_NONE)
            own->kind = (uint8_t)kind;
    }
}

void cleanup_hear(const struct cleanup *cleanup, const struct line *line, struct cleanup_line *own)
{
    see_labels(cleanup, line, own);
    if (own->first <= own->last && own->words <= PROMPT_WORDS) {
        see_cues(cleanup, line, own);
        see_credit(cleanup, line, own);
    }
    see_markup(cleanup, line, own);
}
