/*
 * entities: who and where, in the language of the article, under one id in all languages.
 *
 * Reads tokens, pieces and the language; writes entities and names (only over kept tokens).
 *
 * Two see names.  A dictionary finds what the tables know, in the forms of the language (processors/words/forms.h),
 * the longest name first, and gives it its id.  A tagger (tagger.h; ten languages have one) sees from the words around
 * which others are a person, an organisation or a place; they get no id, and the same name again, or a person's
 * surname alone, is the same entity.  Where both see something: a plain name of the tables stands, but inside a longer
 * name of another type ("University of Tehran", "Jordan Miller") the longer one does; a name that is also a word or
 * another's ("?" in the tables) counts if the tagger sees such a name there, and of several the one whose country the
 * article names. Where a language has no tagger, titles and given names introduce persons, and words such as
 * "University of" make an organisation of a place.
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
