#include "processors/words/forms.h"

#include "processors/text/text.h"
#include "processors/utf8.h"

enum {
    LEFT_MIN = 3,          /* letters that must remain */
    PREFIX_LEFT_BYTES = 4, /* behind a prefix two, if they begin a phrase: "בים סוף" */
};

/* One ending of a closed class, in folded letters. */
struct ending {
    const char *strip;  /* what the word ends in */
    const char *put;    /* what its dictionary form has there */
    const char *behind; /* what must stand before it; "" if anything may */
    uint8_t left;       /* letters that must remain */
    uint8_t uses;       /* USE_… */
    uint8_t strip_size, put_size, behind_size;
};

enum { USE_WORD = 1, USE_NAME = 2, USE_BOTH = 3 };

/* Nouns and names: genitive, dative plural, weak declension; adjectives of peoples end in -sch, their nouns in -er or
 * -e. */
#define ENDINGS_DE(X) \
    X("s", "", "", 3, USE_BOTH) X("es", "", "", 4, USE_WORD) \
    X("n", "", "", 4, USE_WORD) X("en", "", "", 4, USE_WORD) \
    X("e", "", "", 4, USE_WORD) X("e", "", "sch", 5, USE_NAME) \
    X("en", "", "sch", 5, USE_NAME) X("er", "", "sch", 5, USE_NAME) \
    X("es", "", "sch", 5, USE_NAME) X("em", "", "sch", 5, USE_NAME) \
    X("n", "", "er", 5, USE_NAME) X("in", "", "er", 5, USE_NAME) \
    X("innen", "", "er", 5, USE_NAME) X("n", "", "e", 4, USE_NAME) \
    X("in", "e", "", 4, USE_NAME) X("innen", "e", "", 4, USE_NAME) \
    X("en", "", "", 5, USE_NAME)

#define ENDINGS_EN(X) \
    X("s", "", "", 4, USE_BOTH) X("es", "", "", 4, USE_WORD) \
    X("ies", "y", "", 3, USE_WORD)

#define ENDINGS_FR(X) \
    X("s", "", "", 4, USE_BOTH) X("x", "", "", 4, USE_WORD) \
    X("e", "", "", 5, USE_BOTH) X("es", "", "", 5, USE_BOTH) \
    X("ne", "", "en", 4, USE_BOTH) X("nes", "", "en", 4, USE_BOTH)

#define ENDINGS_ES(X) \
    X("s", "", "", 4, USE_BOTH) X("es", "", "", 4, USE_BOTH) \
    X("a", "o", "", 3, USE_BOTH) X("as", "o", "", 3, USE_BOTH) \
    X("os", "o", "", 3, USE_BOTH) X("a", "", "", 5, USE_BOTH) \
    X("as", "", "", 5, USE_BOTH)

/* Names carry their suffixes behind an apostrophe, which is a token of its own; these are for words and for peoples. */
#define ENDINGS_TR(X) \
    X("lar", "", "", 4, USE_BOTH) X("ler", "", "", 4, USE_BOTH) \
    X("lari", "", "", 4, USE_BOTH) X("leri", "", "", 4, USE_BOTH) \
    X("larin", "", "", 4, USE_BOTH) X("lerin", "", "", 4, USE_BOTH) \
    X("lara", "", "", 4, USE_WORD) X("lere", "", "", 4, USE_WORD) \
    X("larda", "", "", 4, USE_WORD) X("lerde", "", "", 4, USE_WORD) \
    X("lardan", "", "", 4, USE_WORD) X("lerden", "", "", 4, USE_WORD) \
    X("i", "", "", 4, USE_WORD) X("u", "", "", 4, USE_WORD) \
    X("si", "", "", 4, USE_WORD) X("su", "", "", 4, USE_WORD) \
    X("in", "", "", 4, USE_WORD) X("un", "", "", 4, USE_WORD) \
    X("nin", "", "", 4, USE_WORD) X("nun", "", "", 4, USE_WORD) \
    X("a", "", "", 4, USE_WORD) X("e", "", "", 4, USE_WORD) \
    X("ya", "", "", 4, USE_WORD) X("ye", "", "", 4, USE_WORD) \
    X("yi", "", "", 4, USE_WORD) X("yu", "", "", 4, USE_WORD) \
    X("da", "", "", 4, USE_WORD) X("de", "", "", 4, USE_WORD) \
    X("ta", "", "", 4, USE_WORD) X("te", "", "", 4, USE_WORD) \
    X("dan", "", "", 4, USE_WORD) X("den", "", "", 4, USE_WORD) \
    X("tan", "", "", 4, USE_WORD) X("ten", "", "", 4, USE_WORD) \
    X("la", "", "", 4, USE_WORD) X("le", "", "", 4, USE_WORD) \
    X("sini", "", "", 4, USE_WORD) X("sine", "", "", 4, USE_WORD) \
    X("ini", "", "", 4, USE_WORD) X("ine", "", "", 4, USE_WORD) \
    X("ina", "", "", 4, USE_WORD) X("sina", "", "", 4, USE_WORD)

