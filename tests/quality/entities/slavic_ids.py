#!/usr/bin/env python3
"""Do the most frequent names of SlavicNER have one id in Russian and in Ukrainian?

    slavic_ids.py TOCSIN DATA FOLDER [--names 200] [--verbose]

FOLDER holds the collection's ner/ and raw/.  Each of its documents goes through the program as it is.  Of the cross-lingual ids
of people, organisations and places that are marked most often in both languages together it is asked: which of our ids do
their surfaces get most in each language in which they occur, and is it one, not null, in all?
"""
import argparse
import json
import os
import subprocess
import sys
from collections import Counter, defaultdict

CLASSES = ("PER", "ORG", "LOC")
LANGUAGES = ("ru", "uk")


def documents(folder, language):
    for path, _, names in sorted(os.walk(os.path.join(folder, "ner"))):
        if os.path.basename(path) != language:
            continue
        for name in sorted(names):
            raw = os.path.join(path.replace("/ner", "/raw", 1), name[:-4] + ".txt")
            if os.path.exists(raw):
                rows = [line.rstrip("\n").split("\t") for line in open(os.path.join(path, name), encoding="utf-8")]
                yield f"{path}/{name}", open(raw, encoding="utf-8").read(), [row for row in rows if len(row) >= 6 and row[4] in CLASSES]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tocsin")
    parser.add_argument("data")
    parser.add_argument("folder")
    parser.add_argument("--names", type=int, default=200)
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    counts, given = Counter(), defaultdict(lambda: defaultdict(Counter))
    env = {key: value for key, value in os.environ.items() if not key.startswith("TOCSIN_")}
    for language in LANGUAGES:
        docs = list(documents(options.folder, language))
        messages = "".join(json.dumps({"id": name, "body": text, "language": language}) + "\n" for name, text, _ in docs)
        result = subprocess.run([options.tocsin, "enrich", "-X", f"data.dir={options.data}", "-X", "output.dropped=none"],
                                input=messages.encode(), capture_output=True, env=env, check=True)
        outs = {out["id"]: out for out in map(json.loads, result.stdout.decode().splitlines())}
        for name, _, rows in docs:
            ids = {mention["text"]: entity["id"] for entity in outs.get(name, {"entities": []})["entities"]
                   for mention in entity["mentions"]}
            for row in rows:
                counts[row[5]] += 1
                given[row[5]][language][ids.get(row[2])] += 1
    frequent = [key for key, _ in counts.most_common(options.names)]
    right = both = 0
    for key in frequent:
        best = {language: max(seen, key=lambda one: (one is not None, seen[one])) for language, seen in given[key].items()}
        is_right = None not in best.values() and len(set(best.values())) == 1
        right += is_right
        both += len(best) == len(LANGUAGES)
        if options.verbose and not is_right:
            print(f"{key} ({counts[key]}): {best}")
    print(f"{len(frequent)} most frequent, {both} in both languages: {right} have one id ({right / len(frequent):.1%})")


if __name__ == "__main__":
    main()
