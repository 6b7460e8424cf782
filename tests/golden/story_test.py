#!/usr/bin/python3
"""One story in ten languages: the same ids.

    story_test.py TOCSIN DATA

A service that reads the output needs no language: whoever and whatever is named in a text of story/ has one id, and in all ten texts
they are the same.  The first line of a text is its title.
"""
import json
import os
import subprocess
import sys
from pathlib import Path

STORY = Path(__file__).parent / "story"


def ids_of(tocsin, data, path):
    title, body = path.read_text(encoding="utf-8").split("\n", 1)
    message = json.dumps({"id": path.stem, "title": title, "body": body.replace("\n", "\n\n")})
    env = {key: value for key, value in os.environ.items() if not key.startswith("TOCSIN_")}
    result = subprocess.run([tocsin, "enrich", "-X", f"data.dir={data}"], input=message.encode(), capture_output=True, env=env,
                            check=True)
    article = json.loads(result.stdout)
    if article["language"]["code"] != path.stem:
        sys.exit(f"{path.name}: taken for {article['language']['code']}")
    return {entity["id"]: entity["name"] for entity in article["entities"] if entity["id"]}, article


def main(tocsin, data):
    texts = {path.stem: ids_of(tocsin, data, path)[0] for path in sorted(STORY.glob("*.txt"))}
    names = {key: name for ids in texts.values() for key, name in ids.items()}
    wanted = {key for key in names if sum(key in ids for ids in texts.values()) * 2 > len(texts)}
    failed = len(texts) != 10 or len(wanted) < 25
    for language, ids in texts.items():
        missing, more = sorted(wanted - set(ids)), sorted(set(ids) - wanted)
        print(f"{language}: {len(ids)} ids", *(f"missing {key} {names[key]}" for key in missing),
              *(f"more {key} {names[key]}" for key in more), sep="; ")
        failed |= bool(missing or more)
    sys.exit(failed)


if __name__ == "__main__":
    main(*sys.argv[1:])