/* Masculine consonant stems, feminines in -а and -я, neuters, soft signs, adjectives in -ский, surnames in -ов and -ин,
 * peoples in -ец.  Folded: ё is е. */
#define ENDINGS_RU(X) \
    X("и", "я", "и", 3, USE_BOTH) \
    X("ю", "й", "а", 3, USE_BOTH) X("я", "й", "а", 3, USE_BOTH) \
    X("е", "й", "а", 3, USE_BOTH) X("ем", "й", "а", 3, USE_BOTH) \
    X("а", "", "", 3, USE_BOTH) X("у", "", "", 3, USE_BOTH) \
    X("ом", "", "", 3, USE_BOTH) X("ем", "", "", 3, USE_BOTH) \
    X("е", "", "", 3, USE_BOTH) X("ым", "", "", 3, USE_BOTH) \
    X("ы", "", "", 3, USE_BOTH) X("и", "", "", 4, USE_BOTH) \
    X("ов", "", "", 3, USE_BOTH) X("ам", "", "", 3, USE_BOTH) \
    X("ами", "", "", 3, USE_BOTH) X("ах", "", "", 3, USE_BOTH) \
    X("ы", "а", "", 3, USE_BOTH) X("е", "а", "", 3, USE_BOTH) \
    X("у", "а", "", 3, USE_BOTH) X("и", "а", "", 3, USE_BOTH) \
    X("ой", "а", "", 3, USE_BOTH) X("ей", "а", "", 3, USE_BOTH) \
    X("и", "я", "", 3, USE_BOTH) X("ю", "я", "", 3, USE_BOTH) \
    X("ей", "я", "", 3, USE_BOTH) X("е", "я", "", 3, USE_BOTH) \
    X("я", "ь", "", 3, USE_BOTH) X("ю", "ь", "", 3, USE_BOTH) \
    X("ем", "ь", "", 3, USE_BOTH) X("и", "ь", "", 3, USE_BOTH) \
    X("ью", "ь", "", 3, USE_BOTH) X("е", "ь", "", 3, USE_NAME) \
    X("я", "й", "", 3, USE_BOTH) \
    X("ю", "й", "", 3, USE_BOTH) X("ем", "й", "", 3, USE_BOTH) \
    X("е", "й", "", 3, USE_BOTH) X("и", "й", "", 3, USE_BOTH) \
    X("а", "о", "", 3, USE_WORD) X("у", "о", "", 3, USE_WORD) \
    X("ом", "о", "", 3, USE_WORD) X("а", "о", "ов", 4, USE_NAME) \
    X("у", "о", "ов", 4, USE_NAME) X("ом", "о", "ов", 4, USE_NAME) \
    X("е", "о", "ов", 4, USE_NAME) X("а", "о", "ин", 4, USE_NAME) \
    X("у", "о", "ин", 4, USE_NAME) X("ом", "о", "ин", 4, USE_NAME) \
    X("е", "о", "ин", 4, USE_NAME) X("а", "о", "ев", 4, USE_NAME) \
    X("у", "о", "ев", 4, USE_NAME) X("ом", "о", "ев", 4, USE_NAME) \
    X("е", "о", "ев", 4, USE_NAME) \
    X("я", "е", "", 4, USE_WORD) X("ю", "е", "", 4, USE_WORD) \
    X("я", "е", "ь", 4, USE_NAME) X("ю", "е", "ь", 4, USE_NAME) \
    X("ем", "е", "ь", 4, USE_NAME) X("я", "е", "пол", 4, USE_NAME) \
    X("ю", "е", "пол", 4, USE_NAME) X("ем", "е", "пол", 4, USE_NAME) \
    X("ов", "ы", "", 4, USE_NAME) X("ам", "ы", "", 3, USE_NAME) \
    X("ами", "ы", "", 3, USE_NAME) X("ах", "ы", "", 3, USE_NAME) \
    X("ев", "и", "", 4, USE_NAME) X("ям", "и", "", 4, USE_NAME) \
    X("ями", "и", "", 4, USE_NAME) X("ях", "и", "", 4, USE_NAME) \
    X("ий", "ия", "", 3, USE_WORD) \
    X("й", "е", "и", 4, USE_WORD) X("ям", "е", "и", 4, USE_WORD) \
    X("ями", "е", "и", 4, USE_WORD) X("ой", "ая", "", 3, USE_BOTH) \
    X("ую", "ая", "", 3, USE_BOTH) X("ого", "ий", "ск", 3, USE_BOTH) \
    X("ому", "ий", "ск", 3, USE_BOTH) X("им", "ий", "ск", 3, USE_BOTH) \
    X("ом", "ий", "ск", 3, USE_BOTH) X("ая", "ий", "ск", 3, USE_BOTH) \
    X("ой", "ий", "ск", 3, USE_BOTH) X("ую", "ий", "ск", 3, USE_BOTH) \
    X("ое", "ий", "ск", 3, USE_BOTH) X("ие", "ий", "ск", 3, USE_BOTH) \
    X("их", "ий", "ск", 3, USE_BOTH) X("ими", "ий", "ск", 3, USE_BOTH) \
    X("ого", "ий", "цк", 3, USE_BOTH) X("ому", "ий", "цк", 3, USE_BOTH) \
    X("им", "ий", "цк", 3, USE_BOTH) X("ом", "ий", "цк", 3, USE_BOTH) \
    X("ого", "ый", "", 3, USE_BOTH) X("ому", "ый", "", 3, USE_BOTH) \
    X("ым", "ый", "", 3, USE_BOTH) X("ом", "ый", "", 4, USE_NAME) \
    X("ая", "ый", "", 3, USE_WORD) \
    X("ое", "ый", "", 3, USE_WORD) X("ые", "ый", "", 3, USE_WORD) \
    X("ых", "ый", "", 3, USE_WORD) X("ыми", "ый", "", 3, USE_WORD) \
    X("ого", "ое", "", 4, USE_NAME) X("ому", "ое", "", 4, USE_NAME) \
    X("ом", "ое", "", 4, USE_NAME) X("ым", "ое", "", 4, USE_NAME) \
    X("им", "ое", "", 4, USE_NAME) \
    X("ца", "ец", "", 3, USE_BOTH) X("цу", "ец", "", 3, USE_BOTH) \
    X("цем", "ец", "", 3, USE_BOTH) X("цы", "ец", "", 3, USE_BOTH) \
    X("цев", "ец", "", 3, USE_BOTH) X("цам", "ец", "", 3, USE_BOTH) \
    X("цами", "ец", "", 3, USE_BOTH)

