"""The verbs beside `run`, where only a real broker can tell: topics and their limits, offsets for times, transactions."""

import json
import random
import re
import subprocess
import time

import confluent_kafka
import pytest
from conftest import BINARY, article, child_environment, ids, wait_for

DONE, WORK_LEFT, UNREACHABLE, CONFIGURATION = 0, 1, 69, 78


def call(world, *arguments, **settings):
    options = []
    names = {"input.topic": world.input, "output.topic": world.output, "dead.topic": world.dead, "redis.url": "",
             "group.id": world.group}  # fmt: skip
    for key, value in (names | {key.replace("__", "."): value for key, value in settings.items()}).items():
        options += ["-X", f"{key}={value}"]
    return subprocess.run(
        [BINARY, *map(str, arguments), "-b", world.broker.bootstrap, *options],
        capture_output=True, text=True, env={**child_environment(), "TERM": "dumb"}, timeout=90, check=False,
    )  # fmt: skip


# ---- check ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def names(cluster1):
    """Three topics that do not exist yet."""

    class Names:
        tag = f"{random.randrange(1 << 32):08x}"
        input, output, dead = f"made.raw-{tag}", f"made.enriched-{tag}", f"made.dead-{tag}"
        group = f"made-{tag}"
        broker = cluster1
        cluster = cluster1

    Names.broker.bootstrap = cluster1.bootstrap
    yield Names
    for topic in (Names.input, Names.output, Names.dead):
        try:
            cluster1.delete_topic(topic)
        except confluent_kafka.KafkaException:
            pass  # a test that failed had not made it


def test_missing_topics_are_created_so_that_what_is_allowed_in_fits(names):
    missing = call(names, "check", "--connect")
    assert missing.returncode == UNREACHABLE and missing.stdout.count("--create-topics creates it") == 3, missing.stdout

    made = call(names, "check", "--create-topics", "--partitions", "3", output__max__bytes=2_000_000)
    assert made.returncode == DONE, made.stdout
    assert made.stdout.count("\nok    created ") == 3 and len(re.findall(r": 3 partitions, \d+ cop", made.stdout)) == 3
    output, dead = names.cluster.topic_config(names.output), names.cluster.topic_config(names.dead)
    assert int(output["max.message.bytes"]) > 2_000_000
    assert int(dead["max.message.bytes"]) > 32 * 1024 * 1024 and dead["retention.ms"] == str(30 * 86_400_000)

    again = call(names, "check", "--create-topics", "--partitions", "5", output__max__bytes=2_000_000)
    assert again.returncode == DONE and "created" not in again.stdout, "what is there is never changed"
    assert len(re.findall(r": 3 partitions, \d+ cop", again.stdout)) == 3
    assert "its coordinator answers" in again.stdout


def test_limits_that_contradict_the_settings_are_78(live, cluster1):
    world = live(cluster1, partitions=2)
    fine = call(world, "check", "--connect")
    assert fine.returncode == DONE, fine.stdout
    assert f"note  limit        {world.dead}: max.message.bytes is" in fine.stdout  # the broker's default, as for the input

    wrong = call(world, "check", "--connect", output__max__bytes=5_000_000)
    assert wrong.returncode == CONFIGURATION
    assert "output.max.bytes 5000000: lower output.max.bytes, or raise the topic's limit" in wrong.stdout
    cluster1.alter_topic(world.output, max__message__bytes=6_000_000)
    assert call(world, "check", "--connect", output__max__bytes=5_000_000).returncode == DONE
    cluster1.alter_topic(world.dead, min__insync__replicas=world.cluster.n_brokers + 1)
    wrong = call(world, "check", "--connect")
    assert wrong.returncode == CONFIGURATION and "nothing can be written with acks=all" in wrong.stdout


