#include "processors/encode/mentions.h"

#include "processors/dates.h"
#include "processors/encode/encode.h"
#include "processors/utf8.h"

#include <xxhash.h>

enum {
    PAIRS_MAX = EVENT_PARTIES_MAX * EVENT_PARTIES_MAX,
    TITLE_BYTES = 1000, /* of a title in a mention */
};

struct pair {
    struct view actor, target;
};

/* ---- sentence ---------------------------------------------------------------------------------------------------- */

/* Moves to the nearest blank inside a window of 40 bytes, else to the nearest start of a code point. */
static size_t soften(struct view text, size_t at, int step)
{
    size_t hard = at;

    while (hard > 0 && hard < text.size && !utf8_is_start(text.data[hard]))
        hard = step > 0 ? hard + 1 : hard - 1;
    for (size_t i = hard, n = 0; i > 0 && i < text.size && n < 40; i = step > 0 ? i + 1 : i - 1, n++)
        if (text.data[i] == ' ')
            return step > 0 ? i + 1 : i;
    return hard;
}

/* The sentence as far as it lies in the piece, cut round the trigger if it is very long. */
static struct view sentence_view(const struct article *article, const struct event *event, const struct piece *piece)
{
    const struct sentence *sentence = &article->sentences[event->sentence];
    size_t start = sentence->start > piece->start ? sentence->start : piece->start;
    size_t end = sentence->start + sentence->size, piece_end = piece->start + piece->size;
    struct view text;

    if (end > piece_end)
        end = piece_end;
    if (event->sentence >= article->n_sentences || start > event->start || end < event->start + event->size)
        start = event->start, end = event->start + event->size; /* a trigger across sentences stands for itself */
    text = view_slice(article->buffer, start, end - start);
    if (text.size > ENCODE_SENTENCE_BYTES) {
        size_t trigger = event->start - start;
        size_t from = trigger < ENCODE_SENTENCE_BYTES / 2 ? 0 : soften(text, trigger - ENCODE_SENTENCE_BYTES / 2, 1);
        size_t to = from + ENCODE_SENTENCE_BYTES;
        to = to >= text.size ? text.size : soften(text, to, -1);
        if (to < trigger + event->size)
            to = trigger + event->size;
        text = fields_cut(view_slice(text, from, to - from), ENCODE_SENTENCE_BYTES);
    }
    return view_trim(text);
}

/* ---- identity ---------------------------------------------------------------------------------------------------- */

/* Of the words and numbers among some tokens, as they are folded: punctuation and spelling variants do not count.
 * A chain of blocks, each begun with the hash of those before it. */
static XXH128_hash_t hash_words(const struct article *article, size_t first, size_t n)
{
    uint64_t block[64] = {0};
    size_t used = 2;
    XXH128_hash_t hash;

    for (size_t i = first; i < first + n && i < article->n_tokens; i++) {
        if (article->tokens[i].kind != TOKEN_WORD && article->tokens[i].kind != TOKEN_NUMBER)
            continue;
        block[used++] = article->tokens[i].hash;
        if (used == sizeof block / sizeof *block) {
            hash = XXH3_128bits(block, sizeof block);
            block[0] = hash.low64;
            block[1] = hash.high64;
            used = 2;
        }
    }
    return XXH3_128bits(block, used * sizeof *block);
}

/* What makes a mention the one it is; no padding. */
struct identity {
    XXH128_hash_t article, sentence, trigger;
    uint64_t direction, kind, occurrence;
};

/* How many equal identities came before; an open-addressed table. */
struct census {
    XXH128_hash_t *keys;
    uint64_t *counts; /* 0: free */
    size_t mask;
};

static struct census census_new(struct arena *arena, size_t n)
{
    struct census census;
    size_t size = 8;

    while (size < 2 * n)
        size *= 2;
    census.mask = size - 1;
    census.keys = ARENA_ARRAY(arena, XXH128_hash_t, size);
    census.counts = arena_zero(arena, size * sizeof *census.counts);
    return census;
}

static uint64_t census_add(struct census *census, XXH128_hash_t key)
{
    size_t i = (size_t)key.low64 & census->mask;

    while (census->counts[i] != 0 && !XXH128_isEqual(census->keys[i], key))
        i = (i + 1) & census->mask;
    census->keys[i] = key;
    return census->counts[i]++;
}

