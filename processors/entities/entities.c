#include "processors/entities/entities.h"

#include "processors/entities/walk.h"

#include <stdlib.h>
#include <string.h>

/* By the way a name was found: a full name, a single word for a person, a person behind a title or a given name. */
#define CONFIDENCE_SURE 0.98f
#define CONFIDENCE_SURNAME 0.94f
#define CONFIDENCE_TITLE 0.8f
#define CONFIDENCE_GIVEN 0.7f

/* What came just before, and reaches up to the token of this index. */
struct before {
    uint32_t title_end;    /* a title, and what may stand between it and the name */
    bool title_is_office;
    uint32_t org_start, org_end; /* "University of" */
    uint32_t place_end;    /* a state or people */
    char place[4];
};

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
                                                 .tagged = ENTITY_TYPES, .confidence = confidence};
    return &walk->found[walk->n_found++];
}

static const struct sight *sight_at(const struct entities_walk *walk, uint32_t at)
{
    uint8_t hint = walk->hints[at];

    return hint == HINT_NONE || hint >= HINT_AGAIN_PERSON ? NULL : &walk->sights[walk->sight_of[at]];
}

/* ---- what stands before ------------------------------------------------------------------------------------------ */

static struct introduction introduction_of(const struct before *before, uint32_t at)
{
    struct introduction introduction = {0};

    if (before->title_end != at)
        return introduction;
    introduction.is_state = before->title_is_office && before->place[0] != '\0';
    memcpy(introduction.country, before->place, sizeof introduction.country);
    return introduction;
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
    before->title_end = at + sight->n;
}

static void note_place(struct before *before, uint32_t at, uint32_t n, const struct known *known)
{
    if (before->title_end == at)
        before->title_end = at + n; /* "the Iranian Foreign Minister", "وزير الخارجية الإيراني" */
    before->place_end = at + n;
    memcpy(before->place, known->country, sizeof before->place);
}

/* ---- names of the tables ----------------------------------------------------------------------------------------- */

/* "China Daily", "Real Madrid": does an organisation's name take the place that stands here?  *first and *n become
 * its.  Asked only where the tagger sees no name. */
static bool is_swallowed(const struct entities_walk *walk, const struct before *before, uint32_t end, uint32_t *first,
                         uint32_t *n)
{
    uint32_t after = *first + *n;
    const struct sight *sight;

    if (before->org_end == *first) {
        *n += *first - before->org_start;
        *first = before->org_start;
        return true;
    }
    if (after >= end || !entities_token_has_capital(&walk->article->tokens[*first])
        || !entities_token_has_capital(&walk->article->tokens[after]))
        return false;
    sight = sight_at(walk, after);
    if (sight == NULL || (sight->cues & 1u << CUE_ORG_AFTER) == 0)
        return false;
    *n += sight->n;
    return true;
}

/* Notes a name of the tables; tagged: what the tagger takes it for, ENTITY_TYPES if it was not asked or says
 * nothing. */
static void note_known(struct entities_walk *walk, struct before *before, uint32_t at, const struct sight *sight,
                       uint8_t tagged)
{
    const struct known *known = entities_sight_known(walk, sight);
    bool is_surname = known->type == ENTITY_PERSON && sight->n == 1;
    struct found *found = entities_found_add(walk, at, sight->n, is_surname ? CONFIDENCE_SURNAME : CONFIDENCE_SURE);

    found->sure = sight->sure;
    found->tagged = tagged;
    found->prefix = sight->prefix;
    found->suffix = sight->suffix;
    memcpy(found->maybe, sight->maybe, sizeof found->maybe);
    if (sight->sure == ENTITY_NONE)
        return;
    if (entities_is_place(known->type))
        note_place(before, at, sight->n, known);
    if (known->type == ENTITY_PERSON && sight->n > 1)
        entities_surname_learn(walk, at, sight->n, walk->tables->aliases[sight->sure].entity);
}

