/*
 * bench_stream: articles a second through the embedded broker, Redis and all, beside what the parts alone cost.
 *
 *     bench_stream [--articles N] [--workers N] [--no-redis] [FEED]
 *
 * Three measurements over the same articles of about 4 KB, German, Arabic and English, one in ten with mentions, all in
 * one process and one run, so that whatever else the machine does meets all three:
 *
 *     rooms    one thread walks them through all rooms                    CPU µs an article
 *     bare     one thread consumes them and produces them as they are     CPU µs an article, the broker's included
 *     stream   the engine: reader, workers, publisher, Redis              articles a second
 *
 * Cores ÷ (rooms + bare) is what could be reached if nothing else cost anything; the last line says how much of it the
 * stream reaches.  A private redis-server is started on a unix socket.
 */
#include "consumer/clock.h"
#include "consumer/corridor/engine.h"
#include "consumer/corridor/kafka.h"
#include "consumer/log.h"
#include "consumer/cli/mock.h"
#include "processors/walker.h"

#include <jansson.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BODY_BYTES = 4096, SAMPLES = 512, PARTITIONS = 16, MENTION_EVERY = 10, POOL = 16, ROUND = 960, ROUNDS = 5,
       ARTICLES_MOST = 16000 /* the mock keeps 5 MiB of a partition */ };

static const char *const languages[] = {"de", "ar", "en"};
enum { LANGUAGES = 3 };

struct sample {
    char *body;
    char *quiet; /* its lines without mentions */
    size_t language;
    bool loud; /* has mentions */
};

struct pool {
    char *bodies[POOL];
    size_t n;
};

struct bench {
    struct settings *settings;
    struct knowledge *knowledge;
    struct mock *mock;
    size_t n_articles;
    char **articles;
    struct sample samples[SAMPLES];
    size_t n_samples;
    struct pool pools[LANGUAGES][2]; /* without mentions, with */
    pid_t redis;
    char redis_folder[64];
};

static void die(const char *text)
{
    fprintf(stderr, "bench_stream: %s\n", text);
    exit(1);
}

