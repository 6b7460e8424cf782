"""Brokers that die, each in turn, and those that coordinate the group and the transactions."""

from ..fleet import wait_whole
from ..registry import case

BURST = 1500


def leaders(scene):
    topics = (scene.input, scene.output)
    return [scene.cluster.leader_of(topic, p) for topic in topics for p in range(scene.n_partitions)]


def kill_broker(scene, number, role):
    partitions = range(scene.n_partitions)
    scene.wait_caught_up()
    led = scene.wait(lambda: leaders(scene), "all partitions have leaders").count(number)
    under_way = scene.meet(partitions, BURST)
    scene.cluster.kill(number)
    scene.wait(lambda: not {number, -1} & set(leaders(scene)), f"others lead what broker {number} led", 60, every=0.2)
    scene.load.burst(BURST)
    scene.wait_flowing(count=BURST // 2)
    scene.cluster.start_broker(number)
    scene.cluster.wait_all_in_sync(90)
    # Nobody died who held work; a rebalance that could not commit is the worst that may happen to each instance.
    scene.note(role, under_way > 0 and (led or role != "broker"), scene.doubles_of(3))
    return led


@case(4, "each broker in turn killed and restarted; the coordinators of group and transactions killed")
def brokers(scene):
    scene.set_up()
    scene.crawl(rate=200)
    scene.start_instances(3)
    numbers = sorted(scene.cluster.nodes)
    if not numbers:
        scene.cluster.kill(1)  # raises NotOurs, which says why
    scene.chance.shuffle(numbers)
    moved = sum(kill_broker(scene, number, "broker") for number in numbers)
    kill_broker(scene, scene.cluster.coordinator_of_group(scene.group), "group coordinator")
    if scene.exactly_once:
        victim = scene.chance.choice(scene.fleet.running())
        broker = scene.cluster.coordinator_of_transaction(scene.transactional_id(victim))
        kill_broker(scene, broker, f"coordinator of {victim.name}'s transactions")
    scene.facts["brokers killed under load"] = "{} of {}".format(*scene.hits())
    scene.facts["leaders moved"] = moved
    assert scene.hits()[0] == len(scene.faults) and moved > 0, "a broker died that nobody needed"
    wait_whole(scene.fleet, scene.n_partitions)
    scene.finish()
