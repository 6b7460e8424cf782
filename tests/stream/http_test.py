"""Those who watch: /livez, /readyz, /metrics and /version say what is so, and nobody who asks disturbs the stream."""

import json
import re
import shutil
import socket
import subprocess
import threading
from pathlib import Path

import pytest
from conftest import BINARY, INPUT, SANITIZED, article, child_environment, wait_for
from door import Door, complaints, partitions, total

ARTICLES = 400 if SANITIZED else 2000
MENTION_EVERY = 3
POISON_EVERY = 10


def start(world, name="run", redis=None, **settings):
    run = world.start_run(name, redis, http__listen="127.0.0.1:0", **settings)
    return run, Door(run)


def send(world, count, first=0, poison=False):
    """Returns how many of them are poison."""
    poisoned = 0
    for number in range(first, first + count):
        if poison and number % POISON_EVERY == 0:
            world.topics.send(b"{" if number % (2 * POISON_EVERY) == 0 else b'{"id": "nothing else"}')
            poisoned += 1
        else:
            world.topics.send(article(number, with_mention=number % MENTION_EVERY == 1))
    world.topics.flush()
    return poisoned


# ---- doors ----------------------------------------------------------------------------------------------------------


def test_it_lives_at_once_and_is_ready_when_the_group_has_answered(world):
    world.start_broker()
    run, door = start(world, redis=world.start_redis())
    assert door.status("/livez") == 200
    assert wait_for(door.why, "not ready yet")
    wait_for(lambda: "group: the group 'tocsin' has not answered yet\n" in door.why(), "it says why")
    assert not run.has_logged("assigned")
    door.wait_ready()
    assert run.has_logged("assigned")

    status, headers, text = door.ask("/version")
    version = json.loads(text)
    assert status == 200 and headers["Content-Type"] == "application/json"
    assert set(version) == {"version", "lexicon", "librdkafka", "hiredis", "icu", "libmicrohttpd"}
    assert re.fullmatch("[0-9a-f]{16}", version["lexicon"])
    assert total(door.samples(), "tocsin_knowledge_info", version=version["lexicon"]) == 1

    assert run.stop() == 0
    assert door.status("/livez") is None


def test_only_get_and_head_of_what_there_is(world):
    world.start_broker()
    _, door = start(world)
    assert door.status("/") == 404
    assert door.status("/metrics/") == 404
    assert door.status("/../../etc/passwd") == 404
    for method in ("POST", "PUT", "DELETE", "OPTIONS", "NONSENSE"):
        status, headers, _ = door.ask("/metrics", method, "x" * 100_000 if method == "POST" else None)
        assert (status, headers["Allow"]) == (405, "GET, HEAD"), method
    status, headers, text = door.ask("/metrics", "HEAD")
    assert (status, text) == (200, "") and int(headers["Content-Length"]) > 1000


def test_an_address_that_cannot_be_had_ends_the_start(world):
    world.start_broker()
    _, door = start(world)

    def start_at(listen):
        command = [BINARY, "run", "-b", world.broker.bootstrap, "-X", "redis.url=", "-X", f"http.listen={listen}"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=child_environment())
        return done.returncode, done.stderr

    code, text = start_at(f"127.0.0.1:{door.port}")
    assert code == 69 and "in use" in text, text
    for listen in ("9464", "127.0.0.1:nine", "::1:9464"):
        code, text = start_at(listen)
        assert code == 78 and f'http.listen is "{listen}"' in text, text
    code, text = start_at("192.0.2.1:9464")  # for documentation only, RFC 5737
    assert code == 78 and "192.0.2.1" in text, text


def test_no_secret_is_told(world):
    world.start_broker()
    _, door = start(world, redis__url="redis://127.0.0.1:1/0", redis__password="hush-hush")
    wait_for(lambda: "redis: " in door.why(), "Redis is away")
    for path in ("/readyz", "/livez", "/metrics", "/version"):
        assert "hush" not in door.ask(path)[2]


# ---- ready ----------------------------------------------------------------------------------------------------------


def test_an_idle_standby_is_ready(world):
    world.start_broker(partitions=1)
    doors = [start(world, name)[1] for name in ("one", "two")]
    for door in doors:
        door.wait_ready()

    def owned():
        return sorted(total(door.samples(), "tocsin_assigned_partitions") for door in doors)

    wait_for(lambda: owned() == [0, 1], "one of them has the partition")
    for door in doors:
        door.wait_ready()
    # Even of a partition without a single record it is known soon that nothing waits in it.
    wait_for(lambda: sorted(len(partitions(door.samples())) for door in doors) == [0, 1], "only one tells its lag")
    assert sum(total(door.samples(), "tocsin_consumer_lag") for door in doors) == 0


