/* The stretches of an article: what rules and classifier make of one, and the events that it tells. */
#include "processors/escalation/visit.h"

#include "processors/escalation/classifier.h"
#include "processors/escalation/lexicons.h"

#include <string.h>

enum {
    EXTEND_WORDS = 2, /* a turning cue so near is shown with its trigger: "Ende der Angriffe" */
    EVENTS_FIRST = 16,
    MORE_WORDS = 2,   /* of one direction in a stretch, beside the first */
    CLAUSES_JUDGED = 8, /* by themselves, of one stretch */
};

#define LEARNT_WEIGHT 0.7f /* of an event that no row of a table weighs */
#define MORE_CHANCE 0.2f   /* of a word to tell a second time of a direction that is told */

/* ---- what the rules say ------------------------------------------------------------------------------------------ */

/* Words of war and other triggers that are beyond doubt, besides the trigger itself. */
static unsigned war_around(const struct visit *visit, const struct mark *mark, const struct trigger *trigger)
{
    const struct stretch *stretch = visit->stretch;

    return (unsigned)stretch->n_military + stretch->n_strong - (trigger->needs == NEEDS_NOTHING) - mark->is_military;
}

static bool is_met(const struct visit *visit, const struct mark *mark)
{
    const struct trigger *trigger = lexicon_trigger(visit->lexicon, mark->row);
    const struct stretch *stretch = visit->stretch;
    unsigned war = war_around(visit, mark, trigger);
    unsigned named = visit->n_parties, parties = named + (stretch->n_actor > 0);
    unsigned needs = trigger->needs;

    if (visit->is_fiction)
        return false;
    if (visit->is_elsewhere) /* what it says of a war in passing is said plainly */
        return needs == NEEDS_NOTHING && named >= 2 && visit->is_acting && stretch->n_topic == 0;
    if (!visit->names_states) /* nobody who could wage a war */
        return needs == NEEDS_NOTHING ? war > 0 && stretch->n_topic == 0
                                      : needs == NEEDS_PARTY && war > 1 && stretch->n_topic == 0;
    if (visit->is_one_sided && (!visit->is_acting || (needs != NEEDS_NOTHING && war == 0)))
        return false;
    if (needs == NEEDS_NOTHING) /* even a truce is a figure of speech where no state is near: a play, a tariff war */
        return named > 0 || war > 0 || !visit->is_cold;
    if (war == 0 && stretch->n_topic > (trigger->kind == KIND_SANCTION && named >= 2)) /* sanctions hit companies */
        return false;
    if (visit->is_cold && (war == 0 || needs == NEEDS_PAIR))
        return needs == NEEDS_PARTY && named >= 2 && stretch->n_topic == 0;
    if (needs == NEEDS_PARTY || needs == NEEDS_CUE)
        return named > 0 || war > 0 || (visit->is_hot && (stretch->n_actor > 0 || visit->parties_before > 0));
    if (named >= 2 || (parties > 0 && war > 0))
        return true;
    return visit->is_hot && (parties >= 2 || (named > 0 && visit->parties_before > 0));
}

static bool encloses(const struct mark *outer, const struct mark *inner)
{
    return outer->has_gap && outer->first < inner->first
        && inner->first + inner->n_tokens <= outer->first + outer->n_tokens;
}

static bool shares_edge(const struct mark *outer, const struct mark *cue)
{
    return cue->first == outer->first || cue->first + cue->n_tokens == outer->first + outer->n_tokens;
}

/* A trigger that says how another one is meant ("droht mit Angriffen") is not told twice, nor one inside a phrase that
 * takes its cue ("ein Ende der Kämpfe ist nicht in Sicht", "die Gespräche über eine Waffenruhe sind gescheitert"). */
