#include "processors/table.h"

#include "processors/arena.h"
#include "processors/utf8.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <xxhash.h>

enum { CELLS_MAX = 24 };

struct table {
    struct arena *arena;
    struct table_row *rows;
    size_t n_rows;
    size_t room;
    unsigned n_columns;
};

/* The whole file into the arena.  STATUS_SKIP: it does not exist. */
static enum status read_file(struct arena *arena, const char *path, struct view *ret_content, struct err *err)
{
    FILE *file = fopen(path, "rbe");
    size_t size = 0, room = 1 << 16;
    char *data;

    if (file == NULL)
        return errno == ENOENT || errno == ENOTDIR ? STATUS_SKIP
                                                   : fail(err, STATUS_FATAL, "%s: cannot open: %s", path, strerror(errno));
    data = arena_alloc(arena, room);
    for (;;) {
        size += fread(data + size, 1, room - size, file);
        if (size < room)
            break;
        data = arena_grow(arena, data, room, room * 2);
        room *= 2;
    }
    if (ferror(file)) {
        fclose(file);
        return fail(err, STATUS_FATAL, "%s: cannot read: %s", path, strerror(errno));
    }
    fclose(file);
    *ret_content = (struct view){data, size};
    return STATUS_OK;
}

static unsigned split(struct view line, struct view cells[CELLS_MAX + 1])
{
    unsigned n = 0;

    for (;;) {
        const char *tab = memchr(line.data, '\t', line.size);
        size_t size = tab == NULL ? line.size : (size_t)(tab - line.data);
        cells[n++] = view_trim((struct view){line.data, size});
        if (tab == NULL || n == CELLS_MAX + 1)
            return n;
        line = (struct view){tab + 1, line.size - size - 1};
    }
}

static void row_add(struct table *table, const char *file, unsigned line, bool is_overlay, const struct view *cells)
{
    struct view *kept = ARENA_ARRAY(table->arena, struct view, table->n_columns);

    memcpy(kept, cells, table->n_columns * sizeof *kept);
    if (table->n_rows == table->room) {
        size_t room = table->room == 0 ? 256 : table->room * 2;
        table->rows = arena_grow(table->arena, table->rows, table->room * sizeof *table->rows, room * sizeof *table->rows);
        table->room = room;
    }
    table->rows[table->n_rows++] = (struct table_row){kept, file, line, is_overlay};
}

/* How many rows equal this one in the key columns and are gone now. */
static size_t row_suppress(struct table *table, const struct view *cells, unsigned n_key)
{
    size_t kept = 0, before = table->n_rows;

    for (size_t i = 0; i < table->n_rows; i++) {
        bool equal = true;
        for (unsigned k = 0; k < n_key && equal; k++)
            equal = view_equal(table->rows[i].cells[k], cells[k]);
        if (!equal)
            table->rows[kept++] = table->rows[i];
    }
    table->n_rows = kept;
    return before - kept;
}

static enum status check_columns(const char *path, unsigned line_number, struct view line, const char *columns,
                                 struct err *err)
{
    struct view cells[CELLS_MAX + 1];
    unsigned n = split(line, cells);
    struct view wanted = view_of(columns);

    for (unsigned i = 0; i < n; i++) {
        const char *blank = memchr(wanted.data, ' ', wanted.size);
        size_t size = blank == NULL ? wanted.size : (size_t)(blank - wanted.data);
        bool last = blank == NULL;
        if (!view_equal(cells[i], (struct view){wanted.data, size}) || last != (i == n - 1))
            return fail(err, STATUS_FATAL, "%s:%u: the columns must be named: %s (divided by TAB)", path, line_number, columns);
        if (!last)
            wanted = (struct view){blank + 1, wanted.size - size - 1};
    }
    return STATUS_OK;
}

static enum status parse(struct table *table, const char *path, struct view content, const char *columns, unsigned n_key,
                         bool is_overlay, struct err *err)
{
    bool named = false;
    unsigned line_number = 0;
    size_t at;

    if (!utf8_valid(content, &at))
        return fail(err, STATUS_FATAL, "%s: not valid UTF-8 at byte %zu", path, at);
    if (content.size >= 3 && memcmp(content.data, "\xef\xbb\xbf", 3) == 0)
        content = view_slice(content, 3, content.size - 3);
    while (content.size > 0) {
        const char *end = memchr(content.data, '\n', content.size);
        struct view line = {content.data, end == NULL ? content.size : (size_t)(end - content.data)};
        struct view cells[CELLS_MAX + 1];
        unsigned n;

        content = end == NULL ? (struct view){NULL, 0} : (struct view){end + 1, content.size - line.size - 1};
        line_number++;
        if (line.size > 0 && line.data[line.size - 1] == '\r')
            line.size--;
        if (view_trim(line).size == 0 || line.data[0] == '#')
            continue;
        if (!named) {
            if (check_columns(path, line_number, line, columns, err) != STATUS_OK)
                return STATUS_FATAL;
            named = true;
            continue;
        }
        n = split(line, cells);
        if (is_overlay && cells[0].size > 1 && cells[0].data[0] == '-') {
            cells[0] = view_slice(cells[0], 1, cells[0].size - 1);
            if (n < n_key)
                return fail(err, STATUS_FATAL, "%s:%u: taking a row away needs its first %u cells, here are %u", path,
                            line_number, n_key, n);
            if (row_suppress(table, cells, n_key) == 0)
                return fail(err, STATUS_FATAL, "%s:%u: there is no row '%.*s' to take away", path, line_number,
                            VIEW_PRINT(cells[0]));
            continue;
        }
        if (n != table->n_columns)
            return fail(err, STATUS_FATAL, "%s:%u: %u cells expected (%s), here are %u", path, line_number,
                        table->n_columns, columns, n);
        row_add(table, path, line_number, is_overlay, cells);
    }
    return STATUS_OK;
}

