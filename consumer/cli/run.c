/*
 * run: the main job, until a signal ends it.
 */
#include "consumer/cli/cli.h"
#include "consumer/cli/when.h"
#include "consumer/corridor/engine.h"
#include "consumer/corridor/stretch.h"
#include "consumer/http/http.h"
#include "consumer/log.h"
#include "consumer/cli/signals.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

struct run {
    pthread_mutex_t lock; /* guards all below */
    struct engine *engine; /* NULL: not there yet, or gone */
    bool opening;          /* engine_new() is under way */
    bool is_stretch;       /* --from was given */
    int64_t from_ms, until_ms;
};

static void on_stop(void *user, unsigned nth)
{
    struct run *run = user;

    pthread_mutex_lock(&run->lock);
    LOG(LOG_INFO, "stop", "how=%s", nth == 1 ? "drain" : "now");
    if (run->engine != NULL)
        engine_stop(run->engine, nth == 1 ? ENGINE_DRAIN : ENGINE_NOW);
    else if (run->opening)
        _exit(run->is_stretch ? EXIT_WORK_LEFT : EXIT_DONE); /* nothing was taken yet, so nothing of the stream is left */
    pthread_mutex_unlock(&run->lock);
}

static void on_reload(void *user)
{
    struct run *run = user;
    struct err err;

    pthread_mutex_lock(&run->lock);
    if (run->engine != NULL) {
        if (engine_reload(run->engine, &err) == STATUS_OK)
            LOG(LOG_INFO, "reload", "result=ok");
        else
            LOG(LOG_ERROR, "reload", "result=failed tables=unchanged error=%s", LOG_QUOTE(err.text));
    }
    pthread_mutex_unlock(&run->lock);
}

static void log_setting(void *user, const char *key, const char *value, const char *origin)
{
    (void)user;
    if (log_wanted(LOG_INFO))
        log_event(NULL, LOG_INFO, "setting", "key=%s value=%s origin=%s", key, LOG_QUOTE(value), LOG_QUOTE(origin));
}

static void log_end(const struct engine *engine, enum status status, const struct err *err)
{
    struct engine_counts counts;

    engine_counts(engine, &counts);
    log_event(NULL, status == STATUS_OK ? LOG_INFO : LOG_ERROR, "end",
              "result=%s consumed=%" PRIu64 " enriched=%" PRIu64 " dead=%" PRIu64 " skipped=%" PRIu64
              " mentions=%" PRIu64 " fenced=%" PRIu64 " left=%" PRIu64 "%s%s",
              status == STATUS_OK ? "ok" : status == STATUS_RETRY ? "work_left" : "failed", counts.consumed,
                  counts.enriched,
              counts.dead, counts.skipped, counts.mentions, counts.fenced, counts.in_flight,
              status == STATUS_OK ? "" : " error=", status == STATUS_OK ? "" : LOG_QUOTE(err->text));
}

static int run_engine(struct run *run, const struct settings *settings)
{
    struct engine *engine = NULL;
    struct http *http = NULL;
    struct err err = {0};
    enum status status = http_open(settings, &http, &err); /* first: it tells what the rest waits for */

    if (status == STATUS_OK)
        status = run->is_stretch ? engine_new_stretch(settings, run->from_ms, run->until_ms, &engine, &err)
                                 : engine_new(settings, &engine, &err);
    pthread_mutex_lock(&run->lock);
    run->opening = false;
    run->engine = status == STATUS_OK ? engine : NULL;
    pthread_mutex_unlock(&run->lock);
    if (status != STATUS_OK) {
        log_event(NULL, LOG_ERROR, "start", "result=failed error=%s", LOG_QUOTE(err.text));
        http_close(http);
        return status == STATUS_RETRY ? EXIT_UNREACHABLE : EXIT_CONFIGURATION;
    }
    http_watch(http, engine_watch(engine));
    status = engine_run(engine, &err);
    log_end(engine, status, &err);
    pthread_mutex_lock(&run->lock);
    run->engine = NULL;
    pthread_mutex_unlock(&run->lock);
    http_watch(http, NULL);
    engine_free(engine);
    http_close(http);
    return status == STATUS_OK ? EXIT_DONE : EXIT_WORK_LEFT;
}

/* EXIT_DONE or EXIT_USAGE. */
static int read_span(const struct cli *cli, struct run *run)
{
    run->is_stretch = cli_given(cli, "from");
    run->from_ms = run->until_ms = STRETCH_ALL;
    if (!run->is_stretch && cli_given(cli, "until")) {
        cli_say(cli, "--until needs --from: the stream itself has no end");
        return EXIT_USAGE;
    }
    if (!when_option(cli, "from", &run->from_ms) || !when_option(cli, "until", &run->until_ms))
        return EXIT_USAGE;
    if (cli_given(cli, "until") && run->until_ms <= run->from_ms) {
        cli_say(cli, "--until is not behind --from: nothing lies between them");
        return EXIT_USAGE;
    }
    return EXIT_DONE;
}

static int run_run(const struct cli *cli)
{
    static const struct signal_handlers handlers = {on_stop, on_reload};
    struct run run = {.opening = true};
    struct err err;
    int code = read_span(cli, &run);

    if (code != EXIT_DONE || (code = cli_finish_settings(cli, NULL, true)) != EXIT_DONE)
        return code;
    signals_block();
    pthread_mutex_init(&run.lock, NULL);
    if (signals_start(&handlers, &run, &err) != STATUS_OK) {
        cli_say(cli, "%s", err.text);
        return EXIT_WORK_LEFT;
    }
    settings_each(cli_settings(cli), log_setting, NULL);
    code = run_engine(&run, cli_settings(cli));
    signals_stop();
    pthread_mutex_destroy(&run.lock);
    return code;
}

static const struct cli_option run_options[] = {
    {'b', "brokers", "HOST:PORT,…", "kafka.bootstrap.servers", "Kafka brokers"},
    {'w', "workers", "N", "workers", "worker threads; 0: one a core"},
    {0, "from", "TIME", NULL, "read a stretch of input.topic again, from TIME on: RFC 3339, or 30m, 2h, 3d ago"},
    {0, "until", "TIME", NULL, "end of that stretch (default: the end of the topic as it is now)"},
    {0},
};

const struct command run_command = {
    .name = "run",
    .arguments = "",
    .summary = "the main job: Kafka in, Kafka out, Redis; until SIGTERM",
    .description =
        "Reads articles from input.topic, publishes them enriched to output.topic and what cannot be read to\n"
        "dead.topic, and keeps the latest mentions in Redis.  Runs until SIGTERM or SIGINT: then it takes no\n"
        "more, finishes what is under way (for at most stop.timeout) and ends; a second signal ends it at\n"
        "once.  SIGHUP reads the tables again.\n"
        "\n"
        "Nothing is lost however it ends: what was not finished is read again at the next start.\n"
        "\n"
        "With --from it reads a stretch of input.topic again, after a change of the tables for instance, and\n"
        "ends by itself: exit 0 when every partition has been read to the end of the stretch.  The group and\n"
        "its offsets are not touched; a stream may go on beside it.  What it reads appears in output.topic\n"
        "(and in dead.topic) again, with the same ids; Redis gets mentions that it does not have, but no\n"
        "events are fired, nor later for these: read again only what the stream has behind it.  A stretch that\n"
        "was broken off begins anew.  Not with delivery = exactly_once: there are no offsets that a transaction\n"
        "could carry.\n"
        "\n"
        "  tocsin run --from 2026-03-01T12:00:00Z --until 2026-03-01T18:00:00Z",
    .options = run_options,
    .has_settings = true,
    .run = run_run,
};
