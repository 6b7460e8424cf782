#include "consumer/demo/tally.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <xxhash.h>

static void *must_alloc(void *data)
{
    if (data == NULL) {
        fputs("tocsin: out of memory\n", stderr);
        abort();
    }
    return data;
}

/* ---- names ------------------------------------------------------------------------------------------------------ */

static struct names_entry *names_place(const struct names *names, uint64_t high, uint64_t low)
{
    size_t i = (size_t)low & (names->size - 1);

    while ((names->entries[i].high != 0 || names->entries[i].low != 0) &&
           (names->entries[i].high != high || names->entries[i].low != low))
        i = (i + 1) & (names->size - 1);
    return &names->entries[i];
}

static void names_grow(struct names *names)
{
    struct names bigger = {.n = names->n, .size = names->size == 0 ? 1024 : names->size * 2};

    bigger.entries = must_alloc(calloc(bigger.size, sizeof *bigger.entries));
    for (size_t i = 0; i < names->size; i++)
        if (names->entries[i].high != 0 || names->entries[i].low != 0)
            *names_place(&bigger, names->entries[i].high, names->entries[i].low) = names->entries[i];
    free(names->entries);
    *names = bigger;
}

bool names_add(struct names *names, uint64_t high, uint64_t low, int64_t value)
{
    struct names_entry *entry;

    if (2 * (names->n + 1) > names->size)
        names_grow(names);
    entry = names_place(names, high, low);
    if (entry->high != 0 || entry->low != 0)
        return false;
    *entry = (struct names_entry){high, low, value};
    names->n++;
    return true;
}

struct names_entry *names_find(const struct names *names, uint64_t high, uint64_t low)
{
    struct names_entry *entry = names->size == 0 ? NULL : names_place(names, high, low);

    return entry == NULL || (entry->high == 0 && entry->low == 0) ? NULL : entry;
}

void names_free(struct names *names)
{
    free(names->entries);
    *names = (struct names){0};
}

/* ---- words, times ----------------------------------------------------------------------------------------------- */

void words_add(struct words *words, const char *name)
{
    size_t i = 0;

    while (i < words->n && strncmp(words->words[i].name, name, sizeof words->words[i].name - 1) != 0)
        i++;
    if (i == words->n) {
        if (words->n == TALLY_WORDS)
            return; /* the lists are closed and shorter */
        snprintf(words->words[i].name, sizeof words->words[i].name, "%s", name);
        words->n++;
    }
    words->words[i].n++;
}

static int by_frequency(const void *a, const void *b)
{
    const struct word *one = a, *other = b;

    if (one->n != other->n)
        return one->n < other->n ? 1 : -1;
    return strcmp(one->name, other->name);
}

void words_sort(struct words *words)
{
    qsort(words->words, words->n, sizeof *words->words, by_frequency);
}

static void times_add(struct times *times, int64_t ms)
{
    if (times->n == times->size) {
        times->size = times->size == 0 ? 1024 : times->size * 2;
        times->values = must_alloc(realloc(times->values, times->size * sizeof *times->values));
    }
    times->values[times->n++] = ms < 0 ? 0 : ms > UINT32_MAX ? UINT32_MAX : (uint32_t)ms;
}

static int by_value(const void *a, const void *b)
{
    uint32_t one = *(const uint32_t *)a, other = *(const uint32_t *)b;

    return one < other ? -1 : one > other;
}

uint32_t times_quantile(const struct times *times, double part, size_t last)
{
    size_t n = last == 0 || last > times->n ? times->n : last;
    uint32_t *sorted, value;

    if (n == 0)
        return 0;
    sorted = must_alloc(malloc(n * sizeof *sorted));
    memcpy(sorted, times->values + times->n - n, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, by_value);
    value = sorted[(size_t)(part * (double)(n - 1))];
    free(sorted);
    return value;
}

/* ---- tally ------------------------------------------------------------------------------------------------------ */

void tally_init(struct tally *tally)
{
    *tally = (struct tally){0};
    pthread_mutex_init(&tally->lock, NULL);
}

void tally_done(struct tally *tally)
{
    names_free(&tally->sent);
    names_free(&tally->mentions);
    names_free(&tally->shown);
    free(tally->to_output.values);
    free(tally->to_alert.values);
    pthread_mutex_destroy(&tally->lock);
}

