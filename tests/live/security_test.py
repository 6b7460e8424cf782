"""Encrypted, authenticated, with no more rights than needed; and what is secret stays so, in every print and log."""

import base64

import pytest

import secured as security
from conftest import article, ids, wait_for
from secured import SECRETS, USER, mutual, sasl, tls

LOUD = {"log.level": "debug"}


@pytest.fixture(autouse=True)
def nothing_secret_is_said(live):
    """Whatever a test proves besides: none of its secrets is in anything that was printed or logged."""
    yield
    hidden = dict(SECRETS)
    # As SASL/PLAIN puts it on the wire, and as somebody might print that.
    hidden["plain"] = base64.b64encode(f"\0{USER}\0{SECRETS['kafka']}".encode()).decode()
    texts = [(process.name, process.text()) for world in live.made for process in world.processes]
    texts += [("check", text) for world in live.made for text in world.said]
    assert texts
    for who, text in texts:
        for name, secret in hidden.items():
            assert secret not in text, f"{who} tells the secret '{name}': {text[text.index(secret) - 200 :][:400]}"


def flows(world, run, number=50):
    """Articles get through, and the process ends with everything committed."""
    for each in range(number):
        world.topics.send(article(each, with_mention=True), key=f"k{each % 7}")
    world.topics.flush()
    output = world.reader()
    output.read_until(lambda messages: len(messages) >= number, f"{number} articles")
    assert run.stop() == 0
    assert sorted(output.ids()) == sorted(ids(range(number)))
    assert world.all_is_committed()


def at(cluster, door):
    return {"kafka.bootstrap.servers": cluster.bootstraps[door]}


# ---- Kafka: who are you? --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("delivery", ["at_least_once", "exactly_once"])
def test_password_over_tls(live, secured, certificates, delivery):
    world = live(secured)
    settings = at(secured, "SASL") | sasl(certificates, "PLAIN") | LOUD
    code, said = world.check("--connect", "--print", **settings)
    assert code == 0, said
    flows(world, world.start_run(delivery=delivery, kafka__debug="all", **settings))


@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-256", "SCRAM-SHA-512"])
def test_scram_over_tls(live, secured_clusters, certificates, mechanism):
    """On 3.9: librdkafka before 2.6.1 and Kafka 4 do not understand each other here; see the next test."""
    cluster = secured_clusters("3.9.2")
    world = live(cluster)
    settings = at(cluster, "SASL") | sasl(certificates, mechanism) | LOUD
    code, said = world.check("--connect", "--print", **settings)
    assert code == 0, said
    flows(world, world.start_run(kafka__debug="security,broker,conf", **settings))


def test_scram_with_kafka_4_works_or_says_what_stands_in_the_way(live, secured, certificates):
    world = live(secured)
    settings = at(secured, "SASL") | sasl(certificates) | LOUD
    if world.check("--connect", **settings)[0] == 0:
        flows(world, world.start_run(**settings))
        return
    refused(world, settings, 69, "scram with kafka 4 needs librdkafka 2.6.1")


def test_mutual_tls_with_a_locked_key(live, secured, certificates):
    world = live(secured)
    settings = at(secured, "MUTUAL") | mutual(certificates) | LOUD
    code, said = world.check("--connect", "--print", **settings)
    assert code == 0, said
    flows(world, world.start_run(**settings))


def refused(world, settings, code, *words):
    """Both verbs end with that code, and what they say themselves (not only librdkafka's log) has the words."""
    run = world.start_run(**settings)
    results = {"check": world.check("--connect", **settings), "run": (run.wait(), run.text())}
    for who, (ended, said) in results.items():
        assert ended == code, f"{who}: {ended}: {said}"
        ours = " ".join(line for line in said.splitlines() if " event=kafka " not in line).lower()
        assert all(word in ours for word in words), f"{who}: {said[-3000:]}"


def test_a_wrong_password_is_told(live, secured, certificates):
    world = live(secured)
    settings = at(secured, "SASL") | sasl(certificates, "PLAIN", secret="wrong") | LOUD
    refused(world, settings, 69, "authentication")


def test_a_broker_certified_by_a_stranger_is_not_trusted(live, secured, certificates):
    world = live(secured)
    refused(world, at(secured, "TLS") | tls(certificates, "stranger") | LOUD, 69, "certificate verify failed")


def test_a_broker_of_another_name_than_its_certificate_is_not_trusted(live, secured, certificates):
    world = live(secured)
    port = secured.bootstraps["TLS"].rsplit(":", 1)[1]
    settings = {"kafka.bootstrap.servers": f"localhost:{port}"} | tls(certificates) | LOUD
    refused(world, settings, 69, "certificate verify failed")


def test_mutual_tls_without_a_certificate_is_refused(live, secured, certificates):
    world = live(secured)
    refused(world, at(secured, "MUTUAL") | tls(certificates) | LOUD, 69, "ssl")


def test_a_wrong_password_of_the_key_is_a_wrong_configuration(live, secured, certificates):
    world = live(secured)
    refused(world, at(secured, "MUTUAL") | mutual(certificates, secret="wrong") | LOUD, 78, "ssl.key.location")


def test_plain_text_to_an_encrypted_door_is_told(live, secured):
    world = live(secured)
    refused(world, at(secured, "TLS") | LOUD, 69, "answered", "security.protocol")


