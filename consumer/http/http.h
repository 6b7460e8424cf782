/*
 * http: a small server for those who watch: Prometheus, an orchestrator's probes, a human with curl.
 *
 *     http_open(settings, &http, &err);        listens from before the first connection to Kafka
 *     http_watch(http, engine_watch(engine));  there is something to tell
 *     http_watch(http, NULL);                  before the engine is freed
 *     http_close(http);
 *
 * One thread of libmicrohttpd polls all connections; it takes no lock that the stream waits for longer than a look at a
 * few numbers.  Connections are limited in number, each address's share too, and in the time they may stay silent, so
 * that strangers can take neither descriptors nor memory from the stream.  It reads nothing but the first line: GET and
 * HEAD of a few paths.
 *
 * Thread-safety: http_watch() from any thread; it returns when no answer uses the old one any more.
 */
#ifndef CONSUMER_HTTP_HTTP_H
#define CONSUMER_HTTP_HTTP_H

#include "consumer/corridor/watch.h"
#include "consumer/settings/settings.h"

struct http;

/* ret_http is NULL if http.listen is empty, which the others accept.
 * Errors: STATUS_RETRY if somebody else listens there, STATUS_FATAL if it cannot be listened to. */
enum status http_open(const struct settings *settings, struct http **ret_http, struct err *err);
void http_watch(struct http *http, struct watch *watch);
void http_close(struct http *http);

#endif
