#include "processors/cleanup/labels.h"

#include "processors/cleanup/lines.h"
#include "processors/words/phrases.h"
#include "processors/words/umlauts.h"
#include "processors/text/text.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    HINT_BYTES_MAX = 512, /* class names beyond that belong to the page, not to the block */
    SHORT_TOKENS = 24,    /* no longer line consists of labels alone */
    SINGLE_BITS = 1 << 16,
    PAIR_WORDS = 1 << 11,   /* two bits in one of them for each pair; few, as every word of an article is asked for */
    TRIPLE_WORDS = 1 << 12, /* the same; asked only for what begins with a pair */
};

struct link_label {
    struct view prefix;
    uint32_t label;
};

struct hint_word {
    struct view word;
    uint8_t kind;
};

/* Phrases, with the words, pairs and triples of words that they begin with, so that most tokens need no look-up. */
struct dictionary {
    struct phrases *phrases; /* value: index into labels */
    uint64_t singles[SINGLE_BITS / 64]; /* phrases of one word */
    uint64_t pairs[PAIR_WORDS];     /* of longer ones */
    uint64_t triples[TRIPLE_WORDS]; /* beginnings of three words, and phrases of two */
};

struct labels {
    struct dictionary frames; /* whole_line, line_start */
    struct dictionary inside; /* the other places: apart, as most tokens are asked for these only */
    struct label *labels;
    size_t n_labels, room;
    struct link_label *links;
    size_t n_links, links_room;
    struct hint_word *hints;
    size_t n_hints;
    struct arena *arena, *folding;
    struct table_source *source; /* while opening */
};

/* ---- opening ---------------------------------------------------------------------------------------------------- */

static const char *const place_names[] = {"whole_line", "line_start", "line_end", "anywhere", "agency", "link"};
static const char *const effect_names[] = {"line", "sentence", "rest_of_line", "credit", "block", "rest"};

#define LENGTH(array) (sizeof(array) / sizeof *(array))

static bool name_of(const char *const *names, size_t n, struct view name, uint8_t *ret_index)
{
    for (size_t i = 0; i < n; i++)
        if (view_is(name, names[i])) {
            *ret_index = (uint8_t)i;
            return true;
        }
    return false;
}

static enum status read_label(struct table_row row, struct label *ret_label, struct view *ret_phrase, struct err *err)
{
    struct view phrase = row.cells[0];
    struct label label = {0};
    enum drop_kind kind;

    if (!drop_kind_of(row.cells[1], &kind))
        return table_fail(row, err, "there is no kind '%.*s'", VIEW_PRINT(row.cells[1]));
    label.kind = (uint8_t)kind;
    if (!name_of(place_names, LENGTH(place_names), row.cells[2], &label.place))
        return table_fail(row, err, "there is no place '%.*s'", VIEW_PRINT(row.cells[2]));
    if (!name_of(effect_names, LENGTH(effect_names), row.cells[3], &label.effect))
        return table_fail(row, err, "there is no effect '%.*s'", VIEW_PRINT(row.cells[3]));
    label.sure = view_is(row.cells[4], "sure");
    if (!label.sure && !view_is(row.cells[4], "hint"))
        return table_fail(row, err, "trust is sure or hint, not '%.*s'", VIEW_PRINT(row.cells[4]));
    if (phrase.size > 0 && phrase.data[phrase.size - 1] == ':') {
        label.divided = true;
        phrase = view_trim(view_slice(phrase, 0, phrase.size - 1));
    }
    *ret_label = label;
    *ret_phrase = phrase;
    return STATUS_OK;
}

static uint64_t pair_of(const struct token *first, const struct token *second)
{
    return first->hash * 0x9e3779b97f4a7c15u ^ second->hash;
}

/* What stands for a beginning of three words; of two without a third. */
static uint64_t triple_of(uint64_t pair, const struct token *third)
{
    return (pair ^ pair >> 32 ^ (third == NULL ? 0 : third->hash)) * 0xd6e8feb86659fd93u;
}

static uint64_t two_bits(uint64_t hash)
{
    return (uint64_t)1 << hash % 64 | (uint64_t)1 << (hash >> 6) % 64;
}

static void filter_add(uint64_t *filter, size_t words, uint64_t hash)
{
    filter[(hash >> 32) % words] |= two_bits(hash);
}

static inline bool filter_has(const uint64_t *filter, size_t words, uint64_t hash)
{
    return (two_bits(hash) & ~filter[(hash >> 32) % words]) == 0;
}

/* The next token that counts in phrases; `end` if there is none. */
static uint32_t next_token(const struct article *article, uint32_t at, uint32_t end)
{
    while (at < end && article->tokens[at].kind == TOKEN_JOINER)
        at++;
    return at;
}

