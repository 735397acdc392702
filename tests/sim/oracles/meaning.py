"""What an answer of Loops means, said a second time: the oracles do not ask the program that they judge."""

from __future__ import annotations

from enum import Enum

from consumer.core.outcome import Answer, TransportFailure
from consumer.core.request import Call, HttpRequest

__all__ = ["Meaning", "meaning_of"]


class Meaning(Enum):
    """What follows from an answer."""

    DONE = 1
    """Never to be asked again."""
    REFUSED = 2
    """A dead letter, and never to be asked again."""
    NOT_YET = 3
    """To be asked again, through no fault of its own: throttled, an outage, or a delete that goes on by address."""
    FAILED = 4
    """To be asked again; enough of these make a dead letter."""


def meaning_of(request: HttpRequest, answer: Answer) -> Meaning:
    """Of an answer to a request that is no probe."""
    if isinstance(answer, TransportFailure):
        return Meaning.FAILED
    status, call = answer.status, request.call
    if status == 200:
        return Meaning.DONE if b'"success":true' in answer.body else Meaning.FAILED
    theirs = b'"success":false' in answer.body
    if status in {401, 403, 405, 429} or (status == 404 and not theirs):
        return Meaning.NOT_YET
    if status == 404 and call is Call.DELETE:
        return Meaning.NOT_YET if b"userId" in (request.body or b"") else Meaning.DONE
    if status == 409:
        return Meaning.DONE if call in {Call.SEND, Call.CREATE} else Meaning.FAILED
    return Meaning.REFUSED if status in {400, 404} and theirs else Meaning.FAILED
