/* What labels, words and markup say of a line. */
#include "processors/cleanup/lines.h"

#include "processors/text/text.h"

enum {
    PROMPT_WORDS = 50,   /* no prompt is longer */
    LONG_WORDS = 30,     /* a paragraph that no prompt in it takes along */
    LONG_SENTENCES = 3,
    CAPTION_WORDS_MAX = 40,
    DATED_WORDS = 8, /* a line with a date and hardly more */
    PROSE_REST = 12,     /* words behind a label that make a paragraph of their own */
    BRACKET_TOKENS = 10,
    DATED_REST = 3,
    QUOTE_WORDS = 11,
    /* hundredths of a nat of the wording model; a paragraph is believed to be noise less easily than a line */
    WORDED_MOST = 350, WORDED_MORE = 200, WORDED_SOME = 80, WORDED_TEXT = -200,
    PROSE_DOUBT = 140, PROSE_DOUBT_LONG = 210, PROSE_DOUBT_SUBJECT = 450, VERSE_DOUBT = 200, QUOTE_DOUBT = 250,
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
           || (behind < article->n_tokens && token_is_point(article, behind, QUOTES)
               && (article->tokens[behind].flags & TOKEN_SPACE_BEFORE) == 0); /* with a blank it opens a quotation */
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
    if ((own->prose || own->full_stop) && is_quoted(article, hit))
        return false;
    if (own->prose && is_long_paragraph(article, hit->line, own))
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

/* What the wording model is told of a line's shape; processors/cleanup/train/wording.py sees the same. */
static struct wording_shape shape_of(const struct line *line, const struct cleanup_line *own)
{
    struct wording_shape shape = {1u << WORDING_ALWAYS, own->words, WORDING_END_NONE};

    if (own->sentence_end)
        shape.end = own->full_stop ? WORDING_END_STOP : WORDING_END_ASKS;
    else if (own->colon_end)
        shape.end = WORDING_END_COLON;
    else if (own->comma_end)
        shape.end = WORDING_END_OPEN;
    if (line->n_sentences > 1)
        shape.marks |= 1u << (line->n_sentences == 2 ? WORDING_SENTENCES_2 : WORDING_SENTENCES_3);
    if (own->numbers > 0)
        shape.marks |= 1u << (own->numbers == 1 ? WORDING_NUMBER : WORDING_NUMBERS);
    shape.marks |= (uint32_t)(own->numbers > 0 && own->numbers * 2 >= own->words) << WORDING_NUMBERS_HALF;
    shape.marks |= (uint32_t)(own->numbers > 0 && own->numbers >= own->words) << WORDING_NUMBERS_MOST;
    shape.marks |= (uint32_t)(own->symbols > 0) << WORDING_SYMBOL;
    shape.marks |= (uint32_t)(own->links > 0) << WORDING_LINK;
    shape.marks |= (uint32_t)(own->tags > 0) << WORDING_TAG;
    shape.marks |= (uint32_t)(own->quotes > 0) << WORDING_QUOTE;
    shape.marks |= (uint32_t)(own->quotes > 0 && own->words > QUOTE_WORDS) << WORDING_QUOTE_LONG;
    shape.marks |= (uint32_t)(own->dividers > 0) << WORDING_DIVIDER;
    shape.marks |= (uint32_t)own->list_mark << WORDING_LIST_MARK;
    shape.marks |= (uint32_t)(own->list_mark && own->sentence_end) << WORDING_LIST_STOP;
    return shape;
}

static void see_wording(const struct cleanup *cleanup, const struct line *line, struct cleanup_line *own)
{
    language_id language = line->language.language;
    struct wording_score score = wording_score(cleanup->wording, cleanup->article, own->first, own->last, language);

    if (score.known > 0)
        own->worded = score.weight + wording_shape(cleanup->wording, shape_of(line, own), language);
    own->worded_kind = score.kind;
}

static bool names_credit(const struct cleanup *cleanup, const struct line *line, uint32_t first, uint32_t last)
{
    struct wording_score score = wording_score(cleanup->wording, cleanup->article, first, last, line->language.language);

    return score.kind == DROP_CAPTION || score.kind == DROP_CREDIT;
}

/* "… nach dem Spiel (Foto: Jo Muster)", "… (AP Photo/J. Muster)", "… in Genf. Photo Jo Muster", "… in Genf. / Jo Muster" */
static void see_credit(const struct cleanup *cleanup, const struct line *line, struct cleanup_line *own)
{
    const struct article *article = cleanup->article;
    uint32_t end = line->first_token + line->n_tokens;
    const char *opening;
    bool bracket;

    if (own->words > CAPTION_WORDS_MAX || own->full_stop || end < line->first_token + 4)
        return;
    bracket = token_is_point(article, end - 1, ")]");
    opening = bracket ? "([" : ".!?…؟۔";
    for (uint32_t i = end - 1; i > line->first_token + 1 && i + BRACKET_TOKENS > end; i--) {
        bool credited;
        if (!token_is_point(article, i - 1, opening))
            continue;
        credited = bracket || !token_is_point(article, i, "/")
                       ? names_credit(cleanup, line, i, bracket ? end - 2 : i)
                       : i + 1 < end && article->tokens[i + 1].shape != SHAPE_LOWER;
        if (credited)
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
        see_wording(cleanup, line, own);
        see_credit(cleanup, line, own);
    }
    see_markup(cleanup, line, own);
}

/* An article about newsletters or advertising has their words in all its paragraphs. */
static bool speaks_of_prompts(const struct cleanup *cleanup)
{
    uint32_t paragraphs = 0, worded = 0;

    for (uint32_t i = 0; i < cleanup->article->n_lines; i++) {
        const struct cleanup_line *own = &cleanup->lines[i];
        if (!own->prose || i == cleanup->title_line)
            continue;
        paragraphs++;
        worded += own->worded > 0;
    }
    return worded >= 2 && worded * 3 > paragraphs;
}

static void weigh_wording(const struct line *line, struct cleanup_line *own, int32_t doubt, int32_t verse)
{
    int32_t weight = own->worded - verse;

    if (own->prose)
        weight -= doubt + (line->n_sentences <= 1 ? 0 : line->n_sentences < LONG_SENTENCES ? PROSE_DOUBT
                                                                                       : PROSE_DOUBT_LONG);
    if ((own->prose || own->full_stop) && own->quotes > 0)
        weight -= QUOTE_DOUBT; /* a text that speaks of prompts quotes them */
    if (weight > 0 && (own->clock_start || is_dialogue(own)))
        return; /* a ticker has its times */
    if (weight >= WORDED_MOST)
        evidence_add(own, EVIDENCE_WORDED_MOST);
    else if (weight >= WORDED_MORE)
        evidence_add(own, EVIDENCE_WORDED_MORE);
    else if (weight >= WORDED_SOME)
        evidence_add(own, EVIDENCE_WORDED);
    else if (own->worded <= WORDED_TEXT && own->sentence_end)
        evidence_add(own, EVIDENCE_WORDED_TEXT);
}

void cleanup_weigh_wording(struct cleanup *cleanup)
{
    int32_t doubt = speaks_of_prompts(cleanup) ? PROSE_DOUBT_SUBJECT : 0;
    int32_t verse = cleanup_is_verse(cleanup) ? VERSE_DOUBT : 0;

    for (uint32_t i = 0; i < cleanup->article->n_lines; i++)
        if (cleanup->lines[i].worded != 0)
            weigh_wording(&cleanup->article->lines[i], &cleanup->lines[i], doubt, verse);
}
