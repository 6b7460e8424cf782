#include "processors/escalation/parties.h"

#include "processors/escalation/roles.h"
#include "processors/text/text.h"

enum {
    PREPOSITION_WORDS = 2, /* articles and adjectives between a preposition and its name */
    POSTPOSITION_WORDS = 1, /* between a name and what is behind it: the apostrophe of "İran'a" */
    JOINED_WORDS = 2,      /* between names that share a preposition: "on Kyiv, Odesa and Lviv" */
    BESIDE_WORDS = 1,      /* between a nationality and its noun: "israelische schwere Angriffe" */
    ACCUSED_WORDS = 6,     /* behind a trigger, for whom it hits: "of shelling villages in Armenia" */
    SAID_WORDS = 3,        /* between the word of saying and who says it */
    DATELINE_TOKENS = 16,  /* "Washington, 3 November 2026 (Agency Example).–" */
};

bool party_counts(const struct entity *entity, bool at_war)
{
    bool is_place = entity->type == ENTITY_GPE || entity->type == ENTITY_LOC;

    if (entity->acts == ACTS_STATE || entity->acts == ACTS_GROUP || entity->acts == ACTS_BODY)
        return true;
    if (is_place)
        return entity->country[0] != '\0';
    /* a militia that no table holds; what tables hold and acts for nobody is a firm, a club, a party */
    return entity->type == ENTITY_ORG && entity->id.data == NULL && at_war;
}

static bool can_act(const struct entity *entity, uint8_t form)
{
    return entity->acts == ACTS_STATE || entity->acts == ACTS_GROUP || entity->acts == ACTS_BODY || form == FORM_DEMONYM
        || entity->type == ENTITY_ORG;
}

bool party_same(const struct entity *a, const struct entity *b)
{
    if (a->country[0] != '\0' || b->country[0] != '\0')
        return strcmp(a->country, b->country) == 0;
    return view_equal(a->name, b->name);
}

/* ---- the names of a stretch ------------------------------------------------------------------------------------- */

/* The preposition right before this name, else what stands right behind it ("İran'a", "ایران را"), else the role of the
 * name it is joined to. */
static void party_role(const struct lexicon *lexicon, const struct stretch *stretch, const struct mark *marks,
                       const struct party *before, struct party *party)
{
    size_t marks_end = stretch->first_mark + stretch->n_marks;

    party->is_bare = true;
    for (size_t i = stretch->first_mark; i < marks_end && marks[i].first <= party->end + POSTPOSITION_WORDS; i++) {
        uint32_t end = marks[i].first + marks[i].n_tokens;
        const struct cue *cue = marks[i].type == ENTRY_CUE ? lexicon_cue(lexicon, marks[i].row) : NULL;
        bool is_near;

        if (cue == NULL || !cue_tells_role((enum cue_kind)cue->kind))
            continue;
        if (cue->side == SIDE_AFTER)
            is_near = party->is_behind = marks[i].first >= party->end;
        else
            is_near = end <= party->first && party->first - end <= PREPOSITION_WORDS
                && (before == NULL || end >= before->end);
        if (is_near) {
            party->is_bare = false;
            party->role = cue->kind;
        }
    }
    if (party->is_bare && before != NULL && !before->is_bare && !before->is_declined && !before->is_behind
        && party->first - before->end <= JOINED_WORDS) {
        party->is_bare = false;
        party->role = before->role;
    }
}

/* What is written onto the name: "באיראן", "لإيران". */
static void clitic_role(const struct lexicon *lexicon, struct view prefix, struct party *party)
{
    enum cue_kind kind = lexicon_clitic_role(lexicon, prefix);

    if (kind == CUE_KINDS)
        return;
    party->is_bare = false;
    party->role = (uint8_t)kind;
}

/* What is written behind the name: "Ираном", "Rusya'ya".  Prepositions say more, and adjectives agree with something else. */
static void ending_role(const struct lexicon *lexicon, const struct article *article, const struct name *name,
                        struct party *party)
{
    const struct token *last = &article->tokens[party->end - 1];
    struct view ending = VIEW_NONE;
    enum cue_kind kind;