def test_exactly_once_asks_the_coordinator_of_transactions_and_disturbs_no_stream(live, cluster1):
    world = live(cluster1, partitions=2)
    run = world.start_run(delivery="exactly_once", transactional__id=f"{world.group}-x").wait_assigned()
    asked = call(world, "check", "--connect", delivery="exactly_once", transactional__id=f"{world.group}-x")
    assert asked.returncode == DONE and f"ok    transactions their coordinator has given {world.group}-x-check" in asked.stdout
    world.topics.send(article(1))
    world.topics.flush()
    world.reader().read_until(lambda messages: len(messages) == 1, "the article")
    assert run.stop() == 0


# ---- dead -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("delivery", ["at_least_once", "exactly_once"])
def test_letters_are_listed_behind_transactions_and_sent_back(live, cluster1, delivery):
    world = live(cluster1)
    run = world.start_run(delivery=delivery, input__max__bytes=3000).wait_assigned()
    values = {}
    an_hour_ago = int(time.time() * 1000) - 3_600_000
    for number in range(60):
        document = json.loads(article(number, size=4000 if number % 2 else 0))
        del document["id"], document["url"]
        values[f"k{number}".encode()] = json.dumps(document).encode()
    for key, value in values.items():
        world.topics.send(value, key=key, timestamp=an_hour_ago)
    world.topics.flush()
    dead = world.reader(world.dead)
    dead.read_until(lambda messages: len(messages) == 30, "the letters")
    assert run.stop() == 0

    listed = call(world, "dead", "list", "--json", "--since", "10m", delivery=delivery)
    letters = [json.loads(line) for line in listed.stdout.splitlines()]
    assert listed.returncode == DONE and len(letters) == 30 and "30 of the 30 letters" in listed.stderr
    origins = {letter["key"]: f"o:{world.input}/{letter['origin']['partition']}/{letter['origin']['offset']}"
               for letter in letters}  # fmt: skip
    one = letters[0]
    raw = call(world, "dead", "show", "--raw", f"{one['partition']}@{one['offset']}", delivery=delivery)
    assert raw.stdout.encode() == values[one["key"].encode()]

    replayed = call(world, "dead", "replay", delivery=delivery)
    assert replayed.returncode == DONE and f"30 sent to {world.input}" in replayed.stderr, replayed.stderr
    assert "not again: 30 replayed before" in call(world, "dead", "replay", delivery=delivery).stderr
    assert cluster_groups_untouched(world)
    assert len(call(world, "dead", "list", "--json", "--all", delivery=delivery).stdout.splitlines()) == 30
    mended = world.start_run("mended", delivery=delivery)
    output = world.reader()
    output.read_until(lambda messages: len(messages) == 60, "all enriched")
    assert {m.key().decode(): json.loads(m.value())["id"] for m in output.messages if m.key().decode() in origins} == origins
    assert {message.timestamp()[1] for message in output.messages} == {an_hour_ago}
    assert mended.stop() == 0


def cluster_groups_untouched(world):
    """Nothing but the stream's group has committed, and that nothing of the dead letters."""
    return world.cluster.committed(world.group, world.dead) == {}


def test_a_letter_of_a_topic_that_is_gone_is_named(live, cluster1):
    world = live(cluster1)
    run = world.start_run().wait_assigned()
    world.topics.send(b"{", key="k")
    world.topics.flush()
    world.reader(world.dead).read_until(lambda messages: len(messages) == 1, "the letter")
    assert run.stop() == 0
    result = call(world, "dead", "replay", "--to", f"{world.input}.gone")
    assert result.returncode == WORK_LEFT and "does not exist" in result.stderr and "1 left out" in result.stderr
    assert f"{world.input}.gone" not in world.cluster.admin.list_topics(timeout=10).topics, "a question creates nothing"
    assert "1 sent to" in call(world, "dead", "replay").stderr


