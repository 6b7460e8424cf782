#!/usr/bin/python3
"""What the delivery guarantees cost on real Kafka, measured side by side in one run.

    tests/bench/stream --kafka                all of it
    tests/bench/stream --kafka --delivery     articles a second in both modes, 3 brokers, replication 3
    tests/bench/stream --kafka --latency      200 articles/s on one broker: produce to enriched record, and to Redis
    tests/bench/stream --kafka --failover     start to first article; kill -9 to the next article of its partitions
    tests/bench/stream --kafka --long         a million articles through one instance: memory, threads and open files

    --articles N   of --delivery (default 40000) and --long (1000000)
    --rounds N     of --delivery (default 3) and --failover (5)
    --mode M       of --latency: this one only
    -X KEY=VALUE   a setting of `tocsin run`, to see what it does
    --rate N       of --latency (default 200), --seconds N (default 30), --linger MS,… (default 0,1,5)

Brokers, `tocsin run` and this program share the machine's cores, so rates are of the whole, and the ratio is the figure.
Settings are the defaults.  Needs what tests/run --live installs.
"""

import argparse
import os
import random
import resource
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "tests" / "live"), str(ROOT / "tests" / "stream")]
sys.dont_write_bytecode = True
os.environ.setdefault("TOCSIN_BINARY", str(ROOT / "build" / "release" / "tocsin"))

import confluent_kafka  # noqa: E402
from cluster import Cluster, Unavailable  # noqa: E402
from world import Process, Redis, article, child_environment, wait_for  # noqa: E402

MODES = ("at_least_once", "exactly_once")
SIZE = 4000  # bytes of text
PARTITIONS = 12
EXTRA = []  # settings for all instances, from the command line


class Instance(Process):
    """`tocsin run` as a user would start it."""

    def __init__(self, folder, name, cluster, topics, mode, redis=None, **settings):
        options = {
            "kafka.bootstrap.servers": cluster.bootstrap,
            "input.topic": topics["input"],
            "output.topic": topics["output"],
            "dead.topic": topics["dead"],
            "group.id": topics["group"],
            "redis.url": redis.url if redis else "",
            "delivery": mode,
            "instance": name,
        }
        options.update(settings)
        options.update(text.split("=", 1) for text in EXTRA)
        arguments = [os.environ["TOCSIN_BINARY"], "run"]
        for key, value in options.items():
            arguments += ["-X", f"{key}={value}"]
        super().__init__(folder, name, arguments, env=child_environment())

    def status(self, key):
        for line in Path(f"/proc/{self.child.pid}/status").read_text().splitlines():
            if line.startswith(key + ":"):
                return int(line.split()[1])
        return 0

    def open_files(self):
        return len(os.listdir(f"/proc/{self.child.pid}/fd"))

    def stop(self):
        self.may_end = True
        self.child.terminate()
        code = self.wait(60)
        assert code == 0, f"{self.name} ended with {code}: {self.text()[-2000:]}"


def make_topics(cluster, partitions=PARTITIONS):
    tag = f"{random.randrange(1 << 32):08x}"
    topics = {name: f"{name}-{tag}" for name in ("input", "output", "dead", "group")}
    for name in ("input", "output", "dead"):
        cluster.create_topic(topics[name], partitions)
    return topics


def make_producer(cluster, linger=5):
    return confluent_kafka.Producer(
        {"bootstrap.servers": cluster.bootstrap, "linger.ms": linger, "compression.type": "lz4", "acks": "all",
         "enable.idempotence": True, "socket.nagle.disable": True, "partitioner": "murmur2_random", "log_level": 3}
    )


def make_consumer(cluster, topics, partitions=PARTITIONS):
    consumer = confluent_kafka.Consumer(
        {"bootstrap.servers": cluster.bootstrap, "group.id": f"bench-{random.random()}", "log_level": 3,
         "enable.auto.commit": False, "isolation.level": "read_committed", "fetch.wait.max.ms": 100,
         "socket.nagle.disable": True}
    )
    consumer.assign([confluent_kafka.TopicPartition(topics["output"], n, 0) for n in range(partitions)])
    return consumer


def load(cluster, topics, n):
    """n articles of SIZE bytes; every tenth with a mention.  A few hundred texts, because only reading is measured."""
    texts = [article(number, with_mention=number % 10 == 0, size=SIZE) for number in range(500)]
    producer = make_producer(cluster, linger=50)
    for number in range(n):
        # Each has an id of its own, or Redis would know its mentions already.
        value = texts[number % 500].replace(b'"id": "a', b'"id": "%d-' % number, 1)
        while True:
            try:
                producer.produce(topics["input"], value, key=str(number % 1000))
                break
            except BufferError:
                producer.poll(0.1)
    assert producer.flush(120) == 0


def percentile(values, part):
    return sorted(values)[min(len(values) - 1, int(part * len(values)))]


# ---- rates ----------------------------------------------------------------------------------------------------------