    if (!party->is_bare || party->form == FORM_DEMONYM)
        return;
    if (name->suffix > 0 && name->suffix < last->folded_size)
        ending = view_slice(token_folded(article, last), last->folded_size - name->suffix, name->suffix);
    else if (party->end + 1 < article->n_tokens && last[1].kind == TOKEN_JOINER && last[2].kind == TOKEN_WORD)
        ending = token_folded(article, &last[2]);
    kind = ending.data == NULL ? CUE_KINDS : lexicon_ending_role(lexicon, ending);
    if (kind == CUE_KINDS)
        return;
    party->is_bare = false;
    party->is_declined = true;
    party->role = (uint8_t)kind;
}

/* "A ve B arasında": what stands behind the last of joined names is said of all. */
static void roles_joined(const struct lexicon *lexicon, struct parties *parties)
{
    if (!lexicon_has_postpositions(lexicon))
        return;
    for (size_t i = parties->n; i-- > 1;) {
        struct party *party = &parties->seen[i - 1], *next = &parties->seen[i];

        if (party->is_bare && next->is_behind && (next->role == CUE_BETWEEN || next->role == CUE_WITH)
            && next->first - party->end <= JOINED_WORDS) {
            party->is_bare = false;
            party->role = next->role;
        }
    }
}

/* The name nearest to a word of saying; behind "according to" the one that follows. */
static int32_t source_of(const struct lexicon *lexicon, const struct parties *parties, const struct stretch *stretch,
                         const struct mark *marks)
{
    for (size_t i = stretch->first_mark; i < stretch->first_mark + stretch->n_marks; i++) {
        uint32_t end = marks[i].first + marks[i].n_tokens;
        uint8_t kind = marks[i].type == ENTRY_CUE ? lexicon_cue(lexicon, marks[i].row)->kind : CUE_KINDS;

        if (kind != CUE_SAID && kind != CUE_ACCORDING)
            continue;
        for (size_t k = 0; k < parties->n; k++) {
            const struct party *party = &parties->seen[k];
            bool near_before = party->end <= marks[i].first && marks[i].first - party->end <= SAID_WORDS;
            bool near_behind = party->first >= end && party->first - end <= SAID_WORDS;
            if (near_behind || (near_before && kind == CUE_SAID))
                return (int32_t)party->entity;
        }
    }
    return -1;
}

/* Behind "Beirut (Agency) –" or "Jerusalem/Tehran –" at the start of a line, whose agency nobody knows (those that are known
 * are cut off before): where a report was written is no party of it.  The first token if there is no such thing. */
static uint32_t dateline_end(const struct article *article, const struct stretch *stretch, size_t first_name)
{
    uint32_t first = stretch->first_token, i = first, named = 0;
    uint32_t end = stretch->end < first + DATELINE_TOKENS ? stretch->end : first + DATELINE_TOKENS;

    if (article->lines[article->tokens[first].line].first_token != first)
        return first;
    while (i < end && (article->tokens[i].kind != TOKEN_PUNCT || token_is_point(article, i, ",،./"))) {
        while (first_name < article->n_names && article->names[first_name].first_token + article->names[first_name].n_tokens <= i)
            first_name++;
        named += first_name < article->n_names && article->names[first_name].first_token <= i;
        i++;
        named += i < end && token_is_point(article, i, "/");
    }
    if (i == first || i == end)
        return first;
    if (token_is_point(article, i, "–—"))
        return named == i - first ? i + 1 : first; /* nothing but names */
    if (!token_is_point(article, i, "("))
        return first;
    while (i < end && !token_is_point(article, i, ")"))
        i++;
    for (i++; i < end && token_is_point(article, i, ".:"); i++)
        ;
    return i < end && token_is_point(article, i, "-–—−") ? i + 1 : first;
}

