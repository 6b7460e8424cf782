#include "processors/escalation/notation.h"

#include "processors/text/text.h"
#include "processors/words/phrases.h"

#include <stdlib.h>
#include <string.h>

enum {
    FORMS_PER_WORD = 4096,
    WORD_SIZE = 128, /* bytes of one form */
    WORDS_FIRST = 1 << 10,
};

/* A word that was read, under the text it was read from. */
struct read_word {
    struct view text; /* absent: free */
    struct notation_word *word;
};

struct notation {
    const struct table *classes, *sets;
    struct arena *arena;
    struct read_word *words;
    size_t n_words, room;
};

/* The row that is read. */
struct reading_row {
    struct notation *notation;
    struct table_row row;
    struct notation_place places[PHRASE_TOKENS_MAX];
    size_t n_places;
    notation_add add;
    void *user;
    struct err *err;
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

/* ---- words ------------------------------------------------------------------------------------------------------ */

static struct read_word *words_new(size_t room)
{
    struct read_word *words = calloc(room, sizeof *words);

    if (words == NULL)
        abort(); /* as the arena does: small allocations cannot be refused in a useful way */
    return words;
}

struct notation *notation_new(const struct table *classes, const struct table *sets)
{
    struct notation *notation = calloc(1, sizeof *notation);

    if (notation == NULL)
        abort();
    *notation = (struct notation){.classes = classes, .sets = sets, .arena = arena_new(1 << 16, 0), .room = WORDS_FIRST};
    notation->words = words_new(notation->room);
    return notation;
}

void notation_free(struct notation *notation)
{
    if (notation == NULL)
        return;
    arena_free(notation->arena);
    free(notation->words);
    free(notation);
}

/* Where a word of this text is, or would be. */
static struct read_word *word_find(const struct notation *notation, struct view text)
{
    size_t mask = notation->room - 1, at = fold_hash(text) & mask;

    while (notation->words[at].text.data != NULL && !view_equal(notation->words[at].text, text))
        at = (at + 1) & mask;
    return &notation->words[at];
}

static void words_double(struct notation *notation)
{
    struct read_word *old = notation->words;
    size_t old_room = notation->room;

    notation->room *= 2;
    notation->words = words_new(notation->room);
    for (size_t i = 0; i < old_room; i++)
        if (old[i].text.data != NULL)
            *word_find(notation, old[i].text) = old[i];
    free(old);
}

static enum status form_add(const struct reading_row *x, struct notation_word *word, struct view form)
{
    if (form.size == 0 || form.size > WORD_SIZE)
        return table_fail(x->row, x->err, "an empty or overlong word in '%.*s'", VIEW_PRINT(x->row.cells[0]));
    if (word->n_forms == FORMS_PER_WORD)
        return table_fail(x->row, x->err, "a word of more than %d forms", FORMS_PER_WORD);
    if (word->n_forms == word->room) {
        size_t room = word->room == 0 ? 16 : word->room * 2;
        word->forms = arena_grow(x->notation->arena, word->forms, word->room * sizeof *word->forms,
                                 room * sizeof *word->forms);
        word->room = room;
    }
    word->forms[word->n_forms++] = form;
    return STATUS_OK;
}

/* The row of a table whose first cell has this name. */
static bool row_of(const struct table *table, struct view name, struct table_row *ret_row)
{
    for (size_t i = 0; table != NULL && i < table_size(table); i++) {
        *ret_row = table_at(table, i);
        if (view_equal(ret_row->cells[0], name))
            return true;
    }
    return false;
}

static struct view form_of(struct arena *arena, struct view front, struct view stem, struct view back)
{
    size_t size = front.size + stem.size + back.size;
    char *form = arena_alloc(arena, size);

    memcpy(form, front.data, front.size);
    memcpy(form + front.size, stem.data, stem.size);
    memcpy(form + front.size + stem.size, back.data, back.size);
    return (struct view){form, size};
}

/* The stem in all forms of its class. */
static enum status stem_add(const struct reading_row *x, struct notation_word *word, struct view stem, struct view class)
{
    struct table_row row;
    struct view forms;

