#include "processors/parallel.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

enum { THREADS_MAX = 8 };

struct work {
    size_t n;
    void (*job)(void *user, size_t i);
    void *user;
    atomic_size_t next;
};

static void *work_on(void *work_pointer)
{
    struct work *work = work_pointer;
    size_t i;

    while ((i = atomic_fetch_add_explicit(&work->next, 1, memory_order_relaxed)) < work->n)
        work->job(work->user, i);
    return NULL;
}

void parallel_for(size_t n, void (*job)(void *user, size_t i), void *user)
{
    struct work work = {.n = n, .job = job, .user = user};
    pthread_t threads[THREADS_MAX];
    long n_processors = sysconf(_SC_NPROCESSORS_ONLN);
    size_t n_threads = 0;

    atomic_init(&work.next, 0);
    while (n_threads < THREADS_MAX && n_threads + 1 < n && (long)n_threads + 1 < n_processors
           && pthread_create(&threads[n_threads], NULL, work_on, &work) == 0)
        n_threads++;
    work_on(&work); /* this thread is one of them */
    while (n_threads-- > 0)
        pthread_join(threads[n_threads], NULL);
}
