#include "processors/langid/model.h"

#include "processors/utf8.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/uchar.h>
#include <xxhash.h>

#define MODEL_NAME "langid/model.bin"

enum {
    VERSION = 1,
    HEADER_SIZE = 32,
    LANGUAGE_SIZE = 16,
    CODE_SIZE = 12,
    CHECKSUM_SIZE = 8,
    FILE_MAX = 16 << 20,
    WORD_POINTS_MAX = 40, /* longer words say no more */
    ORDERS = 4,
    FEATURES_MAX = 1 + WORD_POINTS_MAX + 2 * (WORD_POINTS_MAX + 2), /* the word, its letters, its 3- and 4-grams */
};

struct file {
    unsigned char *data;
    size_t size;
    char path[512];
};

static enum status read_file(const struct table_source *source, struct file *file, struct err *err)
{
    const char *const dirs[2] = {source->overlay_dir, source->data_dir};
    FILE *stream = NULL;

    for (int i = 0; i < 2 && stream == NULL; i++) {
        if (dirs[i] == NULL)
            continue;
        snprintf(file->path, sizeof file->path, "%s/%s", dirs[i], MODEL_NAME);
        stream = fopen(file->path, "rbe");
        if (stream == NULL && errno != ENOENT && errno != ENOTDIR)
            break;
    }
    if (stream == NULL)
        return fail(err, STATUS_FATAL, "%s: cannot open: %s", file->path, strerror(errno));
    file->data = malloc(FILE_MAX);
    if (file->data != NULL)
        file->size = fread(file->data, 1, FILE_MAX, stream);
    if (file->data == NULL || ferror(stream) || file->size == FILE_MAX) {
        fclose(stream);
        return fail(err, STATUS_FATAL, "%s: cannot read it (more than %d MiB?)", file->path, FILE_MAX >> 20);
    }
    fclose(stream);
    return STATUS_OK;
}

static uint32_t u32(const unsigned char *data)
{
    return (uint32_t)data[0] | (uint32_t)data[1] << 8 | (uint32_t)data[2] << 16 | (uint32_t)data[3] << 24;
}