    if (!row_of(x->notation->classes, class, &row))
        return table_fail(x->row, x->err, "there is no class '%.*s' in this language's forms table", VIEW_PRINT(class));
    for (forms = row.cells[1]; forms.size > 0;) {
        struct view pattern = cut(&forms, ' ');
        const char *dash = memchr(pattern.data, '-', pattern.size);
        size_t front = dash == NULL ? 0 : (size_t)(dash - pattern.data);
        struct view form;

        if (pattern.size == 0)
            continue;
        if (dash == NULL)
            return table_fail(row, x->err, "the form '%.*s' has no dash for the stem", VIEW_PRINT(pattern));
        form = form_of(x->notation->arena, (struct view){pattern.data, front}, stem,
                       (struct view){dash + 1, pattern.size - front - 1});
        if (form_add(x, word, form) != STATUS_OK)
            return STATUS_FATAL;
    }
    return STATUS_OK;
}

static enum status alternatives_add(const struct reading_row *x, struct notation_word *word, struct view text, bool is_set)
{
    while (text.size > 0) {
        struct view form = cut(&text, '/'), stem, set;
        struct table_row row;
        enum status status;

        if (form.size > 1 && form.data[0] == '@') {
            set = view_slice(form, 1, form.size - 1);
            if (is_set)
                return table_fail(x->row, x->err, "'%.*s': a set of sets", VIEW_PRINT(form));
            if (!row_of(x->notation->sets, set, &row))
                return table_fail(x->row, x->err, "there is no set '%.*s' in this language's sets table", VIEW_PRINT(set));
            if (memchr(row.cells[1].data, ' ', row.cells[1].size) != NULL)
                return table_fail(row, x->err, "a set has words, and no phrases");
            status = alternatives_add(x, word, row.cells[1], true);
        } else {
            stem = cut(&form, '+');
            status = form.size > 0 ? stem_add(x, word, stem, form)
                : form_add(x, word, arena_copy(x->notation->arena, stem));
        }
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

static enum status word_read(const struct reading_row *x, struct view text, struct notation_word **ret_word)
{
    struct notation *notation = x->notation;
    struct read_word *found = word_find(notation, text);

    if (found->text.data != NULL) {
        *ret_word = found->word;
        return STATUS_OK;
    }
    *ret_word = ARENA_ARRAY(notation->arena, struct notation_word, 1);
    **ret_word = (struct notation_word){0};
    if (alternatives_add(x, *ret_word, text, false) != STATUS_OK)
        return STATUS_FATAL;
    *found = (struct read_word){arena_copy(notation->arena, text), *ret_word};
    if (++notation->n_words * 2 > notation->room)
        words_double(notation);
    return STATUS_OK;
}

/* ---- phrases ---------------------------------------------------------------------------------------------------- */

static enum status place_read(struct reading_row *x, struct view text)
{
    struct notation_place *place = &x->places[x->n_places];

    if (x->n_places == PHRASE_TOKENS_MAX)
        return table_fail(x->row, x->err, "a phrase of more than %d words", PHRASE_TOKENS_MAX);
    if (memchr(text.data, '*', text.size) != NULL)
        return table_fail(x->row, x->err, "'*' is for phrases of one word, in front of it or behind it");
    place->is_optional = text.size > 2 && text.data[0] == '(' && text.data[text.size - 1] == ')';
    if (place->is_optional)
        text = view_slice(text, 1, text.size - 2);
    x->n_places++;
    return word_read(x, text, &place->word);
}

/* One side of a gap, or the whole phrase. */
static enum status part_read(struct reading_row *x, struct view text, enum notation_part part)
{
    bool may_be_missing = true;

    x->n_places = 0;
    while (text.size > 0) {
        struct view word = cut(&text, ' ');
        if (word.size > 0 && place_read(x, word) != STATUS_OK)
            return STATUS_FATAL;
    }
    for (size_t i = 0; i < x->n_places; i++)
        may_be_missing &= x->places[i].is_optional;
    if (may_be_missing)
        return table_fail(x->row, x->err, "there is no word in '%.*s' that must be there", VIEW_PRINT(x->row.cells[0]));
    return x->add(x->user, x->places, x->n_places, part, x->err);
}

bool notation_has_gap(struct view phrase)
{
    return memchr(phrase.data, '~', phrase.size) != NULL;
}

static enum status gapped_read(struct reading_row *x, struct view phrase)
{
    enum notation_part part = NOTATION_HEAD;

    for (bool more = true; more; part = NOTATION_MIDDLE) {
        struct view text;

        more = notation_has_gap(phrase);
        text = view_trim(cut(&phrase, '~'));
        if (!more)
            part = NOTATION_TAIL;

        if (part == NOTATION_TAIL && text.size > 1 && text.data[text.size - 1] == '$') {
            part = NOTATION_TAIL_END;
            text.size--;
        }
        if (part_read(x, text, part) != STATUS_OK)
            return STATUS_FATAL;
    }
    return STATUS_OK;
}

/* A phrase of one word, of which each alternative may be a part of compounds. */
static enum status one_word_read(struct reading_row *x, struct view word)
{
    if (memchr(word.data, '*', word.size) == NULL)
        return part_read(x, word, NOTATION_WHOLE);
    while (word.size > 0) {
        struct view form = cut(&word, '/');
        bool is_end = form.size > 1 && form.data[0] == '*';
        bool is_start = form.size > 1 && form.data[form.size - 1] == '*';

        form = view_slice(form, is_end, form.size - is_end - is_start);
        if (part_read(x, form, NOTATION_WHOLE) != STATUS_OK
            || (is_end && part_read(x, form, NOTATION_COMPOUND_END) != STATUS_OK)
            || (is_start && part_read(x, form, NOTATION_COMPOUND_START) != STATUS_OK))
            return STATUS_FATAL;
    }
    return STATUS_OK;
}

static enum status whole_read(struct reading_row *x, struct view phrase)
{
    if (memchr(phrase.data, ' ', phrase.size) == NULL)
        return one_word_read(x, phrase);
    return part_read(x, phrase, NOTATION_WHOLE);
}

enum status notation_read(struct notation *notation, struct table_row row, struct view phrase, notation_add add, void *user,
                          struct err *err)
{
    struct reading_row x = {.notation = notation, .row = row, .add = add, .user = user, .err = err};
    bool has_gap = notation_has_gap(phrase);
    enum status status;

    if (has_gap && memchr(phrase.data, '|', phrase.size) != NULL)
        return table_fail(row, err, "phrases with gaps need a row each");
    if (has_gap)
        return gapped_read(&x, phrase);
    do
        status = whole_read(&x, view_trim(cut(&phrase, '|')));
    while (status == STATUS_OK && phrase.size > 0);
    return status;
}
