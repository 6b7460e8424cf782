#include "processors/text/text.h"

#include "processors/text/scan.h"

#include <stdlib.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

enum {
    BYTES_PER_TOKEN = 4,     /* rooms for tokens are made for this many bytes each; most texts need fewer tokens */
    BYTES_PER_SENTENCE = 48,
    GLUED_LETTERS_MIN = 2,   /* "a.b" is no sentence end */
    MEASURE_TOKENS = 5,      /* before the unit: "С 1 января 2024 г. Минфин" begins a sentence, and hardly is one */
};

/* What the last token says about the end of its sentence. */
enum pending {
    PENDING_NONE,
    PENDING_SOFT,  /* an abbreviation that may stand last */
    PENDING_STARTER, /* initials that may stand last before few words */
    PENDING_ELLIPSIS,
    PENDING_DOT,   /* a full stop */
    PENDING_MARK,  /* ! ? ؟ */
    PENDING_HARD,  /* 。 । and the like, which have no other use */
};

struct pass {
    struct scan scan;
    struct article *article;
    struct token *tokens;
    size_t n_tokens, tokens_room;
    struct sentence *sentences;
    size_t n_sentences, sentences_room;
    uint32_t line;
    uint32_t first_of_line;   /* token index */
    uint32_t first_of_sentence;
    bool has_word;            /* in the sentence under way: a lone "1." or "…" ends none */
    enum pending pending;
    bool pending_quoted;      /* a quote closed behind it */
    uint32_t pending_word;    /* the token before the one that pends */
};

static void sentence_close(struct pass *pass)
{
    const struct token *first, *last;

    pass->pending = PENDING_NONE;
    pass->has_word = false;
    if (pass->n_tokens == pass->first_of_sentence)
        return;
    if (pass->n_sentences == pass->sentences_room) {
        size_t room = pass->sentences_room * 2;
        pass->sentences = arena_grow(pass->scan.arena, pass->sentences, pass->sentences_room * sizeof *pass->sentences,
                                     room * sizeof *pass->sentences);
        pass->sentences_room = room;
    }
    first = &pass->tokens[pass->first_of_sentence];
    last = &pass->tokens[pass->n_tokens - 1];
    pass->sentences[pass->n_sentences++] = (struct sentence){
        .first_token = pass->first_of_sentence,
        .n_tokens = (uint32_t)pass->n_tokens - pass->first_of_sentence,
        .start = first->start,
        .size = last->start + last->size - first->start,
        .line = pass->line,
    };
    pass->first_of_sentence = (uint32_t)pass->n_tokens;
}

/* Are there two letters or more at byte i?  Letters are not code points: an é may be two of these. */
static bool has_two_letters(const struct scan *scan, size_t i)
{
    unsigned n = 0, size;

    for (; i < scan->end && n < GLUED_LETTERS_MIN; i += size) {
        uint32_t point;
        const struct point *info = scan_look(scan, i, &point, &size);
        if (info->class > POINT_MARK)
            break;
        n += info->class == POINT_LETTER;
    }
    return n == GLUED_LETTERS_MIN;
}

/* A capital directly behind a full stop: "verhindern.Am Montag"; without case: two words of two letters and more. */
static bool is_glued_end(const struct pass *pass, unsigned next_case)
{
    const struct token *before = &pass->tokens[pass->pending_word];

    if (before->kind != TOKEN_WORD || !has_two_letters(&pass->scan, before->start))
        return false;
    if (next_case == POINT_UPPER)
        return before->shape == SHAPE_LOWER || before->shape == SHAPE_CAPITALISED;
    return before->shape == SHAPE_NONE && has_two_letters(&pass->scan, pass->scan.i);
}

/* Scripts without case do not tell whether a sentence goes on, so something else must: an ellipsis is a pause there, and
 * behind a sentence that is a quotation with ! or ? at its end mostly stands who said it. */
