#include "processors/langid/judge.h"

#include "processors/langid/greatest.h"

enum {
    WINDOWS = 3,           /* a long line is judged at its beginning and further on: a quotation may stand first */
    WINDOW_TOKENS = 12,
    FOREIGN_LETTERS_MIN = 24, /* less may look strange in any language */
    JAPANESE_KANA = 12,    /* one sign of Kana in so many, and it is not Chinese */
    SPECIAL_PER_MILLE = 25, /* so many letters of letters.tsv make a language of its own certain */
    USUAL_WORDS_MIN = 2,   /* heard at two places of a line, to see that it goes on in the language of those before */
    USUAL_WORDS_MAX = 10,
    USUAL_TOKENS = 32,     /* of shorter lines one place will do */
    SHORT_WORDS_MAX = 3,   /* a label, a name, a caption's credit: says nothing of its own */
    SHORT_TOKENS_MAX = 16,
};

static const float SURE_NATS = 16.0f;       /* a window is closed when the best leads by so much */
static const float USUAL_NATS = 4.0f;       /* what a line says that looks like the lines before it */
static const float USUAL_WORD_NATS = 2.0f;  /* and each of its words at least */
static const float OTHER_WORD_NATS = 1.0f;  /* and so much more may another language say of each */
static const float KNOWN_NATS = 4.0f;       /* words that score less each are another language's */
static const float OWN_SCORE_MIN = 0.30f;   /* of what the language's own texts score: below, it is another one */
static const float FAR_NATS = 20.0f;        /* no more counts: a quotation in one window does not outweigh two others */
static const float OPENING_NATS = 1.0f;     /* what a line begins with is its own sooner than what it quotes */

static language_id best_of(struct langid_score *score, size_t n_languages, int32_t *ret_lead)
{
    int16_t first = greatest_score(score->language + 1, n_languages - 1);
    language_id best = 1;

    while (score->language[best] != first)
        best++;
    score->language[best] = -1;
    *ret_lead = first - greatest_score(score->language + 1, n_languages - 1);
    score->language[best] = first;
    return best;
}

/* Tokens of a line, of which some words are heard. */
struct window {
    uint32_t first, end;
    unsigned n_words;
};

/* Capitals stand for names, which say little of the language around them. */
static bool may_be_name(const struct token *token)
{
    return token->shape != SHAPE_LOWER && token->shape != SHAPE_NONE;
}

/* The window's next words; it shrinks by them. */
static unsigned next_words(const struct article *article, struct window *window, struct langid_word words[HEARD_TOGETHER])
{
    unsigned n = 0, most = window->n_words < HEARD_TOGETHER ? window->n_words : HEARD_TOGETHER;

    for (; window->first < window->end && n < most; window->first++) {
        const struct token *token = &article->tokens[window->first];
        if (token->kind == TOKEN_WORD)
            words[n++] = (struct langid_word){token_view(article, token), token->script, may_be_name(token)};
    }
    window->n_words -= n;
    return n;
}

/* Do its own texts score like this? */
static bool looks_own(const struct langid_model *model, const struct langid_score *score, language_id language,
                      enum langid_hearing what)
{
    float top = (float)score->language[language];

    if (what == HEAR_WORDS)
        return top * model->scale >= KNOWN_NATS * (float)score->words;
    return top >= OWN_SCORE_MIN * model->own_score[language] * (float)score->letters;
}

/* Hears at most n_words words from one token on; stops as soon as they leave no doubt, and says so. */
static bool hear_window(const struct langid_model *model, const struct article *article, struct window window,
                        enum langid_hearing what, struct langid_score *score)
{
    struct langid_word words[HEARD_TOGETHER];
    unsigned n;

    langid_score_clear(model, score);
    while ((n = next_words(article, &window, words)) > 0) {
        language_id best;
        int32_t lead;

        langid_model_hear(model, words, n, what, score);
        if (n < HEARD_TOGETHER)
            break;
        best = best_of(score, languages_count(model->languages), &lead);
        if ((float)lead * model->scale >= SURE_NATS && looks_own(model, score, best, what))
            return true;
        if (score->language[best] > SCORE_FULL)
            break;
    }
    return false;
}

