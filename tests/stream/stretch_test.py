"""A stretch of the input is read again: once, to its end, beside the stream, which does not notice."""

import json
import time

from conftest import DEAD, article, ids, wait_for


def stretch(world, *arguments, name="stretch", redis=None, **settings):
    run = world.start_run(name, redis, arguments=arguments, **settings)
    run.may_end = True
    return run


def test_a_stretch_ends_by_itself_and_fires_no_events(world):
    world.start_broker()
    redis = world.start_redis()
    for number in range(200):
        world.topics.send(article(number, with_mention=number % 10 < 2), key=f"k{number % 20}")
    world.topics.send(b"poison", key="poison")
    world.topics.flush()
    again = stretch(world, "--from", "1h", redis=redis)
    assert again.wait() == 0, again.text()[-3000:]
    output, dead = world.reader(), world.reader(DEAD)
    output.read_until(lambda messages: len(messages) == 200, "all articles")
    dead.read_until(lambda messages: len(messages) == 1, "the poison")
    mentions = redis.mentions()
    assert len(mentions) >= 40 and redis.events() == []
    assert "event=stretch read=201 of=201 percent=100 articles=201" in again.text()

    # once more: the same ids, and nothing new for Redis
    assert stretch(world, "--from", "1h", name="more", redis=redis).wait() == 0
    output.read_until(lambda messages: len(messages) == 400, "all articles again")
    assert sorted(output.ids()) == sorted(2 * list(ids(range(200))))
    assert redis.mentions().keys() == mentions.keys() and redis.events() == []

    # the stream begins where it would have begun; mentions that a stretch has written fire no event any more
    run = world.start_run("run", redis).wait_assigned()
    output.read_until(lambda messages: len(messages) == 600, "the stream's own")
    assert run.stop() == 0
    assert " consumed=201 " in run.text() and redis.events() == []


def test_only_what_lies_in_the_stretch_is_read(world):
    world.start_broker()
    now = int(time.time() * 1000)
    for number in range(100):
        world.topics.send(article(number), key=f"k{number}", timestamp=now - (100 - number) * 60_000)
    world.topics.flush()
    run = stretch(world, "--from", "3600s", "--until", "1800s")  # the embedded broker keeps no index of times
    assert run.wait() == 0, run.text()[-3000:]
    output = world.reader()
    output.read_until(lambda messages: len(messages) >= 29, "the middle")
    numbers = sorted(int(each[1:]) for each in output.ids())
    assert numbers == list(range(numbers[0], numbers[-1] + 1)), "all of it"
    assert abs(numbers[0] - 40) <= 1 and abs(numbers[-1] - 69) <= 1, numbers

    run = stretch(world, "--from", "2099-01-01", name="none")
    assert run.wait() == 0, "an empty stretch is no error"
    assert " consumed=0 " in run.text()


def test_a_stretch_that_is_broken_off_says_so(world):
    world.start_broker()
    for number in range(50):
        world.topics.send(article(number, with_mention=True), key=f"k{number}")
    world.topics.flush()
    # Redis is required and not there: nothing can be finished
    run = stretch(world, "--from", "1h", redis="redis://127.0.0.1:1/0", stop__timeout="1s")
    run.wait_logged("assigned")
    wait_for(lambda: "event=stretch " in run.text() and "percent=100" in run.text(), "all is read")
    assert run.stop() == 1
    assert "left=" in run.text() and json.dumps("left=0 ")[1:-1] not in run.text().split("event=end")[1]


def test_exactly_once_is_refused_with_the_reason(world):
    world.start_broker()
    run = stretch(world, "--from", "1h", delivery="exactly_once")
    assert run.wait() == 78
    assert "say -X delivery=at_least_once" in run.text()
