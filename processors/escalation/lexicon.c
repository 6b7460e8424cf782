#include "processors/escalation/lexicon.h"

#include "processors/escalation/compounds.h"
#include "processors/escalation/notation.h"
#include "processors/text/text.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    ROWS_MAX = 60000,   /* of one language: entry.row has 16 bits */
    CLITICS_MAX = 8,
    ENDINGS_MAX = 64,
    FILES_MAX = 8,
};

struct lexicon {
    char tag[16];
    struct phrases *phrases;
    struct entry *entries;
    size_t n_entries, entries_room;
    struct trigger *triggers;
    size_t n_triggers, triggers_room;
    struct cue *cues;
    size_t n_cues, cues_room;
    struct compounds *compounds;
    struct { char folded[16]; size_t size; uint16_t cue; } clitics[CLITICS_MAX];
    size_t n_clitics;
    struct { char folded[16]; size_t size; uint8_t kind; } endings[ENDINGS_MAX];
    size_t n_endings;
    char *files[FILES_MAX];
    size_t n_files;
    struct gaps *gaps;
    enum verb_place verb;
    bool has_clitics, has_postpositions;
};

/* What is being loaded; the user of notation_add. */
struct loading {
    struct lexicon *lexicon;
    struct table *classes, *sets;
    struct notation *notation;
    struct arena *arena; /* for folding */
    struct table_row row;
    struct entry entry;
    uint32_t path;  /* behind the parts of a phrase with gaps that were read */
    uint32_t value; /* of a phrase without */
};

static void *grown(void *array, size_t n, size_t *room, size_t element)
{
    void *bigger;

    if (n < *room)
        return array;
    *room = *room == 0 ? 256 : *room * 2;
    bigger = realloc(array, *room * element);
    if (bigger == NULL)
        abort(); /* as the arena does: small allocations cannot be refused in a useful way */
    return bigger;
}

/* ---- loading ---------------------------------------------------------------------------------------------------- */

static uint32_t entry_add(struct lexicon *lexicon, struct entry entry)
{
    lexicon->entries = grown(lexicon->entries, lexicon->n_entries, &lexicon->entries_room, sizeof *lexicon->entries);
    lexicon->entries[lexicon->n_entries] = entry;
    return (uint32_t)lexicon->n_entries++;
}

/* Words that are not looked up as phrases are.  False: those that are. */
static bool is_for_compounds(const struct entry *entry, enum notation_part part, enum compound_part *ret_part)
{
    if (part == NOTATION_COMPOUND_END)
        *ret_part = COMPOUND_END;
    else if (part == NOTATION_COMPOUND_START)
        *ret_part = COMPOUND_START;
    else if (entry->type == ENTRY_CONTEXT && entry->row == CONTEXT_LEFT)
        *ret_part = COMPOUND_BLOCKER;
    else
        return false;
    return true;
}

/* An overlay's row replaces one of the same words; of two others the one that needs less counts. */
static bool replaces(const struct lexicon *lexicon, uint16_t row, uint16_t other)
{
    const struct trigger *trigger = &lexicon->triggers[row], *before = &lexicon->triggers[other];

    return trigger->origin.file != before->origin.file || trigger->needs < before->needs;
}

static void path_ended(struct lexicon *lexicon, uint32_t path, const struct entry *entry)
{
    struct gap_end *end = gaps_end(lexicon->gaps, path);

    if (entry->type == ENTRY_CUE)
        end->cue = (uint16_t)(entry->row + 1);
    else if (end->trigger == 0 || replaces(lexicon, entry->row, (uint16_t)(end->trigger - 1)))
        end->trigger = (uint16_t)(entry->row + 1);
}

/* The value under which these words are looked up, and whether they are still to be entered. */
static uint32_t value_of_part(struct loading *loading, const struct phrase_unit *units, size_t n, enum notation_part part,
                              bool *ret_is_new)
{
    struct lexicon *lexicon = loading->lexicon;
    uint32_t key[PHRASE_TOKENS_MAX], number;
    enum gap_role role = part == NOTATION_TAIL_END ? GAP_BEHIND_END : GAP_BEHIND;

    *ret_is_new = true;
    if (part == NOTATION_WHOLE)
        return loading->value;
    if (part == NOTATION_HEAD)
        role = loading->entry.is_exact ? GAP_HEAD_EXACT : GAP_HEAD;
    for (size_t i = 0; i < n; i++)
        key[i] = units[i].unit << 1 | units[i].is_optional;
    number = gaps_part(lexicon->gaps, (struct view){(const char *)key, n * sizeof *key}, role, ret_is_new);
    loading->path = gaps_enter(lexicon->gaps, loading->path, number);
    if (part == NOTATION_TAIL || part == NOTATION_TAIL_END)
        path_ended(lexicon, loading->path, &loading->entry);
    return !*ret_is_new ? 0 : entry_add(lexicon, (struct entry){.type = ENTRY_PART, .role = (uint8_t)role,
                                                                .part = role >= GAP_BEHIND ? number : loading->path,
                                                                .is_exact = role == GAP_HEAD_EXACT});
}

