#include "processors/escalation/scope.h"

enum {
    TOUCHING = 2, /* words between: so near, a comma or a conjunction does not divide */
    EMBEDDED = 14, /* words between, where a clause was put in */
};

/* The nearest cue of each kind that acts on a trigger. */
struct nearest {
    const struct mark *mark;
    uint32_t distance;
};

/* Behind a clause that was put in a sentence goes on: "das Ultimatum, das sie gestellt hatte, ist vom Tisch". */
static bool goes_on(const struct cue *row, uint32_t clauses, uint32_t distance)
{
    return clauses == 2 && distance <= EMBEDDED
        && (row->kind == CUE_PREVENT || row->kind == CUE_UNWANTED || row->kind == CUE_DENIAL || row->kind == CUE_ENDED);
}

bool scope_reaches(const struct lexicon *lexicon, const struct mark *cue, const struct mark *on, uint32_t *ret_distance)
{
    const struct cue *row = lexicon_cue(lexicon, cue->row);
    uint32_t cue_end = cue->first + cue->n_tokens, on_end = on->first + on->n_tokens;
    bool inside = (cue->has_gap && cue->first < on->first && on_end <= cue_end)
        || (on->has_gap && on->first < cue->first && cue_end <= on_end)
        || (cue->is_clitic && cue->first == on->first);
    bool before = cue->first < on->first;
    uint32_t distance, clauses;

    if (inside) { /* to the end of a phrase with a gap: "lehnt … nicht ab" */
        *ret_distance = cue->first > on->first && on_end > cue_end + 1 ? on_end - cue_end - 1 : 0;
        return true;
    }
    if ((before && row->side == SIDE_AFTER) || (!before && row->side == SIDE_BEFORE))
        return false;
    distance = before ? on->first - cue_end : cue->first - on_end;
    if (before ? on->first < cue_end : cue->first < on_end)
        distance = 0; /* they share a word */
    clauses = before ? on->clause - (cue->clause_last < on->clause ? cue->clause_last : on->clause)
                     : cue->clause - (on->clause_last < cue->clause ? on->clause_last : cue->clause);
    *ret_distance = distance;
    if (!before && goes_on(row, clauses, distance))
        return true;
    switch (row->reach) {
    case REACH_SENTENCE:
        return true;
    case REACH_NEXT:
        return clauses <= 1;
    case REACH_CLAUSE:
        return clauses == 0;
    default:
        return distance <= row->reach && (clauses == 0 || distance <= TOUCHING);
    }
}

/* ---- which cues act --------------------------------------------------------------------------------------------- */

/* Words of the trigger itself are no cues to it: "lifted the sanctions" is one thing. */
static bool is_part(const struct lexicon *lexicon, const struct mark *cue, const struct mark *trigger)
{
    uint32_t cue_end = cue->first + cue->n_tokens, end = trigger->first + trigger->n_tokens;

    if (cue->is_clitic)
        return false;
    if (!trigger->has_gap && cue_end > trigger->first && cue_end <= end
        && (cue->first >= trigger->first || trigger->type == ENTRY_CUE
            || lexicon_trigger(lexicon, trigger->row)->mode >= MODE_PREVENTED))
        return true; /* "will … keine" of "keine Eskalation", but not "denied … planning" of "planning an attack" */
    return cue->first == trigger->first
        || (trigger->has_gap
            && (cue_end == end || (cue->first > trigger->first && cue_end <= trigger->first + trigger->n_head)
                || (cue->first + trigger->n_tail >= end && cue_end < end)));
}

static bool is_turning(enum cue_kind kind)
{
    return kind <= CUE_FAILED;
}

/* A trigger with a gap that begins with this cue and does not enclose the one that is read. */
static bool is_verb_of(const struct mark *other, const struct mark *cue, const struct mark *trigger)
{
    return other != trigger && other->type == ENTRY_TRIGGER && other->has_gap && other->first == cue->first
        && (trigger->first >= other->first + other->n_tokens || trigger->first < other->first);
}

/* The verb of another trigger turns that one and no more: "eased the blockade and suspended sanctions". */
static bool is_verb_of_other(const struct mark *marks, size_t n, size_t cue, const struct mark *trigger)
{
    for (size_t i = cue; i-- > 0 && marks[i].first == marks[cue].first;)
        if (is_verb_of(&marks[i], &marks[cue], trigger))
            return true;
    for (size_t i = cue + 1; i < n && marks[i].first == marks[cue].first; i++)
        if (is_verb_of(&marks[i], &marks[cue], trigger))
            return true;
    return false;
}