void parties_find(const struct lexicon *lexicon, const struct article *article, const struct stretch *stretch,
                  const struct mark *marks, size_t first_name, bool at_war, struct parties *ret_parties)
{
    ret_parties->n = 0;
    for (uint32_t end = dateline_end(article, stretch, first_name);
         first_name < article->n_names && article->names[first_name].first_token < end; first_name++)
        ;
    for (size_t i = first_name; i < article->n_names && ret_parties->n < PARTIES_SEEN; i++) {
        const struct name *name = &article->names[i];
        struct party *party = &ret_parties->seen[ret_parties->n];

        if (name->first_token >= stretch->end)
            break;
        if (name->first_token < stretch->first_token || !party_counts(&article->entities[name->entity], at_war))
            continue;
        *party = (struct party){.entity = name->entity, .first = name->first_token,
                                .end = name->first_token + name->n_tokens, .form = name->form,
                                .can_act = can_act(&article->entities[name->entity], name->form)};
        party_role(lexicon, stretch, marks, ret_parties->n == 0 ? NULL : party - 1, party);
        if (name->prefix > 0)
            clitic_role(lexicon, view_slice(token_folded(article, &article->tokens[party->first]), 0, name->prefix), party);
        ending_role(lexicon, article, name, party);
        ret_parties->n++;
    }
    roles_joined(lexicon, ret_parties);
    ret_parties->source = source_of(lexicon, ret_parties, stretch, marks);
}

unsigned parties_different(const struct article *article, const struct parties *parties, unsigned enough)
{
    unsigned n = 0;

    for (size_t i = 0; i < parties->n && n < enough; i++) {
        bool seen = false;
        for (size_t k = 0; k < i && !seen; k++)
            seen = party_same(&article->entities[parties->seen[i].entity], &article->entities[parties->seen[k].entity]);
        n += !seen;
    }
    return n;
}

/* ---- who acts on whom ------------------------------------------------------------------------------------------- */

static void party_put(uint8_t parties[EVENT_PARTIES_MAX], uint8_t *n, uint32_t entity)
{
    for (uint8_t i = 0; i < *n; i++)
        if (parties[i] == entity)
            return;
    if (*n < EVENT_PARTIES_MAX && entity < UINT8_MAX)
        parties[(*n)++] = (uint8_t)entity;
}

static void actor_put(struct event *event, const struct party *party)
{
    if (party != NULL && party->can_act)
        party_put(event->actors, &event->n_actors, party->entity);
}

static void target_put(struct event *event, const struct party *party)
{
    if (party == NULL || (event->n_actors == 1 && event->actors[0] == party->entity))
        return;
    party_put(event->targets, &event->n_targets, party->entity);
}

void parties_put(const struct parties *parties, const uint8_t parts[PARTIES_SEEN], struct event *event)
{
    event->n_actors = event->n_targets = 0;
    for (size_t i = 0; i < parties->n; i++)
        if ((parts[i] & PART_ACTOR) != 0)
            party_put(event->actors, &event->n_actors, parties->seen[i].entity);
    for (size_t i = 0; i < parties->n; i++)
        if (parts[i] == PART_TARGET)
            target_put(event, &parties->seen[i]);
}

static const struct party *bare_before(const struct parties *parties, uint32_t token)
{
    const struct party *nearest = NULL;

    for (size_t i = 0; i < parties->n && parties->seen[i].end <= token; i++)
        if (parties->seen[i].is_bare)
            nearest = &parties->seen[i];
    return nearest;
}

/* The n-th bare name that begins at or behind the token. */
static const struct party *bare_behind(const struct parties *parties, uint32_t token, unsigned n)
{
    for (size_t i = 0; i < parties->n; i++)
        if (parties->seen[i].first >= token && parties->seen[i].is_bare && n-- == 0)
            return &parties->seen[i];
    return NULL;
}

/* The first whose ending says that something is done to it. */
static const struct party *declined_behind(const struct parties *parties, uint32_t token)
{
    for (size_t i = 0; i < parties->n; i++)
        if (parties->seen[i].first >= token && parties->seen[i].is_declined && parties->seen[i].role == CUE_TARGET)
            return &parties->seen[i];
    return NULL;
}

/* All names behind a preposition of this role. */
static void role_put(struct event *event, const struct parties *parties, uint8_t role, uint32_t from)
{
    for (size_t i = 0; i < parties->n; i++) {
        const struct party *party = &parties->seen[i];
        if (party->is_bare || party->role != role || party->first < from)
            continue;
        if (role == CUE_AGENT)
            actor_put(event, party);
        else
            target_put(event, party);
    }
}