static enum status part_add(void *user, const struct notation_place *places, size_t n, enum notation_part part,
                            struct err *err)
{
    struct loading *loading = user;
    struct lexicon *lexicon = loading->lexicon;
    struct phrase_unit units[PHRASE_TOKENS_MAX];
    enum compound_part compound;
    uint32_t value;
    bool is_new;

    if (is_for_compounds(&loading->entry, part, &compound)) {
        for (size_t i = 0; i < places[0].word->n_forms; i++)
            compounds_add(lexicon->compounds, compound, places[0].word->forms[i], loading->value);
        return STATUS_OK;
    }
    for (size_t i = 0; i < n; i++) {
        struct notation_word *word = places[i].word;

        if (word->unit == 0 && phrases_unit(lexicon->phrases, word->forms, word->n_forms, &word->unit, err) != STATUS_OK)
            return table_fail(loading->row, err, "'%.*s' holds what is no word", VIEW_PRINT(loading->row.cells[0]));
        units[i] = (struct phrase_unit){word->unit, places[i].is_optional};
    }
    value = value_of_part(loading, units, n, part, &is_new);
    if (is_new && phrases_add_units(lexicon->phrases, units, n, value, err) != STATUS_OK)
        return table_fail(loading->row, err, "'%.*s' has no word, or too many", VIEW_PRINT(loading->row.cells[0]));
    return STATUS_OK;
}

static enum status phrase_load(struct loading *loading, struct table_row row, struct entry entry, struct err *err)
{
    struct view phrase = row.cells[0];

    if (entry.row >= ROWS_MAX)
        return table_fail(row, err, "more than %d rows in one language", ROWS_MAX);
    if (row.cells[0].size > 1 && row.cells[0].data[0] == '!') {
        entry.is_exact = true;
        phrase = view_slice(phrase, 1, phrase.size - 1);
    }
    loading->row = row;
    loading->entry = entry;
    loading->path = GAPS_START;
    if (!notation_has_gap(phrase))
        loading->value = entry_add(loading->lexicon, entry);
    return notation_read(loading->notation, row, phrase, part_add, loading, err);
}

static struct origin origin_of(struct lexicon *lexicon, struct table_row row)
{
    size_t file = 0;

    while (file < lexicon->n_files && strcmp(lexicon->files[file], row.file) != 0)
        file++;
    if (file == lexicon->n_files && file < FILES_MAX) {
        lexicon->files[file] = strdup(row.file);
        if (lexicon->files[file] == NULL)
            abort();
        lexicon->n_files++;
    }
    return (struct origin){.line = (uint16_t)(row.line < UINT16_MAX ? row.line : UINT16_MAX), .file = (uint8_t)file};
}

static enum status trigger_load(struct loading *loading, struct table_row row, struct err *err)
{
    struct lexicon *lexicon = loading->lexicon;
    struct trigger trigger;
    enum event_kind kind;
    enum event_mode mode;
    unsigned needs, roles;

    if (!event_kind_of(row.cells[1], &kind))
        return table_fail(row, err, "there is no kind '%.*s'", VIEW_PRINT(row.cells[1]));
    if (!event_mode_of(row.cells[2], &mode))
        return table_fail(row, err, "there is no mode '%.*s'", VIEW_PRINT(row.cells[2]));
    if (table_fraction(row, 3, &trigger.weight, err) != STATUS_OK)
        return STATUS_FATAL;
    if (!table_choice(row.cells[4], "nothing party pair cue", &needs))
        return table_fail(row, err, "needs is nothing, party, pair or cue, not '%.*s'", VIEW_PRINT(row.cells[4]));
    if (!table_choice(row.cells[5], "noun verb passive both", &roles))
        return table_fail(row, err, "roles is noun, verb, passive or both, not '%.*s'", VIEW_PRINT(row.cells[5]));
    trigger.kind = (uint8_t)kind;
    trigger.mode = (uint8_t)mode;
    trigger.needs = (uint8_t)needs;
    trigger.roles = (uint8_t)roles;
    trigger.is_own = row.is_overlay;
    trigger.origin = origin_of(lexicon, row);
    lexicon->triggers = grown(lexicon->triggers, lexicon->n_triggers, &lexicon->triggers_room, sizeof trigger);
    lexicon->triggers[lexicon->n_triggers] = trigger;
    return phrase_load(loading, row, (struct entry){.type = ENTRY_TRIGGER, .row = (uint16_t)lexicon->n_triggers++},
                       err);
}

