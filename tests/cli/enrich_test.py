"""`enrich`: order, all bytes of what is rejected, large lines, pipes, exit codes."""

import base64
import json
import os
import pty
import subprocess
import time

import pytest
from conftest import (BINARY, DONE, SAMPLES, SANITIZED, USAGE, WORK_LEFT, article, call, environment, json_lines,
                      lines_of)


def ids_of(output):
    return [a["id"] for a in lines_of(output)]


def test_lines_come_out_enriched_in_their_order():
    articles = [article(n, body=article(n)["body"] * (1 + n * 7 % 40)) for n in range(2000)]
    result = call("enrich", "-w", 4, stdin=json_lines(articles))
    assert result.returncode == DONE, result.stderr
    assert ids_of(result.stdout) == [a["id"] for a in articles]
    assert all(a["schema"] == "tocsin.enriched/1" for a in lines_of(result.stdout))
    assert b"2000 articles" in result.stderr and b"2000 enriched" in result.stderr


def test_files_and_stdin_follow_each_other(tmp_path):
    (tmp_path / "one").write_bytes(json_lines([article(1)]))
    (tmp_path / "two").write_bytes(json_lines([article(2)])[:-1])  # the last newline may be missing
    result = call("enrich", tmp_path / "two", "-", tmp_path / "one", stdin=json_lines([article(3)]))
    assert ids_of(result.stdout) == ["a-2", "a-3", "a-1"]


def test_output_goes_to_a_file(tmp_path):
    result = call("enrich", "-o", tmp_path / "out", stdin=json_lines([article(1)]))
    assert result.returncode == DONE and result.stdout == b""
    assert ids_of((tmp_path / "out").read_bytes()) == ["a-1"]


def test_a_file_is_not_written_over_itself(tmp_path):
    file = tmp_path / "articles"
    file.write_bytes(json_lines([article(1)]))
    result = call("enrich", file, "-o", file)
    assert result.returncode == USAGE and b"is input and output" in result.stderr
    assert file.read_bytes() == json_lines([article(1)])


def test_text_files_are_articles_named_after_their_file(tmp_path):
    (tmp_path / "ä b.txt").write_text("The two ministers met in Vienna on Friday.\n\nThey agreed on a ceasefire.\n")
    (tmp_path / "zwei.txt").write_text("In der Nacht zum Montag griff die Armee den Hafen an.\n")
    result = call("enrich", "--text", tmp_path / "ä b.txt", tmp_path / "zwei.txt")
    assert result.returncode == DONE, result.stderr
    first, second = lines_of(result.stdout)
    assert (first["id"], second["id"]) == ("ä b.txt", "zwei.txt")
    assert "ceasefire" in first["text"] and "Hafen" in second["text"]


def test_html_files_are_articles(tmp_path):
    (tmp_path / "page.html").write_text("<html><head><title>News</title></head><body><p>The border was reopened on "
                                        "Tuesday &amp; traders returned to the market.</p></body></html>")
    result = call("enrich", "--html", tmp_path / "page.html")
    assert result.returncode == DONE, result.stderr
    assert "reopened on Tuesday & traders" in lines_of(result.stdout)[0]["text"]


# ---- what cannot be read --------------------------------------------------------------------------------------------

BROKEN = [b"{", b"[]", b'{"id": "x", "body": "\xff\xfe"', b"\x00\x01", b"null", "kein JSON – nein".encode(), b'{"body": 7}']


def test_rejects_keep_every_byte(tmp_path):
    stdin = b"".join(json_lines([article(n)]) + broken + b"\n" for n, broken in enumerate(BROKEN))
    result = call("enrich", "--rejects", tmp_path / "rejects", stdin=stdin)
    assert result.returncode == DONE, result.stderr
    assert len(lines_of(result.stdout)) == len(BROKEN)
    rejects = lines_of((tmp_path / "rejects").read_bytes())
    assert len(rejects) == len(BROKEN)
    for n, (reject, broken) in enumerate(zip(rejects, BROKEN)):
        value = base64.b64decode(reject["value_base64"]) if "value_base64" in reject else reject["value"].encode()
        assert value == broken
        assert reject["origin"] == f"stdin:{2 * n + 2}" and reject["size"] == len(broken)
        assert reject["reason"] in ("undecodable", "invalid") and reject["error"]


def test_rejects_alone_are_no_failure_unless_strict():
    assert call("enrich", stdin=b"{\n").returncode == DONE
    result = call("enrich", "--strict", stdin=b"{\n")
    assert result.returncode == WORK_LEFT
    assert b"1 rejected (1 undecodable)" in result.stderr
    assert b"event=reject origin=stdin:1 reason=undecodable" in result.stderr
    assert call("enrich", "--strict", stdin=json_lines([article(1)])).returncode == DONE


def test_a_flood_of_rejects_does_not_flood_the_log():
    result = call("enrich", stdin=b"{\n" * 20000)
    assert result.returncode == DONE and b"20000 undecodable" in result.stderr
    assert result.stderr.count(b"event=reject") < 500


