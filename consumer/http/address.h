/*
 * address: where to listen: "127.0.0.1:9464", "[::1]:9464", "localhost:9464", ":9464" for all addresses.
 *
 * Thread-safety: pure.
 */
#ifndef CONSUMER_HTTP_ADDRESS_H
#define CONSUMER_HTTP_ADDRESS_H

#include "processors/status.h"

struct http_address {
    char host[256]; /* "": all addresses */
    char port[6];   /* "0": any that is free */
};

/* Looks no name up.  Errors: STATUS_FATAL with what is allowed. */
enum status http_address_parse(const char *text, struct http_address *ret_address, struct err *err);

/* Listens there, without blocking; ret_port is the one it got.
 * Errors: STATUS_RETRY if somebody else listens there, STATUS_FATAL if it cannot be listened to. */
enum status http_address_listen(const struct http_address *address, int *ret_fd, unsigned *ret_port, struct err *err);

#endif
