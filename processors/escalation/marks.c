#include "processors/escalation/marks.h"

#include "processors/escalation/heads.h"
#include "processors/utf8.h"

enum { MARKS_FIRST = 256 };

#define DROPPED UINT8_MAX /* mark.type */

struct pass {
    const struct lexicon *lexicon;
    const struct article *article;
    struct marks *found;
    size_t marks_room, stretches_room;
    struct stretch *stretch;
    size_t next_name; /* the first that may lie at or behind the token that is read */
    uint32_t clause;
    struct heads heads;
    bool is_grounded;     /* a word of grounds came before: the next trigger stands for itself */
    bool is_part;         /* this match is a part of a phrase with gaps that had begun */
    bool is_head;         /* this match may begin one */
    bool is_trigger;      /* this match is a trigger by itself */
    int64_t closed;       /* the mark of a phrase with gaps that this match completed; -1: none */
    unsigned closed_rank; /* and how much it says; see rank_of() */
};

/* ---- what a token is by itself ---------------------------------------------------------------------------------- */

static bool is_kept(const struct article *article, const struct token *token)
{
    return article->n_pieces == 0 || (token->flags & TOKEN_KEPT) != 0;
}

/* Quotation marks, slashes and the like do not divide: "from a 'war'" is one clause. */
static bool divides(const struct article *article, const struct token *token)
{
    unsigned size;

    if (token->kind != TOKEN_PUNCT)
        return false;
    switch (utf8_read(article->buffer.data + token->start, &size)) {
    case ',': case ';': case ':': case '-': case '(': case ')': case '!': case '?': case '|':
    case 0x60c: case 0x61b: case 0x61f:   /* Arabic comma, semicolon, question mark */
    case 0x2013: case 0x2014: case 0x2026: /* dashes, ellipsis */
    case 0x3001: case 0x3002: case 0xff0c: /* Chinese and Japanese comma, full stop, wide comma */
        return true;
    case '.':
        return token->size > 1; /* "..." */
    default:
        return false;
    }
}

/* 1500 to 2999, else 0.  Older ones are years only behind a short word ("in 1812", "عام 1812"): "1812 soldiers" are none.
 * Before 1500 there are more soldiers and prisoners than years, and Iran's own years, of which 1404 is no history. */
static uint16_t year_of(const struct article *article, const struct token *token)
{
    enum { OLDEST = 1500, CENTURY = 1900, SHORT_POINTS_MAX = 5 };
    struct view folded = token_folded(article, token);
    unsigned year = 0;

    if (token->kind != TOKEN_NUMBER || folded.size != 4)
        return 0;
    for (size_t i = 0; i < 4; i++) {
        if (folded.data[i] < '0' || folded.data[i] > '9')
            return 0;
        year = year * 10 + (unsigned)(folded.data[i] - '0');
    }
    if (year < CENTURY
        && (token == article->tokens || token[-1].kind != TOKEN_WORD || token[-1].points > SHORT_POINTS_MAX))
        return 0;
    return year >= OLDEST && year < 3000 ? (uint16_t)year : 0;
}

/* "Angriffs-Drohne", "attack-minded": the end of the compound says what it is. */
static bool goes_on(const struct article *article, uint32_t end)
{
    return end + 1 < article->n_tokens && article->tokens[end].kind == TOKEN_JOINER
        && view_is(token_view(article, &article->tokens[end]), "-") && article->tokens[end + 1].kind == TOKEN_WORD;
}

/* ---- marks ------------------------------------------------------------------------------------------------------ */

static struct mark *mark_add(struct pass *pass, uint32_t first, uint32_t n_tokens, uint8_t type, uint16_t row)
{
    struct marks *found = pass->found;
    struct mark *mark;

    if (found->n_marks == pass->marks_room) {
        size_t room = pass->marks_room * 2;
        found->marks = arena_grow(pass->article->arena, found->marks, pass->marks_room * sizeof *mark,
                                  room * sizeof *mark);
        pass->marks_room = room;
    }
    mark = &found->marks[found->n_marks++];
    *mark = (struct mark){.first = first, .n_tokens = n_tokens, .clause = pass->clause, .clause_last = pass->clause,
                          .type = type, .row = row};
    return mark;
}

static void trigger_counted(struct pass *pass, uint16_t row)
{
    if (pass->stretch->n_triggers < UINT16_MAX)
        pass->stretch->n_triggers++;
    if (lexicon_trigger(pass->lexicon, row)->needs == NEEDS_NOTHING) {
        pass->stretch->n_strong++;
        pass->found->n_strong++;
    }
}

