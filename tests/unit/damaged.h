/*
 * damaged: a copy of one shipped file in a data folder of its own, harmed on the way.
 *
 *     struct damaged damaged = damaged_copy("langid/model.bin", 8, 0);   its byte 8 is another now
 *     … open it from damaged.folder …
 *     damaged_remove(&damaged);
 */
#ifndef TESTS_UNIT_DAMAGED_H
#define TESTS_UNIT_DAMAGED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct damaged {
    char folder[32];
    const char *name;
};

/* at: a byte to change, -1: none.  size: bytes that are copied, 0: all. */
static inline struct damaged damaged_copy(const char *name, long at, size_t size)
{
    struct damaged damaged = {"/tmp/damagedXXXXXX", name};
    static char data[4 << 20];
    char path[256];
    FILE *in, *out;
    size_t n;

    snprintf(path, sizeof path, TOCSIN_SOURCE_DIR "/processors/data/%s", name);
    in = fopen(path, "rb");
    assert_non_null(in);
    n = fread(data, 1, sizeof data, in);
    fclose(in);
    assert_non_null(mkdtemp(damaged.folder));
    for (const char *slash = strchr(name, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        snprintf(path, sizeof path, "%s/%.*s", damaged.folder, (int)(slash - name), name);
        assert_int_equal(mkdir(path, 0700), 0);
    }
    if (at >= 0)
        data[at] = (char)(data[at] ^ 0x55);
    snprintf(path, sizeof path, "%s/%s", damaged.folder, name);
    out = fopen(path, "wb");
    assert_non_null(out);
    assert_int_equal(fwrite(data, 1, size == 0 ? n : size, out), size == 0 ? n : size);
    fclose(out);
    return damaged;
}

static inline void damaged_remove(const struct damaged *damaged)
{
    char path[256];

    snprintf(path, sizeof path, "%s/%s", damaged->folder, damaged->name);
    unlink(path);
    for (char *slash = strrchr(path, '/'); slash != NULL && (size_t)(slash - path) >= strlen(damaged->folder);
         slash = strrchr(path, '/')) {
        *slash = '\0';
        rmdir(path);
    }
}

#endif
