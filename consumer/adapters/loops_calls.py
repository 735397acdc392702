"""The calls a person makes by hand, and ``check`` makes of the real team: what to send, and what came back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NoReturn, TypeAlias
from urllib.parse import quote

import orjson

from consumer.core.outcome import Response, TransportFailure, judge
from consumer.core.request import PROBE, Call, HttpRequest, Value
from consumer.ports import LoopsApi

__all__ = ["EVENT_NAMES_MAX", "CallFailed", "Contact", "ContactProperty", "LoopsCalls", "MailingList"]

Contact: TypeAlias = dict[str, Any]
"""A contact as Loops shows it: ``id``, ``email``, ``userId``, the standard properties and the team's own."""

EVENT_NAMES_MAX: Final = 5_000
"""Of a team's events: a hundred pages."""
_PER_PAGE: Final = "50"
"""The most that Loops gives."""

_READ: Final = Call.API_KEY
"""What calls that change nothing go by: like the probe, they belong to no record."""


class CallFailed(Exception):  # noqa: N818 - it is what happened
    """A call that did not do what it was made for. Its text is a sentence, without addresses and without the key."""

    def __init__(self, reason: str, message: str, status: int | None = None) -> None:
        """``reason`` is a fixed word, as in :class:`consumer.core.outcome.Outcome`."""
        self.reason = reason
        self.status = status
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class ContactProperty:
    """A property that the team's contacts can have; ``kind`` is ``string``, ``number``, ``boolean`` or ``date``."""

    key: str
    label: str
    kind: str


@dataclass(frozen=True, slots=True)
class MailingList:
    """One of the team's mailing lists."""

    id: str
    name: str
    is_public: bool


class LoopsCalls:
    """Each method makes one call and raises :class:`CallFailed` where it did not succeed."""

    def __init__(self, api: LoopsApi) -> None:
        """Calls by ``api``, which stays the caller's to close."""
        self._api = api

    async def api_key(self) -> str:
        """The name of the team that the key belongs to."""
        document = _object(await self._document(PROBE))
        return str(document.get("teamName", ""))

    async def find(self, *, email: str | None = None, user_id: str | None = None) -> Contact | None:
        """The contact, or None. Loops takes exactly one of the two."""
        query = _identity(email, user_id)
        found = _array(await self._document(HttpRequest(_READ, "GET", "/contacts/find", query=query)))
        return found[0] if found else None

    async def create(
        self, *, email: str, user_id: str | None, properties: Mapping[str, Value], lists: Mapping[str, bool]
    ) -> str:
        """The new contact's id."""
        body = _body(email, user_id, properties, lists)
        return _id(await self._document(HttpRequest(Call.CREATE, "POST", "/contacts/create", body)))

    async def update(
        self, *, email: str | None, user_id: str | None, properties: Mapping[str, Value], lists: Mapping[str, bool]
    ) -> str:
        """The id of the contact, which Loops creates where there is none."""
        body = _body(email, user_id, properties, lists)
        return _id(await self._document(HttpRequest(Call.UPDATE, "PUT", "/contacts/update", body)))

    async def delete(self, *, email: str | None = None, user_id: str | None = None) -> None:
        """Deletes it. Loops takes exactly one of the two, and says ``not_found`` where there is none."""
        body = orjson.dumps(_identity(email, user_id))
        _object(await self._document(HttpRequest(Call.DELETE, "POST", "/contacts/delete", body)))

    async def contact_properties(self) -> tuple[ContactProperty, ...]:
        """All that the team has, Loops' own among them."""
        request = HttpRequest(_READ, "GET", "/contacts/properties", query={"list": "all"})
        found = _array(await self._document(request))
        return tuple(ContactProperty(_text(item, "key"), _text(item, "label"), _text(item, "type")) for item in found)

    async def lists(self) -> tuple[MailingList, ...]:
        """All that the team has."""
        found = _array(await self._document(HttpRequest(_READ, "GET", "/lists")))
        return tuple(
            MailingList(_text(item, "id"), _text(item, "name"), item.get("isPublic") is True) for item in found
        )

    async def event_names(self) -> tuple[str, ...]:
        """The events that Loops knows, page by page; of more than :data:`EVENT_NAMES_MAX` only the first."""
        names: list[str] = []
        query = {"perPage": _PER_PAGE}
        while len(names) < EVENT_NAMES_MAX:
            page = await self._document(HttpRequest(_READ, "GET", "/event-patterns", query=query))
            found, cursor = _page(page)
            names += [_text(item, "eventName") for item in found]
            if not cursor or not found:
                break
            query = {"perPage": _PER_PAGE, "cursor": cursor}
        return tuple(names)

    async def event_properties(self, name: str) -> Mapping[str, str] | None:
        """The properties that came with this event so far, each with its type; None where Loops does not know it."""
        request = HttpRequest(_READ, "GET", f"/event-patterns/by-name/{quote(name, safe='')}")
        try:
            document = await self._document(request)
        except CallFailed as failed:
            if failed.status == 404 and failed.reason == "refused":
                return None
            raise
        properties = document.get("eventProperties") if isinstance(document, dict) else None
        return {_text(item, "name"): _text(item, "type") for item in _array(properties)}

    async def _document(self, request: HttpRequest) -> object:
        """The JSON of a 2xx answer."""
        answer = await self._api.call(request)
        if isinstance(answer, TransportFailure):
            raise CallFailed(answer.value, _NO_ANSWER[answer])
        if not 200 <= answer.status < 300:
            _refused(request, answer)
        try:
            document: object = orjson.loads(answer.body)
        except orjson.JSONDecodeError:
            _not_theirs()
        return document


