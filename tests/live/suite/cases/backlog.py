"""A back-log of half a million articles, and a reader that finds no offset to begin with, or one that is gone.

What happens is the operator's choice (auto.offset.reset), and never silent:

    earliest   from the oldest that is still there
    latest     from the end: what waited is left out, as chosen
    error      the process stops, says which offset is gone, and exits with a code that is not 0
"""

import re

import confluent_kafka

from ..fleet import wait_whole
from ..registry import case
from ..scene import DurableRedis
from ..watch import reader

BACKLOG = 25  # times the articles of other cases
SEGMENT = 1 << 20
BATCHES = 16
AS_SHIPPED = {"batch.max.count": 256, "batches": BATCHES, "commit.interval": "1s"}  # nobody is hurt here, so no bound has to be narrow
CHOICES = ("earliest", "latest", "error")


def pile_up(scene, **options):
    load = scene.crawl(rate=0, short=True, mention_every=100, **options)
    load.burst(BACKLOG * scene.n_articles)
    scene.wait(lambda: load.n_acked >= BACKLOG * scene.n_articles, "the back-log is written", 300, every=0.1)
    return load.made


def choice(value):
    return {"kafka.consumer.auto.offset.reset": value}


def first_come_out(scene, beginning=0):
    """Of each partition the first number that came out, of those that were sent after the beginning."""
    first = {}
    for number, partition in list(scene.watch.seen.items()):
        if number >= beginning:
            first[partition] = min(number, first.get(partition, number))
    return first


def words_of(line):
    """The text of a log line, without what differs from run to run."""
    return re.sub(r"live-[\w.-]+", "TOPIC", re.search(r'(?:text|reason|error)="([^"]*)', line).group(1))


def assert_stops_and_says_why(scene, instance):
    code = instance.wait(90)
    text = instance.text()
    assert code != 0, "a process that can read no further ended with 0"
    told = [line for line in text.splitlines() if "auto.offset.reset" in line and " event=setting " not in line]
    assert told, f"it does not say why it stopped: {text[-1000:]}"
    scene.facts["exit code"] = code
    scene.facts["said"] = words_of(told[-1])


@case(10, "500,000 waiting, and no offset to begin with", variants=CHOICES)
def no_offset(scene, value):
    scene.set_up(**AS_SHIPPED)
    waiting = pile_up(scene)
    if value == "error":
        instance = scene.fleet.start("i1", **choice(value))
        assert_stops_and_says_why(scene, instance)
        assert scene.committed() == {}, "it has moved an offset all the same"
        assert not scene.watch.seen, "it has read all the same"
        scene.fleet.forget("i1")
        value = "earliest"  # what its operator decides then; all is still there
    for number in range(3):
        scene.fleet.start(f"i{number + 1}", **choice(value))
    wait_whole(scene.fleet, scene.n_partitions)
    if value == "latest":
        begin_at_the_end(scene, waiting)
    else:
        scene.finish(at_least=0, timeout=600)
    scene.facts["waiting"] = waiting


def begin_at_the_end(scene, waiting):
    """Where the end was is known of each partition by the first article that comes out of it."""
    first = send_until_all_flow(scene, waiting)
    assert min(scene.watch.seen) >= waiting, f"number {min(scene.watch.seen)} of the back-log was read after all"
    send_more(scene, first)
    skipped = sum(number < first[partition] for number, partition in scene.load.partition.items())
    scene.facts["came before the end was known"] = skipped - waiting
    scene.finish(at_least=0, done=lambda: len(scene.watch.seen) >= scene.load.made - skipped)


def send_until_all_flow(scene, waiting):
    scene.load.rate = 200
    scene.wait(lambda: len(first_come_out(scene, waiting)) == scene.n_partitions,
               "new articles of all partitions come out", 120, every=0.1)  # fmt: skip
    return first_come_out(scene, waiting)


