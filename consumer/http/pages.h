/*
 * pages: what is answered on each path.
 *
 *     /livez     200 "alive", or 503 and the loops that stand
 *     /readyz    200 "ready", or 503 and what it waits for, one line each
 *     /metrics   Prometheus' text format
 *     /version   JSON: versions of the program, its libraries and its tables
 *
 * Nothing here tells a secret: no settings but topic and group names, and the addresses of servers.
 *
 * Thread-safety: any thread.
 */
#ifndef CONSUMER_HTTP_PAGES_H
#define CONSUMER_HTTP_PAGES_H

#include "consumer/corridor/watch.h"
#include "consumer/http/exposition.h"

struct page {
    const char *path;
    const char *content_type;
    /* watch == NULL: there is no engine yet, or none any more.  Returns the HTTP status. */
    unsigned (*write)(struct watch *watch, struct exposition *text);
};
extern const struct page http_pages[]; /* ended by path == NULL */

#endif
