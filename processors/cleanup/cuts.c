/* What goes, or moves to a field, inside lines that stay: glued teasers and adverts, credits, datelines, agencies. */
#include "processors/cleanup/lines.h"

#include "processors/text/text.h"
#include "processors/utf8.h"

#include <unicode/uchar.h>

enum {
    TEASER_WORDS = 30,   /* a teaser is a headline; a longer stretch is the text going on */
    NAME_TOKENS = 5,
    CREDIT_TOKENS = 10, /* of a name, an agency, a paper */
    LEAD_WORDS = 9,     /* behind a credit, so many are the article's own */
    GLUED_LETTERS = 3,
    CAPTION_WORDS = 45,
    CAPTION_SENTENCES = 3, /* the credit counts as one */
    DATELINE_TOKENS = 12,
    AGENCY_TOKENS = 10,
    SIGNED_TOKENS = 8, INITIALS_TOKENS = 8,
    CASED_INITIALS = 4, CASELESS_INITIALS = 2, /* letters */
};

/* Cuts come in the order of their lines; one that reaches back takes the place of those it covers. */
static void cut_add(struct cleanup_cuts *cuts, struct arena *arena, struct cleanup_cut cut)
{
    if (cut.end <= cut.first_token)
        return;
    while (cuts->n > 0 && cuts->cuts[cuts->n - 1].first_token >= cut.first_token)
        cuts->n--;
    if (cuts->n > 0 && cuts->cuts[cuts->n - 1].end > cut.first_token)
        cuts->cuts[cuts->n - 1].end = cut.first_token;
    if (cuts->n == cuts->room) {
        size_t room = cuts->room == 0 ? 16 : cuts->room * 2;
        cuts->cuts = arena_grow(arena, cuts->cuts, cuts->room * sizeof cut, room * sizeof cut);
        cuts->room = room;
    }
    cuts->cuts[cuts->n++] = cut;
}

static void cut_noise(struct cleanup *cleanup, uint32_t first, uint32_t end, uint8_t kind)
{
    cut_add(&cleanup->noise_cuts, cleanup->article->arena, (struct cleanup_cut){first, end, FATE_DROPPED, kind, 0});
}

static void cut_field(struct cleanup *cleanup, uint32_t first, uint32_t end, enum fate fate, enum drop_kind kind)
{
    cut_add(&cleanup->field_cuts, cleanup->article->arena,
            (struct cleanup_cut){first, end, (uint8_t)fate, (uint8_t)kind, 0});
}

static uint32_t line_end(const struct article *article, uint32_t line)
{
    return article->lines[line].first_token + article->lines[line].n_tokens;
}

/* The place of the first hit with this effect in the line; NULL: none. */
static const struct label_hit *hit_of(const struct cleanup *cleanup, const struct cleanup_line *own,
                                      enum label_effect effect)
{
    for (uint32_t i = own->first_hit; i < own->first_hit + own->n_hits; i++) {
        const struct label *label = cleanup->hits.hits[i].label;
        if (label->effect == effect && label->place != PLACE_WHOLE_LINE && label->place != PLACE_AGENCY)
            return &cleanup->hits.hits[i];
    }
    return NULL;
}

/* ---- teasers ---------------------------------------------------------------------------------------------------- */

/* "funktioniertIm": a sentence begins in the middle of a word, as the space between two was lost.  How many bytes of
 * the token are its own; 0: none.  Names such as YouTube are written so, and stand in the table of labels for sharing. */
static uint16_t glued_tail(const struct cleanup *cleanup, uint32_t line, uint32_t token)
{
    const struct cleanup_line *own = &cleanup->lines[line];
    struct view word = token_view(cleanup->article, &cleanup->article->tokens[token]);
    unsigned size, lower = 0;

    if (cleanup->article->tokens[token].kind != TOKEN_WORD || cleanup->article->tokens[token].shape != SHAPE_MIXED)
        return 0;
    for (uint32_t i = own->first_hit; i < own->first_hit + own->n_hits; i++)
        if (cleanup->hits.hits[i].first_token == token)
            return 0;
    for (size_t i = 0; i < word.size; i += size) {
        UChar32 point = (UChar32)utf8_read(word.data + i, &size);
        if (u_isupper(point) && lower >= GLUED_LETTERS)
            return (uint16_t)(word.size - i);
        lower = u_islower(point) ? lower + 1 : 0;
    }
    return 0;
}

