"""Each error that a step of a transaction can meet, one by one: what follows, and that the stream goes on.

The embedded broker neither isolates nor undoes, so what was aborted is seen as well here; that nothing is doubled is
for real brokers to say (tests/live).
"""

import pytest

from conftest import article, wait_for

ABORT, RENEW, INSIDE = "abort", "renew", None  # INSIDE: librdkafka tries again by itself

# Refused at a step that only a producer with transactions takes: one process meets them one after the other.
STEPS = [
    ("AddPartitionsToTxn", "CONCURRENT_TRANSACTIONS", INSIDE),
    ("AddPartitionsToTxn", "TOPIC_AUTHORIZATION_FAILED", ABORT),
    ("AddPartitionsToTxn", "INVALID_TXN_STATE", RENEW),
    ("AddOffsetsToTxn", "INVALID_PRODUCER_EPOCH", RENEW),
    ("TxnOffsetCommit", "ILLEGAL_GENERATION", ABORT),
    ("TxnOffsetCommit", "UNKNOWN_MEMBER_ID", ABORT),
    ("TxnOffsetCommit", "REBALANCE_IN_PROGRESS", ABORT),
    ("TxnOffsetCommit", "GROUP_AUTHORIZATION_FAILED", ABORT),
    ("TxnOffsetCommit", "NOT_COORDINATOR", INSIDE),
    ("EndTxn", "NOT_COORDINATOR", INSIDE),
    ("EndTxn", "INVALID_TXN_STATE", RENEW),
]


def counts(run):
    text = run.text()
    return {what: text.count(f" then={what} ") for what in (ABORT, RENEW)}


def test_each_step_that_is_refused_is_made_again_or_undone_or_a_new_producer_does_it(world):
    world.start_broker(partitions=1)
    # More than three renewals a minute would be taken for another process of our name.
    run = world.start_run(delivery="exactly_once", transactional__id="errors").wait_assigned()
    output, sent = world.reader(), 0

    def send_and_wait():
        nonlocal sent
        for number in range(sent, sent + 10):
            world.topics.send(article(number), key="k")
        world.topics.flush()
        sent += 10
        output.read_until(lambda _: len(output.seen) == sent, f"{sent} articles")

    send_and_wait()
    for api, error, then in STEPS:
        before = counts(run)
        world.broker.command(f"error {api} {error} 1")
        send_and_wait()
        if then:
            wait_for(lambda: counts(run)[then] > before[then], f"{api} {error} leads to {then}")
        else:
            assert counts(run) == before, f"{api} {error} is nothing that has to be undone"
    assert run.stop() == 0
    assert list(dict.fromkeys(output.ids())) == [f"a{number}" for number in range(sent)], "in order"
    assert " fenced=0 " in run.text().splitlines()[-1]


@pytest.mark.parametrize(
    "error,what",
    [("OUT_OF_ORDER_SEQUENCE_NUMBER", "event=producer_renewed"), ("MSG_SIZE_TOO_LARGE", "then=abort")],
)
def test_a_record_that_is_refused_in_a_transaction(world, error, what):
    """Once; what is refused even alone becomes a dead letter, which the embedded broker then takes for a repetition of
    the aborted one and leaves out: tests/live has that."""
    world.start_broker(partitions=1)
    for number in range(20):
        world.topics.send(article(number), key="k")
    world.topics.flush()
    world.broker.command(f"error Produce {error} 1")
    run = world.start_run(delivery="exactly_once", **{"kafka.producer.max.in.flight": 1})
    output = world.reader()
    output.read_until(lambda _: len(output.seen) == 20, "the articles")
    assert run.stop() == 0
    assert what in run.text() and " dead=0 " in run.text()
    assert list(dict.fromkeys(output.ids())) == [f"a{number}" for number in range(20)]
