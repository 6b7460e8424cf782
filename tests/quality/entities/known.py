#!/usr/bin/env python3
"""Is what the tables know found where an article names it?

    known.py TOCSIN DATA [--verbose] [--share N]

Every plain spelling (without a mark) of every row of DATA/entities/known but the cities of GeoNames stands in one sentence of its
language, as it is and with what the language hangs on to names (clitics, prefixes, endings); its id must come out.  Every Nth
spelling (4) is asked.  Fails below one miss in 250.
"""

import argparse
import collections
import json
import subprocess
import sys
import zlib
from pathlib import Path

FLOOR = 0.996
SENTENCES = {
    "de": "Am Dienstag wurde mehrere Stunden lang über {} gesprochen, und die Beteiligten wollen das in der kommenden Woche fortsetzen.",
    "ar": "استمرت المحادثات حول {} عدة ساعات يوم الثلاثاء، ويريد المشاركون مواصلتها في الأسبوع المقبل.",
    "en": "The talks about {} lasted several hours on Tuesday, and those who took part want to go on with them next week.",
    "fr": "Les discussions sur {} ont duré plusieurs heures mardi, et les participants veulent les poursuivre la semaine prochaine.",
    "ru": "Во вторник говорили про {} несколько часов, и участники хотят продолжить на следующей неделе.",
    "fa": "گفت‌وگوها درباره {} روز سه‌شنبه چند ساعت طول کشید و شرکت‌کنندگان می‌خواهند هفته آینده ادامه دهند.",
    "he": "השיחות על {} נמשכו כמה שעות ביום שלישי, והמשתתפים רוצים להמשיך בהן בשבוע הבא.",
    "tr": "Salı günü {} hakkında saatlerce konuşuldu ve katılanlar görüşmeleri gelecek hafta sürdürmek istiyor.",
    "es": "Las conversaciones sobre {} duraron varias horas el martes, y los participantes quieren continuarlas la próxima semana.",
    "uk": "У вівторок говорили про {} кілька годин, і учасники хочуть продовжити наступного тижня.",
}
# What may hang on to a name.
AROUND = {
    "de": ("{}-Berichte",), "ar": ("و{}", "ب{}"), "en": ("{}'s plans", "{}-backed groups"), "fr": ("{}",), "ru": ("«{}»",),
    "fa": ("{} را",), "he": ("ב{}", "של{}"), "tr": ("{}",), "es": ("{}",), "uk": ("«{}»",),
}


def spellings(data):
    for path in sorted((data / "entities" / "known").glob("*.tsv")):
        if path.name == "geonames.tsv":
            continue
        rows = [line.split("\t") for line in path.read_text("utf-8").splitlines() if not line.startswith("#")]
        for row in rows[1:]:
            row = dict(zip(rows[0], row))
            for language in SENTENCES:
                for spelling in row[language].split("|"):
                    name = spelling.removeprefix("=")
                    if name not in ("", "-") and name[0] not in "?~=":
                        yield language, row["id"], name


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tocsin")
    parser.add_argument("data", type=Path)
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("--share", type=int, default=4)
    args = parser.parse_args()

    asked = [(language, known, frame.format(name)) for language, known, name in spellings(args.data)
             if zlib.crc32(f"{language}{known}{name}".encode()) % args.share == 0
             for frame in dict.fromkeys(("{}", *AROUND[language]))]
    articles = "".join(json.dumps({"id": str(i), "title": "", "body": SENTENCES[language].format(name)}) + "\n"
                       for i, (language, _, name) in enumerate(asked))
    result = subprocess.run([args.tocsin, "enrich", "-"], input=articles, capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"tocsin enrich: {result.stderr}")
    all_of, missed = collections.Counter(), collections.Counter()
    for line in result.stdout.splitlines():
        article = json.loads(line)
        language, known, name = asked[int(article["id"])]
        all_of[language] += 1
        if known not in (entity["id"] for entity in article["entities"]):
            missed[language] += 1
            if args.verbose:
                print(f"{language}\t{known}\t{name}\t{[(e['mentions'][0]['text'], e['id']) for e in article['entities']]}")
    for language in SENTENCES:
        print(f"{language}  {all_of[language]:6} names, {missed[language]} missed")
    found = 1 - missed.total() / all_of.total()
    print(f"{found:.4f} found")
    sys.exit(found < FLOOR)


if __name__ == "__main__":
    main()
