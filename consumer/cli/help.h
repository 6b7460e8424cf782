/*
 * help: what `tocsin help`, --help and the manual page say, all from the verbs' descriptors and the settings table.
 */
#ifndef CONSUMER_CLI_HELP_H
#define CONSUMER_CLI_HELP_H

#include <stdio.h>

void help_print_overview(FILE *out);
void help_print_manual(FILE *out); /* deploy/tocsin.1 */

#endif
