"""The requests that a rule can make of Loops, and what each looks like on the wire.

Source of paths, methods, flat bodies and the key's header: Loops' OpenAPI document 1.21.6.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import ClassVar, TypeAlias

import orjson

from consumer.core.terms import DEFAULT_TERMS, Terms

__all__ = [
    "IDEMPOTENCY_KEY_LENGTH_MAX",
    "PROBE",
    "Call",
    "CreateContact",
    "DeleteContact",
    "HttpRequest",
    "Request",
    "SendEvent",
    "UpdateContact",
    "Value",
    "find_user",
    "idempotency_key",
    "lanes_of",
    "once_key",
]

Value: TypeAlias = str | int | float | bool | None
"""What Loops takes as the value of a property; ``None`` resets a contact property."""

IDEMPOTENCY_KEY_LENGTH_MAX = 100
"""Characters; Loops' OpenAPI document, ``Idempotency-Key``."""


class Call(Enum):
    """The calls this program makes while it runs; the value is the metric's label."""

    SEND = "events_send"
    UPDATE = "contacts_update"
    CREATE = "contacts_create"
    DELETE = "contacts_delete"
    FIND = "contacts_find"
    API_KEY = "api_key"


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One call as it goes over the wire; the body holds personal data and stays out of ``repr``.

    ``path`` is relative to the base address and begins with a slash; ``query`` is sent URL-encoded.
    """

    call: Call
    method: str
    path: str
    body: bytes | None = field(default=None, repr=False)
    idempotency_key: str | None = None
    query: Mapping[str, str] = field(default_factory=dict, repr=False)


PROBE = HttpRequest(Call.API_KEY, "GET", "/api-key")
"""Asks whether Loops answers and takes the key; changes nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _ToContact:
    """What every request has: the rule it comes from, whom it is about, and how old it may become."""

    rule: str
    """The rule's id."""
    email: str | None = field(repr=False)
    user_id: str | None = field(repr=False)
    event_time_ms: int
    """The older of the event's and the record's own time; milliseconds since 1970, UTC."""
    max_age_s: float | None = None
    """Older than this at an attempt it is dropped as stale; ``None``: any age."""
    terms: Terms = DEFAULT_TERMS
    """What its rule says of its delivery."""

    @property
    def lanes(self) -> tuple[str, ...]:
        """The identifiers whose order it keeps: casefolded email, userId; one or two."""
        return lanes_of(self.email, self.user_id)

    def age_s(self, wall: float) -> float:
        """Seconds since its event happened; ``wall`` is seconds since 1970."""
        return wall - self.event_time_ms / 1000

    def is_stale(self, wall: float) -> bool:
        """Whether its rule no longer wants it."""
        return self.max_age_s is not None and self.age_s(wall) > self.max_age_s

    def identity(self) -> dict[str, object]:
        """The members of a body that say whom it is about."""
        body: dict[str, object] = {}
        if self.email is not None:
            body["email"] = self.email
        if self.user_id is not None:
            body["userId"] = self.user_id
        return body


