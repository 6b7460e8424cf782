#include "processors/escalation/sights.h"

#include "processors/escalation/visit.h"
#include "processors/text/text.h"
#include "processors/words/features.h"

enum { STEM_POINTS = 5, FRONT_POINTS = 7, BACK_POINTS = 5, NEAR_WORDS = 6, SKELETON_BYTES = 16 };

/* ---- what is seen ------------------------------------------------------------------------------------------------ */

static bool is_kept(const struct article *article, const struct token *token)
{
    return article->n_pieces == 0 || (token->flags & TOKEN_KEPT) != 0;
}

/* Letters that carry no root: what is left of "هجوم", "مهاجمة" and "هاجمت" has more in common than they. */
static uint32_t skeleton(struct view word)
{
    char kept[SKELETON_BYTES];
    size_t n = 0;

    for (size_t i = 0; i + 1 < word.size && n + 2 <= sizeof kept; i += 2) {
        unsigned point = (unsigned)(word.data[i] & 0x1f) << 6 | (unsigned)(word.data[i + 1] & 0x3f);
        bool is_weak = point == 0x627 || point == 0x648 || point == 0x64a || point == 0x629 || point == 0x621 || point == 0x649
            || point == 0x5d5 || point == 0x5d9 || point == 0x5d4;
        if (!is_weak) {
            memcpy(kept + n, word.data + i, 2);
            n += 2;
        }
    }
    return (uint32_t)fold_hash((struct view){kept, n});
}

static void word_seen(const struct visit *visit, uint32_t at, struct sight *ret_sight)
{
    const struct article *article = visit->article;
    const struct token *token = &article->tokens[at];
    struct view folded = token_folded(article, token);

    *ret_sight = (struct sight){.word = (uint32_t)token->hash, .clause = visit->marks.clauses[at]};
    if (token->kind != TOKEN_WORD || !is_kept(article, token))
        return;
    ret_sight->is_open = true;
    if (token->script == SCRIPT_ARAB || token->script == SCRIPT_HEBR) {
        ret_sight->stem = feature_stem(article, token, language_code(visit->lexicons->languages, article->language.language));
        ret_sight->front = skeleton(folded);
    } else {
        ret_sight->stem = (uint32_t)fold_hash(feature_front(folded, STEM_POINTS));
        ret_sight->front = (uint32_t)fold_hash(feature_front(folded, FRONT_POINTS));
    }
    ret_sight->back = (uint32_t)fold_hash(feature_back(folded, BACK_POINTS));
}

static void names_seen(struct visit *visit)
{
    const struct article *article = visit->article;
    const struct stretch *stretch = visit->stretch;

    for (size_t i = visit->next_name; i < article->n_names && article->names[i].first_token < stretch->end; i++) {
        const struct name *name = &article->names[i];
        const struct entity *entity = &article->entities[name->entity];
        bool is_party = party_counts(entity, visit->is_hot);
        bool is_place = entity->type == ENTITY_GPE || entity->type == ENTITY_LOC;
        uint8_t kind = name->form == FORM_DEMONYM          ? NAME_DEMONYM
            : is_party && entity->acts != ACTS_NONE        ? NAME_PARTY
            : is_place                                     ? NAME_PLACE
                                                           : NAME_OTHER;

        for (uint32_t k = name->first_token; k < name->first_token + name->n_tokens && k < stretch->end; k++)
            if (k >= stretch->first_token) {
                struct sight *sight = &visit->sights.all[SIGHTS_EDGE + k - stretch->first_token];
                sight->name = kind;
                sight->is_open &= kind == NAME_DEMONYM;
            }
    }
}

static void ruled_seen(struct visit *visit, const struct ruled *ruled)
{
    const struct stretch *stretch = visit->stretch;
    const struct mark *mark = &visit->marks.marks[stretch->first_mark + ruled->mark];
    struct sights *sights = &visit->sights;
    uint32_t first = mark->first - stretch->first_token;

    for (uint32_t k = 0; k < mark->n_tokens; k++) {
        struct sight *sight = &sights->all[SIGHTS_EDGE + first + k];

        if ((mark->has_gap && k >= mark->n_head && k + mark->n_tail < mark->n_tokens) || sight->ruling >= ruled->ruling)
            continue;
        sight->ruling = ruled->ruling;
        sight->base = (uint8_t)(1 + lexicon_trigger(visit->lexicon, mark->row)->kind);
        if (ruled->ruling != RULING_UNMET) {
            sight->kind = ruled->reading.kind;
            sight->mode = ruled->reading.mode;
        }
    }
    if (ruled->ruling == RULING_TOLD)
        sights->told[!event_kind_escalates((enum event_kind)ruled->reading.kind)] |= (uint32_t)1 << (mark->clause & 31);
}

static void cues_seen(struct visit *visit)
{
    const struct stretch *stretch = visit->stretch;
    const struct mark *marks = visit->marks.marks + stretch->first_mark;
    struct sights *sights = &visit->sights;

    for (size_t i = 0; i < stretch->n_marks && sights->n_cues < SIGHT_CUES_MAX; i++) {
        uint8_t kind = marks[i].type == ENTRY_CUE ? lexicon_cue(visit->lexicon, marks[i].row)->kind : CUE_KINDS;

        if (kind <= CUE_HISTORY || kind == CUE_PAST || kind == CUE_ACCUSED)
            sights->cues[sights->n_cues++] = (struct sight_cue){
                (uint16_t)(marks[i].first - stretch->first_token),
                (uint16_t)(marks[i].first + marks[i].n_tokens - stretch->first_token), kind, (uint8_t)marks[i].clause};
    }
}

