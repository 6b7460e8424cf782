/*
 * demo_reader: reads the output and the dead-letter topic as any other client would, from where they ended when the
 * demo began, tells the tally, and shows each dead letter.
 *
 * Thread-safety: it has a thread of its own; all functions by the main thread.
 */
#ifndef CONSUMER_DEMO_READER_H
#define CONSUMER_DEMO_READER_H

#include "consumer/demo/show.h"
#include "consumer/demo/tally.h"
#include "consumer/settings/settings.h"

struct demo_reader;

/* Errors: STATUS_RETRY if the topics do not answer. */
enum status demo_reader_open(const struct settings *settings, struct tally *tally, struct show *show,
                             struct demo_reader **ret_reader, struct err *err);
void demo_reader_close(struct demo_reader *reader); /* NULL is fine */

#endif
