"""``/events/send``: makes or changes the contact, then counts the event."""

from __future__ import annotations

from collections.abc import Mapping

from consumer.sandbox.calls.contacts import learn
from consumer.sandbox.calls.once import once
from consumer.sandbox.change import read_change, read_identity
from consumer.sandbox.reply import Answered, Refused
from consumer.sandbox.team import Received, Team
from consumer.sandbox.values import check_value

__all__ = ["send"]


def send(team: Team, received: Received) -> Answered:
    """Takes an event, once for an idempotency key."""
    return once(team.event_keys, received, lambda: _send(team, received))


def _send(team: Team, received: Received) -> Answered:
    name = received.body.get("eventName")
    if not isinstance(name, str) or not name:
        raise Refused(400, "eventName is required.")
    if ":" in name:
        raise Refused(400, "eventName must not contain a colon.")
    check_value("eventName", name, null=False)
    properties = _event_properties(received.body.get("eventProperties", {}))
    who, change = read_identity(received.body), read_change(received.body, of_event=True)
    team.contacts.update(who, change, received.wall_ms)
    learn(team, change)
    team.patterns.sent(name, properties)
    return Answered(200, {"success": True}, effect=True)


def _event_properties(found: object) -> Mapping[str, str | float | bool]:
    if not isinstance(found, dict):
        raise Refused(400, "eventProperties must be an object.")
    for name, value in found.items():
        check_value(f"eventProperties.{name}", value, null=False)
    return found
