"""Requests with a userId alone. Loops refuses one where it knows no such contact: it makes none without an email.

A rule may drop these: after a refusal Loops is asked whether the contact is there. Or it may wait for the contact: then
Loops is asked first, and nothing is sent before it is there. To send and see would not do, as a refusal may use the key
up, and the number of refusals is in no commit. Texts of refusals are not looked at: they are reworded at times.
"""

from __future__ import annotations

from typing import Final

from consumer.core.delivery import Delivery, Ending
from consumer.core.effect import Fate
from consumer.core.outcome import Outcome, Verdict
from consumer.core.recent import Recent
from consumer.core.request import Call, Request

__all__ = [
    "NOT_THERE",
    "PAUSE_MAX_S",
    "PAUSE_MIN_S",
    "UNKNOWN_CONTACT",
    "USERS_MAX",
    "KnownUsers",
    "looked",
    "may_be_dropped",
]

UNKNOWN_CONTACT: Final = "unknown_contact"
"""The reason of a dead letter whose contact did not come."""

PAUSE_MIN_S: Final = 1.0
"""Seconds between the first two look-ups; the pause doubles. What makes the contact is often a moment behind."""

PAUSE_MAX_S: Final = 8.0
"""Seconds. Each look-up is one of the ten requests a second; at this pace eighty contacts take all of them."""

USERS_MAX: Final = 100_000
"""UserIds that are remembered, in some 20 MB."""

_DOUBLINGS_MAX: Final = 10
NOT_THERE: Final = Outcome(Verdict.REFUSED, UNKNOWN_CONTACT, message="Loops knows no contact by the userId")
"""How a request ends whose contact did not come."""


class KnownUsers:
    """UserIds of contacts that are there, as far as this process has seen: each saves a look-up.

    Nothing is kept before a request has to know.
    """

    __slots__ = ("_found", "_wanted")

    def __init__(self) -> None:
        """None."""
        self._found: Recent[str, bool] = Recent(USERS_MAX)
        self._wanted = False

    def answered(self, call: Call, request: Request, outcome: Outcome) -> None:
        """An attempt of a request, or a look-up for it, ended."""
        if request.user_id is None:
            return
        if call is Call.DELETE or outcome.verdict in {Verdict.REFUSED, Verdict.NOT_FOUND}:
            self._found.drop(request.user_id)
        elif self._wanted and outcome.reason == "ok":
            self._found.put(request.user_id, value=True)

    def must_be_asked_for(self, request: Request) -> bool:
        """Whether its rule waits for the contact, of which it is not known that it is there."""
        if request.user_id is None or not request.terms.unknown_wait_s or not _is_by_user_alone(request):
            return False
        self._wanted = True
        return self._found.get(request.user_id) is None


def may_be_dropped(request: Request) -> bool:
    """Whether its rule wants it dropped where Loops refuses it and its contact is not there."""
    return request.terms.unknown_dropped and _is_by_user_alone(request)


def looked(delivery: Delivery, outcome: Outcome, *, now: float) -> Ending | None:
    """What an answered look-up makes of its request; None where it goes on: as what it is, or to look again later."""
    found = outcome.verdict is Verdict.DONE
    if delivery.refusal is not None:
        return delivery.refusal if found else Fate.FILTERED
    if found:
        delivery.look(looks=False)
        return None
    pause_s = min(PAUSE_MIN_S * 2 ** min(delivery.misses, _DOUBLINGS_MAX), PAUSE_MAX_S)
    delivery.misses += 1
    delivery.missing_since = min(delivery.missing_since, now)
    until = delivery.missing_since + delivery.request.terms.unknown_wait_s
    delivery.look_at = min(now + pause_s, until)
    return None if now < until else NOT_THERE


def _is_by_user_alone(request: Request) -> bool:
    return request.email is None and request.call in {Call.SEND, Call.UPDATE}
