#include "consumer/corridor/deadletter.h"

#include "consumer/log.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void sha256_hex(struct view value, char ret_hex[65])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;

    ret_hex[0] = '\0';
    if (EVP_Digest(value.data, value.size, digest, &size, EVP_sha256(), NULL) != 1)
        return;
    for (unsigned i = 0; i < size && i < 32; i++)
        snprintf(ret_hex + 2 * i, 3, "%02x", digest[i]);
}

static bool write_all(int file, struct view bytes)
{
    while (bytes.size > 0) {
        ssize_t n = write(file, bytes.data, bytes.size);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        bytes = view_slice(bytes, (size_t)n, bytes.size - (size_t)n);
    }
    return true;
}

/* Under another name first: whoever finds the file under its own name finds all of it. */
static bool spool(struct view value, const char *path)
{
    char unfinished[PATH_MAX + 8];
    bool written;
    int file;

    snprintf(unfinished, sizeof unfinished, "%s.part", path);
    file = open(unfinished, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    if (file < 0)
        return false;
    written = write_all(file, value) && fsync(file) == 0;
    written = close(file) == 0 && written;
    if (!written || rename(unfinished, path) != 0) {
        unlink(unfinished);
        return false;
    }
    return true;
}

void deadletter_remains(const struct message *message, const char *spool_dir, struct remains *ret)
{
    int size;

    ret->size = message->value.size;
    sha256_hex(message->value, ret->sha256);
    ret->path[0] = '\0';
    if (spool_dir[0] == '\0')
        return;
    size = snprintf(ret->path, sizeof ret->path, "%s/%s-%d-%lld", spool_dir, message->topic, message->partition,
                    (long long)message->offset);
    if (size < 0 || (size_t)size >= sizeof ret->path || !spool(message->value, ret->path)) {
        LOG(LOG_ERROR, "spool_failed", "origin=%s/%d@%lld dir=%s reason=%s", message->topic, message->partition,
            (long long)message->offset, LOG_QUOTE(spool_dir), LOG_QUOTE(strerror(errno)));
        ret->path[0] = '\0';
    }
}

static bool read_all(int file, char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t n = read(file, bytes, size);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        bytes += n;
        size -= (size_t)n;
    }
    return true;
}

enum status deadletter_recover(const char *path, size_t size, struct view sha256, char **ret_bytes, struct err *err)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    struct stat facts;
    enum status status = STATUS_OK;
    char hex[65], *bytes;

    if (file < 0)
        return fail(err, STATUS_REJECT, "%s: %s", path, strerror(errno));
    bytes = malloc(size + 1);
    if (bytes == NULL)
        status = fail(err, STATUS_REJECT, "%s: no memory for %zu bytes", path, size);
    else if (fstat(file, &facts) != 0 || !S_ISREG(facts.st_mode) || (uint64_t)facts.st_size != size)
        status = fail(err, STATUS_REJECT, "%s: no file of %zu bytes", path, size);
    else if (!read_all(file, bytes, size))
        status = fail(err, STATUS_REJECT, "%s: cannot be read", path);
    close(file);
    if (status == STATUS_OK) {
        sha256_hex((struct view){bytes, size}, hex);
        if (!view_is(sha256, hex))
            status = fail(err, STATUS_REJECT, "%s: its SHA-256 is not that of the letter", path);
    }
    if (status != STATUS_OK)
        free(bytes);
    else
        *ret_bytes = bytes;
    return status;
}
