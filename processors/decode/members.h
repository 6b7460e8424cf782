/*
 * decode_members: where the members of a JSON object stand in its source, and small repairs of that source.
 *
 * jansson gives values, but not the bytes they came from.  What a message carries beyond the known fields must go out
 * as it came in (long numbers, order, escapes), so the members are looked up in the source: one linear walk that trusts
 * the source to be valid JSON, as jansson has said so before.
 *
 * Thread-safety: pure functions.
 */
#ifndef PROCESSORS_DECODE_MEMBERS_H
#define PROCESSORS_DECODE_MEMBERS_H

#include "processors/arena.h"
#include "processors/view.h"

struct member {
    struct view name;  /* raw, with its quotes */
    struct view value; /* raw */
};

/* The members of the object that source is, in order; duplicates too. */
size_t members_find(struct arena *arena, struct view source, struct member **ret_members);

/* The first kinds keep the length of the source, so that positions stay right. */
enum {
    REPAIR_SURROGATES = 1 << 0, /* \uD83D without its other half becomes \ufffd: crawlers cut titles inside emoji */
    REPAIR_NULS = 1 << 1,
              /* \u0000 becomes \u0001: jansson has no NUL in names; both are removed from texts later */
    REPAIR_NUMBERS = 1 << 2,    /* a number that 64 bits may not hold becomes a string of its digits */
};

/* Repairs a source that need not be valid JSON.  Returns which repairs there were; *ret_source is the source itself if
 * there were none, else a copy in arena. */
unsigned members_repair(struct arena *arena, struct view source, unsigned repairs, struct view *ret_source);

#endif
