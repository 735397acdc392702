"""Asks a model as a client would, without HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl

import orjson

from consumer.sandbox.model import LoopsModel
from consumer.sandbox.options import SandboxOptions
from consumer.sandbox.reply import Reply
from consumer.sandbox.team import Received

__all__ = ["PLENTY", "Asker", "received"]

PLENTY: Final = 100_000
"""A limit that no test reaches."""


def received(
    body: Mapping[str, object] | None = None,
    *,
    key: str | None = None,
    argument: str = "",
    now: float = 0.0,
    query: Mapping[str, str] | None = None,
) -> Received:
    """A request as the calls see it."""
    headers = {"host": "127.0.0.1:8025"} if key is None else {"host": "127.0.0.1:8025", "idempotency-key": key}
    return Received(
        query=query or {}, headers=headers, body=body or {}, argument=argument, now=now, wall=1_700_000_000.0 + now
    )


class Asker:
    """A client of one model; its clock stands where ``at`` is set."""

    def __init__(self, **options: Any) -> None:
        """``options`` are those of :class:`SandboxOptions`; the limit is out of the way unless one is given."""
        self.model = LoopsModel(SandboxOptions(**{"rate_per_s": PLENTY, **options}))
        self.at = 0.0

    def reply(
        self, method: str, address: str, body: object = None, *, headers: Mapping[str, str] | None = None
    ) -> Reply:
        """Everything that comes back; ``body`` is sent as JSON, or as it is where it is bytes."""
        path, _, query = address.partition("?")
        sent = body if isinstance(body, bytes) else b"" if body is None else orjson.dumps(body)
        given = {"authorization": "Bearer sandbox", "content-type": "application/json", **(headers or {})}
        return self.model.handle(
            method, path, dict(parse_qsl(query)), given, sent, now=self.at, wall=1_700_000_000.0 + self.at
        )

    def ask(self, method: str, address: str, body: object = None, *, key: str | None = None) -> tuple[int, Any]:
        """Status and document."""
        found = self.reply(method, address, body, headers={} if key is None else {"idempotency-key": key})
        return found.status, orjson.loads(found.body)

    def send(self, key: str | None = None, **body: Any) -> int:
        """The status of an event; a contact and a name are filled in."""
        return self.ask("POST", "/events/send", {"email": "a@example.com", "eventName": "e", **body}, key=key)[0]

    def contact(self, email: str) -> dict[str, Any]:
        """The contact with that address; there must be one."""
        status, found = self.ask("GET", f"/contacts/find?email={email}")
        assert (200, 1) == (status, len(found))
        document: dict[str, Any] = found[0]
        return document
