"""The mapping of a simulation: its rules stay, and which comes first turns with each version.

So the plans of a record are others under the next version, though they ask for the same: what is known of the first
plan under one is said of the last under the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from consumer.core.record import Batch
from consumer.core.rules import Rules, fingerprint
from consumer.mapping.message import Message
from consumer.mapping.renewal import Renewal

__all__ = ["SimulatedMapping", "place_under"]


@dataclass(frozen=True, slots=True)
class SimulatedMapping:
    """One version."""

    version: int = 0
    paused: bool = False

    @property
    def rules(self) -> Rules:
        """What the pipeline is told."""
        return Rules(f"{self.version:08x}", frozenset({"r0", "r1", "r2"}), self.paused)

    @property
    def renewal(self) -> Renewal:
        """What a runner is told."""
        return Renewal(self.rules, self)

    def __call__(self, messages: Sequence[Message]) -> Batch:
        """A simulated source knows what this would make of its records."""
        raise NotImplementedError

    def next(self, *, paused: bool) -> SimulatedMapping:
        """The version that takes its place."""
        return SimulatedMapping(self.version + 1, paused)


def place_under(mapping: int | str, number: int, plans: int) -> int:
    """Where the plan with this number stands among the plans that a version (its fingerprint or digest) makes."""
    version = fingerprint(mapping) if isinstance(mapping, str) else mapping
    return plans - 1 - number if version % 2 else number
