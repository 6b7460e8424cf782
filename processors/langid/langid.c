#include "processors/langid/langid.h"

#include "processors/langid/model.h"

#include <math.h>

enum {
    WORDS_ARTICLE = 160,   /* judged words of an article, shared evenly by its lines */
    WORDS_LINE_MIN = 5,    /* but no line gets less */
    WORDS_LINE_MAX = 96,
    WINDOWS = 3,           /* a long line is judged at its beginning and further on: a quotation may stand first */
    WINDOW_TOKENS = 12,
    WORDS_SURE_MIN = 2,    /* words heard before a window may be closed early, and between two such looks */
    LINES_MAX = 4096,      /* of more, every second, third … is judged: the work is bounded */
    LETTERS_MIN = 3,       /* less says nothing */
    FOREIGN_LETTERS_MIN = 24, /* less may look strange in any language */
    JAPANESE_KANA = 12,    /* one sign of Kana in so many, and it is not Chinese */
    BLOCK = 16,
    USUAL_WORDS_MIN = 2,   /* heard at two places of a line, to see that it goes on in the language of those before */
    USUAL_WORDS_MAX = 6,
    SPECIAL_PER_MILLE = 25, /* so many letters of letters.tsv make a language of its own certain */
};

static const float SURE_NATS = 16.0f;       /* a window is closed when the best leads by so much */
static const float USUAL_NATS = 4.0f;      /* what a line says that looks like the lines before it */
static const float USUAL_WORD_NATS = 2.0f; /* and each of its words at least */
static const float KNOWN_NATS = 4.0f;      /* and if its words score so much each: else they are another language's */
static const float DECLARED_NATS = 3.0f;   /* what the message's own claim weighs */
static const float CONFIDENCE_MIN = 0.5f;  /* below, a language is not named */
static const float USUAL_CONFIDENCE = 0.99f;
static const float OWN_SCORE_MIN = 0.30f;  /* of what the language's own texts score: below, it is another one */
static const float CERTAIN_NATS = 12.0f;   /* the lead of a language that nothing can be mistaken for */
static const float FAR_NATS = 20.0f;       /* no more counts: a quotation in one window does not outweigh two others */
static const float OPENING_NATS = 1.0f;    /* what a line begins with is its own sooner than what it quotes */
static const float EXTRAPOLATION_MAX = 8.0f;

/* What a line says. */
struct note {
    const float *behind;      /* of each language: nats behind the best, at most 0; NULL: all as far as `lead` */
    float lead;
    language_id best;
    float judged, letters;    /* judged, and by extrapolation in the whole line */
    uint32_t hans, hant;      /* signs that only one way of writing Chinese has */
    uint8_t script;
    bool foreign;             /* it does not look like any language of the model */
};

struct notes {
    const struct langid_model *model;
    language_id declared;
    size_t n;
    struct note *lines;
};

/* In blocks, which compilers turn into vector code. */
static int32_t greatest(const int32_t *values, size_t n)
{
    int32_t most[BLOCK], result = -1;
    size_t i = 0;

    for (unsigned k = 0; k < BLOCK; k++)
        most[k] = -1;
    for (; i + BLOCK <= n; i += BLOCK)
        for (unsigned k = 0; k < BLOCK; k++)
            most[k] = values[i + k] > most[k] ? values[i + k] : most[k];
    for (; i < n; i++)
        result = values[i] > result ? values[i] : result;
    for (unsigned k = 0; k < BLOCK; k++)
        result = most[k] > result ? most[k] : result;
    return result;
}

static language_id best_of(struct langid_score *score, size_t n_languages, int32_t *ret_lead)
{
    int32_t first = greatest(score->language + 1, n_languages - 1);
    language_id best = 1;

    while (score->language[best] != first)
        best++;
    score->language[best] = -1;
    *ret_lead = first - greatest(score->language + 1, n_languages - 1);
    score->language[best] = first;
    return best;
}

