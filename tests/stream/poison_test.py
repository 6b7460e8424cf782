"""No message stops the stream: each is in the dead letters byte for byte, or was rightly enriched, or is a tombstone.

A thousand messages, most of them an article that was cut, bent or filled with something else.  The seed is printed when
the test fails; TOCSIN_SEED repeats a run.
"""

import hashlib
import json
import os
import random

from conftest import DEAD, SANITIZED, article, wait_for

MESSAGES = 1000
REASONS = {"undecodable", "invalid", "oversized", "undeliverable"}


def header(message, name):
    values = [value for key, value in message.headers() or [] if key == name]
    assert len(values) == 1, f"{name}: {values}"
    return values[0].decode()


UNWELCOME = [b"\xff\xfe", b"\xed\xa0\x80", b"\xc0\x80", b"\xf5\x80\x80\x80", b"\x00", b"\\ud800", b"\\u0000"]


def bend(chance, whole):
    """One mutation of an article's bytes."""
    whole = bytearray(whole)
    at = chance.randrange(len(whole))
    kind = chance.randrange(8)
    if kind == 0:
        return bytes(whole[:at])
    if kind == 1:
        whole[at] = chance.randrange(256)
    elif kind == 2:
        whole[at:at] = bytes(chance.randrange(256) for _ in range(chance.randrange(1, 20)))
    elif kind == 3:
        del whole[at : at + chance.randrange(1, 50)]
    elif kind == 4:
        whole[at:at] = chance.choice(UNWELCOME)
    elif kind == 5:
        whole[at : at + 10] = whole[at : at + 10] * 3
    elif kind == 6:
        return bytes(whole) + bytes(whole[:at])
    else:
        return bytes(chance.randrange(256) for _ in range(chance.randrange(1, 300)))
    return bytes(whole)


def by_hand():
    deep = 100_000
    return [
        b"", b" ", b"null", b"true", b"0", b'"a"', b"[]", b"{}", b"[{}]", b"{", b'{"', b'{"body":', b"\xef\xbb\xbf{}",
        b"\xff\xff\xff\xff", b"\x00" * 100,
        b"[" * deep, b'{"a":' * deep, b'{"body":"x","extra":' + b"[" * deep + b"]" * deep + b"}",
        b'{"title":1}', b'{"body":[]}', b'{"body":{}}', b'{"html":false}', b'{"body":null}', b'{"title":"","body":""}',
        b'{"id":{},"body":"text"}', b'{"id":1e999,"body":"text"}',
        b'{"id":123456789012345678901234567890,"body":"text"}',
        b'{"body":"x","published_at":"the day before yesterday"}', b'{"body":"x","published_at":1e308}',
        b'{"body":"x","tags":[[[[1]]]]}', b'{"body":"x","body":"y"}', b"{'body':'x'}", b'{"body":"x"} trailing',
        json.dumps({"body": "a" * 900_000}).encode(), json.dumps({"html": "<b>" * 200_000}).encode(),
        json.dumps({"body": "<![CDATA[" * 1000}).encode(), json.dumps({"html": "&" * 300_000}).encode(),
        b"x" * 1_000_000, b'"' + b"\\" * 500_000, json.dumps({"body": "\u202e\u0000\uffff" * 1000}).encode(),
    ]  # fmt: skip


