"""Messages that cannot be read, and articles whose output nobody takes."""

from collections import Counter

from ..audit import read_all
from ..registry import case
from ..watch import number_of


ROOMY = {"max.message.bytes": 8_000_000}
SIZES = {
    # Tocsin's own limit: it gives up before a broker has to.
    "own-limit": {"output.max.bytes": 100_000},
    # The topic's limit is lowered when all have asked for it: brokers refuse a whole request for one record's sake.
    "broker-limit": {"kafka.producer.batch.size": 150_000},
}


@case(7, "one poison in 50, one output too large in 1,000", variants=tuple(SIZES))
def poison(scene, limit):
    scene.set_up(topics={"input": ROOMY, "dead": ROOMY}, **SIZES[limit])
    scene.start_instances(3)
    if limit == "broker-limit":
        scene.cluster.alter_topic(scene.output, max__message__bytes=200_000)
    scene.crawl(rate=800, poison_every=50, bulky_every=1000, bulky_bytes=400_000)
    scene.wait(lambda: scene.load.made >= scene.n_articles, "all are sent", 300, every=0.1)
    scene.finish()
    stages = Counter(
        dict(letter.headers())["__connect.errors.stage"].decode()
        for letter in read_all(scene.bootstrap, scene.dead, scene.n_partitions)
        if number_of(letter) in scene.load.bulky
    )
    scene.facts["too large, found by"] = ", ".join(f"{stage} {count}" for stage, count in stages.items())
    assert ("publish" in stages) == (limit == "broker-limit"), f"the wrong one gave up: {stages}"
    scene.facts["poison"] = len(scene.load.poison)
    assert scene.load.poison and scene.load.bulky
