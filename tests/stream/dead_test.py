"""What could not be read is found, looked at, mended and sent back; nothing of it changes on the way but its fate."""

import hashlib
import json
import os
import pty
import subprocess

from conftest import BINARY, DEAD, INPUT, article, child_environment, wait_for

DONE, WORK_LEFT, USAGE = 0, 1, 64
BINARY_VALUE = b"{\x00\xff\x1b[31m\r\n\xe2\x80\xae not JSON"


def dead(world, *arguments, **settings):
    options = []
    for key, value in settings.items():
        options += ["-X", f"{key.replace('__', '.')}={value}"]
    return subprocess.run(
        [BINARY, "dead", *map(str, arguments), "-b", world.broker.bootstrap, "-X", "kafka.consumer.fetch.wait.max.ms=10",
         *options],
        capture_output=True, env={**child_environment(), "TERM": "dumb"}, timeout=60, check=False,
    )  # fmt: skip


def header(message, name):
    values = [value for key, value in message.headers() or [] if key == name]
    assert len(values) == 1, f"{name}: {values}"
    return values[0].decode()


def listed(world, *arguments):
    result = dead(world, "list", "--json", *arguments)
    assert result.returncode == DONE, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


def place(letter):
    return f"{letter['partition']}@{letter['offset']}"


def send_poison(world, values, **more):
    before = len(world.dead.messages)
    for number, value in enumerate(values):
        world.topics.send(value, key=f"p{before + number}", headers=[("n", b"\x00\xff"), ("empty", None)],
                          timestamp=1700000000000 + number, **more)
    world.topics.flush()
    world.dead.read_until(lambda messages: len(messages) == before + len(values), "the letters")


def start(world, **settings):
    world.start_broker()
    run = world.start_run("run", **settings).wait_assigned()
    world.dead = world.reader(DEAD)
    return run


def test_list_shows_each_letter_and_its_filters_choose(world):
    start(world, input__max__bytes=2000)
    send_poison(world, [b"{", b"[]", b'{"title":"' + b"a" * 3000 + b'"}', BINARY_VALUE])

    result = dead(world, "list")
    assert result.returncode == DONE
    lines = result.stdout.decode().splitlines()
    assert len(lines) == 4 and all("news.raw/" in line and "decode" in line for line in lines)
    summary = result.stderr.decode()
    assert "2 undecodable (" in summary and "1 oversized (" in summary and "1 invalid (2 bytes)" in summary
    assert "4 of the 4 letters in news.dead" in summary

    letters = listed(world)
    assert sorted(letter["key"] for letter in letters) == ["p0", "p1", "p2", "p3"]
    for letter in letters:
        assert letter["origin"]["topic"] == INPUT and letter["attempts"] == 1 and letter["state"] == "open"
        assert letter["timestamp"].startswith("2023-11-14T22:13:20.00") and letter["failed_at"] > "2024"
    assert [letter["reason"] for letter in listed(world, "--reason", "oversized")] == ["oversized"]
    assert len(listed(world, "--reason", "oversized", "--reason", "invalid")) == 2
    assert len(listed(world, "--limit", "3")) == 3
    assert listed(world, "--reason", "oversise") == []

    # by when they died, not by the messages' own time, which is years ago
    died = sorted(letter["failed_at"] for letter in letters)
    assert len(listed(world, "--since", "1h")) == 4 == len(listed(world, "--since", died[0]))
    assert listed(world, "--since", "2099-01-01") == [] == listed(world, "--until", died[0])
    assert len(listed(world, "--since", "2023-11-14", "--until", "2023-11-15")) == 0

    origin = letters[0]["origin"]
    whole = f"{INPUT}/{origin['partition']}@{origin['offset']}"
    assert [place(letter) for letter in listed(world, "--origin", whole)] == [place(letters[0])]
    assert len(listed(world, "--origin", INPUT)) == 4 and listed(world, "--origin", "other") == []
    assert all(letter["origin"]["partition"] == origin["partition"]
               for letter in listed(world, "--origin", f"{INPUT}/{origin['partition']}"))  # fmt: skip


