#include "processors/escalation/classifier.h"

#include "processors/model_file.h"
#include "processors/words/features.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VERSION = 1, BODY_HEAD = 20, SLOT_BITS_MIN = 8, WEIGHTS = 4 /* as many as answers, and as parts */ };

/* Key 0: a free slot. */
struct slot {
    uint32_t key;
    int8_t weights[WEIGHTS];
};

struct slots {
    struct slot *all;
    unsigned shift;
    uint32_t mask;
};

struct place_slot {
    uint32_t key;
    int8_t weight;
};

struct detail_slot {
    uint32_t key;
    uint32_t weights; /* index into details */
};

_Static_assert((int)ANSWERS == WEIGHTS && (int)PARTS == WEIGHTS, "rows of weights");

struct classifier {
    struct slots answers, parts;
    struct place_slot *place_slots;
    struct detail_slot *detail_slots;
    int8_t (*details)[CLASSIFIER_DETAILS];
    unsigned place_shift, detail_shift;
    uint32_t place_mask, detail_mask;
    float unit; /* of weights, as a logarithm of odds */
    char path[64]; /* below the data folder */
};

/* ---- the model --------------------------------------------------------------------------------------------------- */

/* Behind the head stand the size of the notice (u32) and the notice, then the body: numbers of features, of features with
 * details, of features of the telling word and of parties (u32), what one step of a weight is worth (f32); keys of
 * features and their weights (i8, one an answer); keys with details and theirs (one a kind, one a mode); keys of the telling
 * word and theirs (one); keys of parties and theirs (one a part). */
struct body {
    uint32_t n_features, n_details, n_places, n_parts;
    const unsigned char *at, *end;
};

/* Slots for n keys, two thirds full at most. */
static unsigned bits_for(uint32_t n)
{
    unsigned bits = SLOT_BITS_MIN;

    while (bits < 28 && (uint64_t)1 << bits < (uint64_t)n + n / 2 + 1)
        bits++;
    return bits;
}

static void *room_of(size_t n, size_t size)
{
    void *room = calloc(n, size);

    if (room == NULL)
        abort();
    return room;
}

static bool read_keys(struct body *body, uint32_t *keys, uint32_t n)
{
    uint32_t key = 0;

    for (uint32_t i = 0; i < n; i++) {
        if (!model_next(&body->at, body->end, &key) || key == 0)
            return false;
        keys[i] = key;
    }
    return true;
}

static bool read_slots(struct slots *slots, uint32_t n, struct body *body, uint32_t *keys)
{
    unsigned bits = bits_for(n);

    slots->shift = 32 - bits;
    slots->mask = (1u << bits) - 1;
    slots->all = room_of((size_t)slots->mask + 1, sizeof *slots->all);
    if (!read_keys(body, keys, n) || (uint64_t)(body->end - body->at) < (uint64_t)n * WEIGHTS)
        return false;
    for (uint32_t i = 0; i < n; i++, body->at += WEIGHTS) {
        uint32_t at = keys[i] >> slots->shift;

        while (slots->all[at].key != 0)
            at = (at + 1) & slots->mask;
        slots->all[at].key = keys[i];
        memcpy(slots->all[at].weights, body->at, WEIGHTS);
    }
    return true;
}

static bool read_details(struct classifier *classifier, struct body *body, uint32_t *keys)
{
    unsigned bits = bits_for(body->n_details);

    classifier->detail_shift = 32 - bits;
    classifier->detail_mask = (1u << bits) - 1;
    classifier->detail_slots = room_of((size_t)classifier->detail_mask + 1, sizeof *classifier->detail_slots);
    classifier->details = room_of((size_t)body->n_details + 1, sizeof *classifier->details);
    if (!read_keys(body, keys, body->n_details)
        || (uint64_t)(body->end - body->at) < (uint64_t)body->n_details * CLASSIFIER_DETAILS)
        return false;
    for (uint32_t i = 0; i < body->n_details; i++, body->at += CLASSIFIER_DETAILS) {
        uint32_t at = keys[i] >> classifier->detail_shift;

        while (classifier->detail_slots[at].key != 0)
            at = (at + 1) & classifier->detail_mask;
        classifier->detail_slots[at] = (struct detail_slot){keys[i], i};
        memcpy(classifier->details[i], body->at, CLASSIFIER_DETAILS);
    }
    return true;
}

static bool read_places(struct classifier *classifier, struct body *body, uint32_t *keys)
{
    unsigned bits = bits_for(body->n_places);

    classifier->place_shift = 32 - bits;
    classifier->place_mask = (1u << bits) - 1;
    classifier->place_slots = room_of((size_t)classifier->place_mask + 1, sizeof *classifier->place_slots);
    if (!read_keys(body, keys, body->n_places) || (uint64_t)(body->end - body->at) < body->n_places)
        return false;
    for (uint32_t i = 0; i < body->n_places; i++) {
        uint32_t at = keys[i] >> classifier->place_shift;

        while (classifier->place_slots[at].key != 0)
            at = (at + 1) & classifier->place_mask;
        classifier->place_slots[at] = (struct place_slot){keys[i], (int8_t)*body->at++};
    }
    return true;
}

