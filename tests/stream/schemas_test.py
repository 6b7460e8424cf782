"""Everything that leaves the house keeps the contract: the sample feed through Kafka and Redis, held against schemas/."""

import json
import pathlib

from conftest import DEAD
from jsonschema import Draft202012Validator

ROOT = pathlib.Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "deploy/samples"


def validator(name):
    return Draft202012Validator(json.loads((ROOT / "schemas" / f"{name}.schema.json").read_text()))


def complaints(schema, documents):
    found = validator(schema)
    return [f"{error.json_path}: {error.message}"[:300] for document in documents for error in found.iter_errors(document)]


def test_enriched_articles_mentions_and_dead_letters_keep_their_schemas(world):
    articles = (SAMPLES / "feed.jsonl").read_bytes().splitlines()
    poison = (SAMPLES / "poison.txt").read_bytes().splitlines()
    assert len(articles) >= 60 and len(poison) >= 3
    world.start_broker()
    redis = world.start_redis()
    run = world.start_run("run", redis).wait_assigned()
    output, dead = world.reader(), world.reader(DEAD)
    for number, value in enumerate(articles + poison):
        world.topics.send(value, key=f"k{number}".encode())
    world.topics.flush()
    output.read_until(lambda messages: len(messages) >= len(articles), f"{len(articles)} articles")
    dead.read_until(lambda messages: len(messages) >= len(poison), f"{len(poison)} dead letters")
    enriched = [json.loads(message.value()) for message in output.messages]
    found = sorted(mention["id"] for article in enriched for mention in article["escalation"]["mentions"])
    assert run.stop() == 0
    held = redis.mentions()

    assert len(enriched) == len(articles) and len(dead.messages) == len(poison)
    assert complaints("article", [json.loads(line) for line in articles]) == []
    assert complaints("enriched", enriched) == []
    letters = [{name: value.decode() for name, value in message.headers()} for message in dead.messages]
    assert complaints("dead-letter", letters) == []
    assert complaints("mention", held.values()) == []
    assert sorted(held) == found and all(mention["id"] == identity for identity, mention in held.items())
    assert {article["language"]["code"] for article in enriched} >= {"de", "ar", "en", "fr", "ru", "fa", "he", "tr", "es", "uk"}
