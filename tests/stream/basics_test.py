"""What every reader of the output may rely on: key, headers, timestamp and order travel along."""

import json

from conftest import DEAD, INPUT, OUTPUT, article, ids, wait_for


def test_every_article_comes_out_once_with_its_key_headers_and_timestamp(world):
    world.start_broker()
    run = world.start_run()
    trace = b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    headers = [("traceparent", trace), ("x", b"\x00\xff"), ("x", None)]
    for number in range(200):
        world.topics.send(article(number), key=f"k{number % 7}", headers=headers, timestamp=1700000000000 + number)
    world.topics.flush()
    output = world.reader()
    output.read_until(lambda messages: len(messages) >= 200, "200 articles")

    assert sorted(output.ids()) == sorted(ids(range(200)))
    for message in output.messages:
        number = int(json.loads(message.value())["id"][1:])
        assert message.key() == f"k{number % 7}".encode()
        assert message.headers() == headers
        assert message.timestamp()[1] == 1700000000000 + number
    by_key = {}
    for message in output.messages:
        number = int(json.loads(message.value())["id"][1:])
        assert by_key.get(message.key(), -1) < number, "articles with one key keep their order"
        by_key[message.key()] = number
    assert run.stop() == 0


def test_of_several_traceparents_the_first_is_kept(world):
    world.start_broker()
    world.start_run()
    world.topics.send(article(1), headers=[("traceparent", b"one"), ("a", b"b"), ("traceparent", b"two")])
    world.topics.flush()
    output = world.reader()
    output.read_until(lambda messages: len(messages) == 1, "the article")
    assert output.messages[0].headers() == [("traceparent", b"one"), ("a", b"b")]


def test_tombstones_are_left_out_or_passed_on_as_set(world):
    world.start_broker()
    skipping = world.start_run("skipping", output__topic=OUTPUT)
    world.topics.send(None, key="gone")
    world.topics.send(article(1), key="here")
    world.topics.flush()
    output = world.reader()
    output.read_until(lambda messages: len(messages) == 1, "the article")
    assert skipping.stop() == 0
    assert " skipped=1 " in skipping.text()

    forwarding = world.start_run("forwarding", input__tombstones="forward")
    world.topics.send(None, key="gone", headers=[("why", b"deleted")])
    world.topics.flush()
    output.read_until(lambda messages: len(messages) == 2, "the tombstone")
    assert output.messages[1].value() is None
    assert output.messages[1].key() == b"gone"
    assert output.messages[1].headers() == [("why", b"deleted")]
    assert forwarding.stop() == 0


def test_what_was_committed_is_not_read_again(world):
    world.start_broker()
    for turn in range(2):
        run = world.start_run(f"turn{turn}")
        for number in range(turn * 50, turn * 50 + 50):
            world.topics.send(article(number))
        world.topics.flush()
        output = world.reader()
        output.read_until(lambda messages, n=turn * 50 + 50: len(messages) >= n, "this turn's articles")
        assert run.stop() == 0
        assert len(output.messages) == turn * 50 + 50
        assert " consumed=50 " in run.text()


def test_no_broker_ends_with_69_and_says_so(world):
    world.start_broker()
    world.broker.command("down 1")
    run = world.start_run(redis__url="")
    assert run.wait() == 69
    assert "no Kafka broker answered" in run.text()


def test_transactions_bring_each_article_and_dead_letter_once(world):
    """The embedded broker takes transactions but proves nothing of them; tests/live has the real one."""
    world.start_broker()
    world.start_redis()
    for number in range(200):
        world.topics.send(article(number, with_mention=True), key=f"k{number % 7}")
    world.topics.send(b"no article", key="k1")
    world.topics.flush()
    run = world.start_run(redis=world.redis, delivery="exactly_once")
    output, dead = world.reader(), world.reader(DEAD)
    output.read_until(lambda _: len(output.seen) == 200, "all articles")
    dead.read_until(lambda messages: len(messages) == 1, "the dead letter")
    assert run.stop() == 0
    assert sorted(output.ids()) == sorted(ids(range(200)))
    assert dead.messages[0].value() == b"no article"
    assert len(world.redis.events()) == len(world.redis.mentions()) == 200
