"""The calls under ``/contacts/properties``."""

from __future__ import annotations

from consumer.sandbox.reply import Answered, Refused
from consumer.sandbox.team import Received, Team
from consumer.sandbox.values import PropertyType

__all__ = ["create", "listed"]

_TYPES = {kind.value: kind for kind in PropertyType}


def create(team: Team, received: Received) -> Answered:
    """Makes a custom property."""
    name, kind = received.body.get("name"), received.body.get("type")
    if not isinstance(name, str) or not name:
        raise Refused(400, "A name is required.")
    if not isinstance(kind, str) or kind not in _TYPES:
        raise Refused(400, f"The type must be one of {', '.join(_TYPES)}.")
    team.properties.create(name, _TYPES[kind])
    return Answered(200, {"success": True}, effect=True)


def listed(team: Team, received: Received) -> Answered:
    """All of them, or with ``list=custom`` the custom ones."""
    which = received.query.get("list", "all")
    if which not in ("all", "custom"):
        raise Refused(400, "list must be all or custom.")
    return Answered(200, team.properties.listed(custom_only=which == "custom"))
