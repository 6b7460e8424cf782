#!/usr/bin/env python3
"""Makes processors/data/entities/known/geonames.tsv: cities with their names in eleven languages.

    cities.py [--geonames FOLDER] [--ids PLACES.json] [--same]

Names, countries and populations come from GeoNames (CC BY 4.0) as Debian's packages libgeonames0 and libgeonames-common have
them (apt-get install libgeonames0 libgeonames-common libglib2.0-bin); FOLDER is where they are unpacked, / unless said.
Wikidata ids come from Natural Earth's populated places (public domain; ne_10m_populated_places.json), matched by the number
that GeoNames gives a city; without that file they are taken from the table that is there.  --same: changes nothing and fails if the
table is not what would be made; exit 77: the packages are not there.

Cities of more than 50,000 inhabitants, and in areas of tension (TENSE) of more than 15,000, which is all that the packages have.
Every name is marked "??", so that it counts only where the tagger sees a place: of the names of cities many are words or people.  Rows stand by population, so that the larger of two cities of one name is asked first.
"""

import argparse
import gettext
import glob
import json
import struct
import subprocess
import sys
import unicodedata
from pathlib import Path

HERE = Path(__file__).resolve().parent
DATA = HERE.parents[1] / "data" / "entities"
TABLE = DATA / "known" / "geonames.tsv"
LANGUAGES = "de ar en fr ru fa he tr es uk zh".split()
LATIN = {"de", "en", "fr", "tr", "es"}
LEAST, LEAST_TENSE = 50_000, 15_000
TENSE = ("AF AM AZ BA BF BI BY CD CF CM CO CU CY EE ER ET GE HT IL IN IQ IR JO KG KP KR LB LT LV LY MD ML MM MZ NE NG PK PS RS RU RW SA SD "
         "SO SS SY TD TJ TN TR TW UA VE XK YE").split()
LETTERS_MIN = {"zh": 2}
HEAD = "id type country acts name source".split() + LANGUAGES


def resource(folder):
    library = glob.glob(f"{folder}/usr/lib/*/libgeonames.so.0")[0]
    name = subprocess.run(["gresource", "list", library], capture_output=True, text=True, check=True).stdout.split()[0]
    return subprocess.run(["gresource", "extract", library, name], capture_output=True, check=True).stdout


def cities(data):
    """A GVariant of type a(ssssssudd...): the ends of its elements stand behind them, four bytes each."""
    first_end = struct.unpack("<I", data[-4:])[0]
    ends = struct.unpack(f"<{(len(data) - first_end) // 4}I", data[first_end:])
    start = 0
    for end in ends:
        start = (start + 7) & ~7
        parts = data[start:end].split(b"\0", 7)
        words = [part.decode() for part in parts[:7]]
        at = sum(len(part) + 1 for part in parts[:7])
        at += -at % 4
        population = struct.unpack("<I", data[start + at:start + at + 4])[0]
        yield words[0], words[1], words[4], population  # number, name, alpha-2, inhabitants
        start = end


def catalogs(folder):
    found = {}
    for language in LANGUAGES:
        path = f"{folder}/usr/share/locale/{language}/LC_MESSAGES/geonames.mo"
        with open(path, "rb") as file:
            found[language] = gettext.GNUTranslations(file)._catalog
    return found


def catalogs_there(folder):
    return all(Path(f"{folder}/usr/share/locale/{language}/LC_MESSAGES/geonames.mo").exists() for language in LANGUAGES)


def rows_of(path):
    with open(path, encoding="utf-8") as file:
        for line in file:
            if line.strip() and not line.startswith("#"):
                yield line.rstrip("\n").split("\t")


def folded(text):
    text = unicodedata.normalize("NFD", text.lower())
    return "".join(char for char in text if unicodedata.category(char) != "Mn")


