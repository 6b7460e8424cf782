/*
 * text: one walk over the UTF-8 leaves tokens and sentences that all later rooms share.
 *
 * Reads lines, writes folded, tokens, sentences and their ranges in lines.  Decode once, look many times: language ID,
 * cleanup, names and escalation all look at these tokens and never at code points again.
 *
 * Sentences end at the stops of all scripts, with the quotes and brackets behind them; not at the full stops of
 * abbreviations, initials, ordinals and units unless what follows says so, and without case (Arabic, Hebrew) not at an
 * ellipsis or behind a quoted cry.  Where a capital follows a full stop without a blank, there too.  On news in ten
 * languages marked by hand (tests/quality/sentences) boundary F1 is .991, the worst language .981; on the half that was
 * not looked at while the rules were made .985.
 *
 * Scripts without blanks between words are cut by ICU's dictionaries (segment.h).
 *
 * Time: linear.  Three times what a bare look at each code point's class takes, alone in a loop: 4 KB of German, English,
 * Arabic or Russian take 5 to 9 us; between the other rooms, whose tables share the caches, up to twice that.  What is
 * left is the tokens themselves: some 700 of 40 bytes, each with its hash.
 *
 * Both normal forms of a text have the same tokens and hashes (tests/unit/text_properties_test.c says for what text).
 *
 * Folding makes one word of its spellings: case, NFC and NFD, Latin accents (ä is a, ß is ss), Arabic alef, yeh, teh
 * marbuta and hamza carriers, Persian kaf and yeh, tatweel, harakat, niqqud, gershayim, width, zero-width and bidi
 * marks, soft hyphens, the Turkish i, initials (U.S. is us).  Cyrillic й and ї stay (their marks make other letters), ё
 * is е. A text that spells ä as ae is met by the tables: phrases_add() enters such spellings for words that hold ä, ö
 * or ü.
 *
 * Thread-safety: tables are read-only; text_tokenize() writes into the caller's arena only.
 */
#ifndef PROCESSORS_TEXT_TEXT_H
#define PROCESSORS_TEXT_TEXT_H

#include "processors/article.h"
#include "processors/stage.h"

extern const struct stage text_stage;

struct text_tables;

/* The character tables, made from ICU once per process and shared by all snapshots; for tables that must fold
 * their words as articles are folded.  Never NULL. */
const struct text_tables *text_tables(void);

/* What the room does to a whole article, for one piece of text: used when tables are loaded, and by tests.
 * text must be valid UTF-8.  It becomes one line; *ret_article is filled as far as FIELD_TOKENS and lives in arena. */
void text_tokenize(struct arena *arena, struct view text, struct article *ret_article);

/* The folded form of one stretch of text (as if it were one token), in arena. */
struct view text_fold(struct arena *arena, struct view text);

/* The hash of a folded form: what token.hash holds.  XXH3, 64 bits. */
uint64_t fold_hash(struct view folded);

/* The first code point of a token's text; is it no word; and is it one of these characters? */
uint32_t token_point(const struct article *article, uint32_t token);
bool token_is_mark(const struct article *article, uint32_t token);
bool token_is_point(const struct article *article, uint32_t token, const char *points);

/* Upper-case? letter? for rare questions about one code point */
enum script text_script(uint32_t point);

#endif
