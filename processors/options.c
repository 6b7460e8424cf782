#include "processors/options.h"

const char *input_field_name(enum input_field field)
{
    static const char *const names[INPUT_FIELDS] = {
        "id", "url", "source", "title", "body", "html", "published_at", "fetched_at", "language", "author", "tags",
    };

    return names[field];
}