static double cpu_us(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

/* ---- articles --------------------------------------------------------------------------------------------------- */

static const struct article *walk(struct walker *walker, const char *json, size_t i)
{
    struct message message = {.value = view_of(json), .topic = "bench", .offset = (int64_t)i,
                              .time_ms = clock_wall_ms(), .now_ms = clock_wall_ms()};
    const struct article *article = NULL;
    struct err err;

    if (walker_walk(walker, &message, &article, &err) != STATUS_OK)
        die(err.text);
    return article;
}

static bool is_loud(struct walker *walker, const char *json, size_t i)
{
    return walk(walker, json, i)->n_encoded_mentions > 0;
}

static char *quiet_lines(const struct article *article)
{
    char *text = calloc(1, article->buffer.size + article->n_lines + 1);
    size_t size = 0;

    if (text == NULL)
        die("out of memory");
    for (uint32_t i = 0; i < article->n_lines; i++) {
        const struct line *line = &article->lines[i];
        bool quiet = true;

        for (size_t k = 0; k < article->n_events; k++)
            quiet &= article->sentences[article->events[k].sentence].line != i;
        if (!quiet)
            continue;
        memcpy(text + size, article->buffer.data + line->start, line->size);
        size += line->size;
        text[size++] = '\n';
    }
    return text;
}

static char *make_json(const char *body, size_t i)
{
    char id[32];
    json_t *article;
    char *text;

    snprintf(id, sizeof id, "bench-%zu", i);
    article = json_pack("{s:s,s:s,s:s,s:s}", "id", id, "url", "https://bench.example/1", "source", "bench.example",
                        "body", body);
    if (article == NULL)
        die("a sample article is not UTF-8");
    text = json_dumps(article, JSON_COMPACT);
    json_decref(article);
    return text;
}

static void read_samples(struct bench *bench, struct walker *walker, const char *path)
{
    FILE *feed = fopen(path, "rb");
    char *line = NULL;
    size_t room = 0;

    if (feed == NULL)
        die("cannot open the sample feed");
    while (getline(&line, &room, feed) > 0 && bench->n_samples < SAMPLES) {
        json_t *article = json_loads(line, 0, NULL);
        const char *body = json_string_value(json_object_get(article, "body"));
        const char *code = json_string_value(json_object_get(article, "language"));

        for (size_t i = 0; body != NULL && code != NULL && i < LANGUAGES; i++) {
            struct sample *sample = &bench->samples[bench->n_samples];
            char *json;

            if (strncmp(code, languages[i], 2) != 0)
                continue;
            json = make_json(body, 0);
            *sample = (struct sample){.body = strdup(body), .language = i};
            sample->quiet = quiet_lines(walk(walker, json, 0));
            sample->loud = is_loud(walker, json, 0);
            bench->n_samples++;
            free(json);
        }
        json_decref(article);
    }
    free(line);
    fclose(feed);
}

/* The n-th sample of that language, whole or only its quiet lines, beginning again behind the last; NULL: none. */
static const char *sample_at(const struct bench *bench, size_t language, bool loud, size_t n)
{
    const char *found[SAMPLES];
    size_t n_found = 0;

    for (size_t i = 0; i < bench->n_samples; i++) {
        const struct sample *sample = &bench->samples[i];

        if (sample->language == language && (loud ? sample->loud : sample->quiet[0] != '\0'))
            found[n_found++] = loud ? sample->body : sample->quiet;
    }
    return n_found == 0 ? NULL : found[n % n_found];
}

static size_t append(char *body, size_t size, const char *more)
{
    size_t take = strlen(more);

    if (take > BODY_BYTES - size)
        take = BODY_BYTES - size;
    while (take > 0 && ((unsigned char)more[take] & 0xc0) == 0x80)
        take--;
    memcpy(body + size, more, take);
    size += take;
    body[size++] = '\n';
    body[size] = '\0';
    return size;
}

static void make_body(const struct bench *bench, size_t language, bool loud, size_t first, char body[BODY_BYTES + 2])
{
    const char *beginning = loud ? sample_at(bench, language, true, first) : NULL;
    size_t size = 0;

    if (beginning != NULL)
        size = append(body, size, beginning);
    for (size_t k = 0; size < BODY_BYTES - 200; k++) {
        const char *quiet = sample_at(bench, language, false, first + k);

        if (quiet == NULL)
            die("the sample feed has no article without mentions in one of the languages");
        size = append(body, size, quiet);
    }
}

/* Several quiet samples together may say more than each alone: what does is taken out, until nothing does.  False: it
 * never ends, or little is left. */
static bool hush(struct walker *walker, char body[BODY_BYTES + 2])
{
    for (int i = 0; i < 8; i++) {
        char *json = make_json(body, 0);
        bool loud = is_loud(walker, json, 0);
        char *quiet = loud ? quiet_lines(walk(walker, json, 0)) : NULL;

        free(json);
        if (!loud)
            return strlen(body) >= BODY_BYTES * 3 / 4;
        snprintf(body, BODY_BYTES + 2, "%s", quiet);
        free(quiet);
    }
    return false;
}

static void fill_pools(struct bench *bench, struct walker *walker)
{
    for (size_t language = 0; language < LANGUAGES; language++) {
        for (int loud = 0; loud < 2; loud++) {
            struct pool *pool = &bench->pools[language][loud];

            for (size_t first = 0; first < POOL * 4 && pool->n < POOL; first++) {
                char body[BODY_BYTES + 2], *json;

                make_body(bench, language, loud != 0, first, body);
                json = make_json(body, 0);
                if (loud ? is_loud(walker, json, 0) : hush(walker, body))
                    pool->bodies[pool->n++] = strdup(body);
                free(json);
            }
            if (pool->n == 0)
                die("the sample feed makes no 4 KB with, or none without, mentions in one of the languages");
        }
    }
}

static char *make_article(const struct bench *bench, size_t i)
{
    const struct pool *pool = &bench->pools[i % LANGUAGES][i % MENTION_EVERY == 0];

    return make_json(pool->bodies[i / LANGUAGES % pool->n], i);
}

/* ---- rooms ------------------------------------------------------------------------------------------------------ */

/* Best of several rounds, as other work on the machine only ever adds. */
static double measure_rooms(struct bench *bench, struct walker *walker, size_t *ret_loud)
{
    size_t n = bench->n_articles < ROUND ? bench->n_articles : ROUND, loud = 0;
    double best = 1e9;

    for (int round = 0; round < ROUNDS; round++) {
        double before = cpu_us(), us;

        loud = 0;
        for (size_t i = 0; i < n; i++)
            loud += is_loud(walker, bench->articles[i], i);
        us = (cpu_us() - before) / (double)n;
        best = us < best ? us : best;
    }
    *ret_loud = loud * 100 / n;
    return best;
}

/* ---- Kafka ------------------------------------------------------------------------------------------------------ */

struct reports {
    size_t delivered;
};

static void on_report(rd_kafka_t *producer, const rd_kafka_message_t *message, void *opaque)
{
    struct reports *reports = opaque;

    (void)producer;
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR)
        die(rd_kafka_err2str(message->err));
    reports->delivered++;
}

