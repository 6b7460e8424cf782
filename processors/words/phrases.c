#include "processors/words/phrases.h"

#include "processors/text/text.h"
#include "processors/utf8.h"

#include <stdlib.h>

/* One step of the trie: from a node, over a token, to its child.  The key mixes parent and token; neither is kept. */
struct edge {
    uint64_t key;   /* 0: free */
    uint32_t child; /* CONTINUES: some longer phrase goes on behind it */
    uint32_t chain; /* the values of the phrase that ends here, 0: none does */
};

struct value {
    uint32_t value;
    uint32_t next; /* 0: the last */
};

enum {
    ROOT = 0,
    EDGES_FIRST = 1 << 10,
    ARENA_CHUNK = 1 << 14,
    HEADS = 1 << 16,
    STARTS_PER_PHRASE = 16, /* bits of the filter: about 6 % of it are set */
};

#define CONTINUES 0x80000000u

struct phrases {
    struct edge *edges;
    size_t n_edges, room; /* room: a power of two */
    uint32_t n_nodes;
    struct value *values; /* [0] is not used */
    size_t n_values, values_room;
    size_t n_phrases;
    uint32_t *first; /* filter keys of first words, until freeze */
    size_t n_first, first_room;
    uint64_t *starts; /* one bit for each filter key: which stripped forms are worth a hash */
    uint32_t starts_mask;
    uint64_t heads[HEADS / 64]; /* the same for three letters alone: which words are worth a look */
    struct arena *arena; /* for folding, until freeze */
};

static uint64_t edge_key(uint32_t node, uint64_t hash)
{
    uint64_t key = (hash ^ ((uint64_t)node * 0x9e3779b97f4a7c15u)) * 0xd6e8feb86659fd93u;

    key ^= key >> 32;
    return key == 0 ? 1 : key;
}

static struct edge *edge_find(const struct phrases *phrases, uint32_t node, uint64_t hash)
{
    uint64_t key = edge_key(node, hash);
    size_t mask = phrases->room - 1;

    for (size_t i = key & mask;; i = (i + 1) & mask)
        if (phrases->edges[i].key == key || phrases->edges[i].key == 0)
            return &phrases->edges[i];
}

/* What can be known of a form without hashing it: its first three letters' worth of bytes and its size. */
static uint32_t start_key(struct view form)
{
    uint64_t bytes = 0;
    size_t size = form.size < 6 ? form.size : 6;

    /* Three letters must remain after a strip: three bytes of ASCII, six of scripts with two-byte letters. */
    if ((unsigned char)form.data[0] < 0x80 && size > 3)
        size = 3;
    memcpy(&bytes, form.data, size);
    bytes = (bytes ^ (uint64_t)form.size << 52) * 0x9e3779b97f4a7c15u;
    return (uint32_t)(bytes >> 32);
}

/* The first three letters, as far as bytes tell. */
static uint32_t head_key(struct view word)
{
    uint64_t bytes = 0;

    if ((unsigned char)word.data[0] < 0x80) {
        for (size_t i = 0; i < 3; i++)
            bytes = bytes << 8 | (i < word.size ? (unsigned char)word.data[i] : 0u);
    } else if (word.size >= 6) {
        memcpy(&bytes, word.data, 6);
    } else {
        memcpy(&bytes, word.data, word.size);
    }
    return (uint32_t)(bytes * 0x9e3779b97f4a7c15u >> 40) % HEADS;
}

static void *grown(void *array, size_t *room, size_t element)
{
    size_t new_room = *room == 0 ? 1024 : *room * 2;
    void *bigger = realloc(array, new_room * element);

    if (bigger == NULL)
        abort(); /* as the arena does: small allocations cannot be refused in a useful way */
    *room = new_room;
    return bigger;
}

static struct edge *edges_new(size_t room)
{
    struct edge *edges = calloc(room, sizeof *edges);

