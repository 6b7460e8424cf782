#include "processors/entities/walk.h"

#include "processors/text/text.h"

enum { WORDS_MAX = 4, NAME_TOKENS_MAX = 16, NICKNAMES_FIRST = 64 };

/* Again, by a word of a name that was introduced in full. */
#define CONFIDENCE_AGAIN 0.9f

static enum cue cue_at(const struct entities_walk *walk, uint32_t at, uint32_t end, bool *ret_known)
{
    struct sight sight;

    *ret_known = false;
    if (!entities_look(walk, at, end, &sight))
        return CUE_NONE;
    *ret_known = sight.sure != ENTITY_NONE;
    return sight.cue;
}

/* In scripts with case a name is a row of capitalised words: two in German, whose nouns are capitalised as well. */
static uint32_t length_by_case(const struct entities_walk *walk, uint32_t first, uint32_t end)
{
    const struct token *tokens = walk->article->tokens;
    uint32_t words_max = view_is(view_of(walk->forms.language_tag), "de") ? 2 : 3;
    uint32_t words = 0, n = 0;

    for (uint32_t at = first; at < end && at - first < NAME_TOKENS_MAX && words <= WORDS_MAX; at++) {
        const struct token *token = &tokens[at];
        bool is_known;
        enum cue cue;

        if (token->kind == TOKEN_JOINER) {
            if (n == 0 || at + 1 >= end || !entities_token_has_capital(&tokens[at + 1]))
                break;
            continue; /* "Jean-Yves": counts as one word with the next */
        }
        if (token->kind != TOKEN_WORD || !entities_script_has_case((enum script)token->script))
            break;
        cue = cue_at(walk, at, end, &is_known);
        if (cue == CUE_PARTICLE) {
            if (at + 1 >= end || !(entities_token_has_capital(&tokens[at + 1]) || tokens[at + 1].kind == TOKEN_JOINER))
                break;
            continue;
        }
        if (!entities_token_has_capital(token) || cue == CUE_STOP || cue == CUE_OFFICE || cue == CUE_TITLE)
            break;
        if (at > first && tokens[at - 1].kind != TOKEN_JOINER && words == words_max)
            break;
        if (at == first || tokens[at - 1].kind != TOKEN_JOINER)
            words++;
        n = at + 1 - first;
    }
    return n;
}

/* Without case a name is known by its given name: given names, particles, and one word more. */
static uint32_t length_by_given(const struct entities_walk *walk, uint32_t first, uint32_t end)
{
    const struct token *tokens = walk->article->tokens;
    bool after_given = false;

    for (uint32_t at = first; at < end && at - first < 6; at++) {
        bool is_known;
        enum cue cue;

        if (tokens[at].kind != TOKEN_WORD)
            return after_given && at - first >= 2 ? at - first : 0;
        cue = cue_at(walk, at, end, &is_known);
        if (cue == CUE_GIVEN || cue == CUE_PARTICLE) {
            after_given = after_given || cue == CUE_GIVEN;
            continue;
        }
        if (!after_given)
            return 0;
        if (cue == CUE_NONE && !is_known)
            return at + 1 - first;
        return at - first >= 2 ? at - first : 0;
    }
    return 0;
}

uint32_t entities_person_length(const struct entities_walk *walk, uint32_t first, uint32_t end, bool given)
{
    const struct token *token = &walk->article->tokens[first];

    if (!entities_script_has_case((enum script)token->script))
        return length_by_given(walk, first, end);
    /* A line of capitals says nothing about names. */
    if (token->shape == SHAPE_UPPER && token->points > 3 && !given)
        return 0;
    return length_by_case(walk, first, end);
}

/* ---- who is meant by a single word ------------------------------------------------------------------------------- */

static struct nickname *nickname_find(const struct entities_walk *walk, uint64_t hash)
{
    size_t mask = walk->nicknames_room - 1;

    for (size_t i = hash & mask;; i = (i + 1) & mask)
        if (walk->nicknames[i].hash == hash || walk->nicknames[i].hash == 0)
            return &walk->nicknames[i];
}