static bool is_absorbed(const struct visit *visit, size_t at)
{
    const struct mark *marks = visit->marks.marks + visit->stretch->first_mark;
    const struct ruled *ruled = &visit->ruled[at];
    const struct mark *trigger = &marks[ruled->mark];
    uint8_t roles = lexicon_trigger(visit->lexicon, trigger->row)->roles;
    size_t end = visit->n_ruled - at > CUES_SEEN ? at + CUES_SEEN : visit->n_ruled;

    for (size_t i = at < CUES_SEEN ? 0 : at - CUES_SEEN; i < end; i++) {
        const struct reading *other = &visit->ruled[i].reading;
        const struct mark *mark = &marks[visit->ruled[i].mark];

        if (i == at || visit->ruled[i].ruling < RULING_ABSORBED)
            continue;
        if (encloses(mark, trigger)
            && (other->kind == ruled->reading.kind
                || (ruled->reading.turning != NULL && shares_edge(mark, ruled->reading.turning))))
            return true; /* "feuert Raketen auf Israel ab" is one attack */
        if (!encloses(trigger, mark) && roles != ROLES_BOTH
            && ((other->turning != NULL && other->turning->first == trigger->first)
                || (other->modal != NULL && other->modal->first == trigger->first)))
            return true;
    }
    return false;
}

/* What the rules make of all triggers of the stretch. */
static void triggers_read(struct visit *visit)
{
    const struct stretch *stretch = visit->stretch;
    const struct mark *marks = visit->marks.marks + stretch->first_mark;

    visit->n_ruled = 0;
    for (size_t i = 0; i < stretch->n_marks && visit->n_ruled < RULED_MAX; i++) {
        struct ruled *ruled = &visit->ruled[visit->n_ruled];

        if (marks[i].type != ENTRY_TRIGGER)
            continue;
        *ruled = (struct ruled){.mark = (uint16_t)i, .ruling = RULING_UNMET};
        ruled->reading = scope_read(visit->lexicons, visit->lexicon, marks, stretch->n_marks, i);
        if (ruled->reading.cancelled)
            ruled->ruling = RULING_CANCELLED;
        else if (is_met(visit, &marks[i]))
            ruled->ruling = RULING_TOLD;
        visit->n_ruled++;
    }
    for (size_t i = 0; i < visit->n_ruled; i++)
        if (visit->ruled[i].ruling == RULING_TOLD && is_absorbed(visit, i))
            visit->ruled[i].ruling = RULING_ABSORBED;
}

/* ---- events ----------------------------------------------------------------------------------------------------- */

static struct event *event_add(struct visit *visit)
{
    struct article *article = visit->article;

    if (article->n_events == visit->events_room) {
        size_t room = visit->events_room == 0 ? EVENTS_FIRST : visit->events_room * 2;
        article->events = arena_grow(article->arena, article->events, visit->events_room * sizeof *article->events,
                                     room * sizeof *article->events);
        visit->events_room = room;
    }
    return &article->events[article->n_events++];
}

/* Tokens [first, end) are its words. */
static void span_put(const struct article *article, uint32_t first, uint32_t end, struct event *event)
{
    const struct token *from = &article->tokens[first], *to = &article->tokens[end - 1];

    event->first_token = first;
    event->n_tokens = end - first;
    event->start = from->start;
    event->size = to->start + to->size - from->start;
    event->at = from->at;
    event->points = to->at + to->points - from->at;
}

static bool is_trigger_between(const struct mark *marks, size_t n, uint32_t first, uint32_t end,
                               const struct mark *self)
{
    for (size_t i = 0; i < n && marks[i].first < end; i++)
        if (&marks[i] != self && marks[i].type == ENTRY_TRIGGER && marks[i].first >= first)
            return true;
    return false;
}

/* The words that are shown as evidence: the trigger, with a turning cue that stands beside it. */
static void event_span(const struct article *article, const struct mark *marks, size_t n, const struct mark *trigger,
                       const struct reading *reading, struct event *event)
{
    const struct mark *cue = reading->turning;
    uint32_t first = trigger->first, end = first + trigger->n_tokens;

    if (cue != NULL && !cue->has_gap) {
        uint32_t cue_end = cue->first + cue->n_tokens;
        if (cue->first < first && first <= cue_end + EXTEND_WORDS
            && !is_trigger_between(marks, n, cue->first, first, trigger))
            first = cue->first;
        else if (cue->first >= end && cue->first <= end + EXTEND_WORDS
                 && !is_trigger_between(marks, n, end, cue_end, trigger))
            end = cue_end;
    }
    span_put(article, first, end, event);
}

static struct event_ground reason_of(const struct visit *visit, const struct mark *mark)
{
    struct origin origin;
    const struct token *first, *last;