    if (edges == NULL)
        abort();
    return edges;
}

struct phrases *phrases_new(void)
{
    struct phrases *phrases = calloc(1, sizeof *phrases);

    if (phrases == NULL)
        abort();
    phrases->room = EDGES_FIRST;
    phrases->edges = edges_new(phrases->room);
    phrases->n_nodes = 1;
    phrases->values = grown(NULL, &phrases->values_room, sizeof *phrases->values);
    phrases->n_values = 1;
    phrases->arena = arena_new(ARENA_CHUNK, ARENA_CHUNK);
    return phrases;
}

void phrases_free(struct phrases *phrases)
{
    if (phrases == NULL)
        return;
    arena_free(phrases->arena);
    free(phrases->starts);
    free(phrases->first);
    free(phrases->values);
    free(phrases->edges);
    free(phrases);
}

static void edges_double(struct phrases *phrases)
{
    struct edge *old = phrases->edges;
    size_t old_room = phrases->room;

    phrases->room *= 2;
    phrases->edges = edges_new(phrases->room);
    for (size_t i = 0; i < old_room; i++) {
        size_t at = old[i].key & (phrases->room - 1);
        if (old[i].key == 0)
            continue;
        while (phrases->edges[at].key != 0)
            at = (at + 1) & (phrases->room - 1);
        phrases->edges[at] = old[i];
    }
    free(old);
}

static struct edge *edge_enter(struct phrases *phrases, uint32_t node, uint64_t hash)
{
    struct edge *edge;

    if (phrases->n_edges * 2 >= phrases->room)
        edges_double(phrases);
    edge = edge_find(phrases, node, hash);
    if (edge->key == 0) {
        *edge = (struct edge){.key = edge_key(node, hash), .child = phrases->n_nodes++};
        phrases->n_edges++;
    }
    return edge;
}

static void value_enter(struct phrases *phrases, struct edge *edge, uint32_t value)
{
    uint32_t *link = &edge->chain;

    for (uint32_t at = *link; at != 0; at = phrases->values[at].next)
        if (phrases->values[at].value == value)
            return;
    if (phrases->n_values == phrases->values_room)
        phrases->values = grown(phrases->values, &phrases->values_room, sizeof *phrases->values);
    while (*link != 0)
        link = &phrases->values[*link].next;
    *link = (uint32_t)phrases->n_values;
    phrases->values[phrases->n_values++] = (struct value){value, 0};
}

static void head_enter(struct phrases *phrases, struct view word)
{
    uint32_t bit = head_key(word);

    phrases->heads[bit / 64] |= (uint64_t)1 << bit % 64;
}

static enum status enter(struct phrases *phrases, struct view phrase, uint32_t value, struct err *err)
{
    struct article article;
    struct edge *edge = NULL;
    uint32_t node = ROOT;
    unsigned n = 0, n_words = 0;

    arena_reset(phrases->arena);
    text_tokenize(phrases->arena, phrase, &article);
    for (size_t i = 0; i < article.n_tokens; i++) {
        n += article.tokens[i].kind != TOKEN_JOINER;
        n_words += article.tokens[i].kind != TOKEN_JOINER && article.tokens[i].kind != TOKEN_PUNCT;
    }
    if (n_words == 0)
        return reject(err, "invalid", "'%.*s' has no word in it", VIEW_PRINT(phrase));
    if (n > PHRASE_TOKENS_MAX)
        return reject(err, "invalid", "'%.*s' has %u words, at most %d may be", VIEW_PRINT(phrase), n,
                      PHRASE_TOKENS_MAX);
    for (size_t i = 0; i < article.n_tokens; i++) {
        const struct token *token = &article.tokens[i];
        if (token->kind == TOKEN_JOINER)
            continue;
        if (edge == NULL) {
            if (phrases->n_first == phrases->first_room)
                phrases->first = grown(phrases->first, &phrases->first_room, sizeof *phrases->first);
            phrases->first[phrases->n_first++] = start_key(token_folded(&article, token));
            head_enter(phrases, token_folded(&article, token));
        } else {
            edge->child |= CONTINUES;
        }
        edge = edge_enter(phrases, node, token->hash);
        node = edge->child & ~CONTINUES;
    }
    value_enter(phrases, edge, value);
    phrases->n_phrases++;
    return STATUS_OK;
}

