#include "processors/forms.h"

#include "processors/text.h"
#include "processors/utf8.h"

enum { LEFT_MIN = 3 }; /* letters that must remain */

/* One ending of a closed class, in folded letters. */
struct ending {
    const char *strip;  /* what the word ends in */
    const char *put;    /* what its dictionary form has there */
    const char *behind; /* what must stand before it; "" if anything may */
    uint8_t left;       /* letters that must remain */
    uint8_t uses;       /* USE_… */
};

enum { USE_WORD = 1, USE_NAME = 2, USE_BOTH = 3 };

/* Nouns and names: genitive, dative plural, weak declension; adjectives of peoples end in -sch, their nouns in -er or -e. */
static const struct ending endings_de[] = {
    {"s", "", "", 3, USE_BOTH},      {"es", "", "", 4, USE_WORD},     {"n", "", "", 4, USE_WORD},
    {"en", "", "", 4, USE_WORD},     {"e", "", "", 4, USE_WORD},      {"e", "", "sch", 5, USE_NAME},
    {"en", "", "sch", 5, USE_NAME},  {"er", "", "sch", 5, USE_NAME},  {"es", "", "sch", 5, USE_NAME},
    {"em", "", "sch", 5, USE_NAME},  {"n", "", "er", 5, USE_NAME},    {"in", "", "er", 5, USE_NAME},
    {"innen", "", "er", 5, USE_NAME}, {"n", "", "e", 4, USE_NAME},    {"in", "e", "", 4, USE_NAME},
    {"innen", "e", "", 4, USE_NAME}, {"en", "", "", 5, USE_NAME},
};

static const struct ending endings_en[] = {
    {"s", "", "", 4, USE_BOTH},
    {"es", "", "", 4, USE_WORD},
    {"ies", "y", "", 3, USE_WORD},
};

static const struct ending endings_fr[] = {
    {"s", "", "", 4, USE_BOTH},   {"x", "", "", 4, USE_WORD},      {"e", "", "", 5, USE_BOTH},
    {"es", "", "", 5, USE_BOTH},  {"ne", "", "en", 4, USE_BOTH},   {"nes", "", "en", 4, USE_BOTH},
};

static const struct ending endings_es[] = {
    {"s", "", "", 4, USE_BOTH},   {"es", "", "", 4, USE_BOTH},   {"a", "o", "", 3, USE_BOTH},
    {"as", "o", "", 3, USE_BOTH}, {"os", "o", "", 3, USE_BOTH},  {"a", "", "", 5, USE_BOTH},
    {"as", "", "", 5, USE_BOTH},
};

/* Names carry their suffixes behind an apostrophe, which is a token of its own; these are for words and for peoples. */
static const struct ending endings_tr[] = {
    {"lar", "", "", 4, USE_BOTH},   {"ler", "", "", 4, USE_BOTH},    {"lari", "", "", 4, USE_BOTH},
    {"leri", "", "", 4, USE_BOTH},  {"larin", "", "", 4, USE_BOTH},  {"lerin", "", "", 4, USE_BOTH},
    {"lara", "", "", 4, USE_WORD},  {"lere", "", "", 4, USE_WORD},   {"larda", "", "", 4, USE_WORD},
    {"lerde", "", "", 4, USE_WORD}, {"lardan", "", "", 4, USE_WORD}, {"lerden", "", "", 4, USE_WORD},
    {"i", "", "", 4, USE_WORD},     {"u", "", "", 4, USE_WORD},      {"si", "", "", 4, USE_WORD},
    {"su", "", "", 4, USE_WORD},    {"in", "", "", 4, USE_WORD},     {"un", "", "", 4, USE_WORD},
    {"nin", "", "", 4, USE_WORD},   {"nun", "", "", 4, USE_WORD},    {"a", "", "", 4, USE_WORD},
    {"e", "", "", 4, USE_WORD},     {"ya", "", "", 4, USE_WORD},     {"ye", "", "", 4, USE_WORD},
    {"yi", "", "", 4, USE_WORD},    {"yu", "", "", 4, USE_WORD},     {"da", "", "", 4, USE_WORD},
    {"de", "", "", 4, USE_WORD},    {"ta", "", "", 4, USE_WORD},     {"te", "", "", 4, USE_WORD},
    {"dan", "", "", 4, USE_WORD},   {"den", "", "", 4, USE_WORD},    {"tan", "", "", 4, USE_WORD},
    {"ten", "", "", 4, USE_WORD},   {"la", "", "", 4, USE_WORD},     {"le", "", "", 4, USE_WORD},
    {"sini", "", "", 4, USE_WORD},  {"sine", "", "", 4, USE_WORD},   {"ini", "", "", 4, USE_WORD},
    {"ine", "", "", 4, USE_WORD},   {"ina", "", "", 4, USE_WORD},    {"sina", "", "", 4, USE_WORD},
};