static bool goes_on_without_case(const struct pass *pass, const struct point *info)
{
    const struct token *first = &pass->tokens[pass->first_of_sentence];
    uint32_t point;
    unsigned size;

    if (info->class != POINT_LETTER)
        return false;
    if (pass->pending == PENDING_ELLIPSIS)
        return true;
    return pass->pending == PENDING_MARK && pass->pending_quoted && first->kind == TOKEN_PUNCT
           && (scan_look(&pass->scan, first->start, &point, &size)->flags & POINT_QUOTE) != 0;
}

/* Does a new sentence begin at the cursor?  Asked when a sentence end pends. */
static bool begins_sentence(const struct pass *pass, const struct point *info, bool space)
{
    unsigned next_case;

    if (pass->pending == PENDING_HARD)
        return true;
    next_case = scan_case_ahead(&pass->scan, pass->scan.i);
    if (next_case == POINT_LOWER || (next_case == 0 && goes_on_without_case(pass, info)))
        return false;
    if (space && pass->pending == PENDING_SOFT)
        return next_case == POINT_UPPER && !scan_is_upper_at(&pass->scan, pass->scan.i);
    if (space && pass->pending == PENDING_STARTER)
        return (scan_kinds_at(&pass->scan, pass->scan.i) & SENTENCE_STARTER) != 0;
    if (space)
        return true;
    if (info->class != POINT_LETTER)
        return false;
    return pass->pending == PENDING_MARK || (pass->pending >= PENDING_ELLIPSIS && is_glued_end(pass, next_case));
}

/* A quote with blanks on both sides, as French closes them: "C'est fini. »". */
static bool is_spaced_quote(const struct pass *pass, uint32_t point, unsigned size)
{
    uint32_t next;
    unsigned next_size;
    size_t i = pass->scan.i + size;

    if (point != 0xbb && point != 0x203a)
        return false;
    return i >= pass->scan.end || scan_look(&pass->scan, i, &next, &next_size)->class >= POINT_SPACE;
}

/* Quotes, brackets and further stops directly behind a stop belong to its sentence, unless a word follows at once. */
static bool belongs_to_stop(const struct pass *pass, const struct point *info, uint32_t point, unsigned size, bool space)
{
    if (space && is_spaced_quote(pass, point, size))
        return true;
    if (space || info->class != POINT_PUNCT || (info->flags & (POINT_STOP | POINT_QUOTE)) == 0)
        return false;
    return (info->flags & POINT_STOP) != 0 || !scan_is_word_at(&pass->scan, pass->scan.i + size);
}

static struct token *token_next(struct pass *pass)
{
    if (pass->n_tokens == pass->tokens_room) {
        /* Once, and never again: no token is shorter than a byte. */
        size_t room = pass->article->buffer.size + 1;
        pass->tokens = arena_grow(pass->scan.arena, pass->tokens, pass->tokens_room * sizeof *pass->tokens,
                                  room * sizeof *pass->tokens);
        pass->tokens_room = room;
    }
    return &pass->tokens[pass->n_tokens];
}

/* What an abbreviation with its full stop says. */
static enum pending pending_of_word(const struct pass *pass)
{
    switch (pass->scan.soft_end) {
    case SOFT_CAPITAL:
        return PENDING_SOFT;
    case SOFT_MEASURE:
        return pass->n_tokens - pass->first_of_sentence < MEASURE_TOKENS ? PENDING_NONE : PENDING_SOFT;
    case SOFT_STARTER:
        return PENDING_STARTER;
    default:
        return PENDING_NONE;
    }
}

static void pending_set(struct pass *pass, const struct token *token, const struct point *info, uint32_t point)
{
    pass->has_word |= token->kind == TOKEN_WORD || token->kind == TOKEN_TAG || token->kind == TOKEN_LINK;
    if (token->kind == TOKEN_WORD) {
        pass->pending = pending_of_word(pass);
        pass->pending_quoted = false;
        return;
    }
    if (token->kind != TOKEN_PUNCT || (info->flags & POINT_STOP) == 0 || !pass->has_word) {
        pass->pending_quoted |= (info->flags & POINT_QUOTE) != 0;
        /* Behind a closing quote the end still pends; abbreviations in brackets end nothing. */
        if (token->kind != TOKEN_PUNCT || (point == ')' && pass->pending < PENDING_ELLIPSIS))
            pass->pending = PENDING_NONE;
        return;
    }
    pass->pending_quoted = false;
    if (pass->pending < PENDING_ELLIPSIS)
        pass->pending_word = (uint32_t)pass->n_tokens - 1;
    if (point == '.' || point == 0x2026) {
        if (pass->pending < PENDING_DOT)
            pass->pending = token->points > 1 || point == 0x2026 ? PENDING_ELLIPSIS : PENDING_DOT;
    } else {
        bool is_mark = point < 0x80 || info->script == SCRIPT_ARAB || point == 0x61f
            || (point >= 0x203c && point <= 0x2049);
        if (pass->pending != PENDING_HARD)
            pass->pending = is_mark ? PENDING_MARK : PENDING_HARD;
    }
}