static enum script main_script(const struct langid_score *score)
{
    enum script best = SCRIPT_NONE;

    for (enum script i = SCRIPT_NONE + 1; i < SCRIPTS; i++)
        if (score->script[i] > score->script[best] || best == SCRIPT_NONE)
            best = score->script[i] > 0 ? i : best;
    return best;
}

/* Letters that only one language has settle it, and so does a script that only one is written in. */
static language_id certain_language(const struct langid_model *model, const struct langid_score *score,
                                    enum script script)
{
    unsigned special = 0;

    for (unsigned i = 1; i <= model->n_letter_languages; i++)
        if (score->special[i] * 1000 > score->letters * SPECIAL_PER_MILLE
            && language_script(model->languages, model->letter_language[i]) == script
            && (special == 0 || score->special[i] > score->special[special]))
            special = i;
    if (special != 0)
        return model->letter_language[special];
    if (script == SCRIPT_HANI && score->script[SCRIPT_KANA] * JAPANESE_KANA >= score->letters)
        return model->script_language[SCRIPT_KANA];
    return model->script_language[script];
}

/* Adds what the window's letters are. */
static void count_letters(const struct langid_score *window, struct langid_score *line)
{
    line->letters += window->letters;
    line->words += window->words;
    line->bytes += window->bytes;
    for (int i = 0; i < SCRIPTS; i++)
        line->script[i] += window->script[i];
    for (int i = 0; i < MODEL_LETTER_LANGUAGES; i++)
        line->special[i] += window->special[i];
}

/* Adds what a window says of the languages.  As long as all windows are sure of the same one, one number will do. */
static void note_window(const struct langid_model *model, struct arena *arena, struct langid_score *score,
                        float **behind, struct note *note)
{
    size_t n_languages = languages_count(model->languages);
    int32_t lead;
    language_id best = best_of(score, n_languages, &lead);
    int32_t top = score->language[best];
    float nats = (float)lead * model->scale;

    if (*behind == NULL && nats >= FAR_NATS && (note->lead == 0 || note->best == best)) {
        note->best = best;
        note->lead += FAR_NATS + (note->lead == 0 ? OPENING_NATS : 0);
        return;
    }
    if (*behind == NULL) {
        *behind = ARENA_ARRAY(arena, float, n_languages);
        for (size_t i = 0; i < n_languages; i++)
            (*behind)[i] = i == note->best ? 0 : -note->lead;
    }
    for (size_t i = 0; i < n_languages; i++) {
        float own = (float)(score->language[i] - top) * model->scale;
        (*behind)[i] += own < -FAR_NATS ? -FAR_NATS : own;
    }
}

static void put_best_at_zero(float *behind, size_t n_languages)
{
    float most = greatest_nats(behind, n_languages);

    for (size_t i = 0; i < n_languages; i++)
        behind[i] -= most;
}

/* Windows stand at the line's beginning and further on.  Of each the words alone are heard first, which mostly suffice,
 * and then their trigrams too. */