/* 16 digits. */
static void write_hex(uint64_t number, char *to)
{
    static const char digits[] = "0123456789abcdef";

    for (int i = 15; i >= 0; i--, number >>= 4)
        to[i] = digits[number & 15];
}

static void identify(struct article *article, struct mention *mention, XXH128_hash_t article_hash,
                     XXH128_hash_t sentence, struct census *census)
{
    const struct event *event = mention->event;
    struct identity identity = {article_hash, sentence, hash_words(article, event->first_token, event->n_tokens),
                                event->direction, event->kind, 0};
    XXH128_hash_t hash;

    identity.occurrence = census_add(census, XXH3_128bits(&identity, sizeof identity));
    hash = XXH3_128bits(&identity, sizeof identity);
    write_hex(hash.high64, mention->id);
    write_hex(hash.low64, mention->id + 16);
    mention->id[32] = '\0';
}

/* ---- parties ----------------------------------------------------------------------------------------------------- */

static struct view party_of(const struct article *article, uint8_t index)
{
    const struct entity *entity;

    if (index >= article->n_entities)
        return VIEW_NONE;
    entity = &article->entities[index];
    return entity->acts == ACTS_STATE && entity->country[0] != '\0' ? view_of(entity->country) : entity->id;
}

static bool view_before(struct view a, struct view b)
{
    int order = memcmp(a.data, b.data, a.size < b.size ? a.size : b.size);

    return order < 0 || (order == 0 && a.size < b.size);
}

static size_t add_pair(struct pair *pairs, size_t n, struct view actor, struct view target)
{
    if (actor.data == NULL || target.data == NULL || view_equal(actor, target))
        return n;
    for (size_t i = 0; i < n; i++)
        if (view_equal(pairs[i].actor, actor) && view_equal(pairs[i].target, target))
            return n; /* Moscow and Putin are one party */
    pairs[n] = (struct pair){actor, target};
    return n + 1;
}

static size_t event_pairs(const struct article *article, const struct event *event, struct pair pairs[PAIRS_MAX])
{
    size_t n = 0;

    for (size_t a = 0; a < event->n_actors; a++) {
        struct view actor = party_of(article, event->actors[a]);
        for (size_t t = 0; t < event->n_targets; t++)
            n = add_pair(pairs, n, actor, party_of(article, event->targets[t]));
        for (size_t b = a + 1; b < event->n_actors && event->n_targets == 0; b++) {
            struct view other = party_of(article, event->actors[b]);
            if (actor.data != NULL && other.data != NULL && view_before(other, actor))
                n = add_pair(pairs, n, other, actor);
            else
                n = add_pair(pairs, n, actor, other);
        }
    }
    return n;
}

static double signed_weight(const struct event *event)
{
    return event->direction == DIRECTION_ESCALATION ? (double)event->weight : -(double)event->weight;
}

/* Sums the mentions up by pair; a table of indices into dyads. */
static void collect_dyads(struct article *article, struct mentions *mentions)
{
    size_t size = 64, n_pairs = 0;
    uint32_t *table;

    for (size_t i = 0; i < mentions->n_mentions; i++) {
        struct pair pairs[PAIRS_MAX];
        n_pairs += event_pairs(article, mentions->mentions[i].event, pairs);
    }
    if (n_pairs == 0)
        return;
    while (size < 2 * n_pairs)
        size *= 2;
    table = arena_zero(article->arena, size * sizeof *table);
    mentions->dyads = ARENA_ARRAY(article->arena, struct dyad, n_pairs);
    for (size_t i = 0; i < mentions->n_mentions; i++) {
        struct pair pairs[PAIRS_MAX];
        size_t n = event_pairs(article, mentions->mentions[i].event, pairs);

        for (size_t p = 0; p < n; p++) {
            uint64_t hash = XXH3_64bits_withSeed(pairs[p].target.data, pairs[p].target.size,
                                                 XXH3_64bits(pairs[p].actor.data, pairs[p].actor.size));
            size_t slot = (size_t)hash & (size - 1);
            struct dyad *dyad;

            for (; table[slot] != 0; slot = (slot + 1) & (size - 1)) {
                dyad = &mentions->dyads[table[slot] - 1];
                if (view_equal(dyad->actor, pairs[p].actor) && view_equal(dyad->target, pairs[p].target))
                    break;
            }
            if (table[slot] == 0) {
                mentions->dyads[mentions->n_dyads++] = (struct dyad){pairs[p].actor, pairs[p].target, 0};
                table[slot] = (uint32_t)mentions->n_dyads;
            }
            mentions->dyads[table[slot] - 1].score += signed_weight(mentions->mentions[i].event);
        }
    }
}