/* In the order of their first tokens: a phrase with a gap is known when marks inside it have been made. */
static struct mark *mark_insert(struct pass *pass, uint32_t first, uint8_t type, uint16_t row)
{
    struct marks *found = pass->found;
    size_t at;

    mark_add(pass, first, 0, type, row);
    for (at = found->n_marks - 1; at > pass->stretch->first_mark && found->marks[at - 1].first > first; at--)
        ;
    if (at < found->n_marks - 1) {
        struct mark mark = found->marks[found->n_marks - 1];
        memmove(&found->marks[at + 1], &found->marks[at], (found->n_marks - 1 - at) * sizeof mark);
        found->marks[at] = mark;
    }
    if (pass->closed >= (int64_t)at)
        pass->closed++;
    return &found->marks[at];
}

static void head_open(struct pass *pass, uint32_t first, uint32_t end, const struct entry *entry)
{
    struct head *head = heads_add(&pass->heads, entry->part, end);

    *head = (struct head){.clause = pass->clause, .parts = {first}, .ends = {end}, .n_parts = 1};
    pass->is_head = true;
}

/* Behind a German particle at the end of its clause stands punctuation, a new clause, or a conjunction ("und" is listed
 * as pseudo: it divides no clause). */
static bool clause_ends(const struct pass *pass, uint32_t end)
{
    struct lexicon_match match;
    const struct entry *entry;

    if (end >= pass->stretch->end || pass->article->tokens[end].kind == TOKEN_PUNCT)
        return true;
    if (!lexicon_longest(pass->lexicon, pass->article, end, pass->stretch->end, &match))
        return false;
    while ((entry = lexicon_next(pass->lexicon, &match)) != NULL)
        if (entry->type == ENTRY_CUE && (lexicon_cue(pass->lexicon, entry->row)->kind == CUE_BOUNDARY
                                         || lexicon_cue(pass->lexicon, entry->row)->kind == CUE_PSEUDO))
            return true;
    return false;
}

static void mark_dropped(struct pass *pass, struct mark *mark)
{
    if (mark->type == ENTRY_TRIGGER) {
        pass->stretch->n_triggers--;
        if (lexicon_trigger(pass->lexicon, mark->row)->needs == NEEDS_NOTHING) {
            pass->stretch->n_strong--;
            pass->found->n_strong--;
        }
    }
    mark->type = DROPPED;
}

/* Triggers that are parts of a larger one do not count beside it: "Gespräche" in "brach die Gespräche ab". */
static void parts_dropped(struct pass *pass, const struct head *head)
{
    struct marks *found = pass->found;

    for (size_t i = found->n_marks; i-- > pass->stretch->first_mark && found->marks[i].first >= head->parts[0];)
        for (unsigned k = 0; k < head->n_parts; k++)
            if (found->marks[i].type == ENTRY_TRIGGER && (k == 0 || !found->marks[i].has_gap)
                && found->marks[i].first >= head->parts[k] && found->marks[i].first < head->ends[k])
                mark_dropped(pass, &found->marks[i]);
}

static bool is_closed(struct head *head, uint32_t path)
{
    for (unsigned i = 0; i < head->n_closed; i++)
        if (head->closed[i] == path)
            return true;
    if (head->n_closed < CLOSED_MAX)
        head->closed[head->n_closed++] = path;
    return false;
}

static void mark_closed(struct pass *pass, const struct head *head, uint32_t first, uint32_t end, uint8_t type,
                        uint16_t row)
{
    struct mark *mark = mark_insert(pass, head->parts[0], type, row);

    mark->has_gap = true;
    mark->n_tokens = end - mark->first;
    mark->n_head = (uint8_t)(head->ends[0] - head->parts[0]);
    mark->n_tail = (uint8_t)(end - first);
    mark->clause = head->clause;
    mark->clause_last = pass->clause;
    if (type == ENTRY_TRIGGER) {
        pass->closed = mark - pass->found->marks;
    }
}

/* Of phrases that end with the same word the one of more parts counts ("zieht … Truppen … ab" before "zieht … ab"), then the
 * one of more words, then the one that began first ("talks over a ceasefire collapsed"), then the one that needs less. */
static unsigned rank_of(const struct pass *pass, const struct head *head, uint32_t first, uint32_t end, uint16_t trigger)
{
    unsigned words = end - first;

    for (unsigned i = 0; i < head->n_parts; i++)
        words += head->ends[i] - head->parts[i];
    return (unsigned)head->n_parts << 24 | words << 16 | (end - head->parts[0]) << 8
        | (NEEDS_CUE - lexicon_trigger(pass->lexicon, trigger)->needs);
}