    if (mark == NULL)
        return (struct event_ground){.file = NULL};
    origin = mark->type == ENTRY_CUE ? lexicon_cue(visit->lexicon, mark->row)->origin
                                     : lexicon_trigger(visit->lexicon, mark->row)->origin;
    first = &visit->article->tokens[mark->first];
    last = first + mark->n_tokens - 1;
    return (struct event_ground){lexicon_file(visit->lexicon, origin), origin.line, first->start,
                           last->start + last->size - first->start};
}

/* ---- what the classifier says of it ------------------------------------------------------------------------------ */

static bool escalates(const struct ruled *ruled)
{
    return event_kind_escalates((enum event_kind)ruled->reading.kind);
}

static bool is_told_in(const struct ruled *ruled, unsigned down)
{
    return ruled->ruling == RULING_TOLD && escalates(ruled) == (down == 0);
}

static size_t told_count(const struct visit *visit, unsigned down)
{
    size_t n = 0;

    for (size_t i = 0; i < visit->n_ruled; i++)
        n += is_told_in(&visit->ruled[i], down);
    return n;
}

/* The clauses that this trigger is in, as a stretch of their own, from a trigger of the other direction to the next. */
static struct stretch clause_of(const struct visit *visit, const struct mark *trigger, unsigned down)
{
    const struct mark *marks = visit->marks.marks;
    const uint8_t *clauses = visit->marks.clauses;
    struct stretch clause = *visit->stretch;
    uint32_t last_mark = clause.first_mark + clause.n_marks, first = trigger->first, end = first + trigger->n_tokens;

    while (first > clause.first_token && clauses[first - 1] == clauses[trigger->first])
        first--;
    while (end < clause.end && clauses[end] == clauses[end - 1])
        end++;
    for (size_t i = 0; i < visit->n_ruled; i++) {
        const struct mark *other = &marks[visit->stretch->first_mark + visit->ruled[i].mark];
        uint32_t other_end = other->first + other->n_tokens;

        if (!is_told_in(&visit->ruled[i], 1 - down))
            continue;
        if (other_end <= trigger->first && other_end > first)
            first = other_end;
        if (other->first >= trigger->first + trigger->n_tokens && other->first < end)
            end = other->first;
    }
    clause.first_token = first;
    clause.end = end;
    while (clause.first_mark < last_mark && marks[clause.first_mark].first < first)
        clause.first_mark++;
    while (last_mark > clause.first_mark && marks[last_mark - 1].first >= end)
        last_mark--;
    clause.n_marks = last_mark - clause.first_mark;
    return clause;
}

/* What the classifier says of what is around a trigger, as if there were no more.  Sights are of that then. */
static void clause_judge(struct visit *visit, const struct mark *trigger, unsigned down, struct verdict *ret_verdict)
{
    const struct stretch *whole = visit->stretch;
    struct stretch clause = clause_of(visit, trigger, down);
    struct ruled all[RULED_MAX];
    size_t n_all = visit->n_ruled;

    memcpy(all, visit->ruled, n_all * sizeof *all);
    visit->n_ruled = 0;
    for (size_t i = 0; i < n_all; i++) {
        uint32_t mark = whole->first_mark + all[i].mark;

        if (mark < clause.first_mark || mark >= clause.first_mark + clause.n_marks
            || visit->marks.marks[mark].first + visit->marks.marks[mark].n_tokens > clause.end)
            continue;
        visit->ruled[visit->n_ruled] = all[i];
        visit->ruled[visit->n_ruled++].mark = (uint16_t)(mark - clause.first_mark);
    }
    visit->stretch = &clause;
    sights_see(visit);
    classifier_judge(visit->classifier, &visit->sights, 0, ret_verdict);
    visit->stretch = whole;
    visit->n_ruled = n_all;
    memcpy(visit->ruled, all, n_all * sizeof *all);
}

/* Is the other direction told by other words? */
static bool is_told_beside(const struct visit *visit, const struct ruled *ruled)
{
    const struct mark *marks = visit->marks.marks + visit->stretch->first_mark, *self = &marks[ruled->mark];

    for (size_t i = 0; i < visit->n_ruled; i++) {
        const struct mark *mark = &marks[visit->ruled[i].mark];
        if (is_told_in(&visit->ruled[i], escalates(ruled))
            && (mark->first + mark->n_tokens <= self->first || mark->first >= self->first + self->n_tokens))
            return true;
    }
    return false;
}

