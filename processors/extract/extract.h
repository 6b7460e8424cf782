/*
 * extract: makes lines of what came: title, plain text or a page.
 *
 * Reads given, writes article->buffer and lines: the title first (LINE_TITLE), then one line a paragraph, each valid
 * UTF-8 in NFC, cleaned and repaired as lines.h says.
 *
 *     body is plain text     its lines are the lines
 *     body has markup in it  is read as a page (also if the markup is escaped: "&lt;p&gt;")
 *     body is empty          html is read as a page (html.h): blocks, link share, class names
 *     both are there         body is the article, html only fills in what the message lacks
 *
 * A page gives title, author, date, canonical url and language where the message has none.
 *
 * Errors: STATUS_REJECT "invalid" if no readable text is left at all.
 * Thread-safety: tables are read-only; the scratch (the zone of dates) belongs to one worker.
 */
#ifndef PROCESSORS_EXTRACT_EXTRACT_H
#define PROCESSORS_EXTRACT_EXTRACT_H

#include "processors/stage.h"

extern const struct stage extract_stage;

#endif