/* All fields are written: the array is not cleared. */
static inline void token_begin(struct pass *pass, struct token *token, bool space)
{
    token->start = (uint32_t)pass->scan.i;
    token->at = pass->scan.at;
    token->folded = (uint32_t)pass->scan.folded_size;
    token->line = pass->line;
    token->sentence = (uint32_t)pass->n_sentences;
    token->flags = space ? TOKEN_SPACE_BEFORE : 0;
    token->script = SCRIPT_NONE;
    token->shape = SHAPE_NONE;
    pass->scan.soft_end = SOFT_NONE;
}

static inline void token_end(const struct scan *scan, struct token *token)
{
    token->size = (uint16_t)(scan->i - token->start);
    token->points = (uint16_t)(scan->at - token->at);
    token->folded_size = (uint16_t)(scan->folded_size - token->folded);
}

/* Once a line is cut, not word by word: what was just written in small pieces is slow to be read in large ones. */
static void hash_tokens(struct pass *pass, size_t first)
{
    const char *folded = pass->scan.folded;

    for (size_t i = first; i < pass->n_tokens; i++)
        pass->tokens[i].hash = XXH3_64bits(folded + pass->tokens[i].folded, pass->tokens[i].folded_size);
}

/* Words with nothing special in them, and the blanks before and behind. */
static inline void take_plain_words(struct pass *pass, bool *space)
{
    struct token *token = token_next(pass), like = {.line = pass->line, .sentence = (uint32_t)pass->n_sentences};
    size_t n = scan_plain_words(&pass->scan, &like, token, pass->tokens_room - pass->n_tokens, space);

    pass->has_word |= n > 0;
    pass->n_tokens += n;
}

/* One token; the cursor stands at its first byte. */
static void take_token(struct pass *pass, const struct point *info, uint32_t point, unsigned size, bool space)
{
    struct scan *scan = &pass->scan;
    struct token *token;
    const struct token *previous;

    if (pass->pending != PENDING_NONE && !belongs_to_stop(pass, info, point, size, space)) {
        if (begins_sentence(pass, info, space))
            sentence_close(pass);
        pass->pending = PENDING_NONE;
    }
    token = token_next(pass);
    previous = pass->n_tokens > pass->first_of_line ? token - 1 : NULL;
    token_begin(pass, token, space);
    switch (info->class) {
    case POINT_LETTER:
        if (!scan_plain_word(scan, previous, token))
            scan_word(scan, previous, token);
        break;
    case POINT_DIGIT: scan_number(scan, previous, token); break;
    case POINT_PUNCT: scan_punct(scan, previous, token); break;
    default: scan_symbol(scan, token); break;
    }
    token_end(scan, token);
    pending_set(pass, token, info, point);
    pass->n_tokens++;
}

static void take_line(struct pass *pass, struct line *line)
{
    struct scan *scan = &pass->scan;
    bool space = true; /* nothing stands before the first token */

    line->first_token = pass->first_of_line = pass->first_of_sentence = (uint32_t)pass->n_tokens;
    line->first_sentence = (uint32_t)pass->n_sentences;
    scan->end = (size_t)line->start + line->size;
    while (scan->i < scan->end) {
        uint32_t point;
        unsigned size;
        const struct point *info;

        if (pass->pending == PENDING_NONE) {
            take_plain_words(pass, &space);
            if (scan->i == scan->end)
                break;
        }
        info = scan_look(scan, scan->i, &point, &size);
        if (info->class == POINT_SPACE || info->class == POINT_IGNORABLE) {
            space |= info->class == POINT_SPACE;
            scan->i += size;
            scan->at++;
            continue;
        }
        take_token(pass, info, point, size, space);
        space = false;
    }
    sentence_close(pass);
    hash_tokens(pass, line->first_token);
    line->n_tokens = (uint32_t)pass->n_tokens - line->first_token;
    line->n_sentences = (uint32_t)pass->n_sentences - line->first_sentence;
}

