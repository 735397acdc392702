"""Where a record stands against what the group has committed of its partition."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from consumer.core.completions import Completions, Damaged, decode
from consumer.core.effect import Committable
from consumer.core.record import Position, TopicPartition

__all__ = ["Standing", "Standings"]


class Standing(Enum):
    """What the group says of a record, or of what one rule makes of it."""

    FINISHED = "finished"
    """Its fate is final: the commit has passed it, or the text beside the commit names it."""
    OPEN = "open"
    """It waits, or is on its way at this moment."""
    NO_COMMIT = "no_commit"
    """The group has committed nothing of this partition."""
    UNKNOWN = "unknown"
    """The brokers do not tell."""


@dataclass(frozen=True, slots=True)
class _Commit:
    offset: int
    beyond: Completions


@dataclass(slots=True)
class Standings:
    """The group's commits, as they were asked for."""

    commits: Mapping[TopicPartition, Committable | None] | None
    """Of every partition; ``None`` for one that has none, and for all of them where the brokers do not tell."""
    fingerprint: int
    """Of the mapping in use: which plans are final is told of the plans of one mapping."""
    _read: dict[TopicPartition, _Commit] = field(default_factory=dict)

    def of(self, at: Position, plan: int | None = None) -> Standing:
        """Of the record that lies there, or of one of its plans, counted from 0."""
        if self.commits is None:
            return Standing.UNKNOWN
        tp = TopicPartition(at.topic, at.partition)
        committed = self.commits.get(tp)
        if committed is None:
            return Standing.NO_COMMIT
        commit = self._read.get(tp) or self._take_in(tp, committed)
        is_final = at.offset < commit.offset or self._is_beyond(commit.beyond, at.offset, plan)
        return Standing.FINISHED if is_final else Standing.OPEN

    def _take_in(self, tp: TopicPartition, committed: Committable) -> _Commit:
        told = decode(committed.metadata, offset=committed.offset)
        commit = _Commit(committed.offset, Completions() if isinstance(told, Damaged) else told)
        self._read[tp] = commit
        return commit

    def _is_beyond(self, beyond: Completions, offset: int, plan: int | None) -> bool:
        if any(first <= offset <= last for first, last in beyond.runs):
            return True
        return (
            plan is not None and beyond.mapping == self.fingerprint and bool(beyond.partly.get(offset, 0) >> plan & 1)
        )
