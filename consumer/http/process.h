/*
 * process: what the kernel says of this process, under the names that every Prometheus client uses.
 *
 * Source: Prometheus' documentation, "Writing client libraries", process metrics; proc(5).
 * Thread-safety: any thread.  What cannot be read is left out.
 */
#ifndef CONSUMER_HTTP_PROCESS_H
#define CONSUMER_HTTP_PROCESS_H

#include "consumer/http/exposition.h"

void process_expose(struct exposition *text);

#endif
