"""`explain`: the same as `enrich` publishes, for human eyes: what went and why, what was found, the numbers."""

import json
import os
import pty
import re
import subprocess
import termios
import unicodedata

import pytest
from conftest import (BINARY, CONFIGURATION, DONE, SAMPLES, USAGE, WORK_LEFT, article, call, environment, json_lines,
                      lines_of)

FEED = SAMPLES / "feed.jsonl"
ROOMS = ["decode", "extract", "text", "langid", "cleanup", "entities", "escalation", "encode"]

BOX = """Iran fires missiles at Israel

JERUSALEM – Iran fired about 180 missiles at Israel on Tuesday evening, and sirens sounded in the whole country.

Read also: Why the strait matters to everyone

The government in Tehran warned that it would answer every strike, while the United Nations called for a ceasefire.

Share this article: Facebook Twitter WhatsApp
"""

PAGE = """<html lang="en"><head><title>Port reopens after three weeks - Harbour News</title></head><body>
<nav><a href="/">Home</a> <a href="/w">World</a></nav><article><h1>Port reopens after three weeks</h1>
<p>The port of the town was reopened on Monday after repairs that took three weeks, the mayor said in the evening.</p>
<p>Les ministres des affaires étrangères se sont réunis lundi pour discuter de la situation dans la région.</p>
<p>Ships that had waited off the coast since the beginning of the month were unloaded during the night, she added.</p>
</article><div class="related"><h3>Read more</h3><a href="/1">Oil price jumps</a></div></body></html>"""

LINE = re.compile(r"^ *(\d+) ([-= ]) (\w*) *\| (.*)$")
REASON = re.compile(r"^ +\| (-?[\d.]+) of 1, (.*)$")


def explained(*arguments, **more):
    result = call("explain", *arguments, **more)
    assert result.returncode == DONE and result.stderr == b"", result.stderr
    return result.stdout.decode()


def text_lines(output):
    """(number, sign, kind, text, reason) of each line of the article."""
    lines = []
    for row in output.splitlines():
        line, reason = LINE.match(row), REASON.match(row)
        if line:
            lines.append([int(line[1]), line[2], line[3], line[4], None])
        elif reason:
            assert lines[-1][4] is None
            lines[-1][4] = reason
    return lines


def field(output, name):
    return re.search(rf"^{name} +(.*)$", output, re.M)[1]


def section(output, heading):
    """The rows below a heading."""
    rows = re.search(rf"^{heading}\b.*\n((?:  .*\n)*)", output, re.M)
    return rows[1].splitlines() if rows else []


# ---- what is shown --------------------------------------------------------------------------------------------------

def test_a_read_also_box_goes_with_its_reasons(tmp_path):
    (tmp_path / "box.txt").write_text(BOX)
    output = explained("--text", tmp_path / "box.txt")
    assert field(output, "id") == "box.txt"
    assert re.match(r"English \(en, Latn\), \d+\.\d %$", field(output, "language"))
    dropped = {text: (kind, reason) for _, sign, kind, text, reason in text_lines(output) if sign == "-"}
    kind, reason = dropped["Read also: Why the strait matters to everyone"]
    assert kind == "read_also"
    assert float(reason[1]) >= 1 and reason[2].startswith("goes: ")
    assert re.search(r"LABEL_SURE \+[\d.]+ \(a label that is nothing else\)", reason[2])
    assert dropped["Share this article: Facebook Twitter WhatsApp"][0] == "share"
    assert len(dropped) == 2
    kept = [text for _, sign, _, text, _ in text_lines(output) if sign == " "]
    assert len(kept) == 2 and all(reason is None for _, sign, _, _, reason in text_lines(output) if sign == " ")
    assert "[Israel]" in kept[0] and "[United Nations]" in kept[1]
    assert "{- ceasefire, demanded: ceasefire}" in kept[1]
    assert any(sign == "=" and kind == "title" for _, sign, kind, _, _ in text_lines(output))


def test_the_weights_add_up():
    for row in explained(FEED).splitlines():
        reason = REASON.match(row)
        if reason:
            weights = re.findall(r"[A-Z_]+ ([+-][\d.]+) \(", reason[2])
            assert weights and sum(map(float, weights)) == pytest.approx(float(reason[1]), abs=0.01), row


def test_lines_that_stay_are_explained_when_asked():
    few, all_lines = text_lines(explained(FEED)), text_lines(explained("-a", FEED))
    assert [line[:4] for line in few] == [line[:4] for line in all_lines]
    staying = [reason[2] for _, sign, _, _, reason in all_lines if sign == " " and reason]
    assert any(re.match(r"stays: .*PROSE -[\d.]+ \(a paragraph of sentences\)", reason) for reason in staying)
    assert not any(reason for _, sign, _, _, reason in few if sign == " ")


