"""Which commits may leave, and which answer belongs to which."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

from confluent_kafka import KafkaError
from confluent_kafka import TopicPartition as ClientPartition

from consumer.adapters.kafka_commits import CommitAnswer, CommitLedger, client_positions, errors_in, failed_as, fence
from consumer.core.effect import Committable
from consumer.core.record import TopicPartition
from tests.waiting import until

FIRST, SECOND = TopicPartition("events", 0), TopicPartition("events", 1)


def with_error(tp: TopicPartition, offset: int, code: int) -> ClientPartition:
    """As the client's callback has it."""
    found = SimpleNamespace(topic=tp.topic, partition=tp.partition, offset=offset, error=KafkaError(code))
    return cast("ClientPartition", found)


def test_a_commit_asked_for_under_a_former_assignment_is_held_back() -> None:
    """Even though the partition is ours again; and so is one for a partition that never was."""
    positions = {FIRST: Committable(3), SECOND: Committable(4)}

    assert (positions, {}) == fence(positions, {FIRST: 1, SECOND: 2}, {FIRST: 1, SECOND: 2})
    assert ({FIRST: Committable(3)}, {SECOND: Committable(4)}) == fence(
        positions, {FIRST: 1, SECOND: 2}, {FIRST: 1, SECOND: 3}
    )
    assert ({}, positions) == fence(positions, {}, {FIRST: 1, SECOND: 3})
    assert ({}, positions) == fence(positions, {FIRST: 1, SECOND: 2}, {})


def test_positions_keep_their_metadata_on_the_way_to_the_client() -> None:
    """It is what survives a crash."""
    (found,) = client_positions({FIRST: Committable(3, "kept")})

    assert ("events", 0, 3, "kept") == (found.topic, found.partition, found.offset, found.metadata)


def test_each_answer_finds_its_commit() -> None:
    """Whatever the order in which answers come."""
    ledger = CommitLedger()
    ledger.sent({FIRST: Committable(3)}, {})
    ledger.sent({FIRST: Committable(5, "m")}, {})

    assert CommitAnswer({FIRST: Committable(5, "m")}) == ledger.answered(None, [ClientPartition(*FIRST, 5)])
    assert CommitAnswer({FIRST: Committable(3)}) == ledger.answered(None, [ClientPartition(*FIRST, 3)])
    assert 0 == len(ledger)


def test_it_is_known_how_long_the_oldest_answer_is_owed() -> None:
    """0 where none is."""
    ledger = CommitLedger()
    assert 0 == ledger.waits_s

    ledger.sent({FIRST: Committable(3)}, {})
    until(lambda: ledger.waits_s > 0, 10, "time passes")
    ledger.answered(None, [ClientPartition(*FIRST, 3)])

    assert 0 == ledger.waits_s


def test_an_answer_that_nobody_asked_for_is_none() -> None:
    """It is told to nobody."""
    assert CommitLedger().answered(None, [ClientPartition(*FIRST, 5)]) is None


def test_an_error_beside_one_partition_fails_that_one_alone() -> None:
    """The client's error of the whole is then none."""
    ledger = CommitLedger()
    ledger.sent({FIRST: Committable(3), SECOND: Committable(4)}, {})

    answer = ledger.answered(None, [ClientPartition(*FIRST, 3), with_error(SECOND, 4, KafkaError.ILLEGAL_GENERATION)])

    assert CommitAnswer({FIRST: Committable(3)}, {"ILLEGAL_GENERATION": {SECOND: Committable(4)}}) == answer


def test_an_error_of_the_whole_fails_all_and_what_was_held_back_failed_as_revoked() -> None:
    """Each partition is answered once."""
    ledger = CommitLedger()
    ledger.sent({FIRST: Committable(3)}, {SECOND: Committable(4)})

    answer = ledger.answered(KafkaError(KafkaError._TIMED_OUT), [ClientPartition(*FIRST, 3)])

    expected = {"revoked": {SECOND: Committable(4)}, "_TIMED_OUT": {FIRST: Committable(3)}}
    assert CommitAnswer({}, expected) == answer


def test_a_commit_that_the_client_does_not_take_is_answered_at_once() -> None:
    """And forgotten."""
    ledger = CommitLedger()
    ledger.sent({FIRST: Committable(3)}, {})

    assert CommitAnswer({}, {"_STATE": {FIRST: Committable(3)}}) == ledger.refused("_STATE")
    assert [] == ledger.abandon()


def test_what_is_never_answered_is_abandoned_as_closed() -> None:
    """So that no commit stays without an answer."""
    ledger = CommitLedger()
    ledger.sent({FIRST: Committable(3)}, {SECOND: Committable(4)})

    expected = {"closed": {FIRST: Committable(3)}, "revoked": {SECOND: Committable(4)}}
    assert [CommitAnswer({}, expected)] == ledger.abandon()
    assert 0 == len(ledger)


def test_errors_are_told_by_name() -> None:
    """Sorted, once each."""
    found = [ClientPartition(*FIRST), with_error(SECOND, 4, KafkaError.ILLEGAL_GENERATION)]

    assert ["ILLEGAL_GENERATION"] == errors_in(found)
    assert CommitAnswer({}, {"x": {FIRST: Committable(1)}}) == failed_as({FIRST: Committable(1)}, "x")