static rd_kafka_t *client(struct bench *bench, enum client kind, struct reports *reports)
{
    rd_kafka_conf_t *conf;
    rd_kafka_t *handle;
    char text[300];
    struct err err;

    if (settings_kafka(bench->settings, kind, &conf, &err) != STATUS_OK)
        die(err.text);
    kafka_conf_log(conf);
    if (kind == CLIENT_PRODUCER) {
        rd_kafka_conf_set_opaque(conf, reports);
        rd_kafka_conf_set_dr_msg_cb(conf, on_report);
    }
    handle = rd_kafka_new(kind == CLIENT_PRODUCER ? RD_KAFKA_PRODUCER : RD_KAFKA_CONSUMER, conf, text, sizeof text);
    if (handle == NULL)
        die(text);
    return handle;
}

static void produce(rd_kafka_t *producer, const char *topic, int32_t partition, const void *value, size_t size)
{
    while (rd_kafka_producev(producer, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_PARTITION(partition),
                             RD_KAFKA_V_VALUE((void *)value, size), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                             RD_KAFKA_V_END) == RD_KAFKA_RESP_ERR__QUEUE_FULL)
        rd_kafka_poll(producer, 10);
    rd_kafka_poll(producer, 0);
}

static void fill_input(struct bench *bench)
{
    struct reports reports = {0};
    rd_kafka_t *producer = client(bench, CLIENT_PRODUCER, &reports);

    for (size_t i = 0; i < bench->n_articles; i++)
        produce(producer, bench->settings->input_topic, (int32_t)(i % PARTITIONS), bench->articles[i],
                strlen(bench->articles[i]));
    rd_kafka_flush(producer, 60000);
    if (reports.delivered != bench->n_articles)
        die("the broker did not take the articles");
    rd_kafka_destroy(producer);
}

/* Consume and produce, as they are, in one thread; what any stream over this client pays. */
static double measure_bare(struct bench *bench, double *ret_rate)
{
    struct reports reports = {0};
    rd_kafka_t *producer = client(bench, CLIENT_PRODUCER, &reports), *consumer = client(bench, CLIENT_CONSUMER, NULL);
    rd_kafka_topic_partition_list_t *all = rd_kafka_topic_partition_list_new(PARTITIONS);
    double before = 0, us;
    int64_t began_ns = 0;
    size_t n = 0;

    for (int32_t i = 0; i < PARTITIONS; i++)
        rd_kafka_topic_partition_list_add(all, bench->settings->input_topic, i)->offset = RD_KAFKA_OFFSET_BEGINNING;
    rd_kafka_poll_set_consumer(consumer);
    rd_kafka_assign(consumer, all);
    rd_kafka_topic_partition_list_destroy(all);
    while (n < bench->n_articles) {
        rd_kafka_message_t *message = rd_kafka_consumer_poll(consumer, 1000);

        if (message == NULL)
            continue;
        if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
            if (n++ == 0) {
                before = cpu_us();
                began_ns = clock_steady_ns();
            }
            produce(producer, "bench.bare", RD_KAFKA_PARTITION_UA, message->payload, message->len);
        }
        rd_kafka_message_destroy(message);
    }
    rd_kafka_flush(producer, 60000);
    us = (cpu_us() - before) / (double)n;
    *ret_rate = (double)n * 1e9 / (double)(clock_steady_ns() - began_ns);
    rd_kafka_consumer_close(consumer);
    rd_kafka_destroy(consumer);
    rd_kafka_destroy(producer);
    return us;
}

