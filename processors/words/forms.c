#include "processors/words/forms.h"

#include "processors/text/text.h"
#include "processors/utf8.h"

enum { LEFT_MIN = 3 }; /* letters that must remain */

/* One ending of a closed class, in folded letters. */
struct ending {
    const char *strip;  /* what the word ends in */
    const char *put;    /* what its dictionary form has there */
    const char *behind; /* what must stand before it; "" if anything may */
    uint8_t left;       /* letters that must remain */
    uint8_t uses;       /* USE_… */
    uint8_t strip_size, put_size, behind_size;
    char last; /* byte of strip: what most words fail at */
};

#define ENDING(strip, put, behind, left, uses) \
    {strip, put, behind, left, uses, sizeof(strip) - 1, sizeof(put) - 1, sizeof(behind) - 1, (strip)[sizeof(strip) - 2]}

enum { USE_WORD = 1, USE_NAME = 2, USE_BOTH = 3 };

/* Nouns and names: genitive, dative plural, weak declension; adjectives of peoples end in -sch, their nouns in -er or
 * -e. */
static const struct ending endings_de[] = {
    ENDING("s", "", "", 3, USE_BOTH), ENDING("es", "", "", 4, USE_WORD),
    ENDING("n", "", "", 4, USE_WORD), ENDING("en", "", "", 4, USE_WORD),
    ENDING("e", "", "", 4, USE_WORD), ENDING("e", "", "sch", 5, USE_NAME),
    ENDING("en", "", "sch", 5, USE_NAME), ENDING("er", "", "sch", 5, USE_NAME),
    ENDING("es", "", "sch", 5, USE_NAME), ENDING("em", "", "sch", 5, USE_NAME),
    ENDING("n", "", "er", 5, USE_NAME), ENDING("in", "", "er", 5, USE_NAME),
    ENDING("innen", "", "er", 5, USE_NAME), ENDING("n", "", "e", 4, USE_NAME),
    ENDING("in", "e", "", 4, USE_NAME), ENDING("innen", "e", "", 4, USE_NAME),
    ENDING("en", "", "", 5, USE_NAME),
};

static const struct ending endings_en[] = {
    ENDING("s", "", "", 4, USE_BOTH), ENDING("es", "", "", 4, USE_WORD),
    ENDING("ies", "y", "", 3, USE_WORD),
};

static const struct ending endings_fr[] = {
    ENDING("s", "", "", 4, USE_BOTH), ENDING("x", "", "", 4, USE_WORD),
    ENDING("e", "", "", 5, USE_BOTH), ENDING("es", "", "", 5, USE_BOTH),
    ENDING("ne", "", "en", 4, USE_BOTH), ENDING("nes", "", "en", 4, USE_BOTH),
};

static const struct ending endings_es[] = {
    ENDING("s", "", "", 4, USE_BOTH), ENDING("es", "", "", 4, USE_BOTH),
    ENDING("a", "o", "", 3, USE_BOTH), ENDING("as", "o", "", 3, USE_BOTH),
    ENDING("os", "o", "", 3, USE_BOTH), ENDING("a", "", "", 5, USE_BOTH),
    ENDING("as", "", "", 5, USE_BOTH),
};

