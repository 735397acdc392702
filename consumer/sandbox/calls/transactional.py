"""The calls under ``/transactional``. No mail leaves the sandbox."""

from __future__ import annotations

from consumer.sandbox.calls.once import once
from consumer.sandbox.calls.paging import page
from consumer.sandbox.change import Change, Identity
from consumer.sandbox.options import TransactionalEmail
from consumer.sandbox.reply import Answered, Refused
from consumer.sandbox.team import Received, Team
from consumer.sandbox.values import valid_email

__all__ = ["listed", "send"]

_PUBLISHED = "2025-06-29T07:47:39.370Z"


def listed(team: Team, received: Received) -> Answered:
    """The published ones, a page at a time."""
    shown: list[dict[str, object]] = [
        {"id": each.id, "name": each.name, "lastUpdated": _PUBLISHED, "dataVariables": list(each.data_variables)}
        for each in team.transactional.values()
    ]
    return Answered(200, page(shown, received, "/transactional"))


def send(team: Team, received: Received) -> Answered:
    """Takes one, once for an idempotency key."""
    return once(team.transactional_keys, received, lambda: _send(team, received))


def _send(team: Team, received: Received) -> Answered:
    email, wanted = received.body.get("email"), received.body.get("transactionalId")
    if not isinstance(email, str) or not valid_email(email):
        raise Refused(400, "Invalid email address.", path="email")
    if not isinstance(wanted, str):
        raise Refused(400, "transactionalId is required.", path="transactionalId")
    if wanted not in team.transactional:
        message = "Transactional email not found."
        raise Refused(404, message, error={"path": "transactionalId", "message": message})
    _check_variables(team.transactional[wanted], received.body.get("dataVariables", {}))
    added = received.body.get("addToAudience", False)
    if not isinstance(added, bool):
        raise Refused(400, "addToAudience must be a boolean.", path="addToAudience")
    if received.body.get("attachments"):
        reason = "Attachments are not enabled for this account."
        raise Refused(400, reason, error={"path": "attachments", "reason": reason})
    if added:
        team.contacts.update(Identity(email), Change({}, {}, {}, None), received.wall_ms)
    return Answered(200, {"success": True}, effect=True)


def _check_variables(email: TransactionalEmail, given: object) -> None:
    if not isinstance(given, dict):
        raise Refused(400, "dataVariables must be an object.", path="dataVariables")
    missing = [name for name in email.data_variables if name not in given]
    if missing:
        message = f"Missing required data variable(s): {', '.join(missing)}"
        error = {"path": "dataVariables", "message": message}
        raise Refused(400, message, error=error, transactionalId=email.id)