_NO_ANSWER: Final = {
    TransportFailure.CONNECT: "Loops could not be reached: check loops.base_url and the way out of this network",
    TransportFailure.TIMEOUT: "Loops did not answer in time (loops.timeout_s); whether it took effect is not known",
    TransportFailure.BROKEN: "the connection broke before the answer; whether it took effect is not known",
}

_WRONG_ADDRESS: Final = "what answers at loops.base_url is not Loops' API"


def _refused(request: HttpRequest, answer: Response) -> NoReturn:
    outcome = judge(request.call, answer, wall=0.0)
    status, said = answer.status, f": {_printable(outcome.message)}" if outcome.message else ""
    raise CallFailed(outcome.reason, _sentence(request, outcome.reason, answer, said), status)


def _sentence(request: HttpRequest, reason: str, answer: Response, said: str) -> str:
    status = answer.status
    if reason in {"no_such_page", "redirected", "method_not_allowed"}:
        return f"{_WRONG_ADDRESS} (status {status}): check its path, usually /api/v1"
    if reason == "throttled":
        after = answer.headers.get("retry-after", "")
        when = f"in {after} s" if after.isascii() and after.isdigit() else "in a second"
        return f"the team's rate limit is used up (status 429): try again {when}"
    if status >= 500:
        return f"Loops has a fault of its own (status {status}){said}: try again later"
    fixed = {
        "unauthorized": "Loops refuses the key (status 401): it is wrong or was revoked",
        "forbidden": "Loops, or something before it, forbids this (status 403)",
        "exists": "a contact with this email or userId exists already (status 409): update changes it",
        "not_found": "Loops knows no such contact (status 404)",
    }
    if reason in fixed:
        return fixed[reason]
    return f"Loops refuses {request.method} {request.path} (status {status}){said}"


def _not_theirs() -> NoReturn:
    raise CallFailed("bad_body", f"{_WRONG_ADDRESS}: its answer is not the JSON it should be")


def _object(document: object) -> dict[str, Any]:
    if not isinstance(document, dict) or document.get("success") is not True:
        _not_theirs()
    return document


def _array(document: object) -> list[dict[str, Any]]:
    if not isinstance(document, list) or not all(isinstance(item, dict) for item in document):
        _not_theirs()
    return document


def _page(document: object) -> tuple[list[dict[str, Any]], str]:
    """What is on a page, and where the next one begins: empty on the last."""
    if not isinstance(document, dict) or not isinstance(pagination := document.get("pagination"), dict):
        _not_theirs()
    return _array(document.get("data")), _text(pagination, "nextCursor")


def _id(document: object) -> str:
    return str(_object(document).get("id", ""))


def _text(item: Mapping[str, Any], name: str) -> str:
    value = item.get(name)
    return value if isinstance(value, str) else ""


def _identity(email: str | None, user_id: str | None) -> dict[str, str]:
    given = {name: value for name, value in (("email", email), ("userId", user_id)) if value is not None}
    if len(given) != 1:
        raise ValueError("exactly one of email and user_id must be given")
    return given


def _body(email: str | None, user_id: str | None, properties: Mapping[str, Value], lists: Mapping[str, bool]) -> bytes:
    body: dict[str, object] = dict(properties)
    if email is not None:
        body["email"] = email
    if user_id is not None:
        body["userId"] = user_id
    if lists:
        body["mailingLists"] = dict(lists)
    return orjson.dumps(body)


def _printable(text: str) -> str:
    """Without what could steer a terminal."""
    return "".join(char if char.isprintable() else "?" for char in text)