static enum status reach_of(struct table_row row, uint8_t *ret_reach, struct err *err)
{
    struct view text = row.cells[3];
    unsigned reach = 0;

    if (table_choice(text, "clause next sentence", &reach)) {
        *ret_reach = (uint8_t)(REACH_CLAUSE + reach);
        return STATUS_OK;
    }
    for (size_t i = 0; i < text.size; i++)
        reach = text.data[i] >= '0' && text.data[i] <= '9' ? reach * 10 + (unsigned)(text.data[i] - '0') : 1000;
    if (text.size == 0 || reach >= REACH_CLAUSE)
        return table_fail(row, err, "reach is a number of words, clause, next or sentence, not '%.*s'",
                          VIEW_PRINT(text));
    *ret_reach = (uint8_t)reach;
    return STATUS_OK;
}

/* A cue that is no word of its own: "س-" stands before the word it goes with. */
static enum status clitic_load(struct loading *loading, struct table_row row, uint16_t cue, struct err *err)
{
    struct lexicon *lexicon = loading->lexicon;
    struct view folded;

    arena_reset(loading->arena);
    folded = text_fold(loading->arena, view_slice(row.cells[0], 0, row.cells[0].size - 1));
    if (lexicon->n_clitics == CLITICS_MAX || folded.size == 0 || folded.size > sizeof lexicon->clitics[0].folded)
        return table_fail(row, err, "too many clitics, or one that is too long");
    memcpy(lexicon->clitics[lexicon->n_clitics].folded, folded.data, folded.size);
    lexicon->clitics[lexicon->n_clitics].size = folded.size;
    lexicon->clitics[lexicon->n_clitics++].cue = cue;
    return STATUS_OK;
}

/* What is written behind a name: "*-ом" in "Ираном".  Several are divided by "/". */
static enum status endings_load(struct loading *loading, struct table_row row, uint8_t kind, struct err *err)
{
    struct lexicon *lexicon = loading->lexicon;
    struct view rest = row.cells[0];

    while (rest.size > 0) {
        const char *slash = memchr(rest.data, '/', rest.size);
        struct view ending = view_slice(rest, 0, slash == NULL ? rest.size : (size_t)(slash - rest.data)), folded;

        rest = view_slice(rest, ending.size + (slash != NULL), rest.size - ending.size - (slash != NULL));
        arena_reset(loading->arena);
        folded = VIEW_NONE;
        if (ending.size > 2 && memcmp(ending.data, "*-", 2) == 0)
            folded = text_fold(loading->arena, view_slice(ending, 2, ending.size - 2));
        if (lexicon->n_endings == ENDINGS_MAX || folded.size == 0 || folded.size > sizeof lexicon->endings[0].folded
            || !cue_tells_role((enum cue_kind)kind))
            return table_fail(row, err, "endings say target, place, agent, between or with; at most %d, of %zu bytes",
                              ENDINGS_MAX, sizeof lexicon->endings[0].folded);
        memcpy(lexicon->endings[lexicon->n_endings].folded, folded.data, folded.size);
        lexicon->endings[lexicon->n_endings].size = folded.size;
        lexicon->endings[lexicon->n_endings++].kind = kind;
    }
    return STATUS_OK;
}

static enum status cue_load(struct loading *loading, struct table_row row, struct err *err)
{
    struct lexicon *lexicon = loading->lexicon;
    struct view phrase = row.cells[0];
    unsigned kind, side;
    struct cue cue;