static void cue_seen(const struct lexicon *lexicon, const struct mark *marks, size_t n, size_t at,
                     const struct mark *trigger, struct nearest nearest[CUE_KINDS])
{
    const struct mark *cue = &marks[at];
    uint8_t kind;
    uint32_t distance;

    if (cue->type != ENTRY_CUE || is_part(lexicon, cue, trigger))
        return;
    kind = lexicon_cue(lexicon, cue->row)->kind;
    if (!scope_reaches(lexicon, cue, trigger, &distance)
        || (is_turning((enum cue_kind)kind) && !cue->has_gap && is_verb_of_other(marks, n, at, trigger)))
        return;
    if (nearest[kind].mark == NULL || distance < nearest[kind].distance)
        nearest[kind] = (struct nearest){cue, distance};
}

static void cues_around(const struct lexicon *lexicon, const struct mark *marks, size_t n, size_t at,
                        struct nearest nearest[CUE_KINDS])
{
    for (size_t i = at, seen = 0; i-- > 0 && seen < CUES_SEEN; seen++)
        cue_seen(lexicon, marks, n, i, &marks[at], nearest);
    for (size_t i = at + 1; i < n && i <= at + CUES_SEEN; i++)
        cue_seen(lexicon, marks, n, i, &marks[at], nearest);
}

static struct nearest nearest_of(const struct nearest nearest[CUE_KINDS], unsigned from, unsigned to)
{
    struct nearest best = {NULL, UINT32_MAX};

    for (unsigned kind = from; kind <= to; kind++)
        if (nearest[kind].mark != NULL && nearest[kind].distance < best.distance)
            best = nearest[kind];
    return best;
}

/* Is there a negation that acts on this turning cue and takes it back? */
static bool taken_back(const struct lexicon *lexicon, const struct mark *marks, size_t n, const struct mark *turning)
{
    size_t at = (size_t)(turning - marks);
    size_t first = at < CUES_SEEN ? 0 : at - CUES_SEEN, end = n - at > CUES_SEEN ? at + CUES_SEEN : n;
    uint32_t distance;

    for (size_t i = first; i < end; i++)
        if (i != at && !is_part(lexicon, &marks[i], turning) && marks[i].type == ENTRY_CUE
            && lexicon_cue(lexicon, marks[i].row)->kind == CUE_NEGATION
            && scope_reaches(lexicon, &marks[i], turning, &distance) && distance <= TOUCHING)
            return true;
    return false;
}

/* The turning cue that counts; NULL if none, or if it is taken back. */
static const struct mark *turning_of(const struct lexicon *lexicon, const struct mark *marks, size_t n,
                                     struct nearest nearest[CUE_KINDS], bool escalates)
{
    struct nearest other;

    if (escalates) /* "the attack failed" leaves an attack */
        nearest[CUE_FAILED].mark = NULL;
    other = nearest_of(nearest, CUE_PREVENT, CUE_FAILED);
    if (other.mark == nearest[CUE_NEGATION].mark && other.mark != NULL) {
        struct nearest negation = nearest[CUE_NEGATION];
        uint32_t distance;

        /* "der Krieg konnte nicht verhindert werden": what stands nearest is about the other cue */
        nearest[CUE_NEGATION].mark = NULL;
        other = nearest_of(nearest, CUE_PREVENT, CUE_FAILED);
        if (other.mark == NULL || !scope_reaches(lexicon, negation.mark, other.mark, &distance) || distance > TOUCHING)
            return negation.mark;
        return NULL;
    }
    return other.mark != NULL && taken_back(lexicon, marks, n, other.mark) ? NULL : other.mark;
}

/* ---- what they make of it --------------------------------------------------------------------------------------- */

static enum event_mode mode_of_cue(enum cue_kind kind)
{
    switch (kind) {
    case CUE_PREVENT:
        return MODE_PREVENTED;
    case CUE_UNWANTED:
        return MODE_UNWANTED;
    case CUE_NEGATION:
        return MODE_NEGATED;
    case CUE_DENIAL:
        return MODE_DENIED;
    case CUE_ENDED:
    case CUE_FAILED:
        return MODE_ENDED;
    case CUE_HYPOTHETICAL:
        return MODE_HYPOTHETICAL;
    case CUE_THREATENED:
        return MODE_THREATENED;
    case CUE_DEMANDED:
        return MODE_DEMANDED;
    case CUE_ANNOUNCED:
        return MODE_ANNOUNCED;
    case CUE_FEARED:
        return MODE_FEARED;
    default:
        return MODE_DONE;
    }
}