/* Names carry their suffixes behind an apostrophe, which is a token of its own; these are for words and for peoples. */
static const struct ending endings_tr[] = {
    ENDING("lar", "", "", 4, USE_BOTH), ENDING("ler", "", "", 4, USE_BOTH),
    ENDING("lari", "", "", 4, USE_BOTH), ENDING("leri", "", "", 4, USE_BOTH),
    ENDING("larin", "", "", 4, USE_BOTH), ENDING("lerin", "", "", 4, USE_BOTH),
    ENDING("lara", "", "", 4, USE_WORD), ENDING("lere", "", "", 4, USE_WORD),
    ENDING("larda", "", "", 4, USE_WORD), ENDING("lerde", "", "", 4, USE_WORD),
    ENDING("lardan", "", "", 4, USE_WORD), ENDING("lerden", "", "", 4, USE_WORD),
    ENDING("i", "", "", 4, USE_WORD), ENDING("u", "", "", 4, USE_WORD),
    ENDING("si", "", "", 4, USE_WORD), ENDING("su", "", "", 4, USE_WORD),
    ENDING("in", "", "", 4, USE_WORD), ENDING("un", "", "", 4, USE_WORD),
    ENDING("nin", "", "", 4, USE_WORD), ENDING("nun", "", "", 4, USE_WORD),
    ENDING("a", "", "", 4, USE_WORD), ENDING("e", "", "", 4, USE_WORD),
    ENDING("ya", "", "", 4, USE_WORD), ENDING("ye", "", "", 4, USE_WORD),
    ENDING("yi", "", "", 4, USE_WORD), ENDING("yu", "", "", 4, USE_WORD),
    ENDING("da", "", "", 4, USE_WORD), ENDING("de", "", "", 4, USE_WORD),
    ENDING("ta", "", "", 4, USE_WORD), ENDING("te", "", "", 4, USE_WORD),
    ENDING("dan", "", "", 4, USE_WORD), ENDING("den", "", "", 4, USE_WORD),
    ENDING("tan", "", "", 4, USE_WORD), ENDING("ten", "", "", 4, USE_WORD),
    ENDING("la", "", "", 4, USE_WORD), ENDING("le", "", "", 4, USE_WORD),
    ENDING("sini", "", "", 4, USE_WORD), ENDING("sine", "", "", 4, USE_WORD),
    ENDING("ini", "", "", 4, USE_WORD), ENDING("ine", "", "", 4, USE_WORD),
    ENDING("ina", "", "", 4, USE_WORD), ENDING("sina", "", "", 4, USE_WORD),
};

/* Masculine consonant stems, feminines in -а and -я, neuters, soft signs, adjectives in -ский, surnames in -ов and -ин,
 * peoples in -ец.  Folded: ё is е. */
static const struct ending endings_ru[] = {
    ENDING("а", "", "", 3, USE_BOTH), ENDING("у", "", "", 3, USE_BOTH),
    ENDING("ом", "", "", 3, USE_BOTH), ENDING("ем", "", "", 3, USE_BOTH),
    ENDING("е", "", "", 3, USE_BOTH), ENDING("ым", "", "", 3, USE_BOTH),
    ENDING("ы", "", "", 3, USE_BOTH), ENDING("и", "", "", 4, USE_BOTH),
    ENDING("ов", "", "", 3, USE_BOTH), ENDING("ам", "", "", 3, USE_BOTH),
    ENDING("ами", "", "", 3, USE_BOTH), ENDING("ах", "", "", 3, USE_BOTH),
    ENDING("ы", "а", "", 3, USE_BOTH), ENDING("е", "а", "", 3, USE_BOTH),
    ENDING("у", "а", "", 3, USE_BOTH), ENDING("и", "а", "", 3, USE_BOTH),
    ENDING("ой", "а", "", 3, USE_BOTH), ENDING("ей", "а", "", 3, USE_BOTH),
    ENDING("и", "я", "", 3, USE_BOTH), ENDING("ю", "я", "", 3, USE_BOTH),
    ENDING("ей", "я", "", 3, USE_BOTH), ENDING("е", "я", "", 3, USE_BOTH),
    ENDING("я", "ь", "", 3, USE_BOTH), ENDING("ю", "ь", "", 3, USE_BOTH),
    ENDING("ем", "ь", "", 3, USE_BOTH), ENDING("и", "ь", "", 3, USE_BOTH),
    ENDING("ью", "ь", "", 3, USE_BOTH), ENDING("я", "й", "", 3, USE_BOTH),
    ENDING("ю", "й", "", 3, USE_BOTH), ENDING("ем", "й", "", 3, USE_BOTH),
    ENDING("е", "й", "", 3, USE_BOTH), ENDING("и", "й", "", 3, USE_BOTH),
    ENDING("а", "о", "", 3, USE_WORD), ENDING("у", "о", "", 3, USE_WORD),
    ENDING("ом", "о", "", 3, USE_WORD), ENDING("я", "е", "", 4, USE_WORD),
    ENDING("ю", "е", "", 4, USE_WORD), ENDING("ий", "ия", "", 3, USE_WORD),
    ENDING("й", "е", "и", 4, USE_WORD), ENDING("ям", "е", "и", 4, USE_WORD),
    ENDING("ями", "е", "и", 4, USE_WORD), ENDING("ого", "ий", "ск", 3, USE_BOTH),
    ENDING("ому", "ий", "ск", 3, USE_BOTH), ENDING("им", "ий", "ск", 3, USE_BOTH),
    ENDING("ом", "ий", "ск", 3, USE_BOTH), ENDING("ая", "ий", "ск", 3, USE_BOTH),
    ENDING("ой", "ий", "ск", 3, USE_BOTH), ENDING("ую", "ий", "ск", 3, USE_BOTH),
    ENDING("ое", "ий", "ск", 3, USE_BOTH), ENDING("ие", "ий", "ск", 3, USE_BOTH),
    ENDING("их", "ий", "ск", 3, USE_BOTH), ENDING("ими", "ий", "ск", 3, USE_BOTH),
    ENDING("ого", "ый", "", 3, USE_BOTH), ENDING("ому", "ый", "", 3, USE_BOTH),
    ENDING("ым", "ый", "", 3, USE_BOTH), ENDING("ой", "ая", "", 3, USE_BOTH),
    ENDING("ую", "ая", "", 3, USE_BOTH), ENDING("ая", "ый", "", 3, USE_WORD),
    ENDING("ое", "ый", "", 3, USE_WORD), ENDING("ые", "ый", "", 3, USE_WORD),
    ENDING("ых", "ый", "", 3, USE_WORD), ENDING("ыми", "ый", "", 3, USE_WORD),
    ENDING("ца", "ец", "", 3, USE_BOTH), ENDING("цу", "ец", "", 3, USE_BOTH),
    ENDING("цем", "ец", "", 3, USE_BOTH), ENDING("цы", "ец", "", 3, USE_BOTH),
    ENDING("цев", "ец", "", 3, USE_BOTH), ENDING("цам", "ец", "", 3, USE_BOTH),
    ENDING("цами", "ец", "", 3, USE_BOTH),
};

