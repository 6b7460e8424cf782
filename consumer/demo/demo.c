/*
 * demo: everything in one process: broker, feed, engine, Redis, and somebody who watches.
 *
 *     feeder ─▶ input topic ─▶ engine ─▶ output, dead topics ─▶ demo_reader ─▶ tally
 *                                 └────▶ Redis ─▶ demo_alerts ─▶ show, tally
 *
 * At the end what went in and what came out, counted at the far ends, must add up.
 */
#include "consumer/clock.h"
#include "consumer/cli/cli.h"
#include "consumer/demo/alerts.h"
#include "consumer/demo/reader.h"
#include "consumer/demo/redis.h"
#include "consumer/demo/samples.h"
#include "consumer/demo/show.h"
#include "consumer/demo/summary.h"
#include "consumer/corridor/engine.h"
#include "consumer/http/http.h"
#include "consumer/cli/feeder.h"
#include "consumer/log.h"
#include "consumer/cli/mock.h"
#include "consumer/cli/signals.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    PARTITIONS = 8,
    CONNECT_MS = 10000,
    ASSIGN_MS = 60000,   /* a real broker may be slow to form a group */
    PATIENCE_MS = 30000, /* at the end: without any progress */
    OPEN_MAX_MESSAGES = 400,  /* under way: far below what a partition of the embedded broker keeps */
    POISON_EVERY = 25,   /* articles */
    STATUS_MS = 250,
    RECENT = 2000,       /* latencies in the status line */
};

struct demo {
    const struct cli *cli;
    uint64_t seconds, rate; /* seconds 0: until stopped */
    atomic_uint stopped;    /* signals so far */
    struct demo_samples samples;
    struct demo_redis redis;
    bool own_redis;
    struct mock *mock;
    struct http *http; /* NULL: not asked for */
    struct engine *engine;
    pthread_t engine_thread;
    bool engine_started;
    atomic_bool engine_ended;
    enum status engine_status;
    struct err engine_err;
    struct tally tally;
    struct show show;
    struct demo_reader *reader;
    struct demo_alerts *alerts;
    struct feeder *feeder;
    int64_t started_ms, status_ms;
    uint64_t run; /* makes this run's ids differ from another's */
};

/* ---- signals ---------------------------------------------------------------------------------------------------- */

static void on_stop(void *user, unsigned nth)
{
    struct demo *demo = user;

    atomic_store(&demo->stopped, nth);
    if (nth > 1) { /* now means now; but nothing may be left behind on this machine */
        if (demo->own_redis)
            demo_redis_stop(&demo->redis);
        _exit(EXIT_WORK_LEFT);
    }
}

static void on_hangup(void *user)
{
    on_stop(user, 1);
}

static bool is_stopped(const struct demo *demo)
{
    return atomic_load(&demo->stopped) > 0 || atomic_load(&demo->engine_ended);
}

/* ---- status line ------------------------------------------------------------------------------------------------ */

static void print_status(struct demo *demo, const char *note)
{
    struct show_status status = {.note = note};
    struct demo_cache_size size = {0};
    struct engine_counts counts = {0};
    int64_t now = clock_steady_ms();

    if (now - demo->status_ms < STATUS_MS)
        return;
    demo->status_ms = now;
    engine_counts(demo->engine, &counts);
    if (demo->alerts != NULL)
        demo_alerts_size(demo->alerts, &size);
    pthread_mutex_lock(&demo->tally.lock);
    status.sent = demo->tally.articles + demo->tally.poison;
    status.enriched = demo->tally.enriched;
    status.dead = demo->tally.dead;
    status.p50_ms = times_quantile(&demo->tally.to_output, 0.5, RECENT);
    status.p99_ms = times_quantile(&demo->tally.to_output, 0.99, RECENT);
    pthread_mutex_unlock(&demo->tally.lock);
    status.seconds = demo->started_ms == 0 ? 0 : (now - demo->started_ms) / 1000;
    status.rate = demo->started_ms == 0 || now == demo->started_ms
                      ? 0
                      : (double)status.enriched * 1000 / (double)(now - demo->started_ms);
    status.in_flight = counts.in_flight;
    status.redis_mentions = size.latest;
    snprintf(status.redis_memory, sizeof status.redis_memory, "%s", size.memory);
    show_status(&demo->show, &status);
}

/* ---- setting up ------------------------------------------------------------------------------------------------- */

/* What is not given is started here.  Beside a Kafka or a Redis that others use too, names of our own keep out of
 * their way. */
