#include "processors/escalation/train/learn.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- features to weights ----------------------------------------------------------------------------------------- */

static int compare_keys(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

static void *zeros(size_t n, size_t size)
{
    void *items = calloc(n + 1, size);

    if (items == NULL)
        abort();
    return items;
}

/* Keys of one row or detail, as indices. */
static void keys_find(struct corpus *corpus, struct model *model, uint32_t first, uint32_t n, unsigned language)
{
    for (uint32_t f = first; f < first + n; f++) {
        uint32_t *found = bsearch(&corpus->features[f], model->keys, model->n, sizeof *model->keys, compare_keys);

        corpus->features[f] = found == NULL ? UINT32_MAX : (uint32_t)(found - model->keys);
        if (found != NULL)
            model->language[found - model->keys] |= (uint32_t)1 << language;
    }
}

/* Keys that occur often enough in what is learnt get a weight each. */
void model_number(struct corpus *corpus, struct model *model, unsigned least)
{
    uint32_t *keys = zeros(corpus->n_features, sizeof *keys);
    size_t n = 0, kept = 0;

    for (size_t r = 0; r < corpus->n_rows; r++)
        if (!corpus->rows[r].is_test) {
            memcpy(keys + n, corpus->features + corpus->rows[r].first, corpus->rows[r].n * sizeof *keys);
            n += corpus->rows[r].n;
        }
    for (size_t i = 0; i < corpus->n_details; i++)
        if (!corpus->rows[corpus->details[i].row].is_test) {
            memcpy(keys + n, corpus->features + corpus->details[i].first, corpus->details[i].n * sizeof *keys);
            n += corpus->details[i].n;
        }
    qsort(keys, n, sizeof *keys, compare_keys);
    for (size_t i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && keys[end] == keys[i];)
            end++;
        if (end - i >= least)
            keys[kept++] = keys[i];
    }
    model->n = kept;
    model->keys = keys;
    model->language = zeros(kept, sizeof *model->language);
    model->weights = zeros(kept, sizeof *model->weights);
    model->squares = zeros(kept, sizeof *model->squares);
    model->sums = zeros(kept, sizeof *model->sums);
    model->details = zeros(kept, sizeof *model->details);
    model->detail_squares = zeros(kept, sizeof *model->detail_squares);
    for (size_t r = 0; r < corpus->n_rows; r++)
        keys_find(corpus, model, corpus->rows[r].first, corpus->rows[r].n, corpus->rows[r].language);
    for (size_t i = 0; i < corpus->n_details; i++)
        keys_find(corpus, model, corpus->details[i].first, corpus->details[i].n,
                  corpus->rows[corpus->details[i].row].language);
}

/* The same of what makes a word tell. */
static void places_number(struct corpus *corpus, struct model *model)
{
    uint32_t *keys = zeros(corpus->n_places, sizeof *keys);
    size_t n = 0, kept = 0;

    for (size_t w = 0; w < corpus->n_words; w++)
        for (unsigned down = 0; down < 2 && !corpus->rows[corpus->words[w].row].is_test; down++) {
            memcpy(keys + n, corpus->places + corpus->words[w].features[down], corpus->words[w].n * sizeof *keys);
            n += corpus->words[w].n;
        }
    qsort(keys, n, sizeof *keys, compare_keys);
    for (size_t i = 0; i < n; i++)
        if (i == 0 || keys[i] != keys[i - 1])
            keys[kept++] = keys[i];
    model->n_places = kept;
    model->place_keys = keys;
    model->place_language = zeros(kept, sizeof *model->place_language);
    model->places = zeros(kept, sizeof *model->places);
    model->place_squares = zeros(kept, sizeof *model->place_squares);
    for (size_t w = 0; w < corpus->n_words; w++)
        for (uint32_t f = corpus->words[w].features[0]; f < corpus->words[w].features[1] + corpus->words[w].n; f++) {
            uint32_t *found = bsearch(&corpus->places[f], keys, kept, sizeof *keys, compare_keys);

            corpus->places[f] = found == NULL ? UINT32_MAX : (uint32_t)(found - keys);
            if (found != NULL)
                model->place_language[found - keys] |= (uint32_t)1 << corpus->rows[corpus->words[w].row].language;
        }
}

