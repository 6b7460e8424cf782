#include "consumer/http/pages.h"

#include "consumer/corridor/cache.h"
#include "consumer/http/process.h"
#include "consumer/metrics.h"

#include "processors/stage.h"

#include <hiredis/hiredis.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <unicode/uversion.h>

#define TEXT_TYPE "text/plain; charset=utf-8"
#define STRING_(x) #x
#define STRING(x) STRING_(x)
/* hiredis has no function to ask it. */
#define HIREDIS_VERSION STRING(HIREDIS_MAJOR) "." STRING(HIREDIS_MINOR) "." STRING(HIREDIS_PATCH)

#define MS UINT64_C(1000000)
#define S (1000 * MS)

/* ---- alive, ready ----------------------------------------------------------------------------------------------- */

static void put_lines(struct exposition *text, const char *lines)
{
    for (size_t size; *lines != '\0'; lines += size) {
        size = strcspn(lines, "\n");
        size += lines[size] == '\n';
        exposition_print(text, "%.*s", (int)size, lines);
    }
}

static unsigned write_livez(struct watch *watch, struct exposition *text)
{
    char why[WATCH_TEXT_MAX];

    /* Before there is an engine the program waits for brokers, with deadlines of its own. */
    if (watch == NULL || watch_is_alive(watch, why)) {
        exposition_print(text, "alive\n");
        return MHD_HTTP_OK;
    }
    put_lines(text, why);
    return MHD_HTTP_SERVICE_UNAVAILABLE;
}

static unsigned write_readyz(struct watch *watch, struct exposition *text)
{
    char why[WATCH_TEXT_MAX];

    if (watch == NULL) {
        exposition_print(text, "starting: connecting to the brokers\n");
        return MHD_HTTP_SERVICE_UNAVAILABLE;
    }
    if (watch_is_ready(watch, why)) {
        exposition_print(text, "ready\n");
        return MHD_HTTP_OK;
    }
    put_lines(text, why);
    return MHD_HTTP_SERVICE_UNAVAILABLE;
}

/* ---- version ---------------------------------------------------------------------------------------------------- */

static void tell_lexicon(struct watch *watch, char lexicon[32])
{
    lexicon[0] = '\0';
    if (watch != NULL)
        watch_tell_lexicon(watch, lexicon);
}

static unsigned write_version(struct watch *watch, struct exposition *text)
{
    UVersionInfo icu;
    char icu_text[U_MAX_VERSION_STRING_LENGTH], lexicon[32];

    u_getVersion(icu);
    u_versionToString(icu, icu_text);
    tell_lexicon(watch, lexicon);
    exposition_print(text, "{\"version\": \"%s\", \"lexicon\": ", TOCSIN_VERSION);
    exposition_print(text, lexicon[0] == '\0' ? "null%s" : "\"%s\"", lexicon);
    exposition_print(text, ", \"librdkafka\": \"%s\", \"hiredis\": \"%s\", \"icu\": \"%s\", \"libmicrohttpd\": \"%s\"}\n",
                     rd_kafka_version_str(), HIREDIS_VERSION, icu_text, MHD_get_version());
    return MHD_HTTP_OK;
}

/* ---- metrics ---------------------------------------------------------------------------------------------------- */

static void expose_table(struct exposition *text)
{
    const char *family = "";

    for (int i = 0; i < METRIC_COUNT; i++) {
        const struct metric_row *row = metric_row((enum metric)i);

        if (row->name == NULL)
            continue;
        if (strcmp(row->name, family) != 0)
            exposition_family(text, row->name, row->kind == METRIC_GAUGE ? "gauge" : "counter", row->help);
        family = row->name;
        if (row->kind == METRIC_MILLISECONDS)
            exposition_seconds(text, "", NO_LABELS, metric_get((enum metric)i) * MS);
        else
            exposition_print(text, "%s%s%s%s %llu\n", row->name, row->label[0] == '\0' ? "" : "{", row->label,
                             row->label[0] == '\0' ? "" : "}", (unsigned long long)metric_get((enum metric)i));
    }
}

static uint64_t load(const _Atomic uint64_t *number)
{
    return atomic_load_explicit(number, memory_order_relaxed);
}

/* Only what was seen: all combinations would be ten thousand series of zeros. */
static void expose_languages(struct exposition *text)
{
    const char *code;

    exposition_family(text, "tocsin_articles_total", "counter", "articles that came through all rooms, by language");
    for (unsigned i = 0; (code = metric_language_code(i)) != NULL; i++)
        if (load(&metric_articles[i].articles) > 0)
            exposition_sample(text, "", LABELS("language", code), load(&metric_articles[i].articles));
    exposition_family(text, "tocsin_mentions_total", "counter", "mentions found, those of repeated articles too");
    for (unsigned i = 0; (code = metric_language_code(i)) != NULL; i++) {
        for (size_t direction = 0; direction < METRIC_DIRECTIONS; direction++) {
            const char *name = direction_name(direction == 0 ? DIRECTION_ESCALATION : DIRECTION_DEESCALATION);

            for (int kind = 0; kind < EVENT_KINDS; kind++) {
                uint64_t n = load(&metric_articles[i].mentions[direction][kind]);

                if (n > 0)
                    exposition_sample(text, "", LABELS("direction", name, "kind", event_kind_name((enum event_kind)kind),
                                                       "language", code), n);
            }
        }
    }
}

