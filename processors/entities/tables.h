/*
 * entities_tables: who and what is known by name, and under which spellings.
 *
 * Three sources meet in one dictionary: ICU (CLDR) names every country in every language it has; the tables in
 * data/entities add everyday and historic names, peoples, palaces, and below known/ people, organisations, cities and
 * sites; data/entities/cues.tsv holds the words that introduce a person or make an organisation of a place.
 *
 * A spelling holds for a set of languages: those whose cell it stands in, and those that have no cell of their own in
 * that row.  So "Áo" is Austria in Vietnamese only, while "Putin" serves Polish without a Polish column.
 *
 * Marks before a spelling in a cell:
 *     ??Nice counts only where the tagger sees such a name, and is no rival of a plain one: small towns
 *     =US    written exactly so, capitals too: in lower case it is another word
 *     ?مالي  also an ordinary word or another's name: counts only where the article supports it otherwise
 *     ~Turkey  the same, but words round it that go with states alone (frames.tsv), and other states, support it too
 *     ?~Chad  the same, but a given name as well: one such sign is not enough
 *
 * Thread-safety: read-only after entities_tables_open().
 * Errors: STATUS_FATAL with file and line.  What is only doubtful is remarked (struct entities_remark).
 */
#ifndef PROCESSORS_ENTITIES_TABLES_H
#define PROCESSORS_ENTITIES_TABLES_H

#include "processors/article.h"
#include "processors/entities/tagger.h"
#include "processors/words/phrases.h"
#include "processors/stage.h"

enum { ENTITY_NONE = UINT32_MAX, COUNTRY_NONE = 0 };

static inline bool entities_token_has_capital(const struct token *token)
{
    return token->shape == SHAPE_CAPITALISED || token->shape == SHAPE_UPPER || token->shape == SHAPE_MIXED;
}

/* One entity of the tables. */
struct known {
    struct view id, name;
    char country[4];
    uint16_t country_index; /* equal for all entities of one country; COUNTRY_NONE: of none */
    uint8_t type;           /* enum entity_type */
    uint32_t given_first;   /* of a person: hashes of the words of her names, index into given */
    uint16_t n_given;
    uint8_t acts;           /* enum acts */
    bool is_state;
};

enum cue {
    CUE_NONE,
    CUE_OFFICE,     /* a person who acts for a state follows: "Foreign Minister" */
    CUE_TITLE,      /* any other person's name follows: "spokeswoman" */
    CUE_ORG_BEFORE, /* with a place behind it, it is an organisation: "University of" */
    CUE_ORG_AFTER,  /* with a place before it: "Daily", "Airlines" */
    CUE_GIVEN,      /* a given name */
    CUE_PARTICLE,   /* stands inside names: "bin", "von" */
    CUE_STOP,       /* follows titles but is no name: "Monday" */
};

enum alias_mark {
    ALIAS_SUPPORT = 1, /* "?" */
    ALIAS_EXACT = 2,   /* "=" */
    ALIAS_FIRST_CAPITAL = 4,
    ALIAS_LAST_CAPITAL = 8,
    ALIAS_FRAME = 16, /* "~" */
    ALIAS_FAINT = 32, /* "??" */
    ALIAS_CAPITALS = ALIAS_FIRST_CAPITAL | ALIAS_LAST_CAPITAL,
};

/* Needs support of one kind or the other. */
static inline bool alias_is_doubtful(uint8_t marks)
{
    return (marks & (ALIAS_SUPPORT | ALIAS_FRAME)) != 0;
}

/* Words that show that the name beside them is a state's. */
enum frame_kind { FRAME_PLACE, FRAME_BEFORE, FRAME_AFTER };

/* One spelling of one entity, or one cue. */
struct alias {
    uint32_t entity; /* ENTITY_NONE: a cue */
    uint8_t cue;     /* enum cue */
    uint8_t form;    /* enum name_form */
    uint8_t marks;   /* enum alias_mark */
    uint32_t next;   /* while loading: another alias with the same folded spelling */
    struct view text; /* as written */
    uint32_t languages[LANGUAGES_MAX / 32];
};

/* What `tocsin check` says of a row; nothing of it hinders the work. */
enum entities_remark_kind {
    REMARK_COLLISION, /* one spelling in one language is claimed by two rows without a mark: both are doubtful now */
    REMARK_MISSING,   /* no name in one of the ten languages of the house */
};

struct entities_remark {
    enum entities_remark_kind kind;
    struct view text; /* "FILE:LINE: …" */
};

struct entities_tables {
    struct arena *arena;
    const struct languages *languages;
    struct known *known;
    size_t n_known, known_room;
    struct alias *aliases;
    size_t n_aliases, aliases_room;
    struct phrases *names; /* values: indices into aliases */
    /* those of them that may begin with a small letter, so that most small words need no look-up in names */
    struct phrases *lower;
    struct phrases *frames; /* values: language << 2 | enum frame_kind */
    uint16_t n_countries;
    uint32_t *given;
    size_t n_given, given_room;
    struct entities_remark *remarks;
    size_t n_remarks, remarks_room;
    struct tagger *taggers[LANGUAGES_MAX]; /* NULL: none for this language */
    struct entities_load *load; /* while loading */
};

enum status entities_tables_open(const struct stage_setup *setup, void **ret_tables, struct err *err);
void entities_tables_close(void *tables);
/* Says the remarks, and which unmarked names are ordinary words of their language. */
void entities_tables_review(const void *tables, stage_say *say, void *user);

static inline bool alias_speaks(const struct alias *alias, language_id language)
{
    return (alias->languages[language / 32] >> language % 32 & 1) != 0;
}

#endif
