"""`broker`, `feed`, `check --connect` and `run` as processes that find each other."""

import contextlib
import json
import re
import signal
import subprocess
import time

import confluent_kafka
import pytest
from conftest import BINARY, CONFIGURATION, DONE, SAMPLES, UNREACHABLE, WORK_LEFT, article, call, environment, json_lines


@contextlib.contextmanager
def broker(*arguments, stdin=subprocess.PIPE):
    child = subprocess.Popen([BINARY, "broker", *arguments], stdin=stdin, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, env=environment())
    try:
        child.bootstrap = child.stdout.readline().decode().strip()
        yield child
    finally:
        if child.poll() is None:
            child.terminate()
        child.communicate(timeout=30)


def command(child, line):
    child.stdin.write(line.encode() + b"\n")
    child.stdin.flush()
    return child.stdout.readline().decode().strip()


def read_topic(bootstrap, topic, n=1, seconds=60, until=None):
    """Messages from the beginning: the first n, or as many as it takes until one is as wanted."""
    consumer = confluent_kafka.Consumer({"bootstrap.servers": bootstrap, "group.id": "test", "fetch.wait.max.ms": 10,
                                         "enable.auto.commit": False})
    partitions = consumer.list_topics(topic, 10).topics[topic].partitions
    consumer.assign([confluent_kafka.TopicPartition(topic, p, 0) for p in partitions])
    messages, deadline = [], time.monotonic() + seconds
    while time.monotonic() < deadline and not (any(map(until, messages[-1:])) if until else len(messages) >= n):
        message = consumer.poll(0.2)
        if message is not None and message.error() is None:
            messages.append(message)
    consumer.close()
    return messages


def has_mentions(message):
    return bool(json.loads(message.value())["escalation"]["mentions"])


def test_the_broker_obeys_commands_and_ends_by_signal_or_quit():
    with broker("--brokers", "2", "--partitions", "5", "--topic", "more:3") as child:
        assert re.fullmatch(r"127\.0\.0\.1:\d+,127\.0\.0\.1:\d+", child.bootstrap)
        topics = confluent_kafka.Consumer({"bootstrap.servers": child.bootstrap, "group.id": "t"}).list_topics("more", 10)
        assert len(topics.topics["more"].partitions) == 3
        assert command(child, "down 1") == command(child, "up 1") == command(child, "rtt 1 20") == "ok"
        assert command(child, "error Produce NOT_ENOUGH_REPLICAS 3") == command(child, "error 1 -195 1") == "ok"
        assert command(child, "error Prodcue 1 1") == 'error: there is no API "Prodcue"; did you mean "Produce"?'
        assert command(child, "down 3") == "error: there is no broker 3, they are 1 to 2"
        assert command(child, "dance").startswith("error: expected: down N")
        child.stdin.write(b"quit\n")
        child.stdin.flush()
        assert child.wait(30) == DONE
    with broker(stdin=subprocess.DEVNULL) as child:  # the end of stdin does not end it
        assert child.bootstrap and child.poll() is None
        child.terminate()
        assert child.wait(30) == DONE


def test_feed_publishes_lines_as_they_are(tmp_path):
    lines = [b'{"id": "one", "body": "x"}', b'{"url": "https://u.example/", "body": "y"}', b"no JSON \xff", b'"string"']
    (tmp_path / "feed").write_bytes(b"\n".join(lines))
    with broker() as child:
        result = call("feed", "-b", child.bootstrap, tmp_path / "feed")
        assert result.returncode == DONE, result.stderr
        messages = {m.value(): m for m in read_topic(child.bootstrap, "news.raw", 4)}
    assert set(messages) == set(lines)
    assert messages[lines[0]].key() == b"one" and messages[lines[1]].key() == b"https://u.example/"
    assert messages[lines[2]].key() is None and messages[lines[3]].key() is None


def test_feed_repeats_as_new_articles_at_the_rate_asked_for(tmp_path):
    (tmp_path / "feed").write_bytes(json_lines([article(n) for n in range(5)]))
    with broker() as child:
        before = time.monotonic()
        result = call("feed", "-b", child.bootstrap, "-t", "other", "--rate", "20", "--limit", "20", "--repeat", "--fresh",
                      tmp_path / "feed")
        took = time.monotonic() - before
        assert result.returncode == DONE, result.stderr
        keys = [m.key().decode() for m in read_topic(child.bootstrap, "other", 20)]
    assert sorted(keys) == sorted(f"a-{n}-{r}" for n in range(5) for r in range(1, 5))
    assert took >= 0.9


