"""At least once: `kill -9` at random moments under load loses nothing, and Redis has everything once.

The seed of the moments is printed when the test fails; TOCSIN_SEED repeats a run.
"""

import os
import random
import threading
from concurrent.futures import ThreadPoolExecutor

from conftest import SANITIZED, article, ids, wait_for

STREAMS, KILLS = 2, 5  # two streams at once: after each kill the mock's group takes 7 s to let the next one in
AHEAD = 150 if SANITIZED else 400
MENTION_EVERY = 5


class Load(threading.Thread):
    """Publishes without end, a little ahead of what was read, so that the mock's 5 MiB a partition are never passed."""

    def __init__(self, topics, output):
        super().__init__(daemon=True)
        self.topics = topics
        self.output = output
        self.sent = 0
        self.enough = threading.Event()

    def run(self):
        while not self.enough.is_set():
            if self.sent >= len(self.output.seen) + AHEAD:
                self.enough.wait(0.005)
                continue
            self.topics.send(article(self.sent, with_mention=self.sent % MENTION_EVERY == 0), key=f"k{self.sent % 50}")
            self.sent += 1


def kill_again_and_again(world, seed):
    chance = random.Random(seed)
    world.start_broker()
    redis = world.start_redis()
    output = world.reader()
    load = Load(world.topics, output)
    load.start()
    for life in range(KILLS):
        run = world.start_run(
            f"life-{life}", redis, commit__interval="20ms", batch__max__count=chance.choice([1, 16, 256])
        )
        run.wait_assigned()
        wanted = len(output.messages) + chance.randrange(1, AHEAD)
        wait_for(lambda: len(output.read_some()) >= wanted, f"{wanted} records in life {life}", every=0)
        run.kill()
    load.enough.set()
    load.join()
    world.topics.flush()

    last = world.start_run("last", redis)
    output.read_until(lambda _: len(output.seen) >= load.sent, f"all {load.sent} articles")
    assert last.stop() == 0
    assert output.seen == ids(range(load.sent))

    mentions = redis.mentions()
    articles_with_mentions = {mention["article"]["id"] for mention in mentions.values()}
    assert articles_with_mentions == ids(range(0, load.sent, MENTION_EVERY))
    assert sorted(event["id"] for event in redis.events()) == sorted(mentions), "one event for each mention"
    assert sorted(redis.latest()) == sorted(mentions)


def test_ten_kills_lose_nothing(worlds):
    seed = int(os.environ.get("TOCSIN_SEED", random.randrange(1 << 32)))
    print(f"TOCSIN_SEED={seed}")
    with ThreadPoolExecutor() as pool:
        streams = [pool.submit(kill_again_and_again, worlds(), seed + number) for number in range(STREAMS)]
    for stream in streams:
        stream.result()
