"""Redis: killed, forgetful, silent, full."""

import time

from ..registry import case
from ..scene import DurableRedis

BURST = 1500


def owes(scene):
    """Articles that are not committed: while Redis owes answers, this cannot be 0."""
    return scene.uncommitted(range(scene.n_partitions))


def settle(scene, kind, doubles=0):
    """Redis is well again: all that was held back goes through."""
    scene.load.burst(200)
    scene.wait(lambda: owes(scene) < 300, f"offsets move again after {kind}", 60, every=0.2)
    scene.note(kind, True, doubles)


def assert_held_back(scene, what, for_s):
    """A mention of every partition waits for Redis, so after the batches under way no offset moves: asked until two
    looks, for_s apart, are the same."""
    scene.load.burst(BURST)
    before = scene.committed()
    deadline = time.monotonic() + 30
    since = time.monotonic()
    while time.monotonic() - since < for_s:
        scene.assert_well()
        time.sleep(0.2)  # between two looks
        now = scene.committed()
        if now != before:
            before, since = now, time.monotonic()
        assert time.monotonic() < deadline, f"{what}: offsets go on though Redis does not take the mentions"
    assert owes(scene) > 0, f"{what}: nothing was waiting"


@case(5, "Redis killed, script cache flushed, connections killed, silent for 10 s, out of memory")
def redis(scene):
    scene.set_up()
    scene.crawl(rate=200, mention_every=4)
    scene.start_instances(3)
    everything = range(scene.n_partitions)
    steps = ["killed", "SCRIPT FLUSH", "CLIENT KILL", "CLIENT PAUSE", "maxmemory"]
    scene.chance.shuffle(steps)
    for step in steps:
        scene.wait_caught_up()
        under_way = scene.meet(everything, BURST)
        assert under_way > 0, f"{step}: nothing was under way"
        client = scene.redis.client
        if step == "killed":
            down = sum(instance.count("redis_down") for instance in scene.fleet.running())
            scene.redis.kill()
            scene.wait(lambda: sum(i.count("redis_down") for i in scene.fleet.running()) >= down + 3, "all notice")
            assert_held_back(scene, step, 2)
            scene.redis.close()
            scene.redis = DurableRedis(scene.folder)
        elif step == "SCRIPT FLUSH":
            client.script_flush()
            assert client.info("memory")["number_of_cached_scripts"] <= 1  # they may have loaded it again by now
        elif step == "CLIENT KILL":
            killed = client.client_kill_filter(_type="normal", skipme=True)
            assert killed >= 3, f"only {killed} connections were there to kill"
        elif step == "CLIENT PAUSE":
            began = time.monotonic()
            client.execute_command("CLIENT", "PAUSE", "10000", "ALL")
            assert_held_back(scene, step, 5)
            scene.wait(scene.redis.answers, "Redis answers again", 30, every=0.1)
            assert time.monotonic() - began > 9, "the pause was too short"
        elif step == "maxmemory":
            refused = sum(instance.count("redis_refused") for instance in scene.fleet.running())
            client.config_set("maxmemory-policy", "noeviction")
            client.config_set("maxmemory", "1mb")
            scene.wait(lambda: sum(i.count("redis_refused") for i in scene.fleet.running()) > refused, "it refuses")
            assert_held_back(scene, step, 2)
            client.config_set("maxmemory", "0")
        settle(scene, step)
    scene.facts["in this order"] = ", ".join(steps)
    scene.finish()
