#!/usr/bin/python3
"""How well are mentions of escalation and de-escalation found, and read?  Sends the gold of escalation/gold through the program.

    escalation_gold.py TOCSIN DATA [--verbose] [--half looked|held] [--floor-sentences SHARE] [--floor-mentions F1] [LANGUAGE…]

Form of the gold: marks inside the text, [SIGN KIND:MODE:ACTORS>TARGETS|words] without blanks before the bar.  SIGN: "+" escalation,
"-" de-escalation; "?" before it: welcome, but neither missed nor wrong.  ACTORS and TARGETS: alpha-3 codes of states, usual English
names of groups and organisations, divided by commas.  LANG-sentences.txt has one sentence a line, LANG-articles.txt articles
("=== ID DIRECTION", "title: …", paragraphs).  Each is an article of its own.

    sentence   its direction (escalation, de-escalation, none) is right; those that hold both are left out
    alarms     sentences without a mark that got a mention
    F1         mentions of articles: with the right direction in the right sentence
    exact      the same, and the words overlap
    kind, mode, actor, target    share that is right of what overlaps with the right direction; parties: one of them, none if there is none
    document   direction of the article;   others: articles of other topics with any mention

The first, third … of a file were looked at while the room was made (--half looked), the second, fourth … were not (held).
"""
import argparse
import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

from entities_gold import LANGUAGES, english_names, fold, read_same

GOLD = Path(__file__).parent / "escalation" / "gold"
MARK = re.compile(r"\[(\??)([+-])([a-z_]+):([a-z]+):([^>|\]]*)>([^|\]]*)\|([^\]]+)\]")
DIRECTIONS = {"+": "escalation", "-": "deescalation"}


class Mark:
    def __init__(self, match, start):
        optional, sign, self.kind, self.mode, actors, targets, self.words = match.groups()
        self.optional, self.direction = bool(optional), DIRECTIONS[sign]
        self.actors, self.targets = ([name.strip() for name in side.split(",") if name.strip()] for side in (actors, targets))
        self.start, self.end = start, start + len(self.words)
        self.field, self.met = "text", False

    def __str__(self):
        return f"{self.direction} {self.kind} {self.mode} {','.join(self.actors)}>{','.join(self.targets)} '{self.words}'"


def unmark(line, offset=0):
    """The plain line, and its marks with their places counted from offset."""
    plain, marks, at = "", [], 0
    for match in MARK.finditer(line):
        plain += line[at:match.start()]
        marks.append(Mark(match, offset + len(plain)))
        plain += match.group(7)
        at = match.end()
    plain += line[at:]
    if "|" in plain and "[" in plain:
        sys.exit(f"not a mark in: {line}")
    return plain, marks


class Article:
    def __init__(self, name, direction, title, paragraphs):
        self.name, self.direction = name, direction
        self.title, self.marks = unmark(title)
        for mark in self.marks:
            mark.field = "title"
        self.body = ""
        for paragraph in paragraphs:
            self.body += "\n\n" if self.body else ""
            plain, marks = unmark(paragraph, len(self.body))
            self.body += plain
            self.marks += marks


def read_sentences(language):
    lines = (GOLD / f"{language}-sentences.txt").read_text("utf-8").split("\n")
    lines = [line for line in lines if line.strip() and not line.startswith("#")]
    return [Article(f"{language}-s{i + 1:02}", None, "", [line]) for i, line in enumerate(lines)]


def read_articles(language):
    articles, head = [], None
    for line in (GOLD / f"{language}-articles.txt").read_text("utf-8").split("\n") + ["=== end none"]:
        if line.startswith("==="):
            if head:
                articles.append(Article(*head, title, paragraphs))
            head, title, paragraphs = line[4:].split()[:2], "", []
        elif line.startswith("title:"):
            title = line[6:].strip()
        elif line.strip() and not line.startswith("#"):
            paragraphs.append(line.strip())
    return articles


