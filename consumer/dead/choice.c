#include "consumer/dead/choice.h"

#include "consumer/cli/progress.h"
#include "consumer/cli/when.h"

#include <stdlib.h>
#include <xxhash.h>

enum {
    REASONS_MAX = 16,
    GAP_MAX = 10000, /* offsets that are read over rather than sought over: a seek costs a round trip */
};

struct filter {
    const char *reasons[REASONS_MAX];
    size_t n_reasons;
    int64_t since_ms, until_ms;
    struct view topic; /* origin; absent: any */
    int64_t partition, offset; /* -1: any */
    uint64_t limit;    /* 0: none */
    bool all;
};

/* One letter. */
struct entry {
    int64_t offset, failed_ms;
    XXH128_hash_t origin; /* of its text; 128 bits never meet by chance */
    int32_t partition;
    int32_t attempts;
    bool passes;
    uint8_t state; /* enum letter_state */
};

struct index {
    struct entry *letters;
    size_t n_letters, max_letters;
    struct coordinates *notes; /* what was sent back */
    size_t n_notes, max_notes;
};

const char *letter_state_name(enum letter_state state)
{
    static const char *const names[LETTER_STATES] = {"open", "replayed", "repeated"};

    return names[state];
}

int dead_exit_code(enum status status)
{
    return status == STATUS_OK ? EXIT_DONE : status == STATUS_RETRY ? EXIT_UNREACHABLE : EXIT_CONFIGURATION;
}

/* ---- the command line -------------------------------------------------------------------------------------------- */

static bool read_coordinates(const char *text, struct coordinates *ret)
{
    const char *at = strchr(text, '@');
    int64_t partition, offset;

    if (at == NULL)
        return false;
    partition = headers_number((struct view){text, (size_t)(at - text)}, INT32_MAX);
    offset = headers_number(view_of(at + 1), INT64_MAX - 1);
    if (partition < 0 || offset < 0)
        return false;
    *ret = (struct coordinates){.partition = (int32_t)partition, .offset = offset};
    return true;
}

/* TOPIC, TOPIC/P, TOPIC/P@O: no topic's name has one of these two characters. */
static bool read_origin(const char *text, struct filter *filter)
{
    const char *slash = strchr(text, '/');
    struct coordinates place;
    char rest[64];

    filter->topic = (struct view){text, slash == NULL ? strlen(text) : (size_t)(slash - text)};
    if (slash == NULL)
        return filter->topic.size > 0;
    snprintf(rest, sizeof rest, "%s%s", slash + 1, strchr(slash, '@') == NULL ? "@0" : "");
    if (filter->topic.size == 0 || !read_coordinates(rest, &place))
        return false;
    filter->partition = place.partition;
    filter->offset = strchr(slash, '@') == NULL ? -1 : place.offset;
    return true;
}

static int read_filter(const struct cli *cli, struct filter *ret_filter)
{
    const char *value;
    struct filter filter = {.since_ms = INT64_MIN, .until_ms = INT64_MAX, .partition = -1, .offset = -1,
                            .all = cli_given(cli, "all")};

    while ((value = cli_value_at(cli, "reason", filter.n_reasons)) != NULL) {
        if (filter.n_reasons == REASONS_MAX) {
            cli_say(cli, "--reason can be given %d times", REASONS_MAX);
            return EXIT_USAGE;
        }
        filter.reasons[filter.n_reasons++] = value;
    }
    value = cli_value(cli, "origin");
    if (value != NULL && !read_origin(value, &filter)) {
        cli_say(cli, "--origin is \"%s\", expected TOPIC, TOPIC/PARTITION or TOPIC/PARTITION@OFFSET", value);
        return EXIT_USAGE;
    }
    if (!when_option(cli, "since", &filter.since_ms) || !when_option(cli, "until", &filter.until_ms) ||
        !cli_number(cli, "limit", 1, UINT64_MAX, &filter.limit))
        return EXIT_USAGE;
    *ret_filter = filter;
    return EXIT_DONE;
}

int dead_choice_check(const struct cli *cli)
{
    static const char *const filters[] = {"reason", "since", "until", "origin", "limit", "all", NULL};
    struct coordinates coordinates;
    struct filter filter;

    for (size_t i = 1; i < cli_n_arguments(cli); i++) {
        if (!read_coordinates(cli_argument(cli, i), &coordinates)) {
            cli_say(cli, "\"%s\" is no letter, expected PARTITION@OFFSET, as `dead list` shows it",
                    cli_argument(cli, i));
            return EXIT_USAGE;
        }
        for (const char *const *name = filters; *name != NULL; name++) {
            if (cli_given(cli, *name)) {
                cli_say(cli, "--%s and PARTITION@OFFSET exclude each other", *name);
                return EXIT_USAGE;
            }
        }
    }
    return read_filter(cli, &filter);
}