/* Masculine consonant stems, feminines in -а and -я, neuters, soft signs, adjectives in -ский, surnames in -ов and -ин,
 * peoples in -ец.  Folded: ё is е. */
static const struct ending endings_ru[] = {
    {"а", "", "", 3, USE_BOTH},        {"у", "", "", 3, USE_BOTH},        {"ом", "", "", 3, USE_BOTH},
    {"ем", "", "", 3, USE_BOTH},       {"е", "", "", 3, USE_BOTH},        {"ым", "", "", 3, USE_BOTH},
    {"ы", "", "", 3, USE_BOTH},        {"и", "", "", 4, USE_BOTH},        {"ов", "", "", 3, USE_BOTH},
    {"ам", "", "", 3, USE_BOTH},       {"ами", "", "", 3, USE_BOTH},      {"ах", "", "", 3, USE_BOTH},
    {"ы", "а", "", 2, USE_BOTH},       {"е", "а", "", 2, USE_BOTH},       {"у", "а", "", 2, USE_BOTH},
    {"и", "а", "", 2, USE_BOTH},       {"ой", "а", "", 3, USE_BOTH},      {"ей", "а", "", 3, USE_BOTH},
    {"и", "я", "", 3, USE_BOTH},       {"ю", "я", "", 3, USE_BOTH},       {"ей", "я", "", 3, USE_BOTH},
    {"е", "я", "", 3, USE_BOTH},       {"я", "ь", "", 3, USE_BOTH},       {"ю", "ь", "", 3, USE_BOTH},
    {"ем", "ь", "", 3, USE_BOTH},      {"и", "ь", "", 3, USE_BOTH},       {"ью", "ь", "", 3, USE_BOTH},
    {"я", "й", "", 3, USE_BOTH},       {"ю", "й", "", 3, USE_BOTH},       {"ем", "й", "", 3, USE_BOTH},
    {"е", "й", "", 3, USE_BOTH},       {"и", "й", "", 3, USE_BOTH},
    {"а", "о", "", 3, USE_WORD},       {"у", "о", "", 3, USE_WORD},       {"ом", "о", "", 3, USE_WORD},
    {"я", "е", "", 4, USE_WORD},       {"ю", "е", "", 4, USE_WORD},       {"ий", "ия", "", 3, USE_WORD},
    {"й", "е", "и", 4, USE_WORD},      {"ям", "е", "и", 4, USE_WORD},     {"ями", "е", "и", 4, USE_WORD},
    {"ого", "ий", "ск", 3, USE_BOTH},  {"ому", "ий", "ск", 3, USE_BOTH},  {"им", "ий", "ск", 3, USE_BOTH},
    {"ом", "ий", "ск", 3, USE_BOTH},   {"ая", "ий", "ск", 3, USE_BOTH},   {"ой", "ий", "ск", 3, USE_BOTH},
    {"ую", "ий", "ск", 3, USE_BOTH},   {"ое", "ий", "ск", 3, USE_BOTH},   {"ие", "ий", "ск", 3, USE_BOTH},
    {"их", "ий", "ск", 3, USE_BOTH},   {"ими", "ий", "ск", 3, USE_BOTH},
    {"ого", "ый", "", 3, USE_BOTH},    {"ому", "ый", "", 3, USE_BOTH},    {"ым", "ый", "", 3, USE_BOTH},
    {"ой", "ая", "", 3, USE_BOTH},     {"ую", "ая", "", 3, USE_BOTH},     {"ая", "ый", "", 3, USE_WORD},
    {"ое", "ый", "", 3, USE_WORD},     {"ые", "ый", "", 3, USE_WORD},     {"ых", "ый", "", 3, USE_WORD},
    {"ыми", "ый", "", 3, USE_WORD},    {"ца", "ец", "", 3, USE_BOTH},     {"цу", "ец", "", 3, USE_BOTH},
    {"цем", "ец", "", 3, USE_BOTH},    {"цы", "ец", "", 3, USE_BOTH},     {"цев", "ец", "", 3, USE_BOTH},
    {"цам", "ец", "", 3, USE_BOTH},    {"цами", "ец", "", 3, USE_BOTH},
};

