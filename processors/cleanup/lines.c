#include "processors/cleanup/lines.h"

#include "processors/text/text.h"
#include "processors/utf8.h"

enum {
    PROSE_WORDS = 12,      /* ended by sentence punctuation, a line of so many words is a paragraph */
    PROSE_WORDS_OPEN = 22, /* Arabic paragraphs often end without a full stop; headlines are not that long */
    SENTENCE_WORDS = 3,
    CLOCK_POINTS = 5,
    BRACKET_TOKENS = 10,
    NAMES_WORDS = 8,
    INITIALS_MAX = 3,
    CAPITALS_POINTS = 4,
    RATES_MIN = 3,
    COPYRIGHT_WORDS = 30,
    ARROWS_MIN = 2,
    LEADING_TOKENS = 3,
    NAME_LIST_WORDS = 14,
    INITIALS_POINTS = 4,
    DASHES_MIN = 3,
    DASH_WORDS = 12, /* a headline's length */
    NAMES_WORDS_CASELESS = 5,
};

/* ---- tokens ----------------------------------------------------------------------------------------------------- */

bool token_ends_sentence(const struct article *article, uint32_t token)
{
    return article->tokens[token].kind != TOKEN_JOINER && token_is_point(article, token, ".!?…؟۔。！？।։\"”“»«’)]");
}

bool token_is_divider(const struct article *article, uint32_t token)
{
    return token_is_point(article, token, ":：|»›…");
}

bool token_is_break(const struct article *article, uint32_t token)
{
    return article->tokens[token].kind != TOKEN_JOINER && token_is_point(article, token, ".!?…؟۔。！？।։\"”“»«’()[]*|>–—-•►→▶");
}

bool tokens_are_place(const struct article *article, uint32_t first, uint32_t end, const char *marks)
{
    uint32_t small = 0;

    for (uint32_t i = first; i < end; i++) {
        const struct token *token = &article->tokens[i];
        if (token->kind == TOKEN_WORD)
            small += token->shape == SHAPE_LOWER;
        else if (token->kind != TOKEN_NUMBER && token->kind != TOKEN_JOINER && !token_is_point(article, i, marks))
            return false;
    }
    return small <= 2;
}

/* ---- one line --------------------------------------------------------------------------------------------------- */

/* The content of a line: what is left without punctuation and symbols at both ends. */
static void find_content(const struct article *article, const struct line *line, struct cleanup_line *own)
{
    uint32_t first = line->first_token, end = line->first_token + line->n_tokens;

    while (first < end && token_is_mark(article, first))
        first++;
    while (end > first && token_is_mark(article, end - 1))
        end--;
    own->first = first;
    own->last = end - 1;
    if (first == end)
        own->first = 1, own->last = 0; /* nothing */
}

bool line_is_headline(const struct cleanup_line *own)
{
    return own->words >= HEADLINE_WORDS_MIN && own->words <= HEADLINE_WORDS_MAX && !own->full_stop && !own->colon_end
           && !own->list_mark && !own->clock_start;
}

/* "- one headline - another one - a third" */
static bool is_dash_list(const struct cleanup_line *own)
{
    return own->dashes >= DASHES_MIN && !own->sentence_end && own->words <= own->dashes * DASH_WORDS;
}

/* Where a short bracket at the end opens ("… im Mai. (mzu)"): what stands before it tells how the line ends. */
static uint32_t before_bracket(const struct article *article, uint32_t first, uint32_t end)
{
    if (end == first || !token_is_point(article, end - 1, ")]"))
        return end;
    for (uint32_t i = end - 1; i > first + 1 && i + BRACKET_TOKENS > end; i--)
        if (token_is_point(article, i - 1, "(["))
            return token_is_point(article, i - 2, ".!?…؟۔") ? i - 1 : end;
    return end;
}

/* How the text before the token `end` stops. */
static void see_end(const struct article *article, const struct line *line, uint32_t end, struct cleanup_line *own)
{
    own->full_stop = own->sentence_end = own->colon_end = own->comma_end = false;
    end = before_bracket(article, line->first_token, end);
    for (uint32_t i = end; i > line->first_token; i--) {
        if (token_is_point(article, i - 1, "\"'”“»«’)]›‹"))
            continue;
        if (token_is_point(article, i - 1, ".…。۔।։"))
            own->full_stop = own->sentence_end = true;
        else if (token_is_point(article, i - 1, "!?؟！？"))
            own->sentence_end = true;
        else if (token_is_point(article, i - 1, ":："))
            own->colon_end = true;
        else if (token_is_point(article, i - 1, ",;،؛"))
            own->comma_end = true;
        else if (article->tokens[i - 1].kind == TOKEN_WORD) {
            struct view word = token_view(article, &article->tokens[i - 1]);
            own->full_stop = own->sentence_end = word.size > 1 && word.data[word.size - 1] == '.'; /* "… in the U.S." */
        }
        break;
    }
    own->prose = (own->words >= PROSE_WORDS_OPEN && !is_dash_list(own))
                 || (own->words >= PROSE_WORDS && (own->sentence_end || own->colon_end));
    own->sentence = own->words >= SENTENCE_WORDS && own->full_stop;
}