    if (!table_choice(row.cells[1], "prevent unwanted negation denial ended failed hypothetical threatened demanded "
                    "announced feared never history pseudo boundary ground target place agent between with passive said "
                    "according accused past", &kind))
        return table_fail(row, err, "there is no cue '%.*s'", VIEW_PRINT(row.cells[1]));
    if (!table_choice(row.cells[2], "before after both", &side))
        return table_fail(row, err, "side is before, after or both, not '%.*s'", VIEW_PRINT(row.cells[2]));
    if (reach_of(row, &cue.reach, err) != STATUS_OK)
        return STATUS_FATAL;
    if (phrase.size > 1 && memcmp(phrase.data, "*-", 2) == 0)
        return endings_load(loading, row, (uint8_t)kind, err);
    cue.kind = (uint8_t)kind;
    cue.side = (uint8_t)side;
    cue.origin = origin_of(lexicon, row);
    lexicon->cues = grown(lexicon->cues, lexicon->n_cues, &lexicon->cues_room, sizeof cue);
    lexicon->cues[lexicon->n_cues] = cue;
    lexicon->has_postpositions |= cue.side == SIDE_AFTER && kind >= CUE_TARGET && kind <= CUE_WITH;
    if (phrase.size > 1 && phrase.data[phrase.size - 1] == '-')
        return clitic_load(loading, row, (uint16_t)lexicon->n_cues++, err);
    return phrase_load(loading, row, (struct entry){.type = ENTRY_CUE, .row = (uint16_t)lexicon->n_cues++}, err);
}

static enum status context_load(struct loading *loading, struct table_row row, struct err *err)
{
    unsigned kind;

    if (!table_choice(row.cells[1], "figure military actor topic culture left", &kind))
        return table_fail(row, err, "a context word is figure, military, actor, topic, culture or left, not '%.*s'",
                          VIEW_PRINT(row.cells[1]));
    return phrase_load(loading, row, (struct entry){.type = ENTRY_CONTEXT, .row = (uint16_t)kind}, err);
}

/* LANG + ending, NULL if there is no such file. */
static enum status companion_open(const struct stage_setup *setup, const char *tag, const char *ending, const char *columns,
                                  struct table **ret_table, struct err *err)
{
    char name[64];
    enum status status;

    snprintf(name, sizeof name, "escalation/%s%s", tag, ending);
    status = table_open(setup->source, name, columns, 1, ret_table, err);
    return status == STATUS_SKIP ? STATUS_OK : status;
}

/* All rows of LANG + ending; a file that does not exist has none. */
static enum status file_load(const struct stage_setup *setup, struct loading *loading, const char *ending,
                             const char *columns,
                             enum status (*load)(struct loading *loading, struct table_row row, struct err *err),
                             struct err *err)
{
    struct table *table = NULL;
    enum status status = companion_open(setup, loading->lexicon->tag, ending, columns, &table, err);

    for (size_t i = 0; table != NULL && i < table_size(table) && status == STATUS_OK; i++)
        status = load(loading, table_at(table, i), err);
    table_close(table);
    return status;
}

void lexicon_close(struct lexicon *lexicon)
{
    if (lexicon == NULL)
        return;
    phrases_free(lexicon->phrases);
    gaps_free(lexicon->gaps);
    free(lexicon->entries);
    free(lexicon->triggers);
    free(lexicon->cues);
    compounds_free(lexicon->compounds);
    for (size_t i = 0; i < lexicon->n_files; i++)
        free(lexicon->files[i]);
    free(lexicon);
}

enum status lexicon_open(const struct stage_setup *setup, const char *tag, struct lexicon **ret_lexicon, struct err *err)
{
    struct lexicon *lexicon = calloc(1, sizeof *lexicon);
    struct loading loading = {.lexicon = lexicon};
    enum status status;

    if (lexicon == NULL)
        return fail(err, STATUS_FATAL, "out of memory");
    snprintf(lexicon->tag, sizeof lexicon->tag, "%s", tag);
    lexicon->phrases = phrases_new();
    lexicon->gaps = gaps_new();
    lexicon->compounds = compounds_new();
    loading.arena = arena_new(1 << 12, 1 << 12);
    status = companion_open(setup, tag, ".forms.tsv", "class forms", &loading.classes, err);
    if (status == STATUS_OK)
        status = companion_open(setup, tag, ".sets.tsv", "set words", &loading.sets, err);
    loading.notation = notation_new(loading.classes, loading.sets);
    if (status == STATUS_OK)
        status = file_load(setup, &loading, ".context.tsv", "phrase context", context_load, err);
    if (status == STATUS_OK)
        status = file_load(setup, &loading, ".cues.tsv", "phrase cue side reach", cue_load, err);
    if (status == STATUS_OK)
        status = file_load(setup, &loading, ".tsv", "phrase kind mode weight needs roles", trigger_load, err);
    notation_free(loading.notation);
    table_close(loading.classes);
    table_close(loading.sets);
    arena_free(loading.arena);
    if (status != STATUS_OK) {
        lexicon_close(lexicon);
        return status;
    }
    phrases_freeze(lexicon->phrases);
    gaps_freeze(lexicon->gaps);
    *ret_lexicon = lexicon;
    return STATUS_OK;
}