/* And of what makes a party act. */
static void parts_number(struct corpus *corpus, struct model *model)
{
    uint32_t *keys = zeros(corpus->n_parts, sizeof *keys);
    size_t n = 0, kept = 0;

    for (size_t i = 0; i < corpus->n_standings; i++)
        if (!corpus->rows[corpus->standings[i].row].is_test) {
            memcpy(keys + n, corpus->parts + corpus->standings[i].features, corpus->standings[i].n * sizeof *keys);
            n += corpus->standings[i].n;
        }
    qsort(keys, n, sizeof *keys, compare_keys);
    for (size_t i = 0; i < n; i++)
        if (i == 0 || keys[i] != keys[i - 1])
            keys[kept++] = keys[i];
    model->n_parts = kept;
    model->part_keys = keys;
    model->part_language = zeros(kept, sizeof *model->part_language);
    model->parts = zeros(kept, sizeof *model->parts);
    model->part_squares = zeros(kept, sizeof *model->part_squares);
    for (size_t i = 0; i < corpus->n_standings; i++)
        for (uint32_t f = corpus->standings[i].features; f < corpus->standings[i].features + corpus->standings[i].n; f++) {
            uint32_t *found = bsearch(&corpus->parts[f], keys, kept, sizeof *keys, compare_keys);

            corpus->parts[f] = found == NULL ? UINT32_MAX : (uint32_t)(found - keys);
            if (found != NULL)
                model->part_language[found - keys] |= (uint32_t)1 << corpus->rows[corpus->standings[i].row].language;
        }
}

/* ---- learning ---------------------------------------------------------------------------------------------------- */

static void sum_up(const struct corpus *corpus, const struct model *model, const struct row *row, float sums[ANSWERS])
{
    memset(sums, 0, ANSWERS * sizeof *sums);
    for (uint32_t f = row->first; f < row->first + row->n; f++) {
        uint32_t at = corpus->features[f];
        for (unsigned k = 0; at != UINT32_MAX && k < ANSWERS; k++)
            sums[k] += model->weights[at][k];
    }
}

/* Scores to chances. */
static void soften(float *x, unsigned first, unsigned end)
{
    float most = x[first], sum = 0;

    for (unsigned i = first; i < end; i++)
        most = x[i] > most ? x[i] : most;
    for (unsigned i = first; i < end; i++)
        sum += x[i] = expf(x[i] - most);
    for (unsigned i = first; i < end; i++)
        x[i] /= sum;
}

static void step(float *weight, float *square, float gradient, const struct setup *setup)
{
    gradient -= setup->decay * *weight;
    *square += gradient * gradient;
    *weight += setup->rate * gradient / (1e-3f + sqrtf(*square));
}

static double learn_row(const struct corpus *corpus, struct model *model, const struct row *row, const struct setup *setup)
{
    float x[ANSWERS];
    double loss;

    sum_up(corpus, model, row, x);
    soften(x, 0, ANSWERS);
    loss = -log((double)x[row->answer] + 1e-9);
    for (unsigned k = 0; k < ANSWERS; k++)
        x[k] = (float)(k == row->answer) - x[k];
    for (uint32_t f = row->first; f < row->first + row->n; f++) {
        uint32_t at = corpus->features[f];
        for (unsigned k = 0; at != UINT32_MAX && k < ANSWERS; k++)
            step(&model->weights[at][k], &model->squares[at][k], x[k], setup);
    }
    return loss;
}

static unsigned first_kind(unsigned down)
{
    return down ? KIND_LAST_ESCALATION + 1 : 0;
}

static unsigned end_kind(unsigned down)
{
    return down ? EVENT_KINDS : KIND_LAST_ESCALATION + 1;
}