static enum status read_model(struct classifier *classifier, const struct model_file *file, struct err *err)
{
    size_t notice = file->size < MODEL_FILE_HEAD + 4 ? SIZE_MAX : model_u32(file->data + MODEL_FILE_HEAD);
    struct body body = {.end = file->data + file->size};
    uint32_t *keys;
    bool is_good;

    if (notice > file->size || file->size - notice < MODEL_FILE_HEAD + 4 + BODY_HEAD)
        return fail(err, STATUS_FATAL, "%s: it has no body", file->path);
    body.at = file->data + MODEL_FILE_HEAD + 4 + notice;
    body.n_features = model_u32(body.at);
    body.n_details = model_u32(body.at + 4);
    body.n_places = model_u32(body.at + 8);
    body.n_parts = model_u32(body.at + 12);
    classifier->unit = model_f32(body.at + 16);
    body.at += BODY_HEAD;
    is_good = body.n_features <= file->size && body.n_details <= file->size && body.n_places <= file->size
        && body.n_parts <= file->size;
    keys = room_of(file->size, sizeof *keys);
    is_good = is_good && read_slots(&classifier->answers, body.n_features, &body, keys)
        && read_details(classifier, &body, keys) && read_places(classifier, &body, keys)
        && read_slots(&classifier->parts, body.n_parts, &body, keys) && body.at == body.end;
    free(keys);
    return is_good ? STATUS_OK : fail(err, STATUS_FATAL, "%s: its parts do not fit its size", file->path);
}

enum status classifier_open(struct table_source *source, const char *language_tag, struct classifier **ret_classifier,
                            struct err *err)
{
    struct classifier *classifier = room_of(1, sizeof *classifier);
    struct model_file file;
    enum status status;

    snprintf(classifier->path, sizeof classifier->path, "escalation/classifier/%s.bin", language_tag);
    status = model_file_open(source, classifier->path, "model of escalation", "TOCSINEC", VERSION, &file, err);
    if (status == STATUS_OK) {
        status = read_model(classifier, &file, err);
        model_file_close(&file);
    }
    if (status != STATUS_OK) {
        classifier_close(classifier);
        return status;
    }
    *ret_classifier = classifier;
    return STATUS_OK;
}

void classifier_close(struct classifier *classifier)
{
    if (classifier == NULL)
        return;
    free(classifier->answers.all);
    free(classifier->parts.all);
    free(classifier->place_slots);
    free(classifier->detail_slots);
    free(classifier->details);
    free(classifier);
}

const char *classifier_path(const struct classifier *classifier)
{
    return classifier->path;
}

/* ---- what it says ------------------------------------------------------------------------------------------------ */

/* Sums of the weights of some keys. */
static void sum_up(const struct slots *slots, const uint32_t *keys, size_t n, int32_t ret_sums[WEIGHTS])
{
    for (size_t i = 0; i < n; i++)
        __builtin_prefetch(&slots->all[keys[i] >> slots->shift]);
    memset(ret_sums, 0, WEIGHTS * sizeof *ret_sums);
    for (size_t i = 0; i < n; i++) {
        uint32_t at = keys[i] >> slots->shift;

        while (slots->all[at].key != keys[i] && slots->all[at].key != 0)
            at = (at + 1) & slots->mask;
        for (unsigned k = 0; k < WEIGHTS; k++) /* those of a free slot are zeros */
            ret_sums[k] += slots->all[at].weights[k];
    }
}

static void answer_put(const struct classifier *classifier, const int32_t sums[ANSWERS], float reserve,
                       struct verdict *verdict)
{
    float scores[ANSWERS], most = -INFINITY;

    for (unsigned k = 0; k < ANSWERS; k++) {
        scores[k] = (float)sums[k] * classifier->unit;
        most = scores[k] > most ? scores[k] : most;
    }
    for (unsigned down = 0; down < 2; down++) {
        float single = scores[ANSWER_ESCALATION + down], both = scores[ANSWER_BOTH];
        verdict->against[down] = most - (single > both ? single : both);
    }
    scores[ANSWER_NOTHING] += reserve;
    verdict->answer = ANSWER_NOTHING;
    for (uint8_t k = 1; k < ANSWERS; k++)
        if (scores[k] > scores[verdict->answer])
            verdict->answer = k;
}

void classifier_judge(const struct classifier *classifier, const struct sights *sights, float reserve,
                      struct verdict *ret_verdict)
{
    int32_t sums[ANSWERS];

    sum_up(&classifier->answers, sights->keys, sights->n_keys, sums);
    answer_put(classifier, sums, reserve, ret_verdict);
}