def test_a_redis_that_is_away_is_named_even_when_nothing_comes(world):
    world.start_broker()
    redis = world.start_redis()
    _, door = start(world, redis=redis)
    _, careless = start(world, "careless", redis=redis, redis__required="false", group__id="careless")
    door.wait_ready()
    careless.wait_ready()
    assert total(door.samples(), "tocsin_redis_up") == 1
    redis.kill()
    wait_for(lambda: door.why().startswith("redis: Redis at unix://"), "it says that Redis is away")
    wait_for(lambda: total(careless.samples(), "tocsin_redis_up") == 0, "the other has noticed too")
    assert careless.status("/readyz") == 200
    assert door.status("/livez") == 200  # a restart would not mend it
    assert total(door.samples(), "tocsin_ready") == 0
    world.start_redis()
    door.wait_ready()
    assert total(door.samples(), "tocsin_redis_up") == 1


def test_brokers_that_are_away_are_noticed_even_when_nothing_comes(world):
    world.start_broker()
    _, door = start(world)
    door.wait_ready()
    world.broker.command("down 1")
    wait_for(lambda: door.why().startswith("group: the group 'tocsin' went on without us"), "the session is over")
    assert partitions(door.samples()) == set()
    assert door.status("/livez") == 200
    world.broker.command("up 1")
    door.wait_ready()


def test_a_partition_that_stands_still_is_named(world):
    world.start_broker(partitions=2)
    redis = world.start_redis()
    _, door = start(world, redis=redis, http__stalled_after="1s")
    door.wait_ready()
    redis.kill()
    world.topics.send(article(1, with_mention=True), partition=1)  # nobody can finish it without Redis
    world.topics.flush()
    wait_for(lambda: re.search(rf"^partition {INPUT}/1: 1 records wait behind offset 0,", door.why(), re.M), "it is named")
    assert f"partition {INPUT}/0" not in door.why()
    samples = door.samples()
    assert total(samples, "tocsin_consumer_lag_stored", partition="1") == 1
    assert total(samples, "tocsin_consumer_lag", partition="1") == 1
    assert total(samples, "tocsin_in_flight_messages") == 1
    assert total(samples, "tocsin_in_flight_bytes") >= 100
    world.start_redis()
    door.wait_ready()
    wait_for(lambda: total(door.samples(), "tocsin_consumer_lag") == 0, "it is committed")


# ---- metrics --------------------------------------------------------------------------------------------------------


class Scraper(threading.Thread):
    """Asks again and again until told to stop; keeps what was wrong."""

    def __init__(self, door):
        super().__init__(daemon=True)
        self.door, self.done, self.scrapes, self.wrong = door, threading.Event(), 0, []
        self.start()

    def run(self):
        before = {}
        while not self.done.is_set():
            try:
                samples = self.door.samples()
            except Exception as error:  # pylint: disable=broad-except
                self.wrong.append(repr(error))
                return
            for key, value in before.items():
                counts = key[0].endswith(("_total", "_count", "_bucket", "_sum"))
                if counts and samples.get(key, -1) < value:
                    self.wrong.append(f"{key} went from {value} to {samples.get(key)}")
            before = samples
            self.scrapes += 1

    def stop(self):
        self.done.set()
        self.join(60)
        assert not self.wrong, self.wrong[:5]
        assert self.scrapes > 0


def check_histogram(samples, name, count, **labels):
    """Its buckets grow and end in its count."""
    rows = sorted(
        (float(dict(pairs)["le"]), value)
        for (other, pairs), value in samples.items()
        if other == f"{name}_bucket" and labels.items() <= dict(pairs).items()
    )
    assert len(rows) > 10 and rows[-1][0] == float("inf")
    assert [value for _, value in rows] == sorted(value for _, value in rows)
    assert rows[-1][1] == total(samples, f"{name}_count", **labels) == count, (name, labels)
    assert (total(samples, f"{name}_sum", **labels) > 0) == (count > 0)


def test_counters_add_up_to_what_was_sent(world):
    world.start_broker()
    redis = world.start_redis()
    _, door = start(world, redis=redis)
    door.wait_ready()
    scrapers = [Scraper(door) for _ in range(4)]
    poisoned = send(world, ARTICLES, poison=True)
    fine = ARTICLES - poisoned
    wait_for(
        lambda: total(door.samples(), "tocsin_messages_produced_total")
        + total(door.samples(), "tocsin_dead_letters_total") == ARTICLES,
        "all are published",
    )
    wait_for(lambda: total(door.samples(), "tocsin_consumer_lag") == 0, "all are committed")
    for scraper in scrapers:
        scraper.stop()

    samples = door.samples()
    assert total(samples, "tocsin_messages_consumed_total") == ARTICLES
    assert total(samples, "tocsin_messages_produced_total") == fine
    assert total(samples, "tocsin_dead_letters_total") == poisoned
    assert total(samples, "tocsin_dead_letters_total", reason="undecodable") == (poisoned + 1) // 2
    assert total(samples, "tocsin_dead_letters_total", reason="invalid") == poisoned // 2
    assert total(samples, "tocsin_articles_total") == fine
    assert total(samples, "tocsin_articles_total", language="de") > fine / 4
    mentions = redis.mentions().values()
    assert total(samples, "tocsin_mentions_total") == len(mentions) == total(samples, "tocsin_redis_mentions_new_total")
    for direction in ("escalation", "deescalation"):
        assert total(samples, "tocsin_mentions_total", direction=direction) == sum(
            mention["direction"] == direction for mention in mentions
        ) > 0
    assert total(samples, "tocsin_redis_commands_total") == len(mentions)
    assert total(samples, "tocsin_in_flight_messages") == total(samples, "tocsin_in_flight_bytes") == 0
    assert 0 < total(samples, "tocsin_batches_total") <= ARTICLES
    assert total(samples, "tocsin_consumer_lag_stored") == 0
    assert partitions(samples) == partitions(samples, "tocsin_consumer_lag") == {0, 1, 2, 3}
    for room in ("decode", "encode"):
        check_histogram(samples, "tocsin_room_duration_seconds", ARTICLES if room == "decode" else fine, room=room)
    check_histogram(samples, "tocsin_end_to_end_latency_seconds", fine)
    assert total(samples, "process_resident_memory_bytes") > 5e6
    assert total(samples, "process_open_fds") > 5


