#include "processors/entities/load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

enum { WORD_LANGUAGES = 10, MAIN_LANGUAGES = 10 };

/* Tables of names end in these columns, one cell a language; those of words (spellings, cues, frames) lack the last. */
#define WORD_COLUMNS "de ar en fr ru fa he tr es uk"
static const char *const file_languages[FILE_LANGUAGES] = {"de", "ar", "en", "fr", "ru", "fa", "he", "tr", "es", "uk",
                                                           "zh"};

/* Whose spellings a row holds. */
struct row_names {
    uint32_t entity;
    enum name_form form;
    enum cue cue;
    int n_languages;
};

typedef enum status row_reader(struct entities_tables *tables, struct table_row row, struct err *err);

static bool is_absent(struct view cell)
{
    return cell.size == 0 || view_is(cell, "-");
}

/* Where a spelling of the cell of one language holds: there, and if it is a name in every language whose own cell is
 * empty.  Peoples and cues are words, and words of one language are others in the next. */
static void languages_of_cell(const struct entities_tables *tables, const struct view *cells, int column, int n,
                              struct alias *alias)
{
    language_id own = tables->load->columns[column];

    if (alias->cue != CUE_NONE || alias->form == FORM_DEMONYM) {
        alias->languages[own / 32] |= 1u << own % 32;
        return;
    }
    memset(alias->languages, 0xff, sizeof alias->languages);
    for (int i = 0; i < n; i++) {
        language_id language = tables->load->columns[i];
        if (i != column && cells[i].size > 0 && language != LANGUAGE_UND)
            alias->languages[language / 32] &= ~(1u << language % 32);
    }
}

/* The next of "Name|Other|?Marked"; false behind the last. */
static bool next_spelling(struct view *rest, struct view *ret_text, uint8_t *ret_marks)
{
    const char *bar;
    struct view text;

    if (rest->size == 0)
        return false;
    bar = memchr(rest->data, '|', rest->size);
    text = bar == NULL ? *rest : view_slice(*rest, 0, (size_t)(bar - rest->data));
    *rest = bar == NULL ? VIEW_NONE : view_slice(*rest, text.size + 1, rest->size - text.size - 1);
    text = view_trim(text);
    *ret_marks = 0;
    while (text.size > 0 && (text.data[0] == '?' || text.data[0] == '=' || text.data[0] == '~')) {
        uint8_t mark = text.data[0] == '?' ? ALIAS_SUPPORT : text.data[0] == '~' ? ALIAS_FRAME : ALIAS_EXACT;
        *ret_marks |= (*ret_marks & mark) != 0 ? mark | ALIAS_FAINT : mark;
        text = view_slice(text, 1, text.size - 1);
    }
    *ret_text = text;
    return true;
}

/* Rows of small towns, which a tool made, are as complete as their source. */
static bool is_faint(const struct view *cells, int n)
{
    for (int i = 0; i < n; i++)
        if (cells[i].size > 2 && memcmp(cells[i].data, "??", 2) == 0)
            return true;
    return false;
}

/* All spellings of one cell.  is_lenient: those that are too long for a phrase are left out. */
static enum status add_cell(struct entities_tables *tables, struct table_row row, struct view cell, const char *tag,
                            struct alias like, bool is_lenient, struct err *err)
{
    struct view text;

    while (next_spelling(&cell, &text, &like.marks)) {
        struct err cause = {0};
        enum status status;

        if (text.size == 0)
            return table_fail(row, err, "an empty name in the cell of %s", tag);
        status = entities_alias_add(tables, text, like, &cause);
        if (status != STATUS_OK && !(status == STATUS_REJECT && is_lenient))
            return table_fail(row, err, "%s", cause.text);
    }
    return STATUS_OK;
}

static enum status add_cells(struct entities_tables *tables, struct table_row row, const struct view *cells,
                             struct row_names names, struct err *err)
{
    bool is_asked = names.cue == CUE_NONE && names.form == FORM_NAME && !is_faint(cells, names.n_languages);

    for (int column = 0; column < names.n_languages; column++) {
        struct alias like = {.entity = names.entity, .form = (uint8_t)names.form, .cue = (uint8_t)names.cue};
        bool is_lenient = column >= MAIN_LANGUAGES; /* signs are words of their own: a long name in Chinese may be too long */

        if (is_absent(cells[column])) {
            if (column < MAIN_LANGUAGES && is_asked)
                entities_remark(tables, REMARK_MISSING, "no name in %s", file_languages[column]);
            continue;
        }
        if (tables->load->columns[column] == LANGUAGE_UND)
            continue;
        languages_of_cell(tables, cells, column, names.n_languages, &like);
        if (add_cell(tables, row, cells[column], file_languages[column], like, is_lenient, err) != STATUS_OK)
            return STATUS_FATAL;
    }
    return STATUS_OK;
}

static enum status read_type(struct table_row row, struct view cell, struct known *known, struct err *err)
{
    enum entity_type type;

