#include "consumer/cli/progress.h"

#include "consumer/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BAR_WIDTH = 24 };

static const int64_t redraw_ns = 100 * 1000 * 1000;

void progress_init(struct progress *progress, uint64_t total, bool wanted)
{
    const char *terminal = getenv("TERM");

    *progress = (struct progress){
        .shown = wanted && isatty(STDERR_FILENO) == 1 && terminal != NULL && strcmp(terminal, "dumb") != 0,
        .total = total,
        .started_ns = clock_steady_ns(),
    };
}

double progress_seconds(const struct progress *progress)
{
    return (double)(clock_steady_ns() - progress->started_ns) / 1e9;
}

static void draw(const struct progress *progress, double seconds)
{
    char bar[BAR_WIDTH + 1];
    double part, left;
    int filled;

    fprintf(stderr, "\r\033[K");
    if (progress->total > 0) {
        part = (double)progress->done / (double)progress->total;
        part = part > 1 ? 1 : part; /* a file that grows while it is read */
        filled = (int)(part * BAR_WIDTH);
        for (int i = 0; i < BAR_WIDTH; i++)
            bar[i] = i < filled ? '#' : '.';
        bar[BAR_WIDTH] = '\0';
        fprintf(stderr, "[%s] %3d%%  ", bar, (int)(part * 100));
    }
    fprintf(stderr, "%" PRIu64 " %s  %.0f/s", progress->count, progress->noun == NULL ? "articles" : progress->noun,
            seconds > 0 ? (double)progress->count / seconds : 0);
    if (progress->total > 0 && progress->done > 0 && progress->done < progress->total) {
        left = seconds * (double)(progress->total - progress->done) / (double)progress->done;
        fprintf(stderr, "  %d:%02d left", (int)left / 60, (int)left % 60);
    }
}

void progress_set(struct progress *progress, uint64_t done, uint64_t count)
{
    int64_t now;

    progress->done = done;
    progress->count = count;
    if (!progress->shown)
        return;
    now = clock_steady_ns();
    if (now - progress->drawn_ns < redraw_ns)
        return;
    progress->drawn_ns = now;
    draw(progress, progress_seconds(progress));
    fflush(stderr);
}

void progress_clear(struct progress *progress)
{
    if (progress->shown && progress->drawn_ns != 0) {
        fprintf(stderr, "\r\033[K");
        fflush(stderr);
    }
}
