#!/usr/bin/python3
"""Makes the tables of the wording model: processors/data/cleanup/wording/LANG.tsv.

    wording.py            # writes them; the same lines always give the same tables
    wording.py --check    # five-fold cross-validation instead, a line per language
    wording.py --same     # says whether the tables are those that it would write

Learns from, all of it written for this:
    lines/LANG.tsv                  lines as they stand in articles (`text`) and around them (their kind)
    processors/data/cleanup/LANG.tsv  phrase tables, as lines or pieces of lines
    cues/LANG.tsv                   words and how surely they speak for a kind (`other`: they address the reader): a word
                                    that no line has gets what words of its sort have earned

Method: logistic regression (AdaGrad, L2) over words, pairs of neighbouring words, the first and the last word once
more, and marks of a line's shape, all languages at once; marks and sorts of cue words have a part that all languages
share, so that one language's lines help the others.  What weighs too little to matter is left out.  Features are those
of processors/cleanup/wording.h.
"""

import collections
import math
import random
import re
import sys
import unicodedata
import zlib
from pathlib import Path

HERE = Path(__file__).resolve().parent
DATA = HERE.parent.parent / "data" / "cleanup"
LATIN = {"de", "en", "fr", "es", "tr"}
EPOCHS = 10
RATE = 0.1
L2 = 0.01
TEXT_WORTH = 3.0    # of a line in an article beside one around it: there are fewer, and a paragraph lost is worse
PHRASE_WORTH = 0.2  # of a phrase beside a line: it was written to be matched, not as an example
SEEN_MIN = 2        # lines that have a feature
WEIGHT_MIN = 0.12   # nats
PLACES = {"whole_line", "line_start", "anywhere"}

ARABIC = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ی": "ي", "ک": "ك", "ة": "ه", "ـ": None,
                        "\u200c": None, "\u200d": None, "ı": "i", "ʼ": "'"})
TOKEN = re.compile(r"https?://\S+|www\.\S+|\S+@\S+\.\S+|[@#]\w+|(?:[^\W\d_]\.){2,}|\d[\d.,:]*(?![^\W_])|[^\W_]+|[^\w\s]|_")


def fold(text):
    text = unicodedata.normalize("NFKD", text.replace("İ", "i")).casefold()
    return "".join(c for c in text if unicodedata.category(c) != "Mn").translate(ARABIC)


def is_latin(word):
    return "LATIN" in unicodedata.name(word[0], "")


def marks_of(text, tokens):
    """The marks that processors/cleanup/hear.c sees in a line."""
    words = sum(1 for t in tokens if t[0].isalpha() or (t[0].isdigit() and not re.fullmatch(r"\d[\d.,:]*", t)))
    numbers = sum(1 for t in tokens if re.fullmatch(r"\d[\d.,:]*", t))
    end = {".": ".", "…": ".", "。": ".", "۔": ".", "।": ".", "!": "?", "?": "?", "؟": "?", "！": "?", "？": "?",
           ":": ":", "：": ":", ",": ",", ";": ",", "،": ",", "؛": ","}.get(text.rstrip(" \"'”“»«’)]›‹")[-1:], "-")
    length = next((str(most) for most in (0, 1, 3, 6, 11, 24) if words <= most), "more")
    marks = ["<always>", "<words %s end %s>" % (length, end)]
    sentences = len(re.findall(r"[.!?…؟۔。]+[\"'”“»«’)\]]*\s+(?=[^\W\d_a-zа-я]|[\"'”“»«’(\[–—-])", text + " X"))
    if sentences > 1:
        marks.append("<sentences 2>" if sentences == 2 else "<sentences 3>")
    if numbers:
        marks.append("<number>" if numbers == 1 else "<numbers>")
        if numbers * 2 >= words:
            marks.append("<numbers half>")
        if numbers >= words:
            marks.append("<numbers most>")
    if any(unicodedata.category(t[0]) in ("So", "Sc", "Sm") for t in tokens):
        marks.append("<symbol>")
    if any(t.startswith(("http", "www.")) or "@" in t[1:] for t in tokens):
        marks.append("<link>")
    if any(t[0] in "@#" and len(t) > 1 for t in tokens):
        marks.append("<tag>")
    if any(t in "\"„“”«»‹›" for t in tokens):
        marks.append("<quote>")
        if words > 11:
            marks.append("<quote long>")
    if any(t in "|>·»›•▸►" for t in tokens):
        marks.append("<divider>")
    if tokens and tokens[0] in "-–—•*·►→▶▪●■◆›»>":
        marks.append("<list>")
        if end in ".?":
            marks.append("<list .>")
    return marks


def features_of(text, language, cues, place="whole_line"):
    """Features with how often each occurs.  A word is (table, word); shared ones are strings."""
    tokens = TOKEN.findall(fold(unicodedata.normalize("NFC", text)))
    found = collections.Counter()
    first = before = last = None
    if place == "whole_line":
        for mark in marks_of(text, tokens):
            found[mark] += 1
            found[language, mark] += 1
    for token in tokens:
        number = re.fullmatch(r"\d[\d.,:]*", token) is not None
        if token in "-'’‑":
            continue  # joins two words, or stands between them
        if not number and not token[0].isalnum():
            before = None
            continue
        if "@" in token or token.startswith(("http", "www.")):
            before = None
            continue
        word = "0" if number else token
        table = "en" if not number and is_latin(word) and language not in LATIN else language
        if not number:
            found[table, word] += 1
            for sort in cues.get((table, word), ()):
                found[sort] += 1
        if before is not None:
            found[table, before + " " + word] += 1
        before = word
        last = table, word + " $"
        first = first or (table, "^ " + word)
    if first and place != "anywhere":
        found[first] += 1
    if last and place == "whole_line":
        found[last] += 1
    return found


