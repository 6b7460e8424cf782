#!/usr/bin/python3
"""Checks JSON documents against a schema of Tocsin.

    validate.py [--closed] SCHEMA FILE…      FILE: JSON, or one document a line; - is standard input
    validate.py --examples SCHEMAS_FOLDER    valid examples must pass, invalid ones must fail

An enriched article's places are checked too: each start and end must cut the words that they claim to cut.
Exit: 0 all is well, 1 something is not (each on a line of stderr), 2 wrong usage.
"""
import argparse
import copy
import json
import pathlib
import sys

from jsonschema import Draft202012Validator

SHOWN_MAX = 20  # problems shown for each file


def closed(schema):
    """The same schema, but names that it does not know are errors."""
    schema = copy.deepcopy(schema)

    def close(node):
        if "properties" in node:
            node.setdefault("additionalProperties", False)
        for child in list(node.get("properties", {}).values()) + list(node.get("$defs", {}).values()):
            close(child)
        if isinstance(node.get("items"), dict):
            close(node["items"])

    close(schema)
    return schema


def places(article):
    """Complaints about places that do not cut what they say."""
    for entity in article["entities"]:
        for name in entity["mentions"]:
            cut = article.get(name["in"], "")[name["start"]:name["end"]]
            if cut != name["text"]:
                yield f"entity {entity['name']!r}: {name['in']}[{name['start']}:{name['end']}] is {cut!r}, not {name['text']!r}"
    for mention in article["escalation"]["mentions"]:
        cut = article.get(mention["in"], "")[mention["start"]:mention["end"]]
        if cut != mention["trigger"]:
            yield f"mention: {mention['in']}[{mention['start']}:{mention['end']}] is {cut!r}, not {mention['trigger']!r}"
        if mention["trigger"] not in mention["sentence"]:
            yield f"mention: trigger {mention['trigger']!r} is not in its sentence"
    for dropped in article["dropped"]:
        if dropped["at"] > len(article["text"]):
            yield f"dropped: at {dropped['at']} lies behind the text"


def complaints(validator, document):
    found = [f"{error.json_path}: {error.message[:300]}" for error in validator.iter_errors(document)]
    if not found and isinstance(document, dict) and document.get("schema") == "tocsin.enriched/1":
        found = list(places(document))
    return found


def documents(path):
    """(where, document) of a file; a document that is not JSON is an exception."""
    text = sys.stdin.read() if path == "-" else pathlib.Path(path).read_text(encoding="utf-8")
    try:
        yield path, json.loads(text)
        return
    except json.JSONDecodeError:
        pass
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield f"{path}:{number}", json.loads(line)


def check_files(validator, paths):
    bad = total = 0
    for path in paths:
        try:
            for where, document in documents(path):
                total += 1
                found = complaints(validator, document)
                bad += bool(found)
                for complaint in found[:SHOWN_MAX]:
                    print(f"{where}: {complaint}", file=sys.stderr)
        except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
            bad += 1
            print(f"{path}: {error}", file=sys.stderr)
    print(f"{total} documents, {bad} with complaints")
    return 1 if bad or total == 0 else 0


def check_examples(folder):
    bad = total = 0
    for path in sorted((folder / "examples").rglob("*.json")):
        kinds = [s for s in folder.glob("*.schema.json") if path.name.startswith(s.name.split(".")[0])]
        if len(kinds) != 1:
            print(f"{path}: named after no schema", file=sys.stderr)
            bad += 1
            continue
        schema = json.loads(kinds[0].read_text(encoding="utf-8"))
        Draft202012Validator.check_schema(schema)
        if "enriched" in kinds[0].name or "mention" in kinds[0].name:
            schema = closed(schema)
        found = complaints(Draft202012Validator(schema), json.loads(path.read_text(encoding="utf-8")))
        expected = path.parent.name == "invalid"
        total += 1
        if bool(found) != expected:
            bad += 1
            print(f"{path}: {'passes, but must fail' if expected else found[0]}", file=sys.stderr)
    print(f"{total} examples, {bad} not as they should be")
    return 1 if bad or total == 0 else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--closed", action="store_true", help="names that the schema does not know are errors")
    parser.add_argument("--examples", action="store_true")
    parser.add_argument("schema", type=pathlib.Path)
    parser.add_argument("files", nargs="*")
    options = parser.parse_args()
    if options.examples:
        return check_examples(options.schema)
    if not options.files:
        parser.error("no files")
    schema = json.loads(options.schema.read_text(encoding="utf-8"))
    return check_files(Draft202012Validator(closed(schema) if options.closed else schema), options.files)


if __name__ == "__main__":
    sys.exit(main())