@dataclass(frozen=True, slots=True, kw_only=True)
class SendEvent(_ToContact):
    """``POST /events/send``: triggers workflows, and creates or updates the contact on the way."""

    call: ClassVar[Call] = Call.SEND
    event_name: str
    idempotency_key: str
    event: Mapping[str, Value] = field(default_factory=dict, repr=False)
    contact: Mapping[str, Value] = field(default_factory=dict, repr=False)
    lists: Mapping[str, bool] = field(default_factory=dict)
    refusals: int = 0
    """Answered refusals of its former lives, each of which ended as a dead letter."""

    def body(self) -> bytes:
        """What it says. Raises ``TypeError`` where it holds what JSON cannot."""
        body = {**self.contact, **self.identity(), "eventName": self.event_name}
        if self.event:
            body["eventProperties"] = self.event
        if self.lists:
            body["mailingLists"] = self.lists
        return orjson.dumps(body)

    def http(self, refusals: int = 0) -> HttpRequest:
        """The call; after answered refusals its key bears their number: a refusal may use a key up.

        ``refusals`` are those of this life; all of its lives count.
        """
        number = self.refusals + refusals
        key = f"{self.idempotency_key}.{number}" if number else self.idempotency_key
        return HttpRequest(self.call, "POST", "/events/send", self.body(), key)

    def when_stale(self) -> UpdateContact | None:
        """What of it goes all the same once it is too old; None where that is nothing.

        Nothing of ``subscribed``: who has left since must not be joined again.
        """
        return self.as_update(without=("subscribed",)) if self.terms.stale_update else None

    def as_update(self, *, without: Collection[str] = ()) -> UpdateContact | None:
        """What it says of its contact, but for these properties and without lists; None where that is nothing.

        It may be of any age.
        """
        told = {name: value for name, value in self.contact.items() if name not in without}
        if not told:
            return None
        return UpdateContact(
            rule=self.rule,
            email=self.email,
            user_id=self.user_id,
            event_time_ms=self.event_time_ms,
            terms=self.terms,
            contact=told,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateContact(_ToContact):
    """``PUT /contacts/update``: sets properties, creating the contact where there is none."""

    call: ClassVar[Call] = Call.UPDATE
    contact: Mapping[str, Value] = field(default_factory=dict, repr=False)
    lists: Mapping[str, bool] = field(default_factory=dict)

    def body(self) -> bytes:
        """What it says. Raises ``TypeError`` where it holds what JSON cannot."""
        return _contact_body(self)

    def http(self, refusals: int = 0) -> HttpRequest:  # noqa: ARG002 - every request is asked alike
        """The call; it bears no key, so ``refusals`` changes nothing."""
        return HttpRequest(self.call, "PUT", "/contacts/update", self.body())


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateContact(_ToContact):
    """``POST /contacts/create``: only where the contact is absent; needs an email."""

    call: ClassVar[Call] = Call.CREATE
    contact: Mapping[str, Value] = field(default_factory=dict, repr=False)
    lists: Mapping[str, bool] = field(default_factory=dict)

    def body(self) -> bytes:
        """What it says. Raises ``TypeError`` where it holds what JSON cannot."""
        return _contact_body(self)

    def http(self, refusals: int = 0) -> HttpRequest:  # noqa: ARG002 - every request is asked alike
        """The call; it bears no key, so ``refusals`` changes nothing."""
        return HttpRequest(self.call, "POST", "/contacts/create", self.body())


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteContact(_ToContact):
    """``POST /contacts/delete`` by userId, or by email where there is no userId: Loops takes exactly one."""

    call: ClassVar[Call] = Call.DELETE

    def body(self) -> bytes:
        """What it says. Raises ``TypeError`` where it holds what JSON cannot."""
        return orjson.dumps({"userId": self.user_id} if self.user_id is not None else {"email": self.email})

    def http(self, refusals: int = 0) -> HttpRequest:  # noqa: ARG002 - every request is asked alike
        """The call; it bears no key, so ``refusals`` changes nothing."""
        return HttpRequest(self.call, "POST", "/contacts/delete", self.body())

    def by_email(self) -> DeleteContact | None:
        """The same by email, where the userId found nothing; None where that is what it does, or there is none."""
        return None if self.user_id is None or self.email is None else replace(self, user_id=None)


def lanes_of(email: str | None, user_id: str | None) -> tuple[str, ...]:
    """The identifiers that there are, each with a letter for its kind."""
    found = []
    if email is not None:
        found.append("e" + email.casefold())
    if user_id is not None:
        found.append("u" + user_id)
    return tuple(found)


def find_user(user_id: str) -> HttpRequest:
    """``GET /contacts/find``: whether Loops knows a contact by this userId; changes nothing."""
    return HttpRequest(Call.FIND, "GET", "/contacts/find", query={"userId": user_id})


Request: TypeAlias = SendEvent | UpdateContact | CreateContact | DeleteContact


def _contact_body(request: UpdateContact | CreateContact) -> bytes:
    body: dict[str, object] = {**request.contact, **request.identity()}
    if request.lists:
        body["mailingLists"] = request.lists
    return orjson.dumps(body)


def idempotency_key(*, rule: str, event_id: str, event_name: str, email: str | None, user_id: str | None) -> str:
    """The same key for the same record and rule in any process: 64 hexadecimal characters.

    ``event_id`` is the event's own id, else ``topic/partition/offset`` of its record. Room is left below
    :data:`IDEMPOTENCY_KEY_LENGTH_MAX` for the number of refusals.
    """
    parts = (rule, event_id, event_name, user_id or "", (email or "").casefold())
    return hashlib.sha256(orjson.dumps(parts)).hexdigest()


def once_key(*, rule: str, event_name: str, bucket: str, email: str | None, user_id: str | None) -> str:
    """The same key for all events of a rule about one contact within one span of time, as 64 hexadecimal characters.

    ``bucket`` names the span (UTC, of the event's own time), as ``2026-05-01`` or ``2026-05-01T10``. The contact is its
    userId, or its casefolded email where it has none.
    """
    parts = ("once", rule, event_name, bucket, user_id or "", "" if user_id else (email or "").casefold())
    return hashlib.sha256(orjson.dumps(parts)).hexdigest()
