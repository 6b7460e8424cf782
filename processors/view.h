/*
 * view: bytes that somebody else owns.
 *
 * Passed by value, never terminated by a NUL, valid as long as its owner says.  An absent value has data == NULL;
 * an empty one has not.
 */
#ifndef PROCESSORS_VIEW_H
#define PROCESSORS_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct view {
    const char *data;
    size_t size; /* bytes */
};

#define VIEW(literal) ((struct view){(literal), sizeof(literal) - 1})
#define VIEW_NONE ((struct view){NULL, 0})

/* For printf: "%.*s", VIEW_PRINT(view) */
#define VIEW_PRINT(view) (int)(view).size, (view).data == NULL ? "" : (view).data

static inline struct view view_of(const char *string)
{
    return (struct view){string, string == NULL ? 0 : strlen(string)};
}

static inline bool view_equal(struct view a, struct view b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

static inline bool view_is(struct view a, const char *string)
{
    return view_equal(a, view_of(string));
}

/* Where to begin to walk over it: also an absent view has an address then, to which 0 may be added. */
static inline const char *view_begin(struct view view)
{
    return view.data == NULL ? "" : view.data;
}

static inline struct view view_slice(struct view whole, size_t start, size_t size)
{
    return (struct view){whole.data + start, size};
}

/* Without the ASCII white space at both ends. */
static inline struct view view_trim(struct view view)
{
    while (view.size > 0 && strchr(" \t\r\n\f\v", view.data[0]) != NULL && view.data[0] != '\0')
        view.data++, view.size--;
    while (view.size > 0 && strchr(" \t\r\n\f\v", view.data[view.size - 1]) != NULL && view.data[view.size - 1] != '\0')
        view.size--;
    return view;
}

#endif
