#!/usr/bin/python3
"""Makes the language model from texts whose language is known.

    train.py TEXTS.tsv MODEL.bin

TEXTS.tsv holds rows "language TAB kind TAB text" (kind: sentence, pair, word, tweet).  The model in processors/data/langid was made from
the test data of two language identifiers, both under Apache-2.0: lingua (github.com/pemistahl/lingua, folder
src/accuracyReport/resources/language-testdata: sentences, word pairs, single words) and ELD
(github.com/nitotm/efficient-language-detector, tweets).  The same rows always give the same bytes.

Every tenth text (by its FNV-1a hash) is left out: langid_quality measures on those, and only on those.

Method: naive Bayes over the words and the letter n-grams (1 to 4) of lower-case words with a blank at each end.  A feature keeps
for each language log(P(feature | language) / floor), where the floor is what an unseen feature gets; languages at the floor are
not stored.  Naive Bayes counts what the n-grams of one word have in common several times; the weights of the orders and the
scale that turns scores into probabilities are set below.

Format, little-endian: "TOCSINLI", u32 version, u32 languages, u32 features, u32 entries, f32 scale, u32 0; per language a code of
12 bytes and the mean score of a letter in that language's own texts (f32); per feature u32 key, ascending; per feature u8 number of
entries; per entry u8 language; per entry u8 weight; at the end FNV-1a (64 bits) over all before it.
"""
import math
import re
import struct
import sys
import unicodedata
from collections import Counter, defaultdict

VERSION = 1
ORDERS = 4
WORD = 0  # the order under which whole words are kept
SCALE = 1 / 24  # a weight of 24 is one nat before the order's factor
FACTOR = {WORD: 0.8, 1: 0.15, 2: 0.3, 3: 0.5, 4: 0.8}
FLOOR_COUNT = {WORD: 0.3, 1: 0.5, 2: 0.3, 3: 0.3, 4: 0.3}
MIN_COUNT = {WORD: 1, 1: 1, 2: 2, 3: 2, 4: 2}  # in one language
TEMPERATURE = 0.5
LANGUAGES_MAX = {WORD: 99, 1: 12, 2: 0, 3: 32, 4: 99}  # what more languages share tells little and costs time
FREQUENCY_POWER = 0.7
BYTES_MAX = 1_960_000  # of features and entries
MASK = (1 << 64) - 1


def is_held_out(text):
    return (fnv(text.encode()) >> 32) % 10 == 0


def fnv(data):
    value = 0xCBF29CE484222325
    for byte in data:
        value = ((value ^ byte) * 0x100000001B3) & MASK
    return value


def is_dropped(point):
    """Marks that readers do without; the program drops the same."""
    return (0x300 <= point <= 0x36F or 0x591 <= point <= 0x5C7 or 0x610 <= point <= 0x61A or 0x640 == point
            or 0x64B <= point <= 0x65F or point == 0x670 or 0x6D6 <= point <= 0x6ED)


def is_single(char):
    name = unicodedata.name(char, "")
    return name.startswith(("CJK UNIFIED", "HIRAGANA", "KATAKANA"))


GERSHAYIM = re.compile("(?<=[\u05d0-\u05ea])[\"'\u05f3\u05f4](?=[\u05d0-\u05ea])")
CLASS = {}


def class_of(char):
    """letter: part of a word; alone: a word of its own; nothing: not seen; other: between words."""
    known = CLASS.get(char)
    if known is None:
        category = unicodedata.category(char)
        if is_dropped(ord(char)) or category == "Cf":
            known = "nothing"
        elif category[0] in "LM":
            known = "alone" if is_single(char) else "letter"
        elif category == "Nd":
            known = "nothing"
        else:
            known = "other"
        CLASS[char] = known
    return known


def words_of(text):
    text = GERSHAYIM.sub("", unicodedata.normalize("NFC", text))
    for chunk in text.split():
        if "@" in chunk or "#" in chunk or "/" in chunk or "www." in chunk:
            continue
        word = []
        for char in chunk:
            kind = class_of(char)
            if kind == "letter":
                word.append(char)
            elif kind == "alone":
                if word:
                    yield lower(word)
                    word = []
                yield char
            elif kind == "other" and word:
                yield lower(word)
                word = []
        if word:
            yield lower(word)


def lower(word):
    # Code point by code point, as the program does: no final sigma, no dot above.
    return "".join("i" if c == "\u0130" else c.lower() if len(c.lower()) == 1 else c for c in word)


