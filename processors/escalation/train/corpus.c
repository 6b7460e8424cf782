#include "processors/escalation/train/learn.h"

#include "processors/entities/train/marked.h"
#include "processors/escalation/lexicons.h"
#include "processors/escalation/visit.h"
#include "processors/stage.h"
#include "processors/text/text.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_LINE "text\t" /* how a line begins that cleanup learns to keep; what else has a TAB is noise */

enum { LINE_BYTES = 1 << 16, LINE_MARKS = 64, SIDE_BYTES = 160 };

void *grow(void *items, size_t *room, size_t needed, size_t size)
{
    while (*room < needed)
        *room = *room == 0 ? 1024 : *room * 2;
    items = realloc(items, *room * size);
    if (items == NULL)
        abort();
    return items;
}

/* A mark in the plain text of a line. */
struct place {
    uint32_t start, end;
    uint8_t answer, kind, mode;
    bool is_optional;
    char sides[2][SIDE_BYTES]; /* actors, targets */
};

static _Noreturn void refuse(const char *path, unsigned line, const char *why)
{
    fprintf(stderr, "%s:%u: %s\n", path, line, why);
    exit(2);
}

/* "[-restraint:unwanted:IRN>|war]": sign, kind and mode; returns what stands behind the bar, NULL if it is no mark. */
static const char *mark_read(const char *at, struct place *ret_place)
{
    enum event_kind kind = KIND_ATTACK;
    enum event_mode mode = MODE_DONE;
    const char *bar = strchr(at, '|'), *colon, *second;

    ret_place->is_optional = *at == '?';
    at += ret_place->is_optional;
    if (bar == NULL || (*at != '+' && *at != '-'))
        return NULL;
    ret_place->answer = *at == '+' ? ANSWER_ESCALATION : ANSWER_DEESCALATION;
    colon = strchr(at, ':');
    second = colon == NULL ? NULL : strchr(colon + 1, ':');
    if (second == NULL || second > bar || !event_kind_of((struct view){at + 1, (size_t)(colon - at - 1)}, &kind)
        || !event_mode_of((struct view){colon + 1, (size_t)(second - colon - 1)}, &mode)
        || event_kind_escalates(kind) != (ret_place->answer == ANSWER_ESCALATION))
        return NULL;
    at = strchr(second + 1, '>');
    if (at == NULL || at > bar || at - second > SIDE_BYTES || bar - at > SIDE_BYTES)
        return NULL;
    snprintf(ret_place->sides[0], SIDE_BYTES, "%.*s", (int)(at - second - 1), second + 1);
    snprintf(ret_place->sides[1], SIDE_BYTES, "%.*s", (int)(bar - at - 1), at + 1);
    ret_place->kind = (uint8_t)kind;
    ret_place->mode = (uint8_t)mode;
    return bar + 1;
}

