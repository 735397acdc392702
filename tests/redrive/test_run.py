"""A whole redrive, on librdkafka's mock cluster and the sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from consumer.core.effect import Fate
from consumer.redrive.hand import Tally
from consumer.redrive.planning import Left
from consumer.redrive.run import Redrive
from consumer.runner import RunnerFailed
from tests.mapping.making import mapping_of
from tests.redrive.stand import KNOWN, PARTITIONS, RULE, Stand, standing


@pytest.fixture
def stand() -> Iterator[Stand]:
    """A quick sandbox that knows some users, and nothing on the topic."""
    with standing() as stand:
        yield stand


def test_letters_of_known_contacts_are_delivered_and_marked_and_the_others_stay(stand: Stand) -> None:
    """Each under its own key, from all partitions; a second run finds only what was left."""
    stand.add(KNOWN + 3)

    ended, tally = stand.redrive(100)

    assert (True, {("r0", Fate.DELIVERED): KNOWN}) == (ended, tally.done)
    assert {("r0", Left.CONTACT_UNKNOWN): 3} == tally.left
    assert {f"key-{number}.1" for number in range(KNOWN)} == {event.idempotency_key for event in stand.sandbox.events()}
    assert {KNOWN, KNOWN + 1, KNOWN + 2} == {letter.record.offset for letter in stand.open()}
    ended, tally = stand.redrive(100)
    assert (True, {}, 3) == (ended, tally.done, tally.left.total())


def test_no_second_holds_more_requests_than_its_share(stand: Stand) -> None:
    """Questions and calls together."""
    stand.add(KNOWN)
    before = stand.sandbox.received_count()

    stand.redrive(4)

    times = [entry.now for entry in stand.sandbox.received()[before:]]
    assert 2 * KNOWN == len(times)
    assert max(sum(1 for other in times if at <= other < at + 1) for at in times) <= 4


def test_where_contacts_are_not_asked_for_a_letter_is_one_request(stand: Stand) -> None:
    """And one that is not in Loops is made, or refused."""
    stand.add(KNOWN + 1)
    before = stand.sandbox.received_count()

    ended, tally = stand.redrive(100, asks=False)

    assert (True, {("r0", Fate.DELIVERED): KNOWN, ("r0", Fate.DEAD_LETTERED): 1}) == (ended, tally.done)
    assert KNOWN + 1 == stand.sandbox.received_count() - before
    (again,) = stand.open()
    assert (KNOWN, 2, 2) == (again.record.offset, again.attempts, again.refusals)


def test_what_it_cannot_send_is_not_reached(stand: Stand) -> None:
    """A topic that nobody may read any more ends it with a sentence, and what is left is counted."""
    stand.add(KNOWN)
    chosen = stand.open()
    stand.settings = stand.settings.model_copy(
        update={"kafka": stand.settings.kafka.model_copy(update={"dead_letter_topic": "nowhere"})}
    )
    tally = Tally()
    run = Redrive(stand.settings, mapping_of(RULE), stand.key, 10, asks=True, send_stale=True)

    with pytest.raises(RunnerFailed, match="nowhere"):
        run.run(PARTITIONS, [replace(letter, rule=f"r{letter.at.partition}") for letter in chosen], tally, lambda: None)

    assert {("r0", Left.NOT_REACHED): 3, ("r1", Left.NOT_REACHED): 2} == tally.left