static void gap_closed(struct pass *pass, struct head *head, uint32_t path, uint32_t first, uint32_t end,
                       struct gap_end ends, bool may_be_trigger)
{
    unsigned rank;

    if (is_closed(head, path))
        return;
    if (ends.cue > 0)
        mark_closed(pass, head, first, end, ENTRY_CUE, (uint16_t)(ends.cue - 1));
    if (ends.trigger == 0 || !may_be_trigger || head->clause != pass->clause)
        return; /* "Fired on a normal trajectory, the missile" */
    rank = rank_of(pass, head, first, end, (uint16_t)(ends.trigger - 1));
    if (pass->closed >= 0 && pass->closed_rank > rank)
        return;
    pass->closed_rank = rank;
    if (pass->closed >= 0)
        mark_dropped(pass, &pass->found->marks[pass->closed]);
    parts_dropped(pass, head);
    mark_closed(pass, head, first, end, ENTRY_TRIGGER, (uint16_t)(ends.trigger - 1));
    trigger_counted(pass, (uint16_t)(ends.trigger - 1));
}

/* The next part of phrases with gaps: of each the nearest that has begun. */
static void part_found(struct pass *pass, uint32_t first, uint32_t end, const struct entry *entry, bool may_be_trigger)
{
    const struct gaps *gaps = lexicon_gaps(pass->lexicon);
    struct heads *heads = &pass->heads;
    struct head further[STEPS_MAX];
    uint32_t paths[STEPS_MAX];
    unsigned n_further = 0;

    if (!heads_want(heads, entry->part) || (entry->role == GAP_BEHIND_END && !clause_ends(pass, end)))
        return;
    for (unsigned i = heads->n; i-- > 0;) {
        struct head *head = &heads->all[i];
        struct gap_end ends;
        uint32_t path;

        if (end - head->parts[0] > GAP_TOKENS || head->ends[head->n_parts - 1] > first
            || (path = gaps_step(gaps, heads->paths[i], entry->part)) == GAPS_START)
            continue;
        pass->is_part = true;
        ends = gaps_end_of(gaps, path);
        if (ends.n_next > 0 && head->n_parts < STEPS_MAX && n_further < STEPS_MAX) {
            struct head *next = &further[n_further];

            *next = *head;
            next->ends[next->n_parts] = end;
            next->parts[next->n_parts++] = first;
            next->n_closed = 0;
            paths[n_further++] = path;
        }
        if (ends.trigger > 0 || ends.cue > 0)
            gap_closed(pass, head, path, first, end, ends, may_be_trigger);
    }
    for (unsigned i = 0; i < n_further; i++)
        *heads_add(heads, paths[i], end) = further[i];
}

/* "European Union", "West Bank": a word of a name says nothing about the topic. */
static bool is_in_name(struct pass *pass, uint32_t first)
{
    const struct article *article = pass->article;

    while (pass->next_name < article->n_names
           && article->names[pass->next_name].first_token + article->names[pass->next_name].n_tokens <= first)
        pass->next_name++;
    return pass->next_name < article->n_names && article->names[pass->next_name].first_token <= first;
}

static void context_counted(struct pass *pass, uint32_t first, uint16_t kind)
{
    struct stretch *stretch = pass->stretch;

    if ((kind == CONTEXT_TOPIC || kind == CONTEXT_CULTURE) && is_in_name(pass, first))
        return;
    pass->found->n_culture += kind == CONTEXT_CULTURE;
    if (kind == CONTEXT_MILITARY)
        stretch->n_military++, pass->found->n_military++;
    else if (kind == CONTEXT_ACTOR)
        stretch->n_actor++;
    else if (kind == CONTEXT_TOPIC || kind == CONTEXT_CULTURE)
        stretch->n_topic++, pass->found->n_topic++;
}

/* Marks take bytes that folding takes away. */
static bool is_spelled_with_marks(const struct token *token)
{
    return token->size != token->folded_size;
}

enum marked {
    MARKED_NOTHING, /* the end of a phrase that never began */
    MARKED_HEADS,   /* nothing but beginnings, whose ends may never come */
    MARKED_WHOLE,
};