/* Where the sentence that begins at `token` ends (behind its mark); 0: it is too long for a teaser. */
static uint32_t teaser_end(const struct cleanup *cleanup, uint32_t line, uint32_t token, uint16_t *ret_tail)
{
    const struct article *article = cleanup->article;
    uint32_t words = 0, end = line_end(article, line);

    for (uint32_t i = token; i < end; i++) {
        *ret_tail = i + 1 < end ? glued_tail(cleanup, line, i) : 0;
        if (*ret_tail > 0)
            return i + 1;
        words += article->tokens[i].kind == TOKEN_WORD;
        if (words > TEASER_WORDS)
            return 0;
        if (!token_is_point(article, i, ".!?…؟۔。！？।։"))
            continue;
        if (i + 1 < end && article->tokens[i + 1].kind == TOKEN_WORD && article->tokens[i + 1].shape == SHAPE_LOWER)
            continue;
        while (i + 1 < end && token_is_point(article, i + 1, ".!?\"”“»’)]"))
            i++;
        return i + 1;
    }
    return end;
}

static uint32_t closing_bracket(const struct article *article, uint32_t token, uint32_t end)
{
    for (uint32_t i = token; i < end; i++)
        if (token_is_point(article, i, ")]"))
            return i + 1;
    return end;
}

static void cut_teasers(struct cleanup *cleanup, uint32_t line)
{
    const struct cleanup_line *own = &cleanup->lines[line];
    const struct article *article = cleanup->article;
    uint32_t end = line_end(article, line), at = 0;

    for (uint32_t i = own->first_hit; i < own->first_hit + own->n_hits; i++) {
        const struct label_hit *hit = &cleanup->hits.hits[i];
        uint32_t first = hit->first_token, stop;
        uint16_t tail;
        if (hit->label->effect != EFFECT_SENTENCE || first < at
            || (first > article->lines[line].first_token && token_is_point(article, first - 1, "«„‹")))
            continue; /* a label in quotes is spoken of */
        tail = 0;
        stop = teaser_end(cleanup, line, first + hit->n_tokens, &tail);
        if (first > article->lines[line].first_token && token_is_point(article, first - 1, "([")) {
            first--;
            stop = closing_bracket(article, first, stop == 0 ? end : stop);
            tail = 0;
        }
        if (stop == 0)
            stop = hit->first_token + hit->n_tokens + 1; /* the label and its divider */
        cut_add(&cleanup->noise_cuts, article->arena,
                (struct cleanup_cut){first, stop, FATE_DROPPED, hit->label->kind, tail});
        at = stop;
    }
}

/* ---- credits and adverts at the end ----------------------------------------------------------------------------- */

static bool is_caption_sized(const struct cleanup *cleanup, uint32_t line)
{
    return cleanup->lines[line].words <= CAPTION_WORDS
           && cleanup->article->lines[line].n_sentences <= CAPTION_SENTENCES;
}

/* The last agency named in the line, if the line ends with it, or with a name behind it. */
static const struct label_hit *last_agency(const struct cleanup *cleanup, const struct cleanup_line *own)
{
    const struct label_hit *hit;

    for (uint32_t i = own->first_hit + own->n_hits; i > own->first_hit; i--) {
        hit = &cleanup->hits.hits[i - 1];
        if (hit->label->place == PLACE_AGENCY)
            return hit->first_token + hit->n_tokens + NAME_TOKENS > own->last ? hit : NULL;
    }
    return NULL;
}

/* "… Name/dpa" */
static bool is_signed_by_agency(const struct cleanup *cleanup, uint32_t line)
{
    const struct article *article = cleanup->article;
    const struct label_hit *agency = last_agency(cleanup, &cleanup->lines[line]);
    uint32_t at;

    if (agency == NULL || !is_caption_sized(cleanup, line) || cleanup->lines[line].last + 1 != line_end(article, line))
        return false;
    if (agency->first_token + agency->n_tokens != cleanup->lines[line].last + 1
        && !token_is_point(article, agency->first_token + agency->n_tokens, "/"))
        return false;
    at = agency->first_token;
    if (at + agency->n_tokens <= cleanup->lines[line].last && token_is_point(article, at + agency->n_tokens, "/"))
        return true; /* "EFE/ Name" */
    return at >= article->lines[line].first_token + 2 && token_is_point(article, at - 1, "/")
           && article->tokens[at - 2].kind == TOKEN_WORD;
}

/* A full stop, or one that a word has taken in ("AP."); not an initial's. */
static bool ends_name(const struct article *article, uint32_t token)
{
    struct view text = token_view(article, &article->tokens[token]);

    if (article->tokens[token].kind == TOKEN_WORD)
        return article->tokens[token].points > 2 && text.data[text.size - 1] == '.';
    return token_is_point(article, token, ".");
}

