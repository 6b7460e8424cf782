#include "processors/entities/entities.h"

#include "processors/entities/walk.h"

#include <stdlib.h>

/* By the way a name was found: a full name, a single word for a person, a person behind a title or a given name. */
#define CONFIDENCE_SURE 0.98f
#define CONFIDENCE_SURNAME 0.94f
#define CONFIDENCE_TITLE 0.8f
#define CONFIDENCE_GIVEN 0.7f

/* What came just before, and reaches up to the token of this index. */
struct before {
    uint32_t title_end;    /* a title, and what may stand between it and the name */
    uint32_t title_start;
    bool title_is_office;
    uint32_t org_start, org_end; /* "University of" */
    uint32_t place_end;    /* a state or people */
    char place[4];
};

bool entities_script_has_case(enum script script)
{
    return script == SCRIPT_LATN || script == SCRIPT_CYRL || script == SCRIPT_GREK || script == SCRIPT_ARMN;
}

bool entities_token_has_capital(const struct token *token)
{
    return token->shape == SHAPE_CAPITALISED || token->shape == SHAPE_UPPER || token->shape == SHAPE_MIXED;
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
        return view_equal(text, alias->text) && !is_shouted(walk->article, match->first_token, match->n_tokens);
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

    seen = (struct sight){match->n_tokens, ENTITY_NONE, {ENTITY_NONE, ENTITY_NONE}, CUE_NONE, 0};
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
        } else if (seen.sure == ENTITY_NONE) {
            seen.sure = value;
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

struct found *entities_found_add(struct entities_walk *walk, uint32_t first, uint32_t n, float confidence)
{
    if (walk->n_found == walk->found_room) {
        size_t room = walk->found_room == 0 ? 64 : walk->found_room * 2;
        walk->found = arena_grow(walk->article->arena, walk->found, walk->found_room * sizeof *walk->found,
                                 room * sizeof *walk->found);
        walk->found_room = room;
    }
    walk->found[walk->n_found] = (struct found){.first = first, .n = n, .sure = ENTITY_NONE, .known = ENTITY_NONE,
                                                 .maybe = {ENTITY_NONE, ENTITY_NONE}, .local = ENTITY_NONE,
                                                 .confidence = confidence};
    return &walk->found[walk->n_found++];
}

static const struct known *sight_known(const struct entities_walk *walk, const struct sight *sight)
{
    uint32_t alias = sight->sure != ENTITY_NONE ? sight->sure : sight->maybe[0];

    return alias == ENTITY_NONE ? NULL : &walk->tables->known[walk->tables->aliases[alias].entity];
}

/* "China Daily", "Real Madrid": does an organisation's name take the place that stands here?  *first and *n become
 * its. */
static bool is_swallowed(const struct entities_walk *walk, const struct before *before, uint32_t end, uint32_t *first,
                         uint32_t *n)
{
    uint32_t after = *first + *n;
    struct sight sight;

    if (before->org_end == *first) {
        *n += *first - before->org_start;
        *first = before->org_start;
        return true;
    }
    if (after < end && entities_token_has_capital(&walk->article->tokens[*first])
        && entities_token_has_capital(&walk->article->tokens[after]) && entities_look(walk, after, end, &sight)
        && (sight.cues & 1u << CUE_ORG_AFTER) != 0) {
        *n += sight.n;
        return true;
    }
    return false;
}

static struct introduction introduction_of(const struct before *before)
{
    struct introduction introduction = {.is_state = before->title_is_office};

    memcpy(introduction.country, before->place, sizeof introduction.country);
    if (before->place[0] == '\0')
        introduction.is_state = false;
    return introduction;
}

/* Notes what was seen here; returns how many tokens it takes. */
static uint32_t note_name(struct entities_walk *walk, struct before *before, uint32_t at, uint32_t end,
                          const struct sight *sight)
{
    const struct known *known = sight_known(walk, sight);
    const struct alias *sure = sight->sure == ENTITY_NONE ? NULL : &walk->tables->aliases[sight->sure];
    bool is_place = known->type == ENTITY_GPE || known->type == ENTITY_LOC;
    uint32_t first = at, n = sight->n;
    struct found *found;

    if (is_place && is_swallowed(walk, before, end, &first, &n)) {
        entities_organisation_add(walk, first, n);
        return first + n - at;
    }
    found = entities_found_add(walk, at, n,
                               known->type == ENTITY_PERSON && n == 1 ? CONFIDENCE_SURNAME : CONFIDENCE_SURE);
    found->sure = sight->sure;
    memcpy(found->maybe, sight->maybe, sizeof found->maybe);
    if (is_place && sure != NULL) {
        if (before->title_end == at)
            before->title_end = at + n; /* "the Iranian Foreign Minister", "وزير الخارجية الإيراني" */
        before->place_end = at + n;
        memcpy(before->place, known->country, sizeof before->place);
    }
    if (known->type == ENTITY_PERSON && n > 1 && sure != NULL)
        entities_surname_learn(walk, at, n, sure->entity);
    return n;
}

/* A title begins a new introduction; what place stands right before it ("Irans Außenminister") belongs to it. */
static void note_title(struct before *before, const struct entities_walk *walk, uint32_t at, const struct sight *sight)
{
    uint32_t near = before->place_end;

    /* Iran | ' | s | Foreign Minister,  US | - | Präsident */
    if (near < at && near + 2 >= at && walk->article->tokens[near].kind == TOKEN_JOINER)
        near = at;
    if (near != at && before->title_end != at)
        before->place[0] = '\0';
    before->title_is_office = sight->cue == CUE_OFFICE || (before->title_end == at && before->title_is_office);
    before->title_start = at;
    before->title_end = at + sight->n;
}

static uint32_t note_cue(struct entities_walk *walk, struct before *before, uint32_t at, uint32_t end,
                         const struct sight *sight)
{
    struct introduction none = {0}, introduction = introduction_of(before);
    bool is_introduced = before->title_end == at;
    uint32_t n;

    switch (sight->cue) {
    case CUE_OFFICE:
    case CUE_TITLE:
        note_title(before, walk, at, sight);
        return sight->n;
    case CUE_ORG_BEFORE:
        before->org_start = at;
        before->org_end = at + sight->n;
        return sight->n;
    case CUE_GIVEN:
        n = entities_person_length(walk, at, end, true);
        if (n < 2)
            return sight->n;
        entities_person_add(walk, at, n, is_introduced ? &introduction : &none,
                            is_introduced ? CONFIDENCE_TITLE : CONFIDENCE_GIVEN);
        return n;
    default:
        return sight->n;
    }
}

/* One stretch of kept tokens of one line. */
static void walk_stretch(struct entities_walk *walk, uint32_t first, uint32_t end)
{
    struct before before = {ENTITY_NONE, ENTITY_NONE, false, ENTITY_NONE, ENTITY_NONE, ENTITY_NONE, ""};
    const struct token *tokens = walk->article->tokens;

    for (uint32_t at = first; at < end;) {
        struct sight sight;
        uint32_t n;

        if (tokens[at].kind != TOKEN_WORD && tokens[at].kind != TOKEN_NUMBER) {
            at++;
            continue;
        }
        if (entities_look(walk, at, end, &sight)) {
            at += sight_known(walk, &sight) != NULL ? note_name(walk, &before, at, end, &sight)
                                                    : note_cue(walk, &before, at, end, &sight);
            continue;
        }
        if (before.title_end == at && (n = entities_person_length(walk, at, end, false)) > 0) {
            struct introduction introduction = introduction_of(&before);
            entities_person_add(walk, at, n, &introduction, CONFIDENCE_TITLE);
            at += n;
            continue;
        }
        entities_surname_add(walk, at);
        at++;
    }
}

static enum status entities_run(const void *tables, void *scratch, struct article *article, struct err *err)
{
    const struct entities_tables *own = tables;
    language_id language = article->language.language;
    struct entities_walk walk = {.tables = own, .article = article, .language = language};
    uint32_t n = (uint32_t)article->n_tokens;

    (void)err;
    walk.script = (enum script)article->language.script;
    walk.forms = (struct phrase_forms){"", FORMS_NAME};
    if (language != LANGUAGE_UND) {
        walk.script = language_script(own->languages, language);
        walk.forms.language_tag = language_code(own->languages, language);
    }
    for (uint32_t first = 0, end; first < n; first = end) {
        bool is_kept = article->n_pieces == 0 || (article->tokens[first].flags & TOKEN_KEPT) != 0;

        for (end = first + 1; end < n && article->tokens[end].line == article->tokens[first].line; end++)
            if (article->n_pieces != 0 && ((article->tokens[end].flags & TOKEN_KEPT) != 0) != is_kept)
                break;
        if (is_kept)
            walk_stretch(&walk, first, end);
    }
    entities_resolve(&walk, scratch);
    return STATUS_OK;
}

/* Which entity of the article each entity of the tables is; all ENTITY_NONE between articles. */
static enum status entities_attach(const void *tables, void **ret_scratch, struct err *err)
{
    const struct entities_tables *own = tables;
    uint32_t *scratch = malloc((own->n_known + 1) * sizeof *scratch);

    if (scratch == NULL)
        return fail(err, STATUS_FATAL, "out of memory");
    for (size_t i = 0; i < own->n_known; i++)
        scratch[i] = ENTITY_NONE;
    *ret_scratch = scratch;
    return STATUS_OK;
}

const struct stage entities_stage = {
    .name = "entities",
    .summary = "find people, organisations, states and places, and give each its id",
    .reads = FIELD_TOKENS | FIELD_PIECES | FIELD_LANGUAGE,
    .writes = FIELD_NAMES,
    .open = entities_tables_open,
    .close = entities_tables_close,
    .attach = entities_attach,
    .detach = free,
    .run = entities_run,
};
