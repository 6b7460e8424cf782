/*
 * status: what the caller should do next, and in words why.
 *
 * A status is the caller's next move, the text is the cause.  Rooms and doors never log: they fill in
 * a struct err, each caller on the way up may put its own name before the text, and the corridor logs it once.
 *
 * Thread-safety: a struct err belongs to one thread.
 */
#ifndef PROCESSORS_STATUS_H
#define PROCESSORS_STATUS_H

enum status {
    STATUS_OK,     /* go on */
    STATUS_SKIP,   /* nothing to do for this one, by policy; it counts as done */
    STATUS_REJECT, /* this message can never succeed: to the dead letters with it */
    STATUS_RETRY,  /* may succeed later: wait and try again */
    STATUS_FATAL,  /* cannot go on: drain and stop */
};

struct err {
    enum status status;
    const char *reason; /* one word for counters and headers, a literal: "undecodable", "invalid", "oversized" … */
    char text[480];     /* one line for humans: what, where, what to do */
};

/* Fills err (may be NULL) and returns status, so that a failure is one line: return fail(err, …). */
enum status fail(struct err *err, enum status status, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The same, with the one word that counters and dead letters carry. */
enum status reject(struct err *err, const char *reason, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Puts "PLACE: " before the text. */
void err_prefix(struct err *err, const char *place);

#endif
