/*
 * check: topics: those that are missing are created, and what they allow is compared with the settings.
 */
#include "consumer/cli/check.h"

#include "consumer/clock.h"
#include "consumer/corridor/kafka.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    TOPICS = 3,
    RECORD_HEAD = 65536,      /* key, headers and framing beside the value */
    LIMITS_MS = 3000,         /* the embedded broker never tells them */
    LIMIT_AT_LEAST = 1048588, /* Kafka's own default of max.message.bytes: a topic of ours allows no less */
};

/* A month in which somebody may mend what died; articles have what the broker gives them, mostly a week. */
static const char dead_retention_ms[] = "2592000000";

enum role { INPUT, OUTPUT, DEAD };

struct topic {
    const char *name;
    enum role role;
    uint64_t needed; /* max.message.bytes that the settings ask for; 0: whatever comes */
    rd_kafka_resp_err_t error; /* of its metadata */
    int n_partitions, n_replicas; /* the least that one of its partitions has */
    bool limits_known;
    char why_not[200];
    uint64_t max_message_bytes;
    int min_insync;
};

static void describe_need(const struct settings *settings, struct topic *topics)
{
    topics[INPUT] = (struct topic){.name = settings->input_topic, .role = INPUT};
    topics[OUTPUT] = (struct topic){
        .name = settings->output_topic, .role = OUTPUT, .needed = settings->output_max_bytes + RECORD_HEAD};
    topics[DEAD] = (struct topic){
        .name = settings->dead_topic, .role = DEAD, .needed = settings->input_max_bytes + RECORD_HEAD};
}

/* ---- asking ------------------------------------------------------------------------------------------------------- */

/* By a consumer, whose question does not make a broker create the topic. */
static void ask_metadata(rd_kafka_t *client, struct topic *topic)
{
    const struct rd_kafka_metadata *metadata;
    rd_kafka_topic_t *asked = rd_kafka_topic_new(client, topic->name, NULL);

    topic->error = asked == NULL ? rd_kafka_last_error()
                                 : rd_kafka_metadata(client, 0, asked, &metadata, CHECK_CONNECT_MS);
    if (topic->error == RD_KAFKA_RESP_ERR_NO_ERROR) {
        const struct rd_kafka_metadata_topic *found = &metadata->topics[0];

        topic->error = found->err;
        topic->n_partitions = found->partition_cnt;
        topic->n_replicas = found->partition_cnt == 0 ? 0 : found->partitions[0].replica_cnt;
        for (int i = 1; i < found->partition_cnt; i++)
            if (found->partitions[i].replica_cnt < topic->n_replicas)
                topic->n_replicas = found->partitions[i].replica_cnt;
        if (topic->error == RD_KAFKA_RESP_ERR_NO_ERROR && found->partition_cnt == 0)
            topic->error = RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE; /* being created */
        rd_kafka_metadata_destroy(metadata);
    }
    if (asked != NULL)
        rd_kafka_topic_destroy(asked);
}

static bool is_missing(const struct topic *topic)
{
    return topic->error == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART || topic->error == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC;
}

static void take_entry(struct topic *topic, const rd_kafka_ConfigEntry_t *entry)
{
    const char *name = rd_kafka_ConfigEntry_name(entry), *value = rd_kafka_ConfigEntry_value(entry);

    if (value != NULL && strcmp(name, "max.message.bytes") == 0) {
        topic->max_message_bytes = strtoull(value, NULL, 10);
        topic->limits_known = true;
    }
    if (value != NULL && strcmp(name, "min.insync.replicas") == 0)
        topic->min_insync = (int)strtol(value, NULL, 10);
}

static void take_limits(struct topic *topics, const rd_kafka_DescribeConfigs_result_t *result)
{
    size_t n_resources, n_entries;
    const rd_kafka_ConfigResource_t **resources = rd_kafka_DescribeConfigs_result_resources(result, &n_resources);

    for (size_t i = 0; i < n_resources; i++) {
        struct topic *topic = topics;
        const rd_kafka_ConfigEntry_t **entries = rd_kafka_ConfigResource_configs(resources[i], &n_entries);

        while (strcmp(topic->name, rd_kafka_ConfigResource_name(resources[i])) != 0)
            topic++;
        if (rd_kafka_ConfigResource_error(resources[i]) != RD_KAFKA_RESP_ERR_NO_ERROR)
            snprintf(topic->why_not, sizeof topic->why_not, "%s",
                     rd_kafka_err2str(rd_kafka_ConfigResource_error(resources[i])));
        for (size_t k = 0; k < n_entries; k++)
            take_entry(topic, entries[k]);
    }
}