    if (!entity_type_of(cell, &type))
        return table_fail(row, err, "'%.*s' is not a type: PERSON, ORG, GPE or LOC", VIEW_PRINT(cell));
    known->type = (uint8_t)type;
    return STATUS_OK;
}

static enum status read_acts(struct table_row row, struct view cell, struct known *known, struct err *err)
{
    static const char *const names[] = {"-", "state", "group", "body", "media"};

    if (cell.size == 0)
        cell = VIEW("-");
    for (uint8_t acts = 0; acts < sizeof names / sizeof *names; acts++)
        if (view_is(cell, names[acts])) {
            known->acts = acts;
            known->is_state = acts == ACTS_STATE;
            return STATUS_OK;
        }
    return table_fail(row, err, "'%.*s' is none of state, group, body, media and -", VIEW_PRINT(cell));
}

static enum status add_known(struct entities_tables *tables, struct table_row row, struct known known,
                             struct view country, struct err *err)
{
    struct err cause = {0};

    return entities_known_add(tables, known, country, &cause) == STATUS_OK ? STATUS_OK
                                                                          : table_fail(row, err, "%s", cause.text);
}

/* region alpha3 id type acts name source */
static enum status read_country(struct entities_tables *tables, struct table_row row, struct err *err)
{
    struct known known = {.id = row.cells[2], .name = row.cells[5]};
    struct region *region = &tables->load->regions[tables->load->n_regions];
    uint32_t entity = (uint32_t)tables->n_known;

    if (row.cells[0].size == 0 || row.cells[0].size >= sizeof region->code)
        return table_fail(row, err, "'%.*s' is not a region code", VIEW_PRINT(row.cells[0]));
    if (read_type(row, row.cells[3], &known, err) != STATUS_OK || read_acts(row, row.cells[4], &known, err) != STATUS_OK
        || add_known(tables, row, known, row.cells[1], err) != STATUS_OK)
        return STATUS_FATAL;
    *region = (struct region){.entity = entity};
    memcpy(region->code, row.cells[0].data, row.cells[0].size);
    tables->load->n_regions++;
    if (!is_absent(row.cells[1]))
        *load_index_at(&tables->load->ids, XXH3_64bits(row.cells[1].data, row.cells[1].size)) = entity;
    return STATUS_OK;
}

/* id type country acts name source, languages */
static enum status read_known(struct entities_tables *tables, struct table_row row, struct err *err)
{
    struct known known = {.id = row.cells[0], .name = row.cells[4]};
    struct row_names names = {.entity = (uint32_t)tables->n_known, .n_languages = FILE_LANGUAGES};

    if (read_type(row, row.cells[1], &known, err) != STATUS_OK || read_acts(row, row.cells[3], &known, err) != STATUS_OK
        || add_known(tables, row, known, row.cells[2], err) != STATUS_OK)
        return STATUS_FATAL;
    if (known.id.data[0] == 'Q' && is_absent(row.cells[5]))
        return table_fail(row, err, "%.*s was seen nowhere: name its source, or use t:slug", VIEW_PRINT(known.id));
    return add_cells(tables, row, row.cells + 6, names, err);
}

static bool form_of(struct view name, enum name_form *ret_form)
{
    for (enum name_form form = FORM_NAME; form <= FORM_TITLE; form++)
        if (view_is(name, name_form_name(form))) {
            *ret_form = form;
            return true;
        }
    return false;
}

/* id form, languages: more spellings of what has a row already */
static enum status read_spellings(struct entities_tables *tables, struct table_row row, struct err *err)
{
    struct row_names names = {.entity = entities_known_find(tables, row.cells[0]), .n_languages = WORD_LANGUAGES};

    if (names.entity == ENTITY_NONE)
        return table_fail(row, err, "'%.*s' has no row", VIEW_PRINT(row.cells[0]));
    if (!form_of(row.cells[1], &names.form))
        return table_fail(row, err, "'%.*s' is not a form: name, demonym or metonym", VIEW_PRINT(row.cells[1]));
    return add_cells(tables, row, row.cells + 2, names, err);
}

static enum cue cue_of(struct view name)
{
    static const char *const cues[] = {"", "office", "title", "org_before", "org_after", "given", "particle", "stop"};

    for (size_t i = 1; i < sizeof cues / sizeof *cues; i++)
        if (view_is(name, cues[i]))
            return (enum cue)i;
    return CUE_NONE;
}

/* cue, languages */
static enum status read_cue(struct entities_tables *tables, struct table_row row, struct err *err)
{
    struct row_names names = {.entity = ENTITY_NONE, .cue = cue_of(row.cells[0]), .n_languages = WORD_LANGUAGES};

    if (names.cue == CUE_NONE)
        return table_fail(row, err, "'%.*s' is not a cue", VIEW_PRINT(row.cells[0]));
    return add_cells(tables, row, row.cells + 1, names, err);
}

/* frame, languages */
static enum status read_frame(struct entities_tables *tables, struct table_row row, struct err *err)
{
    static const char *const kinds[] = {"place", "before", "after"};
    unsigned kind = 0;

