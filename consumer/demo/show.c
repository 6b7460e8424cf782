#include "consumer/demo/show.h"

#include "consumer/clock.h"
#include "processors/utf8.h"

#include <inttypes.h>
#include <jansson.h>
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

enum { PLAIN_COLUMNS = 160, PLAIN_STATUS_MS = 5000, KIND_COLUMNS = 20, PARTY_COLUMNS = 16 };

static const char red[] = "\033[31m", green[] = "\033[32m", dim[] = "\033[2m", plain[] = "\033[0m";
static const char clear_line[] = "\r\033[K";

void show_init(struct show *show)
{
    const char *terminal = getenv("TERM");

    *show = (struct show){0};
    show->is_terminal = isatty(STDOUT_FILENO) == 1 && terminal != NULL && strcmp(terminal, "dumb") != 0;
    pthread_mutex_init(&show->lock, NULL);
    setlocale(LC_CTYPE, "C.UTF-8"); /* wcwidth() of any language, whatever the user's own is */
}

void show_done(struct show *show)
{
    if (show->status_shown)
        fputs(clear_line, stdout);
    show->status_shown = false;
    show->status[0] = '\0';
    fflush(stdout);
}

/* ---- width ------------------------------------------------------------------------------------------------------ */

static size_t columns_of(uint32_t point)
{
    int columns = wcwidth((wchar_t)point);

    return columns < 0 ? 0 : (size_t)columns;
}

size_t show_columns(struct view text)
{
    size_t columns = 0;
    unsigned size;

    for (size_t at = 0; at < text.size; at += size)
        columns += columns_of(utf8_read(text.data + at, &size));
    return columns;
}

struct view show_cut(struct view text, size_t columns)
{
    size_t used = 0;
    unsigned size;

    for (size_t at = 0; at < text.size; at += size) {
        used += columns_of(utf8_read(text.data + at, &size));
        if (used > columns)
            return view_slice(text, 0, at);
    }
    return text;
}

