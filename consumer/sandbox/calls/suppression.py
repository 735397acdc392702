"""The calls under ``/contacts/suppression``: whether mail to a contact is suppressed, and ending that."""

from __future__ import annotations

from consumer.sandbox.change import one_identity
from consumer.sandbox.contacts import Contact
from consumer.sandbox.reply import Answered, Refused
from consumer.sandbox.team import Received, Team

__all__ = ["remove", "status"]

_QUOTA = 100
_QUOTA_S = 30 * 86_400
"""So many removals in 30 days; Loops' OpenAPI document, ``ContactSuppressionRemovalQuota``."""


def status(team: Team, received: Received) -> Answered:
    """Whether, and how many removals are left."""
    contact = _contact(team, received)
    shown = {"id": contact.id, "email": contact.email, "userId": contact.user_id}
    quota = _quota(team, received.now)
    return Answered(200, {"contact": shown, "isSuppressed": contact.suppressed, "removalQuota": quota})


def remove(team: Team, received: Received) -> Answered:
    """Ends it; 400 where it is not suppressed or no removal is left."""
    contact = _contact(team, received)
    if not contact.suppressed:
        raise Refused(400, "Contact is not suppressed.")
    if _quota(team, received.now)["remaining"] < 1:
        raise Refused(400, "No suppression removals are left.")
    contact.suppressed = False
    team.suppression_removals.append(received.now)
    message = "Email removed from suppression list."
    document = {"success": True, "message": message, "removalQuota": _quota(team, received.now)}
    return Answered(200, document, effect=True)


def _contact(team: Team, received: Received) -> Contact:
    contact = team.contacts.find(one_identity(received.query))
    if contact is None:
        raise Refused(404, "Contact not found.")
    return contact


def _quota(team: Team, now: float) -> dict[str, int]:
    removals = team.suppression_removals
    while removals and now - removals[0] >= _QUOTA_S:
        removals.popleft()
    return {"limit": _QUOTA, "remaining": _QUOTA - len(removals)}