static uint8_t up_to_two(size_t n)
{
    return n > 2 ? 2 : (uint8_t)n;
}

void sights_see(struct visit *visit)
{
    static const struct sight nothing;
    const struct stretch *stretch = visit->stretch;
    struct sights *sights = &visit->sights;

    sights->n = stretch->end - stretch->first_token;
    sights->n_cues = 0;
    sights->told[0] = sights->told[1] = 0;
    sights->parties = up_to_two(visit->n_parties);
    sights->war = up_to_two((size_t)stretch->n_military + stretch->n_strong);
    sights->topic = up_to_two(stretch->n_topic);
    sights->about = visit->is_hot ? 1 : visit->is_cold ? 2 : 0;
    for (size_t i = 0; i < SIGHTS_EDGE; i++)
        sights->all[i] = sights->all[SIGHTS_EDGE + sights->n + i] = nothing;
    for (size_t i = 0; i < sights->n; i++)
        word_seen(visit, stretch->first_token + (uint32_t)i, &sights->all[SIGHTS_EDGE + i]);
    names_seen(visit);
    for (size_t i = 0; i < visit->n_ruled; i++)
        ruled_seen(visit, &visit->ruled[i]);
    cues_seen(visit);
}

/* ---- features ---------------------------------------------------------------------------------------------------- */

/* What the rules say of a word, as a number. */
static uint32_t ruling_of(const struct sight *sight)
{
    return sight->ruling == RULING_NONE ? 0 : (uint32_t)sight->ruling << 8 | sight->base;
}

/* In which direction the words of its row point by themselves: 0 no row, 1 escalation, 2 de-escalation. */
static uint32_t base_of(const struct sight *sight)
{
    return sight->base == 0 ? 0 : event_kind_escalates((enum event_kind)(sight->base - 1)) ? 1 : 2;
}

static unsigned cue_features(const struct sights *sights, size_t at, uint32_t *keys)
{
    const struct sight *sight = sights_at(sights, at);
    uint64_t seen = 0;
    unsigned n = 0;

    for (size_t i = 0; i < sights->n_cues && n + 3 < 24; i++) {
        const struct sight_cue *cue = &sights->cues[i];
        unsigned side = cue->end <= at ? 0 : cue->first > at ? 1 : 2;
        unsigned far = side == 0 ? (unsigned)(at - cue->end) : side == 1 ? (unsigned)(cue->first - at - 1) : 0;
        unsigned where = cue->clause != sight->clause ? 2 : far > NEAR_WORDS ? 1 : 0;
        unsigned what = cue->kind * 9u + side * 3 + where;

        if (what >= 64 * 4 || (what < 64 && (seen >> what & 1) != 0))
            continue;
        if (what < 64)
            seen |= (uint64_t)1 << what;
        keys[n++] = feature_key(20, what, base_of(sight));
        if (where < 2)
            keys[n++] = feature_key(21, cue->kind, sight->stem);
    }
    return n;
}

unsigned sights_features(const struct sights *sights, size_t i, uint32_t keys[SIGHT_FEATURES_MAX])
{
    const struct sight *s = sights_at(sights, i);
    uint32_t clause = (uint32_t)1 << (s->clause & 31);
    uint32_t told = (uint32_t)((sights->told[0] & clause) != 0) | (uint32_t)((sights->told[1] & clause) != 0) << 1
        | (uint32_t)(sights->told[0] != 0) << 2 | (uint32_t)(sights->told[1] != 0) << 3;
    uint32_t scene = (uint32_t)sights->parties | (uint32_t)sights->war << 2 | (uint32_t)sights->topic << 4
        | (uint32_t)sights->about << 6;
    uint32_t ruling = ruling_of(s);
    unsigned n = 0;

    keys[n++] = feature_key(0, 1, 1);
    keys[n++] = feature_key(1, s->word, 0);
    keys[n++] = feature_key(2, s->stem, 0);
    keys[n++] = feature_key(3, s->front, 0);
    keys[n++] = feature_key(4, s->back, 0);
    keys[n++] = feature_key(5, s[-1].word, 0);
    keys[n++] = feature_key(6, s[1].word, 0);
    keys[n++] = feature_key(7, s[-2].stem, 0);
    keys[n++] = feature_key(8, s[2].stem, 0);
    keys[n++] = feature_key(9, s[-1].stem, s->stem);
    keys[n++] = feature_key(10, s->stem, s[1].stem);
    keys[n++] = feature_key(11, s[-2].stem, s->stem);
    keys[n++] = feature_key(12, s->stem, s[2].stem);
    keys[n++] = feature_key(13, (uint32_t)s[-1].name << 8 | s[1].name, 0);
    keys[n++] = feature_key(14, scene, ruling);
    keys[n++] = feature_key(15, sights->parties, s->stem);
    keys[n++] = feature_key(16, told, ruling);
    keys[n++] = feature_key(17, ruling, s->ruling >= RULING_CANCELLED ? 1u + s->kind : 0);
    keys[n++] = feature_key(18, ruling, s->ruling >= RULING_CANCELLED ? 1u + s->mode : 0);
    keys[n++] = feature_key(19, s->ruling, s->word);
    keys[n++] = feature_key(22, ruling_of(&s[-1]), ruling_of(&s[1]));
    keys[n++] = feature_key(23, (uint32_t)s[-3].name << 8 | s[-2].name, (uint32_t)s[2].name << 8 | s[3].name);
    return n + cue_features(sights, i, keys + n);
}

uint32_t sights_bag_key(const struct sight *sight)
{
    return sight->name != NAME_NONE ? feature_key(31, sight->name, 0) : feature_key(30, sight->stem, 0);
}