/* ---- stream ----------------------------------------------------------------------------------------------------- */

static void *run_engine(void *arg)
{
    struct err err;

    if (engine_run(arg, &err) != STATUS_OK)
        die(err.text);
    return NULL;
}

struct streamed {
    double rate, cpu_us;
    struct engine_counts counts;
};

static void measure_stream(struct bench *bench, struct streamed *ret)
{
    struct engine *engine;
    pthread_t thread;
    int64_t began_ns = 0;
    double before = 0;
    struct err err;

    if (engine_new(bench->settings, &engine, &err) != STATUS_OK)
        die(err.text);
    pthread_create(&thread, NULL, run_engine, engine);
    do {
        usleep(500);
        engine_counts(engine, &ret->counts);
        if (began_ns == 0 && ret->counts.consumed > 0) {
            before = cpu_us();
            began_ns = clock_steady_ns();
        }
    } while (ret->counts.enriched + ret->counts.dead < bench->n_articles ||
             ret->counts.redis_new + ret->counts.redis_known < (bench->redis == 0 ? 0 : ret->counts.mentions));
    ret->rate = (double)bench->n_articles * 1e9 / (double)(clock_steady_ns() - began_ns);
    ret->cpu_us = (cpu_us() - before) / (double)bench->n_articles;
    engine_stop(engine, ENGINE_DRAIN);
    pthread_join(thread, NULL);
    engine_free(engine);
}

/* ---- around it -------------------------------------------------------------------------------------------------- */

static void start_redis(struct bench *bench)
{
    char socket[96];

    snprintf(bench->redis_folder, sizeof bench->redis_folder, "/tmp/bench-stream-XXXXXX");
    if (mkdtemp(bench->redis_folder) == NULL)
        die("no folder for Redis");
    snprintf(socket, sizeof socket, "%s/s", bench->redis_folder);
    bench->redis = fork();
    if (bench->redis == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* however we end */
        if (freopen("/dev/null", "w", stdout) == NULL)
            _exit(127);
        execlp("redis-server", "redis-server", "--port", "0", "--unixsocket", socket, "--save", "",
               "--appendonly", "no", "--dir", bench->redis_folder, (char *)NULL);
        _exit(127);
    }
    for (int i = 0; access(socket, F_OK) != 0; i++) {
        if (i == 500 || waitpid(bench->redis, NULL, WNOHANG) != 0)
            die("redis-server does not start (--no-redis leaves it out)");
        usleep(10000);
    }
}

static void stop_redis(struct bench *bench)
{
    if (bench->redis == 0)
        return;
    kill(bench->redis, SIGTERM);
    waitpid(bench->redis, NULL, 0);
    rmdir(bench->redis_folder);
}

static void set(struct bench *bench, const char *key, const char *value)
{
    struct err err;

    if (settings_set(bench->settings, key, value, "bench_stream", &err) != STATUS_OK)
        die(err.text);
}

static void prepare(struct bench *bench, const char *workers, bool with_redis)
{
    char url[128] = "";
    const char *const topics[] = {bench->settings->input_topic, bench->settings->output_topic,
                                  bench->settings->dead_topic, "bench.bare"};
    struct err err;

    if (mock_start(1, &bench->mock, &err) != STATUS_OK)
        die(err.text);
    for (size_t i = 0; i < 4; i++)
        if (mock_topic(bench->mock, topics[i], PARTITIONS, &err) != STATUS_OK)
            die(err.text);
    if (with_redis) {
        start_redis(bench);
        snprintf(url, sizeof url, "unix://%s/s", bench->redis_folder);
    }
    set(bench, "kafka.bootstrap.servers", mock_bootstraps(bench->mock));
    set(bench, "redis.url", url);
    set(bench, "workers", workers);
    set(bench, "data.dir", TOCSIN_SOURCE_DIR "/processors/data");
    set(bench, "kafka.consumer.fetch.wait.max.ms", "10"); /* an empty fetch of the mock waits it out */
    set(bench, "kafka.producer.batch.size", "500000");    /* larger ones the mock may lose */
    if (settings_finish(bench->settings, &err) != STATUS_OK)
        die(err.text);
}

