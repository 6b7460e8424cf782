/*
 * deadchoice: which letters are meant?
 *
 * The user names them by coordinates, or by filters; then the whole topic is read once, and of each letter only what
 * tells it from others is kept (64 bytes).  Of the letters that pass the filters these are left out:
 *
 *     replayed    a note in the topic says that it was sent back
 *     repeated    the same message died again later (sent back by other means, or read again after a crash): the last
 *                 one stands for all
 *
 * Thread-safety: one thread.
 */
#ifndef CONSUMER_DEAD_CHOICE_H
#define CONSUMER_DEAD_CHOICE_H

#include "consumer/cli/cli.h"
#include "consumer/dead/topic.h"

enum letter_state { LETTER_OPEN, LETTER_REPLAYED, LETTER_REPEATED, LETTER_STATES };
const char *letter_state_name(enum letter_state state);

struct coordinates {
    int32_t partition;
    int64_t offset;
    enum letter_state state;
};

struct dead_choice {
    struct coordinates *chosen; /* by partition and offset */
    size_t n_chosen;
    size_t n_letters;           /* seen, with those that do not pass the filters */
    size_t n_left_out[LETTER_STATES];
    size_t n_beyond_limit;
};

/* Reads what the command line says (PARTITION@OFFSET… behind the first argument; --reason, --since, --until, --origin,
 * --limit, --all), and the topic if need be.  An exit code other than EXIT_DONE: said on stderr, return it. */
int dead_choose(const struct cli *cli, struct dead_topic *topic, struct dead_choice *ret_choice);
void dead_choice_done(struct dead_choice *choice);

/* To be asked before anything is opened: is the command line right?  EXIT_DONE or EXIT_USAGE. */
int dead_choice_check(const struct cli *cli);

/* Reads the chosen ones, in their order:
 *
 *     struct dead_walk walk = {.topic = topic, .choice = &choice};
 *     while ((status = dead_walk_next(&walk, &letter, &err)) == STATUS_OK)
 */
struct dead_walk {
    struct dead_topic *topic;
    const struct dead_choice *choice;
    size_t at, end;    /* chosen[at … end) are looked for now */
    size_t n_gone;     /* chosen, but no longer there */
};
enum status dead_walk_next(struct dead_walk *walk, struct letter *ret_letter, enum letter_state *ret_state,
                           struct err *err);

/* For those whose error is that of a broker: what the exit code is. */
int dead_exit_code(enum status status);

#endif
