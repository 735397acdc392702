"""What a team is asked about itself: its name, its mailing lists."""

from __future__ import annotations

from consumer.sandbox.reply import Answered
from consumer.sandbox.team import Received, Team

__all__ = ["api_key", "lists"]


def api_key(team: Team, received: Received) -> Answered:  # noqa: ARG001 - all calls take the same
    """The key is right; otherwise the call was not reached."""
    return Answered(200, {"success": True, "teamName": team.name})


def lists(team: Team, received: Received) -> Answered:  # noqa: ARG001 - all calls take the same
    """Every mailing list."""
    shown = [
        {"id": each.id, "name": each.name, "description": each.description, "isPublic": each.is_public}
        for each in team.lists.values()
    ]
    return Answered(200, shown)
