"""What can only be seen of lag on real brokers: marks of transactions in the log, and a log that is cut from below."""

import json

import confluent_kafka
import pytest
from conftest import PATIENCE, article, wait_for
from door import Door, complaints, partitions, total


def start(world, redis=None, **settings):
    run = world.start_run("run", redis, http__listen="127.0.0.1:0", **settings)
    door = Door(run)
    door.wait_ready()
    return run, door


def send_transactions(world, count, articles, abort_every=0):
    """One after another, each ends in a mark that takes an offset of its own in each partition it wrote to."""
    producer = confluent_kafka.Producer(
        {"bootstrap.servers": world.broker.bootstrap, "transactional.id": world.group + "-crawler", "log_level": 3}
    )
    producer.init_transactions(PATIENCE)
    published = 0
    for turn in range(count):
        producer.begin_transaction()
        for number in range(articles):
            producer.produce(world.input, article(turn * articles + number), partition=number % world.broker.n_partitions)
        if abort_every and turn % abort_every == abort_every - 1:
            producer.flush(PATIENCE)
            producer.abort_transaction(PATIENCE)
        else:
            producer.commit_transaction(PATIENCE)
            published += articles
    return published


@pytest.mark.parametrize("delivery", ["at_least_once", "exactly_once"])
def test_marks_of_transactions_are_no_lag(live, cluster1, delivery):
    world = live(cluster1)
    _, door = start(world, delivery=delivery, http__stalled_after="1s")
    published = send_transactions(world, 12, 8, abort_every=3)
    assert published == 64  # the last was aborted: behind the last article there is what nobody will ever finish
    wait_for(lambda: total(door.samples(), "tocsin_messages_produced_total") == published, "all are published")
    for name in ("tocsin_consumer_lag", "tocsin_consumer_lag_stored"):
        wait_for(lambda name=name: partitions(door.samples(), name) == {0, 1, 2, 3}
                 and total(door.samples(), name) == 0, f"{name} is 0 in all partitions")
    ends = world.cluster.end_offsets(world.input)
    assert all(offset < ends[partition] for partition, offset in world.cluster.committed(world.group, world.input).items())
    assert door.why() == ""
    committed = total(door.samples(), "tocsin_transactions_total", result="committed")
    assert (committed > 0) == (delivery == "exactly_once")
    assert not complaints(door.ask("/metrics")[2])


def test_a_lag_ends_where_the_log_begins(live, cluster1):
    world = live(cluster1, partitions=1)
    redis = world.start_redis()
    # It must go on fetching: each fetch tells where the log begins, and a paused partition brings none.
    _, door = start(world, redis, pause__after="60s")
    redis.kill()
    for number in range(400):
        world.topics.send(article(number, with_mention=True))
    world.topics.flush()
    wait_for(lambda: total(door.samples(), "tocsin_consumer_lag_stored") == 400, "nothing is finished without Redis")
    plan = world.folder / "delete.json"
    plan.write_text(json.dumps({"version": 1, "partitions": [{"topic": world.input, "partition": 0, "offset": 300}]}))
    world.cluster.tool("org.apache.kafka.tools.DeleteRecordsCommand", "--offset-json-file", str(plan))
    wait_for(lambda: total(door.samples(), "tocsin_consumer_lag_stored") == 100, "what is gone does not wait any more")
    assert total(door.samples(), "tocsin_consumer_lag") == 100
