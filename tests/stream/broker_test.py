"""Brokers go and come back, and refuse things: the stream waits and tries again; only what can never pass stops it.

Refusals are ordered before `run` starts and after the test's own producer is done, so that they meet ours alone.
"""

from conftest import DEAD, SANITIZED, article, ids

ARTICLES = 300 if SANITIZED else 1000


def send(world, numbers):
    for number in numbers:
        world.topics.send(article(number), key=f"k{number % 10}")
    world.topics.flush()


def test_a_broker_that_was_down_is_waited_for(world):
    world.start_broker()
    run = world.start_run("run", kafka__reconnect__backoff__max__ms=500).wait_assigned()
    output = world.reader()
    send(world, range(ARTICLES))
    output.read_until(lambda messages: len(messages) > 0, "it has begun")
    world.broker.command("down 1")
    run.wait_logged("kafka")
    world.broker.command("up 1")
    send(world, range(ARTICLES, 2 * ARTICLES))
    output.read_until(lambda _: len(output.seen) == 2 * ARTICLES, "all articles")
    assert run.stop() == 0
    assert output.seen == ids(range(2 * ARTICLES))


def test_errors_that_pass_are_tried_again(world):
    world.start_broker()
    send(world, range(ARTICLES))
    for error in ("NOT_ENOUGH_REPLICAS", "NOT_LEADER_FOR_PARTITION", "REQUEST_TIMED_OUT", "_TRANSPORT"):
        world.broker.command(f"error Produce {error} 1")
    run = world.start_run()
    output = world.reader()
    output.read_until(lambda _: len(output.seen) == ARTICLES, "all articles")
    assert run.stop() == 0
    assert output.seen == ids(range(ARTICLES))


def test_a_request_refused_for_one_record_is_sent_again_one_by_one(world):
    """A broker refuses the whole request: none of its records may be taken for the one that is too large."""
    world.start_broker(partitions=1)
    send(world, range(20))
    world.broker.command("error Produce MSG_SIZE_TOO_LARGE 1")
    run = world.start_run("run", kafka__producer__linger__ms=100)
    output = world.reader()
    output.read_until(lambda _: len(output.seen) == 20, "all articles")
    assert run.stop() == 0
    assert output.ids() == [f"a{number}" for number in range(20)], "each once, and in order"
    assert " dead=0 " in run.text()


def test_a_record_that_is_refused_alone_goes_to_the_dead_letters(world):
    world.start_broker(partitions=1)
    send(world, range(20))
    world.broker.command("error Produce MSG_SIZE_TOO_LARGE 2")  # the request of all, then that of the first alone
    run = world.start_run("run", **{"kafka.producer.linger.ms": 100, "kafka.producer.max.in.flight": 1})
    output, dead = world.reader(), world.reader(DEAD)
    dead.read_until(lambda messages: len(messages) == 1, "one dead letter")
    output.read_until(lambda _: len(output.seen) == 19, "the others")
    assert run.stop() == 0
    assert dict(dead.messages[0].headers())["tocsin.dead.reason"] == b"oversized"
    assert sorted(output.ids() + [dead_id(dead)]) == sorted(ids(range(20)))


def dead_id(dead):
    return next(iter(dead.seen))


def test_what_cannot_pass_now_makes_the_stream_wait_and_loses_nothing(world):
    """No rights on the topic, a client that lost count: it stays, says why, and goes on in order with a new client."""
    for error in ("TOPIC_AUTHORIZATION_FAILED", "OUT_OF_ORDER_SEQUENCE_NUMBER"):
        world.start_broker(partitions=1)
        send(world, range(50))
        world.broker.command(f"error Produce {error} 3")
        run = world.start_run(f"refused-{error}")
        output = world.reader()
        output.read_until(lambda _: len(output.seen) == 50, "all articles")
        assert run.stop() == 0
        assert run.has_logged("producer_renewed")
        firsts = list(dict.fromkeys(output.ids()))
        assert firsts == [f"a{number}" for number in range(50)]
        if error == "TOPIC_AUTHORIZATION_FAILED":
            assert run.has_logged("waiting") and "authorization failed" in run.text()
