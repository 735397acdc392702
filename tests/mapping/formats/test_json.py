"""Objects of one's own making."""

from __future__ import annotations

from typing import Any

import pytest

from consumer.core.record import Plan, Rejection
from consumer.core.request import SendEvent, idempotency_key
from tests.mapping.making import MAY_FIRST_MS, mapping_of, plans_of

CONTACT = "\ncontact: {email: user.email, userId: user.id}"
EVENT = {
    "event": "com.acme:paid",
    "id": "o1",
    "timestamp": MAY_FIRST_MS // 1000,
    "user": {"id": 7, "email": "a@example.com"},
}


def plans(form: str, event: dict[str, Any]) -> tuple[Plan, ...]:
    """What a rule for ``com.acme:paid`` makes of the event, which lies at offset 3."""
    mapping = mapping_of("when: 'com.acme:paid', send: x", top=f"format: {form}{CONTACT}")
    return plans_of(mapping, event, at=3, time=(0, 0))


def key_of(event_id: str) -> str:
    """The key of the one request here."""
    return idempotency_key(rule="r0", event_id=event_id, event_name="x", email="a@example.com", user_id="7")


@pytest.mark.parametrize("form", ("json", "{name: json}"))
def test_without_paths_there_are_defaults(form: str) -> None:
    """The event's name and time; no id, since an order's id is not an event's."""
    (plan,) = plans(form, EVENT)

    assert isinstance(plan, SendEvent)
    assert (MAY_FIRST_MS, "7") == (plan.event_time_ms, plan.user_id)
    assert key_of("events/0/3") == plan.idempotency_key


def test_paths_lead_anywhere() -> None:
    """Name, id and time inside other objects."""
    nested = {"meta": {"name": EVENT["event"], "id": 9, "at": "2026-05-01T10:00:00Z"}, "user": EVENT["user"]}

    (plan,) = plans("{name: json, event: meta.name, id: meta.id, time: meta.at}", nested)

    assert isinstance(plan, SendEvent)
    assert (MAY_FIRST_MS, key_of("9")) == (plan.event_time_ms, plan.idempotency_key)


@pytest.mark.parametrize("meta", (None, "text", 5, {}, {"name": None}, {"name": "other"}, []))
def test_a_path_that_leads_nowhere_is_no_name(meta: Any) -> None:
    """And the record is filtered."""
    assert () == plans("{name: json, event: meta.name}", {"meta": meta})


@pytest.mark.parametrize("name", (5, [], {}, True))
def test_a_name_that_is_no_text_is_damage(name: Any) -> None:
    """Wherever it stands."""
    assert (Rejection("undecodable", "the event's name is not text"),) == plans(
        "{name: json, event: meta.name}", {"meta": {"name": name}}
    )
