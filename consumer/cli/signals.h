/*
 * signals: TERM, INT and HUP as calls in one thread of their own, instead of anywhere at any moment.
 *
 *     signals_block();                         before any thread is started: librdkafka's must not take them
 *     signals_start(engine_handlers, user);    the thread waits from now on
 *     …
 *     signals_stop();
 *
 * Handlers run in that thread and may take their time: signals that come meanwhile wait.
 *
 * Thread-safety: main thread; one at a time in a process.
 */
#ifndef CONSUMER_CLI_SIGNALS_H
#define CONSUMER_CLI_SIGNALS_H

#include "processors/status.h"

struct signal_handlers {
    void (*stop)(void *user, unsigned nth); /* TERM or INT; nth from 1 */
    void (*reload)(void *user);             /* HUP; NULL: ignored */
};

void signals_block(void);
enum status signals_start(const struct signal_handlers *handlers, void *user, struct err *err);
void signals_stop(void);

/* For children: their signals as a program expects them at its start.  Async-signal-safe. */
void signals_unblock(void);

#endif
