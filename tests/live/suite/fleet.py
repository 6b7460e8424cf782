"""Several `tocsin run` processes: started, killed, frozen, restarted, and weighed five times a second."""

import os
import re
import signal
import statistics
import threading
import time
from pathlib import Path

import world as stream
from world import Process, Run, child_environment, wait_for

SESSION_S = 6.0
PAGE = os.sysconf("SC_PAGE_SIZE")
MB = 1 << 20

# Short times, so that the tests are short; all else is the default.  Small batches and a short commit interval make
# the bound on duplicates a narrow one.
SETTINGS = {
    "redis.timeout": "1s",
    "workers": "2",
    "commit.interval": "200ms",
    "batch.max.count": "100",
    "batches": "4",
    "kafka.consumer.session.timeout.ms": "6000",
    "kafka.consumer.heartbeat.interval.ms": "1000",
    "log.level": "info",
}


def in_flight_most():
    """Articles that one instance can hold: those of its batches, and the one that the reader fills."""
    return (int(SETTINGS["batches"]) + 1) * int(SETTINGS["batch.max.count"])


def memory_most(settings):
    """The bound on one instance's resident memory in bytes, by its settings.

    Tables and code, and what the allocator keeps (192 MB); each batch three times: what came, what the rooms make of
    it, and the producer's copy on its way out; the consumer's queue twice, as fetched and as unpacked.
    """
    batches = (int(settings["batches"]) + 1) * MB * 3
    queue = 2 * int(settings.get("kafka.consumer.queued.max.messages.kbytes", 32768)) * 1024
    return 192 * MB + batches + queue


class Instance(Run):
    """One life of a process; a restart is another Instance with the same name and log file."""

    def __init__(self, folder, name, settings, wrapper=()):
        arguments = [*wrapper, stream.BINARY, "run"]
        for key, value in settings.items():
            arguments += ["-X", f"{key}={value}"]
        log = Path(folder) / f"{name}.log"
        self.log_from = log.stat().st_size if log.exists() else 0
        self.input = settings["input.topic"]
        self.settings = settings
        self.samples = []  # resident bytes
        self.n_loading = 0  # samples before it had read its tables
        self.is_up = False
        self.frozen_at = None
        self.started_at = time.monotonic()
        Process.__init__(self, folder, name, arguments, env=child_environment())

    @property
    def pid(self):
        return self.child.pid

    def text(self):
        with open(self.log_path, "rb") as file:
            file.seek(self.log_from)
            return file.read().decode(errors="replace")

    def count(self, event):
        return self.text().count(f" event={event} ")

    def lines(self, event):
        return [line for line in self.text().splitlines() if f" event={event} " in line]

    def owned(self):
        """The partitions that it believes to be its own, by its log."""
        mine = set()
        for line in self.text().splitlines():
            event = re.search(r" event=(assigned|revoked|lost) .*?partitions=\"?([^\" ]*)", line)
            if event is None:
                continue
            named = {int(number) for number in re.findall(r"\d+", event.group(2)[len(self.input) :])}
            mine = mine | named if event.group(1) == "assigned" else mine - named
        return mine

    def freeze(self):
        os.kill(self.pid, signal.SIGSTOP)
        self.frozen_at = time.monotonic()

    def thaw(self):
        os.kill(self.pid, signal.SIGCONT)
        lasted = time.monotonic() - self.frozen_at
        self.frozen_at = None
        return lasted

    def kill(self):
        super().kill()
        self.frozen_at = None

    def close(self):
        if self.frozen_at is not None:
            self.thaw()
        super().close()

    def weigh(self):
        if not self.is_up:
            with open(self.log_path, "rb") as file:
                file.seek(self.log_from)
                self.is_up = b"event=started" in file.read()
            self.n_loading = len(self.samples)
        try:
            with open(f"/proc/{self.pid}/statm", encoding="ascii") as file:
                self.samples.append(int(file.read().split()[1]) * PAGE)
        except (OSError, IndexError, ValueError):
            pass  # it has just ended

    def growth(self):
        """Median of the last third less that of the middle third; None for a life too short to say."""
        samples = self.samples[self.n_loading :]
        if len(samples) < 24:
            return None
        third = len(samples) // 3
        return statistics.median(samples[2 * third :]) - statistics.median(samples[third : 2 * third])


class Fleet:
    def __init__(self, folder, settings):
        self.folder = folder
        self.settings = {**SETTINGS, **settings}
        self.members = {}  # name → the instance that runs under it now
        self.all = []
        self.ending = threading.Event()
        self.thread = threading.Thread(target=self.weigh_all, name="scales", daemon=True)
        self.thread.start()

    def weigh_all(self):
        while not self.ending.wait(0.2):
            for instance in list(self.members.values()):
                if instance.is_running() and instance.frozen_at is None:
                    instance.weigh()

    def start(self, name, wrapper=(), **settings):
        own = {**self.settings, "instance": name, **{key.replace("__", "."): value for key, value in settings.items()}}
        instance = Instance(self.folder, name, own, wrapper)
        self.members[name] = instance
        self.all.append(instance)
        return instance

    def running(self):
        return [instance for instance in self.members.values() if instance.is_running()]

    def is_whole(self, n_partitions):
        """All run, each owns a share, and between them they own each partition once."""
        shares = [instance.owned() for instance in self.running()]
        return all(shares) and sorted(p for share in shares for p in share) == list(range(n_partitions))

    def assert_well(self):
        for instance in self.members.values():
            instance.assert_well()

    def stop(self, timeout=60):
        """SIGTERM to all; the exit codes."""
        running = self.running()
        for instance in running:
            instance.signal(signal.SIGTERM)
        return [instance.wait(timeout) for instance in running]

    def forget(self, name):
        del self.members[name]

    def close(self):
        self.ending.set()
        self.thread.join(5)
        for instance in self.all:
            instance.close()


def wait_whole(fleet, n_partitions, timeout=90):
    def is_whole():
        fleet.assert_well()
        return fleet.is_whole(n_partitions)

    wait_for(is_whole, "all partitions are owned, each by one instance", timeout, every=0.1)
