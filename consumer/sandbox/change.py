"""A flat request body, read: whom it is about, and what is to change about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from consumer.sandbox.reply import Refused
from consumer.sandbox.values import RESERVED, check_value, valid_email

__all__ = ["STANDARD", "Change", "Identity", "one_identity", "read_change", "read_identity"]

STANDARD = ("firstName", "lastName", "source", "userGroup")
"""The properties that every contact has and that hold a string."""

_NO_PROPERTIES = frozenset({"email", "userId", "mailingLists"})
_OF_AN_EVENT = frozenset({"eventName", "eventProperties"})


@dataclass(frozen=True, slots=True)
class Identity:
    """The one or two identifiers that a request names."""

    email: str | None = field(default=None, repr=False)
    user_id: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Change:
    """What a request sets: standard and custom properties (null resets), lists to join or leave, ``subscribed``."""

    standard: Mapping[str, str | None] = field(repr=False)
    custom: Mapping[str, str | float | bool | None] = field(repr=False)
    lists: Mapping[str, bool]
    subscribed: bool | None


def read_identity(body: Mapping[str, object]) -> Identity:
    """The identifiers in a body or a query; null is none. Raises :class:`Refused` where there is none, or a bad one."""
    email, user_id = body.get("email"), body.get("userId")
    if email is None and user_id is None:
        raise Refused(400, "An email or userId is required.")
    if email is not None and not (isinstance(email, str) and valid_email(email)):
        raise Refused(400, "Invalid email address.")
    if user_id is not None and not (isinstance(user_id, str) and user_id):
        raise Refused(400, "userId must be a string that is not empty.")
    if isinstance(user_id, str):
        check_value("userId", user_id, null=False)
    return Identity(email, user_id)


def one_identity(body: Mapping[str, object]) -> Identity:
    """As :func:`read_identity`, for the calls that take one identifier alone."""
    if body.get("email") is not None and body.get("userId") is not None:
        raise Refused(400, "Only one of email or userId is allowed.")
    return read_identity(body)


def read_change(body: Mapping[str, object], *, of_event: bool) -> Change:
    """All the rest of a body, checked whole before anything is changed. ``of_event``: eventName and so on may stand."""
    standard: dict[str, str | None] = {}
    custom: dict[str, str | float | bool | None] = {}
    subscribed: bool | None = None
    for name, value in body.items():
        if name in _NO_PROPERTIES or (of_event and name in _OF_AN_EVENT):
            continue
        if name in RESERVED or name in _OF_AN_EVENT or not name:
            raise Refused(400, f"{name or 'An empty name'} is reserved and cannot be used as a contact property.")
        check_value(name, value, null=True)
        if name == "subscribed":
            subscribed = _boolean("subscribed", value)
        elif name in STANDARD:
            standard[name] = _text(name, value)
        else:
            custom[name] = value  # type: ignore[assignment]  # check_value lets nothing else pass
    return Change(standard, custom, _lists(body.get("mailingLists", {})), subscribed)


def _text(name: str, value: object) -> str | None:
    if value is not None and not isinstance(value, str):
        raise Refused(400, f"{name} must be a string.")
    return value


def _boolean(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise Refused(400, f"{name} must be a boolean.")
    return value


def _lists(found: object) -> dict[str, bool]:
    if not isinstance(found, dict):
        raise Refused(400, "mailingLists must be an object of mailing list IDs and booleans.")
    return {str(key): _boolean(f"mailingLists.{str(key)[:100]}", value) for key, value in found.items()}