/* A turned escalation is what turned it ("prevented", "unwanted"), but a demand stays one; a turned de-escalation
 * keeps how it is meant: "fears that the ceasefire collapses" is feared. */
static void turned(const struct lexicons *lexicons, struct reading *reading, enum cue_kind cue,
                   enum event_mode modal_mode)
{
    enum event_mode mode = mode_of_cue(cue);
    struct turn turn = lexicons->turns[reading->kind][cue == CUE_FAILED ? TURN_FAILED : (unsigned)mode];
    bool escalated = event_kind_escalates((enum event_kind)reading->kind);

    if (!turn.set) {
        reading->turning = NULL;
        return;
    }
    if (turn.kind < 0) {
        reading->cancelled = true;
        return;
    }
    reading->kind = (uint8_t)turn.kind;
    reading->mode = (uint8_t)(turn.mode >= 0 ? turn.mode : (int)mode);
    if (modal_mode == MODE_DEMANDED) {
        reading->mode = MODE_DEMANDED;
        if (escalated)
            reading->kind = KIND_APPEAL_RESTRAINT;
    } else if (modal_mode != MODE_DONE && (!escalated || turn.mode >= 0)) {
        reading->mode = (uint8_t)modal_mode;
    }
}

static void meant(const struct lexicons *lexicons, struct reading *reading, enum event_mode mode)
{
    struct turn turn = lexicons->turns[reading->kind][mode];

    reading->mode = (uint8_t)(turn.set && turn.mode >= 0 ? turn.mode : (int)mode);
    if (turn.set && turn.kind >= 0)
        reading->kind = (uint8_t)turn.kind;
}

/* Is this more than that there is a war?  Who "plans" or "demands" near the word seldom means the war itself. */
static bool is_alarming(enum event_mode mode)
{
    return mode == MODE_THREATENED || mode == MODE_FEARED || mode == MODE_HYPOTHETICAL;
}

struct reading scope_read(const struct lexicons *lexicons, const struct lexicon *lexicon, const struct mark *marks,
                          size_t n, size_t at)
{
    const struct trigger *trigger = lexicon_trigger(lexicon, marks[at].row);
    struct reading reading = {.kind = trigger->kind, .mode = trigger->mode};
    struct nearest nearest[CUE_KINDS] = {{NULL, 0}};
    bool escalates = event_kind_escalates((enum event_kind)trigger->kind);
    enum event_mode modal_mode = MODE_DONE;

    cues_around(lexicon, marks, n, at, nearest);
    if (nearest[CUE_HISTORY].mark != NULL
        || (nearest[CUE_NEVER].mark != NULL && nearest[CUE_DENIAL].mark == NULL && escalates)) {
        reading.cancelled = true;
        return reading;
    }
    if (nearest[CUE_PAST].mark != NULL && nearest[CUE_NEGATION].mark != NULL && escalates) {
        reading.cancelled = true; /* "dass Israel nicht angegriffen hat" */
        return reading;
    }
    if (nearest[CUE_NEVER].mark != NULL && nearest[CUE_NEGATION].mark == NULL && nearest[CUE_DENIAL].mark == NULL)
        nearest[CUE_NEGATION] = nearest[CUE_NEVER];
    reading.turning = turning_of(lexicon, marks, n, nearest, escalates);
    if (trigger->mode != MODE_DONE)
        nearest[CUE_ANNOUNCED].mark = NULL; /* "will keine Eskalation" says more than that it is meant to be */
    reading.modal = nearest_of(nearest, CUE_HYPOTHETICAL, CUE_FEARED).mark;
    if (reading.modal != NULL)
        modal_mode = mode_of_cue((enum cue_kind)lexicon_cue(lexicon, reading.modal->row)->kind);
    if (trigger->needs == NEEDS_CUE && reading.turning == NULL && !is_alarming(modal_mode))
        reading.cancelled = true;
    else if (reading.turning != NULL)
        turned(lexicons, &reading, (enum cue_kind)lexicon_cue(lexicon, reading.turning->row)->kind, modal_mode);
    else if (reading.modal != NULL)
        meant(lexicons, &reading, modal_mode);
    return reading;
}
