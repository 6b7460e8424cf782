#include "processors/escalation/roles.h"

#include "processors/escalation/visit.h"
#include "processors/words/features.h"

enum side { SIDE_LEFT, SIDE_RIGHT, SIDE_WITHIN };

/* Where a party stands around the words that tell the event. */
struct stand {
    uint32_t side, far, order; /* order: parties of its side that are nearer */
    uint32_t left, right;      /* parties of each side */
};

static uint32_t at_most(uint32_t n, uint32_t most)
{
    return n > most ? most : n;
}

static uint32_t side_of(const struct party *party, uint32_t first, uint32_t end)
{
    return party->end <= first ? SIDE_LEFT : party->first >= end ? SIDE_RIGHT : SIDE_WITHIN;
}

static struct stand stand_of(const struct parties *parties, size_t at, const struct mark *trigger)
{
    const struct party *party = &parties->seen[at];
    uint32_t first = trigger->first, end = first + trigger->n_tokens;
    struct stand stand = {.side = side_of(party, first, end)};

    stand.far = stand.side == SIDE_LEFT ? first - party->end : stand.side == SIDE_RIGHT ? party->first - end : 0;
    for (size_t i = 0; i < parties->n; i++) {
        uint32_t side = side_of(&parties->seen[i], first, end);

        stand.left += side == SIDE_LEFT;
        stand.right += side == SIDE_RIGHT;
        stand.order += side == stand.side && (side == SIDE_LEFT ? i > at : i < at);
    }
    stand.far = stand.far < 2 ? stand.far : stand.far < 4 ? 2 : stand.far < 8 ? 3 : 4;
    stand.order = at_most(stand.order, 2);
    return stand;
}

/* What the rules say of it. */
static uint32_t part_of(const struct event *event, uint32_t entity)
{
    uint32_t part = PART_NONE;

    for (unsigned i = 0; i < event->n_actors; i++)
        part |= event->actors[i] == entity ? PART_ACTOR : 0;
    for (unsigned i = 0; i < event->n_targets; i++)
        part |= event->targets[i] == entity ? PART_TARGET : 0;
    return part;
}

static bool has_cue(const struct visit *visit, enum cue_kind kind)
{
    const struct mark *marks = visit->marks.marks + visit->stretch->first_mark;

    for (size_t i = 0; i < visit->stretch->n_marks; i++)
        if (marks[i].type == ENTRY_CUE && lexicon_cue(visit->lexicon, marks[i].row)->kind == kind)
            return true;
    return false;
}

/* Which cue says how it is meant, and on which side of it the party stands. */
static uint32_t modal_of(const struct visit *visit, const struct telling *telling, const struct party *party)
{
    const struct mark *modal = telling->reading->modal;
    uint32_t kind;

    if (modal == NULL || modal->type != ENTRY_CUE)
        return 0;
    kind = 1u + lexicon_cue(visit->lexicon, modal->row)->kind;
    return kind << 2 | side_of(party, modal->first, modal->first + modal->n_tokens);
}

static uint32_t clauses_between(const struct visit *visit, const struct party *party, const struct mark *trigger)
{
    uint8_t a = visit->marks.clauses[party->first], b = visit->marks.clauses[trigger->first];

    return at_most(a > b ? (uint32_t)(a - b) : (uint32_t)(b - a), 2);
}

/* The other parties of the stretch. */
struct others {
    uint32_t same, same_sides; /* those of the same state: how many, bits of their sides */
    uint32_t parts;            /* bits of what the rules say of the rest; 4: nothing */
    bool can_act;
};

static struct others others_of(const struct visit *visit, size_t at, const struct mark *trigger, const struct event *event)
{
    const struct parties *parties = &visit->parties;
    const struct entity *entities = visit->article->entities;
    struct others others = {.same = 0};

    for (size_t i = 0; i < parties->n; i++) {
        const struct party *party = &parties->seen[i];

        if (i == at)
            continue;
        others.can_act |= party->can_act;
        if (party_same(&entities[party->entity], &entities[parties->seen[at].entity])) {
            others.same++;
            others.same_sides |= 1u << side_of(party, trigger->first, trigger->first + trigger->n_tokens);
        } else {
            uint32_t part = part_of(event, party->entity);
            others.parts |= part == PART_NONE ? 4 : part;
        }
    }
    others.same = at_most(others.same, 2);
    return others;
}

