#include "processors/entities/walk.h"

/* A doubtful spelling that the article supports by another name of the same country. */
#define CONFIDENCE_SUPPORTED 0.85f
#define WEIGHT_TITLE 2.0f

static const struct known *known_of(const struct entities_walk *walk, uint32_t alias)
{
    return &walk->tables->known[walk->tables->aliases[alias].entity];
}

/* Does a frame of this language stand here, and of which kind? */
static bool frame_at(const struct entities_walk *walk, uint32_t at, uint32_t end, unsigned kinds)
{
    struct phrase_forms as_they_are = {NULL, FORMS_WORD};
    struct phrase_match match;
    uint32_t chain, value;

    if (!phrases_longest(walk->tables->frames, walk->article, at, end, as_they_are, &match))
        return false;
    chain = match.chain;
    while (phrases_next(walk->tables->frames, &chain, &value))
        if (value >> 2 == walk->language && (kinds >> (value & 3) & 1) != 0)
            return true;
    return false;
}

static bool is_word_of_line(const struct entities_walk *walk, uint32_t at, uint32_t line)
{
    return at < walk->article->n_tokens && walk->article->tokens[at].kind == TOKEN_WORD
        && walk->article->tokens[at].line == line;
}

/* What the words round a doubtful name say. */
struct signs {
    bool is_other; /* no state's: a part of another name ("Georgia Tech") */
    bool is_led;   /* a capital before it that may be the sentence's: "Yesterday Turkey", "Kofi Jordan" */
    uint32_t acts;   /* points: "Turkey said" */
    uint32_t stands; /* points: "in Turkey" */
};

static struct signs signs_of(const struct entities_walk *walk, const struct found *found)
{
    enum { CLEAR = 2, BEFORE = 1 << FRAME_BEFORE };
    const struct token *tokens = walk->article->tokens, *name = &tokens[found->first];
    uint32_t end = found->first + found->n;
    bool has_case = entities_script_has_case((enum script)name->script);
    struct signs signs = {0};

    if (found->first > 0 && is_word_of_line(walk, found->first - 1, name->line)) {
        if (frame_at(walk, found->first - 1, found->first, 1 << FRAME_PLACE))
            signs.stands = CLEAR;
        else if (frame_at(walk, found->first - 1, found->first, BEFORE))
            signs.stands = 1;
        else if (has_case && entities_token_has_capital(name - 1))
            *(found->first == 1 || name[-2].sentence != name->sentence ? &signs.is_led : &signs.is_other) = true;
    }
    if (is_word_of_line(walk, end, name->line)) {
        if (frame_at(walk, end, (uint32_t)walk->article->n_tokens, 1 << FRAME_AFTER))
            signs.acts = CLEAR;
        else
            signs.is_other |= has_case && entities_token_has_capital(&tokens[end]);
    } else if (has_case && end < walk->article->n_tokens && tokens[end].kind == TOKEN_JOINER
               && !view_is(token_view(walk->article, &tokens[end]), "-")) {
        signs.stands++; /* an ending behind an apostrophe: a name's */
    }
    return signs;
}

/* What speaks for one of the aliases that a name may be. */
static uint32_t alias_support(const struct entities_walk *walk, const struct support *support,
                              const struct found *found, int i, const struct signs *signs)
{
    const struct alias *alias = &walk->tables->aliases[found->maybe[i]];
    uint32_t own = support->countries[known_of(walk, found->maybe[i])->country_index];
    uint32_t all = own + support->n_countries - (own > 0) + signs->acts;
    uint32_t rival = found->maybe[i == 0 ? 1 : 0];

    if ((alias->marks & ALIAS_FRAME) == 0)
        return own;
    if (signs->is_led && (alias->marks & ALIAS_SUPPORT) != 0)
        return 0;
    if (rival != ENTITY_NONE && support->countries[known_of(walk, rival)->country_index] > 0)
        all--; /* the country of the other Georgia is no sign of this one, and "in" says little */
    else
        all += signs->stands;
    return (alias->marks & ALIAS_SUPPORT) != 0 && own == 0 && all < 2 ? 0 : all;
}