static float f32(const unsigned char *data)
{
    uint32_t bits = u32(data);
    float value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

static uint64_t fnv(const unsigned char *data, size_t size)
{
    uint64_t sum = 0xcbf29ce484222325u;

    for (size_t i = 0; i < size; i++)
        sum = (sum ^ data[i]) * 0x100000001b3u;
    return sum;
}

static enum status check(const struct file *file, struct err *err)
{
    const unsigned char *data = file->data;
    uint64_t wanted, sum;

    if (file->size < HEADER_SIZE + CHECKSUM_SIZE || memcmp(data, "TOCSINLI", 8) != 0)
        return fail(err, STATUS_FATAL, "%s: not a language model (make one with langid/train.py)", file->path);
    if (u32(data + 8) != VERSION)
        return fail(err, STATUS_FATAL, "%s: version %u, this program reads %d (make it anew with langid/train.py)",
                    file->path, u32(data + 8), VERSION);
    wanted = HEADER_SIZE + CHECKSUM_SIZE + (uint64_t)u32(data + 12) * LANGUAGE_SIZE + (uint64_t)u32(data + 16) * 5
             + (uint64_t)u32(data + 20) * 2;
    if (wanted != file->size)
        return fail(err, STATUS_FATAL, "%s: %zu bytes, its header speaks of %llu: it was cut short or damaged",
                    file->path,
                    file->size, (unsigned long long)wanted);
    sum = fnv(data, file->size - CHECKSUM_SIZE);
    if (((uint64_t)u32(data + file->size - 4) << 32 | u32(data + file->size - 8)) != sum)
        return fail(err, STATUS_FATAL, "%s: its checksum is wrong: it was damaged", file->path);
    return STATUS_OK;
}

/* The numbers that the house gives to the model's languages. */
static enum status read_languages(struct langid_model *model, const struct file *file, uint8_t map[LANGUAGES_MAX],
                                  struct err *err)
{
    uint32_t n = u32(file->data + 12);

    if (n > LANGUAGES_MAX - 1)
        return fail(err, STATUS_FATAL, "%s: more than %d languages", file->path, LANGUAGES_MAX - 1);
    for (uint32_t i = 0; i < n; i++) {
        const unsigned char *row = file->data + HEADER_SIZE + (size_t)i * LANGUAGE_SIZE;
        struct view code = {(const char *)row, strnlen((const char *)row, CODE_SIZE)};
        language_id language = language_of(model->languages, code);

        if (language == LANGUAGE_UND || !view_is(code, language_code(model->languages, language)))
            return fail(err, STATUS_FATAL, "%s: language '%.*s' has no row in languages.tsv", file->path,
                        VIEW_PRINT(code));
        map[i] = (uint8_t)language;
        model->own_score[language] = f32(row + CODE_SIZE);
    }
    return STATUS_OK;
}

static void *array(size_t n, size_t size)
{
    return calloc(n == 0 ? 1 : n, size);
}

static enum status read_features(struct langid_model *model, const struct file *file, const uint8_t map[LANGUAGES_MAX],
                                 struct err *err)
{
    uint32_t n_languages = u32(file->data + 12), n = u32(file->data + 16), n_entries = u32(file->data + 20);
    const unsigned char *keys = file->data + HEADER_SIZE + (size_t)n_languages * LANGUAGE_SIZE;
    const unsigned char *counts = keys + (size_t)n * 4, *numbers = counts + n, *weights = numbers + n_entries;
    uint32_t bucket = 0, entry = 0;
    const uint32_t n_buckets = 1u << (32 - MODEL_BUCKET_SHIFT);

    model->n_features = n;
    model->buckets = array(n_buckets + 1, sizeof *model->buckets);
    model->features = array(n, sizeof *model->features);
    model->entries = array(n_entries, sizeof *model->entries);
    if (model->buckets == NULL || model->features == NULL || model->entries == NULL)
        return fail(err, STATUS_FATAL, "%s: out of memory", file->path);
    if (n_entries >= 1u << 24)
        return fail(err, STATUS_FATAL, "%s: more than %u entries", file->path, (1u << 24) - 1);
    for (uint32_t i = 0; i < n; i++) {
        struct langid_feature *feature = &model->features[i];

        *feature = (struct langid_feature){u32(keys + (size_t)i * 4), entry & 0xffffff, counts[i]};
        entry += counts[i];
        if ((i > 0 && feature->key <= feature[-1].key) || entry > n_entries)
            return fail(err, STATUS_FATAL, "%s: feature %u is out of order", file->path, i);
        while (bucket <= feature->key >> MODEL_BUCKET_SHIFT)
            model->buckets[bucket++] = i;
    }
    while (bucket <= n_buckets)
        model->buckets[bucket++] = n;
    for (uint32_t i = 0; i < n_entries; i++) {
        if (numbers[i] >= n_languages)
            return fail(err, STATUS_FATAL, "%s: entry %u names language %u of %u", file->path, i, numbers[i],
                        n_languages);
        model->entries[i] = (struct langid_entry){map[numbers[i]], weights[i]};
    }
    return STATUS_OK;
}

static enum status read_letters(struct langid_model *model, struct table_row row, struct err *err)
{
    language_id language = language_of(model->languages, row.cells[0]);
    struct view letters = row.cells[1];

    if (language == LANGUAGE_UND)
        return table_fail(row, err, "language '%.*s' has no row in languages.tsv", VIEW_PRINT(row.cells[0]));
    for (size_t i = 0; i < letters.size;) {
        unsigned size;
        uint32_t point = utf8_read(letters.data + i, &size);
        i += size;
        if (point == ' ')
            continue;
        if (point >= MODEL_LETTER_POINTS)
            return table_fail(row, err, "U+%04X lies beyond the letters that are looked at", point);
        model->letter_language[point] = (uint8_t)language;
    }
    return STATUS_OK;
}

static void note_scripts(struct langid_model *model)
{
    unsigned n[SCRIPTS] = {0};

    for (size_t i = 1; i < languages_count(model->languages); i++) {
        enum script script = language_script(model->languages, (language_id)i);
        model->script_language[script] = n[script]++ == 0 ? (uint8_t)i : LANGUAGE_UND;
    }
}

static void make_lower(struct langid_model *model)
{
    for (uint32_t i = 0; i < MODEL_LOWER_POINTS; i++) {
        UChar32 lower = u_tolower((UChar32)i);
        model->lower[i] = (uint16_t)(lower < MODEL_LOWER_POINTS ? (uint32_t)lower : i);
    }
}

enum status langid_model_open(struct table_source *source, const struct languages *languages,
                              struct langid_model **ret_model,
                              struct err *err)
{
    struct langid_model *model = calloc(1, sizeof *model);
    struct file file = {0};
    struct table *letters = NULL;
    uint8_t map[LANGUAGES_MAX] = {0};
    enum status status;

    if (model == NULL)
        return fail(err, STATUS_FATAL, "%s: out of memory", MODEL_NAME);
    model->languages = languages;
    status = read_file(source, &file, err);
    if (status == STATUS_OK)
        status = check(&file, err);
    if (status == STATUS_OK) {
        model->scale = f32(file.data + 24);
        status = read_languages(model, &file, map, err);
    }
    if (status == STATUS_OK)
        status = read_features(model, &file, map, err);
    if (status == STATUS_OK) {
        source->sum = XXH3_64bits_withSeed(file.data, file.size, source->sum);
        status = table_open(source, "langid/letters.tsv", "language letters", 1, &letters, err);
    }
    for (size_t i = 0; status == STATUS_OK && i < table_size(letters); i++)
        status = read_letters(model, table_at(letters, i), err);
    table_close(letters);
    free(file.data);
    if (status != STATUS_OK) {
        langid_model_close(model);
        return STATUS_FATAL;
    }
    note_scripts(model);
    make_lower(model);
    *ret_model = model;
    return STATUS_OK;
}

void langid_model_close(struct langid_model *model)
{
    if (model == NULL)
        return;
    free(model->buckets);
    free(model->features);
    free(model->entries);
    free(model);
}

static inline uint32_t key_of(uint64_t value)
{
    value ^= value >> 32;
    return (uint32_t)(value * 0x9e3779b97f4a7c15u >> 32);
}

/* The features of one word.  Each of the three looks (bucket, feature, entries) would wait for memory; so all of
 * one kind are asked for before the first is needed. */
struct hearing {
    const struct langid_model *model;
    unsigned n;
    uint32_t keys[FEATURES_MAX];
};

static inline void hearing_add(struct hearing *hearing, uint32_t key)
{
    __builtin_prefetch(&hearing->model->buckets[key >> MODEL_BUCKET_SHIFT]);
    hearing->keys[hearing->n++] = key;
}

/* Those of its keys that the model knows. */
static unsigned hearing_find(const struct hearing *hearing, const struct langid_feature *ret_features[FEATURES_MAX])
{
    const struct langid_model *model = hearing->model;
    unsigned n = 0;

    for (unsigned k = 0; k < hearing->n; k++)
        __builtin_prefetch(&model->features[model->buckets[hearing->keys[k] >> MODEL_BUCKET_SHIFT]]);
    for (unsigned k = 0; k < hearing->n; k++) {
        uint32_t key = hearing->keys[k], bucket = key >> MODEL_BUCKET_SHIFT;
        const struct langid_feature *feature = &model->features[model->buckets[bucket]];
        const struct langid_feature *end = &model->features[model->buckets[bucket + 1]];

        while (feature < end && feature->key < key)
            feature++;
        if (feature == end || feature->key != key)
            continue;
        __builtin_prefetch(&model->entries[feature->first]);
        ret_features[n++] = feature;
    }
    return n;
}

static void hearing_sum(const struct hearing *hearing, struct langid_score *score)
{
    const struct langid_feature *features[FEATURES_MAX];
    unsigned n = hearing_find(hearing, features);

    for (unsigned k = 0; k < n; k++) {
        const struct langid_entry *entry = &hearing->model->entries[features[k]->first];

        for (const struct langid_entry *last = entry + features[k]->n; entry < last; entry++)
            score->language[entry->language] += entry->weight;
    }
}

/* Marks that readers do without, digits, signs inside words, and what is not seen; train.py drops the same. */
static inline bool is_dropped(uint32_t point)
{
    if (point < 0x300)
        return point < 'A' || point == 0xad || point == 0xb7;
    if (point < 0x700)
        return point <= 0x36f || (point >= 0x591 && point <= 0x5c7 && point != 0x5be) || point == 0x5f3 || point == 0x5f4
               || (point >= 0x610 && point <= 0x61a) || point == 0x640 || (point >= 0x64b && point <= 0x669)
               || point == 0x670 || (point >= 0x6d6 && point <= 0x6ed) || (point >= 0x6f0 && point <= 0x6f9);
    return (point >= 0x200b && point <= 0x200f) || (point >= 0x2018 && point <= 0x201d)
           || (point >= 0x202a && point <= 0x202e) || (point >= 0x2060 && point <= 0x206f) || point == 0xfeff;
}

void langid_model_hear(const struct langid_model *model, struct view word, uint8_t script, struct langid_score *score)
{
    uint16_t letters[WORD_POINTS_MAX + 2] = {' '};
    struct hearing hearing;
    uint64_t hash = 0xcbf29ce484222325u;
    unsigned n = 1;

    hearing.model = model;
    hearing.n = 0;
    for (size_t i = 0; i < word.size && n <= WORD_POINTS_MAX;) {
        unsigned size;
        uint32_t point = utf8_read(word.data + i, &size);
        i += size;
        if (point < MODEL_LOWER_POINTS) {
            if (is_dropped(point))
                continue;
            if (point < MODEL_LETTER_POINTS)
                score->special[model->letter_language[point]]++;
            point = model->lower[point];
        } else if (is_dropped(point)) {
            continue;
        }
        hash = (hash ^ point) * 0x100000001b3u;
        letters[n++] = (uint16_t)point;
    }
    if (n == 1)
        return;
    letters[n] = ' ';
    score->letters += n - 1;
    score->words++;
    score->script[script] += n - 1;
    hearing_add(&hearing, key_of(hash));
    for (unsigned i = 1; i < n; i++)
        if (letters[i] > 'z') /* too many languages have the others: no model keeps them */
            hearing_add(&hearing, key_of((uint64_t)letters[i] ^ (uint64_t)1 << 60));
    for (unsigned order = 3; order <= ORDERS; order++) {
        uint64_t mask = order == ORDERS ? UINT64_MAX : ((uint64_t)1 << 16 * order) - 1;
        uint64_t value = 0;
        for (unsigned i = 0; i <= n; i++) {
            value = (value << 16 | letters[i]) & mask;
            if (i + 1 >= order)
                hearing_add(&hearing, key_of(value ^ (uint64_t)order << 60));
        }
    }
    hearing_sum(&hearing, score);
}
