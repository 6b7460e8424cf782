#include "processors/entities/train/learn.h"

#include "processors/model_file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PIECES = TAGS * TAGS };

struct bytes {
    unsigned char *data;
    size_t n, room;
};

static void put(struct bytes *bytes, const void *data, size_t size)
{
    bytes->data = grow(bytes->data, &bytes->room, bytes->n + size, 1);
    memcpy(bytes->data + bytes->n, data, size);
    bytes->n += size;
}

static void put_u32(struct bytes *bytes, uint32_t number)
{
    unsigned char four[4] = {(unsigned char)number, (unsigned char)(number >> 8), (unsigned char)(number >> 16),
                             (unsigned char)(number >> 24)};
    put(bytes, four, 4);
}

static void put_f32(struct bytes *bytes, float number)
{
    uint32_t bits;

    memcpy(&bits, &number, sizeof bits);
    put_u32(bytes, bits);
}

static void put_step(struct bytes *bytes, uint32_t step)
{
    for (; step >= 0x80; step >>= 7)
        put(bytes, &(unsigned char){(unsigned char)(step | 0x80)}, 1);
    put(bytes, &(unsigned char){(unsigned char)step}, 1);
}

static int quantised(float weight, float unit, int most)
{
    float x = roundf(weight / unit);

    return x > (float)most ? most : x < (float)-most ? -most : (int)x;
}

/* Without case the words that stood in no name, often enough; with case those that did. */
static size_t told_words(const struct corpus *corpus, const struct setup *setup, uint32_t **ret_words)
{
    uint64_t *seen = malloc((corpus->n_examples + 1) * sizeof *seen);
    size_t n = 0, n_told = 0;

    if (seen == NULL)
        abort();
    for (size_t r = 0; r < corpus->n_rows; r++)
        for (uint32_t i = 0; i < corpus->rows[r].n && !corpus->rows[r].is_test; i++) {
            const struct example *example = &corpus->examples[corpus->rows[r].first + i];
            seen[n++] = (uint64_t)example->word << 1 | (example->tag != TAG_OUTSIDE);
        }
    qsort(seen, n, sizeof *seen, compare_wide);
    *ret_words = malloc((n + 1) * sizeof **ret_words);
    for (size_t i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && seen[end] >> 1 == seen[i] >> 1;)
            end++;
        bool in_name = (seen[end - 1] & 1) != 0;
        if (seen[i] >> 1 != 0 && (setup->has_case ? in_name : !in_name && end - i >= setup->told_least))
            (*ret_words)[n_told++] = (uint32_t)(seen[i] >> 1);
    }
    free(seen);
    return n_told;
}

static void put_words(struct bytes *bytes, const struct setup *setup, uint32_t *ret_n)
{
    const struct tag_words *words = &setup->words;
    uint64_t *both = malloc(((size_t)words->mask + 1) * sizeof *both);
    uint32_t last = 0;
    size_t n = 0;

    for (uint32_t i = 0; words->slots != NULL && i <= words->mask; i++)
        if (words->slots[i] != 0)
            both[n++] = (uint64_t)setup->keys[i] << 8 | (words->slots[i] & 0xff);
    qsort(both, n, sizeof *both, compare_wide);
    for (size_t i = 0; i < n; i++) {
        put_step(bytes, (uint32_t)(both[i] >> 8) - last);
        last = (uint32_t)(both[i] >> 8);
    }
    for (size_t i = 0; i < n; i++)
        put(bytes, &(unsigned char){(unsigned char)both[i]}, 1);
    free(both);
    *ret_n = (uint32_t)n;
}

void model_write(const struct corpus *corpus, const struct model *model, const struct setup *setup)
{
    struct bytes file = {0}, keys = {0}, weights = {0}, words = {0};
    uint32_t n = 0, n_words = 0, last = 0, *told;
    size_t n_told = told_words(corpus, setup, &told);
    FILE *stream = fopen(setup->out, "wb");
    uint64_t sum;

    for (size_t i = 0; i < model->n; i++) {
        signed char row[TAGS];
        int most = 0;
        for (unsigned tag = 0; tag < TAGS; tag++) {
            row[tag] = (signed char)quantised(model->weights[i][tag], setup->unit, 127);
            most = abs(row[tag]) > most ? abs(row[tag]) : most;
        }
        if (most < setup->weight_least)
            continue;
        put_step(&keys, model->keys[i] - last);
        last = model->keys[i];
        put(&weights, row, TAGS);
        n++;
    }
    put_words(&words, setup, &n_words);
    put(&file, "TOCSINTG", 8);
    put_u32(&file, 1);
    put_u32(&file, (uint32_t)strlen(setup->notice));
    put(&file, setup->notice, strlen(setup->notice));
    put_u32(&file, n);
    put_u32(&file, (uint32_t)n_told);
    put_u32(&file, n_words);
    put_u32(&file, setup->has_case);
    put_f32(&file, setup->confidence_base);
    put_f32(&file, setup->confidence_slope);
    put_f32(&file, setup->unit);
    put_u32(&file, 0);
    for (unsigned i = 0; i < PIECES; i++) {
        int x = quantised((&model->moves[0][0])[i], setup->unit, 30000);
        put(&file, (unsigned char[]){(unsigned char)x, (unsigned char)(x >> 8)}, 2);
    }
    put(&file, keys.data, keys.n);
    put(&file, weights.data, weights.n);
    last = 0;
    for (size_t i = 0; i < n_told; i++) {
        put_step(&file, told[i] - last);
        last = told[i];
    }
    put(&file, words.data, words.n);
    sum = model_file_checksum(file.data, file.n);
    put_u32(&file, (uint32_t)sum);
    put_u32(&file, (uint32_t)(sum >> 32));
    if (stream == NULL || fwrite(file.data, 1, file.n, stream) != file.n || fclose(stream) != 0) {
        perror(setup->out);
        exit(2);
    }
    fprintf(stderr, "%s: %zu bytes: %u features, %zu told words, %u listed words\n", setup->out, file.n, n, n_told,
            n_words);
}