/* The same classes; consonants change before -і (г з, к ц, х с), closed syllables і against о, е. */
#define ENDINGS_UK(X) \
    X("а", "", "", 3, USE_BOTH) X("у", "", "", 3, USE_BOTH) \
    X("ові", "", "", 3, USE_BOTH) X("ом", "", "", 3, USE_BOTH) \
    X("ем", "", "", 3, USE_BOTH) X("і", "", "", 3, USE_BOTH) \
    X("им", "", "", 3, USE_BOTH) X("и", "", "", 3, USE_BOTH) \
    X("ів", "", "", 3, USE_BOTH) X("ам", "", "", 3, USE_BOTH) \
    X("ами", "", "", 3, USE_BOTH) X("ах", "", "", 3, USE_BOTH) \
    X("и", "а", "", 3, USE_BOTH) X("і", "а", "", 3, USE_BOTH) \
    X("у", "а", "", 3, USE_BOTH) X("ою", "а", "", 3, USE_BOTH) \
    X("зі", "га", "", 2, USE_BOTH) X("ці", "ка", "", 2, USE_BOTH) \
    X("сі", "ха", "", 2, USE_BOTH) X("і", "я", "", 3, USE_BOTH) \
    X("ї", "я", "", 3, USE_BOTH) X("ю", "я", "", 3, USE_BOTH) \
    X("єю", "я", "", 3, USE_BOTH) X("ею", "я", "", 3, USE_BOTH) \
    X("я", "ь", "", 3, USE_BOTH) X("ю", "ь", "", 3, USE_BOTH) \
    X("еві", "ь", "", 3, USE_BOTH) X("ем", "ь", "", 3, USE_BOTH) \
    X("і", "ь", "", 3, USE_BOTH) X("я", "й", "", 3, USE_BOTH) \
    X("ю", "й", "", 3, USE_BOTH) X("єм", "й", "", 3, USE_BOTH) \
    X("єві", "й", "", 3, USE_BOTH) X("ова", "ів", "", 3, USE_BOTH) \
    X("ову", "ів", "", 3, USE_BOTH) X("овом", "ів", "", 3, USE_BOTH) \
    X("ові", "ів", "", 3, USE_BOTH) X("ева", "ів", "", 3, USE_NAME) \
    X("еву", "ів", "", 3, USE_NAME) X("евом", "ів", "", 3, USE_NAME) \
    X("еві", "ів", "", 3, USE_NAME) X("ею", "а", "ш", 3, USE_NAME) \
    X("ею", "а", "ж", 3, USE_NAME) X("ею", "а", "ч", 3, USE_NAME) \
    X("ям", "я", "", 4, USE_NAME) X("ах", "и", "", 3, USE_NAME) \
    X("ам", "и", "", 3, USE_NAME) X("ами", "и", "", 3, USE_NAME) \
    X("ів", "и", "", 4, USE_NAME) X("ях", "ї", "", 4, USE_NAME) \
    X("ям", "ї", "", 4, USE_NAME) X("їв", "ї", "", 4, USE_NAME) \
    X("а", "о", "к", 4, USE_NAME) X("у", "о", "к", 4, USE_NAME) \
    X("ом", "о", "к", 4, USE_NAME) X("ові", "о", "к", 4, USE_NAME) \
    X("а", "о", "р", 4, USE_NAME) X("у", "о", "р", 4, USE_NAME) \
    X("ом", "о", "р", 4, USE_NAME) X("і", "о", "р", 4, USE_NAME) \
    X("еві", "", "ш", 4, USE_NAME) X("еві", "", "ж", 4, USE_NAME) \
    X("еві", "", "ч", 4, USE_NAME) X("ню", "ь", "н", 3, USE_NAME) \
    X("лю", "ь", "л", 3, USE_NAME) X("ями", "ї", "", 4, USE_NAME) \
    X("я", "е", "пол", 4, USE_NAME) X("ю", "е", "пол", 4, USE_NAME) \
    X("ем", "е", "пол", 4, USE_NAME) X("і", "е", "пол", 4, USE_NAME) \
    X("ого", "е", "", 4, USE_NAME) X("ому", "е", "", 4, USE_NAME) \
    X("им", "е", "", 4, USE_NAME) X("ої", "а", "", 4, USE_NAME) \
    X("ій", "а", "", 4, USE_NAME) \
    X("а", "о", "", 3, USE_WORD) X("у", "о", "", 3, USE_WORD) \
    X("ам", "о", "", 3, USE_WORD) X("ого", "ий", "", 3, USE_BOTH) \
    X("ому", "ий", "", 3, USE_BOTH) X("им", "ий", "", 3, USE_BOTH) \
    X("а", "ий", "к", 4, USE_BOTH) X("ої", "ий", "", 3, USE_BOTH) \
    X("ій", "ий", "", 3, USE_BOTH) X("у", "ий", "к", 4, USE_BOTH) \
    X("ою", "ий", "", 3, USE_BOTH) X("е", "ий", "к", 4, USE_BOTH) \
    X("і", "ий", "к", 4, USE_BOTH) X("их", "ий", "", 3, USE_BOTH) \
    X("ими", "ий", "", 3, USE_BOTH) X("ця", "ець", "", 3, USE_BOTH) \
    X("цю", "ець", "", 3, USE_BOTH) X("цем", "ець", "", 3, USE_BOTH) \
    X("ці", "ець", "", 3, USE_BOTH) X("ців", "ець", "", 3, USE_BOTH) \
    X("цям", "ець", "", 3, USE_BOTH)

