#include "processors/words/phrases_table.h"

#include "processors/text/text.h"

bool phrases_next(const struct phrases *phrases, uint32_t *chain, uint32_t *ret_value)
{
    if (*chain == 0)
        return false;
    *ret_value = phrases->values[*chain].value;
    *chain = phrases->values[*chain].next;
    return true;
}

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
    return edge->check == 0 ? NULL : edge;
}

static void offer(struct search *search, uint32_t first, uint32_t last, const struct edge *edge, struct form first_form,
                  struct form last_form)
{
    struct phrase_match match = {first, last - first + 1, edge_chain(search->phrases, edge), first_form, last_form};

    if (match.chain == 0 || (search->found && search->best->n_tokens >= match.n_tokens)
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
        if (edge->check == 0)
            edge = edge_of_agreeing(search, node, &tokens[i], article_shed);
        if (edge != NULL && edge->check == 0)
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

        if (edge->check != 0) {
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