static void expose_durations(struct exposition *text)
{
    const struct buckets *shards[ROOM_SHARDS], *latency = &metric_latency.all, *walk = &metric_walk.all;

    exposition_family(text, "tocsin_room_duration_seconds", "histogram", "time that an article spent in each room");
    for (size_t room = 0; room < STAGES; room++) {
        for (size_t i = 0; i < ROOM_SHARDS; i++)
            shards[i] = &metric_rooms[i].rooms[room];
        exposition_buckets(text, LABELS("room", stage_order[room]->name), shards, ROOM_SHARDS, 0, S);
    }
    exposition_family(text, "tocsin_article_duration_seconds", "histogram", "time of an article through all rooms");
    exposition_buckets(text, NO_LABELS, &walk, 1, 0, S);
    exposition_family(text, "tocsin_end_to_end_latency_seconds", "histogram",
                      "from the record's timestamp until the broker has its enriched article");
    exposition_buckets(text, NO_LABELS, &latency, 1, MS, UINT64_MAX);
}

static void expose_lags(struct exposition *text, const struct progress *progress, size_t n, bool stored)
{
    exposition_family(text, stored ? "tocsin_consumer_lag_stored" : "tocsin_consumer_lag", "gauge",
                      stored ? "records between what is finished and the high watermark, of partitions that are ours"
                             : "records between what is committed and the high watermark, of partitions that are ours");
    for (size_t i = 0; i < n; i++) {
        int64_t lag = stored ? progress[i].lag_stored : progress[i].lag;
        char number[16];

        snprintf(number, sizeof number, "%d", progress[i].number);
        if (lag >= 0)
            exposition_sample(text, "", LABELS("topic", progress[i].topic, "partition", number), (uint64_t)lag);
    }
}

static void expose_gauge(struct exposition *text, const char *name, const char *help, uint64_t value)
{
    exposition_family(text, name, "gauge", help);
    exposition_sample(text, "", NO_LABELS, value);
}

static void expose_partitions(struct exposition *text, struct watch *watch)
{
    struct progress *progress = NULL;
    size_t n = watch_progress(watch, NULL, 0), max = n;

    if (n > 0) {
        progress = calloc(max, sizeof *progress);
        n = progress == NULL ? 0 : watch_progress(watch, progress, max);
    }
    if (n > max)
        n = max; /* more were given just now: next time */
    expose_gauge(text, "tocsin_assigned_partitions", "partitions that are ours", n);
    expose_lags(text, progress, n, false);
    expose_lags(text, progress, n, true);
    free(progress);
}

static void expose_engine(struct exposition *text, struct watch *watch)
{
    char why[WATCH_TEXT_MAX], lexicon[32];

    expose_gauge(text, "tocsin_in_flight_messages", "articles in batches under way", corridor_in_flight(watch->corridor));
    expose_gauge(text, "tocsin_in_flight_bytes", "bytes of these articles as they came",
                 corridor_in_flight_bytes(watch->corridor));
    expose_partitions(text, watch);
    if (watch->cache != NULL)
        expose_gauge(text, "tocsin_redis_up", "1 while Redis answers", cache_is_up(watch->cache));
    expose_gauge(text, "tocsin_ready", "1 while /readyz says yes", watch_is_ready(watch, why));
    watch_tell_lexicon(watch, lexicon);
    exposition_family(text, "tocsin_knowledge_info", "gauge", "version of the tables that new batches are given");
    exposition_sample(text, "", LABELS("version", lexicon), 1);
}

static unsigned write_metrics(struct watch *watch, struct exposition *text)
{
    exposition_family(text, "tocsin_build_info", "gauge", "version of the program and of librdkafka");
    exposition_sample(text, "", LABELS("version", TOCSIN_VERSION, "librdkafka", rd_kafka_version_str()), 1);
    expose_table(text);
    expose_languages(text);
    expose_durations(text);
    if (watch != NULL)
        expose_engine(text, watch);
    process_expose(text);
    return MHD_HTTP_OK;
}

const struct page http_pages[] = {
    {"/livez", TEXT_TYPE, write_livez},
    {"/readyz", TEXT_TYPE, write_readyz},
    {"/metrics", "text/plain; version=0.0.4; charset=utf-8", write_metrics},
    {"/version", "application/json", write_version},
    {NULL, NULL, NULL},
};
