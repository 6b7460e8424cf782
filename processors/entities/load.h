/*
 * entities_load: how the tables come to be, shared by tables.c (the dictionary), rows.c (files) and icu.c (CLDR).
 *
 * Ownership: all of it lives only while entities_tables_open() runs.
 */
#ifndef PROCESSORS_ENTITIES_LOAD_H
#define PROCESSORS_ENTITIES_LOAD_H

#include "processors/entities/tables.h"
#include "processors/table.h"

/* Open addressing from a hash to a number; doubling. */
struct load_index {
    uint64_t *keys; /* 0: free */
    uint32_t *values;
    size_t room, n;
};

struct region {
    char code[4]; /* as CLDR has it: "IR", "150" */
    uint32_t entity;
};

enum { FILE_LANGUAGES = 11 };

struct entities_load {
    language_id columns[FILE_LANGUAGES]; /* of the tables' language columns; LANGUAGE_UND: the house lacks it */
    language_id language;         /* of the file that is being read, if it has one */
    struct arena *arena;          /* reset after each spelling */
    struct load_index spellings;  /* folded spelling → its first alias; those with the same follow by alias.next */
    struct load_index ids;        /* id → index of known */
    struct load_index countries;  /* alpha-3 → country_index */
    struct region *regions;
    size_t n_regions;
    struct table_row row;         /* that is being read; file NULL: names come from ICU */
};

/* Where a value stands; ENTITY_NONE if it is new. */
uint32_t *load_index_at(struct load_index *index, uint64_t key);

/* Enters one spelling; the same spelling of the same entity only gains languages.  like.marks: ALIAS_SUPPORT,
 * ALIAS_EXACT, ALIAS_FRAME as read.  STATUS_REJECT: no phrase can be made of it, see phrases_add(). */
enum status entities_alias_add(struct entities_tables *tables, struct view text, struct alias like, struct err *err);

/* Enters one entity, whose id no other has.  country: alpha-3 or "-". */
enum status entities_known_add(struct entities_tables *tables, struct known known, struct view country,
                               struct err *err);

/* The entity of an id, or of the country of an alpha-3 code; ENTITY_NONE. */
uint32_t entities_known_find(const struct entities_tables *tables, struct view id);

/* Notes what `tocsin check` is to say of the row that is being read. */
void entities_remark(struct entities_tables *tables, enum entities_remark_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* rows.c: all files below data/entities.  icu.c: names of all countries in the languages of the house. */
enum status entities_rows_load(struct entities_tables *tables, const struct stage_setup *setup, struct err *err);
enum status entities_icu_load(struct entities_tables *tables, struct err *err);

#endif