/* "Caption. Photo: Name/agencyThe first sentence …": where the article begins in a line that a caption was glued before;
 * 0: it cannot be told. */
static uint32_t lead_behind(const struct cleanup *cleanup, uint32_t line, uint32_t token, uint16_t *ret_tail)
{
    const struct article *article = cleanup->article;
    uint32_t end = line_end(article, line);

    for (uint32_t i = token; i + 1 < end && i < token + CREDIT_TOKENS; i++) {
        const struct token *next = &article->tokens[i + 1];
        *ret_tail = glued_tail(cleanup, line, i);
        if (*ret_tail > 0)
            return i + 1;
        if (i > token && ends_name(article, i) && next->kind == TOKEN_WORD && next->shape != SHAPE_LOWER)
            return i + 1;
        if (token_is_point(article, i, "»”\")]") && next->kind == TOKEN_WORD && (next->flags & TOKEN_SPACE_BEFORE) == 0)
            return i + 1;
    }
    return 0;
}

static uint32_t words_behind(const struct article *article, uint32_t token, uint32_t end)
{
    uint32_t words = 0;

    for (; token < end; token++)
        words += article->tokens[token].kind == TOKEN_WORD;
    return words;
}

/* "… Foto: Name/dpa", "… © Name/dpa", "… Name/dpa": a caption, or a credit behind a paragraph. */
static void cut_credit(struct cleanup *cleanup, uint32_t line)
{
    struct cleanup_line *own = &cleanup->lines[line];
    const struct article *article = cleanup->article;
    const struct label_hit *credit = hit_of(cleanup, own, EFFECT_CREDIT);
    const struct label_hit *rest = hit_of(cleanup, own, EFFECT_REST_OF_LINE);
    uint32_t first_token = article->lines[line].first_token, first = NO_LINE, lead;
    uint16_t tail = 0;

    if (is_signed_by_agency(cleanup, line)) {
        evidence_add(own, EVIDENCE_AGENCY_SIGNED);
        return;
    }
    if (credit != NULL)
        first = credit->first_token;
    for (uint32_t i = own->last; first == NO_LINE && own->symbols > 0 && i > own->first && i + 8 > own->last; i--)
        if (token_is_point(article, i, "©"))
            first = i;
    if (credit != NULL && own->sentence_end
        && words_behind(article, first + credit->n_tokens, line_end(article, line)) >= LEAD_WORDS) {
        lead = lead_behind(cleanup, line, first + credit->n_tokens, &tail);
        if (lead > 0)
            cut_add(&cleanup->noise_cuts, article->arena,
                    (struct cleanup_cut){first_token, lead, FATE_DROPPED, DROP_CAPTION, tail});
        return;
    }
    if (first != NO_LINE && is_caption_sized(cleanup, line)) {
        evidence_add(own, EVIDENCE_LABEL_SURE);
        own->kind = own->kind == DROP_NONE ? DROP_CAPTION : own->kind;
    } else if (first != NO_LINE) {
        if (first > first_token && token_is_point(article, first - 1, "(["))
            first--;
        cut_noise(cleanup, first, line_end(article, line), DROP_CREDIT);
    } else if (rest != NULL) {
        first = rest->first_token;
        if (first > first_token && token_is_point(article, first - 1, "(["))
            first--;
        cut_noise(cleanup, first, line_end(article, line), rest->label->kind);
    }
}

/* ---- datelines -------------------------------------------------------------------------------------------------- */

/* "Berlin (dpa) –", "WASHINGTON, March 3 (Reuters) -", "МОСКВА, 15 апреля. /ТАСС/.": the place is the dateline,
 * the rest the agency. */
static bool cut_dateline(struct cleanup *cleanup, uint32_t line)
{
    const struct cleanup_line *own = &cleanup->lines[line];
    const struct article *article = cleanup->article;
    uint32_t first = article->lines[line].first_token, end = line_end(article, line);

    for (uint32_t i = own->first_hit; i < own->first_hit + own->n_hits; i++) {
        const struct label_hit *hit = &cleanup->hits.hits[i];
        uint32_t open, close = hit->first_token + hit->n_tokens, stop;
        bool dash = false;
        const char *closing;

        if (hit->label->place != PLACE_AGENCY || hit->first_token == first)
            continue;
        if (hit->first_token > first + DATELINE_TOKENS)
            return false;
        open = hit->first_token - 1;
        closing = token_is_point(article, open, "/") ? "/" : ")]";
        if (!token_is_point(article, open, "/(["))
            continue;
        while (close < end && close < hit->first_token + AGENCY_TOKENS && !token_is_point(article, close, closing))
            close++;
        if (close == end || !token_is_point(article, close, closing) || !tokens_are_place(article, first, open, ",،.·/-–—"))
            return false;
        stop = close + 1;
        while (stop < end && stop < close + 4 && token_is_point(article, stop, ".-–—:−·|")) {
            dash = true;
            stop++;
        }
        if (!dash || stop == end)
            return false;
        cut_field(cleanup, first, open, FATE_DATELINE, DROP_NONE);
        cut_field(cleanup, open, stop, FATE_AGENCY, DROP_NONE);
        return true;
    }
    return false;
}