/* The same classes; consonants change before -і (г з, к ц, х с), closed syllables і against о, е. */
static const struct ending endings_uk[] = {
    ENDING("а", "", "", 3, USE_BOTH), ENDING("у", "", "", 3, USE_BOTH),
    ENDING("ові", "", "", 3, USE_BOTH), ENDING("ом", "", "", 3, USE_BOTH),
    ENDING("ем", "", "", 3, USE_BOTH), ENDING("і", "", "", 3, USE_BOTH),
    ENDING("им", "", "", 3, USE_BOTH), ENDING("и", "", "", 3, USE_BOTH),
    ENDING("ів", "", "", 3, USE_BOTH), ENDING("ам", "", "", 3, USE_BOTH),
    ENDING("ами", "", "", 3, USE_BOTH), ENDING("ах", "", "", 3, USE_BOTH),
    ENDING("и", "а", "", 3, USE_BOTH), ENDING("і", "а", "", 3, USE_BOTH),
    ENDING("у", "а", "", 3, USE_BOTH), ENDING("ою", "а", "", 3, USE_BOTH),
    ENDING("зі", "га", "", 3, USE_BOTH), ENDING("ці", "ка", "", 3, USE_BOTH),
    ENDING("сі", "ха", "", 3, USE_BOTH), ENDING("і", "я", "", 3, USE_BOTH),
    ENDING("ї", "я", "", 3, USE_BOTH), ENDING("ю", "я", "", 3, USE_BOTH),
    ENDING("єю", "я", "", 3, USE_BOTH), ENDING("ею", "я", "", 3, USE_BOTH),
    ENDING("я", "ь", "", 3, USE_BOTH), ENDING("ю", "ь", "", 3, USE_BOTH),
    ENDING("еві", "ь", "", 3, USE_BOTH), ENDING("ем", "ь", "", 3, USE_BOTH),
    ENDING("і", "ь", "", 3, USE_BOTH), ENDING("я", "й", "", 3, USE_BOTH),
    ENDING("ю", "й", "", 3, USE_BOTH), ENDING("єм", "й", "", 3, USE_BOTH),
    ENDING("єві", "й", "", 3, USE_BOTH), ENDING("ова", "ів", "", 3, USE_BOTH),
    ENDING("ову", "ів", "", 3, USE_BOTH), ENDING("овом", "ів", "", 3, USE_BOTH),
    ENDING("ові", "ів", "", 3, USE_BOTH),

    ENDING("а", "о", "", 3, USE_WORD), ENDING("у", "о", "", 3, USE_WORD),
    ENDING("ам", "о", "", 3, USE_WORD), ENDING("ого", "ий", "", 3, USE_BOTH),
    ENDING("ому", "ий", "", 3, USE_BOTH), ENDING("им", "ий", "", 3, USE_BOTH),
    ENDING("а", "ий", "к", 4, USE_BOTH), ENDING("ої", "ий", "", 3, USE_BOTH),
    ENDING("ій", "ий", "", 3, USE_BOTH), ENDING("у", "ий", "к", 4, USE_BOTH),
    ENDING("ою", "ий", "", 3, USE_BOTH), ENDING("е", "ий", "к", 4, USE_BOTH),
    ENDING("і", "ий", "к", 4, USE_BOTH), ENDING("их", "ий", "", 3, USE_BOTH),
    ENDING("ими", "ий", "", 3, USE_BOTH), ENDING("ця", "ець", "", 3, USE_BOTH),
    ENDING("цю", "ець", "", 3, USE_BOTH), ENDING("цем", "ець", "", 3, USE_BOTH),
    ENDING("ці", "ець", "", 3, USE_BOTH), ENDING("ців", "ець", "", 3, USE_BOTH),
    ENDING("цям", "ець", "", 3, USE_BOTH),
};

