"""Real Apache Kafka on this machine: one or three combined brokers and controllers (KRaft) on loopback.

The jars come from kafka/fetch.  Every node is a process of its own that can be killed, frozen and started again; its
ports and its data stay.  What librdkafka's admin client can do is done with it: a Java tool takes seconds to start.

TOCSIN_TEST_BROKERS=host:port,… names a cluster that is there already.  A Cluster then only connects; whatever needs
power over the brokers raises NotOurs, which callers turn into a skipped test with the reason.
"""

import atexit
import base64
import ctypes
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from pathlib import Path

import confluent_kafka
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "stream"))

from world import PATIENCE, wait_for  # noqa: E402  (its folder has to be named first)

# Java's better compiler pays off after minutes, and the tests of one cluster are over by then.
QUICK_START = ("-XX:TieredStopAtLevel=1",)

EXTERNAL = os.environ.get("TOCSIN_TEST_BROKERS", "")


class NotOurs(Exception):
    """The cluster was not started by us: it can be used, but not killed, frozen or set up anew."""


class Unavailable(Exception):
    """No Java, no Maven or no network: there is no Kafka to be had.  The text says which."""


# ---- small parts ----------------------------------------------------------------------------------------------------


def fetch(version=None):
    """The folder with the jars of that version (None: KAFKA_VERSION, else the one that is pinned)."""
    env = dict(os.environ)
    if version:
        env["KAFKA_VERSION"] = version
    done = subprocess.run([str(HERE / "kafka" / "fetch")], env=env, capture_output=True, text=True)
    if done.returncode == 69:
        raise Unavailable(done.stderr.strip().splitlines()[-1])
    if done.returncode != 0:
        raise RuntimeError(f"kafka/fetch: {done.returncode}: {done.stderr}")
    return Path(done.stdout.strip())


def free_ports(count):
    """Outside the range from which the kernel takes the ports of outgoing connections: a client would otherwise
    now and then sit on the port of a broker that is just down."""
    ephemeral = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    found = []
    while len(found) < count:
        port = random.randrange(10000, max(ephemeral, 20000))
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port not in found:
            found.append(port)
    return found


def java_hash(text):
    """String.hashCode(), by which Kafka chooses the partition of a group's or a transaction's coordinator."""
    value = 0
    for unit in memoryview(text.encode("utf-16-le")).cast("H"):
        value = (31 * value + unit) & 0xFFFFFFFF
    return value


def die_with_parent():
    """In the child: a test that is killed leaves no broker behind."""
    PR_SET_PDEATHSIG = 1
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Node:
    def __init__(self, number, ports, names, folder):
        self.number = number
        self.port, self.controller_port = ports[:2]
        self.client_ports = dict(zip(names, ports[2:]))
        self.properties = folder / f"broker{number}.properties"
        self.log_path = folder / f"broker{number}.log"
        self.data = folder / f"data{number}"
        self.process = None
        self.frozen = False