/* "(mzu/dpa)" as the last words of a line. */
static void cut_signature(struct cleanup *cleanup, uint32_t line, bool *has_agency)
{
    const struct cleanup_line *own = &cleanup->lines[line];
    const struct article *article = cleanup->article;
    const struct label_hit *hit = last_agency(cleanup, own);
    uint32_t first = article->lines[line].first_token, end = line_end(article, line), open;

    if (hit == NULL || own->last + 1 >= end || !token_is_point(article, own->last + 1, ")]"))
        return;
    for (open = hit->first_token; open > first && hit->first_token - open < AGENCY_TOKENS; open--)
        if (token_is_point(article, open - 1, "(["))
            break;
    if (open < first + 2 || !token_is_point(article, open - 1, "([") || !token_ends_sentence(article, open - 2))
        return; /* inside a sentence, it may be part of it */
    cut_field(cleanup, open - 1, end, *has_agency ? FATE_DROPPED : FATE_AGENCY, *has_agency ? DROP_CREDIT : DROP_NONE);
    *has_agency = true;
}

/* "… im Mai. (mzu)", "… (ab/cd)", "… /АК/": who wrote it, as the last words of a line. */
static void cut_initials(struct cleanup *cleanup, uint32_t line)
{
    const struct article *article = cleanup->article;
    uint32_t first = article->lines[line].first_token, end = line_end(article, line), open = end - 1, words = 0;
    const char *opening;

    if (end < first + SIGNED_TOKENS || !token_is_point(article, end - 1, ")]/"))
        return;
    opening = token_is_point(article, end - 1, "/") ? "/" : "([";
    while (open > first + 2 && open + INITIALS_TOKENS > end && !token_is_point(article, open - 1, opening)) {
        const struct token *token = &article->tokens[--open];
        words += token->kind == TOKEN_WORD;
        if (token->kind == TOKEN_WORD ? token->points > (token->shape == SHAPE_NONE ? CASELESS_INITIALS : CASED_INITIALS)
                                      : token->kind != TOKEN_JOINER && !token_is_point(article, open, "./\"״"))
            return;
    }
    if (words > 0 && token_is_point(article, open - 1, opening) && token_is_point(article, open - 2, ".!?…؟۔\"”“»"))
        cut_field(cleanup, open - 1, end, FATE_DROPPED, DROP_CREDIT);
}

/* ---- all of it -------------------------------------------------------------------------------------------------- */

/* Words, hyphens, commas and full stops make names; a number or a divider begins the date or the place behind them. */
static bool is_of_name(const struct article *article, uint32_t token)
{
    return article->tokens[token].kind == TOKEN_WORD || article->tokens[token].kind == TOKEN_JOINER
           || token_is_point(article, token, ",،.&'’");
}

/* A byline's names go to the field `author`, if the message has none. */
static bool cut_author(struct cleanup *cleanup, uint32_t line)
{
    const struct cleanup_line *own = &cleanup->lines[line];
    const struct article *article = cleanup->article;

    for (uint32_t i = own->first_hit; i < own->first_hit + own->n_hits; i++) {
        const struct label_hit *hit = &cleanup->hits.hits[i];
        uint32_t first = hit->first_token + hit->n_tokens, end;
        if (hit->label->kind != DROP_BYLINE || hit->label->place != PLACE_LINE_START
            || !evidence_has(own, EVIDENCE_NAMES_ONLY))
            continue;
        while (first <= own->last && token_is_point(article, first, ":："))
            first++;
        if (first > own->last || article->tokens[first].shape == SHAPE_LOWER)
            return false; /* "our correspondent" */
        end = first;
        while (end <= own->last && is_of_name(article, end))
            end++;
        if (end == first)
            return false;
        cut_field(cleanup, article->lines[line].first_token, first, FATE_DROPPED, DROP_BYLINE);
        cut_field(cleanup, first, end, FATE_AUTHOR, DROP_NONE);
        cut_field(cleanup, end, line_end(article, line), FATE_DROPPED, DROP_BYLINE);
        return true;
    }
    return false;
}

