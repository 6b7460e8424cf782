/*
 * version: the number of this release, for the output and the command line.
 *
 * CMakeLists.txt carries the same number as its project version; tests/unit/encode_test.c holds the two together.
 */
#ifndef PROCESSORS_VERSION_H
#define PROCESSORS_VERSION_H

#define PROCESSORS_VERSION "0.1.0"

#endif