/* Pronouns and sound plurals; a nisba (…ي) takes the endings of gender, number and accusative.  Folded: ة is ه. */
#define ENDINGS_AR(X) \
    X("ه", "", "ي", 3, USE_BOTH) X("ون", "", "ي", 3, USE_BOTH) \
    X("ين", "", "ي", 3, USE_BOTH) X("ات", "", "ي", 3, USE_BOTH) \
    X("ا", "", "ي", 3, USE_BOTH) X("ان", "", "ي", 3, USE_BOTH) \
    X("تين", "ه", "", 3, USE_WORD) X("تان", "ه", "", 3, USE_WORD) \
    X("ها", "", "", 3, USE_WORD) X("هم", "", "", 3, USE_WORD) \
    X("هما", "", "", 3, USE_WORD) X("هن", "", "", 3, USE_WORD) \
    X("نا", "", "", 3, USE_WORD) X("كم", "", "", 3, USE_WORD) \
    X("ه", "", "", 3, USE_WORD) X("ته", "ه", "", 3, USE_WORD) \
    X("تها", "ه", "", 3, USE_WORD) X("تهم", "ه", "", 3, USE_WORD) \
    X("ون", "", "", 3, USE_WORD) X("ين", "", "", 3, USE_WORD) \
    X("ات", "", "", 3, USE_WORD) X("ا", "", "", 3, USE_WORD)