def test_a_line_that_stays_against_the_evidence_says_so():
    output = explained("--text", "-", stdin=b"Read also: Why the strait matters\n")
    (line,) = text_lines(output)
    assert line[1] == " " and line[4][2].startswith("stays, as no text would be left: ")


def test_what_goes_by_its_place_says_so():
    prose = "The port of the town was reopened on Monday after repairs that took three weeks, the mayor said."
    output = explained("--text", "-", stdin=f"World\n\n{prose}\n\n{prose[:-1]} again.\n\nLeave a Reply\n\n"
                       "Your name\n\nI was there and the crane is still broken as everybody saw.\n".encode())
    last = text_lines(output)[-1]
    assert last[1:3] == ["-", "comment_form"] and re.search(r"goes: .*BEHIND_END \+3", last[4][2])


def squeezed(text):
    """Without white space and whatever looks like a mark."""
    return re.sub(r"[\s\[\]{}]", "", text)


def without_marks(text):
    text = re.sub(r"\[-\w+: .*?-\]|\[(?:author|dateline|agency): .*?\]", "", text)
    return squeezed(re.sub(r"\{[+-] \w+, \w+: ", "", text))


def test_it_shows_what_enrich_publishes():
    published = lines_of(call("enrich", FEED).stdout)
    for number in range(1, len(published) + 1, 6):
        article_, output = published[number - 1], explained("--line", number, FEED)
        lines = text_lines(output)
        dropped = [(kind, squeezed(text)) for _, sign, kind, text, _ in lines if sign == "-"]
        dropped += [(kind, squeezed(text)) for *_, line, _ in lines for kind, text in
                    re.findall(r"\[-(\w+): (.*?)-\]", line)]
        assert sorted(dropped) == sorted((d["kind"], squeezed(d["text"])) for d in article_["dropped"]), number
        kept = [without_marks(text) for _, sign, _, text, _ in lines if sign == " "]
        assert "".join(kept) == squeezed(article_["text"]), number
        assert field(output, "title") == article_["title"]
        assert field(output, "language").split("(")[1].split(",")[0] == article_["language"]["code"]
        ids = [row.split()[-1] for row in section(output, "entities") if not row.endswith("(in no table)")]
        assert ids == [entity["id"] for entity in article_["entities"] if entity["id"]], number
        mentions = [row.split()[:3] for row in section(output, "mentions") if not row.startswith("      ")]
        assert mentions == [["+" if m["direction"] == "escalation" else "-", m["kind"], m["mode"]]
                            for m in article_["escalation"]["mentions"]], number
        assert len(re.findall(r"\{[+-] \w+, \w+: ", output)) == len(mentions), number
        assert len(section(output, "dyads")) == len(article_["escalation"]["dyads"])


def test_mentions_name_actors_and_targets():
    first, why, *_ = section(explained(FEED), "mentions")
    assert re.search(r"\+ attack +done +0\.\d+  line 1 +Iran → Israel: feuert rund 180 Raketen auf Israel ab$", first)
    assert re.search(r"^      found by  *de\.tsv:\d+  feuert", why)


def test_pieces_inside_a_line_are_marked_with_their_kind():
    output = explained(FEED)
    assert "[Teheran].[-read_also: Lesen Sie auch: Wie der Raketenschirm über Tel Aviv funktioniert-]Im" in output
    assert re.search(r"^  - read_also +\d+ in 1 piece$", output, re.M)
    assert re.search(r"^  - caption +\d+ in 2 pieces$", output, re.M)


def test_a_page_its_other_language_and_its_numbers(tmp_path):
    (tmp_path / "page.html").write_text(PAGE)
    output = explained("--html", tmp_path / "page.html")
    assert field(output, "title") == "Port reopens after three weeks"
    assert field(output, "language").endswith("declared as en")
    lines = {text: (number, sign, kind) for number, sign, kind, text, _ in text_lines(output)}
    assert lines["Home World"][1:] == ("-", "navigation")
    assert lines["Oil price jumps"][1] == "-"
    (french,) = [number for text, (number, *_) in lines.items() if text.startswith("Les ministres")]
    assert re.match(rf"  line {french}: French \(fr\), \d+ %$", section(output, "lines of another language")[0])


def test_every_room_has_its_microseconds():
    rows = [row.split() for row in section(explained(FEED), "microseconds")]
    assert [row[0] for row in rows] == [*ROOMS, "all"]
    assert all(float(first) > 0 and float(warm) > 0 for _, first, warm in rows)


