"""Looks on while a case runs: what has come out so far, and how fast.

Faults are placed by what is seen here ("while articles are under way"), and a case is over when everything has been
seen.  The judgement at the end is made by audit.py, which reads all topics anew.
"""

import threading
import time

import confluent_kafka

from .load import HEADER


def reader(bootstrap, isolation="read_committed", **settings):
    """A consumer outside of any group."""
    return confluent_kafka.Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": "tocsin-live-onlooker",
            "enable.auto.commit": False,
            "enable.partition.eof": False,
            "auto.offset.reset": "earliest",
            "isolation.level": isolation,
            "fetch.wait.max.ms": 50,
            "queued.min.messages": 50_000,
            "log_level": 2,
            **settings,
        }
    )


def number_of(message):
    for name, value in message.headers() or ():
        if name == HEADER:
            return int(value)
    return None


class Watch:
    """Thread-safety: all may be asked from any thread."""

    def __init__(self, bootstrap, topics, n_partitions, isolation="read_committed"):
        self.consumer = reader(bootstrap, isolation)
        self.consumer.assign(
            [
                confluent_kafka.TopicPartition(topic, partition, confluent_kafka.OFFSET_BEGINNING)
                for topic in topics
                for partition in range(n_partitions)
            ]
        )
        self.seen = {}  # number → partition
        self.first_seen = [0] * n_partitions  # of distinct articles; key and partitioner are those of the input
        self.n_records = 0
        self.peak_rate = 0.0
        self.last_change = time.monotonic()
        self.failure = None
        self.ending = threading.Event()
        self.thread = threading.Thread(target=self.run, name="watch", daemon=True)
        self.thread.start()

    def run(self):
        try:
            window, in_window = time.monotonic(), 0
            while not self.ending.is_set():
                messages = self.consumer.consume(2000, 0.05)
                for message in messages:
                    if message.error() is None:
                        self.take(message)
                        in_window += 1
                now = time.monotonic()
                if now - window >= 1:
                    self.peak_rate = max(self.peak_rate, in_window / (now - window))
                    window, in_window = now, 0
        except BaseException as error:
            self.failure = error

    def take(self, message):
        number = number_of(message)
        self.n_records += 1
        if number is None or number in self.seen:
            return
        self.seen[number] = message.partition()
        self.first_seen[message.partition()] += 1
        self.last_change = time.monotonic()

    def assert_well(self):
        if self.failure is not None:
            raise AssertionError(f"the onlooker failed: {self.failure!r}")

    def close(self):
        self.ending.set()
        self.thread.join(10)
        self.consumer.close()
