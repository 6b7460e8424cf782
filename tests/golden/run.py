#!/usr/bin/python3
"""Golden tests: small articles in each language and what must be found in them, judged by rule and not by habit.

Usage: run.py BINARY [--show NAME] [FILE…]     (default: every two-letter .txt file beside this script)
Exit:  0 all cases passed, 1 some failed, 2 the binary or a file is not usable.

A file holds cases; what stands before the first one is comment.  A case:

    ## name that says what it proves
    title: optional title
    input: html                         if the body is a page
    the body, blank lines allowed, up to the expectations
    => language=de
    => dropped=read_also,comment_form   kinds in order, a kind repeated in a row counts once; empty: nothing dropped
    => kept=substring of text           => gone=substring that text must not have      => title=the whole title
    => entity=Q794:GPE:Iran             id, type and surface; a first name, clitic or ending may be in it or not
    => name=Selenskyj                   a surface of any entity                        => noentity=surface
    => mention=deescalation:prevention:prevented:eine Eskalation
                                        direction, kind, mode (each may be *), words that share the trigger (this|or that)
    => nomention                        no mention at all                => nomention=words that are no trigger
    => dyad=IRN>ISR                     who acts on whom                 => direction=mixed

`\\uXXXX` in a case stands for that code point, so that what cannot be seen can be read.

Every case is also checked for what must hold of any article: offsets point at what they say, and ids are unique.
"""
import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
KEYS = {"language", "dropped", "kept", "gone", "title", "entity", "name", "noentity", "mention", "nomention", "dyad",
        "direction"}
AFFIX_MAX = 4  # code points that a clitic or an ending may add to a name


class Case:
    def __init__(self, name, place):
        self.name, self.place = name, place
        self.title, self.field, self.lines, self.expectations = None, "body", [], []

    def article(self):
        article = {"id": self.name, self.field: "\n".join(self.lines).strip("\n")}
        if self.title is not None:
            article["title"] = self.title
        return article


def unescape(text):
    return re.sub(r"\\u([0-9a-fA-F]{4})", lambda match: chr(int(match.group(1), 16)), text)


def read_cases(path):
    """The cases of one file, in order.  ValueError with the place of the first mistake."""
    cases, case = [], None
    for number, raw in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        line = unescape(raw)
        place = f"{path.name}:{number}"
        if line.startswith("## "):
            case = Case(f"{path.stem}/{line[3:].strip()}", place)
            cases.append(case)
        elif case is None:
            continue
        elif line.startswith("=>"):
            key, _, value = line[2:].strip().partition("=")
            if key not in KEYS:
                raise ValueError(f"{place}: unknown expectation '{key}'")
            if key == "mention" and value.count(":") < 3 or key == "entity" and value.count(":") < 2:
                raise ValueError(f"{place}: '{key}' has too few parts")
            case.expectations.append((place, key, value))
        elif case.expectations:
            if line.strip():
                raise ValueError(f"{place}: text behind the expectations")
        elif line.startswith("title: ") and case.title is None and not case.lines:
            case.title = line[len("title: "):]
        elif line == "input: html" and not case.lines:
            case.field = "html"
        else:
            case.lines.append(line)
    names = [case.name for case in cases]
    for case in cases:
        if names.count(case.name) > 1:
            raise ValueError(f"{case.place}: two cases are called '{case.name}'")
        if not case.expectations:
            raise ValueError(f"{case.place}: '{case.name}' expects nothing")
    return cases


