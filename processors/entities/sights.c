#include "processors/entities/walk.h"

#include <string.h>

bool entities_script_has_case(enum script script)
{
    return script == SCRIPT_LATN || script == SCRIPT_CYRL || script == SCRIPT_GREK || script == SCRIPT_ARMN;
}

/* In a line of capitals an abbreviation cannot be told from a word. */
static bool is_shouted(const struct article *article, uint32_t first, uint32_t n)
{
    const struct token *tokens = article->tokens;
    uint32_t line = tokens[first].line;

    return (first > 0 && tokens[first - 1].line == line && tokens[first - 1].shape == SHAPE_UPPER
            && tokens[first - 1].points > 4)
        || (first + n < article->n_tokens && tokens[first + n].line == line && tokens[first + n].shape == SHAPE_UPPER
            && tokens[first + n].points > 4);
}

/* Written so, where a script with clitics may have some before it. */
static bool is_written(struct view text, const struct alias *alias, enum script script)
{
    if (!entities_script_has_case(script) && text.size > alias->text.size)
        text = view_slice(text, text.size - alias->text.size, alias->text.size);
    return view_equal(text, alias->text);
}

static bool alias_fits(const struct entities_walk *walk, const struct alias *alias, const struct phrase_match *match)
{
    const struct token *first = &walk->article->tokens[match->first_token];
    const struct token *last = first + match->n_tokens - 1;

    if (!alias_speaks(alias, walk->language) && (enum script)first->script == walk->script)
        return false;
    if ((alias->marks & ALIAS_FIRST_CAPITAL) != 0 && !entities_token_has_capital(first))
        return false;
    if ((alias->marks & ALIAS_LAST_CAPITAL) != 0 && !entities_token_has_capital(last))
        return false;
    if ((alias->marks & ALIAS_EXACT) != 0) {
        struct view text = view_slice(walk->article->buffer, first->start, last->start + last->size - first->start);
        return is_written(text, alias, (enum script)first->script)
            && !is_shouted(walk->article, match->first_token, match->n_tokens);
    }
    return true;
}

/* What look is asked with, and answers. */
struct look {
    const struct entities_walk *walk;
    const struct phrases *phrases;
    struct sight *sight;
};

/* Which of the values of a match may be meant here; none: the match is not one. */
static bool choose(void *user, const struct phrase_match *match)
{
    const struct entities_walk *walk = ((struct look *)user)->walk;
    const struct phrases *phrases = ((struct look *)user)->phrases;
    struct sight seen;
    uint32_t chain = match->chain, value;
    unsigned n_maybe = 0;

    seen = (struct sight){match->n_tokens, ENTITY_NONE, {ENTITY_NONE, ENTITY_NONE}, match->first.prefix, match->last.suffix, CUE_NONE, 0};
    while (phrases_next(phrases, &chain, &value)) {
        const struct alias *alias = &walk->tables->aliases[value];
        if (!alias_fits(walk, alias, match))
            continue;
        if (alias->cue != CUE_NONE) {
            if (seen.cue == CUE_NONE)
                seen.cue = (enum cue)alias->cue;
            seen.cues |= 1u << alias->cue;
        } else if (alias_is_doubtful(alias->marks)) {
            if (n_maybe < FOUND_MAYBE_MAX)
                seen.maybe[n_maybe++] = value;
        } else if (seen.sure == ENTITY_NONE || (alias->marks & ALIAS_EXACT) != 0
                   || (alias->form == FORM_NAME && walk->tables->aliases[seen.sure].form == FORM_DEMONYM)) {
            seen.sure = value; /* "SANA" is rather the agency than Sana, "Suisse" the state than a people */
        }
    }
    if (seen.sure == ENTITY_NONE && n_maybe == 0 && seen.cue == CUE_NONE)
        return false;
    *((struct look *)user)->sight = seen;
    return true;
}

