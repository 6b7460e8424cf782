"""`demo`: all in one process, it adds up, and nothing is left behind however it ends."""

import glob
import re
import signal
import subprocess
import time

import pytest
from conftest import BINARY, CONFIGURATION, DONE, UNREACHABLE, WORK_LEFT, article, call, environment, json_lines


@pytest.fixture(autouse=True)
def nothing_is_left_behind():
    before = set(glob.glob("/tmp/tocsin-demo-*"))
    yield
    left = set(glob.glob("/tmp/tocsin-demo-*")) - before
    servers = subprocess.run(["pgrep", "-af", "redis-server.*tocsin-demo-"], capture_output=True, check=False).stdout.decode()
    assert not [folder for folder in left if folder in servers], servers
    assert not left


def test_what_goes_in_comes_out():
    result = call("demo", "--seconds", "8", "--rate", "30")
    text = result.stdout.decode()
    assert result.returncode == DONE, text + result.stderr.decode()
    found = re.search(r"^ok +(\d+) in = (\d+) enriched \+ (\d+) dead \+ 0 skipped$", text, re.M)
    assert found and int(found[1]) == int(found[2]) + int(found[3])
    assert int(found[2]) > 100 and int(found[3]) >= 4
    found = re.search(r"^ok +(\d+) mentions in the output topic = (\d+) held by Redis = (\d+) shown", text, re.M)
    assert found and found[1] == found[2] == found[3] and int(found[1]) > 0
    shown = re.findall(r"^\d\d:\d\d:\d\d [+-] (\w+) .* → ", text, re.M)
    assert len(shown) == int(found[1])
    languages = re.search(r"^Enriched +\d+: (.*)$", text, re.M)[1]
    assert len(languages.split(", ")) >= 10, languages
    assert len(re.search(r"^  by language +(.*)$", text, re.M)[1].split(", ")) >= 3
    assert "\033" not in text


def test_own_articles(tmp_path):
    (tmp_path / "mine.jsonl").write_bytes(json_lines([article(n) for n in range(3)] + [{"body": "No name and no address."}]))
    result = call("demo", "--seconds", "2", tmp_path / "mine.jsonl")
    assert result.returncode == DONE, result.stdout + result.stderr
    assert b"4 sample articles" in result.stdout


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_in_order(number):
    child = subprocess.Popen([BINARY, "demo"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment())
    for line in child.stdout:
        if re.match(rb"\d\d:\d\d:\d\d ", line):
            break
    child.send_signal(number)
    text, errors = child.communicate(timeout=60)
    assert child.returncode == DONE, text + errors
    assert b" in = " in text


def test_a_second_signal_ends_it_at_once():
    child = subprocess.Popen([BINARY, "demo"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment())
    child.stdout.readline()
    child.send_signal(signal.SIGINT)
    time.sleep(0.05)
    child.send_signal(signal.SIGINT)
    child.communicate(timeout=20)
    assert child.returncode in (WORK_LEFT, DONE)  # DONE: it was over before the second came


def test_without_redis_it_says_what_to_install():
    result = call("demo", "--seconds", "1", env=environment(PATH="/nonexistent"))
    assert result.returncode == UNREACHABLE
    assert b"redis-server is not in PATH: install it" in result.stderr


def test_a_redis_that_is_given_is_used(tmp_path):
    socket = tmp_path / "redis.sock"
    server = subprocess.Popen(["redis-server", "--port", "0", "--unixsocket", socket, "--save", "", "--dir", tmp_path],
                              stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 10
        while not socket.exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        result = call("demo", "--seconds", "3", "-X", f"redis.url=unix://{socket}")
        assert result.returncode == DONE, result.stdout + result.stderr
        keys = subprocess.run(["redis-cli", "-s", socket, "--scan", "--pattern", "{tocsin-demo}:mention:*"],
                              capture_output=True, check=True).stdout.split()
        held = re.search(rb"(\d+) held by Redis", result.stdout)
        assert len(keys) == int(held[1]) > 0
    finally:
        server.terminate()
        server.wait()


def test_a_wrong_setting_is_said_before_anything_starts():
    result = call("demo", "-X", "mention.ttl=forever")
    assert result.returncode == CONFIGURATION and b"mention.ttl" in result.stderr
