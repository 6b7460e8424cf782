#!/usr/bin/env python3
"""Public collections of marked names, made into the one form that the tools of this folder and of processors/entities/train read.

    spans.py ner FILE.tsv.xz LANGUAGE > OUT       one token a line, TAB, its IOB class; an empty line between sentences
    spans.py slavic FOLDER LANGUAGE > OUT         SlavicNER: raw/…txt beside ner/…tsv

Out comes one sentence or paragraph a line: language, text, and one cell "START:END:TYPE" for each name, in bytes of the text; an empty
line ends an article (of collections of sentences: each ten).  Types are PER, ORG and LOC; OPT is what is a name in that
collection but of no class of ours or only a part of a word (GermEval's deriv, part and OTH, MISC): finding it is neither right nor wrong.
"""
import lzma
import os
import sys

SENTENCES = 10
TYPES = {"PER": "PER", "PERS": "PER", "ORG": "ORG", "LOC": "LOC", "GPE": "LOC"}
NO_SPACE_BEFORE = set(".,;:!?%)]}’…")
NO_SPACE_BEHIND = set("([{")
QUOTES = {"\"": False, "“": None, "”": None, "„": None, "'": None}


def sentences(path):
    tokens = []
    opener = lzma.open if path.endswith(".xz") else open
    with opener(path, "rt", encoding="utf-8") as file:
        for line in file:
            cells = line.rstrip("\n").split("\t")
            if len(cells) < 2:
                if tokens:
                    yield tokens
                tokens = []
            else:
                tokens.append((cells[0], cells[1]))
    if tokens:
        yield tokens


def joined(tokens):
    """The sentence as it was printed, and where its names stand."""
    text, spans, open_quote, glue = b"", [], False, True
    for word, tag in tokens:
        space = not glue and not (word in NO_SPACE_BEFORE)
        glue = word in NO_SPACE_BEHIND
        if word in ("\"", "''", "``", "“", "”", "„"):
            space = space and not open_quote
            glue = not open_quote
            open_quote = not open_quote
        if space:
            text += b" "
        start = len(text)
        text += word.encode()
        kind = TYPES.get(tag[2:], "OPT") if tag != "O" else None
        if tag.startswith("I-") and spans and spans[-1][3] == tag[2:]:
            spans[-1][1] = len(text)
        elif kind:
            spans.append([start, len(text), kind, tag[2:]])
    return text.decode(), spans


def write(language, text, spans):
    print(language, text.replace("\t", " "), *(f"{a}:{b}:{kind}" for a, b, kind, _ in spans), sep="\t")


def main_ner(path, language):
    for i, tokens in enumerate(sentences(path)):
        if i % SENTENCES == 0 and i:
            print()
        write(language, *joined(tokens))


def main_slavic(folder, language):
    """Their tables list each surface once: every place where it stands as a whole is marked."""
    kinds = {"PER": "PER", "ORG": "ORG", "LOC": "LOC"}
    for path, _, names in sorted(os.walk(os.path.join(folder, "ner"))):
        if os.path.basename(path) != language:
            continue
        for name in sorted(names):
            raw = os.path.join(path.replace("/ner", "/raw", 1), name[:-4] + ".txt")
            if not os.path.exists(raw):
                continue
            spans = []
            with open(os.path.join(path, name), encoding="utf-8") as file:
                for line in file:
                    cells = line.rstrip("\n").split("\t")
                    if len(cells) >= 6 and cells[0].isdigit():
                        spans.append((int(cells[0]), int(cells[1]), kinds.get(cells[4], "OPT")))
            text = open(raw, encoding="utf-8").read()
            at = 0
            for line in text.split("\n"):
                inside = [(a - at, b - at, kind) for a, b, kind in spans if at <= a and b <= at + len(line)]
                if line.strip():
                    write(language, line, [(len(line[:a].encode()), len(line[:b].encode()), kind, "")
                                           for a, b, kind in sorted(inside)])
                at += len(line) + 1
            print()


if __name__ == "__main__":
    {"ner": main_ner, "slavic": main_slavic}[sys.argv[1]](*sys.argv[2:])