bool entities_look(const struct entities_walk *walk, uint32_t first, uint32_t end, struct sight *ret_sight)
{
    const struct token *token = &walk->article->tokens[first];
    bool is_small = token->shape == SHAPE_LOWER && entities_script_has_case((enum script)token->script);
    struct look look = {walk, is_small ? walk->tables->lower : walk->tables->names, ret_sight};
    struct phrase_match match;

    return phrases_longest_that(look.phrases, walk->article, first, end, walk->forms, choose, &look, &match);
}

const struct known *entities_sight_known(const struct entities_walk *walk, const struct sight *sight)
{
    uint32_t alias = sight->sure != ENTITY_NONE ? sight->sure : sight->maybe[0];

    return alias == ENTITY_NONE ? NULL : &walk->tables->known[walk->tables->aliases[alias].entity];
}

bool entities_can_be(const struct entities_walk *walk, const struct sight *sight, uint8_t type)
{
    const struct entities_tables *tables = walk->tables;

    if (sight->sure != ENTITY_NONE && entities_same_type(tables->known[tables->aliases[sight->sure].entity].type, type))
        return true;
    for (int i = 0; i < FOUND_MAYBE_MAX && sight->maybe[i] != ENTITY_NONE; i++)
        if (entities_same_type(tables->known[tables->aliases[sight->maybe[i]].entity].type, type))
            return true;
    return false;
}

bool entities_is_framed(const struct entities_walk *walk, const struct sight *sight)
{
    for (int i = 0; i < FOUND_MAYBE_MAX && sight->maybe[i] != ENTITY_NONE; i++)
        if ((walk->tables->aliases[sight->maybe[i]].marks & ALIAS_FRAME) != 0)
            return true;
    return false;
}

static uint8_t hint_of_name(const struct entities_walk *walk, const struct sight *sight)
{
    const struct known *known = entities_sight_known(walk, sight);
    const struct alias *alias = &walk->tables->aliases[sight->sure != ENTITY_NONE ? sight->sure : sight->maybe[0]];
    bool is_sure = sight->sure != ENTITY_NONE;

    if (alias->form == FORM_DEMONYM)
        return HINT_PEOPLE;
    if (alias->form == FORM_METONYM)
        return HINT_SEAT;
    if (known->type == ENTITY_PERSON)
        return !is_sure ? HINT_MAYBE_PERSON : sight->n > 1 ? HINT_PERSON : HINT_SURNAME;
    if (known->type == ENTITY_ORG)
        return is_sure ? HINT_ORG : HINT_MAYBE_ORG;
    return !is_sure ? HINT_MAYBE_PLACE : known->is_state && known->type == ENTITY_GPE ? HINT_STATE : HINT_PLACE;
}

static uint8_t hint_of(const struct entities_walk *walk, const struct sight *sight)
{
    static const uint8_t cues[] = {[CUE_OFFICE] = HINT_OFFICE, [CUE_TITLE] = HINT_TITLE,
                                   [CUE_ORG_BEFORE] = HINT_ORG_BEFORE, [CUE_ORG_AFTER] = HINT_ORG_AFTER,
                                   [CUE_GIVEN] = HINT_GIVEN, [CUE_PARTICLE] = HINT_PARTICLE, [CUE_STOP] = HINT_STOP};

    return entities_sight_known(walk, sight) != NULL ? hint_of_name(walk, sight) : cues[sight->cue];
}

struct entities_walk entities_walk_of(const struct entities_tables *tables, struct article *article)
{
    language_id language = article->language.language;
    struct entities_walk walk = {.tables = tables, .article = article, .language = language};

