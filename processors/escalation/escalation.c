#include "processors/escalation/escalation.h"

#include "processors/escalation/lexicons.h"
#include "processors/escalation/visit.h"

#include <string.h>
#include <time.h>

enum {
    HOT_WORDS = 3,       /* words of war and strong triggers that make an article one about war … */
    FICTION_WORDS = 2,   /* words of another topic, in an article that names no state: a play, a game */
    CULTURE_WORDS = 3,   /* words of culture that make an article a review, if they are more than those of war */
    TOPIC_WORDS = 3,     /* … and words of another topic that make it one about something else */
    HISTORY_YEARS = 5,   /* a sentence that names a year so long past tells history */
    HOT_TOKENS = 100,    /* … and at least one in so many tokens */
    PASSING_TOKENS = 250, /* a report not about war that tells of less than one event in so many does so in passing */
    LEARNT_BESIDE = 2,   /* events that the rules tell before what was only learnt is believed in a report */
    TOPIC_WEIGHT = 2,    /* what a word of another topic says against a word of war or a state; see is_elsewhere() */
};

#define ONE_SIDED (2.0f / 3.0f) /* of the weight: the article points in that direction */
#define TITLE_FACTOR 5.0f /* a headline tells what carries the news; from 3 to 8 the gold is as right (its half in sight) */

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

bool visit_begin(struct visit *visit, const struct lexicons *lexicons, struct article *article)
{
    size_t war;

    memset(visit, 0, offsetof(struct visit, stretch));
    visit->lexicons = lexicons;
    visit->article = article;
    if (article->language.language >= LANGUAGES_MAX || lexicons->of[article->language.language] == NULL)
        return false;
    visit->lexicon = lexicons->of[article->language.language];
    visit->classifier = lexicons->classifiers[article->language.language];
    marks_find(visit->lexicon, article, &visit->marks);
    war = visit->marks.n_strong + visit->marks.n_military;
    visit->is_hot = war >= HOT_WORDS && war > visit->marks.n_topic && war * HOT_TOKENS >= article->n_tokens;
    visit->is_cold = visit->marks.n_topic >= TOPIC_WORDS && visit->marks.n_topic > 2 * war;
    visit->names_states = names_states(article);
    visit->is_one_sided = is_one_sided(article);
    visit->is_elsewhere = is_elsewhere(article, &visit->marks);
    visit->is_fiction = (visit->marks.n_topic >= FICTION_WORDS && !visit->names_states)
        || (visit->marks.n_culture >= CULTURE_WORDS && visit->marks.n_culture > war);
    visit->history_year = history_year(article);
    return true;
}

/* What is told in passing goes: all of it where a report that is not about war has too little, and what was only learnt
 * where the rules tell next to nothing. */
static void events_sift(const struct visit *visit)
{
    struct article *article = visit->article;
    size_t n_ruled = 0, kept = 0;
    bool is_passing;

    if (article->n_tokens < REPORT_TOKENS || visit->is_hot)
        return;
    for (size_t i = 0; i < article->n_events; i++)
        n_ruled += !article->events[i].is_learnt;
    is_passing = n_ruled * PASSING_TOKENS < article->n_tokens;
    for (size_t i = 0; i < article->n_events && !is_passing; i++)
        if (!article->events[i].is_learnt || n_ruled >= LEARNT_BESIDE)
            article->events[kept++] = article->events[i];
    article->n_events = kept;
}

static enum status escalation_run(const void *tables, void *scratch, struct article *article, struct err *err)
{
    struct visit visit;

    (void)scratch, (void)err;
    article->events = NULL;
    article->n_events = 0;
    article->direction = DIRECTION_NONE;
    article->score = 0;
    article->escalation_supported = visit_begin(&visit, tables, article);
    if (!article->escalation_supported)
        return STATUS_OK;
    for (size_t i = 0; i < visit.marks.n_stretches; i++) {
        visit_read(&visit, &visit.marks.stretches[i]);
        visit_judge(&visit);
    }
    events_sift(&visit);
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
