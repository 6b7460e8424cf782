#include "processors/escalation/notation.h"

#include "processors/words/phrases.h"

enum {
    FORMS_PER_PHRASE = 1024,
    FORMS_PER_WORD = 256,
    FORM_SIZE = 512, /* bytes of one form of a phrase */
    WORD_SIZE = 128,
};

struct word {
    struct view *forms;
    size_t n_forms;
    bool optional;
};

struct expansion {
    struct table_row row;
    const struct table *classes;
    struct arena *arena;
    struct word words[PHRASE_TOKENS_MAX];
    size_t n_words;
    enum notation_part part;
    unsigned step;
    notation_add add;
    void *user;
    struct err *err;
    size_t n_made;
};

/* Takes what stands before the divider off the rest. */
static struct view cut(struct view *rest, char divider)
{
    const char *end = memchr(rest->data, divider, rest->size);
    size_t size = end == NULL ? rest->size : (size_t)(end - rest->data);
    struct view first = view_slice(*rest, 0, size);

    *rest = end == NULL ? (struct view){rest->data + size, 0} : view_slice(*rest, size + 1, rest->size - size - 1);
    return first;
}

static enum status word_add(struct expansion *x, struct word *word, struct view form)
{
    if (form.size == 0 || form.size > WORD_SIZE)
        return table_fail(x->row, x->err, "an empty or overlong word in '%.*s'", VIEW_PRINT(x->row.cells[0]));
    if (word->n_forms == FORMS_PER_WORD)
        return table_fail(x->row, x->err, "a word of more than %d forms", FORMS_PER_WORD);
    word->forms[word->n_forms++] = form;
    return STATUS_OK;
}

/* The stem in all forms of its class. */
static enum status word_inflect(struct expansion *x, struct word *word, struct view stem, struct view class)
{
    for (size_t i = 0; x->classes != NULL && i < table_size(x->classes); i++) {
        struct table_row row = table_at(x->classes, i);
        struct view forms = row.cells[1];

        if (!view_equal(row.cells[0], class))
            continue;
        while (forms.size > 0) {
            struct view pattern = cut(&forms, ' ');
            const char *dash = memchr(pattern.data, '-', pattern.size);
            size_t front = dash == NULL ? 0 : (size_t)(dash - pattern.data);
            struct view form;

            if (pattern.size == 0)
                continue;
            if (dash == NULL)
                return table_fail(row, x->err, "the form '%.*s' has no dash for the stem", VIEW_PRINT(pattern));
            form = arena_print(x->arena, "%.*s%.*s%.*s", (int)front, pattern.data, VIEW_PRINT(stem),
                               (int)(pattern.size - front - 1), dash + 1);
            if (word_add(x, word, form) != STATUS_OK)
                return STATUS_FATAL;
        }
        return STATUS_OK;
    }
    return table_fail(x->row, x->err, "there is no class '%.*s' in this language's forms table", VIEW_PRINT(class));
}

static enum status word_parse(struct expansion *x, struct view text)
{
    struct word *word = &x->words[x->n_words];

    if (x->n_words == PHRASE_TOKENS_MAX)
        return table_fail(x->row, x->err, "a phrase of more than %d words", PHRASE_TOKENS_MAX);
    if (memchr(text.data, '*', text.size) != NULL)
        return table_fail(x->row, x->err, "'*' is for phrases of one word, in front of it or behind it");
    *word = (struct word){.forms = ARENA_ARRAY(x->arena, struct view, FORMS_PER_WORD)};
    if (text.size > 2 && text.data[0] == '(' && text.data[text.size - 1] == ')') {
        word->optional = true;
        text = view_slice(text, 1, text.size - 2);
    }
    while (text.size > 0) {
        struct view form = cut(&text, '/');
        struct view stem = cut(&form, '+');
        enum status status = form.size == 0 ? word_add(x, word, stem) : word_inflect(x, word, stem, form);

        if (status != STATUS_OK)
            return status;
    }
    x->n_words++;
    return STATUS_OK;
}