    walk.script = (enum script)article->language.script;
    walk.forms = (struct phrase_forms){"", FORMS_NAME};
    if (language != LANGUAGE_UND) {
        walk.script = language_script(tables->languages, language);
        walk.forms.language_tag = language_code(tables->languages, language);
    }
    walk.tagger = tables->taggers[language];
    walk.memory = (struct tag_memory){.arena = article->arena, .language_tag = walk.forms.language_tag};
    walk.hints = arena_zero(article->arena, article->n_tokens + 1);
    walk.sight_of = ARENA_ARRAY(article->arena, uint32_t, article->n_tokens + 1);
    return walk;
}

static void sight_note(struct entities_walk *walk, uint32_t at, const struct sight *sight)
{
    uint8_t hint = hint_of(walk, sight);

    if (walk->n_sights == walk->sights_room) {
        size_t room = walk->sights_room == 0 ? 128 : walk->sights_room * 2;
        walk->sights = arena_grow(walk->article->arena, walk->sights, walk->sights_room * sizeof *walk->sights,
                                  room * sizeof *walk->sights);
        walk->sights_room = room;
    }
    walk->sight_of[at] = (uint32_t)walk->n_sights;
    walk->sights[walk->n_sights++] = *sight;
    walk->hints[at] = hint;
    for (uint32_t i = 1; i < sight->n; i++)
        walk->hints[at + i] = (uint8_t)(hint + HINT_INSIDE);
}

void entities_see(struct entities_walk *walk, uint32_t first, uint32_t end)
{
    const struct token *tokens = walk->article->tokens;
    struct sight sight;

    for (uint32_t at = first; at < end; at += sight.n) {
        sight.n = 1;
        if ((tokens[at].kind == TOKEN_WORD || tokens[at].kind == TOKEN_NUMBER) && entities_look(walk, at, end, &sight))
            sight_note(walk, at, &sight);
    }
}

/* How often each country is named beyond doubt. */
static struct support count_support(const struct entities_walk *walk)
{
    const struct entities_tables *tables = walk->tables;
    struct support support = {arena_zero(walk->article->arena, (tables->n_countries + 1u) * sizeof(uint32_t)), 0};

    for (size_t i = 0; i < walk->n_sights; i++) {
        const struct sight *sight = &walk->sights[i];
        if (sight->sure != ENTITY_NONE
            && (sight->maybe[0] == ENTITY_NONE || (tables->aliases[sight->maybe[0]].marks & ALIAS_FAINT) != 0))
            support.countries[tables->known[tables->aliases[sight->sure].entity].country_index]++;
    }
    support.countries[COUNTRY_NONE] = 0;
    for (unsigned i = 0; i <= tables->n_countries; i++)
        support.n_countries += support.countries[i] > 0;
    return support;
}

static bool is_backed(const struct entities_walk *walk, const struct sight *sight)
{
    const struct entities_tables *tables = walk->tables;

    for (int i = 0; i < FOUND_MAYBE_MAX && sight->maybe[i] != ENTITY_NONE; i++)
        if (walk->support.countries[tables->known[tables->aliases[sight->maybe[i]].entity].country_index] > 0)
            return true;
    return false;
}

void entities_back(struct entities_walk *walk)
{
    static const uint8_t backed[HINTS] = {[HINT_MAYBE_PLACE] = HINT_BACKED_PLACE,
                                          [HINT_MAYBE_PERSON] = HINT_BACKED_PERSON, [HINT_MAYBE_ORG] = HINT_BACKED_ORG};
    uint32_t n = (uint32_t)walk->article->n_tokens;

    walk->support = count_support(walk);
    for (uint32_t at = 0; at < n; at++) {
        uint8_t hint = walk->hints[at];
        const struct sight *sight;

        if ((hint & HINT_INSIDE) != 0 || backed[hint] == HINT_NONE)
            continue;
        sight = &walk->sights[walk->sight_of[at]];
        if (!is_backed(walk, sight))
            continue;
        walk->hints[at] = backed[hint];
        for (uint32_t i = 1; i < sight->n; i++)
            walk->hints[at + i] = (uint8_t)(backed[hint] + HINT_INSIDE);
    }
}
