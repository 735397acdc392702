"""What the sandbox tells about itself and how it is steered, under ``/sandbox``, and its page at ``/``.

====================================  =============================================================================
``GET /``                             the page
``GET /sandbox/journal?after=N``      what was received after entry N, in order; ``limit`` at most 5,000
``DELETE /sandbox/journal``           forgets it; numbers go on
``GET /sandbox/contacts``             the last changed contacts first; ``limit``
``POST /sandbox/suppressions``        ``{"email"}`` or ``{"userId"}``: mail to this contact counts as suppressed
``GET /sandbox/rate``                 the limit, requests of each of the last 60 seconds, answers by status
``GET /sandbox/faults``               the faults in force
``POST /sandbox/faults``              adds one; the members of :class:`~consumer.sandbox.faults.InjectedFault`
``DELETE /sandbox/faults``            ends all; ``/sandbox/faults/N`` ends one
``GET /sandbox/state?after=N``        all of these at once, as the page wants it
====================================  =============================================================================
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from importlib.resources import files
from typing import TypeAlias

import orjson
from pydantic import ValidationError

from consumer.faults import nearest
from consumer.sandbox.change import one_identity
from consumer.sandbox.faults import InjectedFault, NoMoreRoom
from consumer.sandbox.model import LoopsModel
from consumer.sandbox.reply import HTML, Refused, Reply, failure, json_reply

__all__ = ["control"]

_ENTRIES_MAX = 5_000
_CONTACTS_MAX = 200_000
_ON_THE_PAGE = 100
_PAGE = files("consumer.sandbox").joinpath("page.html").read_bytes()
_NO_PAGE = (
    b"<!DOCTYPE html><html><head><title>404</title></head><body><p>There is no such page. "
    b'Loops\' API is under /api/v1, the <a href="/">page of the sandbox</a> is at /.</p></body></html>'
)
_OF_THE_PAGE = {
    "content-type": HTML,
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
    "connect-src 'self'; img-src data:",
}


@dataclass(frozen=True, slots=True)
class _Asked:
    model: LoopsModel
    path: str
    query: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    now: float

    def number(self, name: str, default: int, most: int) -> int:
        text = self.query.get(name)
        if text is None:
            return default
        if not (text.isascii() and text.isdigit() and len(text) <= 18):  # fits 64 bits
            raise Refused(400, f"{name} must be a whole number.")
        return min(int(text), most)


def control(model: LoopsModel, method: str, path: str, query: Mapping[str, str], body: bytes, *, now: float) -> Reply:
    """Answers one request that is not for Loops. ``path`` is the whole path."""
    asked = _Asked(model, path, query, body, now)
    methods = _ROUTES.get("/sandbox/faults/" if path.startswith("/sandbox/faults/") else path)
    if methods is None:
        if path != "/sandbox" and not path.startswith("/sandbox/"):
            return Reply(404, _OF_THE_PAGE, _NO_PAGE)  # what is no API answers no JSON, as beside Loops' own
        return json_reply(404, failure(f"There is no such page; Loops' calls are under /api/v1, others: {_KNOWN}."))
    handler = methods.get("GET" if method == "HEAD" else method)
    if handler is None:
        return json_reply(405, failure("Wrong HTTP request method."), {"allow": ", ".join(methods)})
    try:
        return handler(asked)
    except Refused as refused:
        return json_reply(refused.status, refused.document)


def _page(asked: _Asked) -> Reply:  # noqa: ARG001 - all take the same
    return Reply(200, _OF_THE_PAGE, _PAGE)


def _journal(asked: _Asked) -> Reply:
    after = asked.number("after", 0, 2**62)
    return json_reply(200, asked.model.journal.document(after, asked.number("limit", _ENTRIES_MAX, _ENTRIES_MAX)))


def _clear_journal(asked: _Asked) -> Reply:
    asked.model.journal.clear()
    return json_reply(200, {"success": True})


def _contacts(asked: _Asked) -> Reply:
    return json_reply(200, _contacts_document(asked.model, asked.number("limit", _CONTACTS_MAX, _CONTACTS_MAX)))


def _suppress(asked: _Asked) -> Reply:
    contact = asked.model.team.contacts.find(one_identity(_object(asked.body)))
    if contact is None:
        raise Refused(404, "Contact not found.")
    contact.suppressed = True
    return json_reply(200, {"success": True})


def _rate(asked: _Asked) -> Reply:
    return json_reply(200, _rate_document(asked.model, asked.now))


def _faults(asked: _Asked) -> Reply:
    return json_reply(200, {"faults": _faults_document(asked.model, asked.now)})


def _add_fault(asked: _Asked) -> Reply:
    found = _object(asked.body)
    try:
        fault = InjectedFault.model_validate(found)
        number = asked.model.faults.add(fault, now=asked.now)
    except ValidationError as error:
        wrong = [_wrong(".".join(map(str, each["loc"])), each["msg"]) for each in error.errors(include_input=False)]
        raise Refused(400, "; ".join(wrong)) from None
    except NoMoreRoom as error:
        raise Refused(409, str(error)) from None
    return json_reply(200, {"success": True, "id": number})


def _end_faults(asked: _Asked) -> Reply:
    asked.model.faults.clear()
    return json_reply(200, {"success": True})


def _end_fault(asked: _Asked) -> Reply:
    number = asked.path.rpartition("/")[2]
    if not (number.isascii() and number.isdigit() and asked.model.faults.remove(int(number))):
        raise Refused(404, "There is no such fault in force.")
    return json_reply(200, {"success": True})


def _state(asked: _Asked) -> Reply:
    model, after = asked.model, asked.number("after", 0, 2**62)
    newest = max(after, model.journal.last - _ON_THE_PAGE)
    document = {
        "journal": model.journal.document(newest, _ON_THE_PAGE),
        "contacts": _contacts_document(model, _ON_THE_PAGE),
        "rate": _rate_document(model, asked.now),
        "faults": _faults_document(model, asked.now),
        "events": [{"name": each.name, "seen": each.seen} for each in model.team.patterns.all()[:_ON_THE_PAGE]],
        "keyMemory": model.options.key_mode.value,
    }
    return json_reply(200, document)


def _contacts_document(model: LoopsModel, limit: int) -> dict[str, object]:
    store = model.team.contacts
    shown = [
        {**each.public(), "createdMs": each.created_ms, "changedMs": each.changed_ms} for each in store.newest(limit)
    ]
    return {"total": len(store), "contacts": shown}


def _rate_document(model: LoopsModel, now: float) -> dict[str, object]:
    return {
        "countedAs": model.options.limit_way.value,
        "limit": model.limiter.rate_per_s,
        "remaining": model.limiter.remaining(now),
        "seconds": [asdict(each) for each in model.tally.seconds(now=now)],
        "byStatus": dict(sorted(model.tally.by_status.items())),
    }


def _faults_document(model: LoopsModel, now: float) -> list[Mapping[str, object]]:
    return [each.document() for each in model.faults.standing(now=now)]


def _object(body: bytes) -> dict[str, object]:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        raise Refused(400, "The body must be a JSON object.")
    return found


def _wrong(name: str, message: str) -> str:
    known = list(InjectedFault.model_fields)
    meant = nearest(name, known) if name and name not in known else None
    return f"{name or 'fault'}: {message}{f', did you mean {meant}?' if meant else ''}"


_Handler: TypeAlias = Callable[[_Asked], Reply]
_ROUTES: Mapping[str, Mapping[str, _Handler]] = {
    "/": {"GET": _page},
    "/sandbox/journal": {"GET": _journal, "DELETE": _clear_journal},
    "/sandbox/contacts": {"GET": _contacts},
    "/sandbox/suppressions": {"POST": _suppress},
    "/sandbox/rate": {"GET": _rate},
    "/sandbox/faults": {"GET": _faults, "POST": _add_fault, "DELETE": _end_faults},
    "/sandbox/faults/": {"DELETE": _end_fault},
    "/sandbox/state": {"GET": _state},
}
_KNOWN = ", ".join(_ROUTES)