static void start_add(struct dictionary *dictionary, struct arena *arena, struct view phrase)
{
    struct article article;
    uint32_t first, second, third, end;
    uint64_t pair;

    arena_reset(arena);
    text_tokenize(arena, phrase, &article);
    end = (uint32_t)article.n_tokens;
    first = next_token(&article, 0, end);
    second = next_token(&article, first + 1, end);
    if (first >= end)
        return;
    if (second >= end) {
        uint64_t bit = article.tokens[first].hash % SINGLE_BITS;
        dictionary->singles[bit / 64] |= (uint64_t)1 << bit % 64;
        return;
    }
    pair = pair_of(&article.tokens[first], &article.tokens[second]);
    third = next_token(&article, second + 1, end);
    filter_add(dictionary->pairs, PAIR_WORDS, pair);
    filter_add(dictionary->triples, TRIPLE_WORDS, triple_of(pair, third < end ? &article.tokens[third] : NULL));
}

/* phrases_add() enters umlauts spelled as two letters too, so the filter must know these first words. */
static enum status dictionary_add(struct dictionary *dictionary, struct arena *arena, struct view phrase,
                                  uint32_t value, struct err *err)
{
    char buffer[UMLAUTS_BYTES];
    struct view spelled = umlauts_spelled(phrase, buffer);

    start_add(dictionary, arena, phrase);
    if (spelled.data != NULL)
        start_add(dictionary, arena, spelled);
    return phrases_add(dictionary->phrases, phrase, value, err);
}

static enum status enter(struct labels *labels, struct table_row row, struct err *err)
{
    struct label label;
    struct view phrase;
    uint32_t index = (uint32_t)labels->n_labels;
    struct dictionary *into;

    if (read_label(row, &label, &phrase, err) != STATUS_OK)
        return STATUS_FATAL;
    if (labels->n_labels == labels->room) {
        size_t room = labels->room == 0 ? 1024 : labels->room * 2;
        labels->labels = arena_grow(labels->arena, labels->labels, labels->room * sizeof label, room * sizeof label);
        labels->room = room;
    }
    labels->labels[labels->n_labels++] = label;
    if (label.place == PLACE_LINK) {
        if (labels->n_links == labels->links_room) {
            size_t room = labels->links_room + 16;
            labels->links = arena_grow(labels->arena, labels->links, labels->links_room * sizeof *labels->links,
                                       room * sizeof *labels->links);
            labels->links_room = room;
        }
        labels->links[labels->n_links++] = (struct link_label){arena_copy(labels->arena, phrase), index};
        return STATUS_OK;
    }
    into = label.place == PLACE_WHOLE_LINE || label.place == PLACE_LINE_START ? &labels->frames : &labels->inside;
    if (dictionary_add(into, labels->folding, phrase, index, err) != STATUS_OK)
        return table_fail(row, err, "this cannot be a phrase: '%.*s'", VIEW_PRINT(phrase));
    return STATUS_OK;
}

static enum status open_language(void *user, const char *name, struct err *err)
{
    struct labels *labels = user;
    struct table *table = NULL;
    char path[128];
    enum status status;

    snprintf(path, sizeof path, "cleanup/%s.tsv", name);
    status = table_open(labels->source, path, "phrase kind place effect trust", 3, &table, err);
    for (size_t i = 0; status == STATUS_OK && i < table_size(table); i++)
        status = enter(labels, table_at(table, i), err);
    table_close(table);
    return status;
}

static enum status open_hints(struct labels *labels, struct err *err)
{
    struct table *table = NULL;
    enum status status = table_open(labels->source, "cleanup/html/hints.tsv", "word kind", 1, &table, err);

    if (status != STATUS_OK)
        return status == STATUS_SKIP ? STATUS_OK : status;
    labels->hints = ARENA_ARRAY(labels->arena, struct hint_word, table_size(table));
    for (; status == STATUS_OK && labels->n_hints < table_size(table); labels->n_hints++) {
        struct table_row row = table_at(table, labels->n_hints);
        enum drop_kind kind;
        if (!drop_kind_of(row.cells[1], &kind))
            status = table_fail(row, err, "there is no kind '%.*s'", VIEW_PRINT(row.cells[1]));
        else
            labels->hints[labels->n_hints] = (struct hint_word){arena_copy(labels->arena, row.cells[0]), (uint8_t)kind};
    }
    table_close(table);
    return status;
}

enum status labels_open(struct table_source *source, struct labels **ret_labels, struct err *err)
{
    struct labels *labels = calloc(1, sizeof *labels);
    enum status status;

