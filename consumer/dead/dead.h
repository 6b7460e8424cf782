/*
 * dead: what `tocsin dead` does, one function a sub-verb, each in its file.
 *
 * All of them return the exit code, and have said on stderr what went wrong.
 */
#ifndef CONSUMER_DEAD_DEAD_H
#define CONSUMER_DEAD_DEAD_H

#include "consumer/cli/cli.h"
#include "consumer/dead/topic.h"

int dead_list(const struct cli *cli, struct dead_topic *topic);
int dead_show(const struct cli *cli, struct dead_topic *topic);
int dead_replay(const struct cli *cli, struct dead_topic *topic);

#endif