/* "israelische Angriffe"; where the verb stands first, "هجوم إيراني". */
static const struct party *nationality(const struct parties *parties, uint32_t first, uint32_t end, bool behind)
{
    for (size_t i = 0; i < parties->n; i++) {
        const struct party *party = &parties->seen[i];
        if (party->form != FORM_DEMONYM)
            continue;
        if (!behind && party->end <= first && first - party->end <= BESIDE_WORDS)
            return party;
        if (behind && party->first >= end && party->first - end <= BESIDE_WORDS)
            return party;
    }
    return NULL;
}

static void assign_noun(const struct lexicon *lexicon, const struct parties *parties, uint32_t first, uint32_t end,
                        struct event *event)
{
    bool verb_first = lexicon_verb(lexicon) == VERB_FIRST;
    const struct party *beside = nationality(parties, first, end, verb_first);
    const struct party *next = bare_behind(parties, end, 0);
    bool has_target = false;

    for (size_t i = 0; i < parties->n; i++)
        has_target |= !parties->seen[i].is_bare && parties->seen[i].role == CUE_TARGET && parties->seen[i].first >= end;
    actor_put(event, beside);
    if (event->n_actors == 0)
        role_put(event, parties, CUE_AGENT, 0);
    if (event->n_actors == 0 && next != NULL && next->first == end && (has_target || !verb_first))
        actor_put(event, next); /* a genitive: "Angriffe Israels", "هجوم إيران على" */
    else if (next != NULL && next->first == end && !has_target && next != beside)
        target_put(event, next); /* "قصف غزة" */
    if (event->n_actors == 0)
        actor_put(event, bare_before(parties, first));
    role_put(event, parties, CUE_TARGET, lexicon_has_postpositions(lexicon) ? 0 : first);
}

/* Is somebody named behind the token who is acted on, or a place where it happens? */
static bool has_object(const struct parties *parties, uint32_t token)
{
    for (size_t i = 0; i < parties->n; i++)
        if (parties->seen[i].first >= token && !parties->seen[i].is_bare
            && (parties->seen[i].role == CUE_TARGET || parties->seen[i].role == CUE_PLACE))
            return true;
    return false;
}

static void assign_verb(const struct lexicon *lexicon, const struct parties *parties, uint32_t first, uint32_t end,
                        bool has_gap, struct event *event)
{
    const struct party *subject = bare_before(parties, first);
    uint32_t behind = has_gap ? first : end;
    const struct party *next = bare_behind(parties, behind, 0), *second = bare_behind(parties, behind, 1);

    if (subject != NULL && next == NULL && !has_gap) {
        /* the verb at its clause's end: "dass Israel den Iran angreift" */
        const struct party *earlier = bare_before(parties, subject->first);
        if (earlier != NULL
            && (subject->end == first || (lexicon_verb(lexicon) == VERB_LAST && earlier->entity != subject->entity))) {
            next = subject;
            subject = earlier;
        }
    } else if (subject == NULL && next != NULL
               && (second != NULL || has_gap || lexicon_verb(lexicon) == VERB_FIRST || has_object(parties, next->end)
                   || declined_behind(parties, 0) != NULL)) {
        /* "Am Abend beschoss die Armee Stellungen bei Tyros" */
        subject = next;
        next = second;
    }
    actor_put(event, subject);
    target_put(event, next);
    role_put(event, parties, CUE_TARGET, lexicon_has_postpositions(lexicon) ? 0 : behind);
    if (event->n_targets == 0)
        target_put(event, declined_behind(parties, 0));
}

static void assign_passive(const struct parties *parties, uint32_t first, struct event *event)
{
    role_put(event, parties, CUE_AGENT, 0);
    target_put(event, bare_before(parties, first));
    if (event->n_targets == 0)
        role_put(event, parties, CUE_TARGET, 0);
}

static void assign_both(const struct parties *parties, struct event *event)
{
    for (size_t i = 0; i < parties->n; i++)
        if (parties->seen[i].is_bare || parties->seen[i].role != CUE_PLACE)
            actor_put(event, &parties->seen[i]);
}

/* "Spannungen zwischen A und B": whatever stands between two is of both. */
static bool assign_between(const struct parties *parties, struct event *event)
{
    for (size_t i = 0; i < parties->n; i++)
        if (!parties->seen[i].is_bare && parties->seen[i].role == CUE_BETWEEN)
            actor_put(event, &parties->seen[i]);
    return event->n_actors > 1;
}