void judge_line(const struct langid_model *model, const struct article *article, const struct line *line,
                       unsigned n_words, struct note *note)
{
    struct langid_score score, sum;
    unsigned windows = 1 + line->n_tokens / WINDOW_TOKENS;
    float *behind = NULL;
    uint32_t foreign = 0;
    language_id certain;

    windows = windows > n_words / HEARD_TOGETHER ? n_words / HEARD_TOGETHER : windows;
    windows = windows > WINDOWS ? WINDOWS : windows;
    *note = (struct note){.lead = 0};
    langid_score_clear(model, &sum);
    for (unsigned k = 0; k < windows; k++) {
        struct window window = {line->first_token + (uint32_t)((uint64_t)line->n_tokens * k / windows),
                                line->first_token + (uint32_t)((uint64_t)line->n_tokens * (k + 1) / windows),
                                n_words / windows};
        bool sure = hear_window(model, article, window, HEAR_WORDS, &score)
                    || hear_window(model, article, window, HEAR_TRIGRAMS, &score);

        if (score.letters == 0)
            continue;
        note_window(model, article->arena, &score, &behind, note);
        count_letters(&score, &sum);
        if (!sure && score.letters >= FOREIGN_LETTERS_MIN && !looks_own(model, &score, note->best, HEAR_TRIGRAMS))
            foreign += score.letters;
    }
    if (sum.letters == 0)
        return;
    if (behind != NULL)
        put_best_at_zero(behind, languages_count(model->languages));
    note->behind = behind;
    note->hans = sum.script[SCRIPT_HANS];
    note->hant = sum.script[SCRIPT_HANT];
    sum.script[SCRIPT_HANI] += note->hans + note->hant;
    sum.script[SCRIPT_HANS] = sum.script[SCRIPT_HANT] = 0;
    note->script = (uint8_t)main_script(&sum);
    note->judged = (float)sum.letters;
    note->letters = (float)line->size * (float)sum.letters / (float)(sum.bytes + sum.words);
    note->foreign = foreign * 2 > sum.letters;
    certain = certain_language(model, &sum, (enum script)note->script);
    if (certain != LANGUAGE_UND) {
        note->behind = NULL;
        note->best = certain;
        note->lead = CERTAIN_NATS;
        note->foreign = false;
    }
}

/* Hears words of one window until they speak for the usual language, and no other much more loudly. */
static bool goes_on(const struct langid_model *model, const struct article *article, struct window window,
                    language_id usual, struct langid_claim *claim)
{
    struct langid_word words[HEARD_TOGETHER];
    unsigned n;

    do {
        n = next_words(article, &window, words);
        langid_model_claim(model, words, n, usual, claim);
        if (claim->words >= (n < HEARD_TOGETHER ? 1 : USUAL_WORDS_MIN)
            && (float)claim->own * model->scale >= USUAL_WORD_NATS * (float)claim->words
            && (float)(claim->top - claim->own) * model->scale <= OTHER_WORD_NATS * (float)claim->words)
            return true;
    } while (n == HEARD_TOGETHER);
    return false;
}

/* One or two words in the usual script say nothing of their own: a label, a name. */
static bool is_too_short(const struct article *article, const struct line *line, enum script script)
{
    unsigned n = 0;

    if (line->n_tokens > SHORT_TOKENS_MAX)
        return false;
    for (uint32_t i = line->first_token; i < line->first_token + line->n_tokens; i++)
        if (article->tokens[i].kind == TOKEN_WORD && (article->tokens[i].script != script || ++n > SHORT_WORDS_MAX))
            return false;
    return n > 0;
}

/* Most lines are in the language of those before them, and a few words show it. */
bool judge_usual(const struct langid_model *model, const struct article *article, const struct line *line,
                        struct language_guess usual, struct note *note)
{
    uint32_t end = line->first_token + line->n_tokens, middle = line->first_token + line->n_tokens / 2;
    struct langid_claim claim = {0};

    if (usual.language == LANGUAGE_UND)
        return false;
    if (is_too_short(article, line, (enum script)usual.script))
        return true;
    if (!goes_on(model, article, (struct window){line->first_token, end, USUAL_WORDS_MAX}, usual.language, &claim))
        return false;
    if (line->n_tokens > USUAL_TOKENS
        && !goes_on(model, article, (struct window){middle, end, USUAL_WORDS_MAX}, usual.language, &claim))
        return false;
    *note = (struct note){.best = usual.language, .lead = USUAL_NATS, .judged = (float)claim.letters,
                          .script = usual.script};
    note->letters = (float)line->size * (float)claim.letters / (float)(claim.bytes + claim.words);
    return true;
}
