"""What a rule says of how its requests are delivered, beside what is in them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

__all__ = ["DEFAULT_TERMS", "Priority", "Terms"]


class Priority(IntEnum):
    """Who leaves first where the limit is short; the order within a contact is kept whatever this says."""

    HIGH = 0
    NORMAL = 1
    LOW = 2


@dataclass(frozen=True, slots=True)
class Terms:
    """One value a rule, shared by all its requests."""

    priority: Priority = Priority.NORMAL
    stale_update: bool = False
    """Of a send that is too old its contact properties go all the same, as an update; never lists, nor subscribed."""
    once: bool = False
    """Its key stands for a contact and a span of time: a second send is capped, and its contact properties go as an
    update."""
    unknown_dropped: bool = False
    """A request with a userId alone that Loops does not know is dropped, and is no dead letter."""
    unknown_wait_s: float = 0.0
    """How long such a request waits, before it is a dead letter, for its contact to be there; seconds."""
    max_per_hour: int | None = None
    """Requests of the rule that may leave within an hour, over all replicas; past it they are dead letters."""


DEFAULT_TERMS = Terms()
"""Of a rule that says nothing."""