def enrich(tocsin, data, articles, language):
    messages = "".join(json.dumps({"id": a.name, "title": a.title, "body": a.body, "language": language}) + "\n" for a in articles)
    env = {key: value for key, value in os.environ.items() if not key.startswith("TOCSIN_")}
    result = subprocess.run([tocsin, "enrich", "-X", f"data.dir={data}", "-X", "output.dropped=none"], input=messages.encode(),
                            capture_output=True, env=env, check=False)
    if result.returncode != 0:
        sys.exit(result.stderr.decode())
    return {out["id"]: out for out in map(json.loads, result.stdout.decode().splitlines())}


def place(mark, article, out):
    """Moves a mark to where its words stand in the output, whose text cleanup may have shortened.  False: they are gone."""
    before = article.title if mark.field == "title" else article.body
    after = out["title"] if mark.field == "title" else out["text"]
    for reach in (60, 25, 10, 0):
        context = before[max(0, mark.start - reach):mark.end + reach]
        at = after.find(context)
        if at >= 0:
            mark.start = at + mark.start - max(0, mark.start - reach)
            mark.end = mark.start + len(mark.words)
            return True
    return False


class Parties:
    """Which of the gold's parties an entity of the output is."""

    def __init__(self, data):
        self.names, self.same, self.groups = english_names(data), read_same(), set()
        for path in Path(data, "entities", "known").glob("*.tsv"):
            self.groups |= {row[0] for row in (line.split("\t") for line in path.read_text("utf-8").split("\n"))
                            if len(row) > 4 and row[3] in ("group", "body")}

    def are(self, ids, wanted, entities):
        if not wanted or not ids:
            return not wanted and not ids
        return any(self.is_one(entities.get(id), name) for id in ids for name in wanted)

    def is_one(self, entity, name):
        if entity is None:
            return False
        if re.fullmatch("[A-Z]{3}", name) and entity["id"] not in self.groups and entity.get("country") == name:
            return True
        own = self.names.get(entity["id"], set()) | {fold(entity["name"])}
        return fold(name) in own or self.same.get(fold(name)) in own


class Count(Counter):
    def share(self, part, whole):
        return self[part] / self[whole] if self[whole] else 0.0

    def f1(self, right):
        return 2 * self[right] / (self["found"] + self["marked"]) if self["found"] + self["marked"] else 0.0

    def precision_recall(self, right):
        return f"P {self.share(right, 'found'):.2f} R {self.share(right, 'marked'):.2f}"


def overlap(mark, mention):
    return mark.field == mention["in"] and mark.start < mention["end"] and mention["start"] < mark.end


def same_sentence(mark, mention, out):
    if mark.field != mention["in"]:
        return False
    field = out[mark.field]
    at = field.find(mention["sentence"], max(0, mention["start"] - len(mention["sentence"])))
    return at >= 0 and at <= mark.start < at + len(mention["sentence"])


def match(marks, mentions, test):
    """Pairs each mention with at most one mark, those that are not optional first, and the nearest."""
    pairs, taken = [], set()
    for optional in (False, True):
        for i, mention in enumerate(mentions):
            if i in taken:
                continue
            fits = [m for m in marks if m.optional == optional and (optional or all(p[0] is not m for p in pairs))
                    and m.direction == mention["direction"] and test(m, mention)]
            if fits:
                pairs.append((min(fits, key=lambda m: abs(m.start - mention["start"])), mention))
                taken.add(i)
    return pairs, [m for i, m in enumerate(mentions) if i not in taken]


