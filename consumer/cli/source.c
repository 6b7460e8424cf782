#include "consumer/cli/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DOCUMENTS_PER_CHUNK = 64 };

struct source {
    struct source_setup setup;
    size_t next;         /* file to open */
    const char *file;    /* as errors and origins name it */
    int fd;              /* -1: none is open */
    bool at_start;       /* nothing of the file was read yet */
    int64_t line;        /* lines that are complete */
    struct buffer carry; /* the beginning of a line whose end has not come */
};

static bool is_stdin(const char *file)
{
    return strcmp(file, "-") == 0;
}

uint64_t source_bytes(const struct source_setup *setup)
{
    uint64_t bytes = 0;
    struct stat about;

    for (size_t i = 0; i < setup->n_files; i++) {
        int failed = is_stdin(setup->files[i]) ? fstat(STDIN_FILENO, &about) : stat(setup->files[i], &about);
        if (failed != 0 || !S_ISREG(about.st_mode))
            return 0;
        bytes += (uint64_t)about.st_size;
    }
    return bytes;
}

struct source *source_open(const struct source_setup *setup)
{
    struct source *source = calloc(1, sizeof *source);

    if (source == NULL)
        abort();
    source->setup = *setup;
    source->fd = -1;
    return source;
}

static void close_file(struct source *source)
{
    if (source->fd > STDIN_FILENO)
        close(source->fd);
    source->fd = -1;
}

void source_close(struct source *source)
{
    if (source == NULL)
        return;
    close_file(source);
    free(source->carry.data);
    free(source);
}

static enum status open_next(struct source *source, struct err *err)
{
    const char *file;

    if (source->next == source->setup.n_files)
        return STATUS_SKIP;
    file = source->setup.files[source->next++];
    source->file = is_stdin(file) ? "stdin" : file;
    source->fd = is_stdin(file) ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC);
    if (source->fd < 0)
        return fail(err, STATUS_FATAL, "%s: %s", file, strerror(errno));
    source->at_start = true;
    source->line = 0;
    return STATUS_OK;
}

/* Reads what is there, at most `size` bytes; 0 is the end of the file.  A byte order mark at its start is left out. */
static enum status read_some(struct source *source, struct buffer *buffer, size_t size, size_t *ret_size,
                             struct err *err)
{
    ssize_t n;

    buffer_reserve(buffer, size);
    do
        n = read(source->fd, buffer->data + buffer->size, size);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return fail(err, STATUS_FATAL, "%s: %s", source->file, strerror(errno));
    *ret_size = (size_t)n;
    if (source->at_start && n >= 3 && memcmp(buffer->data + buffer->size, "\xef\xbb\xbf", 3) == 0) {
        memmove(buffer->data + buffer->size, buffer->data + buffer->size + 3, (size_t)n - 3);
        n -= 3;
    }
    source->at_start = false;
    buffer->size += (size_t)n;
    return STATUS_OK;
}

/* A line is an item; a blank one is none, but counts. */
static void add_line(struct source *source, struct chunk *chunk, size_t start, size_t size, size_t whole_size)
{
    source->line++;
    if (view_trim((struct view){chunk->input.data + start, size}).size > 0)
        chunk_add_item(chunk, (struct item){start, size, whole_size, source->file, source->line});
}

/* Cuts what lies behind `start` into lines; returns where the last, incomplete one begins.
 * No line end lies between start and scanned. */
static size_t cut_lines(struct source *source, struct chunk *chunk, size_t start, size_t scanned)
{
    const char *end;

    while ((end = memchr(chunk->input.data + scanned, '\n', chunk->input.size - scanned)) != NULL) {
        size_t size = (size_t)(end - chunk->input.data) - start;
        bool cut = size > source->setup.item_max;

        add_line(source, chunk, start, cut ? source->setup.item_max : size, size);
        start = scanned = start + size + 1;
    }
    return start;
}

