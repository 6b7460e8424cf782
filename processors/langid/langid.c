#include "processors/langid/langid.h"

#include "processors/langid/model.h"

#include <math.h>

enum {
    WORDS_ARTICLE = 160,   /* judged words of an article, shared evenly by its lines */
    WORDS_LINE_MIN = 5,    /* but no line gets less */
    WORDS_LINE_MAX = 96,
    WINDOWS = 3,           /* a long line is judged at its beginning and further on: a quotation may stand first */
    WINDOW_TOKENS = 12,
    WORDS_SURE_MIN = 3,    /* words heard before a window may be closed early */
    LINES_MAX = 4096,      /* of more, every second, third … is judged: the work is bounded */
    LETTERS_MIN = 3,       /* less says nothing */
    FOREIGN_LETTERS_MIN = 24, /* less may look strange in any language */
    JAPANESE_KANA = 12,    /* one sign of Kana in so many, and it is not Chinese */
    SPECIAL_PER_MILLE = 25, /* so many letters of letters.tsv make a language of its own certain */
};

static const float SURE_NATS = 9.0f;       /* a window is closed when the best leads by so much */
static const float DECLARED_NATS = 3.0f;   /* what the message's own claim weighs */
static const float CONFIDENCE_MIN = 0.5f;  /* below, a language is not named */
static const float OWN_SCORE_MIN = 0.40f;  /* of what the language's own texts score: below, it is another one */
static const float CERTAIN_NATS = 12.0f;   /* the lead of a language that nothing can be mistaken for */
static const float FAR_NATS = 12.0f;
static const float EXTRAPOLATION_MAX = 8.0f;

/* What a line says. */
struct note {
    const float *behind;      /* of each language: nats behind the best, at most 0; NULL: nothing was heard */
    float judged, letters;    /* judged, and by extrapolation in the whole line */
    uint8_t script;
    bool foreign;             /* it does not look like any language of the model */
};

struct notes {
    const struct langid_model *model;
    language_id declared;
    size_t n;
    struct note *lines;
};

static language_id best_of(const struct langid_score *score, size_t n_languages, int32_t *ret_lead)
{
    language_id best = LANGUAGE_UND;
    int32_t first = -1, second = -1;

    for (size_t i = 1; i < n_languages; i++) {
        if (score->language[i] > first) {
            second = first;
            first = score->language[i];
            best = (language_id)i;
        } else if (score->language[i] > second) {
            second = score->language[i];
        }
    }
    *ret_lead = first - second;
    return best;
}

/* Judges at most n_words words from one token on; less when they leave no doubt. */
static void judge_window(const struct langid_model *model, const struct article *article, uint32_t first, uint32_t end,
                         unsigned n_words, float sure, struct langid_score *score)
{
    size_t n_languages = languages_count(model->languages);
    unsigned n = 0;

    for (uint32_t i = first; i < end && n < n_words; i++) {
        const struct token *token = &article->tokens[i];
        int32_t lead;

        if (token->kind != TOKEN_WORD)
            continue;
        langid_model_hear(model, token_view(article, token), token->script, score);
        if (++n % WORDS_SURE_MIN != 0)
            continue;
        best_of(score, n_languages, &lead);
        if ((float)lead * model->scale >= sure)
            return;
    }
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
    language_id special = LANGUAGE_UND;

    for (size_t i = 1; i < languages_count(model->languages); i++)
        if (score->special[i] * 1000 > score->letters * SPECIAL_PER_MILLE
            && language_script(model->languages, (language_id)i) == script
            && (special == LANGUAGE_UND || score->special[i] > score->special[special]))
            special = (language_id)i;
    if (special != LANGUAGE_UND)
        return special;
    if (script == SCRIPT_HANI && score->script[SCRIPT_KANA] * JAPANESE_KANA >= score->letters)
        return model->script_language[SCRIPT_KANA];
    return model->script_language[script];
}

/* The certain language (LANGUAGE_UND: none is) leads by far; else the scores decide. */
static void note_scores(const struct langid_model *model, struct arena *arena, const struct langid_score *score,
                        language_id certain, struct note *note)
{
    size_t n_languages = languages_count(model->languages);
    float *behind = ARENA_ARRAY(arena, float, n_languages);
    int32_t lead;
    language_id best = best_of(score, n_languages, &lead);
    int32_t top = score->language[best];

    note->behind = behind;
    note->foreign = certain == LANGUAGE_UND && score->letters >= FOREIGN_LETTERS_MIN
                    && (float)top < OWN_SCORE_MIN * model->own_score[best] * (float)score->letters;
    for (size_t i = 0; i < n_languages; i++)
        behind[i] = certain != LANGUAGE_UND ? -CERTAIN_NATS : (float)(score->language[i] - top) * model->scale;
    behind[certain] = certain != LANGUAGE_UND ? 0 : behind[certain];
}

