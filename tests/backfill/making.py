"""Requests and events of the past, in as few words as a test needs."""

from __future__ import annotations

from typing import Any

import orjson

from consumer.core.record import Position
from consumer.core.request import CreateContact, DeleteContact, SendEvent, UpdateContact
from consumer.core.terms import DEFAULT_TERMS, Terms

__all__ = ["AT", "create", "delete", "event", "send", "update"]

AT = Position("events", 0, 5)


def send(*, terms: Terms = DEFAULT_TERMS, time_ms: int = 1_000, user: str = "u1", **contact: Any) -> SendEvent:
    """An event that says this of its contact, and joins a list."""
    return SendEvent(
        rule="r0",
        email=None,
        user_id=user,
        event_time_ms=time_ms,
        max_age_s=86_400.0,
        terms=terms,
        event_name="trialStarted",
        idempotency_key="key",
        event={"number": 1},
        contact=contact,
        lists={"news": True},
    )


def update(*, terms: Terms = DEFAULT_TERMS, time_ms: int = 1_000, user: str = "u1", **contact: Any) -> UpdateContact:
    """An update that joins a list."""
    return UpdateContact(
        rule="r1",
        email=None,
        user_id=user,
        event_time_ms=time_ms,
        max_age_s=60.0,
        terms=terms,
        contact=contact,
        lists={"news": True},
    )


def create(**contact: Any) -> CreateContact:
    """A create that joins a list."""
    return CreateContact(
        rule="r2", email="a@example.com", user_id="u1", event_time_ms=1_000, contact=contact, lists={"news": True}
    )


def delete(*, user: str = "u1", email: str | None = None, time_ms: int = 1_000) -> DeleteContact:
    """A delete."""
    return DeleteContact(rule="r3", email=email, user_id=user, event_time_ms=time_ms)


def event(user: int, name: str = "Trial Started", **properties: Any) -> bytes:
    """The value of a product's event."""
    return orjson.dumps(
        {
            "type": "track",
            "messageId": f"{user}-{name}-{properties}",
            "event": name,
            "userId": f"u{user}",
            "context": {"traits": {"email": f"u{user}@example.com"}},
            "properties": properties,
        }
    )
