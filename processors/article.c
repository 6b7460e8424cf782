#include "processors/article.h"

/* The closed lists, in the order of their enums. */
static const char *const drop_kinds[DROP_KINDS] = {
    "none", "read_also", "related_list", "keywords", "caption", "credit", "byline", "dateline",
    "timestamp", "share", "newsletter", "consent", "paywall", "advert", "comment_form",
    "disclaimer", "embed", "tweet", "counter", "navigation", "repeated", "other_article",
    "markup", "source", "other",
};
static const char *const entity_types[] = {"PERSON", "ORG", "GPE", "LOC"};
static const char *const name_forms[] = {"name", "demonym", "metonym", "title"};
static const char *const directions[] = {"none", "escalation", "deescalation", "mixed"};
static const char *const event_kinds[EVENT_KINDS] = {
    "attack", "assassination", "incursion", "war", "military_move", "blockade", "seizure",
    "threat", "demand", "sanction", "rupture", "failed_diplomacy", "ceasefire_violation",
    "cyber_attack", "nuclear_step", "tension",
    "ceasefire", "withdrawal", "release", "relief", "agreement", "diplomacy", "mediation",
    "appeal_restraint", "prevention", "restraint", "easing",
};
static const char *const event_modes[EVENT_MODES] = {
    "done", "announced", "threatened", "demanded", "feared", "hypothetical", "prevented",
    "unwanted", "negated", "denied", "ended",
};

#define LENGTH(array) (sizeof(array) / sizeof *(array))

static bool find(const char *const *names, size_t n, struct view name, size_t *ret_index)
{
    for (size_t i = 0; i < n; i++)
        if (view_is(name, names[i])) {
            *ret_index = i;
            return true;
        }
    return false;
}

const char *drop_kind_name(enum drop_kind kind)
{
    return drop_kinds[kind];
}

const char *entity_type_name(enum entity_type type)
{
    return entity_types[type];
}

const char *name_form_name(enum name_form form)
{
    return name_forms[form];
}

const char *direction_name(enum direction direction)
{
    return directions[direction];
}

const char *event_kind_name(enum event_kind kind)
{
    return event_kinds[kind];
}

const char *event_mode_name(enum event_mode mode)
{
    return event_modes[mode];
}

bool drop_kind_of(struct view name, enum drop_kind *ret_kind)
{
    size_t index;

    if (!find(drop_kinds, LENGTH(drop_kinds), name, &index))
        return false;
    *ret_kind = (enum drop_kind)index;
    return true;
}

bool entity_type_of(struct view name, enum entity_type *ret_type)
{
    size_t index;

    if (!find(entity_types, LENGTH(entity_types), name, &index))
        return false;
    *ret_type = (enum entity_type)index;
    return true;
}

bool event_kind_of(struct view name, enum event_kind *ret_kind)
{
    size_t index;

    if (!find(event_kinds, LENGTH(event_kinds), name, &index))
        return false;
    *ret_kind = (enum event_kind)index;
    return true;
}

bool event_mode_of(struct view name, enum event_mode *ret_mode)
{
    size_t index;

    if (!find(event_modes, LENGTH(event_modes), name, &index))
        return false;
    *ret_mode = (enum event_mode)index;
    return true;
}