def rows_of(path):
    lines = [line for line in path.read_text(encoding="utf-8").split("\n") if line and line[0] != "#"]
    for line in lines[1:]:
        yield line.split("\t")


def read_cues():
    cues, kinds = collections.defaultdict(list), {}
    for path in sorted((HERE / "cues").glob("*.tsv")):
        for word, kind, trust in rows_of(path):
            key = path.stem, fold(word)
            sort = "#address" if kind == "other" else "#" + trust
            if sort not in cues[key]:
                cues[key].append(sort)
            if kind != "other":
                kinds.setdefault(key, kind)
    return cues, kinds


def read_examples(cues):
    """(language, kind, features, worth, text)"""
    examples = []
    for path in sorted((HERE / "lines").glob("*.tsv")):
        for kind, text in rows_of(path):
            examples.append((path.stem, kind, features_of(text, path.stem, cues), TEXT_WORTH if kind == "text" else 1.0, text))
        for row in rows_of(DATA / path.name):
            if row[2] in PLACES:
                examples.append((path.stem, row[1], features_of(row[0], path.stem, cues, row[2]), PHRASE_WORTH, row[0]))
    return examples


def train(examples):
    """An example's place in an epoch hangs on its own text alone, so that one more of them changes little."""
    seen = collections.Counter(f for _, _, found, _, _ in examples for f in found)
    data = [(zlib.crc32(text.encode()), kind != "text",
             [(f, n) for f, n in found.items() if seen[f] >= SEEN_MIN or isinstance(f, str)], worth)
            for _, kind, found, worth, text in examples]
    weights, squares = collections.defaultdict(float), collections.defaultdict(lambda: 1e-2)
    for epoch in range(EPOCHS):
        data.sort(key=lambda example: example[0] * (2 * epoch + 1) * 0x9E3779B1 % (1 << 32))
        for _, noise, found, worth in data:
            odds = sum(weights[f] * n for f, n in found)
            wrong = (1 / (1 + math.exp(-max(-30.0, min(30.0, odds)))) - noise) * worth
            for f, n in found:
                slope = wrong * n + L2 * weights[f]
                squares[f] += slope * slope
                weights[f] -= RATE * slope / math.sqrt(squares[f])
    return weights


def odds_of(weights, found):
    return sum(weights.get(f, 0.0) * n for f, n in found.items())


def tables_of(weights, examples, cues, cue_kinds):
    """{language: {words: (kind, weight)}}: what a feature of one language weighs with what it shares."""
    by_kind = collections.defaultdict(collections.Counter)
    for _, kind, found, worth, _ in examples:
        for f in found:
            if kind != "text" and not isinstance(f, str):
                by_kind[f][kind] += worth
    tables = collections.defaultdict(dict)
    keys = {f for f in weights if not isinstance(f, str)} | set(cues)
    for key in keys:
        language, words = key
        weight = weights.get(key, 0.0)
        weight += weights.get(words, 0.0) if words.startswith("<") else sum(weights.get(s, 0.0) for s in cues.get(key, ()))
        if abs(weight) < WEIGHT_MIN:
            continue
        kind = cue_kinds.get(key) or (by_kind[key].most_common(1)[0][0] if by_kind[key] else "-")
        tables[language][words] = (kind if weight > 0 and not words.startswith("<") else "-", weight)
    return tables


def check(examples):
    folds = 5
    order = random.Random(2)
    part = [order.randrange(folds) for _ in examples]
    right = collections.defaultdict(collections.Counter)
    for fold_at in range(folds):
        weights = train([e for e, p in zip(examples, part) if p != fold_at])
        for (language, kind, found, worth, _), p in zip(examples, part):
            if p != fold_at or worth < 1:
                continue
            odds = odds_of(weights, found)
            noise = kind != "text"
            right[language]["n noise" if noise else "n text"] += 1
            right[language]["noise" if noise else "text"] += (odds > 0) == noise
            right[language]["noise at 3"] += noise and odds > 3
            right[language]["text at 3"] += not noise and odds > 3
    for language, of in sorted(right.items()):
        print("%s  noise known %.1f%%, text taken for it %.1f%%; at 3 nats %.1f%% and %.1f%%" % (
            language, 100 * of["noise"] / of["n noise"], 100 - 100 * of["text"] / max(1, of["n text"]),
            100 * of["noise at 3"] / of["n noise"], 100 * of["text at 3"] / max(1, of["n text"])))


def text_of(rows):
    lines = ["%s\t%s\t%d\n" % (words, kind, round(100 * weight)) for words, (kind, weight) in sorted(rows.items())]
    return "words\tkind\tweight\n" + "".join(lines)


def main():
    if sys.argv[1:] not in ([], ["--check"], ["--same"]):
        sys.exit(__doc__)
    cues, cue_kinds = read_cues()
    examples = read_examples(cues)
    if sys.argv[1:] == ["--check"]:
        check(examples)
        return
    (DATA / "wording").mkdir(exist_ok=True)
    for language, rows in sorted(tables_of(train(examples), examples, cues, cue_kinds).items()):
        path = DATA / "wording" / (language + ".tsv")
        if not sys.argv[1:]:
            path.write_text(text_of(rows), encoding="utf-8")
        elif path.read_text(encoding="utf-8") != text_of(rows):
            sys.exit("%s is not what wording.py makes of its lines: run it again" % path)
        print(language, len(rows), "rows")


if __name__ == "__main__":
    main()