def test_a_thousand_broken_messages_stop_nothing_and_none_disappears(world):
    seed = int(os.environ.get("TOCSIN_SEED", random.randrange(1 << 32)))
    print(f"TOCSIN_SEED={seed}")
    chance = random.Random(seed)
    world.start_broker()
    redis = world.start_redis()
    run = world.start_run("run", redis).wait_assigned()
    output, dead = world.reader(), world.reader(DEAD)
    sent, n_tombstones = {}, 0
    messages = by_hand()
    while len(messages) < MESSAGES:
        messages.append(bend(chance, article(len(messages), with_mention=True)))
    messages[500:500] = [None] * 3
    chance.shuffle(messages)

    for number, value in enumerate(messages):
        key = f"m{number}".encode()
        sent[key] = value
        n_tombstones += value is None
        headers = [("n", str(number).encode()), ("bin", b"\x00\xff")]
        world.topics.send(value, key=key, headers=headers, timestamp=1700000000000)
        if number % 100 == 99:  # the mock keeps 5 MiB a partition
            world.topics.flush()
            wanted = number + 1 - n_tombstones
            wait_for(
                lambda: world.assert_well() or len(output.read_some()) + len(dead.read_some()) >= wanted,
                f"{wanted} answers; {len(output.messages)} enriched, {len(dead.messages)} dead", every=0,
            )  # fmt: skip
    world.topics.send(article(123456), key=b"sound")
    world.topics.flush()
    sent[b"sound"] = article(123456)
    output.read_until(lambda _: "a123456" in output.seen, "a sound article behind them all")
    wanted = len(sent) - n_tombstones
    wait_for(lambda: len(output.read_some()) + len(dead.read_some()) >= wanted, f"{wanted} answers", every=0)
    assert run.stop() == 0

    answered = [message.key() for message in output.messages + dead.messages]
    assert sorted(answered) == sorted(key for key, value in sent.items() if value is not None), "each once, none twice"
    for message in dead.messages:
        assert message.value() == sent[message.key()], "byte for byte"
        assert message.timestamp()[1] == 1700000000000
        assert message.headers()[:2] == [("n", message.key()[1:]), ("bin", b"\x00\xff")]
        assert header(message, "tocsin.dead.reason") in REASONS
        assert header(message, "tocsin.dead.attempts") == "1"
        assert header(message, "__connect.errors.topic") == "news.raw"
        assert header(message, "__connect.errors.stage")
        assert header(message, "__connect.errors.exception.message")
    for message in output.messages:
        json.loads(message.value())
    dead_values = {sent[message.key()] for message in dead.messages}
    for value in (b"", b"{", b"[" * 100_000, b"\xff\xff\xff\xff", b"null", b"[]"):
        assert value in dead_values, value[:20]


def test_a_dead_letter_that_comes_back_counts_its_attempts(world):
    world.start_broker()
    world.start_run().wait_assigned()
    dead = world.reader(DEAD)
    world.topics.send(b"{", key="k")
    world.topics.flush()
    dead.read_until(lambda messages: len(messages) == 1, "a dead letter")
    first = dead.messages[0]
    world.topics.send(first.value(), key=first.key(), headers=first.headers())
    world.topics.flush()
    dead.read_until(lambda messages: len(messages) == 2, "the same again")
    second = next(message for message in dead.messages if header(message, "tocsin.dead.attempts") != "1")
    assert header(second, "tocsin.dead.attempts") == "2"
    assert header(second, "tocsin.dead.first_failed_at") == header(first, "tocsin.dead.first_failed_at")


def test_a_value_too_large_for_the_dead_letters_leaves_its_checksum_and_a_file(world):
    world.start_broker()
    spool = world.folder / "spool"
    spool.mkdir()
    # The producer's own limit plays the topic's: what comes in may be larger than what may go out.
    limits = {"kafka.producer.message.max.bytes": 200000, "output.max.bytes": 100000}
    run = world.start_run("run", dead__spool_dir=spool, **limits)
    run.wait_assigned()
    value = b"{" + bytes(range(256)) * 2000
    world.topics.send(value, key="large", headers=[("a", b"b")])
    world.topics.send(article(1))
    world.topics.flush()
    dead, output = world.reader(DEAD), world.reader()
    dead.read_until(lambda messages: len(messages) == 1, "the letter")
    output.read_until(lambda _: output.seen == {"a1"}, "the article behind it")
    letter = dead.messages[0]
    assert letter.key() == b"large"
    assert not letter.value()
    assert letter.headers()[0] == ("a", b"b")
    assert header(letter, "tocsin.dead.size") == str(len(value))
    assert header(letter, "tocsin.dead.sha256") == hashlib.sha256(value).hexdigest()
    assert open(header(letter, "tocsin.dead.spooled"), "rb").read() == value
    assert run.stop() == 0


def test_an_article_whose_output_is_too_large_goes_to_the_dead_letters(world):
    world.start_broker()
    run = world.start_run("run", output__max__bytes=10000).wait_assigned()
    world.topics.send(article(1, size=50000), key="long")
    world.topics.send(article(2), key="short")
    world.topics.flush()
    dead, output = world.reader(DEAD), world.reader()
    dead.read_until(lambda messages: len(messages) == 1, "the long one")
    output.read_until(lambda _: output.seen == {"a2"}, "the short one")
    assert dead.messages[0].value() == article_value(dead.messages[0])
    assert header(dead.messages[0], "tocsin.dead.reason") == "oversized"
    assert run.stop() == 0


def article_value(message):
    document = json.loads(message.value())
    assert document["id"] == "a1" and len(document["body"]) >= 50000
    return message.value()
