#include "processors/langid/model.h"

#include "processors/model_file.h"
#include "processors/utf8.h"

#include <stdlib.h>
#include <string.h>
#include <unicode/uchar.h>

#define MODEL_NAME "langid/model.bin"

enum {
    VERSION = 3,
    HEADER_SIZE = 32,
    LANGUAGE_SIZE = 20,
    CODE_SIZE = 12,
    SLOT_BITS_MIN = 10,
};

static enum status check(const struct model_file *file, struct err *err)
{
    uint64_t least;

    if (file->size < HEADER_SIZE)
        return fail(err, STATUS_FATAL, "%s: it ends inside its header", file->path);
    least = HEADER_SIZE + (uint64_t)model_u32(file->data + 28) + (uint64_t)model_u32(file->data + 12) * LANGUAGE_SIZE
            + (uint64_t)model_u32(file->data + 16) * 2 + (uint64_t)model_u32(file->data + 20) * 2;
    if (least > file->size)
        return fail(err, STATUS_FATAL, "%s: %zu bytes, its header speaks of %llu and more: it was cut short or damaged",
                    file->path, file->size, (unsigned long long)least);
    return STATUS_OK;
}

/* Behind the header stands a notice of sources and licence, for those who find the file alone. */
static const unsigned char *languages_of(const struct model_file *file)
{
    return file->data + HEADER_SIZE + model_u32(file->data + 28);
}

/* The numbers that the house gives to the model's languages. */
static enum status read_languages(struct langid_model *model, const struct model_file *file, uint8_t map[LANGUAGES_MAX],
                                  struct err *err)
{
    uint32_t n = model_u32(file->data + 12);

    if (n > LANGUAGES_MAX - 1)
        return fail(err, STATUS_FATAL, "%s: more than %d languages", file->path, LANGUAGES_MAX - 1);
    for (uint32_t i = 0; i < n; i++) {
        const unsigned char *row = languages_of(file) + (size_t)i * LANGUAGE_SIZE;
        struct view code = {(const char *)row, strnlen((const char *)row, CODE_SIZE)};
        language_id language = language_of(model->languages, code);

        if (language == LANGUAGE_UND || !view_is(code, language_code(model->languages, language)))
            return fail(err, STATUS_FATAL, "%s: language '%.*s' has no row in languages.tsv", file->path,
                        VIEW_PRINT(code));
        map[i] = (uint8_t)language;
        model->own_score[language] = model_f32(row + CODE_SIZE);
        model->prior[language] = model_f32(row + CODE_SIZE + 4);
    }
    return STATUS_OK;
}

static void *array(size_t n, size_t size)
{
    return calloc(n == 0 ? 1 : n, size);
}

/* The table: a power of two, at most two thirds of it full. */
static enum status make_slots(struct langid_model *model, uint32_t n_features, const char *path, struct err *err)
{
    unsigned bits = SLOT_BITS_MIN;

    while (((uint64_t)2 << bits) < (uint64_t)n_features * 3)
        bits++;
    model->shift = 32 - bits;
    model->mask = ((uint32_t)1 << bits) - 1;
    model->slots = array((size_t)1 << bits, sizeof *model->slots);
    return model->slots == NULL ? fail(err, STATUS_FATAL, "%s: out of memory", path) : STATUS_OK;
}

static struct langid_slot *slot_for(struct langid_model *model, uint32_t key)
{
    uint32_t i = key >> model->shift;

    while (model->slots[i].n != 0)
        i = (i + 1) & model->mask;
    return &model->slots[i];
}

/* The keys stand first and are read at once with the numbers of entries, which stand behind them all. */
static enum status read_features(struct langid_model *model, const struct model_file *file, const uint8_t map[LANGUAGES_MAX],
                                 struct err *err)
{
    uint32_t n_languages = model_u32(file->data + 12), n = model_u32(file->data + 16), n_entries = model_u32(file->data + 20);
    const unsigned char *keys = languages_of(file) + (size_t)n_languages * LANGUAGE_SIZE;
    const unsigned char *weights = file->data + file->size - n_entries, *numbers = weights - n_entries;
    const unsigned char *counts = numbers - n;
    uint32_t entry = 0, key = 0;

