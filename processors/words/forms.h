/*
 * forms: the shapes in which a word of a table may stand in a text.
 *
 * Arabic hangs prepositions, conjunctions and the article before a word and pronouns behind it, Hebrew its prefixes,
 * German an -s, Russian and Ukrainian case endings, Turkish suffixes behind an apostrophe.  forms_of() gives for one
 * token the hashes under which a table might know it, the unchanged one first; a table then decides by holding the
 * word or not.
 * What remains after stripping has at least three letters (two for Latin capitals such as "US").
 *
 * Which strips are tried depends on the token's script and the article's language.
 *
 * Thread-safety: pure functions.
 */
#ifndef PROCESSORS_WORDS_FORMS_H
#define PROCESSORS_WORDS_FORMS_H

#include "processors/article.h"

enum { FORMS_MAX = 16 };

struct form {
    uint64_t hash;
    uint8_t prefix; /* bytes of the folded form stripped in front: at most what clitics take */
    uint8_t suffix; /* bytes of the folded form stripped behind */
    uint8_t prefix_points; /* the same as code points of the text, so that a name's start can leave its clitic out */
    uint8_t suffix_points;
};

enum forms_use {
    FORMS_WORD, /* common words: articles and conjunctions, plural and case endings where a rule is safe */
    FORMS_NAME, /* names: also prepositions (ب ل ك), genitive and case endings of names */
};

/* A way to undo what grammar did to a word, not yet tried: what to take away, and what may stand there instead
 * (Arabic لل hides an article, Russian Москвы a final а).  Cheaper than a form, because nothing is hashed. */
struct strip {
    uint8_t prefix, suffix;     /* bytes of the folded form to take away */
    uint8_t front_size, back_size;
    const char *front, *back;   /* what to put there; not terminated, static */
};

enum { FORM_BYTES = 96, PREFIXES_MAX = 8 }; /* longer tokens have no forms but their own */

/* The two halves of which all strips are made: what may go in front, and what behind.  Neither has the empty strip.
 * They are cheap beside trying them all: what begins a word tells most often that no table knows it. */
size_t forms_prefixes(const struct article *article, const struct token *token, const char *language_tag,
                      enum forms_use use, struct strip ret_prefixes[PREFIXES_MAX]);
size_t forms_suffixes(const struct article *article, const struct token *token, const char *language_tag,
                      enum forms_use use, struct strip ret_suffixes[FORMS_MAX]);

/* Does a prefix leave fewer than three letters, of two bytes each?  forms_prefixes() may leave two, for words that begin a
 * longer phrase. */
static inline bool forms_leave_few(struct view folded, const struct strip *strip)
{
    return strip->prefix > 0 && folded.size + strip->front_size < (size_t)strip->prefix + strip->suffix + 6;
}

/* Both at once, where three letters remain. */
bool forms_both(struct view folded, const struct strip *prefix, const struct strip *suffix, struct strip *ret_both);

/* All strips but the empty one, the most likely first; none leaves fewer than three letters. */
size_t forms_strips(const struct article *article, const struct token *token, const char *language_tag,
                    enum forms_use use, struct strip ret_strips[FORMS_MAX]);

/* The folded form behind a strip, in buffer unless it is a plain slice of the token's own. */
struct view forms_view(struct view folded, const struct strip *strip, char buffer[FORM_BYTES * 2]);

/* The form that a strip stands for; hash is that of its view. */
struct form forms_form(const struct article *article, const struct token *token, const struct strip *strip,
                      uint64_t hash);

/* language_tag: "ar", "de", …, of the text; "" if unknown. */
size_t forms_of(const struct article *article, const struct token *token, const char *language_tag, enum forms_use use,
                struct form ret_forms[FORMS_MAX]);

#endif
