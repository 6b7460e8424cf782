#!/usr/bin/python3
"""Writes a starting corpus for each fuzz target from the sample feed:  seeds.py FEED OUT_DIR"""
import json
import pathlib
import sys

feed, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
for target in ("decode", "html", "text", "walk"):
    (out / target).mkdir(parents=True, exist_ok=True)
for n, line in enumerate(feed.read_bytes().splitlines()):
    article = json.loads(line)
    text = (article.get("title", "") + "\n" + article.get("body", "")).encode()
    page = article.get("html", "").encode()
    name = f"sample-{n:03}"
    (out / "decode" / name).write_bytes(line)
    (out / "text" / name).write_bytes(text)
    (out / "walk" / name).write_bytes(b"0" + line if n % 2 else b"1" + text)
    if page:
        (out / "html" / name).write_bytes(page)
        (out / "walk" / (name + "-page")).write_bytes(b"2" + page)
