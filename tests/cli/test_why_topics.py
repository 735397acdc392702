"""Reading the topics for somebody's records, on librdkafka's mock cluster."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from consumer.adapters.kafka_peek import PeekFailed
from consumer.adapters.kafka_span import Since
from consumer.cli.why_topics import Read
from consumer.core.record import Position
from consumer.why.partitions import partitions_of
from consumer.why.standing import Standing
from consumer.why.whom import Identity, Whom
from tests.cli.why_stand import EMAIL, NOW_MS, PARTITIONS, TOPIC, WhyStand, event, why_stand

OTHER = event(email="other@example.com", user_id="u9")


@pytest.fixture
def stand() -> Iterator[WhyStand]:
    """One of its own."""
    with why_stand() as stand:
        yield stand


def places(read: Read) -> list[tuple[int, int]]:
    """Partition and offset of what was found, sorted."""
    return sorted((at.partition, at.offset) for at in read.found.records)


def test_all_partitions_are_read_and_the_group_is_asked(stand: WhyStand) -> None:
    """Without a word on a pipe; how much was read is told."""
    stand.produce(event(), OTHER, partition=0)
    stand.produce(OTHER, event("Paid"), event("Page Viewed"), partition=3)
    stand.commit(1, partition=0)

    read = stand.search(Whom(EMAIL, "u1")).read()

    assert [(0, 0), (3, 1)] == places(read)
    assert {"Page Viewed": 1} == read.found.unwanted
    coverage = read.coverage
    assert (5, 5, 4, 4, False) == (
        coverage.records,
        coverage.of,
        coverage.partitions,
        coverage.partitions_of,
        coverage.stopped,
    )
    assert ("readers", True, None) == (read.group.name, read.group.has_committed, read.group.problem)
    assert [Standing.FINISHED, Standing.OPEN, Standing.NO_COMMIT] == [
        read.standings.of(Position(TOPIC, partition, offset)) for partition, offset in ((0, 0), (0, 1), (3, 1))
    ]


def test_since_a_time_nothing_older_counts(stand: WhyStand) -> None:
    """By the record's own time."""
    stand.produce(event(), at_ms=NOW_MS - 1)
    stand.produce(event(), at_ms=NOW_MS)

    assert [(0, 1)] == places(stand.search(Whom(EMAIL, "u1"), begin=Since(NOW_MS)).read())


def test_quickly_only_the_partitions_of_the_person_s_keys_are_read(stand: WhyStand) -> None:
    """Of the identifiers as they were given, whatever the producer's library."""
    key = "Someone@Example.com"
    likely = partitions_of(key.encode(), PARTITIONS) | partitions_of(EMAIL.encode(), PARTITIONS)
    for partition in range(PARTITIONS):
        stand.produce(event(user_id=None), partition=partition)

    read = stand.search(Whom(key), keys=[key], quick=True).read()

    assert sorted(likely) == [partition for partition, _ in places(read)]
    assert (len(likely), PARTITIONS, False) == (
        read.coverage.partitions,
        read.coverage.partitions_of,
        read.coverage.stopped,
    )


def test_what_was_read_before_an_identifier_was_learned_is_read_again(stand: WhyStand) -> None:
    """A record that has the userId alone may lie before the one that says whose it is."""
    stand.produce(event("Paid", email=None), event(), event("Paid", email=None))

    read = stand.search(whom := Whom(EMAIL)).read()

    assert [(0, 0), (0, 1), (0, 2)] == places(read)
    assert {"u1": f"the record {TOPIC} 0:1"} == whom.user_ids


def test_what_waits_is_counted_where_the_group_is_behind(stand: WhyStand) -> None:
    """Requests before it, of everybody; what lies before what is read by its share."""
    stand.produce(*[OTHER] * 10, at_ms=NOW_MS - 10)
    stand.produce(*[OTHER] * 4, at_ms=NOW_MS - 5)
    stand.produce(event())
    stand.produce(*[OTHER] * 3, partition=1, at_ms=NOW_MS - 5)
    stand.commit(6)
    stand.commit(3, partition=1)

    assert 8 == stand.search(Whom(EMAIL, "u1")).read().backlog.ahead_of(NOW_MS)


class Impatient(Whom):
    """Presses Ctrl-C as soon as a record is found."""

    def is_meant(self, identity: Identity) -> bool:
        """It is."""
        signal.raise_signal(signal.SIGINT)
        return super().is_meant(identity)


def test_ctrl_c_ends_the_reading_with_what_was_found(stand: WhyStand) -> None:
    """Which is said to be a part."""
    stand.produce(event(), partition=0)
    for partition in range(1, PARTITIONS):
        stand.produce(*[OTHER] * 2_000, partition=partition)

    read = stand.search(Impatient(EMAIL, "u1")).read()

    assert read.coverage.stopped
    assert read.coverage.records < read.coverage.of


def test_a_topic_that_is_not_there_is_said(stand: WhyStand) -> None:
    """With its name."""
    kafka = stand.settings.kafka.model_copy(update={"topics": ("nowhere",)})
    elsewhere = WhyStand(stand.settings.model_copy(update={"kafka": kafka}), stand.sandbox, stand.mapping)

    with pytest.raises(PeekFailed, match="nowhere"):
        elsewhere.search(Whom(EMAIL)).read()
