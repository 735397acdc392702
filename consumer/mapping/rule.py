"""A rule of the mapping, compiled."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from consumer.core.request import Call
from consumer.core.terms import DEFAULT_TERMS, Terms
from consumer.mapping.expression import Program
from consumer.mapping.formats.format import Format
from consumer.mapping.when import When

__all__ = ["ANY", "Identity", "Once", "Rule"]

Identity: TypeAlias = Literal["both", "userId", "email"]
Once: TypeAlias = Literal["hour", "day"]
ANY: Final = "*"
"""Stands for names that only an event tells."""


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
    """The names that it can set, under ``event``, ``contact`` and ``lists``; :data:`ANY` where these are computed."""
    programs: Mapping[Format, Program]
    """For each format that a topic has: ``where``, and an object of ``email userId event contact lists``."""
    terms: Terms = DEFAULT_TERMS
    once: Once | None = None
    """At most one of its events a contact and hour or day, UTC, of the event's time."""
