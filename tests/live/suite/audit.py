"""The judgement: reads every topic and the Redis stream anew when a case is over, and says of six promises whether they
were kept, with the counts behind each.

    ids       output = input; exactly once, or at least once with no more duplicates than the faults explain
    order     what an input partition holds comes out in its order (so every key does); of duplicates the first counts
    redis     each mention of the output is in the stream of events exactly once, and no other
    offsets   the group has committed up to the end of every input partition
    dead      the dead letters are the poison that was sent, byte for byte
    memory    no instance grew beyond the bound that its settings set, or kept growing
"""

import re
from collections import Counter

import confluent_kafka

from .fleet import MB, memory_most
from .load import HEADER
from .watch import number_of, reader

# Quotes within JSON strings are escaped, so no text can look like it.
MENTION = re.compile(rb'"id":"([0-9a-f]{32})","in":"')
INVARIANTS = ("ids", "order", "redis", "offsets", "dead", "memory")


def read_all(bootstrap, topic, n_partitions, isolation="read_committed", start=None):
    """All records of a topic, from its beginning or from {partition: offset}; ends when every partition has."""
    consumer = reader(bootstrap, isolation, **{"enable.partition.eof": True})
    begin = confluent_kafka.OFFSET_BEGINNING
    consumer.assign(
        [
            confluent_kafka.TopicPartition(topic, partition, start.get(partition, begin) if start else begin)
            for partition in range(n_partitions)
        ]
    )
    waiting = set(range(n_partitions))
    silent = 0
    try:
        while waiting:
            messages = consumer.consume(10_000, 1.0)
            silent = 0 if messages else silent + 1
            assert silent < 60, f"{topic}: no end of partitions {sorted(waiting)}"
            for message in messages:
                if message.error() is None:
                    yield message
                elif message.error().code() == confluent_kafka.KafkaError._PARTITION_EOF:
                    waiting.discard(message.partition())
    finally:
        consumer.close()


class Input:
    """What the input topic holds: of each number how often, and where it stands first."""

    def __init__(self, bootstrap, topic, n_partitions):
        self.count = Counter()
        self.position = {}  # number → its place in its partition
        self.partition = {}
        places = [0] * n_partitions
        for message in read_all(bootstrap, topic, n_partitions):
            number = number_of(message)
            self.count[number] += 1
            if number not in self.position:
                self.position[number] = places[message.partition()]
                self.partition[number] = message.partition()
                places[message.partition()] += 1
        self.n_records = sum(self.count.values())
        self.deleted = set()  # numbers that retention took away before they could be read here

    def deleted_up_to(self, made):
        """For a topic whose beginning is gone: numbers grow within a partition as long as nothing was sent twice."""
        self.deleted = set(range(made)) - self.count.keys()
        self.position = {number: number for number in range(made)}


class Output:
    def __init__(self, bootstrap, topic, n_partitions, source):
        self.count = Counter()
        self.mentions = {}  # number → ids of its mentions
        self.changed = set()  # numbers whose records do not agree on the mentions
        self.foreign = []  # records whose value is not the article of their header
        self.overtaken_keys = 0  # records that came out before one that stands before them
        self.overtaken_partitions = 0
        last_of_key = {}
        last = [-1] * n_partitions
        for message in read_all(bootstrap, topic, n_partitions):
            number, value, partition = number_of(message), message.value(), message.partition()
            if number is None or value.find(b'"id":"a%d"' % number, 0, 120) < 0:
                self.foreign.append((partition, message.offset()))
                continue
            found = MENTION.findall(value)
            self.count[number] += 1
            if self.count[number] > 1:
                if set(found) != self.mentions.get(number, set()):
                    self.changed.add(number)
                    self.mentions.setdefault(number, set()).update(found)
                continue
            if found:
                self.mentions[number] = set(found)
            position, key = source.position.get(number, -1), message.key()
            self.overtaken_keys += position < last_of_key.get(key, -1)
            self.overtaken_partitions += position < last[partition]
            last_of_key[key] = max(position, last_of_key.get(key, -1))
            last[partition] = max(position, last[partition])

    def mention_ids(self):
        return {id.decode() for ids in self.mentions.values() for id in ids}


class Judgement:
    """kept: invariant → bool; text: invariant → the counts behind it."""

    def __init__(self):
        self.kept, self.text, self.notes = {}, {}, []

    def say(self, invariant, kept, text):
        self.kept[invariant] = bool(kept)
        self.text[invariant] = text

    @property
    def all_kept(self):
        return all(self.kept.get(name, False) for name in INVARIANTS)


def some(numbers):
    return ",".join(str(number) for number in sorted(numbers)[:8]) + ("…" if len(numbers) > 8 else "")


def judge_ids(judgement, world, source, output, letters, expected):
    wanted = expected - letters
    counts = output.count
    missing = [number for number in wanted if number not in counts]
    sent = source.count.keys() | source.deleted
    alien = [number for number in counts if number not in sent or number in letters]
    doubles = sum(max(0, counts[number] - max(1, source.count[number])) for number in counts)
    bound = 0 if world.exactly_once else world.may_double()
    text = f"{len(wanted)} in, {len(counts)} out, {doubles} twice"
    if not world.exactly_once:
        text += f" (of {bound} explained)"
    if source.n_records != len(source.count):
        judgement.notes.append(f"the crawler wrote {source.n_records - len(source.count)} articles twice")
    if missing:
        judgement.notes.append(f"missing: {some(missing)}")
        text += f", {len(missing)} MISSING"
    if alien or output.foreign:
        judgement.notes.append(f"not sent, or poison: {some(alien)}")
        judgement.notes.append(f"header and value disagree at (partition, offset): {output.foreign[:5]}")
        text += f", {len(alien) + len(output.foreign)} ALIEN"
    judgement.say("ids", not missing and not alien and not output.foreign and doubles <= bound, text)