def rate_of(folder, cluster, mode, n, redis):
    """Articles a second from the first enriched record to the last."""
    topics = make_topics(cluster)
    load(cluster, topics, n)
    consumer = make_consumer(cluster, topics)
    instance = Instance(folder, f"rate-{mode}", cluster, topics, mode, redis)
    seen, first = 0, None
    while seen < n:
        instance.assert_well()
        for message in consumer.consume(2000, 0.2):
            if message.error() is None:
                seen += 1
        if seen and first is None:
            first = (time.monotonic(), seen)
    seconds = time.monotonic() - first[0]
    consumer.close()
    instance.stop()
    instance.close()
    for name in ("input", "output", "dead"):
        cluster.delete_topic(topics[name])
    return (n - first[1]) / seconds


def delivery(folder, options):
    with Cluster(folder / "three", 3) as cluster:
        redis = Redis(folder)
        rates = {mode: [] for mode in MODES}
        print(f"delivery: {options.articles} articles of {SIZE} bytes, 3 brokers, replication 3, Redis", flush=True)
        for number in range(options.rounds):
            for mode in MODES if number % 2 == 0 else reversed(MODES):
                rates[mode].append(rate_of(folder, cluster, mode, options.articles, redis))
            pair = [rates[mode][-1] for mode in MODES]
            print(f"  round {number + 1}: at_least_once {pair[0]:6.0f}/s  exactly_once {pair[1]:6.0f}/s  "
                  f"ratio {pair[1] / pair[0]:.2f}", flush=True)
        medians = [statistics.median(rates[mode]) for mode in MODES]
        print(f"  median:  at_least_once {medians[0]:6.0f}/s  exactly_once {medians[1]:6.0f}/s  "
              f"ratio {medians[1] / medians[0]:.2f}", flush=True)
        redis.close()


# ---- latency --------------------------------------------------------------------------------------------------------


def latencies(folder, cluster, mode, redis, options, linger):
    topics = make_topics(cluster)
    consumer = make_consumer(cluster, topics)
    instance = Instance(folder, f"latency-{mode}-{linger}", cluster, topics, mode, redis,
                        **{"kafka.producer.linger.ms": linger})
    sent, kafka_ms, redis_ms, stop = {}, [], [], threading.Event()
    tag, n_warm, n = topics["group"], 2 * options.rate, options.rate * options.seconds

    def follow_redis():
        client, last = redis.client, "$"
        while not stop.is_set():
            for _, entries in client.xread({"{tocsin}:events": last}, block=100, count=1000) or []:
                now = time.time()
                for last, fields in entries:
                    if fields["article"] in sent and int(fields["article"].rsplit(".", 1)[1]) >= n_warm:
                        redis_ms.append((now - sent[fields["article"]]) * 1000)

    def follow_kafka():
        while not stop.is_set():
            for message in consumer.consume(100, 0.001):
                now = time.time()
                name = message.key().decode() if message.error() is None and message.key() else None
                if name in sent and int(name.rsplit(".", 1)[1]) >= n_warm:
                    kafka_ms.append((now - sent[name]) * 1000)

    wait_for(lambda: "event=assigned" in instance.text(), "the group has met")
    threads = [threading.Thread(target=follow) for follow in (follow_redis, follow_kafka)]
    for thread in threads:
        thread.start()
    producer, began = make_producer(cluster, linger=0), time.time()
    for number in range(n_warm + n):
        name = f"{tag}.{number}"
        value = article(number, with_mention=True, size=SIZE, id=name)
        time.sleep(max(0, began + number / options.rate - time.time()))
        sent[name] = time.time()
        producer.produce(topics["input"], value, key=name)
        producer.poll(0)
    producer.flush(30)
    wait_for(lambda: len(kafka_ms) >= n and len(redis_ms) >= n, "all articles at both ends")
    stop.set()
    for thread in threads:
        thread.join()
    consumer.close()
    instance.stop()
    instance.close()
    return kafka_ms, redis_ms


def latency(folder, options):
    with Cluster(folder / "one", 1) as cluster:
        redis = Redis(folder, "redis-latency")
        print(f"latency: {options.rate} articles/s of {SIZE} bytes for {options.seconds} s, one broker; ms from produce()"
              " to the reader's hands", flush=True)
        for linger in options.linger.split(","):
            for mode in [options.mode] if options.mode else MODES:
                both = latencies(folder, cluster, mode, redis, options, linger)
                texts = [f"p50 {percentile(ms, 0.5):6.1f}  p99 {percentile(ms, 0.99):6.1f}  max {max(ms):6.1f}"
                         for ms in both]
                print(f"  linger {linger:>2}  {mode:<13}  record {texts[0]}   Redis {texts[1]}", flush=True)
        redis.close()


# ---- starting and failing over --------------------------------------------------------------------------------------


