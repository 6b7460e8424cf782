"""Names that must be one process's own: two of one name are told apart by the brokers, and say so."""

from conftest import article, ids, wait_for


def keep_sending(world, begin, until):
    """A few articles at a time until something happens; returns how many there are now."""
    sent = begin

    def more():
        nonlocal sent
        for _ in range(20):
            world.topics.send(article(sent), key=f"k{sent % 50}")
            sent += 1
        world.topics.flush()
        return until()

    wait_for(more, "it happens while articles flow", every=0.05)
    return sent


def test_two_processes_with_one_transactional_id_do_not_fence_each_other_for_ever(live, cluster1):
    """Each renewal ends the other's transactions; the one that has had enough says whose name it is."""
    world = live(cluster1)
    name = {"delivery": "exactly_once", "transactional__id": f"one-{world.group}"}
    runs = [world.start_run(f"twin{number}", **name).wait_assigned() for number in range(2)]
    for run in runs:
        run.may_end = True
    sent = keep_sending(world, 0, lambda: not all(run.is_running() for run in runs))
    ended, other = sorted(runs, key=lambda run: run.is_running())
    assert ended.wait() == 1
    assert "another process uses our transactional.id" in ended.text()
    # The other one has the name for itself now, and does the work of both.
    output = world.reader()
    output.read_until(lambda _: len(output.seen) == sent, "all articles")
    assert other.is_running() and other.stop() == 0
    output.read()
    assert sorted(output.ids()) == sorted(ids(range(sent))), "each once, through all the fencing"


def test_a_static_member_comes_back_without_a_rebalance(live, cluster1):
    world = live(cluster1)
    settings = {"kafka.consumer.session.timeout.ms": 20000}
    first = world.start_run("first", group__instance__id="first", **settings).wait_assigned()
    second = world.start_run("second", group__instance__id="second", **settings).wait_assigned()
    first.wait_logged("assigned", 2)
    before = first.text().count(" event=assigned ")
    assert second.stop() == 0
    again = world.start_run("again", group__instance__id="second", **settings).wait_assigned()
    for number in range(200):
        world.topics.send(article(number), key=f"k{number % 50}")
    world.topics.flush()
    output = world.reader()
    output.read_until(lambda _: len(output.seen) == 200, "all articles")
    assert first.text().count(" event=assigned ") == before, "the other member was not disturbed"
    assert again.stop() == 0 and first.stop() == 0


def test_a_second_static_member_of_one_name_ends_the_first_with_a_reason(live, cluster1):
    world = live(cluster1)
    first = world.start_run("first", group__instance__id="same").wait_assigned()
    first.may_end = True
    world.start_run("second", group__instance__id="same").wait_assigned()
    assert first.wait() == 1
    assert "group.instance.id" in first.text().split("event=failed", 1)[1]