static size_t terminal_columns(const struct show *show)
{
    struct winsize size;

    if (!show->is_terminal || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return PLAIN_COLUMNS;
    return size.ws_col;
}

/* At most so many columns, an ellipsis where it was cut; returns how many it took. */
static size_t print_cut(struct view text, size_t columns)
{
    size_t all = show_columns(text);

    if (all <= columns) {
        printf("%.*s", VIEW_PRINT(text));
        return all;
    }
    text = show_cut(text, columns - 1);
    printf("%.*s…", VIEW_PRINT(text));
    return show_columns(text) + 1;
}

/* The same, filled up with blanks. */
static void print_column(struct view text, size_t columns)
{
    size_t used = print_cut(text, columns);

    printf("%*s", (int)(columns - used), "");
}

/* ---- lines ------------------------------------------------------------------------------------------------------ */

static void before_line(struct show *show)
{
    if (show->status_shown)
        fputs(clear_line, stdout);
    show->status_shown = false;
}

static void after_line(struct show *show)
{
    if (show->is_terminal && show->status[0] != '\0') {
        fputs(show->status, stdout);
        show->status_shown = true;
    }
    fflush(stdout);
}

void show_line(struct show *show, const char *format, ...)
{
    va_list arguments;

    pthread_mutex_lock(&show->lock);
    before_line(show);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    putchar('\n');
    after_line(show);
    pthread_mutex_unlock(&show->lock);
}

/* "Russia, Belarus" */
static void name_parties(json_t *parties, char *text, size_t size)
{
    json_t *party;
    size_t i, used = 0;

    text[0] = '\0';
    json_array_foreach(parties, i, party) {
        const char *name = json_string_value(json_object_get(party, "name"));
        if (name != NULL && used < size)
            used += (size_t)snprintf(text + used, size - used, "%s%s", used == 0 ? "" : ", ", name);
    }
    if (used >= size) { /* perhaps cut inside a code point */
        size_t bad;
        if (!utf8_valid(view_of(text), &bad))
            text[bad] = '\0';
    }
    if (used == 0)
        snprintf(text, size, "–");
}

static const char *text_of(json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text == NULL ? "" : text;
}

/* Text from outside: a control character in it must not reach the terminal. */
static void print_text(struct view text, size_t columns)
{
    size_t valid = text.size;
    struct view cut;
    unsigned size;

    if (!utf8_valid(text, &valid))
        text = view_slice(text, 0, valid);
    cut = show_cut(text, columns);

    for (size_t at = 0; at < cut.size; at += size) {
        uint32_t point = utf8_read(cut.data + at, &size);
        if (point < 0x20 || (point >= 0x7f && point < 0xa0))
            putchar(' ');
        else
            printf("%.*s", (int)size, cut.data + at);
    }
}

static void print_clock(const struct show *show)
{
    time_t now = time(NULL);
    struct tm local;
    char text[16];

    localtime_r(&now, &local);
    strftime(text, sizeof text, "%H:%M:%S", &local);
    printf("%s%s%s ", show->is_terminal ? dim : "", text, show->is_terminal ? plain : "");
}

static void print_mention(const struct show *show, json_t *mention)
{
    bool escalates = strcmp(text_of(mention, "direction"), "escalation") == 0;
    json_t *article = json_object_get(mention, "article");
    const char *headline = text_of(article, "title");
    char actors[128], targets[128];
    size_t columns = terminal_columns(show), head = 9 + 2 + KIND_COLUMNS + 1 + 2 * PARTY_COLUMNS + 3 + 1 + 4;
    size_t used;

    name_parties(json_object_get(mention, "actors"), actors, sizeof actors);
    name_parties(json_object_get(mention, "targets"), targets, sizeof targets);
    if (headline[0] == '\0')
        headline = text_of(mention, "sentence");
    print_clock(show);
    if (show->is_terminal)
        printf("%s%s ", escalates ? red : green, escalates ? "▲" : "▼");
    else
        printf("%s ", escalates ? "+" : "-");
    print_column(view_of(text_of(mention, "kind")), KIND_COLUMNS);
    printf("%s ", show->is_terminal ? plain : "");
    used = print_cut(view_of(actors), PARTY_COLUMNS);
    printf(" → ");
    print_column(view_of(targets), 2 * PARTY_COLUMNS - used);
    printf(" %-3s ", text_of(mention, "language"));
    print_text(view_of(headline), columns > head + 8 ? columns - head : 8);
    putchar('\n');
}

void show_mention(struct show *show, struct view json)
{
    json_t *mention = json_loadb(json.data, json.size, 0, NULL);

    if (mention == NULL)
        return;
    pthread_mutex_lock(&show->lock);
    before_line(show);
    print_mention(show, mention);
    after_line(show);
    pthread_mutex_unlock(&show->lock);
    json_decref(mention);
}

void show_dead(struct show *show, struct view reason, struct view text)
{
    size_t columns = terminal_columns(show), head = 9 + 2 + KIND_COLUMNS + 1;

    pthread_mutex_lock(&show->lock);
    before_line(show);
    print_clock(show);
    fputs("× dead: ", stdout);
    print_column(reason, KIND_COLUMNS - 6);
    putchar(' ');
    print_text(text, columns > head + 8 ? columns - head : 8);
    putchar('\n');
    after_line(show);
    pthread_mutex_unlock(&show->lock);
}

void show_status(struct show *show, const struct show_status *status)
{
    char text[256];
    struct view cut;
    int64_t now = clock_steady_ms();

    snprintf(text, sizeof text,
             "%" PRId64 ":%02" PRId64 "  %.1f/s  in %" PRIu64 "  out %" PRIu64 "  dead %" PRIu64 "  in flight %" PRIu64
             "  p50 %" PRIu32 " ms  p99 %" PRIu32 " ms  redis %" PRIu64 " mentions, %s%s%s",
             status->seconds / 60, status->seconds % 60, status->rate, status->sent, status->enriched, status->dead,
             status->in_flight, status->p50_ms, status->p99_ms, status->redis_mentions,
             status->redis_memory[0] == '\0' ? "?" : status->redis_memory, status->note == NULL ? "" : "  ",
             status->note == NULL ? "" : status->note);
    pthread_mutex_lock(&show->lock);
    cut = show_cut(view_of(text), terminal_columns(show) - 1);
    snprintf(show->status, sizeof show->status, "%.*s", VIEW_PRINT(cut));
    if (show->is_terminal) {
        before_line(show);
        after_line(show);
    } else if (now - show->status_at_ms >= PLAIN_STATUS_MS) {
        show->status_at_ms = now;
        printf("%s\n", show->status);
        fflush(stdout);
    }
    pthread_mutex_unlock(&show->lock);
}
