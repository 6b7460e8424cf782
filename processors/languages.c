#include "processors/languages.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

struct language {
    char code[12];
    char name[40];
    enum script script;
};

struct languages {
    size_t n;
    struct language rows[LANGUAGES_MAX];
};

static const char *const scripts[SCRIPTS] = {
    "Zyyy", "Latn", "Arab", "Cyrl", "Hebr", "Grek", "Hani", "Kana", "Hang", "Thai", "Deva", "Beng", "Armn", "Geor",
    "Ethi", "Taml", "Telu", "Gujr", "Guru", "Knda", "Mlym", "Sinh", "Khmr", "Laoo", "Mymr", "Tibt", "Zzzz", "Hans", "Hant",
};

static enum status read_row(struct languages *languages, struct table_row row, struct err *err)
{
    struct language *language = &languages->rows[languages->n];

    if (languages->n == LANGUAGES_MAX)
        return table_fail(row, err, "more than %d languages", LANGUAGES_MAX - 1);
    if (row.cells[0].size == 0 || row.cells[0].size >= sizeof language->code)
        return table_fail(row, err, "'%.*s' is not a language code", VIEW_PRINT(row.cells[0]));
    if (!script_of_code(row.cells[2], &language->script))
        return table_fail(row, err, "unknown script '%.*s'", VIEW_PRINT(row.cells[2]));
    snprintf(language->code, sizeof language->code, "%.*s", VIEW_PRINT(row.cells[0]));
    snprintf(language->name, sizeof language->name, "%.*s", VIEW_PRINT(row.cells[1]));
    for (size_t i = 0; i < languages->n; i++)
        if (strcasecmp(languages->rows[i].code, language->code) == 0)
            return table_fail(row, err, "'%s' stands twice", language->code);
    languages->n++;
    return STATUS_OK;
}

enum status languages_open(struct table_source *source, struct languages **ret_languages, struct err *err)
{
    struct languages *languages = calloc(1, sizeof *languages);
    struct table *table = NULL;
    enum status status;

    if (languages == NULL)
        return fail(err, STATUS_FATAL, "out of memory");
    languages->rows[languages->n++] = (struct language){"und", "undetermined", SCRIPT_NONE};
    status = table_open(source, "languages.tsv", "code name script", 1, &table, err);
    for (size_t i = 0; status == STATUS_OK && i < table_size(table); i++)
        status = read_row(languages, table_at(table, i), err);
    table_close(table);
    if (status != STATUS_OK) {
        languages_close(languages);
        return STATUS_FATAL;
    }
    *ret_languages = languages;
    return STATUS_OK;
}

void languages_close(struct languages *languages)
{
    free(languages);
}

size_t languages_count(const struct languages *languages)
{
    return languages->n;
}

const char *language_code(const struct languages *languages, language_id language)
{
    return languages->rows[language].code;
}

const char *language_name(const struct languages *languages, language_id language)
{
    return languages->rows[language].name;
}

enum script language_script(const struct languages *languages, language_id language)
{
    return languages->rows[language].script;
}

language_id language_of(const struct languages *languages, struct view tag)
{
    while (tag.size > 0) {
        for (size_t i = 1; i < languages->n; i++)
            if (strlen(languages->rows[i].code) == tag.size
                && strncasecmp(languages->rows[i].code, tag.data, tag.size) == 0)
                return (language_id)i;
        do
            tag.size--;
        while (tag.size > 0 && tag.data[tag.size] != '-' && tag.data[tag.size] != '_');
    }
    return LANGUAGE_UND;
}

const char *script_code(enum script script)
{
    return scripts[script];
}

bool script_of_code(struct view code, enum script *ret_script)
{
    for (size_t i = 0; i < SCRIPTS; i++)
        if (view_is(code, scripts[i])) {
            *ret_script = (enum script)i;
            return true;
        }
    return false;
}
