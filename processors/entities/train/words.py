#!/usr/bin/env python3
"""What lists say of single words: how common they are, and whether they are names.  One file a language, WORD TAB BITS.

    words.py FOLDER LANGUAGE…        writes FOLDER/words/LANGUAGE.tsv

FOLDER is filled by `fetch`.  Bits, which tagger.h has as enum word_bit:
    0-2  how often the word stands in running text: 0 never heard, 1 (rare) to 5     wordfreq (CC BY-SA 4.0)
    3    a given name    4  a surname                                                 Faker (MIT), OpenCorpora (CC BY-SA 3.0)
    5    a place, or a part of its name                                               GeoNames (CC BY 4.0), Wiktionary
    6    a part of a person's name in Wikidata (CC0)
    7    a common noun                                      German: Wiktionary (CC BY-SA 4.0); Russian: OpenCorpora
"""

import gettext
import importlib
import lzma
import math
import pkgutil
import sys
from collections import Counter, defaultdict
from pathlib import Path

GIVEN, SURNAME, PLACE, PERSON, NOUN = 8, 16, 32, 64, 128
LATIN = ("de", "en", "fr", "es", "tr", "pl", "it", "pt", "nl")
PERSON_LEAST = 3  # holders of a name in Wikidata
LEVEL_LEAST = 3  # rarer words say nothing by how often they stand
COMMON = ((2.0, 1), (3.0, 2), (4.0, 3), (5.0, 4), (9.9, 5))  # Zipf frequency below: level
SCRIPTS = {"ar": "؀ۿ", "fa": "؀ۿ", "he": "֐׿", "ru": "ЀӿЀ", "uk": "ЀӿЀ"}


def script_fits(language, word):
    if language in SCRIPTS:
        low, high = SCRIPTS[language][0], SCRIPTS[language][1]
        return low <= word[0] <= high
    return word[0] < "ɏ"


def level_of(zipf):
    for below, level in COMMON:
        if zipf < below:
            return level
    return 5


def commonness(language, words):
    import wordfreq

    try:
        known = wordfreq.available_languages("best")
        if language not in known:
            return
        for word, frequency in wordfreq.get_frequency_dict(language, "best").items():
            words[word] |= level_of(math.log10(frequency) + 9)
    except LookupError:
        return


def faker_names(language, words):
    import faker.providers.person as person

    for module in pkgutil.iter_modules(person.__path__):
        own = module.name.split("_")[0]
        provider = importlib.import_module(f"faker.providers.person.{module.name}").Provider
        if language not in LATIN and own != language and not (language in ("ar", "fa") and own in ("ar", "fa")):
            continue
        for name in dir(provider):
            kind = GIVEN if name.startswith("first_name") else SURNAME if name.startswith("last_name") else 0
            value = getattr(provider, name)
            if not kind or not isinstance(value, (list, tuple, dict)):
                continue
            for full in value:
                for word in str(full).replace("-", " ").split():
                    if len(word) > 1 and script_fits(language, word):
                        words[word.lower()] |= kind


def wikidata_names(folder, language, words):
    files = {"ar": "arabic", "fa": "arabic", "he": "hebrew", "ru": "russian", "uk": "russian"}
    counts = Counter()
    for name in [files[language]] if language in files else files.values() if language in LATIN else []:
        with lzma.open(folder / "names" / f"wd_{name}.tsv.xz", "rt", encoding="utf-8") as file:
            for line in file:
                cells = line.rstrip("\n").split("\t")
                if len(cells) == 3 and cells[2].isdigit():
                    word = cells[1].replace(" ", "") if language in files else cells[0]
                    counts[word] += int(cells[2])
    for word, n in counts.items():
        if n >= (PERSON_LEAST if language in LATIN or language in ("ru", "uk") else 2) and len(word) > 2:
            words[word.lower()] |= PERSON


def geonames(folder, language, words):
    path = folder / "geonames" / f"usr/share/locale/{language}/LC_MESSAGES/geonames.mo"
    if not path.exists():
        return
    with open(path, "rb") as file:
        names = gettext.GNUTranslations(file)._catalog
    for key, name in names.items():
        if key and key[0].isdigit() and script_fits(language, name):
            parts = name.replace("-", " ").split()
            for word in parts:
                if len(word) > 2 and (len(parts) == 1 or len(word) > 3):
                    words[word.lower()] |= PLACE


def german(words):
    import csv

    import german_nouns

    with open(Path(next(iter(german_nouns.__path__))) / "nouns.csv", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            kinds = row["pos"].split(",")
            bit = (GIVEN if "Vorname" in kinds else SURNAME if "Nachname" in kinds else PLACE if "Toponym" in kinds
                   else 0 if "Eigenname" in kinds or "Straßenname" in kinds else NOUN)
            forms = {value for key, value in row.items() if value and key.split(" ")[0] in
                     ("lemma", "nominativ", "genitiv", "dativ", "akkusativ")}
            for form in forms:
                if bit and " " not in form and len(form) > 1:
                    words[form.lower()] |= bit


def russian(words):
    import pymorphy3

    analyzer = pymorphy3.MorphAnalyzer(lang="ru")
    for word, tag, _normal, _para, _index in analyzer.dictionary.iter_known_words():
        grammemes = tag.grammemes
        if "Name" in grammemes:
            words[word] |= GIVEN
        elif "Surn" in grammemes:
            words[word] |= SURNAME
        elif "Geox" in grammemes:
            words[word] |= PLACE
        elif tag.POS == "NOUN" and not grammemes & {"Patr", "Orgn", "Trad", "Init", "Abbr"} and words.get(word, 0) & 7:
            words[word] |= NOUN


def main(folder, languages):
    (folder / "words").mkdir(exist_ok=True)
    for language in languages:
        words = defaultdict(int)
        commonness(language, words)
        faker_names(language, words)
        wikidata_names(folder, language, words)
        geonames(folder, language, words)
        if language == "de":
            german(words)
        if language == "ru":
            russian(words)
        with open(folder / "words" / f"{language}.tsv", "w", encoding="utf-8") as file:
            n = 0
            for word, bits in sorted(words.items()):
                if bits & 7 == 0 and bits & NOUN:
                    bits &= ~NOUN  # forms that nobody was heard to use
                if bits & 7 < LEVEL_LEAST:
                    bits &= ~7
                if bits and word.strip() and "\t" not in word:
                    print(word, bits, sep="\t", file=file)
                    n += 1
        print(f"{language}: {n} words", file=sys.stderr)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