    if (labels == NULL)
        return fail(err, STATUS_FATAL, "out of memory");
    labels->arena = arena_new(1 << 14, 0);
    labels->folding = arena_new(1 << 12, 1 << 12);
    labels->frames.phrases = phrases_new();
    labels->inside.phrases = phrases_new();
    labels->source = source;
    status = table_list(source, "cleanup", open_language, labels, err);
    if (status == STATUS_OK)
        status = open_hints(labels, err);
    if (status != STATUS_OK) {
        labels_close(labels);
        return STATUS_FATAL;
    }
    phrases_freeze(labels->frames.phrases);
    phrases_freeze(labels->inside.phrases);
    labels->source = NULL;
    *ret_labels = labels;
    return STATUS_OK;
}

void labels_close(struct labels *labels)
{
    if (labels == NULL)
        return;
    phrases_free(labels->frames.phrases);
    phrases_free(labels->inside.phrases);
    arena_free(labels->folding);
    arena_free(labels->arena);
    free(labels);
}

/* ---- finding ---------------------------------------------------------------------------------------------------- */

static void hit_add(struct label_hits *hits, struct arena *arena, struct label_hit hit)
{
    if (hits->n == hits->room) {
        size_t room = hits->room == 0 ? 64 : hits->room * 2;
        hits->hits = arena_grow(arena, hits->hits, hits->room * sizeof hit, room * sizeof hit);
        hits->room = room;
    }
    hits->hits[hits->n++] = hit;
}

/* Does this label count here, between the first and the last token of the line's content? */
static bool place_fits(const struct article *article, const struct label *label, uint32_t at, uint32_t end,
                       uint32_t first, uint32_t last)
{
    if (label->divided && (end > last || !token_is_divider(article, end)))
        return false;
    switch ((enum label_place)label->place) {
    case PLACE_WHOLE_LINE:
    case PLACE_AGENCY:
    case PLACE_LINK:
        return true;
    case PLACE_LINE_START:
        return at == first;
    case PLACE_LINE_END:
        return end > last && (at == first || token_ends_sentence(article, at - 1) || label->effect == EFFECT_CREDIT);
    case PLACE_ANYWHERE:
        /* A teaser begins where a sentence could; in the middle of one, the words are its own. */
        return label->effect != EFFECT_SENTENCE || at == first || token_is_break(article, at - 1);
    }
    return false;
}

static struct view link_bare(struct view link)
{
    static const char *const starts[] = {"https://", "http://", "www."};

    for (size_t i = 0; i < LENGTH(starts); i++) {
        size_t size = strlen(starts[i]);
        if (link.size > size && memcmp(link.data, starts[i], size) == 0)
            link = view_slice(link, size, link.size - size);
    }
    return link;
}

static void find_link(const struct labels *labels, const struct article *article, uint32_t line, uint32_t at,
                      struct label_hits *hits)
{
    struct view link = link_bare(token_view(article, &article->tokens[at]));

    for (size_t i = 0; i < labels->n_links; i++) {
        struct view prefix = labels->links[i].prefix;
        if (link.size >= prefix.size && memcmp(link.data, prefix.data, prefix.size) == 0)
            hit_add(hits, article->arena, (struct label_hit){line, at, 1, &labels->labels[labels->links[i].label]});
    }
}

/* May a phrase begin with this word, or with this pair?  Both are asked at once: which one it is nobody can foresee. */
static inline bool may_start(const struct dictionary *dictionary, uint64_t word, uint64_t pair)
{
    uint64_t bit = word % SINGLE_BITS, single = dictionary->singles[bit / 64] >> bit % 64 & 1;

    return (single != 0) | filter_has(dictionary->pairs, PAIR_WORDS, pair);
}

/* The same of three words, asked only where may_start() says yes. */
static bool may_go_on(const struct dictionary *dictionary, const struct article *article, uint32_t at, uint32_t last)
{
    const struct token *first = &article->tokens[at];
    uint32_t second = next_token(article, at + 1, last + 1), third = next_token(article, second + 1, last + 1);
    uint64_t bit = first->hash % SINGLE_BITS, pair;

    if ((dictionary->singles[bit / 64] >> bit % 64 & 1) != 0)
        return true;
    if (second > last)
        return false;
    pair = pair_of(first, &article->tokens[second]);
    return filter_has(dictionary->triples, TRIPLE_WORDS, triple_of(pair, NULL))
           || (third <= last && filter_has(dictionary->triples, TRIPLE_WORDS, triple_of(pair, &article->tokens[third])));
}

/* Where a phrase is looked for. */
struct place {
    const struct labels *labels;
    const struct dictionary *dictionary;
    const struct article *article;
    uint32_t at, first, last;
};