/* Waits for the answer to a request of the admin API; NULL: none came. */
static rd_kafka_event_t *wait_for_answer(rd_kafka_queue_t *queue, int timeout_ms)
{
    return rd_kafka_queue_poll(queue, timeout_ms + 1000); /* the client gives up by itself before */
}

static rd_kafka_AdminOptions_t *admin_options(rd_kafka_t *client, rd_kafka_admin_op_t operation, int timeout_ms)
{
    rd_kafka_AdminOptions_t *options = rd_kafka_AdminOptions_new(client, operation);
    char text[200];

    rd_kafka_AdminOptions_set_request_timeout(options, timeout_ms, text, sizeof text);
    return options;
}

static void ask_limits(rd_kafka_t *client, struct topic *topics)
{
    rd_kafka_AdminOptions_t *options = admin_options(client, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, LIMITS_MS);
    rd_kafka_queue_t *queue = rd_kafka_queue_new(client);
    rd_kafka_ConfigResource_t *resources[TOPICS];
    rd_kafka_event_t *event;
    const char *why_not = "the brokers did not answer";

    for (int i = 0; i < TOPICS; i++)
        resources[i] = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topics[i].name);
    rd_kafka_DescribeConfigs(client, resources, TOPICS, options, queue);
    event = wait_for_answer(queue, LIMITS_MS);
    if (event != NULL && rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR_NO_ERROR)
        take_limits(topics, rd_kafka_event_DescribeConfigs_result(event));
    else if (event != NULL)
        why_not = rd_kafka_event_error_string(event);
    for (int i = 0; i < TOPICS; i++)
        if (!topics[i].limits_known && topics[i].why_not[0] == '\0')
            snprintf(topics[i].why_not, sizeof topics[i].why_not, "%s", why_not);
    if (event != NULL)
        rd_kafka_event_destroy(event);
    rd_kafka_ConfigResource_destroy_array(resources, TOPICS);
    rd_kafka_queue_destroy(queue);
    rd_kafka_AdminOptions_destroy(options);
}

/* ---- creating ----------------------------------------------------------------------------------------------------- */

static uint64_t limit_to_set(const struct topic *topic)
{
    return topic->needed == 0 ? 0 : topic->needed < LIMIT_AT_LEAST ? LIMIT_AT_LEAST : topic->needed;
}

static rd_kafka_NewTopic_t *new_topic(const struct settings *settings, const struct topic *topic)
{
    int n_partitions = settings->topics_partitions == 0 ? -1 : (int)settings->topics_partitions;
    int n_replicas = settings->topics_replication == 0 ? -1 : (int)settings->topics_replication;
    char text[200];
    rd_kafka_NewTopic_t *made = rd_kafka_NewTopic_new(topic->name, n_partitions, n_replicas, text, sizeof text);

    if (made == NULL)
        abort(); /* names and numbers were checked with the settings */
    snprintf(text, sizeof text, "%" PRIu64, limit_to_set(topic));
    if (topic->needed > 0)
        rd_kafka_NewTopic_set_config(made, "max.message.bytes", text);
    if (topic->role == DEAD) {
        rd_kafka_NewTopic_set_config(made, "cleanup.policy", "delete");
        rd_kafka_NewTopic_set_config(made, "retention.ms", dead_retention_ms);
    }
    return made;
}

static void say_created(const struct settings *settings, const struct topic *topic)
{
    char partitions[40] = "as many partitions as the broker gives", replicas[40] = "its default of copies",
         config[120] = "";

    if (settings->topics_partitions > 0)
        snprintf(partitions, sizeof partitions, "%" PRIu64 " partitions", settings->topics_partitions);
    if (settings->topics_replication > 0)
        snprintf(replicas, sizeof replicas, "%" PRIu64 " copies", settings->topics_replication);
    if (topic->needed > 0)
        snprintf(config, sizeof config, ", max.message.bytes=%" PRIu64 "%s%s", limit_to_set(topic),
                 topic->role == DEAD ? ", cleanup.policy=delete, retention.ms=" : "",
                 topic->role == DEAD ? dead_retention_ms : "");
    check_report(FINDING_OK, "created", "%s: %s, %s%s", topic->name, partitions, replicas, config);
}

static const struct topic *topic_named(const struct topic *topics, const char *name)
{
    for (int i = 0; i < TOPICS; i++)
        if (strcmp(topics[i].name, name) == 0)
            return &topics[i];
    return NULL;
}