static void judge_line(const struct langid_model *model, const struct article *article, const struct line *line,
                       unsigned n_words, struct note *note)
{
    struct langid_score score = {0};
    unsigned windows = 1 + line->n_tokens / WINDOW_TOKENS;
    language_id certain;

    windows = windows > n_words / WORDS_SURE_MIN ? n_words / WORDS_SURE_MIN : windows;
    windows = windows > WINDOWS ? WINDOWS : windows;

    for (unsigned k = 0; k < windows; k++) {
        uint32_t first = line->first_token + (uint32_t)((uint64_t)line->n_tokens * k / windows);
        uint32_t end = line->first_token + (uint32_t)((uint64_t)line->n_tokens * (k + 1) / windows);
        judge_window(model, article, first, end, n_words / windows, SURE_NATS * (float)(k + 1), &score);
    }
    *note = (struct note){.script = (uint8_t)main_script(&score), .judged = (float)score.letters};
    if (score.letters == 0)
        return;
    note->letters = (float)line->size * (float)score.letters / (float)(score.letters + score.words);
    certain = certain_language(model, &score, (enum script)note->script);
    note_scores(model, article->arena, &score, certain, note);
}

static void sum_note(const struct note *note, float weight, size_t n_languages, float sum[LANGUAGES_MAX])
{
    for (size_t i = 0; i < n_languages; i++)
        sum[i] += note->behind[i] * weight;
}

/* The best of a sum and how probable it makes it. */
static struct language_guess guess_of(const struct notes *notes, float sum[LANGUAGES_MAX], enum script script)
{
    const struct languages *languages = notes->model->languages;
    size_t n = languages_count(languages);
    language_id best = LANGUAGE_UND;
    float total = 0;

    if (notes->declared != LANGUAGE_UND)
        sum[notes->declared] += DECLARED_NATS;
    for (size_t i = 1; i < n; i++)
        if (best == LANGUAGE_UND || sum[i] > sum[best])
            best = (language_id)i;
    for (size_t i = 1; i < n; i++)
        if (sum[i] > sum[best] - FAR_NATS) /* nearly all are further: e^-12 is nothing */
            total += expf(sum[i] - sum[best]);
    if (best == LANGUAGE_UND || 1 / total < CONFIDENCE_MIN)
        return (struct language_guess){LANGUAGE_UND, (uint8_t)script, best == LANGUAGE_UND ? 0 : 1 / total};
    return (struct language_guess){best, (uint8_t)script, 1 / total};
}

/* A sign of Chinese is a word, a letter of others says nothing. */
static float letters_min(enum script script)
{
    return script == SCRIPT_HANI || script == SCRIPT_KANA || script == SCRIPT_HANG ? 1 : LETTERS_MIN;
}

static struct language_guess guess_line(const struct notes *notes, const struct note *note)
{
    float sum[LANGUAGES_MAX] = {0};

    if (note->judged < letters_min((enum script)note->script) || note->foreign)
        return (struct language_guess){LANGUAGE_UND, note->script, 0};
    sum_note(note, 1, languages_count(notes->model->languages), sum);
    return guess_of(notes, sum, (enum script)note->script);
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

    (void)scratch, (void)err;
    n_words = n_words < WORDS_LINE_MIN ? WORDS_LINE_MIN : n_words > WORDS_LINE_MAX ? WORDS_LINE_MAX : n_words;
    notes->model = tables;
    if (article->given.language.data != NULL)
        notes->declared = language_of(notes->model->languages, article->given.language);
    notes->n = article->n_lines;
    notes->lines = arena_zero(article->arena, article->n_lines * sizeof *notes->lines);
    for (size_t i = 0; i < article->n_lines; i++) {
        struct line *line = &article->lines[i];
        if (i % stride == 0)
            judge_line(notes->model, article, line, (unsigned)n_words, &notes->lines[i]);
        line->language = guess_line(notes, &notes->lines[i]);
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