/* Can it be a state whose name is a word as well? */
static bool may_be_framed(const struct entities_walk *walk, const struct found *found)
{
    for (int i = 0; i < FOUND_MAYBE_MAX && found->maybe[i] != ENTITY_NONE; i++)
        if ((walk->tables->aliases[found->maybe[i]].marks & ALIAS_FRAME) != 0)
            return true;
    return false;
}

/* Of the aliases that are of the type that the tagger sees, the one whose country is named most; else the sure one, a
 * state, or the first in the tables. */
static uint32_t settle_tagged(const struct entities_walk *walk, const struct support *support, struct found *found)
{
    uint32_t best = found->sure, best_support = 0;
    bool has_best = best != ENTITY_NONE;

    if (has_best)
        best_support = support->countries[known_of(walk, best)->country_index];
    for (int i = 0; i < FOUND_MAYBE_MAX && found->maybe[i] != ENTITY_NONE; i++) {
        const struct known *known = known_of(walk, found->maybe[i]);
        uint32_t here = support->countries[known->country_index];

        if (!entities_same_type(known->type, found->tagged))
            continue;
        if (here == 0 && (known->type == ENTITY_PERSON
                          || (known->type == ENTITY_ORG && known->country[0] != '\0' && known->acts != ACTS_MEDIA)))
            continue; /* anybody of that surname, any state's ministry */
        if (!has_best || here > best_support
            || (here == best_support && known->is_state && !known_of(walk, best)->is_state)) {
            best = found->maybe[i];
            best_support = here;
            has_best = true;
            found->confidence = CONFIDENCE_SUPPORTED;
        }
    }
    return best;
}

/* A state whose name is a word, where no capital tells (in scripts without, and where one begins a sentence) and the
 * article names no other state: the tagger alone does not say enough. */
static bool is_word_for_state(const struct entities_walk *walk, const struct support *support,
                              const struct found *found)
{
    const struct token *name = &walk->article->tokens[found->first];
    bool has_case = entities_script_has_case((enum script)name->script);
    bool is_first = found->first == 0 || name[-1].sentence != name->sentence;

    if (support->n_countries > 0 || found->sure != ENTITY_NONE)
        return false;
    return has_case ? is_first && may_be_framed(walk, found)
                    : known_of(walk, found->maybe[0])->is_state && known_of(walk, found->maybe[0])->type == ENTITY_GPE;
}

/* The alias that a name is; ENTITY_NONE if it is a word only. */
static uint32_t settle(const struct entities_walk *walk, const struct support *support, struct found *found)
{
    uint32_t best = found->sure, best_support = 0;
    struct signs signs = {0};

    if (found->known != ENTITY_NONE || found->maybe[0] == ENTITY_NONE)
        return found->sure;
    if (found->sure == ENTITY_NONE && entities_surname_take(walk, found))
        return ENTITY_NONE; /* who was named in full before */
    if (found->tagged != ENTITY_TYPES && !is_word_for_state(walk, support, found))
        return settle_tagged(walk, support, found);
    if (walk->tagger != NULL && found->n == 1 && found->sure == ENTITY_NONE && !may_be_framed(walk, found))
        return ENTITY_NONE; /* the tagger saw no name in this word */
    if (may_be_framed(walk, found))
        signs = signs_of(walk, found);
    if (signs.is_other)
        return found->sure;
    if (found->sure != ENTITY_NONE)
        best_support = support->countries[known_of(walk, found->sure)->country_index];
    for (int i = 0; i < FOUND_MAYBE_MAX && found->maybe[i] != ENTITY_NONE; i++) {
        uint32_t here = alias_support(walk, support, found, i, &signs);
        if (here > best_support) {
            best = found->maybe[i];
            best_support = here;
            found->confidence = CONFIDENCE_SUPPORTED;
        }
    }
    return best;
}

static uint32_t entity_new(struct article *article, struct entity entity)
{
    article->entities[article->n_entities] = entity;
    return (uint32_t)article->n_entities++;
}