static int prepare(struct demo *demo, struct err *err)
{
    const struct cli *cli = demo->cli;
    bool own_kafka = !cli_is_set(cli, "kafka.bootstrap.servers");
    struct cli_default defaults[16] = {{"log.level", "error"}}; /* dead letters are shown anyway */
    size_t n = 1;

    demo->own_redis = !cli_is_set(cli, "redis.url");
    if (demo->own_redis) {
        if (demo_redis_start(&demo->redis, err) != STATUS_OK) {
            demo->own_redis = false;
            return EXIT_UNREACHABLE;
        }
        defaults[n++] = (struct cli_default){"redis.url", demo->redis.url};
    } else {
        defaults[n++] = (struct cli_default){"redis.prefix", "{tocsin-demo}"};
    }
    if (own_kafka) {
        if (mock_start(1, &demo->mock, err) != STATUS_OK)
            return EXIT_UNREACHABLE;
        defaults[n++] = (struct cli_default){"kafka.bootstrap.servers", mock_bootstraps(demo->mock)};
        defaults[n++] = (struct cli_default){"kafka.fetch.wait.max.ms", "10"};
        defaults[n++] = (struct cli_default){"kafka.session.timeout.ms", "4000"};
        defaults[n++] = (struct cli_default){"kafka.heartbeat.interval.ms", "500"};
    } else {
        defaults[n++] = (struct cli_default){"input.topic", "demo.news.raw"};
        defaults[n++] = (struct cli_default){"output.topic", "demo.news.enriched"};
        defaults[n++] = (struct cli_default){"dead.topic", "demo.news.dead"};
        defaults[n++] = (struct cli_default){"group.id", "tocsin-demo"};
    }
    return cli_finish_settings(cli, defaults, true);
}

static enum status create_topics(struct demo *demo, struct err *err)
{
    const struct settings *settings = cli_settings(demo->cli);
    const char *const topics[] = {settings->input_topic, settings->output_topic, settings->dead_topic};

    for (size_t i = 0; demo->mock != NULL && i < 3; i++)
        if (mock_topic(demo->mock, topics[i], PARTITIONS, err) != STATUS_OK)
            return STATUS_FATAL;
    return STATUS_OK;
}

static void *run_engine(void *argument)
{
    struct demo *demo = argument;

    demo->engine_status = engine_run(demo->engine, &demo->engine_err);
    atomic_store(&demo->engine_ended, true);
    return NULL;
}

static enum status start_engine(struct demo *demo, struct err *err)
{
    enum status status = engine_new(cli_settings(demo->cli), &demo->engine, err);

    if (status == STATUS_OK)
        http_watch(demo->http, engine_watch(demo->engine));
    if (status == STATUS_OK && pthread_create(&demo->engine_thread, NULL, run_engine, demo) != 0)
        status = fail(err, STATUS_FATAL, "no thread");
    demo->engine_started = status == STATUS_OK;
    return status;
}

/* The first join of a group takes three seconds; articles sent meanwhile would only wait. */
static enum status wait_for_assignment(struct demo *demo, struct err *err)
{
    int64_t deadline = clock_steady_ms() + ASSIGN_MS;
    struct engine_counts counts;

    for (;;) {
        engine_counts(demo->engine, &counts);
        if (counts.assigned || is_stopped(demo))
            return STATUS_OK;
        if (clock_steady_ms() >= deadline)
            return fail(err, STATUS_RETRY, "the consumer group gave us no partitions for %d s", ASSIGN_MS / 1000);
        print_status(demo, "waiting for the consumer group");
        usleep(20000);
    }
}

static enum status start(struct demo *demo, struct err *err)
{
    const struct settings *settings = cli_settings(demo->cli);
    enum status status = http_open(settings, &demo->http, err);

    if (status == STATUS_OK)
        status = create_topics(demo, err);
    if (status == STATUS_OK)
        status = start_engine(demo, err);
    if (status == STATUS_OK)
        status = demo_reader_open(settings, &demo->tally, &demo->show, &demo->reader, err);
    if (status == STATUS_OK && settings->redis_url[0] != '\0')
        status = demo_alerts_open(settings, &demo->tally, &demo->show, &demo->alerts, err);
    if (status == STATUS_OK)
        status = feeder_open(settings, CONNECT_MS, &demo->feeder, err);
    if (status != STATUS_OK)
        return status;
    show_line(&demo->show, "Kafka %s%s, Redis %s%s", settings->bootstrap_servers, 
              demo->mock == NULL ? "" : " (embedded)",
              settings->redis_url[0] == '\0' ? "not used" : settings->redis_url, demo->own_redis ? " (own)" : "");
    show_line(&demo->show, "%zu sample articles, each round as new ones, %" PRIu64 " a second; %s",
              demo->samples.n_articles, demo->rate, demo->seconds == 0 ? "Ctrl-C ends" : "Ctrl-C ends early");
    return wait_for_assignment(demo, err);
}

/* ---- feeding ---------------------------------------------------------------------------------------------------- */

