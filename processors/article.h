/*
 * article: the one that walks through the house, and all that is learned about it on the way.
 *
 *     decode     fills `given`           what the message says of itself, as views
 *     extract    fills `buffer`, lines   one line a paragraph, valid NFC UTF-8, the title first
 *     text       fills `folded`, tokens, sentences, and the token and sentence ranges of lines
 *     langid     fills line.language     judged per line; article.language is their sum
 *     cleanup    fills pieces            which stretches of the buffer are text, title, dateline … or dropped, and why;
 *                                        settles article.language on the kept ones
 *     entities   fills entities, names   who and where, over the kept pieces
 *     escalation fills events            what moves in which direction, who does it to whom
 *     encode     fills `encoded`         the enriched JSON, and one JSON for each mention
 *
 * Coordinates.  Inside the house everything is a byte offset into `buffer` (and a code point offset, `at`, that each
 * token carries along).  Only encode turns them into code points of an output field: piece.out + (at - piece.at).
 *
 * Ownership: the bytes of the message belong to the caller until the walk is over; all else is in `arena`.
 */
#ifndef PROCESSORS_ARTICLE_H
#define PROCESSORS_ARTICLE_H

#include "processors/arena.h"
#include "processors/languages.h"
#include "processors/view.h"

#include <stdint.h>

/* ---- what comes in ---------------------------------------------------------------------------------------------- */

struct header {
    struct view name;
    struct view value; /* data == NULL: the header has no value */
};

/* One record as the doors hand it over.  Kafka is not known here: `enrich` fills the same struct from a file. */
struct message {
    struct view value;
    struct view key;
    const struct header *headers;
    size_t n_headers;
    const char *topic; /* origin, for ids and errors; never NULL */
    int32_t partition;
    int64_t offset;
    int64_t time_ms; /* the record's own timestamp, Unix epoch; -1: none */
    int64_t now_ms;  /* when the walk began; what output calls processed_at */
};

/* The fields of news.raw; a view with data == NULL is absent.  Strings are already unescaped. */
struct given {
    struct view id; /* never absent behind decode: derived from url or origin if the message has none */
    struct view url, source, author;
    struct view title, body, html;
    struct view language;                       /* BCP 47, the crawler's claim */
    int64_t published_ms, fetched_ms;           /* Unix epoch; TIME_NONE: absent or unreadable */
    const struct view *tags;
    size_t n_tags;
    const struct view *extra; /* pairs: name (raw JSON string with its quotes), value (raw JSON), as they came */
    size_t n_extra;           /* pairs */
    const struct view *warnings;
    size_t n_warnings;        /* "published_at: unreadable date '…'" */
};

#define TIME_NONE INT64_MIN

/* ---- lines (extract) -------------------------------------------------------------------------------------------- */

enum line_origin { LINE_TITLE, LINE_BODY };

/* What the markup says a line is; plain text has BLOCK_PLAIN throughout. */
enum block { BLOCK_PLAIN, BLOCK_PARAGRAPH, BLOCK_HEADING, BLOCK_LIST_ITEM, BLOCK_QUOTE, BLOCK_CAPTION, BLOCK_TABLE,
             BLOCK_ASIDE, BLOCK_NAVIGATION, BLOCK_FORM, BLOCK_OTHER };

/* Does a line stand in the element of its page that holds the article, or around it?  Plain text has PART_UNKNOWN. */
enum page_part { PART_UNKNOWN, PART_ARTICLE, PART_AROUND };

struct line {
    uint32_t start, size;                 /* bytes of buffer, without the newline */
    uint32_t first_token, n_tokens;       /* text */
    uint32_t first_sentence, n_sentences; /* text */
    uint8_t origin;                       /* enum line_origin */
    uint8_t block;                        /* enum block */
    uint8_t link_percent;                 /* how much of its text stands inside links (HTML) */
    uint8_t gap;                          /* blank lines before it, at most 255 */
    uint8_t part;                         /* enum page_part */
    struct view hint;                     /* class and id names around it in the page, lower case; absent in plain text */
    struct language_guess language;       /* langid */
    uint64_t evidence;                    /* cleanup: what spoke for and against it; evidence_next() reads it */
};

/* ---- tokens and sentences (text) -------------------------------------------------------------------------------- */

enum token_kind {
    TOKEN_WORD,   /* letters, marks and digits among them; initials and abbreviations with their full stops are one */
    TOKEN_NUMBER, /* digits of any script, with their separators */
    TOKEN_JOINER, /* hyphen or apostrophe between two words that touch it: "al-Assad" has three tokens */
    TOKEN_PUNCT,  /* any other punctuation, one code point each, "..." one token */
    TOKEN_SYMBOL, /* emoji, currency, arrows … */
    TOKEN_LINK,   /* URL, e-mail address */
    TOKEN_TAG,    /* @handle, #hashtag */
};

