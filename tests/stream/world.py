"""What the stream tests and the live tests share: a broker, a Redis, a `tocsin run`, articles, and ways to wait for a
condition.

Everything is a process of its own, as in production: `tocsin broker` (librdkafka's mock cluster), redis-server on a
unix socket in a folder of the test, one or more `tocsin run`.  TOCSIN_BINARY names the binary.  Nothing here sleeps and
hopes: whatever is waited for is a condition with a deadline, and the logs are shown when a test fails.
"""

import json
import os
import random
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import confluent_kafka
import redis as redis_client

BINARY = os.environ.get("TOCSIN_BINARY", "tocsin")
SANITIZED = os.environ.get("TOCSIN_SANITIZED", "") != ""  # slower: less load, more patience
PATIENCE = float(os.environ.get("TOCSIN_PATIENCE", "60"))

INPUT, OUTPUT, DEAD = "news.raw", "news.enriched", "news.dead"


def wait_for(condition, what, timeout=PATIENCE, every=0.02):
    """Returns the first true value of condition()."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {timeout:.0f} s in vain: {what}")
        time.sleep(every)


# ---- processes ------------------------------------------------------------------------------------------------------


class Process:
    """A child with its output in files; it never outlives the test."""

    def __init__(self, folder, name, arguments, env=None, stdin=subprocess.DEVNULL, stdout=None):
        self.name = name
        self.may_end = False
        self.log_path = Path(folder) / f"{name}.log"
        self.log = open(self.log_path, "ab")
        self.child = subprocess.Popen(
            arguments, stdin=stdin, stdout=stdout or self.log, stderr=self.log, env=env, cwd=folder
        )

    def text(self):
        return self.log_path.read_text(errors="replace")

    def is_running(self):
        return self.child.poll() is None

    def assert_well(self):
        """It still runs, or a test wanted it to end: better told at once than after a minute in vain."""
        if not self.may_end and not self.is_running():
            raise AssertionError(f"{self.name} ended with {self.child.returncode}: {self.text()[-3000:]}")

    def signal(self, number):
        self.may_end = True
        self.child.send_signal(number)

    def wait(self, timeout=PATIENCE):
        self.may_end = True
        try:
            return self.child.wait(timeout)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.name} did not end within {timeout} s") from None

    def kill(self):
        self.may_end = True
        if self.is_running():
            self.child.kill()
        self.child.wait()

    def close(self):
        if self.is_running():
            self.child.terminate()
            try:
                self.child.wait(10)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()
        self.log.close()


class Broker(Process):
    """`tocsin broker`; see its --help for the commands."""

    def __init__(self, folder, brokers=1, partitions=4):
        super().__init__(
            folder,
            "broker",
            [BINARY, "broker", "--brokers", str(brokers), "--partitions", str(partitions)],
            env=child_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self.n_partitions = partitions
        self.bootstrap = self.child.stdout.readline().decode().strip()
        assert self.bootstrap, f"no broker: {self.text()}"

    def command(self, line):
        self.child.stdin.write(line.encode() + b"\n")
        self.child.stdin.flush()
        answer = self.child.stdout.readline().decode().strip()
        assert answer == "ok", f"{line}: {answer}"

    def close(self):
        self.child.stdin.close()
        super().close()
        self.child.stdout.close()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Redis(Process):
    """redis-server on a unix socket; what it was told survives a restart (appendonly).  port: on loopback, too."""

    def __init__(self, folder, name="redis", port=False):
        self.folder = Path(folder) / name
        self.folder.mkdir(exist_ok=True)
        self.socket = str(self.folder / "s")
        self.url = f"unix://{self.socket}"
        self.port = free_port() if port else 0
        super().__init__(
            self.folder,
            name,
            [
                "redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--unixsocket", self.socket,
                "--save", "", "--appendonly", "yes", "--appendfsync", "no",
                "--dir", str(self.folder), "--daemonize", "no",
            ],
        )
        self.client = redis_client.Redis(unix_socket_path=self.socket, decode_responses=True)
        wait_for(self.is_up, "redis-server answers")

    def is_up(self):
        try:
            return self.client.ping()
        except redis_client.exceptions.RedisError:
            return False

    def mentions(self):
        """{id: mention} of all {tocsin}:mention:ID"""
        keys = list(self.client.scan_iter("{tocsin}:mention:*", count=1000))
        values = self.client.mget(keys) if keys else []
        return {key.rsplit(":", 1)[1]: json.loads(value) for key, value in zip(keys, values)}

    def events(self):
        return [fields for _, fields in self.client.xrange("{tocsin}:events")]

    def latest(self):
        return self.client.zrange("{tocsin}:latest", 0, -1)


def child_environment():
    # TOCSIN_… in the environment are settings, and our own two names are none.
    env = {name: value for name, value in os.environ.items() if not name.startswith("TOCSIN_")}
    suppressions = Path(__file__).resolve().parent.parent / "tsan.supp"
    env.setdefault("TSAN_OPTIONS", f"suppressions={suppressions} halt_on_error=0 exitcode=66 report_signal_unsafe=0")
    env.setdefault("ASAN_OPTIONS", "detect_leaks=1")
    return env


class Run(Process):
    """`tocsin run`.  Its settings are the defaults, but with short times so that the tests are short."""

    def __init__(self, folder, name, broker, redis=None, arguments=(), **settings):
        options = {
            "kafka.bootstrap.servers": broker.bootstrap,
            "redis.url": redis.url if isinstance(redis, Redis) else redis or "",
            "redis.timeout": "1s",
            "instance": name,
            "workers": "2",
            "commit.interval": "100ms",
            "drain.timeout": "10s",
            # The mock's groups are steady only with a session of more than 3 s; its empty fetches wait to the end.
            "kafka.consumer.session.timeout.ms": "4000",
            "kafka.consumer.heartbeat.interval.ms": "500",
            "kafka.consumer.fetch.wait.max.ms": "10",
            "kafka.producer.batch.size": "500000",
            "log.level": "info",
        }
        options.update({key.replace("__", "."): str(value) for key, value in settings.items()})
        arguments = [BINARY, "run", *arguments]
        for key, value in options.items():
            arguments += ["-X", f"{key}={value}"]
        super().__init__(folder, name, arguments, env=child_environment())

    def has_logged(self, event, times=1):
        return self.text().count(f" event={event} ") >= times

    def wait_logged(self, event, times=1, timeout=PATIENCE):
        def logged_or_dead():
            assert self.is_running() or self.has_logged(event, times), f"{self.name} ended: {self.text()[-3000:]}"
            return self.has_logged(event, times)

        wait_for(logged_or_dead, f"{self.name} logs {event} {times} times", timeout)

    def wait_assigned(self):
        self.wait_logged("assigned")
        return self

    def stop(self, timeout=PATIENCE):
        """SIGTERM; returns the exit code."""
        self.signal(signal.SIGTERM)
        return self.wait(timeout)

    def assert_clean(self):
        """A sanitizer that complains makes the test fail, however the process ended."""
        text = self.text()
        for complaint in ("ThreadSanitizer", "AddressSanitizer", "LeakSanitizer", "runtime error:"):
            assert complaint not in text, f"{self.name}: {text[text.index(complaint) - 200:][:6000]}"


# ---- Kafka ----------------------------------------------------------------------------------------------------------


class Topics:
    """The other side: the crawlers that write, and the services that read."""

    def __init__(self, broker, input_topic=INPUT):
        self.broker = broker
        self.input = input_topic
        self.producer = confluent_kafka.Producer(
            {
                "bootstrap.servers": broker.bootstrap,
                "batch.size": 500000,
                "message.max.bytes": 3000000,
                "linger.ms": 5,
                "compression.type": "lz4",
                "partitioner": "murmur2_random",
                "log_level": 3,
            }
        )
        self.undelivered = []

    def send(self, value, key=None, headers=None, topic=None, partition=None, timestamp=None):
        def report(error, _message):
            if error is not None:
                self.undelivered.append(error)

        extra = {}
        if partition is not None:
            extra["partition"] = partition
        if timestamp is not None:
            extra["timestamp"] = timestamp
        while True:
            try:
                self.producer.produce(
                    topic or self.input, value=value, key=key, headers=headers, on_delivery=report, **extra
                )
                break
            except BufferError:
                self.producer.poll(0.1)
        self.producer.poll(0)

    def flush(self):
        assert self.producer.flush(PATIENCE) == 0, "the broker did not take the articles"
        assert not self.undelivered, self.undelivered[:3]

def id_of(message):
    """Of an enriched article; None of anything else, such as a dead letter."""
    try:
        return json.loads(message.value())["id"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None


class Reader:
    """Reads a topic from its beginning, outside of any group; keeps all that it has read."""

    def __init__(self, broker, topic, assert_well=lambda: None, isolation="read_committed"):
        self.assert_well = assert_well
        self.consumer = confluent_kafka.Consumer(
            {
                "bootstrap.servers": broker.bootstrap,
                "group.id": f"test-{random.random()}",
                "isolation.level": isolation,
                "enable.auto.commit": False,
                "auto.offset.reset": "earliest",
                "fetch.wait.max.ms": 10,
                "log_level": 3,
            }
        )
        self.consumer.assign(
            [
                confluent_kafka.TopicPartition(topic, partition, confluent_kafka.OFFSET_BEGINNING)
                for partition in range(broker.n_partitions)
            ]
        )
        self.topic = topic
        self.messages = []
        self.seen = set()  # ids

    def read_some(self):
        """What is there now; waits a moment if there is nothing."""
        for message in self.consumer.consume(100, 0.02):
            if message.error() is None:
                self.messages.append(message)
                if message.value() is not None:
                    self.seen.add(id_of(message))
        return self.messages

    def read(self):
        """All that is there now."""
        before = -1
        while len(self.messages) > before:
            before = len(self.messages)
            self.read_some()
        return self.messages

    def read_until(self, condition, what, timeout=PATIENCE):
        def is_there():
            self.assert_well()
            return condition(self.read_some())

        wait_for(is_there, f"{self.topic}: {what}", timeout, every=0)
        return self.messages

    def ids(self):
        return [id_of(message) for message in self.messages if message.value() is not None]

    def close(self):
        self.consumer.close()


# ---- articles -------------------------------------------------------------------------------------------------------

# Plain sentences about states and what they do, as an agency would write them; none is a quotation, none a real report.
ESCALATING = {
    "de": "Russland hat die Ukraine mit Raketen angegriffen.",
    "en": "Russia attacked Ukraine with missiles.",
}
CALMING = {
    "de": "Russland und die Ukraine haben eine Waffenruhe vereinbart.",
    "en": "Russia and Ukraine agreed on a ceasefire.",
}
QUIET = {
    "de": (
        "Die Stadt baut in diesem Jahr drei neue Schulen.",
        "Am Wochenende wird es sonnig, sagte der Wetterdienst.",
        "Die Preise für Gemüse sind im Sommer etwas gefallen.",
        "Der Verein hat am Samstag sein letztes Spiel der Saison gewonnen.",
    ),
    "en": (
        "The city is building three new schools this year.",
        "The weekend will be sunny, the weather service said.",
        "Prices of vegetables have fallen a little over the summer.",
        "On Saturday the club won its last match of the season.",
    ),
}


def article(number, with_mention=False, size=0, **fields):
    """A JSON article; with_mention: one in which something escalates or calms down.  Never twice the same text."""
    language = "de" if number % 2 == 0 else "en"
    sentences = list(QUIET[language])
    if with_mention:
        sentences.insert(1, (ESCALATING if number % 4 < 2 else CALMING)[language])
    padding = 0
    while len(" ".join(sentences)) < size:
        sentences.append(QUIET[language][padding % 4])
        padding += 1
    counted = "Dies ist die Meldung Nummer" if language == "de" else "This is report number"
    document = {
        "id": f"a{number}",
        "url": f"https://agency.example/{number}",
        "source": "agency.example",
        "title": f"{counted} {number}",
        "body": " ".join(sentences) + f"\n\n{counted} {number}.",
        "published_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "language": language,
    }
    document.update(fields)
    return json.dumps(document, ensure_ascii=False).encode()


def ids(numbers):
    return {f"a{number}" for number in numbers}


# ---- a test's world --------------------------------------------------------------------------------------------------


class World:
    """All processes of one test."""

    input, output, dead, group = INPUT, OUTPUT, DEAD, "tocsin"

    def __init__(self, folder):
        self.folder = folder
        self.processes = []
        self.readers = []
        self.topics = None

    def start_broker(self, **options):
        broker = Broker(self.folder, **options)
        self.processes.append(broker)
        self.broker = broker
        self.topics = Topics(broker)
        return broker

    def start_redis(self, name="redis", **options):
        self.redis = Redis(self.folder, name, **options)
        self.processes.append(self.redis)
        return self.redis

    def start_run(self, name="run", redis=None, **settings):
        run = Run(self.folder, name, self.broker, redis, **settings)
        self.processes.append(run)
        return run

    def reader(self, topic=None, **options):
        reader = Reader(self.broker, topic or self.output, self.assert_well, **options)
        self.readers.append(reader)
        return reader

    def assert_well(self):
        for process in self.processes:
            process.assert_well()

    def close(self):
        for reader in self.readers:
            reader.close()
        for process in reversed(self.processes):
            process.close()

    def show(self):
        for process in self.processes:
            text = process.text()
            lines = [line for line in text.splitlines() if " event=setting " not in line]
            print(f"---- {process.name}: the last of {len(lines)} lines", *lines[-60:], sep="\n")


def new_folder():
    # A unix socket's path has to be short, and pytest's folders are not.
    folder = Path("/tmp") / f"tocsin-test-{os.getpid()}-{random.randrange(1 << 32):08x}"
    folder.mkdir()
    return folder


def finish(worlds, failed):
    """Ends all worlds of a test; shows them when it failed or a sanitizer complains."""
    try:
        for world in worlds:
            world.close()
        for process in [process for world in worlds for process in world.processes]:
            if isinstance(process, Run):
                process.assert_clean()
    except AssertionError:
        failed = True
        raise
    finally:
        for world in worlds:
            if failed:
                world.show()
            shutil.rmtree(world.folder, ignore_errors=True)
