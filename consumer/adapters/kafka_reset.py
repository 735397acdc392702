"""A position that the broker does not have: retention passed it, or the topic was made anew. Never skipped silently."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException
from confluent_kafka import TopicPartition as ClientPartition

from consumer.logs import logger

if TYPE_CHECKING:
    from consumer.adapters.kafka_rebalance import Assignments
    from consumer.core.record import TopicPartition

__all__ = ["FoundAgain", "ends_of", "find_again"]

_ASK_WITHIN_S = 5.0

_log = logger("kafka")


@dataclass(frozen=True, slots=True)
class FoundAgain:
    """Where reading goes on, how many records retention took, and whether offsets begin anew."""

    offset: int
    skipped: int = 0
    anew: bool = False
    """What was known of the partition, its commits and what is in flight, is about other records."""


def find_again(client: Consumer, assignments: Assignments, tp: TopicPartition) -> FoundAgain:
    """Goes on from the earliest record there is, whatever ``start`` says. Asks the broker, 5 s at most."""
    at = assignments.owned[tp].position
    low, high = ends_of(client, tp, within_s=_ASK_WITHIN_S)
    found = _judge(at, low, high)
    told = {"topic": tp.topic, "partition": tp.partition, "position": at, "begins": low, "ends": high}
    if found.skipped:
        _log.error("kafka_records_skipped_by_retention", records=found.skipped, **told)
    elif found.anew:
        _log.error("kafka_position_beyond_the_end", reason="the topic was made anew, or its commit is gone", **told)
    else:
        _log.warning("kafka_position_found_again", **told)
    assignments.read_from(client, tp, found.offset)
    return found


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