static void nicknames_double(struct entities_walk *walk)
{
    struct nickname *old = walk->nicknames;
    size_t old_room = walk->nicknames_room;

    walk->nicknames_room = old_room == 0 ? NICKNAMES_FIRST : old_room * 2;
    walk->nicknames = arena_zero(walk->article->arena, walk->nicknames_room * sizeof *walk->nicknames);
    for (size_t i = 0; i < old_room; i++)
        if (old[i].hash != 0)
            *nickname_find(walk, old[i].hash) = old[i];
}

/* One of 512 by the first three letters, which endings leave as they are. */
static uint32_t head_of(struct view folded)
{
    uint64_t bytes = 0;
    size_t size = folded.size > 0 && (unsigned char)folded.data[0] < 0x80 ? 3 : 6;

    if (folded.size >= size)
        memcpy(&bytes, folded.data, size);
    return (uint32_t)(bytes * 0x9e3779b97f4a7c15u >> 55);
}

static bool has_head(const struct entities_walk *walk, struct view folded)
{
    uint32_t head = head_of(folded);

    return (walk->nickname_heads[head / 64] >> head % 64 & 1) != 0;
}

static void nickname_set(struct entities_walk *walk, const struct token *token, uint32_t known, uint32_t local)
{
    uint64_t hash = token->hash;
    uint32_t head = head_of(token_folded(walk->article, token));
    struct nickname *nickname;

    walk->nickname_heads[head / 64] |= (uint64_t)1 << head % 64;
    if (walk->n_nicknames * 2 >= walk->nicknames_room)
        nicknames_double(walk);
    nickname = nickname_find(walk, hash);
    walk->n_nicknames += nickname->hash == 0;
    *nickname = (struct nickname){hash, known, local};
}

/* Can this word, or what clitics and endings leave of it, be a surname that was learned? */
static bool may_be_nickname(const struct entities_walk *walk, const struct token *token)
{
    struct view folded = token_folded(walk->article, token);
    struct strip prefixes[PREFIXES_MAX];
    char buffer[FORM_BYTES * 2];
    size_t n;

    if (has_head(walk, folded))
        return true;
    n = forms_prefixes(walk->article, token, walk->forms.language_tag, FORMS_NAME, prefixes);
    for (size_t i = 0; i < n; i++)
        if (has_head(walk, forms_view(folded, &prefixes[i], buffer)))
            return true;
    return false;
}

static const struct nickname *nickname_at(const struct entities_walk *walk, const struct token *token)
{
    struct form forms[FORMS_MAX];
    size_t n;

    if (nickname_find(walk, token->hash)->hash != 0)
        return nickname_find(walk, token->hash);
    if (!may_be_nickname(walk, token))
        return NULL;
    n = forms_of(walk->article, token, walk->forms.language_tag, FORMS_NAME, forms);
    for (size_t i = 1; i < n; i++)
        if (nickname_find(walk, forms[i].hash)->hash != 0)
            return nickname_find(walk, forms[i].hash);
    return NULL;
}

void entities_surname_learn(struct entities_walk *walk, uint32_t first, uint32_t n, uint32_t known)
{
    const struct token *last = &walk->article->tokens[first + n - 1];

    if (last->kind == TOKEN_WORD && last->points >= 3)
        nickname_set(walk, last, known, ENTITY_NONE);
}

static uint32_t local_add(struct entities_walk *walk, struct local local)
{
    if (walk->n_locals == walk->locals_room) {
        size_t room = walk->locals_room == 0 ? 16 : walk->locals_room * 2;
        walk->locals = arena_grow(walk->article->arena, walk->locals, walk->locals_room * sizeof *walk->locals,
                                  room * sizeof *walk->locals);
        walk->locals_room = room;
    }
    walk->locals[walk->n_locals] = local;
    return (uint32_t)walk->n_locals++;
}

static struct view tokens_view(const struct article *article, uint32_t first, uint32_t n)
{
    const struct token *last = &article->tokens[first + n - 1];
    uint32_t start = article->tokens[first].start;

    return view_slice(article->buffer, start, last->start + last->size - start);
}

