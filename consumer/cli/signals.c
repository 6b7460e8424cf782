#include "consumer/cli/signals.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>

static struct {
    pthread_t thread;
    bool started;
    atomic_bool ended;
    struct signal_handlers handlers;
    void *user;
} signals_state;

/* USR2 only wakes the thread for its end. */
static sigset_t awaited(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGUSR2);
    return set;
}

void signals_block(void)
{
    sigset_t set = awaited();

    pthread_sigmask(SIG_BLOCK, &set, NULL);
}

void signals_unblock(void)
{
    sigset_t set = awaited();

    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

static void *wait_for_signals(void *unused)
{
    sigset_t set = awaited();
    unsigned nth = 0;
    int number;

    (void)unused;
    while (sigwait(&set, &number) == 0 && !atomic_load(&signals_state.ended)) {
        if (number == SIGTERM || number == SIGINT)
            signals_state.handlers.stop(signals_state.user, ++nth);
        else if (number == SIGHUP && signals_state.handlers.reload != NULL)
            signals_state.handlers.reload(signals_state.user);
    }
    return NULL;
}

enum status signals_start(const struct signal_handlers *handlers, void *user, struct err *err)
{
    signals_state.handlers = *handlers;
    signals_state.user = user;
    atomic_store(&signals_state.ended, false);
    if (pthread_create(&signals_state.thread, NULL, wait_for_signals, NULL) != 0)
        return fail(err, STATUS_FATAL, "no thread for signals");
    signals_state.started = true;
    return STATUS_OK;
}

void signals_stop(void)
{
    if (!signals_state.started)
        return;
    atomic_store(&signals_state.ended, true);
    pthread_kill(signals_state.thread, SIGUSR2);
    pthread_join(signals_state.thread, NULL);
    signals_state.started = false;
}
