"""Redis may restart, forget its scripts, drop connections, or not answer: each mention arrives, once."""

from conftest import SANITIZED, article, ids, wait_for

ARTICLES = 300 if SANITIZED else 600
MENTION_EVERY = 3


class Story:
    """A stream under steady load, with a Redis to which something happens in the middle of it."""

    def __init__(self, world, **settings):
        self.world = world
        world.start_broker()
        self.redis = world.start_redis()
        self.run = world.start_run("run", self.redis, batch__max__count=16, **settings)
        self.output = world.reader()
        self.sent = 0
        self.run.wait_assigned()

    def send(self, count):
        for _ in range(count):
            self.world.topics.send(article(self.sent, with_mention=self.sent % MENTION_EVERY == 0))
            self.sent += 1
        self.world.topics.flush()

    def wait_all_published(self):
        self.output.read_until(lambda _: len(self.output.seen) >= self.sent, f"{self.sent} articles")

    def wait_cached(self):
        wanted = ids(range(0, self.sent, MENTION_EVERY))
        wait_for(lambda: self.cached() == wanted, "every article with a mention has it in Redis")

    def cached(self):
        return {mention["article"]["id"] for mention in self.redis.mentions().values()}

    def assert_each_once(self):
        mentions = self.redis.mentions()
        assert self.cached() == ids(range(0, self.sent, MENTION_EVERY))
        assert sorted(event["id"] for event in self.redis.events()) == sorted(mentions)
        assert sorted(self.redis.latest()) == sorted(mentions)
        for event in self.redis.events():
            mention = mentions[event["id"]]
            assert event["article"] == mention["article"]["id"]
            assert int(event["rank"]) == mention["rank"]
            assert (event["direction"], event["kind"]) == (mention["direction"], mention["kind"])


def test_forgotten_scripts_are_loaded_again(world):
    story = Story(world)
    for _ in range(5):
        story.send(ARTICLES // 5)
        story.redis.client.script_flush()
    story.wait_all_published()
    assert story.run.stop() == 0
    story.assert_each_once()


def test_dropped_connections_are_made_again(world):
    story = Story(world)
    for _ in range(5):
        story.send(ARTICLES // 5)
        story.redis.client.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    story.wait_all_published()
    assert story.run.stop() == 0
    story.assert_each_once()


def test_a_redis_that_does_not_answer_delays_only(world):
    story = Story(world, redis__timeout="300ms")
    story.send(ARTICLES // 2)
    story.wait_all_published()
    story.redis.client.execute_command("CLIENT", "PAUSE", "1500", "ALL")
    story.send(ARTICLES // 2)
    story.wait_all_published()
    assert story.run.stop() == 0
    story.assert_each_once()
    assert story.run.has_logged("redis_down")


def test_a_redis_that_was_restarted_has_each_mention_once(world):
    story = Story(world)
    story.send(ARTICLES // 2)
    story.wait_all_published()
    story.wait_cached()
    story.redis.client.shutdown(save=False)
    story.redis.wait()
    story.send(ARTICLES // 2)
    story.run.wait_logged("redis_down")
    world.start_redis()
    story.redis = world.redis
    story.run.wait_logged("redis_up", 2)
    story.wait_all_published()
    assert story.run.stop() == 0
    story.assert_each_once()


def test_nothing_is_committed_that_redis_does_not_have(world):
    """Redis is away: the stream waits; stopped with work left it says so, and the next one does it all."""
    world.start_broker()
    waiting = world.start_run("waiting", "unix:///tmp/there-is-no-such-socket", stop__timeout="500ms")
    waiting.wait_assigned()
    for number in range(50):
        world.topics.send(article(number, with_mention=True))
    world.topics.flush()
    output = world.reader()
    output.read_until(lambda _: len(output.seen) > 0, "side by side: articles do not wait for Redis")
    assert waiting.stop() == 1
    assert " result=work_left " in waiting.text()

    redis = world.start_redis()
    second = world.start_run("second", redis)
    output.read_until(lambda _: len(output.seen) == 50, "all articles")
    wait_for(lambda: len({m["article"]["id"] for m in redis.mentions().values()}) == 50, "all mentions")
    assert second.stop() == 0


def test_a_full_redis_is_waited_for_on_the_same_connection(world):
    story = Story(world)
    story.redis.client.config_set("maxmemory", "1")
    story.send(30)
    story.run.wait_logged("redis_refused")
    assert story.redis.mentions() == {}
    story.redis.client.config_set("maxmemory", "0")
    story.wait_all_published()
    story.wait_cached()
    assert story.run.stop() == 0
    story.assert_each_once()
    assert not story.run.has_logged("redis_down")


def test_not_required_redis_is_caught_up_with_and_loss_is_counted(world):
    world.start_broker()
    folder = world.folder / "redis"
    run = world.start_run("run", f"unix://{folder}/s", redis__required="false", redis__ring=16, redis__pipeline=8)
    run.wait_assigned()
    for number in range(100):
        world.topics.send(article(number, with_mention=True))
    world.topics.flush()
    output = world.reader()
    output.read_until(lambda _: len(output.seen) == 100, "the stream goes on without Redis")
    redis = world.start_redis()
    run.wait_logged("redis_up")
    for number in range(100, 104):
        world.topics.send(article(number, with_mention=True))
    world.topics.flush()
    wait_for(lambda: "a103" in {m["article"]["id"] for m in redis.mentions().values()}, "what came later is there")
    assert run.stop() == 0
    counts = dict(word.split("=") for word in run.text().split(" event=stopped ")[1].split() if "=" in word)
    assert int(counts["redis_new"]) == len(redis.mentions())
    assert int(counts["redis_lost"]) > 0
    assert int(counts["redis_new"]) + int(counts["redis_lost"]) == int(counts["mentions"])


def test_old_articles_fire_no_event(world):
    world.start_broker()
    redis = world.start_redis()
    run = world.start_run("run", redis)
    world.topics.send(article(1, with_mention=True, published_at="2020-02-03T04:05:06Z"))
    world.topics.send(article(2, with_mention=True))
    world.topics.flush()
    wait_for(lambda: len({m["article"]["id"] for m in redis.mentions().values()}) == 2, "both are cached")
    assert {event["article"] for event in redis.events()} == {"a2"}
    assert len(redis.latest()) == len(redis.mentions())
    assert run.stop() == 0


def test_latest_and_events_are_bounded_and_mentions_end(world):
    world.start_broker()
    redis = world.start_redis()
    run = world.start_run("run", redis, latest__max=20, events__max=100, mention__ttl="1h")
    for number in range(900):
        world.topics.send(article(number, with_mention=True))
    world.topics.flush()
    wait_for(lambda: len({m["article"]["id"] for m in redis.mentions().values()}) == 900, "all are cached", every=0.2)
    assert redis.client.zcard("{tocsin}:latest") == 20
    assert redis.client.xlen("{tocsin}:events") < 300  # "about": Redis trims whole nodes of 100
    key = next(redis.client.scan_iter("{tocsin}:mention:*"))
    assert 0 < redis.client.pttl(key) <= 3600 * 1000
    assert run.stop() == 0