def judge_mentions(article, out, parties, count, say):
    mentions = out["escalation"]["mentions"]
    marks = [mark for mark in article.marks if place(mark, article, out)]
    entities = {entity["id"]: entity for entity in out["entities"] if entity["id"]}
    wanted = [mark for mark in marks if not mark.optional]
    exact, wrong = match(marks, mentions, overlap)
    # a second mention of what one mark covers is neither right nor wrong
    wrong = [m for m in wrong if not any(overlap(mark, m) and mark.direction == m["direction"] for mark in marks)]
    near, _ = match(marks, mentions, lambda mark, mention: same_sentence(mark, mention, out))
    count["marked"] += len(wanted)
    count["exact"] += sum(not mark.optional for mark, _ in exact)
    count["near"] += sum(not mark.optional for mark, _ in near)
    count["found"] += sum(not mark.optional for mark, _ in exact) + len(wrong)
    for mark, mention in exact:
        count["pairs"] += 1
        together = mention["actors"] if not mention["targets"] and len(mention["actors"]) > 1 else mention["targets"]
        checks = {"kind": mark.kind == mention["kind"], "mode": mark.mode == mention["mode"],
                  "actor": parties.are(mention["actors"], mark.actors, entities),
                  "target": parties.are(together, mark.targets, entities)}
        for name, right in checks.items():
            count[name] += right
        off = [name for name, right in checks.items() if not right]
        if off:
            say(f"{article.name} {','.join(off)}: {mark} is {mention['kind']} {mention['mode']} "
                f"{','.join(mention['actors'])}>{','.join(mention['targets'])}")
    for mention in wrong:
        say(f"{article.name} wrong: {mention['direction']} {mention['kind']} {mention['mode']} '{mention['trigger']}' in: {mention['sentence']}")
    for mark in wanted:
        if all(pair[0] is not mark for pair in exact):
            field = out[mark.field]
            say(f"{article.name} missed: {mark} in: {field[max(0, mark.start - 80):mark.end + 60]!r}")
    return marks, mentions


def judge_sentence(article, out, parties, count, say):
    marks, mentions = judge_mentions(article, out, parties, count, say)
    wanted = {mark.direction for mark in marks if not mark.optional}
    found = {m["direction"] for m in mentions
             if m["direction"] in wanted or not any(mark.optional and mark.direction == m["direction"] for mark in marks)}
    if not article.marks:
        count["nones"] += 1
        count["alarms"] += bool(mentions)
    if len(wanted) < 2 and (wanted or not article.marks):
        count["sentences"] += 1
        count["sentence"] += wanted == found


def judge_article(article, out, parties, count, say):
    _, mentions = judge_mentions(article, out, parties, count, say)
    direction = out["escalation"]["direction"]
    count["documents"] += 1
    count["document"] += direction == article.direction
    if direction != article.direction:
        say(f"{article.name} document: {article.direction} is {direction} {out['escalation']['score']}")
    if article.direction == "none":
        count["others"] += 1
        count["other"] += bool(mentions)


def line(language, sentences, articles):
    return (f"{language:4} sentences {sentences.share('sentence', 'sentences'):.3f} alarms {sentences['alarms']:2}/{sentences['nones']:3}"
            f" F1 {sentences.f1('exact'):.2f}   articles F1 {articles.f1('near'):.2f} exact {articles.f1('exact'):.2f}"
            f" ({articles.precision_recall('exact')}) kind {articles.share('kind', 'pairs'):.2f} mode {articles.share('mode', 'pairs'):.2f}"
            f" actor {articles.share('actor', 'pairs'):.2f} target {articles.share('target', 'pairs'):.2f}"
            f" document {articles.share('document', 'documents'):.2f} others {articles['other']}/{articles['others']}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tocsin")
    parser.add_argument("data")
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("--half", choices=("looked", "held"))
    parser.add_argument("--floor-sentences", type=float, default=0)
    parser.add_argument("--floor-mentions", type=float, default=0)
    parser.add_argument("languages", nargs="*", default=LANGUAGES)
    options = parser.parse_intermixed_args()
    parties, say = Parties(options.data), print if options.verbose else (lambda text: None)
    all_sentences, all_articles = Count(), Count()
    for language in options.languages:
        sentences, articles = Count(), Count()
        for group, judge, count in ((read_sentences(language), judge_sentence, sentences), (read_articles(language), judge_article, articles)):
            if options.half:
                group = group[0 if options.half == "looked" else 1::2]
            outs = enrich(options.tocsin, options.data, group, language)
            for article in group:
                judge(article, outs[article.name], parties, count, say)
        print(line(language, sentences, articles))
        all_sentences += sentences
        all_articles += articles
    print(line("all", all_sentences, all_articles))
    sys.exit(1 if all_sentences.share("sentence", "sentences") < options.floor_sentences
             or all_articles.f1("exact") < options.floor_mentions else 0)


if __name__ == "__main__":
    main()