def test_blank_lines_are_no_articles():
    result = call("enrich", "--strict", stdin=b"\n\n  \n" + json_lines([article(1)]) + b"\n")
    assert result.returncode == DONE and b"1 articles" in result.stderr


# ---- size -----------------------------------------------------------------------------------------------------------

def test_a_line_of_twenty_megabytes_passes():
    body = "The harbour was reopened on Monday after repairs that took three weeks. " * (20_000_000 // 72)
    size = 4_000_000 if SANITIZED else len(body)
    result = call("enrich", "-X", "output.max.bytes=30M", "-X", "kafka.producer.message.max.bytes=40000000",
                  stdin=json_lines([article(1), article(2, body=body[:size]), article(3)]), timeout=250)
    assert result.returncode == DONE, result.stderr
    assert ids_of(result.stdout) == ["a-1", "a-2", "a-3"]


def test_a_line_beyond_the_limit_is_rejected_and_the_next_is_read(tmp_path):
    stdin = json_lines([article(1)]) + b"x" * 300_000 + b"\n" + json_lines([article(2)])
    result = call("enrich", "-X", "input.max.bytes=100k", "--rejects", tmp_path / "rejects", stdin=stdin)
    assert result.returncode == DONE and ids_of(result.stdout) == ["a-1", "a-2"]
    reject, = lines_of((tmp_path / "rejects").read_bytes())
    assert reject["reason"] == "oversized" and reject["size"] == 300_000 and reject["truncated"] is True
    assert reject["value"] == "x" * 102_400


@pytest.mark.skipif(SANITIZED, reason="a sanitizer's shadow memory counts as address space")
def test_memory_stays_bounded(tmp_path):
    """200 MB through a process that may have 600 MB of address space beyond its libraries."""
    line = json.dumps(article(1, body="The harbour was reopened on Monday. " * 6000)).encode() + b"\n"
    with open(tmp_path / "large", "wb") as file:
        for _ in range(200_000_000 // len(line) // 4):
            file.write(line)
    result = subprocess.run(
        ["/bin/sh", "-c", f'ulimit -v 1500000; exec "{BINARY}" enrich -w 4 -o /dev/null "{tmp_path}/large"'],
        env=environment(), capture_output=True, timeout=250, check=False)
    assert result.returncode == DONE, result.stderr


# ---- pipes and terminals --------------------------------------------------------------------------------------------

def test_a_line_is_answered_before_the_next_is_sent():
    child = subprocess.Popen([BINARY, "enrich"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             env=environment())
    for n in range(3):
        child.stdin.write(json_lines([article(n)]))
        child.stdin.flush()
        assert json.loads(child.stdout.readline())["id"] == f"a-{n}"
    _, errors = child.communicate()
    assert child.returncode == DONE, errors


def test_a_reader_that_goes_away_ends_it_without_noise():
    child = subprocess.Popen([BINARY, "enrich"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             env=environment())
    child.stdout.close()
    try:
        for n in range(20000):
            child.stdin.write(json_lines([article(n)]))
        child.stdin.close()
    except BrokenPipeError:
        pass
    child.wait(60)
    assert child.returncode == WORK_LEFT
    assert b"Broken pipe" not in child.stderr.read()


def test_output_that_cannot_be_written_is_said():
    with open("/dev/full", "wb") as full:
        result = subprocess.run([BINARY, "enrich"], input=json_lines([article(1)]), stdout=full, stderr=subprocess.PIPE,
                                env=environment(), check=False)
    assert result.returncode == WORK_LEFT and b"No space left on device" in result.stderr


def test_the_bar_is_for_terminals_only(tmp_path):
    file = tmp_path / "articles"
    file.write_bytes(json_lines(article(n) for n in range(3000)))
    assert b"%" not in call("enrich", file, "-o", "/dev/null", env=environment(TERM="xterm")).stderr
    master, slave = pty.openpty()
    child = subprocess.Popen([BINARY, "enrich", file, "-o", "/dev/null"], stderr=slave, env=environment(TERM="xterm"))
    os.close(slave)
    shown = b""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            part = os.read(master, 4096)
        except OSError:  # the other side is closed
            break
        if not part:
            break
        shown += part
    os.close(master)
    assert child.wait() == DONE
    assert b"%" in shown and b"articles" in shown


def test_stages_are_listed_in_order():
    names = [line.split()[0] for line in call("enrich", "--list-stages").stdout.decode().splitlines()]
    assert names == ["decode", "extract", "text", "langid", "cleanup", "entities", "escalation", "encode"]


def test_the_samples_pass(samples):
    result = call("enrich", "--strict", samples)
    assert result.returncode == DONE, result.stderr
    assert len(lines_of(result.stdout)) == len(samples.read_bytes().splitlines())
    assert SAMPLES.is_dir()