static bool is_clock(const struct article *article, uint32_t token, uint32_t last)
{
    struct view number = token_view(article, &article->tokens[token]);

    if (article->tokens[token].kind != TOKEN_NUMBER)
        return false;
    if (article->tokens[token].points <= CLOCK_POINTS && memchr(number.data, ':', number.size) != NULL)
        return true;
    if (article->tokens[token].points <= CLOCK_POINTS && article->tokens[token].points >= CLOCK_POINTS - 1
        && memchr(number.data, '.', number.size) != NULL && token < last && token_is_point(article, token + 1, "|–—"))
        return true; /* "16.05 | …" */
    return article->tokens[token].points <= 2 && token + 2 <= last && token_is_point(article, token + 1, ":")
           && article->tokens[token + 2].kind == TOKEN_NUMBER;
}

static void see_start(const struct article *article, const struct line *line, struct cleanup_line *own)
{
    if (own->first > own->last)
        return;
    own->list_mark = own->first > line->first_token && token_is_point(article, line->first_token, "-–—•*·►→▶▪▶●■◆›»>")
                     && (!token_is_point(article, line->first_token, "*") || own->first == line->first_token + 1); /* not **bold** */
    own->clock_start = is_clock(article, own->first, own->last);
}

static bool is_unspaced(uint8_t script)
{
    const uint64_t unspaced = (uint64_t)1 << SCRIPT_HANI | (uint64_t)1 << SCRIPT_KANA | (uint64_t)1 << SCRIPT_THAI
                              | (uint64_t)1 << SCRIPT_KHMR | (uint64_t)1 << SCRIPT_LAOO | (uint64_t)1 << SCRIPT_MYMR
                              | (uint64_t)1 << SCRIPT_TIBT;

    return (unspaced >> script & 1) != 0;
}

enum { MARK_MENU = 1, MARK_DASH = 2, MARK_QUOTE = 4, MARK_ARROW = 8, MARK_SLASH = 16 };

/* What a mark may be, as bits: the quotes are those of QUOTES, the arrows those of ARROWS. */
static unsigned marks_of(uint32_t point)
{
    switch (point) {
    case '-': case 0x2013: case 0x2014:
        return MARK_DASH;
    case '/': case '\\':
        return MARK_SLASH;
    case '|': case '>': case 0xb7: case 0x2022: /* · • */
        return MARK_MENU;
    case 0xbb: case 0x203a: /* » › */
        return MARK_MENU | MARK_QUOTE;
    case '"': case 0xab: case 0x201e: case 0x201c: case 0x201d: case 0x2039: /* « „ “ ” ‹ */
        return MARK_QUOTE;
    case 0x25b8: case 0x25ba: /* ▸ ► */
        return MARK_MENU | MARK_ARROW;
    case 0x2192: case 0x25b6: case 0x27a4: case 0x27a1: case 0x27f6: /* → ▶ ➤ ➡ ⟶ */
        return MARK_ARROW;
    default:
        return 0;
    }
}

static void count_mark(const struct token *token, unsigned marks, struct cleanup_line *own)
{
    bool apart = (token->flags & TOKEN_SPACE_BEFORE) != 0, symbol = token->kind == TOKEN_SYMBOL;

    own->symbols += symbol;
    own->arrows += symbol && (marks & MARK_ARROW) != 0;
    own->dividers += (marks & MARK_MENU) != 0 || (!symbol && (marks & MARK_SLASH) != 0 && apart);
    own->dashes += !symbol && (marks & MARK_DASH) != 0 && apart;
    own->quotes += !symbol && (marks & MARK_QUOTE) != 0;
}

/* A link, a tag or a mark; false: it has no words. */
static bool count_other(const struct article *article, const struct token *token, struct cleanup_line *own)
{
    own->links += token->kind == TOKEN_LINK;
    own->tags += token->kind == TOKEN_TAG;
    if (token->kind == TOKEN_PUNCT || token->kind == TOKEN_SYMBOL)
        count_mark(token, marks_of(token_point(article, (uint32_t)(token - article->tokens))), own);
    return token->kind == TOKEN_LINK || token->kind == TOKEN_TAG;
}