/* The same classes; consonants change before -і (г з, к ц, х с), closed syllables і against о, е. */
static const struct ending endings_uk[] = {
    {"а", "", "", 3, USE_BOTH},        {"у", "", "", 3, USE_BOTH},        {"ові", "", "", 3, USE_BOTH},
    {"ом", "", "", 3, USE_BOTH},       {"ем", "", "", 3, USE_BOTH},       {"і", "", "", 3, USE_BOTH},
    {"им", "", "", 3, USE_BOTH},       {"и", "", "", 3, USE_BOTH},        {"ів", "", "", 3, USE_BOTH},
    {"ам", "", "", 3, USE_BOTH},       {"ами", "", "", 3, USE_BOTH},      {"ах", "", "", 3, USE_BOTH},
    {"и", "а", "", 2, USE_BOTH},       {"і", "а", "", 2, USE_BOTH},       {"у", "а", "", 2, USE_BOTH},
    {"ою", "а", "", 3, USE_BOTH},      {"зі", "га", "", 2, USE_BOTH},     {"ці", "ка", "", 2, USE_BOTH},
    {"сі", "ха", "", 2, USE_BOTH},     {"і", "я", "", 3, USE_BOTH},       {"ї", "я", "", 3, USE_BOTH},
    {"ю", "я", "", 3, USE_BOTH},       {"єю", "я", "", 3, USE_BOTH},      {"ею", "я", "", 3, USE_BOTH},
    {"я", "ь", "", 3, USE_BOTH},       {"ю", "ь", "", 3, USE_BOTH},       {"еві", "ь", "", 3, USE_BOTH},
    {"ем", "ь", "", 3, USE_BOTH},      {"і", "ь", "", 3, USE_BOTH},       {"я", "й", "", 3, USE_BOTH},
    {"ю", "й", "", 3, USE_BOTH},       {"єм", "й", "", 3, USE_BOTH},      {"єві", "й", "", 3, USE_BOTH},
    {"ова", "ів", "", 3, USE_BOTH},    {"ову", "ів", "", 3, USE_BOTH},    {"овом", "ів", "", 3, USE_BOTH},
    {"ові", "ів", "", 3, USE_BOTH},    {"єва", "їв", "", 2, USE_NAME},    {"єву", "їв", "", 2, USE_NAME},
    {"єві", "їв", "", 2, USE_NAME},    {"євом", "їв", "", 2, USE_NAME},   {"ева", "їв", "", 2, USE_NAME},
    {"а", "о", "", 3, USE_WORD},       {"у", "о", "", 3, USE_WORD},       {"ам", "о", "", 3, USE_WORD},
    {"ого", "ий", "", 3, USE_BOTH},    {"ому", "ий", "", 3, USE_BOTH},    {"им", "ий", "", 3, USE_BOTH},
    {"а", "ий", "к", 4, USE_BOTH},     {"ої", "ий", "", 3, USE_BOTH},     {"ій", "ий", "", 3, USE_BOTH},
    {"у", "ий", "к", 4, USE_BOTH},     {"ою", "ий", "", 3, USE_BOTH},     {"е", "ий", "к", 4, USE_BOTH},
    {"і", "ий", "к", 4, USE_BOTH},     {"их", "ий", "", 3, USE_BOTH},     {"ими", "ий", "", 3, USE_BOTH},
    {"ця", "ець", "", 3, USE_BOTH},    {"цю", "ець", "", 3, USE_BOTH},    {"цем", "ець", "", 3, USE_BOTH},
    {"ці", "ець", "", 3, USE_BOTH},    {"ців", "ець", "", 3, USE_BOTH},   {"цям", "ець", "", 3, USE_BOTH},
};

/* Pronouns and sound plurals; a nisba (…ي) takes the endings of gender, number and accusative.  Folded: ة is ه. */
static const struct ending endings_ar[] = {
    {"ه", "", "ي", 3, USE_BOTH},   {"ون", "", "ي", 3, USE_BOTH},  {"ين", "", "ي", 3, USE_BOTH},
    {"ات", "", "ي", 3, USE_BOTH},  {"ا", "", "ي", 3, USE_BOTH},   {"ان", "", "ي", 3, USE_BOTH},
    {"تين", "ه", "", 3, USE_WORD}, {"تان", "ه", "", 3, USE_WORD}, {"ها", "", "", 3, USE_WORD},
    {"هم", "", "", 3, USE_WORD},   {"هما", "", "", 3, USE_WORD},  {"هن", "", "", 3, USE_WORD},
    {"نا", "", "", 3, USE_WORD},   {"كم", "", "", 3, USE_WORD},   {"ه", "", "", 3, USE_WORD},
    {"ته", "ه", "", 3, USE_WORD},  {"تها", "ه", "", 3, USE_WORD}, {"تهم", "ه", "", 3, USE_WORD},
    {"ون", "", "", 3, USE_WORD},   {"ين", "", "", 3, USE_WORD},   {"ات", "", "", 3, USE_WORD},
    {"ا", "", "", 3, USE_WORD},
};