static struct entity entity_of_known(const struct known *known)
{
    struct entity entity = {.id = known->id, .name = known->name, .type = known->type,
                            .acts = known->is_state ? ACTS_STATE : known->acts};

    memcpy(entity.country, known->country, sizeof entity.country);
    return entity;
}

static struct entity entity_of_local(const struct local *local)
{
    struct entity entity = {.id = VIEW_NONE, .name = local->name, .type = local->type,
                            .acts = local->is_state ? ACTS_STATE : ACTS_NONE};

    memcpy(entity.country, local->country, sizeof entity.country);
    return entity;
}

static void name_add(struct article *article, const struct found *found, uint32_t entity, uint8_t form)
{
    const struct token *first = &article->tokens[found->first], *last = first + found->n - 1;

    article->names[article->n_names++] = (struct name){
        .entity = entity,
        .first_token = found->first,
        .n_tokens = found->n,
        .start = first->start,
        .size = last->start + last->size - first->start,
        .at = first->at,
        .points = last->at + last->points - first->at,
        .sentence = first->sentence,
        .form = form,
        .prefix = found->prefix,
        .suffix = found->suffix,
    };
    article->entities[entity].n_names++;
    if (found->confidence > article->entities[entity].confidence)
        article->entities[entity].confidence = found->confidence;
}

static void weigh(struct article *article)
{
    float sum = 0;

    for (size_t i = 0; i < article->n_names; i++) {
        const struct name *name = &article->names[i];
        const struct token *token = &article->tokens[name->first_token];
        bool in_title = article->n_lines > 0 && article->lines[token->line].origin == LINE_TITLE;
        float weight = 2.0f - (float)name->first_token / (float)article->n_tokens + (in_title ? WEIGHT_TITLE : 0);
        article->entities[name->entity].salience += weight;
        sum += weight;
    }
    for (size_t i = 0; i < article->n_entities && sum > 0; i++)
        article->entities[i].salience /= sum;
}

void entities_resolve(struct entities_walk *walk, uint32_t *known_to_entity)
{
    struct article *article = walk->article;
    uint32_t *local_to_entity;

    if (walk->n_found == 0)
        return;
    article->names = ARENA_ARRAY(article->arena, struct name, walk->n_found);
    article->entities = ARENA_ARRAY(article->arena, struct entity, walk->n_found);
    local_to_entity = ARENA_ARRAY(article->arena, uint32_t, walk->n_locals);
    for (size_t i = 0; i < walk->n_locals; i++)
        local_to_entity[i] = ENTITY_NONE;
    for (size_t i = 0; i < walk->n_found; i++) {
        struct found *found = &walk->found[i];
        uint32_t alias = settle(walk, &walk->support, found), known = found->known, *entity;
        enum name_form form = alias == ENTITY_NONE ? FORM_NAME : (enum name_form)walk->tables->aliases[alias].form;

        if (alias != ENTITY_NONE)
            known = walk->tables->aliases[alias].entity;
        if (known == ENTITY_NONE && found->local == ENTITY_NONE)
            continue; /* a word only */
        entity = known == ENTITY_NONE ? &local_to_entity[found->local] : &known_to_entity[known];
        if (*entity == ENTITY_NONE)
            *entity = entity_new(article, known == ENTITY_NONE ? entity_of_local(&walk->locals[found->local])
                                                               : entity_of_known(&walk->tables->known[known]));
        name_add(article, found, *entity, (uint8_t)form);
    }
    /* The scratch goes back as it came; only what this article touched. */
    for (size_t i = 0; i < walk->n_found; i++) {
        const struct found *found = &walk->found[i];
        if (found->known != ENTITY_NONE)
            known_to_entity[found->known] = ENTITY_NONE;
        if (found->sure != ENTITY_NONE)
            known_to_entity[walk->tables->aliases[found->sure].entity] = ENTITY_NONE;
        for (int k = 0; k < FOUND_MAYBE_MAX; k++)
            if (found->maybe[k] != ENTITY_NONE)
                known_to_entity[walk->tables->aliases[found->maybe[k]].entity] = ENTITY_NONE;
    }
    weigh(article);
}