static bool take_created(const struct settings *settings, const struct topic *topics, rd_kafka_event_t *event)
{
    const rd_kafka_CreateTopics_result_t *result = rd_kafka_event_CreateTopics_result(event);
    const rd_kafka_topic_result_t **results;
    bool fine = true;
    size_t n;

    if (rd_kafka_event_error(event) != RD_KAFKA_RESP_ERR_NO_ERROR || result == NULL) {
        check_report(FINDING_WRONG, "create", "%s", rd_kafka_event_error_string(event));
        return false;
    }
    results = rd_kafka_CreateTopics_result_topics(result, &n);
    for (size_t i = 0; i < n; i++) {
        const char *name = rd_kafka_topic_result_name(results[i]);
        rd_kafka_resp_err_t error = rd_kafka_topic_result_error(results[i]);

        if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
            say_created(settings, topic_named(topics, name));
        } else if (error != RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) { /* somebody was faster */
            check_report(FINDING_WRONG, "create", "%s: %s", name, rd_kafka_topic_result_error_string(results[i]));
            fine = false;
        }
    }
    return fine;
}

/* Brokers learn of a new topic one after another. */
static void wait_until_seen(rd_kafka_t *client, struct topic *topic)
{
    int64_t deadline = clock_steady_ms() + CHECK_CONNECT_MS;

    for (;;) {
        ask_metadata(client, topic);
        if ((!is_missing(topic) && topic->error != RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE) ||
            clock_steady_ms() >= deadline)
            return;
        usleep(50000); /* not rd_kafka_poll(): a consumer may not */
    }
}

static bool create_missing(const struct settings *settings, rd_kafka_t *client, struct topic *topics)
{
    rd_kafka_AdminOptions_t *options = admin_options(client, RD_KAFKA_ADMIN_OP_CREATETOPICS, CHECK_CONNECT_MS);
    rd_kafka_queue_t *queue = rd_kafka_queue_new(client);
    rd_kafka_NewTopic_t *made[TOPICS];
    rd_kafka_event_t *event;
    bool fine = false;
    size_t n = 0;
    char text[200];

    rd_kafka_AdminOptions_set_operation_timeout(options, CHECK_CONNECT_MS, text, sizeof text);
    for (int i = 0; i < TOPICS; i++)
        if (is_missing(&topics[i]))
            made[n++] = new_topic(settings, &topics[i]);
    rd_kafka_CreateTopics(client, made, n, options, queue);
    event = wait_for_answer(queue, CHECK_CONNECT_MS);
    if (event == NULL)
        check_report(FINDING_WRONG, "create", "the brokers did not answer");
    else
        fine = take_created(settings, topics, event);
    if (event != NULL)
        rd_kafka_event_destroy(event);
    rd_kafka_NewTopic_destroy_array(made, n);
    rd_kafka_queue_destroy(queue);
    rd_kafka_AdminOptions_destroy(options);
    for (int i = 0; i < TOPICS && fine; i++)
        if (is_missing(&topics[i]))
            wait_until_seen(client, &topics[i]);
    return fine;
}

/* ---- judging ------------------------------------------------------------------------------------------------------ */

/* False: it contradicts the settings. */
static bool judge_limit(const struct settings *settings, const struct topic *topic, const struct topic *input)
{
    uint64_t limit = topic->max_message_bytes, arriving = settings->input_max_bytes;

    if (topic->role == OUTPUT && limit < settings->output_max_bytes) {
        check_report(FINDING_WRONG, "limit",
                     "%s: max.message.bytes is %" PRIu64 ", output.max.bytes %" PRIu64
                     ": lower output.max.bytes, or raise the topic's limit",
                     topic->name, limit, settings->output_max_bytes);
        return false;
    }
    if (topic->role == OUTPUT && limit < topic->needed)
        check_report(FINDING_NOTE, "limit",
                     "%s: max.message.bytes is %" PRIu64 ", output.max.bytes %" PRIu64
                     ": little is left for key and headers",
                     topic->name, limit, settings->output_max_bytes);
    if (topic->role != DEAD)
        return true;
    if (input->limits_known && input->max_message_bytes < arriving)
        arriving = input->max_message_bytes;
    if (limit < arriving + RECORD_HEAD)
        check_report(FINDING_NOTE, "limit",
                     "%s: max.message.bytes is %" PRIu64 ", what arrives may have %" PRIu64
                     ": what is larger goes there without its bytes%s",
                     topic->name, limit, arriving,
                     settings->dead_spool_dir[0] == '\0' ? ", which are lost unless dead.spool_dir is set"
                                                         : " (kept in dead.spool_dir)");
    return true;
}