static void count_number(const struct article *article, const struct token *token, struct cleanup_line *own)
{
    own->numbers++;
    own->numbers_inside += token - article->tokens >= own->first + LEADING_TOKENS
                           || article->tokens[own->first].kind != TOKEN_NUMBER;
}

/* Words are most of a line: what is counted of them is kept out of memory. */
static void count_tokens(const struct article *article, const struct line *line, struct cleanup_line *own)
{
    const struct token *token = article->tokens + line->first_token, *end = token + line->n_tokens;
    uint32_t words = 0, lower = 0, caseless = 0, capitals = 0, unspaced_points = 0;
    uint64_t hash = 0;

    for (; token < end; token++) {
        if (token->kind == TOKEN_WORD) {
            words++;
            lower += token->shape == SHAPE_LOWER;
            caseless += token->shape == SHAPE_NONE;
            capitals += (token->shape == SHAPE_UPPER) & (token->points >= CAPITALS_POINTS);
            if (is_unspaced(token->script))
                unspaced_points += token->points;
        } else if (token->kind == TOKEN_NUMBER) {
            count_number(article, token, own);
        } else if (!count_other(article, token, own)) {
            continue;
        }
        own->seen[token->hash & 3] |= (uint64_t)1 << (token->hash >> 2 & 63);
        hash = (hash ^ token->hash) * 0x9e3779b97f4a7c15u;
        hash ^= hash >> 29;
    }
    own->words = unspaced_points / 2 > words ? unspaced_points / 2 : words;
    own->cased = words - caseless;
    own->capitalised = own->cased - lower;
    own->capitals = capitals;
    if (own->words + own->numbers + own->links + own->tags > 0)
        own->hash = hash == 0 ? 1 : hash;
}

/* "[ad_1]", "[gallery ids=…]", "[vc_row][vc_column]", "<!-- wp:separator -->" */
static bool is_short_code(const struct article *article, const struct line *line)
{
    struct view text = view_trim(view_slice(article->buffer, line->start, line->size));
    bool code = false, inside = false;

    if (text.size >= 7 && memcmp(text.data, "<!--", 4) == 0 && memcmp(text.data + text.size - 3, "-->", 3) == 0)
        return true;

    if (text.size < 3 || text.data[0] != '[' || text.data[text.size - 1] != ']')
        return false;
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        if (c == '[' || c == ']') {
            if (inside == (c == '['))
                return false;
            inside = c == '[';
        } else if (!inside && c != ' ') {
            return false;
        }
        code |= c == '_' || c == '=' || c == '/';
    }
    return code;
}

/* "(APA, red, 27.6.2025)" */
static bool is_bracket(const struct article *article, const struct line *line, const struct cleanup_line *own)
{
    return own->words > 0 && own->words <= INITIALS_MAX + 1 && token_is_point(article, line->first_token, "([")
           && token_is_point(article, line->first_token + line->n_tokens - 1, ")]");
}

/* "jt/crf/amg", "/rob/DP/mis" */
static bool is_slashed_initials(const struct article *article, const struct line *line, const struct cleanup_line *own)
{
    uint32_t slashes = 0;

    if (own->words < 2 || own->words > INITIALS_MAX + 1 || own->numbers > 0)
        return false;
    for (uint32_t i = line->first_token; i < line->first_token + line->n_tokens; i++) {
        if (article->tokens[i].kind == TOKEN_WORD && article->tokens[i].points > INITIALS_POINTS)
            return false;
        if (article->tokens[i].kind == TOKEN_WORD && i > line->first_token
            && (article->tokens[i].flags & TOKEN_SPACE_BEFORE) != 0)
            return false;
        slashes += token_is_point(article, i, "/");
    }
    return slashes + 1 >= own->words;
}

/* "— Name (@handle) June 7, 2024" */
static bool is_tweet_signature(const struct article *article, const struct line *line, const struct cleanup_line *own)
{
    if (own->tags == 0 || own->prose || !token_is_point(article, line->first_token, "—–-―"))
        return false;
    for (uint32_t i = own->first; i + 1 < line->first_token + line->n_tokens; i++)
        if (token_is_point(article, i, "(") && article->tokens[i + 1].kind == TOKEN_TAG)
            return true;
    return false;
}