/* ---- what there is ----------------------------------------------------------------------------------------------- */

static void *grown(void *array, size_t n, size_t *max, size_t size)
{
    if (n < *max)
        return array;
    *max = *max == 0 ? 1024 : *max * 2;
    array = realloc(array, *max * size);
    if (array == NULL)
        abort();
    return array;
}

static bool passes(const struct filter *filter, const struct letter *letter)
{
    bool reason = filter->n_reasons == 0;

    for (size_t i = 0; i < filter->n_reasons; i++)
        reason = reason || view_is(letter->reason, filter->reasons[i]);
    if (!reason || letter->failed_ms < filter->since_ms || letter->failed_ms >= filter->until_ms)
        return false;
    if (filter->topic.data == NULL)
        return true;
    return letter->has_origin && view_equal(letter->origin.topic, filter->topic) &&
           (filter->partition < 0 || letter->origin.partition == filter->partition) &&
           (filter->offset < 0 || letter->origin.offset == filter->offset);
}

/* A letter that does not say where it came from is nobody's repetition. */
static XXH128_hash_t hash_origin(const struct letter *letter)
{
    char text[400];
    int n = letter->has_origin
                ? snprintf(text, sizeof text, "%.*s/%d@%lld", VIEW_PRINT(letter->origin.topic),
                           letter->origin.partition, (long long)letter->origin.offset)
                : snprintf(text, sizeof text, "\n%d@%lld", letter->partition, (long long)letter->offset);

    return XXH3_128bits(text, (size_t)n);
}

static void note(struct index *index, const struct filter *filter, const struct letter *letter)
{
    if (letter->replayed >= 0) {
        index->notes = grown(index->notes, index->n_notes, &index->max_notes, sizeof *index->notes);
        index->notes[index->n_notes++] =
            (struct coordinates){.partition = letter->partition, .offset = letter->replayed};
        return;
    }
    index->letters = grown(index->letters, index->n_letters, &index->max_letters, sizeof *index->letters);
    index->letters[index->n_letters++] = (struct entry){
        .offset = letter->offset,
        .failed_ms = letter->failed_ms,
        .origin = hash_origin(letter),
        .partition = letter->partition,
        .attempts = letter->attempts > INT32_MAX ? INT32_MAX : (int32_t)letter->attempts,
        .passes = passes(filter, letter),
    };
}

static enum status read_all(struct dead_topic *topic, const struct filter *filter, struct index *index,
                            struct err *err)
{
    struct progress progress;
    struct letter letter;
    enum status status = dead_topic_begin(topic, err);

    if (status != STATUS_OK)
        return status;
    progress_init(&progress, dead_topic_size(topic), true);
    progress.noun = "letters";
    while ((status = dead_topic_next(topic, &letter, err)) == STATUS_OK) {
        note(index, filter, &letter);
        progress_set(&progress, dead_topic_read(topic), index->n_letters);
    }
    progress_clear(&progress);
    return status == STATUS_SKIP ? STATUS_OK : status;
}

/* ---- what is left out -------------------------------------------------------------------------------------------- */

#define COMPARE(a, b) (((a) > (b)) - ((a) < (b)))

static int by_place(int32_t partition_a, int64_t offset_a, int32_t partition_b, int64_t offset_b)
{
    return partition_a != partition_b ? COMPARE(partition_a, partition_b) : COMPARE(offset_a, offset_b);
}

static int compare_coordinates(const void *a, const void *b)
{
    const struct coordinates *x = a, *y = b;

    return by_place(x->partition, x->offset, y->partition, y->offset);
}

/* Letters of one message stand together, the one that stands for all of them last. */
static int compare_origins(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    int order = XXH128_cmp(&x->origin, &y->origin);

    if (order == 0)
        order = COMPARE(x->attempts, y->attempts);
    if (order == 0)
        order = COMPARE(x->failed_ms, y->failed_ms);
    return order != 0 ? order : by_place(x->partition, x->offset, y->partition, y->offset);
}

static int compare_times(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    int order = COMPARE(x->failed_ms, y->failed_ms);

    return order != 0 ? order : by_place(x->partition, x->offset, y->partition, y->offset);
}

static void sort(void *array, size_t n, size_t size, int (*compare)(const void *, const void *))
{
    if (n > 1) /* an array of none has no address */
        qsort(array, n, size, compare);
}

static void settle_states(struct index *index)
{
    sort(index->notes, index->n_notes, sizeof *index->notes, compare_coordinates);
    sort(index->letters, index->n_letters, sizeof *index->letters, compare_origins);
    for (size_t i = 0; i < index->n_letters; i++) {
        struct entry *entry = &index->letters[i];
        struct coordinates place = {.partition = entry->partition, .offset = entry->offset};

        if (i + 1 < index->n_letters && XXH128_isEqual(entry->origin, index->letters[i + 1].origin))
            entry->state = LETTER_REPEATED;
        if (index->n_notes > 0 &&
            bsearch(&place, index->notes, index->n_notes, sizeof place, compare_coordinates) != NULL)
            entry->state = LETTER_REPLAYED;
    }
}

