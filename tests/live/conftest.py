"""The fixtures of the live tests: clusters of real brokers that are started once, and a world of its own per test.

    def test_something(live, cluster1):
        world = live(cluster1)              # topics and a group that nobody else uses
        world.start_run()                   # and the rest as in the stream tests
"""

import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "stream")]
os.environ.setdefault("TOCSIN_BINARY", str(HERE.parent.parent / "build" / "release" / "tocsin"))
pytest.register_assert_rewrite("world", "cluster")

import secured as security  # noqa: E402
from cluster import Cluster, NotOurs, Unavailable  # noqa: E402
from world import *  # noqa: E402, F403  (what a test file imports from here)
from world import BINARY, Topics, World, child_environment, finish, new_folder, wait_for  # noqa: E402


@pytest.hookimpl(tryfirst=True, hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    setattr(item, "report_" + report.when, report)


def start_cluster(folder, **options):
    """A started cluster; a skipped test where there is none to be had, but a failure in CI."""
    cluster = Cluster(folder, **options)
    try:
        return cluster.start()
    except (Unavailable, NotOurs) as reason:
        if os.environ.get("CI") and isinstance(reason, Unavailable):
            raise
        pytest.skip(str(reason))


@pytest.fixture(scope="session")
def clusters():
    """Makes clusters that are shared by all tests that ask for the same one."""
    made = {}

    def get(brokers=1, version=None):
        if (brokers, version) not in made:
            made[brokers, version] = start_cluster(new_folder(), brokers=brokers, version=version)
        return made[brokers, version]

    yield get
    for cluster in made.values():
        cluster.close()
        shutil.rmtree(cluster.folder, ignore_errors=True)


@pytest.fixture
def cluster1(clusters):
    return clusters(1)


@pytest.fixture
def cluster3(clusters):
    return clusters(3)


@pytest.fixture(scope="session")
def certificates():
    folder = new_folder()
    yield security.Certificates(folder)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def secured_clusters(certificates):
    """Brokers behind TLS, passwords and access rules, by version; see secured.py."""
    made = {}

    def get(version=None):
        if version not in made:
            options = security.cluster_options(certificates)
            made[version] = start_cluster(new_folder(), brokers=1, version=version, **options)
            security.grant_rights(made[version])
        return made[version]

    yield get
    for cluster in made.values():
        cluster.close()
        shutil.rmtree(cluster.folder, ignore_errors=True)


@pytest.fixture
def secured(secured_clusters):
    return secured_clusters()


class Place:
    """Where a test's topics are: what Topics, Reader and Run ask of a broker."""

    def __init__(self, bootstrap, n_partitions):
        self.bootstrap = bootstrap
        self.n_partitions = n_partitions


class LiveWorld(World):
    """A test's own topics and group on a cluster that others use too."""

    def __init__(self, cluster, partitions=4, replication=None, **config):
        super().__init__(new_folder())
        tag = f"{random.randrange(1 << 32):08x}"
        self.cluster = cluster
        self.said = []
        self.input, self.output, self.dead = f"news.raw-{tag}", f"news.enriched-{tag}", f"news.dead-{tag}"
        self.group = f"tocsin-{tag}"
        for topic in (self.input, self.output, self.dead):
            cluster.create_topic(topic, partitions, replication, **config)
        self.broker = Place(cluster.bootstrap, partitions)
        self.topics = Topics(self.broker, self.input)

    def names(self):
        return {
            "input.topic": self.input, "output.topic": self.output, "dead.topic": self.dead, "group.id": self.group,
        }  # fmt: skip

    def start_run(self, name="run", redis=None, **settings):
        return super().start_run(name, redis, **(self.names() | settings))

    def check(self, *options, **settings):
        """`tocsin check`: its exit code and all that it said."""
        arguments = [BINARY, "check", *options]
        for key, value in ({"kafka.bootstrap.servers": self.cluster.bootstrap, "redis.url": ""} | self.names()
                           | settings).items():
            arguments += ["-X", f"{key}={value}"]
        done = subprocess.run(arguments, capture_output=True, text=True, env=child_environment(), timeout=60)
        self.said.append(done.stdout + done.stderr)
        return done.returncode, self.said[-1]

    def all_is_committed(self):
        return self.cluster.committed(self.group, self.input) == {
            partition: end for partition, end in self.cluster.end_offsets(self.input).items() if end > 0
        }

    def wait_all_committed(self):
        wait_for(self.all_is_committed, "all offsets are committed", every=0.1)

    def close(self):
        super().close()
        for topic in (self.input, self.output, self.dead):
            try:
                self.cluster.delete_topic(topic)
            except Exception as error:  # a test may have deleted it, or broken the broker
                print(f"{topic} is not deleted: {error}")


@pytest.fixture
def live(request):
    """Makes worlds; all of them are shown when the test fails, and gone when it is over."""
    made = []

    def make(cluster, **options):
        made.append(LiveWorld(cluster, **options))
        return made[-1]

    make.made = made
    yield make
    finish(made, not hasattr(request.node, "report_call") or request.node.report_call.failed)