def test_show_gives_the_bytes_and_obeys_none_of_them(world):
    start(world)
    send_poison(world, [BINARY_VALUE])
    letter = listed(world)[0]

    raw = dead(world, "show", place(letter), "--raw")
    assert raw.returncode == DONE and raw.stdout == BINARY_VALUE
    shown = dead(world, "show", place(letter))
    assert shown.returncode == DONE
    for byte in (b"\x1b", b"\x00", b"\xff", b"\r", b"\xe2\x80\xae"):
        assert byte not in shown.stdout, byte
    text = shown.stdout.decode()
    assert "\\x1b[31m\\x0d\n\\u202e not JSON" in text
    for line in ("  n: \\x00\\xff", "  empty (no value)", "reason    undecodable", "key       p0", "attempts  1"):
        assert f"\n{line}\n" in text, text
    gone = dead(world, "show", "0@999999", place(letter), "77@0")
    assert gone.returncode == WORK_LEFT and b"2 of these letters are not in news.dead" in gone.stderr
    assert b"not JSON" in gone.stdout


def test_a_replay_keeps_all_and_the_id_and_is_not_repeated(world):
    run = start(world, input__max__bytes=2000)
    # without id and url: the id is made of topic, partition and offset
    document = json.loads(article(1, size=3000))
    del document["id"], document["url"]
    value = json.dumps(document).encode()
    send_poison(world, [value, b"{"])
    first = {letter["reason"]: letter for letter in listed(world)}
    origin = first["oversized"]["origin"]
    assert run.stop() == 0

    rehearsal = dead(world, "replay", "--dry-run")
    assert rehearsal.returncode == DONE and len(rehearsal.stdout.splitlines()) == 2
    assert b"2 would be sent to news.raw" in rehearsal.stderr
    result = dead(world, "replay")
    assert result.returncode == DONE and b"2 sent to news.raw" in result.stderr, result.stderr
    again = dead(world, "replay")
    assert again.returncode == DONE and b"no letter to send" in again.stderr
    assert b"not again: 2 replayed before" in again.stderr
    assert listed(world) == [] and [letter["state"] for letter in listed(world, "--all")] == ["replayed"] * 2

    input_records = world.reader(INPUT)
    input_records.read_until(lambda messages: len(messages) == 4, "both twice")
    for sent, came_back in ((0, 2), (1, 3)):
        records = [message for message in input_records.messages if message.key() == f"p{sent}".encode()]
        assert len(records) == 2 and records[0].value() == records[1].value()
        assert records[0].partition() == records[1].partition()
        assert records[0].timestamp() == records[1].timestamp()
        assert records[1].headers()[:2] == records[0].headers()
        assert header(records[1], "tocsin.dead.attempts") == "1"

    world.start_run("mended").wait_assigned()
    output = world.reader()
    output.read_until(lambda messages: len(messages) == 1, "the mended article")
    message = output.messages[0]
    assert json.loads(message.value())["id"] == f"o:{INPUT}/{origin['partition']}/{origin['offset']}"
    assert message.key() == b"p0" and message.timestamp()[1] == 1700000000000
    assert message.headers() == [("n", b"\x00\xff"), ("empty", None)], "none of the letter's own"

    # the other one dies a second time: still the same message, and open again
    wait_for(lambda: len(listed(world)) == 1, "the second death", every=0.1)
    letter = listed(world)[0]
    assert letter["attempts"] == 2 and letter["origin"] == first["undecodable"]["origin"]
    assert letter["first_failed_at"] == first["undecodable"]["first_failed_at"] < letter["failed_at"]
    assert b"1 sent to news.raw" in dead(world, "replay").stderr
    wait_for(lambda: len(listed(world)) == 1, "the third death", every=0.1)
    letter = listed(world)[0]
    assert letter["attempts"] == 3 and letter["origin"] == first["undecodable"]["origin"]
    named = dead(world, "replay", place(first["oversized"]))
    assert named.returncode == DONE and b"1 sent to news.raw" in named.stderr, "who names a letter means it"