/* "Krieg zwischen", "war with": the preposition that ends a trigger says of the name behind it what it always says. */
static void last_word_marked(struct pass *pass, uint32_t end)
{
    struct lexicon_match match;
    const struct entry *entry;

    if (!lexicon_longest(pass->lexicon, pass->article, end - 1, end, &match))
        return;
    while ((entry = lexicon_next(pass->lexicon, &match)) != NULL)
        if (entry->type == ENTRY_CUE
            && cue_tells_role((enum cue_kind)lexicon_cue(pass->lexicon, entry->row)->kind))
            mark_add(pass, end - 1, 1, ENTRY_CUE, entry->row);
}

/* Of several triggers the one that needs least counts, but an overlay's rows, which come last, before all. */
static bool is_preferred(const struct lexicon *lexicon, const struct entry *entry, const struct entry *than)
{
    const struct trigger *one = lexicon_trigger(lexicon, entry->row), *other;

    if (than == NULL || entry->is_exact != than->is_exact)
        return than == NULL || entry->is_exact; /* "bombardeó" says more than "bombardeo" */
    other = lexicon_trigger(lexicon, than->row);
    return one->origin.file != other->origin.file || one->needs < other->needs;
}

/* All that one match stands for. */
static enum marked match_marked(struct pass *pass, uint32_t first, struct lexicon_match match)
{
    bool has_clitic = match.clitic >= 0
        && !cue_tells_role((enum cue_kind)lexicon_cue(pass->lexicon, (uint16_t)match.clitic)->kind);
    bool is_context = false, is_military = false, is_ground = false, is_whole = has_clitic;
    uint32_t end = first + match.n_tokens;
    struct lexicon_match again = match;
    const struct entry *entry, *trigger = NULL;

    while ((entry = lexicon_next(pass->lexicon, &again)) != NULL)
        pass->clause += entry->type == ENTRY_CUE && lexicon_cue(pass->lexicon, entry->row)->kind == CUE_BOUNDARY;
    pass->closed = -1;
    pass->is_part = pass->is_head = pass->is_trigger = false;
    if (has_clitic)
        mark_add(pass, first, match.n_tokens, ENTRY_CUE, (uint16_t)match.clitic)->is_clitic = true;
    while ((entry = lexicon_next(pass->lexicon, &match)) != NULL) {
        if (entry->is_exact && !is_spelled_with_marks(&pass->article->tokens[first])) {
            continue;
        } else if (entry->type == ENTRY_CONTEXT) {
            context_counted(pass, first, entry->row);
            is_context = true;
            is_military |= entry->row == CONTEXT_MILITARY;
        } else if (entry->type == ENTRY_PART && entry->role >= GAP_BEHIND) {
            part_found(pass, first, end, entry, true);
        } else if (entry->type == ENTRY_PART) {
            head_open(pass, first, end, entry);
        } else if (entry->type == ENTRY_CUE) {
            mark_add(pass, first, end - first, ENTRY_CUE, entry->row);
            is_whole = true;
            is_ground |= lexicon_cue(pass->lexicon, entry->row)->kind == CUE_GROUND;
        } else if (is_preferred(pass->lexicon, entry, trigger)) {
            trigger = entry;
        }
    }
    if (trigger != NULL && pass->closed < 0 && !goes_on(pass->article, end)) {
        mark_add(pass, first, end - first, ENTRY_TRIGGER, trigger->row)->is_military = is_military;
        trigger_counted(pass, trigger->row);
        pass->is_trigger = true;
        if (end > first + 1)
            last_word_marked(pass, end);
        pass->clause += pass->is_grounded;
        pass->is_grounded = false;
    }
    if (is_ground) { /* "vowed to answer | the attacks | of": those have happened, whatever is vowed */
        pass->clause++;
        pass->is_grounded = true;
    }
    if (is_context || is_whole || pass->is_part || trigger != NULL)
        return MARKED_WHOLE;
    return pass->is_head ? MARKED_HEADS : MARKED_NOTHING;
}

/* "нанес … удар" ends in "удар", though "удар по" is longer, and "Ende … nicht in Sicht" begins in "Ende der Kämpfe": parts
 * of phrases with gaps that are shorter than a match.  A longer trigger says it by itself: "launched … strikes on". */
static void parts_marked(struct pass *pass, uint32_t first, uint32_t n_tokens)
{
    bool may_be_trigger = !pass->is_trigger;
    struct lexicon_match match = {.n_tokens = n_tokens};
    const struct entry *entry;

    while (match.n_tokens > 1
           && lexicon_longest(pass->lexicon, pass->article, first, first + match.n_tokens - 1, &match))
        for (struct lexicon_match again = match; (entry = lexicon_next(pass->lexicon, &again)) != NULL;)
            if (entry->type == ENTRY_PART && entry->role >= GAP_BEHIND)
                part_found(pass, first, first + match.n_tokens, entry, may_be_trigger);
            else if (entry->type == ENTRY_PART && (!entry->is_exact || is_spelled_with_marks(&pass->article->tokens[first])))
                head_open(pass, first, first + match.n_tokens, entry);
}