/* Takes back what the classifier is against, which has seen what the rows say and in which sentences they are wrong.  Few
 * lines that it learnt from tell of both directions, so that of both each is judged by itself. */
static void ruled_weigh(struct visit *visit, const struct verdict *verdict)
{
    const struct mark *marks = visit->marks.marks + visit->stretch->first_mark;
    bool is_dropped[RULED_MAX] = {false}, has_both = told_count(visit, 0) > 0 && told_count(visit, 1) > 0;
    unsigned n_split = 0;

    for (size_t i = 0; i < visit->n_ruled; i++) {
        const struct ruled *ruled = &visit->ruled[i];
        unsigned down = !escalates(ruled);
        struct verdict own;

        if (ruled->ruling != RULING_TOLD || lexicon_trigger(visit->lexicon, marks[ruled->mark].row)->is_own)
            continue;
        is_dropped[i] = verdict->against[down] > 0;
        if (is_dropped[i] && has_both && n_split < CLAUSES_JUDGED && is_told_beside(visit, ruled)) {
            clause_judge(visit, &marks[ruled->mark], down, &own);
            is_dropped[i] = own.against[down] > 0;
            n_split++;
        }
    }
    for (size_t i = 0; i < visit->n_ruled; i++)
        if (is_dropped[i])
            visit->ruled[i].ruling = RULING_CANCELLED;
    if (n_split > 0)
        sights_see(visit);
}

/* A trigger that the rules did not let count, with this word in it.  NULL: none of this direction. */
static struct ruled *ruled_at(struct visit *visit, uint32_t token, unsigned down)
{
    const struct mark *marks = visit->marks.marks + visit->stretch->first_mark;

    for (size_t i = 0; i < visit->n_ruled; i++) {
        const struct mark *mark = &marks[visit->ruled[i].mark];
        if (escalates(&visit->ruled[i]) == (down == 0) && token >= mark->first && token < mark->first + mark->n_tokens)
            return &visit->ruled[i];
    }
    return NULL;
}

/* Who acts and who is acted on, where the rules have said what they think. */
static void parties_weigh(const struct visit *visit, const struct mark *trigger, uint8_t roles,
                          const struct reading *reading, struct event *event)
{
    const struct telling telling = {trigger, roles, reading};
    uint8_t parts[PARTIES_SEEN], any = PART_NONE;
    uint32_t keys[ROLE_KEYS];

    if (!visit->is_seen)
        return;
    for (size_t i = 0; i < visit->parties.n; i++) {
        parts[i] = classifier_part(visit->classifier, keys, roles_features(visit, &telling, event, i, keys));
        any |= parts[i];
    }
    for (size_t i = 0; i < visit->parties.n && (any & PART_ACTOR) == 0; i++)
        if (!visit->parties.seen[i].is_bare && visit->parties.seen[i].role == CUE_AGENT)
            parts[i] = any = PART_ACTOR; /* "by Iran", and nobody else did it */
    parties_put(&visit->parties, parts, event);
}

uint8_t visit_roles(enum event_kind kind)
{
    return kind == KIND_CEASEFIRE || kind == KIND_AGREEMENT || kind == KIND_DIPLOMACY || kind == KIND_EASING
            || kind == KIND_TENSION || kind == KIND_FAILED_DIPLOMACY
        ? ROLES_BOTH
        : ROLES_VERB;
}

static void learnt_add(struct visit *visit, uint32_t first, uint32_t end, unsigned down)
{
    const struct stretch *stretch = visit->stretch;
    const struct mark *marks = visit->marks.marks;
    struct mark trigger = {.first = first, .n_tokens = end - first, .type = ENTRY_TRIGGER,
                           .clause = visit->marks.clauses[first], .clause_last = visit->marks.clauses[first]};
    struct reading reading = {.cancelled = false};
    struct event *event = event_add(visit);
    size_t at = stretch->first_mark;
    uint8_t roles;

    classifier_detail(visit->classifier, &visit->sights, first - stretch->first_token, down == 0, &reading.kind,
                      &reading.mode);
    while (at < stretch->first_mark + stretch->n_marks && marks[at].first < first)
        at++;
    *event = (struct event){.kind = reading.kind, .mode = reading.mode, .sentence = stretch->sentence,
                            .direction = down == 0 ? DIRECTION_ESCALATION : DIRECTION_DEESCALATION,
                            .is_learnt = true};
    event->weight = LEARNT_WEIGHT * visit->lexicons->factors[event->mode];
    span_put(visit->article, first, end, event);
    event->rule = (struct event_ground){classifier_path(visit->classifier), 0, event->start, event->size};
    roles = visit_roles((enum event_kind)event->kind);
    if (!parties_assign(visit->lexicon, &visit->parties, stretch, marks, at, &trigger, roles, &reading, event))
        parties_weigh(visit, &trigger, roles, &reading, event);
}

