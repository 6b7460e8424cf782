/*
 * languages: the languages that the house knows by name (data/languages.tsv), and the scripts they are written in.
 *
 * A language is a small number inside the house, so that rooms can keep their tables in arrays; 0 is "und", undetermined.
 *
 * Thread-safety: read-only after languages_open().
 */
#ifndef PROCESSORS_LANGUAGES_H
#define PROCESSORS_LANGUAGES_H

#include "processors/status.h"
#include "processors/table.h"
#include "processors/view.h"

#include <stdint.h>

/* ISO 15924; the scripts in which news is written.  SCRIPT_OTHER: letters of any other; SCRIPT_NONE: no letters. */
enum script {
    SCRIPT_NONE, SCRIPT_LATN, SCRIPT_ARAB, SCRIPT_CYRL, SCRIPT_HEBR, SCRIPT_GREK, SCRIPT_HANI, SCRIPT_KANA, SCRIPT_HANG,
    SCRIPT_THAI, SCRIPT_DEVA, SCRIPT_BENG, SCRIPT_ARMN, SCRIPT_GEOR, SCRIPT_ETHI, SCRIPT_TAML, SCRIPT_TELU, SCRIPT_GUJR,
    SCRIPT_GURU, SCRIPT_KNDA, SCRIPT_MLYM, SCRIPT_SINH, SCRIPT_KHMR, SCRIPT_LAOO, SCRIPT_MYMR, SCRIPT_TIBT, SCRIPT_OTHER,
    SCRIPT_HANS, SCRIPT_HANT, /* Chinese of which langid has said more; code points are SCRIPT_HANI */
    SCRIPTS
};

typedef uint16_t language_id;
enum { LANGUAGE_UND = 0, LANGUAGES_MAX = 256 };

struct language_guess {
    language_id language;
    uint8_t script;   /* enum script: the one most of its letters are in */
    float confidence; /* 0 to 1 */
};

struct languages;

enum status languages_open(struct table_source *source, struct languages **ret_languages, struct err *err);
void languages_close(struct languages *languages);

size_t languages_count(const struct languages *languages); /* with "und" */
const char *language_code(const struct languages *languages, language_id language); /* BCP 47: "de", "und" */
const char *language_name(const struct languages *languages, language_id language); /* in English */
enum script language_script(const struct languages *languages, language_id language);

/* Of a BCP 47 tag in any case, by its longest known prefix: "de-AT" is de, "zh-Hant-TW" is zh-Hant if that is listed.
 * LANGUAGE_UND if none. */
language_id language_of(const struct languages *languages, struct view tag);

const char *script_code(enum script script); /* "Latn"; "Zyyy" for SCRIPT_NONE and "Zzzz" for SCRIPT_OTHER */
bool script_of_code(struct view code, enum script *ret_script);

#endif