/* Writes the forms of the words from `word` on behind what is in buffer already. */
static enum status combine(struct expansion *x, size_t word, char *buffer, size_t size)
{
    if (word == x->n_words) {
        if (size == 0)
            return table_fail(x->row, x->err, "a phrase of which all words may be missing");
        if (++x->n_made > FORMS_PER_PHRASE)
            return table_fail(x->row, x->err, "a phrase of more than %d forms", FORMS_PER_PHRASE);
        return x->add(x->user, (struct view){buffer, size - 1}, x->part, x->step, x->err);
    }
    if (x->words[word].optional && combine(x, word + 1, buffer, size) != STATUS_OK)
        return STATUS_FATAL;
    for (size_t i = 0; i < x->words[word].n_forms; i++) {
        struct view form = x->words[word].forms[i];

        if (size + form.size + 1 > FORM_SIZE)
            return table_fail(x->row, x->err, "a phrase longer than %d bytes", FORM_SIZE);
        memcpy(buffer + size, form.data, form.size);
        buffer[size + form.size] = ' ';
        if (combine(x, word + 1, buffer, size + form.size + 1) != STATUS_OK)
            return STATUS_FATAL;
    }
    return STATUS_OK;
}

/* One side of a gap, or the whole phrase. */
static enum status expand_part(struct expansion *x, struct view text, enum notation_part part)
{
    char buffer[FORM_SIZE];

    x->n_words = 0;
    x->part = part;
    while (text.size > 0) {
        struct view word = cut(&text, ' ');
        if (word.size > 0 && word_parse(x, word) != STATUS_OK)
            return STATUS_FATAL;
    }
    if (x->n_words == 0)
        return table_fail(x->row, x->err, "there is no word in '%.*s'", VIEW_PRINT(x->row.cells[0]));
    return combine(x, 0, buffer, 0);
}

unsigned notation_gaps(struct view phrase)
{
    unsigned n = 0;

    for (size_t i = 0; i < phrase.size; i++)
        n += phrase.data[i] == '~';
    return n;
}

static enum status expand_gapped(struct expansion *x, struct view phrase, unsigned n_gaps)
{
    for (x->step = 0; x->step <= n_gaps; x->step++) {
        enum notation_part part = x->step == 0 ? NOTATION_HEAD : x->step < n_gaps ? NOTATION_MIDDLE : NOTATION_TAIL;
        struct view text = view_trim(cut(&phrase, '~'));

        if (part == NOTATION_TAIL && text.size > 1 && text.data[text.size - 1] == '$') {
            part = NOTATION_TAIL_END;
            text.size--;
        }
        if (expand_part(x, text, part) != STATUS_OK)
            return STATUS_FATAL;
    }
    return STATUS_OK;
}

/* A phrase of one word, of which each alternative may be a part of compounds. */
static enum status expand_word(struct expansion *x, struct view word)
{
    while (word.size > 0) {
        struct view form = cut(&word, '/');
        bool is_end = form.size > 1 && form.data[0] == '*';
        bool is_start = form.size > 1 && form.data[form.size - 1] == '*';

        form = view_slice(form, is_end, form.size - is_end - is_start);
        if (expand_part(x, form, NOTATION_WHOLE) != STATUS_OK
            || (is_end && expand_part(x, form, NOTATION_COMPOUND_END) != STATUS_OK)
            || (is_start && expand_part(x, form, NOTATION_COMPOUND_START) != STATUS_OK))
            return STATUS_FATAL;
    }
    return STATUS_OK;
}

static enum status expand_whole(struct expansion *x, struct view phrase)
{
    if (memchr(phrase.data, ' ', phrase.size) == NULL)
        return expand_word(x, phrase);
    return expand_part(x, phrase, NOTATION_WHOLE);
}

enum status notation_expand(struct table_row row, struct view phrase, const struct table *classes, notation_add add,
                            void *user, struct err *err)
{
    struct expansion x = {.row = row, .classes = classes, .add = add, .user = user, .err = err};
    unsigned n_gaps = notation_gaps(phrase);
    enum status status;

    if (n_gaps > 0 && memchr(phrase.data, '|', phrase.size) != NULL)
        return table_fail(row, err, "phrases with gaps need a row each");
    x.arena = arena_new(1 << 14, 0);
    if (n_gaps > 0) {
        status = expand_gapped(&x, phrase, n_gaps);
    } else {
        do
            status = expand_whole(&x, view_trim(cut(&phrase, '|')));
        while (status == STATUS_OK && phrase.size > 0);
    }
    arena_free(x.arena);
    return status;
}