static void mark_taken(const struct visit *visit, const struct mark *mark, bool taken[STRETCH_TOKENS])
{
    for (uint32_t k = 0; mark != NULL && k < mark->n_tokens; k++)
        taken[mark->first - visit->stretch->first_token + k] = true;
}

/* Words that are in what is told already, or say how it is meant. */
static void told_words(const struct visit *visit, bool taken[STRETCH_TOKENS])
{
    const struct mark *marks = visit->marks.marks + visit->stretch->first_mark;

    for (size_t i = 0; i < visit->n_ruled; i++) {
        const struct ruled *ruled = &visit->ruled[i];

        if (ruled->ruling != RULING_TOLD)
            continue;
        mark_taken(visit, &marks[ruled->mark], taken);
        mark_taken(visit, ruled->reading.turning, taken);
        mark_taken(visit, ruled->reading.modal, taken);
    }
}

/* Tells one word more of this direction, or the trigger that it is in, if its chance to be one is at least so high.
 * Returns the word; UINT32_MAX: none. */
static uint32_t word_told(struct visit *visit, const struct weighed *weighed, unsigned down, float least,
                          bool taken[STRETCH_TOKENS])
{
    uint32_t first = visit->stretch->first_token;
    float chance;
    uint32_t word = classifier_place(visit->classifier, &visit->sights, weighed, taken, &chance);
    struct ruled *ruled = word == UINT32_MAX ? NULL : ruled_at(visit, first + word, down);

    if (word == UINT32_MAX || chance < least)
        return UINT32_MAX;
    taken[word] = true;
    if (ruled != NULL) {
        ruled->ruling = RULING_TOLD;
        ruled->is_learnt = true;
    } else {
        learnt_add(visit, first + word, first + word + 1, down);
    }
    told_words(visit, taken);
    return word;
}

/* One state and words of another topic: "Spain would not surrender to higher rates". */
static bool is_beside(const struct visit *visit)
{
    return visit->n_parties < 2 && visit->marks.n_topic > 0 && visit->stretch->n_military == 0;
}

/* All words of the clauses in which something is told. */
static void clauses_taken(const struct visit *visit, bool taken[STRETCH_TOKENS])
{
    const uint8_t *clauses = visit->marks.clauses + visit->stretch->first_token;
    bool told[UINT8_MAX + 1] = {false};

    for (size_t i = 0; i < visit->sights.n; i++)
        told[clauses[i]] |= taken[i];
    for (size_t i = 0; i < visit->sights.n; i++)
        taken[i] |= told[clauses[i]];
}

/* What tells this direction: the rules, else the likeliest word; and likely ones of other clauses. */
static void verdict_told(struct visit *visit, const struct verdict *verdict, unsigned down, bool taken[STRETCH_TOKENS])
{
    bool beyond[STRETCH_TOKENS];
    struct weighed weighed;

    if ((verdict->answer >> down & 1) == 0 || is_beside(visit))
        return;
    told_words(visit, taken);
    classifier_weigh(visit->classifier, &visit->sights, down, &weighed);
    if (told_count(visit, down) == 0)
        word_told(visit, &weighed, down, 0, taken);
    memcpy(beyond, taken, sizeof beyond);
    for (unsigned i = 0; i < MORE_WORDS; i++) {
        uint32_t word;

        clauses_taken(visit, beyond);
        word = word_told(visit, &weighed, down, MORE_CHANCE, beyond);
        if (word == UINT32_MAX)
            return;
        taken[word] = true;
    }
}

/* ---- the stretch ------------------------------------------------------------------------------------------------- */