/* "Köln" as "Koeln"; an absent view if there is nothing to spell otherwise. */
static struct view umlauts_spelled(struct view phrase, char *buffer)
{
    size_t n = 0;
    bool any = false;
    unsigned size;

    for (size_t i = 0; i < phrase.size; i += size) {
        static const struct { uint32_t point; char letter; } umlauts[] = {
            {0xe4, 'a'}, {0xf6, 'o'}, {0xfc, 'u'}, {0xc4, 'A'}, {0xd6, 'O'}, {0xdc, 'U'},
        };
        uint32_t point = utf8_read(phrase.data + i, &size);
        bool is_umlaut = false;
        for (size_t u = 0; u < sizeof umlauts / sizeof *umlauts; u++)
            if (point == umlauts[u].point) {
                buffer[n++] = umlauts[u].letter;
                buffer[n++] = 'e';
                is_umlaut = any = true;
            }
        if (!is_umlaut) {
            memcpy(buffer + n, phrase.data + i, size);
            n += size;
        }
    }
    return any ? (struct view){buffer, n} : VIEW_NONE;
}

enum status phrases_add(struct phrases *phrases, struct view phrase, uint32_t value, struct err *err)
{
    char buffer[512]; /* an umlaut is two bytes in both spellings */
    enum status status = enter(phrases, phrase, value, err);
    struct view spelled;

    if (status != STATUS_OK || phrase.size > sizeof buffer)
        return status;
    spelled = umlauts_spelled(phrase, buffer);
    if (spelled.data == NULL)
        return STATUS_OK;
    phrases->n_phrases--;
    return enter(phrases, spelled, value, err);
}

void phrases_freeze(struct phrases *phrases)
{
    size_t bits = 1 << 10;

    while (bits < phrases->n_first * STARTS_PER_PHRASE && bits < (size_t)1 << 26)
        bits *= 2;
    phrases->starts = calloc(bits / 64, sizeof *phrases->starts);
    if (phrases->starts == NULL)
        abort();
    phrases->starts_mask = (uint32_t)(bits - 1);
    for (size_t i = 0; i < phrases->n_first; i++) {
        uint32_t bit = phrases->first[i] & phrases->starts_mask;
        phrases->starts[bit / 64] |= (uint64_t)1 << bit % 64;
    }
    free(phrases->first);
    phrases->first = NULL;
    phrases->n_first = phrases->first_room = 0;
    arena_free(phrases->arena);
    phrases->arena = NULL;
}

size_t phrases_count(const struct phrases *phrases)
{
    return phrases->n_phrases;
}

bool phrases_next(const struct phrases *phrases, uint32_t *chain, uint32_t *ret_value)
{
    if (*chain == 0)
        return false;
    *ret_value = phrases->values[*chain].value;
    *chain = phrases->values[*chain].next;
    return true;
}

/* ---- looking up ------------------------------------------------------------------------------------------------- */

/* One question: the longest phrase here.  best is what has been found so far. */
struct search {
    const struct phrases *phrases;
    const struct article *article;
    uint32_t end;
    struct phrase_forms forms;
    phrase_accept *accept; /* NULL: all */
    void *user;
    struct phrase_match *best;
    bool found;
};

static bool starts(const struct phrases *phrases, struct view form)
{
    uint32_t bit = start_key(form) & phrases->starts_mask;

    return (phrases->starts[bit / 64] >> bit % 64 & 1) != 0;
}

