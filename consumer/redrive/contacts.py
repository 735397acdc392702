"""Asks Loops whether it knows a contact before an attempt that would create it otherwise.

A letter may lie for long, and its contact may have been deleted meanwhile. It is asked right before each attempt, so
that an outage between question and request makes no difference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import orjson

from consumer.core.outcome import Answer, Outcome, Response, Verdict, judge
from consumer.core.request import Call, HttpRequest
from consumer.ports import LoopsApi

__all__ = ["CONTACT_UNKNOWN", "KnownContacts"]

CONTACT_UNKNOWN = "contact_unknown"
"""The reason of an attempt that was not made."""

_CREATING = frozenset({Call.SEND, Call.UPDATE})
"""Calls that create a contact in passing. ``contacts/create`` means to, and a delete creates none."""

_UNKNOWN = Outcome(Verdict.REFUSED, CONTACT_UNKNOWN, message="the contact is not in Loops")


class KnownContacts:
    """Implements :class:`consumer.ports.Gate`."""

    def __init__(self, api: LoopsApi, *, wall: Callable[[], float]) -> None:
        """Asks by ``api``; ``wall`` is seconds since 1970."""
        self._api = api
        self._wall = wall

    async def hold(self, request: HttpRequest) -> Outcome | None:
        """None where the request may leave. A question that fails is a failed attempt of the request.

        Either of a contact's two identifiers finds it, here as in the request itself, and Loops takes one at a time.
        """
        if request.call not in _CREATING:
            return None
        for query in _identities(request.body):
            found = self._found(await self._api.call(HttpRequest(Call.API_KEY, "GET", "/contacts/find", query=query)))
            if found is None or isinstance(found, Outcome):
                return found
        return _UNKNOWN

    def _found(self, answer: Answer) -> Outcome | bool | None:
        """None: the contact is there. False: it is not. An outcome: it is not known."""
        if isinstance(answer, Response) and answer.status == 200:
            contacts = _array(answer.body)
            if contacts is None:
                return Outcome(Verdict.RETRY, "bad_body", answer.status)
            return None if contacts else False
        outcome = judge(Call.API_KEY, answer, wall=self._wall())
        if outcome.verdict is Verdict.DONE:
            return Outcome(Verdict.RETRY, "bad_body", outcome.status)
        # An identifier that Loops does not even look for is nobody's.
        return False if outcome.verdict is Verdict.REFUSED else outcome


def _identities(body: bytes | None) -> Iterator[Mapping[str, str]]:
    document = orjson.loads(body or b"{}")
    for name in ("userId", "email"):
        if isinstance(found := document.get(name), str):
            yield {name: found}


def _array(body: bytes) -> list[object] | None:
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return document if isinstance(document, list) else None