/* "[Vaduz|LOC]", as lines with marked names have it: returns where the name ends, NULL if it is none. */
static const char *name_end(const char *at)
{
    const char *bar = at + strcspn(at, "|]");
    size_t n = *bar == '|' ? strspn(bar + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") : 0;

    return n > 0 && bar[1 + n] == ']' && strchr("+-?", *at) == NULL ? bar : NULL;
}

/* Takes the marks out of a line.  Returns the size of what is left. */
static uint32_t unmark(const char *path, unsigned number, char *line, struct place *places, size_t *ret_n)
{
    uint32_t size = 0;
    char *to = line;

    *ret_n = 0;
    for (const char *at = line; *at != '\0';) {
        struct place *place = &places[*ret_n];
        const char *words, *end;
        bool is_name;

        if (*at != '[') {
            *to++ = *at++;
            size++;
            continue;
        }
        end = name_end(at + 1);
        is_name = end != NULL;
        words = is_name ? at + 1 : mark_read(at + 1, place);
        if (!is_name)
            end = words == NULL ? NULL : strchr(words, ']');
        if (end == NULL || *ret_n == LINE_MARKS - 1)
            refuse(path, number, "a bracket that is no mark");
        place->start = size;
        memmove(to, words, (size_t)(end - words));
        to += end - words;
        size += (uint32_t)(end - words);
        place->end = size;
        at = strchr(end, ']') + 1;
        *ret_n += is_name ? 0 : 1;
    }
    *to = '\0';
    return size;
}

static void features_put(struct corpus *corpus, const uint32_t *keys, size_t n)
{
    corpus->features = grow(corpus->features, &corpus->features_room, corpus->n_features + n, sizeof *keys);
    memcpy(corpus->features + corpus->n_features, keys, n * sizeof *keys);
    corpus->n_features += n;
}

/* Marks of the stretch, and what the rules say of it, as answers. */
static void row_answer(struct row *row, const struct visit *visit, const struct place *places, size_t n)
{
    const struct token *first = &visit->article->tokens[visit->stretch->first_token];
    const struct token *last = &visit->article->tokens[visit->stretch->end - 1];
    bool is_optional = false;

    for (size_t i = 0; i < n; i++) {
        if (places[i].start < first->start || places[i].start >= last->start + last->size)
            continue;
        if (places[i].is_optional) {
            is_optional = true;
            continue;
        }
        row->answer |= places[i].answer;
    }
    if (row->answer == ANSWER_NOTHING && is_optional)
        row->answer = ROW_SKIPPED;
    for (size_t i = 0; i < visit->n_ruled; i++)
        if (visit->ruled[i].ruling == RULING_TOLD)
            row->ruled |= event_kind_escalates((enum event_kind)visit->ruled[i].reading.kind) ? ANSWER_ESCALATION
                                                                                             : ANSWER_DEESCALATION;
}

static void word_put(struct corpus *corpus, const struct visit *visit, size_t i, const struct place *places, size_t n)
{
    const struct token *token = &visit->article->tokens[visit->stretch->first_token + i];
    struct word *word;

    corpus->words = grow(corpus->words, &corpus->words_room, corpus->n_words + 1, sizeof *word);
    word = &corpus->words[corpus->n_words++];
    *word = (struct word){.row = (uint32_t)corpus->n_rows - 1};
    for (size_t k = 0; k < n; k++)
        if (token->start < places[k].end && places[k].start < token->start + token->size)
            word->answers |= places[k].answer;
    for (unsigned down = 0; down < 2; down++) {
        corpus->places = grow(corpus->places, &corpus->places_room, corpus->n_places + PLACE_KEYS,
                              sizeof *corpus->places);
        word->features[down] = (uint32_t)corpus->n_places;
        word->n = (uint8_t)sights_place(&visit->sights, i, down, corpus->places + corpus->n_places);
        corpus->n_places += word->n;
    }
}

/* By the first word of each mark. */
static void details_put(struct corpus *corpus, const struct visit *visit, const struct place *places, size_t n)
{
    const struct token *tokens = visit->article->tokens + visit->stretch->first_token;

    for (size_t k = 0; k < n; k++)
        for (size_t i = 0; i < visit->sights.n && !places[k].is_optional; i++) {
            uint32_t keys[DETAIL_KEYS];
            struct detail *detail;

            if (tokens[i].start + tokens[i].size <= places[k].start || tokens[i].start >= places[k].end)
                continue;
            corpus->details = grow(corpus->details, &corpus->details_room, corpus->n_details + 1, sizeof *detail);
            detail = &corpus->details[corpus->n_details++];
            *detail = (struct detail){.row = (uint32_t)corpus->n_rows - 1, .first = (uint32_t)corpus->n_features,
                                      .kind = places[k].kind, .mode = places[k].mode};
            detail->n = sights_detail(&visit->sights, i, keys);
            features_put(corpus, keys, detail->n);
            break;
        }
}

static void row_put(struct corpus *corpus, const struct visit *visit, const struct place *places, size_t n,
                    uint8_t language, bool is_test)
{
    const struct sights *sights = &visit->sights;
    struct row *row;

    corpus->rows = grow(corpus->rows, &corpus->rows_room, corpus->n_rows + 1, sizeof *corpus->rows);
    row = &corpus->rows[corpus->n_rows++];
    *row = (struct row){.first = (uint32_t)corpus->n_features, .n = (uint32_t)sights->n_keys,
                        .language = language, .is_test = is_test};
    row_answer(row, visit, places, n);
    features_put(corpus, sights->keys, sights->n_keys);
    details_put(corpus, visit, places, n);
    for (size_t i = 0; i < sights->n && row->answer != ANSWER_NOTHING && row->answer != ROW_SKIPPED; i++)
        if (sights->all[SIGHTS_EDGE + i].is_open)
            word_put(corpus, visit, i, places, n);
}

/* Letters of a name without case, blanks and signs. */
static void plain_name(const char *from, size_t n, char ret_name[SIDE_BYTES])
{
    size_t size = 0;

    for (size_t i = 0; i < n && size + 1 < SIDE_BYTES; i++)
        if (isalnum((unsigned char)from[i]))
            ret_name[size++] = (char)tolower((unsigned char)from[i]);
    ret_name[size] = '\0';
}

/* Is it this party that the mark names: by the code of its state, or by its English name or a part of it? */
static bool is_named(const struct entity *entity, const char *name, size_t n)
{
    bool is_code = n == 3 && isupper((unsigned char)name[0]) && isupper((unsigned char)name[1])
        && isupper((unsigned char)name[2]);
    char wanted[SIDE_BYTES], own[SIDE_BYTES];

    if (is_code && entity->acts != ACTS_GROUP && entity->acts != ACTS_BODY && memcmp(entity->country, name, 3) == 0)
        return true;
    plain_name(name, n, wanted);
    plain_name(entity->name.data, entity->name.size, own);
    if (strcmp(wanted, "eu") == 0)
        return strcmp(own, "europeanunion") == 0;
    if (strcmp(wanted, "un") == 0)
        return strstr(own, "unitednations") != NULL;
    return wanted[0] != '\0' && own[0] != '\0' && (strstr(own, wanted) != NULL || strstr(wanted, own) != NULL);
}

static bool is_on(const struct entity *entity, const char *names)
{
    while (*names != '\0') {
        size_t n = strcspn(names, ",");
        if (is_named(entity, names, n))
            return true;
        names += n + (names[n] == ',');
    }
    return false;
}

static uint8_t ruled_part(const struct event *event, uint32_t entity)
{
    uint8_t part = PART_NONE;

    for (unsigned i = 0; i < event->n_actors; i++)
        part |= event->actors[i] == entity ? PART_ACTOR : 0;
    for (unsigned i = 0; i < event->n_targets; i++)
        part |= event->targets[i] == entity ? PART_TARGET : 0;
    return part;
}

static void standings_put(struct corpus *corpus, const struct visit *visit, const struct telling *telling,
                          const struct event *event, const struct place *place)
{
    for (size_t i = 0; i < visit->parties.n; i++) {
        uint32_t entity = visit->parties.seen[i].entity;
        struct standing *standing;

        corpus->standings = grow(corpus->standings, &corpus->standings_room, corpus->n_standings + 1, sizeof *standing);
        corpus->parts = grow(corpus->parts, &corpus->parts_room, corpus->n_parts + ROLE_KEYS, sizeof *corpus->parts);
        standing = &corpus->standings[corpus->n_standings++];
        *standing = (struct standing){.row = (uint32_t)corpus->n_rows - 1, .features = (uint32_t)corpus->n_parts,
                                      .ruled = ruled_part(event, entity)};
        standing->n = (uint8_t)roles_features(visit, telling, event, i, corpus->parts + corpus->n_parts);
        corpus->n_parts += standing->n;
        if (is_on(&visit->article->entities[entity], place->sides[0]))
            standing->part |= PART_ACTOR;
        if (is_on(&visit->article->entities[entity], place->sides[1]))
            standing->part |= PART_TARGET;
    }
}

/* The event of a mark as the room would tell it: by the trigger that is there, else by the mark's first word. */
static void mark_put(struct corpus *corpus, const struct visit *visit, const struct place *place)
{
    const struct stretch *stretch = visit->stretch;
    const struct mark *marks = visit->marks.marks, *trigger = NULL;
    const struct token *tokens = visit->article->tokens;
    struct reading reading = {.kind = place->kind, .mode = place->mode};
    uint8_t roles = visit_roles((enum event_kind)place->kind);
    struct mark word = {.type = ENTRY_TRIGGER, .n_tokens = 1};
    size_t at = stretch->first_mark;
    struct event event;

    for (size_t i = 0; i < visit->n_ruled && trigger == NULL; i++) {
        const struct mark *mark = &marks[stretch->first_mark + visit->ruled[i].mark];
        const struct token *first = &tokens[mark->first], *last = first + mark->n_tokens - 1;

        if (first->start >= place->end || place->start >= last->start + last->size
            || event_kind_escalates((enum event_kind)visit->ruled[i].reading.kind)
                != event_kind_escalates((enum event_kind)place->kind))
            continue;
        trigger = mark;
        at = (size_t)(mark - marks);
        reading = visit->ruled[i].reading;
        roles = lexicon_trigger(visit->lexicon, mark->row)->roles;
    }
    if (trigger == NULL) {
        for (word.first = stretch->first_token; word.first < stretch->end; word.first++)
            if (tokens[word.first].start + tokens[word.first].size > place->start && tokens[word.first].start < place->end)
                break;
        if (word.first == stretch->end)
            return;
        word.clause = word.clause_last = visit->marks.clauses[word.first];
        while (at < stretch->first_mark + stretch->n_marks && marks[at].first < word.first)
            at++;
        trigger = &word;
    }
    event = (struct event){.kind = reading.kind, .mode = reading.mode};
    parties_assign(visit->lexicon, &visit->parties, stretch, marks, at, trigger, roles, &reading, &event);
    standings_put(corpus, visit, &(struct telling){trigger, roles, &reading}, &event, place);
}

static const struct lexicons *lexicons_of(const struct knowledge *knowledge)
{
    for (size_t i = 0; i < STAGES; i++)
        if (strcmp(stage_order[i]->name, "escalation") == 0)
            return knowledge_tables(knowledge, i);
    abort();
}

/* A line is one article; of its stretches each is a row. */
static void line_put(struct corpus *corpus, const struct setup *setup, struct arena *arena, char *text, uint32_t size,
                     const struct place *places, size_t n, uint8_t language, bool is_test)
{
    static struct visit visit;
    struct message message = {.now_ms = 1767225600000}; /* 2026 */
    struct article article = {.arena = arena, .message = &message};
    struct line line = {.size = size, .origin = LINE_BODY};

    article.given.published_ms = TIME_NONE;
    article.language.language = language_of(knowledge_languages(setup->knowledge), view_of(setup->languages[language]));
    article.language.confidence = 1;
    line.language = article.language;
    article.lines = &line;
    article.n_lines = 1;
    text[size] = '\n';
    article.buffer = (struct view){text, size + 1};
    marked_room(setup->knowledge, "text", &article);
    marked_room(setup->knowledge, "entities", &article);
    visit_begin(&visit, lexicons_of(setup->knowledge), &article);
    for (size_t i = 0; i < visit.marks.n_stretches; i++) {
        visit_read(&visit, &visit.marks.stretches[i]);
        sights_see(&visit);
        row_put(corpus, &visit, places, n, language, is_test);
        for (size_t k = 0; k < n; k++)
            mark_put(corpus, &visit, &places[k]);
        visit.parties_before = visit.n_parties;
    }
}

/* The file's name begins with the tag of its language: "de.txt", "de-2.txt". */
static uint8_t language_of_path(const struct setup *setup, const char *path)
{
    const char *name = strrchr(path, '/') == NULL ? path : strrchr(path, '/') + 1;
    size_t size = strcspn(name, "-.");

    for (uint8_t i = 0; i < setup->n_languages; i++)
        if (strlen(setup->languages[i]) == size && memcmp(setup->languages[i], name, size) == 0)
            return i;
    fprintf(stderr, "%s: its name does not begin with a language that has tables\n", path);
    exit(2);
}

/* Where a text's hash stands, or a free place for it. */
static uint64_t *text_slot(uint64_t *texts, size_t room, uint64_t hash)
{
    size_t at = hash & (room - 1);

    while (texts[at] != 0 && texts[at] != hash)
        at = (at + 1) & (room - 1);
    return &texts[at];
}

/* Was the same text read before?  By its hash. */
static bool is_known(struct corpus *corpus, struct view text)
{
    uint64_t hash = fold_hash(text);

    if (corpus->n_texts * 2 >= corpus->texts_room) {
        size_t room = corpus->texts_room == 0 ? 1 << 16 : corpus->texts_room * 2;
        uint64_t *texts = calloc(room, sizeof *texts);

        if (texts == NULL)
            abort();
        for (size_t i = 0; i < corpus->texts_room; i++)
            if (corpus->texts[i] != 0)
                *text_slot(texts, room, corpus->texts[i]) = corpus->texts[i];
        free(corpus->texts);
        corpus->texts = texts;
        corpus->texts_room = room;
    }
    if (*text_slot(corpus->texts, corpus->texts_room, hash) == hash)
        return true;
    *text_slot(corpus->texts, corpus->texts_room, hash) = hash;
    corpus->n_texts++;
    return false;
}

void corpus_read(struct corpus *corpus, const struct setup *setup, const char *path, bool is_tried)
{
    struct arena *arena = arena_new(1 << 20, 1 << 20);
    char *line = malloc(LINE_BYTES);
    FILE *file = fopen(path, "r");
    struct place places[LINE_MARKS];
    uint8_t language = language_of_path(setup, path);

    if (file == NULL || line == NULL) {
        perror(path);
        exit(2);
    }
    for (unsigned number = 1, n_lines = 0; fgets(line, LINE_BYTES - 1, file) != NULL; number++) {
        char *text = line, *tab = strchr(line, '\t');
        size_t n = 0;
        uint32_t size;

        line[strcspn(line, "\n")] = '\0';
        if (line[0] == '#' || line[0] == '\0' || (tab != NULL && strncmp(line, TEXT_LINE, strlen(TEXT_LINE)) != 0))
            continue;
        arena_reset(arena);
        text += tab == NULL ? 0 : strlen(TEXT_LINE);
        size = tab == NULL ? unmark(path, number, text, places, &n) : (uint32_t)strlen(text);
        if (is_known(corpus, (struct view){text, size}))
            continue;
        line_put(corpus, setup, arena, text, size, places, n, language,
                 is_tried && setup->folds > 0 && n_lines % setup->folds == setup->fold);
        n_lines++;
    }
    fclose(file);
    free(line);
    arena_free(arena);
}
