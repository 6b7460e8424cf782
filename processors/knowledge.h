/*
 * knowledge: all tables of all rooms, as one immutable snapshot.
 *
 * Opening reads and checks everything and may take some hundred milliseconds; using it takes no lock.  Whoever holds
 * a reference may use it; the last one to let go frees it.  To change the words while articles are under way, open a
 * new snapshot and hand it to the next batch: those under way keep the one they began with.
 *
 * Thread-safety: knowledge_ref() and knowledge_unref() may be called from any thread; all else is read-only.
 */
#ifndef PROCESSORS_KNOWLEDGE_H
#define PROCESSORS_KNOWLEDGE_H

#include "processors/languages.h"
#include "processors/options.h"
#include "processors/stage.h"
#include "processors/status.h"

struct knowledge;

/* Errors: STATUS_FATAL with the file and line of the first bad row. */
enum status knowledge_open(const struct options *options, struct knowledge **ret_knowledge, struct err *err);
struct knowledge *knowledge_ref(struct knowledge *knowledge);
void knowledge_unref(struct knowledge *knowledge); /* NULL is fine */

/* 16 hex digits over all tables that were read: equal versions hold equal words. */
const char *knowledge_version(const struct knowledge *knowledge);
const struct languages *knowledge_languages(const struct knowledge *knowledge);
const void *knowledge_tables(const struct knowledge *knowledge, size_t stage_index);
/* What is doubtful in the tables, room by room. */
void knowledge_review(const struct knowledge *knowledge, stage_say *say, void *user);
const struct options *knowledge_options(const struct knowledge *knowledge);

#endif