/* Notes what was seen here; returns how many tokens it takes. */
static uint32_t note_name(struct entities_walk *walk, struct before *before, uint32_t at, uint32_t end,
                          const struct sight *sight)
{
    uint32_t first = at, n = sight->n;

    if (entities_is_place(entities_sight_known(walk, sight)->type)
        && is_swallowed(walk, before, end, &first, &n)) {
        entities_local_add(walk, first, n, ENTITY_ORG, CONFIDENCE_TITLE);
        return first + n - at;
    }
    note_known(walk, before, at, sight, ENTITY_TYPES);
    return n;
}

static uint32_t note_cue(struct entities_walk *walk, struct before *before, uint32_t at, uint32_t end,
                         const struct sight *sight)
{
    struct introduction introduction = introduction_of(before, at);
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
        n = walk->tagger != NULL ? 0 : entities_person_length(walk, at, end, true);
        if (n < 2)
            return sight->n;
        entities_person_add(walk, at, n, &introduction, is_introduced ? CONFIDENCE_TITLE : CONFIDENCE_GIVEN);
        return n;
    default:
        return sight->n;
    }
}

/* ---- names that the tagger sees ---------------------------------------------------------------------------------- */

/* Of the tables' names that begin inside a span: the last that ends with it, or NULL. */
static const struct sight *sight_at_end(const struct entities_walk *walk, const struct tag_span *span, uint32_t *ret_at)
{
    for (uint32_t at = span->first; at < span->first + span->n; at++) {
        const struct sight *sight = sight_at(walk, at);
        if (sight == NULL || at + sight->n != span->first + span->n || entities_sight_known(walk, sight) == NULL)
            continue;
        *ret_at = at;
        return sight;
    }
    return NULL;
}

/* The first name of the tables that stands in or across a span and is not doubtful. */
static const struct sight *sure_sight_in(const struct entities_walk *walk, const struct tag_span *span,
                                         uint32_t *ret_at)
{
    for (uint32_t at = span->first; at < span->first + span->n; at++) {
        const struct sight *sight = sight_at(walk, at);
        if (sight == NULL || sight->sure == ENTITY_NONE)
            continue;
        *ret_at = at;
        return sight;
    }
    return NULL;
}

/* Does a span hold the full name of a person of the tables, and words that are none?  "Benjamin Netanjahu erhielt",
 * where no capitals tell names from verbs; with capitals it may be an organisation that is named after her. */
static bool full_name_in(const struct entities_walk *walk, const struct tag_span *span)
{
    bool has_case = entities_script_has_case((enum script)walk->article->tokens[span->first].script);

    for (uint32_t at = span->first; at < span->first + span->n; at++) {
        const struct sight *sight = sight_at(walk, at);
        if (sight != NULL && sight->sure != ENTITY_NONE && sight->n > 1 && sight->n < span->n
            && entities_sight_known(walk, sight)->type == ENTITY_PERSON && (!has_case || span->type == ENTITY_PERSON))
            return at == span->first
                || !entities_given_fits(walk, span->first, walk->tables->aliases[sight->sure].entity);
    }
    return false;
}

/* What a longer span says of a person of the tables who ends it. */
enum longer {
    LONGER_SAME,  /* the words before are in one of her names: "Wladimir Wladimirowitsch Putin" */
    LONGER_OTHER, /* somebody else of that surname */
    LONGER_WORDS, /* no names: "Ayatollah" */
};

static enum longer longer_name(const struct entities_walk *walk, const struct tag_span *span, uint32_t at,
                               uint32_t entity)
{
    const struct token *before = &walk->article->tokens[at - 1];

    if (entities_given_fits(walk, span->first, entity))
        return LONGER_SAME;
    if (at + 1 < span->first + span->n)
        return LONGER_WORDS; /* her full name, and something before it */
    if (before->kind != TOKEN_WORD)
        return LONGER_OTHER;
    return entities_script_has_case((enum script)before->script)
            || (tagger_word_bits(walk->tagger, before) & (WORD_GIVEN | WORD_PERSON)) != 0
        ? LONGER_OTHER
        : LONGER_WORDS;
}