enum token_shape {
    SHAPE_NONE,        /* no letters with case */
    SHAPE_LOWER,       /* "stadt" */
    SHAPE_CAPITALISED, /* "Stadt" */
    SHAPE_UPPER,       /* "STADT", at least two letters; a single capital letter is CAPITALISED */
    SHAPE_MIXED,       /* "iPhone" */
};

enum {
    TOKEN_SPACE_BEFORE = 1,
    TOKEN_KEPT = 2,        /* set by cleanup: lies in a TEXT or TITLE piece */
    TOKEN_INSIDE_WORD = 4, /* a sign of Han or Kana with which no word begins (processors/text/segment.h) */
};

struct token {
    uint64_t hash;        /* fold_hash() of its folded form: two spellings of one word have one hash */
    uint32_t start;       /* byte offset in buffer */
    uint32_t at;          /* code points before it in buffer */
    uint32_t folded;      /* byte offset of its folded form in `folded` */
    uint32_t line;
    uint32_t sentence;
    uint16_t size;        /* bytes in buffer; a longer run of letters is cut */
    uint16_t points;      /* code points in buffer */
    uint16_t folded_size; /* bytes */
    uint8_t script;       /* enum script (processors/languages.h) */
    uint8_t kind;         /* enum token_kind */
    uint8_t shape;        /* enum token_shape */
    uint8_t flags;        /* TOKEN_… */
};

struct sentence {
    uint32_t first_token, n_tokens;
    uint32_t start, size; /* bytes of buffer, without the space around it */
    uint32_t line;
};

/* ---- pieces (cleanup) ------------------------------------------------------------------------------------------- */

enum fate { FATE_TEXT, FATE_TITLE, FATE_AUTHOR, FATE_DATELINE, FATE_AGENCY, FATE_DROPPED };

/* Kinds of what is dropped: the closed list of schemas/enriched.schema.json; drop_kind_name() names them. */
enum drop_kind {
    DROP_NONE, DROP_READ_ALSO, DROP_RELATED_LIST, DROP_KEYWORDS, DROP_CAPTION, DROP_CREDIT, DROP_BYLINE, DROP_DATELINE,
    DROP_TIMESTAMP, DROP_SHARE, DROP_NEWSLETTER, DROP_CONSENT, DROP_PAYWALL, DROP_ADVERT, DROP_COMMENT_FORM,
    DROP_DISCLAIMER, DROP_EMBED, DROP_TWEET, DROP_COUNTER, DROP_NAVIGATION, DROP_REPEATED, DROP_OTHER_ARTICLE,
    DROP_MARKUP, DROP_SOURCE, DROP_OTHER, DROP_KINDS
};

/* The pieces cover every line from its first to its last byte, in order, without overlap. */
struct piece {
    uint32_t start, size; /* bytes of buffer */
    uint32_t at;          /* code points before it in buffer */
    uint32_t line;
    uint8_t fate;         /* enum fate */
    uint8_t kind;         /* enum drop_kind, if dropped */
    uint32_t out;         /* encode: code points before it in its output field; if dropped: where it stood in text */
};

/* ---- entities --------------------------------------------------------------------------------------------------- */

enum entity_type { ENTITY_PERSON, ENTITY_ORG, ENTITY_GPE, ENTITY_LOC };
/* For whom an entity speaks and acts: a state (a country, or one of its leaders, capitals, forces, palaces), an armed group,
 * an international organisation; media only tell. */
enum acts { ACTS_NONE, ACTS_STATE, ACTS_GROUP, ACTS_BODY, ACTS_MEDIA };
enum name_form { FORM_NAME, FORM_DEMONYM, FORM_METONYM, FORM_TITLE };

struct entity {
    struct view id;      /* "Q794", "t:slug"; absent: a name that no table holds */
    struct view name;    /* its English name, or its first mention if no table holds it */
    char country[4];     /* ISO 3166 alpha-3 of a state, or of the state it belongs to; "" if none */
    uint8_t type;        /* enum entity_type */
    uint8_t acts;        /* enum acts */
    float confidence, salience;
    uint32_t n_names;
};

/* One mention, in the order of the buffer. */
struct name {
    uint32_t entity;               /* index into entities */
    uint32_t first_token, n_tokens;
    uint32_t start, size;          /* bytes of buffer; without clitics and endings that are not the name's */
    uint32_t at, points;           /* code points of buffer */
    uint32_t sentence;
    uint8_t form;                  /* enum name_form */
    uint8_t prefix;                /* bytes of its first token, folded, that are clitics: "באיראן"; 0 if it is not known */
    uint8_t suffix;                /* bytes of its last token, folded, that are an ending: "Ираном"; 0 as well */
};

/* ---- escalation ------------------------------------------------------------------------------------------------- */

enum direction { DIRECTION_NONE, DIRECTION_ESCALATION, DIRECTION_DEESCALATION, DIRECTION_MIXED };

