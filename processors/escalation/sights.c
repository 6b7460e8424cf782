#include "processors/escalation/sights.h"

#include "processors/escalation/visit.h"
#include "processors/text/text.h"
#include "processors/words/features.h"

enum { STEM_POINTS = 5, FRONT_POINTS = 7, BACK_POINTS = 5, SKELETON_BYTES = 16 };

/* ---- words ------------------------------------------------------------------------------------------------------- */

static bool is_kept(const struct article *article, const struct token *token)
{
    return article->n_pieces == 0 || (token->flags & TOKEN_KEPT) != 0;
}

/* Letters that come and go with the form of a word (long vowels, Arabic hamza and ta marbuta). */
static bool is_weak(unsigned point)
{
    switch (point) {
    case 0x621: case 0x627: case 0x629: case 0x648: case 0x649: case 0x64a:
    case 0x5d4: case 0x5d5: case 0x5d9:
        return true;
    default:
        return false;
    }
}

/* What "هجوم", "هاجمت" and "مهاجمة" have in common, more or less.  All letters of these scripts have two bytes. */
static uint32_t skeleton(struct view word)
{
    char kept[SKELETON_BYTES];
    size_t n = 0;

    for (size_t i = 0; i + 1 < word.size && n + 2 <= sizeof kept; i += 2)
        if (!is_weak((unsigned)(word.data[i] & 0x1f) << 6 | (unsigned)(word.data[i + 1] & 0x3f))) {
            memcpy(kept + n, word.data + i, 2);
            n += 2;
        }
    return (uint32_t)fold_hash((struct view){kept, n});
}

static const char *language_of_text(const struct visit *visit)
{
    return language_code(visit->lexicons->languages, visit->article->language.language);
}

static void word_seen(const struct visit *visit, uint32_t at, struct sight *ret_sight)
{
    const struct article *article = visit->article;
    const struct token *token = &article->tokens[at];
    struct view folded = token_folded(article, token);

    *ret_sight = (struct sight){.shape = token->shape, .is_open = token->kind == TOKEN_WORD && is_kept(article, token)};
    if (!ret_sight->is_open)
        return;
    if (token->script == SCRIPT_ARAB || token->script == SCRIPT_HEBR) {
        ret_sight->stem = feature_stem(article, token, language_of_text(visit));
        ret_sight->front = skeleton(folded);
    } else {
        ret_sight->stem = (uint32_t)fold_hash(feature_front(folded, STEM_POINTS));
        ret_sight->front = (uint32_t)fold_hash(feature_front(folded, FRONT_POINTS));
    }
    ret_sight->back = (uint32_t)fold_hash(feature_back(folded, BACK_POINTS));
}

/* A name is seen as what it is, not as a word: who fights whom is not to be learnt. */
static void names_seen(struct visit *visit)
{
    const struct article *article = visit->article;
    const struct stretch *stretch = visit->stretch;

    for (size_t i = visit->next_name; i < article->n_names && article->names[i].first_token < stretch->end; i++) {
        const struct name *name = &article->names[i];
        const struct entity *entity = &article->entities[name->entity];
        bool is_place = entity->type == ENTITY_GPE || entity->type == ENTITY_LOC;
        uint8_t kind = name->form == FORM_DEMONYM                                                  ? NAME_DEMONYM
            : party_counts(entity, visit->is_hot) && entity->acts != ACTS_NONE                     ? NAME_PARTY
            : is_place                                                                             ? NAME_PLACE
                                                                                                   : NAME_OTHER;

        for (uint32_t k = name->first_token; k < name->first_token + name->n_tokens && k < stretch->end; k++)
            if (k >= stretch->first_token)
                *sights_at(&visit->sights, k - stretch->first_token) = (struct sight){.stem = kind, .name = kind};
    }
}

/* Of a phrase with gaps all words count: "haben sich auf eine Waffenruhe verständigt". */
static void ruled_seen(struct visit *visit, const struct ruled *ruled)
{
    const struct mark *mark = &visit->marks.marks[visit->stretch->first_mark + ruled->mark];
    unsigned down = !event_kind_escalates((enum event_kind)ruled->reading.kind);

    for (uint32_t i = 0; i < mark->n_tokens; i++) {
        uint8_t *told = &sights_at(&visit->sights, mark->first - visit->stretch->first_token + i)->ruled[down];
        if (*told <= ruled->ruling)
            *told = (uint8_t)(ruled->ruling + 1);
    }
}

static void words_see(struct visit *visit)
{
    struct sights *sights = &visit->sights;
    const struct sight *word = sights_at(sights, 0);
    uint32_t salt = sights->salt;

    for (size_t i = 0; i < sights->n; i++, word++) {
        uint32_t *keys = sights->keys + sights->n_keys;
        size_t n = 0;

        if (word->stem == 0)
            continue;
        if (word->name != NAME_NONE) {
            keys[n++] = feature_key(1, word->name, 0);
        } else {
            keys[n++] = feature_key(2, word->stem, salt);
            keys[n++] = feature_key(3, word->front, salt);
            keys[n++] = feature_key(4, word->back, salt);
        }
        if (word[1].stem != 0)
            keys[n++] = feature_key(5, word->stem, word[1].stem ^ salt);
        if (word[2].stem != 0)
            keys[n++] = feature_key(6, word->stem, word[2].stem ^ salt);
        sights->n_keys += n;
    }
}

