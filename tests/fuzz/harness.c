#include "tests/fuzz/harness.h"

#include "processors/utf8.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#define PROMISE(condition, text)                                              \
    do {                                                                      \
        if (!(condition)) {                                                   \
            fprintf(stderr, "broken promise: %s (%s)\n", text, #condition);   \
            abort();                                                          \
        }                                                                     \
    } while (0)

struct knowledge *harness_knowledge(enum input_format format)
{
    static struct knowledge *knowledge[3];
    struct options options = {.data_dir = TOCSIN_SOURCE_DIR "/processors/data", .input_format = format};
    struct err err;

    if (knowledge[format] == NULL && knowledge_open(&options, &knowledge[format], &err) != STATUS_OK) {
        fprintf(stderr, "%s\n", err.text);
        abort();
    }
    return knowledge[format];
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    for (unsigned format = INPUT_JSON; format <= INPUT_HTML; format++)
        if ((harness_formats >> format & 1) != 0)
            harness_knowledge((enum input_format)format);
    return 0;
}

struct message harness_message(const uint8_t *data, size_t size)
{
    return (struct message){.value = {size == 0 ? "" : (const char *)data, size}, .topic = "fuzz", .offset = 1, .time_ms = 1700000000000,
                            .now_ms = 1700000000000};
}

enum status harness_rooms(enum input_format format, const struct message *message, size_t n, const struct article **ret_article)
{
    static struct article article;
    static struct arena *arena;
    static void *scratch[3][STAGES];
    struct knowledge *knowledge = harness_knowledge(format);
    enum status status = STATUS_OK;
    struct err err;

    if (arena == NULL)
        arena = arena_new(1 << 18, 1 << 24);
    arena_reset(arena);
    article = (struct article){.arena = arena, .message = message};
    for (size_t i = 0; i < n && status == STATUS_OK; i++) {
        const void *tables = knowledge_tables(knowledge, i);
        if (stage_order[i]->attach != NULL && scratch[format][i] == NULL)
            PROMISE(stage_order[i]->attach(tables, &scratch[format][i], &err) == STATUS_OK, "a room can be attached");
        status = stage_order[i]->run(tables, scratch[format][i], &article, &err);
    }
    PROMISE(status == STATUS_OK || status == STATUS_REJECT || status == STATUS_SKIP, "no input is anybody's fault but its own");
    *ret_article = &article;
    return status;
}

void harness_check_lines(const struct article *article)
{
    uint32_t end = 0;

    PROMISE(utf8_valid(article->buffer, NULL), "the buffer is valid UTF-8");
    for (size_t i = 0; i < article->n_lines; i++) {
        const struct line *line = &article->lines[i];
        PROMISE(line->start >= end && line->start + line->size <= article->buffer.size, "lines stand in order inside the buffer");
        PROMISE(line->size > 0, "no line is empty");
        PROMISE(memchr(article->buffer.data + line->start, '\n', line->size) == NULL, "a line is one line");
        end = line->start + line->size;
    }
}

void harness_check_tokens(const struct article *article)
{
    uint32_t end = 0, points_end = 0;

    for (size_t i = 0; i < article->n_tokens; i++) {
        const struct token *token = &article->tokens[i];
        struct view view = token_view(article, token);
        PROMISE(token->start >= end && token->start + token->size <= article->buffer.size, "tokens stand in order inside the buffer");
        PROMISE(token->size > 0 && utf8_is_start(view.data[0]), "a token begins at a code point");
        PROMISE(utf8_valid(view, NULL), "a token ends at a code point");
        PROMISE(utf8_points(view) == token->points, "a token knows its length");
        PROMISE(token->at == points_end + utf8_points(view_slice(article->buffer, end, token->start - end)), "a token knows its place");
        PROMISE(token->folded + token->folded_size <= article->folded.size, "a folded form stands inside folded");
        PROMISE(token->line < article->n_lines && token->sentence < article->n_sentences, "a token knows its line and sentence");
        end = token->start + token->size;
        points_end = token->at + token->points;
    }
    for (size_t i = 0; i < article->n_sentences; i++) {
        const struct sentence *sentence = &article->sentences[i];
        PROMISE(sentence->first_token + sentence->n_tokens <= article->n_tokens, "a sentence's tokens exist");
    }
}

void harness_check_pieces(const struct article *article)
{
    size_t p = 0;

    for (size_t i = 0; i < article->n_lines; i++) {
        uint32_t at = article->lines[i].start, end = at + article->lines[i].size;
        for (; p < article->n_pieces && article->pieces[p].line == i; p++) {
            PROMISE(article->pieces[p].start == at && article->pieces[p].size > 0, "pieces cover a line without a gap");
            at += article->pieces[p].size;
        }
        PROMISE(at == end, "pieces cover a line to its end");
    }
    PROMISE(p == article->n_pieces, "every piece belongs to a line");
}

/* The byte offset of a code point, counted from an offset whose own number is known. */
static size_t byte_of(struct view text, size_t from, size_t points)
{
    size_t at = from;

    while (at < text.size && points > 0) {
        at++;
        while (at < text.size && !utf8_is_start(text.data[at]))
            at++;
        points--;
    }
    PROMISE(points == 0, "an offset lies inside its field");
    return at;
}

/* The stretch of text from code point start to end, as the schema counts them. */
static struct view cut(const char *text, json_int_t start, json_int_t end)
{
    struct view whole = view_of(text);
    size_t from, to;

    PROMISE(start >= 0 && end > start, "an offset pair is a stretch");
    from = byte_of(whole, 0, (size_t)start);
    to = byte_of(whole, from, (size_t)(end - start));
    return view_slice(whole, from, to - from);
}

static void check_stretch(json_t *root, json_t *mention, const char *name)
{
    const char *field = json_string_value(json_object_get(mention, "in"));
    const char *claimed = json_string_value(json_object_get(mention, name));

    PROMISE(field != NULL && claimed != NULL, "a mention says what it is and where");
    PROMISE(view_is(cut(json_string_value(json_object_get(root, field)), json_integer_value(json_object_get(mention, "start")),
                        json_integer_value(json_object_get(mention, "end"))),
                    claimed),
            "offsets cut out the text they claim");
}

void harness_check_encoded(const struct article *article)
{
    json_t *root = json_loadb(article->encoded.data, article->encoded.size, JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, NULL);
    size_t i, k;
    json_t *entity, *mention;

    /* What came in as `extra` goes out as it came: a number that no double holds may stand in it. */
    if (root == NULL && article->given.n_extra > 0)
        return;
    PROMISE(root != NULL, "the output is JSON");
    json_decref(root);
    root = json_loadb(article->encoded.data, article->encoded.size, JSON_ALLOW_NUL, NULL);
    if (root == NULL)
        return;
    PROMISE(json_is_string(json_object_get(root, "id")) && json_is_string(json_object_get(root, "text")), "id and text are there");
    json_array_foreach(json_object_get(root, "entities"), i, entity)
        json_array_foreach(json_object_get(entity, "mentions"), k, mention)
            check_stretch(root, mention, "text");
    json_array_foreach(json_object_get(json_object_get(root, "escalation"), "mentions"), i, mention)
        check_stretch(root, mention, "trigger");
    for (i = 0; i < article->n_encoded_mentions; i++) {
        json_t *one = json_loadb(article->encoded_mentions[i].json.data, article->encoded_mentions[i].json.size, 0, NULL);
        PROMISE(json_is_object(one), "a mention for Redis is JSON");
        json_decref(one);
    }
    json_decref(root);
}
