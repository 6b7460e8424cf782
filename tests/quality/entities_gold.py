#!/usr/bin/python3
"""How well are names found, typed and linked in whole articles?  Sends the gold of entities/gold through the program.

    entities_gold.py TOCSIN DATA [--verbose] [--half looked|held] [--floor F1] [--floor-language F1] [--floor-id SHARE] [LANGUAGE…]

Form of the gold: "=== ID", the title, an empty line, paragraphs; names as [surface|TYPE|key].  TYPE is PER, ORG, GPE, LOC (the last two are
not held against each other) or OPT: welcome, but neither missed nor wrong (nationality words, bare ministries, palaces, agencies
in datelines).  key: ISO 3166 alpha-3 of a state, the usual English name of whatever else the world knows, "-" for who no table holds.

Counted is each distinct surface of an article once.  A surface is right if the program marks the same characters with the same
type; what it marks inside or around an OPT surface does not count, nor what only stood in a dateline and has its own field now.  An id is judged where surface and type are right: "wrong" is
the id of another entity, or any id for "-"; "none" is no id for somebody whom the world knows.  Articles with an even number were
looked at while the room was made, the others (--half held) were not.
"""
import argparse
import json
import os
import re
import subprocess
import sys
import unicodedata
from pathlib import Path

LANGUAGES = "de ar en fr ru fa he tr es uk".split()
MARK = re.compile(r"\[([^\[\]|]+)\|([A-Z]+)\|([^\[\]|]*)\]")
TYPES = {"PER": "PERSON", "ORG": "ORG", "GPE": "PLACE", "LOC": "PLACE", "PERSON": "PERSON"}
GOLD = Path(__file__).parent / "entities" / "gold"
SAME = Path(__file__).parent / "entities" / "same.tsv"


class Article:
    def __init__(self, name, language, lines):
        self.name, self.language = name, language
        plain = [MARK.sub(r"\1", line) for line in lines]
        self.title, self.body = plain[0], "\n\n".join(line for line in plain[1:] if line)
        self.names, self.optional = {}, []
        for surface, kind, key in MARK.findall("\n".join(lines)):
            if kind == "OPT":
                self.optional.append(surface)
            else:
                self.names.setdefault((surface, TYPES[kind]), key)


def read(language):
    articles, name, lines = [], None, []
    for line in (GOLD / f"{language}.txt").read_text(encoding="utf-8").split("\n") + ["==="]:
        if line.startswith("==="):
            if name:
                articles.append(Article(name, language, lines))
            name, lines = line[4:].strip(), []
        elif line.strip() and not line.startswith("#"):
            lines.append(line)
    return articles


def enrich(tocsin, data, articles):
    messages = "".join(json.dumps({"id": a.name, "title": a.title, "body": a.body, "language": a.language}) + "\n" for a in articles)
    env = {key: value for key, value in os.environ.items() if not key.startswith("TOCSIN_")}
    result = subprocess.run([tocsin, "enrich", "-X", f"data.dir={data}", "-X", "output.dropped=none"], input=messages.encode(),
                            capture_output=True, env=env, check=False)
    if result.returncode != 0:
        sys.exit(result.stderr.decode())
    return {out["id"]: out for out in map(json.loads, result.stdout.decode().splitlines())}


def english_names(data):
    """What the tables call an entity in English: id → folded names."""
    names = {}
    for path in sorted(Path(data, "entities", "known").glob("*.tsv")):
        for line in path.read_text(encoding="utf-8").split("\n"):
            cells = line.split("\t")
            if len(cells) > 8 and not line.startswith("#"):
                names[cells[0]] = {fold(name.lstrip("?=~")) for name in [cells[4], *cells[8].split("|")]}
    return names


KINDS_OF_PLACE = re.compile(r" (province|region|county|governorate|district|oblast|state|city|island|border crossing)$")


def read_same():
    pairs = (line.split("\t") for line in SAME.read_text(encoding="utf-8").split("\n") if line and not line.startswith("#"))
    return {fold(key): fold(name) for key, name in pairs}


