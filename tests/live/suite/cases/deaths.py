"""Instances that end: killed, frozen until the group has given them up, told to stop."""

import time

from ..fleet import SESSION_S, wait_whole
from ..registry import case

BURST = 600
NEWS = ("lost", "fenced", "assigned")  # what tells an instance that it is no longer in the group as it was


@case(1, "kill -9 of a random instance, 20 times, while the others go on")
def kills(scene):
    """The victim is replaced at once; the group waits for its session to end before it shares the partitions anew."""
    WANTED, MOST = 20, 30
    scene.set_up()
    scene.crawl(rate=200)
    scene.start_instances(3)
    while scene.hits()[0] < WANTED and len(scene.faults) < MOST:
        wait_whole(scene.fleet, scene.n_partitions)
        scene.wait_caught_up()
        victim = scene.chance.choice(scene.fleet.running())
        partitions = sorted(victim.owned())
        lost, hit = scene.catch(victim, partitions, BURST)
        victim.kill()  # as it stands: it does nothing more
        scene.note("kill -9", hit, scene.doubles_of(1, at_most=lost))
        scene.fleet.start(victim.name)
    hits, kills = scene.hits()
    scene.facts[f"kills {scene.what_hits}"] = f"{hits} of {kills}"
    assert hits >= WANTED, f"only {hits} of {kills} kills came {scene.what_hits}"
    scene.finish()


@case(3, "an instance frozen beyond its session, then thawed: a zombie")
def zombies(scene):
    ROUNDS = 3
    scene.set_up()
    scene.crawl(rate=200)
    scene.start_instances(3)
    longest = 0
    while scene.hits()[0] < ROUNDS and len(scene.faults) < 2 * ROUNDS:
        wait_whole(scene.fleet, scene.n_partitions)
        scene.wait_caught_up()
        victim = scene.chance.choice(scene.fleet.running())
        others = [instance for instance in scene.fleet.running() if instance is not victim]
        partitions = sorted(victim.owned())
        _, hit = scene.catch(victim, partitions, BURST)
        committed = scene.committed()

        def taken_over():
            owned = set().union(*(instance.owned() for instance in others))
            return owned == set(range(scene.n_partitions))

        scene.wait(taken_over, "the others take the frozen one's partitions over", SESSION_S + 60)
        # They must have gone past what it holds: then what it does when it wakes is late.
        scene.load.burst(BURST)
        scene.wait_flowing(partitions, BURST * len(partitions) // scene.n_partitions // 2)
        # Its session began with its last heartbeat, which may have been some time before it was frozen.
        scene.wait(lambda: time.monotonic() - victim.frozen_at > SESSION_S, "its session is over", every=0.05)
        learnt = [victim.count(event) for event in NEWS]
        frozen_s = victim.thaw()
        assert frozen_s > SESSION_S, f"thawed after {frozen_s:.1f} s, before its session of {SESSION_S} s was over"
        longest = max(longest, frozen_s)
        scene.wait(lambda: not victim.is_running() or learnt != [victim.count(event) for event in NEWS],
                   "the zombie learns what happened")  # fmt: skip
        # Until it does, it may go on with what it held, and with what came while it was frozen.
        ends = scene.cluster.end_offsets(scene.input, "read_uncommitted")
        within_reach = sum(ends[p] - committed.get(p, 0) for p in partitions)
        scene.note("frozen", hit, scene.doubles_of(1, at_most=within_reach))
        if not victim.is_running():
            scene.facts["ended by fencing"] = scene.facts.get("ended by fencing", 0) + 1
            scene.fleet.start(victim.name)
    hits, rounds = scene.hits()
    scene.facts[f"frozen {scene.what_hits}"] = f"{hits} of {rounds}"
    scene.facts["frozen at most"] = f"{longest:.0f} s"
    assert hits >= ROUNDS, f"only {hits} of {rounds} froze {scene.what_hits}"
    scene.finish()


@case(6, "SIGTERM of all under full load, then a restart, three times")
def stops(scene):
    ROUNDS = 3
    scene.set_up()
    scene.crawl(rate=500)
    everything = range(scene.n_partitions)
    for _ in range(ROUNDS):
        scene.start_instances(3)
        under_way = scene.meet(everything, 4 * BURST)
        began = time.monotonic()
        codes = scene.fleet.stop()
        took = time.monotonic() - began
        # Nobody lives: what has come out and what is committed have to agree to the article.
        scene.note("SIGTERM of all", under_way > 0, 0, f"{took:.1f} s")
        assert codes == [0, 0, 0], f"exit codes {codes}: something was left behind"
    scene.facts["stopped under load"] = "{} of {}".format(*scene.hits())
    scene.facts["slowest stop"] = max(fault.text for fault in scene.faults)
    assert scene.hits()[0] == ROUNDS, "a stop met no work under way"
    scene.start_instances(3)
    scene.finish()
