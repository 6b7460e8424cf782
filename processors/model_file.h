/*
 * model_file: weights that a tool of the tree made, read whole and proven undamaged.
 *
 * A file begins with eight letters that say what it is and a version (u32), and ends with a checksum of all before it;
 * somewhere it has a notice of its sources and licence, for those who find it alone.  Numbers are little-endian.
 *
 * Ownership: data belongs to the caller until model_file_close().
 */
#ifndef PROCESSORS_MODEL_FILE_H
#define PROCESSORS_MODEL_FILE_H

#include "processors/table.h"

struct model_file {
    unsigned char *data;
    size_t size;      /* without the checksum; at least MODEL_FILE_HEAD */
    char path[512];
};

enum { MODEL_FILE_HEAD = 12 };

/* name: below the data folder or the user's, whose file comes first.  what: "language model".  letters: eight.
 * STATUS_SKIP: there is no such file.  STATUS_FATAL: unreadable, damaged or of another version. */
enum status model_file_open(struct table_source *source, const char *name, const char *what, const char *letters,
                            uint32_t version, struct model_file *ret_file, struct err *err);

void model_file_close(struct model_file *file); /* also of one that could not be opened */

uint64_t model_file_checksum(const unsigned char *data, size_t size);

static inline uint32_t model_u32(const unsigned char *data)
{
    return (uint32_t)data[0] | (uint32_t)data[1] << 8 | (uint32_t)data[2] << 16 | (uint32_t)data[3] << 24;
}

float model_f32(const unsigned char *data);

/* Numbers in ascending order, each as its distance from the one before (from 0), seven bits a byte, the lowest first.
 * *at moves behind what was read.  False: it does not end before `end`, or is too large. */
static inline bool model_next(const unsigned char **at, const unsigned char *end, uint32_t *number)
{
    uint64_t step = 0;

    for (unsigned shift = 0; *at < end && shift < 35; shift += 7) {
        unsigned char byte = *(*at)++;

        step |= (uint64_t)(byte & 0x7f) << shift;
        if ((byte & 0x80) != 0)
            continue;
        if (step > UINT32_MAX - *number)
            return false;
        *number += (uint32_t)step;
        return true;
    }
    return false;
}

#endif
