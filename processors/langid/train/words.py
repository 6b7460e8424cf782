"""The words of a text, as the program hears them: lower-case, without the marks that readers do without.

Every rule here has its twin in processors/langid/model.c.
"""

import re
import unicodedata

MASK = (1 << 64) - 1


def fnv(data):
    value = 0xCBF29CE484222325
    for byte in data:
        value = ((value ^ byte) * 0x100000001B3) & MASK
    return value


def is_held_out(text):
    """Every tenth text is never trained on: langid_quality measures on those."""
    return (fnv(text.encode()) >> 32) % 10 == 0


def is_dropped(point):
    """Marks that readers do without; the program drops the same."""
    return (0x300 <= point <= 0x36F or 0x591 <= point <= 0x5C7 or 0x610 <= point <= 0x61A or 0x640 == point
            or 0x64B <= point <= 0x65F or point == 0x670 or 0x6D6 <= point <= 0x6ED)


def is_alone(char):
    """Han and Kana: each sign is a word."""
    return unicodedata.name(char, "").startswith(("CJK UNIFIED", "HIRAGANA", "KATAKANA"))


GERSHAYIM = re.compile("(?<=[\u05d0-\u05ea])[\"'\u05f3\u05f4](?=[\u05d0-\u05ea])")
KINDS = {}


def kind_of(char):
    """letter: part of a word; alone: a word of its own; nothing: not seen; other: between words."""
    known = KINDS.get(char)
    if known is None:
        category = unicodedata.category(char)
        if is_dropped(ord(char)) or category in ("Cf", "Nd"):
            known = "nothing"
        elif category[0] in "LM":
            known = "alone" if is_alone(char) else "letter"
        else:
            known = "other"
        KINDS[char] = known
    return known


def words_of(text):
    text = GERSHAYIM.sub("", unicodedata.normalize("NFC", text))
    for chunk in text.split():
        if "@" in chunk or "#" in chunk or "/" in chunk or "www." in chunk:
            continue
        word = []
        for char in chunk:
            kind = kind_of(char)
            if kind == "letter":
                word.append(char)
            elif kind != "nothing":
                if word:
                    yield lower(word)
                    word = []
                if kind == "alone":
                    yield char
        if word:
            yield lower(word)


def lower(word):
    # Code point by code point, as the program does: no final sigma, no dot above.
    return "".join("i" if c == "\u0130" else c.lower() if len(c.lower()) == 1 else c for c in word)
