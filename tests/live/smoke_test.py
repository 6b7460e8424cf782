"""The whole way on real Kafka, old and new: articles in, enriched out, mentions in Redis, everything committed."""

import json

import pytest

from conftest import article, ids


@pytest.mark.parametrize("version", [None, "3.9.2"], ids=["pinned", "3.9"])
def test_articles_come_out_enriched_and_everything_is_committed(live, clusters, version):
    world = live(clusters(1, version))
    redis = world.start_redis()
    run = world.start_run(redis=redis)
    for number in range(500):
        world.topics.send(article(number, with_mention=number % 10 < 2), key=f"k{number % 50}")
    world.topics.send(b"not an article", key="poison")
    world.topics.flush()
    output, dead = world.reader(), world.reader(world.dead)
    output.read_until(lambda messages: len(messages) >= 500, "500 articles")
    dead.read_until(lambda messages: len(messages) == 1, "the poison")

    assert run.stop() == 0
    output.read()
    assert sorted(output.ids()) == sorted(ids(range(500)))
    assert (dead.messages[0].key(), dead.messages[0].value()) == (b"poison", b"not an article")
    assert world.all_is_committed()

    mentions = [mention for m in output.messages for mention in json.loads(m.value())["escalation"]["mentions"]]
    assert len(mentions) >= 100
    assert set(redis.mentions()) == {mention["id"] for mention in mentions}
    assert sorted(event["id"] for event in redis.events()) == sorted(redis.mentions())


def test_a_second_instance_takes_over_where_the_first_stopped(live, cluster3):
    world = live(cluster3, partitions=6)
    output = world.reader()
    for turn in range(2):
        for number in range(turn * 300, turn * 300 + 300):
            world.topics.send(article(number), key=f"k{number % 50}")
        world.topics.flush()
        run = world.start_run(f"turn{turn}")
        output.read_until(lambda messages, n=turn * 300 + 300: len(messages) >= n, "this turn's articles")
        assert run.stop() == 0
        assert world.all_is_committed()
        assert " consumed=300 " in run.text()
    output.read()
    assert sorted(output.ids()) == sorted(ids(range(600)))