class Cluster:
    """
    folder    logs and data
    brokers   1 or 3
    heap      of each broker's Java
    settings  more broker properties, or others in place of ours; a function of the node's number may be given
    listener  a second listener for clients, beside the plain one that the tests' own admin work goes through:
              {"protocol": "SASL_SSL", "settings": {properties of that listener}, "advertise": {n: "host:port"}};
              its address is client_bootstrap.  "advertise" is for a proxy that stands before the brokers.
              Or a list of such, each with a "name"; their addresses are bootstraps[name].
    format    more arguments for kafka-storage format, such as ["--add-scram", "…"]
    jvm       more options for Java; () for what is to be measured
    """

    def __init__(
        self, folder, brokers=3, version=None, heap="384m", settings=None, listener=None, format=(), jvm=QUICK_START
    ):
        self.folder = Path(folder)
        self.n_brokers = brokers
        self.version = version
        self.heap = heap
        self.settings = settings or {}
        listeners = [listener] if isinstance(listener, dict) else listener or []
        self.listeners = {each.get("name", "CLIENT"): each for each in listeners}
        self.format_arguments = list(format)
        self.jvm_options = list(jvm)
        self.is_ours = not EXTERNAL
        self.nodes = {}
        self.jars = None
        self.bootstrap = EXTERNAL
        self.client_bootstrap = EXTERNAL
        self.bootstraps = {}
        self._admin = None
        self._consumers = {}

    # ---- start and stop ----

    def start(self, timeout=PATIENCE * 2):
        if not self.is_ours:
            if self.settings or self.listeners:
                raise NotOurs("this needs brokers with settings of their own, and TOCSIN_TEST_BROKERS names others")
            self.n_brokers = len(self._metadata().brokers)
            return self
        self.jars = fetch(self.version)
        self.folder.mkdir(parents=True, exist_ok=True)
        each = 2 + len(self.listeners)
        ports = free_ports(each * self.n_brokers)
        for number in range(1, self.n_brokers + 1):
            own = ports[each * (number - 1) : each * number]
            self.nodes[number] = Node(number, own, self.listeners, self.folder)
        self.bootstrap = ",".join(f"127.0.0.1:{node.port}" for node in self.nodes.values())
        for name in self.listeners:
            self.bootstraps[name] = ",".join(self._advertised(node, name) for node in self.nodes.values())
        self.client_bootstrap = next(iter(self.bootstraps.values()), self.bootstrap)
        atexit.register(self.close)
        try:
            self._format()
            for node in self.nodes.values():
                self._launch(node)
            self.wait_ready(timeout)
        except BaseException:
            self.close()
            raise
        return self

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.close()

    def close(self):
        """The data is not needed any more, so nobody is asked politely."""
        atexit.unregister(self.close)
        for consumer in self._consumers.values():
            consumer.close()
        self._consumers = {}
        self._admin = None
        for node in self.nodes.values():
            if node.process and node.process.poll() is None:
                node.process.kill()
                node.process.wait()

    def _advertised(self, node, name):
        proxies = self.listeners[name].get("advertise") or {}
        return proxies.get(node.number) or f"127.0.0.1:{node.client_ports[name]}"

    def _properties(self, node):
        n = self.n_brokers
        listeners = f"INTERNAL://127.0.0.1:{node.port},CONTROLLER://127.0.0.1:{node.controller_port}"
        advertised = f"INTERNAL://127.0.0.1:{node.port}"
        protocols = "INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT"
        properties = {}
        for name, listener in self.listeners.items():
            listeners += f",{name}://127.0.0.1:{node.client_ports[name]}"
            advertised += f",{name}://{self._advertised(node, name)}"
            protocols += f",{name}:{listener['protocol']}"
            for key, value in listener.get("settings", {}).items():
                properties[f"listener.name.{name.lower()}.{key}"] = value
        properties |= {
            "process.roles": "broker,controller",
            "node.id": node.number,
            "controller.quorum.voters": ",".join(
                f"{each.number}@127.0.0.1:{each.controller_port}" for each in self.nodes.values()
            ),
            "listeners": listeners,
            "advertised.listeners": advertised,
            "listener.security.protocol.map": protocols,
            "controller.listener.names": "CONTROLLER",
            "inter.broker.listener.name": "INTERNAL",
            "log.dirs": node.data,
            "auto.create.topics.enable": "false",
            "default.replication.factor": n,
            "min.insync.replicas": 2 if n >= 3 else 1,
            # Few partitions: each is three logs to open at every start.
            "offsets.topic.num.partitions": 6,
            "offsets.topic.replication.factor": n,
            "transaction.state.log.num.partitions": 6,
            "transaction.state.log.replication.factor": n,
            "transaction.state.log.min.isr": 2 if n >= 3 else 1,
            "share.coordinator.state.topic.num.partitions": 1,
            "share.coordinator.state.topic.replication.factor": n,
            "share.coordinator.state.topic.min.isr": 2 if n >= 3 else 1,
            "group.initial.rebalance.delay.ms": 0,
            "group.min.session.timeout.ms": 1000,
            # When a process dies in a transaction, what others commit behind it stays hidden from read_committed
            # readers until the broker aborts it: transaction.timeout.ms after its begin, and then until the broker
            # looks again, which is each 10 s by default.
            "transaction.abort.timed.out.transaction.cleanup.interval.ms": 1000,
            # So that a dead broker's partitions have new leaders within a few seconds; 9 s by default.
            "broker.session.timeout.ms": 4000,
            "broker.heartbeat.interval.ms": 500,
            # So that a test of retention need not wait minutes.
            "log.segment.bytes": 16 << 20,
            "log.retention.check.interval.ms": 1000,
            "log.initial.task.delay.ms": 1000,
            "log.segment.delete.delay.ms": 1000,
            # Small, for three of them have to live on a laptop beside everything else.
            "log.cleaner.dedupe.buffer.size": 4 << 20,
            "log.index.size.max.bytes": 1 << 20,
            "num.network.threads": 2,
            "num.io.threads": 4,
            "background.threads": 2,
        }
        more = self.settings(node.number) if callable(self.settings) else self.settings
        properties |= more
        return "".join(f"{key}={value}\n" for key, value in properties.items())

    def _java(self, *arguments, heap="128m"):
        return [
            "java", "-Xms64m", f"-Xmx{heap}", "-XX:+UseSerialGC", "-Xss512k", "-XX:-UsePerfData",
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
            "-Dorg.slf4j.simpleLogger.showDateTime=true",
            "-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS",
            "-Dorg.slf4j.simpleLogger.log.org.apache.kafka.coordinator=info",
            "-Dorg.slf4j.simpleLogger.log.kafka.coordinator=info",
            *self.jvm_options, "-cp", f"{self.jars}/*", *arguments,
        ]  # fmt: skip

    def _format(self):
        """One cluster id for all."""
        cluster_id = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        if cluster_id.startswith("-"):
            cluster_id = "A" + cluster_id[1:]  # the tool would take it for an option
        formatting = []
        for node in self.nodes.values():
            node.properties.write_text(self._properties(node))
            command = self._java("kafka.tools.StorageTool", "format", "-t", cluster_id, "-c", str(node.properties))
            command += self.format_arguments
            log = open(self.folder / f"format{node.number}.log", "wb")
            formatting.append((log, subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder)))
        for log, process in formatting:
            code = process.wait(PATIENCE)
            log.close()
            if code != 0:
                raise RuntimeError(f"kafka-storage format: {code}: {Path(log.name).read_text()}")

    def _launch(self, node):
        # The kernel tells of the death of the thread that started the child, so this is for the main thread only.
        hook = die_with_parent if threading.current_thread() is threading.main_thread() else None
        with open(node.log_path, "ab") as log:
            node.process = subprocess.Popen(
                self._java("kafka.Kafka", str(node.properties), heap=self.heap),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder, preexec_fn=hook,
                start_new_session=True,
            )  # fmt: skip
        node.frozen = False

    def wait_ready(self, timeout=PATIENCE * 2):
        """All brokers known, a controller there (it has to make a topic), and both kinds of coordinators at work."""
        deadline = time.monotonic() + timeout

        def left():
            return max(1.0, deadline - time.monotonic())

        def all_known():
            for node in self.nodes.values():
                if node.process.poll() is not None:
                    raise AssertionError(f"broker {node.number} ended: {self.log_text(node.number)[-3000:]}")
            metadata = self._try(lambda: self._metadata(timeout=1))
            return metadata and len(metadata.brokers) == self.n_brokers

        wait_for(all_known, "all brokers in the metadata", left(), every=0.1)
        probe = f"tocsin-probe-{random.randrange(1 << 32):08x}"
        wait_for(lambda: self._try(lambda: self.create_topic(probe, 1) or True), "a probe topic", left(), every=0.2)
        wait_for(lambda: self._try(lambda: self.committed(probe, probe)) is not None, "the groups", left(), every=0.2)
        producer = confluent_kafka.Producer(
            {"bootstrap.servers": self.bootstrap, "transactional.id": probe, "log_level": 0}
        )
        wait_for(lambda: self._try(lambda: producer.init_transactions(5) or True), "transactions", left(), every=0.2)
        self.delete_topic(probe)
        self.wait_all_in_sync(left())

    # ---- faults ----

    def _node(self, number):
        if not self.is_ours:
            raise NotOurs("the brokers of TOCSIN_TEST_BROKERS are not ours to kill or freeze")
        return self.nodes[number]

    def kill(self, number):
        """kill -9"""
        node = self._node(number)
        node.process.kill()
        node.process.wait()
        node.frozen = False

    def stop_broker(self, number, timeout=PATIENCE):
        """SIGTERM: it hands its leaderships over before it goes."""
        node = self._node(number)
        node.process.terminate()
        node.process.wait(timeout)

    def start_broker(self, number, wait=True, timeout=PATIENCE):
        """wait: until the others know it again; wait_all_in_sync() waits until it has caught up as well."""
        node = self._node(number)
        assert node.process is None or node.process.poll() is not None, f"broker {number} runs"
        self._launch(node)
        if wait:
            wait_for(lambda: self.is_up(number), f"broker {number} is back", timeout, every=0.1)

    def freeze(self, number):
        node = self._node(number)
        node.process.send_signal(signal.SIGSTOP)
        node.frozen = True

    def thaw(self, number):
        node = self._node(number)
        node.process.send_signal(signal.SIGCONT)
        node.frozen = False

    def is_up(self, number):
        """It runs, and the cluster knows it."""
        node = self._node(number)
        if node.process is None or node.process.poll() is not None or node.frozen:
            return False
        metadata = self._try(lambda: self._metadata(timeout=2))
        return bool(metadata) and number in metadata.brokers

    def wait_all_in_sync(self, timeout=PATIENCE):
        """Every partition has a leader, and every replica is in sync."""

        def in_sync():
            metadata = self._try(lambda: self._metadata(timeout=2))
            return (
                metadata
                and len(metadata.brokers) == self.n_brokers
                and all(
                    partition.leader in metadata.brokers and len(partition.isrs) == len(partition.replicas)
                    for topic in metadata.topics.values()
                    for partition in topic.partitions.values()
                )
            )

        wait_for(in_sync, "all replicas in sync", timeout, every=0.1)

    def log_text(self, number):
        return self._node(number).log_path.read_text(errors="replace")

    # ---- topics ----

    @property
    def admin(self):
        if self._admin is None:
            self._admin = AdminClient(
                {"bootstrap.servers": self.bootstrap, "reconnect.backoff.max.ms": 500, "log_level": 0}
            )
        return self._admin

    def _metadata(self, topic=None, timeout=5):
        return self.admin.list_topics(topic, timeout=timeout) if topic else self.admin.list_topics(timeout=timeout)

    @staticmethod
    def _try(ask):
        """The answer, or None when Kafka has none at the moment."""
        try:
            return ask()
        except confluent_kafka.KafkaException:
            return None

    def create_topic(self, name, partitions, replication=None, **config):
        """config: with __ for the dots, as in retention__ms=1000.  Returns when every partition has a leader."""
        topic = NewTopic(
            name,
            num_partitions=partitions,
            replication_factor=replication or min(3, self.n_brokers),
            config={key.replace("__", "."): str(value) for key, value in config.items()},
        )
        try:
            self.admin.create_topics([topic], operation_timeout=10)[name].result(15)
        except confluent_kafka.KafkaException as error:
            # Made by an attempt whose answer was lost.
            if error.args[0].code() != confluent_kafka.KafkaError.TOPIC_ALREADY_EXISTS:
                raise

        def led():
            found = self._try(lambda: self._metadata(name))
            known = found and found.topics.get(name)
            return (
                known
                and known.error is None
                and len(known.partitions) == partitions
                and all(partition.leader >= 0 for partition in known.partitions.values())
            )

        wait_for(led, f"leaders of {name}", every=0.05)

    def delete_topic(self, name):
        """Returns when no broker that is asked knows it any more."""
        self.admin.delete_topics([name], operation_timeout=10)[name].result(15)
        wait_for(lambda: name not in self._metadata().topics, f"{name} is gone", every=0.05)

    def topic_config(self, name):
        """{key: value} of all settings in force"""
        return {key: entry.value for key, entry in self._describe(name).items()}

    def _describe(self, name):
        resource = ConfigResource("topic", name)
        return self.admin.describe_configs([resource])[resource].result(10)

    def alter_topic(self, name, **config):
        """Sets these and keeps what else was set for the topic; None takes a setting away."""
        TOPICS_OWN = 1  # DescribeConfigs' DYNAMIC_TOPIC_CONFIG; the request replaces all of them
        wanted = {key: entry.value for key, entry in self._describe(name).items() if entry.source == TOPICS_OWN}
        wanted.update({key.replace("__", "."): value for key, value in config.items()})
        resource = ConfigResource("topic", name)
        for key, value in wanted.items():
            if value is not None:
                resource.set_config(key, str(value))
        self.admin.alter_configs([resource])[resource].result(10)

        def in_force():
            now = self._describe(name)
            return all(value is None or now[key].value == str(value) for key, value in wanted.items())

        wait_for(in_force, f"settings of {name}", every=0.05)

    def leader_of(self, topic, partition):
        return self._metadata(topic).topics[topic].partitions[partition].leader

    def _coordinator(self, topic, name):
        partitions = self._metadata(topic).topics[topic].partitions
        return partitions[(java_hash(name) & 0x7FFFFFFF) % len(partitions)].leader

    def coordinator_of_group(self, group):
        return self._coordinator("__consumer_offsets", group)

    def coordinator_of_transaction(self, transactional_id):
        return self._coordinator("__transaction_state", transactional_id)

    # ---- offsets ----

    def _consumer(self, group, isolation="read_committed"):
        if (group, isolation) not in self._consumers:
            self._consumers[group, isolation] = confluent_kafka.Consumer(
                {
                    "bootstrap.servers": self.bootstrap,
                    "group.id": group,
                    "isolation.level": isolation,
                    "enable.auto.commit": False,
                    "reconnect.backoff.max.ms": 500,
                    "log_level": 0,
                }
            )
        return self._consumers[group, isolation]

    def _partitions(self, topic):
        return sorted(self._metadata(topic).topics[topic].partitions) if topic in self._metadata().topics else []

    def end_offsets(self, topic, isolation="read_committed"):
        """{partition: offset}; read_committed: up to the first transaction that is still open"""
        consumer = self._consumer("tocsin-tests", isolation)
        return {
            partition: consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=10, cached=False)[1]
            for partition in self._partitions(topic)
        }

    def committed(self, group, topic):
        """{partition: offset}; a partition without a commit is left out"""
        wanted = [TopicPartition(topic, partition) for partition in self._partitions(topic)]
        if not wanted:
            return {}
        found = self._consumer(group).committed(wanted, timeout=10)
        for each in found:
            if each.error is not None:
                raise confluent_kafka.KafkaException(each.error)
        return {each.partition: each.offset for each in found if each.offset >= 0}

    # ---- what needs Java ----

    def tool(self, main_class, *arguments, timeout=PATIENCE):
        """One of Kafka's own command line tools, by the name of its class; returns what it said."""
        self._node(1)
        done = subprocess.run(
            self._java(main_class, "--bootstrap-server", self.bootstrap, *arguments),
            capture_output=True, text=True, timeout=timeout,
        )  # fmt: skip
        if done.returncode != 0:
            raise RuntimeError(f"{main_class} {' '.join(arguments)}: {done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout
