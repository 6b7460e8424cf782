/*
 * entities: who and where, in the language of the article, under one id in all languages.
 *
 * Reads tokens, pieces and the language; writes entities and names (only over kept tokens).
 *
 * A dictionary finds what the tables know, in the forms of the language (processors/words/forms.h), the longest name first.
 * Around it stand three rules for what no table can hold: a title or a given name introduces a person ("Foreign
 * Minister X Y"), an organisation's name swallows the place in it ("University of Tehran"), and a surname alone is
 * the person who was named in full before.  A spelling that is also another word counts only where the article supports it.
 *
 * Spans are whole tokens as written, with clitics and endings; of "Hamas-Führer" only the name's own token.
 *
 * confidence: the best of the entity's mentions, by the way it was found (resolve.c says how).
 * salience: the entity's share of the weights of all names; a name weighs 1, 2 more in the title, and up to 1 more the
 * earlier it stands (1 at the first token, 0 at the last).
 *
 * Thread-safety: as every room.
 */
#ifndef PROCESSORS_ENTITIES_ENTITIES_H
#define PROCESSORS_ENTITIES_ENTITIES_H

#include "processors/stage.h"

extern const struct stage entities_stage;

#endif