static void detail_add(const struct corpus *corpus, const struct model *model, uint32_t first, uint32_t n,
                       float sums[CLASSIFIER_DETAILS])
{
    for (uint32_t f = first; f < first + n; f++) {
        uint32_t at = corpus->features[f];
        for (unsigned k = 0; at != UINT32_MAX && k < CLASSIFIER_DETAILS; k++)
            sums[k] += model->details[at][k];
    }
}

static void detail_sums(const struct corpus *corpus, const struct model *model, const struct detail *detail,
                        float sums[CLASSIFIER_DETAILS])
{
    const struct row *row = &corpus->rows[detail->row];

    memset(sums, 0, CLASSIFIER_DETAILS * sizeof *sums);
    detail_add(corpus, model, row->first, row->n, sums);
    detail_add(corpus, model, detail->first, detail->n, sums);
}

static void detail_step(const struct corpus *corpus, struct model *model, uint32_t first, uint32_t n,
                        const float x[CLASSIFIER_DETAILS], const struct setup *setup)
{
    for (uint32_t f = first; f < first + n; f++) {
        uint32_t at = corpus->features[f];
        for (unsigned k = 0; at != UINT32_MAX && k < CLASSIFIER_DETAILS; k++)
            step(&model->details[at][k], &model->detail_squares[at][k], x[k], setup);
    }
}

/* Kind and mode of a mark: of the kinds only those of its direction compete. */
static void learn_detail(const struct corpus *corpus, struct model *model, const struct detail *detail,
                         const struct setup *setup)
{
    const struct row *row = &corpus->rows[detail->row];
    unsigned down = !event_kind_escalates((enum event_kind)detail->kind);
    float x[CLASSIFIER_DETAILS];

    detail_sums(corpus, model, detail, x);
    soften(x, first_kind(down), end_kind(down));
    soften(x, EVENT_KINDS, CLASSIFIER_DETAILS);
    for (unsigned k = 0; k < CLASSIFIER_DETAILS; k++) {
        bool competes = k >= EVENT_KINDS || (k >= first_kind(down) && k < end_kind(down));
        bool is_it = k == detail->kind || k == (unsigned)EVENT_KINDS + detail->mode;
        x[k] = competes ? (float)is_it - x[k] : 0;
    }
    detail_step(corpus, model, row->first, row->n, x, setup);
    detail_step(corpus, model, detail->first, detail->n, x, setup);
}

static float place_sum(const struct corpus *corpus, const struct model *model, const struct word *word, unsigned down)
{
    float sum = 0;

    for (uint32_t f = word->features[down]; f < word->features[down] + word->n; f++)
        if (corpus->places[f] != UINT32_MAX)
            sum += model->places[corpus->places[f]];
    return sum;
}

/* Of the words of a line those that are in a mark of this direction share the chance to be the one. */
static void learn_place(const struct corpus *corpus, struct model *model, const struct word *words, size_t n, unsigned down,
                        const struct setup *setup)
{
    float chances[STRETCH_TOKENS], marked = 0;

    for (size_t i = 0; i < n; i++)
        chances[i] = place_sum(corpus, model, &words[i], down);
    soften(chances, 0, (unsigned)n);
    for (size_t i = 0; i < n; i++)
        marked += (words[i].answers >> down & 1) != 0 ? chances[i] : 0;
    if (marked <= 0)
        return;
    for (size_t i = 0; i < n; i++) {
        float gradient = ((words[i].answers >> down & 1) != 0 ? chances[i] / marked : 0) - chances[i];

        for (uint32_t f = words[i].features[down]; f < words[i].features[down] + words[i].n; f++)
            if (corpus->places[f] != UINT32_MAX)
                step(&model->places[corpus->places[f]], &model->place_squares[corpus->places[f]], gradient, setup);
    }
}

/* Words of one row, which stand together. */
static size_t words_of(const struct corpus *corpus, size_t first)
{
    size_t end = first;

    while (end < corpus->n_words && corpus->words[end].row == corpus->words[first].row)
        end++;
    return end - first;
}