static bool feeding_is_over(const struct demo *demo)
{
    return is_stopped(demo) ||
           (demo->seconds > 0 && clock_steady_ms() - demo->started_ms >= (int64_t)demo->seconds * 1000);
}

static enum status send_one(struct demo *demo, struct view line, uint64_t round, struct err *err)
{
    enum status status;

    while ((status = feeder_send(demo->feeder, line, round, err)) == STATUS_RETRY && !is_stopped(demo))
        feeder_serve(demo->feeder, 10);
    return status;
}

static enum status send_article(struct demo *demo, uint64_t n, struct err *err)
{
    const struct sample *sample = &demo->samples.articles[n % demo->samples.n_articles];
    uint64_t round = demo->run * 1000 + n / demo->samples.n_articles + 1;
    char id[4096];

    if (sample->id != NULL)
        snprintf(id, sizeof id, "%s-%" PRIu64, sample->id, round);
    tally_sent(&demo->tally, sample->id == NULL ? NULL : id, clock_wall_ms()); /* before: the answer may be faster */
    return send_one(demo, sample->line, round, err);
}

static enum status send_poison(struct demo *demo, uint64_t n, struct err *err)
{
    tally_sent_poison(&demo->tally);
    return send_one(demo, demo->samples.poison[n % demo->samples.n_poison].line, 0, err);
}

/* At the rate wished for, but never far ahead of what comes out. */
static enum status feed(struct demo *demo, struct err *err)
{
    enum status status = STATUS_OK;
    uint64_t due = 0;
    int64_t paced_ms;

    demo->started_ms = paced_ms = clock_steady_ms();
    for (uint64_t n = 0; status == STATUS_OK && !feeding_is_over(demo);) {
        int64_t now = clock_steady_ms();

        print_status(demo, NULL);
        if (tally_open(&demo->tally) >= OPEN_MAX_MESSAGES) {
            feeder_serve(demo->feeder, 1);
            due = 0;
            paced_ms = clock_steady_ms(); /* what could not be sent is not made up for later */
            continue;
        }
        if (now < paced_ms + (int64_t)(due * 1000 / demo->rate)) {
            feeder_serve(demo->feeder, 1);
            continue;
        }
        status = send_article(demo, n, err);
        if (status == STATUS_OK && demo->samples.n_poison > 0 && n % POISON_EVERY == POISON_EVERY - 1)
            status = send_poison(demo, n / POISON_EVERY, err);
        n++, due++;
    }
    return status;
}

/* ---- the end ---------------------------------------------------------------------------------------------------- */

/* What is sent must come out, and what Redis was told must be shown; patience begins anew with all progress. */
static bool wait_until_out(struct demo *demo)
{
    int64_t deadline = clock_steady_ms() + PATIENCE_MS;
    uint64_t before = UINT64_MAX;

    for (;;) {
        uint64_t open = tally_open(&demo->tally), hidden = 0;

        pthread_mutex_lock(&demo->tally.lock);
        if (demo->alerts != NULL && demo->tally.mentions.n > demo->tally.shown.n)
            hidden = demo->tally.mentions.n - demo->tally.shown.n;
        pthread_mutex_unlock(&demo->tally.lock);
        if (open + hidden == 0)
            return true;
        if (open + hidden < before)
            deadline = clock_steady_ms() + PATIENCE_MS;
        before = open + hidden;
        if (clock_steady_ms() >= deadline || atomic_load(&demo->engine_ended))
            return false;
        print_status(demo, "finishing");
        feeder_serve(demo->feeder, 10);
    }
}

static void stop_engine(struct demo *demo)
{
    if (!demo->engine_started)
        return;
    engine_stop(demo->engine, ENGINE_DRAIN);
    pthread_join(demo->engine_thread, NULL);
    demo->engine_started = false;
}

/* Feeds until it is over, then waits until all is out and the engine has stopped. */
static enum status feed_and_drain(struct demo *demo, struct err *err)
{
    enum status status = feed(demo, err);

    if (status == STATUS_OK)
        status = feeder_flush(demo->feeder, PATIENCE_MS, err);
    if (status == STATUS_OK && !wait_until_out(demo))
        status = fail(err, STATUS_RETRY, "%" PRIu64 " messages did not come out within %d s", tally_open(&demo->tally),
                      PATIENCE_MS / 1000);
    stop_engine(demo);
    if (demo->engine_status != STATUS_OK) { /* the cause, where the other is its consequence */
        *err = demo->engine_err;
        status = demo->engine_status;
    }
    return status;
}