/* ---- scene and triggers ------------------------------------------------------------------------------------------ */

static uint32_t at_most(size_t n, uint32_t most)
{
    return n > most ? most : (uint32_t)n;
}

static void key_put(struct sights *sights, uint32_t kind, uint32_t a, uint32_t b)
{
    sights->keys[sights->n_keys++] = feature_key(kind, a, b);
}

static void scene_see(struct visit *visit)
{
    const struct stretch *stretch = visit->stretch;
    const struct mark *marks = visit->marks.marks + stretch->first_mark;
    struct sights *sights = &visit->sights;
    uint32_t parties = at_most(visit->n_parties, 2), war = at_most(stretch->n_military, 2);
    uint32_t topic = at_most(stretch->n_topic, 2);
    uint32_t salt = visit->article->language.language;
    uint32_t seen = 0;

    key_put(sights, 10, 0, 0);
    key_put(sights, 11, salt, 0);
    key_put(sights, 12, parties, visit->is_acting);
    key_put(sights, 13, war, at_most(stretch->n_strong, 2));
    key_put(sights, 14, topic, 0);
    key_put(sights, 15, parties << 8 | war << 4 | topic, at_most(visit->n_ruled, 2));
    key_put(sights, 16, at_most(sights->n / 5, 8), 0);
    key_put(sights, 17, visit->is_hot, visit->is_cold);
    for (size_t i = 0; i < stretch->n_marks; i++) {
        uint8_t kind = marks[i].type == ENTRY_CUE ? lexicon_cue(visit->lexicon, marks[i].row)->kind : CUE_KINDS;

        if ((kind > CUE_HISTORY && kind != CUE_PAST && kind != CUE_ACCUSED && kind != CUE_SAID)
            || (seen >> kind & 1) != 0)
            continue;
        seen |= (uint32_t)1 << kind;
        key_put(sights, 20, kind, 0);
        key_put(sights, 21, kind, parties);
        key_put(sights, 22, kind, 0x100 | salt);
    }
}

static uint32_t cue_of(const struct visit *visit, const struct mark *mark)
{
    if (mark == NULL)
        return 0;
    return 1u + (mark->type == ENTRY_CUE ? lexicon_cue(visit->lexicon, mark->row)->kind : (uint32_t)CUE_KINDS);
}

/* Words to the nearest party, roughly. */
static uint32_t nearest_party(const struct visit *visit, const struct mark *mark)
{
    uint32_t nearest = UINT32_MAX, end = mark->first + mark->n_tokens;

    for (size_t i = 0; i < visit->parties.n; i++) {
        const struct party *party = &visit->parties.seen[i];
        uint32_t far = party->first >= end ? party->first - end : 0;

        if (party->end <= mark->first)
            far = mark->first - party->end;
        nearest = far < nearest ? far : nearest;
    }
    return nearest < 2 ? nearest : nearest < 4 ? 2 : nearest < 8 ? 3 : nearest < UINT32_MAX ? 4 : 5;
}

static void ruled_see(const struct visit *visit, const struct ruled *ruled, uint32_t keys[RULED_KEYS])
{
    const struct stretch *stretch = visit->stretch;
    const struct mark *mark = &visit->marks.marks[stretch->first_mark + ruled->mark];
    const struct trigger *row = lexicon_trigger(visit->lexicon, mark->row);
    const struct reading *reading = &ruled->reading;
    unsigned n = 0;
    size_t strong = (size_t)stretch->n_strong - (row->needs == NEEDS_NOTHING);
    uint32_t war = at_most(stretch->n_military + strong, 2), parties = at_most(visit->n_parties, 2);
    uint32_t topic = at_most(stretch->n_topic, 2), scene = parties << 8 | war << 4 | topic;
    uint32_t down = !event_kind_escalates((enum event_kind)reading->kind), ruling = (uint32_t)ruled->ruling << 1 | down;
    uint32_t turning = cue_of(visit, reading->turning), modal = cue_of(visit, reading->modal);
    bool same = false, other = false;

    for (size_t i = 0; i < visit->n_ruled; i++)
        if (&visit->ruled[i] != ruled && visit->ruled[i].ruling == RULING_TOLD) {
            bool is_down = !event_kind_escalates((enum event_kind)visit->ruled[i].reading.kind);
            same |= is_down == (down != 0);
            other |= is_down != (down != 0);
        }
    keys[n++] = feature_key(30, ruling, 0);
    keys[n++] = feature_key(31, ruling, reading->kind);
    keys[n++] = feature_key(32, ruling, row->needs);
    keys[n++] = feature_key(33, ruling, scene);
    keys[n++] = feature_key(34, (uint32_t)row->needs << 1 | down, scene);
    keys[n++] = feature_key(35, row->kind, reading->kind);
    keys[n++] = feature_key(36, reading->kind, scene & 0xf0f);
    keys[n++] = feature_key(37, turning, down);
    keys[n++] = feature_key(38, modal, down);
    keys[n++] = feature_key(39, turning, row->kind);
    keys[n++] = feature_key(40, modal, row->kind);
    keys[n++] = feature_key(41, reading->mode, reading->kind);
    keys[n++] = feature_key(42, (uint32_t)mark->has_gap << 1 | down, at_most(mark->n_tokens, 6));
    keys[n++] = feature_key(43, (uint32_t)(row->weight * 10 + 0.5f), ruling);
    keys[n++] = feature_key(44, nearest_party(visit, mark) << 1 | down, row->needs);
    keys[n++] = feature_key(45, visit->is_acting, ruling);
    keys[n++] = feature_key(46, visit->article->language.language, ruling);
    keys[n++] = feature_key(47, at_most(visit->sights.n / 8, 4), ruling);
    keys[n++] = feature_key(48, (uint32_t)same << 1 | other, ruling);
    keys[n++] = feature_key(49, at_most(stretch->n_actor, 2) << 1 | down, row->needs);
}

