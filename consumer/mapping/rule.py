"""A rule of the mapping, compiled."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from consumer.core.request import Call
from consumer.mapping.expression import Program
from consumer.mapping.formats.format import Format
from consumer.mapping.when import When

__all__ = ["Identity", "Rule"]

Identity: TypeAlias = Literal["both", "userId", "email"]


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """What one rule does with an event that it is about."""

    id: str
    """Stands in idempotency keys, metrics and dead letters."""
    name: str
    call: Call
    when: When
    event_name: str
    """Loops' name of the event; empty for other calls than events/send."""
    identity: Identity
    """Which identifiers go to Loops."""
    max_age_s: float | None
    members: Mapping[str, Collection[str]]
    """The names that it can set, under ``event``, ``contact`` and ``lists``."""
    programs: Mapping[Format, Program]
    """For each format that a topic has: ``where``, and an object of ``email userId event contact lists``."""
