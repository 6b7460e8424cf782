#include "processors/escalation/lexicons.h"

#include "processors/escalation/classifier.h"
#include "processors/parallel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A language whose tables are read, apart from the others: each by whichever thread is free. */
struct opening {
    char name[16];
    language_id id;
    size_t bytes; /* of its triggers */
    uint64_t sum; /* of its tables */
    enum status status;
    struct err err;
};

struct openings {
    const struct stage_setup *setup;
    struct lexicons *lexicons;
    struct opening all[LANGUAGES_MAX];
    size_t n;
};

/* "de" is a lexicon; "de.cues" and "any.turns" are companions of one. */
static enum status language_found(void *user, const char *name, struct err *err)
{
    struct openings *openings = user;
    struct opening opening = {.status = STATUS_OK};
    char file[32];
    size_t at = openings->n;

    if (strchr(name, '.') != NULL)
        return STATUS_OK;
    opening.id = language_of(openings->setup->languages, view_of(name));
    if (opening.id == LANGUAGE_UND || strcmp(language_code(openings->setup->languages, opening.id), name) != 0)
        return fail(err, STATUS_FATAL, "escalation/%s.tsv: there is no language '%s' in languages.tsv", name, name);
    snprintf(opening.name, sizeof opening.name, "%s", name);
    snprintf(file, sizeof file, "escalation/%s.tsv", name);
    opening.bytes = table_bytes(openings->setup->source, file);
    /* The largest first: it takes most while it is made, so it is made when there is least beside it. */
    for (; at > 0 && openings->all[at - 1].bytes < opening.bytes; at--)
        openings->all[at] = openings->all[at - 1];
    openings->all[at] = opening;
    openings->n++;
    return STATUS_OK;
}

static void tables_open(void *user, size_t i)
{
    struct openings *openings = user;
    struct opening *opening = &openings->all[i];
    struct table_source source = *openings->setup->source;
    struct stage_setup setup = *openings->setup;

    source.sum = 0;
    setup.source = &source;
    opening->status = lexicon_open(&setup, opening->name, &openings->lexicons->of[opening->id], &opening->err);
    opening->sum = source.sum;
    memory_trim(); /* making them took several times what they hold */
}

/* When all tables are there, for making those is what takes most memory. */
static void model_open(void *user, size_t i)
{
    struct openings *openings = user;
    struct opening *opening = &openings->all[i];
    struct table_source source = *openings->setup->source;

    if (opening->status != STATUS_OK)
        return;
    source.sum = opening->sum;
    opening->status = classifier_open(&source, opening->name, &openings->lexicons->classifiers[opening->id], &opening->err);
    if (opening->status == STATUS_SKIP)
        opening->status = STATUS_OK;
    opening->sum = source.sum;
}

/* All languages.  What fails first in their order is told, whichever was first in time. */
static enum status languages_read(const struct stage_setup *setup, struct lexicons *lexicons, struct err *err)
{
    struct openings openings = {.setup = setup, .lexicons = lexicons};
    enum status status = table_list(setup->source, "escalation", language_found, &openings, err);

    if (status != STATUS_OK)
        return status;
    parallel_for(openings.n, tables_open, &openings);
    if (!setup->options->escalation_tables_only)
        parallel_for(openings.n, model_open, &openings);
    for (size_t i = 0; i < openings.n; i++) {
        if (openings.all[i].status != STATUS_OK) {
            if (err != NULL)
                *err = openings.all[i].err;
            return openings.all[i].status;
        }
        table_source_add(setup->source, openings.all[i].sum);
    }
    return STATUS_OK;
}

/* from, when, to, mode: "*escalation" and "*deescalation" stand for all kinds of that direction; later rows win. */
static enum status turns_load(struct lexicons *lexicons, struct table_row row, struct err *err)
{
    unsigned all = 0;
    enum event_kind from = KIND_ATTACK, to;
    enum event_mode mode;
    unsigned when = TURN_FAILED;
    struct turn turn = {.set = true, .kind = -1, .mode = -1};