static void ruled_told(struct visit *visit, const struct ruled *ruled)
{
    const struct stretch *stretch = visit->stretch;
    const struct mark *marks = visit->marks.marks + stretch->first_mark, *trigger = &marks[ruled->mark];
    const struct trigger *row = lexicon_trigger(visit->lexicon, trigger->row);
    struct event *event = event_add(visit);

    *event = (struct event){.kind = ruled->reading.kind, .mode = ruled->reading.mode, .sentence = stretch->sentence,
                            .direction = escalates(ruled) ? DIRECTION_ESCALATION : DIRECTION_DEESCALATION,
                            .is_learnt = ruled->is_learnt};
    event->weight = row->weight * visit->lexicons->factors[event->mode];
    event_span(visit->article, marks, stretch->n_marks, trigger, &ruled->reading, event);
    event->rule = reason_of(visit, trigger);
    event->turning = reason_of(visit, ruled->reading.turning);
    event->modal = reason_of(visit, ruled->reading.modal);
    if (!parties_assign(visit->lexicon, &visit->parties, stretch, visit->marks.marks, stretch->first_mark + ruled->mark,
                        trigger, row->roles, &ruled->reading, event))
        parties_weigh(visit, trigger, row->roles, &ruled->reading, event);
}

/* In the order of their first words. */
static void events_sort(struct event *events, size_t n)
{
    for (size_t i = 1; i < n; i++)
        for (size_t k = i; k > 0 && events[k].first_token < events[k - 1].first_token; k--) {
            struct event event = events[k];
            events[k] = events[k - 1];
            events[k - 1] = event;
        }
}

static bool is_history(const struct visit *visit)
{
    return visit->stretch->last_year > 0 && visit->stretch->last_year <= visit->history_year;
}

void visit_read(struct visit *visit, const struct stretch *stretch)
{
    const struct article *article = visit->article;

    visit->stretch = stretch;
    while (visit->next_name < article->n_names && article->names[visit->next_name].first_token < stretch->first_token)
        visit->next_name++;
    parties_find(visit->lexicon, article, stretch, visit->marks.marks, visit->next_name,
                 visit->is_hot || stretch->n_military > 0, &visit->parties);
    visit->n_parties = parties_different(article, &visit->parties, 2);
    visit->is_acting = false;
    for (size_t i = 0; i < visit->parties.n; i++)
        visit->is_acting |= visit->parties.seen[i].can_act;
    sides_count(&visit->sides, article, &visit->parties);
    visit->n_ruled = 0;
    visit->is_seen = false;
    if (stretch->n_triggers > 0 && !is_history(visit))
        triggers_read(visit);
}

/* May a word tell something that no row of the tables names? */
static bool visit_may_tell(const struct visit *visit)
{
    if (is_history(visit) || visit->is_fiction || visit->is_elsewhere)
        return visit->n_ruled > 0 && !is_history(visit);
    return visit->n_ruled > 0 || visit->n_parties > 0 || visit->stretch->n_military > 0 || visit->is_hot;
}

/* How much surer than its word the classifier must be, as a logarithm of odds, chosen on the half of the gold that is
 * looked at.  Of a line or two nobody knows what they are about; a report on something else names a war in passing at
 * most. */
static float reserve_of(const struct visit *visit)
{
    if (visit->article->n_tokens < REPORT_TOKENS)
        return 0.6f;
    if (visit->is_elsewhere || visit->is_one_sided)
        return 9;
    return 0;
}

void visit_judge(struct visit *visit)
{
    size_t first = visit->article->n_events;

    if (visit->classifier != NULL && visit_may_tell(visit)) {
        struct verdict verdict;
        bool taken[STRETCH_TOKENS] = {false};

        sights_see(visit);
        visit->is_seen = true;
        classifier_judge(visit->classifier, &visit->sights, reserve_of(visit), &verdict);
        ruled_weigh(visit, &verdict);
        verdict_told(visit, &verdict, 0, taken);
        verdict_told(visit, &verdict, 1, taken);
    }
    for (size_t i = 0; i < visit->n_ruled; i++)
        if (visit->ruled[i].ruling == RULING_TOLD)
            ruled_told(visit, &visit->ruled[i]);
    if (visit->article->n_events > first)
        events_sort(visit->article->events + first, visit->article->n_events - first);
    visit->parties_before = visit->n_parties;
}
