"""The last look at a request: it leaves without what was set since, so that the past sets nothing back."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import orjson

from consumer.backfill.since import Since
from consumer.core.outcome import Answer
from consumer.core.request import Call, HttpRequest
from consumer.ports import LoopsApi

__all__ = ["NothingSetBack"]

_TELLING: Final = frozenset({Call.SEND, Call.UPDATE, Call.CREATE})
"""Calls that say something of a contact."""


class NothingSetBack:
    """Implements :class:`consumer.ports.LoopsApi` over the real one.

    Here and not before: a request may have waited for long, or have taken in others on its way. One of which nothing
    is left but whom it is about leaves all the same, as what has to be answered; it changes nothing.
    """

    def __init__(self, api: LoopsApi, since: Since) -> None:
        """Calls by ``api``."""
        self._api = api
        self._since = since
        self.calls = 0
        """How many were made."""
        self.shortened = 0
        """How many of these without something that was set since."""

    async def call(self, request: HttpRequest) -> Answer:
        """Makes one call."""
        self.calls += 1
        return await self._api.call(self._without(request))

    async def close(self) -> None:
        """Closes the connections; may be called twice."""
        await self._api.close()

    def _without(self, request: HttpRequest) -> HttpRequest:
        if request.call not in _TELLING or request.body is None or not len(self._since):
            return request
        document = orjson.loads(request.body)
        older = self._since.names(document) & document.keys()
        if not older:
            return request
        self.shortened += 1
        left = {name: value for name, value in document.items() if name not in older}
        return replace(request, body=orjson.dumps(left))
