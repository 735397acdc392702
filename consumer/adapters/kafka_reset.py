"""A position that the broker does not have: retention passed it, or the topic was made anew. Never skipped silently."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException
from confluent_kafka import TopicPartition as ClientPartition

from consumer.logs import LineBudget, logger

if TYPE_CHECKING:
    from consumer.adapters.kafka_rebalance import Assignments
    from consumer.adapters.kafka_status import Counts
    from consumer.core.record import TopicPartition

__all__ = ["FoundAgain", "LostPositions", "ends_of"]

_ASK_WITHIN_S = 5.0

_ASKS_FOR_S = 1.0
"""How long the client's thread may ask about one partition after the other before it polls: a group puts out whoever
does not, and hundreds may have lost their position at once."""

_log = logger("kafka")


@dataclass(frozen=True, slots=True)
class FoundAgain:
    """Where reading goes on, how many records retention took, and whether offsets begin anew."""

    offset: int
    skipped: int = 0
    anew: bool = False
    """What was known of the partition, its commits and what is in flight, is about other records."""


class LostPositions:
    """Finds them again, in turns: the client is polled between two. Used on the client's thread alone."""

    def __init__(self, assignments: Assignments, counts: Counts, now: Callable[[], float] = time.monotonic) -> None:
        """None is lost. ``now`` is monotonic seconds."""
        self._assignments, self._counts, self._now = assignments, counts, now
        self._asks_until: float | None = None
        """None: nobody was asked in this turn."""
        self._lines = LineBudget()

    def begin_turn(self) -> None:
        """The client was polled."""
        self._asks_until = None

    def find_again(self, client: Consumer, tp: TopicPartition) -> FoundAgain:
        """Goes on from the earliest record there is, whatever ``start`` says. Asks the broker, 5 s at most.

        After the first silence, or a second of asking, those that are left of the turn are read from where they were:
        what is not there is told again.
        """
        at, now = self._assignments.owned[tp].position, self._now()
        self._asks_until = now + _ASKS_FOR_S if self._asks_until is None else self._asks_until
        if now < self._asks_until:
            low, high = ends_of(client, tp, within_s=_ASK_WITHIN_S)
            found = _judge(at, low, high)
            about = {"topic": tp.topic, "partition": tp.partition}
            self._tell(found, {**about, "position": at, "begins": low, "ends": high})
            if low is None or high is None:
                self._asks_until = now
        else:
            found = _judge(at, None, None)
        self._assignments.read_from(client, tp, found.offset)
        return found

    def _tell(self, found: FoundAgain, told: dict[str, Any]) -> None:
        self._counts.positions_lost += 1
        self._counts.records_skipped_by_retention += found.skipped
        if found.skipped:
            _log.error("kafka_records_skipped_by_retention", records=found.skipped, **told)
        elif found.anew:
            _log.error("kafka_position_beyond_the_end", reason="the topic was made anew, or its commit is gone", **told)
        elif (kept_back := self._lines.take("", now=self._now())) is not None:
            _log.warning("kafka_position_found_again", **told, kept_back=kept_back)


def ends_of(client: Consumer, tp: TopicPartition, *, within_s: float | None = None) -> tuple[int | None, int | None]:
    """Where a partition begins and ends: asked of the broker, or, without a time, what the last fetch said.

    None where it is not known; the client says so in three ways.
    """
    asked: dict[str, Any] = {"cached": True} if within_s is None else {"timeout": within_s}
    try:
        found: Any = client.get_watermark_offsets(ClientPartition(*tp), **asked)
    except KafkaException:
        return None, None
    low, high = found or (-1, -1)
    return (low if low >= 0 else None), (high if high >= 0 else None)


def _judge(at: int | None, low: int | None, high: int | None) -> FoundAgain:
    if low is None or high is None:
        # Nobody answered: it is asked again when reading fails again, and nothing is taken for gone meanwhile.
        return FoundAgain(OFFSET_BEGINNING if at is None else at)
    if at is None or at > high:
        return FoundAgain(low, anew=True)
    if at < low:
        return FoundAgain(low, skipped=low - at)
    return FoundAgain(at)