def key_of(feature):
    """32 bits of a feature; the program computes the same."""
    order, text = feature
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


def features_of(word):
    yield (WORD, word)
    padded = " " + word + " "
    for order in range(1, ORDERS + 1):
        source = word if order == 1 else padded
        for i in range(len(source) - order + 1):
            yield (order, source[i:i + order])


def count(path):
    counts = {}  # language: Counter of features
    for row in open(path, encoding="utf-8"):
        language, _, text = row.rstrip("\n").split("\t", 2)
        if is_held_out(text):
            continue
        words = Counter(words_of(text))
        counter = counts.setdefault(language, Counter())
        for word, n in words.items():
            counter[(-1, word)] += n
    features = {}
    for language, words in counts.items():
        counter = features[language] = Counter()
        for (_, word), n in words.items():
            for feature in features_of(word):
                counter[feature] += n
    return features


def weigh(features):
    totals = {language: Counter() for language in features}
    for language, counter in features.items():
        for (order, _), n in counter.items():
            totals[language][order] += n
    floor = {order: FLOOR_COUNT[order] / (sum(t[order] for t in totals.values()) / len(totals)) for order in range(ORDERS + 1)}
    entries = defaultdict(dict)
    for language, counter in features.items():
        for feature, n in counter.items():
            order = feature[0]
            if n < MIN_COUNT[order]:
                continue
            ratio = (n / totals[language][order]) / floor[order]
            weight = round(math.log(max(ratio, 1.0)) * FACTOR[order] / SCALE)
            if weight > 0:
                entries[feature][language] = min(weight, 255)
    return entries


def keep_best(entries, n_languages):
    """What fits into the file: the features that tell most for each byte, all occurrences counted."""
    def worth(feature):
        weights = entries[feature]
        mean = sum(weights.values()) / n_languages
        spread = sum((w - mean) ** 2 for w in weights.values()) + mean * mean * (n_languages - len(weights))
        # What a weight says of the frequency, turned back: no second table is needed.
        frequency = sum(math.exp(min(w * SCALE / FACTOR[feature[0]], 12)) for w in weights.values())
        return frequency ** FREQUENCY_POWER * math.sqrt(spread) / (5 + 2 * len(weights))

    kept, n = {}, 0
    entries = {f: w for f, w in entries.items() if len(w) <= LANGUAGES_MAX[f[0]]}
    for feature in sorted(entries, key=lambda f: (-worth(f), f)):
        n += 5 + 2 * len(entries[feature])
        if n > BYTES_MAX:
            break
        kept[feature] = entries[feature]
    return kept


def own_scores(counts, kept):
    """The mean score that a letter of a language's own texts gets from its features."""
    result = {}
    for language, counter in counts.items():
        score = sum(n * kept[f][language] for f, n in counter.items() if f in kept and language in kept[f])
        letters = sum(n for f, n in counter.items() if f[0] == 1)
        result[language] = score / max(letters, 1)
    return result


def write(path, languages, kept, own):
    number = {language: i for i, language in enumerate(languages)}
    by_key = {}
    for feature, weights in kept.items():
        merged = by_key.setdefault(key_of(feature), {})
        for language, weight in weights.items():
            merged[number[language]] = max(weight, merged.get(number[language], 0))
    keys = sorted(by_key)
    n_entries = sum(len(by_key[key]) for key in keys)
    out = bytearray(b"TOCSINLI")
    out += struct.pack("<IIIIfI", VERSION, len(languages), len(keys), n_entries, SCALE * TEMPERATURE, 0)
    for language in languages:
        out += struct.pack("<12sf", language.encode(), own[language])
    out += struct.pack(f"<{len(keys)}I", *keys)
    out += bytes(len(by_key[key]) for key in keys)
    for key in keys:
        out += bytes(sorted(by_key[key]))
    for key in keys:
        out += bytes(by_key[key][language] for language in sorted(by_key[key]))
    out += struct.pack("<Q", fnv(out))
    with open(path, "wb") as file:
        file.write(out)
    print(f"{path}: {len(languages)} languages, {len(keys)} features, {n_entries} entries, {len(out)} bytes")


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    counts = count(sys.argv[1])
    languages = sorted(counts)
    entries = weigh(counts)
    print(len(entries), "features,", sum(map(len, entries.values())), "entries before the cut")
    kept = keep_best(entries, len(languages))
    write(sys.argv[2], languages, kept, own_scores(counts, kept))


if __name__ == "__main__":
    main()
