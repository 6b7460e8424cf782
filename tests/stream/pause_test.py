"""Back-pressure and rebalances at the same time: what was paused when it went away is read when it comes back."""

import signal

from conftest import article, ids

TIGHT = {"batches": "2", "batch__max__count": "10", "pause__after": "200ms", "drain__timeout": "1s"}


def test_a_partition_that_went_away_paused_is_read_when_it_comes_back(world):
    world.start_broker()
    redis = world.start_redis()
    first = world.start_run("first", redis, **TIGHT).wait_assigned()
    redis.child.send_signal(signal.SIGSTOP)
    for number in range(400):
        world.topics.send(article(number, with_mention=True), key=f"k{number % 40}")
    world.topics.flush()
    first.wait_logged("paused")
    second = world.start_run("second", redis, **TIGHT).wait_assigned()
    first.wait_logged("assigned", 2)
    redis.child.send_signal(signal.SIGCONT)
    first.wait_logged("resumed")
    output = world.reader()
    output.read_until(lambda _: len(output.seen) == 400, "all that waited")
    second.kill()
    first.wait_logged("assigned", 3)
    for number in range(400, 600):
        world.topics.send(article(number), key=f"k{number % 40}")
    world.topics.flush()
    output.read_until(lambda _: output.seen == ids(range(600)), "what came after", timeout=30)
    assert first.stop() == 0
