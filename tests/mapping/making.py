"""Makes mappings, messages and what they come to, in as few words as a test needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from consumer.core.record import Plan, Received, Wanted
from consumer.faults import Fault, Faults
from consumer.mapping.rules import CompiledMapping, load_mapping
from consumer.mapping.select import Selector

MAY_FIRST_MS = 1_777_629_600_000
"""2026-05-01T10:00:00Z."""
TRIAL: dict[str, Any] = {
    "type": "track",
    "messageId": "ajs-1",
    "event": "Trial Started",
    "userId": "u1",
    "timestamp": "2026-05-01T10:00:00.000Z",
    "context": {"traits": {"email": "user@example.com"}},
    "properties": {"plan": "pro", "seats": 5},
}


@dataclass(frozen=True)
class Message:
    """What Kafka's client would give."""

    content: bytes | None
    at: int = 0
    of_topic: str = "events"
    of_partition: int = 0
    time: tuple[int, int] = (1, MAY_FIRST_MS)
    with_headers: Sequence[tuple[str, bytes | None]] | None = field(default=None)
    of_key: bytes | None = b"key"

    def topic(self) -> str:
        """Where it lies."""
        return self.of_topic

    def partition(self) -> int:
        """Where it lies."""
        return self.of_partition

    def offset(self) -> int:
        """Where it lies."""
        return self.at

    def key(self) -> bytes | None:
        """Its key."""
        return self.of_key

    def value(self) -> bytes | None:
        """Its value."""
        return self.content

    def headers(self) -> Sequence[tuple[str, bytes | None]] | None:
        """Its headers."""
        return self.with_headers

    def timestamp(self) -> tuple[int, int]:
        """Its kind and milliseconds."""
        return self.time


def mapping_of(*rules: str, top: str = "format: segment") -> CompiledMapping:
    """A mapping with these rules, each the inside of a YAML flow mapping but for its name."""
    lines = "".join(f"  - {{name: r{number}, {rule}}}\n" for number, rule in enumerate(rules))
    return load_mapping(f"{top}\nrules:\n{lines}", "mapping.yaml")


def faults_of(text: str, *topics: str) -> list[Fault]:
    """What is wrong with a mapping."""
    try:
        load_mapping(text, "mapping.yaml", topics)
    except Faults as wrong:
        return list(wrong.faults)
    return []


def received(mapping: CompiledMapping, *messages: Message) -> Received:
    """What messages of one partition come to."""
    (only,) = Selector(mapping).select(messages).values()
    return only


def wanted(mapping: CompiledMapping, value: bytes | dict[str, Any] | None, **message: Any) -> Wanted | None:
    """What one record comes to; ``None`` where it is filtered."""
    content = orjson.dumps(value) if isinstance(value, dict) else value
    found = received(mapping, Message(content, **message)).wanted
    return found[0] if found else None


def plans_of(mapping: CompiledMapping, event: bytes | dict[str, Any], **message: Any) -> tuple[Plan, ...]:
    """What the rules make of one event."""
    found = wanted(mapping, event, **message)
    return found.plans if found else ()
