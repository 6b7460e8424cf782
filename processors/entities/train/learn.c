#include "processors/entities/train/learn.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PIECES = TAGS * TAGS };

/* ---- features to weights ----------------------------------------------------------------------------------------- */

static int compare_keys(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

/* Keys that occur often enough in what is learnt get a weight each. */
void model_number(struct corpus *corpus, struct model *model, unsigned least)
{
    uint32_t *keys = malloc((corpus->n_features + 1) * sizeof *keys);
    size_t n = 0, kept = 0;

    if (keys == NULL)
        abort();
    for (size_t r = 0; r < corpus->n_rows; r++)
        for (uint32_t i = 0; i < corpus->rows[r].n && !corpus->rows[r].is_test; i++) {
            const struct example *example = &corpus->examples[corpus->rows[r].first + i];
            memcpy(keys + n, corpus->features + example->features, example->n * sizeof *keys);
            n += example->n;
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
    model->weights = calloc(kept + 1, sizeof *model->weights);
    model->squares = calloc(kept + 1, sizeof *model->squares);
    model->sums = calloc(kept + 1, sizeof *model->sums);
    if (model->weights == NULL || model->squares == NULL || model->sums == NULL)
        abort();
    for (size_t i = 0; i < corpus->n_features; i++) {
        uint32_t *found = bsearch(&corpus->features[i], keys, kept, sizeof *keys, compare_keys);
        corpus->features[i] = found == NULL ? UINT32_MAX : (uint32_t)(found - keys);
    }
}

/* ---- learning ---------------------------------------------------------------------------------------------------- */

static void score_row(const struct corpus *corpus, const struct model *model, const struct row *row,
                      float scores[ROW_MAX][TAGS])
{
    for (uint32_t i = 0; i < row->n; i++) {
        const struct example *example = &corpus->examples[row->first + i];
        memset(scores[i], 0, sizeof scores[i]);
        for (unsigned f = 0; f < example->n; f++) {
            uint32_t at = corpus->features[example->features + f];
            for (unsigned tag = 0; at != UINT32_MAX && tag < TAGS; tag++)
                scores[i][tag] += model->weights[at][tag];
        }
    }
}

static float move(const struct model *model, unsigned from, unsigned to)
{
    return tag_may_follow(from, to) ? model->moves[from][to] : -1e4f;
}

static float log_sum(const float *x)
{
    float most = x[0], sum = 0;

    for (unsigned i = 1; i < TAGS; i++)
        most = x[i] > most ? x[i] : most;
    for (unsigned i = 0; i < TAGS; i++)
        sum += expf(x[i] - most);
    return most + logf(sum);
}

static void step(float *weight, float *square, float gradient, const struct setup *setup)
{
    gradient -= setup->decay * *weight;
    *square += gradient * gradient;
    *weight += setup->rate * gradient / (1e-3f + sqrtf(*square));
}

/* One step up the likelihood of one row; returns its loss. */
static float learn_row(const struct corpus *corpus, struct model *model, const struct row *row,
                       const struct setup *setup)
{
    static float scores[ROW_MAX][TAGS], ahead[ROW_MAX + 1][TAGS], behind[ROW_MAX + 1][TAGS];
    float x[TAGS], total, gold = 0, pairs[TAGS][TAGS] = {{0}};
    uint32_t n = row->n;
    unsigned before = TAG_OUTSIDE;

    score_row(corpus, model, row, scores);
    for (unsigned to = 0; to < TAGS; to++)
        ahead[0][to] = scores[0][to] + move(model, TAG_OUTSIDE, to);
    for (uint32_t i = 1; i < n; i++)
        for (unsigned to = 0; to < TAGS; to++) {
            for (unsigned from = 0; from < TAGS; from++)
                x[from] = ahead[i - 1][from] + move(model, from, to);
            ahead[i][to] = log_sum(x) + scores[i][to];
        }
    for (unsigned from = 0; from < TAGS; from++)
        behind[n - 1][from] = move(model, from, TAG_OUTSIDE);
    for (uint32_t i = n - 1; i-- > 0;)
        for (unsigned from = 0; from < TAGS; from++) {
            for (unsigned to = 0; to < TAGS; to++)
                x[to] = move(model, from, to) + scores[i + 1][to] + behind[i + 1][to];
            behind[i][from] = log_sum(x);
        }
    for (unsigned tag = 0; tag < TAGS; tag++)
        x[tag] = ahead[n - 1][tag] + behind[n - 1][tag];
    total = log_sum(x);
    for (uint32_t i = 0; i < n; i++) {
        const struct example *example = &corpus->examples[row->first + i];
        float gradient[TAGS];

        gold += scores[i][example->tag] + move(model, before, example->tag);
        for (unsigned tag = 0; tag < TAGS; tag++)
            gradient[tag] = (tag == example->tag) - expf(ahead[i][tag] + behind[i][tag] - total);
        pairs[before][example->tag] += 1;
        for (unsigned from = 0; from < TAGS; from++)
            for (unsigned to = 0; to < TAGS; to++) {
                float path = i == 0 ? (from == TAG_OUTSIDE ? 0 : -1e4f) : ahead[i - 1][from];
                pairs[from][to] -= expf(path + move(model, from, to) + scores[i][to] + behind[i][to] - total);
            }
        before = example->tag;
        for (unsigned f = 0; f < example->n; f++) {
            uint32_t at = corpus->features[example->features + f];
            for (unsigned tag = 0; at != UINT32_MAX && tag < TAGS; tag++)
                step(&model->weights[at][tag], &model->squares[at][tag], gradient[tag], setup);
        }
    }
    gold += move(model, before, TAG_OUTSIDE);
    pairs[before][TAG_OUTSIDE] += 1;
    for (unsigned from = 0; from < TAGS; from++)
        pairs[from][TAG_OUTSIDE] -= expf(ahead[n - 1][from] + move(model, from, TAG_OUTSIDE) - total);
    for (unsigned from = 0; from < TAGS; from++)
        for (unsigned to = 0; to < TAGS; to++)
            if (tag_may_follow(from, to))
                step(&model->moves[from][to], &model->move_squares[from][to], pairs[from][to], setup);
    return total - gold;
}

static void sum_up(struct model *model)
{
    for (size_t i = 0; i < model->n; i++)
        for (unsigned tag = 0; tag < TAGS; tag++)
            model->sums[i][tag] += model->weights[i][tag];
    for (unsigned i = 0; i < PIECES; i++)
        (&model->move_sums[0][0])[i] += (&model->moves[0][0])[i];
    model->n_sums++;
}

static void take_average(struct model *model)
{
    for (size_t i = 0; i < model->n; i++)
        for (unsigned tag = 0; tag < TAGS; tag++)
            model->weights[i][tag] = (float)(model->sums[i][tag] / model->n_sums);
    for (unsigned i = 0; i < PIECES; i++)
        (&model->moves[0][0])[i] = (float)((&model->move_sums[0][0])[i] / model->n_sums);
}

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

void model_learn(const struct corpus *corpus, struct model *model, const struct setup *setup)
{
    uint32_t *order = malloc((corpus->n_rows * 16 + 1) * sizeof *order);
    uint64_t random = setup->seed * 0x9e3779b97f4a7c15u | 1;
    size_t n = 0;

    if (order == NULL)
        abort();
    for (uint32_t r = 0; r < corpus->n_rows; r++)
        for (uint8_t k = 0; k < corpus->rows[r].times && !corpus->rows[r].is_test; k++)
            order[n++] = r;
    for (unsigned epoch = 0; epoch < setup->epochs; epoch++) {
        double loss = 0;
        for (size_t i = n; i > 1; i--) {
            size_t k = next_random(&random) % i;
            uint32_t kept = order[i - 1];
            order[i - 1] = order[k];
            order[k] = kept;
        }
        for (size_t i = 0; i < n; i++) {
            loss += (double)learn_row(corpus, model, &corpus->rows[order[i]], setup);
            if (epoch * 2 >= setup->epochs && i % (n / 4 + 1) == n / 4)
                sum_up(model);
        }
        fprintf(stderr, "\r%s: round %u of %u, loss %.4f a row ", setup->language, epoch + 1, setup->epochs,
                loss / (double)(n == 0 ? 1 : n));
    }
    fputc('\n', stderr);
    if (model->n_sums > 0)
        take_average(model);
    free(order);
}

/* ---- measuring --------------------------------------------------------------------------------------------------- */

static void best_row(const struct corpus *corpus, const struct model *model, const struct row *row, uint8_t *ret_tags)
{
    static float scores[ROW_MAX][TAGS];
    static uint8_t from_of[ROW_MAX][TAGS];
    float sums[TAGS], next[TAGS];
    unsigned last = 0;

    score_row(corpus, model, row, scores);
    for (unsigned to = 0; to < TAGS; to++)
        sums[to] = scores[0][to] + move(model, TAG_OUTSIDE, to);
    for (uint32_t i = 1; i < row->n; i++) {
        for (unsigned to = 0; to < TAGS; to++) {
            float best = -1e9f;
            for (unsigned from = 0; from < TAGS; from++)
                if (sums[from] + move(model, from, to) > best) {
                    best = sums[from] + move(model, from, to);
                    from_of[i][to] = (uint8_t)from;
                }
            next[to] = best + scores[i][to];
        }
        memcpy(sums, next, sizeof sums);
    }
    for (unsigned tag = 1; tag < TAGS; tag++)
        if (sums[tag] + move(model, tag, TAG_OUTSIDE) > sums[last] + move(model, last, TAG_OUTSIDE))
            last = tag;
    for (uint32_t i = row->n; i-- > 0; last = from_of[i][last])
        ret_tags[i] = (uint8_t)last;
}

static uint32_t span_end(const uint8_t *tags, uint32_t n, uint32_t at)
{
    uint32_t end = at + 1;

    while (end < n && tags[end] == tags[at] + 1)
        end++;
    return end;
}

void model_test(const struct corpus *corpus, const struct model *model)
{
    static const char *const names[] = {"PER", "ORG", "LOC", "all"};
    unsigned right[4] = {0}, found[4] = {0}, marked[4] = {0};

    for (size_t r = 0; r < corpus->n_rows; r++) {
        const struct row *row = &corpus->rows[r];
        uint8_t tags[ROW_MAX], gold[ROW_MAX];

        if (!row->is_test)
            continue;
        best_row(corpus, model, row, tags);
        for (uint32_t i = 0; i < row->n; i++)
            gold[i] = corpus->examples[row->first + i].tag;
        for (uint32_t i = 0; i < row->n; i++) {
            unsigned type = tags[i] % 2 == 1 ? (tags[i] - 1u) / 2 : 0;
            if (tags[i] % 2 == 1) {
                found[type]++;
                right[type] += gold[i] == tags[i] && span_end(gold, row->n, i) == span_end(tags, row->n, i);
            }
            if (gold[i] % 2 == 1)
                marked[(gold[i] - 1) / 2]++;
        }
    }
    for (unsigned i = 0; i < 4; i++) {
        double p, q;
        if (i < 3)
            right[3] += right[i], found[3] += found[i], marked[3] += marked[i];
        p = found[i] == 0 ? 0 : 100.0 * right[i] / found[i];
        q = marked[i] == 0 ? 0 : 100.0 * right[i] / marked[i];
        printf("  %s P %5.1f R %5.1f F %5.1f", names[i], p, q, p + q == 0 ? 0 : 2 * p * q / (p + q));
    }
    putchar('\n');
}
