"""An instance that cannot reach the brokers any more, and then can again."""

import time

from ..fleet import SESSION_S, wait_whole
from ..island import Island
from ..registry import case

BURST = 600
SHORT_S = 3.0  # less than the session: nobody may notice


@case(8, "an instance cut off from the brokers and back")
def cut_off(scene):
    island = Island(scene.bootstrap)
    try:
        play(scene, island)
    finally:
        if scene.fleet is not None:
            scene.fleet.close()  # before its network goes away
        island.close()


def play(scene, island):
    scene.set_up()
    scene.crawl(rate=200)
    scene.fleet.start("i1", island.wrapper)
    scene.fleet.start("i2")
    scene.fleet.start("i3")
    victim = scene.fleet.members["i1"]
    rounds = ["short", "long, late delivery", "long, connections lost", "long, late delivery"]
    for kind in rounds:
        wait_whole(scene.fleet, scene.n_partitions)
        scene.wait_caught_up()
        partitions = sorted(victim.owned())
        assigned = victim.count("assigned")
        held, hit = scene.catch(victim, partitions, BURST)
        island.cut()
        victim.thaw()
        began = time.monotonic()
        if kind == "short":
            scene.wait(lambda: time.monotonic() - began > SHORT_S, "the short cut is over", every=0.05)
        else:
            others = [instance for instance in scene.fleet.running() if instance is not victim]

            def taken_over():
                return set().union(*(each.owned() for each in others)) == set(range(scene.n_partitions))

            scene.wait(taken_over, "the others take over", SESSION_S + 60)
            scene.load.burst(BURST)
            scene.wait_flowing(partitions, BURST * len(partitions) // scene.n_partitions // 2)
            scene.wait(lambda: time.monotonic() - began > SESSION_S, "the session is over", every=0.05)
        lasted = time.monotonic() - began
        island.heal(reset="lost" in kind)
        scene.note(kind, hit, scene.doubles_of(1, at_most=held))
        if kind != "short":
            assert lasted > SESSION_S, f"healed after {lasted:.1f} s, before the session was over"
            scene.wait(lambda: victim.count("assigned") > assigned, "it joins the group again", 60)
    scene.facts[f"cuts {scene.what_hits}"] = "{} of {}".format(*scene.hits())
    assert scene.hits()[0] >= len(rounds) - 1, f"too few cuts came {scene.what_hits}"
    wait_whole(scene.fleet, scene.n_partitions)
    scene.finish()
