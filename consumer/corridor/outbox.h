/*
 * outbox: sends records and hears what became of them.
 *
 * Each slot of a batch that is sent ends in a delivery report.  Until that says yes the slot is not done, and its batch
 * counts it in reports_awaited:
 *
 *     may succeed later            it is sent again, after a pause that grows from 0.1 to 5 s
 *     a whole request refused      each of its records is sent again with no other under way; the one that is refused
 *     for one record's sake        alone goes to the dead letters
 *     no record will ever pass     the engine stops and says why; nothing is stored, so nothing is lost
 *     dead letter too large        sent again without its value (deadletter.h)
 *     dead letter refused          it waits, and with it the stream: nothing is skipped silently
 *
 * Thread-safety: the publisher's alone; reports are heard inside outbox_serve().
 * Ownership: payloads are not copied.  A batch must keep its bytes until all its reports are in or the outbox is
 * closed.
 */
#ifndef CONSUMER_CORRIDOR_OUTBOX_H
#define CONSUMER_CORRIDOR_OUTBOX_H

#include "consumer/corridor/batch.h"
#include "consumer/corridor/bell.h"
#include "consumer/corridor/control.h"
#include "consumer/settings/settings.h"

struct outbox;

/* Connects and asks for both topics.  The bell rings when there are reports to be heard.
 * Errors: STATUS_RETRY if no broker answered, else STATUS_FATAL. */
enum status outbox_open(const struct settings *settings, struct control *control, struct bell *bell,
                        struct outbox **ret_outbox, struct err *err);

/* Gives up what is still under way (that batch was not stored) and destroys the client. */
void outbox_close(struct outbox *outbox);

/* Sends what the slot's outcome says; counts it in its batch. */
void outbox_send(struct outbox *outbox, struct slot *slot);

/* Hears reports and sends again what has to be; never waits. */
void outbox_serve(struct outbox *outbox);

/* Is it sending records one by one?  Nothing new should be sent meanwhile. */
bool outbox_is_careful(const struct outbox *outbox);

#endif