/* Pronouns and sound plurals; a nisba (…ي) takes the endings of gender, number and accusative.  Folded: ة is ه. */
static const struct ending endings_ar[] = {
    ENDING("ه", "", "ي", 3, USE_BOTH), ENDING("ون", "", "ي", 3, USE_BOTH),
    ENDING("ين", "", "ي", 3, USE_BOTH), ENDING("ات", "", "ي", 3, USE_BOTH),
    ENDING("ا", "", "ي", 3, USE_BOTH), ENDING("ان", "", "ي", 3, USE_BOTH),
    ENDING("تين", "ه", "", 3, USE_WORD), ENDING("تان", "ه", "", 3, USE_WORD),
    ENDING("ها", "", "", 3, USE_WORD), ENDING("هم", "", "", 3, USE_WORD),
    ENDING("هما", "", "", 3, USE_WORD), ENDING("هن", "", "", 3, USE_WORD),
    ENDING("نا", "", "", 3, USE_WORD), ENDING("كم", "", "", 3, USE_WORD),
    ENDING("ه", "", "", 3, USE_WORD), ENDING("ته", "ه", "", 3, USE_WORD),
    ENDING("تها", "ه", "", 3, USE_WORD), ENDING("تهم", "ه", "", 3, USE_WORD),
    ENDING("ون", "", "", 3, USE_WORD), ENDING("ين", "", "", 3, USE_WORD),
    ENDING("ات", "", "", 3, USE_WORD), ENDING("ا", "", "", 3, USE_WORD),
};

static const struct ending endings_fa[] = {
    ENDING("ها", "", "", 3, USE_BOTH), ENDING("هاي", "", "", 3, USE_BOTH),
    ENDING("هايي", "", "", 3, USE_BOTH), ENDING("ان", "", "ي", 3, USE_BOTH),
    ENDING("ان", "", "", 3, USE_WORD), ENDING("ات", "", "", 3, USE_WORD),
    ENDING("ي", "", "", 3, USE_WORD), ENDING("اي", "", "ه", 3, USE_WORD),
    ENDING("هايش", "", "", 3, USE_WORD), ENDING("هايشان", "", "", 3, USE_WORD),
    ENDING("ش", "", "", 4, USE_WORD),
};

