"""Commits that were sent and not answered yet, and the fence that keeps those of a former assignment from leaving."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from confluent_kafka import KafkaError
from confluent_kafka import TopicPartition as ClientPartition

from consumer.core.effect import Committable
from consumer.core.record import TopicPartition

__all__ = [
    "CLOSED",
    "REVOKED",
    "CommitAnswer",
    "CommitLedger",
    "Positions",
    "client_positions",
    "errors_in",
    "failed_as",
    "fence",
    "found_positions",
]

Positions: TypeAlias = Mapping[TopicPartition, Committable]

REVOKED = "revoked"
"""Stands for an error's name: the partition's assignment, under which the commit was asked for, has ended."""

CLOSED = "closed"
"""Stands for an error's name: the client closed before an answer came."""


@dataclass(frozen=True, slots=True)
class CommitAnswer:
    """How one commit ended: each of its partitions stands in exactly one place."""

    committed: Positions = field(default_factory=dict)
    failed: Mapping[str, Positions] = field(default_factory=dict)
    """By the name of the error."""


@dataclass(frozen=True, slots=True)
class _Sent:
    positions: Positions
    fenced: Positions
    at: float = field(default_factory=time.monotonic)

    def is_answered_by(self, partitions: Sequence[ClientPartition]) -> bool:
        answered = {(found.topic, found.partition, found.offset) for found in partitions}
        return answered == {(*partition, position.offset) for partition, position in self.positions.items()}


class CommitLedger:
    """Finds for each answer of the client the commit that it is about. Used on the client's thread alone."""

    def __init__(self) -> None:
        """Nothing is under way."""
        self._sent: list[_Sent] = []

    def __len__(self) -> int:
        return len(self._sent)

    @property
    def waits_s(self) -> float:
        """Seconds since the oldest of them was given to the client; 0 where none is under way."""
        return time.monotonic() - self._sent[0].at if self._sent else 0.0

    def sent(self, positions: Positions, fenced: Positions) -> None:
        """These were given to the client; ``fenced`` are those of the same commit that were held back."""
        self._sent.append(_Sent(positions, fenced))

    def answered(self, error: KafkaError | None, partitions: Sequence[ClientPartition]) -> CommitAnswer | None:
        """What the client's callback means; None where it is about no commit of ours."""
        found = next((sent for sent in self._sent if sent.is_answered_by(partitions)), None)
        if found is None:
            return None
        self._sent.remove(found)
        committed: dict[TopicPartition, Committable] = {}
        failed: dict[str, dict[TopicPartition, Committable]] = {REVOKED: dict(found.fenced)} if found.fenced else {}
        for partition in partitions:
            tp = TopicPartition(partition.topic, partition.partition)
            problem = partition.error or error
            if problem is None:
                committed[tp] = found.positions[tp]
            else:
                failed.setdefault(problem.name(), {})[tp] = found.positions[tp]
        return CommitAnswer(committed, failed)

    def refused(self, error: str) -> CommitAnswer:
        """The newest one could not even be given to the client."""
        return _all_failed(self._sent.pop(), error)

    def abandon(self) -> list[CommitAnswer]:
        """Answers for all that never got one."""
        abandoned, self._sent = self._sent, []
        return [_all_failed(sent, CLOSED) for sent in abandoned]


def fence(
    positions: Positions, asked_under: Mapping[TopicPartition, int], epochs: Mapping[TopicPartition, int]
) -> tuple[Positions, Positions]:
    """Splits a commit in what is still ours under the assignment it was asked under, and what is not.

    The broker takes a commit for a partition that another member owns, so this is the only thing that stops one.
    """
    ours = {tp: at for tp, at in positions.items() if tp in epochs and asked_under.get(tp) == epochs[tp]}
    return ours, {tp: at for tp, at in positions.items() if tp not in ours}


def client_positions(positions: Positions) -> list[ClientPartition]:
    """The same in the client's form."""
    return [ClientPartition(*tp, at.offset, metadata=at.metadata) for tp, at in positions.items()]


def found_positions(found: Iterable[ClientPartition]) -> dict[TopicPartition, Committable | None]:
    """What the client found committed; ``None``: nothing."""
    return {
        TopicPartition(at.topic, at.partition): Committable(at.offset, at.metadata or "") if at.offset >= 0 else None
        for at in found
    }


def failed_as(positions: Positions, error: str) -> CommitAnswer:
    """All of it failed in the same way."""
    return CommitAnswer({}, {error: positions})


def _all_failed(sent: _Sent, error: str) -> CommitAnswer:
    failed = {error: sent.positions}
    if sent.fenced:
        failed[REVOKED] = sent.fenced
    return CommitAnswer({}, failed)


def errors_in(partitions: Iterable[ClientPartition]) -> list[str]:
    """Names of the errors that stand beside single partitions."""
    return sorted({found.error.name() for found in partitions if found.error is not None})
