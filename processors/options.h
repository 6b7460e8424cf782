/*
 * options: the settings that concern what is done to an article.
 *
 * Filled by the one settings table (consumer/settings) or by a test; copied by knowledge_open(), with its strings.
 */
#ifndef PROCESSORS_OPTIONS_H
#define PROCESSORS_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

enum input_format { INPUT_JSON, INPUT_TEXT, INPUT_HTML };
enum output_dropped { DROPPED_TEXT, DROPPED_KINDS, DROPPED_NONE };

/* The fields of news.raw that input.map.FIELD can read from another place. */
enum input_field {
    INPUT_ID, INPUT_URL, INPUT_SOURCE, INPUT_TITLE, INPUT_BODY, INPUT_HTML_FIELD, INPUT_PUBLISHED_AT, INPUT_FETCHED_AT,
    INPUT_LANGUAGE, INPUT_AUTHOR, INPUT_TAGS, INPUT_FIELDS
};

struct options {
    const char *data_dir;    /* the tables and models (processors/data) */
    const char *overlay_dir; /* NULL: none */
    enum input_format input_format;
    const char *input_map[INPUT_FIELDS]; /* dotted path ("content.text"; for text and html: a header's name); NULL: its own name */
    const char *input_timezone;          /* IANA name or "+03:00", for dates without a zone; NULL: UTC */
    size_t input_max_bytes;              /* a larger message is rejected as oversized; 0: 32 MiB */
    size_t output_max_bytes;             /* a larger output sheds `dropped`, then `extra`, then is rejected; 0: 900,000 */
    enum output_dropped output_dropped;
    bool escalation_tables_only; /* without what was learnt beside them */
};

/* "id", "url", … as in input.map.NAME */
const char *input_field_name(enum input_field field);

#endif