def enrich(binary, cases):
    """Output by case name; rejects are reported as {'rejected': reason}."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        source, rejects = folder / "in.jsonl", folder / "rejects.jsonl"
        lines = [json.dumps(case.article(), ensure_ascii=False) + "\n" for case in cases]
        source.write_text("".join(lines), encoding="utf-8")
        # TOCSIN_… in the environment are settings, and these tests are of the defaults.
        env = {name: value for name, value in os.environ.items() if not name.startswith("TOCSIN_")}
        done = subprocess.run([binary, "enrich", "--rejects", str(rejects), str(source)], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, check=False, env=env)
        if done.returncode not in (0, 1):
            sys.exit(f"{binary} enrich: exit {done.returncode}\n{done.stderr.decode(errors='replace')}")
        try:
            results = [json.loads(line) for line in done.stdout.decode("utf-8").split("\n")[:-1]]
        except ValueError as error:
            sys.exit(f"{binary} enrich: its output is not JSON lines: {error}")
        if rejects.exists() and rejects.stat().st_size:
            print(f"rejected:\n{rejects.read_text(encoding='utf-8', errors='replace')}")
    names = [result.get("id") for result in results]
    if names != [case.name for case in cases if case.name in set(names)]:
        sys.exit("the output is not in the order of the input")
    return dict(zip(names, results))


def surfaces(result):
    """(id, type, surface) of every mention of every entity."""
    return [(entity.get("id"), entity.get("type"), mention["text"])
            for entity in result.get("entities", []) for mention in entity.get("mentions", [])]


def is_surface(written, found):
    """The same name, but for clitics before and endings behind it.  For names that are known by no id."""
    shorter, longer = sorted((written, found), key=len)
    return shorter in longer and len(longer) - len(shorter) <= AFFIX_MAX


def is_type(wanted, found):
    """Regions, seas and straits are one to one reader, the other to the next: GPE and LOC count as one."""
    return wanted == found or {wanted, found} == {"GPE", "LOC"}


def mentions(result):
    return result.get("escalation", {}).get("mentions", [])


def mention_line(mention):
    return f"{mention['direction']}:{mention['kind']}:{mention['mode']}:{mention['trigger']}"


def mention_matches(expected, mention):
    direction, kind, mode, words = expected.split(":", 3)
    if any(want not in ("*", mention[field])
           for want, field in ((direction, "direction"), (kind, "kind"), (mode, "mode"))):
        return False
    trigger = mention["trigger"].casefold()
    return any(choice in trigger or trigger in choice for choice in words.casefold().split("|"))


def dropped_kinds(result):
    kinds = []
    for piece in result.get("dropped", []):
        if not kinds or kinds[-1] != piece["kind"]:
            kinds.append(piece["kind"])
    return kinds


def check(key, value, result):
    """None if the expectation holds, else what was got instead."""
    text = result.get("text", "")
    if key == "language":
        got = result.get("language", {}).get("code")
        return None if got == value else got
    if key == "dropped":
        got = dropped_kinds(result)
        if got == [kind for kind in value.split(",") if kind]:
            return None
        pieces = [f"{piece['kind']}: {piece.get('text')!r}" for piece in result.get("dropped", [])]
        return "; ".join(pieces) or "nothing dropped"
    if key == "kept":
        return None if value in text else f"text {text!r}"
    if key == "gone":
        return None if value not in text else f"text {text!r}"
    if key == "title":
        return None if result.get("title") == value else repr(result.get("title"))
    if key == "entity":
        wanted, kind, surface = value.split(":", 2)
        found = surfaces(result)
        if any(one == wanted and is_type(kind, of) and (surface in said or said in surface)
               for one, of, said in found):
            return None
        return ", ".join(":".join(map(str, one)) for one in found) or "no entity"
    if key in ("name", "noentity"):
        found = [said for _, _, said in surfaces(result)]
        hit = any(is_surface(value, said) for said in found) if key == "name" else value not in found
        return None if hit else ", ".join(found) or "no entity"
    if key == "mention":
        hit = any(mention_matches(value, mention) for mention in mentions(result))
        return None if hit else "; ".join(map(mention_line, mentions(result))) or "no mention"
    if key == "nomention":
        wrong = [mention for mention in mentions(result) if value.casefold() in mention["trigger"].casefold()]
        return "; ".join(map(mention_line, wrong)) or None
    if key == "dyad":
        dyads = [(dyad.get("actor"), dyad.get("target")) for dyad in result.get("escalation", {}).get("dyads", [])]
        hit = tuple(value.split(">", 1)) in dyads
        return None if hit else "; ".join(f"{actor}>{target}" for actor, target in dyads) or "no dyad"
    got = result.get("escalation", {}).get("direction")
    return None if got == value else f"{got} ({'; '.join(map(mention_line, mentions(result))) or 'no mention'})"


def unsound(result):
    """What must hold of every article, whatever it says."""
    fields = {"text": result.get("text", ""), "title": result.get("title") or ""}

    def points_at(start, end, where, said, what):
        got = fields[where][start:end]
        if got != said:
            yield f"{what} {said!r} is not at {where}[{start}:{end}], there stands {got!r}"

    for entity in result.get("entities", []):
        for mention in entity.get("mentions", []):
            yield from points_at(mention["start"], mention["end"], mention["in"], mention["text"], "entity")
    for mention in mentions(result):
        yield from points_at(mention["start"], mention["end"], mention["in"], mention["trigger"], "trigger")
        if mention["trigger"] not in mention["sentence"]:
            yield f"the sentence {mention['sentence']!r} does not hold its trigger {mention['trigger']!r}"
    ids = [mention["id"] for mention in mentions(result)]
    if len(ids) != len(set(ids)):
        yield "two mentions have the same id"
    for piece in result.get("dropped", []):
        if not 0 <= piece["at"] <= len(fields["text"]):
            yield f"a dropped piece stood at {piece['at']} of {len(fields['text'])}"


def run_case(case, result):
    """Prints what is wrong with one case; true if nothing is."""
    if result is None:
        print(f"FAIL {case.name} ({case.place})\n     the article did not come out")
        return False
    wrong = []
    for place, key, value in case.expectations:
        got = check(key, value, result)
        if got is not None:
            wrong.append(f"     {place}: expected {key}{'=' if value or key == 'dropped' else ''}{value}\n"
                         f"       got {got}")
    wrong += [f"     unsound: {problem}" for problem in unsound(result)]
    if wrong:
        print(f"FAIL {case.name} ({case.place})", *wrong, sep="\n")
    return not wrong


def main():
    parser = argparse.ArgumentParser(description="Runs the golden cases through `BINARY enrich`.")
    parser.add_argument("binary")
    parser.add_argument("files", nargs="*", type=pathlib.Path)
    parser.add_argument("--show", metavar="NAME", help="print what comes out of the cases whose name contains NAME")
    options = parser.parse_args()
    try:
        cases = [case for path in options.files or sorted(HERE.glob("??.txt")) for case in read_cases(path)]
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    if options.show:
        cases = [case for case in cases if options.show in case.name]
    results = enrich(options.binary, cases)
    if options.show:
        for case in cases:
            print(json.dumps(results.get(case.name), ensure_ascii=False, indent=1))
        return 0 if cases else 2
    passed = sum([run_case(case, results.get(case.name)) for case in cases])
    print(f"{passed} passed, {len(cases) - passed} failed")
    return 1 if passed < len(cases) else 0


if __name__ == "__main__":
    sys.exit(main())