/* Can a word with these first three letters, or what endings leave of it, begin a phrase? */
static bool may_begin(const struct phrases *phrases, struct view word)
{
    uint32_t bit;

    if (word.size == 0)
        return true;
    bit = head_key(word);
    return (phrases->heads[bit / 64] >> bit % 64 & 1) != 0;
}

/* Of these clitics only those behind which a phrase may begin. */
static size_t prefixes_worth(const struct phrases *phrases, struct view folded, struct strip *prefixes, size_t n)
{
    char buffer[FORM_BYTES * 2];
    size_t kept = 0;

    for (size_t i = 0; i < n; i++)
        if (may_begin(phrases, forms_view(folded, &prefixes[i], buffer)))
            prefixes[kept++] = prefixes[i];
    return kept;
}

static const struct edge *edge_of_strip(const struct search *search, uint32_t node, const struct token *token,
                                        const struct strip *strip, uint64_t *ret_hash)
{
    char buffer[FORM_BYTES * 2];
    struct view form = forms_view(token_folded(search->article, token), strip, buffer);
    const struct edge *edge;

    if (node == ROOT && !starts(search->phrases, form))
        return NULL;
    *ret_hash = fold_hash(form);
    edge = edge_find(search->phrases, node, *ret_hash);
    return edge->key == 0 ? NULL : edge;
}

static void offer(struct search *search, uint32_t first, uint32_t last, const struct edge *edge, struct form first_form,
                  struct form last_form)
{
    struct phrase_match match = {first, last - first + 1, edge->chain, first_form, last_form};

    if (edge->chain == 0 || (search->found && search->best->n_tokens >= match.n_tokens)
        || (search->accept != NULL && !search->accept(search->user, &match)))
        return;
    *search->best = match;
    search->found = true;
}

/* Arabic adjectives agree with their noun: when the first word has shed its article, the next may shed theirs. */
static const struct edge *edge_of_agreeing(const struct search *search, uint32_t node, const struct token *token,
                                           bool article_shed)
{
    static const char al[] = "ال";
    struct strip strip = {.prefix = sizeof al - 1};
    struct view folded = token_folded(search->article, token);
    uint64_t hash;

    if (!article_shed || folded.size < strip.prefix + 6u || folded.size > FORM_BYTES
        || memcmp(folded.data, al, strip.prefix) != 0)
        return NULL;
    return edge_of_strip(search, node, token, &strip, &hash);
}

static bool sheds_article(const struct search *search, const struct token *token, const struct form *form)
{
    struct view folded = token_folded(search->article, token);

    return token->script == SCRIPT_ARAB && form->prefix >= 4
        && memcmp(folded.data + form->prefix - 2, "ل", 2) == 0;
}

/* Names decline as a whole in Slavic languages ("Владимира Путина"), all but the last word of others stay as they are. */
static bool declines_whole(const struct search *search, const struct token *token)
{
    return search->forms.use == FORMS_NAME && token->script == SCRIPT_CYRL;
}

/* Goes on behind the first token, over the words as they are; each may also be the last one, with an ending. */
static void follow(struct search *search, uint32_t first, const struct edge *edge, struct form first_form)
{
    const struct token *tokens = search->article->tokens;
    bool article_shed = sheds_article(search, &tokens[first], &first_form);
    unsigned depth = 1;

    for (uint32_t i = first + 1; i < search->end && (edge->child & CONTINUES) != 0; i++) {
        uint32_t node = edge->child & ~CONTINUES;
        struct strip strips[FORMS_MAX];
        size_t n;

        if (tokens[i].kind == TOKEN_JOINER)
            continue;
        if (++depth > PHRASE_TOKENS_MAX)
            return;
        edge = edge_find(search->phrases, node, tokens[i].hash);
        if (edge->key == 0)
            edge = edge_of_agreeing(search, node, &tokens[i], article_shed);
        if (edge != NULL && edge->key == 0)
            edge = NULL;
        if (edge != NULL)
            offer(search, first, i, edge, first_form, (struct form){.hash = tokens[i].hash});
        if (search->forms.language_tag == NULL) {
            if (edge == NULL)
                return;
            continue;
        }
        n = forms_suffixes(search->article, &tokens[i], search->forms.language_tag, search->forms.use, strips);
        for (size_t s = 0; s < n; s++) {
            uint64_t hash;
            const struct edge *last;
            last = edge_of_strip(search, node, &tokens[i], &strips[s], &hash);
            if (last == NULL)
                continue;
            offer(search, first, i, last, first_form, forms_form(search->article, &tokens[i], &strips[s], hash));
            if (edge == NULL && declines_whole(search, &tokens[i]))
                edge = last;
        }
        if (edge == NULL)
            return;
    }
}