def test_promtool_finds_nothing_to_say_against_a_scrape_under_load(world):
    world.start_broker()
    _, door = start(world, redis=world.start_redis())
    door.wait_ready()
    send(world, ARTICLES, poison=True)
    wait_for(lambda: total(door.samples(), "tocsin_messages_produced_total") > 0, "the load has begun")
    _, _, text = door.ask("/metrics")
    said = complaints(text)
    if said is None:
        pytest.skip("promtool is not installed (Debian's package prometheus)")
    assert said == ""


def test_the_alert_rules_speak_of_metrics_that_there_are(world):
    world.start_broker()
    _, door = start(world, redis=world.start_redis())
    door.wait_ready()
    names = {line.split()[2] for line in door.ask("/metrics")[2].splitlines() if line.startswith("# TYPE")}
    folder = Path(__file__).resolve().parents[2] / "deploy/prometheus"
    spoken = set(re.findall(r"\btocsin_[a-z_]+", (folder / "rules.yml").read_text()))
    assert spoken and {re.sub("_bucket$", "", name) for name in spoken} <= names
    promtool = shutil.which("promtool")
    if promtool is not None:  # the configuration names the rules
        done = subprocess.run([promtool, "check", "config", folder / "prometheus.yml"], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr


def test_lags_of_partitions_that_were_taken_away_are_gone(world):
    world.start_broker()
    _, first = start(world, "first")
    first.wait_ready()
    wait_for(lambda: partitions(first.samples()) == {0, 1, 2, 3}, "it has all")
    _, second = start(world, "second")

    def are_shared():
        one, other = (partitions(door.samples()) for door in (first, second))
        return len(one) == len(other) == 2 and one | other == {0, 1, 2, 3}

    wait_for(are_shared, "each has half of them")
    assert total(first.samples(), "tocsin_rebalances_total") >= 3  # given, taken away, given
    assert second.run.stop() == 0
    wait_for(lambda: partitions(first.samples()) == {0, 1, 2, 3}, "it has all again")


# ---- strangers ------------------------------------------------------------------------------------------------------

GARBAGE = [
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(256)),
    b"GET /metrics HTTP/9.9\r\n\r\n",
    b"GET " + b"/" * 20_000 + b" HTTP/1.1\r\n\r\n",
    b"GET /metrics HTTP/1.1\r\n" + b"X: y\r\n" * 5_000 + b"\r\n",
    b"POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999\r\n\r\nabc",
    b"POST /metrics HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\nabc",
    b"\0" * 10_000,
    b"\r\n" * 1_000,
]


def test_strangers_do_not_disturb_the_stream(world):
    world.start_broker()
    run, door = start(world, redis=world.start_redis())
    output = world.reader()
    door.wait_ready()
    descriptors = total(door.samples(), "process_open_fds")

    def knock(bytes_):
        stranger = socket.create_connection(("127.0.0.1", door.port), timeout=5)
        try:
            stranger.sendall(bytes_)
        except OSError:
            pass  # it may have hung up already
        return stranger

    strangers = [knock(bytes_) for bytes_ in GARBAGE]
    strangers += [knock(b"GET /metrics HTTP/1.1\r\nHos") for _ in range(100)]  # never ended
    strangers += [knock(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n") for _ in range(100)]  # never read
    strangers += [knock(b"") for _ in range(1000 - len(strangers))]
    send(world, ARTICLES)
    output.read_until(lambda _: len(output.seen) >= ARTICLES, f"{ARTICLES} articles in spite of them")
    open_now = len(list((Path("/proc") / str(run.child.pid) / "fd").iterdir()))
    assert open_now < descriptors + 150, "of one address it takes few"

    # Whoever stays silent is shown out, and then there is room again, though the strangers never went.
    wait_for(lambda: door.status("/livez") == 200, "somebody else is answered")
    for stranger in strangers:
        stranger.close()
    assert run.stop() == 0