static const struct ending endings_he[] = {
    ENDING("ת", "", "י", 3, USE_BOTH), ENDING("ם", "", "י", 3, USE_BOTH),
    ENDING("ים", "", "י", 3, USE_BOTH), ENDING("ות", "", "י", 3, USE_BOTH),
    ENDING("ה", "", "י", 3, USE_BOTH), ENDING("ים", "", "", 3, USE_WORD),
    ENDING("ות", "", "", 3, USE_WORD), ENDING("ות", "ה", "", 3, USE_WORD),
    ENDING("יו", "", "", 3, USE_WORD), ENDING("יה", "", "", 3, USE_WORD),
};

enum grammar { GRAMMAR_NONE, GRAMMAR_DE, GRAMMAR_EN, GRAMMAR_FR, GRAMMAR_ES, GRAMMAR_TR, GRAMMAR_RU, GRAMMAR_UK,
               GRAMMAR_AR, GRAMMAR_FA, GRAMMAR_HE };

#define ENDINGS(table) {(table), sizeof(table) / sizeof *(table)}

static const struct {
    const struct ending *rows;
    size_t n;
} endings_of[] = {
    {NULL, 0}, ENDINGS(endings_de), ENDINGS(endings_en), ENDINGS(endings_fr), ENDINGS(endings_es), ENDINGS(endings_tr),
    ENDINGS(endings_ru), ENDINGS(endings_uk), ENDINGS(endings_ar), ENDINGS(endings_fa), ENDINGS(endings_he),
};

static bool tag_is(const char *tag, const char *code)
{
    return tag[0] == code[0] && tag[1] == code[1] && (tag[2] == '\0' || tag[2] == '-');
}

/* A word of another script than the text's keeps its own grammar where one language owns the script. */
static enum grammar grammar_of(const char *tag, enum script script)
{
    switch (script) {
    case SCRIPT_ARAB:
        return tag_is(tag, "ar") || tag[0] == '\0' ? GRAMMAR_AR : tag_is(tag, "fa") ? GRAMMAR_FA : GRAMMAR_NONE;
    case SCRIPT_HEBR:
        return GRAMMAR_HE;
    case SCRIPT_CYRL:
        return tag_is(tag, "uk") ? GRAMMAR_UK : tag_is(tag, "ru") || tag[0] == '\0' ? GRAMMAR_RU : GRAMMAR_NONE;
    case SCRIPT_LATN:
        return tag_is(tag, "de") ? GRAMMAR_DE : tag_is(tag, "en") ? GRAMMAR_EN : tag_is(tag, "fr") ? GRAMMAR_FR
            : tag_is(tag, "es") ? GRAMMAR_ES : tag_is(tag, "tr") ? GRAMMAR_TR : GRAMMAR_NONE;
    default:
        return GRAMMAR_NONE;
    }
}

/* Is the two-byte letter at this byte of folded one of those? */
static bool letter_is(struct view folded, size_t at, const char *letters)
{
    if (at + 2 > folded.size)
        return false;
    for (; *letters != '\0'; letters += 2)
        if (memcmp(folded.data + at, letters, 2) == 0)
            return true;
    return false;
}

static void prefix_add(struct strip *prefixes, size_t *n, struct view folded, size_t prefix, bool with_article)
{
    if (folded.size - prefix < LEFT_MIN * 2)
        return;
    prefixes[*n] = (struct strip){.prefix = (uint8_t)prefix};
    if (with_article)
        prefixes[*n].front = "ا", prefixes[*n].front_size = 2;
    ++*n;
}

/* [وف] [بلك] [ال], or before verbs س; after ل the article loses its alef: لل.  Longest last; at most 6. */
static size_t prefixes_ar(struct view folded, enum forms_use use, struct strip prefixes[PREFIXES_MAX])
{
    size_t n = 0, at = 0;

    if (letter_is(folded, at, "وف"))
        prefix_add(prefixes, &n, folded, at += 2, false);
    if (letter_is(folded, at, use == FORMS_WORD ? "بكس" : "بك")) {
        prefix_add(prefixes, &n, folded, at += 2, false);
    } else if (letter_is(folded, at, "ل")) {
        bool has_article = letter_is(folded, at + 2, "ل");
        prefix_add(prefixes, &n, folded, at += 2, false);
        if (has_article) {
            prefix_add(prefixes, &n, folded, at, true);
            prefix_add(prefixes, &n, folded, at + 2, false);
            return n;
        }
    }
    if (letter_is(folded, at, "ا") && letter_is(folded, at + 2, "ل"))
        prefix_add(prefixes, &n, folded, at + 4, false);
    return n;
}

