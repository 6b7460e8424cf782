#include "consumer/demo/redis.h"

#include "consumer/clock.h"
#include "consumer/corridor/redis.h"
#include "consumer/cli/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { START_MS = 10000, STOP_MS = 3000, NOT_FOUND = 127 };

static void path_of(const struct demo_redis *redis, const char *name, char *path, size_t size)
{
    snprintf(path, size, "%s/%s", redis->folder, name);
}

/* In the child, between fork and exec: only async-signal-safe calls. */
static void become_redis(char *const arguments[], pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(NOT_FOUND); /* the parent died before the line above */
    setpgid(0, 0); /* Ctrl-C at the terminal is for us: Redis must live until all is counted */
    signals_unblock();
    execvp(arguments[0], arguments);
    _exit(NOT_FOUND);
}

static enum status start_child(struct demo_redis *redis, struct err *err)
{
    char socket[80], log[80];
    char *const arguments[] = {"redis-server", "--port", "0", "--unixsocket", socket, "--unixsocketperm", "700",
                               "--save", "", "--appendonly", "no", "--dir", redis->folder, "--logfile", log,
                               "--maxmemory-policy", "noeviction", NULL};
    pid_t parent = getpid(), child;

    path_of(redis, "redis.sock", socket, sizeof socket);
    path_of(redis, "redis.log", log, sizeof log);
    snprintf(redis->url, sizeof redis->url, "unix://%s", socket);
    child = fork();
    if (child < 0)
        return fail(err, STATUS_RETRY, "redis-server: %s", strerror(errno));
    if (child == 0)
        become_redis(arguments, parent);
    atomic_store(&redis->child, child);
    return STATUS_OK;
}

/* The end of its log, which says why it does not run. */
static void read_log(const struct demo_redis *redis, char *text, size_t size)
{
    char path[80];
    FILE *file;

    path_of(redis, "redis.log", path, sizeof path);
    text[0] = '\0';
    file = fopen(path, "re");
    if (file == NULL)
        return;
    while (fgets(text, (int)size, file) != NULL)
        ;
    text[strcspn(text, "\n")] = '\0';
    fclose(file);
}

static enum status wait_until_up(struct demo_redis *redis, struct err *err)
{
    int64_t deadline = clock_steady_ms() + START_MS;
    struct redis_address address;
    struct redis connection;
    enum status status;
    int how;

    if (redis_address_parse(redis->url, &address, err) != STATUS_OK)
        return STATUS_FATAL;
    redis_init(&connection, &address, "", 1000);
    while ((status = redis_connect(&connection, err)) != STATUS_OK && clock_steady_ms() < deadline) {
        if (waitpid(atomic_load(&redis->child), &how, WNOHANG) > 0) {
            char text[300];
            atomic_store(&redis->child, 0);
            read_log(redis, text, sizeof text);
            if (WIFEXITED(how) && WEXITSTATUS(how) == NOT_FOUND)
                status = fail(err, STATUS_RETRY,
                              "redis-server is not in PATH: install it (Debian: apt-get install redis-server), "
                              "or name one that runs: -X redis.url=redis://HOST:PORT");
            else
                status = fail(err, STATUS_RETRY, "redis-server ended at its start: %s", text);
            break;
        }
        usleep(10000);
    }
    redis_done(&connection);
    return status;
}

enum status demo_redis_start(struct demo_redis *redis, struct err *err)
{
    enum status status;

    *redis = (struct demo_redis){.folder = "/tmp/tocsin-demo-XXXXXX"};
    if (mkdtemp(redis->folder) == NULL) {
        redis->folder[0] = '\0';
        return fail(err, STATUS_RETRY, "/tmp: %s", strerror(errno));
    }
    status = start_child(redis, err);
    if (status == STATUS_OK)
        status = wait_until_up(redis, err);
    if (status != STATUS_OK)
        demo_redis_stop(redis);
    return status;
}

static void end_child(pid_t child)
{
    int64_t deadline = clock_steady_ms() + STOP_MS;

    kill(child, SIGTERM);
    while (waitpid(child, NULL, WNOHANG) == 0) {
        if (clock_steady_ms() >= deadline) {
            kill(child, SIGKILL);
            waitpid(child, NULL, 0);
            return;
        }
        usleep(5000);
    }
}

void demo_redis_stop(struct demo_redis *redis)
{
    static const char *const names[] = {"redis.sock", "redis.log"};
    pid_t child = atomic_exchange(&redis->child, 0);
    char path[80];

    if (child > 0)
        end_child(child);
    if (redis->folder[0] == '\0')
        return;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        path_of(redis, names[i], path, sizeof path);
        unlink(path);
    }
    rmdir(redis->folder);
}
