#include "tests/bench/articles.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PARAGRAPH_BYTES = 120, DATELINE_BYTES = 64, MARGIN_BYTES = 200 };

void die(const char *text)
{
    fprintf(stderr, "%s\n", text);
    exit(1);
}

/* Cuts at a paragraph if there is one in the last fifth, else at a code point. */
static size_t cut_at(const char *body, size_t size, size_t most)
{
    size_t at = most < size ? most : size;

    if (most >= size)
        return size;
    for (size_t i = at; i > at * 4 / 5; i--)
        if (body[i] == '\n')
            return i;
    while (((unsigned char)body[at] & 0xc0) == 0x80)
        at--;
    return at;
}

/* A paragraph that may follow any other: long, and without a dateline. */
static bool may_follow(const char *line, size_t size)
{
    return size >= PARAGRAPH_BYTES && memchr(line, '(', DATELINE_BYTES) == NULL && memchr(line, '+', DATELINE_BYTES) == NULL;
}

/* An article as far as its first paragraph. */
static size_t size_of_opening(const char *body)
{
    size_t at = 0;

    while (body[at] != '\0') {
        size_t n = strcspn(body + at, "\n");
        at += n + (body[at + n] == '\n');
        if (n >= PARAGRAPH_BYTES)
            break;
    }
    return at < BODY_BYTES ? at : 0;
}

/* Appends the paragraphs of another article, as far as there is room; not its headline, with which cleanup would drop it. */
static size_t append_paragraphs(const char *from, size_t room, char *body, size_t size)
{
    for (; *from != '\0'; from += strcspn(from, "\n"), from += *from == '\n') {
        size_t n = strcspn(from, "\n"), take;
        if (!may_follow(from, n) || size + MARGIN_BYTES >= room)
            continue;
        take = cut_at(from, n, room - size);
        memcpy(body + size, from, take);
        size += take;
        body[size++] = '\n';
    }
    return size;
}

size_t make_messages(const char *feed_path, const char *language, char *ret_messages[VARIANTS])
{
    FILE *feed = fopen(feed_path, "rb");
    char *line = NULL, *bodies[256];
    size_t room = 0, n_bodies = 0, n = 0;

    if (feed == NULL)
        die("cannot open the sample feed");
    while (getline(&line, &room, feed) > 0 && n_bodies < 256) {
        json_t *article = json_loads(line, 0, NULL);
        const char *body = json_string_value(json_object_get(article, "body"));
        const char *code = json_string_value(json_object_get(article, "language"));
        if (body != NULL && code != NULL && strncmp(code, language, 2) == 0)
            bodies[n_bodies++] = strdup(body);
        json_decref(article);
    }
    free(line);
    fclose(feed);
    for (; n < VARIANTS && n < n_bodies; n++) {
        char body[BODY_BYTES * 2] = "";
        size_t size, rest;
        json_t *article;
        size = size_of_opening(bodies[n]);
        memcpy(body, bodies[n], size);
        rest = cut_at(bodies[n] + size, strlen(bodies[n] + size), BODY_BYTES - size);
        for (size_t i = n + 1; i < n + n_bodies; i++)
            size = append_paragraphs(bodies[i % n_bodies], BODY_BYTES - rest, body, size);
        memcpy(body + size, bodies[n] + size_of_opening(bodies[n]), rest);
        size += rest;
        body[size] = '\0';
        article = json_pack("{s:s,s:s,s:s,s:s,s:s}", "id", "bench", "url", "https://bench.example/1", "title", "", "published_at",
                            "2025-03-01T10:00:00Z", "body", body);
        if (article == NULL)
            die("a sample article is not UTF-8");
        ret_messages[n] = json_dumps(article, JSON_COMPACT);
        json_decref(article);
    }
    for (size_t i = 0; i < n_bodies; i++)
        free(bodies[i]);
    if (n == 0)
        die("the sample feed has no article in that language");
    return n;
}

void free_messages(char *messages[], size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(messages[i]);
}

char *body_of(const char *message)
{
    json_t *object = json_loads(message, 0, NULL);
    char *body = strdup(json_string_value(json_object_get(object, "body")));

    json_decref(object);
    if (body == NULL)
        die("out of memory");
    return body;
}