static void see_prose(struct cleanup_line *own)
{
    own->evidence &= ~(EVIDENCE_BIT(PROSE) | EVIDENCE_BIT(SENTENCE));
    if (own->prose)
        evidence_add(own, EVIDENCE_PROSE);
    else if (own->sentence)
        evidence_add(own, EVIDENCE_SENTENCE);
}

void cleanup_line_ends(const struct cleanup *cleanup, uint32_t line, uint32_t end)
{
    see_end(cleanup->article, &cleanup->article->lines[line], end, &cleanup->lines[line]);
    see_prose(&cleanup->lines[line]);
}

/* "Von Karla Muster und Jo Beispiel" */
static bool is_names(const struct cleanup_line *own)
{
    if (own->words == 0 || own->words > NAMES_WORDS || own->sentence_end || own->colon_end || own->numbers > 1)
        return false;
    if (own->cased == 0)
        return own->words <= NAMES_WORDS_CASELESS;
    return own->capitalised + 2 >= own->cased && own->capitalised * 3 >= own->cased * 2;
}

/* "© 2024 …", "(c) …" */
static bool is_copyright(const struct article *article, const struct line *line)
{
    struct view text = view_slice(article->buffer, line->start, line->size);

    return token_is_point(article, line->first_token, "©")
           || (text.size > 3 && text.data[0] == '(' && (text.data[1] | 0x20) == 'c' && text.data[2] == ')');
}

static void see_shape(const struct article *article, const struct line *line, struct cleanup_line *own)
{
    uint32_t names = own->links + own->tags;

    if (line->n_tokens > 0 && own->words + own->numbers + names == 0)
        evidence_add(own, EVIDENCE_MARKS_ONLY);
    if (own->words == 0 && own->numbers > 0 && names == 0)
        evidence_add(own, EVIDENCE_NUMBERS_ONLY);
    if (own->numbers >= RATES_MIN && own->words > 0 && own->words <= own->numbers + 2 && !own->sentence_end)
        evidence_add(own, EVIDENCE_RATES);
    if (own->cased >= NAME_LIST_WORDS && own->capitalised == own->words && !own->sentence_end
        && own->words + 2 >= line->n_tokens)
        evidence_add(own, EVIDENCE_NAME_LIST);
    if (names > 0 && own->words <= 2 && own->words < names * 2)
        evidence_add(own, own->tags > own->links ? EVIDENCE_TAGS_ONLY : EVIDENCE_LINKS_ONLY);
    if (own->dividers >= 2 && !own->sentence_end && own->words <= own->dividers * 4 + 4)
        evidence_add(own, EVIDENCE_MENU);
    if (!own->full_stop && line->n_tokens > 0 && token_is_point(article, line->first_token, ARROWS "»"))
        evidence_add(own, EVIDENCE_ARROW);
    if (own->arrows >= ARROWS_MIN && !own->sentence_end && token_is_point(article, line->first_token, ARROWS))
        evidence_add(own, EVIDENCE_ARROWS);
    if (is_dash_list(own))
        evidence_add(own, EVIDENCE_DASH_LIST);
    if (is_names(own))
        evidence_add(own, EVIDENCE_NAMES_ONLY);
    if (line->n_tokens > 0 && own->words <= COPYRIGHT_WORDS && is_copyright(article, line))
        evidence_add(own, EVIDENCE_COPYRIGHT);
    if (is_short_code(article, line))
        evidence_add(own, EVIDENCE_SHORT_CODE);
    if (line->n_tokens > 0 && is_tweet_signature(article, line, own)) {
        evidence_add(own, EVIDENCE_TWEET_SIGNED);
        own->kind = DROP_TWEET;
    }
    if (is_bracket(article, line, own) || is_slashed_initials(article, line, own))
        evidence_add(own, EVIDENCE_INITIALS);
    see_prose(own);
}

void cleanup_measure(struct cleanup *cleanup)
{
    struct article *article = cleanup->article;

    for (uint32_t i = 0; i < article->n_lines; i++) {
        const struct line *line = &article->lines[i];
        struct cleanup_line *own = &cleanup->lines[i];

        find_content(article, line, own);
        count_tokens(article, line, own);
        see_end(article, line, line->first_token + line->n_tokens, own);
        see_start(article, line, own);
        own->first_hit = (uint32_t)cleanup->hits.n;
        if (own->first <= own->last)
            labels_find(cleanup->labels, article, i, own->first, own->last, &cleanup->hits);
        own->n_hits = (uint32_t)cleanup->hits.n - own->first_hit;
        cleanup_hear(cleanup, line, own);
        see_shape(article, line, own);
    }
    cleanup_weigh_wording(cleanup);
}