/* Asks Redis, prints all, says whether it adds up. */
static bool sum_up(struct demo *demo)
{
    const struct settings *settings = cli_settings(demo->cli);
    struct demo_result result = {.tally = &demo->tally, .has_redis = demo->alerts != NULL};
    struct err err;

    demo_alerts_close(demo->alerts);
    demo->alerts = NULL;
    demo_reader_close(demo->reader);
    demo->reader = NULL;
    show_done(&demo->show);
    if (result.has_redis && demo_alerts_ask(settings, &demo->tally.mentions, &result.redis_held, &err) != STATUS_OK)
        cli_say(demo->cli, "%s", err.text);
    result.delivered = feeder_counts(demo->feeder).delivered;
    result.seconds = (double)(clock_steady_ms() - demo->started_ms) / 1000;
    engine_counts(demo->engine, &result.counts);
    return demo_summary_print(&result, stdout);
}

static int play(struct demo *demo)
{
    struct err err;
    enum status status = start(demo, &err);

    if (status != STATUS_OK) {
        show_done(&demo->show);
        cli_say(demo->cli, "%s", err.text);
        return status == STATUS_RETRY ? EXIT_UNREACHABLE : EXIT_CONFIGURATION;
    }
    status = feed_and_drain(demo, &err);
    if (!sum_up(demo) && status == STATUS_OK)
        return EXIT_WORK_LEFT;
    if (status != STATUS_OK)
        cli_say(demo->cli, "%s", err.text);
    return status == STATUS_OK ? EXIT_DONE : EXIT_WORK_LEFT;
}

static void tidy(struct demo *demo)
{
    stop_engine(demo);
    demo_alerts_close(demo->alerts);
    demo_reader_close(demo->reader);
    feeder_close(demo->feeder);
    http_watch(demo->http, NULL);
    engine_free(demo->engine);
    http_close(demo->http);
    mock_stop(demo->mock);
    if (demo->own_redis)
        demo_redis_stop(&demo->redis);
    demo_samples_free(&demo->samples);
    tally_done(&demo->tally);
}

static int load_samples(struct demo *demo)
{
    const struct cli *cli = demo->cli;
    const char **files = calloc(cli_n_arguments(cli) + 1, sizeof *files);
    struct err err;
    enum status status;

    if (files == NULL)
        abort();
    for (size_t i = 0; i < cli_n_arguments(cli); i++)
        files[i] = cli_argument(cli, i);
    status = demo_samples_load(files, cli_n_arguments(cli), &demo->samples, &err);
    free(files);
    if (status == STATUS_OK)
        return EXIT_DONE;
    cli_say(cli, "%s", err.text);
    return EXIT_CONFIGURATION;
}

static int demo_run(const struct cli *cli)
{
    static const struct signal_handlers handlers = {on_stop, on_hangup};
    struct demo demo = {.cli = cli, .rate = 20, .run = (uint64_t)time(NULL)};
    struct err err = {0};
    int code;

    if (!cli_number(cli, "seconds", 1, 1000000, &demo.seconds) || !cli_number(cli, "rate", 1, 1000000, &demo.rate))
        return EXIT_USAGE;
    code = load_samples(&demo);
    if (code != EXIT_DONE)
        return code;
    tally_init(&demo.tally);
    show_init(&demo.show);
    signals_block();
    if (signals_start(&handlers, &demo, &err) != STATUS_OK) {
        cli_say(cli, "%s", err.text);
        return EXIT_WORK_LEFT;
    }
    code = prepare(&demo, &err);
    if (code == EXIT_DONE)
        code = play(&demo);
    else if (err.text[0] != '\0')
        cli_say(cli, "%s", err.text);
    tidy(&demo);
    signals_stop();
    return code;
}

static const struct cli_option demo_options[] = {
    {0, "seconds", "N", NULL, "how long to feed (default: until Ctrl-C)"},
    {0, "rate", "N", NULL, "articles a second (default: 20)"},
    {'w', "workers", "N", "workers", "worker threads; 0: one a core"},
    {0},
};

const struct command demo_command = {
    .name = "demo",
    .arguments = "[FILE…]",
    .summary = "everything in one process: embedded broker, sample feed, `run`, a private redis-server",
    .description =
        "Feeds the sample articles (or the JSON lines of the files) again and again as new ones through an\n"
        "embedded broker, with a few messages among them that no one can read; runs the same engine as `run`;\n"
        "and shows each mention as it comes out of Redis, as an alerting service would see it: time,\n"
        "direction (▲ escalation, ▼ de-escalation), kind, who acts on whom, language, headline.\n"
        "\n"
        "At the end it counts what came out, by reading the topics and asking Redis, and exits 0 only if it\n"
        "adds up.\n"
        "\n"
        "redis-server must be in PATH.  With -X redis.url=… or -X kafka.bootstrap.servers=… those are used\n"
        "instead, with topics, group and key prefix named for the demo; the topics must exist or be created\n"
        "by the broker.",
    .options = demo_options,
    .has_settings = true,
    .arguments_max = CLI_ARGUMENTS_UNLIMITED,
    .run = demo_run,
};