enum event_kind {
    KIND_ATTACK, KIND_ASSASSINATION, KIND_INCURSION, KIND_WAR, KIND_MILITARY_MOVE, KIND_BLOCKADE, KIND_SEIZURE,
    KIND_THREAT, KIND_DEMAND, KIND_SANCTION, KIND_RUPTURE, KIND_FAILED_DIPLOMACY, KIND_CEASEFIRE_VIOLATION,
    KIND_CYBER_ATTACK, KIND_NUCLEAR_STEP, KIND_TENSION, KIND_LAST_ESCALATION = KIND_TENSION,
    KIND_CEASEFIRE, KIND_WITHDRAWAL, KIND_RELEASE, KIND_RELIEF, KIND_AGREEMENT, KIND_DIPLOMACY, KIND_MEDIATION,
    KIND_APPEAL_RESTRAINT, KIND_PREVENTION, KIND_RESTRAINT, KIND_EASING, EVENT_KINDS
};

enum event_mode {
    MODE_DONE, MODE_ANNOUNCED, MODE_THREATENED, MODE_DEMANDED, MODE_FEARED, MODE_HYPOTHETICAL, MODE_PREVENTED,
    MODE_UNWANTED, MODE_NEGATED, MODE_DENIED, MODE_ENDED, EVENT_MODES
};

enum { EVENT_PARTIES_MAX = 4 };

/* A row of a table, or a model (line 0), and the words that it found; file NULL: none. */
struct event_ground {
    const char *file;     /* lives as long as the tables */
    uint32_t line;
    uint32_t start, size; /* bytes of buffer */
};

struct event {
    uint8_t direction; /* enum direction: ESCALATION or DEESCALATION, final */
    bool is_learnt;    /* the rules alone would not have told it */
    uint8_t kind;      /* enum event_kind, final (a prevented escalation is KIND_PREVENTION) */
    uint8_t mode;      /* enum event_mode */
    uint8_t n_actors, n_targets;
    uint8_t actors[EVENT_PARTIES_MAX];  /* deliberately small: indices into entities below 255 */
    uint8_t targets[EVENT_PARTIES_MAX];
    float weight;      /* 0 to 1: how much it moves, mode counted in */
    uint32_t first_token, n_tokens; /* the trigger */
    uint32_t start, size;           /* bytes of buffer, the trigger */
    uint32_t at, points;            /* code points of buffer, the trigger */
    uint32_t sentence;
    int32_t source;    /* index into entities of who is quoted for it; -1: nobody */
    struct event_ground rule, turning, modal; /* the trigger's row; the cue that turned it; the one that says how it is meant */
};

/* ---- what goes out ---------------------------------------------------------------------------------------------- */

/* What Redis is told of one mention (schemas/mention.schema.json). */
struct encoded_mention {
    char id[33];        /* 128-bit hash in hex, terminated */
    struct view json;
    uint8_t direction;
    uint8_t kind;
    uint32_t rank;      /* its place in the article, from 0: one alert per article is one comparison */
};

struct article {
    struct arena *arena;
    const struct message *message;
    struct given given;

    struct view buffer; /* title line, then body lines, each ended by \n; valid NFC UTF-8 */
    struct view folded;
    struct line *lines;
    size_t n_lines;
    struct token *tokens;
    size_t n_tokens;
    struct sentence *sentences;
    size_t n_sentences;
    struct piece *pieces;
    size_t n_pieces;

    struct language_guess language;
    const void *language_notes; /* langid's own, for langid_settle() */

    struct entity *entities;
    size_t n_entities;
    struct name *names; /* in the order of the buffer */
    size_t n_names;

    bool escalation_supported; /* is there a lexicon for its language? */
    uint8_t direction;         /* enum direction of the whole */
    float score;               /* -1 … 1, positive is escalation */
    struct event *events;      /* in the order of the buffer */
    size_t n_events;

    struct view encoded;       /* the enriched article, JSON */
    struct encoded_mention *encoded_mentions;
    size_t n_encoded_mentions;
    int64_t event_time_ms;     /* the article's time: published, else the record's, else now; clamped to record + 5 min */
};

/* Names as the schema writes them. */
const char *drop_kind_name(enum drop_kind kind);
const char *entity_type_name(enum entity_type type);
const char *name_form_name(enum name_form form);
const char *direction_name(enum direction direction);
const char *event_kind_name(enum event_kind kind);
const char *event_mode_name(enum event_mode mode);

/* The reverse, for tables: false if there is no such name. */
bool drop_kind_of(struct view name, enum drop_kind *ret_kind);
bool entity_type_of(struct view name, enum entity_type *ret_type);
bool event_kind_of(struct view name, enum event_kind *ret_kind);
bool event_mode_of(struct view name, enum event_mode *ret_mode);

static inline bool event_kind_escalates(enum event_kind kind)
{
    return kind <= KIND_LAST_ESCALATION;
}

static inline struct view token_view(const struct article *article, const struct token *token)
{
    return (struct view){article->buffer.data + token->start, token->size};
}

static inline struct view token_folded(const struct article *article, const struct token *token)
{
    return (struct view){article->folded.data + token->folded, token->folded_size};
}

#endif