    if (n_entries >= 1u << 24)
        return fail(err, STATUS_FATAL, "%s: more than %u entries", file->path, (1u << 24) - 1);
    if (make_slots(model, n, file->path, err) != STATUS_OK)
        return STATUS_FATAL;
    model->entries = array(n_entries, sizeof *model->entries);
    if (model->entries == NULL)
        return fail(err, STATUS_FATAL, "%s: out of memory", file->path);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t before = key;

        if (!model_next(&keys, counts, &key) || (i > 0 && key == before) || counts[i] == 0
            || n_entries - entry < counts[i])
            return fail(err, STATUS_FATAL, "%s: feature %u is out of order", file->path, i);
        *slot_for(model, key) = (struct langid_slot){key, entry & 0xffffff, counts[i]};
        entry += counts[i];
    }
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
    uint8_t index = ++model->n_letter_languages;

    if (language == LANGUAGE_UND)
        return table_fail(row, err, "language '%.*s' has no row in languages.tsv", VIEW_PRINT(row.cells[0]));
    if (index == MODEL_LETTER_LANGUAGES)
        return table_fail(row, err, "more than %d languages with letters of their own", MODEL_LETTER_LANGUAGES - 1);
    model->letter_language[index] = language;
    for (size_t i = 0; i < letters.size;) {
        unsigned size;
        uint32_t point = utf8_read(letters.data + i, &size);
        i += size;
        if (point == ' ')
            continue;
        if (point >= MODEL_LETTER_POINTS)
            return table_fail(row, err, "U+%04X lies beyond the letters that are looked at", point);
        model->letter_index[point] = index;
    }
    return STATUS_OK;
}

static enum status read_han(struct langid_model *model, struct table_row row, struct err *err)
{
    enum script script;
    struct view signs = row.cells[1];

    if (!script_of_code(row.cells[0], &script) || (script != SCRIPT_HANS && script != SCRIPT_HANT))
        return table_fail(row, err, "'%.*s' is neither Hans nor Hant", VIEW_PRINT(row.cells[0]));
    for (size_t i = 0; i < signs.size;) {
        unsigned size;
        uint32_t point = utf8_read(signs.data + i, &size);
        i += size;
        if (point < MODEL_HAN_FIRST || point >= MODEL_HAN_END)
            return table_fail(row, err, "U+%04X is not among the signs that are looked at", point);
        model->han[point - MODEL_HAN_FIRST] = (uint8_t)script;
    }
    return STATUS_OK;
}

typedef enum status row_reader(struct langid_model *model, struct table_row row, struct err *err);

static enum status read_table(struct langid_model *model, struct table_source *source, const char *name,
                              const char *head, row_reader *read_row, struct err *err)
{
    struct table *table = NULL;
    enum status status = table_open(source, name, head, 1, &table, err);

    for (size_t i = 0; status == STATUS_OK && i < table_size(table); i++)
        status = read_row(model, table_at(table, i), err);
    table_close(table);
    return status;
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
    struct model_file file = {0};
    uint8_t map[LANGUAGES_MAX] = {0};
    enum status status;

    if (model == NULL)
        return fail(err, STATUS_FATAL, "%s: out of memory", MODEL_NAME);
    model->languages = languages;
    model->chinese = language_of(languages, VIEW("zh"));
    status = model_file_open(source, MODEL_NAME, "language model", "TOCSINLI", VERSION, &file, err);
    if (status == STATUS_SKIP)
        status = fail(err, STATUS_FATAL, "%s: there is no such file in %s", MODEL_NAME, source->data_dir);
    if (status == STATUS_OK)
        status = check(&file, err);
    if (status == STATUS_OK) {
        model->scale = model_f32(file.data + 24);
        status = read_languages(model, &file, map, err);
    }
    if (status == STATUS_OK)
        status = read_features(model, &file, map, err);
    if (status == STATUS_OK) {
        status = read_table(model, source, "langid/letters.tsv", "language letters", read_letters, err);
    }
    if (status == STATUS_OK)
        status = read_table(model, source, "langid/han.tsv", "script signs", read_han, err);
    model_file_close(&file);
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
    free(model->slots);
    free(model->entries);
    free(model);
}