unsigned roles_features(const struct visit *visit, const struct telling *telling, const struct event *event, size_t i,
                        uint32_t keys[ROLE_KEYS])
{
    const struct party *party = &visit->parties.seen[i];
    const struct entity *entity = &visit->article->entities[party->entity];
    const struct sight *before = &visit->sights.all[SIGHTS_EDGE + party->first - visit->stretch->first_token];
    uint32_t end = party->end < visit->stretch->end ? party->end : visit->stretch->end; /* a long sentence may cut a name */
    const struct sight *behind = &visit->sights.all[SIGHTS_EDGE + end - 1 - visit->stretch->first_token];
    const struct sight *word = &visit->sights.all[SIGHTS_EDGE + telling->trigger->first - visit->stretch->first_token];
    struct stand stand = stand_of(&visit->parties, i, telling->trigger);
    uint32_t place = stand.side << 4 | stand.order, salt = visit->sights.salt;
    uint32_t role = party->is_bare ? 0 : 1u + party->role, rule = part_of(event, party->entity);
    uint32_t counts = at_most(stand.left, 2) << 2 | at_most(stand.right, 2);
    struct others others = others_of(visit, i, telling->trigger, event);
    uint32_t kind_place = (uint32_t)event->kind << 8 | place, acting = (uint32_t)party->can_act << 1 | others.can_act;
    unsigned n = 0;

    keys[n++] = feature_key(80, 0, 0);
    keys[n++] = feature_key(81, rule, event->kind);
    keys[n++] = feature_key(82, place, counts);
    keys[n++] = feature_key(83, place, telling->roles);
    keys[n++] = feature_key(84, place, salt);
    keys[n++] = feature_key(85, role, (uint32_t)party->is_behind << 1 | party->is_declined);
    keys[n++] = feature_key(86, role, event->kind);
    keys[n++] = feature_key(87, role << 4 | stand.side, telling->roles);
    keys[n++] = feature_key(88, role, salt);
    keys[n++] = feature_key(89, (uint32_t)party->form << 4 | stand.side, at_most(stand.far, 2));
    keys[n++] = feature_key(90, party->form, telling->roles);
    keys[n++] = feature_key(91, (uint32_t)entity->acts << 8 | (uint32_t)entity->type << 1 | party->can_act, rule);
    keys[n++] = feature_key(92, clauses_between(visit, party, telling->trigger), stand.side);
    keys[n++] = feature_key(93, modal_of(visit, telling, party), stand.side);
    keys[n++] = feature_key(94, event->mode, place);
    keys[n++] = feature_key(95, event->kind, place);
    keys[n++] = feature_key(96, has_cue(visit, CUE_PASSIVE), place);
    keys[n++] = feature_key(97, event->source == (int32_t)party->entity, event->kind);
    keys[n++] = feature_key(98, stand.far, place);
    keys[n++] = feature_key(99, rule, place);
    keys[n++] = feature_key(100, rule, role);
    keys[n++] = feature_key(101, rule << 4 | stand.side, salt);
    keys[n++] = feature_key(102, before[-1].stem, salt);
    keys[n++] = feature_key(103, behind[1].stem, salt);
    keys[n++] = feature_key(104, rule << 8 | counts, (uint32_t)event->n_actors << 4 | event->n_targets);
    keys[n++] = feature_key(105, word->stem ^ salt, stand.side);
    keys[n++] = feature_key(106, before[-1].stem ^ salt, place);
    keys[n++] = feature_key(107, behind[1].stem ^ salt, place);
    keys[n++] = feature_key(108, before[-2].stem ^ before[-1].stem * 31, salt);
    keys[n++] = feature_key(109, behind[1].stem ^ behind[2].stem * 31, salt);
    keys[n++] = feature_key(110, word->stem ^ salt, place);
    keys[n++] = feature_key(111, word[-1].stem ^ salt, stand.side);
    keys[n++] = feature_key(112, word[1].stem ^ salt, stand.side);
    keys[n++] = feature_key(113, has_cue(visit, CUE_ACCUSED), rule << 8 | place);
    keys[n++] = feature_key(114, kind_place, (uint32_t)telling->roles << 8 | counts);
    keys[n++] = feature_key(115, kind_place, role);
    keys[n++] = feature_key(116, kind_place, event->mode);
    keys[n++] = feature_key(117, (uint32_t)event->kind << 8 | event->mode, rule);
    keys[n++] = feature_key(118, place << 4 | counts, salt);
    keys[n++] = feature_key(119, (uint32_t)party->form << 8 | place, salt);
    keys[n++] = feature_key(120, (uint32_t)telling->roles << 8 | place, salt);
    keys[n++] = feature_key(121, others.same << 4 | others.same_sides, stand.side << 4 | rule);
    keys[n++] = feature_key(122, others.parts, rule);
    keys[n++] = feature_key(123, others.parts << 4 | rule, place);
    keys[n++] = feature_key(124, acting, (uint32_t)entity->acts << 8 | (uint32_t)entity->type);
    keys[n++] = feature_key(125, acting, kind_place);
    keys[n++] = feature_key(126, visit->n_parties << 4 | at_most((uint32_t)visit->parties.n, 6), event->kind);
    return n;
}
