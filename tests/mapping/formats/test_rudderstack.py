"""RudderStack's calls as they lie on topics."""

from __future__ import annotations

from typing import Any

import pytest

from consumer.core.request import SendEvent
from tests.mapping.making import MAY_FIRST_MS, mapping_of, plans_of

TRACK = (
    b'{"type":"track","channel":"server","messageId":"r-1","event":"Order Completed","userId":"usr_42",'
    b'"context":{"traits":{"email":"user@example.com","firstName":"Test"}},"properties":{"order_id":"o1","total":99},'
    b'"originalTimestamp":"2026-05-01T10:00:00.000Z","timestamp":"2026-05-01T10:00:00.120Z"}'
)


def sent(event: bytes | dict[str, Any]) -> SendEvent:
    """The request that a rule makes."""
    mapping = mapping_of("when: Order Completed, send: x", top="format: rudderstack")
    (plan,) = plans_of(mapping, event, time=(0, 0))
    assert isinstance(plan, SendEvent)
    return plan


def test_a_track_call_is_read() -> None:
    """Its time is the producer's."""
    plan = sent(TRACK)

    assert ("user@example.com", "usr_42", MAY_FIRST_MS) == (plan.email, plan.user_id, plan.event_time_ms)


@pytest.mark.parametrize(
    ("members", "whom"),
    (
        ({"userId": "", "traits": {"id": "t1"}}, (None, "t1")),
        ({"userId": "u1", "traits": {"id": "t1"}}, (None, "u1")),
        (
            {
                "userId": "u1",
                "traits": {"email": "a@example.com"},
                "context": {"traits": {"email": "b@example.com"}},
            },
            ("b@example.com", "u1"),
        ),
    ),
)
def test_who_it_is_about_has_its_own_places(members: dict[str, Any], whom: tuple[str | None, str]) -> None:
    """An empty userId is none; the context's traits come first."""
    plan = sent({"type": "track", "event": "Order Completed", **members})

    assert whom == (plan.email, plan.user_id)
