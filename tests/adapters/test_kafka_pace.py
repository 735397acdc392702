"""How long a poll may wait."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from consumer.adapters import kafka_pace
from consumer.adapters.kafka_pace import BUSY_POLL_S, IDLE_POLL_S, OWING_POLL_S, Pace
from consumer.core.record import TopicPartition

FIRST, SECOND = TopicPartition("events", 0), TopicPartition("events", 1)


def test_nothing_hurries_while_nothing_waits_for_its_commit() -> None:
    """Whatever happens."""
    pace = Pace()
    pace.happened()

    assert IDLE_POLL_S == pace.poll_s()


def test_a_commit_that_is_owed_leaves_soon_and_less_soon_once_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in an outage, which may last for hours."""
    now = [100.0]
    monkeypatch.setattr(kafka_pace, "time", SimpleNamespace(monotonic=lambda: now[0]))
    pace = Pace()
    pace.owe(FIRST, 5)
    assert OWING_POLL_S == pace.poll_s()
    pace.happened()
    now[0] += 0.9
    assert BUSY_POLL_S == pace.poll_s()

    now[0] += 0.1
    assert OWING_POLL_S == pace.poll_s()


def test_only_a_commit_that_stands_there_pays() -> None:
    """Of the partition itself."""
    pace = Pace()
    pace.owe(FIRST, 5)
    pace.paid(FIRST, 4)
    pace.paid(SECOND, 9)
    assert OWING_POLL_S == pace.poll_s()

    pace.paid(FIRST, 5)

    assert IDLE_POLL_S == pace.poll_s()


def test_what_is_not_ours_any_more_is_owed_no_more() -> None:
    """It was moved, or begins anew."""
    pace = Pace()
    pace.owe(FIRST, 5)
    pace.owe(SECOND, 5)
    pace.keep([SECOND])
    assert OWING_POLL_S == pace.poll_s()

    pace.forget(SECOND)
    pace.forget(SECOND)

    assert IDLE_POLL_S == pace.poll_s()
