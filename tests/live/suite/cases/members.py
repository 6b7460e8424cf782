"""Members that join and leave in good order; and the same with other words in the lexicon."""

import json
import subprocess
import time

import world as stream

from ..audit import MENTION, read_all
from ..fleet import wait_whole
from ..load import HEADER
from ..registry import case

ASSIGNOR = {"eager": "range", "cooperative": "cooperative-sticky"}


@case(2, "members join and leave every 5 s for 2 minutes", variants=("eager", "cooperative"))
def changes(scene, protocol):
    CHANGES, EVERY_S = 24, 5.0
    scene.set_up(**{"kafka.consumer.partition.assignment.strategy": ASSIGNOR[protocol]})
    scene.crawl(rate=250)
    scene.start_instances(2)
    born, seen = 2, 0
    due = time.monotonic()
    for number in range(CHANGES):
        due += EVERY_S  # the fault is a rhythm, so its condition is a time
        before = sum(instance.count("assigned") + instance.count("revoked") for instance in scene.fleet.all)
        scene.load.burst(300)
        members = scene.fleet.running()
        under_way = scene.under_way()
        joins = len(members) <= 2 or (len(members) < 5 and scene.chance.random() < 0.5)
        if joins:
            born += 1
            scene.fleet.start(f"i{born}")
        else:
            leaver = scene.chance.choice(members)
            code = leaver.stop()
            assert code == 0, f"{leaver.name} left with {code}"
            scene.fleet.forget(leaver.name)
        scene.wait(lambda: time.monotonic() >= due, "the next change is due", EVERY_S + 5, every=0.05)
        after = sum(instance.count("assigned") + instance.count("revoked") for instance in scene.fleet.all)
        seen += after > before
        # Who leaves has finished and committed; who stays had time to (drain.timeout), so nothing comes twice.
        scene.note("join" if joins else "leave", under_way > 0, 0)
    hits, changes_made = scene.hits()
    scene.facts["changes under load"] = f"{hits} of {changes_made}"
    scene.facts["rebalances seen"] = seen
    unfinished = [line for instance in scene.fleet.all for line in instance.lines("revoked")
                  if not line.rstrip().endswith("unfinished_batches=0")]  # fmt: skip
    lost = sum(instance.count("lost") for instance in scene.fleet.all)
    scene.facts["revoked with work unfinished, lost"] = f"{len(unfinished)}, {lost}"
    for _ in range(len(unfinished) + lost):
        scene.note("work taken away", True, scene.doubles_of(1))
    assert seen >= CHANGES - 2, f"only {seen} of {CHANGES} changes made the group share anew"
    assert f"protocol={protocol}" in scene.fleet.all[0].text(), f"the group does not rebalance {protocol}"
    wait_whole(scene.fleet, scene.n_partitions)
    scene.finish()


OLD_WORDS = {
    "en.tsv": "-attacked/attacking\tattack\tdone\t0.8\tparty\tverb\n"
    "weekend will be sunny\tattack\tdone\t0.9\tnothing\tnoun\n",
}
NEW_WORDS = {
    "en.tsv": "building three new schools\tattack\tdone\t0.9\tnothing\tnoun\n",
    "de.tsv": "-*Waffenruhe+n\n",
}
COLUMNS = "phrase\tkind\tmode\tweight\tneeds\troles\n"


def write_words(folder, files):
    (folder / "escalation").mkdir(parents=True)
    for name, rows in files.items():
        (folder / "escalation" / name).write_text(COLUMNS + rows)
    return folder


def mentions_by(scene, lexicon):
    """The ids of all mentions that this lexicon finds in the input topic, by `tocsin enrich`: number → ids."""
    articles = scene.folder / "articles.jsonl"
    if not articles.exists():
        with open(articles, "wb") as file:
            for message in read_all(scene.bootstrap, scene.input, scene.n_partitions):
                file.write(message.value() + b"\n")
    done = subprocess.run(
        [stream.BINARY, "enrich", "-X", f"lexicon.overlay={lexicon}", str(articles)],
        capture_output=True, env=stream.child_environment(), check=True,
    )  # fmt: skip
    found = {}
    for line in done.stdout.splitlines():
        ids = {id.decode() for id in MENTION.findall(line)}
        if ids:
            found[json.loads(line)["id"]] = ids
    return found


@case(9, "a rolling restart of three instances with a changed lexicon")
def lexicons(scene):
    old = write_words(scene.folder / "old", OLD_WORDS)
    new = write_words(scene.folder / "new", NEW_WORDS)
    scene.set_up()
    scene.crawl(rate=500, mention_every=3)
    scene.start_instances(3, **{"lexicon.overlay": old})
    scene.wait_flowing(count=3000)
    for name in list(scene.fleet.members):
        under_way = scene.meet(range(scene.n_partitions), 1500)
        code = scene.fleet.members[name].stop()
        assert code == 0, f"{name} left with {code}"
        scene.note("restart", under_way > 0, 0)
        scene.fleet.start(name, **{"lexicon.overlay": new})
        wait_whole(scene.fleet, scene.n_partitions)
        scene.wait_flowing(count=1500)
    assert scene.hits()[0] == 3, "a restart met no work under way"
    scene.finish()

    by_old, by_new = mentions_by(scene, old), mentions_by(scene, new)
    ids_old, ids_new = set().union(*by_old.values()), set().union(*by_new.values())
    scene.mentions_allowed = ids_old | ids_new
    published = {}
    for message in read_all(scene.bootstrap, scene.output, scene.n_partitions):
        published.setdefault(dict(message.headers())[HEADER], set()).update(
            id.decode() for id in MENTION.findall(message.value())
        )
    published = set().union(*published.values())
    scene.facts["only by the old lexicon"] = len(published - ids_new)
    scene.facts["only by the new"] = len(published - ids_old)
    unknown = published - scene.mentions_allowed
    assert not unknown, f"mentions that neither lexicon finds: {sorted(unknown)[:5]}"
    assert published - ids_new and published - ids_old, "both lexicons should have left their marks"
