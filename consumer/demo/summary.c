#include "consumer/demo/summary.h"

#include <inttypes.h>

/* "ar 40, de 38, …" */
static void print_words(FILE *out, struct words *words)
{
    words_sort(words);
    for (size_t i = 0; i < words->n; i++)
        fprintf(out, "%s%s %" PRIu64, i == 0 ? "" : ", ", words->words[i].name, words->words[i].n);
}

static void print_times(FILE *out, const char *what, const struct times *times)
{
    if (times->n > 0)
        fprintf(out, "  %-28s p50 %" PRIu32 " ms, p99 %" PRIu32 " ms, max %" PRIu32 " ms\n", what,
                times_quantile(times, 0.5, 0), times_quantile(times, 0.99, 0), times_quantile(times, 1, 0));
}

static void print_counts(const struct demo_result *result, FILE *out)
{
    struct tally *tally = result->tally;

    fprintf(out, "\nIn        %" PRIu64 " articles and %" PRIu64 " messages that are none, in %.1f s\n",
            tally->articles, tally->poison, result->seconds);
    fprintf(out, "Enriched  %" PRIu64 ": ", tally->enriched);
    print_words(out, &tally->languages);
    fprintf(out, "\nDead      %" PRIu64 "%s", tally->dead, tally->dead == 0 ? "" : ": ");
    print_words(out, &tally->reasons);
    fprintf(out, "\nMentions  %zu%s", tally->mentions.n, tally->mentions.n == 0 ? "" : ": ");
    print_words(out, &tally->directions);
    if (tally->mentions.n > 0) {
        fputs("\n  by language  ", out);
        print_words(out, &tally->mention_languages);
        fputs("\n  by kind      ", out);
        print_words(out, &tally->kinds);
    }
    fputs("\nLatency\n", out);
    print_times(out, "sent to read as enriched", &tally->to_output);
    print_times(out, "sent to shown as mention", &tally->to_alert);
    fprintf(out, "  %-28s p50 %.2f ms, p99 %.2f ms\n\n", "through all rooms", (double)result->counts.walk_p50_us / 1000,
            (double)result->counts.walk_p99_us / 1000);
}

static bool check(FILE *out, bool fine, const char *text)
{
    fprintf(out, "%s  %s\n", fine ? "ok  " : "FAIL", text);
    return fine;
}

bool demo_summary_print(const struct demo_result *result, FILE *out)
{
    const struct tally *tally = result->tally;
    uint64_t sent = tally->articles + tally->poison;
    char text[200];
    bool fine;

    print_counts(result, out);
    snprintf(text, sizeof text, "%" PRIu64 " in = %" PRIu64 " enriched + %" PRIu64 " dead + %" PRIu64 " skipped", sent,
             tally->enriched, tally->dead, result->counts.skipped);
    fine = check(out, sent == tally->enriched + tally->dead + result->counts.skipped && result->delivered == sent,
                 text);
    if (tally->repeated + tally->unreadable > 0) {
        snprintf(text, sizeof text, "%" PRIu64 " articles came twice, %" PRIu64 " are not to be understood",
                 tally->repeated, tally->unreadable);
        fine = check(out, false, text);
    }
    if (result->has_redis) {
        snprintf(text, sizeof text,
                 "%zu mentions in the output topic = %" PRIu64 " held by Redis = %zu shown from its stream",
                 tally->mentions.n, result->redis_held, tally->shown.n);
        fine = check(out, tally->mentions.n == result->redis_held && tally->mentions.n == tally->shown.n, text) && fine;
    }
    fflush(out);
    return fine;
}
