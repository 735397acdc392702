"""What is found out beforehand, on librdkafka's mock cluster."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from consumer.adapters.kafka_span import Begin, Since
from consumer.backfill.survey import NoTimes, survey
from consumer.core.record import Position, TopicPartition
from tests.backfill.making import event, update
from tests.backfill.stand import Stand, standing
from tests.mapping.making import mapping_of

FULL, EMPTY = TopicPartition("events", 0), TopicPartition("events", 1)
SENDING = mapping_of("when: Trial Started, send: t")


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    """A user's events in the first partition; the second is empty."""
    with standing(tmp_path) as stand:
        stand.add(event(1), event(1, "Gone"), event(2), b"junk")
        yield stand


def test_where_a_rule_deletes_all_of_it_is_read_for_that(stand: Stand) -> None:
    """What is older than a delete is known then; the range ends behind the last record."""
    told: list[tuple[int, int]] = []

    found = survey(stand.settings.kafka, stand.mapping, Begin.BEGINNING, progress=lambda *of: told.append(of))

    assert ({FULL: 0, EMPTY: 0}, {FULL: 4, EMPTY: 0}, {FULL: 4, EMPTY: 0}) == (found.begins, found.ends, found.tails)
    assert (4, True, 2) == (found.records, found.from_beginning, len(found.deletes))
    assert found.deletes.outdates(update(user="u1", time_ms=0), Position("events", 0, 0))
    assert not found.deletes.outdates(update(user="u2", time_ms=0), Position("events", 0, 0))
    assert (4, 4) == told[-1]


def test_where_no_rule_deletes_only_the_last_records_are_read(stand: Stand) -> None:
    """They are enough to know where the range ends."""
    stand.add(*(b"{}" for _ in range(1_500)))
    told: list[tuple[int, int]] = []

    found = survey(stand.settings.kafka, SENDING, Begin.BEGINNING, progress=lambda *of: told.append(of))

    assert ({FULL: 1_504, EMPTY: 0}, 1_504) == (found.ends, found.records)
    assert (1_000, 1_000) == told[-1]


def test_brokers_that_know_no_times_are_not_asked_by_time(stand: Stand) -> None:
    """The mock cluster is one."""
    with pytest.raises(NoTimes, match="--from earliest"):
        survey(stand.settings.kafka, SENDING, Since(1_000))
