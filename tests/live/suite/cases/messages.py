"""Messages that cannot be read, and articles whose output nobody takes."""

from ..registry import case


ROOMY = {"max.message.bytes": 8_000_000}
SIZES = {
    # Tocsin's own limit: it gives up before a broker has to.
    "own-limit": {"output.max.bytes": 100_000},
    # The output topic's limit is below Tocsin's: brokers refuse a whole request for the sake of one record.
    "broker-limit": {"kafka.producer.batch.size": 150_000},
}


@case(7, "one poison in 50, one output too large in 1,000", variants=tuple(SIZES))
def poison(scene, limit):
    tight = {"max.message.bytes": 200_000} if limit == "broker-limit" else {}
    scene.set_up(topics={"input": ROOMY, "dead": ROOMY, "output": tight}, **SIZES[limit])
    scene.crawl(rate=800, poison_every=50, bulky_every=1000, bulky_bytes=400_000)
    scene.start_instances(3)
    scene.wait(lambda: scene.load.made >= scene.n_articles, "all are sent", 300, every=0.1)
    scene.finish()
    scene.facts["poison"] = len(scene.load.poison)
    scene.facts["too large"] = len(scene.load.bulky)
    assert scene.load.poison and scene.load.bulky
