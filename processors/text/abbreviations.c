#include "processors/text/abbreviations.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>
#include <xxhash.h>

enum { WORD_UNITS = 64 };

struct slot {
    uint64_t hash; /* 0: empty */
    unsigned kinds;
};

struct abbreviations {
    struct abbreviations *older; /* keeps every set reachable */
    uint64_t sum;
    size_t mask;
    struct slot slots[];
};

static _Atomic(struct abbreviations *) newest;
static _Atomic(const struct abbreviations *) current;

static uint64_t word_hash(struct view word)
{
    return XXH3_64bits(word.data, word.size) | 1;
}

static struct slot *slot_of(const struct abbreviations *set, uint64_t hash)
{
    size_t i = (size_t)(hash >> 1) & set->mask;

    while (set->slots[i].hash != 0 && set->slots[i].hash != hash)
        i = (i + 1) & set->mask;
    return (struct slot *)&set->slots[i];
}

static void enter(struct abbreviations *set, struct view word, unsigned kind)
{
    struct slot *slot = slot_of(set, word_hash(word));

    slot->hash = word_hash(word);
    slot->kinds |= kind;
}

/* Articles are NFC; what is cut elsewhere may not be, and is to be cut alike. */
static void enter_decomposed(struct abbreviations *set, struct view word, unsigned kind)
{
    UErrorCode error = U_ZERO_ERROR;
    const UNormalizer2 *form = unorm2_getNFDInstance(&error);
    UChar units[WORD_UNITS], parts[WORD_UNITS * 4];
    char bytes[WORD_UNITS * 12];
    int32_t n, n_parts, size;

    u_strFromUTF8(units, WORD_UNITS, &n, word.data, (int32_t)word.size, &error);
    n_parts = unorm2_normalize(form, units, n, parts, WORD_UNITS * 4, &error);
    u_strToUTF8(bytes, sizeof bytes, &size, parts, n_parts, &error);
    if (U_SUCCESS(error))
        enter(set, (struct view){bytes, (size_t)size}, kind);
}

static enum status read_row(struct abbreviations *set, struct table_row row, struct err *err)
{
    static const struct {
        const char *name;
        unsigned kind;
    } kinds[] = {{"inside", ABBREVIATION_INSIDE}, {"number", ABBREVIATION_NUMBER}, {"end", ABBREVIATION_END},
                 {"ordinal_before", ORDINAL_BEFORE}, {"ordinal_after", ORDINAL_AFTER},
                 {"measure", ABBREVIATION_MEASURE}, {"starter", SENTENCE_STARTER}};

    if (row.cells[1].size == 0 || row.cells[1].data[row.cells[1].size - 1] == '.')
        return table_fail(row, err, "a word without its last full stop is expected, here is '%.*s'",
                          VIEW_PRINT(row.cells[1]));
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (view_is(row.cells[2], kinds[i].name)) {
            enter(set, row.cells[1], kinds[i].kind);
            enter_decomposed(set, row.cells[1], kinds[i].kind);
            return STATUS_OK;
        }
    return table_fail(row, err, "'%.*s' is not a kind: inside, number, end, measure, "
                      "ordinal_before, ordinal_after, starter",
                      VIEW_PRINT(row.cells[2]));
}

static struct abbreviations *set_new(size_t n_words)
{
    size_t n = 16;
    struct abbreviations *set;

    while (n < n_words * 2 * 2) /* each in two forms, and half of the slots stay empty */
        n *= 2;
    set = calloc(1, sizeof *set + n * sizeof *set->slots);
    if (set != NULL)
        set->mask = n - 1;
    return set;
}

/* An older set with the same words, or this one, entered for ever. */
static const struct abbreviations *set_share(struct abbreviations *set)
{
    struct abbreviations *head = atomic_load_explicit(&newest, memory_order_acquire);

    for (struct abbreviations *other = head; other != NULL; other = other->older)
        if (other->sum == set->sum) {
            free(set);
            return other;
        }
    do
        set->older = head;
    while (!atomic_compare_exchange_weak_explicit(&newest, &head, set, memory_order_acq_rel, memory_order_acquire));
    return set;
}

enum status abbreviations_open(struct table_source *source, const struct abbreviations **ret_abbreviations,
                               struct err *err)
{
    /* A sum of this table alone, whatever was read before it. */
    struct table_source own = {source->data_dir, source->overlay_dir, 0};
    struct table *table = NULL;
    struct abbreviations *set;
    enum status status = table_open(&own, "text/abbreviations.tsv", "language word kind", 3, &table, err);

    if (status != STATUS_OK)
        return STATUS_FATAL;
    set = set_new(table_size(table));
    if (set == NULL)
        status = fail(err, STATUS_FATAL, "text/abbreviations.tsv: out of memory");
    for (size_t i = 0; status == STATUS_OK && i < table_size(table); i++)
        status = read_row(set, table_at(table, i), err);
    table_close(table);
    if (status != STATUS_OK) {
        free(set);
        return STATUS_FATAL;
    }
    set->sum = own.sum;
    source->sum = XXH3_64bits_withSeed(&own.sum, sizeof own.sum, source->sum);
    *ret_abbreviations = set_share(set);
    atomic_store_explicit(&current, *ret_abbreviations, memory_order_release);
    return STATUS_OK;
}

const struct abbreviations *abbreviations_current(void)
{
    return atomic_load_explicit(&current, memory_order_acquire);
}

unsigned abbreviations_find(const struct abbreviations *abbreviations, struct view word)
{
    return abbreviations == NULL ? 0 : slot_of(abbreviations, word_hash(word))->kinds;
}
