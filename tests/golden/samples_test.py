#!/usr/bin/python3
"""The sample feed keeps its promises: every line an article of the input contract, marked as a sample, unique, from a
site that cannot exist; enough articles in each language, some as pages; and no line of the poison file is an article.

Usage: samples_test.py [FOLDER]     (default: deploy/samples of this tree)
Exit:  0 all is well, 1 something is not.
"""
import collections
import json
import pathlib
import re
import sys
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[2]
LANGUAGES = {"de": 9, "ar": 9, "en": 7, "fr": 7, "ru": 7, "fa": 7, "he": 7, "tr": 7, "es": 7, "uk": 7}
ARTICLES = 70
PAGES = 10
BODY_BYTES = (500, 4000)  # a page carries its furniture on top
TEXT_FIELDS = ("title", "body", "html")
STRING_FIELDS = ("id", "url", "source", "title", "body", "html", "language", "author")


def article_problems(article):
    """Yields what is wrong with one article."""
    if article.get("sample") is not True:
        yield "is not marked as a sample"
    if not any(article.get(field) for field in TEXT_FIELDS):
        yield "has no text"
    for field in STRING_FIELDS:
        if field in article and not isinstance(article[field], str):
            yield f"{field} is not a string"
    if not article.get("id") and not article.get("url"):
        yield "has neither id nor url"
    if "id" in article and not re.fullmatch(r"sample-[a-z]{2}-\d{3}", article["id"]):
        yield "id has another form than sample-LL-NNN"
    host = urllib.parse.urlsplit(article.get("url", "")).hostname or ""
    if not host.endswith(".example"):
        yield f"url {article.get('url')!r} is not under .example"
    if not article.get("source", "").endswith(".example"):
        yield "source is not under .example"
    if not isinstance(article.get("published_at"), (str, int)):
        yield "published_at is neither text nor a number"
    if "body" in article:
        size = len(article["body"].encode())
        if not BODY_BYTES[0] <= size <= BODY_BYTES[1]:
            yield f"body has {size} bytes"
    elif "<html" not in article.get("html", ""):
        yield "html is not a page"


def main():
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "deploy" / "samples"
    problems = []
    counts, pages, date_types = collections.Counter(), 0, set()
    seen = {"id": {}, "url": {}}

    for number, line in enumerate((folder / "feed.jsonl").read_text(encoding="utf-8").split("\n")[:-1], 1):
        try:
            article = json.loads(line)
        except ValueError as error:
            problems.append(f"feed.jsonl:{number}: {error}")
            continue
        problems += [f"feed.jsonl:{number}: {problem}" for problem in article_problems(article)]
        for field, values in seen.items():
            value = article.get(field)
            if value in values:
                problems.append(f"feed.jsonl:{number}: {field} {value} is that of line {values[value]}")
            if value is not None:
                values[value] = number
        counts[article.get("language", "?")[:2]] += 1
        pages += "html" in article
        date_types.add(type(article.get("published_at")).__name__)

    for language, wanted in LANGUAGES.items():
        if counts[language] < wanted:
            problems.append(f"feed.jsonl: {counts[language]} articles in {language}, at least {wanted} expected")
    if sum(counts.values()) < ARTICLES:
        problems.append(f"feed.jsonl: {sum(counts.values())} articles, at least {ARTICLES} expected")
    if pages < PAGES:
        problems.append(f"feed.jsonl: {pages} pages, at least {PAGES} expected")
    if date_types != {"str", "int"}:
        problems.append("feed.jsonl: dates are not given both as text and as numbers")

    poison = (folder / "poison.txt").read_bytes().split(b"\n")[:-1]
    for number, line in enumerate(poison, 1):
        try:
            value = json.loads(line)
        except ValueError:
            continue
        if isinstance(value, dict) and any(isinstance(value.get(field), str) for field in TEXT_FIELDS):
            problems.append(f"poison.txt:{number}: this is a readable article")
    if len(poison) < 10:
        problems.append(f"poison.txt: {len(poison)} lines, at least 10 expected")

    for problem in problems:
        print(problem)
    print(", ".join(f"{language} {count}" for language, count in sorted(counts.items())),
          f"- {sum(counts.values())} articles, {pages} of them pages; {len(poison)} poison messages")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