def test_one_letter_that_a_topic_refuses_takes_no_other_with_it(live, cluster1):
    world = live(cluster1, partitions=1)
    run = world.start_run().wait_assigned()
    poison = {f"k{number}".encode(): b"{" + random.randbytes(50_000 if number == 20 else 500) for number in range(40)}
    for key, value in poison.items():
        world.topics.send(value, key=key)
    world.topics.flush()
    world.reader(world.dead).read_until(lambda messages: len(messages) == 40, "the letters")
    assert run.stop() == 0
    cluster1.alter_topic(world.input, max__message__bytes=30_000)
    result = call(world, "dead", "replay", kafka__producer__linger__ms=200)
    assert result.returncode == WORK_LEFT
    assert f"39 sent to {world.input}" in result.stderr and "1 not delivered" in result.stderr, result.stderr
    back = world.reader(world.input)
    back.read_until(lambda messages: len(messages) == 79, "those that came back")
    assert {m.key(): m.value() for m in back.messages[40:]} == {k: v for k, v in poison.items() if len(v) == 501}
    letters = call(world, "dead", "list", "--json").stdout.splitlines()
    assert [json.loads(line)["key"] for line in letters] == ["k20"], "it stays open"


# ---- run --from -----------------------------------------------------------------------------------------------------


def stretch(world, *arguments, name="stretch", redis=None, **settings):
    run = world.start_run(name, redis, arguments=arguments, **settings)
    run.may_end = True
    return run


def test_a_stretch_is_read_by_the_index_of_times_beside_the_stream(live, cluster3):
    world = live(cluster3, partitions=6)
    redis = world.start_redis()
    now = int(time.time() * 1000)
    hours = 10
    for number in range(3000):  # 300 an hour, the oldest ten hours ago
        world.topics.send(article(number, with_mention=number % 10 < 2), key=f"k{number % 50}",
                          timestamp=now - hours * 3_600_000 + number * 12_000)
    world.topics.flush()
    run = world.start_run("run", redis).wait_assigned()
    output = world.reader()
    output.read_until(lambda messages: len(messages) == 3000, "the stream")
    world.wait_all_committed()
    events, mentions = redis.events(), redis.mentions()
    committed = world.cluster.committed(world.group, world.input)

    again = stretch(world, "--from", "6h", "--until", "4h", redis=redis)
    assert again.wait() == 0, again.text()[-3000:]
    output.read_until(lambda messages: len(messages) >= 3600, "the stretch")
    output.read()
    numbers = sorted(int(each[1:]) for each in output.ids()[3000:])
    assert abs(len(numbers) - 600) <= 6 and abs(numbers[0] - 1200) <= 3 and abs(numbers[-1] - 1799) <= 3
    assert len(set(numbers)) == len(numbers)
    assert f" consumed={len(numbers)} " in again.text(), "nothing else was read"
    assert redis.events() == events and redis.mentions() == mentions
    assert world.cluster.committed(world.group, world.input) == committed
    assert "event=revoked" not in run.text(), "the group did not notice"

    # to the end, as it was: what comes later is the stream's
    world.topics.send(article(9999), key="k1")
    world.topics.flush()
    output.read_until(lambda _: "a9999" in output.seen, "the stream goes on")
    assert run.stop() == 0


def test_a_stretch_ends_behind_transactions_and_reads_none_that_was_aborted(live, cluster1):
    world = live(cluster1, partitions=1)
    producer = confluent_kafka.Producer(
        {"bootstrap.servers": world.broker.bootstrap, "transactional.id": world.group, "log_level": 3}
    )
    producer.init_transactions(30)
    for number in range(6):
        producer.begin_transaction()
        for part in range(10):
            producer.produce(world.input, article(number * 10 + part), key="k")
        assert producer.flush(30) == 0  # else an abort may come before the broker knows of the transaction
        if number % 2:
            producer.abort_transaction(30)
        else:
            producer.commit_transaction(30)
    run = stretch(world, "--from", "1h")
    assert run.wait() == 0, run.text()[-3000:]
    output = world.reader()
    output.read_until(lambda messages: len(messages) >= 30, "what was committed")
    output.read()
    assert sorted(output.ids()) == sorted(ids(n for n in range(60) if n // 10 % 2 == 0))
    assert wait_for(lambda: world.cluster.committed(world.group, world.input) == {}, "no offsets")