bool entities_given_fits(const struct entities_walk *walk, uint32_t first, uint32_t entity)
{
    const struct entities_tables *tables = walk->tables;
    struct form forms[FORMS_MAX];
    size_t n = forms_of(walk->article, &walk->article->tokens[first], walk->forms.language_tag, FORMS_NAME, forms);
    const struct known *known = &tables->known[entity];

    for (uint32_t i = known->given_first; i < known->given_first + known->n_given; i++)
        for (size_t k = 0; k < n; k++)
            if (tables->given[i] == (uint32_t)forms[k].hash)
                return true;
    return false;
}

struct found *entities_person_add(struct entities_walk *walk, uint32_t first, uint32_t n,
                         const struct introduction *introduction, float confidence)
{
    const struct token *last = &walk->article->tokens[first + n - 1];
    uint64_t given = n > 1 ? walk->article->tokens[first].hash : 0;
    struct found *found = entities_found_add(walk, first, n, confidence);

    if (walk->nicknames_room > 0) {
        const struct nickname *nickname = n == 1 ? nickname_at(walk, last) : nickname_find(walk, last->hash);
        bool is_there = nickname != NULL && nickname->hash != 0;
        bool is_local = is_there && nickname->local != ENTITY_NONE;
        struct local *local = is_local ? &walk->locals[nickname->local] : NULL;
        if (local != NULL && (given == 0 || local->given == 0 || local->given == given)) {
            found->local = nickname->local;
            local->given = local->given == 0 ? given : local->given;
            return found;
        }
        if (is_there && !is_local && (n == 1 || entities_given_fits(walk, first, nickname->known))) {
            found->known = nickname->known;
            return found;
        }
    }
    found->local = local_add(walk, (struct local){tokens_view(walk->article, first, n), given, ENTITY_PERSON,
                                                  introduction->is_state, ""});
    memcpy(walk->locals[found->local].country, introduction->country, sizeof introduction->country);
    nickname_set(walk, last, ENTITY_NONE, found->local);
    return found;
}

struct found *entities_local_add(struct entities_walk *walk, uint32_t first, uint32_t n, uint8_t type, float confidence)
{
    struct view text = tokens_view(walk->article, first, n);
    struct found *found = entities_found_add(walk, first, n, confidence);
    struct token whole = {.hash = fold_hash(text) ^ 1}; /* apart from surnames */

    if (walk->nicknames_room > 0 && nickname_find(walk, whole.hash)->hash != 0) {
        found->local = nickname_find(walk, whole.hash)->local;
        return found;
    }
    found->local = local_add(walk, (struct local){text, 0, type, false, ""});
    nickname_set(walk, &whole, ENTITY_NONE, found->local);
    return found;
}

bool entities_surname_take(const struct entities_walk *walk, struct found *found)
{
    const struct nickname *nickname;

    if (walk->n_nicknames == 0 || found->n != 1)
        return false;
    nickname = nickname_find(walk, walk->article->tokens[found->first].hash);
    if (nickname->hash == 0)
        return false;
    found->local = nickname->local;
    if (nickname->local == ENTITY_NONE)
        found->known = nickname->known;
    found->confidence = CONFIDENCE_AGAIN;
    return true;
}

bool entities_surname_add(struct entities_walk *walk, uint32_t at)
{
    const struct token *token = &walk->article->tokens[at];
    const struct nickname *nickname;
    struct found *found;

    if (walk->n_nicknames == 0 || token->kind != TOKEN_WORD
        || (entities_script_has_case((enum script)token->script) && !entities_token_has_capital(token)))
        return false;
    nickname = nickname_at(walk, token);
    if (nickname == NULL || (walk->tagger != NULL && nickname->local != ENTITY_NONE
                             && (tagger_word_bits(walk->tagger, token) & WORD_NOUN) != 0))
        return false; /* "Koch" again may be a cook: the tagger was asked */
    found = entities_found_add(walk, at, 1, CONFIDENCE_AGAIN);
    found->local = nickname->local;
    if (nickname->local == ENTITY_NONE)
        found->known = nickname->known;
    return true;
}
