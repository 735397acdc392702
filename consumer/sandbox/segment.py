"""Segment's calls as a product's web and mobile libraries write them. Pure.

Source of the members: Segment's public specification of the calls and of their common fields.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Any, Final

import orjson

from consumer.sandbox.people import Person

__all__ = ["Segment", "encoded"]

_WEB: Final = {"name": "analytics.js", "version": "next-1.70.0"}
_PHONE: Final = {"name": "analytics-ios", "version": "4.1.8"}
_SERVER: Final = {"name": "analytics-python", "version": "2.3.2"}
_BROWSER: Final = "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/128.0"
_PAGES: Final = ("Home", "Pricing", "Docs", "Projects", "Settings", "Billing", "Invite", "Search")
_SCREENS: Final = ("Inbox", "Project", "Profile", "Camera")
_DULL: Final[tuple[tuple[str, Mapping[str, Any]], ...]] = (
    ("Button Clicked", {"label": "save", "position": "toolbar"}),
    ("Search Performed", {"query_length": 11, "results": 7}),
    ("Project Opened", {"project_id": "prj_4711", "tab": "board"}),
    ("Comment Added", {"project_id": "prj_4711", "characters": 84}),
    ("File Uploaded", {"bytes": 48_213, "kind": "image/png"}),
    ("Feature Used", {"feature": "timeline", "seconds": 12.5}),
    ("Trial Started", {"plan": "free", "seats": 1}),
)
"""What nobody sends mail about; a trial that costs nothing among it, which a rule's ``where`` keeps out."""


@dataclass(frozen=True, slots=True)
class Segment:
    """Composes calls; all draws come from ``random``. ``at`` is in seconds since 1970."""

    random: Random

    def dull(self, person: Person | None, *, at: float) -> dict[str, Any]:
        """A call of no interest, of a person or, without one, of a visitor."""
        kind = self.random.random()
        call = self._call(person, at=at)
        if kind < 0.5:
            name = self.random.choice(_PAGES)
            properties = {"path": f"/{name.lower()}", "title": name, "url": f"https://app.example.com/{name.lower()}"}
            return {"type": "page", "name": name, "properties": properties, **call}
        if kind < 0.62:
            call["context"]["library"] = _PHONE
            name = self.random.choice(_SCREENS)
            return {"type": "screen", "name": name, "properties": {"from": "tab", "build": 2041}, **call}
        event, dull = self.random.choice(_DULL)
        return {"type": "track", "event": event, "properties": dict(dull), **call}

    def track(self, person: Person | None, event: str, properties: Mapping[str, Any], *, at: float) -> dict[str, Any]:
        """Something that a rule wants, from the product's server."""
        call = self._call(person, at=at)
        call["context"]["library"] = _SERVER
        return {"type": "track", "event": event, "properties": dict(properties), **call}

    def identify(self, person: Person, *, at: float) -> dict[str, Any]:
        """What the product knows of a person, sent as a page loads."""
        traits = {"email": person.email, "firstName": person.name, "plan": person.plan}
        return {"type": "identify", "traits": traits, **self._call(person, at=at)}

    def _call(self, person: Person | None, *, at: float) -> dict[str, Any]:
        """The members that every call has."""
        draw = self.random.getrandbits
        context: dict[str, Any] = {"library": _WEB, "userAgent": _BROWSER, "locale": "en-GB", "ip": "203.0.113.7"}
        if person is not None and not person.shy:
            context["traits"] = {"email": person.email}
        return {
            "messageId": f"ajs-next-{draw(64):016x}",
            "userId": None if person is None else person.id,
            "anonymousId": f"{draw(64):016x}",
            "timestamp": _iso(at),
            "channel": "client",
            "version": 2,
            "context": context,
        }


def encoded(call: Mapping[str, Any]) -> bytes:
    """The value of the call's record."""
    return orjson.dumps(call)


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
