"""What a rule says of delivery, in the core's words."""

from __future__ import annotations

import pytest

from consumer.core.record import Rejection
from consumer.core.request import SendEvent
from consumer.core.terms import Priority, Terms
from consumer.mapping.rule_terms import max_age_s
from tests.mapping.making import MAY_FIRST_MS, TRIAL, mapping_of, plans_of

SEND = "when: Trial Started, send: a"


def terms(rule: str) -> Terms:
    """Of a rule's request."""
    (plan,) = plans_of(mapping_of(rule), TRIAL)
    assert not isinstance(plan, Rejection)
    return plan.terms


@pytest.mark.parametrize(
    ("rule", "expected"),
    (
        (SEND, Terms()),
        (f"{SEND}, priority: high", Terms(priority=Priority.HIGH)),
        (f"{SEND}, priority: low", Terms(priority=Priority.LOW)),
        (f"{SEND}, stale: update, contact: {{p: a}}", Terms(stale_update=True)),
        (f"{SEND}, once: day, max_age: 24h", Terms(once=True)),
        (f"{SEND}, on_unknown_contact: drop", Terms(unknown_dropped=True)),
        (f"{SEND}, on_unknown_contact: dead_letter", Terms()),
        (f"{SEND}, on_unknown_contact: {{wait_s: 2.5}}", Terms(unknown_wait_s=2.5)),
        (f"{SEND}, max_per_hour: 5000", Terms(max_per_hour=5000)),
    ),
)
def test_each_key_has_its_term(rule: str, expected: Terms) -> None:
    """And nothing else changes."""
    assert expected == terms(rule)


@pytest.mark.parametrize(
    ("text", "seconds"), (("90s", 90), ("30m", 1800), ("24h", 86_400), ("7d", 604_800), (None, None))
)
def test_an_age_is_in_seconds(text: str | None, seconds: float | None) -> None:
    """Whatever its unit."""
    assert seconds == max_age_s(text)


def key(
    once: str, *, user: str | None = "u1", email: str = "user@example.com", time: str, record_ms: int = MAY_FIRST_MS
) -> str:
    """The key of a send that goes once."""
    event = TRIAL | {
        "userId": user,
        "timestamp": time,
        "context": {"traits": {"email": email}},
        "messageId": time + email,
    }
    (plan,) = plans_of(mapping_of(f"{SEND}, once: {once}, max_age: 24h"), event, time=(1, record_ms))
    assert isinstance(plan, SendEvent)
    return plan.idempotency_key


def test_events_of_one_span_and_contact_share_a_key() -> None:
    """By the event's own time, UTC, whenever its record was written."""
    morning = key("day", time="2026-05-01T00:00:00Z")

    assert morning == key("day", time="2026-05-01T23:59:59Z", record_ms=MAY_FIRST_MS + 10**9)
    assert morning == key("day", time="2026-05-02T01:00:00+02:00")
    assert morning != key("day", time="2026-05-02T00:00:00Z")
    assert morning != key("hour", time="2026-05-01T00:00:00Z")
    assert key("hour", time="2026-05-01T10:00:00Z") == key("hour", time="2026-05-01T10:59:59Z")
    assert key("hour", time="2026-05-01T10:59:59Z") != key("hour", time="2026-05-01T11:00:00Z")


def test_the_contact_of_a_key_is_its_user_id_else_its_email() -> None:
    """An address that changed its case, or beside a userId, is the same contact."""
    at = "2026-05-01T00:00:00Z"

    assert key("day", time=at) == key("day", time=at, email="Other@example.com")
    assert key("day", time=at, user=None) == key("day", time=at, user=None, email="USER@example.com")
    assert key("day", time=at, user=None) != key("day", time=at)
    assert key("day", time=at, user="u2") != key("day", time=at)
