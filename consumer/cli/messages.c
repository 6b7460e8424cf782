#include "consumer/cli/messages.h"

#include "consumer/clock.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

bool messages_usage(const struct cli *cli)
{
    if (!cli_given(cli, "text") || !cli_given(cli, "html"))
        return true;
    cli_say(cli, "--text and --html exclude each other");
    return false;
}

void messages_options(const struct cli *cli, struct options *ret_options)
{
    settings_options(cli_settings(cli), ret_options);
    if (cli_given(cli, "text") || cli_given(cli, "html"))
        ret_options->input_format = cli_given(cli, "text") ? INPUT_TEXT : INPUT_HTML;
}

bool messages_file(const struct cli *cli, const char *file)
{
    if (strcmp(file, "-") == 0 || access(file, R_OK) == 0)
        return true;
    cli_say(cli, "%s: %s", file, strerror(errno));
    return false;
}

const char *messages_origin(const struct item *item, char origin[ORIGIN_MAX])
{
    if (item->line == 0)
        snprintf(origin, ORIGIN_MAX, "%s", item->file);
    else
        snprintf(origin, ORIGIN_MAX, "%s:%" PRId64, item->file, item->line);
    return origin;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash == NULL ? path : slash + 1;
}

enum status messages_walk(struct walker *walker, const struct chunk *chunk, const struct item *item,
                          const struct article **ret_article, struct err *err)
{
    const struct options *options = knowledge_options(walker_knowledge(walker));
    const char *id_header = options->input_map[INPUT_ID];
    struct header header = {view_of(id_header == NULL ? "id" : id_header), view_of(base_name(item->file))};
    struct message message = {
        .value = {chunk->input.data + item->start, item->size},
        .headers = &header,
        .n_headers = item->line == 0 ? 1 : 0,
        .topic = item->file,
        .offset = item->line,
        .time_ms = -1,
        .now_ms = clock_wall_ms(),
    };

    if (item->whole_size > item->size)
        return reject(err, "oversized", "%zu bytes, input.max.bytes is %zu", item->whole_size,
                      options->input_max_bytes);
    return walker_walk(walker, &message, ret_article, err);
}
