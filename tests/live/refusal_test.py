"""What the brokers refuse: at the start a clear error, later back-pressure.  The process stays, says what it waits for,
is not ready, and goes on by itself when the cause is gone; nothing is lost and nothing is skipped."""

import contextlib
import json
import os
import subprocess
import time

import pytest

import secured as security
from conftest import LiveWorld, article, ids, new_folder, start_cluster, wait_for
from door import Door, total
from secured import USER, sasl

DELIVERIES = ("at_least_once", "exactly_once")
WATCHED = {"http.listen": "127.0.0.1:0"}


def behind_the_door(cluster, certificates):
    """As a user that has only the rights that secured.py grants."""
    return {"kafka.bootstrap.servers": cluster.bootstraps["SASL"]} | sasl(certificates, "PLAIN")


@contextlib.contextmanager
def denied(cluster, topic):
    rule = ("--topic", topic, "--operation", "Write", "--deny-principal", f"User:{USER}")
    security.grant(cluster, *rule)
    try:
        yield
    finally:
        security.grant(cluster, *rule, action="--remove")


def send(world, numbers, **more):
    for number in numbers:
        world.topics.send(article(number, **more), key=f"k{number % 7}")
    world.topics.flush()


def waits_for_output(run, door, *words):
    """Says so in the log and at the door, and does not flood the log."""
    wait_for(lambda: door.status("/readyz") == 503, "it is not ready", every=0.1)
    wait_for(lambda: run.has_logged("waiting"), "it says what it waits for", every=0.1)
    told = [line for line in run.text().splitlines() if " event=waiting " in line][-1]
    for text in (told, door.why()):
        assert all(word.lower() in text.lower() for word in words), text
    assert run.is_running()


def goes_on(world, run, door, expected):
    """By itself: everything comes out, in order, and is committed."""
    output = world.reader()
    output.read_until(lambda _: output.seen >= ids(expected), "all articles")
    door.wait_ready()
    world.wait_all_committed()
    assert run.stop() == 0
    output.read()
    assert output.seen == ids(expected)
    in_order(output)
    return output


def in_order(output):
    """Per key, by the first time that each came: what was under way when it broke may come twice."""
    last, seen = {}, set()
    for message in output.messages:
        number = int(json.loads(message.value())["id"][1:])
        if number not in seen:
            assert last.get(message.key(), -1) < number
            last[message.key()] = number
            seen.add(number)


# ---- at the start ---------------------------------------------------------------------------------------------------


def test_what_cannot_work_is_an_error_at_the_start(live, secured, certificates):
    """All of these at once, because each looks for ten seconds."""
    world = live(secured)
    secured.create_topic(f"closed-{world.group}", 1)
    nobody = f"closed-{world.group}"
    user = behind_the_door(secured, certificates)
    cases = {
        "output_missing": ({"output.topic": world.output + "-not"}, "does not exist"),
        "dead_missing": ({"dead.topic": world.dead + "-not"}, "does not exist"),
        "output_closed": ({"output.topic": nobody}, "not allowed"),
        "dead_closed": ({"dead.topic": nobody}, "not allowed"),
        "input_closed": ({"input.topic": nobody}, "not allowed"),
        # Who may join is found out by joining, which is the first thing that is done when all else runs.
        "group_closed": ({"group.id": "others"}, "group authorization"),
        "transactions_closed": ({"delivery": "exactly_once", "transactional.id": "others"}, "authorization"),
    }
    runs = {name: world.start_run(name, **(user | settings)) for name, (settings, _) in cases.items()}
    failures = []
    for name, run in runs.items():
        code = run.wait()
        said = [line for line in run.text().splitlines() if "level=error" in line]
        word = cases[name][1]
        if code != (1 if name == "group_closed" else 78) or not any(word in line.lower() for line in said):
            failures.append((name, code, said))
    assert not failures, failures


# ---- while running --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("delivery", DELIVERIES)
def test_a_topic_that_may_not_be_written_is_waited_for(live, secured, certificates, delivery):
    world = live(secured)
    run = world.start_run(delivery=delivery, **(behind_the_door(secured, certificates) | WATCHED))
    door = Door(run)
    send(world, range(20))
    world.wait_all_committed()
    with denied(secured, world.output):
        send(world, range(20, 60))
        waits_for_output(run, door, world.output)
        assert not world.all_is_committed()
    goes_on(world, run, door, range(60))


@pytest.mark.parametrize("delivery", DELIVERIES)
def test_dead_letters_that_may_not_be_written_are_not_skipped(live, secured, certificates, delivery):
    world = live(secured)
    run = world.start_run(delivery=delivery, **(behind_the_door(secured, certificates) | WATCHED))
    door = Door(run)
    send(world, range(20))
    world.wait_all_committed()
    with denied(secured, world.dead):
        world.topics.send(b"not an article", key="k1")
        send(world, range(20, 60))
        waits_for_output(run, door, world.dead)
        assert not world.all_is_committed()
    goes_on(world, run, door, range(60))
    dead = world.reader(world.dead)
    dead.read_until(len, "the dead letter")
    assert {message.value() for message in dead.read()} == {b"not an article"}


