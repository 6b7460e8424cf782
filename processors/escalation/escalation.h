/*
 * escalation: what moves towards war, what towards peace, and who does it to whom.
 *
 * Reads tokens, sentences, pieces, language, entities and names; writes events, direction, score, escalation_supported.
 * Stands behind entities, because an attack without anybody who could make war is a figure of speech.
 *
 * The journey of one sentence:
 *     marks     triggers, cues and context words, longest match first          marks.h
 *     needs     does the trigger count here: who is near, what is the text about?   (here)
 *     scope     what the cues around it make of it: kind, direction, mode      scope.h
 *     parties   who acts, who is acted on, who says so                         parties.h
 *     weight    of the trigger's row, times the factor of its mode (any.modes.tsv)
 * Behind the last one:
 *     sides     whom an event is between where its sentence does not say        sides.h
 *
 * Precision comes first: a false alarm is what a reader remembers.  Denials of past acts, history, figures of speech,
 * sport, markets and courts leave no mention; a text in a language without tables leaves none and says so.
 *
 * The whole: each mention pulls with its weight, in the title with twice as much.  With E and D the sums of both sides,
 *     score = (E - D) / (1 + E + D)
 * so that one mention alone says little and a steady stream of them approaches 1; direction is that of the side that
 * has at least two thirds of E + D, else mixed.
 */
#ifndef PROCESSORS_ESCALATION_ESCALATION_H
#define PROCESSORS_ESCALATION_ESCALATION_H

#include "processors/stage.h"

extern const struct stage escalation_stage;

#endif