# ---- which article --------------------------------------------------------------------------------------------------

def test_an_article_is_chosen_by_line_or_id():
    ids = [a["id"] for a in lines_of(call("enrich", FEED).stdout)]
    assert field(explained(FEED), "id") == ids[0]
    assert field(explained("--line", 3, FEED), "id") == field(explained("-n3", FEED), "id") == ids[2]
    assert field(explained("--id", "sample-en-001", FEED), "id") == "sample-en-001"
    made = next(made for made, line in zip(ids, FEED.read_text().splitlines()) if "id" not in json.loads(line))
    assert field(explained("--id", made, FEED), "id") == made  # one that is made of the URL


def test_blank_lines_count_but_are_no_articles():
    stdin = b"\n\n" + json_lines([article(1)]) + b"\n" + json_lines([article(2)])
    assert field(explained("-", stdin=stdin), "id") == "a-1"
    assert field(explained("--line", 5, "-", stdin=stdin), "id") == "a-2"
    result = call("explain", "--line", 4, "-", stdin=stdin)
    assert result.returncode == WORK_LEFT and b"line 4 is blank or behind the end" in result.stderr


def test_an_unreadable_line_does_not_hide_those_behind_it():
    stdin = b"{\n" + json_lines([article(1)])
    assert field(explained("--id", "a-1", "-", stdin=stdin), "id") == "a-1"
    assert field(explained("--line", 2, "-", stdin=stdin), "id") == "a-1"


def test_one_object_may_stand_on_many_lines(tmp_path):
    long = {**article(1), "extra": ["x" * 100] * 5000}  # more than is read at once
    (tmp_path / "pretty.json").write_text(json.dumps(long, indent=2))
    assert field(explained(tmp_path / "pretty.json"), "id") == "a-1"
    assert field(explained("-", stdin=(tmp_path / "pretty.json").read_bytes()), "id") == "a-1"


LARGE = b'{"body": "' + b"x" * 2000 + b'"}'


@pytest.mark.parametrize("arguments, stdin, expected", [
    (["-"], b'{"title": 7, "body": 8}\n', "stdin:1: decode: field 'title' is"),
    (["-"], b"[]\n", "stdin:1: decode: the message is"),
    (["-"], b'{\n"title": "x",\n"body" 7}', "stdin: decode: JSON, line 3, column "),
    (["--line", "2", "-"], b'{"body": "x"}\n{"body": }\n', "stdin:2: decode: JSON, line 1, column "),
    (["-"], b"", "there is no article in it"),
    (["--text", "-"], b"", "stdin: decode: the message is empty"),
    (["--id", "b", "-"], b'{"id": "a", "body": "x"}\n{\n', 'none of 2 articles has the id "b"; 1 could not be read'),
    (["--line", "9", "-"], b'{"id": "a", "body": "x"}\n', "line 9 is blank or behind the end (1 articles)"),
    (["-X", "input.max.bytes=1024", "-"], LARGE, "stdin:1: 2012 bytes, input.max.bytes is 1024"),
    (["-X", "input.max.bytes=1024", "-"], LARGE.replace(b" ", b"\n"), "stdin: 2012 bytes, input.max.bytes is 1024"),
], ids=lambda value: value if isinstance(value, str) else "")
def test_what_cannot_be_explained_is_1_and_says_where(arguments, stdin, expected):
    result = call("explain", *arguments, stdin=stdin)
    assert result.returncode == WORK_LEFT and result.stdout == b""
    assert expected in result.stderr.decode() and result.stderr.startswith(b"tocsin explain: ")


@pytest.mark.parametrize("arguments, expected", [
    ([], "FILE is missing"),
    (["/nonexistent.jsonl"], "/nonexistent.jsonl: No such file or directory"),
    ([str(FEED), str(FEED)], "unexpected argument"),
    (["--text", "--html", str(FEED)], "exclude each other"),
    (["--line", "1", "--id", "a", str(FEED)], "exclude each other"),
    (["--text", "--line", "1", str(FEED)], "with --text and --html the file is one article"),
    (["--line", "0", str(FEED)], '--line is "0", expected a whole number from 1'),
    (["--color", "yes", str(FEED)], '--color is "yes", expected always, never or auto'),
    (["--colour=always", str(FEED)], 'unknown option "--colour"; did you mean "--color"?'),
])
def test_wrong_usage_is_64(arguments, expected):
    result = call("explain", *arguments)
    assert result.returncode == USAGE and result.stdout == b""
    assert expected in result.stderr.decode()