/* Tokens of a line, of which some words are heard. */
struct window {
    uint32_t first, end;
    unsigned n_words;
};

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
    size_t n_languages = languages_count(model->languages);
    unsigned n = 0;

    langid_score_clear(model, score);
    for (uint32_t i = window.first; i < window.end && n < window.n_words; i++) {
        const struct token *token = &article->tokens[i];
        language_id best;
        int32_t lead;

        if (token->kind != TOKEN_WORD)
            continue;
        langid_model_hear(model, token_view(article, token), token->script, what, score);
        if (++n % WORDS_SURE_MIN != 0)
            continue;
        best = best_of(score, n_languages, &lead);
        if ((float)lead * model->scale >= SURE_NATS && looks_own(model, score, best, what))
            return true;
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
    int32_t lead, top;
    language_id best = best_of(score, n_languages, &lead);
    float nats = (float)lead * model->scale;

    top = score->language[best];
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

/* Windows stand at the line's beginning and further on.  Of each the words alone are heard first, which mostly suffice,
 * and then their trigrams too. */
static void judge_line(const struct langid_model *model, const struct article *article, const struct line *line,
                       unsigned n_words, struct note *note)
{
    struct langid_score score, sum;
    unsigned windows = 1 + line->n_tokens / WINDOW_TOKENS;
    float *behind = NULL;
    uint32_t foreign = 0;
    language_id certain;

    windows = windows > n_words / WORDS_SURE_MIN ? n_words / WORDS_SURE_MIN : windows;
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
    note->behind = behind;
    note->hans = sum.script[SCRIPT_HANS];
    note->hant = sum.script[SCRIPT_HANT];
    sum.script[SCRIPT_HANI] += note->hans + note->hant;
    sum.script[SCRIPT_HANS] = sum.script[SCRIPT_HANT] = 0;
    note->script = (uint8_t)main_script(&sum);
    note->judged = (float)sum.letters;
    note->letters = (float)line->size * (float)sum.letters / (float)(sum.letters + sum.words);
    note->foreign = foreign * 2 > sum.letters;
    certain = certain_language(model, &sum, (enum script)note->script);
    if (certain != LANGUAGE_UND) {
        note->behind = NULL;
        note->best = certain;
        note->lead = CERTAIN_NATS;
        note->foreign = false;
    }
}

/* Hears words of one window until they speak for the usual language, and no other more loudly. */
static bool goes_on(const struct langid_model *model, const struct article *article, struct window window,
                    language_id usual, struct langid_score *score)
{
    unsigned n = 0;

    for (uint32_t i = window.first; i < window.end && n < window.n_words; i++) {
        const struct token *token = &article->tokens[i];

        if (token->kind != TOKEN_WORD)
            continue;
        langid_model_hear(model, token_view(article, token), token->script, HEAR_WORDS, score);
        if (++n >= USUAL_WORDS_MIN
            && (float)score->language[usual] * model->scale >= USUAL_WORD_NATS * (float)score->words
            && score->language[usual] >= greatest(score->language, languages_count(model->languages)))
            return true;
    }
    return false;
}

/* Most lines are in the language of those before them, and a few words show it. */
static bool judge_usual(const struct langid_model *model, const struct article *article, const struct line *line,
                        language_id usual, struct note *note)
{
    uint32_t end = line->first_token + line->n_tokens, middle = line->first_token + line->n_tokens / 2;
    struct langid_score score;

    if (usual == LANGUAGE_UND || language_script(model->languages, usual) == SCRIPT_HANI)
        return false;
    langid_score_clear(model, &score);
    if (!goes_on(model, article, (struct window){line->first_token, end, USUAL_WORDS_MAX}, usual, &score))
        return false;
    if (line->n_tokens > WINDOW_TOKENS
        && !goes_on(model, article, (struct window){middle, end, USUAL_WORDS_MAX}, usual, &score))
        return false;
    *note = (struct note){.best = usual, .lead = USUAL_NATS, .judged = (float)score.letters,
                          .script = (uint8_t)main_script(&score)};
    note->letters = (float)line->size * (float)score.letters / (float)(score.letters + score.words);
    return true;
}

static void sum_note(const struct note *note, float weight, size_t n_languages, float sum[LANGUAGES_MAX])
{
    if (note->behind == NULL) {
        sum[note->best] += note->lead * weight;
        return;
    }
    for (size_t i = 0; i < n_languages; i++)
        sum[i] += note->behind[i] * weight;
}

/* Chinese is written with simplified or traditional signs. */
static uint8_t script_of_chinese(uint8_t script, uint32_t hans, uint32_t hant)
{
    return hans > hant ? SCRIPT_HANS : hant > hans ? SCRIPT_HANT : script;
}

/* The best of a sum and how probable it makes it. */
static struct language_guess guess_of(const struct notes *notes, float sum[LANGUAGES_MAX], enum script script)
{
    const struct languages *languages = notes->model->languages;
    size_t n = languages_count(languages);
    language_id best = 1;
    float total = 0;

    if (notes->declared != LANGUAGE_UND)
        sum[notes->declared] += DECLARED_NATS;
    for (size_t i = 1; i < n; i++) {
        sum[i] += notes->model->prior[i];
        if (sum[i] > sum[best])
            best = (language_id)i;
    }
    for (size_t i = 1; i < n; i++)
        if (sum[i] > sum[best] - FAR_NATS) /* nearly all are further: e^-12 is nothing */
            total += expf(sum[i] - sum[best]);
    if (1 / total < CONFIDENCE_MIN)
        return (struct language_guess){LANGUAGE_UND, (uint8_t)script, 1 / total};
    return (struct language_guess){best, (uint8_t)script, 1 / total};
}

/* A sign of Chinese is a word, a letter of others says nothing. */
static float letters_min(enum script script)
{
    return script == SCRIPT_HANI || script == SCRIPT_KANA || script == SCRIPT_HANG ? 1 : LETTERS_MIN;
}

static struct language_guess guess_line(const struct notes *notes, const struct note *note)
{
    struct language_guess guess;

    if (note->judged < letters_min((enum script)note->script) || note->foreign)
        return (struct language_guess){LANGUAGE_UND, note->script, 0};
    if (note->behind == NULL) {
        guess = (struct language_guess){note->best, note->script, 1 - expf(-note->lead)};
    } else {
        float sum[LANGUAGES_MAX] = {0};
        sum_note(note, 1, languages_count(notes->model->languages), sum);
        guess = guess_of(notes, sum, (enum script)note->script);
    }
    if (guess.language == notes->model->chinese)
        guess.script = script_of_chinese(guess.script, note->hans, note->hant);
    return guess;
}

/* How many bytes of each line are kept as text or title; NULL without pieces. */
static uint32_t *kept_bytes(const struct article *article)
{
    uint32_t *kept;

    if (article->n_pieces == 0)
        return NULL;
    kept = arena_zero(article->arena, article->n_lines * sizeof *kept);
    for (size_t i = 0; i < article->n_pieces; i++) {
        const struct piece *piece = &article->pieces[i];
        if (piece->fate == FATE_TEXT || piece->fate == FATE_TITLE)
            kept[piece->line] += piece->size;
    }
    return kept;
}

void langid_settle(struct article *article, const bool *line_counts)
{
    const struct notes *notes = article->language_notes;
    float sum[LANGUAGES_MAX] = {0}, letters_of[SCRIPTS] = {0}, known = 0, foreign = 0;
    enum script script = SCRIPT_NONE;
    uint32_t hans = 0, hant = 0;
    uint32_t *kept;

    if (notes == NULL)
        return;
    kept = kept_bytes(article);
    for (size_t i = 0; i < article->n_lines; i++) {
        const struct note *note = &notes->lines[i];
        float letters = note->letters, weight;

        if (note->judged < 1 || (line_counts != NULL && !line_counts[i]) || (kept != NULL && kept[i] == 0))
            continue;
        if (kept != NULL)
            letters *= (float)kept[i] / (float)article->lines[i].size;
        letters_of[note->script] += letters;
        hans += note->hans;
        hant += note->hant;
        *(note->foreign ? &foreign : &known) += letters;
        weight = letters / note->judged;
        sum_note(note, weight < EXTRAPOLATION_MAX ? weight : EXTRAPOLATION_MAX,
                 languages_count(notes->model->languages), sum);
    }
    for (enum script i = SCRIPT_NONE + 1; i < SCRIPTS; i++)
        if (letters_of[i] > letters_of[script])
            script = i;
    if (known + foreign < letters_min(script) || foreign > known)
        article->language = (struct language_guess){LANGUAGE_UND, (uint8_t)script, 0};
    else
        article->language = guess_of(notes, sum, script);
    if (article->language.language != LANGUAGE_UND && article->language.language == notes->model->chinese)
        article->language.script = script_of_chinese(article->language.script, hans, hant);
}

static enum status langid_open(const struct stage_setup *setup, void **ret_tables, struct err *err)
{
    struct langid_model *model = NULL;
    enum status status = langid_model_open(setup->source, setup->languages, &model, err);

    *ret_tables = model;
    return status;
}

static void langid_close(void *tables)
{
    langid_model_close(tables);
}

static enum status langid_run(const void *tables, void *scratch, struct article *article, struct err *err)
{
    struct notes *notes = arena_zero(article->arena, sizeof *notes);
    size_t stride = (article->n_lines + LINES_MAX - 1) / LINES_MAX;
    size_t n_words = article->n_lines == 0 ? 0 : WORDS_ARTICLE / article->n_lines;

    language_id usual = LANGUAGE_UND;

    (void)scratch, (void)err;
    n_words = n_words < WORDS_LINE_MIN ? WORDS_LINE_MIN : n_words > WORDS_LINE_MAX ? WORDS_LINE_MAX : n_words;
    notes->model = tables;
    if (article->given.language.data != NULL)
        notes->declared = language_of(notes->model->languages, article->given.language);
    notes->n = article->n_lines;
    notes->lines = arena_zero(article->arena, article->n_lines * sizeof *notes->lines);
    for (size_t i = 0; i < article->n_lines; i++) {
        struct line *line = &article->lines[i];
        struct note *note = &notes->lines[i];

        if (i % stride != 0)
            continue;
        if (judge_usual(notes->model, article, line, usual, note)) {
            line->language = (struct language_guess){usual, note->script, USUAL_CONFIDENCE};
            continue;
        }
        judge_line(notes->model, article, line, (unsigned)n_words, note);
        line->language = guess_line(notes, note);
        if (line->language.language != LANGUAGE_UND && line->language.confidence >= USUAL_CONFIDENCE)
            usual = line->language.language;
    }
    article->language_notes = notes;
    langid_settle(article, NULL);
    return STATUS_OK;
}

const struct stage langid_stage = {
    .name = "langid",
    .summary = "find the language of each line and of the article",
    .reads = FIELD_GIVEN | FIELD_LINES | FIELD_TOKENS,
    .writes = FIELD_LANGUAGES | FIELD_LANGUAGE,
    .open = langid_open,
    .close = langid_close,
    .run = langid_run,
};