# ---- Redis ----------------------------------------------------------------------------------------------------------

# What README.md tells people to grant.
COMMANDS = "+ping +script|load +evalsha +exists +zadd +zremrangebyrank +xadd +set"
RULES = ["reset", "on", f">{SECRETS['redis']}", "resetkeys", "~{tocsin}:*", "resetchannels", "-@all"]


def redis_with_user(world, commands=COMMANDS):
    redis = world.start_redis(port=True)
    redis.client.execute_command("ACL", "SETUSER", USER, *RULES, *commands.split())
    redis.client.execute_command("CONFIG", "RESETSTAT")
    return redis


def redis_login(redis, certificates, secret="redis"):
    return {
        "redis.url": f"redis://{USER}@127.0.0.1:{redis.port}/0",
        "redis.password_file": certificates.secret_file(secret),
    }


def calls(redis):
    """{command: calls}, of what did not come from the test itself"""
    statistics = redis.client.info("commandstats")
    own = {"config|resetstat", "info", "acl|setuser", "acl|log", "scan", "mget", "auth", "config", "acl"}
    used = {name.removeprefix("cmdstat_"): value for name, value in statistics.items()}
    return {name: value for name, value in used.items() if name not in own}


def test_a_redis_user_needs_these_rights_and_no_others(live, cluster1, certificates):
    world = live(cluster1)
    redis = redis_with_user(world)
    run = world.start_run(**(redis_login(redis, certificates) | LOUD))
    run.wait_logged("redis_up")
    # The connection has to be idle once, because only then it is asked whether it is alive.
    wait_for(lambda: "ping" in calls(redis), "an idle connection is asked", every=0.1)
    flows(world, run)

    statistics = calls(redis)
    assert redis.client.execute_command("ACL", "LOG") == []
    assert all(value["rejected_calls"] == value["failed_calls"] == 0 for value in statistics.values()), statistics
    assert set(statistics) == {command.strip("+") for command in COMMANDS.split()}
    assert len(redis.mentions()) == 50


def test_check_asks_a_redis_user_for_info_and_knows_when_it_may_not(live, cluster1, certificates):
    world = live(cluster1)
    redis = redis_with_user(world, COMMANDS + " +info")
    code, said = world.check("--connect", "--print", **(redis_login(redis, certificates) | LOUD))
    assert code == 0, said
    redis.client.execute_command("ACL", "SETUSER", USER, "-info")
    code, said = world.check("--connect", **(redis_login(redis, certificates) | LOUD))
    assert code == 0, said
    assert "info" in said.lower(), said


def test_a_missing_right_in_redis_is_waited_for_and_nothing_is_lost(live, cluster1, certificates):
    world = live(cluster1)
    redis = redis_with_user(world, COMMANDS.replace("+xadd", ""))
    run = world.start_run(**(redis_login(redis, certificates) | LOUD))
    world.topics.send(article(1, with_mention=True))
    world.topics.flush()
    wait_for(lambda: "can't run this command" in run.text(), "it says what Redis said", every=0.1)
    assert run.is_running()
    assert world.cluster.committed(world.group, world.input) == {}
    redis.client.execute_command("ACL", "SETUSER", USER, "+xadd")
    world.wait_all_committed()
    assert run.stop() == 0
    assert len(redis.events()) == len(redis.mentions()) == 1


def test_a_wrong_password_for_redis_is_told_and_waited_for(live, cluster1, certificates):
    world = live(cluster1)
    redis = redis_with_user(world)
    settings = redis_login(redis, certificates, secret="wrong") | LOUD
    code, said = world.check("--connect", **settings)
    assert code == 69
    assert "WRONGPASS" in said, said

    run = world.start_run(**settings)
    wait_for(lambda: "WRONGPASS" in run.text(), "it says what Redis said", every=0.1)
    world.topics.send(article(1, with_mention=True))
    world.topics.flush()
    # The password changes in Redis; the process was right to wait.
    redis.client.execute_command("ACL", "SETUSER", USER, "resetpass", f">{SECRETS['wrong']}")
    world.wait_all_committed()
    assert run.stop() == 0
    assert len(redis.mentions()) == 1


# ---- prints ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "settings",
    [
        {"redis.url": f"redis://{USER}:{SECRETS['redis']}@127.0.0.1/0"},
        {"redis.url": f"redis://:{SECRETS['redis']}@127.0.0.1/0"},
        {"redis.url": f"redis://{USER}:a/{SECRETS['redis']}@127.0.0.1/0"},
        {"redis.url": f"rediss://{USER}:{SECRETS['redis']}@127.0.0.1/0"},
        {"redis.url": f"redis:{USER}:{SECRETS['redis']}@127.0.0.1/0"},
        {"kafka.sasl.pasword": SECRETS["kafka"]},
        {"redis.pasword": SECRETS["redis"]},
        {"kafka.ssl.key.pem": SECRETS["key"], "kafka.security.protocol": "ssl"},
        {"kafka.sasl.password": SECRETS["kafka"], "kafka.sasl.mechanism": "x", "kafka.security.protocol": "sasl_ssl"},
    ],
    ids=lambda settings: next(iter(settings)),
)
def test_an_error_in_the_settings_does_not_tell_what_was_secret(live, cluster1, settings):
    world = live(cluster1)
    code, said = world.check("--print", **settings)
    assert code == 78, said