static void choose(const struct index *index, const struct filter *filter, struct dead_choice *choice)
{
    sort(index->letters, index->n_letters, sizeof *index->letters, compare_times); /* the limit takes the oldest */
    choice->n_letters = index->n_letters;
    choice->chosen = calloc(index->n_letters + 1, sizeof *choice->chosen);
    if (choice->chosen == NULL)
        abort();
    for (size_t i = 0; i < index->n_letters; i++) {
        const struct entry *entry = &index->letters[i];

        if (!entry->passes)
            continue;
        if (entry->state != LETTER_OPEN && !filter->all)
            choice->n_left_out[entry->state]++;
        else if (filter->limit > 0 && choice->n_chosen == filter->limit)
            choice->n_beyond_limit++;
        else
            choice->chosen[choice->n_chosen++] = (struct coordinates){
                .partition = entry->partition, .offset = entry->offset, .state = (enum letter_state)entry->state};
    }
    sort(choice->chosen, choice->n_chosen, sizeof *choice->chosen, compare_coordinates);
}

/* By name: whoever names a letter means it, whatever became of it. */
static void choose_named(const struct cli *cli, struct dead_choice *choice)
{
    size_t n = cli_n_arguments(cli) - 1, kept = 0;

    choice->chosen = calloc(n, sizeof *choice->chosen);
    if (choice->chosen == NULL)
        abort();
    for (size_t i = 0; i < n; i++)
        read_coordinates(cli_argument(cli, i + 1), &choice->chosen[i]);
    sort(choice->chosen, n, sizeof *choice->chosen, compare_coordinates);
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || compare_coordinates(&choice->chosen[kept - 1], &choice->chosen[i]) != 0)
            choice->chosen[kept++] = choice->chosen[i];
    choice->n_chosen = kept;
}

int dead_choose(const struct cli *cli, struct dead_topic *topic, struct dead_choice *ret_choice)
{
    struct index index = {0};
    struct filter filter;
    enum status status;
    struct err err;
    int code;

    *ret_choice = (struct dead_choice){0};
    if (cli_n_arguments(cli) > 1) {
        choose_named(cli, ret_choice);
        return EXIT_DONE;
    }
    if ((code = read_filter(cli, &filter)) != EXIT_DONE)
        return code;
    status = read_all(topic, &filter, &index, &err);
    if (status == STATUS_OK) {
        settle_states(&index);
        choose(&index, &filter, ret_choice);
    } else {
        cli_say(cli, "%s", err.text);
    }
    free(index.letters);
    free(index.notes);
    return dead_exit_code(status);
}

void dead_choice_done(struct dead_choice *choice)
{
    free(choice->chosen);
}

/* ---- reading the chosen ones ------------------------------------------------------------------------------------- */

/* The next ones that are read in one go. */
static enum status begin_run(struct dead_walk *walk, struct err *err)
{
    const struct coordinates *chosen = walk->choice->chosen, *first = &chosen[walk->at];
    size_t end = walk->at + 1;

    while (end < walk->choice->n_chosen && chosen[end].partition == first->partition &&
           chosen[end].offset - chosen[end - 1].offset <= GAP_MAX)
        end++;
    walk->end = end;
    return dead_topic_begin_at(walk->topic, first->partition, first->offset, chosen[end - 1].offset + 1, err);
}

enum status dead_walk_next(struct dead_walk *walk, struct letter *ret_letter, enum letter_state *ret_state,
                           struct err *err)
{
    const struct coordinates *chosen = walk->choice->chosen;
    enum status status;

    for (;;) {
        if (walk->at == walk->end) {
            if (walk->at == walk->choice->n_chosen)
                return STATUS_SKIP;
            if ((status = begin_run(walk, err)) != STATUS_OK)
                return status;
        }
        status = dead_topic_next(walk->topic, ret_letter, err);
        if (status == STATUS_SKIP) {
            walk->n_gone += walk->end - walk->at;
            walk->at = walk->end;
            continue;
        }
        if (status != STATUS_OK)
            return status;
        for (; walk->at < walk->end && chosen[walk->at].offset < ret_letter->offset; walk->at++)
            walk->n_gone++;
        if (walk->at < walk->end && chosen[walk->at].offset == ret_letter->offset) {
            *ret_state = chosen[walk->at++].state;
            if (ret_letter->replayed < 0)
                return STATUS_OK;
            walk->n_gone++; /* a note was named; it is no letter */
        }
    }
}