/* What is said of two triggers counts once. */
static void all_ruled_see(struct visit *visit)
{
    struct sights *sights = &visit->sights;
    uint32_t keys[RULED_SEEN][RULED_KEYS];
    size_t n = visit->n_ruled < RULED_SEEN ? visit->n_ruled : RULED_SEEN;

    for (size_t i = 0; i < n; i++) {
        ruled_see(visit, &visit->ruled[i], keys[i]);
        for (size_t k = 0; k < RULED_KEYS; k++) {
            size_t before = 0;
            while (keys[before][k] != keys[i][k])
                before++;
            if (before == i)
                sights->keys[sights->n_keys++] = keys[i][k];
        }
    }
}

void sights_see(struct visit *visit)
{
    const struct stretch *stretch = visit->stretch;
    struct sights *sights = &visit->sights;

    sights->n = stretch->end - stretch->first_token;
    sights->n_keys = 0;
    sights->salt = (uint32_t)fold_hash(view_of(language_of_text(visit)));
    for (size_t i = 0; i < sights->n; i++)
        word_seen(visit, stretch->first_token + (uint32_t)i, sights_at(sights, i));
    for (size_t i = 0; i < SIGHTS_EDGE; i++)
        sights->all[i] = sights->all[SIGHTS_EDGE + sights->n + i] = (struct sight){.stem = 0};
    names_seen(visit);
    for (size_t i = 0; i < visit->n_ruled; i++)
        ruled_seen(visit, &visit->ruled[i]);
    scene_see(visit);
    all_ruled_see(visit);
    words_see(visit);
}

unsigned sights_place(const struct sights *sights, size_t i, unsigned down, uint32_t keys[PLACE_KEYS])
{
    const struct sight *s = &sights->all[SIGHTS_EDGE + i];
    uint32_t salt = sights->salt ^ (down + 1);
    unsigned n = 0;

    keys[n++] = feature_key(60, s->stem, salt);
    keys[n++] = feature_key(61, s->front, salt);
    keys[n++] = feature_key(62, s->back, salt);
    keys[n++] = feature_key(63, s[-1].stem, salt);
    keys[n++] = feature_key(64, s[1].stem, salt);
    keys[n++] = feature_key(65, s[-1].stem ^ salt, s->stem);
    keys[n++] = feature_key(66, s->stem, s[1].stem ^ salt);
    keys[n++] = feature_key(67, (uint32_t)s->ruled[down] << 4 | s->ruled[1 - down], 0);
    keys[n++] = feature_key(68, (uint32_t)s->shape << 1 | (i == 0), salt);
    keys[n++] = feature_key(69, (uint32_t)s[-1].name << 4 | s[1].name, 0);
    keys[n++] = feature_key(70, s->ruled[down], s->stem ^ salt);
    return n;
}

unsigned sights_detail(const struct sights *sights, size_t i, uint32_t keys[DETAIL_KEYS])
{
    enum { NEAR = 4 };
    const struct sight *s = &sights->all[SIGHTS_EDGE + i];
    uint32_t salt = sights->salt;
    unsigned n = 0;

    keys[n++] = feature_key(140, s->stem, salt);
    keys[n++] = feature_key(141, s->front, salt);
    keys[n++] = feature_key(142, s->back, salt);
    keys[n++] = feature_key(143, s[-1].stem ^ salt, s->stem);
    keys[n++] = feature_key(144, s->stem, s[1].stem ^ salt);
    keys[n++] = feature_key(145, s->ruled[0], s->ruled[1]);
    keys[n++] = feature_key(146, (uint32_t)s[-1].name << 4 | s[1].name, 0);
    keys[n++] = feature_key(147, s[-1].stem ^ salt, s[-2].stem);
    keys[n++] = feature_key(148, s[1].stem ^ salt, s[2].stem);
    for (size_t k = i < NEAR ? 0 : i - NEAR; k < sights->n && k <= i + NEAR; k++)
        if (k != i && sights->all[SIGHTS_EDGE + k].stem != 0)
            keys[n++] = feature_key(149, sights->all[SIGHTS_EDGE + k].stem ^ salt, k < i);
    return n;
}