def send_more(scene, first):
    """As many as in other cases; all of them have to come out."""
    scene.load.rate = 2000
    wanted = scene.load.made + scene.n_articles
    scene.wait(lambda: scene.load.made >= wanted, "new articles are sent", 120)
    scene.load.stop(0)
    scene.expected = lambda source: {n for n, partition in source.partition.items() if n >= first[partition]}


# ---- retention ------------------------------------------------------------------------------------------------------

LOUD = re.compile(r" event=offset_reset |not available on the broker")


def beginnings(scene):
    consumer = reader(scene.bootstrap)
    try:
        return {
            partition: consumer.get_watermark_offsets(
                confluent_kafka.TopicPartition(scene.input, partition), timeout=10, cached=False
            )[0]
            for partition in range(scene.n_partitions)
        }
    finally:
        consumer.close()


def pretend_to_have_read(scene, offset):
    """An earlier reader's commit."""
    consumer = reader(scene.bootstrap, **{"group.id": scene.group})
    try:
        consumer.commit(
            offsets=[confluent_kafka.TopicPartition(scene.input, p, offset) for p in range(scene.n_partitions)],
            asynchronous=False,
        )
    finally:
        consumer.close()


def let_retention_pass(scene):
    """Deletes all segments but the last of each partition."""
    steady = {}

    def no_more_deleted():
        nonlocal steady
        now = beginnings(scene)
        same, steady = now == steady, now
        return same and all(now.values())

    at = scene.committed()
    scene.cluster.alter_topic(scene.input, retention__bytes=1)
    scene.wait(no_more_deleted, "retention is through", 60, every=2.5)
    passed = [p for p in steady if steady[p] > at[p]]
    scene.facts["partitions overtaken"] = len(passed)
    scene.facts["records deleted"] = sum(steady[p] - at[p] for p in passed)
    assert len(passed) == scene.n_partitions, "retention did not pass the reader"


def assert_loud(scene):
    told = [line for instance in scene.fleet.all for line in instance.text().splitlines() if LOUD.search(line)]
    assert told, "records were deleted unread, and no log says a word"
    if "partitions overtaken" in scene.facts and not any(" event=failed " in line for line in told):
        assert len(told) >= scene.facts["partitions overtaken"], f"{len(told)} lines for more partitions: {told}"
    scene.facts["lines that say so"] = len(told)
    scene.facts["one of them"] = words_of(told[0])


@case(10, "500,000 waiting, and retention deletes what is to be read next", variants=[f"gone-{v}" for v in CHOICES])
def gone(scene, variant):
    value = variant.removeprefix("gone-")
    scene.retention = True
    # Not compressed, so that there are several segments to delete.
    scene.set_up(topics={"input": {"segment.bytes": SEGMENT}}, **AS_SHIPPED)
    waiting = pile_up(scene, compression="none")
    pretend_to_have_read(scene, 100)
    # Redis is silent, so the reader waits behind its first batches, all of the back-log before it.
    scene.redis.client.execute_command("CLIENT", "PAUSE", "600000", "ALL")
    instance = scene.fleet.start("i1", **choice(value))
    wait_whole(scene.fleet, scene.n_partitions)
    scene.wait(lambda: instance.count("paused"), "the reader is held up", 60, every=0.1)
    let_retention_pass(scene)
    instance.may_end = value == "error"
    scene.redis.kill()  # a pause holds up its own end too
    scene.redis.close()
    scene.redis = DurableRedis(scene.folder)
    if value == "error":
        assert_stops_and_says_why(scene, instance)
        # What it had under way is read again.
        scene.note("stopped by itself", True, (BATCHES + 1) * AS_SHIPPED["batch.max.count"])
        scene.start_instances(1, **choice("earliest"))
    if value == "latest":
        send_more(scene, send_until_all_flow(scene, waiting))
    scene.finish(at_least=0, done=lambda: scene.uncommitted(range(scene.n_partitions)) == 0, timeout=600)
    assert_loud(scene)
    scene.facts["waiting"] = waiting
    scene.facts["came out"] = len(scene.watch.seen)
