"""What happened in a simulation, in order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from consumer.core.record import TopicPartition
from consumer.core.terms import Priority

__all__ = ["OTHERS", "Counted", "Course", "Delivered"]

OTHERS = -1
"""Stands for another program of the team in the place of a replica's number."""


class Counted(NamedTuple):
    """A request that reached Loops."""

    at_s: float
    replica: int
    """Its number, or :data:`OTHERS`."""
    admitted: bool


class Delivered(NamedTuple):
    """A record that Loops has; of one that is delivered twice the first time."""

    partition: TopicPartition
    priority: Priority
    produced_s: float
    left_s: float
    """When the request that Loops took left."""
    received_s: float
    """When it reached Loops."""

    @property
    def waited_s(self) -> float:
        """From being produced to leaving."""
        return self.left_s - self.produced_s


@dataclass(slots=True)
class Course:
    """All times are seconds from the beginning."""

    produced_s: list[float] = field(default_factory=list)
    """When each record is produced, ascending."""
    produced_of: dict[Priority, list[float]] = field(default_factory=dict)
    """The same by priority, in any order; only priorities of which there is any."""
    counted: list[Counted] = field(default_factory=list)
    delivered: list[Delivered] = field(default_factory=list)
    settled_s: list[float] = field(default_factory=list)
    """When every partition had its owner, after the beginning and after each change."""
    commits: int = 0
    """Those that the group took."""