/* ---- looking up ------------------------------------------------------------------------------------------------- */

/* "سيهاجم": what was stripped in front may say something; a conjunction may stand before it. */
static int32_t clitic_find(const struct lexicon *lexicon, const struct article *article, uint32_t first,
                           const struct form *form)
{
    struct view folded = token_folded(article, &article->tokens[first]);

    for (size_t i = 0; i < lexicon->n_clitics; i++) {
        size_t size = lexicon->clitics[i].size;

        if (form->prefix >= size
            && memcmp(folded.data + form->prefix - size, lexicon->clitics[i].folded, size) == 0)
            return lexicon->clitics[i].cue;
    }
    return -1;
}

enum cue_kind lexicon_clitic_role(const struct lexicon *lexicon, struct view prefix)
{
    static const char article[] = "ال"; /* its ل is no preposition */
    const size_t article_size = sizeof article - 1;

    if (prefix.size >= article_size && memcmp(prefix.data + prefix.size - article_size, article, article_size) == 0)
        prefix.size -= article_size;
    for (size_t i = 0; i < lexicon->n_clitics; i++) {
        size_t size = lexicon->clitics[i].size;
        enum cue_kind kind = (enum cue_kind)lexicon->cues[lexicon->clitics[i].cue].kind;

        if (cue_tells_role(kind) && prefix.size >= size
            && memcmp(prefix.data + prefix.size - size, lexicon->clitics[i].folded, size) == 0)
            return kind;
    }
    return CUE_KINDS;
}

bool lexicon_longest(const struct lexicon *lexicon, const struct article *article, uint32_t first, uint32_t end,
                     struct lexicon_match *ret_match)
{
    struct phrase_forms forms = {lexicon->has_clitics ? lexicon->tag : NULL, FORMS_WORD};
    struct phrase_match match;
    uint32_t entry;

    *ret_match = (struct lexicon_match){.clitic = -1};
    if (phrases_longest(lexicon->phrases, article, first, end, forms, &match)) {
        ret_match->n_tokens = match.n_tokens;
        ret_match->chain = match.chain;
        if (match.first.prefix > 0)
            ret_match->clitic = clitic_find(lexicon, article, first, &match.first);
        return true;
    }
    if (!compounds_find(lexicon->compounds, article, &article->tokens[first], &entry))
        return false;
    ret_match->compound = &lexicon->entries[entry];
    ret_match->n_tokens = 1;
    return true;
}

enum cue_kind lexicon_ending_role(const struct lexicon *lexicon, struct view ending)
{
    for (size_t i = 0; i < lexicon->n_endings; i++)
        if (view_equal(ending, (struct view){lexicon->endings[i].folded, lexicon->endings[i].size}))
            return (enum cue_kind)lexicon->endings[i].kind;
    return CUE_KINDS;
}

const struct entry *lexicon_next(const struct lexicon *lexicon, struct lexicon_match *match)
{
    const struct entry *compound = match->compound;
    uint32_t value;

    if (compound != NULL) {
        match->compound = NULL;
        return compound;
    }
    return phrases_next(lexicon->phrases, &match->chain, &value) ? &lexicon->entries[value] : NULL;
}

const struct gaps *lexicon_gaps(const struct lexicon *lexicon)
{
    return lexicon->gaps;
}

const struct trigger *lexicon_trigger(const struct lexicon *lexicon, uint16_t row)
{
    return &lexicon->triggers[row];
}

const struct cue *lexicon_cue(const struct lexicon *lexicon, uint16_t row)
{
    return &lexicon->cues[row];
}

void lexicon_set_traits(struct lexicon *lexicon, enum verb_place verb, bool has_clitics)
{
    lexicon->verb = verb;
    lexicon->has_clitics = has_clitics;
}

enum verb_place lexicon_verb(const struct lexicon *lexicon)
{
    return lexicon->verb;
}

bool lexicon_has_postpositions(const struct lexicon *lexicon)
{
    return lexicon->has_postpositions;
}

const char *lexicon_file(const struct lexicon *lexicon, struct origin origin)
{
    return origin.file < lexicon->n_files ? lexicon->files[origin.file] : lexicon->tag;
}
