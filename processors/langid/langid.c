#include "processors/langid/langid.h"

#include "processors/langid/greatest.h"
#include "processors/langid/judge.h"
#include "processors/langid/model.h"

#include <math.h>

enum {
    WORDS_ARTICLE = 160, /* judged words of an article, shared evenly by its lines */
    WORDS_LINE_MIN = 5,  /* but no line gets less */
    WORDS_LINE_MAX = 96,
    LINES_MAX = 4096,    /* of more, every second, third … is judged: the work is bounded */
    LETTERS_MIN = 3,     /* less says nothing */
    EVERYDAY_WEIGHT = 90, /* of a word: 16 log(share / 3e-7), as train.py has it: a share of 8e-5 */
};

static const float DECLARED_NATS = 3.0f;    /* what the message's own claim weighs */
static const float CONFIDENCE_MIN = 0.5f;   /* below, a language is not named */
static const float USUAL_CONFIDENCE = 0.99f;
static const float NEAR_NATS = 10.0f;       /* beyond, the others' probabilities are next to nothing: e^-10 */
static const float EXTRAPOLATION_MAX = 8.0f;

struct notes {
    const struct langid_model *model;
    language_id declared;
    size_t n;
    struct note *lines;
};

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
    float total = 0, most;

    if (notes->declared != LANGUAGE_UND)
        sum[notes->declared] += DECLARED_NATS;
    for (size_t i = 1; i < n; i++)
        sum[i] += notes->model->prior[i];
    most = greatest_nats(sum + 1, n - 1);
    while (sum[best] < most)
        best++;
    for (size_t i = 1; i < n; i++)
        if (sum[i] > most - NEAR_NATS)
            total += expf(sum[i] - most);
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

/* How many letters of a line the article's language depends on. */
static float letters_that_count(const struct article *article, size_t i, const uint32_t *kept, const bool *line_counts)
{
    const struct notes *notes = article->language_notes;
    const struct note *note = &notes->lines[i];

    if (note->judged < 1 || (line_counts != NULL && !line_counts[i]))
        return 0;
    return kept == NULL ? note->letters : note->letters * (float)kept[i] / (float)article->lines[i].size;
}

/* The language that most letters stand in. */
static language_id most_letters(const struct article *article, const float *letters)
{
    const struct notes *notes = article->language_notes;
    float of[LANGUAGES_MAX] = {0};
    language_id best = LANGUAGE_UND;

    for (size_t i = 0; i < article->n_lines; i++)
        of[article->lines[i].language.language] += letters[i];
    for (size_t i = 1; i < languages_count(notes->model->languages); i++)
        if (of[i] > 0 && (best == LANGUAGE_UND || of[i] > of[best]))
            best = (language_id)i;
    return best;
}

/* It says for certain that it is in another language. */
static bool is_apart(const struct note *note, language_id language)
{
    if (note->behind != NULL)
        return note->behind[language] <= -CERTAIN_NATS;
    return note->best != language && note->lead >= CERTAIN_NATS;
}

/* Lines in the language of most letters, or in one that may be it, are summed; those apart (a quotation, a tweet, another
 * site's box) do not count, however sure they are. */
void langid_settle(struct article *article, const bool *line_counts)
{
    const struct notes *notes = article->language_notes;
    float sum[LANGUAGES_MAX] = {0}, letters_of[SCRIPTS] = {0}, known = 0, foreign = 0;
    enum script script = SCRIPT_NONE;
    uint32_t hans = 0, hant = 0;
    language_id most;
    uint32_t *kept;
    float *letters;

    if (notes == NULL)
        return;
    kept = kept_bytes(article);
    letters = ARENA_ARRAY(article->arena, float, article->n_lines);
    for (size_t i = 0; i < article->n_lines; i++)
        letters[i] = letters_that_count(article, i, kept, line_counts);
    most = most_letters(article, letters);
    for (size_t i = 0; i < article->n_lines; i++) {
        const struct note *note = &notes->lines[i];
        float weight;

        if (letters[i] <= 0 || (most != LANGUAGE_UND && is_apart(note, most)))
            continue;
        letters_of[note->script] += letters[i];
        hans += note->hans;
        hant += note->hant;
        *(note->foreign ? &foreign : &known) += letters[i];
        weight = letters[i] / note->judged;
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

bool langid_is_everyday(const struct article *article, const struct token *token, language_id language)
{
    const struct notes *notes = article->language_notes;
    struct langid_word word = {token_view(article, token), token->script, false};
    struct langid_claim claim = {0};

    if (notes == NULL)
        return false;
    langid_model_claim(notes->model, &word, 1, language, &claim);
    return claim.own >= EVERYDAY_WEIGHT;
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

    struct language_guess usual = {LANGUAGE_UND, SCRIPT_NONE, 0};

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
            line->language = usual;
            continue;
        }
        judge_line(notes->model, article, line, (unsigned)n_words, note);
        line->language = guess_line(notes, note);
        if (line->language.language != LANGUAGE_UND && line->language.confidence >= USUAL_CONFIDENCE)
            usual = (struct language_guess){line->language.language, line->language.script, USUAL_CONFIDENCE};
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
