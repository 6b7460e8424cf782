/*
 * stage: what every room of the house looks like from the corridor.
 *
 * A room is one descriptor with three lifetimes:
 *     open    once per knowledge snapshot: loads tables, which are read-only from then on and shared by all workers
 *     attach  once per worker and snapshot: scratch that no other thread sees
 *     run     once per article: no locks, no I/O, no log, and no malloc (the article has an arena)
 *
 * The order of the rooms is one table, stage_order (stage.c).  stage_order_check() proves that each room finds written
 * what it reads.
 */
#ifndef PROCESSORS_STAGE_H
#define PROCESSORS_STAGE_H

#include "processors/article.h"
#include "processors/languages.h"
#include "processors/options.h"
#include "processors/status.h"
#include "processors/table.h"

enum field {
    FIELD_MESSAGE = 1 << 0,
    FIELD_GIVEN = 1 << 1,
    FIELD_LINES = 1 << 2,
    FIELD_TOKENS = 1 << 3, /* folded, tokens, sentences */
    FIELD_LANGUAGES = 1 << 4, /* line.language */
    FIELD_PIECES = 1 << 5,
    FIELD_LANGUAGE = 1 << 6, /* article.language */
    FIELD_NAMES = 1 << 7, /* entities, names */
    FIELD_EVENTS = 1 << 8,
    FIELD_ENCODED = 1 << 9,
};

/* What open is given. */
struct stage_setup {
    const struct options *options;
    const struct languages *languages;
    struct table_source *source; /* its sum grows by each table that is read */
};

/* Something in a table that somebody should look at: of which kind ("collision"), and "FILE:LINE: …". */
typedef void stage_say(void *user, const char *kind, struct view text);

struct stage {
    const char *name;
    const char *summary; /* for --list-stages: what the room does, in one line */
    unsigned reads, writes; /* enum field */
    enum status (*open)(const struct stage_setup *setup, void **ret_tables, struct err *err); /* NULL: no tables */
    void (*close)(void *tables);
    enum status (*attach)(const void *tables, void **ret_scratch, struct err *err); /* NULL: no scratch */
    void (*detach)(void *scratch);
    enum status (*run)(const void *tables, void *scratch, struct article *article, struct err *err);
    void (*review)(const void *tables, stage_say *say, void *user); /* for `tocsin check`; NULL: nothing to say */
};

enum { STAGES = 8 };
extern const struct stage *const stage_order[STAGES];

/* STATUS_FATAL if a room reads what no room before it writes. */
enum status stage_order_check(struct err *err);

#endif