static bool is_passive(const struct lexicon *lexicon, const struct stretch *stretch, const struct mark *marks, size_t at,
                       const struct mark *trigger)
{
    size_t end = stretch->first_mark + stretch->n_marks;
    size_t first = at - stretch->first_mark > CUES_SEEN ? at - CUES_SEEN : stretch->first_mark;
    uint32_t distance;

    for (size_t i = first; i < end && i <= at + CUES_SEEN; i++)
        if (marks[i].type == ENTRY_CUE && lexicon_cue(lexicon, marks[i].row)->kind == CUE_PASSIVE
            && scope_reaches(lexicon, &marks[i], trigger, &distance))
            return true;
    return false;
}

/* Who is accused before this trigger; NULL: nobody.  In "A accused B" it is the second name, whatever the order of the
 * verb; a phrase with a gap has it inside. */
static const struct party *accused_of(const struct lexicon *lexicon, const struct parties *parties,
                                      const struct stretch *stretch, const struct mark *marks, size_t at,
                                      const struct mark *trigger)
{
    for (size_t i = at; i-- > stretch->first_mark && at - i <= CUES_SEEN;) {
        const struct mark *mark = &marks[i];
        uint32_t limit;
        const struct party *accused;

        if (mark->type != ENTRY_CUE || lexicon_cue(lexicon, mark->row)->kind != CUE_ACCUSED)
            continue;
        limit = mark->has_gap ? mark->first + mark->n_tokens : trigger->first;
        accused = declined_behind(parties, mark->first);
        if (accused == NULL)
            accused = bare_behind(parties, mark->first, bare_before(parties, mark->first) == NULL ? 1 : 0);
        return accused == NULL || accused->first >= limit ? NULL : accused;
    }
    return NULL;
}

static void assign_accused(const struct parties *parties, const struct party *accused, const struct mark *trigger,
                           struct event *event)
{
    actor_put(event, accused);
    role_put(event, parties, CUE_TARGET, accused->end);
    for (size_t i = 0; i < parties->n; i++)
        if (parties->seen[i].first >= accused->end && parties->seen[i].is_bare
            && parties->seen[i].first < trigger->first + trigger->n_tokens + ACCUSED_WORDS)
            target_put(event, &parties->seen[i]);
}

/* Where force is used, there it is used against somebody: "attack in Kharkiv". */
static bool is_local(enum event_kind kind)
{
    return kind == KIND_ATTACK || kind == KIND_ASSASSINATION || kind == KIND_INCURSION || kind == KIND_BLOCKADE;
}

bool parties_assign(const struct lexicon *lexicon, const struct parties *parties, const struct stretch *stretch,
                    const struct mark *marks, size_t at, const struct mark *trigger, uint8_t roles,
                    const struct reading *reading, struct event *event)
{
    uint32_t first = trigger->first, end = first + trigger->n_tokens;
    const struct mark *modal = reading->modal;
    const struct party *accused = accused_of(lexicon, parties, stretch, marks, at, trigger);
    bool is_accused = accused != NULL && event_kind_escalates((enum event_kind)event->kind);

    event->source = parties->source;
    if (is_accused)
        assign_accused(parties, accused, trigger, event);
    else if (modal != NULL && (reading->mode == MODE_DEMANDED || reading->mode == MODE_THREATENED))
        assign_verb(lexicon, parties, modal->first, modal->first + modal->n_tokens, modal->has_gap, event);
    else if ((roles == ROLES_BOTH || roles == ROLES_NOUN) && assign_between(parties, event))
        ;
    else if (roles == ROLES_BOTH)
        assign_both(parties, event);
    else if (roles == ROLES_PASSIVE || (roles == ROLES_VERB && is_passive(lexicon, stretch, marks, at, trigger)))
        assign_passive(parties, first, event);
    else if (roles == ROLES_VERB)
        assign_verb(lexicon, parties, first, end, trigger->has_gap, event);
    else
        assign_noun(lexicon, parties, first, end, event);
    if (event->n_targets == 0 && is_local((enum event_kind)event->kind))
        role_put(event, parties, CUE_PLACE, 0);
    return is_accused;
}