/* Behind "Verhandlungen mit", of which something may come, also "Verhandlungen"; and what only might go on hides nothing
 * that stands in it.  Returns how many tokens are done. */
static uint32_t matches_marked(struct pass *pass, uint32_t first, uint32_t end, struct lexicon_match match)
{
    uint32_t n_longest = match.n_tokens;
    enum marked marked = match_marked(pass, first, match);

    if (n_longest > 1 && marked == MARKED_WHOLE && pass->closed < 0)
        parts_marked(pass, first, n_longest);
    while (marked != MARKED_WHOLE && match.n_tokens > 1) {
        end = first + match.n_tokens - 1;
        if (!lexicon_longest(pass->lexicon, pass->article, first, end, &match))
            return 1;
        marked = match_marked(pass, first, match);
    }
    return marked == MARKED_WHOLE ? match.n_tokens : 1;
}

/* ---- stretches -------------------------------------------------------------------------------------------------- */

static struct stretch *stretch_add(struct pass *pass)
{
    struct marks *found = pass->found;

    if (found->n_stretches == pass->stretches_room) {
        size_t room = pass->stretches_room == 0 ? 64 : pass->stretches_room * 2;
        found->stretches = arena_grow(pass->article->arena, found->stretches,
                                      pass->stretches_room * sizeof *found->stretches, room * sizeof *found->stretches);
        pass->stretches_room = room;
    }
    return &found->stretches[found->n_stretches++];
}

/* Marks that were taken back go, and heads that never met their tail. */
static void heads_dropped(struct pass *pass)
{
    struct marks *found = pass->found;
    size_t kept = pass->stretch->first_mark;

    for (size_t i = kept; i < found->n_marks; i++)
        if (found->marks[i].type != DROPPED)
            found->marks[kept++] = found->marks[i];
    found->n_marks = kept;
    heads_clear(&pass->heads);
}

static uint8_t clause_number(const struct pass *pass)
{
    return pass->clause > UINT8_MAX ? UINT8_MAX : (uint8_t)pass->clause;
}

static void stretch_read(struct pass *pass, uint32_t first, uint32_t end, uint32_t sentence)
{
    const struct article *article = pass->article;
    struct stretch *stretch = pass->stretch = stretch_add(pass);

    *stretch = (struct stretch){.first_token = first, .end = end, .sentence = sentence,
                                .first_mark = (uint32_t)pass->found->n_marks};
    pass->clause = 0;
    pass->is_grounded = false;
    for (uint32_t i = first; i < end;) {
        const struct token *token = &article->tokens[i];
        struct lexicon_match match;
        uint16_t year;
        uint32_t n;

        pass->found->clauses[i] = clause_number(pass);
        if (!is_kept(article, token) || divides(article, token)) {
            pass->clause++;
            i++;
            continue;
        }
        year = year_of(article, token);
        if (year > stretch->last_year)
            stretch->last_year = year;
        if (token->kind == TOKEN_PUNCT || !lexicon_longest(pass->lexicon, article, i, end, &match)) {
            i++;
            continue;
        }
        n = matches_marked(pass, i, end, match);
        while (--n > 0)
            pass->found->clauses[++i] = clause_number(pass);
        i++;
    }
    heads_dropped(pass);
    stretch->n_marks = (uint32_t)pass->found->n_marks - stretch->first_mark;
}

void marks_find(const struct lexicon *lexicon, struct article *article, struct marks *ret_marks)
{
    struct pass pass = {.lexicon = lexicon, .article = article, .found = ret_marks};

    heads_begin(&pass.heads, lexicon_gaps(lexicon), article->arena);
    *ret_marks = (struct marks){.clauses = arena_zero(article->arena, article->n_tokens + 1),
                                .marks = arena_alloc(article->arena, MARKS_FIRST * sizeof *ret_marks->marks)};
    pass.marks_room = MARKS_FIRST;
    for (size_t s = 0; s < article->n_sentences; s++) {
        const struct sentence *sentence = &article->sentences[s];
        uint32_t end = sentence->first_token + sentence->n_tokens;

        for (uint32_t first = sentence->first_token; first < end; first += STRETCH_TOKENS)
            stretch_read(&pass, first, end - first > STRETCH_TOKENS ? first + STRETCH_TOKENS : end, (uint32_t)s);
    }
}
