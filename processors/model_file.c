#include "processors/model_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#define FNV_BASIS 0xcbf29ce484222325u
#define FNV_PRIME 0x100000001b3u

enum { CHECKSUM_SIZE = 8, FILE_MAX = 16 << 20 };

float model_f32(const unsigned char *data)
{
    uint32_t bits = model_u32(data);
    float value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

static uint64_t u64(const unsigned char *data)
{
    return (uint64_t)model_u32(data + 4) << 32 | model_u32(data);
}

/* FNV-1a, eight bytes a step, the last filled up with zeros. */
uint64_t model_file_checksum(const unsigned char *data, size_t size)
{
    unsigned char rest[8] = {0};
    uint64_t sum = FNV_BASIS;

    for (; size >= sizeof rest; data += sizeof rest, size -= sizeof rest)
        sum = (sum ^ u64(data)) * FNV_PRIME;
    if (size == 0)
        return sum;
    memcpy(rest, data, size);
    return (sum ^ u64(rest)) * FNV_PRIME;
}

static enum status read_whole(FILE *stream, struct model_file *file, struct err *err)
{
    file->data = malloc(FILE_MAX);
    if (file->data != NULL)
        file->size = fread(file->data, 1, FILE_MAX, stream);
    if (file->data == NULL || ferror(stream) || file->size == FILE_MAX)
        return fail(err, STATUS_FATAL, "%s: cannot read it (more than %d MiB?)", file->path, FILE_MAX >> 20);
    return STATUS_OK;
}

static enum status check(struct model_file *file, const char *what, const char *letters, uint32_t version,
                         struct err *err)
{
    const unsigned char *data = file->data;

    if (file->size < MODEL_FILE_HEAD + CHECKSUM_SIZE || memcmp(data, letters, 8) != 0)
        return fail(err, STATUS_FATAL, "%s: not a %s (its tool makes one)", file->path, what);
    if (model_u32(data + 8) != version)
        return fail(err, STATUS_FATAL, "%s: version %u, this program reads %u (make it anew)", file->path,
                    model_u32(data + 8), version);
    file->size -= CHECKSUM_SIZE;
    if (u64(data + file->size) != model_file_checksum(data, file->size))
        return fail(err, STATUS_FATAL, "%s: its checksum is wrong: it was cut short or damaged", file->path);
    return STATUS_OK;
}

void model_file_close(struct model_file *file)
{
    free(file->data);
    file->data = NULL;
}

enum status model_file_open(struct table_source *source, const char *name, const char *what, const char *letters,
                            uint32_t version, struct model_file *ret_file, struct err *err)
{
    const char *const dirs[2] = {source->overlay_dir, source->data_dir};
    FILE *stream = NULL;
    enum status status;

    *ret_file = (struct model_file){0};
    for (int i = 0; i < 2 && stream == NULL; i++) {
        if (dirs[i] == NULL)
            continue;
        snprintf(ret_file->path, sizeof ret_file->path, "%s/%s", dirs[i], name);
        stream = fopen(ret_file->path, "rbe");
        if (stream == NULL && errno != ENOENT && errno != ENOTDIR)
            return fail(err, STATUS_FATAL, "%s: cannot open: %s", ret_file->path, strerror(errno));
    }
    if (stream == NULL)
        return STATUS_SKIP;
    status = read_whole(stream, ret_file, err);
    fclose(stream);
    if (status == STATUS_OK)
        status = check(ret_file, what, letters, version, err);
    if (status == STATUS_OK)
        source->sum = XXH3_64bits_withSeed(ret_file->data, ret_file->size, source->sum);
    else
        model_file_close(ret_file);
    return status;
}