static bool judge_copies(const struct topic *topic)
{
    if (topic->min_insync > topic->n_replicas) {
        check_report(FINDING_WRONG, "copies",
                     "%s: min.insync.replicas is %d, but there are %d copies: nothing can be written with acks=all",
                     topic->name, topic->min_insync, topic->n_replicas);
        return false;
    }
    if (topic->n_replicas > 1 && topic->min_insync == topic->n_replicas)
        check_report(FINDING_NOTE, "copies",
                     "%s: min.insync.replicas is %d, as many as there are copies: one broker down stops the stream",
                     topic->name, topic->min_insync);
    return true;
}

static enum status judge(const struct settings *settings, const struct topic *topics)
{
    enum status status = STATUS_OK;

    for (int i = 0; i < TOPICS; i++) {
        const struct topic *topic = &topics[i];

        if (topic->error != RD_KAFKA_RESP_ERR_NO_ERROR)
            continue;
        if (!topic->limits_known)
            check_report(FINDING_NOTE, "limit", "%s: not compared, not to be seen: %s", topic->name, topic->why_not);
        else if (!judge_limit(settings, topic, &topics[INPUT]) ||
                 (topic->role != INPUT && topic->min_insync > 0 && !judge_copies(topic)))
            status = STATUS_FATAL;
    }
    return status;
}

static bool report_topic(const struct topic *topic)
{
    if (topic->error != RD_KAFKA_RESP_ERR_NO_ERROR) {
        check_report(FINDING_WRONG, "topic", "%s: %s%s", topic->name, rd_kafka_err2str(topic->error),
                     is_missing(topic) ? " (--create-topics creates it)" : "");
        return false;
    }
    check_report(FINDING_OK, "topic", "%s: %d partitions, %d %s", topic->name, topic->n_partitions, topic->n_replicas,
                 topic->n_replicas == 1 ? "copy" : "copies");
    return true;
}

enum status check_topics(const struct settings *settings, rd_kafka_t *client, bool create)
{
    struct topic topics[TOPICS];
    bool missing = false, fine = true;
    enum status status;

    describe_need(settings, topics);
    for (int i = 0; i < TOPICS; i++) {
        ask_metadata(client, &topics[i]);
        missing = missing || is_missing(&topics[i]);
    }
    if (missing && create)
        fine = create_missing(settings, client, topics);
    for (int i = 0; i < TOPICS; i++)
        fine = report_topic(&topics[i]) && fine;
    ask_limits(client, topics);
    status = judge(settings, topics);
    return fine ? status : STATUS_RETRY;
}

/* ---- coordinators ------------------------------------------------------------------------------------------------- */

static bool check_group(const struct settings *settings, rd_kafka_t *client)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_resp_err_t error;

    rd_kafka_topic_partition_list_add(list, settings->input_topic, 0);
    error = rd_kafka_committed(client, list, CHECK_CONNECT_MS);
    rd_kafka_topic_partition_list_destroy(list);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
        check_report(FINDING_WRONG, "group", "%s: %s", settings->group_id, rd_kafka_err2str(error));
    else
        check_report(FINDING_OK, "group", "%s: its coordinator answers", settings->group_id);
    return error == RD_KAFKA_RESP_ERR_NO_ERROR;
}

/* Under a name of its own: to ask under the stream's would fence the stream. */
static bool check_transactions(const struct settings *settings)
{
    struct settings own = *settings; /* what it points to is shared */
    rd_kafka_error_t *error = NULL;
    char name[300], text[300];
    rd_kafka_t *producer;
    struct err err;

    snprintf(name, sizeof name, "%s-check", settings->transactional_id);
    own.transactional_id = name;
    if (check_client(&own, CLIENT_PRODUCER, &producer, &err) != STATUS_OK) {
        check_report(FINDING_WRONG, "transactions", "%s", err.text);
        return false;
    }
    error = rd_kafka_init_transactions(producer, CHECK_CONNECT_MS);
    snprintf(text, sizeof text, "%s", error == NULL ? "" : rd_kafka_error_string(error));
    if (error == NULL)
        check_report(FINDING_OK, "transactions", "their coordinator has given %s a producer id", name);
    else
        check_report(FINDING_WRONG, "transactions", "%s: %s (brokers before 2.5 cannot, and the user needs WRITE on "
                     "the transactional id)", name, text);
    if (error != NULL)
        rd_kafka_error_destroy(error);
    rd_kafka_destroy(producer);
    return text[0] == '\0';
}

enum status check_coordinators(const struct settings *settings, rd_kafka_t *client)
{
    bool fine = check_group(settings, client);

    if (settings->delivery == DELIVERY_EXACTLY_ONCE)
        fine = check_transactions(settings) && fine;
    return fine ? STATUS_OK : STATUS_RETRY;
}
