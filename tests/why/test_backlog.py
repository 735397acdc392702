"""How many requests stand before one."""

from __future__ import annotations

import orjson
import pytest

from consumer.core.effect import Committable
from consumer.core.record import TopicPartition
from consumer.mapping.select import Selector
from consumer.why import backlog
from consumer.why.backlog import Backlog
from consumer.why.standing import Standings
from tests.mapping.making import MAY_FIRST_MS, TRIAL, Message, mapping_of

TP = TopicPartition("events", 0)
MINUTE_MS = 60_000


def made(
    count: int, *, committed: int = 0, before: int = 0, wall_ms: int = MAY_FIRST_MS, event: str = "Trial Started"
) -> Backlog:
    """That of so many records, a minute apart, each of which makes two requests."""
    mapping = mapping_of("when: Trial Started, send: a", "when: Trial Started, update: true")
    standings = Standings({TP: Committable(committed)}, 0)
    found = Backlog(standings, {TP: before}, wall_ms=wall_ms)
    value = orjson.dumps({**TRIAL, "event": event})
    messages = [Message(value, at=at, time=(1, MAY_FIRST_MS + at * MINUTE_MS)) for at in range(count)]
    found.take(Selector(mapping).select(messages))
    return found


def test_what_came_before_goes_before() -> None:
    """Every request of it; what is of the same moment does not count."""
    found = made(5)

    assert [0, 0, 2, 10] == [
        found.ahead_of(MAY_FIRST_MS + after) for after in (-MINUTE_MS, 0, MINUTE_MS, 60 * MINUTE_MS)
    ]


def test_what_is_finished_is_not_before_anybody() -> None:
    """By the group's commit."""
    assert 4 == made(5, committed=3).ahead_of(MAY_FIRST_MS + 60 * MINUTE_MS)


def test_what_will_be_dropped_takes_no_time() -> None:
    """Events past their rule's age; the updates beside them go."""
    assert 5 == made(5, wall_ms=MAY_FIRST_MS + 25 * 3_600_000).ahead_of(MAY_FIRST_MS + 60 * MINUTE_MS)


def test_what_no_rule_wants_takes_none_either() -> None:
    """However much of it there is."""
    assert 0 == made(5, event="Page Viewed").ahead_of(MAY_FIRST_MS + 60 * MINUTE_MS)


def test_what_lies_before_what_is_read_counts_by_what_is_read() -> None:
    """As if it were like it: two requests a record here."""
    assert 200 + 2 == made(5, before=100).ahead_of(MAY_FIRST_MS + MINUTE_MS)


def test_times_past_a_bound_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """So it counts too few."""
    monkeypatch.setattr(backlog, "REQUESTS_MAX", 3)

    assert 3 == made(5).ahead_of(MAY_FIRST_MS + 60 * MINUTE_MS)