/* A person whom the tables may know by her last word. */
static uint32_t note_person(struct entities_walk *walk, const struct before *before, const struct tag_span *span)
{
    struct introduction introduction = introduction_of(before, span->first);
    uint32_t at = span->first, entity;
    const struct sight *inside = sight_at_end(walk, span, &at);

    if (inside != NULL && inside->sure != ENTITY_NONE && entities_sight_known(walk, inside)->type == ENTITY_PERSON) {
        enum longer longer;
        entity = walk->tables->aliases[inside->sure].entity;
        longer = longer_name(walk, span, at, entity);
        if (longer == LONGER_WORDS)
            return 0;
        if (longer == LONGER_SAME) {
            entities_found_add(walk, span->first, span->n, CONFIDENCE_SURNAME)->known = entity;
            entities_surname_learn(walk, span->first, span->n, entity);
            return span->n;
        }
    }
    entities_person_add(walk, span->first, span->n, &introduction, span->confidence);
    return span->n;
}

/* "delegation of Iran": one plain word before a state, where no capitals tell names from words, is no organisation. */
static bool is_word_and_state(const struct entities_walk *walk, const struct tag_span *span)
{
    uint32_t at = span->first;
    const struct sight *state = sight_at_end(walk, span, &at);

    return state != NULL && at == span->first + 1 && state->sure != ENTITY_NONE && span->type == ENTITY_ORG
        && entities_sight_known(walk, state)->is_state && entities_sight_known(walk, state)->type == ENTITY_GPE
        && walk->hints[span->first] == HINT_NONE
        && !entities_script_has_case((enum script)walk->article->tokens[span->first].script);
}

/* Whoever bears that name, unless the article speaks of the country of the one in the tables. */
static void note_maybe(struct entities_walk *walk, const struct before *before, const struct sight *sight,
                       const struct tag_span *span)
{
    struct introduction introduction = introduction_of(before, span->first);
    struct found *found = span->type == ENTITY_PERSON
        ? entities_person_add(walk, span->first, span->n, &introduction, span->confidence)
        : entities_local_add(walk, span->first, span->n, span->type, span->confidence);

    found->tagged = span->type;
    memcpy(found->maybe, sight->maybe, sizeof found->maybe);
}

/* "Hezbollah in Lebanon and Hamas": more than one plain name of the tables is no name of its own. */
static bool holds_several(const struct entities_walk *walk, const struct tag_span *span)
{
    unsigned n = 0;

    for (uint32_t at = span->first; at < span->first + span->n; at++) {
        const struct sight *sight = sight_at(walk, at);
        n += sight != NULL && sight->sure != ENTITY_NONE && walk->tables->aliases[sight->sure].form == FORM_NAME;
    }
    return n > 1;
}

/* "anti-Maduro", "pro-Putin": the name begins behind what is prefixed to it; articles ("al-Assad") are part of it. */
static void leave_prefix_out(const struct entities_walk *walk, struct tag_span *span)
{
    enum { PREFIX_POINTS_MIN = 3 };
    const struct token *first = &walk->article->tokens[span->first];
    const struct sight *sight = sight_at(walk, span->first);

    if (span->n < 3 || first->shape != SHAPE_LOWER || first->points < PREFIX_POINTS_MIN
        || first[1].kind != TOKEN_JOINER || !entities_token_has_capital(&first[2])
        || (sight != NULL && (sight->n > 1 || (sight->cues & 1u << CUE_PARTICLE) != 0)))
        return;
    span->first += 2;
    span->n -= 2;
}

