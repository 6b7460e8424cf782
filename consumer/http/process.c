#include "consumer/http/process.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static const char *value_of(uint64_t *value, const char *text)
{
    char *end;

    *value = strtoull(text, &end, 10);
    return end;
}

struct stat_line {
    uint64_t user_ticks, system_ticks, started_ticks, virtual_bytes, resident_pages, threads;
};

/* Fields 14, 15, 20, 22 to 24 of /proc/self/stat; the second is a name that may hold blanks and brackets. */
static bool read_stat(struct stat_line *line)
{
    char text[1024];
    FILE *file = fopen("/proc/self/stat", "re");
    const char *at = file == NULL || fgets(text, sizeof text, file) == NULL ? NULL : strrchr(text, ')');
    uint64_t fields[25] = {0};

    if (file != NULL)
        fclose(file);
    if (at == NULL || strlen(at) < 4)
        return false;
    at += 3; /* ") S", the state is field 3 */
    for (size_t i = 4; i < 25; i++)
        at = value_of(&fields[i], at);
    *line = (struct stat_line){fields[14], fields[15], fields[22], fields[23], fields[24], fields[20]};
    return true;
}

/* Seconds since 1970; 0 if unknown. */
static uint64_t booted_at(void)
{
    FILE *file = fopen("/proc/stat", "re");
    uint64_t at = 0;
    char text[256];

    while (file != NULL && at == 0 && fgets(text, sizeof text, file) != NULL)
        if (strncmp(text, "btime ", 6) == 0)
            value_of(&at, text + 6);
    if (file != NULL)
        fclose(file);
    return at;
}

static uint64_t count_descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    const struct dirent *entry;
    uint64_t n = 0;

    while (folder != NULL && (entry = readdir(folder)) != NULL)
        n += entry->d_name[0] != '.';
    if (folder != NULL)
        closedir(folder);
    return n > 0 ? n - 1 : 0; /* without the one that reads the folder */
}

static void expose(struct exposition *text, const char *name, const char *type, const char *help, uint64_t value)
{
    exposition_family(text, name, type, help);
    exposition_sample(text, "", NO_LABELS, value);
}

static uint64_t ns_of_ticks(uint64_t ticks)
{
    long per_second = sysconf(_SC_CLK_TCK);

    return ticks * (UINT64_C(1000000000) / (uint64_t)(per_second > 0 ? per_second : 100));
}

void process_expose(struct exposition *text)
{
    struct rlimit limit;
    struct stat_line line;
    uint64_t boot_s = booted_at();

    if (read_stat(&line)) {
        exposition_family(text, "process_cpu_seconds_total", "counter", "processor time, of user and system");
        exposition_seconds(text, "", NO_LABELS, ns_of_ticks(line.user_ticks + line.system_ticks));
        expose(text, "process_resident_memory_bytes", "gauge", "memory that is in use",
               line.resident_pages * (uint64_t)sysconf(_SC_PAGESIZE));
        expose(text, "process_virtual_memory_bytes", "gauge", "memory that is addressed", line.virtual_bytes);
        expose(text, "process_threads", "gauge", "threads of the process", line.threads);
        if (boot_s > 0) {
            exposition_family(text, "process_start_time_seconds", "gauge", "when the process began, since 1970");
            exposition_seconds(text, "", NO_LABELS, boot_s * UINT64_C(1000000000) + ns_of_ticks(line.started_ticks));
        }
    }
    expose(text, "process_open_fds", "gauge", "open file descriptors", count_descriptors());
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
        expose(text, "process_max_fds", "gauge", "file descriptors that may be open", (uint64_t)limit.rlim_cur);
}
