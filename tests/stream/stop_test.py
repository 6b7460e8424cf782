"""SIGTERM finishes what is under way and leaves nothing behind; a second one does not wait."""

import signal
import time

from conftest import SANITIZED, article, ids, wait_for

ARTICLES = 1500 if SANITIZED else 6000


def test_sigterm_in_the_middle_of_load_loses_and_doubles_nothing(world):
    world.start_broker()
    redis = world.start_redis()
    first = world.start_run("first", redis)
    first.wait_assigned()
    output = world.reader()
    for number in range(ARTICLES):
        world.topics.send(article(number, with_mention=number % 10 == 0), key=f"k{number % 20}")
        if number == ARTICLES // 3:
            output.read_until(lambda messages: len(messages) > 0, "it has begun")
            first.signal(signal.SIGTERM)
    world.topics.flush()
    assert first.wait() == 0
    assert " left=0 " in first.text()
    before = len(output.read())
    assert before < ARTICLES, "it was stopped in the middle"

    second = world.start_run("second", redis)
    output.read_until(lambda _: len(output.seen) == ARTICLES, "the rest")
    assert second.stop() == 0
    assert sorted(output.ids()) == sorted(ids(range(ARTICLES))), "no article came out twice"
    mentions = redis.mentions()
    assert {mention["article"]["id"] for mention in mentions.values()} == ids(range(0, ARTICLES, 10))
    assert sorted(event["id"] for event in redis.events()) == sorted(mentions)


def test_a_second_sigterm_ends_at_once_and_says_what_is_left(world):
    world.start_broker()
    run = world.start_run("run", "unix:///tmp/there-is-no-such-socket", stop__timeout="60s")
    run.wait_assigned()
    for number in range(100):
        world.topics.send(article(number, with_mention=True))
    world.topics.flush()
    output = world.reader()
    output.read_until(lambda messages: len(messages) > 0, "work is under way")
    run.signal(signal.SIGTERM)
    run.wait_logged("stop")
    assert run.is_running(), "the first one waits for Redis"
    began = time.monotonic()
    run.signal(signal.SIGTERM)
    assert run.wait() == 1
    assert time.monotonic() - began < (10 if SANITIZED else 3)
    assert " result=work_left " in run.text()


def test_stopping_while_nothing_happens_is_quick(world):
    world.start_broker()
    run = world.start_run().wait_assigned()
    began = time.monotonic()
    assert run.stop() == 0
    assert time.monotonic() - began < (10 if SANITIZED else 3)


def test_stopping_before_the_group_has_answered_is_clean(world):
    world.start_broker()
    run = world.start_run()
    run.wait_logged("started")
    assert run.stop() == 0


def test_sighup_swaps_the_words_with_articles_under_way(world):
    world.start_broker()
    run = world.start_run().wait_assigned()
    output = world.reader()
    sent = 0
    for turn in range(4):
        for _ in range(ARTICLES // 10):
            world.topics.send(article(sent, with_mention=True))
            sent += 1
        run.child.send_signal(signal.SIGHUP)
        run.wait_logged("reloaded", turn + 1)
    world.topics.flush()
    output.read_until(lambda _: len(output.seen) == sent, "all articles")
    assert run.stop() == 0
    assert sorted(output.ids()) == sorted(ids(range(sent)))


def test_sighup_with_a_broken_overlay_keeps_the_old_words(world):
    world.start_broker()
    overlay = world.folder / "overlay"
    overlay.mkdir()
    run = world.start_run("run", lexicon__overlay=overlay).wait_assigned()
    broken = overlay / "languages.tsv"
    broken.write_text("this is no table at all\n")
    run.child.send_signal(signal.SIGHUP)
    wait_for(lambda: "result=failed" in run.text(), "the reload fails")
    world.topics.send(article(1, with_mention=True))
    world.topics.flush()
    output = world.reader()
    output.read_until(lambda _: output.seen == {"a1"}, "the stream goes on")
    assert run.stop() == 0