def known_by_hand():
    """Ids, and names with countries, of places that other tables have."""
    names = set()
    for cells in rows_of(DATA / "countries.tsv"):
        names |= {cells[2], (cells[1], folded(cells[5]))}
    for path in sorted((DATA / "known").glob("*.tsv")):
        if path == TABLE:
            continue
        for cells in rows_of(path):
            if cells[1] in ("GPE", "LOC"):
                names.add(cells[0])
                names |= {(cells[2], folded(name.lstrip("?=~"))) for cell in cells[4:5] + cells[6:] for name in cell.split("|")}
    return names


def is_good(language, name):
    if len(name) < LETTERS_MIN.get(language, 3) or any(char in name for char in "(),،/|;0123456789"):
        return False
    script = {"ar": "ARABIC", "fa": "ARABIC", "he": "HEBREW", "ru": "CYRILLIC", "uk": "CYRILLIC", "zh": "CJK"}.get(language, "LATIN")
    return unicodedata.name(name[0], "").startswith(script)


def make(folder, ids, kept):
    alpha3 = {cells[0]: (cells[1], cells[5]) for cells in rows_of(DATA / "countries.tsv")}
    names, by_hand = catalogs(folder), known_by_hand()
    seen = set()
    for number, name, alpha2, population in sorted(cities(resource(folder)), key=lambda city: -city[3]):
        if population < (LEAST_TENSE if alpha2 in TENSE else LEAST) or alpha2 not in alpha3:
            continue
        country = alpha3[alpha2][0]
        qid = kept.get((country, names["en"].get(number, name))) if kept else ids.get(number)
        cells = []
        for language in LANGUAGES:
            own = names[language].get(number)
            if own is None and language in LATIN:
                own = names["en"].get(number, name)
            cells.append("??" + own if own is not None and is_good(language, own) else "-")
        plain = names["en"].get(number, name)
        spellings = {(country, folded(cell[2:])) for cell in cells if cell != "-"} | {(country, folded(plain))}
        if qid is not None and qid in seen:
            qid = None  # two of Natural Earth's places share an id
        if (qid is not None and qid in by_hand) or spellings & by_hand or (country, folded(plain)) in seen:
            continue
        seen |= {(country, folded(plain)), qid}
        source = "Natural Earth, populated places" if qid else "-"
        yield [qid or f"t:gn-{number}", "GPE", country, "-", plain, source, *cells]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--geonames", default="")
    parser.add_argument("--ids")
    parser.add_argument("--same", action="store_true")
    options = parser.parse_args()
    ids, kept = {}, {}
    if not glob.glob(f"{options.geonames}/usr/lib/*/libgeonames.so.0") or not catalogs_there(options.geonames):
        print("SKIPPED: no libgeonames0 and libgeonames-common with their languages on this machine")
        sys.exit(77)
    if not options.ids:
        kept = {(cells[2], cells[4]): cells[0] for cells in rows_of(TABLE) if cells[0].startswith("Q")}
    else:
        with open(options.ids, encoding="utf-8") as file:
            for feature in json.load(file)["features"]:
                place = feature["properties"]
                if (place["GEONAMEID"] or 0) > 0 and place["wikidataid"]:
                    ids[str(int(place["GEONAMEID"]))] = place["wikidataid"]
    rows = list(make(options.geonames, ids, kept))
    text = ("# Cities of more than 50,000 inhabitants, in areas of tension of more than 15,000, made by processors/entities/train/cities.py from GeoNames (CC BY 4.0);\n"
            "# ids of Wikidata from Natural Earth, else the number that GeoNames gives.  Do not edit: an overlay adds and takes away.\n"
            + "\t".join(HEAD) + "\n" + "".join("\t".join(row) + "\n" for row in rows))
    if options.same:
        sys.exit(0 if TABLE.read_text(encoding="utf-8") == text else f"{TABLE} is not what cities.py makes")
    TABLE.write_text(text, encoding="utf-8")
    print(f"{len(rows)} cities, {sum(row[0][0] == 'Q' for row in rows)} with their Wikidata id")


if __name__ == "__main__":
    main()
