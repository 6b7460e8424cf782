#include "processors/escalation/escalation.h"

#include "processors/escalation/lexicons.h"
#include "processors/escalation/marks.h"
#include "processors/escalation/parties.h"
#include "processors/escalation/scope.h"
#include "processors/escalation/sides.h"

#include <time.h>

enum {
    HOT_WORDS = 3,       /* words of war and strong triggers that make an article one about war … */
    FICTION_WORDS = 2,   /* words of another topic, in an article that names no state: a play, a game */
    CULTURE_WORDS = 3,   /* words of culture that make an article a review, if they are more than those of war */
    TOPIC_WORDS = 3,     /* … and words of another topic that make it one about something else */
    HISTORY_YEARS = 5,   /* a sentence that names a year so long past tells history */
    EXTEND_WORDS = 2,    /* a turning cue so near is shown with its trigger: "Ende der Angriffe" */
    TOPIC_WEIGHT = 2,    /* what a word of another topic says against a word of war or a state; see is_elsewhere() */
    REPORT_TOKENS = 80,  /* an article so long names all its sides */
    EVENTS_FIRST = 16,
};

#define ONE_SIDED (2.0f / 3.0f) /* of the weight: the article points in that direction */
#define TITLE_FACTOR 2.0f

/* One article on its way through the room. */
struct visit {
    const struct lexicons *lexicons;
    const struct lexicon *lexicon;
    struct article *article;
    struct marks marks;
    size_t events_room;
    size_t next_name;       /* the first name that may lie in the next stretch */
    uint16_t history_year;  /* years up to this one are history; 0: unknown */
    bool is_hot, is_cold;   /* about war; about something else */
    bool is_fiction;        /* about something else, and no state is named in it; or a review */
    bool is_elsewhere;      /* a report on sport, markets, crime, whatever its words of war and its states */
    bool names_states;
    bool is_one_sided;      /* no armed group, and all its parties are of one state */
    unsigned parties_before; /* different parties in the stretch before */
    const struct stretch *stretch;
    struct parties parties;
    unsigned n_parties;     /* different ones, at most 2 */
    bool is_acting;         /* one of them is a state itself, its people or its government, and not just a town of it */
    struct sides_counts sides;
};

/* ---- does a trigger count here ---------------------------------------------------------------------------------- */

static uint16_t year_of_ms(int64_t ms)
{
    time_t seconds = (time_t)(ms / 1000);
    struct tm date;

    return gmtime_r(&seconds, &date) == NULL || date.tm_year < 0 ? 0 : (uint16_t)(date.tm_year + 1900);
}

