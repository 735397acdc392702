"""The calls under ``/event-patterns``: the event names seen so far."""

from __future__ import annotations

from consumer.sandbox.calls.paging import page
from consumer.sandbox.reply import Answered, Refused
from consumer.sandbox.team import Received, Team

__all__ = ["by_id", "by_name", "listed"]


def listed(team: Team, received: Received) -> Answered:
    """All of them, a page at a time."""
    return Answered(200, page([each.summary() for each in team.patterns.all()], received, "/event-patterns"))


def by_name(team: Team, received: Received) -> Answered:
    """The one of exactly this name; 400 for a name that no event can have."""
    if not received.argument or ":" in received.argument:
        raise Refused(400, "Invalid eventName.")
    pattern = team.patterns.by_name(received.argument)
    if pattern is None:
        raise Refused(404, "Event pattern not found.")
    return Answered(200, pattern.public())


def by_id(team: Team, received: Received) -> Answered:
    """The one with this identifier; 400 for what is no identifier."""
    if not (received.argument.isascii() and received.argument.isalnum()):
        raise Refused(400, "Invalid eventPatternId.")
    pattern = team.patterns.by_id(received.argument)
    if pattern is None:
        raise Refused(404, "Event pattern not found.")
    return Answered(200, pattern.public())
