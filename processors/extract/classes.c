#include "processors/extract/classes.h"

#include <stdlib.h>

enum {
    WORDS_MAX = 1000,
    WORD_MAX = 32, /* bytes of one word, or of two neighbours */
};

struct class_word {
    char word[WORD_MAX];
    uint8_t size, tells;
    bool is_beginning;
};

struct classes {
    struct class_word words[WORDS_MAX]; /* by first letter */
    size_t starts[27];                  /* where the words of a letter begin */
};

static int compare_words(const void *a, const void *b)
{
    return strcmp(((const struct class_word *)a)->word, ((const struct class_word *)b)->word);
}

static enum status read_word(struct table_row row, struct class_word *ret_word, struct err *err)
{
    static const struct { const char *name; uint8_t tells; } names[] = {
        {"body", CLASS_BODY}, {"around", CLASS_AROUND}, {"list", CLASS_LIST},
        {"comments", CLASS_COMMENTS},
    };
    struct view word = row.cells[0];

    ret_word->is_beginning = word.size > 0 && word.data[word.size - 1] == '*';
    word.size -= ret_word->is_beginning;
    if (word.size == 0 || word.size >= WORD_MAX)
        return table_fail(row, err, "a word has 1 to %d letters", WORD_MAX - 1);
    for (size_t i = 0; i < word.size; i++)
        if (word.data[i] < 'a' || word.data[i] > 'z')
            return table_fail(row, err, "a word has the letters a to z only");
    memcpy(ret_word->word, word.data, word.size);
    ret_word->word[word.size] = '\0';
    ret_word->size = (uint8_t)word.size;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (view_is(row.cells[1], names[i].name)) {
            ret_word->tells = names[i].tells;
            return STATUS_OK;
        }
    return table_fail(row, err, "an element is body, around, comments or list, not '%.*s'", VIEW_PRINT(row.cells[1]));
}

enum status classes_open(struct table_source *source, struct classes **ret_classes, struct err *err)
{
    struct classes *classes = calloc(1, sizeof *classes);
    struct table *table = NULL;
    enum status status;
    size_t n = 0;

    if (classes == NULL)
        return fail(err, STATUS_FATAL, "out of memory");
    status = table_open(source, "cleanup/html/elements.tsv", "word what", 1, &table, err);
    if (status == STATUS_SKIP)
        status = STATUS_OK; /* pages are read without it */
    for (; status == STATUS_OK && table != NULL && n < table_size(table); n++)
        status = n == WORDS_MAX ? table_fail(table_at(table, n), err, "there are more than %d words", WORDS_MAX)
                                : read_word(table_at(table, n), &classes->words[n], err);
    table_close(table);
    if (status != STATUS_OK) {
        classes_close(classes);
        return status;
    }
    qsort(classes->words, n, sizeof *classes->words, compare_words);
    for (size_t i = 0, letter = 0; letter < 27; letter++) {
        while (i < n && (size_t)(classes->words[i].word[0] - 'a') < letter)
            i++;
        classes->starts[letter] = i;
    }
    *ret_classes = classes;
    return STATUS_OK;
}

void classes_close(struct classes *classes)
{
    free(classes);
}

static unsigned look_up(const struct classes *classes, struct view word)
{
    size_t letter;

    if (word.size == 0 || word.size >= WORD_MAX)
        return 0;
    letter = (size_t)(word.data[0] - 'a');
    for (size_t i = classes->starts[letter]; i < classes->starts[letter + 1]; i++) {
        const struct class_word *known = &classes->words[i];
        if (known->size > word.size || (known->size < word.size && !known->is_beginning))
            continue;
        if (memcmp(known->word, word.data, known->size) == 0)
            return known->tells;
    }
    return 0;
}

static bool is_letter(char c)
{
    return c >= 'a' && c <= 'z';
}

unsigned classes_tell(const struct classes *classes, struct view names)
{
    char pair[2 * WORD_MAX];
    size_t before = 0; /* letters of the word before this one, in pair */
    unsigned tells = 0;

    for (size_t at = 0; at < names.size;) {
        size_t start;
        while (at < names.size && !is_letter(names.data[at])) {
            if (names.data[at] == ' ')
                before = 0; /* neighbours in one name only */
            at++;
        }
        for (start = at; at < names.size && is_letter(names.data[at]);)
            at++;
        if (at == start)
            break;
        tells |= look_up(classes, (struct view){names.data + start, at - start});
        if (at - start >= WORD_MAX) {
            before = 0;
            continue;
        }
        memcpy(pair + before, names.data + start, at - start);
        if (before > 0)
            tells |= look_up(classes, (struct view){pair, before + at - start});
        memmove(pair, names.data + start, at - start);
        before = at - start;
    }
    return tells;
}
