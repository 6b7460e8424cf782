#include "processors/escalation/train/learn.h"

#include "processors/model_file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct bytes {
    unsigned char *data;
    size_t n, room;
};

static void put(struct bytes *bytes, const void *data, size_t size)
{
    if (size == 0)
        return;
    bytes->data = grow(bytes->data, &bytes->room, bytes->n + size, 1);
    memcpy(bytes->data + bytes->n, data, size);
    bytes->n += size;
}

static void put_u32(struct bytes *bytes, uint32_t number)
{
    put(bytes, (unsigned char[]){(unsigned char)number, (unsigned char)(number >> 8), (unsigned char)(number >> 16),
                                 (unsigned char)(number >> 24)}, 4);
}

static void put_step(struct bytes *bytes, uint32_t step)
{
    for (; step >= 0x80; step >>= 7)
        put(bytes, &(unsigned char){(unsigned char)(step | 0x80)}, 1);
    put(bytes, &(unsigned char){(unsigned char)step}, 1);
}

static void put_f32(struct bytes *bytes, float number)
{
    uint32_t bits;

    memcpy(&bits, &number, sizeof bits);
    put_u32(bytes, bits);
}

/* One row of weights in steps of unit; returns the largest. */
static int quantise(const float *weights, unsigned n, float unit, signed char *ret_row)
{
    int most = 0;

    for (unsigned i = 0; i < n; i++) {
        float x = roundf(weights[i] / unit);
        ret_row[i] = (signed char)(x > 127 ? 127 : x < -127 ? -127 : x);
        most = abs(ret_row[i]) > most ? abs(ret_row[i]) : most;
    }
    return most;
}

/* Keys that this language uses and whose weights say something, and their weights behind all keys.  Returns their number. */
static uint32_t put_weights(struct bytes *out, const uint32_t *keys, const uint32_t *users, size_t n_keys, unsigned language,
                            const float *weights, unsigned width, float unit, int least)
{
    struct bytes rows = {0};
    signed char row[CLASSIFIER_DETAILS];
    uint32_t n = 0, last = 0;

    for (size_t i = 0; i < n_keys; i++) {
        if ((users[i] >> language & 1) == 0 || quantise(weights + i * width, width, unit, row) < least)
            continue;
        put_step(out, keys[i] - last);
        last = keys[i];
        put(&rows, row, width);
        n++;
    }
    put(out, rows.data, rows.n);
    free(rows.data);
    return n;
}

static void language_write(const struct model *model, const struct setup *setup, unsigned language)
{
    enum { LEAST = 2, DETAIL_LEAST = 4 };
    struct bytes file = {0}, body = {0};
    uint32_t n_features = put_weights(&body, model->keys, model->language, model->n, language, &model->weights[0][0], ANSWERS,
                                      setup->unit, LEAST);
    uint32_t n_details = put_weights(&body, model->keys, model->language, model->n, language, &model->details[0][0],
                                     CLASSIFIER_DETAILS, setup->unit, DETAIL_LEAST);
    uint32_t n_places = put_weights(&body, model->place_keys, model->place_language, model->n_places, language, model->places, 1,
                                    setup->unit, LEAST);
    uint32_t n_parts = put_weights(&body, model->part_keys, model->part_language, model->n_parts, language, &model->parts[0][0],
                                   PARTS, setup->unit, LEAST);
    char path[512];
    FILE *stream;
    uint64_t sum;

    if (n_features == 0) {
        fprintf(stderr, "%s: there were no lines\n", setup->languages[language]);
        return;
    }
    snprintf(path, sizeof path, "%s/%s.bin", setup->out, setup->languages[language]);
    stream = fopen(path, "wb");
    put(&file, "TOCSINEC", 8);
    put_u32(&file, 1);
    put_u32(&file, (uint32_t)strlen(setup->notice));
    put(&file, setup->notice, strlen(setup->notice));
    put_u32(&file, n_features);
    put_u32(&file, n_details);
    put_u32(&file, n_places);
    put_u32(&file, n_parts);
    put_f32(&file, setup->unit);
    put(&file, body.data, body.n);
    sum = model_file_checksum(file.data, file.n);
    put_u32(&file, (uint32_t)sum);
    put_u32(&file, (uint32_t)(sum >> 32));
    if (stream == NULL || fwrite(file.data, 1, file.n, stream) != file.n || fclose(stream) != 0) {
        perror(path);
        exit(2);
    }
    fprintf(stderr, "%s: %zu bytes: %u features, %u of them with details\n", path, file.n, n_features, n_details);
    free(file.data);
    free(body.data);
}

void model_write(const struct model *model, const struct setup *setup)
{
    for (unsigned i = 0; i < setup->n_languages; i++)
        language_write(model, setup, i);
}
