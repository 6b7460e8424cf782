#!/usr/bin/env python3
"""Makes the models of the tagger: processors/data/entities/tagger/LANGUAGE.bin.

    tagger.py FOLDER [LANGUAGE…] [--build BUILD]               the models that are shipped
    tagger.py FOLDER [LANGUAGE…] [--build BUILD] --folds 5     none is written: each public collection in turn without a fifth of it,
                                                               and how the whole room finds the names of that fifth

FOLDER holds what `fetch` and words.py brought: words/LANGUAGE.tsv, and in ner/ public collections of marked names (COLLECTIONS;
where such a file is missing the model is made without it, and says so).  lines/LANGUAGE*.txt were written for this project: a
sentence a line, names marked as [surface|TYPE], an empty line between what belongs together.
BUILD is a release build of the tree (build/release), whose tagger_train does the learning and whose entities_quality the measuring.
The same folder and tree always give the same bytes.
"""
import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
DATA = ROOT / "processors" / "data"
LANGUAGES = "de ar en fr ru fa he tr es uk".split()
MARK = re.compile(r"\[([^\[\]|]+)\|([A-Z]+)\]")

# language: file in ner/, how often it is learnt an epoch beside our own lines, what the notice says of it
COLLECTIONS = {
    "de": [("de-germeval2014-dev.tsv.xz", 2, "GermEval 2014 NER, development part, by D. Benikova, C. Biemann and M. Reznicek (CC BY 4.0)")],
    "ar": [("ar-anercorp-train.tsv.xz", 1, "ANERcorp, train part of the CAMeL splits, by Y. Benajiba and others (CC BY-SA 4.0)")],
}
LISTS = {
    "all": "wordfreq 3.1.1 by R. Speer and others (CC BY-SA 4.0); Faker 40 (MIT); names of people in Wikidata (CC0); GeoNames as in "
           "Debian's libgeonames (CC BY 4.0)",
    "de": "german-nouns 1.2 from the German Wiktionary (CC BY-SA 4.0)",
    "ru": "OpenCorpora as in pymorphy3-dicts-ru 2.4 (CC BY-SA 3.0)",
}


def notice(language, used):
    sources = [LISTS["all"], *([LISTS[language]] if language in LISTS else []), *used, "sentences written for this project"]
    return ("Tocsin's model of names, CC BY-SA 4.0 (https://creativecommons.org/licenses/by-sa/4.0/).  Weights learnt from: "
            + "; ".join(sources) + ".  No text of theirs is in the file.\n")


def own_lines(language, out):
    """Inline marks to cells; True if there are any."""
    files = sorted((HERE / "lines").glob(f"{language}*.txt"))
    for path in files:
        for line in path.read_text(encoding="utf-8").split("\n"):
            if line.startswith("#"):
                continue
            text, cells, at = b"", [], 0
            for mark in MARK.finditer(line):
                text += line[at:mark.start()].encode()
                cells.append(f"{len(text)}:{len(text) + len(mark[1].encode())}:{mark[2]}")
                text += mark[1].encode()
                at = mark.end()
            text += line[at:].encode()
            print(*([language, text.decode().replace("\t", " "), *cells] if line.strip() else []), sep="\t", file=out)
        print(file=out)
    return bool(files)


def collection(folder, name, language, out):
    marked = subprocess.run([sys.executable, ROOT / "tests/quality/entities/spans.py", "ner", folder / "ner" / name, language],
                            stdout=subprocess.PIPE, check=True).stdout
    out.write_bytes(marked)


def split(path, folds, fold):
    articles = path.read_text(encoding="utf-8").split("\n\n")
    kept, held = path.with_suffix(".kept"), path.with_suffix(".held")
    kept.write_text("\n\n".join(a for i, a in enumerate(articles) if i % folds != fold) + "\n", encoding="utf-8")
    held.write_text("\n\n".join(a for i, a in enumerate(articles) if i % folds == fold) + "\n", encoding="utf-8")
    return kept, held


def train(build, folder, language, data, out, learnt, used):
    words = folder / "words" / f"{language}.tsv"
    command = [build / "tagger_train", "--language", language, "--data", data, "--out", out, "--notice", notice(language, used)]
    if words.exists():
        command += ["--words", words]
    subprocess.run([*command, *learnt], check=True)


def make(build, folder, language, work, folds):
    own = work / f"{language}.own"
    with open(own, "w", encoding="utf-8") as file:
        has_own = own_lines(language, file)
    sets, used = [], []
    for name, times, says in COLLECTIONS.get(language, []):
        if not (folder / "ner" / name).exists():
            print(f"{language}: {name} is not in {folder / 'ner'}: learnt without it", file=sys.stderr)
            continue
        path = work / f"{name.split('.')[0]}.marked"
        collection(folder, name, language, path)
        sets.append((path, times))
        used.append(says)
    base = ["--times", "1", own] if has_own else []
    if folds == 0:
        learnt = [part for path, times in sets for part in ("--times", str(times), path)] + base
        train(build, folder, language, DATA, DATA / "entities" / "tagger" / f"{language}.bin", learnt, used)
        return
    for path, times in sets:
        held_all = []
        for fold in range(folds):
            kept, held = split(path, folds, fold)
            data = work / f"data-{fold}"
            if not data.exists():
                shutil.copytree(DATA, data)
            learnt = [part for other, often in sets for part in ("--times", str(often), kept if other == path else other)] + base
            train(build, folder, language, data, data / "entities" / "tagger" / f"{language}.bin", learnt, used)
            result = subprocess.run([build / "tests/quality/entities_quality", "--counts", "--data", data, held], check=True,
                                    stdout=subprocess.PIPE, text=True)
            held_all.append([int(number) for number in result.stdout.split()[-12:]])
        print(path.stem, summary([sum(column) for column in zip(*held_all)]))


def summary(numbers):
    """Of right, found and marked of four types."""
    parts = []
    for name, i in (("PER", 0), ("ORG", 3), ("LOC", 6), ("all", 9)):
        right, found, marked = numbers[i:i + 3]
        precision, recall = right / max(found, 1), right / max(marked, 1)
        parts.append(f"{name} P {precision:.3f} R {recall:.3f} F1 {2 * precision * recall / max(precision + recall, 1e-9):.3f}")
    return "  ".join(parts)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("languages", nargs="*")
    parser.add_argument("--build", type=Path, default=ROOT / "build" / "release")
    parser.add_argument("--folds", type=int, default=0)
    options = parser.parse_intermixed_args()
    with tempfile.TemporaryDirectory() as work:
        for language in options.languages or LANGUAGES:
            make(options.build.resolve(), options.folder.resolve(), language, Path(work), options.folds)


if __name__ == "__main__":
    main()