static const struct ending endings_fa[] = {
    {"ها", "", "", 3, USE_BOTH},    {"هاي", "", "", 3, USE_BOTH},  {"هايي", "", "", 3, USE_BOTH},
    {"ان", "", "ي", 3, USE_BOTH},   {"ان", "", "", 3, USE_WORD},   {"ات", "", "", 3, USE_WORD},
    {"ي", "", "", 3, USE_WORD},     {"اي", "", "ه", 3, USE_WORD},  {"هايش", "", "", 3, USE_WORD},
    {"هايشان", "", "", 3, USE_WORD}, {"ش", "", "", 4, USE_WORD},
};

static const struct ending endings_he[] = {
    {"ת", "", "י", 3, USE_BOTH},  {"ם", "", "י", 3, USE_BOTH},  {"ים", "", "י", 3, USE_BOTH},
    {"ות", "", "י", 3, USE_BOTH}, {"ה", "", "י", 3, USE_BOTH},  {"ים", "", "", 3, USE_WORD},
    {"ות", "", "", 3, USE_WORD},  {"ות", "ה", "", 3, USE_WORD}, {"יו", "", "", 3, USE_WORD},
    {"יה", "", "", 3, USE_WORD},
};

enum grammar { GRAMMAR_NONE, GRAMMAR_DE, GRAMMAR_EN, GRAMMAR_FR, GRAMMAR_ES, GRAMMAR_TR, GRAMMAR_RU, GRAMMAR_UK, GRAMMAR_AR,
               GRAMMAR_FA, GRAMMAR_HE };

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
static size_t prefixes_ar(struct view folded, enum forms_use use, struct strip prefixes[8])
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
static size_t prefixes_he(struct view folded, struct strip prefixes[8])
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

static bool ends_in(struct view view, const char *ending, size_t size)
{
    return view.size >= size && memcmp(view.data + view.size - size, ending, size) == 0;
}

static size_t endings_matching(enum grammar grammar, struct view folded, enum forms_use use, struct strip suffixes[FORMS_MAX])
{
    unsigned wanted = use == FORMS_WORD ? USE_WORD : USE_NAME;
    char last = folded.data[folded.size - 1];
    size_t n = 0;

    for (size_t i = 0; i < endings_of[grammar].n && n < FORMS_MAX; i++) {
        const struct ending *ending = &endings_of[grammar].rows[i];
        size_t size = strlen(ending->strip);
        struct view left;

        if (ending->strip[size - 1] != last || (ending->uses & wanted) == 0 || !ends_in(folded, ending->strip, size))
            continue;
        left = view_slice(folded, 0, folded.size - size);
        if (!ends_in(left, ending->behind, strlen(ending->behind)) || utf8_points(left) < ending->left)
            continue;
        suffixes[n++] = (struct strip){.suffix = (uint8_t)size, .back = ending->put,
                                       .back_size = (uint8_t)strlen(ending->put)};
    }
    return n;
}

size_t forms_strips(const struct article *article, const struct token *token, const char *language_tag,
                    enum forms_use use, struct strip ret_strips[FORMS_MAX])
{
    struct view folded = token_folded(article, token);
    enum grammar grammar = grammar_of(language_tag == NULL ? "" : language_tag, (enum script)token->script);
    struct strip prefixes[8], suffixes[FORMS_MAX];
    size_t n_prefixes = 0, n_suffixes, n = 0;

    if (grammar == GRAMMAR_NONE || token->kind != TOKEN_WORD || folded.size <= LEFT_MIN || folded.size > FORM_BYTES)
        return 0;
    if (grammar == GRAMMAR_AR)
        n_prefixes = prefixes_ar(folded, use, prefixes);
    else if (grammar == GRAMMAR_HE)
        n_prefixes = prefixes_he(folded, prefixes);
    n_suffixes = endings_matching(grammar, folded, use, suffixes);
    for (size_t p = 0; p < n_prefixes && n < FORMS_MAX; p++)
        ret_strips[n++] = prefixes[p];
    for (size_t s = 0; s < n_suffixes && n < FORMS_MAX; s++)
        ret_strips[n++] = suffixes[s];
    for (size_t s = 0; s < n_suffixes; s++)
        for (size_t p = 0; p < n_prefixes && n < FORMS_MAX; p++) {
            struct strip both = prefixes[p];
            if (folded.size < (size_t)both.prefix + suffixes[s].suffix + LEFT_MIN * 2)
                continue; /* Arabic and Hebrew letters have two bytes */
            both.suffix = suffixes[s].suffix;
            both.back = suffixes[s].back;
            both.back_size = suffixes[s].back_size;
            ret_strips[n++] = both;
        }
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

/* Code points of the text that the first n letters of the folded form take: marks that folding removed stand among them. */
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

struct form forms_form(const struct article *article, const struct token *token, const struct strip *strip, uint64_t hash)
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