static void pass_begin(struct pass *pass, struct article *article, const struct abbreviations *abbreviations,
                       struct segmenter *segmenter)
{
    size_t size = article->buffer.size;

    *pass = (struct pass){
        .scan = {.tables = text_tables(), .abbreviations = abbreviations, .segmenter = segmenter,
                 .arena = article->arena, .data = article->buffer.data,
                 .folded_room = size + size / 8 + 4 * FOLD_ROOM},
        .article = article,
        .tokens_room = size / BYTES_PER_TOKEN + 16,
        .sentences_room = size / BYTES_PER_SENTENCE + article->n_lines + 4,
    };
    segment_forget(segmenter);
    pass->scan.folded = ARENA_ARRAY(article->arena, char, pass->scan.folded_room);
    pass->sentences = ARENA_ARRAY(article->arena, struct sentence, pass->sentences_room);
    pass->tokens = ARENA_ARRAY(article->arena, struct token, pass->tokens_room);
}

static void pass_end(struct pass *pass)
{
    struct article *article = pass->article;

    arena_shrink(article->arena, pass->tokens, pass->tokens_room * sizeof *pass->tokens,
                 pass->n_tokens * sizeof *pass->tokens);
    article->tokens = pass->tokens;
    article->n_tokens = pass->n_tokens;
    article->sentences = pass->sentences;
    article->n_sentences = pass->n_sentences;
    article->folded = (struct view){pass->scan.folded, pass->scan.folded_size};
}

/* segmenter: NULL opens one for this text alone, should a word need it; that takes some microseconds. */
static void tokenize(struct article *article, const struct abbreviations *abbreviations, struct segmenter *segmenter)
{
    struct pass pass;
    struct segmenter own;

    own.iterator = NULL;
    pass_begin(&pass, article, abbreviations, segmenter == NULL ? &own : segmenter);
    for (size_t i = 0; i < article->n_lines; i++) {
        struct line *line = &article->lines[i];
        pass.line = (uint32_t)i;
        pass.scan.at += (uint32_t)utf8_points(view_slice(article->buffer, pass.scan.i, line->start - pass.scan.i));
        pass.scan.i = line->start;
        take_line(&pass, line);
    }
    pass_end(&pass);
    segment_done(&own);
}

void text_tokenize(struct arena *arena, struct view text, struct article *ret_article)
{
    struct line *line = arena_zero(arena, sizeof *line);

    *ret_article = (struct article){.arena = arena, .buffer = arena_copy(arena, text), .lines = line, .n_lines = 1};
    line->size = (uint32_t)text.size;
    tokenize(ret_article, abbreviations_current(), NULL);
}

/* Are all its words single letters with full stops behind them ("U.S.")? */
static bool is_initials(const struct text_tables *tables, struct view text)
{
    size_t letters = 0, stops = 0;

    for (size_t i = 0; i < text.size;) {
        unsigned size;
        const struct point *info = point_of(tables, utf8_read(text.data + i, &size));
        if (text.data[i] == '.') {
            if (letters != 1)
                return false;
            letters = 0;
            stops++;
        } else if (info->class == POINT_LETTER) {
            letters++;
        } else if (info->class != POINT_MARK) {
            return false;
        }
        i += size;
    }
    return stops > 0 && letters <= 1;
}

/* Is this a sign that words hold and that folds to nothing, between two letters? */
static bool is_folded_away(uint32_t point, uint8_t before, uint8_t after)
{
    switch (point) {
    case 0xb7:
        return before == SCRIPT_LATN && after == SCRIPT_LATN;
    case '"': case '\'': case 0x5f3: case 0x5f4: case 0x2019: case 0x201c: case 0x201d:
        return before == SCRIPT_HEBR && after == SCRIPT_HEBR;
    default:
        return false;
    }
}

