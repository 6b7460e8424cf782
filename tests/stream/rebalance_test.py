"""Members come and go: nothing is lost; what is under way is finished first; late work never moves an offset.

That an orderly hand-over doubles nothing cannot be shown here: the mock refuses commits from the moment in which
somebody joins (brokers accept them until all have answered), so what was done in between is done again.
"""

import confluent_kafka

from conftest import INPUT, SANITIZED, article, ids, wait_for

ARTICLES = 600 if SANITIZED else 2000


class Feed:
    def __init__(self, world):
        self.world = world
        self.sent = 0

    def send(self, count, with_mention=False):
        for _ in range(count):
            self.world.topics.send(article(self.sent, with_mention=with_mention), key=f"k{self.sent % 40}")
            self.sent += 1
        self.world.topics.flush()


def committed(world):
    """The group's offsets and the ends of the partitions."""
    consumer = confluent_kafka.Consumer(
        {"bootstrap.servers": world.broker.bootstrap, "group.id": "tocsin", "enable.auto.commit": False, "log_level": 3}
    )
    partitions = [confluent_kafka.TopicPartition(INPUT, number) for number in range(world.broker.n_partitions)]
    offsets = {entry.partition: max(entry.offset, 0) for entry in consumer.committed(partitions, timeout=10)}
    ends = {entry.partition: consumer.get_watermark_offsets(entry, timeout=10)[1] for entry in partitions}
    consumer.close()
    return offsets, ends


def test_a_member_joins_and_leaves_under_load_and_all_work_is_finished_first(world):
    world.start_broker()
    feed = Feed(world)
    output = world.reader()
    one = world.start_run("one").wait_assigned()
    feed.send(ARTICLES)
    two = world.start_run("two")
    feed.send(ARTICLES)
    two.wait_assigned()
    one.wait_logged("assigned", 2)
    feed.send(ARTICLES)
    output.read_until(lambda _: len(output.seen) == feed.sent, "with two members")
    assert two.stop() == 0
    feed.send(ARTICLES)
    one.wait_logged("assigned", 3)
    output.read_until(lambda _: len(output.seen) == feed.sent, "with one again")
    assert one.stop() == 0
    assert output.seen == ids(range(feed.sent))
    for member in (one, two):
        revocations = [line for line in member.text().splitlines() if " event=revoked " in line]
        assert revocations and all(line.endswith(" unfinished_batches=0") for line in revocations)
        assert " fenced=0 " in member.text()
    offsets, ends = committed(world)
    assert offsets == ends


def test_a_member_that_died_is_replaced_and_nothing_is_lost(world):
    world.start_broker()
    feed = Feed(world)
    output = world.reader()
    one = world.start_run("one")
    two = world.start_run("two")
    one.wait_assigned()
    two.wait_assigned()
    feed.send(ARTICLES)
    output.read_until(lambda messages: len(messages) > 10, "it has begun")
    two.kill()
    feed.send(ARTICLES)
    output.read_until(lambda _: len(output.seen) == feed.sent, "everything, by the survivor")
    assert one.stop() == 0
    offsets, ends = committed(world)
    assert offsets == ends


def test_work_that_cannot_be_finished_is_fenced_and_done_by_the_next(world):
    """Redis is away for one member: what it holds cannot be finished in time, so its offsets must not move."""
    world.start_broker()
    redis = world.start_redis()
    feed = Feed(world)
    stuck = world.start_run("stuck", "unix:///tmp/there-is-no-such-socket", drain__timeout="300ms", stop__timeout="1s")
    stuck.wait_assigned()
    feed.send(200, with_mention=True)
    output = world.reader()
    output.read_until(lambda messages: len(messages) > 0, "work is under way")
    assert set(committed(world)[0].values()) == {0}
    healthy = world.start_run("healthy", redis)
    healthy.wait_assigned()
    stuck.wait_logged("revoked")
    assert "unfinished_batches=0" not in stuck.text()
    assert stuck.stop() == 1
    output.read_until(lambda _: len(output.seen) == feed.sent, "all articles")
    wait_for(lambda: len({m["article"]["id"] for m in redis.mentions().values()}) == feed.sent, "all mentions")
    assert healthy.stop() == 0
    offsets, ends = committed(world)
    assert offsets == ends


def test_cooperative_members_keep_what_they_have(world):
    world.start_broker()
    feed = Feed(world)
    output = world.reader()
    cooperative = {"kafka.consumer.partition.assignment.strategy": "cooperative-sticky"}
    one = world.start_run("one", **cooperative).wait_assigned()
    assert "protocol=cooperative" in one.text()
    feed.send(ARTICLES)
    two = world.start_run("two", **cooperative)
    wait_for(lambda: "event=assigned n=2" in two.text(), "two of four partitions move")
    feed.send(ARTICLES)
    output.read_until(lambda _: len(output.seen) == feed.sent, "with two members")
    assert "event=revoked n=2" in one.text()
    assert two.stop() == 0
    assert one.stop() == 0
    assert output.seen == ids(range(feed.sent))


def test_reading_pauses_when_nothing_moves_and_goes_on_afterwards(world):
    world.start_broker()
    redis = world.start_redis()
    run = world.start_run("run", redis, pause__after="200ms", batches=2, batch__max__count=8).wait_assigned()
    redis.client.execute_command("CLIENT", "PAUSE", "4000", "ALL")
    feed = Feed(world)
    feed.send(300, with_mention=True)
    run.wait_logged("paused")
    feed.send(300, with_mention=True)
    run.wait_logged("resumed")
    output = world.reader()
    output.read_until(lambda _: len(output.seen) == feed.sent, "all articles")
    assert run.stop() == 0
    assert sorted(output.ids()) == sorted(ids(range(feed.sent))), "a pause loses and doubles nothing"