/* ו? (כש|ש)? [בלמכ]? ה? */
static size_t prefixes_he(struct view folded, struct strip prefixes[PREFIXES_MAX])
{
    size_t n = 0, at = 0;

    if (letter_is(folded, at, "ו"))
        prefix_add(prefixes, &n, folded, at += 2, false);
    if (letter_is(folded, at, "כ") && letter_is(folded, at + 2, "ש"))
        prefix_add(prefixes, &n, folded, at += 4, false);
    else if (letter_is(folded, at, "ש"))
        prefix_add(prefixes, &n, folded, at += 2, false);
    if (letter_is(folded, at, "בלמכ"))
        prefix_add(prefixes, &n, folded, at += 2, false);
    if (letter_is(folded, at, "ה"))
        prefix_add(prefixes, &n, folded, at += 2, false);
    return n;
}

/* Endings are a few bytes: a loop is faster than a call. */
static inline bool ends_in(struct view view, const char *ending, size_t size)
{
    if (view.size < size)
        return false;
    for (size_t i = 1; i <= size; i++)
        if (view.data[view.size - i] != ending[size - i])
            return false;
    return true;
}

static size_t endings_matching(enum grammar grammar, struct view folded, enum forms_use use,
                               struct strip suffixes[FORMS_MAX])
{
    unsigned wanted = use == FORMS_WORD ? USE_WORD : USE_NAME;
    char last = folded.data[folded.size - 1];
    size_t n = 0;

    for (size_t i = 0; i < endings_of[grammar].n && n < FORMS_MAX; i++) {
        const struct ending *ending = &endings_of[grammar].rows[i];
        size_t size = ending->strip_size;
        struct view left;

        if (ending->last != last || (ending->uses & wanted) == 0 || !ends_in(folded, ending->strip, size))
            continue;
        left = view_slice(folded, 0, folded.size - size);
        if (!ends_in(left, ending->behind, ending->behind_size) || utf8_points(left) < ending->left)
            continue;
        suffixes[n++] = (struct strip){.suffix = (uint8_t)size, .back = ending->put,
                                       .back_size = ending->put_size};
    }
    return n;
}

/* GRAMMAR_NONE also for what has no forms, whatever its language. */
static enum grammar token_grammar(const struct token *token, struct view folded, const char *tag)
{
    if (token->kind != TOKEN_WORD || folded.size <= LEFT_MIN || folded.size > FORM_BYTES)
        return GRAMMAR_NONE;
    return grammar_of(tag == NULL ? "" : tag, (enum script)token->script);
}

size_t forms_prefixes(const struct article *article, const struct token *token, const char *language_tag,
                      enum forms_use use, struct strip ret_prefixes[PREFIXES_MAX])
{
    struct view folded = token_folded(article, token);

    switch (token_grammar(token, folded, language_tag)) {
    case GRAMMAR_AR:
        return prefixes_ar(folded, use, ret_prefixes);
    case GRAMMAR_HE:
        return prefixes_he(folded, ret_prefixes);
    default:
        return 0;
    }
}

size_t forms_suffixes(const struct article *article, const struct token *token, const char *language_tag,
                      enum forms_use use, struct strip ret_suffixes[FORMS_MAX])
{
    struct view folded = token_folded(article, token);
    enum grammar grammar = token_grammar(token, folded, language_tag);

    return grammar == GRAMMAR_NONE ? 0 : endings_matching(grammar, folded, use, ret_suffixes);
}

bool forms_both(struct view folded, const struct strip *prefix, const struct strip *suffix, struct strip *ret_both)
{
    if (folded.size < (size_t)prefix->prefix + suffix->suffix + LEFT_MIN * 2)
        return false; /* Arabic and Hebrew letters have two bytes */
    *ret_both = *prefix;
    ret_both->suffix = suffix->suffix;
    ret_both->back = suffix->back;
    ret_both->back_size = suffix->back_size;
    return true;
}

