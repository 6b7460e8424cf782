/*
 * text: any bytes taken for plain text leave lines and tokens in order, on code point borders; folding twice changes
 * nothing, and a line is cut alike in both normal forms.
 */
#include "tests/fuzz/harness.h"

#include "processors/text/text.h"
#include "processors/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

const unsigned harness_formats = 1u << INPUT_TEXT;

enum { LINE_MAX_BYTES = 4096, FORM_UNITS = LINE_MAX_BYTES * 4 };

static void promise(bool kept, const char *text)
{
    if (kept)
        return;
    fprintf(stderr, "broken promise: %s\n", text);
    abort();
}

static void check_ranges(const struct article *article)
{
    uint32_t token = 0, sentence = 0;

    for (size_t i = 0; i < article->n_lines; i++) {
        const struct line *line = &article->lines[i];
        promise(line->first_token == token && line->first_sentence == sentence, "ranges of lines follow each other");
        for (uint32_t k = 0; k < line->n_sentences; k++) {
            const struct sentence *one = &article->sentences[sentence + k];
            promise(one->line == i && one->first_token == token && one->n_tokens > 0, "ranges of sentences cover their line");
            promise(one->start == article->tokens[token].start, "a sentence begins with its first token");
            for (uint32_t t = 0; t < one->n_tokens; t++, token++)
                promise(article->tokens[token].sentence == sentence + k && article->tokens[token].line == i,
                        "a token knows its sentence and line");
        }
        sentence += line->n_sentences;
        promise(token == line->first_token + line->n_tokens, "sentences hold all tokens of their line");
    }
    promise(token == article->n_tokens && sentence == article->n_sentences, "lines hold all tokens and sentences");
}

static void check_folded(const struct article *article)
{
    for (size_t i = 0; i < article->n_tokens; i++) {
        struct view folded = token_folded(article, &article->tokens[i]);
        promise(article->tokens[i].hash == fold_hash(folded), "a hash is that of the folded form");
        promise(utf8_valid(folded, NULL), "a folded form is UTF-8");
        promise(article->tokens[i].kind != TOKEN_WORD || folded.size > LINE_MAX_BYTES
                    || view_equal(text_fold(article->arena, folded), folded),
                "a folded word folds to itself");
    }
}

/* Do signs of India or voicing marks meet letters of Europe?  Normal forms may move those into such a letter, which no
 * text has and the pass does not follow. */
static bool is_nonsense(struct view text)
{
    bool europe = false, other_mark = false;

    for (size_t i = 0; i < text.size;) {
        unsigned size;
        uint32_t point = utf8_read(text.data + i, &size);
        enum script script = text_script(point);
        europe |= script == SCRIPT_CYRL || script == SCRIPT_GREK;
        other_mark |= point >= 0x900 && (U_GET_GC_MASK((UChar32)point) & U_GC_M_MASK) != 0;
        i += size;
    }
    return europe && other_mark;
}

static struct view decomposed(struct arena *arena, struct view text)
{
    static UChar source[FORM_UNITS], target[FORM_UNITS];
    UErrorCode error = U_ZERO_ERROR;
    char *out = arena_alloc(arena, FORM_UNITS * 3);
    int32_t n_source, n_target, size;

    u_strFromUTF8(source, FORM_UNITS, &n_source, text.data, (int32_t)text.size, &error);
    n_target = unorm2_normalize(unorm2_getNFDInstance(&error), source, n_source, target, FORM_UNITS, &error);
    u_strToUTF8(out, FORM_UNITS * 3, &size, target, n_target, &error);
    promise(U_SUCCESS(error), "a line has a decomposed form");
    return (struct view){out, (size_t)size};
}

static void check_both_forms(struct arena *arena, struct view line)
{
    struct article one, other;

    if (line.size > LINE_MAX_BYTES || is_nonsense(line))
        return;
    text_tokenize(arena, line, &one);
    text_tokenize(arena, decomposed(arena, line), &other);
    promise(one.n_tokens == other.n_tokens && one.n_sentences == other.n_sentences, "normal forms are cut alike");
    for (size_t i = 0; i < one.n_tokens; i++)
        promise(one.tokens[i].hash == other.tokens[i].hash && one.tokens[i].sentence == other.tokens[i].sentence,
                "tokens of both normal forms have one hash");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct message message = harness_message(data, size);
    const struct article *article;

    if (harness_rooms(INPUT_TEXT, &message, 3, &article) == STATUS_OK) {
        harness_check_lines(article);
        harness_check_tokens(article);
        check_ranges(article);
        check_folded(article);
        for (size_t i = 0; i < article->n_lines; i++)
            check_both_forms(article->arena, view_slice(article->buffer, article->lines[i].start, article->lines[i].size));
    }
    return 0;
}