bool phrases_longest(const struct phrases *phrases, const struct article *article, uint32_t first, uint32_t end,
                     struct phrase_forms forms, struct phrase_match *ret_match)
{
    return phrases_longest_that(phrases, article, first, end, forms, NULL, NULL, ret_match);
}

/* The first token with something taken away. */
static void try_strip(struct search *search, uint32_t first, const struct strip *strip)
{
    const struct token *token = &search->article->tokens[first];
    uint64_t hash;
    const struct edge *edge = edge_of_strip(search, ROOT, token, strip, &hash);
    struct form form;

    if (edge == NULL)
        return;
    form = forms_form(search->article, token, strip, hash);
    if (!forms_leave_few(token_folded(search->article, token), strip))
        offer(search, first, first, edge, form, form);
    if (strip->suffix == 0 || declines_whole(search, token))
        follow(search, first, edge, form);
}

bool phrases_longest_that(const struct phrases *phrases, const struct article *article, uint32_t first, uint32_t end,
                          struct phrase_forms forms, phrase_accept *accept, void *user, struct phrase_match *ret_match)
{
    const struct token *token = &article->tokens[first];
    struct search search;
    struct view folded;
    struct strip prefixes[PREFIXES_MAX], suffixes[FORMS_MAX], both;
    size_t n_prefixes = 0, n_suffixes;
    bool as_it_is;

    if (first >= end || token->kind == TOKEN_JOINER)
        return false;
    folded = token_folded(article, token);
    as_it_is = may_begin(phrases, folded);
    if (!as_it_is && token->script != SCRIPT_ARAB && token->script != SCRIPT_HEBR)
        return false;
    search = (struct search){phrases, article, end, forms, accept, user, ret_match, false};
    if (forms.language_tag != NULL && (token->script == SCRIPT_ARAB || token->script == SCRIPT_HEBR)) {
        n_prefixes = forms_prefixes(article, token, forms.language_tag, forms.use, prefixes);
        n_prefixes = prefixes_worth(phrases, folded, prefixes, n_prefixes);
    }
    if (as_it_is) {
        const struct edge *edge = edge_find(phrases, ROOT, token->hash);
        struct form plain = {.hash = token->hash};

        if (edge->key != 0) {
            offer(&search, first, first, edge, plain, plain);
            follow(&search, first, edge, plain);
        }
    }
    if (forms.language_tag == NULL || (!as_it_is && n_prefixes == 0))
        return search.found;
    for (size_t p = 0; p < n_prefixes; p++)
        try_strip(&search, first, &prefixes[p]);
    n_suffixes = forms_suffixes(article, token, forms.language_tag, forms.use, suffixes);
    for (size_t s = 0; s < n_suffixes && as_it_is; s++)
        try_strip(&search, first, &suffixes[s]);
    for (size_t s = 0; s < n_suffixes; s++)
        for (size_t p = 0; p < n_prefixes; p++)
            if (forms_both(folded, &prefixes[p], &suffixes[s], &both))
                try_strip(&search, first, &both);
    return search.found;
}
