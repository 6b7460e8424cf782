/*
 * escalation_lexicon: the words by which one language tells of escalation and of de-escalation.
 *
 * Triggers name what happens, cues say how it is meant (not, prevent, threatens, if …) or who acts, context words say
 * what kind of text this is.  All of a language's words are in one phrase set, so that the longest one wins over all
 * that it is made of: "Deeskalation" is not "Eskalation", a "heart attack" is no attack.
 *
 * Files in data/escalation: LANG.tsv (triggers), LANG.cues.tsv, LANG.context.tsv, LANG.forms.tsv and LANG.sets.tsv
 * (word classes and sets of words, for the notation of notation.h); what holds for all languages is in lexicons.h. A
 * new language is a set of such files.
 *
 * Thread-safety: read-only after lexicons_open() of lexicons.h.
 * Errors: STATUS_FATAL with file and line of the first bad row.
 */
#ifndef PROCESSORS_ESCALATION_LEXICON_H
#define PROCESSORS_ESCALATION_LEXICON_H

#include "processors/article.h"
#include "processors/escalation/gaps.h"
#include "processors/words/phrases.h"
#include "processors/stage.h"

/* What must be near a trigger before it counts. */
enum needs {
    NEEDS_NOTHING, /* it can mean nothing else: "Waffenruhe", "airstrike" */
    NEEDS_PARTY,   /* a state, an armed group or a word of war: "attack", "Angriff" */
    NEEDS_PAIR,    /* two states or groups, or one and a word of war: "talks", "Gespräche" */
    NEEDS_CUE,     /* a party, and a cue: that there is a war is no news, that one is feared or ends is */
};

/* How its actor and target stand around a trigger. */
enum roles { ROLES_NOUN, ROLES_VERB, ROLES_PASSIVE, ROLES_BOTH /* all who are named act together: talks */ };

/* Where a row stands. */
struct origin {
    uint16_t line; /* the last that can be told */
    uint8_t file;  /* for lexicon_file() */
};

struct trigger {
    float weight;
    uint8_t kind, mode, needs, roles;
    bool is_own; /* of the user's own table: what it tells is told, whatever was learnt */
    struct origin origin;
};

enum cue_kind {
    CUE_PREVENT, CUE_UNWANTED, CUE_NEGATION, CUE_DENIAL, CUE_ENDED, CUE_FAILED,      /* these turn */
    CUE_HYPOTHETICAL, CUE_THREATENED, CUE_DEMANDED, CUE_ANNOUNCED, CUE_FEARED,       /* these say how it is meant */
    CUE_NEVER, CUE_HISTORY,                                                          /* these cancel */
    CUE_PSEUDO, CUE_BOUNDARY, CUE_GROUND,                                            /* these divide */
    CUE_TARGET, CUE_PLACE, CUE_AGENT, CUE_BETWEEN, CUE_WITH,                         /* these tell who, … */
    CUE_PASSIVE, CUE_SAID, CUE_ACCORDING, CUE_ACCUSED,                               /* … and so do these */
    CUE_PAST, /* the auxiliary of a past act: with a negation before it, the act was not */
    CUE_KINDS
};

/* Is it said of the name beside it? */
static inline bool cue_tells_role(enum cue_kind kind)
{
    return kind >= CUE_TARGET && kind <= CUE_WITH;
}

enum cue_side { SIDE_BEFORE, SIDE_AFTER, SIDE_BOTH };
enum { REACH_CLAUSE = 100, REACH_NEXT, REACH_SENTENCE }; /* below: so many words between */

struct cue {
    uint8_t kind, side, reach;
    struct origin origin;
};

enum context_kind {
    CONTEXT_FIGURE,   /* a figure of speech or a word that only looks like a trigger; it swallows what is in it */
    CONTEXT_MILITARY, /* a word of war */
    CONTEXT_ACTOR,    /* stands for a state or an armed group without naming it */
    CONTEXT_TOPIC,    /* a word of sport, markets, courts, work, weather, health */
    CONTEXT_CULTURE,  /* a topic as well, that tells of wars which never were: novels, films, plays */
    CONTEXT_LEFT,     /* left part that makes another thing of a compound: "Titelangriff" */
};

enum entry_type { ENTRY_TRIGGER, ENTRY_CUE, ENTRY_CONTEXT, ENTRY_PART /* of phrases with gaps; see gaps.h */ };

/* What a phrase in the set stands for. */
struct entry {
    uint8_t type;
    uint8_t role;  /* enum gap_role, of a part */
    bool is_exact; /* its first word must be spelled with its marks: "würde" is not "wurde" */
    uint16_t row;  /* index into triggers or cues; enum context_kind */
    uint32_t part; /* for gaps_step(); of a head the path behind it, which is all that is asked of one */
};

/* Where the verb stands: before who acts ("هاجمت إسرائيل إيران"), behind them, or often behind all whom it is about ("hat
 * Israel angegriffen", "İsrail'i vurdu"). */
enum verb_place { VERB_MIDDLE, VERB_FIRST, VERB_LAST };

struct lexicon;

/* The tables of LANG.  STATUS_FATAL with file and line of the first bad row. */
enum status lexicon_open(const struct stage_setup *setup, const char *tag, struct lexicon **ret_lexicon, struct err *err);
void lexicon_close(struct lexicon *lexicon); /* NULL is fine */
/* While loading: see lexicon_verb(); has_clitics: what grammar writes onto words is taken off. */
void lexicon_set_traits(struct lexicon *lexicon, enum verb_place verb, bool has_clitics);

struct lexicon_match {
    uint32_t n_tokens;
    uint32_t chain;        /* for lexicon_next() */
    const struct entry *compound; /* not NULL: a compound; the chain is empty */
    int32_t clitic;        /* the cue row of a clitic that was stripped ("س": will); -1: none */
};

/* The longest phrase that begins at this token and ends before `end`; else a compound. */
bool lexicon_longest(const struct lexicon *lexicon, const struct article *article, uint32_t first, uint32_t end,
                     struct lexicon_match *ret_match);
/* What a clitic that ends these letters says of a name ("ב": place, "ל": target); CUE_KINDS: nothing. */
enum cue_kind lexicon_clitic_role(const struct lexicon *lexicon, struct view prefix);
/* The same of an ending, of a row "*-ом": agent. */
enum cue_kind lexicon_ending_role(const struct lexicon *lexicon, struct view ending);
const struct entry *lexicon_next(const struct lexicon *lexicon, struct lexicon_match *match); /* NULL: no more */

const struct gaps *lexicon_gaps(const struct lexicon *lexicon);
const struct trigger *lexicon_trigger(const struct lexicon *lexicon, uint16_t row);
const struct cue *lexicon_cue(const struct lexicon *lexicon, uint16_t row);
/* Its path, as messages name it. */
const char *lexicon_file(const struct lexicon *lexicon, struct origin origin);

/* Where the verb of a plain sentence stands. */
enum verb_place lexicon_verb(const struct lexicon *lexicon);
/* Do words behind a name say what its part is ("İran ve İsrail arasında")? */
bool lexicon_has_postpositions(const struct lexicon *lexicon);

#endif
