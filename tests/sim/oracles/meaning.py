"""What an answer of Loops means, said a second time: the oracles do not ask the program that they judge."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum

from consumer.core.outcome import Answer, TransportFailure
from consumer.core.request import Call, HttpRequest
from tests.sim.planned import Planned, Told

__all__ = ["Meaning", "is_refusal", "is_taken", "meanings_of"]


class Meaning(Enum):
    """What follows from an answer."""

    DONE = 1
    """Never to be asked again."""
    REFUSED = 2
    """A dead letter, and never to be asked again."""
    NOT_YET = 3
    """To be asked again, through no fault of its own: throttled, an outage, or it goes on by another call."""
    FAILED = 4
    """To be asked again; enough of these make a dead letter."""


def meanings_of(request: HttpRequest, answer: Answer, told: Told) -> Iterator[tuple[Planned, Meaning]]:
    """Of an answer, for each of the plans that a request tells of.

    A refusal says nothing of one among several; a used key that an event was there, not that what it carried was.
    """
    if not told:
        return
    *carried, planned = told
    meaning = _meaning_of(request, answer, planned)
    if carried and meaning is Meaning.REFUSED:
        meaning = Meaning.NOT_YET
    for one in carried:
        yield one, Meaning.NOT_YET if getattr(answer, "status", 0) == 409 else meaning
    yield planned, meaning


def _meaning_of(request: HttpRequest, answer: Answer, planned: Planned) -> Meaning:
    if is_taken(request, answer):
        return _of_taken(request, answer, planned)
    if isinstance(answer, TransportFailure) or answer.status == 200:
        return Meaning.FAILED
    theirs = b'"success":false' in answer.body
    if answer.status in {401, 403, 405, 429} or (answer.status == 404 and not theirs):
        return Meaning.NOT_YET
    if is_refusal(answer):
        asks_next = planned.terms.unknown_dropped and request.call is not Call.FIND
        return Meaning.NOT_YET if asks_next else Meaning.REFUSED
    return Meaning.FAILED


def _of_taken(request: HttpRequest, answer: Answer, planned: Planned) -> Meaning:
    status, terms = getattr(answer, "status", 0), planned.terms
    if request.call is Call.FIND:
        if not terms.unknown_dropped:
            return Meaning.NOT_YET
        return Meaning.DONE if getattr(answer, "body", b"") == b"[]" else Meaning.REFUSED
    by_another_call = terms.once and planned.tells if status == 409 else status == 404 and _names_user(request)
    return Meaning.NOT_YET if by_another_call else Meaning.DONE


def _names_user(request: HttpRequest) -> bool:
    return b"userId" in (request.body or b"")


def is_refusal(answer: Answer) -> bool:
    """Whether Loops says no, and would again."""
    return (
        not isinstance(answer, TransportFailure) and answer.status in {400, 404} and b'"success":false' in answer.body
    )


def is_taken(request: HttpRequest, answer: Answer) -> bool:
    """Whether Loops did what it was asked, or had; a failure of another may then be its own fault."""
    if isinstance(answer, TransportFailure):
        return False
    if answer.status == 200:
        return answer.body.startswith(b"[") if request.call is Call.FIND else b'"success":true' in answer.body
    if answer.status == 404:
        return request.call is Call.DELETE and b'"success":false' in answer.body
    return answer.status == 409 and request.call in {Call.SEND, Call.CREATE}