static void learn_places(struct corpus *corpus, struct model *model, const struct setup *setup)
{
    for (unsigned epoch = 0; epoch < setup->epochs; epoch++)
        for (size_t at = 0, n; at < corpus->n_words; at += n) {
            n = words_of(corpus, at);
            for (unsigned down = 0; down < 2 && !corpus->rows[corpus->words[at].row].is_test; down++)
                learn_place(corpus, model, corpus->words + at, n, down, setup);
        }
}

static void part_sums(const struct corpus *corpus, const struct model *model, const struct standing *standing, float sums[PARTS])
{
    memset(sums, 0, PARTS * sizeof *sums);
    for (uint32_t f = standing->features; f < standing->features + standing->n; f++)
        for (unsigned k = 0; corpus->parts[f] != UINT32_MAX && k < PARTS; k++)
            sums[k] += model->parts[corpus->parts[f]][k];
}

static void learn_parts(const struct corpus *corpus, struct model *model, const struct setup *setup)
{
    for (unsigned epoch = 0; epoch < setup->epochs; epoch++)
        for (size_t i = 0; i < corpus->n_standings; i++) {
            const struct standing *standing = &corpus->standings[i];
            float x[PARTS];

            if (corpus->rows[standing->row].is_test)
                continue;
            part_sums(corpus, model, standing, x);
            soften(x, 0, PARTS);
            for (unsigned k = 0; k < PARTS; k++)
                x[k] = (float)(k == standing->part) - x[k];
            for (uint32_t f = standing->features; f < standing->features + standing->n; f++)
                for (unsigned k = 0; corpus->parts[f] != UINT32_MAX && k < PARTS; k++)
                    step(&model->parts[corpus->parts[f]][k], &model->part_squares[corpus->parts[f]][k], x[k], setup);
        }
}

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static void shuffle(uint32_t *order, size_t n, uint64_t *random)
{
    for (size_t i = n; i > 1; i--) {
        size_t k = next_random(random) % i;
        uint32_t row = order[i - 1];
        order[i - 1] = order[k];
        order[k] = row;
    }
}

static void learn_details(const struct corpus *corpus, struct model *model, const struct setup *setup, uint64_t *random)
{
    uint32_t *order = zeros(corpus->n_details, sizeof *order);
    size_t n = 0;

    for (uint32_t i = 0; i < corpus->n_details; i++)
        if (!corpus->rows[corpus->details[i].row].is_test)
            order[n++] = i;
    for (unsigned epoch = 0; epoch < setup->epochs / 2; epoch++) {
        shuffle(order, n, random);
        for (size_t i = 0; i < n; i++)
            learn_detail(corpus, model, &corpus->details[order[i]], setup);
    }
    free(order);
}

/* One run through the lines, often, in an order of its own; its later states are added to the sums. */
static double round_learn(const struct corpus *corpus, struct model *model, const struct setup *setup, uint32_t *order, size_t n,
                          uint64_t *random)
{
    double loss = 0;

    memset(model->weights, 0, model->n * sizeof *model->weights);
    memset(model->squares, 0, model->n * sizeof *model->squares);
    for (unsigned epoch = 0; epoch < setup->epochs; epoch++) {
        shuffle(order, n, random);
        loss = 0;
        for (size_t i = 0; i < n; i++)
            loss += learn_row(corpus, model, &corpus->rows[order[i]], setup);
        for (size_t i = 0; i < model->n && epoch >= setup->epochs / 2; i++)
            for (unsigned k = 0; k < ANSWERS; k++)
                model->sums[i][k] += (double)model->weights[i][k];
    }
    return loss;
}