size_t forms_strips(const struct article *article, const struct token *token, const char *language_tag,
                    enum forms_use use, struct strip ret_strips[FORMS_MAX])
{
    struct strip prefixes[PREFIXES_MAX], suffixes[FORMS_MAX];
    size_t n_prefixes = forms_prefixes(article, token, language_tag, use, prefixes);
    size_t n_suffixes = forms_suffixes(article, token, language_tag, use, suffixes), n = 0;

    for (size_t p = 0; p < n_prefixes && n < FORMS_MAX; p++)
        ret_strips[n++] = prefixes[p];
    for (size_t s = 0; s < n_suffixes && n < FORMS_MAX; s++)
        ret_strips[n++] = suffixes[s];
    for (size_t s = 0; s < n_suffixes; s++)
        for (size_t p = 0; p < n_prefixes && n < FORMS_MAX; p++)
            n += forms_both(token_folded(article, token), &prefixes[p], &suffixes[s], &ret_strips[n]);
    return n;
}

struct view forms_view(struct view folded, const struct strip *strip, char buffer[FORM_BYTES * 2])
{
    struct view left = view_slice(folded, strip->prefix, folded.size - strip->prefix - strip->suffix);

    if (strip->front_size == 0 && strip->back_size == 0)
        return left;
    if (strip->front_size > 0)
        memcpy(buffer, strip->front, strip->front_size);
    memcpy(buffer + strip->front_size, left.data, left.size);
    if (strip->back_size > 0)
        memcpy(buffer + strip->front_size + left.size, strip->back, strip->back_size);
    return (struct view){buffer, strip->front_size + left.size + strip->back_size};
}

/* Code points of the text that the first n letters of the folded form take: marks that folding removed stand among
 * them. */
static unsigned text_points(const struct article *article, const struct token *token, size_t letters, bool from_behind)
{
    struct view text = token_view(article, token);
    struct view folded = token_folded(article, token);
    unsigned points = 0, size;
    size_t seen = 0;

    if (letters == 0)
        return 0;
    if (utf8_points(folded) == token->points)
        return (unsigned)letters;
    if (from_behind)
        return (unsigned)(token->points - text_points(article, token, utf8_points(folded) - letters, false));
    for (size_t i = 0; i < text.size; i += size, points++) {
        uint32_t point = utf8_read(text.data + i, &size);
        bool is_mark = (point >= 0x64b && point <= 0x65f) || point == 0x670 || point == 0x640
            || (point >= 0x591 && point <= 0x5c7) || (point >= 0x300 && point <= 0x36f) || point == 0xad
            || (point >= 0x200b && point <= 0x200f) || (point >= 0x202a && point <= 0x202e) || point == 0xfeff;
        if (!is_mark && seen++ == letters)
            break;
    }
    return points;
}

struct form forms_form(const struct article *article, const struct token *token, const struct strip *strip,
                      uint64_t hash)
{
    struct view folded = token_folded(article, token);
    size_t front = utf8_points(view_slice(folded, 0, strip->prefix));
    size_t back = utf8_points(view_slice(folded, folded.size - strip->suffix, strip->suffix));

    return (struct form){hash, strip->prefix, strip->suffix, (uint8_t)text_points(article, token, front, false),
                         (uint8_t)text_points(article, token, back, true)};
}

size_t forms_of(const struct article *article, const struct token *token, const char *language_tag, enum forms_use use,
                struct form ret_forms[FORMS_MAX])
{
    struct strip strips[FORMS_MAX];
    size_t n = forms_strips(article, token, language_tag, use, strips);

    ret_forms[0] = (struct form){.hash = token->hash};
    if (n > FORMS_MAX - 1)
        n = FORMS_MAX - 1;
    for (size_t i = 0; i < n; i++) {
        char buffer[FORM_BYTES * 2];
        struct view view = forms_view(token_folded(article, token), &strips[i], buffer);
        ret_forms[i + 1] = forms_form(article, token, &strips[i], fold_hash(view));
    }
    return n + 1;
}