void tally_sent(struct tally *tally, const char *article_id, int64_t now_ms)
{
    XXH128_hash_t hash;

    pthread_mutex_lock(&tally->lock);
    tally->articles++;
    if (article_id != NULL) {
        hash = XXH3_128bits(article_id, strlen(article_id));
        names_add(&tally->sent, hash.high64, hash.low64, now_ms);
    }
    pthread_mutex_unlock(&tally->lock);
}

void tally_sent_poison(struct tally *tally)
{
    pthread_mutex_lock(&tally->lock);
    tally->poison++;
    pthread_mutex_unlock(&tally->lock);
}

bool mention_id_parse(const char *text, uint64_t *ret_high, uint64_t *ret_low)
{
    char half[17];

    if (text == NULL || strlen(text) != 32 || strspn(text, "0123456789abcdef") != 32)
        return false;
    memcpy(half, text, 16);
    half[16] = '\0';
    *ret_high = strtoull(half, NULL, 16);
    *ret_low = strtoull(text + 16, NULL, 16);
    return true;
}

/* When it was sent becomes negative when it is seen, so that a second sight is known.  False: this is one. */
static bool count_article(struct tally *tally, const char *id, int64_t now_ms)
{
    XXH128_hash_t hash = XXH3_128bits(id, strlen(id));
    struct names_entry *sent = names_find(&tally->sent, hash.high64, hash.low64);

    if (sent == NULL) {
        tally->enriched++; /* one without a name of its own, or a poison message that could be read after all */
        return true;
    }
    if (sent->value < 0) {
        tally->repeated++;
        return false;
    }
    tally->enriched++;
    times_add(&tally->to_output, now_ms - sent->value);
    sent->value = -sent->value;
    return true;
}

static bool count_mentions(struct tally *tally, json_t *mentions, const char *language)
{
    json_t *mention;
    size_t i;
    uint64_t high, low;

    json_array_foreach(mentions, i, mention) {
        const char *direction = json_string_value(json_object_get(mention, "direction"));
        const char *kind = json_string_value(json_object_get(mention, "kind"));

        if (!mention_id_parse(json_string_value(json_object_get(mention, "id")), &high, &low) || direction == NULL ||
            kind == NULL)
            return false;
        if (!names_add(&tally->mentions, high, low, 0))
            continue;
        words_add(&tally->directions, direction);
        words_add(&tally->kinds, kind);
        words_add(&tally->mention_languages, language);
    }
    return true;
}

void tally_enriched(struct tally *tally, struct view value, int64_t now_ms)
{
    json_t *article = json_loadb(value.data, value.size, 0, NULL);
    const char *id = json_string_value(json_object_get(article, "id"));
    const char *language = json_string_value(json_object_get(json_object_get(article, "language"), "code"));
    bool fine = id != NULL && language != NULL;

    pthread_mutex_lock(&tally->lock);
    if (fine) {
        if (count_article(tally, id, now_ms))
            words_add(&tally->languages, language);
        fine = count_mentions(tally, json_object_get(json_object_get(article, "escalation"), "mentions"), language);
    }
    if (!fine)
        tally->unreadable++;
    pthread_mutex_unlock(&tally->lock);
    json_decref(article);
}

void tally_dead(struct tally *tally, const char *reason)
{
    pthread_mutex_lock(&tally->lock);
    tally->dead++;
    words_add(&tally->reasons, reason);
    pthread_mutex_unlock(&tally->lock);
}

bool tally_shown(struct tally *tally, const char *mention_id, const char *article_id, int64_t now_ms)
{
    XXH128_hash_t hash = XXH3_128bits(article_id, strlen(article_id));
    struct names_entry *sent;
    uint64_t high, low;
    bool first = false;

    if (!mention_id_parse(mention_id, &high, &low))
        return false;
    pthread_mutex_lock(&tally->lock);
    sent = names_find(&tally->sent, hash.high64, hash.low64);
    first = names_add(&tally->shown, high, low, 0);
    if (first && sent != NULL)
        times_add(&tally->to_alert, now_ms - (sent->value < 0 ? -sent->value : sent->value));
    pthread_mutex_unlock(&tally->lock);
    return first;
}

uint64_t tally_open(struct tally *tally)
{
    uint64_t in, out;

    pthread_mutex_lock(&tally->lock);
    in = tally->articles + tally->poison;
    out = tally->enriched + tally->dead;
    pthread_mutex_unlock(&tally->lock);
    return in > out ? in - out : 0;
}
