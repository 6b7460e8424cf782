"""At least once: `kill -9` at random moments under load loses nothing, and Redis has everything once.

The seed of the moments is printed; TOCSIN_SEED repeats a run.
"""

import os
import random
import threading

from conftest import SANITIZED, article, ids, wait_for

KILLS = 10
PER_LIFE = 150 if SANITIZED else 400
MENTION_EVERY = 5


class Load(threading.Thread):
    """Publishes without end, a little ahead of what was read, so that the mock's 5 MiB a partition are never passed."""

    def __init__(self, topics, rate_of):
        super().__init__(daemon=True)
        self.topics = topics
        self.rate_of = rate_of
        self.sent = 0
        self.enough = threading.Event()

    def run(self):
        while not self.enough.is_set():
            if self.sent >= self.rate_of():
                self.enough.wait(0.005)
                continue
            self.topics.send(article(self.sent, with_mention=self.sent % MENTION_EVERY == 0), key=f"k{self.sent % 50}")
            self.sent += 1


def test_ten_kills_lose_nothing(world):
    seed = int(os.environ.get("TOCSIN_SEED", random.randrange(1 << 32)))
    print(f"TOCSIN_SEED={seed}")
    chance = random.Random(seed)

    world.start_broker()
    redis = world.start_redis()
    output = world.reader()
    load = Load(world.topics, lambda: len(set_seen(output)) + PER_LIFE)
    load.start()
    name_of_life = "life-{}".format
    for life in range(KILLS):
        run = world.start_run(name_of_life(life), redis, commit__interval="20ms", batch__max__count=chance.choice([1, 16, 256]))
        run.wait_assigned()
        before = len(output.read())
        wanted = chance.randrange(1, PER_LIFE)
        wait_for(
            lambda: len(output.read(0.005)) >= before + wanted,
            f"{wanted} more articles in life {life}",
            every=0,
        )
        run.kill()
    load.enough.set()
    load.join()
    world.topics.flush()

    last = world.start_run("last", redis)
    output.read_until(lambda _: len(set_seen(output)) >= load.sent, f"all {load.sent} articles")
    assert last.stop() == 0
    assert set(output.ids()) == ids(range(load.sent))

    mentions = redis.mentions()
    assert mentions, "articles with mentions were among them"
    events = redis.events()
    assert sorted(event["id"] for event in events) == sorted(mentions), "one event for each mention, and only one"
    assert sorted(redis.latest()) == sorted(mentions)
    print(f"articles={load.sent} records={len(output.messages)} mentions={len(mentions)}")


def set_seen(output):
    """Ids read so far; each message is parsed once."""
    seen = output.__dict__.setdefault("seen", set())
    parsed = output.__dict__.setdefault("parsed", 0)
    import json

    for message in output.messages[parsed:]:
        seen.add(json.loads(message.value())["id"])
    output.parsed = len(output.messages)
    return seen