@pytest.mark.parametrize("delivery", DELIVERIES)
def test_an_output_topic_that_is_deleted_is_waited_for(live, cluster1, delivery):
    world = live(cluster1)
    run = world.start_run(delivery=delivery, **WATCHED)
    door = Door(run)
    send(world, range(20))
    world.wait_all_committed()
    cluster1.delete_topic(world.output)
    send(world, range(20, 60))
    waits_for_output(run, door, world.output)
    assert not world.all_is_committed()
    cluster1.create_topic(world.output, 4)
    goes_on(world, run, door, range(20, 60))


def test_the_log_is_not_flooded_while_it_waits(live, cluster1):
    world = live(cluster1)
    run = world.start_run(**WATCHED)
    door = Door(run)
    send(world, range(20))
    world.wait_all_committed()
    cluster1.delete_topic(world.output)
    send(world, range(20, 60))
    waits_for_output(run, door, world.output)
    lines, begun = run.text().count("\n"), time.monotonic()
    # What is waited for is the time itself: how much is said in it.
    wait_for(lambda: time.monotonic() - begun > 10, "ten seconds", every=0.5)
    said = run.text().count("\n") - lines
    assert said <= 60, run.text()[-6000:]
    cluster1.create_topic(world.output, 4)
    goes_on(world, run, door, range(20, 60))


@pytest.mark.parametrize("delivery", DELIVERIES)
def test_a_quota_slows_down_and_loses_nothing(live, cluster1, delivery):
    world = live(cluster1)
    name = f"slow-{world.group}"
    quota = ("--alter", "--entity-type", "clients", "--entity-name", f"tocsin-{name}")
    cluster1.tool("kafka.admin.ConfigCommand", *quota, "--add-config", "producer_byte_rate=20000")
    try:
        settings = WATCHED | {"kafka.producer.compression.type": "none", "batches": 2, "batch.max.bytes": "64k"}
        run = world.start_run(name, delivery=delivery, **settings)
        door = Door(run)
        send(world, range(400), size=4000)
        output = world.reader()
        output.read_until(lambda messages: len(messages) > 0, "the first articles")
        wait_for(
            lambda: total(door.samples(), "tocsin_kafka_throttled_seconds_total") > 0, "the brokers slow it down",
            every=0.2,
        )  # fmt: skip
        assert run.is_running()
        assert not world.all_is_committed()
    finally:
        cluster1.tool("kafka.admin.ConfigCommand", *quota, "--delete-config", "producer_byte_rate")
    goes_on(world, run, door, range(400))


# ---- a full disk ----------------------------------------------------------------------------------------------------


@pytest.fixture
def small_disk():
    if os.geteuid() != 0:
        pytest.skip("a disk that is full takes root, to mount a small one")
    folder = new_folder()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64m", "tocsin-tests", str(folder)], capture_output=True, text=True
    )
    if mounted.returncode != 0:
        folder.rmdir()
        pytest.skip(f"no small disk to be had: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)
    folder.rmdir()


def fill(folder):
    with open(folder / "ballast", "wb", buffering=0) as ballast, contextlib.suppress(OSError):
        while True:
            ballast.write(bytes(1 << 16))


@pytest.mark.parametrize("delivery", DELIVERIES)
def test_a_broker_whose_disk_is_full_is_waited_for(small_disk, request, delivery):
    """Kafka ends when it has no disk left to write to; somebody makes room and starts it again."""
    folder = new_folder()
    cluster = start_cluster(
        folder, brokers=1, settings={"log.dirs": small_disk / "data", "metadata.log.dir": folder / "metadata"}
    )
    world = None
    try:
        world = LiveWorld(cluster)
        settings = WATCHED | {"http.stalled_after": "2s"}
        run = world.start_run(delivery=delivery, **settings)
        door = Door(run)
        send(world, range(20))
        world.wait_all_committed()
        send(world, range(20, 400), size=4000)
        fill(small_disk)
        # Whoever still writes meets the wall: the articles' producer does not get through, or Tocsin does not.
        for number in range(400, 2400):
            world.topics.send(article(number, size=4000), key=f"k{number % 7}")
        wait_for(lambda: cluster.nodes[1].process.poll() is not None, "the broker gives up", every=0.2)
        wait_for(lambda: door.status("/readyz") == 503, "it is not ready", every=0.2)
        assert run.is_running()
        (small_disk / "ballast").unlink()
        cluster.start_broker(1)
        world.topics.flush()
        goes_on(world, run, door, range(2400))
    except BaseException:
        if world:
            world.show()
        raise
    finally:
        if world:
            world.close()
        cluster.close()
        subprocess.run(["rm", "-rf", str(folder), str(world.folder) if world else str(folder)], check=True)
