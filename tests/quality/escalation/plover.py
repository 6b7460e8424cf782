#!/usr/bin/python3
"""Do parties and directions agree with sentences that others coded?

    plover.py TOCSIN DATA plover_gsr.jsonl [--verbose]

The file is PLOVER's gold standard records (English sentences with an event, its source and target; CC BY-SA, not in the tree).  A sentence whose
event speaks of force or pressure must not become de-escalation, one of agreement, retreat or aid no escalation.  Parties: the
countries of source and target are among actors and targets of one mention (where an event has no direction of ours, as a consultation about trade
has none, no mention is asked for; they are counted where there is one).
"""
import argparse
import json
import os
import subprocess
import sys
from collections import Counter

HARD = {"FIGHT", "ASSAULT", "THREATEN", "COERCE", "SANCTION", "MOBILIZE"}
SOFT = {"AGREE", "RETREAT", "AID"}


def countries(parties):
    parties = [party for party in parties if isinstance(party, dict)] if isinstance(parties, list) else []
    return {party["code"][:3] for party in parties if party.get("code")}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tocsin")
    parser.add_argument("data")
    parser.add_argument("sentences")
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    with open(options.sentences, encoding="utf-8") as file:
        records = [json.loads(line) for line in file if line.strip()]
    messages = "".join(json.dumps({"id": record["id"], "title": "", "body": record["text"], "language": "en"}) + "\n" for record in records)
    env = {key: value for key, value in os.environ.items() if not key.startswith("TOCSIN_")}
    result = subprocess.run([options.tocsin, "enrich", "-X", f"data.dir={options.data}"], input=messages.encode(), capture_output=True, env=env,
                            check=False)
    if result.returncode != 0:
        sys.exit(result.stderr.decode())
    outs = {out["id"]: out for out in map(json.loads, result.stdout.decode().splitlines())}
    count = Counter()
    for record in records:
        out, event = outs[record["id"]], record["event"]
        mentions, country = out["escalation"]["mentions"], {e["id"]: e.get("country") for e in out["entities"] if e["id"]}
        directions = {mention["direction"] for mention in mentions}
        source, target = countries(record.get("source")), countries(record.get("target"))
        count["sentences"] += 1
        count["with a mention"] += bool(mentions)
        if event in HARD | SOFT:
            bad = "deescalation" if event in HARD else "escalation"
            count["of a direction"] += 1
            count["of these with a mention"] += bool(mentions)
            count["in the wrong direction"] += bad in directions
            if bad in directions and options.verbose:
                print(f"{event} {bad}: {record['text']}\n   " + "; ".join(f"{m['kind']} {m['mode']} '{m['trigger']}'" for m in mentions))
        if not mentions or not (source or target):
            continue
        sides = [({country.get(i) for i in m["actors"]}, {country.get(i) for i in (m["targets"] or m["actors"])}) for m in mentions]
        right = any((not source or source & actors) and (not target or target & targets) for actors, targets in sides)
        count["parties asked"] += 1
        count["parties right"] += right
        if not right and options.verbose:
            print(f"parties {source}>{target} is {sides}: {record['text']}")
    for name, number in count.items():
        print(f"{number:5} {name}")


if __name__ == "__main__":
    main()