static uint16_t history_year(const struct article *article)
{
    int64_t ms = article->given.published_ms;
    uint16_t year;

    if (ms == TIME_NONE || ms == 0)
        ms = article->message == NULL ? 0 : article->message->now_ms;
    year = ms <= 0 ? 0 : year_of_ms(ms);
    return year > HISTORY_YEARS ? (uint16_t)(year - HISTORY_YEARS) : 0;
}

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
    const struct token *from, *to;

    if (cue != NULL && !cue->has_gap) {
        uint32_t cue_end = cue->first + cue->n_tokens;
        if (cue->first < first && first <= cue_end + EXTEND_WORDS
            && !is_trigger_between(marks, n, cue->first, first, trigger))
            first = cue->first;
        else if (cue->first >= end && cue->first <= end + EXTEND_WORDS
                 && !is_trigger_between(marks, n, end, cue_end, trigger))
            end = cue_end;
    }
    from = &article->tokens[first];
    to = &article->tokens[end - 1];
    event->first_token = first;
    event->n_tokens = end - first;
    event->start = from->start;
    event->size = to->start + to->size - from->start;
    event->at = from->at;
    event->points = to->at + to->points - from->at;
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
static bool is_absorbed(const struct mark *trigger, uint8_t roles, const struct reading *reading,
                        const struct reading *readings, const uint16_t *triggers, size_t n, const struct mark *marks)
{
    for (size_t i = 0; i < n; i++) {
        const struct reading *other = &readings[i];
        const struct mark *mark = &marks[triggers[i]];

        if (mark == trigger || other->cancelled)
            continue;
        if (encloses(mark, trigger)
            && (other->kind == reading->kind || (reading->turning != NULL && shares_edge(mark, reading->turning))))
            return true; /* "feuert Raketen auf Israel ab" is one attack */
        if (!encloses(trigger, mark) && roles != ROLES_BOTH
            && ((other->turning != NULL && other->turning->first == trigger->first)
                || (other->modal != NULL && other->modal->first == trigger->first)))
            return true;
    }
    return false;
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

static void stretch_judge(struct visit *visit)
{
    const struct stretch *stretch = visit->stretch;
    const struct mark *marks = visit->marks.marks + stretch->first_mark;
    uint16_t triggers[STRETCH_TOKENS * 2];
    struct reading readings[STRETCH_TOKENS * 2];
    size_t n = 0;
    bool is_history = stretch->last_year > 0 && stretch->last_year <= visit->history_year;

    for (size_t i = 0; i < stretch->n_marks && n < sizeof triggers / sizeof *triggers; i++) {
        if (marks[i].type != ENTRY_TRIGGER || is_history || !is_met(visit, &marks[i]))
            continue;
        readings[n] = scope_read(visit->lexicons, visit->lexicon, marks, stretch->n_marks, i);
        triggers[n++] = (uint16_t)i;
    }
    for (size_t i = 0; i < n; i++) {
        const struct mark *trigger = &marks[triggers[i]];
        const struct trigger *row = lexicon_trigger(visit->lexicon, trigger->row);
        size_t from = i < CUES_SEEN ? 0 : i - CUES_SEEN, to = n - i > CUES_SEEN ? i + CUES_SEEN : n;
        struct event *event;

        if (readings[i].cancelled
            || is_absorbed(trigger, row->roles, &readings[i], readings + from, triggers + from, to - from, marks))
            continue;
        event = event_add(visit);
        *event = (struct event){.kind = readings[i].kind, .mode = readings[i].mode, .sentence = stretch->sentence};
        event->direction = event_kind_escalates((enum event_kind)event->kind) ? DIRECTION_ESCALATION
                                                                              : DIRECTION_DEESCALATION;
        event->weight = row->weight * visit->lexicons->factors[event->mode];
        event_span(visit->article, marks, stretch->n_marks, trigger, &readings[i], event);
        event->rule = reason_of(visit, trigger);
        event->turning = reason_of(visit, readings[i].turning);
        event->modal = reason_of(visit, readings[i].modal);
        parties_assign(visit->lexicon, &visit->parties, stretch, visit->marks.marks, trigger, &readings[i], event);
    }
}

/* ---- the whole -------------------------------------------------------------------------------------------------- */

static void article_judge(struct article *article)
{
    float sums[2] = {0, 0}; /* escalation, de-escalation */

    for (size_t i = 0; i < article->n_events; i++) {
        const struct event *event = &article->events[i];
        bool in_title = article->lines[article->tokens[event->first_token].line].origin == LINE_TITLE;
        sums[event->direction == DIRECTION_DEESCALATION] += event->weight * (in_title ? TITLE_FACTOR : 1.0f);
    }
    article->score = (sums[0] - sums[1]) / (1 + sums[0] + sums[1]);
    if (article->n_events == 0)
        article->direction = DIRECTION_NONE;
    else if (sums[0] >= ONE_SIDED * (sums[0] + sums[1]))
        article->direction = DIRECTION_ESCALATION;
    else if (sums[1] >= ONE_SIDED * (sums[0] + sums[1]))
        article->direction = DIRECTION_DEESCALATION;
    else
        article->direction = DIRECTION_MIXED;
}

static void stretch_visit(struct visit *visit, const struct stretch *stretch)
{
    struct article *article = visit->article;

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
    if (stretch->n_triggers > 0)
        stretch_judge(visit);
    visit->parties_before = visit->n_parties;
}

static bool names_states(const struct article *article)
{
    for (size_t i = 0; i < article->n_entities; i++)
        if (party_counts(&article->entities[i], false))
            return true;
    return false;
}

/* Is nobody named against whom a state could wage war?  Crimes and prices have one town or one state in them. */
static bool is_one_sided(const struct article *article)
{
    const struct entity *first = NULL;

    if (article->n_tokens < REPORT_TOKENS)
        return false; /* a sentence or two need not name both */
    for (size_t i = 0; i < article->n_entities; i++) {
        const struct entity *entity = &article->entities[i];
        if (!party_counts(entity, false))
            continue;
        if (entity->acts == ACTS_GROUP || (first != NULL && !party_same(first, entity)))
            return false;
        first = entity;
    }
    return true;
}

static bool speaks_for_a_side(const struct entity *entity)
{
    return entity->acts == ACTS_STATE || entity->acts == ACTS_GROUP || entity->acts == ACTS_BODY;
}

/* A report on a war names those who wage it; one on sport, markets or crime has more words of its own topic than words of
 * war and states together, however warlike it sounds. */
static bool is_elsewhere(const struct article *article, const struct marks *marks)
{
    size_t n_sides = 0;

    if (article->n_tokens < REPORT_TOKENS)
        return false;
    for (size_t i = 0; i < article->n_entities; i++)
        n_sides += speaks_for_a_side(&article->entities[i]);
    return n_sides == 0 || marks->n_topic * TOPIC_WEIGHT > marks->n_strong + marks->n_military + n_sides;
}

static enum status escalation_run(const void *tables, void *scratch, struct article *article, struct err *err)
{
    struct visit visit = {.lexicons = tables, .article = article};
    size_t war;

    (void)scratch, (void)err;
    article->events = NULL;
    article->n_events = 0;
    article->direction = DIRECTION_NONE;
    article->score = 0;
    visit.lexicon = article->language.language < LANGUAGES_MAX ? visit.lexicons->of[article->language.language] : NULL;
    article->escalation_supported = visit.lexicon != NULL;
    if (visit.lexicon == NULL)
        return STATUS_OK;
    marks_find(visit.lexicon, article, &visit.marks);
    war = visit.marks.n_strong + visit.marks.n_military;
    visit.is_hot = war >= HOT_WORDS && war > visit.marks.n_topic;
    visit.is_cold = visit.marks.n_topic >= TOPIC_WORDS && visit.marks.n_topic > 2 * war;
    visit.names_states = names_states(article);
    visit.is_one_sided = is_one_sided(article);
    visit.is_elsewhere = is_elsewhere(article, &visit.marks);
    visit.is_fiction = (visit.marks.n_topic >= FICTION_WORDS && !visit.names_states)
        || (visit.marks.n_culture >= CULTURE_WORDS && visit.marks.n_culture > war);
    visit.history_year = history_year(article);
    for (size_t i = 0; i < visit.marks.n_stretches; i++)
        stretch_visit(&visit, &visit.marks.stretches[i]);
    sides_fill(&visit.sides, article);
    article_judge(article);
    return STATUS_OK;
}

static enum status escalation_open(const struct stage_setup *setup, void **ret_tables, struct err *err)
{
    struct lexicons *lexicons;
    enum status status = lexicons_open(setup, &lexicons, err);

    if (status == STATUS_OK)
        *ret_tables = lexicons;
    return status;
}

static void escalation_close(void *tables)
{
    lexicons_close(tables);
}

const struct stage escalation_stage = {
    .name = "escalation",
    .summary = "find what points to escalation or to de-escalation, and who does it to whom",
    .reads = FIELD_TOKENS | FIELD_PIECES | FIELD_LANGUAGE | FIELD_NAMES | FIELD_LINES,
    .writes = FIELD_EVENTS,
    .open = escalation_open,
    .close = escalation_close,
    .run = escalation_run,
};