def test_a_wrong_setting_is_78():
    assert call("explain", "-X", "data.dir=/nonexistent", FEED).returncode == CONFIGURATION


# ---- on a terminal --------------------------------------------------------------------------------------------------

def without_codes(text):
    return re.sub(r"\x1b\[[\d;]*m", "", text)


def test_colour_is_for_those_who_ask():
    assert "\x1b" not in explained(FEED) and "\x1b" not in explained("--color=never", FEED)
    output = explained("--color=always", FEED)
    assert re.search(r"\x1b\[0;2;9mLesen Sie auch: Wie der Raketenschirm", output)  # struck out, inside its line
    assert re.search(r"\x1b\[0;2;9mNahost-Konflikt\x1b\[0", output)                 # a whole line
    assert re.search(r"\x1b\[0;4;36mJerusalem\x1b\[0", output)                      # an entity
    assert re.search(r"\x1b\[0;1;31mangegriffen\x1b\[0;2m \(\+ attack, done\)", output)
    assert re.search(r"\x1b\[0;1;32mWaffenruhe\x1b\[0;2m \(- ceasefire, demanded\)", output)
    plain = without_codes(output)
    assert "[Jerusalem]" not in plain and "{+" not in plain and "[-" not in plain
    for line in output.splitlines():
        codes = re.findall(r"\x1b\[([\d;]*)m", line)
        assert not codes or codes[-1] == "0", "a style runs into the next line"


def on_a_terminal(*arguments, columns=80, **env):
    control, terminal = pty.openpty()
    termios.tcsetwinsize(terminal, (24, columns))
    process = subprocess.Popen([BINARY, "explain", *map(str, arguments)], stdout=terminal, stderr=subprocess.PIPE,
                               env=environment(**{"TERM": "xterm", **env}))
    os.close(terminal)
    output = b""
    while True:
        try:
            part = os.read(control, 65536)
        except OSError:  # what Linux says when the other side is closed
            break
        if not part:
            break
        output += part
    os.close(control)
    assert process.wait(timeout=120) == DONE, process.stderr.read()
    process.stderr.close()
    return output.decode().replace("\r\n", "\n")


def test_a_terminal_gets_colour_unless_it_cannot_or_shall_not():
    assert "\x1b[" in on_a_terminal(FEED)
    assert "\x1b[" not in on_a_terminal(FEED, TERM="dumb")
    assert "\x1b[" not in on_a_terminal(FEED, NO_COLOR="1")
    assert "\x1b[" not in on_a_terminal("--color=never", FEED)
    assert "\x1b[" in on_a_terminal("--color=always", FEED, NO_COLOR="1")


def test_text_is_wrapped_at_the_width_of_the_terminal():
    narrow, wide = (without_codes(on_a_terminal(FEED, columns=columns)) for columns in (72, 0))
    body = narrow[narrow.index("   1 ="):narrow.index("\ncharacters")]
    assert max(map(len, body.splitlines())) <= 72 + 2  # a comma right behind a mark, and a blank, may hang over
    assert body.split() == wide[wide.index("   1 ="):wide.index("\ncharacters")].split()
    rows = body.splitlines()
    assert all(row[:21].strip() == "" or LINE.match(row) for row in rows)


def columns_of(text):
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def test_text_without_blanks_is_wrapped_too(tmp_path):
    sentence = "联合国秘书长星期一在纽约呼吁各方立即停火并尽快恢复谈判以防止冲突进一步升级。"
    (tmp_path / "zh.txt").write_text(sentence * 4 + "\n")
    output = on_a_terminal("--color=never", "--text", tmp_path / "zh.txt", columns=61)
    rows = output[output.index("   1 "):output.index("\n\ncharacters")].splitlines()
    assert len(rows) > 6 and max(map(columns_of, rows)) in (60, 61)
    assert sentence[:-1] in re.sub(r"\{[+-] \w+, \w+: |[\s\[\]{}]", "", "".join(rows))


def test_a_terminal_is_not_obeyed_to_an_article():
    text = "The harbour \u202ewas\u2066 reopened \x1b[2J on \x9b31m Monday \x07 after repairs that took three weeks."
    stdin = json_lines([{"id": "\x1b]0;x\x07", "title": "One \x1b[1m title \u202e", "body": text}])
    output = explained("-", stdin=stdin)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", output)


def test_a_full_disk_is_no_success():
    with open("/dev/full", "wb") as full:
        result = subprocess.run([BINARY, "explain", str(FEED)], stdout=full, stderr=subprocess.PIPE, env=environment(),
                                check=False)
    assert result.returncode == WORK_LEFT
