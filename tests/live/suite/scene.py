"""What one case has: topics, a group and a Redis of its own, a load, a fleet, an onlooker, and a list of its faults."""

import random
import re
import time

import confluent_kafka
import redis as redis_client
from world import Redis, wait_for

from .fleet import Fleet, in_flight_most, wait_whole
from .load import Load
from .watch import Watch, reader

COMMIT_S = 0.2
QUIET_S = 90  # nothing at all came out for so long: it is stuck


class DurableRedis(Redis):
    """What it has answered survives a kill -9: it writes and syncs before it answers."""

    def __init__(self, folder, name="redis"):
        super().__init__(folder, name)
        self.client.config_set("appendfsync", "always")

    def events(self):
        found, last = [], "-"
        while entries := self.client.xrange("{tocsin}:events", min=last, count=20_000):
            found += [fields for _, fields in entries]
            last = f"({entries[-1][0]}"
        return found

    def answers(self):
        try:
            return self.client.ping()
        except redis_client.exceptions.RedisError:
            return False


class Fault:
    """kind; hit: it met work under way; doubles: how many articles it may have made come out twice."""

    def __init__(self, kind, hit, doubles, text=""):
        self.kind, self.hit, self.doubles, self.text = kind, bool(hit), doubles, text


class Scene:
    n_partitions = 12

    def __init__(self, cluster, folder, case, mode, seed, n_articles, bootstrap=None):
        self.cluster, self.folder, self.case, self.mode, self.seed = cluster, folder, case, mode, seed
        self.bootstrap = cluster.bootstrap
        self.n_articles = n_articles
        self.exactly_once = mode == "exactly_once"
        self.chance = random.Random(f"{seed} {case} {mode}")
        stem = f"live-{case}-{'eo' if self.exactly_once else 'alo'}-{random.randrange(1 << 32):08x}"
        self.input, self.output, self.dead = f"{stem}.raw", f"{stem}.enriched", f"{stem}.dead"
        self.group = stem
        self.faults = []
        self.facts = {}
        self.expected = None  # or: which numbers have to come out, when not all that were sent can
        self.retention = False  # the beginning of the input is gone
        self.mentions_allowed = None  # or: every id that one lexicon or the other finds
        self.load = self.fleet = self.watch = self.redis = None
        self.asker = None
        self.glimpse = None  # sees what is produced before it is committed
        self.folder.mkdir(parents=True, exist_ok=True)

    # ---- setting up

    def set_up(self, topics=None, **settings):
        """topics: {"input": {config}, …}"""
        for role, name in (("input", self.input), ("output", self.output), ("dead", self.dead)):
            self.cluster.create_topic(name, self.n_partitions, **(topics or {}).get(role, {}))
        self.redis = DurableRedis(self.folder)
        self.fleet = Fleet(
            self.folder,
            {
                "kafka.bootstrap.servers": self.bootstrap,
                "input.topic": self.input,
                "output.topic": self.output,
                "dead.topic": self.dead,
                "group.id": self.group,
                "delivery": self.mode,
                "redis.url": self.redis.url,
                "events.max": "10000000",
                **{key.replace("__", "."): str(value) for key, value in settings.items()},
            },
        )
        self.watch = Watch(self.bootstrap, [self.output, self.dead], self.n_partitions)
        self.glimpse = self.watch
        if self.exactly_once:
            self.glimpse = Watch(self.bootstrap, [self.output], self.n_partitions, "read_uncommitted")
        return self

    def crawl(self, rate, **options):
        self.load = Load(self.bootstrap, self.input, self.seed, self.n_partitions, **options).start(rate)
        return self.load

    def start_instances(self, count, **settings):
        for number in range(count):
            self.fleet.start(f"i{number + 1}", **settings)
        wait_whole(self.fleet, self.n_partitions)

    # ---- looking on

    def assert_well(self):
        self.fleet.assert_well()
        self.watch.assert_well()
        self.glimpse.assert_well()
        self.redis.assert_well()
        if self.load is not None and self.load.failure is not None:
            raise self.load.failure

    def wait(self, condition, what, timeout=90, every=0.02):
        def well_and_true():
            self.assert_well()
            try:
                return condition()
            except confluent_kafka.KafkaException:
                return False  # while brokers come and go some questions have no answer; they are asked again

        return wait_for(well_and_true, what, timeout, every)

    def under_way(self, partitions=None):
        """Articles that the brokers have and that have not come out."""
        partitions = range(self.n_partitions) if partitions is None else partitions
        return sum(self.load.acked[p] - self.watch.first_seen[p] for p in partitions)

    def wait_flowing(self, partitions=None, count=1, watch=None):
        """`count` more articles of these partitions come out."""
        partitions = list(range(self.n_partitions) if partitions is None else partitions)
        watch = watch or self.watch
        before = sum(watch.first_seen[p] for p in partitions)
        self.wait(lambda: sum(watch.first_seen[p] for p in partitions) >= before + count,
                  f"{count} articles of partitions {partitions} come out", every=0.001)  # fmt: skip

    def wait_caught_up(self, within=200, timeout=120):
        self.wait(lambda: self.under_way() <= within, f"no more than {within} articles are under way", timeout)

    def meet(self, partitions, burst, tries=20):
        """Sends a burst and returns in the middle of it: some of these partitions' articles are out, more are under way;
        how many.  Instances that are quicker than the crawler may have none left just then: they get another burst."""
        share = max(1, burst * len(partitions) // self.n_partitions)
        for _ in range(tries):
            self.load.burst(burst)
            self.wait_flowing(partitions, self.chance.randrange(1, max(2, share // 3)), self.glimpse)
            under_way = self.under_way(partitions)
            if under_way > 0:
                break
        return under_way

    def catch(self, victim, partitions, burst, tries=20):
        """Freezes the victim with work in hand, in exactly_once with a transaction open, however short such moments
        are: missed, it goes on and is caught again.  Returns what it holds, and whether it was caught like that."""
        for attempt in range(tries):
            self.meet(partitions, burst)
            victim.freeze()
            held, hit = self.in_hand(partitions)
            if hit or attempt == tries - 1:
                return held, hit
            victim.thaw()
            self.wait_caught_up()
        raise AssertionError("no tries")

    def committed(self):
        """{partition: offset}, as it is now: a read_committed consumer would be made to wait for transactions that
        are about to commit offsets, also for those of the dead."""
        if self.asker is None:
            self.asker = reader(self.bootstrap, "read_uncommitted", **{"group.id": self.group})
        wanted = [confluent_kafka.TopicPartition(self.input, partition) for partition in range(self.n_partitions)]
        found = self.asker.committed(wanted, timeout=20)
        for each in found:
            assert each.error is None, f"no committed offset to be had: {each.error}"
        return {each.partition: each.offset for each in found if each.offset >= 0}

    def uncommitted(self, partitions):
        """Articles of these partitions that will be read again if their owner dies now."""
        ends = self.cluster.end_offsets(self.input, "read_uncommitted")
        committed = self.committed()
        return sum(ends[p] - committed.get(p, 0) for p in partitions)

    def in_hand(self, partitions):
        """What the owner of these partitions has not finished: articles that have to be read again if it dies now; and
        is a transaction of its own open?  (An output partition is written by the owner of the same input partition.)"""
        held = self.uncommitted(partitions)
        if not self.exactly_once:
            return held, held > 0
        stable = self.cluster.end_offsets(self.output)
        ends = self.cluster.end_offsets(self.output, "read_uncommitted")
        is_open = any(stable[p] < ends[p] for p in partitions)
        return held, held > 0 and is_open

    def transactional_id(self, instance):
        """Its default, as the instance itself says at its start."""
        for line in instance.lines("setting"):
            found = re.search(r"transactional\.id\b[ =\"]+(?:value=)?\"?([^\s\"]+)", line)
            if found:
                return found.group(1)
        raise AssertionError(f"{instance.name} does not say what its transactional.id is")

    # ---- faults

    def note(self, kind, hit, doubles=0, text=""):
        self.faults.append(Fault(kind, hit, doubles, text))

    def doubles_of(self, n_instances=1, at_most=None):
        """What a fault that takes the work of n instances away can double: what they held and what they had not
        committed yet, which is what comes out within a commit interval."""
        bound = n_instances * in_flight_most() + int(self.watch.peak_rate * COMMIT_S)
        return bound if at_most is None else min(bound, at_most)

    def may_double(self):
        return sum(fault.doubles for fault in self.faults)

    @property
    def what_hits(self):
        return "with a transaction open" if self.exactly_once else "with work in hand"

    def hits(self, kind=None):
        chosen = [fault for fault in self.faults if kind is None or fault.kind == kind]
        return sum(fault.hit for fault in chosen), len(chosen)

    # ---- the end

    def finish(self, at_least=None, done=None, timeout=300):
        """The load ends, everything comes out and is committed, all are stopped in peace.  done(): what "everything"
        means, if it is not all that was sent."""
        self.load.stop(self.n_articles if at_least is None else at_least)
        self.wait_moving(done or (lambda: len(self.watch.seen) >= self.load.made), "all articles come out", timeout)
        self.wait(lambda: self.uncommitted(range(self.n_partitions)) == 0, "all offsets are committed", 60, every=0.2)
        codes = self.fleet.stop()
        assert not any(codes), f"exit codes after SIGTERM: {codes}"

    def wait_moving(self, condition, what, timeout):
        """Gives up sooner when nothing comes out at all."""
        started = time.monotonic()

        def moving():
            assert time.monotonic() - max(self.watch.last_change, started) < QUIET_S, (
                f"nothing came out for {QUIET_S} s; {len(self.watch.seen)} of {self.load.made} did"
            )
            return condition()

        self.wait(moving, f"{what}; {len(self.watch.seen)} of {self.load.made} had at first", timeout, every=0.1)

    def halt(self):
        """After a failure: all end as they can, so that what is judged does not move any more."""
        if self.load is not None and self.load.thread.is_alive():
            self.load.stop(0, timeout=30)
        for instance in self.fleet.all if self.fleet is not None else ():
            if instance.frozen_at is not None:
                instance.thaw()
            try:
                if instance.is_running():
                    instance.stop(40)
            except AssertionError:
                instance.kill()

    def close(self):
        if self.load is not None:
            self.load.ending.set()
        if self.asker is not None:
            self.asker.close()
        for watch in {self.watch, self.glimpse} - {None}:
            watch.close()
        if self.fleet is not None:
            self.fleet.close()
        if self.redis is not None:
            self.redis.close()

    def delete_topics(self):
        for name in (self.input, self.output, self.dead):
            try:
                self.cluster.delete_topic(name)
            except Exception:
                pass  # a foreign cluster may not allow it; the names are unique