def judge_order(judgement, output):
    kept = output.overtaken_keys == 0 and output.overtaken_partitions == 0
    text = f"{output.overtaken_keys} overtaken"
    if output.overtaken_partitions != output.overtaken_keys:
        text += f" by key, {output.overtaken_partitions} by partition"
    judgement.say("order", kept, text)


def judge_redis(judgement, world, output):
    events = Counter(fields["id"] for fields in world.redis.events())
    ours = output.mention_ids()
    twice = [id for id, count in events.items() if count > 1]
    missing, alien = ours - events.keys(), events.keys() - ours
    text = f"{len(ours)} mentions, {sum(events.values())} events"
    if world.mentions_allowed is not None:  # articles that were read under one lexicon and published under another
        unknown = alien - world.mentions_allowed
        text += f", {len(alien)} of the other lexicon"
        alien = unknown
    elif output.changed:
        judgement.notes.append(f"not the same mentions in both records of {some(output.changed)}")
    for what, ids in (("twice", twice), ("not in Redis", missing), ("not in the output", alien)):
        if ids:
            text += f", {len(ids)} {what.upper()}"
            judgement.notes.append(f"{what}: {sorted(ids)[:5]}")
    same = world.mentions_allowed is not None or not output.changed
    judgement.say("redis", not twice and not missing and not alien and same, text)


def judge_offsets(judgement, world):
    """A committed offset short of the end hides nothing only if no record stands between the two."""
    ends = world.cluster.end_offsets(world.input, "read_uncommitted")
    committed = world.committed()
    short = {p: committed.get(p, 0) for p, end in ends.items() if committed.get(p, 0) < end}
    beyond = {p: offset for p, offset in committed.items() if offset > ends[p]}
    hidden = 0
    if short:
        for message in read_all(world.bootstrap, world.input, world.n_partitions, "read_uncommitted", short):
            hidden += message.partition() in short
    text = f"{len(ends) - len(short)} of {len(ends)} at the end, {hidden} records behind"
    open_ends = [
        topic
        for topic in (world.output, world.dead)
        if world.cluster.end_offsets(topic) != world.cluster.end_offsets(topic, "read_uncommitted")
    ]
    if open_ends:
        text += f", a transaction is STILL OPEN in {', '.join(open_ends)}"
    judgement.say("offsets", hidden == 0 and not beyond and not open_ends, text)


def judge_dead(judgement, world, sent):
    """sent: number → value.  A letter keeps key, value and its own headers, which stand first."""
    counts, wrong = Counter(), []
    reasons = Counter()
    for message in read_all(world.bootstrap, world.dead, world.n_partitions):
        headers = message.headers() or []
        number = number_of(message)
        counts[number] += 1
        reason = [value.decode() for name, value in headers if name == "tocsin.dead.reason"]
        reasons[",".join(reason)] += 1
        if number not in sent or message.value() != sent[number] or headers[0] != (HEADER, b"%d" % number):
            wrong.append(number if number is not None else -1)
    missing = sent.keys() - counts.keys()
    doubles = sum(count - 1 for count in counts.values())
    bound = 0 if world.exactly_once else world.may_double()
    text = f"{len(sent)} in, {len(counts)} out, {doubles} twice"
    if reasons:
        text += f" ({', '.join(f'{count} {reason}' for reason, count in reasons.most_common())})"
    for what, numbers in (("missing", missing), ("not as sent", wrong)):
        if numbers:
            text += f", {len(numbers)} {what.upper()}"
            judgement.notes.append(f"dead letters {what}: {some(numbers)}")
    judgement.say("dead", not missing and not wrong and doubles <= bound, text)


def judge_memory(judgement, world):
    most, worst, bound = 0, None, 0
    for instance in world.fleet.all:
        if instance.samples and max(instance.samples) > most:
            most, bound = max(instance.samples), memory_most(instance.settings)
        growth = instance.growth()
        if growth is not None and (worst is None or growth > worst[0]):
            worst = (growth, instance)
    text = f"{most // MB} of {bound // MB} MB"
    kept = 0 < most <= bound
    if worst is None:
        text += ", lives too short to say whether it is flat"
    else:
        growth, instance = worst
        allowed = 16 * MB + max(instance.samples) // 10
        text += f", {growth / MB:+.0f} MB"
        kept = kept and growth <= allowed
    judgement.say("memory", kept, text)


def judge(world, expected=None):
    """expected: numbers that have to come out, or what makes them of the Input; None: all that the topic holds."""
    judgement = Judgement()
    source = Input(world.bootstrap, world.input, world.n_partitions)
    if world.retention:
        assert world.load.sent_again == 0, "articles were sent twice: their order cannot be told from their numbers"
        source.deleted_up_to(world.load.made)
    dead = {**world.load.poison, **world.load.bulky}
    if expected is None:
        expected = set(source.count)
    elif callable(expected):
        expected = expected(source)
    dead = {number: value for number, value in dead.items() if number in expected}
    output = Output(world.bootstrap, world.output, world.n_partitions, source)
    judge_ids(judgement, world, source, output, dead.keys(), expected)
    judge_order(judgement, output)
    judge_redis(judgement, world, output)
    judge_offsets(judgement, world)
    judge_dead(judgement, world, dead)
    judge_memory(judgement, world)
    judgement.n_articles = len(source.count) + len(source.deleted)
    return judgement