def fold(name):
    """Without what only tells two namesakes or kinds of place apart: "Tigray Region", "Bara, Sudan", "Austin (Texas)"."""
    name = "".join(char for char in unicodedata.normalize("NFD", name.lower()) if unicodedata.category(char) != "Mn")
    name = re.sub(r" \([^)]*\)|, .*|^the ", "", name)
    return KINDS_OF_PLACE.sub("", re.sub(r"[^a-z0-9]+", " ", name).strip())


def id_right(entity, key, names, same):
    """True, "wrong" or "none"."""
    if entity["id"] is None:
        return True if key == "-" else "none"
    if key == "-":
        return "wrong"
    if re.fullmatch("[A-Z]{3}", key) and entity.get("country") == key and entity["type"] == "GPE":
        return True
    own = names.get(entity["id"], set()) | {fold(entity["name"])}
    return True if fold(key) in own or same.get(fold(key)) in own else "wrong"


class Count:
    def __init__(self):
        self.right = self.found = self.marked = self.ids = self.known = self.none = self.wrong = 0

    def add(self, other):
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)

    def f1(self):
        return 2 * self.right / (self.found + self.marked) if self.found + self.marked else 0.0

    def __str__(self):
        precision, recall = self.right / max(self.found, 1), self.right / max(self.marked, 1)
        return (f"P {precision:.3f} R {recall:.3f} F1 {self.f1():.3f}   ids right {self.id_share():.3f}"
                f" ({self.wrong} wrong, {self.none} none of {self.ids})")

    def id_share(self):
        return (self.ids - self.wrong - self.none) / max(self.ids, 1)


def judge(article, out, names, same, say):
    count, found = Count(), {}
    for entity in out["entities"]:
        for mention in entity["mentions"]:
            if mention.get("form", "name") != "demonym":
                kind = TYPES.get(entity["type"], "PLACE")
                found.setdefault((mention["text"], kind), entity)
    text = out["title"] + "\n" + out["text"]
    for (surface, kind), key in article.names.items():
        if surface not in text:
            continue  # moved to dateline or agency: a field of its own
        count.marked += 1
        entity = found.pop((surface, kind), None)
        if entity is None:
            say(f"{article.name} missed {kind} {surface} ({key})")
            continue
        count.right += 1
        count.found += 1
        count.ids += 1
        verdict = id_right(entity, key, names, same)
        if verdict is not True:
            setattr(count, verdict, getattr(count, verdict) + 1)
            say(f"{article.name} id {verdict}: {surface} is {entity['id']} {entity['name']}, not {key}")
    for (surface, kind), entity in found.items():
        if any(surface in optional or optional in surface for optional in article.optional):
            continue
        count.found += 1
        say(f"{article.name} wrong {kind} {surface} {entity['id'] or ''}")
    return count


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tocsin")
    parser.add_argument("data")
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("--half", choices=("looked", "held"))
    parser.add_argument("--floor", type=float, default=0)
    parser.add_argument("--floor-language", type=float, default=0)
    parser.add_argument("--floor-id", type=float, default=0)
    parser.add_argument("languages", nargs="*", default=LANGUAGES)
    options = parser.parse_intermixed_args()
    names, same, total, failed = english_names(options.data), read_same(), Count(), False
    say = print if options.verbose else (lambda text: None)
    for language in options.languages:
        articles = read(language)
        if options.half:
            articles = articles[0 if options.half == "looked" else 1::2]
        outs = enrich(options.tocsin, options.data, articles)
        count = Count()
        for article in articles:
            count.add(judge(article, outs[article.name], names, same, say))
        print(f"{language}  {len(articles):3} articles  {count}")
        failed |= count.f1() < options.floor_language
        total.add(count)
    print(f"all               {total}")
    sys.exit(1 if failed or total.f1() < options.floor or total.id_share() < options.floor_id else 0)


if __name__ == "__main__":
    main()