def failover(folder, options):
    with Cluster(folder / "three-failover", 3) as cluster:
        print("failover: 3 brokers, two instances, session timeout 10 s (the default)", flush=True)
        for number in range(options.rounds):
            for mode in MODES:
                started, moved = failover_once(folder, cluster, mode, number)
                print(f"  round {number + 1}  {mode:<13}  group's answer to first enriched record {started:5.2f} s   "
                      f"kill -9 to the next record of its partitions {moved:5.2f} s", flush=True)


def failover_once(folder, cluster, mode, number):
    topics = make_topics(cluster)
    consumer, arrivals, stop, producer = make_consumer(cluster, topics), {}, threading.Event(), make_producer(cluster)

    def produce():
        n = 0
        while not stop.is_set():
            n += 1
            producer.produce(topics["input"], article(n, size=SIZE), key=str(n % 1000), partition=n % PARTITIONS,
                             headers={"from": str(n % PARTITIONS), "at": str(time.time())})
            producer.poll(0)
            time.sleep(0.005)

    def follow():
        while not stop.is_set():
            for message in consumer.consume(500, 0.01):
                if message.error() is None:
                    headers = dict(message.headers())
                    arrivals.setdefault(int(headers["from"]), []).append((time.time(), float(headers["at"])))

    threads = [threading.Thread(target=job) for job in (produce, follow)]
    for thread in threads:
        thread.start()
    first = Instance(folder, f"first-{mode}-{number}", cluster, topics, mode)
    wait_for(lambda: "event=assigned" in first.text(), "the group has met", every=0.002)
    met = time.time()
    wait_for(lambda: arrivals, "a first record", every=0.002)
    started = time.time() - met
    second = Instance(folder, f"second-{mode}-{number}", cluster, topics, mode)
    wait_for(lambda: "event=assigned n=6" in second.text(), "the partitions are shared")
    theirs = sorted(int(text) for text in second.text().split("event=assigned n=6 partitions=")[1].split()[0]
                    .split("/")[1].split(","))
    time.sleep(3)  # so that it is at work, not to hide anything
    second.kill()
    killed = time.time()
    # Of each of its partitions the first record that was produced after the kill.
    wait_for(lambda: all(any(at > killed for _, at in arrivals.get(n, [])) for n in theirs), "its partitions move")
    moved = max(min(seen for seen, at in arrivals[n] if at > killed) for n in theirs) - killed
    stop.set()
    for thread in threads:
        thread.join()
    producer.flush(10)
    consumer.close()
    first.stop()
    first.close()
    second.close()
    return started, moved


# ---- a million ------------------------------------------------------------------------------------------------------


def long(folder, options):
    n = options.articles if options.articles_given else 1000000
    with Cluster(folder / "one-long", 1) as cluster:
        redis, topics = Redis(folder, "redis-long"), make_topics(cluster)
        print(f"long: {n} articles of {SIZE} bytes through one instance, at_least_once", flush=True)
        loader = threading.Thread(target=load, args=(cluster, topics, n))
        loader.start()
        instance = Instance(folder, "long", cluster, topics, "at_least_once", redis)
        consumer, seen, began, told = make_consumer(cluster, topics), 0, time.monotonic(), 0
        while seen < n:
            instance.assert_well()
            seen += sum(message.error() is None for message in consumer.consume(5000, 0.5))
            if seen - told >= n // 10 or seen == n:
                told = seen
                resident, peak = instance.status("VmRSS") / 1024, instance.status("VmHWM") / 1024
                print(f"  {seen:8d} articles  {seen / (time.monotonic() - began):6.0f}/s  resident {resident:6.1f} MB  "
                      f"peak {peak:6.1f} MB  threads {instance.status('Threads')}  open files {instance.open_files()}",
                      flush=True)
        loader.join()
        consumer.close()
        instance.stop()
        instance.close()
        redis.close()


def main():
    parser = argparse.ArgumentParser(prog="tests/bench/stream --kafka", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parts = (("delivery", delivery), ("latency", latency), ("failover", failover), ("long", long))
    for name, _ in parts:
        parser.add_argument(f"--{name}", action="store_true")
    parser.add_argument("--articles", type=int)
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--rate", type=int, default=200)
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--linger", default="0,1,5")
    parser.add_argument("--mode", choices=MODES)
    parser.add_argument("-X", action="append", default=[], metavar="KEY=VALUE")
    options = parser.parse_args()
    options.articles_given = options.articles is not None
    options.articles = options.articles or 40000
    rounds = options.rounds
    EXTRA.extend(options.X)
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    print(f"load average at the start: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores", flush=True)
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as folder:
        for name, part in parts:
            if getattr(options, name) or not any(getattr(options, other) for other, _ in parts):
                options.rounds = rounds or {"delivery": 3, "failover": 5}.get(name, 1)
                part(Path(folder), options)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Unavailable as reason:
        print(f"tests/bench/stream --kafka: {reason}", file=sys.stderr)
        sys.exit(69)