def test_feed_goes_on_until_it_is_stopped(tmp_path):
    (tmp_path / "feed").write_bytes(json_lines([article(1)]))
    with broker() as child:
        feed = subprocess.Popen([BINARY, "feed", "-b", child.bootstrap, "--rate", "100", "--repeat", tmp_path / "feed"],
                                stderr=subprocess.PIPE, env=environment())
        assert len(read_topic(child.bootstrap, "news.raw", 20)) == 20
        assert feed.poll() is None
        feed.send_signal(signal.SIGINT)
        _, errors = feed.communicate(timeout=30)
    assert feed.returncode == DONE and b"0 failed" in errors


def test_without_a_broker_feed_and_check_say_so_and_exit_69():
    result = call("feed", "-b", "127.0.0.1:1", SAMPLES / "feed.jsonl")
    assert result.returncode == UNREACHABLE
    assert b"tocsin feed: 127.0.0.1:1: no Kafka broker answered" in result.stderr
    result = call("check", "--connect", "-b", "127.0.0.1:1", "-X", "redis.url=redis://127.0.0.1:1")
    assert result.returncode == UNREACHABLE
    assert re.search(rb"^FAIL +brokers +127\.0\.0\.1:1", result.stdout, re.M)
    assert re.search(rb"^FAIL +redis ", result.stdout, re.M)


def test_check_connects(tmp_path):
    with broker("--partitions", "6") as child:
        result = call("check", "--connect", "-b", child.bootstrap, "-X", "redis.url=")
    assert result.returncode == DONE, result.stdout
    assert re.search(rb"^ok +topic +news\.raw: 6 partitions, 3 copies$", result.stdout, re.M)
    assert re.search(rb"^ok +redis +not used", result.stdout, re.M)


def test_check_finds_properties_that_contradict_each_other():
    result = call("check", "-X", "kafka.sasl.mechanism=NONSENSE", "-X", "kafka.security.protocol=sasl_plaintext")
    assert result.returncode == CONFIGURATION and re.search(rb"^FAIL +kafka ", result.stdout, re.M)


def test_run_without_a_broker_ends_with_69():
    result = call("run", "-b", "127.0.0.1:1", "-X", "redis.url=", timeout=120)
    assert result.returncode == UNREACHABLE, result.stderr


def test_run_logs_its_settings_and_stops_on_sigterm():
    with broker() as child:
        run = subprocess.Popen([BINARY, "run", "-b", child.bootstrap, "-X", "redis.url=", "-X", "kafka.session.timeout.ms=4000",
                                "-X", "kafka.sasl.password=hunter2"], stderr=subprocess.PIPE, env=environment())
        lines = []
        for line in run.stderr:
            lines.append(line)
            if b"event=assigned" in line:
                break
        run.send_signal(signal.SIGHUP)
        run.send_signal(signal.SIGTERM)
        rest = run.stderr.read()
        assert run.wait(60) == DONE, rest
    text = b"".join(lines)
    assert b"event=setting key=kafka.bootstrap.servers value=" + child.bootstrap.encode() in text
    assert b"key=kafka.sasl.password value=********" in text and b"hunter2" not in text + rest
    assert b"event=end result=ok" in rest
    assert all(re.match(rb"ts=\S+Z level=\w+ event=\w+", line) for line in lines + rest.splitlines())


def test_a_second_signal_ends_run_at_once():
    with broker() as child:
        run = subprocess.Popen([BINARY, "run", "-b", child.bootstrap, "-X", "redis.url=unix:///nonexistent/redis.sock",
                                "-X", "stop.timeout=10m", "-X", "kafka.session.timeout.ms=4000"],
                               stderr=subprocess.PIPE, env=environment())
        for line in run.stderr:
            if b"event=assigned" in line:
                break
        # a mention that Redis cannot be told of keeps its batch: the first signal waits for it
        call("feed", "-b", child.bootstrap, SAMPLES / "feed.jsonl")
        stuck = read_topic(child.bootstrap, "news.enriched", until=has_mentions)
        assert stuck and has_mentions(stuck[-1])
        run.send_signal(signal.SIGTERM)
        with pytest.raises(subprocess.TimeoutExpired):  # it waits for what is under way
            run.wait(1)
        before = time.monotonic()
        run.send_signal(signal.SIGTERM)
        rest = run.stderr.read()
        assert run.wait(30) == WORK_LEFT, rest
        assert time.monotonic() - before < 15