/* Does any label of this phrase count here?  If not, a shorter one may. */
static bool any_fits(void *user, const struct phrase_match *match)
{
    const struct place *place = user;
    uint32_t value;

    for (uint32_t chain = match->chain; phrases_next(place->dictionary->phrases, &chain, &value);)
        if (place_fits(place->article, &place->labels->labels[value], place->at, place->at + match->n_tokens, place->first,
                       place->last))
            return true;
    return false;
}

/* The longest phrase at one token of which a label counts here.  Returns where it ends, or the token if there is none. */
static uint32_t find_phrase(struct place place, const struct dictionary *dictionary, uint32_t line,
                            struct label_hits *hits)
{
    const struct phrase_forms as_they_are = {.language_tag = NULL};
    struct label_hit hit = {.line = line, .first_token = place.at};
    struct phrase_match match;
    uint32_t value, end;

    place.dictionary = dictionary;
    if (!may_go_on(dictionary, place.article, place.at, place.last)
        || !phrases_longest_that(dictionary->phrases, place.article, place.at, place.last + 1, as_they_are, any_fits, &place,
                                 &match))
        return place.at;
    hit.n_tokens = match.n_tokens;
    end = place.at + match.n_tokens;
    for (uint32_t chain = match.chain; phrases_next(dictionary->phrases, &chain, &value);) {
        hit.label = &place.labels->labels[value];
        if (place_fits(place.article, hit.label, place.at, end, place.first, place.last))
            hit_add(hits, place.article->arena, hit);
    }
    return end;
}

/* What begins at one token.  Returns where the longest phrase ends, or the token if there is none. */
static uint32_t find_at(struct place place, uint32_t line, bool inside, bool frames, struct label_hits *hits)
{
    uint8_t kind = place.article->tokens[place.at].kind;
    uint32_t end = place.at, inside_end = place.at;

    if (kind == TOKEN_LINK)
        find_link(place.labels, place.article, line, place.at, hits);
    if (kind != TOKEN_WORD && kind != TOKEN_NUMBER)
        return place.at;
    if (frames)
        end = find_phrase(place, &place.labels->frames, line, hits);
    if (inside)
        inside_end = find_phrase(place, &place.labels->inside, line, hits);
    return inside_end > end ? inside_end : end;
}

/* Bits of the tokens first … end - 1, at most 64: at which a phrase may begin, or a link stands.  All are asked before any
 * is looked up, so that no question waits for another one's answer. */
static uint64_t find_starts(const struct dictionary *dictionary, const struct article *article, uint32_t first,
                            uint32_t end, uint32_t last)
{
    uint64_t starts = 0;

    for (uint32_t at = first; at < end; at++) {
        const struct token *token = &article->tokens[at];
        uint64_t pair = pair_of(token, &article->tokens[at < last ? next_token(article, at + 1, last) : at]);
        bool may = may_start(dictionary, token->hash, pair) | (token->kind == TOKEN_LINK);
        starts |= (uint64_t)may << (at - first);
    }
    return starts;
}

void labels_find(const struct labels *labels, const struct article *article, uint32_t line, uint32_t first,
                 uint32_t last, struct label_hits *hits)
{
    bool is_short = last - first < SHORT_TOKENS;
    uint32_t behind = first; /* the phrases found so far */

    for (uint32_t stretch = first; stretch <= last; stretch += 64) {
        uint32_t end = last - stretch < 64 ? last + 1 : stretch + 64;
        uint64_t inside = find_starts(&labels->inside, article, stretch, end, last), frames = 0;

        if (is_short || stretch == first)
            frames = find_starts(&labels->frames, article, stretch, is_short ? end : first + 1, last);
        for (uint64_t left = inside | frames; left != 0; left &= left - 1) {
            unsigned bit = (unsigned)__builtin_ctzll(left);
            const struct place place = {labels, NULL, article, stretch + bit, first, last};

            if (place.at >= behind)
                behind = find_at(place, line, inside >> bit & 1, frames >> bit & 1, hits);
        }
    }
}

enum drop_kind labels_of_hint(const struct labels *labels, struct view hint)
{
    size_t at = 0;

    if (hint.size > HINT_BYTES_MAX)
        hint.size = HINT_BYTES_MAX;
    while (at < hint.size) {
        size_t start = at;
        while (at < hint.size && ((hint.data[at] | 0x20) >= 'a' && (hint.data[at] | 0x20) <= 'z'))
            at++;
        for (size_t i = 0; at > start && i < labels->n_hints; i++)
            if (view_equal(labels->hints[i].word, view_slice(hint, start, at - start)))
                return (enum drop_kind)labels->hints[i].kind;
        at += at == start;
    }
    return DROP_NONE;
}
