"""Segment's calls as they lie on topics."""

from __future__ import annotations

from typing import Any

import pytest

from consumer.core.request import SendEvent
from tests.mapping.making import MAY_FIRST_MS, mapping_of, plans_of

TRACK = (
    b'{"type":"track","messageId":"ajs-7f2c","event":"Trial Started","userId":"usr_42","anonymousId":"a1",'
    b'"timestamp":"2026-05-01T10:00:00.000Z","context":{"traits":{"email":"user@example.com"},'
    b'"library":{"name":"analytics.js"}},"properties":{"plan":"pro","seats":5}}'
)
IDENTIFY = (
    b'{"type":"identify","messageId":"ajs-8","userId":"usr_42","traits":{"email":"user@example.com",'
    b'"firstName":"Test","plan":"pro"},"timestamp":"2026-05-01T10:00:00.000Z"}'
)


def sent(when: str, event: bytes | dict[str, Any]) -> SendEvent | None:
    """The request that a rule makes."""
    plans = plans_of(mapping_of(f"when: {when}, send: x"), event, time=(0, 0))
    assert all(isinstance(plan, SendEvent) for plan in plans)
    return plans[0] if plans and isinstance(plans[0], SendEvent) else None


def test_a_track_call_is_named_by_its_event() -> None:
    """With the defaults for who and when."""
    plan = sent("Trial Started", TRACK)

    assert plan is not None
    assert ("user@example.com", "usr_42", MAY_FIRST_MS) == (plan.email, plan.user_id, plan.event_time_ms)


def test_an_identify_call_is_named_by_its_type() -> None:
    """And brings its traits itself."""
    plan = sent("{type: identify}", IDENTIFY)

    assert plan is not None
    assert ("user@example.com", "usr_42") == (plan.email, plan.user_id)


def test_a_page_is_not_an_event_of_the_same_name() -> None:
    """Nor is a track call with a name a page."""
    page = {"type": "page", "name": "Pricing", "event": "Trial Started", "userId": "u1"}

    assert sent("Trial Started", page) is None
    assert sent("Pricing", page) is None
    assert sent("{type: page, name: Pricing}", page) is not None
    assert sent("{type: page, name: Pricing}", page | {"type": "track"}) is None


@pytest.mark.parametrize(
    ("members", "email"),
    (
        ({"traits": {"email": "a@example.com"}, "context": {"traits": {"email": "b@example.com"}}}, "a@example.com"),
        ({"traits": {"email": ""}, "context": {"traits": {"email": "b@example.com"}}}, "b@example.com"),
        ({"properties": {"email": "c@example.com"}}, "c@example.com"),
        ({}, None),
    ),
)
def test_the_address_stands_in_one_of_three_places(members: dict[str, Any], email: str | None) -> None:
    """The contact's own traits first."""
    plan = sent("A", {"type": "track", "event": "A", "userId": "u1", **members})

    assert plan is not None
    assert email == plan.email


def test_an_anonymous_id_is_no_user_id() -> None:
    """Loops would make a contact of each visitor."""
    plan = sent("A", {"type": "track", "event": "A", "anonymousId": "a1", "traits": {"email": "a@example.com"}})

    assert plan is not None
    assert plan.user_id is None