size_t table_bytes(const struct table_source *source, const char *name)
{
    const char *const dirs[2] = {source->data_dir, source->overlay_dir};
    size_t bytes = 0;

    for (int i = 0; i < 2; i++) {
        char path[PATH_MAX];
        struct stat file;

        if (dirs[i] != NULL && snprintf(path, sizeof path, "%s/%s", dirs[i], name) < (int)sizeof path
            && stat(path, &file) == 0)
            bytes += (size_t)file.st_size;
    }
    return bytes;
}

void table_source_add(struct table_source *source, uint64_t sum)
{
    source->sum = XXH3_64bits_withSeed(&sum, sizeof sum, source->sum);
}

enum status table_open(struct table_source *source, const char *name, const char *columns, unsigned n_key,
                       struct table **ret_table, struct err *err)
{
    struct table *table = calloc(1, sizeof *table);
    const char *const dirs[2] = {source->data_dir, source->overlay_dir};
    bool found = false;

    if (table == NULL)
        return fail(err, STATUS_FATAL, "%s: out of memory", name);
    table->arena = arena_new(1 << 16, 0);
    table->n_columns = 1;
    for (const char *c = columns; *c != '\0'; c++)
        table->n_columns += *c == ' ';
    for (int i = 0; i < 2; i++) {
        struct view path, content;
        enum status status;

        if (dirs[i] == NULL)
            continue;
        path = arena_print(table->arena, "%s/%s", dirs[i], name);
        status = read_file(table->arena, path.data, &content, err);
        if (status == STATUS_SKIP)
            continue;
        if (status != STATUS_OK || parse(table, path.data, content, columns, n_key, i == 1, err) != STATUS_OK) {
            table_close(table);
            return STATUS_FATAL;
        }
        found = true;
        source->sum = XXH3_64bits_withSeed(content.data, content.size,
                                           source->sum ^ XXH3_64bits(name, strlen(name)));
    }
    if (!found) {
        table_close(table);
        return fail(err, STATUS_SKIP, "there is no table %s in %s", name, source->data_dir);
    }
    *ret_table = table;
    return STATUS_OK;
}

void table_close(struct table *table)
{
    if (table == NULL)
        return;
    arena_free(table->arena);
    free(table);
}

size_t table_size(const struct table *table)
{
    return table->n_rows;
}

struct table_row table_at(const struct table *table, size_t i)
{
    return table->rows[i];
}

enum status table_fail(struct table_row row, struct err *err, const char *format, ...)
{
    char text[256];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return fail(err, STATUS_FATAL, "%s:%u: %s", row.file, row.line, text);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

enum status table_list(const struct table_source *source, const char *folder,
                       enum status (*each)(void *user, const char *name, struct err *err), void *user, struct err *err)
{
    const char *const dirs[2] = {source->data_dir, source->overlay_dir};
    struct arena *arena = arena_new(1 << 12, 0);
    char **names = NULL;
    size_t n = 0, room = 0;
    enum status status = STATUS_OK;

    for (int i = 0; i < 2; i++) {
        DIR *dir;
        struct dirent *entry;

        if (dirs[i] == NULL)
            continue;
        dir = opendir(arena_print(arena, "%s/%s", dirs[i], folder).data);
        if (dir == NULL)
            continue;
        while ((entry = readdir(dir)) != NULL) {
            size_t size = strlen(entry->d_name);
            if (size <= 4 || entry->d_name[0] == '.' || strcmp(entry->d_name + size - 4, ".tsv") != 0)
                continue;
            if (n == room) {
                names = arena_grow(arena, names, room * sizeof *names, (room + 64) * sizeof *names);
                room += 64;
            }
            names[n++] = (char *)arena_print(arena, "%.*s", (int)(size - 4), entry->d_name).data;
        }
        closedir(dir);
    }
    if (n > 0)
        qsort(names, n, sizeof *names, by_name);
    for (size_t i = 0; i < n && status == STATUS_OK; i++)
        if (i == 0 || strcmp(names[i], names[i - 1]) != 0)
            status = each(user, names[i], err);
    arena_free(arena);
    return status;
}

bool table_choice(struct view word, const char *list, unsigned *ret_index)
{
    for (unsigned i = 0; *list != '\0'; i++) {
        size_t size = strcspn(list, " ");

        if (view_equal(word, (struct view){list, size})) {
            *ret_index = i;
            return true;
        }
        list += size + (list[size] == ' ');
    }
    return false;
}

enum status table_fraction(struct table_row row, unsigned cell, float *ret_number, struct err *err)
{
    char text[16] = "";
    char *end;

    if (row.cells[cell].size < sizeof text)
        memcpy(text, row.cells[cell].data, row.cells[cell].size);
    *ret_number = strtof(text, &end);
    if (end == text || *end != '\0' || !(*ret_number >= 0 && *ret_number <= 1))
        return table_fail(row, err, "'%.*s' is not a number from 0 to 1", VIEW_PRINT(row.cells[cell]));
    return STATUS_OK;
}