void mentions_collect(struct article *article, struct mentions *ret_mentions)
{
    struct mentions *mentions = ret_mentions;
    size_t n = article->n_events < ENCODE_MENTIONS_MAX ? article->n_events : ENCODE_MENTIONS_MAX, cursor = 0;
    XXH128_hash_t article_hash = XXH3_128bits(article->given.id.data, article->given.id.size);
    XXH128_hash_t sentence_hash = {0, 0};
    int64_t hashed_sentence = -1;
    struct census census;

    *mentions = (struct mentions){0};
    if (n == 0)
        return;
    mentions->mentions = ARENA_ARRAY(article->arena, struct mention, n);
    census = census_new(article->arena, n);
    for (size_t i = 0; i < article->n_events; i++) {
        const struct event *event = &article->events[i];
        const struct piece *piece = fields_find(article, &cursor, event->start, event->start + event->size);
        struct mention *mention = &mentions->mentions[mentions->n_mentions];

        if (piece == NULL || event->sentence >= article->n_sentences)
            continue;
        if (mentions->n_mentions == n) {
            mentions->n_left_out++;
            continue;
        }
        *mention = (struct mention){.event = event, .piece = piece, .sentence = sentence_view(article, event, piece)};
        if (hashed_sentence != event->sentence) {
            const struct sentence *sentence = &article->sentences[event->sentence];
            sentence_hash = hash_words(article, sentence->first_token, sentence->n_tokens);
            hashed_sentence = event->sentence;
        }
        identify(article, mention, article_hash, sentence_hash, &census);
        mentions->n_mentions++;
    }
    collect_dyads(article, mentions);
}

/* ---- writing ----------------------------------------------------------------------------------------------------- */

/* Common to both forms of a mention. */
static void write_core(struct json_writer *writer, const struct article *article, const struct mention *mention)
{
    const struct event *event = mention->event;
    uint32_t start = fields_place(mention->piece, event->at);

    writer_field_literal(writer, "in", mention->piece->fate == FATE_TITLE ? "title" : "text");
    writer_field_literal(writer, "direction", direction_name((enum direction)event->direction));
    writer_field_literal(writer, "kind", event_kind_name((enum event_kind)event->kind));
    writer_field_literal(writer, "mode", event_mode_name((enum event_mode)event->mode));
    writer_key(writer, "weight"), writer_number(writer, (double)event->weight, 2);
    writer_field_string(writer, "trigger", view_slice(article->buffer, event->start, event->size));
    writer_field_int(writer, "start", start);
    writer_field_int(writer, "end", start + event->points);
    writer_field_string(writer, "sentence", mention->sentence);
}

static const struct entity *entity_at(const struct article *article, int64_t index)
{
    return index < 0 || (size_t)index >= article->n_entities ? NULL : &article->entities[index];
}

static void write_ids(struct json_writer *writer, const struct article *article, const char *name,
                      const uint8_t *parties, size_t n)
{
    writer_key(writer, name);
    writer_array(writer);
    for (size_t i = 0; i < n; i++) {
        const struct entity *entity = entity_at(article, parties[i]);
        if (entity != NULL && entity->id.data != NULL)
            writer_string(writer, entity->id);
    }
    writer_array_end(writer);
}

void mention_write(struct json_writer *writer, const struct article *article, const struct mention *mention)
{
    const struct event *event = mention->event;
    const struct entity *source = entity_at(article, event->source);

    writer_object(writer);
    writer_field_literal(writer, "id", mention->id);
    write_core(writer, article, mention);
    write_ids(writer, article, "actors", event->actors, event->n_actors);
    write_ids(writer, article, "targets", event->targets, event->n_targets);
    if (source != NULL)
        writer_field_string(writer, "source", source->id);
    writer_object_end(writer);
}

static void write_party(struct json_writer *writer, const struct entity *entity)
{
    writer_object(writer);
    writer_key(writer, "id");
    if (entity->id.data != NULL)
        writer_string(writer, entity->id);
    else
        writer_null(writer);
    writer_field_string(writer, "name", fields_cut(entity->name, TITLE_BYTES));
    if (entity->country[0] != '\0')
        writer_field_literal(writer, "country", entity->country);
    writer_object_end(writer);
}

