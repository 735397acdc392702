"""What an outcome makes of its request: an end, or another attempt of what it is then."""

from __future__ import annotations

from consumer.core.delivery import Apart, Delivery, Ending
from consumer.core.effect import Fate
from consumer.core.outcome import Outcome, TransportFailure, Verdict
from consumer.core.request import SendEvent
from consumer.core.unknown import looked, may_be_dropped

__all__ = ["settle"]

_NOT_REACHED = TransportFailure.CONNECT.value


def settle(
    delivery: Delivery, outcome: Outcome, *, attempts_max: int, counts: bool, now: float, wall: float
) -> Ending | Apart | None:
    """How it ends; None where it has to leave again, perhaps as another call.

    ``counts``: a failure speaks against it. It becomes a dead letter after ``attempts_max`` of these. What carries
    others never does: it is taken apart, so that each is judged by itself.
    """
    match outcome.verdict:
        case Verdict.DONE | Verdict.NOT_FOUND if delivery.looks:
            return looked(delivery, outcome, now=now)
        case Verdict.DONE | Verdict.UNCHANGED:
            return _done(delivery, outcome)
        case Verdict.NOT_FOUND:
            return None if delivery.turn_to_email() else Fate.DELIVERED
        case Verdict.REFUSED:
            return _refused(delivery, outcome)
        case Verdict.RETRY:
            return _failed(delivery, outcome, attempts_max, counts=counts, wall=wall)
        case _:
            return None


def _done(delivery: Delivery, outcome: Outcome) -> Ending | Apart | None:
    """A used key says of an event that acts once only that its contact has had one: what else it says is told now.

    And nothing of what an event carries: the attempt that used the key may have gone without it.
    """
    request = delivery.request
    ending: Ending | None = delivery.fate
    ending = ending or (Fate.UNCHANGED if outcome.verdict is Verdict.UNCHANGED else Fate.DELIVERED)
    if not isinstance(request, SendEvent) or outcome.status != 409:
        return ending
    if request.terms.once:
        ending = delivery.become(request.as_update(), Fate.DELIVERED if delivery.in_doubt else Fate.CAPPED)
    return Apart(ending) if delivery.carries else ending


def _refused(delivery: Delivery, outcome: Outcome) -> Ending | Apart | None:
    """A look-up that is refused finds nothing out; what came before it is the reason then."""
    if delivery.looks:
        return delivery.refusal or outcome
    delivery.refusals += delivery.former is None
    if delivery.carries:
        return Apart(outcome if isinstance(delivery.request, SendEvent) else None)
    if not may_be_dropped(delivery.request):
        return outcome
    delivery.refusal = outcome
    delivery.look(looks=True)
    return None


def _failed(
    delivery: Delivery, outcome: Outcome, attempts_max: int, *, counts: bool, wall: float
) -> Ending | Apart | None:
    delivery.in_doubt = delivery.in_doubt or not (delivery.looks or outcome.reason == _NOT_REACHED)
    delivery.failures += counts
    delivery.first_failed_ms = delivery.first_failed_ms or int(wall * 1000)
    if delivery.failures < attempts_max:
        return None
    return Apart() if delivery.carries else delivery.refusal or outcome