static void report(const struct bench *bench, double rooms_us, double bare_us, double bare_rate, size_t loud,
                   const struct streamed *streamed)
{
    double cores = (double)sysconf(_SC_NPROCESSORS_ONLN), most = cores / (rooms_us + bare_us) * 1e6;

    printf("articles   %zu of %d bytes, %zu %% with mentions\n", bench->n_articles, BODY_BYTES, loud);
    printf("rooms      %.1f us an article (one thread alone)\n", rooms_us);
    printf("bare       %.1f us an article (consume and produce, broker included), %.0f articles/s\n", bare_us,
           bare_rate);
    printf("stream     %.0f articles/s, %.1f us of CPU an article, walk p50 %llu us p99 %llu us, %llu in Redis\n",
           streamed->rate, streamed->cpu_us, (unsigned long long)streamed->counts.walk_p50_us,
           (unsigned long long)streamed->counts.walk_p99_us, (unsigned long long)streamed->counts.redis_new);
    printf("ratio      %.2f of %.0f cores / (rooms + bare) = %.0f articles/s\n", streamed->rate / most, cores, most);
}

int main(int argc, char **argv)
{
    const char *feed = TOCSIN_SOURCE_DIR "/deploy/samples/feed.jsonl", *workers = "0";
    struct bench bench = {.n_articles = 10000};
    bool with_redis = true;
    struct options options;
    struct walker *walker = NULL;
    struct streamed streamed;
    double rooms_us, bare_us, bare_rate;
    size_t loud;
    struct err err;

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--articles") == 0 && i + 1 < argc)
            bench.n_articles = (size_t)atol(argv[++i]);
        else if (strcmp(argv[i], "--workers") == 0 && i + 1 < argc)
            workers = argv[++i];
        else if (strcmp(argv[i], "--no-redis") == 0)
            with_redis = false;
        else if (argv[i][0] != '-')
            feed = argv[i];
        else
            die("usage: bench_stream [--articles N] [--workers N] [--no-redis] [FEED]");
    }
    if (bench.n_articles < 1 || bench.n_articles > ARTICLES_MOST)
        die("--articles: 1 to 16000");
    log_threshold(LOG_WARN);
    bench.settings = settings_new();
    prepare(&bench, workers, with_redis);
    settings_options(bench.settings, &options);
    if (knowledge_open(&options, &bench.knowledge, &err) != STATUS_OK ||
        walker_new(bench.knowledge, &walker, &err) != STATUS_OK)
        die(err.text);
    read_samples(&bench, walker, feed);
    fill_pools(&bench, walker);
    bench.articles = calloc(bench.n_articles, sizeof *bench.articles);
    if (bench.articles == NULL)
        die("out of memory");
    for (size_t i = 0; i < bench.n_articles; i++)
        bench.articles[i] = make_article(&bench, i);
    fill_input(&bench);

    rooms_us = measure_rooms(&bench, walker, &loud);
    bare_us = measure_bare(&bench, &bare_rate);
    measure_stream(&bench, &streamed);
    report(&bench, rooms_us, bare_us, bare_rate, loud, &streamed);

    for (size_t i = 0; i < bench.n_articles; i++)
        free(bench.articles[i]);
    for (size_t i = 0; i < bench.n_samples; i++)
        free(bench.samples[i].body), free(bench.samples[i].quiet);
    for (size_t i = 0; i < LANGUAGES * 2; i++)
        for (size_t k = 0; k < bench.pools[i / 2][i % 2].n; k++)
            free(bench.pools[i / 2][i % 2].bodies[k]);
    free(bench.articles);
    walker_free(walker);
    knowledge_unref(bench.knowledge);
    mock_stop(bench.mock);
    stop_redis(&bench);
    settings_free(bench.settings);
    return 0;
}