static void write_parties(struct json_writer *writer, const struct article *article, const char *name,
                          const uint8_t *parties, size_t n)
{
    writer_key(writer, name);
    writer_array(writer);
    for (size_t i = 0; i < n; i++)
        if (entity_at(article, parties[i]) != NULL)
            write_party(writer, entity_at(article, parties[i]));
    writer_array_end(writer);
}

/* What all mentions of an article have in common, written once. */
struct common {
    struct view article; /* JSON */
    struct view time, processed_at;
    const char *language;
};

static void write_article(struct json_writer *writer, const struct article *article, const struct fields *fields)
{
    const struct given *given = &article->given;
    char date[DATE_SIZE];

    writer_object(writer);
    writer_field_string(writer, "id", given->id);
    writer_field_string(writer, "url", given->url);
    writer_field_string(writer, "source", given->source);
    writer_field_string(writer, "title", fields_cut(fields->title, TITLE_BYTES));
    if (given->published_ms != TIME_NONE)
        writer_field_string(writer, "published_at", date_write(given->published_ms, DATE_MILLIS_IF_ANY, date));
    writer_object_end(writer);
}

static struct common common_of(const struct article *article, const struct fields *fields, const char *language)
{
    struct common common = {.language = language};
    struct json_writer writer;
    char date[DATE_SIZE];

    writer_begin(&writer, article->arena, 512, 0);
    write_article(&writer, article, fields);
    common.article = writer_finish(&writer);
    common.time = arena_copy(article->arena, date_write(article->event_time_ms, DATE_MILLIS_ALWAYS, date));
    common.processed_at = arena_copy(article->arena, date_write(article->message->now_ms, DATE_MILLIS_ALWAYS, date));
    return common;
}

static struct view encode_one(struct article *article, const struct common *common, const struct mention *mention,
                              size_t rank)
{
    const struct event *event = mention->event;
    struct json_writer writer;
    struct pair pairs[PAIRS_MAX];
    size_t n_pairs = event_pairs(article, event, pairs);

    writer_begin(&writer, article->arena, 1024 + common->article.size + mention->sentence.size, 0);
    writer_object(&writer);
    writer_field_literal(&writer, "schema", "tocsin.mention/1");
    writer_field_literal(&writer, "id", mention->id);
    writer_key(&writer, "article"), writer_raw(&writer, common->article);
    writer_field_int(&writer, "rank", (int64_t)rank);
    write_core(&writer, article, mention);
    writer_field_literal(&writer, "language", common->language);
    write_parties(&writer, article, "actors", event->actors, event->n_actors);
    write_parties(&writer, article, "targets", event->targets, event->n_targets);
    if (entity_at(article, event->source) != NULL)
        writer_key(&writer, "source"), write_party(&writer, entity_at(article, event->source));
    writer_key(&writer, "dyads");
    writer_array(&writer);
    for (size_t i = 0; i < n_pairs; i++) {
        writer_object(&writer);
        writer_field_string(&writer, "actor", pairs[i].actor);
        writer_field_string(&writer, "target", pairs[i].target);
        writer_object_end(&writer);
    }
    writer_array_end(&writer);
    writer_field_string(&writer, "time", common->time);
    writer_field_string(&writer, "processed_at", common->processed_at);
    writer_object_end(&writer);
    return writer_finish(&writer);
}

void mentions_encode(struct article *article, const struct fields *fields, const struct mentions *mentions,
                     const char *language)
{
    struct common common;

    if (mentions->n_mentions == 0)
        return;
    common = common_of(article, fields, language);
    article->encoded_mentions = ARENA_ARRAY(article->arena, struct encoded_mention, mentions->n_mentions);
    article->n_encoded_mentions = mentions->n_mentions;
    for (size_t i = 0; i < mentions->n_mentions; i++) {
        const struct mention *mention = &mentions->mentions[i];
        struct encoded_mention *encoded = &article->encoded_mentions[i];

        *encoded = (struct encoded_mention){.direction = mention->event->direction, .kind = mention->event->kind,
                                            .rank = (uint32_t)i};
        memcpy(encoded->id, mention->id, sizeof encoded->id);
        encoded->json = encode_one(article, &common, mention, i);
    }
}