def test_a_bare_letter_is_sent_back_from_its_file_and_never_from_another(world):
    spool = world.folder / "spool"
    spool.mkdir()
    run = start(world, dead__spool_dir=spool,
                **{"kafka.producer.message.max.bytes": 200000, "output.max.bytes": 100000})  # fmt: skip
    values = [b"{" + bytes(range(256)) * 2000, b"{" + bytes(range(255, -1, -1)) * 2000]
    send_poison(world, values)
    assert run.stop() == 0
    letters = {letter["key"]: letter for letter in listed(world)}
    assert all(letter["bare"] and letter["size"] == len(values[0]) for letter in letters.values())
    shown = dead(world, "show", place(letters["p0"])).stdout.decode()
    assert f"left out: {len(values[0])} bytes" in shown and letters["p0"]["spooled"] in shown
    assert dead(world, "show", "--raw", place(letters["p0"])).stdout == values[0]

    with open(letters["p1"]["spooled"], "r+b") as file:
        file.write(b"[")
    result = dead(world, "replay")
    assert result.returncode == WORK_LEFT
    assert b"its SHA-256 is not that of the letter" in result.stderr and b"1 left out" in result.stderr
    assert b"1 sent to news.raw" in result.stderr
    input_records = world.reader(INPUT)
    input_records.read_until(lambda messages: len(messages) == 3, "the one that came back")
    came_back = [message.value() for message in input_records.messages if message.key() == b"p0"]
    assert came_back == [values[0]] * 2 and hashlib.sha256(came_back[1]).hexdigest()
    assert [letter["key"] for letter in listed(world)] == ["p1"]


def test_a_letter_that_names_no_real_place_goes_to_the_input_topic(world):
    start(world)
    send_poison(world, [b"{"])
    letter = world.dead.messages[0]
    headers = [(name, b"no/topic" if name == "__connect.errors.topic" else value) for name, value in letter.headers()]
    world.topics.send(b"x", headers=headers, topic=DEAD)
    world.topics.flush()
    letters = listed(world)
    assert len(letters) == 2 and sum("origin" in letter for letter in letters) == 1, "that is no topic's name"
    result = dead(world, "replay")
    assert result.returncode == DONE and b"2 sent to news.raw" in result.stderr


def test_many_letters_at_a_terminal_need_a_yes(world):
    start(world)
    send_poison(world, [b"{"] * 101)

    def at_a_terminal(*arguments):
        ours, theirs = pty.openpty()
        child = subprocess.Popen(
            [BINARY, "dead", "replay", "-b", world.broker.bootstrap, *arguments], stderr=theirs, stdin=theirs,
            stdout=subprocess.DEVNULL, env={**child_environment(), "TERM": "xterm"},
        )  # fmt: skip
        os.close(theirs)
        text = b""
        while True:
            try:
                more = os.read(ours, 4096)
            except OSError:  # that is how a terminal says that nobody writes any more
                more = b""
            if not more:
                break
            text += more
        os.close(ours)
        return child.wait(60), text.decode()

    code, text = at_a_terminal()
    assert code == USAGE and "101 letters would be sent; look at them with --dry-run, then add --yes" in text
    assert len(listed(world)) == 101
    code, text = at_a_terminal("--limit", "100")
    assert code == DONE and "100 sent to news.raw" in text and "1 beyond --limit" in text
    code, text = at_a_terminal("--all", "--yes")
    assert code == DONE and "sent to news.raw" in text


def test_usage_is_explained(world):
    world.start_broker()
    for arguments, expected in (
        (["lst"], 'did you mean "list"?'),
        (["show"], "PARTITION@OFFSET is missing"),
        (["list", "3@1"], "`dead show 3@1` shows one letter"),
        (["show", "3"], '"3" is no letter, expected PARTITION@OFFSET'),
        (["list", "--dry-run"], "--dry-run does not belong to `dead list`"),
        (["replay", "0@1", "--reason", "x"], "--reason and PARTITION@OFFSET exclude each other"),
        (["list", "--since", "soon"], '--since is "soon", expected a time'),
        (["list", "--origin", "a/b"], '--origin is "a/b"'),
    ):
        result = dead(world, *arguments)
        assert result.returncode == USAGE and expected in result.stderr.decode(), result.stderr
    assert listed(world) == []