void model_learn(struct corpus *corpus, struct model *model, const struct setup *setup)
{
    uint32_t *order = zeros(corpus->n_rows, sizeof *order);
    uint64_t random = setup->seed * 0x9e3779b97f4a7c15u | 1;
    size_t n = 0;
    double n_sums = (double)(setup->epochs - setup->epochs / 2) * setup->rounds, loss = 0;

    places_number(corpus, model);
    learn_places(corpus, model, setup);
    parts_number(corpus, model);
    learn_parts(corpus, model, setup);
    for (uint32_t r = 0; r < corpus->n_rows; r++)
        if (!corpus->rows[r].is_test && corpus->rows[r].answer != ROW_SKIPPED)
            order[n++] = r;
    learn_details(corpus, model, setup, &random);
    for (unsigned i = 0; i < setup->rounds; i++)
        loss = round_learn(corpus, model, setup, order, n, &random);
    for (size_t i = 0; i < model->n; i++)
        for (unsigned k = 0; k < ANSWERS; k++)
            model->weights[i][k] = (float)(model->sums[i][k] / n_sums);
    fprintf(stderr, "%zu lines, %zu features, loss %.3f a line\n", n, model->n, loss / (double)(n + 1));
    free(order);
}

/* ---- measuring --------------------------------------------------------------------------------------------------- */

static void tally_row(const struct row *row, unsigned answer, struct tally *tally)
{
    if (row->answer == ANSWER_BOTH || row->answer == ROW_SKIPPED)
        return;
    tally->n++;
    tally->right += answer == row->answer;
    tally->silent += row->answer == ANSWER_NOTHING;
    tally->alarms += row->answer == ANSWER_NOTHING && answer != ANSWER_NOTHING;
    tally->told += row->answer != ANSWER_NOTHING;
    tally->missed += row->answer != ANSWER_NOTHING && answer == ANSWER_NOTHING;
}

static unsigned best_of(const float *x, unsigned first, unsigned end)
{
    unsigned best = first;

    for (unsigned k = first; k < end; k++)
        if (x[k] > x[best])
            best = k;
    return best;
}

void model_test(const struct corpus *corpus, const struct model *model, const struct setup *setup,
                struct tally rules[LANGUAGES_LEARNT], struct tally learnt[LANGUAGES_LEARNT])
{
    for (size_t r = 0; r < corpus->n_rows; r++) {
        const struct row *row = &corpus->rows[r];
        float x[ANSWERS];

        if (!row->is_test)
            continue;
        sum_up(corpus, model, row, x);
        x[ANSWER_NOTHING] += setup->bias;
        tally_row(row, row->ruled, &rules[row->language]);
        tally_row(row, best_of(x, 0, ANSWERS), &learnt[row->language]);
    }
    for (size_t i = 0; i < corpus->n_details; i++) {
        const struct detail *detail = &corpus->details[i];
        struct tally *tally = &learnt[corpus->rows[detail->row].language];
        unsigned down = !event_kind_escalates((enum event_kind)detail->kind);
        float x[CLASSIFIER_DETAILS];

        if (!corpus->rows[detail->row].is_test)
            continue;
        detail_sums(corpus, model, detail, x);
        tally->details++;
        tally->kinds += best_of(x, first_kind(down), end_kind(down)) == detail->kind;
        tally->modes += best_of(x, EVENT_KINDS, CLASSIFIER_DETAILS) - EVENT_KINDS == detail->mode;
    }
    for (size_t at = 0, n; at < corpus->n_words; at += n) {
        const struct row *row = &corpus->rows[corpus->words[at].row];

        n = words_of(corpus, at);
        for (unsigned down = 0; down < 2 && row->is_test; down++) {
            size_t best = at;
            bool is_marked = false;

            for (size_t i = at; i < at + n; i++) {
                is_marked |= (corpus->words[i].answers >> down & 1) != 0;
                if (place_sum(corpus, model, &corpus->words[i], down) > place_sum(corpus, model, &corpus->words[best], down))
                    best = i;
            }
            learnt[row->language].places += is_marked;
            learnt[row->language].placed += is_marked && (corpus->words[best].answers >> down & 1) != 0;
        }
    }
    for (size_t i = 0; i < corpus->n_standings; i++) {
        const struct standing *standing = &corpus->standings[i];
        struct tally *tally = &learnt[corpus->rows[standing->row].language];
        float x[PARTS];

        if (!corpus->rows[standing->row].is_test)
            continue;
        part_sums(corpus, model, standing, x);
        tally->standings++;
        tally->stood += standing->ruled == standing->part;
        tally->standing += best_of(x, 0, PARTS) == standing->part;
    }
}