/* Would words be left if the noise found so far went? */
static bool leaves_words(const struct cleanup *cleanup, uint32_t line, size_t first_cut)
{
    const struct token *tokens = cleanup->article->tokens;
    uint32_t at = cleanup->article->lines[line].first_token, end = line_end(cleanup->article, line);

    for (size_t i = first_cut; i <= cleanup->noise_cuts.n; i++) {
        const struct cleanup_cut *cut = i < cleanup->noise_cuts.n ? &cleanup->noise_cuts.cuts[i] : NULL;
        for (uint32_t stop = cut == NULL ? end : cut->first_token; at < stop; at++)
            if (tokens[at].kind != TOKEN_PUNCT && tokens[at].kind != TOKEN_SYMBOL)
                return true;
        at = cut == NULL ? end : cut->end;
    }
    return false;
}

/* "… Abonnieren Sie unseren Kanal. …": a prompt that is a sentence of a long paragraph. */
static void cut_prompts(struct cleanup *cleanup, uint32_t line)
{
    const struct article *article = cleanup->article;
    const struct cleanup_line *own = &cleanup->lines[line];
    uint32_t at = 0;

    if (!is_long_paragraph(article, line, own))
        return;
    for (uint32_t i = own->first_hit; i < own->first_hit + own->n_hits; i++) {
        const struct label_hit *hit = &cleanup->hits.hits[i];
        const struct sentence *sentence = &article->sentences[article->tokens[hit->first_token].sentence];
        if (!hit->label->sure || hit->label->effect != EFFECT_LINE || hit->label->place != PLACE_ANYWHERE
            || sentence->first_token < at
            || (hit->first_token > article->lines[line].first_token && token_is_point(article, hit->first_token - 1, QUOTES)))
            continue;
        at = sentence->first_token + sentence->n_tokens;
        cut_noise(cleanup, sentence->first_token, at, hit->label->kind);
    }
}

/* "… sagte er. → Headline → headline": links behind a paragraph. */
static void cut_arrows(struct cleanup *cleanup, uint32_t line)
{
    const struct article *article = cleanup->article;
    uint32_t first = article->lines[line].first_token;

    if (cleanup->lines[line].arrows == 0)
        return;
    for (uint32_t i = first + 1; i < line_end(article, line); i++)
        if (token_is_point(article, i, ARROWS) && token_is_point(article, i - 1, ".!?…؟۔\"”»")) {
            cut_noise(cleanup, i, line_end(article, line), DROP_RELATED_LIST);
            return;
        }
}

void cleanup_cut_noise(struct cleanup *cleanup)
{
    for (uint32_t line = 0; line < cleanup->article->n_lines; line++) {
        struct cleanup_line *own = &cleanup->lines[line];
        size_t first_cut = cleanup->noise_cuts.n;
        const struct cleanup_cut *last;

        if (own->n_hits == 0 && own->symbols == 0)
            continue;
        if (line == cleanup->title_line)
            continue;
        cut_teasers(cleanup, line);
        cut_credit(cleanup, line);
        if (cleanup->noise_cuts.n == first_cut)
            cut_prompts(cleanup, line);
        if (cleanup->noise_cuts.n == first_cut)
            cut_arrows(cleanup, line);
        if (cleanup->noise_cuts.n == first_cut)
            continue;
        last = &cleanup->noise_cuts.cuts[cleanup->noise_cuts.n - 1];
        if (last->end == line_end(cleanup->article, line))
            cleanup_line_ends(cleanup, line, last->first_token);
        if (leaves_words(cleanup, line, first_cut))
            continue;
        evidence_add(own, EVIDENCE_LABEL_SURE);
        if (own->kind == DROP_NONE)
            own->kind = cleanup->noise_cuts.cuts[first_cut].kind;
    }
}

void cleanup_cut_fields(struct cleanup *cleanup)
{
    struct article *article = cleanup->article;
    bool has_agency = false, has_author = article->given.author.size > 0, had_text = false, parted = false;

    for (uint32_t line = 0; line < article->n_lines; line++) {
        struct cleanup_line *own = &cleanup->lines[line];

        if (own->first > own->last || line == cleanup->title_line)
            continue;
        if (own->dropped) {
            parted |= evidence_has(own, EVIDENCE_OTHER_TOPIC); /* what follows has another author */
            if (own->drop == DROP_BYLINE && !has_author && !parted)
                own->authored = has_author = cut_author(cleanup, line);
            continue;
        }
        if (!had_text)
            has_agency |= cut_dateline(cleanup, line);
        cut_signature(cleanup, line, &has_agency);
        if (own->prose || own->sentence)
            cut_initials(cleanup, line);
        had_text |= own->prose || own->sentence;
    }
}