    while (kind < sizeof kinds / sizeof *kinds && !view_is(row.cells[0], kinds[kind]))
        kind++;
    if (kind == sizeof kinds / sizeof *kinds)
        return table_fail(row, err, "'%.*s' is not a frame: place, before or after", VIEW_PRINT(row.cells[0]));
    for (int column = 0; column < WORD_LANGUAGES; column++) {
        struct view rest = is_absent(row.cells[1 + column]) ? VIEW_NONE : row.cells[1 + column], text;
        language_id language = tables->load->columns[column];
        uint8_t marks;

        while (language != LANGUAGE_UND && next_spelling(&rest, &text, &marks))
            if (phrases_add(tables->frames, text, (uint32_t)language << 2 | kind, err) != STATUS_OK)
                return table_fail(row, err, "'%.*s' is no word", VIEW_PRINT(text));
    }
    return STATUS_OK;
}

/* id form spellings, or a cue "cue" and its words: a language beyond those of the columns has a file of its own */
static enum status read_language(struct entities_tables *tables, struct table_row row, struct err *err)
{
    language_id own = tables->load->language;
    struct alias like = {.entity = ENTITY_NONE};
    enum name_form form = FORM_NAME;

    if (view_is(row.cells[1], "cue"))
        like.cue = (uint8_t)cue_of(row.cells[0]);
    else if (form_of(row.cells[1], &form))
        like.entity = entities_known_find(tables, row.cells[0]);
    else
        return table_fail(row, err, "'%.*s' is not a form: name, demonym, metonym or cue", VIEW_PRINT(row.cells[1]));
    if (like.cue == CUE_NONE && like.entity == ENTITY_NONE) { /* an overlay may have taken it away */
        entities_remark(tables, REMARK_MISSING, "'%.*s' has no row and is no cue", VIEW_PRINT(row.cells[0]));
        return STATUS_OK;
    }
    like.form = (uint8_t)form;
    like.languages[own / 32] |= 1u << own % 32;
    return add_cell(tables, row, row.cells[2], language_code(tables->languages, own), like, false, err);
}

static enum status read_file(struct entities_tables *tables, const struct stage_setup *setup, const char *name,
                             const char *columns, unsigned n_key, row_reader *read, struct err *err)
{
    struct table *table = NULL;
    enum status status = table_open(setup->source, name, columns, n_key, &table, err);

    if (status == STATUS_OK && read == read_country) {
        tables->load->regions = calloc(table_size(table) + 1, sizeof *tables->load->regions);
        if (tables->load->regions == NULL)
            abort();
    }
    for (size_t i = 0; status == STATUS_OK && i < table_size(table); i++) {
        tables->load->row = table_at(table, i);
        status = read(tables, tables->load->row, err);
    }
    table_close(table);
    return status == STATUS_OK ? STATUS_OK : STATUS_FATAL;
}

struct reading {
    struct entities_tables *tables;
    const struct stage_setup *setup;
};

static enum status read_one_known(void *user, const char *name, struct err *err)
{
    struct reading *reading = user;
    char path[256];

    snprintf(path, sizeof path, "entities/known/%s.tsv", name);
    return read_file(reading->tables, reading->setup, path, "id type country acts name source " WORD_COLUMNS " zh", 1,
                     read_known, err);
}

static enum status read_one_language(void *user, const char *name, struct err *err)
{
    struct reading *reading = user;
    char path[256];

    snprintf(path, sizeof path, "entities/languages/%s.tsv", name);
    reading->tables->load->language = language_of(reading->tables->languages, view_of(name));
    if (reading->tables->load->language == LANGUAGE_UND)
        return fail(err, STATUS_FATAL, "%s: '%s' is no language of languages.tsv", path, name);
    return read_file(reading->tables, reading->setup, path, "id form spellings", 2, read_language, err);
}

enum status entities_rows_load(struct entities_tables *tables, const struct stage_setup *setup, struct err *err)
{
    struct reading reading = {tables, setup};

    for (int i = 0; i < FILE_LANGUAGES; i++)
        tables->load->columns[i] = language_of(tables->languages, view_of(file_languages[i]));
    static const char country_columns[] = "region alpha3 id type acts name source";
    static const char spellings[] = "id form " WORD_COLUMNS;

    if (read_file(tables, setup, "entities/countries.tsv", country_columns, 1, read_country, err) != STATUS_OK
        || table_list(setup->source, "entities/known", read_one_known, &reading, err) != STATUS_OK
        || read_file(tables, setup, "entities/spellings.tsv", spellings, 2, read_spellings, err) != STATUS_OK
        || read_file(tables, setup, "entities/demonyms.tsv", spellings, 2, read_spellings, err) != STATUS_OK
        || read_file(tables, setup, "entities/cues.tsv", "cue " WORD_COLUMNS, 1, read_cue, err) != STATUS_OK
        || read_file(tables, setup, "entities/frames.tsv", "frame " WORD_COLUMNS, 1, read_frame, err) != STATUS_OK
        || table_list(setup->source, "entities/languages", read_one_language, &reading, err) != STATUS_OK)
        return STATUS_FATAL;
    return STATUS_OK;
}