    if (!table_choice(row.cells[0], "*escalation *deescalation", &all)) {
        all = 2;
        if (!event_kind_of(row.cells[0], &from))
            return table_fail(row, err, "there is no kind '%.*s'", VIEW_PRINT(row.cells[0]));
    }
    if (event_mode_of(row.cells[1], &mode))
        when = mode;
    else if (!view_is(row.cells[1], "failed"))
        return table_fail(row, err, "there is no mode '%.*s'", VIEW_PRINT(row.cells[1]));
    if (event_mode_of(row.cells[3], &mode))
        turn.mode = (int16_t)mode;
    else if (!view_is(row.cells[3], "="))
        return table_fail(row, err, "there is no mode '%.*s'", VIEW_PRINT(row.cells[3]));
    if (!view_is(row.cells[2], "none")) {
        if (!event_kind_of(row.cells[2], &to))
            return table_fail(row, err, "there is no kind '%.*s'", VIEW_PRINT(row.cells[2]));
        turn.kind = (int16_t)to;
    }
    for (unsigned k = 0; k < EVENT_KINDS; k++)
        if (all == 2 ? k == from : event_kind_escalates((enum event_kind)k) == (all == 0))
            lexicons->turns[k][when] = turn;
    return STATUS_OK;
}

static enum status modes_load(struct lexicons *lexicons, struct table_row row, struct err *err)
{
    enum event_mode mode;

    if (!event_mode_of(row.cells[0], &mode))
        return table_fail(row, err, "there is no mode '%.*s'", VIEW_PRINT(row.cells[0]));
    return table_fraction(row, 1, &lexicons->factors[mode], err);
}

static enum status traits_load(struct lexicons *lexicons, struct table_row row, struct err *err)
{
    language_id id = language_of(lexicons->languages, row.cells[0]);
    unsigned verb, clitics;

    if (!table_choice(row.cells[1], "middle first last", &verb) || !table_choice(row.cells[2], "no yes", &clitics))
        return table_fail(row, err, "a trait is a language, where its verb stands (middle, first, last), and clitics (yes, no)");
    if (id == LANGUAGE_UND || lexicons->of[id] == NULL)
        return STATUS_OK;
    lexicon_set_traits(lexicons->of[id], (enum verb_place)verb, clitics == 1);
    return STATUS_OK;
}

static enum status shared_load(const struct stage_setup *setup, struct lexicons *lexicons, const char *name,
                               const char *columns, unsigned n_key,
                               enum status (*load)(struct lexicons *, struct table_row, struct err *), struct err *err)
{
    struct table *table;
    enum status status = table_open(setup->source, name, columns, n_key, &table, err);

    if (status != STATUS_OK)
        return STATUS_FATAL;
    for (size_t i = 0; i < table_size(table) && status == STATUS_OK; i++)
        status = load(lexicons, table_at(table, i), err);
    table_close(table);
    return status;
}

enum status lexicons_open(const struct stage_setup *setup, struct lexicons **ret_lexicons, struct err *err)
{
    struct lexicons *lexicons = calloc(1, sizeof *lexicons);
    enum status status;

    if (lexicons == NULL)
        return fail(err, STATUS_FATAL, "out of memory");
    lexicons->languages = setup->languages;
    status = languages_read(setup, lexicons, err);
    if (status == STATUS_OK)
        status = shared_load(setup, lexicons, "escalation/any.turns.tsv", "from when to mode", 2, turns_load, err);
    if (status == STATUS_OK)
        status = shared_load(setup, lexicons, "escalation/any.modes.tsv", "mode factor", 1, modes_load, err);
    if (status == STATUS_OK)
        status = shared_load(setup, lexicons, "escalation/any.traits.tsv", "language verb clitics", 1, traits_load,
                             err);
    if (status != STATUS_OK) {
        lexicons_close(lexicons);
        return STATUS_FATAL;
    }
    *ret_lexicons = lexicons;
    return STATUS_OK;
}

void lexicons_close(struct lexicons *lexicons)
{
    if (lexicons == NULL)
        return;
    for (size_t i = 0; i < LANGUAGES_MAX; i++) {
        lexicon_close(lexicons->of[i]);
        classifier_close(lexicons->classifiers[i]);
    }
    free(lexicons);
}