/* Notes a span; returns how many tokens were dealt with: none if the tables know better. */
static uint32_t note_span(struct entities_walk *walk, struct before *before, const struct tag_span *span)
{
    uint32_t at = span->first, end = span->first + span->n;
    const struct sight *whole = sight_at(walk, span->first), *inside;

    if (whole != NULL && entities_sight_known(walk, whole) != NULL && whole->n >= span->n) {
        if (whole->sure == ENTITY_NONE && whole->n > span->n)
            return 0;
        if (whole->sure == ENTITY_NONE && !entities_is_place(span->type) && entities_can_be(walk, whole, span->type)) {
            note_maybe(walk, before, whole, span);
            return span->n;
        }
        if (whole->sure != ENTITY_NONE || entities_can_be(walk, whole, span->type)) {
            note_known(walk, before, span->first, whole, span->type);
            return whole->n;
        }
        if (entities_is_framed(walk, whole))
            return 0; /* "Georgia": the words round it say whether it is the state */
    } else if (whole != NULL && whole->sure != ENTITY_NONE && span->type == ENTITY_PERSON
               && entities_sight_known(walk, whole)->type == ENTITY_PERSON) {
        return 0; /* "Putins Rede": behind a surname stands no name of hers */
    }
    if (full_name_in(walk, span) || holds_several(walk, span))
        return 0;
    if (span->type == ENTITY_PERSON)
        return note_person(walk, before, span);
    if (is_word_and_state(walk, span))
        return 0;
    inside = sure_sight_in(walk, span, &at);
    if (inside != NULL && at + inside->n > end)
        return 0; /* it goes on behind the span */
    if (inside != NULL && entities_same_type(entities_sight_known(walk, inside)->type, span->type)
        && walk->tables->aliases[inside->sure].form == FORM_NAME && (entities_is_place(span->type) || inside->n > 1))
        return 0; /* "province of Idlib": the known name says more than the longer one */
    entities_local_add(walk, span->first, span->n, span->type, span->confidence);
    return span->n;
}

/* ---- the walk ---------------------------------------------------------------------------------------------------- */

/* One stretch of kept tokens of one line. */
static void walk_stretch(struct entities_walk *walk, uint32_t first, uint32_t end)
{
    struct before before = {ENTITY_NONE, false, ENTITY_NONE, ENTITY_NONE, ENTITY_NONE, ""};
    const struct token *tokens = walk->article->tokens;
    struct tag_span *spans = NULL;
    size_t n_spans = 0, next = 0;

    if (walk->tagger != NULL) {
        spans = ARENA_ARRAY(walk->article->arena, struct tag_span, end - first);
        n_spans = tagger_run(walk->tagger, walk->article, walk->hints, &walk->memory, first, end, spans,
                             end - first);
        for (size_t i = 0; i < n_spans; i++)
            leave_prefix_out(walk, &spans[i]);
    }
    for (uint32_t at = first, n; at < end; at += n) {
        const struct sight *sight = sight_at(walk, at);

        n = 1;
        if (tokens[at].kind != TOKEN_WORD && tokens[at].kind != TOKEN_NUMBER)
            continue;
        while (next < n_spans && spans[next].first < at)
            next++;
        if (next < n_spans && spans[next].first == at && (n = note_span(walk, &before, &spans[next])) > 0)
            continue;
        n = 1;
        if (sight != NULL) {
            n = entities_sight_known(walk, sight) != NULL ? note_name(walk, &before, at, end, sight)
                                                          : note_cue(walk, &before, at, end, sight);
        } else if (walk->tagger == NULL && before.title_end == at
                   && (n = entities_person_length(walk, at, end, false)) > 0) {
            struct introduction introduction = introduction_of(&before, at);
            entities_person_add(walk, at, n, &introduction, CONFIDENCE_TITLE);
        } else {
            n = 1;
            entities_surname_add(walk, at);
        }
    }
}

typedef void stretch_do(struct entities_walk *walk, uint32_t first, uint32_t end);

/* All stretches of kept tokens, line by line. */
static void each_stretch(struct entities_walk *walk, stretch_do *act)
{
    const struct article *article = walk->article;
    uint32_t n = (uint32_t)article->n_tokens;

    for (uint32_t first = 0, end; first < n; first = end) {
        bool is_kept = article->n_pieces == 0 || (article->tokens[first].flags & TOKEN_KEPT) != 0;

        for (end = first + 1; end < n && article->tokens[end].line == article->tokens[first].line; end++)
            if (article->n_pieces != 0 && ((article->tokens[end].flags & TOKEN_KEPT) != 0) != is_kept)
                break;
        if (is_kept)
            act(walk, first, end);
    }
}

static enum status entities_run(const void *tables, void *scratch, struct article *article, struct err *err)
{
    struct entities_walk walk = entities_walk_of(tables, article);

    (void)err;
    each_stretch(&walk, entities_see);
    entities_back(&walk);
    each_stretch(&walk, walk_stretch);
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
    .review = entities_tables_review,
};
