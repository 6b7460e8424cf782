#!/usr/bin/python3
"""Writes data/langid/han.tsv: the signs of Chinese that only simplified or only traditional writing has.

    han.py > processors/data/langid/han.tsv

Asks ICU's transliterator Simplified-Traditional, whose rules come from CLDR, through uconv (Debian: icu-devtools).  A
sign is simplified if it turns into another one when it is made traditional, and stays what it is when it is made
simplified; the same the other way round.
"""

import subprocess

PER_ROW = 50
SIGNS = [chr(point) for point in range(0x4E00, 0xA000)]


def transliterate(rule, signs):
    done = subprocess.run(["uconv", "-f", "utf-8", "-t", "utf-8", "-x", rule], input="\n".join(signs).encode(),
                          stdout=subprocess.PIPE, check=True)  # fmt: skip
    return done.stdout.decode().split("\n")


def only(rule, back):
    """Signs that the rule changes and its opposite leaves alone."""
    return [
        sign
        for sign, other, same in zip(SIGNS, transliterate(rule, SIGNS), transliterate(back, SIGNS))
        if other != sign and same == sign
    ]


def main():
    print("# Signs of Chinese that only simplified (Hans) or only traditional writing (Hant) has; made by langid/train/han.py.")
    print("script\tsigns")
    for script, rule, back in (("Hans", "Hans-Hant", "Hant-Hans"), ("Hant", "Hant-Hans", "Hans-Hant")):
        signs = only(rule, back)
        for i in range(0, len(signs), PER_ROW):
            print(script, "".join(signs[i : i + PER_ROW]), sep="\t")


if __name__ == "__main__":
    main()