uint8_t classifier_part(const struct classifier *classifier, const uint32_t *keys, size_t n)
{
    int32_t sums[WEIGHTS];
    uint8_t best = PART_NONE;

    sum_up(&classifier->parts, keys, n, sums);
    for (uint8_t k = 1; k < PARTS; k++)
        if (sums[k] > sums[best])
            best = k;
    return best;
}

static unsigned place_keys(const struct classifier *classifier, const struct sights *sights, size_t i, unsigned down,
                           uint32_t keys[PLACE_KEYS])
{
    unsigned n = i < sights->n && sights->all[SIGHTS_EDGE + i].is_open ? sights_place(sights, i, down, keys) : 0;

    for (unsigned k = 0; k < n; k++)
        __builtin_prefetch(&classifier->place_slots[keys[k] >> classifier->place_shift]);
    return n;
}

static int32_t place_sum(const struct classifier *classifier, const uint32_t keys[PLACE_KEYS], unsigned n)
{
    int32_t sum = 0;

    for (unsigned k = 0; k < n; k++) {
        uint32_t at = keys[k] >> classifier->place_shift;

        while (classifier->place_slots[at].key != keys[k] && classifier->place_slots[at].key != 0)
            at = (at + 1) & classifier->place_mask;
        sum += classifier->place_slots[at].weight;
    }
    return sum;
}

void classifier_weigh(const struct classifier *classifier, const struct sights *sights, unsigned down,
                      struct weighed *weighed)
{
    uint32_t keys[2][PLACE_KEYS]; /* of this word and of the next, which come from memory meanwhile */
    unsigned n[2] = {place_keys(classifier, sights, 0, down, keys[0])};

    weighed->most = INT32_MIN;
    weighed->whole = 0;
    for (uint32_t i = 0; i < sights->n; i++) {
        n[(i + 1) & 1] = place_keys(classifier, sights, i + 1, down, keys[(i + 1) & 1]);
        if (!sights->all[SIGHTS_EDGE + i].is_open)
            continue;
        weighed->sums[i] = place_sum(classifier, keys[i & 1], n[i & 1]);
        weighed->most = weighed->sums[i] > weighed->most ? weighed->sums[i] : weighed->most;
    }
    for (uint32_t i = 0; i < sights->n; i++)
        if (sights->all[SIGHTS_EDGE + i].is_open)
            weighed->whole += expf((float)(weighed->sums[i] - weighed->most) * classifier->unit);
}

uint32_t classifier_place(const struct classifier *classifier, const struct sights *sights, const struct weighed *weighed,
                          const bool taken[STRETCH_TOKENS], float *ret_chance)
{
    uint32_t best = UINT32_MAX;

    for (uint32_t i = 0; i < sights->n; i++)
        if (sights->all[SIGHTS_EDGE + i].is_open && !taken[i]
            && (best == UINT32_MAX || weighed->sums[i] > weighed->sums[best]))
            best = i;
    *ret_chance = best == UINT32_MAX ? 0
                                     : expf((float)(weighed->sums[best] - weighed->most) * classifier->unit) / weighed->whole;
    return best;
}

static void detail_sums(const struct classifier *classifier, const uint32_t *keys, size_t n,
                        int32_t sums[CLASSIFIER_DETAILS])
{
    for (size_t k = 0; k < n; k++) {
        uint32_t at = keys[k] >> classifier->detail_shift;

        while (classifier->detail_slots[at].key != keys[k] && classifier->detail_slots[at].key != 0)
            at = (at + 1) & classifier->detail_mask;
        if (classifier->detail_slots[at].key == 0)
            continue;
        for (unsigned d = 0; d < CLASSIFIER_DETAILS; d++)
            sums[d] += classifier->details[classifier->detail_slots[at].weights][d];
    }
}

void classifier_detail(const struct classifier *classifier, const struct sights *sights, uint32_t word, bool escalates,
                       uint8_t *ret_kind, uint8_t *ret_mode)
{
    int32_t sums[CLASSIFIER_DETAILS] = {0};
    uint32_t keys[DETAIL_KEYS];
    unsigned first = escalates ? 0 : KIND_LAST_ESCALATION + 1, end = escalates ? KIND_LAST_ESCALATION + 1 : EVENT_KINDS;
    unsigned kind = first, mode = 0;

    detail_sums(classifier, sights->keys, sights->n_keys, sums);
    detail_sums(classifier, keys, sights_detail(sights, word, keys), sums);
    for (unsigned k = first; k < end; k++)
        if (sums[k] > sums[kind])
            kind = k;
    for (unsigned m = 0; m < EVENT_MODES; m++)
        if (sums[EVENT_KINDS + m] > sums[EVENT_KINDS + mode])
            mode = m;
    *ret_kind = (uint8_t)kind;
    *ret_mode = (uint8_t)mode;
}
