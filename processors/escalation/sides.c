#include "processors/escalation/sides.h"

enum {
    TITLE_NAMES = 3,    /* a name in the title counts as so many */
    SIDE_NAMES_MIN = 2, /* who is named less often is no side */
};

struct sides {
    uint32_t entity[2]; /* who stands for the side */
    unsigned n;
};

static bool is_same(const struct entity *a, const struct entity *b)
{
    bool both_states = a->acts != ACTS_GROUP && a->acts != ACTS_BODY && b->acts != ACTS_GROUP && b->acts != ACTS_BODY;

    return a == b || (both_states && a->country[0] != '\0' && strcmp(a->country, b->country) == 0);
}

/* Who stands best for a state: itself rather than one of its towns or ministers. */
static bool stands_better(const struct entity *entity, const struct entity *than)
{
    return entity->acts == ACTS_STATE && entity->type == ENTITY_GPE
        && (than->acts != ACTS_STATE || than->type != ENTITY_GPE);
}

void sides_count(struct sides_counts *counts, const struct article *article, const struct parties *parties)
{
    for (size_t i = 0; i < parties->n; i++) {
        const struct party *party = &parties->seen[i];
        bool in_title = article->lines[article->tokens[party->first].line].origin == LINE_TITLE;

        if (party->entity < SIDES_ENTITIES && party->can_act && (party->is_bare || party->role != CUE_PLACE))
            counts->of[party->entity] += in_title ? TITLE_NAMES : 1;
    }
}

static struct sides sides_of(const struct sides_counts *counts, const struct article *article)
{
    uint32_t n = article->n_entities < SIDES_ENTITIES ? (uint32_t)article->n_entities : SIDES_ENTITIES;
    uint32_t sums[SIDES_ENTITIES] = {0};
    struct sides sides = {{0, 0}, 0};

    for (uint32_t i = 0; i < n; i++) {
        uint32_t first = 0;
        while (first < i && !(sums[first] > 0 && is_same(&article->entities[first], &article->entities[i])))
            first++;
        sums[first] += counts->of[i];
    }
    for (; sides.n < 2; sides.n++) {
        uint32_t best = 0;
        for (uint32_t i = 1; i < n; i++)
            if (sums[i] > sums[best])
                best = i;
        if (n == 0 || sums[best] < SIDE_NAMES_MIN)
            break;
        sums[best] = 0;
        sides.entity[sides.n] = best;
        for (uint32_t i = 0; i < n; i++)
            if (is_same(&article->entities[i], &article->entities[best])
                && stands_better(&article->entities[i], &article->entities[sides.entity[sides.n]]))
                sides.entity[sides.n] = i;
    }
    return sides;
}

/* The side that is not this one; -1: this one is no side, or there is no other. */
static int other_side(const struct article *article, const struct sides *sides, uint32_t entity)
{
    if (sides->n < 2)
        return -1;
    for (unsigned i = 0; i < 2; i++)
        if (is_same(&article->entities[entity], &article->entities[sides->entity[i]]))
            return (int)sides->entity[1 - i];
    return -1;
}

static bool is_mutual(enum event_kind kind)
{
    return kind == KIND_CEASEFIRE || kind == KIND_AGREEMENT || kind == KIND_DIPLOMACY || kind == KIND_EASING
        || kind == KIND_TENSION || kind == KIND_FAILED_DIPLOMACY || kind == KIND_CEASEFIRE_VIOLATION || kind == KIND_WAR;
}

/* Who is none of the two speaks to both. */
static bool is_for_both(enum event_kind kind)
{
    return kind == KIND_APPEAL_RESTRAINT || kind == KIND_MEDIATION;
}

static void copy_parties(const struct event *from, struct event *event)
{
    memcpy(event->actors, from->actors, sizeof event->actors);
    memcpy(event->targets, from->targets, sizeof event->targets);
    event->n_actors = from->n_actors;
    event->n_targets = from->n_targets;
}

static bool has_party(const struct event *event)
{
    return event->n_actors > 0 || event->n_targets > 0;
}

/* The event whose parties one without any takes over; NULL: none. */
static const struct event *model_of(const struct article *article, const struct event *event)
{
    const struct event *title = &article->events[0];

    for (const struct event *before = event; before-- > article->events && before->sentence + 1 >= event->sentence;)
        if (has_party(before) && before->direction == event->direction)
            return before;
    return has_party(title) && title->direction == event->direction && title != event ? title : NULL;
}

/* Is it one party, under however many of its names ("Phnom Penh", "Cambodia")? */
static bool is_one(const struct article *article, const uint8_t *parties, unsigned n)
{
    for (unsigned i = 1; i < n; i++)
        if (!is_same(&article->entities[parties[0]], &article->entities[parties[i]]))
            return false;
    return n > 0;
}

static void fill(const struct article *article, const struct sides *sides, struct event *event)
{
    const struct event *model = has_party(event) ? NULL : model_of(article, event);
    int other;

    if (model != NULL)
        copy_parties(model, event);
    if (is_mutual((enum event_kind)event->kind)) {
        if (!has_party(event) && sides->n == 2) {
            event->actors[event->n_actors++] = (uint8_t)sides->entity[0];
            event->actors[event->n_actors++] = (uint8_t)sides->entity[1];
        } else if (event->n_actors < EVENT_PARTIES_MAX && is_one(article, event->actors, event->n_actors)
                   && event->n_targets == 0 && (other = other_side(article, sides, event->actors[0])) >= 0) {
            event->actors[event->n_actors++] = (uint8_t)other;
        }
    } else if (is_one(article, event->actors, event->n_actors) && event->n_targets == 0) {
        if (event->kind == KIND_NUCLEAR_STEP) /* a state enriches for itself */
            return;
        if ((other = other_side(article, sides, event->actors[0])) >= 0)
            event->targets[event->n_targets++] = (uint8_t)other;
        else if (is_for_both((enum event_kind)event->kind) && sides->n == 2)
            for (unsigned i = 0; i < 2; i++)
                event->targets[event->n_targets++] = (uint8_t)sides->entity[i];
    } else if (event->n_actors == 0 && is_one(article, event->targets, event->n_targets)) {
        if ((other = other_side(article, sides, event->targets[0])) >= 0)
            event->actors[event->n_actors++] = (uint8_t)other;
    }
}

void sides_fill(const struct sides_counts *counts, struct article *article)
{
    struct sides sides;

    if (article->n_events == 0)
        return;
    sides = sides_of(counts, article);
    for (size_t i = 0; i < article->n_events; i++)
        fill(article, &sides, &article->events[i]);
}