/* A line without end: its first bytes are kept as an item, the others are read and forgotten up to the newline. */
static enum status skip_line(struct source *source, struct chunk *chunk, size_t start, struct err *err)
{
    size_t kept = source->setup.item_max, whole = chunk->input.size - start, n;
    struct buffer rest = {0};
    const char *end = NULL;
    enum status status;

    do {
        rest.size = 0;
        status = read_some(source, &rest, CHUNK_BYTES, &n, err);
        if (status != STATUS_OK || n == 0)
            break;
        end = memchr(rest.data, '\n', n);
        whole += end == NULL ? n : (size_t)(end - rest.data);
        chunk->consumed += n;
    } while (end == NULL);
    chunk->input.size = start + kept;
    add_line(source, chunk, start, kept, whole);
    if (end != NULL)
        buffer_add(&source->carry, (struct view){end + 1, rest.size - (size_t)(end + 1 - rest.data)});
    free(rest.data);
    return status;
}

/* At least one line of the open file, and as many as have arrived with it.  *ret_ended: the file has no more. */
static enum status fill_lines(struct source *source, struct chunk *chunk, bool *ret_ended, struct err *err)
{
    size_t base = chunk->input.size, start = base, n;

    buffer_reserve(&chunk->input, CHUNK_BYTES); /* so that it has data to point into */
    buffer_add(&chunk->input, (struct view){source->carry.data, source->carry.size});
    buffer_reset(&source->carry);
    start = cut_lines(source, chunk, start, start);
    while (chunk->n_items == 0) {
        size_t scanned;

        if (start > base) { /* blank lines, perhaps gigabytes of them */
            memmove(chunk->input.data + base, chunk->input.data + start, chunk->input.size - start);
            chunk->input.size -= start - base;
            start = base;
        }
        scanned = chunk->input.size;
        if (scanned - start > source->setup.item_max)
            return skip_line(source, chunk, start, err);
        if (read_some(source, &chunk->input, CHUNK_BYTES, &n, err) != STATUS_OK)
            return STATUS_FATAL;
        chunk->consumed += n;
        if (n == 0) {
            *ret_ended = true;
            if (start < chunk->input.size)
                add_line(source, chunk, start, chunk->input.size - start, chunk->input.size - start);
            return STATUS_OK;
        }
        start = cut_lines(source, chunk, start, scanned);
    }
    buffer_add(&source->carry, (struct view){chunk->input.data + start, chunk->input.size - start});
    chunk->input.size = start;
    return STATUS_OK;
}

/* The open file as one item. */
static enum status fill_document(struct source *source, struct chunk *chunk, struct err *err)
{
    size_t start = chunk->input.size, whole = 0, n;

    do {
        if (chunk->input.size - start > source->setup.item_max)
            chunk->input.size = start + source->setup.item_max;
        if (read_some(source, &chunk->input, CHUNK_BYTES, &n, err) != STATUS_OK)
            return STATUS_FATAL;
        whole += n;
        chunk->consumed += n;
    } while (n > 0);
    if (whole <= source->setup.item_max)
        whole = chunk->input.size - start; /* without the byte order mark */
    chunk_add_item(chunk, (struct item){start, chunk->input.size - start, whole, source->file, 0});
    return STATUS_OK;
}

enum status source_fill(struct source *source, struct chunk *chunk, struct err *err)
{
    enum status status = STATUS_OK;

    while (chunk->n_items < DOCUMENTS_PER_CHUNK && chunk->input.size < CHUNK_BYTES) {
        bool ended = source->setup.documents;

        if (source->fd < 0) {
            status = open_next(source, err);
            if (status != STATUS_OK)
                break;
        }
        if (source->setup.documents)
            status = fill_document(source, chunk, err);
        else
            status = fill_lines(source, chunk, &ended, err);
        if (ended)
            close_file(source);
        if (status != STATUS_OK || (!ended && chunk->n_items > 0))
            break;
    }
    return status == STATUS_SKIP && chunk->n_items > 0 ? STATUS_OK : status;
}