#define ENDINGS_FA(X) \
    X("ها", "", "", 3, USE_BOTH) X("هاي", "", "", 3, USE_BOTH) \
    X("هايي", "", "", 3, USE_BOTH) X("ان", "", "ي", 3, USE_BOTH) \
    X("ان", "", "", 3, USE_WORD) X("ات", "", "", 3, USE_WORD) \
    X("ي", "", "", 3, USE_WORD) X("اي", "", "ه", 3, USE_WORD) \
    X("هايش", "", "", 3, USE_WORD) X("هايشان", "", "", 3, USE_WORD) \
    X("ش", "", "", 4, USE_WORD)

#define ENDINGS_HE(X) \
    X("ת", "", "י", 3, USE_BOTH) X("ם", "", "י", 3, USE_BOTH) \
    X("ים", "", "י", 3, USE_BOTH) X("ות", "", "י", 3, USE_BOTH) \
    X("ה", "", "י", 3, USE_BOTH) X("ים", "", "", 3, USE_WORD) \
    X("ות", "", "", 3, USE_WORD) X("ות", "ה", "", 3, USE_WORD) \
    X("יו", "", "", 3, USE_WORD) X("יה", "", "", 3, USE_WORD)

enum grammar { GRAMMAR_NONE, GRAMMAR_DE, GRAMMAR_EN, GRAMMAR_FR, GRAMMAR_ES, GRAMMAR_TR, GRAMMAR_RU, GRAMMAR_UK,
               GRAMMAR_AR, GRAMMAR_FA, GRAMMAR_HE };

#define ROW(strip, put, behind, left, uses) \
    {strip, put, behind, left, uses, sizeof(strip) - 1, sizeof(put) - 1, sizeof(behind) - 1},
#define LAST(strip, put, behind, left, uses) (strip)[sizeof(strip) - 2],

/* The last bytes of all endings stand apart: most words have none of them. */
#define TABLE(name) \
    static const struct ending rows_##name[] = {ENDINGS_##name(ROW)}; \
    static const char lasts_##name[] = {ENDINGS_##name(LAST)};

TABLE(DE) TABLE(EN) TABLE(FR) TABLE(ES) TABLE(TR) TABLE(RU) TABLE(UK) TABLE(AR) TABLE(FA) TABLE(HE)

#define ENDINGS(name) {rows_##name, lasts_##name, sizeof lasts_##name}

static const struct {
    const struct ending *rows;
    const char *lasts;
    size_t n;
} endings_of[] = {
    [GRAMMAR_DE] = ENDINGS(DE), [GRAMMAR_EN] = ENDINGS(EN), [GRAMMAR_FR] = ENDINGS(FR), [GRAMMAR_ES] = ENDINGS(ES),
    [GRAMMAR_TR] = ENDINGS(TR), [GRAMMAR_RU] = ENDINGS(RU), [GRAMMAR_UK] = ENDINGS(UK), [GRAMMAR_AR] = ENDINGS(AR),
    [GRAMMAR_FA] = ENDINGS(FA), [GRAMMAR_HE] = ENDINGS(HE),
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
    if (folded.size < prefix + PREFIX_LEFT_BYTES)
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

/* ו? (כש|ש)? [בלמכ]? ה?; at most 6 */
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
    if (at > 0 && letter_is(folded, at, "ו") && letter_is(folded, at + 2, "ו"))
        prefix_add(prefixes, &n, folded, at + 2, false); /* within a word a ו of its own is written twice: בווינה */
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
    const char *lasts = endings_of[grammar].lasts, *end = lasts + endings_of[grammar].n;
    const char *at = memchr(lasts, last, endings_of[grammar].n);
    size_t n = 0;

    for (; at != NULL && at < end && n < FORMS_MAX; at++) {
        const struct ending *ending = &endings_of[grammar].rows[at - lasts];
        size_t size = ending->strip_size;
        struct view left;

        if (*at != last || (ending->uses & wanted) == 0 || !ends_in(folded, ending->strip, size))
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
        if (!forms_leave_few(token_folded(article, token), &prefixes[p]))
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