struct view text_fold(struct arena *arena, struct view text)
{
    const struct text_tables *tables = text_tables();
    bool initials = is_initials(tables, text);
    size_t room = text.size + 2 * FOLD_ROOM;
    char *folded = ARENA_ARRAY(arena, char, room), *out = folded;
    uint8_t before = SCRIPT_NONE;

    for (size_t i = 0; i < text.size;) {
        unsigned size, next_size;
        uint32_t point = utf8_read(text.data + i, &size);
        const struct point *info = point_of(tables, point);
        uint8_t after = i + size < text.size ? point_of(tables, utf8_read(text.data + i + size, &next_size))->script
            : SCRIPT_NONE;

        i += size;
        if (room - (size_t)(out - folded) < 2 * FOLD_ROOM) {
            size_t used = (size_t)(out - folded);
            folded = arena_grow(arena, folded, room, room * 2);
            room *= 2;
            out = folded + used;
        }
        if ((initials && point == '.') || is_folded_away(point, before, after))
            continue;
        if (info->class == POINT_SPACE && out > folded && out[-1] != ' ' && i < text.size)
            *out++ = ' ';
        out = fold_point(tables, info, point, folded, out);
        before = info->class == POINT_LETTER || info->class == POINT_MARK ? info->script : SCRIPT_NONE;
    }
    arena_shrink(arena, folded, room, (size_t)(out - folded));
    return (struct view){folded, (size_t)(out - folded)};
}

uint32_t token_point(const struct article *article, uint32_t token)
{
    unsigned size;

    return utf8_read(article->buffer.data + article->tokens[token].start, &size);
}

static bool point_in(uint32_t point, const char *points)
{
    if (point < 0x80)
        return point != 0 && strchr(points, (int)point) != NULL;
    for (unsigned size; *points != '\0'; points += size)
        if (utf8_read(points, &size) == point)
            return true;
    return false;
}

bool token_is_mark(const struct article *article, uint32_t token)
{
    uint8_t kind = article->tokens[token].kind;

    return kind == TOKEN_PUNCT || kind == TOKEN_SYMBOL || kind == TOKEN_JOINER;
}

bool token_is_point(const struct article *article, uint32_t token, const char *points)
{
    return token_is_mark(article, token) && point_in(token_point(article, token), points);
}

uint64_t fold_hash(struct view folded)
{
    return XXH3_64bits(folded.data, folded.size);
}

static enum status text_open(const struct stage_setup *setup, void **ret_tables, struct err *err)
{
    const struct abbreviations *abbreviations = NULL;

    if (abbreviations_open(setup->source, &abbreviations, err) != STATUS_OK)
        return STATUS_FATAL;
    text_tables(); /* made now, not by the first article */
    *ret_tables = (void *)abbreviations;
    return STATUS_OK;
}

static void text_detach(void *scratch)
{
    if (scratch == NULL)
        return;
    segment_done(scratch);
    free(scratch);
}

static enum status text_attach(const void *tables, void **ret_scratch, struct err *err)
{
    struct segmenter *segmenter = malloc(sizeof *segmenter);

    (void)tables;
    if (segmenter == NULL)
        return fail(err, STATUS_FATAL, "out of memory");
    if (segment_open(segmenter, err) != STATUS_OK) {
        text_detach(segmenter);
        return STATUS_FATAL;
    }
    *ret_scratch = segmenter;
    return STATUS_OK;
}

static enum status text_run(const void *tables, void *scratch, struct article *article, struct err *err)
{
    (void)err;
    tokenize(article, tables, scratch);
    return STATUS_OK;
}

const struct stage text_stage = {
    .name = "text",
    .summary = "cut the lines into tokens and sentences, and fold the tokens",
    .reads = FIELD_LINES,
    .writes = FIELD_TOKENS,
    .open = text_open,
    .attach = text_attach,
    .detach = text_detach,
    .run = text_run,
};
