"""What is simulated, beside what arrives."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from consumer.core.policy import Policy
from consumer.sandbox.options import LimitWay

__all__ = ["Assignment", "Change", "ChangeKind", "Others", "Setting"]


class Assignment(Enum):
    """Who of the group has which partitions at first. A change moves as few as it can."""

    RANGE = "range"
    """Neighbours together."""
    BALANCED = "balanced"
    """In turn."""


class ChangeKind(Enum):
    """What happens to the group."""

    KILL = "kill"
    """The first replica that lives ends without a word; the group knows after its session."""
    ADD = "add"


@dataclass(frozen=True, slots=True)
class Change:
    """One change of the group at a moment, in seconds."""

    at_s: float
    kind: ChangeKind


@dataclass(frozen=True, slots=True)
class Others:
    """Another program of the team: ``burst`` requests at once, every ``every_s`` seconds."""

    burst: int = 8
    every_s: float = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One simulation. Two of the same setting and arrivals come to the same."""

    limit_per_s: int = 10
    """The team's, as Loops counts it."""
    way: LimitWay = LimitWay.SLIDING
    replicas: int = 1
    partitions: int = 12
    assignment: Assignment = Assignment.RANGE
    policy: Policy = field(default_factory=Policy)
    """Of each replica."""
    jitter_s: float = 0.02
    """A request is up to so much longer on its way to Loops than the quickest."""
    skew_s: float = 0.2
    """The replicas' wall clocks are up to so far apart."""
    others: Others | None = None
    changes: tuple[Change, ...] = ()
    for_s: float = 600.0
    seed: int = 0
