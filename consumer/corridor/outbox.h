/*
 * outbox: the producer: hands records to the brokers and hears what became of them.
 *
 * A record that is sent ends in SENDING_DELIVERED or SENDING_FAILED.  It is never given up by time: while brokers are
 * away the client waits and tries again by itself, in order.  What fails is thus something that trying again as before
 * would not cure, and nothing behind it may overtake it: the client then refuses all that follows, until the strategy
 * that sends (at_least_once.c, exactly_once.c) has seen to it:
 *
 *     outbox_has_failed()    stop sending
 *     outbox_settle()        hear the last reports
 *     outbox_judge()         what is to become of this failed record?
 *     outbox_renew()         a new client, which knows nothing of all that
 *
 * and sends what was not delivered again, in order.
 *
 * A broker refuses a whole request for one record's sake, so a refused record is first sent alone; refused even so, it
 * becomes a dead letter, and a dead letter that its topic refuses goes without its bytes (deadletter.h).  A refusal
 * costs a renewal; that is why what the brokers said of their limits is known beforehand (outbox_limit()).
 *
 * Thread-safety: the publisher's alone; reports are heard inside the calls below.
 * Ownership: payloads are not copied.  A batch must keep its bytes until none of its records is under way, or the
 * outbox is closed.
 */
#ifndef CONSUMER_CORRIDOR_OUTBOX_H
#define CONSUMER_CORRIDOR_OUTBOX_H

#include "consumer/corridor/batch.h"
#include "consumer/corridor/bell.h"
#include "consumer/corridor/control.h"
#include "consumer/settings/settings.h"

struct outbox;

/* Connects and asks for both topics; with delivery=exactly_once also ends what a process of the same name left open.
 * The bell rings when there are reports to be heard.
 * Errors: STATUS_RETRY if no broker answered, else STATUS_FATAL. */
enum status outbox_open(const struct settings *settings, struct control *control, struct bell *bell,
                        struct outbox **ret_outbox, struct err *err);

/* Gives up what is still under way and destroys the client. */
void outbox_close(struct outbox *outbox);

/* For transactions. */
rd_kafka_t *outbox_producer(struct outbox *outbox);

/* The most bytes an enriched article may have, by output.max.bytes and by what the output topic takes. */
size_t outbox_limit(const struct outbox *outbox);

/* Has this slot a record to send at all? */
static inline bool outbox_wants(const struct slot *slot)
{
    return slot->outcome != OUTCOME_SKIPPED && slot->outcome != OUTCOME_NONE;
}

/* Sends what the slot's outcome says. */
void outbox_send(struct outbox *outbox, struct slot *slot);

/* Hears reports; never waits. */
void outbox_serve(struct outbox *outbox);

/* Hears reports until none is awaited, for timeout_ms at most.  False: some still are. */
bool outbox_settle(struct outbox *outbox, int64_t timeout_ms);

/* What was not handed to a broker yet has failed: a client that refuses everything would never say so. */
void outbox_recall(struct outbox *outbox);

/* The same for all that is under way: nobody waits for it any more. */
void outbox_purge(struct outbox *outbox);

size_t outbox_under_way(const struct outbox *outbox);
bool outbox_has_failed(const struct outbox *outbox);

/* In transactions: the client is done for; or an abort has cured it. */
void outbox_fail(struct outbox *outbox);
void outbox_forgive(struct outbox *outbox);

enum judgement {
    JUDGED_AGAIN,  /* send it again as it is */
    JUDGED_CHANGED,/* the same, but it is now a dead letter, or one without its bytes, or sent alone */
    JUDGED_LATER,  /* the brokers take nothing of its kind now: wait before sending it again */
};

/* Of a slot that failed; it is then as not yet sent.  text (LATER): what has to change. */
enum judgement outbox_judge(struct outbox *outbox, struct slot *slot, char *text, size_t text_size);

/* A new client in place of the old one; nothing may be under way.  Waits some seconds at most.
 * Errors: STATUS_RETRY; then there is no client, and only this may be called again. */
enum status outbox_renew(struct outbox *outbox, struct err *err);

/* To be called for each record when it has become final: with its report, or with its transaction. */
void outbox_count(const struct slot *slot);

#endif
